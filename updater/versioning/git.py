"""Git commit ids (``git``), whole or abbreviated to seven digits and more.

Commits have no order that shows in their ids: none follows another, and only the digest of a dependency moves.
"""

import re

from updater.versioning._scheme import Scheme, Version

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def _read(text: str) -> Version | None:
    return Version(key=(), numbers=(), family=(text,)) if _COMMIT.fullmatch(text) else None


SCHEME = Scheme("git", _read)
