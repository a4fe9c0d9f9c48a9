"""What finders make of the objects of a repository: things that are deployed, with the files they are made from."""

from dataclasses import dataclass

from updater.api import Target
from updater.targets.paths import Footprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A target and what it is made from.

    ``declared`` are the files in which its own object stands: an edit there changes the object. ``says`` are the texts
    in the object, by which an edit of one of several objects in a file is told apart; None where that is not possible.
    ``source`` says in words where the files are.
    """

    target: Target
    made_from: Footprint
    declared: frozenset[str]
    says: frozenset[str] | None
    source: str
