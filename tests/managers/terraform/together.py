"""Reads files as the core does: every manager's ``extract``, then its ``link`` over the files of the repository."""

from collections.abc import Mapping, Sequence
from fnmatch import translate
from re import fullmatch

from updater.api import Clue, Dependency, Extracted, Linker, Manager, Skipped, SourceFile
from updater.scan import unclaimed


class Repository:
    """The files of a repository in memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths that match; of the patterns, only those that begin with ``**/`` are known."""
        expression = translate(pattern.removeprefix("**/"))
        return sorted(path for path in self._texts if fullmatch(expression, path.rpartition("/")[2]))

    def read(self, path: str) -> SourceFile | None:
        """The file at ``path``."""
        return SourceFile(path=path, text=self._texts[path]) if path in self._texts else None


def rows(manager: Manager, texts: Mapping[str, str]) -> list[Dependency | Skipped]:
    """Everything a manager finds in a repository, in order of place, each place once."""
    found: list[Extracted] = []
    for path in sorted(texts):
        file = SourceFile(path=path, text=texts[path])
        if any(marker in file.text for marker in manager.MARKERS):
            found += manager.extract(file)
    clues = [item for item in found if isinstance(item, Clue)]
    if clues and isinstance(manager, Linker):
        found += manager.link(clues, Repository(texts))
    unique = dict.fromkeys(item for item in found if isinstance(item, Dependency | Skipped))
    claimed = (unclaimed(SourceFile(path=item.path, text=texts[item.path]), item) for item in unique)
    kept = [item for item in claimed if isinstance(item, Dependency | Skipped)]
    return sorted(kept, key=lambda item: (item.path, item.line or 0, item.name or ""))


def moved(manager: Manager, texts: Mapping[str, str]) -> list[tuple[str, int, str, str | None]]:
    """Path, line, name and value of each dependency of a repository."""
    return [
        (item.path, item.line, item.name, item.current_value)
        for item in rows(manager, texts)
        if isinstance(item, Dependency)
    ]


def left(manager: Manager, texts: Mapping[str, str]) -> list[tuple[str, int | None, str | None, str]]:
    """Path, line, name and reason of what is not managed in a repository."""
    return [
        (item.path, item.line, item.name, item.reason) for item in rows(manager, texts) if isinstance(item, Skipped)
    ]


def dependencies(manager: Manager, file: SourceFile) -> list[Dependency]:
    """The dependencies of a repository with this one file."""
    return [item for item in rows(manager, {file.path: file.text}) if isinstance(item, Dependency)]


def found(manager: Manager, file: SourceFile) -> list[tuple[int, str, str | None]]:
    """Line, name and value of each dependency of one file."""
    return [(item.line, item.name, item.current_value) for item in dependencies(manager, file)]


def skipped(manager: Manager, file: SourceFile) -> list[tuple[int | None, str | None, str]]:
    """Line, name and reason of what is not managed in one file."""
    return [(line, name, reason) for _, line, name, reason in left(manager, {file.path: file.text})]
