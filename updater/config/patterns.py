"""Patterns of users: names, globs and regular expressions, all run by RE2 in linear time.

``/…/`` is a regular expression that is searched for, ``/…/i`` one that ignores case; everything else is a glob (see
:mod:`updater.config.globs`) that has to match as a whole and ignores case. A leading ``!`` turns a pattern round.
"""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from updater.config import globs

__all__ = [
    "PatternError",
    "PatternSet",
    "check_pattern",
    "compile_file_pattern",
    "compile_ignored",
    "compile_list",
    "compile_pattern",
    "compile_regex",
    "is_negative",
    "is_regex",
]

_MAX_LENGTH = 2_000
_REGEX = re.compile(r"/.+/i?", re.DOTALL)
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_END = b"\x1f\x1f"
"""Put behind a text to tell that it was read to its end; a pattern that matches everywhere takes half as long again."""

_BACKREFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[1-9]|k<)")


class PatternError(ValueError):
    """A pattern that RE2 does not take; ``hint`` says what to write instead, where that is known."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def is_negative(pattern: str) -> bool:
    """Whether ``pattern`` is turned round by a leading ``!`` (``!(…)`` is a glob of its own)."""
    return pattern.startswith("!") and not pattern.startswith("!(")


def is_regex(pattern: str) -> bool:
    """Whether ``pattern``, less its ``!``, is written between slashes."""
    return _REGEX.fullmatch(pattern, 1 if is_negative(pattern) else 0) is not None


def check_pattern(pattern: str) -> None:
    """Raise ``PatternError`` if ``pattern`` cannot be used."""
    body = _body(pattern)
    if _literal(body) is None:
        _compiled(_expression(body))


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """The test that ``pattern`` stands for. Raises ``PatternError``."""
    body, negative = _body(pattern), is_negative(pattern)
    literal = _literal(body)
    if literal is not None:
        return lambda value: (value.lower() == literal) is not negative
    find = _compiled(_expression(body)).search
    return lambda value: (find(_encoded(value)) is not None) is not negative


def compile_file_pattern(pattern: str) -> Callable[[str], bool]:
    """An entry of ``managerFilePatterns``: a regular expression searched in the path, or a glob of the whole path."""
    return compile_pattern(pattern)


def compile_list(patterns: Sequence[str]) -> Callable[[str | None], bool]:
    """Whether some positive and no negative pattern matches; negative ones alone accept everything else.

    An absent value and an empty list never match. Raises ``PatternError``.
    """
    bodies = PatternSet([_body(pattern) for pattern in patterns])
    negative = frozenset(index for index, pattern in enumerate(patterns) if is_negative(pattern))
    only_negative = 0 < len(negative) == len(patterns)

    def test(value: str | None) -> bool:
        if value is None:
            return False
        hits = bodies.hits(value)
        return (only_negative or bool(hits)) and not any(index in negative for index in hits)

    return test


def compile_ignored(ignore: Sequence[str], include: Sequence[str]) -> Callable[[str], bool]:
    """Whether ``ignorePaths`` and ``includePaths`` leave a path out: globs; an ignored one may be a part of it."""
    plain = tuple(pattern for pattern in ignore if not set(pattern) & set("*?[{!"))
    is_ignored = compile_list(ignore) if ignore else None
    is_included = compile_list(include) if include else None

    def ignored(path: str) -> bool:
        if is_included is not None and not (is_included(path) or path in include):
            return True
        return any(part in path for part in plain) or (is_ignored is not None and is_ignored(path))

    return ignored


def compile_regex(pattern: str) -> Any:
    """The RE2 object of a bare regular expression (no slashes around it). Raises ``PatternError``."""
    return _compiled(pattern)


class PatternSet:
    """Many patterns (without ``!``) asked at once: what one value costs hardly depends on their number."""

    def __init__(self, bodies: Sequence[str]) -> None:
        """Raise ``PatternError`` if one of ``bodies`` cannot be used."""
        self._literals: dict[str, list[int]] = {}
        self._expressions: list[tuple[int, str]] = []
        for index, body in enumerate(bodies):
            literal = _literal(body)
            if literal is None:
                self._expressions.append((index, _expression(body)))
            else:
                self._literals.setdefault(literal, []).append(index)
        self._find = _finder([expression for _, expression in self._expressions])

    def hits(self, value: str) -> list[int]:
        """The indexes of the patterns that match ``value``."""
        found = [self._expressions[position][0] for position in self._find(value)]
        return [*self._literals.get(value.lower(), ()), *found]


class WordSet:
    """Many words looked for in one pass over a text, at a speed that hardly depends on their number."""

    def __init__(self, words: Sequence[str], patterns: Container[str] = ()) -> None:
        """``words`` are taken as they are; one that begins with a newline counts where any line begins.

        Those among ``patterns`` are patterns.
        """
        self._expressions = [word if word in patterns else _word(word) for word in words]
        self._together = _set(self._expressions, str(_re2().escape(_END.decode())))

    def hits(self, data: bytes) -> Iterable[int]:
        """The indexes of the words that stand in the UTF-8 text ``data``."""
        hits = self._together.Match(data + _END) if self._together is not None else ()
        if 0 in hits:
            return [hit - 1 for hit in hits if hit]
        return [number for number, word in enumerate(self._expressions) if _compiled(word).search(data)]


def _word(word: str) -> str:
    anchor = "(?m:^)" if word.startswith("\n") else ""
    return anchor + str(_re2().escape(word.removeprefix("\n")))


def _finder(expressions: Sequence[str]) -> Callable[[str], Iterable[int]]:
    if not expressions:
        return lambda _: ()
    together = _set(expressions) if len(expressions) > 1 else None

    def one_by_one(value: str) -> Iterable[int]:
        text = _encoded(value)
        return [position for position, expression in enumerate(expressions) if _compiled(expression).search(text)]

    if together is None:
        for expression in expressions:
            _compiled(expression)  # raises what is wrong with it
        return one_by_one

    def at_once(value: str) -> Iterable[int]:
        hits = together.Match(_encoded(value)) or ()
        return [hit - 1 for hit in hits if hit] if 0 in hits else one_by_one(value)

    return at_once


def _set(expressions: Sequence[str], control: str = "") -> Any:
    """All expressions behind one that shows that an answer is one: RE2 says "nothing" where it runs out of memory."""
    together = _re2().Set.SearchSet(_options())
    try:
        for expression in (control, *expressions):
            together.Add(expression)
        together.Compile()
    except _re2().error:
        return None
    return together


def _body(pattern: str) -> str:
    if len(pattern) > _MAX_LENGTH:
        raise PatternError(f"a pattern of more than {_MAX_LENGTH} characters")
    return pattern[1:] if is_negative(pattern) else pattern


def _literal(body: str) -> str | None:
    return None if is_regex(body) or not globs.is_literal(body) else body.lower()


@lru_cache(maxsize=2_048)
def _expression(body: str) -> str:
    if body == "*":
        return ""
    if not is_regex(body):
        try:
            return globs.to_expression(body)
        except ValueError as error:
            raise PatternError(f"the glob {body!r} cannot be used: {error}") from error
    return f"(?i){body[1:-2]}" if body.endswith("i") else body[1:-1]


@lru_cache(maxsize=2_048)
def _compiled(expression: str) -> Any:
    try:
        return _re2().compile(expression, options=_options())
    except _re2().error as error:
        reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
        raise PatternError(f"the pattern {expression!r} cannot be used: {reason}", _hint(expression)) from error


def _hint(expression: str) -> str | None:
    if _LOOKAROUND.search(expression):
        return 'RE2 has no lookahead and no lookbehind; add a second pattern that begins with "!" instead'
    if _BACKREFERENCE.search(expression):
        return "RE2 has no backreferences; write the repeated part out"
    return None


def _encoded(value: str) -> bytes:
    return value.encode("utf-8", "replace")


@cache
def _options() -> Any:
    options = _re2().Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    return options


@cache
def _re2() -> Any:
    import re2  # here, because a configuration without patterns does without it

    return re2
