"""Takes the releases of each choice, best first, until one passes."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from updater import versioning
from updater.editing import entry_edits, hash_list, replacement_edits, value_edits, why_not_replaceable
from updater.errors import NotFound, RateLimited, RequestError
from updater.model.decide import Choice, Held, Offer, Update
from updater.model.lookup import Failed, Releases
from updater.model.scan import Dependency, Edit, Package
from updater.model.track import Tracked, UpdateType
from updater.policy.plausible import LONG, is_credible, of_another_time
from updater.vet.age import Age, Ages, FirstSeen
from updater.vet.platforms import lacking, needed
from updater.vet.proposal import FORCED, PINS, Proposal
from updater.vet.sources import Sources

_IN_A_ROW = 4
"""After so many releases that were asked about in vain, the next ones are tried ever further apart."""
KNOWN_IN_USE = timedelta(days=7)
"""How long it is taken for known what the tag in use stands for: what it ran on a week ago is not to be lost now."""
KNOWN_PROPOSED = timedelta(days=1)
"""The same for a tag that is proposed: releases hardly ever lose a platform, and its pull request is there by then."""
KNOWN_DIGEST = timedelta(minutes=30)
"""The same where its digest is written down, which is to be the newest."""
_DIGESTS = (UpdateType.DIGEST, UpdateType.PIN_DIGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """What one choice came to. There may be an update and, for newer releases, reasons why they are held."""

    update: Update | None = None
    held: tuple[Held, ...] = ()
    failed: Failed | None = None


async def vet(
    choices: Iterable[Choice],
    sources: Sources,
    known: Mapping[Package, Releases],
    first_seen: FirstSeen,
    now: datetime,
) -> list[Vetted]:
    """Vet all choices; the result has their order. ``known`` is what registries answered.

    All are vetted at the same time, but those with the same offers one after the other: the first one asks.
    """
    ages = Ages(sources, first_seen, now)
    await ages.watch(known)
    choices = list(choices)
    vetter = _Vetter(sources, known, ages, frozenset(_whose_digests_are_compared(choices)))
    alike: dict[int, list[int]] = {}
    for place, choice in enumerate(choices):
        alike.setdefault(id(choice.offers), []).append(place)
    results = await asyncio.gather(*(vetter.vet_all([choices[each] for each in places]) for places in alike.values()))
    found = dict(zip(chain(*alike.values()), chain(*results), strict=True))
    return [found[place] for place in range(len(choices))]


@dataclass(frozen=True, slots=True)
class _Vetter:
    sources: Sources
    known: Mapping[Package, Releases]
    ages: Ages
    compared: frozenset[Dependency]
    """Of these it is asked, in any case, what their tags stand for now."""

    async def vet_all(self, choices: Iterable[Choice]) -> list[Vetted]:
        return [await self.vet(choice) for choice in choices]

    async def vet(self, choice: Choice) -> Vetted:
        held: list[Held] = []
        try:
            update = await self._first_that_passes(choice, held)
            if update is None and _is_flexible(choice, held):
                verdict = await self._verdict(choice, choice.offers[0], of_any_age=True)
                return Vetted(held=(verdict,)) if isinstance(verdict, Held) else Vetted(update=verdict)
        except RequestError as error:
            return Vetted(held=tuple(held), failed=_failed(choice.tracked, error))
        return Vetted(update=update, held=tuple(held))

    async def _first_that_passes(self, choice: Choice, held: list[Held]) -> Update | None:
        """The newest release that passes; those that do not are added to ``held``.

        Each question costs requests, so of a long row that does not pass some are left out, and where one passes, the
        last that does is looked for by halves: what is too young or lost a platform did so from some release on.
        """
        place, stride, asked, before = 0, 1, 0, -1
        while (place := _within(choice, place, before)) > before:
            verdict = await self._verdict(choice, choice.offers[place])
            if not isinstance(verdict, Held):
                return await self._last_that_passes(choice, held, before, place, verdict)
            held.append(verdict)
            asked += not _was_free(choice.offers[place], verdict)
            stride = stride * 2 if asked > _IN_A_ROW else stride
            place, before = place + stride, place
        return None

    async def _last_that_passes(
        self, choice: Choice, held: list[Held], before: int, place: int, update: Update | None
    ) -> Update | None:
        """The newest release that passes between one that does not and an older one that does."""
        while place - before > 1:
            middle = (place + before) // 2
            verdict = await self._verdict(choice, choice.offers[middle])
            if isinstance(verdict, Held):
                held.append(verdict)
                before = middle
            else:
                place, update = middle, verdict
        return update

    async def _verdict(self, choice: Choice, offer: Offer, *, of_any_age: bool = False) -> Update | Held | None:
        """The update, why there is none now, or None where nothing would change."""
        proposal = Proposal(choice, offer)
        try:
            if offer.update_type is UpdateType.ROLLBACK and await self._is_there(choice.tracked):
                return None
            if offer.update_type in _DIGESTS:
                proposal = replace(proposal, digest=await self._digest(proposal))
                if proposal.digest in (None, choice.tracked.dependency.current_digest):
                    return None
            age = await self._age(proposal)
            objection = (
                await self._irreplaceable(proposal)
                or (None if of_any_age else self._too_young(proposal, age))
                or await self._implausible(proposal, age)
                or await self._lacking(proposal)
            )
            if objection is not None:
                return objection
            proposal = replace(proposal, digest=proposal.digest or await self._digest(proposal))
        except NotFound:
            return proposal.held("missing", "the registry does not deliver it")
        return await self._update(proposal, age)

    async def _update(self, proposal: Proposal, age: Age | None) -> Update | Held:
        tracked, offer = proposal.tracked, proposal.offer
        if proposal.digest is None and tracked.dependency.current_digest is not None:
            return proposal.held("digest", "its datasource cannot tell the digest that must move along")
        if age is not None and age.by_registry:
            offer = replace(offer, release=replace(offer.release, published=age.dated))
        releases = self.known.get(tracked.package)
        return Update(
            tracked=tracked,
            offer=offer,
            current_version=proposal.choice.current_version,
            new_digest=proposal.digest,
            edits=tuple(await self._edits(proposal)),
            source_url=releases.source_url if releases is not None else None,
            age_evidence=age.evidence if age is not None else None,
            old_enough=_old_enough(proposal, age),
        )

    # ------------------------------------------------------------ age

    async def _age(self, proposal: Proposal) -> Age | None:
        """How old the release is; None where no rule needs to know and the list of versions does not tell."""
        package, release = proposal.tracked.package, proposal.offer.release
        if proposal.minimum_age is None and not (proposal.is_jump and self.sources.know_dates(package)):
            return self.ages.listed(release)
        if proposal.offer.update_type is UpdateType.DIGEST and proposal.digest is not None:
            return await self.ages.of_content(package, release, proposal.digest)
        return await self.ages.of(package, release)

    def _too_young(self, proposal: Proposal, age: Age | None) -> Held | None:
        """``minimumReleaseAge``."""
        ready = _old_enough(proposal, age)
        if proposal.gate is None or age is None or ready is None or ready <= self.ages.now:
            return None
        return too_young(proposal, since=age.since, gate=proposal.gate, evidence=age.evidence)

    async def _implausible(self, proposal: Proposal, age: Age | None) -> Held | None:
        """A higher version that is far older than the one in use, whose date is asked for where that can be.

        What turned up while the package was watched is not, whatever it says of itself.
        """
        if age is None or age.dated is None or not proposal.is_step or proposal.offer.policy.allowed_versions:
            return None
        name = proposal.name_in_use
        if name is None or age.since + LONG >= self.ages.now:
            return None
        reason = of_another_time(age.since, await self._date_in_use(proposal.tracked.package, name), name)
        return proposal.held("implausible", reason) if reason is not None else None

    async def _date_in_use(self, package: Package, name: str) -> datetime | None:
        releases = self.known.get(package)
        listed = (
            next((each.published for each in releases.releases if each.version == name), None) if releases else None
        )
        if is_credible(listed):
            return listed
        try:
            said = await self.sources.published(package, name)
        except NotFound:
            return None
        return said.when if said is not None else None

    # ------------------------------------------------------------ platforms

    async def _lacking(self, proposal: Proposal) -> Held | None:
        """An image that runs on fewer platforms than the one in use."""
        tracked, release = proposal.tracked, proposal.offer.release
        if not _asks_for_platforms(proposal.offer) or not self.sources.know_platforms(tracked.package):
            return None
        reference = release.digest or proposal.digest or release.version
        new = await self.sources.platforms(tracked.package, reference, within=_freshness(proposal))
        name = tracked.dependency.current_digest or self._listed_digest(proposal) or proposal.name_in_use
        declared = frozenset(proposal.offer.policy.platforms)
        if not new or name is None or (declared and not lacking(new, declared)):
            return None
        lost = lacking(new, needed(await self._platforms_in_use(tracked, name), declared))
        in_use = tracked.dependency.current_value or "the one in use"
        return proposal.held("platforms", f"has no {' or '.join(lost)}, which {in_use} has") if lost else None

    def _listed_digest(self, proposal: Proposal) -> str | None:
        """The digest of the version in use, if the list of versions tells it."""
        releases = self.known.get(proposal.tracked.package)
        listed = releases.releases if releases is not None else ()
        return next((each.digest for each in listed if each.version == proposal.name_in_use), None)

    async def _platforms_in_use(self, tracked: Tracked, name: str) -> frozenset[str]:
        """``name`` is a digest or a tag. What the tag beside a digest stands for is mostly the same: it comes first."""
        package, dependency = tracked.package, tracked.dependency
        if dependency in self.compared and dependency.current_value is not None:
            with suppress(RequestError):
                await self.sources.digest(package, dependency.current_value, within=KNOWN_DIGEST)
        try:
            return await self.sources.platforms(package, name, within=KNOWN_IN_USE)
        except NotFound:  # it is reported elsewhere, and is one more reason to go on
            return frozenset()

    # ------------------------------------------------------------ digest and edits

    async def _digest(self, proposal: Proposal) -> str | None:
        offer = proposal.offer
        if not proposal.wants_digest:
            return None
        within = KNOWN_DIGEST if _asks_for_platforms(offer) else None
        return offer.release.digest or await self.sources.digest(proposal.package, offer.release.version, within=within)

    async def _irreplaceable(self, proposal: Proposal) -> Held | None:
        """A package in whose place no other one can be written, or none that has the version."""
        replacement = proposal.offer.replacement
        if replacement is None:
            return None
        if reason := why_not_replaceable(proposal.tracked, replacement):
            return proposal.held("replacement", reason)
        exists = await self._exists(proposal)
        return None if exists else proposal.held("missing", f"{replacement} has no {proposal.offer.version}")

    async def _is_there(self, tracked: Tracked) -> bool:
        """Whether the version in use can be had, though a list that is complete has left it out."""
        value = tracked.dependency.current_value
        if value is None or not self.sources.know_digests(tracked.package):
            return False
        try:
            return await self.sources.digest(tracked.package, value) is not None
        except NotFound:
            return False

    async def _exists(self, proposal: Proposal) -> bool:
        """Whether the package that takes the place of another has the version; it was not looked up."""
        scheme, version = versioning.get(proposal.tracked.versioning), proposal.offer.version
        is_range = scheme.is_valid(version) and not scheme.is_single(version)
        if self.sources.know_digests(proposal.package) and not is_range:
            return await self.sources.digest(proposal.package, version) is not None
        names = await self.sources.names(proposal.package)
        return not names or any(scheme.matches(name, version) for name in names)

    async def _edits(self, proposal: Proposal) -> list[Edit]:
        values = value_edits(proposal.tracked.dependency, proposal.offer, proposal.digest)
        if proposal.offer.replacement is not None:
            return [*replacement_edits(proposal.tracked, proposal.offer.replacement), *values]
        return [*values, *await self._lock_edits(proposal.tracked, proposal.offer)]

    async def _lock_edits(self, tracked: Tracked, offer: Offer) -> list[Edit]:
        """The entry in the lock file moves as a whole; one with hashes that nobody can tell stays."""
        lock = tracked.lock
        if lock is None:
            return []
        if lock.hashes_span is None:
            return entry_edits(lock, tracked, offer)
        hashes = await self.sources.hashes(tracked.package, lock.package, offer.version, lock.hashes)
        if hashes is None:
            return []
        return [*entry_edits(lock, tracked, offer), Edit(path=lock.path, span=lock.hashes_span, text=hash_list(hashes))]


def _whose_digests_are_compared(choices: Iterable[Choice]) -> Iterator[Dependency]:
    return (each.tracked.dependency for each in choices if each.offers[0].update_type is UpdateType.DIGEST)


def _asks_for_platforms(offer: Offer) -> bool:
    """Whether it has to run wherever the one in use does."""
    return offer.update_type not in (*PINS, *FORCED)


def _freshness(proposal: Proposal) -> timedelta:
    return KNOWN_DIGEST if proposal.wants_digest else KNOWN_PROPOSED


def too_young(proposal: Proposal, *, since: datetime, gate: timedelta, evidence: str) -> Held:
    """It is held until it is old enough; ``evidence`` says in words how old it is."""
    reason = f"{evidence}; minimumReleaseAge is {_days(gate)}"
    return proposal.held("minimumReleaseAge", reason, until=since + gate)


def _old_enough(proposal: Proposal, age: Age | None) -> datetime | None:
    """When the release is as old as it has to be; one that nobody dates is so at once, where it needs no date."""
    least = proposal.minimum_age
    if least is None or age is None:
        return None
    needs_no_date = proposal.offer.policy.minimum_release_age_behaviour == "timestamp-optional"
    return age.since if age.dated is None and needs_no_date else age.since + least


def _within(choice: Choice, place: int, before: int) -> int:
    """``place``, or that of the last offer if there are not so many; ``before`` where nothing is left to be tried."""
    try:
        choice.offers[place]
    except IndexError:
        return max(len(choice.offers) - 1, before)
    return place


def _was_free(offer: Offer, held: Held) -> bool:
    """Whether the list of versions told why it is held."""
    return held.rule == "minimumReleaseAge" and is_credible(offer.release.published)


def _is_flexible(choice: Choice, held: Iterable[Held]) -> bool:
    """``internalChecksFilter: flexible``: where nothing is old enough, the newest is taken as it is."""
    rules = {each.rule for each in held}
    return rules == {"minimumReleaseAge"} and choice.offers[0].policy.internal_checks_filter == "flexible"


def _days(age: timedelta) -> str:
    days = age.total_seconds() / 86_400
    return f"{days:g} day{'' if days == 1 else 's'}"


def _failed(tracked: Tracked, error: RequestError) -> Failed:
    until = error.until if isinstance(error, RateLimited) else None
    return Failed(subject=f"{tracked.package.datasource} {tracked.package.name}", error=str(error), until=until)
