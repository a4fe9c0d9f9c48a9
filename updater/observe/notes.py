"""What we say of a merged commit on the forge, as a commit status, and read again in later runs.

It is all that a run has to remember: whether anything is left to be followed, whether each environment was healthy
before the update got there, when it was healthy for the first time since, and whether the comment has to be written
anew. Losing it costs requests and the exactness of one time.

A forged one could claim that something is proven. So whoever reads it looks at who wrote it and, with a key, at the
signature, which is good for one commit only.
"""

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from updater.api import CheckState, Rollout, RolloutState, Secret, Status
from updater.observe.verdicts import latest_health

CONTEXT = "updater/rollout"

_BEFORE_IT = frozenset({RolloutState.WAITING_SYNC, RolloutState.NEEDS_MANUAL_SYNC, RolloutState.BLOCKED_WINDOW})
"""The states in which a target still runs what it ran before."""

_SIGNATURE = 16
_LIMIT = 140
"""Forges cut or refuse longer descriptions."""

_FORM = re.compile(r"\((?P<times>[^()]*?)#(?P<hash>[0-9a-f]{8})(?:\.(?P<signature>[0-9a-f]{16}))?\)$")
_TIME = re.compile(r"([^\s=]*)=(\d+)")
_BEFORE = re.compile(r"([^\s!]*)!([01])")
_COUNT = re.compile(r"^\d+ ")
_FINAL = "done: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a status holds. ``digest`` tells what was written with it (a comment, say) from anything else."""

    state: CheckState
    words: str
    digest: str
    is_final: bool = False
    first_healthy: Mapping[str, datetime] = field(default_factory=dict)
    was_healthy: Mapping[str, bool] = field(default_factory=dict)

    def states_of(self, environment: str) -> frozenset[RolloutState]:
        """The states of the targets in an environment; empty where nothing legible is said about it."""
        named = (part.partition(": ") if ": " in part else ("", "", part) for part in self.words.split("; "))
        parts = {name: states for name, _, states in named}
        said = [_COUNT.sub("", state) for state in parts.get(environment, "").split(", ")]
        known = {str(state): state for state in RolloutState}
        return frozenset(known[state] for state in said) if all(state in known for state in said) else frozenset()

    def status(self, commit: str, url: str | None, key: Secret | None = None) -> Status:
        """The status to be set on a commit, signed if there is a key."""
        times = "".join(f"{name}={int(when.timestamp())} " for name, when in sorted(self.first_healthy.items()))
        before = "".join(f"{name}!{int(was)} " for name, was in sorted(self.was_healthy.items()))
        tail = f" ({before}{times}#{self.digest}"
        room = _LIMIT - len(tail) - len(")") - (0 if key is None else _SIGNATURE + 1)
        said = f"{_FINAL if self.is_final else ''}{self.words}"[:room] + tail
        signature = f".{_signature(commit, self.state, said, key)}" if key is not None else ""
        return Status(context=CONTEXT, state=self.state, description=f"{said}{signature})", url=url)


def note_of(rollouts: Sequence[Rollout], written: str, known: Note | None) -> Note:
    """What is to be said of a pull request's targets beside what is ``written``; what is ``known`` before stays."""
    states = [rollout.verdict.state for rollout in rollouts]
    return Note(
        state=state_of(states),
        words=_in_words(rollouts),
        digest=hashlib.sha256(written.encode()).hexdigest()[:8],
        is_final=bool(states) and all(state.is_final for state in states),
        first_healthy={**latest_health(rollouts), **(known.first_healthy if known is not None else {})},
        was_healthy={**_healthy_before(rollouts), **(known.was_healthy if known is not None else {})},
    )


def read_note(statuses: Iterable[Status], commit: str, key: Secret | None = None) -> Note | None:
    """What an earlier run said of a commit; None if none did, somebody changed it or, with a key, did not sign it."""
    status = next((each for each in statuses if each.context == CONTEXT), None)
    match = _FORM.search(status.description) if status is not None else None
    if status is None or match is None or not _is_signed(match, commit, status.state, key):
        return None
    words = status.description[: match.start()].strip()
    times = {name: datetime.fromtimestamp(int(when), UTC) for name, when in _TIME.findall(match["times"])}
    return Note(
        state=status.state,
        words=words.removeprefix(_FINAL),
        digest=match["hash"],
        is_final=words.startswith(_FINAL),
        first_healthy=times,
        was_healthy={name: was == "1" for name, was in _BEFORE.findall(match["times"])},
    )


def is_over(statuses: Iterable[Status]) -> bool:
    """Whether these are the last words on a commit, and it is known who said them."""
    own = (each for each in statuses if each.context == CONTEXT)
    return any(each.creator is not None and each.description.startswith(_FINAL) for each in own)


def _is_signed(match: re.Match[str], commit: str, state: CheckState, key: Secret | None) -> bool:
    if key is None:
        return True
    said = match.string[: match.end("hash")]
    return hmac.compare_digest(match["signature"] or "", _signature(commit, state, said, key))


def _signature(commit: str, state: CheckState, said: str, key: Secret) -> str:
    text = f"{CONTEXT}\n{commit}\n{state}\n{said}"
    return hmac.new(key.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()[:_SIGNATURE]


def _healthy_before(rollouts: Iterable[Rollout]) -> Mapping[str, bool]:
    """By environment, whether all is well while the update has not got there yet: as it was before it."""
    found: dict[str, list[bool | None]] = {}
    for rollout in rollouts:
        is_before = rollout.verdict.state in _BEFORE_IT
        found.setdefault(rollout.environment or "", []).append(rollout.verdict.is_healthy if is_before else None)
    return {name: all(each) for name, each in found.items() if None not in each}


def state_of(states: Sequence[RolloutState]) -> CheckState:
    """What several states come to."""
    if any(state.is_failure for state in states):
        return CheckState.FAILURE
    if states and all(state.is_live or state is RolloutState.SUPERSEDED for state in states):
        return CheckState.SUCCESS
    return CheckState.PENDING


def _in_words(rollouts: Sequence[Rollout]) -> str:
    """The states by environment, as ``production: live; staging: proven``."""
    by_environment: dict[str, list[RolloutState]] = {}
    for rollout in rollouts:
        by_environment.setdefault(rollout.environment or "", []).append(rollout.verdict.state)
    parts = ((name, in_numbers(states)) for name, states in sorted(by_environment.items()))
    return "; ".join(f"{name}: {states}" if name else states for name, states in parts)


def in_numbers(states: Iterable[RolloutState]) -> str:
    """``live, 2 rolling out``: each state, and how often if more than once."""
    counts = sorted(Counter(states).items())
    return ", ".join(state if count == 1 else f"{count} {state}" for state, count in counts)
