"""What the history of the files tells."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of a file on the way to its present text: the commit that made it, when, by whom."""

    commit: str
    when: datetime
    author: str
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A decision against ``version``: somebody went back from it, to ``lowered_to``, in the file at ``path``."""

    version: str
    lowered_to: str
    path: str
    commit: str
    when: datetime
    author: str
    subject: str
