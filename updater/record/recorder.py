"""Writes down what a run is told: a recorder stands between the run and everything that it asks."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from updater import __version__, lookup, vet
from updater.api import Clock, Datasource, HistoricTree, Platform, Published, Tree
from updater.config import Config, Place
from updater.config.allowed import ALLOWING
from updater.config.load import VARIABLES
from updater.errors import RateLimited, RequestError
from updater.material import Library, Material
from updater.model.decide import Update
from updater.model.forge import Identity, Issue, PullRequest, RemoteBranch, Status
from updater.model.history import Revision
from updater.model.plan import Plan
from updater.model.scan import Package
from updater.model.track import Tracked
from updater.offlimits import is_encrypted
from updater.pipeline import Project, Tombstones, World
from updater.publish import blob_id
from updater.record.form import (
    FORMAT,
    AnswerOnRecord,
    BaseOnRecord,
    BranchesOnRecord,
    ConfigOnRecord,
    FailureOnRecord,
    FileOnRecord,
    ForgeOnRecord,
    MaterialOnRecord,
    PresetOnRecord,
    Question,
    Record,
    SightOnRecord,
    StonesOnRecord,
    Subject,
    ToldOnRecord,
)
from updater.record.masking import Mask
from updater.report import as_json
from updater.rollout import Health, Trial

T = TypeVar("T")

_SECRET_VARIABLE = re.compile(r"TOKEN|PASSWORD|SECRET", re.IGNORECASE)


class Recorder:
    """Records one run: hand its :meth:`project` and :meth:`world` to the pipeline, then take the :meth:`record`.

    What is kept of earlier scans must not be used meanwhile: a file that is not read is not on record. The run has to
    take place at ``now``, which is what the :meth:`clock` says.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._forced: list[str] = []
        self._place: Place | None = None
        self._tree: _RecordingTree | None = None
        self._platform: _RecordingPlatform | None = None
        self._notebook = _Notebook()

    def project(self, project: Project) -> Project:
        """The same project, whose files and forge are recorded as they are read."""
        self._forced, self._place = list(project.forced), project.place
        self._tree = _recording(project.tree)
        if project.platform is None:
            return replace(project, tree=self._tree)
        self._platform = _RecordingPlatform(project.platform)
        return replace(project, tree=self._tree, platform=cast("Platform", self._platform))

    def clock(self) -> datetime:
        """The time of the run, which stands still."""
        return self._now

    def world(self, world: World) -> World:
        """The same world, whose answers are recorded."""
        return _RecordingWorld(world, self._notebook)

    def record(
        self, plan: Plan, config: Config, environment: Mapping[str, str], config_file: Path | None = None
    ) -> Record:
        """All of it. ``config_file`` is where the configuration came from, if not from the repository."""
        assert self._tree is not None
        tokens = [value for name, value in environment.items() if _SECRET_VARIABLE.search(name)]
        mask = Mask((*config.secrets, *tokens))
        record = Record(
            updater_record=FORMAT,
            program=__version__,
            now=self._now,
            repository=plan.repository,
            base=plan.base.name,
            commit=plan.base.commit,
            forced=self._forced,
            place=self._place,
            config=_config(mask, config, environment, config_file),
            files=list(_files(self._tree, mask)),
            links=_encodable(self._tree.links()),
            subjects=list(filter(_is_encodable, self._tree.said)),
            bases=list(self._bases(mask)),
            answers=self._notebook.answers,
            told=sorted(self._notebook.told.values(), key=repr),
            sights=sorted(self._notebook.sights, key=repr),
            tombstones=self._notebook.stones,
            materials=self._notebook.materials,
            trials=self._notebook.trials,
            healths=self._notebook.healths,
            forge=self._platform.on_record(_masked_blobs(plan, mask)) if self._platform is not None else None,
            requests=dict(plan.requests),
            seconds=dict(plan.seconds),
            plan=as_json.plan(plan),
        )
        return msgspec.json.decode(mask.encoded(msgspec.json.encode(record)), type=Record)

    def _bases(self, mask: Mask) -> Iterator[BaseOnRecord]:
        for name, tree in (self._platform.trees if self._platform is not None else {}).items():
            yield BaseOnRecord(
                name=name,
                commit=tree.commit,
                files=list(_files(tree, mask)),
                links=_encodable(tree.links()),
                subjects=list(filter(_is_encodable, tree.said)),
            )


# ---------------------------------------------------------------- the repository


class _RecordingTree:
    """A tree that keeps what is read of it; meets ``updater.api.Tree``."""

    def __init__(self, tree: Tree) -> None:
        self.live = tree
        self.contents: dict[str, bytes] = {}
        self.said: list[str] = []

    @property
    def home(self) -> str:
        return self.live.home

    @property
    def commit(self) -> str | None:
        return self.live.commit

    @property
    def state(self) -> str | None:
        return self.live.state

    def files(self) -> Sequence[str]:
        return self.live.files()

    def links(self) -> Mapping[str, str]:
        return self.live.links()

    def size(self, path: str) -> int:
        return self.live.size(path)

    def identity(self, path: str) -> str | None:
        return self.live.identity(path)

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for path, content in self.live.read(paths):
            self.contents[path] = content
            yield path, content


class _RecordingHistoricTree(_RecordingTree):
    """The same, with a history; meets ``updater.api.HistoricTree``. What is read in it comes with the tombstones."""

    def history(self, paths: Iterable[str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        assert isinstance(self.live, HistoricTree)
        return self.live.history(paths, since)

    def subjects(self, most: int) -> Sequence[str]:
        assert isinstance(self.live, HistoricTree)
        self.said = list(self.live.subjects(most))
        return self.said


def _recording(tree: Tree) -> _RecordingTree:
    return _RecordingHistoricTree(tree) if isinstance(tree, HistoricTree) else _RecordingTree(tree)


def _files(tree: _RecordingTree, mask: Mask) -> Iterator[FileOnRecord]:
    for path in filter(_is_encodable, tree.files()):
        file = FileOnRecord(path=path, size=tree.size(path))
        if path in tree.contents:
            _fill(file, tree.contents[path], mask.file)
        yield file


def _fill(file: FileOnRecord, content: bytes, mask: Callable[[str], str]) -> None:
    if b"\0" in content:
        file.hidden = "binary"
        return
    text = content.decode("utf-8", "surrogateescape")
    if is_encrypted(text):
        file.hidden = "encrypted"
    elif _is_encodable(text):
        file.text = mask(text)
    else:
        file.data = mask(text).encode("utf-8", "surrogateescape")


def _config(mask: Mask, config: Config, environment: Mapping[str, str], file: Path | None) -> ConfigOnRecord:
    told = (*VARIABLES, *ALLOWING, *config.variables)
    presets = ((each, text if text is None else mask.text(text)) for each, text in config.fetched.items())
    made = ConfigOnRecord(
        variables={name: mask.text(environment[name]) for name in told if environment.get(name)},
        presets=[PresetOnRecord(each, text) for each, text in presets],
    )
    if file is not None:
        made.file, made.text = str(file), mask.text(file.read_text("utf-8-sig"))
    return made


def _is_encodable(text: str) -> bool:
    """Whether JSON can hold it: the name of a file may be in no encoding at all."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _encodable(links: Mapping[str, str]) -> dict[str, str]:
    return {path: project for path, project in links.items() if _is_encodable(path + project)}


# ---------------------------------------------------------------- the forge


class _RecordingPlatform:
    """A forge of which is kept what planning reads. All else goes to the forge itself."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.trees: dict[str, _RecordingTree] = {}
        self._names: list[str] | None = None
        self._branches: dict[tuple[str, str], list[RemoteBranch]] = {}
        self._pulls: dict[str, list[PullRequest]] = {}
        self._statuses: Mapping[str, Sequence[Status]] = {}
        self._said: Mapping[str, Sequence[Status]] = {}
        self._issues: dict[str, Issue | None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)

    def acting_as(self, identity: Identity) -> "_RecordingPlatform":
        self._platform = self._platform.acting_as(identity)
        return self

    def branch_names(self) -> Sequence[str]:
        self._names = list(self._platform.branch_names())
        return self._names

    def tree(self, branch: str) -> Tree:
        self.trees[branch] = _recording(self._platform.tree(branch))
        return self.trees[branch]

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        self._branches[prefix, base] = list(self._platform.branches(prefix, base))
        return self._branches[prefix, base]

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        self._pulls[prefix] = list(self._platform.pull_requests(prefix))
        return self._pulls[prefix]

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        self._statuses = self._platform.statuses(commits)
        return self._statuses

    def said(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        self._said = self._platform.said(commits)
        return self._said

    def find_issue(self, title: str) -> Issue | None:
        self._issues[title] = self._platform.find_issue(title)
        return self._issues[title]

    def on_record(self, blobs: Mapping[str, str]) -> ForgeOnRecord:
        """The forge. ``blobs`` are ids of contents that are on record with something masked, and their ids there."""
        compared = [
            BranchesOnRecord(prefix, base, [replace(each, files=_translated(each.files, blobs)) for each in found])
            for (prefix, base), found in self._branches.items()
        ]
        first = compared[0] if compared else BranchesOnRecord("", "", [])
        return ForgeOnRecord(
            name=self._platform.NAME,
            body_limit=self._platform.BODY_LIMIT,
            prefix=first.prefix,
            branches=first.branches,
            compared=compared[1:],
            names=self._names,
            pulls=[pull for found in self._pulls.values() for pull in found],
            issues=self._issues,
            statuses={commit: list(said) for commit, said in self._statuses.items()},
            said={commit: list(said) for commit, said in self._said.items()},
        )


def _masked_blobs(plan: Plan, mask: Mask) -> dict[str, str]:
    """The contents that the plan wants, where a masked text makes another one of them."""
    texts = {text for branch in plan.branches for text in branch.files.values()}
    pairs = ((blob_id(text), blob_id(mask.file(text))) for text in texts)
    return {real: masked for real, masked in pairs if real != masked}


def _translated(files: Mapping[str, str | None], blobs: Mapping[str, str]) -> dict[str, str | None]:
    return {path: blobs.get(blob, blob) if blob is not None else None for path, blob in files.items()}


# ---------------------------------------------------------------- registries


@dataclass
class _Notebook:
    """What was heard so far."""

    answers: list[AnswerOnRecord] = field(default_factory=list)
    told: dict[Question, ToldOnRecord] = field(default_factory=dict)
    sights: list[SightOnRecord] = field(default_factory=list)
    stones: list[StonesOnRecord] = field(default_factory=list)
    materials: list[MaterialOnRecord] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    healths: list[Health] = field(default_factory=list)

    def look_up(self, wanted: Iterable[Package], answers: lookup.Answers) -> None:
        self.answers += (
            AnswerOnRecord(package=package, releases=answers.releases.get(package), failed=answers.failed.get(package))
            for package in wanted
        )

    async def hear(
        self, about: Subject, package: Package, version: str, answer: Awaitable[T], beside: Iterable[str] = ()
    ) -> T:
        """Write down what is told about a version, whatever that is."""
        told = ToldOnRecord(about=about, package=package, version=version, beside=list(beside))
        try:
            value = await answer
        except RequestError as error:
            until = error.until if isinstance(error, RateLimited) else None
            told.failure = FailureOnRecord(kind=type(error).__name__, message=str(error), until=until)
            raise
        else:
            _note(told, value)
            return value
        finally:
            self.told[told.question] = told


def _note(told: ToldOnRecord, value: object) -> None:
    match value:
        case None:
            pass
        case Published():
            told.date = value
        case str():
            told.digest = value
        case frozenset():
            told.platforms = sorted(value)
        case list():
            told.hashes = list(value)
        case _:
            raise AssertionError(value)


@dataclass(frozen=True)
class _RecordingWorld:
    _live: World
    _notebook: _Notebook

    @property
    def first_seen(self) -> vet.FirstSeen:
        return _RecordingSights(self._live.first_seen, self._notebook)

    @property
    def requests(self) -> Mapping[str, int]:
        return self._live.requests

    @property
    def trials(self) -> Sequence[Trial]:
        self._notebook.trials = list(self._live.trials)
        return self._notebook.trials

    @property
    def healths(self) -> Sequence[Health]:
        self._notebook.healths = list(self._live.healths)
        return self._notebook.healths

    async def look_up(
        self, wanted: lookup.Wanted, datasources: Mapping[str, Datasource], clock: Clock
    ) -> lookup.Answers:
        answers = await self._live.look_up(wanted, datasources, clock)
        self._notebook.look_up(wanted, answers)
        return answers

    def sources(self, datasources: Mapping[str, Datasource]) -> vet.Sources:
        live = self._live.sources(datasources)
        return _RecordingSources(live.datasources, live.client, notebook=self._notebook)

    def tombstones(self, tree: Tree, dependencies: Sequence[Tracked], now: datetime) -> Tombstones:
        stones = self._live.tombstones(tree, dependencies, now)
        self._notebook.stones += (StonesOnRecord(dependency, list(found)) for dependency, found in stones.items())
        return stones

    async def about(self, updates: Sequence[Update], library: Library) -> Sequence[Material]:
        found = await self._live.about(updates, library)
        self._notebook.materials += (
            MaterialOnRecord(update.tracked.dependency, update.offer.version, update.update_type, material)
            for update, material in zip(updates, found, strict=True)
        )
        return found


@dataclass(frozen=True)
class _RecordingSights:
    _live: vet.FirstSeen
    _notebook: _Notebook

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        seen = await self._live.first_seen(package, versions, now)
        self._notebook.sights += (SightOnRecord(package, version, since) for version, since in seen.items())
        return seen


@dataclass(frozen=True)
class _RecordingSources(vet.Sources):
    notebook: _Notebook = field(default_factory=_Notebook)

    async def published(self, package: Package, version: str) -> Published | None:
        return await self.notebook.hear("date", package, version, super().published(package, version))

    async def digest(self, package: Package, version: str, *, within: timedelta | None = None) -> str | None:
        return await self.notebook.hear("digest", package, version, super().digest(package, version, within=within))

    async def platforms(self, package: Package, version: str, *, within: timedelta | None = None) -> frozenset[str]:
        found = super().platforms(package, version, within=within)
        return await self.notebook.hear("platforms", package, version, found)

    async def hashes(self, package: Package, locked: Package, version: str, known: Collection[str]) -> list[str] | None:
        answer = super().hashes(package, locked, version, list(known))
        return await self.notebook.hear("hashes", locked, version, answer, known)
