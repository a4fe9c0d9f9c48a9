"""The manager of plugins and pipelines of Jenkins."""

import pytest

from managers import jenkins
from tests.managers.reading import dependencies, found, skipped
from updater.api import Package, SourceFile


def file(text: str, path: str) -> SourceFile:
    return SourceFile(path=path, text=text)


def test_lists_of_plugins() -> None:
    """A line holds a plugin and its version, and maybe a comment; line ends do not matter."""
    (git, kubernetes) = dependencies(jenkins, file("# ours\r\ngit:5.2.1\r\nk8s:4203.v1dd44f5b_1cf9 # x", "plugins.txt"))

    assert (git.line, git.current_value) == (2, "5.2.1")
    assert git.package == Package(datasource="jenkins-plugins", name="git")
    assert (kubernetes.line, kubernetes.current_value) == (3, "4203.v1dd44f5b_1cf9")


def test_plugins_that_do_not_move() -> None:
    """Plugins at the latest version, from elsewhere or without a version are listed."""
    text = (
        "a:1.0\nb:latest\nc\nd:incrementals;org.acme;1.0\ne:1.0:https://example.com/e.hpi\nf::https://example.com/f.hpi"
    )

    assert skipped(jenkins, file(text, "plugins.txt")) == [
        (2, "b", "not version-like"),
        (3, "c", "no version"),
        (4, "d", "an incremental build"),
        (5, "e", "installed from an address"),
        (6, "f", "installed from an address"),
    ]


def test_other_lists_of_plugins() -> None:
    """A list in which nothing has a version is that of another program."""
    assert not list(jenkins.extract(file("vim-surround\nnerdtree\n", "plugins.txt")))


def test_plugins_in_yaml() -> None:
    """The version counts as it is written: 1.10 is not 1.1."""
    text = """
plugins:
  - {artifactId: a, source: {version: 1.10}}
  - {artifactId: b}
  - {artifactId: c, source: {url: "https://example.com/c.hpi"}}
  - {artifactId: d, groupId: org.acme, source: {version: 1.0}}
  - {artifactId: e, renovate: {ignore: true}, source: {version: 1.0}}
"""
    assert found(jenkins, file(text, "plugins.yaml")) == [(3, "a", "1.10")]
    assert skipped(jenkins, file(text, "plugins.yaml")) == [
        (4, "b", "no version"),
        (5, "c", "installed from an address"),
        (6, "d", "an incremental build"),
        (7, "e", "ignored in the file"),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "agent { docker { image 'maven:3.9' } }",
        "agent { docker 'maven:3.9' }",
        'docker.image("maven:3.9").inside { }',
        "withDockerContainer('maven:3.9') { }",
        "withDockerContainer(image: 'maven:3.9') { }",
        "containerTemplate(name: 'a', image: 'maven:3.9')",
        "yaml '''\nspec:\n  containers:\n    - image: maven:3.9\n'''",
        'yaml """\nspec:\n  containers:\n    - name: a\n      image: "maven:3.9"\n"""',
    ],
)
def test_images(code: str) -> None:
    """Images stand in agents, calls and templates of pods."""
    assert [item.package.name for item in dependencies(jenkins, file(code, "Jenkinsfile"))] == ["maven"]


@pytest.mark.parametrize(
    "code",
    [
        "// docker.image('a:1')",
        "/* docker.image('a:1') */",
        "docker.build('a:1')",
        "sh 'docker run a:1'",
        "sh '''\nimage: a:1\n'''",
        "def x = [image: 'none']",
        "slackSend image: 'logo.png'",
        "url = 'https://example.com/image:1'",
        "library 'x@main'",
    ],
)
def test_what_is_no_image(code: str) -> None:
    """Comments, commands, images that are built and other texts are nothing."""
    assert not list(jenkins.extract(file(code, "Jenkinsfile")))


def test_what_does_not_move() -> None:
    """Images behind variables or without a tag, and shared libraries, are listed."""
    code = "@Library('acme@v1.2.0') _\ndocker.image(\"a:${B}\")\ndocker.image('c')\nlibrary 'd@2.0'\n"

    assert skipped(jenkins, file(code, "Jenkinsfile")) == [
        (1, "acme", "no repository"),
        (2, "a:${B}", "contains a variable"),
        (3, "c", "no tag"),
        (4, "d", "no repository"),
    ]


def test_pods_in_one_line() -> None:
    """The containers of a pod may be written between braces."""
    text = "yaml '''\nspec:\n  containers: [{name: a, image: a/b:1.2}, {image: \"a/c:1.3\", name: b}]\n'''\n"

    assert found(jenkins, SourceFile(path="Jenkinsfile", text=text)) == [(3, "a/b", "1.2"), (3, "a/c", "1.3")]
