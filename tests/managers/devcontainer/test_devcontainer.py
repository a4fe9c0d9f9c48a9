"""The manager of development containers."""

from managers import devcontainer
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def container(text: str) -> SourceFile:
    return SourceFile(path=".devcontainer/devcontainer.json", text=text)


def test_the_example_works() -> None:
    """Everything in the example on the user page is found, comments and last commas or not."""
    file = example(devcontainer, ".devcontainer/devcontainer.json")

    assert [(item.dep_type, item.name, item.current_value) for item in dependencies(devcontainer, file)] == [
        ("image", "mcr.microsoft.com/devcontainers/base", "1.2.1-bookworm"),
        ("feature", "ghcr.io/devcontainers/features/terraform", "1.3.10"),
        ("tool", "terraform", "1.9.2"),
        ("tool", "tflint", "0.52.0"),
        ("feature", "ghcr.io/devcontainers/features/docker-in-docker", "2"),
    ]
    assert skipped(devcontainer, file) == []


def test_no_digest_is_written_behind_a_feature() -> None:
    """The name of a feature is a key, which may carry a version but is not to be pinned."""
    (item,) = dependencies(devcontainer, container('{"features": {"ghcr.io/a/b:1": {}}}'))

    assert not item.pinnable


def test_what_is_left_alone() -> None:
    """Local features, those without a version, and options that say no version are no dependencies."""
    text = '{"features": {"./x": {"version": "1"}, "ghcr.io/a/node": {"version": "lts"}, "y": null}, "build": {}}'

    assert list(devcontainer.extract(container(text))) == []


def test_slashes_in_texts_are_no_comments() -> None:
    """What looks like a comment or a last comma inside a text stays."""
    text = '{"postCreateCommand": "curl https://x.example/y,] /* z", "image": "a:1.0" /* "image": "b:1" */, }\n// }'

    assert found(devcontainer, container(text)) == [(1, "a", "1.0")]


def test_an_image_without_a_tag_is_listed() -> None:
    """It has nothing to move."""
    assert skipped(devcontainer, container('{"image": "ubuntu"}')) == [(1, "ubuntu", "no tag")]
