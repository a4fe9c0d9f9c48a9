"""The manager of GitLab pipelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

import pytest

from managers import gitlab_ci
from tests.managers.reading import dependencies, found, skipped
from updater.api import Clue, Dependency, Package, SourceFile


def pipeline(text: str, path: str = ".gitlab-ci.yml") -> SourceFile:
    return SourceFile(path=path, text=text)


def only(text: str) -> Dependency:
    (item,) = dependencies(gitlab_ci, pipeline(text))
    return item


def test_images_and_services() -> None:
    """Images stand at the top, among the defaults and in jobs, as texts and as mappings, services likewise."""
    text = """
image: alpine:3.19
default: {image: {name: "node:20"}, services: [redis:7.2]}
job:
  image: golang:1.22
  services:
    - {name: postgres:16.1, alias: db}
"""
    assert found(gitlab_ci, pipeline(text)) == [
        (2, "alpine", "3.19"),
        (3, "node", "20"),
        (3, "redis", "7.2"),
        (5, "golang", "1.22"),
        (7, "postgres", "16.1"),
    ]


@pytest.mark.parametrize(
    "prefix", ["$CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX", "${CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX}"]
)
def test_the_dependency_proxy(prefix: str) -> None:
    """Behind the prefix of the dependency proxy stands an image of Docker Hub."""
    assert only(f"a: {{image: '{prefix}/alpine:3.19'}}").package == Package(datasource="docker", name="alpine")


def test_a_variable_that_is_an_image() -> None:
    """A variable leads to its value, which may be composed of others."""
    text = """
variables:
  REGISTRY: registry.example.com
  VERSION: {value: "1.2", description: x}
  IMAGE: $REGISTRY/app:${VERSION}
job: {image: $IMAGE}
"""
    item = only(text)

    assert (item.line, item.name, item.current_value) == (4, "registry.example.com/app", "1.2")
    assert not item.pinnable


def test_a_registry_that_is_a_variable() -> None:
    """A literal tag behind a known registry is updated in place."""
    item = only("variables: {R: r.example.com}\njob: {image: '$R/app:1.2'}\n")

    assert (item.line, item.name, item.current_value, item.pinnable) == (2, "r.example.com/app", "1.2", True)


def test_the_variable_of_the_job_counts() -> None:
    """A job's own variable hides the one of the pipeline."""
    assert only("variables: {V: '1'}\na:\n  variables: {V: '2'}\n  image: x:$V\n").current_value == "2"


@pytest.mark.parametrize(
    "image", ["$UNKNOWN", "$UNKNOWN/a:1", "a:$UNKNOWN", "a:$V-$UNKNOWN", "a:$V.$V", "$LOOP", "$R/a", "${V:-a}/b:1"]
)
def test_variables_that_lead_nowhere(image: str) -> None:
    """An image of which a part is not known, or whose version is in pieces, is listed."""
    text = f"variables: {{V: '1', LOOP: $LOOP, R: r.example.com}}\na: {{image: '{image}'}}\n"

    assert [reason for _, _, reason in skipped(gitlab_ci, pipeline(text))] == ["contains a variable"]
    assert not dependencies(gitlab_ci, pipeline(text))


@pytest.mark.parametrize(
    ("image", "value", "pattern"),
    [
        ("a/b:$V-slim", "1.5", r"^(?<version>.+)\-slim$"),
        ("a/b:jdk-${V}", "1.5", r"^jdk\-(?<version>.+)$"),
        ("a/b:1.4-$OS", "1.4", r"^(?<version>.+)\-alpine$"),
        ("$R/b:${V}-$OS", "1.5", r"^(?<version>.+)\-alpine$"),
        ("a/b:1.4-alpine$V", "1.4", r"^(?<version>.+)\-alpine1\.5$"),
    ],
)
def test_tags_in_parts(image: str, value: str, pattern: str) -> None:
    """Of a tag with variables among its parts the version moves, wherever it stands, and the rest stays."""
    item = only(f"variables: {{V: '1.5', OS: alpine, R: a}}\njob: {{image: '{image}'}}\n")

    assert (item.name, item.current_value, item.extract_version) == ("a/b", value, pattern)


def test_the_matrix_of_a_job() -> None:
    """All values of a matrix are updated, and the pipeline's own variable of that name is not."""
    text = """
variables: {V: '1.1'}
job:
  parallel: {matrix: [{V: ['1.2', '1.3'], X: [a]}, {V: '1.4'}]}
  image: a/b:$V-slim
"""
    assert found(gitlab_ci, pipeline(text)) == [(4, "a/b", "1.2"), (4, "a/b", "1.3"), (4, "a/b", "1.4")]


def test_defaults_of_inputs() -> None:
    """The inputs of a component are declared in the document before its jobs."""
    text = "spec:\n  inputs:\n    image: {default: 'a/b:1.0'}\n---\njob: {image: '$[[ inputs.image ]]'}\n"

    assert found(gitlab_ci, pipeline(text)) == [(3, "a/b", "1.0")]


def test_references_are_read_where_they_lead() -> None:
    """A `!reference` is no image."""
    assert not list(gitlab_ci.extract(pipeline("a: {image: !reference [.b, image]}")))


def test_aliases() -> None:
    """An anchored image is one dependency, at its anchor."""
    assert found(gitlab_ci, pipeline(".a:\n  image: &i alpine:3.19\nb:\n  image: *i\n")) == [(2, "alpine", "3.19")]


def component(reference: str) -> SourceFile:
    return pipeline(f"include:\n  - component: {reference}\n")


def test_components() -> None:
    """A component is a tag of its project, at full length or a part of it."""
    (item,) = dependencies(gitlab_ci, component("gitlab.com/components/sub/sast/job@2.1"))

    assert (item.name, item.current_value, item.versioning) == ("components/sub/sast", "2.1", "semver-partial")
    assert item.package == Package(datasource="gitlab-tags", name="components/sub/sast")


@pytest.mark.parametrize(
    ("host", "registry_urls"),
    [("$CI_SERVER_FQDN", ()), ("${CI_SERVER_HOST}", ()), ("git.example.com", ("https://git.example.com",))],
)
def test_the_host_of_a_component(host: str, registry_urls: tuple[str, ...]) -> None:
    """The server of the pipeline itself is not known from the file; any other is."""
    (item,) = dependencies(gitlab_ci, component(f"{host}/a/b/c@1.0.0"))

    assert item.package == Package(datasource="gitlab-tags", name="a/b", registry_urls=registry_urls)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("~latest", "follows the latest release"),
        ("main", "follows a branch"),
        ("e3262fdd0914fa823210cdb79a8c421e2cef79d8", "pinned to a commit"),
        ("$VERSION", "contains a variable"),
    ],
)
def test_components_that_do_not_move(version: str, reason: str) -> None:
    """Components at what is no version are listed."""
    assert skipped(gitlab_ci, component(f"gitlab.com/a/b/c@{version}")) == [(2, "a/b", reason)]


def test_scripts_are_not_read() -> None:
    """What a script says is not looked at."""
    assert not list(gitlab_ci.extract(pipeline("a: {script: ['docker run x:1', 'image: y:1']}")))


@pytest.mark.parametrize("path", ["some.yml", "ci/jobs/build.yaml"])
def test_content_decides(path: str) -> None:
    """A job with a script tells a pipeline, wherever it stands; an object of Kubernetes is none."""
    text = "build:\n  image: golang:1.22\n  script: [make]\n"

    assert found(gitlab_ci, pipeline(text, path)) == [(2, "golang", "1.22")]
    assert not list(gitlab_ci.extract(pipeline(f"apiVersion: v1\nkind: Pod\n{text}", path)))
    assert not list(gitlab_ci.extract(pipeline("build:\n  image: golang:1.22\n", path)))


# ---------------------------------------------------------------- other files


@dataclass(frozen=True)
class Repository:
    """Files by path, as the core hands them to `link`."""

    texts: Mapping[str, str]

    def matching(self, pattern: str) -> Sequence[str]:
        return sorted(path for path in self.texts if fnmatch(path, pattern))

    def read(self, path: str) -> SourceFile | None:
        return SourceFile(path=path, text=self.texts[path])


def linked(texts: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Path and value of what `link` adds."""
    clues = [
        item
        for path, text in texts.items()
        for item in gitlab_ci.extract(pipeline(text, path))
        if isinstance(item, Clue)
    ]
    return [
        (item.path, item.current_value)
        for item in gitlab_ci.link(clues, Repository(texts))
        if isinstance(item, Dependency)
    ]


def test_local_includes() -> None:
    """A file that is included locally is a pipeline, whatever it is called; so is what it includes."""
    texts = {
        ".gitlab-ci.yml": "include:\n  - local: /a.yml\n  - /jobs/*.yml\n",
        "a.yml": "include: {local: b.yml}\nx: {image: 'a:1'}\n",
        "b.yml": "include: a.yml\nx: {image: 'b:2'}\n",
        "jobs/c.yml": "x: {image: 'c:3'}\n",
        "other.yml": "x: {image: 'd:4'}\n",
    }

    assert sorted(linked(texts)) == [("a.yml", "1"), ("b.yml", "2"), ("jobs/c.yml", "3")]


def test_includes_of_child_pipelines() -> None:
    """A job may trigger a pipeline of the same repository."""
    texts = {".gitlab-ci.yml": "a: {trigger: {include: child.yml}}\n", "child.yml": "image: a:1\n"}

    assert linked(texts) == [("child.yml", "1")]


def test_includes_of_elsewhere_are_no_clues() -> None:
    """Addresses, templates and paths with variables lead to no file."""
    text = "include: ['https://example.com/a.yml', {template: b.yml}, {local: $C}, {local: ''}]\n"

    assert not list(gitlab_ci.extract(pipeline(text)))
