"""Versions of the repository's own that an update raises as well: ``bumpVersion`` and ``bumpVersions``. Pure.

What is raised is what the base has, so that several updates in one branch raise a version once, by the largest step
that one of them asks for; and a branch that is made anew on a newer base raises the version that stands there then.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from updater import naming
from updater.config.entries import BumpVersionOptions
from updater.config.patterns import PatternError, compile_file_pattern, compile_regex
from updater.edit import RefusedEditError
from updater.model.decide import Update
from updater.model.scan import Edit, Span

PARTS = ("prerelease", "patch", "minor", "major")
"""What may be raised, the smallest step first."""

_CHART = re.compile(
    r"^version[ \t]*:[ \t]*(?P<quote>[\"']?)(?P<version>v?[0-9][0-9A-Za-z.+-]*)(?P=quote)[ \t]*(?:#.*)?\r?$",
    re.MULTILINE,
)
_SEMVER = re.compile(
    r"(?P<v>v?)(?P<major>[0-9]{1,9})\.(?P<minor>[0-9]{1,9})\.(?P<patch>[0-9]{1,9})"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


class _Place(NamedTuple):
    path: str
    span: Span


class Bumps:
    """What updates raise besides themselves, in a repository of these ``paths``."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = paths
        self._charts = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == "Chart.yaml"}
        self._matching = cache(self._find)

    def files_of(self, update: Update) -> set[str]:
        """The files whose texts are needed to raise versions with ``update``."""
        chart = self._chart(update) if update.offer.policy.bump_version else None
        found = {chart} if chart is not None else set()
        return found.union(*(self._files(entry, update) for entry in update.offer.policy.bump_versions))

    def edits(self, updates: Iterable[Update], texts: Mapping[str, str]) -> list[Edit]:
        """The edits that raise versions, each place once. Raises ``RefusedEditError`` for what is no part to raise."""
        steps: dict[_Place, int] = {}
        for update in updates:
            for place, part in self._asked(update, texts):
                steps[place] = max(steps.get(place, 0), _step(part, place.path))
        made = ((place, raised(texts[place.path][slice(*place.span)], PARTS[step])) for place, step in steps.items())
        return [Edit(path=place.path, span=place.span, text=text) for place, text in sorted(made) if text is not None]

    def _asked(self, update: Update, texts: Mapping[str, str]) -> Iterator[tuple[_Place, str]]:
        policy, chart = update.offer.policy, self._chart(update)
        if policy.bump_version and chart is not None:
            yield from ((_Place(chart, span), policy.bump_version) for span in chart_version(texts[chart]))
        for entry in policy.bump_versions:
            part = _rendered(entry.bump_type or "patch", update)
            for path in self._files(entry, update):
                yield from ((_Place(path, span), part) for span in matches(entry, texts[path]))

    def _chart(self, update: Update) -> str | None:
        """The nearest chart around the file that is updated."""
        directory = posixpath.dirname(update.tracked.dependency.path)
        while directory not in self._charts:
            if not directory:
                return None
            directory = posixpath.dirname(directory)
        return posixpath.join(directory, "Chart.yaml")

    def _files(self, entry: BumpVersionOptions, update: Update) -> Iterable[str]:
        return {path for pattern in entry.file_patterns for path in self._matching(_rendered(pattern, update))}

    def _find(self, pattern: str) -> Sequence[str]:
        try:
            test = compile_file_pattern(pattern)
        except PatternError:
            return ()
        return [path for path in self._paths if test(path)]


def chart_version(text: str) -> Iterator[Span]:
    """Where a chart's own version stands, if it is written as a plain value."""
    match = _CHART.search(text)
    if match is not None:
        yield Span(*match.span("version"))


def matches(entry: BumpVersionOptions, text: str) -> Iterator[Span]:
    """Where the patterns of an entry find a version."""
    for pattern in entry.match_strings:
        for match in compile_regex(pattern).finditer(text):
            if match.groupdict().get("version"):
                yield Span(*match.span(match.re.groupindex["version"]))


def raised(version: str, part: str) -> str | None:
    """The version that follows, as in https://semver.org; None for what is no such version.

    A prerelease of what comes next becomes that: ``2.0.0-rc.1`` is raised to ``2.0.0`` by all but ``prerelease``.
    """
    match = _SEMVER.fullmatch(version)
    if match is None:
        return None
    numbers, pre = [int(match["major"]), int(match["minor"]), int(match["patch"])], match["pre"]
    if part == "prerelease":
        return match["v"] + (_next_prerelease(numbers, pre) if pre else f"{_dotted(_next(numbers, 2))}-0")
    place = ("major", "minor", "patch").index(part)
    is_reached = pre is not None and not any(numbers[place + 1 :])
    return match["v"] + _dotted(numbers if is_reached else _next(numbers, place))


def _next(numbers: Sequence[int], place: int) -> list[int]:
    return [*numbers[:place], numbers[place] + 1, *(0 for _ in numbers[place + 1 :])]


def _next_prerelease(numbers: Sequence[int], pre: str) -> str:
    before, dot, last = pre.rpartition(".")
    following = f"{before}{dot}{int(last) + 1}" if last.isdecimal() else f"{pre}.0"
    return f"{_dotted(numbers)}-{following}"


def _dotted(numbers: Iterable[int]) -> str:
    return ".".join(map(str, numbers))


def _step(part: str, path: str) -> int:
    if part not in PARTS:
        raise RefusedEditError(f"{path}: {part!r} is no part of a version to raise; these are: {', '.join(PARTS)}")
    return PARTS.index(part)


def _rendered(text: str, update: Update) -> str:
    if "{{" not in text:
        return text
    from updater.templates import render  # here, because few entries have templates

    try:
        return render(text, naming.template_values_of(update))
    except ValueError:
        return text  # its form was checked; what fails now is an argument, and the text shows which
