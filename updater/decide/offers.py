"""The choices that one dependency has, and their offers, made when vetting gets to them."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import cast, overload

from updater.decide.judge import Judge
from updater.model.decide import Choice, Offer
from updater.model.lookup import Release
from updater.versioning.listing import Listed


def steps(judge: Judge, newer: Sequence[Listed]) -> Iterator[Choice]:
    """One choice for each bucket that has an offer, the newest first."""
    firsts = (_first(judge, newer, places) for places in _buckets(judge, newer))
    for _, offers in sorted((first for first in firsts if first is not None), key=itemgetter(0)):
        # A sequence stands for the tuple, because a tuple cannot wait to be filled.
        offered = cast("tuple[Offer, ...]", offers)
        yield Choice(tracked=judge.tracked, current_version=judge.question.current, offers=offered)


def _buckets(judge: Judge, newer: Sequence[Listed]) -> Iterable[Sequence[int]]:
    """The places of the releases that compete; where policies are by type, a minor version does so as a whole."""
    buckets: dict[str, list[int]] = {}
    by_series: dict[Hashable, list[int]] = {}
    by_type = judge.policies.by_type is not None
    for place, listed in enumerate(newer):
        series: Hashable = listed.version.numbers[:2] if by_type else place
        places = by_series.get(series)
        if places is None:
            places = by_series[series] = buckets.setdefault(judge.bucket(listed), [])
        places.append(place)
    return buckets.values()


def _first(judge: Judge, newer: Sequence[Listed], places: Sequence[int]) -> "tuple[int, Offers] | None":
    """The first place of a bucket that has an offer, and the bucket's offers from there on."""
    for index, place in enumerate(places):
        offer = judge.judge(newer[place])
        if isinstance(offer, Offer):
            return place, Offers(offer, tuple(newer[each].release for each in places[index + 1 :]), judge)
    return None


class Offers(Sequence[Offer]):
    """The offers of a choice, best first: the first one, and those of the ``older`` releases when they are asked for.

    Shared by all dependencies that are alike. It compares equal to whatever holds equal offers.
    """

    __slots__ = ("_judge", "_made", "_older")

    def __init__(self, first: Offer, older: tuple[Release, ...], judge: Judge) -> None:
        self._made = [first]
        self._older = iter(older)
        self._judge = judge

    @overload
    def __getitem__(self, index: int) -> Offer: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Offer]: ...

    def __getitem__(self, index: int | slice) -> Offer | Sequence[Offer]:
        if isinstance(index, slice) or index < 0:
            self._make(None)
        else:
            self._make(index + 1)
        return self._made[index]

    def __len__(self) -> int:
        self._make(None)
        return len(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def _make(self, count: int | None) -> None:
        """Make offers until there are so many, or all."""
        while count is None or len(self._made) < count:
            release = next(self._older, None)
            if release is None:
                return
            listed = self._judge.listed(release)
            outcome = self._judge.judge(listed) if listed is not None else None
            if isinstance(outcome, Offer):
                self._made.append(outcome)
