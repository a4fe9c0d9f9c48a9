"""The manager of Google Cloud Build."""

from managers import cloud_build
from tests.managers.pages import example
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def build(text: str) -> SourceFile:
    return SourceFile(path="cloudbuild.yaml", text=text)


def test_the_example_works() -> None:
    """What the user page shows is found."""
    file = example(cloud_build, "cloudbuild.yaml")

    assert found(cloud_build, file) == [(2, "gcr.io/cloud-builders/docker", "24.0.9"), (4, "golang", "1.22.5")]
    assert skipped(cloud_build, file) == []


def test_substitutions() -> None:
    """A version moves where a substitution gives it; one that is given to the build is listed."""
    file = build('steps:\n- name: a/b:${_B}\n- name: "$_C"\n- {id: no name}\nsubstitutions: {_B: "1.2", _D: [x]}\n')

    assert found(cloud_build, file) == [(5, "a/b", "1.2")]
    assert skipped(cloud_build, file) == [(3, "$_C", "contains a variable")]


def test_images_in_several_pieces() -> None:
    """A name with escapes, or none, is no crash."""
    file = build('steps:\n- name: "a/b:1\\u002e2"\n- name: ""\n- [x]\n')

    assert found(cloud_build, file) == []
    assert [reason for _, _, reason in skipped(cloud_build, file)] == ["not written in one piece"]
