"""The manager of Atlantis' configuration."""

import pytest

from managers import atlantis
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def projects(*lines: str) -> SourceFile:
    return SourceFile(path="atlantis.yaml", text="version: 3\nprojects:\n" + "".join(f"- {line}\n" for line in lines))


def test_versions() -> None:
    """The version of each project is found, with and without ``v``, in every style."""
    file = projects("dir: a\n  terraform_version: v1.9.5", '{dir: b, terraform_version: "1.8.0"}', "dir: c")
    assert found(atlantis, file) == [(4, "hashicorp/terraform", "v1.9.5"), (5, "hashicorp/terraform", "1.8.0")]


def test_distribution() -> None:
    """The distribution says whose releases count."""
    file = projects("terraform_distribution: opentofu\n  terraform_version: 1.8.2")
    (item,) = dependencies(atlantis, file)
    assert item.package.name == "opentofu/opentofu"


@pytest.mark.parametrize(
    ("place", "environment"),
    [
        ("dir: environments/production/dns", "production"),
        ("dir: clusters\n  workspace: stg", "staging"),
        ("dir: live/qa/eu", "test"),
        ("dir: modules/x", None),
    ],
)
def test_environments(place: str, environment: str | None) -> None:
    """The workspace or the directory tells a project's environment."""
    (item,) = dependencies(atlantis, projects(f"{place}\n  terraform_version: 1.9.5"))
    assert (item.environment.name if item.environment else None) == environment


def test_other_texts() -> None:
    """What is no version is listed, and an empty one is none."""
    file = projects("terraform_version: tofu1.7.0", "terraform_version:")
    assert skipped(atlantis, file) == [(3, "hashicorp/terraform", "not version-like")]


def test_server_configuration() -> None:
    """A server's list of what repositories may override has no version."""
    file = SourceFile(path="repos.yaml", text="repos:\n- id: /.*/\n  allowed_overrides: [terraform_version]\n")
    assert list(atlantis.extract(file)) == []
