"""The manager of Bitbucket Pipelines."""

from managers import bitbucket_pipelines
from tests.managers.reading import dependencies, found, skipped
from updater.api import Package, SourceFile


def pipeline(text: str, path: str = "bitbucket-pipelines.yml") -> SourceFile:
    return SourceFile(path=path, text=text)


def test_images() -> None:
    """Images stand at the top, in services and in steps, as texts and as mappings; variables of pipes are none."""
    text = """
image: node:20
definitions: {services: {db: {image: "postgres:16.1"}}}
pipelines:
  default:
    - step: {image: {name: "maven:3.9"}, script: [{pipe: "a/b:1.0.0", variables: {image: "x:1"}}, "docker run y:1"]}
"""
    assert found(bitbucket_pipelines, pipeline(text)) == [
        (2, "node", "20"),
        (3, "postgres", "16.1"),
        (6, "maven", "3.9"),
        (6, "a/b", "1.0.0"),
    ]


def test_pipes() -> None:
    """A pipe is a tag at bitbucket.org, or an image."""
    text = "pipelines: {default: [{step: {script: [{pipe: 'a/b:1.0.0'}, {pipe: 'docker://c/d:2.0'}]}}]}"
    pipe, image = dependencies(bitbucket_pipelines, pipeline(text))

    assert pipe.package == Package(datasource="bitbucket-tags", name="a/b")
    assert image.package == Package(datasource="docker", name="c/d")


def test_what_does_not_move() -> None:
    """Pipes without a version and images behind variables are listed."""
    text = "image: $IMAGE\npipelines: {default: [{step: {script: [{pipe: a/b}]}}]}\n"

    assert skipped(bitbucket_pipelines, pipeline(text)) == [
        (1, "$IMAGE", "contains a variable"),
        (2, "a/b", "no version"),
    ]


def test_aliases() -> None:
    """A step that is defined once and used twice is one."""
    text = "definitions: {steps: [{step: &s {image: 'a:1'}}]}\npipelines: {default: [{step: *s}, {step: *s}]}\n"

    assert found(bitbucket_pipelines, pipeline(text)) == [(1, "a", "1")]


def test_content_decides() -> None:
    """Pipelines with steps are read wherever they stand."""
    text = "image: a:1\npipelines:\n  default:\n    - step: {script: [b]}\n"

    assert found(bitbucket_pipelines, pipeline(text, "ci.yml")) == [(1, "a", "1")]
    assert not list(bitbucket_pipelines.extract(pipeline("image: a:1\nstep: pipelines:x\n", "ci.yml")))
