"""The image reference grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater.images import image_dependency, image_package, parse_image
from updater.model.scan import Dependency, Skipped, SourceFile, Span

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("nginx", "nginx", None, None),
        ("nginx:1.25", "nginx", "1.25", None),
        ("library/nginx:1.25", "library/nginx", "1.25", None),
        ("localhost:5000/foo/bar:1.0", "localhost:5000/foo/bar", "1.0", None),
        ("localhost:5000/foo/bar", "localhost:5000/foo/bar", None, None),
        (f"ghcr.io/a/b@{DIGEST}", "ghcr.io/a/b", None, DIGEST),
        (f"ghcr.io/a/b:v1@{DIGEST}", "ghcr.io/a/b", "v1", DIGEST),
        ("oci://ghcr.io/a/b:v1", "ghcr.io/a/b", "v1", None),
        ("a--b/c__d:1_2.3-x", "a--b/c__d", "1_2.3-x", None),
    ],
)
def test_parts_of_a_reference(text: str, name: str, tag: str | None, digest: str | None) -> None:
    """A reference has a name that may hold a port, and may have a tag and a digest; spans hit their text."""
    reference = parse_image(text)

    assert reference is not None
    assert (name, tag, digest) == (reference.name, reference.tag, reference.digest)
    assert tag == (text[slice(*reference.tag_span)] if reference.tag_span else None)
    assert digest == (text[slice(*reference.digest_span)] if reference.digest_span else None)


@pytest.mark.parametrize(
    "text",
    ["", ":1", "Nginx:1", "nginx:", "nginx:1@sha256:abc", "a b:1", '"nginx:1', "nginx:1:2", "-x:1", "x" * 5_000],
)
def test_no_reference(text: str) -> None:
    """Upper-case paths, empty parts, short digests, blanks and quotes make no reference."""
    assert parse_image(text) is None


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("docker.io/library/nginx", "nginx"),
        ("index.docker.io/bitnami/redis", "bitnami/redis"),
        ("library/nginx", "nginx"),
        ("ghcr.io/library/nginx", "ghcr.io/library/nginx"),
    ],
)
def test_docker_hub_has_one_name(written: str, asked: str) -> None:
    """All ways to write an image of Docker Hub are one package."""
    assert asked == image_package(written).name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${REG}/foo:1.0", "contains a variable"),
        ("{{ .Values.image }}:1.0", "contains a variable"),
        ("nginx", "no tag"),
        ("Not An Image", "not an image reference"),
        ("aws/codebuild/standard:7.0", "no registry lists these versions"),
    ],
)
def test_what_cannot_be_managed_says_why(text: str, reason: str) -> None:
    """A template, a missing tag and plain text are skipped with a reason of their own."""
    found = image_dependency(SourceFile(path="x", text=text), manager="m", span=Span(0, len(text)))

    assert isinstance(found, Skipped)
    assert reason == found.reason


def test_spans_are_those_of_the_file() -> None:
    """The spans of a reference in the middle of a file count from the start of the file."""
    text = f"image: 'ghcr.io/a/b:1.2.3@{DIGEST}'\n"
    found = image_dependency(SourceFile(path="x", text=text), manager="m", span=Span(8, len(text) - 2))

    assert isinstance(found, Dependency)
    assert found.span is not None
    assert found.digest_span is not None
    assert (text[slice(*found.span)], text[slice(*found.digest_span)]) == ("1.2.3", DIGEST)


@given(st.text(max_size=200))
def test_any_text_is_a_reference_or_none(text: str) -> None:
    """No text makes the parser fail, and what it accepts it can put together again."""
    reference = parse_image(text)
    if reference is not None:
        tag = f":{reference.tag}" if reference.tag else ""
        digest = f"@{reference.digest}" if reference.digest else ""
        assert text.endswith(f"{reference.name}{tag}{digest}")
