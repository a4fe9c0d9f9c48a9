"""What lists of versions offer, before anything is asked about it: what a dry run shows that stops at the lookups."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from updater.model.decide import Choice, Held, Offer, Update
from updater.model.lookup import Releases
from updater.model.scan import Package
from updater.model.track import UpdateType
from updater.policy.plausible import is_credible
from updater.vet.proposal import Proposal
from updater.vet.vetter import Vetted, too_young

_FOUND_BY_ASKING = (UpdateType.DIGEST, UpdateType.ROLLBACK)
"""Whether there is any is only known from what the registry says of the version in use."""


def unproven(choices: Iterable[Choice], known: Mapping[Package, Releases], now: datetime) -> list[Vetted]:
    """The best offer of each choice; nobody has seen whether it can be had, and it has no edits.

    Dates in lists count against ``minimumReleaseAge``; what has none there may be held by a plan. Digests are new ones
    where the list tells them.
    """
    return [_unproven(choice, known.get(choice.tracked.package), now) for choice in choices]


def _unproven(choice: Choice, releases: Releases | None, now: datetime) -> Vetted:
    held: list[Held] = []
    for offer in choice.offers:
        if offer.update_type in _FOUND_BY_ASKING:
            continue
        young = _too_young(Proposal(choice, offer), now)
        if young is None:
            return Vetted(update=_update(choice, offer, releases), held=tuple(held))
        held.append(young)
    return Vetted(held=tuple(held))


def _too_young(proposal: Proposal, now: datetime) -> Held | None:
    published, gate = proposal.offer.release.published, proposal.gate
    if gate is None or not is_credible(published) or published + gate <= now:
        return None
    return too_young(proposal, since=published, gate=gate, evidence=f"published {published:%Y-%m-%d}")


def _update(choice: Choice, offer: Offer, releases: Releases | None) -> Update:
    is_pinned = choice.tracked.dependency.current_digest is not None
    return Update(
        tracked=choice.tracked,
        offer=offer,
        current_version=choice.current_version,
        new_digest=offer.release.digest if is_pinned else None,
        edits=(),
        source_url=releases.source_url if releases is not None else None,
    )
