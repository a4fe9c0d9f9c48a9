"""The files of a repository that may be looked into: not ignored, not too large, not binary, and without secrets."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from updater import offlimits
from updater.api import Tree
from updater.config import Config
from updater.config.globs import literal_core, literal_ending
from updater.config.patterns import compile_file_pattern, compile_ignored, is_regex
from updater.model.scan import Skipped, SourceFile

_TOGETHER = 50
"""How many files more are read when one is asked for."""


class RepositoryFiles:
    """What the configuration lets us see of a tree; meets ``updater.api.Files``."""

    def __init__(self, tree: Tree, config: Config) -> None:
        self._tree, self._options = tree, config.repository
        self._read: dict[str, SourceFile | None] = {}

    @cached_property
    def paths(self) -> Sequence[str]:
        """The paths of the files that the configuration does not ignore, sorted."""
        paths = self._tree.files()
        together = "\n".join(paths).casefold()
        # Of the usual patterns hardly any has to be tried on each path: nobody has such a directory.
        patterns = self._options.ignore_paths
        ignore = [pattern for pattern in patterns if is_regex(pattern) or literal_core(pattern) in together]
        ignored = compile_ignored(ignore, self._options.include_paths)
        return [path for path in paths if not ignored(path)]

    def why_closed(self, path: str) -> Skipped | None:
        """A row for a file that is too large to be read."""
        limit = self._options.max_file_size
        if self._tree.size(path) <= limit:
            return None
        return Skipped(manager=None, path=path, reason=f"larger than maxFileSize ({limit:,} bytes)")

    def links_leading_out(self) -> Iterator[Skipped]:
        """A row for each symbolic link that leads out of the repository."""
        for path, target in self._tree.links().items():
            resolved = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if target.startswith("/") or resolved == ".." or resolved.startswith("../"):
                yield Skipped(manager=None, path=path, reason="a symbolic link that leads out of the repository")

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths that match a glob over the whole path; none for what is no glob."""
        try:
            matches = compile_file_pattern(pattern.lstrip("/"))
        except ValueError:
            return ()
        ending = literal_ending(pattern)
        return [path for path in self.paths if path.casefold().endswith(ending) and matches(path)]

    def read(self, path: str) -> SourceFile | None:
        """The file at ``path``; None if there is none that may be read."""
        if path not in self._read:
            self._read[path] = None
            self._read_beside(path)
        return self._read[path]

    def _read_beside(self, path: str) -> None:
        """Read a file with those of its kind in its directory, which are likely to be wanted, too, in one go."""
        directory, ending = posixpath.split(path)[0], posixpath.splitext(path)[1]
        beside = self._by_place.get((directory, ending), ())
        mates = [mate for mate in beside if mate not in self._read][:_TOGETHER] if path in beside else []
        wanted = [mate for mate in (path, *mates) if path in beside and not self.why_closed(mate)]
        self._read |= dict.fromkeys(wanted)
        for mate, data in self._tree.read(wanted):
            opened = opened_file(mate, data)
            self._read[mate] = opened if isinstance(opened, SourceFile) else None

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """Directory and ending → the files there."""
        found: dict[tuple[str, str], list[str]] = {}
        for path in self.paths:
            found.setdefault((posixpath.split(path)[0], posixpath.splitext(path)[1]), []).append(path)
        return found


def opened_file(path: str, data: bytes, absent: frozenset[str] = frozenset()) -> SourceFile | Skipped:
    """A file as managers see it, or a row that says why they do not; ``absent`` are words that it does not hold."""
    if b"\0" in data:
        return Skipped(manager=None, path=path, reason="binary, although its name says text")
    file = offlimits.opened(SourceFile(path=path, text=data.decode("utf-8", "surrogateescape"), absent=absent))
    return file or Skipped(manager=None, path=path, reason="encrypted with SOPS")
