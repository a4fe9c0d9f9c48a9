"""The manager of Compose files."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch

import pytest

from managers import docker_compose
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import Clue, Dependency, Skipped, SourceFile


class Repository:
    """Files, as ``link`` sees them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def matching(self, pattern: str) -> Sequence[str]:
        return [path for path in sorted(self.texts) if fnmatch(path, pattern)]

    def read(self, path: str) -> SourceFile | None:
        return SourceFile(path=path, text=self.texts[path]) if path in self.texts else None


def compose(text: str, path: str = "compose.yaml") -> SourceFile:
    return SourceFile(path=path, text=text)


def linked(texts: Mapping[str, str]) -> list[tuple[str, int | None, str | None, str | None]]:
    """Path, line, name and value (or reason) of all that the Compose files and what is beside them amount to."""
    repository = Repository(texts)
    clues = [
        item
        for path in texts
        if path.endswith(".yaml")
        for item in docker_compose.extract(compose(texts[path], path))
        if isinstance(item, Clue)
    ]
    items = docker_compose.link(clues, repository)
    return [
        (item.path, item.line, item.name, item.reason if isinstance(item, Skipped) else item.current_value)
        for item in items
        if isinstance(item, Dependency | Skipped)
    ]


def test_the_example_works() -> None:
    """What stands in the example on the user page is found; the variable waits for its file."""
    file = example(docker_compose, "compose.yaml")

    assert [(name, value) for _, name, value in found(docker_compose, file)] == [
        ("fluent/fluent-bit", "3.1.4"),
        ("ghcr.io/acme/web", "2.4.1"),
        ("redis", "7.2.4"),
        ("postgres", "16.3"),
    ]
    assert skipped(docker_compose, file) == []


def test_the_version_in_the_environment_file_is_the_dependency() -> None:
    """A variable leads to the value in the .env beside the file, quotes and export or not."""
    texts = {
        "a/compose.yaml": "services:\n  x:\n    image: traefik:${TAG}\n  y:\n    image: $OTHER\n",
        "a/.env": "# TAG=9\nTAG=v3.0.4\r\nexport OTHER='redis:7.2'\n",
        ".env": "TAG=v9\n",
    }

    assert linked(texts) == [("a/.env", 2, "traefik", "v3.0.4"), ("a/.env", 3, "redis", "7.2")]


def test_a_default_that_is_overridden_has_two_places() -> None:
    """The default is found in the file, and the value that overrides it where it stands."""
    texts = {"compose.yaml": "services:\n  x:\n    image: redis:${TAG:-7.0}\n", ".env": "TAG=7.2\n"}

    assert [item.current_value for item in dependencies(docker_compose, compose(texts["compose.yaml"]))] == ["7.0"]
    assert linked(texts) == [(".env", 1, "redis", "7.2")]


@pytest.mark.parametrize("environment", ["", "OTHER=1\n", "TAG=\n", "TAG=${NOT_KNOWN}\n"])
def test_a_variable_without_a_value_is_listed(environment: str) -> None:
    """What no file gives a value to is reported with the reason, once."""
    texts = {"compose.yaml": "services:\n  x:\n    image: redis:${TAG}\n", ".env": environment}

    ((path, line, _, reason),) = linked(texts)
    assert (path, line) == ("compose.yaml", 3)
    assert reason in ("contains a variable", "no tag", "not an image reference")


def test_one_value_for_two_images_has_one_owner() -> None:
    """Two images with one version: the first one owns it."""
    texts = {"compose.yaml": "services:\n  x: {image: 'a:${T}'}\n  y: {image: 'b:${T}'}\n", ".env": "T=1.0\n"}

    assert linked(texts) == [(".env", 1, "a", "1.0"), (".env", 1, "b", "shares its version with a")]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nservices:\n  x:\n    image: a:1\n",
        "services:\n  - image: a:1\n",
        "services:\n  _defaults: {image: a:1}\n  alias: '@x'\n",
        "jobs: {}\nservices:\n  x:\n    image: a:1\n",
        "images:\n  x: a:1\n",
        "services:\n  x: {ports: []}\nimage: a:1\n",
    ],
)
def test_other_files_are_left_alone(text: str) -> None:
    """What only looks a little like a Compose file is not read."""
    assert list(docker_compose.extract(compose(text, "config/other.yaml"))) == []


def test_values_of_charts_are_left_alone() -> None:
    """A values file with services is Helm's."""
    text = "services:\n  x:\n    image: a:1\n"

    assert list(docker_compose.extract(compose(text, "chart/values-prod.yaml"))) == []
    assert found(docker_compose, compose(text, "chart/stack.yml")) == [(3, "a", "1")]


def test_what_a_service_builds_is_listed() -> None:
    """The image of a service with a build is its product."""
    text = "services:\n  x:\n    build: .\n    image: acme/x:1.0\n  y:\n    build: ~\n    image: acme/y:1.0\n"

    assert skipped(docker_compose, compose(text)) == [(4, "acme/x:1.0", "built by the service itself")]
    assert found(docker_compose, compose(text)) == [(7, "acme/y", "1.0")]


def test_the_first_format_has_services_at_the_top() -> None:
    """A file called like a Compose file is read without a key for its services."""
    assert found(docker_compose, compose("web:\n  image: a:1\n", "docker-compose.old.yml")) == [(2, "a", "1")]


@pytest.mark.parametrize(
    "arguments",
    [
        "{BASE_IMAGE: 'a/b:1.2', VERSION: 1.2, TAG_IMAGE: x, IMAGE_NAME: 'a/c:1.3', IMAGE: }",
        "[BASE_IMAGE=a/b:1.2, VERSION=1.2, BASE_IMAGE, IMAGE=]",
        "['BASE_IMAGE=${BASE:-a/b:1.2}']",
    ],
)
def test_arguments_of_builds(arguments: str) -> None:
    """An argument that is called an image, and is one with a version, is what a build starts from."""
    text = f"services:\n  web:\n    build: {{context: ., args: {arguments}}}\n"

    assert found(docker_compose, compose(text)) == [(3, "a/b", "1.2")]
