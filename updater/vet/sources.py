"""What registries tell about one version: each thing asked once a run, however many dependencies wait for it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, cast

from updater.api import Client, Datasource, DateSource, DigestSource, HashSource, PlatformSource, Published
from updater.errors import RequestError
from updater.model.scan import Package

_DIGEST = "sha256:"

T = TypeVar("T")
Ability = TypeVar("Ability", DateSource, DigestSource, PlatformSource, HashSource)


@dataclass(frozen=True, slots=True)
class Sources:
    """The datasources by name, and the client that they ask with. All methods raise ``RequestError``."""

    datasources: Mapping[str, Datasource]
    client: Client
    _told: dict[tuple[str, Package, str], object] = field(default_factory=dict)
    _able: dict[tuple[str, type], object] = field(default_factory=dict)

    def know_dates(self, package: Package) -> bool:
        """Whether the date of a single version can be asked for."""
        return self._source(package, DateSource) is not None

    def know_digests(self, package: Package) -> bool:
        """Whether it can be asked what a version points at."""
        return self._source(package, DigestSource) is not None

    def know_platforms(self, package: Package) -> bool:
        """Whether it can be asked which platforms a version runs on."""
        return self._source(package, PlatformSource) is not None

    async def published(self, package: Package, version: str) -> Published | None:
        """When ``version`` appeared; None if nobody says."""
        source = self._source(package, DateSource)
        if source is None:
            return None
        return await self._once("date", package, version, lambda: source.published(package, version, self.client))

    async def digest(self, package: Package, version: str, *, within: timedelta | None = None) -> str | None:
        """What ``version``, a version or digest, points at; None if nobody can tell. ``within``: see ``platforms``."""
        source = self._source(package, DigestSource)
        if source is None:
            return None
        if within is not None and self.know_platforms(package):
            known = (await self._content(package, version, within)).digest
            if known is not None:
                return known
        return await self._once("digest", package, version, lambda: source.digest(package, version, self.client))

    async def names(self, package: Package) -> tuple[str, ...]:
        """The versions of a package that was not looked up before; empty if only a part of them is known."""
        source = self.datasources[package.datasource]
        listed = await self._once("list", package, "", lambda: source.releases(package, self.client))
        return tuple(each.version for each in listed.releases) if listed.complete else ()

    async def platforms(self, package: Package, version: str, *, within: timedelta | None = None) -> frozenset[str]:
        """The platforms of ``version``, a version or digest; empty if they are not known.

        What a digest stands for is asked once for ever; what a version stands for, digest and platforms at once, is
        asked again when the last answer is not from ``within`` this time.
        """
        if not self.know_platforms(package):
            return frozenset()
        return (await self._content(package, version, within)).platforms

    async def hashes(self, package: Package, locked: Package, version: str, known: Sequence[str]) -> list[str] | None:
        """The hashes of ``version`` for the lock file's entry on ``locked``; None if nobody can tell."""
        source = self._source(package, HashSource)
        if source is None:
            return None
        what = f"hashes beside {' '.join(known)}"
        return list(await self._once(what, locked, version, lambda: source.hashes(locked, version, known, self.client)))

    async def _content(self, package: Package, version: str, within: timedelta | None) -> "_Content":
        is_digest = version.startswith(_DIGEST)
        key = ("content", package, version if is_digest else f"{version} {within}")
        if key not in self._told:
            told = await self.client.kept(
                f"content of {version} of {_place(package)}",
                lambda: self._described(package, version),
                within=None if is_digest else within or timedelta(0),
            )
            content = _Content.read(told)
            self._told[key] = self._told["content", package, content.digest or version] = content
        return cast("_Content", self._told[key])

    async def _described(self, package: Package, version: str) -> str:
        """Asked in this order: who has read a manifest knows its digest."""
        source = self._source(package, PlatformSource)
        assert source is not None
        platforms, digest = await source.platforms(package, version, self.client), None
        if not version.startswith(_DIGEST):
            with suppress(RequestError):  # only some need it, and they ask again
                digest = await self.digest(package, version)
        return " ".join([digest or "-", *sorted(platforms)])

    def _source(self, package: Package, ability: type[Ability]) -> Ability | None:
        """The package's datasource, if it has this ability: found out once, because a protocol has many members."""
        key = (package.datasource, ability)
        if key not in self._able:
            source = self.datasources[package.datasource]
            self._able[key] = source if isinstance(source, ability) else None
        return cast("Ability | None", self._able[key])

    async def _once(self, what: str, package: Package, version: str, make: Callable[[], Awaitable[T]]) -> T:
        key = (what, package, version)
        if key not in self._told:
            self._told[key] = await self.client.once(f"{what} of {version} of {_place(package)}", make)
        return cast("T", self._told[key])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a version stood for when it was asked about. ``digest`` is None for what is named by its digest itself."""

    digest: str | None
    platforms: frozenset[str]

    @classmethod
    def read(cls, text: str) -> "_Content":
        digest, *platforms = text.split(" ")
        return cls(digest=None if digest == "-" else digest, platforms=frozenset(platforms))


def _place(package: Package) -> str:
    return " ".join((package.datasource, package.name, *package.registry_urls))
