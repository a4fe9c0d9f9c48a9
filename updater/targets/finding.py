"""What finders make of the objects of a repository: things that are deployed, with the files they are made from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from updater.api import Target
from updater.targets.paths import Footprint

_EXACT = re.compile(r"v?\d+(?:\.\d+)*(?:[-+][\w.+-]+)?")


class Chart(NamedTuple):
    """A chart, and the version of it that an object asks for."""

    name: str
    version: str


def charts(named: Iterable[tuple[str | None, str | None]]) -> tuple[Chart, ...]:
    """Those of which the name and exactly one version are written; not ranges."""
    return tuple(Chart(name, version) for name, version in named if name and version and _EXACT.fullmatch(version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A target and what it is made from.

    ``declared`` are the files in which its own object stands: an edit there changes the object. ``says`` are the texts
    in the object, by which an edit of one of several objects in a file is told apart; None where that is not possible.
    ``source`` says in words where the files are, ``charts`` which charts the object names, in exactly which versions.
    """

    target: Target
    made_from: Footprint
    declared: frozenset[str]
    says: frozenset[str] | None
    source: str
    charts: tuple[Chart, ...] = ()
