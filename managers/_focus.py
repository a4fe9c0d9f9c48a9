"""Less YAML to parse: a text with the lines left out that cannot matter, everything else in its place.

Most of a Kubernetes manifest is of no interest to a manager, and parsing it is most of the cost. ``focused`` keeps the
lines that mention one of some words, what stands below them, beside them and around them, and empties the others.
It does so only for texts in plain block style; where a construct could reach over lines in other ways (anchors, quoted
text of several lines, tabs, templates, complex keys) it declines, and the whole text is parsed.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

REACHING_OUT = ("\t", "{{", "<<", ": &", "- &", ": *", "- *", "? ")
"""By one of these a line of YAML may be something else than it looks like."""


def focused(text: str, words: tuple[str, ...], absent: frozenset[str] = frozenset()) -> str | None:
    """``text`` around the lines with one of ``words``, as long as before; None if nothing can be left out safely.

    For the lines kept, parsing the result gives what parsing ``text`` gives, at the same offsets. ``absent`` are words
    that are known not to stand in ``text``.
    """
    for construct in REACHING_OUT:
        if construct not in absent and construct in text:
            return None
    texts = text.split("\n")
    if _has_open_quote(texts, "'") or _has_open_quote(texts, '"'):
        return None
    lines = _Lines(texts)
    for number in _mentioning(text, words):
        lines.keep_around(number)
    kept = lines.kept
    return "\n".join([line if number in kept else "\n" * len(line) for number, line in enumerate(texts)])


def _has_open_quote(lines: Sequence[str], quote: str) -> bool:
    """Whether a quoted text may go on in the next line: where a line, less its comment, has an odd number of quotes."""
    return any(line.partition(" #")[0].count(quote) & 1 for line in lines if quote in line)


def _mentioning(text: str, words: tuple[str, ...]) -> Iterator[int]:
    """The numbers of the lines with one of ``words``, counted from 0."""
    number = start = 0
    for match in _any_of(words).finditer(text):
        between = text.count("\n", start, match.start())
        if between or not start:
            number += between
            yield number
        start = match.end()


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


class _Lines:
    """The lines of a text, with their columns, and those that are kept.

    A line's ``indent`` is the column of its first character, its ``column`` that of its first key or value, which is
    further to the right behind the dash of a list's item. Blank lines and comments have no place in the structure.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._rests = [text.lstrip(" ") for text in texts]
        self.indents = [
            len(text) - len(rest) if rest and rest[0] not in "#\r" else -1
            for text, rest in zip(texts, self._rests, strict=True)
        ]
        self.kept: set[int] = set()
        self._complete: set[int] = set()
        """Lines in mappings that are kept whole: what was done once is not done again, or time would be quadratic."""
        self._rooted: set[int] = set()
        """Lines all of whose parents are kept."""

    def column(self, number: int) -> int:
        """Where the line's first key or value stands."""
        text, at = self.texts[number], self.indents[number]
        while text[at : at + 2] == "- ":
            at += 2
            at += len(text[at:]) - len(text[at:].lstrip(" "))
        return at

    def is_item(self, number: int) -> bool:
        """Whether the line begins an item of a list."""
        return self._rests[number].startswith("- ") or self._rests[number].rstrip() == "-"

    def keep_around(self, number: int) -> None:
        """Keep a line with what belongs to it."""
        self.kept.add(number)
        if self.indents[number] < 0:
            return
        column = self.column(number)
        below = self._keep_below(number, column)
        if number not in self._complete:
            self._complete.add(number)
            self._keep_beside(range(number - 1, -1, -1) if not self.is_item(number) else range(0), column)
            self._keep_beside(range(below, len(self.texts)), column)
            self._keep_parents(number)

    def _keep_beside(self, numbers: range, column: int) -> None:
        """The lines of the same mapping: those in its column, until one further to the left."""
        for number in numbers:
            indent = self.indents[number]
            if 0 <= indent < column:
                return
            if indent == column:
                self.kept.add(number)
                if not self.is_item(number):
                    self._complete.add(number)

    def _keep_below(self, number: int, column: int) -> int:
        """What the line's key holds; the result is the number of the line behind it."""
        below = number + 1
        while below < len(self.texts) and not 0 <= self.indents[below] <= column:
            self.kept.add(below)
            below += 1
        return below

    def _keep_parents(self, number: int) -> None:
        """The keys and items that the line stands in, up to the root."""
        column, in_list = self.indents[number], self.is_item(number)
        self._rooted.add(number)
        for above in range(number - 1, -1, -1):
            indent = self.indents[above]
            if not 0 <= indent <= column:
                continue
            is_parent = indent < column or (in_list and not self.is_item(above))
            if is_parent:
                self.kept.add(above)
            if above in self._rooted:  # a line beside this one has the same parents
                return
            if is_parent:
                self._rooted.add(above)
                column, in_list = indent, self.is_item(above)
