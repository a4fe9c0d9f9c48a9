"""The paths of places in block-style YAML and in JSON with line breaks, told from the indentation alone.

As the custom manager ``yaml`` writes them: ``spec.image.tag``, ``apps[name=web].tag``, ``images[*].newTag``. Where the
layout does not tell (flow style over several lines, text in a block scalar) there is no path.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

_LINE = re.compile(
    r"""(?P<indentation>[ ]*+)(?P<dashes>(?:-[ ]++)*+)
    (?:(?P<key>"[^"\n]++"|'[^'\n]++'|[^\s\#"'\[\]{}&*!|>%@`,][^\s:]*+)[ ]*+:(?=\s|$)[ \t]*+)?(?P<value>.*+)""",
    re.VERBOSE,
)
_BLOCK = re.compile(r"(?:[&!][^\s]++[ \t]++)*+[|>][-+0-9]*+[ \t]*+$")
_SIMPLE = re.compile(r"[A-Za-z0-9_][\w/-]*+")
_NAME = re.compile(r"""["']?name["']?[ ]*+:[ ]*+["']?(?P<name>[A-Za-z0-9][\w./-]*+)["']?[ ]*+,?$""")
_FLOW_NAME = re.compile(
    r"""[ ]*+(?:-[ ]++)++\{(?:[^{}\n]*,)?[ ]*+["']?name["']?[ ]*+:[ ]*+["']?"""
    r"""(?P<name>[A-Za-z0-9][\w./-]*+)["']?[ ]*+[,}]"""
)
_FLOW_KEY = re.compile(r"""(?:^|[{,])[ ]*+["']?(?P<key>[A-Za-z_][\w-]*+)["']?[ ]*+:[ ]*+["']?$""")
_LOOK_AHEAD = 40
_WINDOW = 400


@dataclass(slots=True)
class _Level:
    """A key, or an element of a list (``key`` is None), with the column where it stands."""

    column: int
    key: str | None
    line: int
    opens_list: bool = False


@dataclass(slots=True)
class _Layout:
    """What is open at the current line. ``hidden`` is the column that text in a block scalar goes beyond."""

    lines: Sequence[str]
    levels: list[_Level] = field(default_factory=list)
    hidden: int | None = None

    def enter(self, number: int) -> int | None:
        """Go on to a line; the column where its value begins, None if it has none that could be told."""
        line = self.lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            return None
        indentation = _indentation(line)
        if self.hidden is not None and indentation > self.hidden:
            return None
        self.hidden = None
        if line.startswith(("---", "...")):
            self.levels.clear()
            return None
        return self._opened(number, line)

    def _opened(self, number: int, line: str) -> int | None:
        match = _LINE.match(line)
        assert match is not None
        column = len(match["indentation"])
        value = match["value"].rstrip(" \t\r")
        for dash in re.finditer("-", match["dashes"]):
            self._close(column + dash.start(), is_element=True)
            self.levels.append(_Level(column + dash.start(), None, number))
        column += len(match["dashes"])
        if match["key"]:
            self._close(column, is_element=False)
            self.levels.append(_Level(column, match["key"].strip("\"'"), number, value.endswith("[")))
        elif value == "{" and any(level.opens_list and level.column < column for level in self.levels[-1:]):
            self.levels.append(_Level(column, None, number))
        elif value == "{" and self._is_next_element(column):
            self._close(column, is_element=True)
            self.levels.append(_Level(column, None, number))
        if _BLOCK.match(value):
            self.hidden = column if match["key"] else max(column - 2, 0)
        return match.start("value")

    def _close(self, column: int, *, is_element: bool) -> None:
        """Leave what ends where something new begins at ``column``; a list may stand right below its key."""
        while self.levels and self.levels[-1].column >= column:
            if is_element and self.levels[-1].column == column and self.levels[-1].key is not None:
                return
            self.levels.pop()

    def _is_next_element(self, column: int) -> bool:
        return any(level.column == column and level.key is None for level in self.levels)

    def path(self) -> Iterator[str]:
        """The steps to the current line."""
        for level in self.levels:
            yield self._element(level) if level.key is None else f".{_quoted(level.key)}"

    def _element(self, level: _Level) -> str:
        """An element of a list: by its name, if it has one."""
        flow = _FLOW_NAME.match(self.lines[level.line])
        if flow is not None:
            return f"[name={flow['name']}]"
        lines = [line for line in self._lines_of(level) if line.strip()]
        keys = [line.strip() for line in lines if _indentation(line) == _indentation(lines[0])]
        match = next(filter(None, map(_NAME.match, keys)), None)
        return f"[name={match['name']}]" if match else "[*]"

    def _lines_of(self, level: _Level) -> Iterator[str]:
        """The lines of an element, the first without its dash or brace."""
        first, *others = self.lines[level.line : level.line + _LOOK_AHEAD]
        content = first.lstrip(" -{")
        yield " " * (len(first) - len(content)) + content
        yield from takewhile(lambda line: not line.strip() or _indentation(line) > level.column, others)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def paths(text: str, places: Sequence[int]) -> list[str | None]:
    """The path to each of the places, which are in order; None where the layout does not tell it."""
    lines = text.split("\n")
    layout, result = _Layout(lines), list[str | None]()
    start, waiting = 0, list(reversed(places))
    for number, line in enumerate(lines):
        if not waiting:
            break
        value = layout.enter(number)
        while waiting and waiting[-1] < start + len(line) + 1:
            result.append(_path(layout, line, value, waiting.pop() - start))
        start += len(line) + 1
    return result


def _path(layout: _Layout, line: str, value: int | None, at: int) -> str | None:
    if value is None or not 0 <= at - value <= _WINDOW:
        return None
    inside = _inside(line[value:at])
    return None if inside is None else ("".join(layout.path()) + inside).removeprefix(".") or None


def _inside(before: str) -> str | None:
    """The steps from the value of a line to a place in it, by what stands between; None if that is not simple."""
    if before in ("", '"', "'") or re.fullmatch(r"[&!][^\s]++[ ]++[\"']?", before):
        return ""
    if before[0] == "[" and not set(before) & set("{}"):
        return "[*]" if re.search(r"[\[,][ ]*+[\"']?$", before) else None
    if before[0] == "{" and before.count("{") == 1 and not set(before) & set("}[]"):
        match = _FLOW_KEY.search(before)
        return f".{match['key']}" if match else None
    return None


def _quoted(key: str) -> str:
    return key if _SIMPLE.fullmatch(key) else f'"{key}"'
