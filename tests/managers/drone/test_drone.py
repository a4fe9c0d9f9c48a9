"""The manager of Drone pipelines."""

from managers import drone
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def pipeline(text: str, path: str = ".drone.yml") -> SourceFile:
    return SourceFile(path=path, text=text)


def test_images() -> None:
    """Images stand in the steps and services of each document; settings and commands hold none."""
    text = """
kind: pipeline
steps:
  - {name: a, image: "golang:1.22", commands: ["docker run x:1"]}
  - {name: b, image: "plugins/docker:20", settings: {image: "y:1"}}
services: [{name: c, image: "postgres:16.1"}]
---
kind: pipeline
steps: [{name: d, image: "node:20"}]
"""
    assert found(drone, pipeline(text)) == [
        (4, "golang", "1.22"),
        (5, "plugins/docker", "20"),
        (6, "postgres", "16.1"),
        (9, "node", "20"),
    ]


def test_the_old_form() -> None:
    """Pipelines of Drone 0.8 are mappings, and their tags may stand in a matrix."""
    text = "pipeline: {a: {image: 'golang:${GO}'}}\nclone: {git: {image: 'plugins/git:1.0'}}\nmatrix: {GO: ['1.21']}\n"

    assert found(drone, pipeline(text)) == [(2, "plugins/git", "1.0"), (3, "golang", "1.21")]


def test_what_does_not_move() -> None:
    """Images without a tag, or behind a variable, are listed."""
    text = "kind: pipeline\nsteps:\n  - {image: alpine}\n  - {image: '${R}/x:1'}\n"

    assert skipped(drone, pipeline(text)) == [(3, "alpine", "no tag"), (4, "${R}/x:1", "contains a variable")]


def test_content_decides() -> None:
    """A pipeline is told by its kind; the kinds of Kubernetes objects are others."""
    text = "kind: pipeline\nsteps: [{image: 'a:1'}]\n"

    assert found(drone, pipeline(text, "ci.yaml")) == [(2, "a", "1")]
    assert not list(drone.extract(pipeline(f"apiVersion: a/v1\n{text}", "ci.yaml")))
    assert not list(drone.extract(pipeline("steps: [{image: 'a:1'}]\n", "ci.yaml")))
