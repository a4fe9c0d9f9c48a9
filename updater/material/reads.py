"""Which values the templates of a chart read, found without running them.

A template is read action by action. A chain of names behind ``.Values`` is a value that is read; so is one behind a
variable that was set to such a chain, behind ``.`` inside ``with`` of one, and what ``index``, ``get``, ``hasKey`` and
``dig`` name in quotes. What is handed on as a whole (to ``toYaml``, ``tpl``, ``range``, another template) may be read
in any part: of what lies below it, nothing can be told.

Grammar: https://pkg.go.dev/text/template#hdr-Actions, functions: https://helm.sh/docs/chart_template_guide/function_list/.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Path = tuple[str, ...]
"""The keys that lead to a value."""

_CHAIN = re.compile(
    r"(?<![\w\"')])(?P<start>\$\w*|)(?P<names>(?:\.[A-Za-z_]\w*)+|\.(?![\w.]))|(?P<variable>\$\w*)(?![\w.])"
)
_OPENS = re.compile(r"(?P<word>if|with|range|define|block)\b(?P<rest>.*)")
_ELSE = re.compile(r"else(?: (?P<word>if|with)\b(?P<rest>.*))?")
_SET = re.compile(r"(?P<name>\$\w+) ?:?= ?(?P<rest>.*)")
_QUOTED = r"(?: \"[^\"]*\")"
_OPERAND = r"(?P<operand>[$\w]*(?:\.\w+)*\.?)"
_INDEX = re.compile(rf"\bindex {_OPERAND}(?P<keys>{_QUOTED}+)(?! ?[\w.$(])")
_GET = re.compile(rf"\b(?:get|hasKey|set|unset) {_OPERAND}(?P<keys>{_QUOTED})")
_DIG = re.compile(rf"\bdig(?P<keys>{_QUOTED}+) \S+ {_OPERAND}(?=[ )|]|$)")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)(?:\"|$)|`[^`]*(?:`|$)")
_CHECKSUM = re.compile(r"\b(?:sha256sum|sha1sum|adler32sum)\b")
_MOST_NAMES = 200
"""How many variables of one template are followed."""


@dataclass(slots=True)
class Reads:
    """What is read: ``some`` are values that are named, ``whole`` those of which any part may be read.

    An empty path in ``whole`` stands for all values.
    """

    some: set[Path] = field(default_factory=set)
    whole: set[Path] = field(default_factory=set)


@dataclass(slots=True)
class _Block:
    """An open ``if``, ``with`` or the like: what ``.`` was outside of it, and the variables that were known there."""

    dot: Path | None
    names: Mapping[str, Path]


def scan(text: str, reads: Reads) -> None:
    """Add what a template reads to ``reads``. Linear in the length of ``text``."""
    scanner = _Scanner(reads)
    for action in _actions(text):
        scanner.take(action)


def _actions(text: str) -> Iterator[str]:
    """What stands between the braces, with single spaces; no comments."""
    start = text.find("{{")
    while start >= 0:
        is_comment = text[start + 2 : start + 8].lstrip("- \n\t").startswith("/*")
        end = text.find("}}", text.find("*/", start) if is_comment and "*/" in text[start : start + 65_536] else start)
        if end < 0:
            return
        if not is_comment:
            yield " ".join(text[start + 2 : end].removeprefix("-").removesuffix("-").split())
        start = text.find("{{", end)


class _Scanner:
    """Walks through the actions of one template. The root context, where ``.Values`` is at home, is the path None.

    ``dot`` is the path of ``.`` within the values; None where it is the root context or nothing known.
    """

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._dot: Path | None = None
        self._names: dict[str, Path] = {}
        self._open: list[_Block] = []

    def take(self, action: str) -> None:
        """The next action."""
        if opened := _OPENS.fullmatch(action):
            self._open.append(_Block(self._dot, dict(self._names)))
            self._enter(opened["word"], opened["rest"].strip())
        elif other := _ELSE.fullmatch(action):
            self._restore(self._open[-1] if self._open else None)
            self._enter(other["word"] or "", (other["rest"] or "").strip())
        elif action == "end":
            self._restore(self._open.pop() if self._open else None)
        elif set_ := _SET.fullmatch(action):
            self._name(set_["name"], self._assigned(set_["rest"]))
        else:
            self._expression(action)

    def _restore(self, block: _Block | None) -> None:
        if block is not None:
            self._dot, self._names = block.dot, dict(block.names)

    def _enter(self, word: str, rest: str) -> None:
        if word == "if":
            self._expression(rest, is_test=True)
        elif word == "with":
            name, _, expression = rest.rpartition(":=")
            self._dot = self._assigned(expression.strip())
            self._name(name.strip(), self._dot)
        elif word == "range":
            self._expression(rest.rpartition(":=")[2])
            self._dot = None
        elif word in ("define", "block"):
            self._dot = None

    def _name(self, name: str, path: Path | None) -> None:
        """Follow a variable that stands for a path; one too many may be read in any part."""
        self._names.pop(name, None)
        if path is not None and name:
            if len(self._names) < _MOST_NAMES:
                self._names[name] = path
            else:
                self._reads.whole.add(path)

    def _assigned(self, expression: str) -> Path | None:
        """The path that an expression stands for, which is all that it does; None for what is more than a path."""
        chain = _CHAIN.fullmatch(expression)
        path = self._resolved(chain) if chain else None
        if path is None:
            self._expression(expression)
        else:
            self._reads.some.add(path)
        return path

    def _expression(self, expression: str, *, is_test: bool = False) -> None:
        """Note what an expression reads; what it only tests for emptiness is not read below that."""
        rest = self._functions(expression)
        is_checksum = _CHECKSUM.search(rest) is not None
        for chain in _CHAIN.finditer(_TEXT.sub('""', rest)):
            path = self._resolved(chain)
            if path is None or (is_checksum and not path):
                continue
            if path:
                self._reads.some.add(path)
            if not is_test:
                self._reads.whole.add(path)

    def _functions(self, expression: str) -> str:
        """Note what functions read whose arguments are names in quotes; the rest of the expression remains."""
        for form in (_DIG, _INDEX, _GET):
            expression = form.sub(lambda match: " " if self._by_name(match) else match[0], expression)
        return expression

    def _by_name(self, match: re.Match[str]) -> bool:
        chain = _CHAIN.fullmatch(match["operand"])
        path = self._resolved(chain) if chain else None
        if path is None:
            return False
        keys = tuple(text[1] for text in _TEXT.finditer(match["keys"]))
        self._reads.some.add((*path, *keys))
        if not match[0].startswith(("hasKey", "set", "unset")):
            self._reads.whole.add((*path, *keys))
        return True

    def _resolved(self, chain: re.Match[str]) -> Path | None:
        """The path of a chain within the values; None if it leads elsewhere."""
        names = [name for name in (chain["names"] or "").split(".") if name]
        if "Values" in names:
            return tuple(names[names.index("Values") + 1 :])
        variable = chain["variable"] or chain["start"]
        if variable == "$":
            return None
        start = self._names.get(variable) if variable else self._dot
        return None if start is None else (*start, *names)
