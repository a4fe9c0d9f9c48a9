"""Parsing less finds the same."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.scan import write_manifests
from managers import _focus, _kubernetes_images, kubernetes
from managers._yaml import Document
from updater.model.scan import Extracted, Skipped, SourceFile

TESTS = Path(__file__).parents[1]
INPUTS = sorted(path for path in (*TESTS.rglob("*.yaml"), *(TESTS / "sample").resolve().rglob("*.yaml")))
WORDS = _kubernetes_images.AROUND


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def both(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Extracted], list[Extracted]]:
    """What is found in the excerpt, and what in the whole."""
    file = SourceFile(path="a.yaml", text=text)
    excerpt = list(kubernetes.extract(file))
    with monkeypatch.context() as patch:
        patch.setattr(Document, "root_around", lambda *_, **__: None)
        return excerpt, list(kubernetes.extract(file))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_inputs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every input file the excerpt holds what the whole holds, at the same places."""
    excerpt, whole = both(read(path), monkeypatch)
    assert excerpt == whole


def test_generated_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is in ordinary manifests, nearly all of which can be shortened."""
    write_manifests(tmp_path, 120)
    texts = [read(path) for path in sorted(tmp_path.rglob("*.yaml"))]
    for text in texts:
        excerpt, whole = both(text, monkeypatch)
        assert excerpt == whole
    shortened = [text for text in texts if _focus.focused(text, WORDS) is not None]
    assert len(shortened) > 0.9 * len(texts)


def damaged(text: str, seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(10):
        lines = text.split("\n")
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        change = chance.randrange(4)
        if change == 0:
            lines.insert(at, lines[other])
        elif change == 1:
            del lines[at]
        elif change == 2:
            lines[at] = " " * chance.randrange(3) + lines[at]
        else:
            lines[at] = lines[at][chance.randrange(3) :]
        yield "\n".join(lines)


@pytest.mark.parametrize("path", INPUTS[::3], ids=lambda path: path.name)
def test_damaged_inputs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In files with lines doubled, lost or shifted as well, unless the whole is no YAML any more."""
    for text in damaged(read(path)[:6_000], len(path.name)):
        excerpt, whole = both(text, monkeypatch)
        assert excerpt == whole or any(isinstance(each, Skipped) and "not valid YAML" in each.reason for each in whole)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nimage: *x",
        'a: "one\n  image: x:1"',
        "a: 'one\n  image: x:1'",
        "a:\n\timage: x:1",
        "<<: {image: x:1}",
        "? image\n: x:1",
        "a: {{ .x }}\nimage: x:1",
    ],
)
def test_what_reaches_over_lines_is_parsed_as_a_whole(text: str) -> None:
    """Anchors, quoted text of several lines, tabs, merges, complex keys and templates are not shortened."""
    assert _focus.focused(text, WORDS) is None


def test_the_excerpt() -> None:
    """Kept are the line, what is below, beside and around it; everything keeps its offset."""
    text = "spec:\n  other: 1\n  deep:\n    x: 1\n  list:\n  - name: a\n    image: b:1\n    ports:\n    - 80\n"
    excerpt = _focus.focused(text, ("mage",))

    assert excerpt is not None
    assert len(excerpt) == len(text)
    assert [line for line in excerpt.split("\n") if line] == [
        "spec:", "  list:", "  - name: a", "    image: b:1", "    ports:", "    - 80",
    ]  # fmt: skip
    assert excerpt.index("image") == text.index("image")
