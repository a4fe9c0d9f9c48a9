"""What the revisions of a file say about the versions in it."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec import structs

from tests.core.made import NOW, releases, tracked
from updater.config import Policy
from updater.decide import decide_all
from updater.model.history import Revision, Tombstone
from updater.model.lookup import Release
from updater.model.scan import Span
from updater.model.track import Tracked, UpdateType
from updater.tombstones import tombstones

PRODUCTION = "apps/production/api.yaml"


def managed(text: str, value: str, *, nth: int = 0, path: str = PRODUCTION) -> Tracked:
    """A dependency whose value stands in ``text``."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(value, start + 1)
    made = tracked(value, path=path)
    return structs.replace(made, dependency=structs.replace(made.dependency, span=Span(start, start + len(value))))


def revisions(*texts: str) -> list[Revision]:
    """The revisions that led from text to text, newest first; each is a day older."""
    steps = list(pairwise(texts))[::-1]
    return [
        Revision(
            commit=f"{day:040x}",
            when=NOW - timedelta(days=day),
            author="Ann",
            subject="Back",
            before=before,
            after=after,
        )
        for day, (before, after) in enumerate(steps)
    ]


def found(value: str, *texts: str, nth: int = 0) -> list[tuple[str, str]]:
    """What was decided about the value in the last of the texts."""
    dependency = managed(texts[-1], value, nth=nth)
    stones = tombstones([dependency], {PRODUCTION: revisions(*texts)}, {PRODUCTION: texts[-1]})
    return [(stone.version, stone.lowered_to) for stone in stones.get(dependency.dependency, ())]


def line(value: str) -> str:
    return f"kind: X\nimage: a/b:{value}\nreplicas: 1\n"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("1.0.0", "1.1.0"), []),
        (("1.0.0", "1.1.0", "1.0.0"), [("1.1.0", "1.0.0")]),
        (("1.0.0", "1.1.0", "1.0.0", "1.0.1"), [("1.1.0", "1.0.0")]),
        (("2.0.0", "1.0.0"), [("2.0.0", "1.0.0")]),
        (("1.0.0", "3.0.0", "1.0.0", "2.0.0", "1.0.0"), [("2.0.0", "1.0.0"), ("3.0.0", "1.0.0")]),
        (("1.0.0-alpine", "1.1.0", "1.0.0"), [("1.1.0", "1.0.0")]),
        (("1.1.0-alpine", "1.0.0"), []),
        (("latest", "1.0.0"), []),
    ],
)
def test_a_lower_version_is_a_decision(values: Sequence[str], expected: list[tuple[str, str]]) -> None:
    """Whatever lowers a version of the same family leaves a tombstone; raising it leaves none."""
    assert found(values[-1], *map(line, values)) == expected


def test_lines_that_come_and_go_do_not_matter() -> None:
    """A value is followed through insertions above it, deletions below it, and its neighbours' changes."""
    first = "kind: X\nimage: a/b:1.0.0\nold: true\n"
    second = "kind: X\nnew: 1\nother: 2\nimage: a/b:1.1.0\n"
    third = "# by hand\nkind: X\nnew: 2\nother: 2\nimage: a/b:1.0.0\n"

    assert found("1.0.0", first, second, third) == [("1.1.0", "1.0.0")]


def test_values_that_look_alike_are_told_apart_by_their_order() -> None:
    """Of several lines that begin in the same way, each is compared with the one in its own place."""
    text = "a:\n  tag: {}\nb:\n  tag: {}\n"
    texts = [text.format(*values) for values in (("1.1", "3.0"), ("1.0", "3.1"))]

    assert found("1.0", *texts) == [("1.1", "1.0")]
    assert found("3.1", *texts) == []


def test_neighbouring_lines_that_change_together() -> None:
    """Within a block of changed lines, each goes back to the one that begins in the same way."""
    texts = ["api: 1.1.0\nweb: 2.0.0\n", "web: 2.1.0\nnew: 1\napi: 1.0.0\n"]

    assert found("1.0.0", *texts) == [("1.1.0", "1.0.0")]
    assert found("2.1.0", *texts) == []


def test_what_is_not_committed_is_no_decision() -> None:
    """The present text may differ from the last revision: only what revisions did counts."""
    now = line("0.9.0")
    dependency = managed(now, "0.9.0")
    history = {PRODUCTION: revisions(line("1.0.0"), line("1.1.0"), line("1.0.0"))}
    stones = tombstones([dependency], history, {PRODUCTION: now})

    assert [stone.version for stone in stones[dependency.dependency]] == ["1.1.0"]


def test_a_value_that_was_written_anew_has_no_past() -> None:
    """Where the line cannot be found in the earlier text, nothing is concluded."""
    assert found("1.0.0", "kind: X\ntag: 2.0.0\n", line("1.0.0")) == []


def test_a_huge_rewrite_is_given_up() -> None:
    """Following a value costs no more than comparing a few thousand lines."""
    texts = ["".join(f"{prefix}{i}\n" for i in range(3_000)) + "image: a/b:{}\n" for prefix in ("a", "b")]

    assert found("1.0.0", texts[0].format("1.1.0") + "z\n", texts[1].format("1.0.0")) == []


@pytest.mark.parametrize(
    ("where", "concerned"),
    [
        ("apps/production/api.yaml", True),
        ("apps/development/api.yaml", False),
        ("apps/production/other.yaml", False),
        ("apps/staging/other.yaml", False),
    ],
)
def test_a_decision_holds_in_later_environments(where: str, concerned: bool) -> None:  # noqa: FBT001 - a column
    """What staging went back from is not offered to the same place in production; elsewhere it is."""
    staging = "apps/staging/api.yaml"
    texts = [line("1.0.0"), line("1.1.0"), line("1.0.0")]
    both = [managed(texts[-1], "1.0.0", path=staging), managed(texts[-1], "1.0.0", path=where)]
    history = {staging: revisions(*texts), where: []}
    stones = tombstones(both, history, {staging: texts[-1], where: texts[-1]})

    assert (both[1].dependency in stones) == concerned


def stone(version: str, lowered_to: str = "1.0.0") -> Tombstone:
    return Tombstone(
        version=version,
        lowered_to=lowered_to,
        path=PRODUCTION,
        commit="a" * 40,
        when=NOW - timedelta(days=30),
        author="Ann",
        subject="Revert",
    )


def offered(stones: tuple[Tombstone, ...], *versions: str | Release) -> list[str]:
    """The best offer of each bucket."""
    dependency = tracked("1.0.0")
    (decided,) = decide_all(
        [dependency],
        {dependency.package: releases(*versions)},
        lambda found, _type, _version, _value: found.policy,
        by_version=False,
        tombstones={dependency.dependency: stones},
    )
    assert decided is not None
    return [choice.offers[0].version for choice in decided.choices if choice.offers[0].update_type in UpdateType]


def test_what_was_rolled_back_is_not_offered() -> None:
    """The version itself and those that were passed on the way down are stopped, the next higher one is offered."""
    assert offered((stone("1.2.0"),), "1.1.0", "1.2.0") == []
    assert offered((stone("1.2.0"),), "1.1.0", "1.2.0", "1.2.1") == ["1.2.1"]


def test_other_lines_go_on() -> None:
    """Who went back from 2.0.0 still gets what 1.x has."""
    assert offered((stone("2.0.0"),), "1.1.0", "2.0.0") == ["1.1.0"]
    assert offered((stone("2.0.0"),), "1.1.0", "2.0.0", "2.0.1") == ["2.0.1", "1.1.0"]


def test_what_appeared_later_was_not_passed() -> None:
    """A release below the one that was rolled back, published since, is something that nobody decided about."""
    since = Release(version="1.1.1", published=NOW - timedelta(days=1))

    assert offered((stone("1.2.0"),), "1.1.0", since, "1.2.0") == ["1.1.1"]


def test_why_says_who_and_where() -> None:
    """The explanation names the person, the day, the commit and the file."""
    dependency = tracked("1.0.0", policy=Policy())
    (decided,) = decide_all(
        [dependency],
        {dependency.package: releases("1.2.0")},
        lambda found, _type, _version, _value: found.policy,
        by_version=False,
        tombstones={dependency.dependency: (stone("1.2.0"),)},
    )
    assert decided is not None
    (decision,) = decided.decisions

    assert (decision.rule, decision.reason) == (
        "rolledBack",
        f"it was rolled back on 2026-10-24 by Ann (aaaaaaa in {PRODUCTION})",
    )
