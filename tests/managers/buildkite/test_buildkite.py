"""The manager of Buildkite's pipelines."""

import pytest

from managers import buildkite
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def pipeline(text: str, path: str = ".buildkite/pipeline.yml") -> SourceFile:
    return SourceFile(path=path, text=f"steps:\n  - command: make\n    plugins:\n      - {text}\n")


def test_the_example_works() -> None:
    """What the user page shows is found."""
    assert found(buildkite, example(buildkite, ".buildkite/pipeline.yml")) == [
        (5, "buildkite-plugins/docker-compose-buildkite-plugin", "v5.2.0"),
        (6, "acme/deploy-buildkite-plugin", "v1.4.0"),
        (7, "acme/lint-buildkite-plugin", "v0.3.0"),
        (8, "buildkite-plugins/docker-buildkite-plugin", "v5.11.0"),
        (9, "golang", "1.22.5"),
    ]


@pytest.mark.parametrize(
    ("plugin", "datasource", "name"),
    [
        ("cache#v1.2.3", "github-tags", "buildkite-plugins/cache-buildkite-plugin"),
        ("acme/cache#v1.2.3: ~", "github-tags", "acme/cache-buildkite-plugin"),
        ('"cache#v1.2.3": {a: b}', "github-tags", "buildkite-plugins/cache-buildkite-plugin"),
        ("ssh://git@github.com/acme/x.git#v1.2.3: ~", "github-tags", "acme/x"),
        ("git@gitlab.com:acme/x.git#v1.2.3", "gitlab-tags", "acme/x"),
    ],
)
def test_plugins(plugin: str, datasource: str, name: str) -> None:
    """Every way to write a plugin is understood."""
    (item,) = dependencies(buildkite, pipeline(plugin))

    assert (item.package.datasource, item.package.name, item.current_value) == (datasource, name, "v1.2.3")


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [("cache#main", "follows a branch"), ("cache#1a2b3c4", "pinned to a commit"), ("cache#$V", "contains a variable")],
)
def test_plugins_that_stay(plugin: str, reason: str) -> None:
    """Branches, commits and variables are listed."""
    assert [row for _, _, row in skipped(buildkite, pipeline(plugin))] == [reason]
    assert found(buildkite, pipeline(plugin)) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("cache#v1.2.3", "deploy/pipeline.yml"),
        ("./plugins/local: ~  # cache#v1.2.3", ".buildkite/pipeline.yml"),
        ("cache: ~", ".buildkite/pipeline.yml"),
    ],
)
def test_what_is_left_alone(text: str, path: str) -> None:
    """Other files, local plugins, comments and plugins without a version say nothing."""
    file = pipeline(text, path)

    assert (found(buildkite, file), skipped(buildkite, file)) == ([], [])
