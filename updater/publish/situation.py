"""What planning looks at, and what applying comes to."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from updater.api import Secret
from updater.model.forge import PullRequest, RemoteBranch, Status
from updater.model.lookup import Failed
from updater.model.plan import Action
from updater.orders import NO_ORDERS, Orders
from updater.publish.checks import OwnChecks
from updater.reconcilers.trust import Trust
from updater.report.marker import Marker, read_marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """What the forge has: our branches, the pull requests from them in every state, and what is said of commits.

    ``statuses`` has an entry for each commit that was asked about (:func:`~updater.publish.planning.watched`), ``said``
    is what this tool remembers to have been said of others. With a ``key`` only markers that are signed with it are
    believed. ``prefixes`` are what the names of our branches begin with, now and earlier.
    """

    branches: Sequence[RemoteBranch]
    pulls: Sequence[PullRequest]
    statuses: Mapping[str, Sequence[Status]] = field(default_factory=dict)
    said: Mapping[str, Sequence[Status]] = field(default_factory=dict)
    key: Secret | None = None
    prefixes: Sequence[str] = ()

    def topic_of(self, branch: str) -> str:
        """The rest of a branch's name, behind whatever prefix it has."""
        prefix = next((each for each in self.prefixes if branch.startswith(each)), "")
        return branch.removeprefix(prefix)

    def marker_of(self, pull: PullRequest | None) -> Marker | None:
        """What a pull request proposes, if that can be read and believed."""
        return read_marker(pull.body, self.key) if pull is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What keeps a branch from being closed although no update asks for it now.

    ``failed`` holds the subjects of failures: packages whose lookup failed, branches that could not be made.
    ``held`` holds what exists and is not offered at the moment, as package and version. ``bases`` are the base branches
    that were looked at, where those were not all; None where they were.
    """

    failed: Collection[str] = ()
    held: Collection[tuple[str, str]] = ()
    bases: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The moment of a run: the time, and what people asked for.

    ``prunes`` says whether branches that no update asks for are closed and deleted. ``frozen`` tells why branches are
    not to be made or merged now, by their names; ``on_trial`` why nothing is merged by itself into a target, by its
    name. Where it ``is_silent``, no branch is made that nobody asked for. Where plans lock their Terraform root
    (``locks_roots``), one pull request at a time has a root. What is said of plans counts from ``planners`` (None: from
    anybody, as nobody is named).
    """

    now: datetime
    orders: Orders = NO_ORDERS
    prunes: bool = True
    frozen: Mapping[str, str] = field(default_factory=dict)
    on_trial: Mapping[str, str] = field(default_factory=dict)
    locks_roots: bool = False
    planners: Trust | None = None
    own_checks: OwnChecks = field(default_factory=OwnChecks)
    is_silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one action: the pull request as it is now, or why it failed."""

    action: Action
    pull: PullRequest | None = None
    failed: Failed | None = None


def blob_id(text: str) -> str:
    """The id that Git gives a file with this text (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    data = text.encode("utf-8", "surrogateescape")
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
