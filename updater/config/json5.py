"""A JSON5 reader that remembers where everything stands.

Messages about a configuration are only useful with a line and a column, and no library gives the position of keys.
Reads JSON, JSON with comments, and JSON5 (https://spec.json5.org) in linear time and with a bounded depth.
"""

import re
from bisect import bisect_right

import msgspec

from updater.errors import ConfigError

MAX_DEPTH = 64
_MAX_DIGITS = 300

# Possessive quantifiers (*+, ++) keep every alternative linear, whatever follows.
_SKIP = r"(?:[\s\ufeff]++|//[^\n\r]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+"
_TOKEN = re.compile(
    _SKIP + r"(?:"
    r'(?P<plain>"[^"\\\x00-\x1f]*+")'
    r"|(?P<punctuation>[{}\[\]:,])"
    r"|(?P<string>\"(?:[^\"\\\n\r]|\\(?:\r\n|[\s\S]))*+\"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*+')"
    r"|(?P<number>[+-]?(?:0[xX][0-9a-fA-F]++|(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?|Infinity|NaN)(?![\w$.]))"
    r"|(?P<word>[\w$]++)"
    r"|(?P<end>\Z))"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_CONTINUATIONS = ("\n", "\r", "\r\n", "\u2028", "\u2029")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


class Object(dict[str, object]):
    """A JSON object; ``offsets`` holds where each of its keys begins."""

    __slots__ = ("offsets",)

    def __init__(self) -> None:
        super().__init__()
        self.offsets: dict[str, int] = {}

    def put(self, key: str, value: object, offset: int | None) -> None:
        """Set a member that stands at ``offset``."""
        self[key] = value
        if offset is not None:
            self.offsets[key] = offset


class Array(list[object]):
    """A JSON array; ``offsets`` holds where each of its elements begins."""

    __slots__ = ("offsets",)

    def __init__(self) -> None:
        super().__init__()
        self.offsets: list[int] = []


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was read. ``duplicates`` are the keys that overwrote an earlier one, with their offsets."""

    value: object
    duplicates: tuple[tuple[str, int], ...]
    line_starts: list[int]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at ``offset``, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1


def read(text: str, *, path: str) -> Document:
    """Read a JSON5 text. Raises ``ConfigError`` with the place of the first thing that is not JSON5."""
    reader = _Reader(text, path)
    value = reader.value(0)
    if reader.kind != "end":
        raise reader.error("there is something after the end of the configuration")
    return Document(value=value, duplicates=tuple(reader.duplicates), line_starts=_line_starts(text))


def value_span(text: str, key: int) -> tuple[int, int]:
    """Where the value of the member whose key begins at ``key`` begins and ends, in a text that can be read."""
    reader = _Reader(text, "", key)
    reader.advance()
    reader.advance()
    start = reader.offset
    reader.value(0)
    return start, reader.before


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


class _Reader:
    """The current token is always the first that was not consumed; ``before`` is where the last consumed one ends."""

    __slots__ = ("before", "duplicates", "end", "kind", "lexeme", "offset", "path", "text")

    def __init__(self, text: str, path: str, start: int = 0) -> None:
        self.text, self.path = text, path
        self.duplicates: list[tuple[str, int]] = []
        self.end = start
        self.advance()

    def advance(self) -> None:
        self.before = self.end
        match = _TOKEN.match(self.text, self.end)
        if match is None or match.lastgroup is None:
            raise self._garbage()
        self.kind: str = match.lastgroup
        self.lexeme: str = match[self.kind]
        self.offset, self.end = match.span(self.kind)

    def value(self, depth: int) -> object:
        if depth > MAX_DEPTH:
            raise self.error(f"this is nested more than {MAX_DEPTH} levels deep")
        if self.lexeme == "{":
            return self._object(depth)
        if self.lexeme == "[":
            return self._array(depth)
        value = self._scalar()
        self.advance()
        return value

    def error(self, message: str, *, offset: int | None = None, hint: str | None = None) -> ConfigError:
        starts = _line_starts(self.text)
        offset = self.offset if offset is None else offset
        line = bisect_right(starts, offset)
        return ConfigError(message, path=self.path, line=line, column=offset - starts[line - 1] + 1, hint=hint)

    def _object(self, depth: int) -> Object:
        result, opening = Object(), self.offset
        self.advance()
        while self.lexeme != "}":
            key, offset = self._key(opening), self.offset
            self.advance()
            if self.lexeme != ":":
                raise self.error(f'expected ":" after the key "{key}"')
            self.advance()
            if key in result:
                self.duplicates.append((key, offset))
            result.put(key, self.value(depth + 1), offset)
            self._comma("}", opening)
        self.advance()
        return result

    def _key(self, opening: int) -> str:
        if self.kind == "plain":
            return self.lexeme[1:-1]
        if self.kind == "string":
            return _unescaped(self.lexeme[1:-1])
        if self.kind == "word" and not self.lexeme[0].isdigit():
            return self.lexeme
        if self.kind == "end":
            raise self._unclosed(opening)
        raise self.error(f'expected a key or "}}", found {self.lexeme[:40]}')

    def _array(self, depth: int) -> Array:
        result, opening = Array(), self.offset
        self.advance()
        while self.lexeme != "]":
            if self.kind == "end":
                raise self._unclosed(opening)
            offset = self.offset
            result.append(self.value(depth + 1))
            result.offsets.append(offset)
            self._comma("]", opening)
        self.advance()
        return result

    def _comma(self, closing: str, opening: int) -> None:
        if self.lexeme == ",":
            self.advance()
        elif self.kind == "end":
            raise self._unclosed(opening)
        elif self.lexeme != closing:
            raise self.error(f'expected "," or "{closing}", found {self.lexeme[:40]}')

    def _scalar(self) -> object:
        match self.kind:
            case "plain":
                return self.lexeme[1:-1]
            case "string":
                return _unescaped(self.lexeme[1:-1])
            case "number":
                return self._number()
            case "word" if self.lexeme in _WORDS:
                return _WORDS[self.lexeme]
            case "end":
                raise self.error("the text ends where a value is expected")
        hint = "strings need quotes" if self.kind == "word" else None
        raise self.error(f"expected a value, found {self.lexeme[:40]}", hint=hint)

    def _number(self) -> int | float:
        text = self.lexeme.lower()
        if len(text) > _MAX_DIGITS:
            raise self.error("this number is too long")
        if "x" in text:
            return int(text, 16)
        if text.lstrip("+-").isdigit():
            return int(text)
        return float(text)

    def _unclosed(self, opening: int) -> ConfigError:
        return self.error(f'this "{self.text[opening]}" is never closed', offset=opening)

    def _garbage(self) -> ConfigError:
        skipped = re.compile(_SKIP).match(self.text, self.end)
        offset = skipped.end() if skipped else self.end
        found = self.text[offset : offset + 1]
        if found in ('"', "'"):
            return self.error("this string is never closed on its line", offset=offset)
        if self.text.startswith("/*", offset):
            return self.error("this comment is never closed", offset=offset)
        return self.error(f"unexpected character {found!r}", offset=offset)


def _unescaped(body: str) -> str:
    text = _ESCAPE.sub(_replacement, body)
    # A pair of \u escapes is one character; a lone half of one is none and becomes U+FFFD.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if r"\u" in body else text


def _replacement(match: re.Match[str]) -> str:
    unicode, latin, character = match.groups()
    if unicode or latin:
        return chr(int(unicode or latin, 16))
    return "" if character in _CONTINUATIONS else _ESCAPED.get(character, character)
