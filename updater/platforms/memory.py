"""What a forge told is kept, so that a later run asks only for what changed since: pull requests, and statuses.

Losing these files costs requests only. They are written beside themselves and renamed: a reader never sees half of one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from updater.api import PullRequest, Status
from updater.platforms import pulls

_FORM = 2
_MOST_COMMITS = 2_000
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The pull requests by number, and the last change that was seen of any."""

    pulls: Mapping[int, PullRequest]
    seen: datetime = _NEVER

    def updated(self, changes: Iterable[tuple[datetime, PullRequest | None]]) -> "Known":
        """With what changed, and when; None stands for a pull request that is not to be kept."""
        found, seen = dict(self.pulls), self.seen
        for changed, pull in changes:
            seen = max(seen, changed)
            if pull is not None:
                found[pull.number] = pull
        return Known(pulls=found, seen=seen)

    def latest_first(self) -> list[PullRequest]:
        """All, the newest first."""
        return sorted(self.pulls.values(), key=pulls.number, reverse=True)


def recall(path: Path, prefix: str) -> Known:
    """What was kept of the branches with that prefix; nothing if in doubt."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        stored = json.loads(path.read_bytes())
        if (stored["form"], stored["prefix"]) == (_FORM, prefix):
            found = (pulls.decode(fields) for fields in stored["pulls"])
            return Known(pulls={pull.number: pull for pull in found}, seen=_aware(stored["seen"]))
    return Known(pulls={})


def keep(path: Path, prefix: str, known: Known) -> None:
    """Write down what is known."""
    listed = [pulls.encode(pull) for pull in known.pulls.values()]
    fields = {"form": _FORM, "prefix": prefix, "seen": known.seen.isoformat(), "pulls": listed}
    _write(path, fields)


@dataclass(frozen=True, slots=True)
class Statements:
    """What was said of commits, in a file: of the latest ones that anybody asked about or said something of."""

    path: Path

    def recall(self) -> Mapping[str, Sequence[Status]]:
        """All that was kept, by commit; nothing if in doubt."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, list[Status]])
        return {}

    def keep(self, said: Mapping[str, Sequence[Status]]) -> None:
        """Write down what is said of these commits now."""
        others = {commit: each for commit, each in self.recall().items() if commit not in said}
        kept = [*others.items(), *said.items()][-_MOST_COMMITS:]
        _write(self.path, msgspec.to_builtins(dict(kept)))


def _write(path: Path, fields: object) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(fields))
    draft.replace(path)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment
