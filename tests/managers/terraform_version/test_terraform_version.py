"""The manager of `.terraform-version` and `.opentofu-version`."""

import pytest

from managers import terraform_version
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def file(text: str, path: str = "infra/.terraform-version") -> SourceFile:
    return SourceFile(path=path, text=text)


@pytest.mark.parametrize(
    ("text", "line", "value"),
    [
        ("1.5.7\n", 1, "1.5.7"),
        ("1.5.7", 1, "1.5.7"),
        ("v1.5.7\r\n", 1, "v1.5.7"),
        ("\ufeff1.9.0-beta1\n", 1, "1.9.0-beta1"),
        ("# chosen by hand\n\n  1.5.7  # really\n", 3, "1.5.7"),
    ],
)
def test_versions(text: str, line: int, value: str) -> None:
    """The version is found behind comments and blanks, without its line break."""
    assert found(terraform_version, file(text)) == [(line, "hashicorp/terraform", value)]


def test_opentofu() -> None:
    """`.opentofu-version` follows the releases of OpenTofu."""
    (item,) = dependencies(terraform_version, file("1.8.2\n", ".opentofu-version"))
    assert (item.package.name, item.versioning) == ("opentofu/opentofu", "hashicorp")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("latest\n", "follows the newest release"),
        ("latest:^1.5\n", "follows the newest release"),
        ("min-required\n", "follows the newest release"),
        ("stable\n", "not version-like"),
    ],
)
def test_other_words(text: str, reason: str) -> None:
    """What is no version is listed."""
    assert skipped(terraform_version, file(text)) == [(1, "hashicorp/terraform", reason)]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n"])
def test_empty_files(text: str) -> None:
    """An empty file says nothing."""
    assert list(terraform_version.extract(file(text))) == []
