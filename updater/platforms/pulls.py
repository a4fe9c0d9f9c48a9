"""Pull requests as JSON: how the local forge keeps them, and how those of a remote one are remembered."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from updater.model import PullRequest, PullRequestState


def encode(pull: PullRequest) -> dict[str, object]:
    """The fields of a pull request, ready for ``json.dumps``."""
    return asdict(pull)


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
        url=None if fields["url"] is None else str(fields["url"]),
    )


def number(pull: PullRequest) -> int:
    """The key to sort by: the higher, the newer."""
    return pull.number


def united(*labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels of several origins in order, each once; forges do not tell upper from lower case in them."""
    found: dict[str, str] = {}
    for label in (label for group in labels for label in group):
        found.setdefault(label.casefold(), label)
    return tuple(found.values())
