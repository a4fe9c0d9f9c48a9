"""What the tests of vetting share: a registry that remembers what it was asked, and a ledger of first sights."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.core.made import NOW
from updater.api import Client, Published
from updater.errors import NotFound, RequestError
from updater.http import HttpClient
from updater.model.decide import Choice, Gone, Update
from updater.model.lookup import Releases
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.vet import Sources, Vetted, gone, vet

PACKAGE = Package(datasource="docker", name="ghcr.io/acme/api")


@dataclass(frozen=True, kw_only=True)
class Content:
    """What stands behind a tag or digest."""

    digest: str | None = None
    platforms: tuple[str, ...] = ()
    published: Published | None = None


@dataclass
class Registry:
    """A datasource that knows digests, dates, platforms and hashes of what it holds, and of nothing else.

    What is an error in place of content fails; ``asked`` remembers all questions.
    """

    holds: Mapping[str, Content | RequestError] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    NAME = "docker"
    VERSIONING = "docker"

    async def releases(self, package: Package, client: Client) -> Releases:
        raise NotImplementedError

    async def digest(self, package: Package, version: str, client: Client) -> str:
        return self._content("digest", version).digest or version

    async def published(self, package: Package, version: str, client: Client) -> Published | None:
        return self._content("published", version).published

    async def platforms(self, package: Package, version: str, client: Client) -> frozenset[str]:
        return frozenset(self._content("platforms", version).platforms)

    async def hashes(self, package: Package, version: str, known: Sequence[str], client: Client) -> tuple[str, ...]:
        return (f"h1:{version}=", f"zh:{version}")

    def _content(self, what: str, version: str) -> Content:
        self.asked.append((what, version))
        found = self.holds.get(version, NotFound("no such manifest", url="x"))
        if isinstance(found, RequestError):
            raise found
        return found

    def questions(self, what: str) -> list[str]:
        return [version for asked, version in self.asked if asked == what]


class Plain:
    """A datasource that knows nothing but versions."""

    NAME = "docker"
    VERSIONING = "docker"

    async def releases(self, package: Package, client: Client) -> Releases:
        raise NotImplementedError


class Ledger:
    """Remembers when versions were first seen, for one package."""

    def __init__(self, seen: Mapping[str, datetime] | None = None) -> None:
        self.seen = dict(seen or {})

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        return {version: self.seen.setdefault(version, now) for version in versions}


async def vetted(
    made: Sequence[Choice],
    registry: Registry | Plain | None = None,
    ledger: Ledger | None = None,
    *,
    known: Releases | None = None,
    now: datetime = NOW,
) -> list[Vetted]:
    """The choices, vetted as if they were all on one package; ``known`` is its list."""
    registry = registry or Plain()
    packages = {choice.tracked.package for choice in made}
    async with HttpClient() as client:
        names = ("docker", "github-tags", "helm", "terraform-provider")
        sources = Sources(dict.fromkeys(names, registry), client)
        answers = dict.fromkeys(packages, known or Releases(releases=()))
        return await vet(made, sources, answers, ledger or Ledger(), now)


async def missed(
    found: Iterable[Tracked], registry: Registry | Plain, known: Releases, updates: Iterable[Update] = ()
) -> list[Gone]:
    """What is gone of dependencies on one package."""
    async with HttpClient() as client:
        return await gone(found, updates, Sources({"docker": registry}, client), {PACKAGE: known})


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def pushed(days: float) -> Published:
    """So many days ago, by the registry's clock."""
    return Published(when=days_ago(days), evidence="pushed", by_registry=True)


def built(days: float) -> Published:
    """So many days ago, by the word of whoever made it."""
    return Published(when=days_ago(days), evidence="built", by_registry=False)
