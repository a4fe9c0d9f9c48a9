"""How the tests of managers read files and show what was found in them."""

from pathlib import Path

from updater.api import Dependency, Manager, Skipped, SourceFile

HERE = Path(__file__).parent


def source(path: Path) -> SourceFile:
    """The file as the core hands it to managers."""
    text = path.read_bytes().decode(errors="surrogateescape")
    return SourceFile(path=path.relative_to(HERE).as_posix(), text=text)


INPUTS = tuple(
    source(path) for path in sorted(HERE.rglob("*")) if path.is_file() and path.suffix not in (".py", ".pyc")
)
"""Every input file of every manager."""


def yaml(text: str) -> SourceFile:
    return SourceFile(path="some.yaml", text=text)


def dependencies(manager: Manager, file: SourceFile) -> list[Dependency]:
    return [item for item in manager.extract(file) if isinstance(item, Dependency)]


def found(manager: Manager, file: SourceFile) -> list[tuple[int, str, str | None]]:
    """Line, name and value of each dependency."""
    return [(item.line, item.name, item.current_value) for item in dependencies(manager, file)]


def skipped(manager: Manager, file: SourceFile) -> list[tuple[int | None, str | None, str]]:
    """Line, name and reason of everything that is not managed."""
    return [(item.line, item.name, item.reason) for item in manager.extract(file) if isinstance(item, Skipped)]
