"""The joint between what registries answer and what is decided: which policy holds for which update."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial

from updater import decide, lookup, orders, track
from updater.config import Config, Policy
from updater.dashboard import Dashboard
from updater.model.decide import Choice, Decision, Held
from updater.model.lookup import Failed
from updater.model.scan import Dependency, Package
from updater.model.track import Tracked, UpdateType
from updater.pipeline.world import Tombstones


def in_use(dependencies: Iterable[Tracked]) -> lookup.Wanted:
    """Each package to be looked up, and the versions of it that the repository holds."""
    found: dict[Package, set[str]] = {}
    for tracked in dependencies:
        values = found.setdefault(tracked.package, set())
        if tracked.dependency.current_value is not None:
            values.add(tracked.dependency.current_value)
    return found


def decide_all(
    dependencies: Sequence[Tracked],
    answers: lookup.Answers,
    config: Config,
    stones: Tombstones,
    now: datetime,
) -> tuple[list[Choice], list[Held], Mapping[Dependency, tuple[Decision, ...]]]:
    """The choices, what has to wait until something else has moved, and the reasons for everything."""
    policy_for, by_version = policies_of(config, answers, now), config.depends_on_new_version
    made = decide.decide_all(dependencies, answers.releases, policy_for, by_version=by_version, tombstones=stones)
    explain = {
        tracked.dependency: partial(_explained, tracked, decided, answers.failed.get(tracked.package))
        for tracked, decided in zip(dependencies, made, strict=True)
    }
    choices = [choice for decided in made if decided is not None for choice in decided.choices]
    waiting = [decided.held for decided in made if decided is not None and decided.held is not None]
    return choices, waiting, decide.Decisions(explain)


def _explained(tracked: Tracked, decided: decide.Decided | None, failure: Failed | None) -> tuple[Decision, ...]:
    """What became of each release, after the failure of the lookup, if it failed."""
    chain = decided.explain() if decided is not None else ()
    if decided is not None and failure is None:
        return chain
    reason, until = (failure.error, failure.until) if failure is not None else ("not looked up", None)
    return (Decision(subject=tracked.name, accepted=False, rule="lookup", reason=reason, until=until), *chain)


def policies_of(config: Config, answers: lookup.Answers, now: datetime) -> decide.PolicyFor:
    """What the configuration says of each update, with what the registries know of its package."""
    age_of = _ages(answers, now)

    def policy_for(tracked: Tracked, update_type: UpdateType, new_version: str, new_value: str | None) -> Policy:
        releases = answers.releases.get(tracked.package)
        subject = track.subject_of(
            tracked.dependency,
            update_type=update_type,
            new_version=new_version,
            new_value=new_value,
            source_url=releases.source_url if releases else None,
            current_age=age_of(tracked.package, track.version_in_use(tracked)),
            is_breaking=track.is_breaking(tracked, update_type),
        )
        return config.policy(subject)

    return policy_for


def _ages(answers: lookup.Answers, now: datetime) -> Callable[[Package, str | None], timedelta | None]:
    """How long ago versions were published; None for what is not exactly one, and where the registry does not say."""

    @cache
    def age_of(package: Package, version: str | None) -> timedelta | None:
        releases = answers.releases.get(package)
        if releases is None or version is None:
            return None
        plain = version.removeprefix("v")
        found = (each.published for each in releases.releases if each.version.removeprefix("v") == plain)
        published = next(found, None)
        return now - published if published is not None else None

    return age_of


def unforgiven(stones: Tombstones, board: Dashboard | None) -> Tombstones:
    """What was decided against, less what somebody forgave on the dashboard."""
    forgiven = board.forgiven if board is not None else frozenset()
    if not forgiven:
        return stones
    return {
        dependency: tuple(
            stone for stone in found if orders.forgiveness_of(dependency.package, stone.version) not in forgiven
        )
        for dependency, found in stones.items()
    }
