"""The instructions of Dockerfiles that name images and downloads (https://docs.docker.com/reference/dockerfile/)."""

import re
from bisect import bisect_left
from collections import ChainMap
from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct, field

from managers._composed import Piece, Pieces, composed, composed_image, text_of
from managers._downloads import ADDRESS, CHECKSUM_TEXT, Download
from managers._manifests import settled
from updater.api import Extracted, SourceFile, Span

_DIRECTIVE = re.compile(r"\s*+(?:#|//)\s*+(?P<name>\w++)\s*+=\s*+(?P<value>\S++)")
_KEYWORD = re.compile(r"[ \t\ufeff]*+(?P<word>[A-Za-z]++)(?=\s|$)")
_WORD = re.compile(r"""(?:\{\{[^{}\n]*+\}\}|"[^"\n]*+"|'[^'\n]*+'|\S)++""")
_HEREDOC = re.compile(r"""(?<!\S)\d*+<<(?P<dash>-?)(?P<quote>["']?)(?P<name>[\w.:-]++)(?P=quote)(?=[\s;|&>)]|$)""")
_ARGUMENT = re.compile(r"(?P<name>[A-Za-z_]\w*+)=")
_MOUNTED = re.compile(r"(?:--mount=|,)from=([^,\s]++)")
_VARIABLE = re.compile(r"\$\{?(\w++)")
_INTERESTING = frozenset(("FROM", "ARG", "ENV", "COPY", "ADD", "RUN", "ONBUILD"))
_WITH_HEREDOCS = frozenset(("COPY", "ADD", "RUN", "ONBUILD"))


class _Instruction(Struct, frozen=True, kw_only=True):
    """A keyword (in capitals) and the lines with its arguments, without comments and escapes at their ends."""

    keyword: str
    lines: tuple[Span, ...]

    def words(self, text: str) -> Iterator[Span]:
        """The arguments, one by one."""
        return (Span(*word.span()) for line in self.lines for word in _WORD.finditer(text, *line))

    def flags(self, text: str) -> Iterator[Span]:
        """The arguments at the beginning that start with ``--``."""
        for word in self.words(text):
            if not text.startswith("--", word.start):
                return
            yield word


def images_in_dockerfile(
    file: SourceFile, *, manager: str, within: Span | None = None, dep_type: str | None = None
) -> Iterator[Extracted]:
    """The images that a Dockerfile, which may be a part of ``file``, is built from, and what it downloads.

    Without ``dep_type`` it is ``syntax``, ``final`` (what the last stage builds on), ``stage`` or ``download``.
    """
    start = int(file.text.startswith("\ufeff"))
    return settled(_Reading(file=file, manager=manager, dep_type=dep_type).items(within or Span(start, len(file.text))))


class _Reading(Struct, frozen=True, kw_only=True):
    """What has been seen while one Dockerfile is read."""

    file: SourceFile
    manager: str
    dep_type: str | None
    stages: set[str] = field(default_factory=set)
    arguments: dict[str, Pieces] = field(default_factory=dict)
    """Those before the first stage, which hold for all, and after them those of the stages."""
    variables: dict[str, Pieces] = field(default_factory=dict)
    """What the stages say last of arguments and of the environment."""

    def items(self, within: Span) -> Iterator[Extracted]:
        head = _Head(self.file.text, within)
        if head.syntax:
            yield from self._image(head.syntax, "syntax")
        instructions = list(_Script(self.file.text, within, head.escape).instructions())
        last = max((number for number, each in enumerate(instructions) if each.keyword == "FROM"), default=-1)
        for number, instruction in enumerate(instructions):
            yield from self._read(instruction, "final" if number == last else "stage")

    def _read(self, instruction: _Instruction, dep_type: str) -> Iterator[Extracted]:
        match instruction.keyword:
            case "ARG":
                self._define(instruction)
                self._set(instruction)
            case "ENV":
                self._set(instruction)
            case "FROM":
                yield from self._stage(instruction, dep_type)
            case "COPY":
                yield from self._copied(instruction)
            case "ADD":
                yield from self._copied(instruction)
                yield from self._downloaded(instruction)
            case "RUN":
                yield from self._mounted(instruction)
                self._set(instruction)
                yield from self._downloaded(instruction)

    def _define(self, instruction: _Instruction) -> None:
        text = self.file.text
        for word in instruction.words(text):
            argument = _ARGUMENT.match(text, *word)
            if argument is None or (self.stages and argument["name"] in self.arguments):
                continue
            value = Span(argument.end(), word.end)
            pieces = composed(self.file, value, self.arguments, is_quoted=True)
            if pieces is not None or text[slice(*value)].strip("\"'") == "":
                self.arguments[argument["name"]] = pieces or ()

    def _stage(self, instruction: _Instruction, dep_type: str) -> Iterator[Extracted]:
        text = self.file.text
        words = [word for word in instruction.words(text) if not text.startswith("--", word.start)]
        name = _stage_name([text[slice(*word)] for word in words[1:]])
        if not words or name is None:
            return
        yield from self._image(words[0], dep_type)
        self.stages.add(name.lower() or str(len(self.stages)))

    def _copied(self, instruction: _Instruction) -> Iterator[Extracted]:
        text = self.file.text
        for flag in instruction.flags(text):
            if text.startswith("--from=", flag.start):
                yield from self._image(Span(flag.start + len("--from="), flag.end), "stage")

    def _mounted(self, instruction: _Instruction) -> Iterator[Extracted]:
        for flag in instruction.flags(self.file.text):
            if self.file.text.startswith("--mount=", flag.start):
                for source in _MOUNTED.finditer(self.file.text, *flag):
                    yield from self._image(Span(*source.span(1)), "stage")

    def _set(self, instruction: _Instruction) -> None:
        """Take note of ``NAME=value`` for the downloads that follow; in ``RUN`` that is an assignment of the shell."""
        text = self.file.text
        words = list(instruction.words(text))
        if instruction.keyword == "ENV" and len(words) == 2 and "=" not in text[slice(*words[0])]:
            self._assign(text[slice(*words[0])], words[1])
        for word in words:
            if variable := _ARGUMENT.match(text, *word):
                self._assign(variable["name"], Span(variable.end(), word.end - text.endswith(";", *word)))

    def _assign(self, name: str, value: Span) -> None:
        if pieces := composed(self.file, value, self._known, is_quoted=True):
            self.variables[name] = pieces

    @property
    def _known(self) -> Mapping[str, Pieces]:
        return ChainMap(self.variables, self.arguments)

    def _downloaded(self, instruction: _Instruction) -> Iterator[Extracted]:
        text = self.file.text
        found = [match for line in instruction.lines for match in ADDRESS.finditer(text, *line)]
        is_checked = bool(found) and self._holds_checksum(instruction)
        for match in found:
            at = Piece(file=self.file, span=Span(*match.span()))
            if address := composed(self.file, at.span, self._known):
                dep_type = self.dep_type or "download"
                yield from Download(
                    manager=self.manager, address=address, at=at, dep_type=dep_type, is_checked=is_checked
                ).items()

    def _holds_checksum(self, instruction: _Instruction) -> bool:
        """Whether what is downloaded is compared with a checksum that is written in the file."""
        lines = [self.file.text[slice(*line)] for line in instruction.lines]
        named = (self._known.get(name, ()) for line in lines for name in _VARIABLE.findall(line))
        return any(CHECKSUM_TEXT.search(text) for text in (*lines, *map(text_of, named)))

    def _image(self, word: Span, dep_type: str) -> Iterator[Extracted]:
        pieces = composed(self.file, word, self.arguments, is_quoted=True)
        name = text_of(pieces or ())
        if pieces is None or name.lower() in self.stages or name.isdigit() or name == "scratch":
            return
        at = Piece(file=self.file, span=word)
        yield from composed_image(pieces, manager=self.manager, at=at, dep_type=self.dep_type or dep_type)


def _stage_name(words: list[str]) -> str | None:
    """The name in ``AS name``; empty if there is none; None if these words cannot follow an image."""
    if not words or words[0].startswith("#"):
        return ""
    return words[1] if words[0].lower() == "as" and len(words) > 1 else None


# ---------------------------------------------------------------- instructions


class _Head:
    """What the comments before the first instruction say: the escape character, and where the frontend stands."""

    def __init__(self, text: str, within: Span) -> None:
        self.escape = "\\"
        self.syntax: Span | None = None
        for line in _lines(text, within):
            directive = _DIRECTIVE.match(text, *line)
            if directive is None and text[slice(*line)].strip() and not text[slice(*line)].lstrip().startswith("#"):
                return
            if directive:
                self._take(directive)

    def _take(self, directive: re.Match[str]) -> None:
        match directive["name"].lower():
            case "escape" if directive["value"] == "`":
                self.escape = "`"
            case "syntax" if self.syntax is None:
                self.syntax = Span(*directive.span("value"))


def _lines(text: str, within: Span) -> Iterator[Span]:
    """The lines, less what ends them."""
    start, end = within
    while start < end:
        line_end = text.find("\n", start, end)
        line_end = end if line_end < 0 else line_end
        yield Span(start, line_end - text.endswith("\r", start, line_end))
        start = line_end + 1


class _Script:
    """The lines of a Dockerfile, put together to instructions."""

    def __init__(self, text: str, within: Span, escape: str) -> None:
        self.text, self.escape = text, escape
        self.lines = list(_lines(text, within))

    def instructions(self) -> Iterator[_Instruction]:
        """The instructions that may name images or arguments, those behind ``ONBUILD`` among them."""
        number = 0
        while number < len(self.lines):
            keyword = _KEYWORD.match(self.text, *self.lines[number])
            word = keyword["word"].upper() if keyword else ""
            fragments, number = self._fragments(number)
            if keyword is None or word not in _INTERESTING or not fragments:
                continue
            fragments[0] = Span(keyword.end(), max(keyword.end(), fragments[0].end))
            if word in _WITH_HEREDOCS:
                number = self._behind_heredocs(number, fragments)
            yield _triggered(self.text, _Instruction(keyword=word, lines=tuple(fragments)))

    def _fragments(self, number: int) -> tuple[list[Span], int]:
        """The line at ``number`` and those that continue it, and the number of the line behind them."""
        found: list[Span] = []
        for position in range(number, len(self.lines)):
            start, end = self.lines[position]
            content = self.text[start:end].rstrip()
            is_comment = content.lstrip().startswith("#")
            if is_comment and not found:
                return [], position + 1
            if is_comment or (found and not content):
                continue
            if not content.endswith(self.escape):
                return [*found, Span(start, end)], position + 1
            found.append(Span(start, start + len(content) - 1))
        return found, len(self.lines)

    def _behind_heredocs(self, number: int, fragments: list[Span]) -> int:
        """The number of the line behind the here-documents that the fragments open; ``number`` if one never ends."""
        position = number
        for heredoc in (match for fragment in fragments for match in _HEREDOC.finditer(self.text, *fragment)):
            end = self._heredoc_end(position, heredoc)
            if end is None:
                return number
            position = end + 1
        return position

    def _heredoc_end(self, number: int, heredoc: re.Match[str]) -> int | None:
        ends = self._numbers.get((heredoc["dash"], heredoc["name"]), [])
        first = bisect_left(ends, number)
        return ends[first] if first < len(ends) else None

    @cached_property
    def _numbers(self) -> Mapping[tuple[str, str], list[int]]:
        """The numbers of the lines with each text; under ``-`` without the tabs at its beginning."""
        numbers: dict[tuple[str, str], list[int]] = {}
        for number, line in enumerate(self.lines):
            text = self.text[slice(*line)]
            numbers.setdefault(("", text), []).append(number)
            numbers.setdefault(("-", text.lstrip("\t")), []).append(number)
        return numbers


def _triggered(text: str, instruction: _Instruction) -> _Instruction:
    """What ``ONBUILD`` postpones, else the instruction itself."""
    if instruction.keyword != "ONBUILD":
        return instruction
    first, *others = instruction.lines
    keyword = _KEYWORD.match(text, *first)
    if keyword is None:
        return instruction
    return _Instruction(keyword=keyword["word"].upper(), lines=(Span(keyword.end(), first.end), *others))
