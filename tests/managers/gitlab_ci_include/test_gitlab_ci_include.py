"""The manager of what GitLab pipelines include."""

import pytest

from managers import gitlab_ci_include
from tests.managers.reading import dependencies, found, skipped
from updater.api import Dependency, Package, SourceFile

SHA = "787123b47f14b552955ca2786bc9542ae66fee5b"


def pipeline(text: str, path: str = ".gitlab-ci.yml") -> SourceFile:
    return SourceFile(path=path, text=text)


def only(text: str) -> Dependency:
    (item,) = dependencies(gitlab_ci_include, pipeline(text))
    return item


def test_a_project() -> None:
    """A project is one dependency, however many files of it are included."""
    item = only("include:\n  - project: acme/ci/jobs\n    ref: v1.2.0\n    file: [a.yml, b.yml]\n")

    assert (item.line, item.name, item.current_value) == (3, "acme/ci/jobs", "v1.2.0")
    assert item.package == Package(datasource="gitlab-tags", name="acme/ci/jobs")


def test_one_include_without_a_list() -> None:
    """A single include need not stand in a list."""
    assert only("include: {project: a/b, ref: '1.0', file: c.yml}").current_value == "1.0"


def test_a_commit_with_its_version() -> None:
    """A commit and the version in the comment behind it are one dependency."""
    item = only(f"include:\n  - project: a/b\n    ref: {SHA} # v0.9.4\n    file: c.yml\n")

    assert (item.current_value, item.current_digest) == ("v0.9.4", SHA)


@pytest.mark.parametrize(
    ("ref", "reason"),
    [("main", "follows a branch"), (SHA, "pinned to a commit"), ("$REF", "contains a variable"), ("''", "no version")],
)
def test_what_does_not_move(ref: str, reason: str) -> None:
    """Branches, bare commits, variables and the default branch are listed."""
    text = f"include:\n  - {{project: a/b, ref: {ref}, file: c.yml}}\n"

    assert skipped(gitlab_ci_include, pipeline(text)) == [(2, "a/b", reason)]


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("https://gitlab.com/a/b/-/raw/v1.4.0/x.yml", Package(datasource="gitlab-tags", name="a/b")),
        (
            "https://gitlab.example.com/a/b/c/raw/v1.4.0/x.yml",
            Package(datasource="gitlab-tags", name="a/b/c", registry_urls=("https://gitlab.example.com",)),
        ),
        ("https://raw.githubusercontent.com/a/b/v1.4.0/x.yml", Package(datasource="github-tags", name="a/b")),
        ("https://github.com/a/b/raw/v1.4.0/x.yml", Package(datasource="github-tags", name="a/b")),
    ],
)
def test_addresses(address: str, package: Package) -> None:
    """An address at a forge holds the revision; it may stand alone or behind `remote`."""
    for include in (f"remote: {address}", address):
        item = only(f"include:\n  - {include}\n")
        assert (item.current_value, item.package) == ("v1.4.0", package)


def test_other_addresses() -> None:
    """An address without a revision is listed."""
    text = "include: [{remote: 'https://ci.example.com/x.yml'}, {remote: 'https://gitlab.com/a/b/-/raw/main/x.yml'}]\n"

    assert skipped(gitlab_ci_include, pipeline(text)) == [
        (1, "https://ci.example.com/x.yml", "no version in the address"),
        (1, "a/b", "follows a branch"),
    ]


def test_triggered_pipelines() -> None:
    """What a job triggers may be included from another project."""
    text = "a:\n  trigger:\n    include:\n      - {project: a/b, ref: 1.4.0, file: x.yml}\n"

    assert found(gitlab_ci_include, pipeline(text)) == [(4, "a/b", "1.4.0")]


def test_content_decides() -> None:
    """Includes tell a pipeline by themselves."""
    text = "include:\n  - {project: a/b, ref: 1.4.0, file: x.yml}\n"

    assert found(gitlab_ci_include, pipeline(text, "any.yaml")) == [(2, "a/b", "1.4.0")]
    assert not list(gitlab_ci_include.extract(pipeline("include: {project: a, ref: 1.0}\n", "any.yaml")))
