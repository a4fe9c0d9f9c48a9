"""Waiting until something has happened to objects of lists, as long as the server tells.

A watch goes on from a version of the list, which bookmarks carry forward; a server ends it whenever it likes, and may
have forgotten the version (410): then the list is begun anew.
https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from updater.api import AuthError, Clock, InvalidAnswer, NotFound, RequestError
from updater.kubernetes.reader import Event, Expired, KubernetesReader, Sleep

_PAUSE = 2.0
"""So many seconds pass before a watch that has ended is begun again."""
_SETBACKS = 3
"""A server that breaks so many watches in a row is polled."""
_REFUSALS = (AuthError, NotFound, InvalidAnswer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is waited for in a list: objects by namespace (None: any) and name, and all that belong to some owners."""

    path: str
    names: frozenset[tuple[str | None, str]]
    owners: frozenset[tuple[str, str]] = frozenset()

    def concerns(self, event: Event) -> bool:
        """Whether an event is about one of them."""
        places = ((event.namespace, event.name), (None, event.name))
        return not (self.names.isdisjoint(places) and self.owners.isdisjoint(event.owners))

    @property
    def only(self) -> str | None:
        """The name, if it is but one."""
        return next(iter(self.names))[1] if len(self.names) == 1 and not self.owners else None


class Watcher:
    """Watches lists of one server. It knows from which version on, so that nothing between two watches is missed."""

    def __init__(self, reader: KubernetesReader, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._reader, self._clock, self._sleep = reader, clock, sleep
        self._versions: dict[Watched, str] = {}
        self._refused: set[str] = set()

    async def any_changed(self, wanted: Sequence[Watched], seconds: float) -> bool:
        """As :meth:`changed` for the first of several lists about which there is something to say."""
        waits = [asyncio.ensure_future(self.changed(each, seconds)) for each in wanted]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        return all(each.result() for each in done)

    async def changed(self, wanted: Watched, seconds: float) -> bool:
        """Wait until something may have happened, or the time is over; False if the server does not let us watch.

        The first time, and whenever the server has forgotten what was, that may be anything: the wait ends at once.
        """
        if wanted.path in self._refused:
            return False
        try:
            return await self._changed(wanted, seconds)
        except Expired:
            del self._versions[wanted]
            return True
        except _REFUSALS:
            self._refused.add(wanted.path)
        except RequestError:
            self._versions.pop(wanted, None)
        return False

    async def _changed(self, wanted: Watched, seconds: float) -> bool:
        if wanted not in self._versions:
            self._versions[wanted] = await self._reader.version(wanted.path)
            return True
        ends, setbacks = self._clock() + timedelta(seconds=seconds), 0
        while (left := (ends - self._clock()).total_seconds()) > 0:
            try:
                if await self._heard(wanted, left):
                    return True
                setbacks = 0
            except _REFUSALS:
                raise
            except RequestError:
                setbacks += 1
                if setbacks == _SETBACKS:
                    raise
            await self._sleep(min(_PAUSE, left))
        return True

    async def _heard(self, wanted: Watched, seconds: float) -> bool:
        """Whether one watch tells of something that is waited for, before the server ends it."""
        events = self._reader.events(wanted.path, self._versions[wanted], seconds, name=wanted.only)
        async with aclosing(events):
            async for event in events:
                self._versions[wanted] = event.version or self._versions[wanted]
                if wanted.concerns(event):
                    return True
        return False
