"""The manager of Quadlet's units."""

import pytest

from managers import quadlet
from tests.managers.pages import example
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def unit(text: str) -> SourceFile:
    return SourceFile(path="web.container", text=text)


def test_the_example_works() -> None:
    """The image in the example on the user page is found."""
    file = example(quadlet, "web.container")

    assert [(name, value) for _, name, value in found(quadlet, file)] == [("docker.io/library/nginx", "1.27.0")]


@pytest.mark.parametrize(
    "text",
    [
        "[Container]\nImage=a/b:1.2\n",
        '[Container]\r\nImage = "a/b:1.2"\r\n',
        "[Image]\nImage=docker://a/b:1.2\n",
        "[Volume]\nDriver=image\nImage=a/b:1.2\n",
        "[Artifact]\nArtifact=a/b:1.2",
        "[Pod]\nPodmanArgs=--cpus=2 --infra-image=a/b:1.2 --x\n",
        "[Pod]\nPodmanArgs=--infra-image a/b:1.2\n",
    ],
)
def test_places_of_images(text: str) -> None:
    """Each kind of unit has its own key for an image."""
    assert [(name, value) for _, name, value in found(quadlet, unit(text))] == [("a/b", "1.2")]


@pytest.mark.parametrize(
    "text",
    [
        "[Container]\nImage=web.image\n",
        "[Container]\nImage=web.build\n",
        "[Container]\n#Image=a/b:1.2\n;Image=a/b:1.2\nImage=\n",
        "[Service]\nImage=a/b:1.2\n",
        "[Container]\n[Service]\nImage=a/b:1.2\n",
        "Image=a/b:1.2\n",
        "[Pod]\nPodmanArgs=--cpus=2\n",
    ],
)
def test_what_is_no_image(text: str) -> None:
    """Other units, comments and other sections hold no images."""
    assert list(quadlet.extract(unit(text))) == []


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("docker-archive:/tmp/x.tar:a:1", "not from a registry"),
        ("/var/lib/images/x", "not from a registry"),
        ("a/%i:1.0", "contains a variable"),
        ("a/b:${TAG}", "contains a variable"),
        ("a/b", "no tag"),
    ],
)
def test_what_is_not_managed(image: str, reason: str) -> None:
    """Images from elsewhere, unknown ones and those without a tag are listed with the reason."""
    assert [row[2] for row in skipped(quadlet, unit(f"[Container]\nImage={image}\n"))] == [reason]
