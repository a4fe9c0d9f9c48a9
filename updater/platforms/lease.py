"""The lease: which run may write to a repository, until when. A commit without files says it in its message.

It is pointed at by ``refs/updater/lease``, and Git lets only one of two rivals move a ref. Whoever dies with the lease
is waited for until its time is over, and no longer.
"""

import json
import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from updater import git
from updater.api import Clock, Platform, PlatformError
from updater.errors import RepositoryError

_log = logging.getLogger(__name__)

DURATION = timedelta(minutes=30)
"""How long a run may write; what takes longer is still kept from doing harm by each push's own conditions."""

REF = "refs/updater/lease"
RIVAL = "another run, which took it at the same moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who has it, and until when."""

    holder: str
    until: datetime

    def forbids(self, holder: str, now: datetime) -> bool:
        """Whether ``holder`` has to wait for it."""
        return self.holder != holder and self.until > now


def read(message: str) -> Lease | None:
    """The lease that a commit's message tells of; None if it is damaged, which is as good as none."""
    with suppress(ValueError, KeyError, TypeError):
        fields = json.loads(message)
        lease = Lease(holder=str(fields["holder"]), until=datetime.fromisoformat(fields["until"]))
        return lease if lease.until.tzinfo is not None else None
    return None


def written(repository: git.Repository, lease: Lease, author: git.Author, now: datetime) -> str:
    """The id of a new commit that tells of ``lease``."""
    text = json.dumps({"holder": lease.holder, "until": lease.until.isoformat()})
    draft = git.Draft(parent=None, message=text, files={})
    return git.fast_import(repository, [draft], author, int(now.timestamp()))[0]


def new_holder() -> str:
    """A name for this run that no other has, and by which people find it."""
    return f"{socket.gethostname()}, process {os.getpid()} ({secrets.token_hex(4)})"


@contextmanager
def held(platform: Platform, holder: str, clock: Clock) -> Iterator[None]:
    """Be the only run that writes to the repository. Raises ``PlatformError`` if another one is."""
    now = clock()
    other = platform.take_lease(holder, now, now + DURATION)
    if other is not None:
        raise PlatformError(f"{platform.repository} is being written to by {other}; the next run will see to it")
    try:
        yield
    finally:
        try:
            platform.release_lease(holder)
        except (PlatformError, RepositoryError) as error:
            _log.warning("the lease could not be given back and will end by itself: %s", error)
