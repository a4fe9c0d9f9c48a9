"""Kubernetes API versions (``kubernetes-api``): ``v1``, ``apps/v1beta2``.

A version is followed only by versions of the same group, in the order of their making: ``v1alpha1``, ``v1beta1``,
``v1``, ``v2beta1``, ``v2``. https://kubernetes.io/docs/reference/using-api/#api-versioning
"""

import re

from updater.versioning._prerelease import RANKS
from updater.versioning._scheme import Scheme, Version

_VERSION = re.compile(
    r"(?:(?P<group>[a-z0-9]+(?:[.-][a-z0-9]+)*)/)?v(?P<major>[0-9]+)(?:(?P<stage>alpha|beta)(?P<minor>[0-9]+))?"
)


def _read(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    major, stage = int(match["major"]), match["stage"]
    maturity = (0, RANKS[stage], int(match["minor"])) if stage else (1,)
    return Version(key=(major, maturity), numbers=(major,), stable=not stage, family=(match["group"],))


SCHEME = Scheme("kubernetes-api", _read)
