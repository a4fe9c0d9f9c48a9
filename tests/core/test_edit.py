"""Span replacement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater.edit import OverlappingEditsError, replace
from updater.model.scan import Edit, Span


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(path="f", span=Span(start, end), text=text)


def test_only_the_spans_change() -> None:
    """Line endings, comments and a missing final newline survive."""
    text = "a: 1.0 # one\r\nb: 2.0"
    assert replace(text, [edit(17, 20, "2.10"), edit(3, 6, "1.1")]) == "a: 1.1 # one\r\nb: 2.10"


def test_equal_edits_count_once() -> None:
    """Two updates that want the same change make it once."""
    assert replace("x1", [edit(1, 2, "2"), edit(1, 2, "2")]) == "x2"


@pytest.mark.parametrize("other", [edit(1, 3, "b"), edit(2, 4, "b"), edit(0, 9, "b")])
def test_overlapping_edits_are_refused(other: Edit) -> None:
    """Two wishes for the same text are an error that names both."""
    with pytest.raises(OverlappingEditsError, match="same text"):
        replace("0123456789", [edit(1, 3, "a"), other])


@given(st.text(), st.data())
def test_everything_outside_stays(text: str, data: st.DataObject) -> None:
    """What stands before, between and behind the spans is found again unchanged."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4, unique=len(text) > 3)))
    if len(set(cuts)) < 4:
        return
    one, two, three, four = cuts
    changed = replace(text, [edit(one, two, "<A>"), edit(three, four, "<B>")])

    assert text[:one] + "<A>" + text[two:three] + "<B>" + text[four:] == changed
