"""Pull requests as JSON: how the local forge keeps them, and how those of a remote one are remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from updater.model.forge import PullRequest, PullRequestState


def encode(pull: PullRequest) -> dict[str, object]:
    """The fields of a pull request, ready for ``json.dumps``."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(pull).items()}


def decode(fields: Mapping[str, Any]) -> PullRequest:
    """The pull request with these fields; others are ignored. Raises ValueError, KeyError or TypeError."""
    return PullRequest(
        number=int(fields["number"]),
        branch=str(fields["branch"]),
        base=str(fields["base"]),
        title=str(fields["title"]),
        body=str(fields["body"]),
        state=PullRequestState(fields["state"]),
        labels=tuple(map(str, fields["labels"])),
        url=_optional(fields["url"]),
        head=_optional(fields.get("head")),
        author=_optional(fields.get("author")),
        draft=bool(fields.get("draft")),
        created=_moment(fields.get("created")),
        closed=_moment(fields.get("closed")),
        merged=_moment(fields.get("merged")),
        merge_commit=_optional(fields.get("merge_commit")),
    )


def _optional(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def number(pull: PullRequest) -> int:
    """The key to sort by: the higher, the newer."""
    return pull.number


def united(*labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels of several origins in order, each once; forges do not tell upper from lower case in them."""
    found: dict[str, str] = {}
    for label in (label for group in labels for label in group):
        found.setdefault(label.casefold(), label)
    return tuple(found.values())


def relabelled(labels: tuple[str, ...], add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    """Labels after some were added and others taken away; those of both stay away."""
    gone = {label.casefold() for label in remove}
    return tuple(label for label in united(labels, tuple(add)) if label.casefold() not in gone)
