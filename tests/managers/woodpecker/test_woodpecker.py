"""The manager of Woodpecker pipelines."""

import pytest

from managers import woodpecker
from tests.managers.reading import found
from updater.api import SourceFile


def pipeline(text: str, path: str = ".woodpecker/build.yaml") -> SourceFile:
    return SourceFile(path=path, text=text)


@pytest.mark.parametrize(
    "text",
    [
        "steps: {a: {image: 'golang:1.22'}}",
        "steps: [{name: a, image: 'golang:1.22'}]",
        "pipeline: {a: {image: 'golang:1.22'}}",
        "services: {a: {image: 'golang:1.22'}}",
        "clone: {git: {image: 'golang:1.22'}}",
    ],
)
def test_images(text: str) -> None:
    """Steps, services and clone plugins are lists, or mappings of names."""
    assert found(woodpecker, pipeline(text)) == [(1, "golang", "1.22")]


def test_a_matrix() -> None:
    """Tags of a matrix are updated there, in its lists and in what it includes."""
    text = "matrix:\n  GO: ['1.21']\n  include: [{GO: '1.22'}]\nsteps: [{image: 'golang:${GO}'}]\n"

    assert found(woodpecker, pipeline(text)) == [(2, "golang", "1.21"), (3, "golang", "1.22")]


def test_only_its_own_files() -> None:
    """Steps with images are no proof: only the usual places count."""
    text = "steps: [{image: 'a:1'}]"

    assert found(woodpecker, pipeline(text, ".woodpecker.yml")) == [(1, "a", "1")]
    assert not list(woodpecker.extract(pipeline(text, "steps.yml")))
