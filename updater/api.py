"""All that a plugin may import: the values, the protocols and the shared grammars.

Stable under semantic versioning. A plugin is a module (or any object) that meets one of the protocols below; it
is found through the entry points ``updater.managers``, ``updater.custom_managers`` and ``updater.datasources``,
each of which names a tuple of plugins.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from updater.errors import (
    AuthError,
    ConfigError,
    InvalidAnswer,
    NotFound,
    PlatformError,
    RateLimited,
    RequestError,
    Unavailable,
    UpdaterError,
)
from updater.images import ImageReference, image_dependency, image_package, parse_image
from updater.jsonata import check as check_jsonata
from updater.jsonata import evaluate_jsonata
from updater.model.forge import (
    CheckState,
    Comment,
    Commit,
    Deployment,
    DeploymentState,
    Finding,
    FindingLevel,
    Identity,
    Issue,
    MergeStrategy,
    Proposal,
    PullRequest,
    PullRequestState,
    Pushed,
    RemoteBranch,
    Review,
    ReviewState,
    Status,
)
from updater.model.history import Revision
from updater.model.lookup import Note, Release, Releases, Requirement
from updater.model.scan import (
    Clue,
    Dependency,
    Edit,
    Environment,
    Extracted,
    Json,
    LockEntry,
    Package,
    Place,
    Remark,
    Skipped,
    SourceFile,
    Span,
)
from updater.templates import Template, read_template

if TYPE_CHECKING:
    from updater.rollout import (
        Change,
        Expectation,
        Health,
        OwnCommit,
        PlanSummary,
        Rewrite,
        Rollout,
        RolloutState,
        Target,
        TargetKind,
        Times,
        Touch,
        Verdict,
    )

__all__ = [
    "ArchiveSource",
    "Asker",
    "AuthError",
    "BranchHistory",
    "Change",
    "ChangeSource",
    "CheckState",
    "Client",
    "Clue",
    "Comment",
    "Commit",
    "ConfigError",
    "Credentials",
    "CustomManager",
    "Datasource",
    "DatasourceMaker",
    "DateSource",
    "Dependency",
    "Deployment",
    "DeploymentState",
    "DigestSource",
    "Distiller",
    "Edit",
    "Environment",
    "Expectation",
    "Extracted",
    "Files",
    "Finding",
    "FindingLevel",
    "ForwardSource",
    "HashSource",
    "Health",
    "HealthSource",
    "HistoricTree",
    "History",
    "Identity",
    "ImageReference",
    "InvalidAnswer",
    "Issue",
    "Json",
    "Linker",
    "LockEntry",
    "MadeDatasource",
    "Manager",
    "MergeStrategy",
    "NotFound",
    "Note",
    "NotesSource",
    "OriginSource",
    "OwnCommit",
    "Package",
    "Place",
    "PlanSummary",
    "Platform",
    "PlatformError",
    "PlatformSource",
    "Proposal",
    "Published",
    "PullRequest",
    "PullRequestState",
    "Pushed",
    "RateLimited",
    "Reconciler",
    "Release",
    "Releases",
    "Remark",
    "RemoteBranch",
    "RequestError",
    "Requirement",
    "Response",
    "ResumableSource",
    "Review",
    "ReviewState",
    "Revision",
    "Rewrite",
    "Rollout",
    "RolloutState",
    "Sealer",
    "Secret",
    "Skipped",
    "SourceFile",
    "Span",
    "Status",
    "Target",
    "TargetKind",
    "Template",
    "Times",
    "Touch",
    "Tree",
    "Unavailable",
    "UpdaterError",
    "Verdict",
    "Versioning",
    "check_jsonata",
    "dependency",
    "evaluate_jsonata",
    "image_dependency",
    "image_package",
    "parse_image",
    "read_template",
    "skipped",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """What is said of rollouts: loaded when it is asked for, because scans and plans of most do without."""
        if name not in __all__:
            raise AttributeError(name)
        return getattr(import_module("updater.rollout"), name)


T = TypeVar("T")


# ---------------------------------------------------------------- managers


@runtime_checkable
class Manager(Protocol):
    """Reads one kind of file. A module with these names is a manager; its docstring is its user page.

    ``extract`` is pure: it looks at nothing but the file, never raises on any content, and yields a
    ``Dependency`` for each version that can be moved, a ``Skipped`` with a reason for each that cannot, a
    ``LockEntry`` for each entry of a lock file, and, if the manager is a ``Linker`` too, a ``Clue`` for what only
    means something together with other files. What a comment on its line gives to somebody else
    (``# renovate: ignore``, a Flux marker) and what is a secret the core takes out afterwards.
    """

    NAME: str
    FILES: tuple[str, ...]
    """Globs of the files worth opening (``*.yaml`` matches in any directory). Content decides, not the name."""
    MARKERS: tuple[str, ...]
    """``extract`` is called only for a text that contains at least one of these; empty: for every text.

    A marker that begins with a newline stands at the beginning of a line, which may be the first one.
    """
    FOREIGN: tuple[str, ...]
    """``extract`` is not called for a text that contains one of these: it is another kind of file."""
    NARROWABLE: bool
    """True where ``managerFilePatterns`` means "only these files"; False where it means "these files, too"."""

    def extract(self, file: SourceFile, /) -> Iterable[Extracted]:
        """All that stands in the file."""
        ...


class Files(Protocol):
    """The files of the repository, read only, for a manager that has to look into another file."""

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths that match a glob over the whole path, sorted; ``*`` stays in a directory, ``**`` does not."""
        ...

    def read(self, path: str) -> SourceFile | None:
        """The file at ``path``; None if there is none, or if it is too large, binary or ignored."""
        ...


@runtime_checkable
class Linker(Protocol):
    """What a manager has in addition if versions in one of its files depend on what stands in others.

    ``link`` is called once for each scan, with all clues that the manager yielded in the whole repository, in order
    of their paths. It is as pure and as unable to raise as ``extract``, and what it yields may stand in any file.
    """

    def link(self, clues: Sequence[Clue], files: Files, /) -> Iterable[Extracted]:
        """The dependencies and rows that the clues amount to, no further clues."""
        ...


@runtime_checkable
class Asker(Protocol):
    """What a manager has in addition if it asks files about other words than its markers.

    Whether ``file.mentions`` one of them is then known before the manager is called, at no cost.
    """

    WORDS: tuple[str, ...]


@runtime_checkable
class Sealer(Protocol):
    """What a manager of lock files has in addition if they hold a checksum over all that they lock.

    ``seal`` is called last, once for each lock file whose entries belong to a branch's updates, when everything else
    has been edited. It is pure.
    """

    def seal(self, lock: SourceFile, locked: Sequence[SourceFile], /) -> Iterable[Edit]:
        """What is still to be edited in ``lock`` so that it fits the files whose dependencies it locks.

        Raises ``ValueError`` with the reason if it cannot be made to fit.
        """
        ...


@runtime_checkable
class CustomManager(Protocol):
    """Makes managers out of entries of ``customManagers`` in the configuration (``customType`` = ``NAME``)."""

    NAME: str

    def build(self, options: Mapping[str, object], /) -> Manager:
        """The manager that ``options`` describe. Raises ``ValueError`` with a sentence for the user."""
        ...


def dependency(
    file: SourceFile,
    *,
    manager: str,
    name: str,
    package: Package,
    value: Span | None,
    digest: Span | None = None,
    pinnable: bool = False,
    comment_at: int | None = None,
    versioning: str | None = None,
    extract_version: str | None = None,
    dep_type: str | None = None,
    environment: Environment | None = None,
    name_at: Span | None = None,
    registry_at: Span | None = None,
) -> Dependency:
    """A dependency whose value and digest are the text at the given spans of ``file``.

    ``name_at`` and ``registry_at`` are where its name and the address of its registry stand, each in one piece.
    """
    return Dependency(
        manager=manager,
        path=file.path,
        line=file.line_of((value or digest or Span(0, 0)).start),
        name=name,
        package=package,
        current_value=file.text[value.start : value.end] if value else None,
        span=value,
        current_digest=file.text[digest.start : digest.end] if digest else None,
        digest_span=digest,
        pinnable=pinnable,
        comment_at=comment_at,
        versioning=versioning,
        extract_version=extract_version,
        dep_type=dep_type,
        environment=environment or file.environment,
        name_span=name_at,
        registry_span=registry_at,
    )


def skipped(
    file: SourceFile,
    *,
    manager: str | None,
    reason: str,
    at: Span | None = None,
    name: str | None = None,
    datasource: str | None = None,
    dep_type: str | None = None,
) -> Skipped:
    """A value (the text at ``at``) or, without ``at``, a whole file that is not managed, with the reason."""
    return Skipped(
        manager=manager,
        path=file.path,
        reason=reason,
        line=file.line_of(at.start) if at else None,
        name=name,
        current_value=file.text[at.start : at.end] if at else None,
        span=at,
        datasource=datasource,
        dep_type=dep_type,
        environment=file.environment,
    )


# ---------------------------------------------------------------- datasources


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that shows as ``****`` wherever it is printed; ``reveal`` is the only way to read it."""

    _value: str

    def reveal(self) -> str:
        """The value itself, for the one line that sends it."""
        return self._value

    def __str__(self) -> str:
        return "****"

    def __repr__(self) -> str:
        return "Secret(****)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What to say to a host: a user name with password, or a token (``scheme`` in front of it)."""

    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    scheme: str = "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer with its whole body. ``headers`` have lower-case names; ``url`` is the one that answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that are none become U+FFFD."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> object:
        """The decoded body. Raises ``InvalidAnswer`` if it is not JSON."""
        try:
            value: object = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise InvalidAnswer(f"{self.url} did not answer with JSON: {error}", url=self.url) from error
        return value


class Distiller(Protocol):
    """Makes of a large body, as it comes in, the little that is wanted of it; see :meth:`Client.get`.

    ``feed`` and ``finish`` raise ``ValueError`` for what they cannot make anything of, in words that follow the name of
    what was asked for.
    """

    FORM: str
    """What it makes, and how; with another word, what earlier runs have kept is made anew."""

    def feed(self, chunk: bytes, /) -> None:
        """Take the next piece of the body, decoded."""
        ...

    def finish(self) -> bytes:
        """What was made of the whole, once the last piece was fed."""
        ...


class Client(Protocol):
    """The way to the network that is handed to a datasource.

    It adds credentials from the host rules, keeps the limits of each host, retries what may succeed the second
    time, asks conditionally where an earlier answer had an ETag or Last-Modified, and raises ``NotFound``,
    ``AuthError``, ``RateLimited``, ``Unavailable`` or ``InvalidAnswer`` for every status of 400 and above that is
    not in ``allow``. A 304 never reaches the caller: he gets the earlier body again.
    """

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        allow: Iterable[int] = (),
        max_bytes: int | None = None,
        cacheable: bool = True,
        distil: type[Distiller] | None = None,
    ) -> Response:
        """GET.

        A body over ``max_bytes`` (default 64 MiB) raises ``InvalidAnswer``. ``cacheable=False`` keeps the answer (a
        token, say) out of every cache. An ``Authorization`` in ``headers`` beats the host rules'. With ``distil`` the
        content is what that makes of the body, which is never there as a whole; only that is kept for later runs.
        """
        ...

    async def head(self, url: str, *, headers: Mapping[str, str] | None = None, allow: Iterable[int] = ()) -> Response:
        """HEAD, with the same rules; its answer is taken again only while it counts as fresh."""
        ...

    async def post(
        self, url: str, *, json: object, headers: Mapping[str, str] | None = None, allow: Iterable[int] = ()
    ) -> Response:
        """POST of a JSON body (a GraphQL query, say), with the same rules; never cached."""
        ...

    async def download(self, url: str, path: str) -> None:
        """Stream a large body into the file ``path`` in bounded memory."""
        ...

    def credentials(self, url: str) -> Credentials | None:
        """What the host rules (or the container configuration of the user) hold for ``url``, if anything."""
        ...

    async def once(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """The result of ``make``, run once per key and run of the tool however many ask; a failure is shared."""
        ...

    async def kept(self, key: str, make: Callable[[], Awaitable[str]], *, within: timedelta | None = None) -> str:
        """The text that ``make`` makes, kept for later runs; ``key`` names all that it depends on.

        It is right for ever, or as good as right ``within`` a time: then it is made anew when it is older, and in a run
        that is to ask anew.
        """
        ...

    async def ls_remote(self, url: str) -> Mapping[str, str]:
        """The refs of a Git repository: full ref name → commit id, annotated tags peeled. Raises as ``get`` does."""
        ...


@runtime_checkable
class Datasource(Protocol):
    """Asks one kind of registry. Choosing among what it offers is the core's work."""

    NAME: str
    VERSIONING: str
    """The versioning that applies where neither the manager nor the configuration names one."""

    async def releases(self, package: Package, client: Client, /) -> Releases:
        """All versions of a package. Raises the errors of :mod:`updater.errors`, ``NotFound`` for none at all."""
        ...


@runtime_checkable
class DatasourceMaker(Protocol):
    """What a datasource has in addition if the configuration makes others of it (``customDatasources``).

    The one that ``custom`` makes of the entry ``k3s`` is called ``custom.k3s``.
    """

    NAME: str

    def build(self, name: str, options: Mapping[str, object], files: Files, home: str, /) -> Datasource:
        """The datasource that the entry ``name`` describes; what is wrong with ``options`` is said when it is asked.

        ``files`` are those of the repository, and ``home`` tells it from others (see :attr:`Tree.home`).
        """
        ...


@runtime_checkable
class MadeDatasource(Protocol):
    """A datasource that the configuration has made."""

    FORM: str
    """What it is made of; what earlier runs have kept of another one with the same name is not its own."""


@runtime_checkable
class DigestSource(Protocol):
    """A datasource whose versions point at immutable content."""

    async def digest(self, package: Package, version: str, client: Client, /) -> str:
        """What ``version`` points at now (``sha256:…`` of an image, the commit of a tag). Raises ``NotFound``.

        Where digests are names, as with images, ``version`` may be one: is it there?
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """When a version appeared. ``evidence`` is a word that goes before the date: ``pushed``, ``built``.

    ``by_registry`` is True where the registry's own clock says so, False where whoever made the version does: such a
    date can be older than the version is in public.
    """

    when: datetime
    evidence: str
    by_registry: bool


@runtime_checkable
class DateSource(Protocol):
    """A datasource that can tell the date of a version where its list of versions did not bring it."""

    async def published(self, package: Package, version: str, client: Client, /) -> Published | None:
        """When ``version`` appeared; None if nobody says. Raises ``NotFound`` if it does not exist any more."""
        ...


@runtime_checkable
class PlatformSource(Protocol):
    """A datasource whose versions run on some platforms only."""

    async def platforms(self, package: Package, version: str, client: Client, /) -> frozenset[str]:
        """The platforms of ``version`` (or of a digest), as ``linux/amd64`` or ``linux/arm/v7``; empty: not known."""
        ...


@runtime_checkable
class ResumableSource(Protocol):
    """A datasource that reads the longest lists in portions: one in ``releases``, one in each ``resume`` thereafter."""

    async def resume(self, package: Package, cursor: str, client: Client, /) -> Releases:
        """The portion that follows, where an earlier answer's ``cursor`` ended; ``complete`` if it was the last.

        Raises the errors of :mod:`updater.errors`; after one, the reading begins anew.
        """
        ...


@runtime_checkable
class ForwardSource(Protocol):
    """A datasource that can look for versions one by one where there are too many to be listed."""

    async def newer(self, package: Package, version: str, client: Client, /) -> Releases:
        """What there is after ``version``, as far as counting up finds it; no releases if that finds none."""
        ...


@runtime_checkable
class HashSource(Protocol):
    """A datasource that knows the hashes which a lock file records."""

    async def hashes(self, package: Package, version: str, known: Sequence[str], client: Client, /) -> tuple[str, ...]:
        """The hashes of ``version``, sorted, of the kinds that ``known`` (the present ones) holds."""
        ...


@runtime_checkable
class OriginSource(Protocol):
    """A datasource whose versions may say themselves where they are developed."""

    async def origin(self, package: Package, version: str, client: Client, /) -> str | None:
        """The address of the source repository of ``version``; None if it does not say."""
        ...


@runtime_checkable
class ArchiveSource(Protocol):
    """A datasource whose versions are archives that can be compared with each other."""

    async def archive(self, package: Package, version: str, client: Client, /) -> bytes:
        """The archive of ``version``, 16 MiB at most, checked against the digest that the registry tells, if any."""
        ...


@runtime_checkable
class NotesSource(Protocol):
    """A datasource for a kind of forge, on which a repository tells what its releases bring.

    ``source_url`` is a repository's page: ``https://HOST/OWNER/NAME``, as :attr:`Releases.source_url` has it.
    """

    def is_home_of(self, source_url: str, /) -> bool:
        """Whether the repository is on a forge of this kind, as far as its address tells."""
        ...

    async def notes(self, source_url: str, client: Client, /) -> Sequence[Note]:
        """The newest releases with their notes, one page of them; none if there are no releases.

        Raises ``NotFound`` if the repository is not to be seen.
        """
        ...

    async def changelog(self, source_url: str, revision: str, directory: str, client: Client, /) -> str | None:
        """The text of the file in which changes are recorded, in a directory or else at the root; None for none.

        An empty ``directory`` is the root.
        """
        ...

    def comparison(self, source_url: str, old: str, new: str, /) -> str:
        """The page that shows what lies between two tags."""
        ...


# ---------------------------------------------------------------- versioning


@runtime_checkable
class Versioning(Protocol):
    """One way to write, order and constrain versions. Pure; never raises on any text but where it says so."""

    NAME: str

    def is_valid(self, value: str, /) -> bool:
        """Whether ``value`` is a version or a range of this scheme."""
        ...

    def is_single(self, value: str, /) -> bool:
        """Whether ``value`` names exactly one version."""
        ...

    def is_stable(self, version: str, /) -> bool:
        """Whether ``version`` is a version, and not a prerelease."""
        ...

    def is_compatible(self, version: str, current: str, /) -> bool:
        """Whether going from ``current`` to ``version`` keeps the family (prefix, suffix, precision, scheme)."""
        ...

    def key(self, version: str, /) -> tuple[object, ...]:
        """A sort key, comparable among compatible versions. Raises ``ValueError`` for what is no version."""
        ...

    def components(self, version: str, /) -> tuple[int, int, int]:
        """Major, minor and patch, zero where absent. Raises ``ValueError`` for what is no version."""
        ...

    def matches(self, version: str, range_: str, /) -> bool:
        """Whether ``version`` lies in the range (or equals the single version) ``range_``."""
        ...

    def new_value(
        self, current_value: str, current_version: str | None, new_version: str, range_strategy: str, /
    ) -> str | None:
        """What to write in place of ``current_value`` so that it admits ``new_version``, in the user's style.

        ``range_strategy`` is one of ``pin``, ``bump``, ``replace``, ``widen``. None if nothing needs to change or
        no such text can be made.
        """
        ...


# ---------------------------------------------------------------- trees and platforms


class Tree(Protocol):
    """The files of a repository at one moment."""

    @property
    def home(self) -> str:
        """Where the files are kept: equal for all moments of one repository, unequal for others."""
        ...

    @property
    def commit(self) -> str | None:
        """The commit these files belong to; None for a plain directory."""
        ...

    def files(self) -> Sequence[str]:
        """The paths of all regular files, sorted. Symbolic links and submodules are not among them."""
        ...

    def links(self) -> Mapping[str, str]:
        """The symbolic links: path → target as written."""
        ...

    def size(self, path: str) -> int:
        """The size in bytes."""
        ...

    def identity(self, path: str) -> str | None:
        """Something that tells the content from any other, if that is known without reading it."""
        ...

    def read(self, paths: Sequence[str]) -> Iterable[tuple[str, bytes]]:
        """The contents of the files, in any order; those that vanished meanwhile are left out."""
        ...


@runtime_checkable
class HistoricTree(Tree, Protocol):
    """A tree that knows how its files came about."""

    def history(self, paths: Iterable[str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        """The changes that commits made to these files, newest first, as far back as the history is there."""
        ...

    def subjects(self, most: int) -> Sequence[str]:
        """The first lines of the latest commits, newest first, and at most so many."""
        ...


class Platform(Protocol):
    """A forge, seen through the few things that publishing needs. Raises ``PlatformError``."""

    NAME: str
    BODY_LIMIT: int
    """The most characters a pull request's body may have."""
    RECORDS_DEPLOYMENTS: bool
    """Whether the forge keeps records of deployments."""

    @property
    def repository(self) -> str:
        """The repository's name for people: ``owner/name``, or the path of a checkout."""
        ...

    def base_branch(self) -> str:
        """The branch that pull requests go to unless configured otherwise: the forge's default branch."""
        ...

    def is_fork(self) -> bool:
        """Whether the repository is a copy of somebody else's."""
        ...

    def branch_names(self) -> Sequence[str]:
        """The names of all branches, sorted."""
        ...

    def tree(self, branch: str) -> Tree:
        """The files at the head of ``branch``. Raises ``RepositoryError`` if there are no commits."""
        ...

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        """The branches on the forge whose name begins with ``prefix``."""
        ...

    def push(self, base_commit: str, commits: Sequence[Commit], expected: Mapping[str, str | None]) -> Pushed:
        """Write each commit on top of ``base_commit`` and set its branch to it, all in one push.

        ``expected`` holds, per branch, the commit id seen before (None: the branch must not exist). A branch that
        moved or is protected is refused; the others were set.
        """
        ...

    def delete_branches(self, expected: Mapping[str, str]) -> Mapping[str, str]:
        """Delete branches that still point at the given commits; the result says which were refused, and why."""
        ...

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """All pull requests, in every state, from branches of this repository that begin with ``prefix``."""
        ...

    def pull_request(self, number: int, /) -> PullRequest:
        """The pull request of this number, from any branch, of anybody. Raises ``PlatformError`` if there is none."""
        ...

    def merged_since(self, moment: datetime) -> Sequence[PullRequest]:
        """The pull requests from any branch, of anybody, that were merged at ``moment`` or later, the latest first."""
        ...

    def commits(self, branch: str, since: datetime) -> BranchHistory:
        """The history of ``branch`` as far back as ``since`` at least, if it goes back so far."""
        ...

    def create_pull_request(self, proposal: Proposal) -> PullRequest:
        """Open a pull request. Finds and returns the open one if there is one for the branch already.

        People, teams and milestones that the forge does not know are left out, with a warning in the log.
        """
        ...

    def update_pull_request(self, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Set title and body and add the labels that are missing; labels of others, and people, stay as they are."""
        ...

    def invite(self, pull: PullRequest, proposal: Proposal, /) -> None:
        """Assign the people of the proposal and ask for their reviews; those who are not known are left out."""
        ...

    def edit_labels(self, pull: PullRequest, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> PullRequest:
        """Add and take away labels, whoever gave them; upper and lower case are the same."""
        ...

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Close without merging and say why; nothing happens to one that is not open."""
        ...

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed pull request again. Raises ``PlatformError`` if its branch is gone or the forge refuses."""
        ...

    def merge_pull_request(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> str:
        """Merge now and return the commit by which it is in the base.

        Raises ``PlatformError`` if the forge refuses: it conflicts, a required check is missing, its head is no longer
        the one that was read.
        """
        ...

    def merge_branch(
        self, branch: RemoteBranch, commit: Commit, base: str, tip: str, strategy: MergeStrategy
    ) -> Pushed:
        """Bring a branch into its base, which is at ``tip``, without a pull request; the base is what is pushed.

        A branch that lies on ``tip`` is what the base then is at, unless ``strategy`` wants a merge commit. Else the
        base gets ``commit``, which is the same on top of ``tip``; ``FAST_FORWARD`` refuses that. The branch stays.
        """
        ...

    def merge_when_green(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO, /) -> bool:
        """Let the forge merge as soon as its own conditions hold; False where it cannot be asked for that."""
        ...

    def comment(self, pull: PullRequest, topic: str, text: str | None) -> None:
        """Keep one comment of ours on ``topic``: write it, edit it if its text differs, take it away (None)."""
        ...

    def comments(self, pull: PullRequest) -> Sequence[Comment]:
        """The latest hundred comments, in order."""
        ...

    def reviews(self, pull: PullRequest, /) -> Sequence[Review]:
        """The verdicts that count now, at most one of each reviewer."""
        ...

    def statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is said of each commit, the latest of each context; an empty sequence where nobody said anything."""
        ...

    def said(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is remembered of what is said of commits, of those of which something is; nobody is asked.

        What others say may be another thing by now; what this tool said is not.
        """
        ...

    def set_status(self, commit: str, status: Status) -> None:
        """Say something of a commit under our account; ``created`` and ``creator`` are the forge's affair."""
        ...

    def deployments(self, moment: datetime, /) -> Sequence[Deployment]:
        """The deployments that were begun at ``moment`` or later, the latest first; none where there are no records."""
        ...

    def record_deployment(self, deployment: Deployment, /) -> None:
        """Write down what became of a commit in an environment: one record of ours for both and the task.

        What stands there already is not written again. Nothing happens where there are no records.
        """
        ...

    def login(self) -> str | None:
        """The name of our account, as it is the creator of what it says; None where the forge does not tell."""
        ...

    def find_issue(self, title: str) -> Issue | None:
        """The open issue of exactly this title, the oldest if there are several."""
        ...

    def write_issue(self, issue: Issue | None, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open an issue (``issue`` is None), or set title and body of one and add the labels that are missing."""
        ...

    def close_issue(self, issue: Issue) -> None:
        """Close an issue; nothing happens to one that is not open."""
        ...

    def acting_as(self, identity: Identity) -> Platform:
        """The same repository, where commits are made so, and branches are ours accordingly."""
        ...

    def examine(self) -> Sequence[Finding]:
        """Whether what this tool does is allowed here, found out without writing anything; never raises."""
        ...

    def examine_deployments(self) -> Sequence[Finding]:
        """The same of records of deployments, for those who want them."""
        ...

    def take_lease(self, holder: str, now: datetime, until: datetime) -> str | None:
        """Become the only run that writes to the repository, until then at most.

        None if that succeeds, else who holds the lease. One that is past its time, or that ``holder`` has, is taken.
        """
        ...

    def release_lease(self, holder: str) -> None:
        """Give the lease back; nothing happens if somebody else has it."""
        ...


# ---------------------------------------------------------------- reconcilers


class History(Protocol):
    """The commits of the branch that is deployed from. Reads only."""

    def contains(self, tip: str, commit: str) -> bool | None:
        """Whether ``tip`` is ``commit`` or a descendant of it; None where one of them is not known here."""
        ...

    def since(self, commit: str, limit: int) -> Sequence[str]:
        """``commit`` and the commits that followed it on the branch, oldest first, at most ``limit`` of them."""
        ...

    def before(self, commit: str) -> str | None:
        """The commit that the branch was at before ``commit``."""
        ...


class BranchHistory(History, Protocol):
    """The commits of a branch with what they changed. Raises ``RepositoryError``."""

    @property
    def tip(self) -> str:
        """The newest commit."""
        ...

    def rewrites(self, commits: Iterable[str]) -> Mapping[str, Sequence[Rewrite]]:
        """What each commit did to the files of the branch; nothing for one that is not on it."""
        ...

    def own_commits(self) -> Sequence[OwnCommit]:
        """The commits of the branch that carry the mark of this tool, the newest first; merges of others do not."""
        ...

    def last_touches(self, groups: Mapping[str, Iterable[str]]) -> Mapping[str, Touch]:
        """For each group of paths the newest commit that changed one of them, as far as the history reaches."""
        ...


@runtime_checkable
class Reconciler(Protocol):
    """What tells whether the targets of some kinds run what Git says. Reads only, wherever it looks."""

    NAME: str
    KINDS: frozenset[TargetKind]
    """The kinds of targets that it knows about."""

    async def observe(self, expectations: Sequence[Expectation], history: History, /) -> Sequence[Verdict]:
        """A verdict on each expectation, in order, with no more requests than they need.

        What cannot be read, for whatever reason, is a verdict: unknown, with the reason.
        """
        ...


@runtime_checkable
class ChangeSource(Protocol):
    """A reconciler that is told when something happens, and need not be asked again and again."""

    async def changed(self, targets: Sequence[Target], seconds: float, /) -> bool:
        """Wait until something may have happened to the targets, or the time is over; False if nobody tells."""
        ...


@runtime_checkable
class HealthSource(Protocol):
    """A reconciler that can list how everything is that it knows."""

    async def healths(self) -> Sequence[Health]:
        """How each is, by as few requests as a list takes. Raises ``RequestError``."""
        ...


class Clock(Protocol):
    """Tells the time, in UTC; tests hand in one that stands still."""

    def __call__(self) -> datetime: ...
