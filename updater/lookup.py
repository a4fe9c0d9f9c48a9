"""Stage 2: distinct packages → what the registries offer. One request chain per package; failures stay with theirs.

An answer younger than ``fresh_for`` is taken from the store of an earlier run. When a registry fails, the store's
last answer serves if there is one, and the failure is reported beside it: unknown is not gone.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from updater.api import Client, Clock, Datasource
from updater.errors import RateLimited, RequestError
from updater.model import Failed, Package, Releases


class ReleaseStore(Protocol):
    """Keeps answers between runs; losing them costs nothing but time."""

    async def get(self, package: Package) -> tuple[Releases, datetime] | None:
        """The last answer and when it was fetched."""
        ...

    async def set(self, package: Package, releases: Releases, fetched_at: datetime) -> None:
        """Remember an answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is known of each package. A package may have both an (older) answer and a failure."""

    releases: Mapping[Package, Releases]
    failed: Mapping[Package, Failed]


async def lookup(
    packages: Iterable[Package],
    datasources: Mapping[str, Datasource],
    client: Client,
    store: ReleaseStore,
    clock: Clock,
    fresh_for: timedelta = timedelta(0),
) -> Answers:
    """Ask about each distinct package once, all hosts at the same time; the client keeps the limits of each host."""
    asker = _Asker(datasources, client, store, clock, fresh_for)
    distinct = list(dict.fromkeys(packages))
    results = await asyncio.gather(*(asker.ask(package) for package in distinct))
    answers = dict(zip(distinct, results, strict=True))
    return Answers(
        releases={package: releases for package, (releases, _) in answers.items() if releases is not None},
        failed={package: failed for package, (_, failed) in answers.items() if failed is not None},
    )


@dataclass(frozen=True, slots=True)
class _Asker:
    datasources: Mapping[str, Datasource]
    client: Client
    store: ReleaseStore
    clock: Clock
    fresh_for: timedelta

    async def ask(self, package: Package) -> tuple[Releases | None, Failed | None]:
        known = await self.store.get(package)
        now = self.clock()
        if known is not None and now - known[1] < self.fresh_for:
            return known[0], None
        try:
            releases = await self.datasources[package.datasource].releases(package, self.client)
        except RequestError as error:
            return (known[0] if known else None), _failed(package, error)
        await self.store.set(package, releases, now)
        return releases, None


def _failed(package: Package, error: RequestError) -> Failed:
    until = error.until if isinstance(error, RateLimited) else None
    return Failed(subject=f"{package.datasource} {package.name}", error=str(error), until=until)
