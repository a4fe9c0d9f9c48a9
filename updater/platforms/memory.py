"""The pull requests that a forge told of are kept, so that a later run asks only for what changed since.

Losing the file costs requests only. It is written beside itself and renamed: a reader never sees half of it.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from updater.api import PullRequest
from updater.platforms import pulls

_FORM = 2
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
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(fields))
    draft.replace(path)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment
