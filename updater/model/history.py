"""What the history of the files tells."""

from datetime import datetime

import msgspec


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a file on the way to its present text: the commit that made it, when, by whom."""

    commit: str
    when: datetime
    author: str
    subject: str
    before: str
    after: str


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A decision against ``version``: somebody went back from it, to ``lowered_to``, in the file at ``path``."""

    version: str
    lowered_to: str
    path: str
    commit: str
    when: datetime
    author: str
    subject: str
