"""Stage 2: distinct packages → what the registries offer. One request chain per package; failures stay with theirs.

An answer younger than ``fresh_for`` is taken from the store of an earlier run. All others are asked for, those first
that were never asked for or longest ago: where a registry allows a few requests only, each run gets on where the last
one stopped. Unknown is not gone: when a registry fails, the store's last answer serves if there is one, and the failure
is reported beside it. What an answer has lost of what the last one held counts on until the loss has lasted; an answer
that has lost most of it does not count at all until then.

A list that is too long for one run is read in portions, and what lies after the versions in use is looked for by name.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from msgspec import structs

from updater.api import Client, Clock, Datasource, ForwardSource, MadeDatasource, ResumableSource
from updater.errors import InvalidAnswer, NotFound, RateLimited, RequestError
from updater.model.lookup import Failed, Release, Releases, Remembered
from updater.model.scan import Package

BELIEVED_AFTER = timedelta(hours=6)
"""How long a registry must have left out what it named before until it is believed."""
KEPT_FOR = timedelta(days=30)
"""How long an answer serves in place of a registry that fails."""

_NEVER = datetime.min.replace(tzinfo=UTC)

Wanted = Mapping[Package, Collection[str]]
"""The packages to ask about, each with its versions that are in use."""


class ReleaseStore(Protocol):
    """Keeps answers between runs; losing them costs nothing but time."""

    async def recall(self, packages: Sequence[Package]) -> Mapping[Package, Remembered]:
        """What earlier runs knew of these packages; those that are not there are unknown."""
        ...

    async def remember(self, package: Package, remembered: Remembered) -> None:
        """Keep it for the next run."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is known of each package. A package may have both an (older) answer and a failure."""

    releases: Mapping[Package, Releases]
    failed: Mapping[Package, Failed]


async def lookup(
    wanted: Wanted,
    datasources: Mapping[str, Datasource],
    client: Client,
    store: ReleaseStore,
    clock: Clock,
    fresh_for: timedelta = timedelta(0),
) -> Answers:
    """Ask about each package once, all hosts at the same time; the client keeps the limits of each host.

    ``wanted`` holds for each package the versions that are in use.
    """
    shelf = _Shelf(store, _forms(datasources))
    known = await shelf.recall(list(wanted))
    asker = _Asker(datasources, client, shelf, clock, fresh_for)
    in_order = sorted(wanted, key=lambda package: known[package].asked_at if package in known else _NEVER)
    results = await asyncio.gather(*(asker.ask(each, wanted[each], known.get(each)) for each in in_order))
    answers = dict(zip(in_order, results, strict=True))
    return Answers(
        releases={package: releases for package in wanted if (releases := answers[package][0]) is not None},
        failed={package: failed for package in wanted if (failed := answers[package][1]) is not None},
    )


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The store; the answers of a datasource that the configuration has made stand under what it is made of."""

    store: ReleaseStore
    forms: Mapping[str, str]

    async def recall(self, packages: Sequence[Package]) -> Mapping[Package, Remembered]:
        filed = {package: self._filed(package) for package in packages}
        known = await self.store.recall(list(filed.values()))
        return {package: known[key] for package, key in filed.items() if key in known}

    async def remember(self, package: Package, remembered: Remembered) -> None:
        await self.store.remember(self._filed(package), remembered)

    def _filed(self, package: Package) -> Package:
        form = self.forms.get(package.datasource)
        return package if form is None else structs.replace(package, datasource=f"{package.datasource} {form}")


def _forms(datasources: Mapping[str, Datasource]) -> Mapping[str, str]:
    return {name: source.FORM for name, source in datasources.items() if isinstance(source, MadeDatasource)}


Answer = tuple[Releases | None, Failed | None]


@dataclass(frozen=True, slots=True)
class _Asker:
    datasources: Mapping[str, Datasource]
    client: Client
    store: ReleaseStore
    clock: Clock
    fresh_for: timedelta

    async def ask(self, package: Package, in_use: Collection[str], known: Remembered | None) -> Answer:
        now = self.clock()
        if known is not None and _is_fresh(known, now, self.fresh_for):
            return known.releases, None
        earlier = known.releases if known is not None and _is_kept(known, now) else None
        try:
            answer = await self._answer(package, earlier)
        except RequestError as error:
            await self._note_failure(package, known, error)
            since = known.fetched_at if known is not None and earlier is not None else None
            return _in_place_of_a_lost_one(earlier), _failed(package, error, since)
        if not answer.complete:
            answer = await self._looked_ahead(package, in_use, answer)
        answer = _with_what_was_known(answer, earlier) if earlier is not None else answer
        since = known.doubted_since if known is not None else None
        if known is None or earlier is None or not _missing(answer, earlier) or _has_lasted(since, now):
            await self.store.remember(package, Remembered(asked_at=now, releases=answer, fetched_at=now))
            return answer, None
        return await self._doubted(package, answer, replace(known, asked_at=now, doubted_since=since or now))

    async def _doubted(self, package: Package, answer: Releases, known: Remembered) -> Answer:
        """What counts while the registry does not name all that it named before."""
        earlier = known.releases
        assert earlier is not None
        assert known.doubted_since is not None
        if _is_poor(answer, earlier):
            await self.store.remember(package, known)
            return _in_place_of_a_lost_one(earlier), _poor(package, answer, earlier, known.doubted_since)
        together = replace(_joined(answer, earlier.releases), complete=False)
        await self.store.remember(package, replace(known, releases=together, fetched_at=known.asked_at))
        return together, None

    async def _answer(self, package: Package, earlier: Releases | None) -> Releases:
        """What the registry says now; of a list that is read in portions, together with those read before."""
        datasource = self.datasources[package.datasource]
        if earlier is None or earlier.cursor is None or not isinstance(datasource, ResumableSource):
            answer = await datasource.releases(package, self.client)
        else:
            answer = await datasource.resume(package, earlier.cursor, self.client)
        is_portion = answer.cursor is not None or (earlier is not None and earlier.cursor is not None)
        return _joined(answer, earlier.releases) if is_portion and earlier is not None else answer

    async def _looked_ahead(self, package: Package, in_use: Collection[str], answer: Releases) -> Releases:
        """With the versions after those in use, as far as they are found; failing to do so delays, and no more."""
        datasource = self.datasources[package.datasource]
        if not isinstance(datasource, ForwardSource):
            return answer
        for version in sorted(in_use):
            with suppress(RequestError):
                answer = _joined(answer, (await datasource.newer(package, version, self.client)).releases)
        return answer

    async def _note_failure(self, package: Package, known: Remembered | None, error: RequestError) -> None:
        """Who failed was asked all the same, and is asked again after the others; but for want of requests, nobody was.

        A cursor that the registry makes nothing of is given up: the reading begins anew.
        """
        if isinstance(error, RateLimited):
            return
        known = replace(known or Remembered(asked_at=self.clock()), asked_at=self.clock())
        if known.releases is not None and isinstance(error, InvalidAnswer | NotFound):
            known = replace(known, releases=replace(known.releases, cursor=None))
        await self.store.remember(package, known)


# ---------------------------------------------------------------- what is believed


def _is_fresh(known: Remembered, now: datetime, fresh_for: timedelta) -> bool:
    return known.releases is not None and known.fetched_at == known.asked_at and now - known.asked_at < fresh_for


def _is_kept(known: Remembered, now: datetime) -> bool:
    return known.fetched_at is not None and now - known.fetched_at < KEPT_FOR


def _missing(answer: Releases, earlier: Releases) -> bool:
    """Whether something that there was is there no more: withdrawn by its owner, or lost on the way."""
    named = {release.version for release in answer.releases}
    return any(release.version not in named for release in earlier.releases)


def _is_poor(answer: Releases, earlier: Releases) -> bool:
    """Whether most of what there was is missing: an accident of the registry, more likely than anybody's will."""
    return 2 * len(answer.releases) < len(earlier.releases)


def _has_lasted(since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since >= BELIEVED_AFTER


def _joined(answer: Releases, others: Sequence[Release]) -> Releases:
    """``answer`` with those of the ``others`` that it does not hold itself."""
    releases = {release.version: release for release in (*others, *answer.releases)}
    return replace(answer, releases=tuple(releases.values()))


def _with_what_was_known(answer: Releases, earlier: Releases) -> Releases:
    """Some registries tell dates and sources in one place and versions in another; one of them may be out of order."""
    dates = {release.version: release.published for release in earlier.releases if release.published is not None}
    releases = tuple(
        replace(release, published=dates[release.version])
        if release.published is None and release.version in dates
        else release
        for release in answer.releases
    )
    return replace(answer, releases=releases, source_url=answer.source_url or earlier.source_url)


def _in_place_of_a_lost_one(earlier: Releases | None) -> Releases | None:
    return replace(earlier, complete=False) if earlier is not None else None


# ---------------------------------------------------------------- what failed


def _failed(package: Package, error: RequestError, since: datetime | None) -> Failed:
    """``since`` is the time of the answer that serves in place of the lost one."""
    until = error.until if isinstance(error, RateLimited) else None
    serves = f"; meanwhile its answer of {since:%Y-%m-%d %H:%M} UTC serves" if since is not None else ""
    return Failed(subject=_subject(package), error=f"{error}{serves}", until=until)


def _poor(package: Package, answer: Releases, earlier: Releases, since: datetime) -> Failed:
    until = since + BELIEVED_AFTER
    words = f"the registry names {len(answer.releases)} versions of {len(earlier.releases)} that it had before"
    return Failed(
        subject=_subject(package),
        error=f"{words}; this is believed if it still does so after {until:%Y-%m-%d %H:%M} UTC",
        until=until,
    )


def _subject(package: Package) -> str:
    return f"{package.datasource} {package.name}"
