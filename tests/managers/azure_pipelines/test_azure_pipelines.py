"""The manager of Azure Pipelines."""

import pytest

from managers import azure_pipelines
from tests.managers.reading import dependencies, found, skipped
from updater.api import Package, SourceFile


def pipeline(text: str, path: str = "azure-pipelines.yml") -> SourceFile:
    return SourceFile(path=path, text=text)


@pytest.mark.parametrize(
    ("task", "name", "version"),
    [("Bash@3", "Bash", "3"), ('"Docker@2.231.0"', "Docker", "2.231.0"), ("acme.ext.Foo@1", "acme.ext.Foo", "1")],
)
def test_tasks(task: str, name: str, version: str) -> None:
    """A task has a major version or a whole one, and may come with an extension."""
    (item,) = dependencies(azure_pipelines, pipeline(f"steps:\n  - task: {task}\n"))

    assert (item.name, item.current_value) == (name, version)
    assert item.package == Package(datasource="azure-pipelines-tasks", name=name)


def test_tasks_at_any_depth() -> None:
    """Steps stand in jobs, stages, deployments and behind conditions."""
    text = """
stages:
  - jobs:
      - deployment: d
        strategy: {runOnce: {deploy: {steps: [{task: A@1}]}}}
      - ${{ if eq(1, 1) }}:
          - job: j
            steps:
              - ${{ each x in y }}:
                  - task: B@2
"""
    assert found(azure_pipelines, pipeline(text)) == [(5, "A", "1"), (10, "B", "2")]


def test_inputs_of_tasks() -> None:
    """The version that a well-known task installs is a dependency, behind a parameter, too."""
    text = """
parameters: [{name: terraform, default: 1.7.2}]
steps:
  - task: TerraformInstaller@1
    inputs: {terraformVersion: "${{ parameters.terraform }}"}
  - task: HelmInstaller@1
    inputs: {helmVersionToInstall: $(helm)}
"""
    assert found(azure_pipelines, pipeline(text)) == [
        (4, "TerraformInstaller", "1"),
        (2, "terraform", "1.7.2"),
        (6, "HelmInstaller", "1"),
    ]
    assert skipped(azure_pipelines, pipeline(text)) == [(7, "helm", "contains a variable")]


def test_containers() -> None:
    """Images stand among the resources and in jobs; the name of a resource is no image."""
    text = """
resources:
  containers:
    - {container: tools, image: "acme/tools:1.4.0"}
jobs:
  - {job: a, container: tools}
  - {job: b, container: "ubuntu:22.04"}
  - {job: c, container: {image: "node:20"}, services: {db: "postgres:16.1", cache: redis}}
"""
    assert found(azure_pipelines, pipeline(text)) == [
        (4, "acme/tools", "1.4.0"),
        (7, "ubuntu", "22.04"),
        (8, "node", "20"),
        (8, "postgres", "16.1"),
    ]


@pytest.mark.parametrize("variables", ["{tag: '1.29'}", "[{name: tag, value: '1.29'}]"])
@pytest.mark.parametrize("written", ["$(tag)", "${{ variables.tag }}", "${{ variables['tag'] }}"])
def test_variables(variables: str, written: str) -> None:
    """A tag that is a variable stands among the variables, in both of their forms."""
    text = f'variables: {variables}\nresources: {{containers: [{{image: "a/b:{written}"}}]}}\n'

    assert found(azure_pipelines, pipeline(text)) == [(1, "a/b", "1.29")]


def repository(kind: str, ref: str) -> SourceFile:
    return pipeline(f"resources:\n  repositories:\n    - {{repository: r, type: {kind}, name: a/b, ref: {ref}}}\n")


def test_repositories() -> None:
    """A repository elsewhere may be at a tag."""
    (github,) = dependencies(azure_pipelines, repository("github", "refs/tags/v1.2.0"))
    (bitbucket,) = dependencies(azure_pipelines, repository("bitbucket", "refs/tags/v1.2.0"))

    assert (github.current_value, github.package) == ("v1.2.0", Package(datasource="github-tags", name="a/b"))
    assert bitbucket.package.datasource == "bitbucket-tags"


@pytest.mark.parametrize(
    ("kind", "ref", "reason"),
    [
        ("github", "refs/heads/main", "follows a branch"),
        ("git", "refs/tags/v1.0.0", "the address of its repository is not known"),
        ("githubenterprise", "refs/tags/v1.0.0", "the address of its repository is not known"),
    ],
)
def test_repositories_that_do_not_move(kind: str, ref: str, reason: str) -> None:
    """Branches, and repositories whose address does not stand in the file, are listed."""
    assert skipped(azure_pipelines, repository(kind, ref)) == [(3, "a/b", reason)]


def test_hosted_agents() -> None:
    """The images of hosted agents are listed if they have a version."""
    text = "jobs: [{pool: {vmImage: ubuntu-22.04}}, {pool: {vmImage: ubuntu-latest}}]\n"

    assert skipped(azure_pipelines, pipeline(text)) == [
        (1, "ubuntu-22.04", "no datasource for images of hosted agents")
    ]


def test_content_decides() -> None:
    """A task with a version tells a pipeline; other tasks tell none."""
    assert found(azure_pipelines, pipeline("steps: \n  - task: Bash@3\n", "t.yml")) == [(2, "Bash", "3")]
    assert not list(azure_pipelines.extract(pipeline("steps:\n  - task: build\n    container: a:1\n", "t.yml")))
