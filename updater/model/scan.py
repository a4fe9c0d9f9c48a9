"""What a scan makes of the files of a repository.

A scan makes these in large numbers, and loads no other module of this package that it can do without: see
``docs/decisions/0032-values-of-the-scan-are-structs.md``.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import msgspec

_ENVIRONMENTS = {
    "production": "production", "prod": "production", "prd": "production", "live": "production",
    "staging": "staging", "stage": "staging", "stg": "staging", "preprod": "staging", "preproduction": "staging",
    "development": "development", "dev": "development",
    "test": "test", "testing": "test", "qa": "test", "uat": "test", "sandbox": "sandbox",
}  # fmt: skip
_NAME_PARTS = re.compile(r"[^a-z0-9]+")
_NEAR = 4_000
"""To count the lines up to here takes less time than to look for an earlier count."""


class Span(NamedTuple):
    """A half-open range of characters in a file's text."""

    start: int
    end: int


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


class SourceFile(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One file of the repository, decoded without loss.

    ``text`` is UTF-8 decoded with ``surrogateescape`` and untouched newlines: encoding it the same way gives back
    the bytes. ``path`` is relative to the repository's root and uses ``/``. ``absent`` are words that are known not to
    stand in the text.
    """

    path: str
    text: str
    absent: frozenset[str] = frozenset()

    def mentions(self, *words: str) -> bool:
        """Whether one of ``words`` stands anywhere in the text."""
        for word in words:  # noqa: SIM110 - a generator takes twice as long, and this is asked of every file
            if word not in self.absent and word in self.text:
                return True
        return False

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


class Remark(NamedTuple):
    """What whoever reviews an update should know about a file: a sentence in Markdown, without text of others."""

    path: str
    text: str


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the characters of ``span`` in the file at ``path`` by ``text``."""

    path: str
    span: Span
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
