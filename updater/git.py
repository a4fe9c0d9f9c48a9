"""Thin, typed functions over the git program: the only place that starts it.

Reading and writing is plumbing: nothing is checked out, no hook runs, no prompt waits, no shell is involved, and the
number of processes never depends on the number of files or branches. Paths of any bytes travel as ``str`` decoded
with ``surrogateescape``. Every failure is a ``RepositoryError`` in git's own words, without credentials.
"""

import os
import re
import subprocess
from collections.abc import Container, Generator, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple, cast

import msgspec
from msgspec import structs

from updater.api import Secret
from updater.errors import RepositoryError

MINIMUM_VERSION = (2, 33)
REGULAR_FILE, EXECUTABLE_FILE, SYMBOLIC_LINK, SUBMODULE = "100644", "100755", "120000", "160000"
MOVED = "the branch moved since it was read"

_MERGE_VERSION = (2, 38)
_ABSENT = "0" * 40
_SCRATCH = "refs/updater/scratch"
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_MAX_WORDS = 600
_CHECKSUM_SIZE = 20
_FIRST_DATE = 100_000_000
"""Git takes a lower number for something else than seconds since 1970."""

# GIT_DIR and its like would redirect our commands, GIT_TRACE_CURL would print credentials. What is kept is needed to
# reach a forge from behind a company's proxies, certificates and keys, and to trust a checkout of another user.
_KEPT_VARIABLES = ("GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_SSL_", "GIT_PROXY_", "GIT_HTTP_PROXY_", "GIT_SSH")
_VARIABLES = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.preloadIndex": "false",  # threads take longer than what they do, unless the disk is far away
    "gc.autoDetach": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
}


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who makes our commits. As text, it lacks the characters that Git does not allow in a name or an address."""

    name: str = "gitops-updater"
    email: str = "bot@gitops-updater.invalid"

    def __str__(self) -> str:
        name, email = (re.sub(r"[<>\x00-\x1f]", "", part).strip() for part in (self.name, self.email))
        return f"{name} <{email}>"


BOT = Author()


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A Git repository on this machine.

    ``directory`` is the Git directory itself (``…/.git``, or a bare repository), so that no command strays into a
    repository around it. ``settings`` are added to git's configuration for each command; they may be secrets and
    travel in the environment. ``isolated`` keeps the user's own configuration (credential helpers, rewritten URLs)
    out of it.
    """

    directory: Path
    settings: Mapping[str, str | Secret] = msgspec.field(default_factory=dict)
    isolated: bool = False


class TreeEntry(NamedTuple):
    """One file, link or submodule of a commit. ``size`` is in bytes, 0 for a submodule."""

    mode: str
    blob: str
    size: int
    path: str


class IndexEntry(NamedTuple):
    """What the index says of a file: its mode, and the id of its content."""

    mode: str
    blob: str


class Ref(NamedTuple):
    """A ref by its full name, the object it points at, and the work tree in which it is checked out, if any."""

    name: str
    commit: str
    worktree: str | None


class CommitFacts(NamedTuple):
    """What a commit says of itself: date and e-mail are the committer's, the date in seconds since 1970."""

    parents: tuple[str, ...]
    date: int
    email: str
    trailer: str | None


class Change(NamedTuple):
    """A path that a commit changes, with the blob ids before and after; None where there is no file."""

    path: str
    before: str | None
    after: str | None


class LogEntry(NamedTuple):
    """A commit of a branch's history, with its first parent, its date in seconds since 1970, and who made it.

    ``trailer`` is the value of the one that was asked for, None for a commit without it.
    """

    commit: str
    parent: str | None
    date: int
    author: str
    subject: str
    trailer: str | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A commit to be written: ``files`` maps a path to its mode and content. Without a parent it is a root commit."""

    parent: str | None
    message: str
    files: Mapping[str, tuple[str, bytes]]


class RefChange(msgspec.Struct, frozen=True, kw_only=True):
    """Move ``ref`` from ``old`` to ``new``; None means that the ref does not (or shall not) exist."""

    ref: str
    old: str | None
    new: str | None


# ---------------------------------------------------------------- finding


def check_version(minimum: tuple[int, int] = MINIMUM_VERSION) -> None:
    """Raise ``RepositoryError`` if git is missing or older than ``minimum``."""
    if _version() < minimum:
        found, needed = (".".join(map(str, version)) for version in (_version(), minimum))
        raise RepositoryError(f"git {needed} or newer is needed, but this is {found}")


@cache
def _version() -> tuple[int, int]:
    output = _run(None, "version").stdout.decode()
    numbers = re.search(r"(\d+)\.(\d+)", output)
    if numbers is None:
        raise RepositoryError(f"git does not tell its version, but {output.strip()!r}")
    return int(numbers[1]), int(numbers[2])


def locate(path: Path) -> tuple[Repository, Path]:
    """The repository that ``path`` lies in, and the root of its checkout (of a bare one, the repository itself).

    Raises ``RepositoryError`` if there is none, or git does not trust it.
    """
    if not is_repository(path):
        raise RepositoryError(f"{path} is not in a Git repository")
    output = _text(_run(path, "rev-parse", "--absolute-git-dir", "--is-inside-work-tree", "--show-cdup").stdout)
    directory, inside, up = output.rpartition("\ntrue\n")
    if not inside:
        repository = Repository(directory=Path(output.removesuffix("\nfalse\n")))
        return repository, repository.directory
    return Repository(directory=Path(directory)), (path / up.removesuffix("\n")).resolve()


def is_repository(path: Path) -> bool:
    """Whether ``path`` lies in a repository, or is a bare one. Does not start git."""
    start = path.resolve()
    return any((place / ".git").exists() for place in (start, *start.parents)) or is_bare(start)


def is_bare(path: Path) -> bool:
    """Whether ``path`` is a Git directory: a bare repository, or the ``.git`` of a checkout. Does not start git."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def init_bare(directory: Path) -> None:
    """Make an empty bare repository."""
    directory.mkdir(parents=True, exist_ok=True)
    _run(directory, "init", "--quiet", "--bare", "--template=")


def init(directory: Path, branch: str) -> None:
    """Make a repository with a work tree, on ``branch``, which has no commits yet."""
    directory.mkdir(parents=True, exist_ok=True)
    _run(directory, "init", "--quiet", "--template=", f"--initial-branch={branch}")


def commit_all(directory: Path, message: str, *, author: Author, date: int) -> str:
    """Commit everything that lies in a work tree, at ``date`` (in seconds since 1970); the result is the commit."""
    _run(directory, "add", "--all")
    arguments = ("commit", "--quiet", "--no-verify", "--no-gpg-sign", "--file=-")
    _run(directory, *arguments, stdin=_bytes(message), environment=_identity(author, f"{date} +0000"))
    return _run(directory, "rev-parse", "HEAD").stdout.decode().strip()


def status(directory: Path) -> str:
    """What is not committed in a work tree, a line a file; empty if nothing."""
    return _text(_run(directory, "status", "--porcelain").stdout)


def is_sound(repository: Repository) -> bool:
    """Whether all objects that are referred to are there, and no interrupted command left a lock."""
    if not is_bare(repository.directory) or any(repository.directory.rglob("*.lock")):
        return False
    return _run(repository, "fsck", "--connectivity-only", "--no-progress", codes=range(256)).returncode == 0


def is_valid_branch(name: str) -> bool:
    """Whether git accepts ``name`` as a branch (https://git-scm.com/docs/git-check-ref-format)."""
    if name in {"", "@", "HEAD"} or name.startswith("-") or name.endswith("."):
        return False
    if ".." in name or "@{" in name or re.search(r"[\x00-\x20\x7f~^:?*\[\\]", name):
        return False
    return all(part and not part.startswith(".") and not part.endswith(".lock") for part in name.split("/"))


# ---------------------------------------------------------------- reading


def resolve(place: Repository | Path, revision: str) -> str | None:
    """The id of the commit that ``revision`` names in a repository, or in the one around a directory, or None."""
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return _run(place, *arguments, codes=(0, 1, 128)).stdout.decode().strip() or None


def symbolic_target(repository: Repository, ref: str) -> str | None:
    """The full name of the ref that a symbolic ref such as ``HEAD`` points at, or None."""
    output = _run(repository, "symbolic-ref", "--quiet", ref, codes=(0, 1, 128)).stdout
    return _text(output).removesuffix("\n") or None


def remote_url(place: Path, remote: str) -> str | None:
    """The address of a remote of the repository around a directory, or None."""
    output = _run(place, "remote", "get-url", "--", remote, codes=(0, 2, 128)).stdout
    return _text(output).strip() or None


def refs(repository: Repository, *patterns: str) -> tuple[Ref, ...]:
    """The refs below each pattern (``refs/heads/``), or with exactly that name, sorted by name."""
    form = "--format=%(refname)%00%(objectname)%00%(worktreepath)%00"
    records = _run(repository, "for-each-ref", form, "--", *patterns).stdout.split(b"\0\n")[:-1]
    listed = (_text(record).split("\0") for record in records)
    nowhere = {"", str(repository.directory)}  # git calls the HEAD of a bare repository checked out, too
    return tuple(Ref(name, commit, None if place in nowhere else place) for name, commit, place in listed)


def list_tree(repository: Repository, commit: str) -> tuple[TreeEntry, ...]:
    """Everything in a commit, below directories, too. Raises ``RepositoryError`` if an object is missing."""
    entries = []
    for record in _run(repository, "ls-tree", "-r", "-z", "-l", "--full-tree", commit).stdout.split(b"\0")[:-1]:
        facts, _, path = record.partition(b"\t")
        mode, _, blob, size = facts.decode().split()
        if size == "BAD":
            raise RepositoryError(f"object {blob} is missing from {repository.directory}")
        entries.append(TreeEntry(mode, blob, 0 if size == "-" else int(size), _text(path)))
    return tuple(entries)


def list_work_tree(root: Path) -> dict[str, IndexEntry | None]:
    """The paths below ``root`` that are tracked, or neither tracked nor ignored; some may be gone from disk.

    With each what the index says of it, if the file is as it was when it was put there, else None. Where git was told
    to believe that without a look (``update-index --assume-unchanged``), nobody knows, and it is None, too.
    """
    # ``ls-files --modified`` would do both, but calls a file unmodified of which only the line endings are others.
    listed = _run(root, "ls-files", "-z", "-v", "--stage", "--others", "--exclude-standard").stdout
    changed = _run(root, "diff-files", "-z", "--name-only", "--relative", "--ignore-submodules").stdout
    paths = dict(map(_listed, _text(listed).split("\0")[:-1]))
    return paths | dict.fromkeys(_text(changed).split("\0")[:-1])


def _listed(entry: str) -> tuple[str, IndexEntry | None]:
    """A path with its entry: ``H 100644 <object> 0<tab><path>``, or ``? <path>`` for what is not tracked."""
    if entry.startswith("? "):
        return entry[2:], None
    facts, _, path = entry.partition("\t")
    return path, IndexEntry(facts[2:8], facts[9:-2]) if facts.startswith("H ") else None


def index_checksum(root: Path) -> str | None:
    """What git has written at the end of the index of the checkout at ``root``: equal ones, equal indexes.

    The index holds when, with which size and as which inode git last saw each file. None where there is no index right
    here, or where git was told not to compute this. https://git-scm.com/docs/index-format
    """
    try:
        with (root / ".git" / "index").open("rb") as file:
            file.seek(-_CHECKSUM_SIZE, os.SEEK_END)
            checksum = file.read(_CHECKSUM_SIZE)
    except OSError:
        return None
    return checksum.hex() if any(checksum) else None


def read_blobs(repository: Repository, blobs: Iterable[str]) -> Generator[tuple[str, bytes], None, None]:
    """The contents of objects, one after the other in the order asked for, by one process.

    Raises ``RepositoryError`` if one is missing: nothing vanishes lawfully from a Git repository.
    """
    from tempfile import TemporaryFile  # here, because a scan of a directory reads no blob

    with TemporaryFile() as names:
        names.write(_lines(blobs))
        names.seek(0)
        with _start(repository, "cat-file", "--batch", "--buffer", stdin=names) as process:
            stream = cast("IO[bytes]", process.stdout)
            try:
                while header := stream.readline():
                    yield _read_blob(repository, header, stream)
            finally:
                process.kill()


def _read_blob(repository: Repository, header: bytes, stream: IO[bytes]) -> tuple[str, bytes]:
    blob, _, kind_and_size = header.decode().strip().partition(" ")
    if not kind_and_size.startswith("blob "):
        raise RepositoryError(f"object {blob} is missing from {repository.directory}, or is not a file")
    size = int(kind_and_size.removeprefix("blob "))
    content = stream.read(size + 1)
    if len(content) != size + 1:
        raise RepositoryError(f"object {blob} in {repository.directory} cannot be read")
    return blob, content[:-1]


def reachable(repository: Repository, commits: Iterable[str], tip: str) -> frozenset[str]:
    """Those of the commits that are ``tip`` or an ancestor of it. One that is gone is neither."""
    wanted = frozenset(commits)
    if not wanted:
        return wanted
    try:
        others = _run(repository, "rev-list", "--stdin", stdin=_lines([f"^{tip}", *sorted(wanted)])).stdout
    except RepositoryError:
        present = _existing(repository, wanted)
        if present == wanted:
            raise
        return reachable(repository, present, tip)
    return wanted - frozenset(others.decode().split())


def merged_by(repository: Repository, commit: str, tip: str) -> str:
    """The commit by which ``commit``, which is reachable from ``tip``, got onto the line of its first parents."""
    arguments = ("rev-list", "--reverse", "--first-parent", "--ancestry-path", "--parents", f"{commit}..{tip}")
    later = _run(repository, *arguments).stdout.decode().splitlines()
    ids = later[0].split() if later else [commit]
    return commit if ids[1:2] == [commit] else ids[0]


def _existing(repository: Repository, objects: Iterable[str]) -> frozenset[str]:
    output = _run(repository, "cat-file", "--batch-check", stdin=_lines(objects)).stdout.decode()
    return frozenset(line.split()[0] for line in output.splitlines() if not line.endswith(" missing"))


def commit_facts(repository: Repository, commits: Iterable[str], trailer: str) -> dict[str, CommitFacts]:
    """What each commit says of itself, with the value of its last ``trailer``, by one process."""
    form = f"--format=%H%x00%P%x00%ct%x00%ce%x00%(trailers:key={trailer},valueonly,separator=%x09)%x00"
    arguments = ("rev-list", "--stdin", "--no-walk=unsorted", "--no-commit-header", form)
    facts = {}
    for record in _run(repository, *arguments, stdin=_lines(commits)).stdout.split(b"\0\n")[:-1]:
        commit, parents, date, email, trailers = _text(record).split("\0")
        value = trailers.split("\t")[-1].strip()
        facts[commit] = CommitFacts(tuple(parents.split()), int(date), email, value or None)
    return facts


def changed_files(repository: Repository, parents: Mapping[str, str | None]) -> dict[str, dict[str, str | None]]:
    """Per commit, the paths that differ from its given parent (None: from nothing), with the blob ids now there.

    A deleted path has None. One process for all commits.
    """
    found = changes(repository, parents)
    return {commit: {change.path: change.after for change in changed} for commit, changed in found.items()}


def changes(repository: Repository, parents: Mapping[str, str | None]) -> dict[str, list[Change]]:
    """Per commit, what differs from its given parent (None: from nothing). One process for all commits."""
    pairs = _lines(f"{commit} {parent}" if parent else commit for commit, parent in parents.items())
    arguments = ("diff-tree", "--stdin", "-r", "-z", "--root", "--raw", "--no-abbrev", "--no-renames")
    records = iter(_run(repository, *arguments, stdin=pairs).stdout.split(b"\0")[:-1])
    found: dict[str, list[Change]] = {commit: [] for commit in parents}
    commit = ""
    for record in records:
        if record.startswith(b":"):
            before, after = (None if blob == _ABSENT else blob for blob in record.decode().split()[2:4])
            found[commit].append(Change(_text(next(records)), before, after))
        else:
            commit = record.decode()
    return found


def log(
    repository: Repository, tip: str, *, most: int, since: int | None = None, trailer: str = "none"
) -> tuple[LogEntry, ...]:
    """The commits by which ``tip`` came about, newest first: first parents only, so that a merge is one of them.

    Those older than ``since`` (in seconds since 1970) are left out, and all after the first ``most``.
    """
    form = f"--format=%H%x00%P%x00%ct%x00%an%x00%s%x00%(trailers:key={trailer},valueonly,separator=%x2C)%x00"
    age = () if since is None else (f"--since={max(since, _FIRST_DATE)}",)
    options = ("--first-parent", *age, f"--max-count={most}", "--no-commit-header", form)
    records = _run(repository, "rev-list", *options, tip, "--").stdout.split(b"\0\n")[:-1]
    return tuple(_log_entry(record.decode("utf-8", "replace").split("\0")) for record in records)


def _log_entry(fields: Sequence[str]) -> LogEntry:
    commit, parents, date, author, subject, trailer = fields
    return LogEntry(commit, next(iter(parents.split()), None), int(date), author, subject, trailer or None)


def trees(repository: Repository, commits: Sequence[str]) -> tuple[str, ...]:
    """The ids of the commits' trees, in order, by one process."""
    lines = _lines(f"{commit}^{{tree}}" for commit in commits)
    output = _run(repository, "cat-file", "--batch-check=%(objectname)", stdin=lines).stdout
    return tuple(output.decode().split())


def message(repository: Repository, commit: str) -> str:
    """The message of a commit."""
    return _text(_run(repository, "rev-list", "--max-count=1", "--no-commit-header", "--format=%B", commit).stdout)


def diff(repository: Repository, base: str, head: str) -> str:
    """What ``head`` changes since it left ``base``, as a unified diff."""
    options = ("--no-color", "--no-ext-diff", "--no-textconv")
    return _text(_run(repository, "diff", *options, f"{base}...{head}", "--").stdout)


# ---------------------------------------------------------------- writing


def is_writable(path: str) -> bool:
    """Whether a commit may hold a file of this path: relative, within the tree, nothing called ``.git``."""
    return "\0" not in path and not any(part.lower() in {"", ".", "..", ".git"} for part in path.split("/"))


def fast_import(repository: Repository, drafts: Sequence[Draft], author: Author, date: int) -> tuple[str, ...]:
    """Write commits by one process and return their ids, in order; no ref points at them yet.

    Author, committer and their date (``date``, in seconds since 1970, UTC) are given, so equal input makes equal
    commits. Each path must be writable (:func:`is_writable`).
    """
    stream = bytearray()
    for number, draft in enumerate(drafts, start=1):
        _write_draft(stream, draft, number, f"{author} {date} +0000")
    # At the end the ref that fast-import insists on is taken away again.
    stream += f"reset {_SCRATCH}\nfrom {_ABSENT}\n\ndone\n".encode()
    return tuple(_run(repository, "fast-import", "--quiet", "--done", stdin=bytes(stream)).stdout.decode().split())


def _write_draft(stream: bytearray, draft: Draft, number: int, signature: str) -> None:
    """The format is that of https://git-scm.com/docs/git-fast-import#_input_format."""
    stream += f"reset {_SCRATCH}\ncommit {_SCRATCH}\nmark :{number}\n".encode()
    stream += _bytes(f"author {signature}\ncommitter {signature}\n")
    _write_data(stream, _bytes(draft.message))
    if draft.parent:
        stream += f"from {draft.parent}\n".encode()
    for path, (mode, content) in draft.files.items():
        quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        stream += _bytes(f'M {mode} inline "{quoted}"\n')
        _write_data(stream, content)
    stream += f"\nget-mark :{number}\n".encode()


def _write_data(stream: bytearray, content: bytes) -> None:
    stream += f"data {len(content)}\n".encode() + content + b"\n"


def update_refs(repository: Repository, changes: Sequence[RefChange], *, reason: str) -> None:
    """Move refs, all or none; ``reason`` is for the reflog. Raises ``RepositoryError`` if one is not at its ``old``."""
    lines = _lines(f"update {change.ref} {change.new or _ABSENT} {change.old or _ABSENT}" for change in changes)
    _run(repository, "update-ref", "-m", reason, "--stdin", stdin=lines, environment=_identity(BOT))


def merge_commits(repository: Repository, ours: str, theirs: str, message: str, author: Author, date: int) -> str:
    """The id of a new commit that merges ``theirs`` into ``ours``. Raises ``RepositoryError`` naming the conflicts."""
    return _commit_merged(repository, [ours, theirs], [ours, theirs], message, author, date)


def squash(repository: Repository, ours: str, theirs: str, message: str, author: Author, date: int) -> str:
    """As :func:`merge_commits`, but the new commit has only ``ours`` as its parent."""
    return _commit_merged(repository, [ours, theirs], [ours], message, author, date)


def _commit_merged(
    repository: Repository, pair: Sequence[str], parents: Sequence[str], message: str, author: Author, date: int
) -> str:
    check_version(_MERGE_VERSION)
    merged = _run(repository, "merge-tree", "--write-tree", "--name-only", "-z", *pair, codes=(0, 1))
    tree, *rest = _text(merged.stdout).split("\0")
    if merged.returncode:
        raise RepositoryError(f"they conflict in {', '.join(rest[: rest.index('')])}")
    return commit_tree(repository, tree, parents, message, author, date)


def commit_tree(
    repository: Repository,
    tree: str,
    parents: Sequence[str],
    message: str,
    author: Author,
    date: int,
    key: str | None = None,
) -> str:
    """The id of a new commit of a tree that is there; ``date`` is in seconds since 1970.

    It is signed with the ``key``: the file of an SSH key without a passphrase, or the id of one that gpg has.
    """
    arguments = [part for parent in parents for part in ("-p", parent)]
    identity = _identity(author, f"{date} +0000")
    if key is not None:
        form = {"gpg.format": "ssh" if Path(key).is_absolute() else "openpgp", "user.signingKey": key}
        repository = structs.replace(repository, settings={**repository.settings, **form})
        arguments.append("-S")
    result = _run(repository, "commit-tree", tree, *arguments, stdin=_bytes(message), environment=identity)
    return result.stdout.decode().strip()


def fast_forward(worktree: Path, commit: str) -> None:
    """Move the branch that is checked out in ``worktree`` forward, with its files.

    Raises ``RepositoryError``, and changes nothing, if uncommitted work would be overwritten.
    """
    _run(worktree, "merge", "--ff-only", "--no-autostash", "--quiet", commit, environment=_identity(BOT))


def _identity(author: Author, date: str | None = None) -> dict[str, str]:
    values = {"NAME": author.name, "EMAIL": author.email} | ({"DATE": date} if date else {})
    return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in values.items()}


# ---------------------------------------------------------------- exchanging


def fetch(repository: Repository, url: str, refspecs: Sequence[str], *, depth: int) -> None:
    """Fetch the newest ``depth`` commits of some refs; local refs whose counterpart is gone are removed."""
    options = ("--quiet", "--force", "--prune", "--no-tags", "--no-write-fetch-head", f"--depth={depth}")
    _run(repository, "fetch", *options, "--", url, *refspecs)


def fetch_commits(repository: Repository, url: str, commits: Sequence[str]) -> None:
    """Fetch commits by their ids, each with its parent."""
    _run(repository, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=2", "--", url, *commits)


def fetch_history(repository: Repository, url: str, refspec: str, *, since: int) -> None:
    """Fetch the commits of a ref that are not older than ``since`` (in seconds since 1970), and one more; no files.

    Their contents come by :func:`fetch_blobs`. Raises ``RepositoryError`` if there are no such commits.
    """
    options = ("--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--filter=blob:none")
    place = _with_origin(repository, url)
    _run(place, "fetch", *options, f"--shallow-since={since}", "origin", refspec)
    _run(place, "fetch", *options, "--deepen=1", "origin", refspec)  # what the oldest of them changed


def fetch_blobs(repository: Repository, url: str, blobs: Iterable[str]) -> None:
    """Fetch those contents that an earlier fetch left out, all at once.

    Raises ``RepositoryError`` if ``url`` does not have one of them.
    """
    present = _run(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered").stdout
    missing = set(blobs) - set(present.decode().split())
    if missing:
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none", "--stdin")
        _run(_with_origin(repository, url), "fetch", *options, "origin", stdin=_lines(sorted(missing)))


def _with_origin(repository: Repository, url: str) -> Repository:
    """The repository with ``url`` as its remote: what is fetched in parts needs one with a name."""
    return structs.replace(repository, settings={**repository.settings, "remote.origin.url": url})


def push(repository: Repository, url: str, changes: Sequence[RefChange]) -> dict[str, str]:
    """Move refs at ``url`` in one push; the result holds the reason for each ref that was refused.

    A ref that is not at its ``old`` is refused, and the others go through. Raises ``RepositoryError`` if the remote
    cannot be reached or admits nobody.
    """
    leases = [f"--force-with-lease={change.ref}:{change.old or ''}" for change in changes]
    targets = [f"{change.new or ''}:{change.ref}" for change in changes]
    options = ("--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no", *leases)
    result = _run(repository, "push", *options, "--", url, *targets, codes=(0, 1))
    statuses = [line.split("\t") for line in _text(result.stdout).splitlines() if line[1:2] == "\t"]
    if result.returncode and not statuses:
        raise _failure("push", result.stderr, repository)
    return {target.partition(":")[2]: _refusal(summary) for flag, target, summary in statuses if flag == "!"}


def _refusal(summary: str) -> str:
    """The words in parentheses of ``[remote rejected] (protected branch hook declined)``, or plainer ones."""
    reason = summary.partition("(")[2].removesuffix(")") or summary
    return MOVED if reason in {"stale info", "fetch first", "non-fast-forward"} else reason


def ls_remote(url: str, *patterns: str, repository: Repository | None = None) -> dict[str, str]:
    """The refs at ``url``: full name → commit id, annotated tags peeled. ``repository`` lends its settings."""
    output = _run(repository, "ls-remote", "--quiet", "--", url, *patterns).stdout
    found = {name: commit for commit, _, name in (line.partition("\t") for line in _text(output).splitlines())}
    return {name: found.get(f"{name}^{{}}", commit) for name, commit in found.items() if not name.endswith("^{}")}


# ---------------------------------------------------------------- the process


def _run(
    place: Repository | Path | None,
    *arguments: str,
    stdin: bytes = b"",
    codes: Container[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git to its end, on a repository or in a directory. An exit code outside ``codes`` is an error."""
    with _start(place, *arguments, stderr=subprocess.PIPE, environment=environment) as process:
        try:
            output, errors = process.communicate(stdin)
        except BaseException:
            process.kill()
            raise
    if process.returncode not in codes:
        raise _failure(arguments[0], errors, place)
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def _start(
    place: Repository | Path | None,
    *arguments: str,
    stdin: int | IO[bytes] = subprocess.PIPE,
    stderr: int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start git in a session of its own, so that nothing it starts (ssh, say) can ask on the user's terminal."""
    location = ["--git-dir", place.directory] if isinstance(place, Repository) else ["-C", place or "."]
    try:
        return subprocess.Popen(
            ["git", *location, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**_environment(place), **(environment or {})},
            start_new_session=True,
        )
    except OSError as error:
        raise RepositoryError(f"git cannot be started: {error.strerror}") from error


def _environment(place: Repository | Path | None) -> dict[str, str]:
    repository = place if isinstance(place, Repository) else Repository(directory=Path())
    settings = {**_SETTINGS, **repository.settings}
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)
    }
    environment |= _VARIABLES | {"GIT_CONFIG_COUNT": str(len(settings))}
    if repository.isolated:
        environment["GIT_CONFIG_GLOBAL"] = os.devnull
    for index, (key, value) in enumerate(settings.items()):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value.reveal() if isinstance(value, Secret) else value
    return environment


def _failure(command: str, errors: bytes, place: Repository | Path | None) -> RepositoryError:
    settings = place.settings.values() if isinstance(place, Repository) else ()
    words = " ".join(line.strip() for line in _text(errors).splitlines() if not line.startswith("hint:"))
    for secret in (value for value in settings if isinstance(value, Secret)):
        for part in secret.reveal().split():
            words = words.replace(part, "****")
    words = _USER_INFO.sub("****", words)
    return RepositoryError(f"git {command} failed: {words[:_MAX_WORDS] or 'it gave no reason'}")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _lines(items: Iterable[str]) -> bytes:
    return _bytes("".join(f"{item}\n" for item in items))
