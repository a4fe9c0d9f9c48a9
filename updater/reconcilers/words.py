"""What the descriptions of notifications say: whether it is the sync that failed, or health.

Three forms are understood. Ours, which ``docs/close-the-loop.md`` has a template for, is ``sync=<phase>
health=<health>``, in Argo CD's own words. The messages of Argo CD's catalogue are known by how they begin
(https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/catalog/); what comes behind is text of others.
Flux writes the reason of its event in small words, and nothing else.
"""

import re

from updater.api import RolloutState

_OURS = re.compile(r"sync=(?P<sync>.*?) health=(?P<health>\w+)")
_PHASES = {
    "Failed": RolloutState.FAILED_SYNC,
    "Error": RolloutState.FAILED_SYNC,
    "Running": RolloutState.SYNCING,
    "Terminating": RolloutState.SYNCING,
}
_HEALTH = {
    "Healthy": RolloutState.LIVE,
    "Degraded": RolloutState.FAILED_HEALTH,
    "Progressing": RolloutState.ROLLING,
    "Suspended": RolloutState.ROLLING,
    "Missing": RolloutState.ROLLING,
}
_EMOJI = r"\s*(?::\w+:\s*)?"
_ARGOCD = (
    (re.compile(rf"{_EMOJI}The sync operation of application \S+ has failed\b"), RolloutState.FAILED_SYNC),
    (re.compile(rf"{_EMOJI}The sync operation of application \S+ has started\b"), RolloutState.SYNCING),
    (re.compile(rf"{_EMOJI}Application \S+ has degraded\b"), RolloutState.FAILED_HEALTH),
    (re.compile(rf"{_EMOJI}Application \S+ is now running new version\b"), RolloutState.LIVE),
    (re.compile(rf"{_EMOJI}Application \S+ has been successfully synced\b"), RolloutState.LIVE_UNVERIFIED),
)
_FLUX = {
    "build failed": RolloutState.FAILED_RENDER,
    "artifact failed": RolloutState.FAILED_RENDER,
    "health check failed": RolloutState.FAILED_HEALTH,
    "test failed": RolloutState.FAILED_HEALTH,
    "reconciliation failed": RolloutState.FAILED_SYNC,
    "prune failed": RolloutState.FAILED_SYNC,
    "install failed": RolloutState.FAILED_SYNC,
    "upgrade failed": RolloutState.FAILED_SYNC,
    "rollback failed": RolloutState.FAILED_SYNC,
    "uninstall failed": RolloutState.FAILED_SYNC,
    "rollback succeeded": RolloutState.FAILED_REMEDIATED,
    "uninstall succeeded": RolloutState.FAILED_REMEDIATED,
    "dependency not ready": RolloutState.WAITING_SYNC,
    "progressing": RolloutState.SYNCING,
    "reconciliation succeeded": RolloutState.LIVE_UNVERIFIED,
    "install succeeded": RolloutState.LIVE_UNVERIFIED,
    "upgrade succeeded": RolloutState.LIVE_UNVERIFIED,
    "test succeeded": RolloutState.LIVE_UNVERIFIED,
}


def meaning(description: str) -> RolloutState | None:
    """The state that a description speaks of; None if its words are not known."""
    ours = _OURS.search(description)
    if ours is not None:
        return _PHASES.get(ours["sync"]) or _HEALTH.get(ours["health"])
    of_argocd = (state for pattern, state in _ARGOCD if pattern.match(description))
    return next(of_argocd, None) or _FLUX.get(description.strip().lower())
