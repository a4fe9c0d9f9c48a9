"""What became of a merged pull request as records of deployments, which forges show beside their environments."""

from collections.abc import Iterator, Sequence

from updater.api import Deployment, DeploymentState, PullRequest, Rollout, RolloutState
from updater.observe.notes import CONTEXT, in_numbers, state_of


def records(rollouts: Sequence[Rollout], pull: PullRequest, commit: str) -> Iterator[Deployment]:
    """One for each environment that has a name; none of them holds words of a cluster."""
    for name in dict.fromkeys(rollout.environment for rollout in rollouts):
        own = [rollout for rollout in rollouts if rollout.environment == name]
        if name is not None:
            yield _record(name, own, pull, commit)


def _record(name: str, rollouts: Sequence[Rollout], pull: PullRequest, commit: str) -> Deployment:
    states = [rollout.verdict.state for rollout in rollouts]
    is_over = all(state is RolloutState.SUPERSEDED for state in states)
    rules = ", ".join(dict.fromkeys(rollout.verdict.rule for rollout in rollouts))
    return Deployment(
        environment=name,
        commit=commit,
        state=DeploymentState.INACTIVE if is_over else DeploymentState(state_of(states)),
        description=f"{in_numbers(states)} ({rules})",
        branch=pull.base,
        task=CONTEXT,
        url=pull.url,
    )
