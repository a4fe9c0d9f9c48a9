"""Patterns of the user and what they match, on RE2: linear in the length of the text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Protocol

from msgspec import Struct

from updater.api import Span

MAX_MATCHES = 10_000
STRATEGIES = ("any", "combination", "recursive")

_GROUP_NAME = re.compile(r"\(\?P?<(\w+)>")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Found(Protocol):
    """A match of ``re2``."""

    def span(self, group: int = 0, /) -> tuple[int, int]:
        """Where the group matched; (-1, -1) if it took no part."""
        ...


class Pattern(Protocol):
    """A pattern of ``re2``."""

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The numbers of the named groups."""
        ...

    def finditer(self, text: str, /) -> Iterator[Found]:
        """The matches that do not overlap, from left to right. Offsets count characters."""
        ...


class Match(Struct, frozen=True, kw_only=True):
    """What patterns found: the whole, and each named group that took part."""

    whole: Span
    groups: Mapping[str, Span]


def compile_pattern(text: str) -> Pattern:
    """The pattern. Raises ``ValueError`` with the reason why RE2 does not take it."""
    import re2  # here, because most configurations have no custom managers

    names = _GROUP_NAME.findall(text)
    if double := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"the pattern {text!r} has two groups with the name {double}")
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        pattern: Pattern = re2.compile(text, quiet)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
        raise ValueError(
            f"the pattern {text!r} does not work on RE2: {reason} (RE2 has no lookaround and no backreferences; "
            "match what stands around and put only the wanted part into a named group)"
        ) from error
    return pattern


def matches(patterns: Iterable[Pattern], strategy: str, text: str) -> Iterator[Match]:
    """The matches in ``text``.

    ``any`` yields each match of each pattern, ``combination`` one with the groups of all, ``recursive`` those of the
    last pattern within those of the one before, and so on, with the groups of all.
    """
    text = _SURROGATE.sub("\ufffd", text)  # RE2 wants valid UTF-8; the offsets stay
    everything = Match(whole=Span(0, len(text)), groups={})
    if strategy == "recursive":
        found: Iterator[Match] = iter((everything,))
        for pattern in patterns:
            found = _within(found, pattern, text)
        return found
    each = chain.from_iterable(_within((everything,), pattern, text) for pattern in patterns)
    return _combined(each) if strategy == "combination" else each


def _within(outers: Iterable[Match], pattern: Pattern, text: str) -> Iterator[Match]:
    for outer in outers:
        start = outer.whole.start
        for match in pattern.finditer(text[start : outer.whole.end]):
            spans = ((name, match.span(group)) for name, group in pattern.groupindex.items())
            groups = {name: _without_return(text, shifted(span, start)) for name, span in spans if span[0] >= 0}
            yield Match(whole=shifted(match.span(), start), groups={**outer.groups, **groups})


def shifted(span: tuple[int, int], offset: int) -> Span:
    """``span``, ``offset`` characters further on."""
    return Span(span[0] + offset, span[1] + offset)


def _without_return(text: str, span: Span) -> Span:
    """``span`` less the carriage return that ``.*`` takes with it in files with CRLF."""
    has_return = text.endswith("\r", span.start, span.end)
    return Span(span.start, span.end - 1) if has_return else span


def _combined(each: Iterable[Match]) -> Iterator[Match]:
    """One match with the groups of all, of equal ones the last; its whole is the one that has the version."""
    groups: dict[str, Span] = {}
    whole: Span | None = None
    for match in islice(each, MAX_MATCHES):
        groups |= match.groups
        if whole is None or "currentValue" in match.groups or "currentDigest" in match.groups:
            whole = match.whole
    if whole is not None:
        yield Match(whole=whole, groups=groups)
