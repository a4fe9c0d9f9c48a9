"""Decides a recorded run again, from its record alone, without network.

What the record does not tell is said, not guessed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from msgspec import structs

from updater import errors, lookup, plugins, vet
from updater.api import Client, Clock, Datasource, HashSource, Platform, Published, Tree
from updater.config import Config, Place, load
from updater.forecast import Forecast
from updater.inventory import Progress, Workshop
from updater.material import Library, Material
from updater.model.decide import Update
from updater.model.forge import Identity, Issue, PullRequest, RemoteBranch, Status
from updater.model.history import Revision
from updater.model.lookup import Failed, Releases
from updater.model.plan import Plan
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.pipeline import Bases, Project, Tombstones, find_bases, make_forecast, make_plan
from updater.record.form import (
    BaseOnRecord,
    FailureOnRecord,
    FileOnRecord,
    ForgeOnRecord,
    Question,
    Record,
    ToldOnRecord,
)
from updater.rollout import Health, Trial

_CONTENTS_OF_HIDDEN = {"encrypted": b"sops:\n  mac: x\n  lastmodified: x\n", "binary": b"\0"}


class NotOnRecord(errors.RequestError):
    """Nobody asked this when the record was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a recorded run decides. ``unread`` says what of the repository would have been read and is not on record."""

    plan: Plan
    config: Config
    unread: tuple[str, ...]


async def replay(record: Record, *, config_file: Path | None = None, progress: Progress = lambda _text: None) -> Replay:
    """Decide ``record`` again, with its own configuration or with that in ``config_file``. Raises ``ConfigError``."""
    scene = _scene(record, config_file, progress)
    bases = await _bases(record, scene, config_file)
    plan = await make_plan(scene.project, bases, scene.workshop, RecordedWorld(record))
    unread = (
        *map("the preset {}".format, scene.config.missing),
        *map("the content of {}".format, scene.tree.unread),
        *(scene.platform.unread if scene.platform is not None else ()),
    )
    return Replay(plan=replace(plan, seconds=record.seconds), config=scene.config, unread=unread)


async def forecast(
    record: Record,
    *,
    length: timedelta,
    merge_after: timedelta,
    config_file: Path | None = None,
    progress: Progress = lambda _text: None,
) -> Forecast:
    """What would have been produced in the time before the recorded run. Raises ``ConfigError``."""
    scene = _scene(record, config_file, progress)
    bases, world = await _bases(record, scene, config_file), RecordedWorld(record)
    return await make_forecast(scene.project, bases, scene.workshop, world, length, merge_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What a recorded run works on."""

    tree: "RecordedTree"
    platform: "_RecordedPlatform | None"
    project: Project
    config: Config
    workshop: Workshop


def _scene(record: Record, config_file: Path | None, progress: Progress) -> _Scene:
    tree = RecordedTree(record, record.commit, record)
    platform = _RecordedPlatform(record, record.forge) if record.forge is not None else None
    project = Project(
        repository=record.repository,
        tree=tree,
        base=record.base,
        platform=cast("Platform | None", platform),
        forced=tuple(record.forced),
        place=record.place,
    )
    workshop = Workshop(clock=lambda: record.now, progress=progress)
    config = recorded_config(record, tree, config_file)
    return _Scene(tree=tree, platform=platform, project=project, config=config, workshop=workshop)


async def _bases(record: Record, scene: _Scene, config_file: Path | None) -> Bases:
    async def understand(name: str, tree: Tree) -> Config:
        place = structs.replace(record.place or Place(), base=name)
        return recorded_config(record, scene.tree, config_file, place, above=tree)

    return await find_bases(scene.project, scene.config, understand)


def recorded_config(
    record: Record,
    tree: Tree,
    config_file: Path | None = None,
    place: Place | None = None,
    above: Tree | None = None,
) -> Config:
    """The configuration of a recorded run, or that in ``config_file`` in its place. Raises ``ConfigError``.

    With the tree of another base branch ``above`` it is that for the branch, at ``place``.
    """
    given = None
    if config_file is None and record.config.file is not None:
        given = (record.config.file, record.config.text or "")
    return load(
        tree,
        file=config_file,
        given=given,
        environment=record.config.variables,
        managers=plugins.managers().keys(),
        library={preset.file: preset.text for preset in record.config.presets},
        place=place or record.place,
        above=above,
    )


# ---------------------------------------------------------------- the repository


class RecordedTree:
    """The files of a recorded run, or of a base branch in it; meets ``updater.api.HistoricTree``.

    ``unread`` are the paths that were asked for in vain.
    """

    def __init__(self, record: Record, commit: str | None, base: Record | BaseOnRecord) -> None:
        self.home = f"record of {record.repository}"
        self.commit, self.state = commit, None
        self.unread: list[str] = []
        self._files = {file.path: file for file in base.files}
        self._links, self._subjects = base.links, base.subjects

    def files(self) -> Sequence[str]:
        """The paths of all files."""
        return list(self._files)

    def links(self) -> Mapping[str, str]:
        """The symbolic links."""
        return self._links

    def size(self, path: str) -> int:
        """The size in bytes."""
        return self._files[path].size

    def identity(self, _path: str) -> str | None:
        """Not known: a masked text is another content."""
        return None

    def history(self, _paths: Iterable[str], _since: datetime) -> Mapping[str, Sequence[Revision]]:
        """Nothing: what follows from it is on record."""
        return {}

    def subjects(self, most: int) -> Sequence[str]:
        """The first lines of the latest commits."""
        return self._subjects[:most]

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The contents, as far as they are on record."""
        for path in paths:
            content = _content(self._files[path]) if path in self._files else None
            if content is not None:
                yield path, content
            elif path not in self.unread:
                self.unread.append(path)


def _content(file: FileOnRecord) -> bytes | None:
    if file.text is not None:
        return file.text.encode()
    if file.data is not None:
        return file.data
    return _CONTENTS_OF_HIDDEN.get(file.hidden or "")


# ---------------------------------------------------------------- the forge


class _RecordedPlatform:
    """The forge as it was; it can be read as far as it was read then, and never written."""

    def __init__(self, record: Record, forge: ForgeOnRecord) -> None:
        self.NAME, self.BODY_LIMIT, self.repository = forge.name, forge.body_limit, record.repository
        self._unread: list[str] = []
        self._record, self._forge = record, forge
        self._trees = {each.name: RecordedTree(record, each.commit, each) for each in record.bases}
        self._compared = {(each.prefix, each.base): each.branches for each in forge.compared}

    @property
    def unread(self) -> list[str]:
        """What was asked for in vain."""
        contents = (f"the content of {name}:{path}" for name, tree in self._trees.items() for path in tree.unread)
        return [*self._unread, *contents]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise errors.PlatformError(f"a record has no forge that could be asked for {name}")

    def acting_as(self, _identity: Identity) -> "_RecordedPlatform":
        return self

    def branch_names(self) -> Sequence[str]:
        if self._forge.names is None:
            self._unread.append("the names of the branches")
        return self._forge.names or [self._record.base, *self._trees]

    def tree(self, branch: str) -> Tree:
        if branch not in self._trees:
            raise errors.RepositoryError(f"the record does not tell what {branch} held: nobody looked at it then")
        return self._trees[branch]

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        if (prefix, base) in self._compared:
            return self._compared[prefix, base]
        if prefix == self._forge.prefix:
            return self._forge.branches
        self._unread.append(f"the branches and pull requests below {prefix}")
        return ()

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        known = {self._forge.prefix, *(each for each, _ in self._compared)}
        return [pull for pull in self._forge.pulls if pull.branch.startswith(prefix)] if prefix in known else ()

    def find_issue(self, title: str) -> Issue | None:
        if title not in self._forge.issues:
            self._unread.append(f"the issue {title!r}")
        return self._forge.issues.get(title)

    def said(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        return {commit: self._forge.said[commit] for commit in commits if commit in self._forge.said}

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        self._unread += (f"what is said of commit {commit}" for commit in commits if commit not in self._forge.statuses)
        return {commit: self._forge.statuses[commit] for commit in commits if commit in self._forge.statuses}


# ---------------------------------------------------------------- registries


class RecordedWorld:
    """The answers of a recorded run; meets :class:`~updater.pipeline.World`."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._sights = {(each.package, each.version): each.since for each in record.sights}

    @property
    def first_seen(self) -> vet.FirstSeen:
        """Since when each version was known then."""
        return _RecordedSights(self._sights)

    @property
    def requests(self) -> Mapping[str, int]:
        """The requests of the recorded run: none is sent now."""
        return self._record.requests

    @property
    def trials(self) -> Sequence[Trial]:
        """What had become of merged pull requests then."""
        return self._record.trials

    @property
    def healths(self) -> Sequence[Health]:
        """How everything was then."""
        return self._record.healths

    async def look_up(
        self, wanted: lookup.Wanted, _datasources: Mapping[str, Datasource], _clock: Clock
    ) -> lookup.Answers:
        """What was known of each package then."""
        answers = {each.package: each for each in self._record.answers}
        releases: dict[Package, Releases] = {}
        failed: dict[Package, Failed] = {}
        for package in wanted:
            answer = answers.get(package)
            if answer is None:
                failed[package] = _not_asked(package)
                continue
            if answer.releases is not None:
                releases[package] = answer.releases
            if answer.failed is not None:
                failed[package] = answer.failed
        return lookup.Answers(releases=releases, failed=failed)

    def sources(self, datasources: Mapping[str, Datasource]) -> vet.Sources:
        """What was told about single versions then."""
        told = {each.question: each for each in self._record.told}
        return _RecordedSources(datasources, cast("Client", _NoClient()), on_record=told)

    def tombstones(self, _tree: Tree, dependencies: Sequence[Tracked], _now: datetime) -> Tombstones:
        """What was decided against then."""
        found = {each.dependency: tuple(each.stones) for each in self._record.tombstones}
        managed = (tracked.dependency for tracked in dependencies)
        return {dependency: found[dependency] for dependency in managed if dependency in found}

    async def about(self, updates: Sequence[Update], _library: Library) -> Sequence[Material]:
        """What was found out about these updates then; nothing about others."""
        found = {(each.dependency, each.version, each.update_type): each.material for each in self._record.materials}
        keys = ((update.tracked.dependency, update.offer.version, update.update_type) for update in updates)
        return [found.get(key, Material(is_partial=True)) for key in keys]


def _not_asked(package: Package) -> Failed:
    return Failed(
        subject=f"{package.datasource} {package.name}",
        error="the record does not tell its releases: it was not looked up then",
    )


class _NoClient:
    """In the place of the way to the network."""

    def __getattr__(self, name: str) -> Any:
        raise NotOnRecord(f"the record does not tell what {name} would bring", url="")


@dataclass(frozen=True)
class _RecordedSights:
    _sights: Mapping[tuple[Package, str], datetime]

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        return {version: self._seen(package, version, now) for version in versions}

    def _seen(self, package: Package, version: str, now: datetime) -> datetime:
        since = self._sights.get((package, version))
        if since is None and version:
            raise NotOnRecord(f"the record does not tell when {version} was first seen", url="")
        return since or now


@dataclass(frozen=True)
class _RecordedSources(vet.Sources):
    on_record: Mapping[Question, ToldOnRecord] = field(default_factory=dict)

    async def published(self, package: Package, version: str) -> Published | None:
        return self._on_record("date", package, version).date if self.know_dates(package) else None

    async def digest(self, package: Package, version: str, *, within: timedelta | None = None) -> str | None:  # noqa: ARG002
        return self._on_record("digest", package, version).digest if self.know_digests(package) else None

    async def platforms(self, package: Package, version: str, *, within: timedelta | None = None) -> frozenset[str]:  # noqa: ARG002
        if not self.know_platforms(package):
            return frozenset()
        return frozenset(self._on_record("platforms", package, version).platforms)

    async def hashes(self, package: Package, locked: Package, version: str, known: Sequence[str]) -> list[str] | None:
        if not isinstance(self.datasources[package.datasource], HashSource):
            return None
        return self._on_record("hashes", locked, version, known).hashes

    def _on_record(self, about: str, package: Package, version: str, beside: Sequence[str] = ()) -> ToldOnRecord:
        told = self.on_record.get((about, package, version, tuple(beside)))
        if told is None:
            raise NotOnRecord(f"the record does not tell the {about} of {version}: nobody asked for it then", url="")
        if told.failure is not None:
            raise _error(told.failure)
        return told


def _error(failure: FailureOnRecord) -> errors.RequestError:
    if failure.kind == errors.RateLimited.__name__:
        return errors.RateLimited(failure.message, url="", until=failure.until)
    kinds = (errors.NotFound, errors.AuthError, errors.Unavailable, errors.InvalidAnswer)
    kind = next((each for each in kinds if each.__name__ == failure.kind), errors.Unavailable)
    return kind(failure.message, url="")
