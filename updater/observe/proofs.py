"""What is proven: a version that ran healthily for the soak time in every target that it reached in an environment."""

from collections.abc import Iterable

from updater.api import Rollout, RolloutState
from updater.model.scan import Package
from updater.rollout import Proof


def proofs(rollouts: Iterable[Rollout]) -> tuple[Proof, ...]:
    """One for each package, version and environment of which every target of the pull request is proven."""
    found: dict[tuple[str, str, Package, str | None, str | None], list[Rollout]] = {}
    for rollout in rollouts:
        for change in rollout.expectation.changes:
            if rollout.environment is not None:
                key = (rollout.expectation.commit, rollout.environment, change.package, change.new, change.new_digest)
                found.setdefault(key, []).append(rollout)
    return tuple(
        proof
        for (_, environment, package, value, digest), members in found.items()
        if (proof := _proof(environment, package, value, digest, members)) is not None
    )


def _proof(
    environment: str, package: Package, value: str | None, digest: str | None, members: list[Rollout]
) -> Proof | None:
    """None if one of the targets is not proven; the last of them decides about the times."""
    since = [each.verdict.since for each in members]
    until = [each.verdict.until for each in members]
    if any(each.verdict.state is not RolloutState.PROVEN for each in members) or None in since or None in until:
        return None
    return Proof(
        package=package,
        value=value,
        digest=digest,
        environment=environment,
        since=max(filter(None, since)),
        until=max(filter(None, until)),
        rollouts=tuple(members),
    )
