"""Reading JSON5 with positions."""

import json

import pyjson5
import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater.config.json5 import MAX_DEPTH, Array, Object, read
from updater.errors import ConfigError

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(_VALUES, st.sampled_from([None, 2]))
def test_json_reads_as_the_standard_library_reads_it(value: object, indent: int | None) -> None:
    """Whatever ``json.dumps`` writes is read back as ``json.loads`` reads it."""
    text = json.dumps(value, indent=indent)

    assert json.loads(text) == read(text, path="x").value


@pytest.mark.parametrize(
    "text",
    [
        "{a: 1, $b_1: 'two', \"c\": [1, 2, 3,],}",
        "// a comment\n{/* another * / one */ a: /**/ 1}",
        "{a: 0x1F, b: .5, c: 5., d: +1, e: -2e3, f: Infinity}",
        '{a: "one \\\ntwo", b: "\\v\\0\\b"}',
        "{ä: true, ünder_score: null}",
        '\ufeff{"a": 1}',
        "[]",
        "'x'",
    ],
)
def test_json5_reads_as_another_implementation_reads_it(text: str) -> None:
    """Comments, bare keys, single quotes, trailing commas, other numbers and escapes are understood."""
    assert pyjson5.decode(text.removeprefix("\ufeff")) == read(text, path="x").value


def test_surrogate_pairs_become_one_character_and_halves_none() -> None:
    """Escapes are UTF-16; a lone half of a pair is replaced."""
    assert read(r'["\ud83d\ude00", "\ud83d"]', path="x").value == ["😀", "\ufffd"]


def test_keys_and_elements_know_where_they_stand() -> None:
    """Each key and each element has line and column, counted from 1."""
    document = read('{\n  "a": [\n    1, "two"\n  ],\n  b: {c: 3}}', path="x")
    value = document.value

    assert isinstance(value, Object)
    assert isinstance(value["a"], Array)
    assert isinstance(value["b"], Object)
    assert document.place(value.offsets["a"]) == (2, 3)
    assert document.place(value["a"].offsets[1]) == (3, 8)
    assert document.place(value["b"].offsets["c"]) == (5, 7)


def test_the_last_of_equal_keys_counts_and_is_reported() -> None:
    """A key that was there before is found, with its place."""
    document = read('{"a": 1,\n "a": 2}', path="x")

    assert document.value == {"a": 2}
    assert document.duplicates == (("a", 10),)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "x:1:1", "ends where a value is expected"),
        ("{", "x:1:1", 'this "{" is never closed'),
        ('{\n "a": [1,\n', "x:2:7", 'this "[" is never closed'),
        ('{"a" 1}', "x:1:6", 'expected ":" after the key "a"'),
        ('{"a": 1 "b": 2}', "x:1:9", 'expected "," or "}"'),
        ("{1: 2}", "x:1:2", "expected a key"),
        ("{a: yes}", "x:1:5", "strings need quotes"),
        ('{"a": "b\n"}', "x:1:7", "never closed on its line"),
        ("{} /* end", "x:1:4", "this comment is never closed"),
        ("{} {}", "x:1:4", "something after the end"),
        ("{a: @}", "x:1:5", "unexpected character '@'"),
        ("[,]", "x:1:2", "expected a value"),
        ("{a: 1" + "0" * 400 + "}", "x:1:5", "too long"),
        ("{a: 08.x}", "x:1:5", "expected a value"),
    ],
)
def test_the_first_mistake_is_named_with_its_place(text: str, place: str, message: str) -> None:
    """What is not JSON5 raises an error for a person, with line and column."""
    with pytest.raises(ConfigError) as raised:
        read(text, path="x")

    assert str(raised.value).startswith(f"{place}: ")
    assert message in str(raised.value)


def test_deep_nesting_is_refused() -> None:
    """A text of brackets neither overflows the stack nor passes."""
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH, path="x")
    with pytest.raises(ConfigError, match="levels deep"):
        read("[" * 100_000, path="x")


@pytest.mark.parametrize("text", [" " * 200_000 + "@", "/*" * 100_000, '"' + "\\" * 100_001, "//\n" * 50_000 + "@"])
def test_hostile_texts_take_linear_time(text: str) -> None:
    """Long runs of spaces, comments and backslashes are refused at once (the suite's timeout would strike)."""
    with pytest.raises(ConfigError):
        read(text, path="x")
