"""The values that travel through the stages, in the order in which they are born.

All are frozen, complete when made, and carry ``None`` only for what is absent in the world. Positions count
characters of the decoded text (not bytes) from 0; lines count from 1; times are aware and in UTC.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from updater.config import Policy, Problem
    from updater.dashboard import Dashboard
    from updater.environments import Pairing
    from updater.failures import Freeze
    from updater.rollout import Target, Trial

# ---------------------------------------------------------------- repository → scan


class Span(NamedTuple):
    """A half-open range of characters in a file's text."""

    start: int
    end: int


_ENVIRONMENTS = {
    "production": "production", "prod": "production", "prd": "production", "live": "production",
    "staging": "staging", "stage": "staging", "stg": "staging", "preprod": "staging", "preproduction": "staging",
    "development": "development", "dev": "development",
    "test": "test", "testing": "test", "qa": "test", "uat": "test", "sandbox": "sandbox",
}  # fmt: skip
_NAME_PARTS = re.compile(r"[^a-z0-9]+")
_NEAR = 4_000
"""To count the lines up to here takes less time than to look for an earlier count."""


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is deployed to, normalised (``prod`` → ``production``), and what says so, in a few words."""

    name: str
    reason: str

    @classmethod
    def named(cls, name: str, reason: str) -> "Environment | None":
        """The environment that is called ``name`` in so many words; None if that is no usual name of one."""
        known = _ENVIRONMENTS.get(name.strip().lower())
        return None if known is None else cls(name=known, reason=reason)


USUAL_ORDER = ("sandbox", "development", "test", "staging", "production")
"""How updates usually pass through environments, for repositories that declare no order."""


def in_usual_order(names: Iterable[str]) -> tuple[str, ...]:
    """The environments of these names in their usual order, each once; those of other names come first."""
    ranks = {name: rank for rank, name in enumerate(USUAL_ORDER)}
    return tuple(sorted(dict.fromkeys(names), key=lambda name: (ranks.get(name, -1), name)))


@lru_cache(maxsize=4096)
def environment_of(path: str) -> Environment | None:
    """The deployment environment that a path speaks of, or None.

    A directory named exactly like an environment decides, the innermost one first; else a part of a directory or
    file name does (``values-prod.yaml``, ``clusters/eu-prod-1``).
    """
    segments = path.lower().split("/")
    for segment in reversed(segments[:-1]):
        if segment in _ENVIRONMENTS:
            return Environment(name=_ENVIRONMENTS[segment], reason=f"the directory is called {segment}")
    for segment in reversed(segments):
        for part in _NAME_PARTS.split(segment):
            if part in _ENVIRONMENTS and part not in ("test", "testing", "live"):
                return Environment(name=_ENVIRONMENTS[part], reason=f"{part} is a part of the name {segment}")
    return None


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file of the repository, decoded without loss.

    ``text`` is UTF-8 decoded with ``surrogateescape`` and untouched newlines: encoding it the same way gives back
    the bytes. ``path`` is relative to the repository's root and uses ``/``.
    """

    path: str
    text: str

    def line_of(self, offset: int) -> int:
        """The line, counted from 1, that holds the character at ``offset``."""
        if offset < _NEAR:
            return self.text.count("\n", 0, offset) + 1
        known, line = self._known_lines[-1]
        if known > offset:
            known, line = max((place for place in self._known_lines if place[0] <= offset), default=(0, 1))
        line += self.text.count("\n", known, offset)
        self._known_lines.append((offset, line))
        return line

    @cached_property
    def _known_lines(self) -> deque[tuple[int, int]]:
        """The latest answers, to count on from: whoever walks through a file asks in order."""
        return deque([(0, 1)], maxlen=8)

    @cached_property
    def environment(self) -> Environment | None:
        """The environment that the path speaks of; see :func:`environment_of`."""
        return environment_of(self.path)


class Package(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """What a registry is asked about: the lookup key. Two dependencies with equal packages share one lookup.

    ``name`` is in the datasource's own form (an image without tag, a chart name, ``hashicorp/aws``, ``owner/repo``,
    a Git URL). ``registry_urls`` are tried in order; empty means the datasource's default.
    """

    datasource: str
    name: str
    registry_urls: tuple[str, ...] = ()


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """A version that stands in a file and can be moved.

    ``span`` covers exactly ``current_value`` in the file's text, ``digest_span`` exactly ``current_digest``. An
    image that has only a digest has no value and no span. ``pinnable`` says that a digest may be written where there
    is none: directly behind the value (``tag@sha256:…``), or with ``comment_at`` in the place of the value, which is
    then inserted there as a comment (``@commit # v4``). ``versioning`` is None where the datasource's default applies.
    ``extract_version`` is a pattern of the user whose group ``version`` is the version within what the registry offers.
    ``name_span`` covers the package's name and ``registry_span`` the address of its registry, where each is written in
    the same file, in one piece; None where it is not. ``branch`` is the base branch whose file it is, where there can
    be several.
    """

    manager: str
    path: str
    line: int
    name: str
    package: Package
    current_value: str | None
    span: Span | None
    current_digest: str | None = None
    digest_span: Span | None = None
    pinnable: bool = False
    comment_at: int | None = None
    versioning: str | None = None
    extract_version: str | None = None
    dep_type: str | None = None
    environment: Environment | None = None
    name_span: Span | None = None
    registry_span: Span | None = None
    branch: str | None = None

    def unmanaged(self, reason: str) -> "Skipped":
        """The same place as one that is not managed, and why."""
        return Skipped(
            manager=self.manager,
            path=self.path,
            reason=reason,
            line=self.line,
            name=self.name,
            current_value=self.current_value,
            span=self.span,
            datasource=self.package.datasource,
            dep_type=self.dep_type,
            environment=self.environment,
            branch=self.branch,
        )


class Place(NamedTuple):
    """Where a value stands."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change of a file on the way to its present text: the commit that made it, when, by whom."""

    commit: str
    when: datetime
    author: str
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A decision against ``version``: somebody went back from it, to ``lowered_to``, in the file at ``path``."""

    version: str
    lowered_to: str
    path: str
    commit: str
    when: datetime
    author: str
    subject: str


class Remark(NamedTuple):
    """What whoever reviews an update should know about a file: a sentence in Markdown, without text of others."""

    path: str
    text: str


class LockEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a lock file records about one package; it moves with the dependencies that it locks.

    ``places`` are those of the values of these dependencies; None stands for all on the package in its directory.
    ``constraints_span`` covers the recorded constraint (None where none is recorded). ``hashes_span`` covers
    everything between the brackets of the list of hashes, ``hashes`` holds them as written. An entry that ``is_stale``
    counts for nothing and stays as it is: the lock file was unusable before.
    """

    manager: str
    path: str
    line: int
    package: Package
    version: str
    version_span: Span
    constraints: str | None = None
    constraints_span: Span | None = None
    hashes: tuple[str, ...] = ()
    hashes_span: Span | None = None
    places: tuple[Place, ...] | None = None
    is_stale: bool = False
    remark: Remark | None = None


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """Something version-shaped, or a whole file, that is not managed, and why.

    ``branch`` is the base branch whose file it is, where there can be several.
    """

    manager: str | None
    path: str
    reason: str
    line: int | None = None
    name: str | None = None
    current_value: str | None = None
    span: Span | None = None
    datasource: str | None = None
    dep_type: str | None = None
    environment: Environment | None = None
    branch: str | None = None


Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""A value that JSON can hold."""


class Clue(msgspec.Struct, frozen=True, kw_only=True):
    """What one file says that means something only together with other files.

    The manager that yielded it gets it back, with all others of the repository, in its ``link``. ``kind`` and
    ``data`` are the manager's own business. ``about`` is a dependency or row that is complete but for what the other
    files say: ``link`` yields it again with the rest filled in.
    """

    manager: str
    path: str
    kind: str
    data: Mapping[str, Json] = msgspec.field(default_factory=dict)
    about: "Dependency | Skipped | None" = None


Extracted = Dependency | Skipped | LockEntry | Clue


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands in a repository's files, in order of path and place."""

    dependencies: tuple[Dependency, ...]
    locks: tuple[LockEntry, ...]
    skipped: tuple[Skipped, ...]


# ---------------------------------------------------------------- lookup


class Requirement(NamedTuple):
    """What a release demands of its surroundings: a name and the range of versions that will do.

    ``kubernetes`` is the cluster (``kubeVersion`` of a chart), ``terraform`` the program, ``hashicorp/aws`` a provider.
    """

    name: str
    constraint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version that a registry offers.

    ``published`` is when the registry says it was published. ``digest`` is known only where the list of versions
    brings it for free. ``stable`` is False where the registry marks it as a prerelease, None where it does not say.
    """

    version: str
    published: datetime | None = None
    digest: str | None = None
    deprecated: bool = False
    stable: bool | None = None
    app_version: str | None = None
    requires: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """What a registry answered for one package; the order of ``releases`` has no meaning.

    An answer that is not ``complete`` is known to be a part of what there is (the newest thousand, a list that is read
    in portions, an older answer in place of a lost one): what it does not hold may well exist, so nothing follows from
    an absence. ``cursor`` is where the reading of such a list goes on in a later run; only its datasource can read it.
    ``tags`` are the names that the registry gives to single versions (``latest``), where it has such.
    """

    releases: tuple[Release, ...]
    source_url: str | None = None
    registry_url: str | None = None
    complete: bool = True
    cursor: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What earlier runs have learnt about a package.

    ``releases`` is the last answer that was believed, of the time ``fetched_at``; None as long as there was none.
    ``asked_at`` is when the registry last said anything about the package, if only that it has none. Since
    ``doubted_since`` its answers have been too poor to be believed.
    """

    asked_at: datetime
    releases: Releases | None = None
    fetched_at: datetime | None = None
    doubted_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One item could not be handled; the others go on. ``until`` is when trying again makes sense, if known."""

    subject: str
    error: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the developers say about one release; ``title`` and ``text`` are theirs, in Markdown, and not to be trusted.

    ``text`` may be empty. ``url`` is the page of the release.
    """

    tag: str
    text: str
    title: str | None = None
    published: datetime | None = None
    url: str | None = None


# ---------------------------------------------------------------- track


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """A dependency together with all that the configuration says about it.

    ``package``, ``name`` and ``versioning`` are those of the dependency after aliases and overrides. ``lock`` is the
    lock file's entry that must move with it, ``remark`` what its lock file gives cause to say.
    """

    dependency: Dependency
    package: Package
    name: str
    versioning: str
    policy: "Policy"
    lock: LockEntry | None = None
    remark: Remark | None = None


# ---------------------------------------------------------------- decide, vet


class UpdateType(StrEnum):
    """How far an update goes; the values are the ones of ``matchUpdateTypes``."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    PIN = "pin"
    DIGEST = "digest"
    PIN_DIGEST = "pinDigest"
    REPLACEMENT = "replacement"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a configured value comes from: a file with line, and the chain of presets that led to it."""

    path: str
    line: int | None = None
    presets: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return " → ".join((place, *self.presets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One link of the answer to "why": a release (or the dependency as a whole) and what became of it.

    ``accepted`` releases name no rule. ``until`` is the moment at which the rule stops holding it back.
    """

    subject: str
    accepted: bool
    rule: str | None = None
    reason: str | None = None
    origin: Origin | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What takes the place of a package: its ``name`` as it is to be written, and what to ask a registry for.

    ``registry_url`` is the address to be written, None where the one that is there stays.
    """

    name: str
    package: Package
    registry_url: str | None = None

    def __str__(self) -> str:
        return self.name if self.registry_url is None else f"{self.name} of {self.registry_url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A release that a dependency may move to, and what would then stand in the file.

    ``version`` is the release's version as the dependency's versioning reads it; ``policy`` is the one that holds
    for an update of this type. ``replacement`` is the package that it is a release of, if it is another one.
    """

    release: Release
    version: str
    new_value: str | None
    update_type: UpdateType
    policy: "Policy"
    replacement: Replacement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The releases that a dependency may move to in one step, best first; vetting takes the first that passes."""

    tracked: Tracked
    current_version: str | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An update that exists but is not offered now. ``until`` is None where no time alone will clear it.

    ``new_value`` and ``new_digest`` are what would stand in the file, as far as that is known.
    """

    tracked: Tracked
    update_type: UpdateType
    new_version: str
    rule: str
    reason: str
    new_value: str | None = None
    new_digest: str | None = None
    until: datetime | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A version or digest in use that its registry, which can be asked, does not have any more."""

    tracked: Tracked
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A dependency whose package had its latest release longer ago than ``abandonmentThreshold``."""

    tracked: Tracked
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the characters of ``span`` in the file at ``path`` by ``text``."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A decided and vetted change of one dependency.

    ``edits`` are all the changes of text it needs, in every file (the value, the digest, the lock file): all of them
    are made or none. ``age_evidence`` says where the release's date comes from. ``old_enough`` is the moment at which
    the release is (or was) as old as it has to be, None where it may have any age. ``trial`` is what proved it in the
    environment before, where it is promoted.
    """

    tracked: Tracked
    offer: Offer
    current_version: str | None
    new_digest: str | None
    edits: tuple[Edit, ...]
    source_url: str | None = None
    age_evidence: str | None = None
    old_enough: datetime | None = None
    trial: "Trial | None" = None

    @property
    def leaves_lock(self) -> bool:
        """Whether a lock file goes on recording another version, because what it would need could not be had."""
        lock = self.tracked.lock
        if lock is None or lock.is_stale or lock.version == self.offer.version:
            return False
        return all(edit.path != lock.path for edit in self.edits)

    @property
    def update_type(self) -> UpdateType:
        """How far it goes."""
        return self.offer.update_type


# ---------------------------------------------------------------- group, publish


class PullRequestState(StrEnum):
    """Where a pull request is in its life."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as the forge has it.

    ``head`` is the commit that it proposes, ``merge_commit`` the one by which it reached its base. ``author`` is the
    name of an account. What the forge does not say is None. What this tool merged without asking for it has number 0
    and no branch; it is called by its commit.
    """

    number: int
    branch: str
    base: str
    title: str
    body: str
    state: PullRequestState
    labels: tuple[str, ...] = ()
    url: str | None = None
    head: str | None = None
    author: str | None = None
    draft: bool = False
    created: datetime | None = None
    closed: datetime | None = None
    merged: datetime | None = None
    merge_commit: str | None = None

    @property
    def key(self) -> str:
        """What tells it from others of the repository, in names of branches and the like."""
        return str(self.number) if self.number else str(self.merge_commit)[:10]

    @property
    def reference(self) -> str:
        """How people and forges refer to it."""
        return f"#{self.key}" if self.number else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pull request as it should be. Reviewers that are teams are written ``team:name``.

    ``milestone`` is its title, or its number as the forge shows it.
    """

    branch: str
    base: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    draft: bool = False
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    milestone: str | None = None


class CheckState(StrEnum):
    """What a check says of a commit, or a deployment of itself, so far."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What somebody says of a commit: a commit status or a check run, under the name ``context``.

    ``description`` and ``context`` are text of others. ``creator`` is the name of an account, or of an app with
    ``[bot]`` behind it.
    """

    context: str
    state: CheckState
    description: str = ""
    url: str | None = None
    created: datetime | None = None
    creator: str | None = None


class DeploymentState(StrEnum):
    """What became of a deployment; one that another has taken the place of is inactive."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A commit on its way into an environment, as the forge's record of deployments has it; text of others.

    ``branch`` is where the commit came from, ``task`` what the deployment is for, both empty where the forge does not
    keep it. ``creator`` is who said the latest of it, and ``created`` when that was; both are the forge's affair.
    """

    environment: str
    commit: str
    state: DeploymentState
    description: str = ""
    branch: str = ""
    task: str = ""
    url: str | None = None
    created: datetime | None = None
    creator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote below a pull request. ``ours`` says that it was this tool's account."""

    author: str
    text: str
    created: datetime
    ours: bool


class ReviewState(StrEnum):
    """What a reviewer thinks of a pull request."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The latest verdict of one reviewer. ``commit`` is the head that he looked at, where the forge says so."""

    author: str
    state: ReviewState
    commit: str | None = None


class MergeStrategy(StrEnum):
    """How a pull request gets into its base; ``AUTO`` is the first that the repository allows."""

    AUTO = "auto"
    FAST_FORWARD = "fast-forward"
    MERGE_COMMIT = "merge-commit"
    REBASE = "rebase"
    SQUASH = "squash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An open issue as the forge has it."""

    number: int
    title: str
    body: str
    labels: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """In whose name commits are made; None stands for this tool's own name and address.

    ``signing`` says whether the forge makes the commits, which it then signs (``auto``: where it does so for an app).
    Commits of the ``ignored`` mail addresses do not make a branch of ours somebody else's. ``key`` is what those that
    are made here are signed with: the file of an SSH key, or the id of a key that gpg has.
    """

    name: str | None = None
    email: str | None = None
    signing: Literal["auto", "enabled", "disabled"] = "auto"
    ignored: tuple[str, ...] = ()
    key: str | None = None


class FindingLevel(StrEnum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an examination found out about ``subject``: a sentence for a person."""

    subject: str
    level: FindingLevel
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteBranch:
    """A branch that exists on the forge.

    ``ours`` says that this tool made its latest commit. ``parent`` is the first parent of that commit.
    ``files`` maps each path that the latest commit changes to the blob id it leaves there (None: deleted). ``merges``
    says whether it goes into the base without a conflict, None where that is not known. One that ``is_empty`` holds
    nothing but the base. ``dated`` is when its latest commit says that it was made; one of ours was made then or later.
    """

    name: str
    commit: str
    parent: str | None
    ours: bool
    fingerprint: str | None = None
    files: Mapping[str, str | None] = field(default_factory=dict)
    merges: bool | None = None
    is_empty: bool = False
    dated: datetime | None = None


MERGED_ALONE = "updater/automerge"
"""The context of the status by which a commit tells that it was merged without a pull request, and when."""

FINGERPRINT_TRAILER = "Updater-Fingerprint"
"""The trailer of our commits that tells what a branch was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit to be made on top of the base: the whole new text of each file that changes."""

    branch: str
    message: str
    files: Mapping[str, str]


class Base(NamedTuple):
    """A branch that is updated, and the commit that it is at; None for files that are in no commit."""

    name: str
    commit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push came to: the commit that each branch is at now, or why it is not, by the branch's name."""

    commits: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch that should exist: its updates, and the whole new text of each file that they change.

    ``fingerprint`` depends on the updates and edits alone, not on the state of the base: equal fingerprints mean
    the same proposal. ``message`` is that of its commit. ``targets`` is what deploys the files, as far as the
    repository tells. ``is_partial`` says that something which the body should tell could not be had now. ``bumps`` are
    the edits that raise versions of the repository's own, beside those of the updates. It is made on top of ``base``,
    into which its pull request asks to be merged.
    """

    name: str
    base: Base
    title: str
    body: str
    updates: tuple[Update, ...]
    files: Mapping[str, str]
    fingerprint: str
    message: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    milestone: str | None = None
    draft: bool = False
    priority: int = 0
    targets: tuple["Target", ...] = ()
    is_partial: bool = False
    bumps: tuple[Edit, ...] = ()


class ActionKind(StrEnum):
    """What publishing does about one branch."""

    CREATE = "create"
    PREPARE = "prepare"
    REFRESH = "refresh"
    MERGE = "merge"
    LEAVE = "leave"
    HOLD = "hold"
    CLOSE = "close"


class Cause(StrEnum):
    """What keeps a branch from being made, requested or changed; people can overrule most of it."""

    APPROVAL = "approval"
    SCHEDULE = "schedule"
    GROUP_SIZE = "group size"
    LIMIT = "limit"
    CHECKS = "checks"
    REQUEST_APPROVAL = "approval of the pull request"
    DECLINED = "declined"
    FOREIGN = "commits of others"
    STOPPED = "stopped by a label"
    DOUBT = "doubt"
    NOT_MERGED = "not merged"
    AUTOMERGE = "automerge"
    FROZEN = "frozen"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step of publishing and its reason. ``push`` says whether the branch is written (else only its request).

    ``branch`` is None where the branch is no longer wanted; ``remote`` and ``pull`` are what the forge has. ``merge``
    is how to merge: now (``MERGE``), or by the forge as soon as its checks have passed. ``unlabel`` are labels that
    have served their purpose. ``invites`` says whether people are assigned and asked for reviews now, ``prunes``
    whether the branch is deleted once it was merged. ``statuses`` are to be set on the commit that the branch is at
    then. ``cause`` is what ``reason`` says, where something is kept back.
    """

    kind: ActionKind
    name: str
    reason: str
    push: bool = False
    branch: Branch | None = None
    remote: RemoteBranch | None = None
    pull: PullRequest | None = None
    merge: MergeStrategy | None = None
    unlabel: tuple[str, ...] = ()
    invites: bool = False
    prunes: bool = False
    statuses: tuple[Status, ...] = ()
    cause: Cause | None = None

    @property
    def writes(self) -> bool:
        """Whether anything is to be written for it."""
        return self.kind not in {ActionKind.LEAVE, ActionKind.HOLD} or bool(self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run found, decided and would write; printable, serialisable, and the input of applying.

    ``base`` is the branch that the run began with, ``bases`` are those that were looked at: none where there is no
    branch that the configuration asks for.
    """

    repository: str
    base: Base
    bases: tuple[Base, ...]
    dependencies: tuple[Tracked, ...]
    updates: tuple[Update, ...]
    held: tuple[Held, ...]
    failed: tuple[Failed, ...]
    skipped: tuple[Skipped, ...]
    branches: tuple[Branch, ...]
    actions: tuple[Action, ...]
    decisions: Mapping[Dependency, tuple[Decision, ...]]
    problems: tuple["Problem", ...]
    change_limit: float
    requests: Mapping[str, int]
    seconds: Mapping[str, float]
    gone: tuple[Gone, ...] = ()
    abandoned: tuple[Abandoned, ...] = ()
    pairings: tuple["Pairing", ...] = ()
    freezes: tuple["Freeze", ...] = ()
    identity: Identity = field(default_factory=Identity)
    tombstones: Mapping[Dependency, tuple[Tombstone, ...]] = field(default_factory=dict)
    trials: tuple["Trial", ...] = ()
    dashboard: "Dashboard | None" = None

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return any(action.writes for action in self.actions)
