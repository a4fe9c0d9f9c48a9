"""Which commit statuses count: those of the accounts that the configuration names, and nobody else's.

Whoever holds a token that may set statuses can claim anything under any context.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from updater.api import Status

_OF_APP = "[bot]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The accounts and apps that are believed, by their names; upper and lower case are the same.

    A name with ``[bot]`` behind it is that of an app only; one without is that of an account or of an app.
    """

    creators: frozenset[str]

    @classmethod
    def of(cls, creators: Collection[str]) -> "Trust":
        """Trust in accounts of these names."""
        return cls(creators=frozenset(creator.casefold() for creator in creators))

    def believed(self, statuses: Iterable[Status]) -> list[Status]:
        """Those that a trusted account wrote."""
        return [each for each in statuses if each.creator is not None and self._knows(each.creator.casefold())]

    def _knows(self, creator: str) -> bool:
        return not self.creators.isdisjoint((creator, creator.removesuffix(_OF_APP)))
