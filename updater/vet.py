"""Stage 4: the best release of each choice that really can be used → an update with its edits, or why it is held.

Only what is asked here costs requests: the age of the chosen release, the digest behind its tag, the hashes for
its lock file. The first release that passes is taken; the newer ones that did not are reported as held.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from updater.api import Client, Datasource, DigestSource, HashSource
from updater.errors import NotFound, RequestError
from updater.model import Choice, Edit, Failed, Held, LockEntry, Offer, Package, Release, Tracked, Update, UpdateType


class FirstSeen(Protocol):
    """Remembers when a version was first seen by this tool: the evidence of age that always exists."""

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        """When each version was first asked about; ``now`` for the new ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """What one choice came to. There may be an update and, for newer releases, reasons why they are held."""

    update: Update | None = None
    held: tuple[Held, ...] = ()
    failed: Failed | None = None


async def vet(
    choices: Iterable[Choice],
    datasources: Mapping[str, Datasource],
    client: Client,
    first_seen: FirstSeen,
    source_urls: Mapping[Package, str | None],
    now: datetime,
) -> list[Vetted]:
    """Vet all choices at the same time. The result has the order of ``choices``."""
    vetter = _Vetter(datasources, client, first_seen, source_urls, now)
    return list(await asyncio.gather(*(vetter.vet(choice) for choice in choices)))


@dataclass(frozen=True, slots=True)
class _Vetter:
    datasources: Mapping[str, Datasource]
    client: Client
    first_seen: FirstSeen
    source_urls: Mapping[Package, str | None]
    now: datetime

    async def vet(self, choice: Choice) -> Vetted:
        held: list[Held] = []
        try:
            for offer in choice.offers:
                verdict = await self._verdict(choice, offer)
                if isinstance(verdict, Held):
                    held.append(verdict)
                else:
                    return Vetted(update=verdict, held=tuple(held))
            if held and _is_flexible(choice, held):
                verdict = await self._verdict(choice, choice.offers[0], of_any_age=True)
                return Vetted(held=(verdict,)) if isinstance(verdict, Held) else Vetted(update=verdict)
        except RequestError as error:
            return Vetted(held=tuple(held), failed=_failed(choice.tracked, error))
        return Vetted(held=tuple(held))

    async def _verdict(self, choice: Choice, offer: Offer, *, of_any_age: bool = False) -> Update | Held | None:
        tracked = choice.tracked
        too_young, evidence = await self._too_young(tracked, offer)
        if too_young is not None and not of_any_age:
            return too_young
        try:
            digest = await self._digest(tracked, offer)
        except NotFound:
            return _held(tracked, offer, "digest", "the registry lists it, but does not deliver it")
        if offer.update_type in (UpdateType.DIGEST, UpdateType.PIN_DIGEST) and _same_digest(tracked, digest):
            return None
        if digest is None and tracked.dependency.current_digest is not None:
            return _held(tracked, offer, "digest", "its datasource cannot tell the digest that must move along")
        return Update(
            tracked=tracked,
            offer=offer,
            current_version=choice.current_version,
            new_digest=digest,
            edits=tuple(await self._edits(tracked, offer, digest)),
            source_url=self.source_urls.get(tracked.package),
            age_evidence=evidence,
        )

    # ------------------------------------------------------------ age

    async def _too_young(self, tracked: Tracked, offer: Offer) -> tuple[Held | None, str | None]:
        """Whether ``minimumReleaseAge`` holds the release, and which evidence of its age counted."""
        release, age = offer.release, offer.policy.minimum_release_age
        if not age or offer.update_type is UpdateType.PIN:
            return None, _published(release)
        since = release.published or await self._first_seen(tracked, release)
        evidence = _published(release) or f"first seen {since:%Y-%m-%d} (the registry gives no date)"
        undated = release.published is None and offer.policy.minimum_release_age_behaviour == "timestamp-optional"
        if since + age <= self.now or undated or offer.policy.internal_checks_filter == "none":
            return None, evidence
        reason = f"{evidence}; minimumReleaseAge is {_days(age.total_seconds())}"
        return _held(tracked, offer, "minimumReleaseAge", reason, until=since + age), evidence

    async def _first_seen(self, tracked: Tracked, release: Release) -> datetime:
        return (await self.first_seen.first_seen(tracked.package, [release.version], self.now))[release.version]

    # ------------------------------------------------------------ digest and edits

    async def _digest(self, tracked: Tracked, offer: Offer) -> str | None:
        wanted = tracked.dependency.current_digest is not None or offer.update_type is UpdateType.PIN_DIGEST
        if not wanted and not (offer.policy.pin_digests and tracked.dependency.pinnable):
            return None
        if offer.release.digest is not None:
            return offer.release.digest
        datasource = self.datasources[tracked.package.datasource]
        if not isinstance(datasource, DigestSource):
            return None
        return await datasource.digest(tracked.package, offer.release.version, self.client)

    async def _edits(self, tracked: Tracked, offer: Offer, digest: str | None) -> list[Edit]:
        return [*_value_edits(tracked, offer, digest), *await self._lock_edits(tracked, offer)]

    async def _lock_edits(self, tracked: Tracked, offer: Offer) -> list[Edit]:
        """The entry in the lock file moves as a whole; one with hashes that nobody can tell stays."""
        lock = tracked.lock
        if lock is None:
            return []
        if lock.hashes_span is None:
            return _entry_edits(lock, tracked, offer)
        datasource = self.datasources[tracked.package.datasource]
        if not isinstance(datasource, HashSource):
            return []
        hashes = await datasource.hashes(lock.package, offer.version, lock.hashes, self.client)
        hash_edit = Edit(path=lock.path, span=lock.hashes_span, text=_hash_list(hashes))
        return [*_entry_edits(lock, tracked, offer), hash_edit]


def _entry_edits(lock: LockEntry, tracked: Tracked, offer: Offer) -> list[Edit]:
    """The version in a lock file, and the constraint if one is recorded there."""
    edits = []
    if lock.version != offer.version:
        edits.append(Edit(path=lock.path, span=lock.version_span, text=offer.version))
    constraints = _constraints(lock.constraints, tracked.dependency.current_value, offer.new_value)
    if lock.constraints_span is not None and constraints is not None:
        edits.append(Edit(path=lock.path, span=lock.constraints_span, text=constraints))
    return edits


def _value_edits(tracked: Tracked, offer: Offer, digest: str | None) -> list[Edit]:
    """The value and the digest are one change: both are edited, or the digest is written behind the value."""
    dependency, edits = tracked.dependency, []
    new_value = offer.new_value or ""
    if digest is not None and dependency.digest_span is None and dependency.span is not None:
        return [Edit(path=dependency.path, span=dependency.span, text=f"{new_value}@{digest}")]
    if dependency.span is not None and new_value != dependency.current_value:
        edits.append(Edit(path=dependency.path, span=dependency.span, text=new_value))
    if digest is not None and dependency.digest_span is not None and digest != dependency.current_digest:
        edits.append(Edit(path=dependency.path, span=dependency.digest_span, text=digest))
    return edits


def _constraints(recorded: str | None, old: str | None, new: str | None) -> str | None:
    """The recorded constraints with ours replaced; None if ours is not among them, or stays.

    Terraform records the constraints of all modules of a root in one list, separated by ", ".
    """
    clauses = (recorded or "").split(", ")
    ours = (old or "").split(", ")
    if new is None or new == old or not set(ours) <= set(clauses):
        return None
    place = clauses.index(ours[0])
    others = [clause for clause in clauses[place:] if clause not in ours]
    return ", ".join((*clauses[:place], new, *others))


def _hash_list(hashes: Sequence[str]) -> str:
    """The list as Terraform writes it: one a line, four spaces in front, a comma behind each."""
    return "".join(f'\n    "{each}",' for each in hashes) + "\n  "


def _same_digest(tracked: Tracked, digest: str | None) -> bool:
    return digest is None or digest == tracked.dependency.current_digest


def _is_flexible(choice: Choice, held: Sequence[Held]) -> bool:
    """``internalChecksFilter: flexible``: where nothing is old enough, the newest is taken as it is."""
    flexible = choice.offers[0].policy.internal_checks_filter == "flexible"
    return flexible and all(each.rule == "minimumReleaseAge" for each in held)


def _held(tracked: Tracked, offer: Offer, rule: str, reason: str, *, until: datetime | None = None) -> Held:
    return Held(
        tracked=tracked,
        update_type=offer.update_type,
        new_version=offer.version,
        rule=rule,
        reason=reason,
        until=until,
        origin=offer.policy.origins.get("minimum_release_age") if rule == "minimumReleaseAge" else None,
    )


def _published(release: Release) -> str | None:
    return f"published {release.published:%Y-%m-%d}" if release.published else None


def _days(seconds: float) -> str:
    days = seconds / 86_400
    return f"{days:g} day{'' if days == 1 else 's'}"


def _failed(tracked: Tracked, error: RequestError) -> Failed:
    return Failed(subject=f"{tracked.package.datasource} {tracked.package.name}", error=str(error))
