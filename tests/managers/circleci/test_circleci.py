"""The manager of CircleCI configurations."""

import pytest

from managers import circleci
from tests.managers.reading import dependencies, found, skipped
from updater.api import Package, SourceFile


def configuration(text: str, path: str = ".circleci/config.yml") -> SourceFile:
    return SourceFile(path=path, text=text)


def test_orbs() -> None:
    """An orb is called by its alias and looked up by its name; a part of a version is a range."""
    (orb,) = dependencies(circleci, configuration("orbs:\n  cloud: circleci/aws-cli@4.1\n"))

    assert (orb.name, orb.current_value, orb.versioning) == ("cloud", "4.1", "npm")
    assert orb.package == Package(datasource="orb", name="circleci/aws-cli")


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("volatile", "not version-like"),
        ("dev:first", "not version-like"),
        ("<< pipeline.parameters.v >>", "contains a variable"),
    ],
)
def test_orbs_that_do_not_move(version: str, reason: str) -> None:
    """Development versions and the newest of all are listed."""
    assert skipped(circleci, configuration(f"orbs:\n  a: b/c@{version}\n")) == [(2, "b/c", reason)]


def test_inline_orbs() -> None:
    """The orbs of an orb that stands in the file are found."""
    assert found(circleci, configuration("orbs:\n  a:\n    orbs: {k: circleci/kubernetes@1.3.1}\n")) == [
        (3, "k", "1.3.1")
    ]


def test_images() -> None:
    """Images stand under `docker`, in executors, jobs and fragments."""
    text = "executors: {e: {docker: [{image: 'cimg/go:1.22'}]}}\njobs:\n  j:\n    docker:\n      - image: redis:7.2\n"

    assert found(circleci, configuration(text)) == [(1, "cimg/go", "1.22"), (5, "redis", "7.2")]
    assert found(circleci, configuration("docker: [{image: 'a:1'}]", ".circleci/src/x.yml")) == [(1, "a", "1")]


def test_parameters() -> None:
    """A tag or a name that is a parameter stands among the defaults, of the job or of the pipeline."""
    text = """
parameters: {node: {default: "20.11"}}
executors:
  e:
    parameters: {name: {default: cimg/go}, tag: {default: "1.22"}}
    docker: [{image: "<< parameters.name >>:<<parameters.tag>>"}, {image: "node:<< pipeline.parameters.node >>"}]
"""
    assert found(circleci, configuration(text)) == [(5, "cimg/go", "1.22"), (2, "node", "20.11")]


def test_parameters_without_a_default() -> None:
    """An image whose tag is chosen elsewhere is listed."""
    text = "jobs: {j: {docker: [{image: 'a:<< parameters.tag >>'}]}}"

    assert skipped(circleci, configuration(text)) == [(1, "a:<< parameters.tag >>", "contains a variable")]


def test_machines() -> None:
    """Images of machines and versions of Xcode are listed."""
    text = "e: {machine: {image: 'ubuntu-2204:2024.01.1'}}\nf: {macos: {xcode: 15.2.0}}\ng: {machine: true}\n"

    assert [reason for _, _, reason in skipped(circleci, configuration(text))] == [
        "no datasource for images of machines",
        "no datasource for xcode",
    ]


def test_content_decides() -> None:
    """A configuration is told by its version and its jobs; a file of Docker Compose is none."""
    assert found(circleci, configuration("version: 2.1\norbs: {a: b/c@1.0.0}\n", "x.yml")) == [(2, "a", "1.0.0")]
    assert not list(circleci.extract(configuration("version: '2.1'\nservices: {docker: [{image: 'a:1'}]}\n", "x.yml")))
