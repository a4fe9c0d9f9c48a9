"""The manager of jsonnet-bundler's files."""

import json

import pytest

from managers import jsonnet_bundler
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def library(remote: str, version: str, path: str = "jsonnetfile.json") -> SourceFile:
    entry = {"source": {"git": {"remote": remote, "subdir": ""}}, "version": version}
    return SourceFile(path=path, text=json.dumps({"version": 1, "dependencies": [entry]}, indent="\t"))


def test_the_example_works() -> None:
    """The library in the example on the user page is found."""
    file = example(jsonnet_bundler, "jsonnetfile.json")

    assert found(jsonnet_bundler, file) == [(11, "prometheus-operator/kube-prometheus", "v0.13.0")]
    assert skipped(jsonnet_bundler, file) == []


@pytest.mark.parametrize(
    ("remote", "datasource", "name"),
    [
        ("https://github.com/a/b.git", "github-tags", "a/b"),
        ("git@github.com:a/b", "github-tags", "a/b"),
        ("ssh://git@git.example.com/a/b.git", "git-tags", "ssh://git@git.example.com/a/b.git"),
    ],
)
def test_repositories(remote: str, datasource: str, name: str) -> None:
    """Repositories at GitHub are asked there, others with Git."""
    (item,) = dependencies(jsonnet_bundler, library(remote, "v1.0.0"))

    assert (item.package.datasource, item.name) == (datasource, name)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("main", "follows a branch"),
        ("0123456789abcdef0123456789abcdef01234567", "pinned to a commit"),
        ("", "no version"),
    ],
)
def test_what_is_not_managed(version: str, reason: str) -> None:
    """Branches, commits and libraries without a version are listed with the reason."""
    assert [row[2] for row in skipped(jsonnet_bundler, library("https://github.com/a/b", version))] == [reason]


def test_vendored_files_are_left_alone() -> None:
    """What jsonnet-bundler itself has written below vendor is not read."""
    assert list(jsonnet_bundler.extract(library("https://github.com/a/b", "v1.0", "x/vendor/y/jsonnetfile.json"))) == []


def test_no_object_no_library() -> None:
    """A file that is no JSON object has none."""
    assert list(jsonnet_bundler.extract(SourceFile(path="jsonnetfile.json", text='["remote"'))) == []
