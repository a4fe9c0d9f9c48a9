"""The manager of Tekton pipelines."""

import pytest

from managers import kubernetes, tekton
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import Package


def task(*lines: str) -> str:
    """A Task whose spec is the given lines."""
    return "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n" + "".join(f"  {line}\n" for line in lines)


def resolved(resolver: str, **parameters: str) -> str:
    """A Pipeline with one task that a resolver fetches."""
    pairs = ", ".join(f"{{name: {name}, value: '{value}'}}" for name, value in parameters.items())
    return task("tasks:", f"- taskRef: {{resolver: {resolver}, params: [{pairs}]}}")


def annotated(text: str, name: str = "task") -> str:
    """A PipelineRun with an annotation of Pipelines as Code."""
    return (
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata:\n  annotations:\n"
        f"    pipelinesascode.tekton.dev/{name}: {text}\n"
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["steps: [{image: a/b:1.2}]"],
        ["sidecars:", "- image: a/b:1.2"],
        ["stepTemplate: {image: a/b:1.2}"],
        ["pipelineSpec: {tasks: [{taskSpec: {steps: [{image: a/b:1.2}]}}]}"],
        ["resourcetemplates: [{spec: {taskSpec: {steps: [{image: a/b:1.2}]}}}]"],
    ],
)
def test_images_of_steps(lines: list[str]) -> None:
    """Steps, sidecars and step templates have images, at any depth."""
    (image,) = dependencies(tekton, yaml(task(*lines)))

    assert (image.name, image.current_value, image.dep_type) == ("a/b", "1.2", "tekton-step-image")


@pytest.mark.parametrize(
    ("lines", "dep_type"),
    [
        (["params: [{name: builder-image, default: a/b:1.2}]"], "Task"),
        (["image: a/b:1.2"], "Task"),
        (["taskRef: {name: x, bundle: a/b:1.2}"], "tekton-bundle"),
    ],
)
def test_other_images(lines: list[str], dep_type: str) -> None:
    """Defaults of parameters, other fields with images, and bundles count, too."""
    (image,) = dependencies(tekton, yaml(task(*lines)))

    assert (image.name, image.current_value, image.dep_type) == ("a/b", "1.2", dep_type)


def test_parameters_for_what_is_built() -> None:
    """The image that a pipeline pushes is not one that it uses."""
    names = ("image", "IMAGE", "output-image", "image-url", "targetImage")
    params = ", ".join(f"{{name: {name}, value: a/b:1.2}}" for name in names)

    assert list(tekton.extract(yaml(task(f"params: [{params}]")))) == []


def test_steps_that_cannot_be_updated() -> None:
    """Variables and images without a tag are listed."""
    file = yaml(task("steps: [{image: $(params.image)}, {image: busybox}, {script: 'true'}]"))

    assert [row[2] for row in skipped(tekton, file)] == ["contains a variable", "no tag"]


@pytest.mark.parametrize(
    ("text", "package", "dep_type"),
    [
        (resolved("bundles", bundle="a/b:1.2", name="x"), Package(datasource="docker", name="a/b"), "tekton-bundle"),
        (
            resolved("git", url="https://github.com/a/b.git", revision="1.2"),
            Package(datasource="github-tags", name="a/b"),
            "tekton-git",
        ),
        (
            resolved("git", url="https://git.example.com/a/b", revision="1.2"),
            Package(datasource="git-tags", name="https://git.example.com/a/b"),
            "tekton-git",
        ),
        (
            resolved("http", url="https://raw.githubusercontent.com/a/b/1.2/task.yaml"),
            Package(datasource="github-tags", name="a/b"),
            "tekton-http",
        ),
    ],
)
def test_resolvers(text: str, package: Package, dep_type: str) -> None:
    """Bundles, repositories and addresses that a resolver fetches have versions."""
    (item,) = dependencies(tekton, yaml(text))

    assert (item.package, item.current_value, item.dep_type) == (package, "1.2", dep_type)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (resolved("hub", name="git-clone", version="0.9"), "versions in a Tekton hub are not looked up"),
        (resolved("git", repo="b", org="a", revision="v1.2"), "the cluster decides at which host the repository is"),
        (resolved("git", url="https://github.com/a/b", revision="main"), "follows a branch"),
        (resolved("git", url="https://github.com/a/b"), "no version"),
        (resolved("git", url="$(params.url)", revision="v1.2"), "contains a variable"),
        (resolved("http", url="https://example.com/task.yaml"), "no version in the address"),
    ],
)
def test_resolvers_that_cannot_be_updated(text: str, reason: str) -> None:
    """What a resolver fetches and cannot be moved is listed."""
    assert [row[2] for row in skipped(tekton, yaml(text))] == [reason]
    assert dependencies(tekton, yaml(text)) == []


@pytest.mark.parametrize("text", [resolved("cluster", name="x"), resolved("bundles", name="x"), task("resolver: git")])
def test_resolvers_without_a_version(text: str) -> None:
    """A reference that names no version is nothing to report."""
    assert list(tekton.extract(yaml(text))) == []


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("https://raw.githubusercontent.com/a/b/1.2/t.yaml", Package(datasource="github-tags", name="a/b")),
        ("https://raw.githubusercontent.com/a/b/refs/tags/1.2/t.yaml", Package(datasource="github-tags", name="a/b")),
        ("https://github.com/a/b/raw/1.2/t.yaml", Package(datasource="github-tags", name="a/b")),
        ("https://github.com/a/b/blob/1.2/t.yaml", Package(datasource="github-tags", name="a/b")),
        ("https://github.com/a/b/releases/download/1.2/t.yaml", Package(datasource="github-releases", name="a/b")),
        ("https://gitlab.com/a/c/b/-/raw/1.2/t.yaml", Package(datasource="gitlab-tags", name="a/c/b")),
    ],
)
def test_annotations(address: str, package: Package) -> None:
    """Addresses in annotations of Pipelines as Code are found, alone or in a list, on one line or on several."""
    for text in (address, f'"[git-clone, {address}]"', f'"[\n      lint,\n      {address}]"', f"|\n      {address}"):
        (item,) = dependencies(tekton, yaml(annotated(text, "task-1")))

        assert (item.package, item.current_value, item.dep_type) == (package, "1.2", "tekton-annotation")


def test_other_annotations() -> None:
    """Paths and names have no version; versions in a hub are listed; other annotations are not read."""
    assert list(tekton.extract(yaml(annotated('"[git-clone, .tekton/lint.yaml]"')))) == []
    assert [row[1] for row in skipped(tekton, yaml(annotated('"git-clone:0.9"')))] == ["git-clone"]
    assert list(tekton.extract(yaml(annotated("https://github.com/a/b/raw/1.2/t.yaml", "on-comment")))) == []


def test_only_tekton() -> None:
    """Objects of other groups in the same file are the business of others, and these are not theirs."""
    pod = "---\napiVersion: v1\nkind: Pod\nspec: {containers: [{image: c/d:3.4}]}\n"
    file = yaml(task("steps: [{image: a/b:1.2}]") + pod)

    assert found(tekton, file) == [(4, "a/b", "1.2")]
    assert found(kubernetes, file) == [(8, "c/d", "3.4")]
