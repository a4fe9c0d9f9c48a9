"""Asks for what there is to know about updates. The only part that waits for anybody."""

import asyncio
import base64
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from updater import versioning
from updater.api import ArchiveSource, Client, Datasource, NotesSource, OriginSource
from updater.errors import RequestError
from updater.material.archive import UnreadableArchive
from updater.material.chart import Chart, read_chart
from updater.material.comparison import ChartDiff, compare
from updater.material.contract import Finding, check
from updater.material.notes import MOST_NOTES, IsNewer, Notes, Span, between, in_changelog, tags
from updater.material.overrides import Read, overrides_at
from updater.model.decide import Update
from updater.model.lookup import Note, Releases
from updater.model.scan import Package
from updater.model.track import UpdateType

logger = logging.getLogger(__name__)

_STEPS = (UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH, UpdateType.REPLACEMENT)
_STILL_WRITTEN = timedelta(days=7)
"""How long the notes of a release may be expected to change; until then they are asked for once a day."""
_FORM = "1"
"""With another one, what earlier runs have kept of charts and notes is read anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is known about one update. ``is_partial`` says that something could not be had now."""

    source_url: str | None = None
    notes: Notes | None = None
    chart: ChartDiff | None = None
    findings: tuple[Finding, ...] = ()
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What could be found out, and whether that is all there is."""

    notes: Notes | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What is there to look things up in.

    ``known`` is what registries have listed; ``read`` gives the text of a file of the repository.
    """

    datasources: Mapping[str, Datasource]
    known: Mapping[Package, Releases]
    read: Read
    now: datetime


async def gather(updates: Iterable[Update], library: Library, client: Client) -> list[Material]:
    """What is known about each update, in their order; no failure is raised."""
    forges = [each for each in library.datasources.values() if isinstance(each, NotesSource)]
    gatherer = _Gatherer(library, client, forges)
    return list(await asyncio.gather(*map(gatherer.about, updates)))


@dataclass(frozen=True, slots=True)
class _Gatherer:
    """Finds out about updates, with those who know."""

    library: Library
    client: Client
    forges: Sequence[NotesSource]

    async def about(self, update: Update) -> Material:
        """All about one update."""
        if update.update_type not in _STEPS or update.current_version is None:
            return Material()
        (old, new), charts_are_partial = await self._charts(update)
        source_url, origin_is_unknown = await self._source_url(update)
        told = await self._notes(update, source_url, (old, new)) if source_url else _Told()
        return Material(
            source_url=source_url,
            notes=told.notes,
            chart=compare(old, new) if old and new else None,
            findings=tuple(self._findings(update, old, new)) if old and new else (),
            is_partial=charts_are_partial or origin_is_unknown or told.is_partial,
        )

    # ------------------------------------------------------------ where it is developed

    async def _source_url(self, update: Update) -> tuple[str | None, bool]:
        """The page of the source repository, and whether that could not be found out."""
        package, known = update.tracked.package, update.offer.policy.source_url or update.source_url
        source = self.library.datasources[package.datasource]
        if known or not isinstance(source, OriginSource) or update.offer.policy.fetch_change_logs == "off":
            return known, False
        place = " ".join((package.name, *package.registry_urls))

        async def ask() -> str:
            return await source.origin(package, update.offer.release.version, self.client) or ""

        try:
            return await self.client.kept(f"origin {_FORM} of {package.datasource} {place}", ask) or None, False
        except RequestError as error:
            logger.info("where %s is developed could not be found out: %s", package.name, error)
            return None, True

    # ------------------------------------------------------------ notes

    async def _notes(self, update: Update, source_url: str, charts: tuple[Chart | None, Chart | None]) -> _Told:
        forge = next((each for each in self.forges if each.is_home_of(source_url)), None)
        if forge is None or update.offer.policy.fetch_change_logs == "off":
            return _Told()
        spans = list(_spans(update, charts, self.library.known.get(update.tracked.package)))
        directory = update.offer.policy.source_directory or ""
        scheme, day = update.tracked.versioning, self._as_of(update)
        key = f"notes {_FORM} of {source_url} {directory} {spans} {scheme} {day}"

        async def ask() -> str:
            return msgspec.json.encode(await self._found(update, forge, source_url, spans)).decode()

        try:
            kept = await self.client.kept(key, ask)
            return _Told(notes=msgspec.json.decode(kept, type=Notes))
        except (RequestError, msgspec.DecodeError) as error:
            logger.info("the release notes of %s could not be had: %s", update.tracked.name, error)
            return _Told(is_partial=True)

    def _as_of(self, update: Update) -> str:
        """The day, as long as notes may still be written; for older releases nothing."""
        published = update.offer.release.published
        is_old = published is not None and self.library.now - published > _STILL_WRITTEN
        return "" if is_old else f"{self.library.now:%Y-%m-%d}"

    async def _found(self, update: Update, forge: NotesSource, source_url: str, spans: Sequence[Span]) -> Notes:
        listed = await self._listed(forge, source_url)
        is_newer = _order(update.tracked.versioning)
        names = [*(note.tag for note in listed), *self._tags(update, source_url)]
        for span in spans:
            pair = tags(names, span)
            link = forge.comparison(source_url, *pair) if pair is not None else None
            found = between(listed, span, is_newer)
            if not any(note.text for note in found):
                changes = await self._changes(update, forge, source_url, pair)
                found = (in_changelog(changes, span, is_newer) if changes is not None else []) or found
            if found or pair is not None:
                left_out = max(0, len(found) - MOST_NOTES)
                return Notes(home=source_url, notes=tuple(found[:MOST_NOTES]), comparison=link, left_out=left_out)
        return Notes(home=source_url)

    async def _listed(self, forge: NotesSource, source_url: str) -> Sequence[Note]:
        """The newest releases of a repository, asked for once a run."""
        return await self.client.once(f"notes of {source_url}", lambda: forge.notes(source_url, self.client))

    def _tags(self, update: Update, source_url: str) -> Iterable[str]:
        """The names of tags that the datasource itself has listed."""
        releases = self.library.known.get(update.tracked.package)
        is_list_of_tags = update.tracked.package.datasource.endswith(("-tags", "-releases"))
        if releases is None or not is_list_of_tags or releases.source_url != source_url:
            return ()
        return (release.version for release in releases.releases)

    async def _changes(
        self, update: Update, forge: NotesSource, source_url: str, pair: tuple[str, str] | None
    ) -> str | None:
        """The file of changes, as of the new tag; without one, as of now."""
        revision = pair[1] if pair is not None else "HEAD"
        directory = update.offer.policy.source_directory or ""
        return await self.client.once(
            f"changes of {source_url} {directory} {revision}",
            lambda: forge.changelog(source_url, revision, directory, self.client),
        )

    # ------------------------------------------------------------ charts

    async def _charts(self, update: Update) -> tuple[tuple[Chart | None, Chart | None], bool]:
        """The chart in use and the proposed one, and whether one of them could not be had."""
        package = update.tracked.package
        source = self.library.datasources[package.datasource]
        if not isinstance(source, ArchiveSource) or update.current_version is None:
            return (None, None), False
        if update.update_type is UpdateType.REPLACEMENT:
            return (None, None), False
        try:
            old, new = await asyncio.gather(
                self._chart(source, package, self._listed_name(package, update.current_version)),
                self._chart(source, package, update.offer.release.version),
            )
        except (RequestError, msgspec.DecodeError) as error:
            logger.info("the chart %s could not be compared: %s", package.name, error)
            return (None, None), True
        return (old, new), False

    def _listed_name(self, package: Package, version: str) -> str:
        """A version in use as the registry writes it: with or without a ``v``."""
        listed = self.library.known.get(package)
        names = {release.version for release in listed.releases} if listed is not None else set()
        spellings = (version, f"v{version}", version.removeprefix("v"))
        return next((name for name in spellings if name in names), version)

    async def _chart(self, source: ArchiveSource, package: Package, version: str) -> Chart | None:
        """What matters about a version; None for an archive that nobody can read."""
        place = " ".join(
            (package.datasource, package.name, *package.registry_urls, version, self._digest(package, version))
        )

        async def make() -> str:
            archive = await source.archive(package, version, self.client)
            try:
                chart = await asyncio.to_thread(read_chart, archive)
            except UnreadableArchive as error:
                logger.info("the chart %s %s is of no use: %s", package.name, version, error)
                return ""
            return base64.b64encode(msgspec.msgpack.encode(chart)).decode()

        kept = await self.client.kept(f"chart {_FORM} {place}", make)
        return msgspec.msgpack.decode(base64.b64decode(kept), type=Chart) if kept else None

    def _digest(self, package: Package, version: str) -> str:
        listed = self.library.known.get(package)
        releases = listed.releases if listed is not None else ()
        return next((release.digest or "" for release in releases if release.version == version), "")

    def _findings(self, update: Update, old: Chart, new: Chart) -> list[Finding]:
        dependency = update.tracked.dependency
        if dependency.span is None:
            return []
        return check(overrides_at(dependency.path, dependency.span.start, self.library.read), old, new)


# ---------------------------------------------------------------- versions


def _spans(update: Update, charts: tuple[Chart | None, Chart | None], known: Releases | None) -> Iterable[Span]:
    """The step in versions of the package; for a chart then that of the application in it."""
    name = update.tracked.package.name
    assert update.current_version is not None
    yield Span(name=name, old=update.current_version, new=update.offer.version)
    listed = {each.version: each.app_version for each in (known.releases if known is not None else ())}
    old = charts[0].app_version if charts[0] else listed.get(update.current_version)
    new = charts[1].app_version if charts[1] else update.offer.release.app_version
    if old and new and old != new:
        yield Span(name=name, old=old, new=new)


def _order(name: str) -> IsNewer:
    """How versions are compared: in the dependency's own way, or as semantic ones where that knows them not."""
    schemes = (versioning.get(name), versioning.get("semver-coerced"))

    def is_newer(one: str, other: str) -> bool:
        for scheme in schemes:
            try:
                return scheme.key(one) > scheme.key(other)
            except (ValueError, TypeError):
                continue
        return False

    return is_newer
