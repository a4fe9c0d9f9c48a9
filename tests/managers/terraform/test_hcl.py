"""The reader of HCL."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from managers._hcl import (
    MAX_DEPTH,
    MAX_PROBLEMS,
    Block,
    Call,
    Computed,
    Document,
    Expression,
    List,
    Literal,
    Object,
    read,
)
from updater.api import Span

EVERYTHING = re.compile("")
NOTHING = re.compile(r"(?!)")


def only(text: str) -> Block:
    """The one block of ``text``, which has no problems."""
    document = read(text, EVERYTHING)
    assert document.problems == ()
    (block,) = document.blocks
    return block


def value(expression: str) -> tuple[str, Expression]:
    """What is read of ``expression`` as the value of an argument, and its text."""
    text = f"a {{\n  b = {expression}\n}}\n"
    found = only(text).attributes["b"]
    return text[slice(*found.span)], found


def messages(text: str) -> list[str]:
    return [problem.message for problem in read(text, EVERYTHING).problems]


# ---------------------------------------------------------------- structure


def test_blocks() -> None:
    """A block has a type, labels with and without quotes, arguments and nested blocks."""
    block = only('resource helm_release "x" {\n  a = 1\n  b {\n    c "d" { e = "f" }\n  }\n}\n')
    assert (block.type, block.labels, list(block.attributes)) == ("resource", ("helm_release", "x"), ["a"])
    (nested,) = block.blocks
    assert [(each.type, each.labels) for each in nested.blocks] == [("c", ("d",))]
    assert list(nested.blocks[0].attributes) == ["e"]


def test_block_spans() -> None:
    """A block's span reaches from its type to its closing brace."""
    text = '# a\nmodule "x" {\n}\n# b\n'
    assert text[slice(*only(text).span)] == 'module "x" {\n}'


@pytest.mark.parametrize(
    ("expression", "inside", "interpolated"),
    [
        ('"a"', "a", False),
        ('""', "", False),
        (r'"a \" b \\"', r"a \" b \\", False),
        ('"$${a} %%{b} $ % {}"', "$${a} %%{b} $ % {}", False),
        ('"a ${b} c"', "a ${b} c", True),
        ('"%{ if a }b%{ endif }"', "%{ if a }b%{ endif }", True),
        ('"${a["b"]}"', '${a["b"]}', True),
        ('"${f("${"deep"}", {a = "}"})}"', '${f("${"deep"}", {a = "}"})}', True),
        ('"# // /* not a comment"', "# // /* not a comment", False),
        ('/* c */ "a" /* d */ # e', "a", False),
    ],
)
def test_literals(expression: str, inside: str, interpolated: bool) -> None:  # noqa: FBT001 - a column of the table
    """The span of a string is the text between its quotes, whatever stands in it."""
    text, found = value(expression)
    assert isinstance(found, Literal)
    assert (text, found.interpolated) == (inside, interpolated)


@pytest.mark.parametrize(
    "expression",
    [
        "local.x",
        "1",
        "true",
        '("a")',
        'a ? "b" : "c"',
        '"a" == "b"',
        "a[0].b[*].c",
        "a.b...",
        "(\n    a\n    + b\n  )",
        "{ for k, v in y : k => v... if v != null }",
        "{\n    for k, v in y :\n    k => v\n  }",
    ],
)
def test_other_expressions(expression: str) -> None:
    """Any other expression is a stretch of text, even if strings or brackets are parts of it."""
    text, found = value(expression)
    assert text == expression
    assert isinstance(found, Computed)


@pytest.mark.parametrize(
    ("expression", "name", "kinds"),
    [
        ('f("a")', "f", [Literal]),
        ("provider::acme::f()", "provider::acme::f", []),
        ("yamlencode({ a = 1 })", "yamlencode", [Object]),
        ("merge(\n    local.a, # first\n    { b = [1] },\n  )", "merge", [Computed, Object]),
        ("try(f(g(1)), [])", "try", [Call, List]),
    ],
)
def test_calls(expression: str, name: str, kinds: list[type]) -> None:
    """A call has a name and its arguments, whatever they are."""
    text, found = value(expression)
    assert isinstance(found, Call)
    assert (text, found.name, [type(argument) for argument in found.arguments]) == (expression, name, kinds)


def test_objects() -> None:
    """Entries are separated by commas or lines, keys from values by ``=`` or ``:``; comments do not count."""
    text, found = value(
        '{ a = "1", "b" : "2"\n# c = "0"\nd = "3" # e = "0"\n1 = "4", (f) = "5", /* g = "0" */\n h = {} }'
    )
    assert isinstance(found, Object)
    assert list(found.entries) == ["a", "b", "d", "1", "(f)", "h"]
    assert list(found.keys) == ["a", "b", "d", "h"]
    assert text.startswith("{ a")
    assert text.endswith("}")


def test_lists() -> None:
    """A list has an element for each of its expressions."""
    _, found = value('[\n  "a", # "b"\n  c, f("d"),\n  { e = "f" },\n  ["g"],\n  "h" + "i",\n]')
    assert isinstance(found, List)
    assert [type(item) for item in found.items] == [Literal, Computed, Call, Object, List, Computed]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_heredocs(newline: str) -> None:
    """What looks like a block or a comment in a heredoc is text; its end may be indented."""
    lines = (
        "a {",
        "  b = <<-EOT",
        '  x "y" {',
        "    /* EOT",
        "  EOTX",
        "  EOT",
        "  c = f(<<E",
        "}",
        "E",
        "  )",
        "}",
        "",
    )
    block = only(newline.join(lines))
    assert list(block.attributes) == ["b", "c"]
    assert block.blocks == ()


def test_unwanted_blocks() -> None:
    """Blocks that are not wanted are stepped over, and only a missing end in them is a problem."""
    text = 'a {\n  = = "}" # }\n}\nb "c" {\n  d = <<E\n}\nE\n}\ne {}\n'
    assert [block.type for block in read(text, re.compile("e")).blocks] == ["e"]
    assert read(text, NOTHING) == Document(blocks=(), problems=())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("b = <<E\n}\nE\nc = 1 < 2 / 3 << 4", None),
        ("/* } */ # }\n // }", None),
        ('b = "${f("}")}" # }', None),
        ("b = [ }", "unexpected “}”"),
        ("b = (", "“{” is not closed"),
    ],
)
def test_the_end_of_an_unwanted_block(body: str, message: str | None) -> None:
    """The end of a block that is stepped over is not looked for in strings, comments and heredocs."""
    text = f"a {{\n{body}\n" + ("}\n" if message is None else "")
    document = read(f"{text}\nwanted {{\n}}\n", re.compile("wanted"))
    assert [block.type for block in document.blocks] == ["wanted"]
    assert [problem.message for problem in document.problems] == ([message] if message else [])


def test_shifts_are_no_heredocs() -> None:
    """``<<`` and ``/`` have a meaning only where a heredoc or a comment begins."""
    block = only("a {\n  b = 1 << 2 / 3\n  c = 4\n}\n")
    assert list(block.attributes) == ["b", "c"]


def test_top_level_arguments() -> None:
    """Arguments outside of blocks are stepped over."""
    assert only('a = 1\nb = "x"\nc {}\nd = {\n e = 1\n}\n').type == "c"


# ---------------------------------------------------------------- recovery


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {\n<<<<<<< HEAD\n}", "neither a block nor an argument"),
        ("a {\n  b = {\n=======\n  }\n}", "not an entry of an object"),
        ("a {\n  b = {\n  c\n  }\n}", "not an entry of an object"),
        ("a {\n  b = 1 c = 2\n}", "unexpected “=”"),
        ("a {\n  b = 1\n  b = 2\n}", "“b” is set twice"),
        ("a {\n  b =\n}", "a value is missing"),
        ("a {\n  b = 1, c = 2\n}", "unexpected “,”"),
        ("a {\n  b = [}\n}", "unexpected “}”"),
        ("}", "unexpected “}”"),
        ('a {\n  b = "c\n}', "the string is not closed"),
        ('a {\n  b = "${c\n}', "the string is not closed"),
        ("a {\n  b = <<E\n}", "the heredoc E is not closed"),
        ("a {\n /* }", "the comment is not closed"),
        ("a {", "“{” is not closed"),
    ],
)
def test_problems(text: str, message: str) -> None:
    """Each mistake has a message, and the block behind it is read."""
    document = read(f"{text}\n\nnext {{\n}}\n", EVERYTHING)
    assert [problem.message for problem in document.problems] == [message]
    assert [block.type for block in document.blocks] == ["next"]


def test_problem_spans() -> None:
    """A problem spans the text that was given up, and says where the reader got stuck and in what."""
    text = 'ok {}\nbad "x" {\n  ?\n}\nok {}\n'
    (problem,) = read(text, EVERYTHING).problems
    assert text[slice(*problem.span)] == 'bad "x" {\n  ?\n}\n'
    assert (text[problem.offset], problem.header) == ("?", 'bad "x"')


def test_an_unclosed_block_costs_only_itself() -> None:
    """If a brace is missing, the blocks behind it are read, and a mistake in one of them is its own."""
    text = "a {\n  b {\n}\n\nc {\n}\n\nd {\n  ?\n}\n\ne {\n}\n"
    document = read(text, EVERYTHING)
    assert [block.type for block in document.blocks] == ["c", "e"]
    assert [problem.header for problem in document.problems] == ["a", "d"]


# ---------------------------------------------------------------- hostile input


HOSTILE = {
    "braces": "{" * 2_000_000,
    "nested blocks": "a {\n" * 500_000,
    "nested objects": "a {\nb = " + "{a=" * 700_000,
    "nested lists": "a {\nb = " + "[" * 2_000_000,
    "nested calls": "a {\nb = " + "f(" * 1_000_000,
    "nested templates": "a {\nb = " + '"${' * 200_000,
    "unclosed templates": 'a {\nx="${\n' * 50_000 + '"\n',
    "unclosed string": 'a {\nb = "' + "x" * 10_000_000,
    "unclosed heredocs": "a {\nb = <<A\n" * 200_000,
    "unclosed comments": "a {\n/*\n" * 200_000,
    "stars": "/*" + "*" * 2_000_000,
    "quotes": '"\n' * 500_000,
    "header without end": "a " * 1_000_000,
    "blank lines in a heredoc": "a = <<A\n" + (" " * 1_000 + "\n") * 2_000,
    "stray closers": "}\n" * 500_000,
    "zero bytes": "\0" * 1_000_000,
    "blanks": " " * 5_000_000 + "x",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_input(text: str) -> None:
    """Megabytes of nonsense become a limited number of problems, without recursion and in linear time."""
    document = read(text, EVERYTHING)
    assert document.blocks == ()
    assert 1 <= len(document.problems) <= MAX_PROBLEMS + 1


def test_long_lines() -> None:
    """Megabytes of sense on one line are read."""
    block = only('a {\nb = "' + "x" * 5_000_000 + '"\nc = [' + "1," * 50_000 + "]\n}")
    assert [type(found) for found in block.attributes.values()] == [Literal, List]


def test_depth() -> None:
    """Nesting up to the limit is read, one level more is a problem."""

    def nested(depth: int) -> str:
        return "a {\nb = " + "[" * depth + "]" * depth + "\n}\n"

    assert messages(nested(MAX_DEPTH - 1)) == []
    assert messages(nested(MAX_DEPTH)) == [f"nested deeper than {MAX_DEPTH} levels"]


def spans(block: Block) -> Iterator[Span]:
    yield block.span
    yield from (each.span for each in block.attributes.values())
    for nested in block.blocks:
        yield from spans(nested)


PIECES = st.sampled_from(
    ["a", "module", " ", "\n", "\r\n", "=", ":", ",", "{", "}", "[", "]", "(", ")", '"', "${", "%{", "\\", "#", "//",
     "/*", "*/", "<<E\n", "E\n", "for ", "é", "\udc80", '"x" {\n', "b = 1\n", 'c = "d"\n', "}\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text(text: str) -> None:
    """Whatever the text, reading ends, all spans lie within it, and problems and blocks do not overlap."""
    document = read(text, EVERYTHING)
    for block in document.blocks:
        assert all(block.span.start <= span.start <= span.end <= block.span.end for span in spans(block))
    top = sorted([*(block.span for block in document.blocks), *(problem.span for problem in document.problems)])
    assert all(one.end <= other.start for one, other in pairwise(top))
    assert not top or (top[0].start >= 0 and top[-1].end <= len(text))
    assert all(problem.span.start <= problem.offset <= problem.span.end for problem in document.problems)
