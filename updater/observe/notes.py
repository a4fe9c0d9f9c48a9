"""What we say of a merged commit on the forge, as a commit status, and read again in later runs.

It is all that a run has to remember: whether anything is left to be followed, when each environment was healthy for the
first time, and whether the comment has to be written anew. Losing it costs requests and the exactness of one time.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from updater.api import CheckState, Rollout, RolloutState, Status
from updater.observe.verdicts import latest_health

CONTEXT = "updater/rollout"

_LIMIT = 140
"""Forges cut or refuse longer descriptions."""

_FORM = re.compile(r"\((?P<times>[^()]*?)#(?P<hash>[0-9a-f]{8})\)$")
_TIME = re.compile(r"([^\s=]*)=(\d+)")
_FINAL = "done: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a status holds. ``digest`` tells the comment that was written with it from any other."""

    state: CheckState
    words: str
    digest: str
    is_final: bool = False
    first_healthy: Mapping[str, datetime] = field(default_factory=dict)

    def status(self, url: str | None) -> Status:
        """The status to be set."""
        times = "".join(f"{name}={int(when.timestamp())} " for name, when in sorted(self.first_healthy.items()))
        tail = f" ({times}#{self.digest})"
        words = f"{_FINAL if self.is_final else ''}{self.words}"
        return Status(context=CONTEXT, state=self.state, description=words[: _LIMIT - len(tail)] + tail, url=url)


def note_of(rollouts: Sequence[Rollout], comment: str, known: Mapping[str, datetime]) -> Note:
    """What is to be said of a pull request's targets; ``known`` is when environments were first seen healthy."""
    states = [rollout.verdict.state for rollout in rollouts]
    return Note(
        state=_state(states),
        words=_in_words(rollouts),
        digest=hashlib.sha256(comment.encode()).hexdigest()[:8],
        is_final=bool(states) and all(state.is_final for state in states),
        first_healthy={**latest_health(rollouts), **known},
    )


def read_note(statuses: Iterable[Status]) -> Note | None:
    """What an earlier run said; None if none did, or somebody changed it."""
    status = next((each for each in statuses if each.context == CONTEXT), None)
    match = _FORM.search(status.description) if status is not None else None
    if status is None or match is None:
        return None
    words = status.description[: match.start()].strip()
    times = {name: datetime.fromtimestamp(int(when), UTC) for name, when in _TIME.findall(match["times"])}
    return Note(
        state=status.state,
        words=words.removeprefix(_FINAL),
        digest=match["hash"],
        is_final=words.startswith(_FINAL),
        first_healthy=times,
    )


def _state(states: Sequence[RolloutState]) -> CheckState:
    if any(state.is_failure for state in states):
        return CheckState.FAILURE
    if states and all(state.is_live or state is RolloutState.SUPERSEDED for state in states):
        return CheckState.SUCCESS
    return CheckState.PENDING


def _in_words(rollouts: Sequence[Rollout]) -> str:
    """The states by environment, as ``production: live; staging: proven``."""
    by_environment: dict[str, dict[str, int]] = {}
    for rollout in rollouts:
        counts = by_environment.setdefault(rollout.environment or "", {})
        counts[rollout.verdict.state] = counts.get(rollout.verdict.state, 0) + 1
    parts = []
    for name, counts in sorted(by_environment.items()):
        states = ", ".join(state if count == 1 else f"{count} {state}" for state, count in sorted(counts.items()))
        parts.append(f"{name}: {states}" if name else states)
    return "; ".join(parts)
