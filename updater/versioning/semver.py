"""Semantic versions (``semver``): ``1.2.3``, ``1.2.3-rc.1``, ``1.2.3+build.5``, all three numbers, no leading zeros.

A ``v`` in front is understood, because that is how Git tags are written; the new version is written as the tag is.
Build metadata does not order versions. https://semver.org/
"""

import re

from updater.versioning._scheme import Scheme, Version
from updater.versioning._semver import IDENTIFIERS, version

_NUMBER = r"(?:0|[1-9][0-9]*)"
_IDENTIFIER = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"v?({_NUMBER}\.{_NUMBER}\.{_NUMBER})(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+{IDENTIFIERS})?"
)


def read(text: str) -> Version | None:
    """The semantic version that ``text`` is, with or without ``v``."""
    match = _VERSION.fullmatch(text)
    return version(match[1], match[2]) if match else None


SCHEME = Scheme("semver", read)
