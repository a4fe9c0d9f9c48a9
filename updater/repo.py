"""The files of a repository: as they lie in a directory, or as a commit has them. Both meet ``updater.api.Tree``.

A directory may hold what its user has not committed yet; a commit needs no checkout. Neither ever follows a symbolic
link, and special files (pipes, sockets, devices) do not exist for them.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from updater import git
from updater.api import Tree
from updater.errors import RepositoryError
from updater.model.history import Revision

_CHUNK = 64 * 1024
_MOST_COMMITS = 5_000
_LARGEST_REVISION = 1_000_000
_REGULAR = (git.REGULAR_FILE, git.EXECUTABLE_FILE)
_MODES = {stat.S_IFREG: git.REGULAR_FILE, stat.S_IFLNK: git.SYMBOLIC_LINK}
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_tree(path: Path) -> Tree:
    """What lies in a directory; of a bare repository, what its ``HEAD`` has.

    Raises ``RepositoryError`` if there is no such directory, or if git does not want to read it.
    """
    if not path.is_dir():
        raise RepositoryError(f"{path} is not a directory")
    if not git.is_bare(path):
        return WorkTree(path)
    commit = git.resolve(git.Repository(directory=path), "HEAD")
    if commit is None:
        raise RepositoryError(f"{path} has no commits yet")
    return GitTree(path, commit)


class WorkTree:
    """What lies in a directory at this moment, committed or not.

    In a checkout these are the files that git tracks or would track; in a plain directory (also one that the
    repository around it ignores) all files outside ``.git``. Directories that cannot be entered count as empty.
    ``commit`` is the one that is checked out, though the files may differ from it; None in a plain directory, or
    before the first commit.
    """

    def __init__(self, root: Path) -> None:
        self.home = f"directory {root.resolve()}"
        self._prefix = os.fsencode(root) + b"/"
        before = git.index_checksum(root)
        self._tracked = _tracked(root)
        self._index = before if git.index_checksum(root) == before else None
        self._root = root
        self._sizes: dict[str, int] = {}

    @cached_property
    def commit(self) -> str | None:
        """The commit that is checked out; None without one."""
        return None if self._tracked is None else git.resolve(self._root, "HEAD")

    @cached_property
    def state(self) -> str | None:
        """The checksum of git's index, if all files are as git last saw them; no file is looked at for that."""
        if self._tracked is None or self._index is None or None in self._tracked.values():
            return None
        return f"index {self._index}"

    def files(self) -> Sequence[str]:
        """The paths of all regular files, relative to the root, sorted."""
        return self._paths[0]

    def links(self) -> Mapping[str, str]:
        """The symbolic links: path → target as written."""
        return self._paths[1]

    def size(self, path: str) -> int:
        """The size in bytes when it was first asked for; 0 if the file is gone."""
        size = self._sizes.get(path)
        if size is None:
            self._mode(path)
            size = self._sizes[path]
        return size

    def identity(self, path: str) -> str | None:
        """What git knows the content by, with its size: line endings may differ from those in the repository."""
        entry = self._tracked.get(path) if self._tracked is not None else None
        return None if entry is None else f"{entry.blob}:{self.size(path)}"

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of the files; those that are gone, or may not be read, are left out."""
        for path in paths:
            content = _read_file(self._prefix + _bytes(path), self._sizes.get(path, 0))
            if content is not None:
                yield path, content

    def history(self, paths: Iterable[str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        """The changes that commits made to these files, newest first; what is not committed is none of them."""
        if self.commit is None:
            return {}
        repository, top = git.locate(self._root)
        prefix = self._root.resolve().relative_to(top).as_posix()
        above = "" if prefix == "." else f"{prefix}/"
        return history(repository, self.commit, {f"{above}{path}": path for path in paths}, since)

    def subjects(self, most: int) -> Sequence[str]:
        """The first lines of the latest commits, newest first."""
        return subjects(git.locate(self._root)[0], self.commit, most) if self.commit is not None else ()

    @cached_property
    def _paths(self) -> tuple[list[str], dict[str, str]]:
        """The regular files, sorted, and the links with their targets; what is neither does not exist for us."""
        files, links = [], []
        for path, mode in self._listed():
            if mode in _REGULAR:
                files.append(path)
            elif mode == git.SYMBOLIC_LINK:
                links.append(path)
        targets = {path: _text(os.readlink(self._prefix + _bytes(path))) for path in links}  # noqa: PTH115 - bytes
        return sorted(files), targets

    def _listed(self) -> Iterator[tuple[str, str | None]]:
        """All paths with their modes as git has them; None for what it has none for, and for what is gone."""
        if self._tracked is None:
            yield from ((path, self._mode(path)) for path in self._walked())
            return
        known = {"": False}
        for path, entry in self._tracked.items():
            if entry is not None:
                yield path, entry.mode
            # What git still tracks below a directory that is now a link is, to git, not as it was.
            elif not self._is_linked(path.rpartition("/")[0], known):
                yield path, self._mode(path)

    def _mode(self, path: str) -> str | None:
        """Look at a file, and note its size."""
        try:
            status = os.lstat(self._prefix + _bytes(path))
        except OSError:
            self._sizes[path] = 0
            return None
        self._sizes[path] = status.st_size
        return _MODES.get(stat.S_IFMT(status.st_mode))

    def _is_linked(self, directory: str, known: dict[str, bool]) -> bool:
        if directory not in known:
            parent = directory.rpartition("/")[0]
            known[directory] = self._is_linked(parent, known) or _is_link(self._prefix + _bytes(directory))
        return known[directory]

    def _walked(self) -> Iterator[str]:
        pending = [b""]
        while pending:
            directory = pending.pop()
            for name, is_directory in _scanned(self._prefix + directory):
                if is_directory:
                    pending.append(directory + name + b"/")
                else:
                    yield _text(directory + name)


class GitTree:
    """The files of one commit, read from the Git directory by two processes however many there are.

    Raises ``RepositoryError`` if an object is missing or broken: a commit that cannot be read is not an empty one.
    """

    def __init__(self, git_dir: Path, commit: str) -> None:
        self.commit: str | None = commit
        self.home = f"repository {git_dir.resolve()}"
        self._repository = git.Repository(directory=git_dir)
        self._commit = commit

    @property
    def state(self) -> str | None:
        """The commit."""
        return f"commit {self._commit}"

    def files(self) -> Sequence[str]:
        """The paths of all regular files, sorted."""
        return sorted(self._files)

    def links(self) -> Mapping[str, str]:
        """The symbolic links: path → target as written."""
        return self._links

    def size(self, path: str) -> int:
        """The size in bytes."""
        return self._files[path].size

    def blob(self, path: str) -> str:
        """The id of the file's content: equal ids, equal bytes."""
        return self._files[path].blob

    def identity(self, path: str) -> str | None:
        """The id of the file's content."""
        return self.blob(path)

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of the files, in the order of ``paths``; those the commit does not have are left out."""
        present = [path for path in paths if path in self._files]
        contents = git.read_blobs(self._repository, (self.blob(path) for path in present))
        for path, (_, content) in zip(present, contents, strict=True):
            yield path, content

    def history(self, paths: Iterable[str], since: datetime) -> Mapping[str, Sequence[Revision]]:
        """The changes that commits made to these files, newest first."""
        return history(self._repository, self._commit, {path: path for path in paths}, since)

    def subjects(self, most: int) -> Sequence[str]:
        """The first lines of the latest commits, newest first."""
        return subjects(self._repository, self._commit, most)

    @cached_property
    def _entries(self) -> tuple[git.TreeEntry, ...]:
        return git.list_tree(self._repository, self._commit)

    @cached_property
    def _files(self) -> dict[str, git.TreeEntry]:
        return {entry.path: entry for entry in self._entries if entry.mode in _REGULAR}

    @cached_property
    def _links(self) -> dict[str, str]:
        links = [entry for entry in self._entries if entry.mode == git.SYMBOLIC_LINK]
        targets = git.read_blobs(self._repository, (entry.blob for entry in links)) if links else ()
        return {entry.path: _text(target) for entry, (_, target) in zip(links, targets, strict=True)}


def subjects(repository: git.Repository, tip: str, most: int) -> tuple[str, ...]:
    """The first lines of the latest commits, newest first."""
    return tuple(entry.subject for entry in git.log(repository, tip, most=most))


def history(
    repository: git.Repository,
    tip: str,
    names: Mapping[str, str],
    since: datetime,
    fetch: Callable[[Iterable[str]], None] = lambda _blobs: None,
) -> dict[str, list[Revision]]:
    """The changes of the files called as the keys of ``names``, under the names that are its values.

    ``fetch`` brings contents into the repository before they are read, by their blob ids.
    """
    entries = git.log(repository, tip, since=int(since.timestamp()), most=_MOST_COMMITS)
    changed = git.changes(repository, {entry.commit: entry.parent for entry in entries if entry.parent})
    wanted = [
        (entry, names[path], before, after)
        for entry in entries
        for path, before, after in changed.get(entry.commit, ())
        if path in names and before is not None and after is not None
    ]
    needed = dict.fromkeys(blob for _, _, *blobs in wanted for blob in blobs)
    fetch(needed)
    texts = _texts(repository, needed)
    found: dict[str, list[Revision]] = {}
    for entry, path, before, after in wanted:
        if before in texts and after in texts:
            found.setdefault(path, []).append(_revision(entry, texts[before], texts[after]))
    return found


def _texts(repository: git.Repository, blobs: Iterable[str]) -> dict[str, str]:
    """The texts of those that are not too large for a file that people change by hand."""
    contents = git.read_blobs(repository, blobs)
    return {blob: _text(content) for blob, content in contents if len(content) <= _LARGEST_REVISION}


def _revision(entry: git.LogEntry, before: str, after: str) -> Revision:
    return Revision(
        commit=entry.commit,
        when=datetime.fromtimestamp(entry.date, UTC),
        author=entry.author,
        subject=entry.subject,
        before=before,
        after=after,
    )


def _tracked(root: Path) -> Mapping[str, git.IndexEntry | None] | None:
    """What git lists in a directory; None in a plain one."""
    paths = git.list_work_tree(root) if git.is_repository(root) else {}
    return paths if paths or (root / ".git").exists() else None


def _read_file(path: bytes, size: int) -> bytes | None:
    """The content of a file that was regular, and of this size, when it was listed; None if it is no longer regular.

    ``open`` would take half as long again, and follow a link.
    """
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError:
        return None
    try:
        content = os.read(descriptor, size + 1)
        if len(content) == size:  # so it is, unless somebody has written since
            return content
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return b"".join((content, *iter(lambda: os.read(descriptor, _CHUNK), b"")))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _is_link(path: bytes) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except OSError:
        return False


def _scanned(directory: bytes) -> list[tuple[bytes, bool]]:
    """The names in a directory, without ``.git``, and whether each is a directory (a link is none)."""
    try:
        with os.scandir(directory) as entries:
            return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries if entry.name != b".git"]
    except OSError:
        return []


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
