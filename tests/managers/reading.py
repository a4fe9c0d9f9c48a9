"""How the tests of managers read files and show what was found in them."""

from collections.abc import Iterator
from pathlib import Path

from updater.api import Dependency, Extracted, Manager, Skipped, SourceFile
from updater.offlimits import veiled
from updater.scan import unclaimed

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus" / "repositories"


def source(path: Path, root: Path = HERE) -> SourceFile:
    """The file as the core hands it to managers: without secrets, and with its path from ``root`` on."""
    text = path.read_bytes().decode(errors="surrogateescape")
    return SourceFile(path=path.relative_to(root).as_posix(), text=veiled(text))


def _inputs() -> Iterator[SourceFile]:
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            yield source(path)
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield source(path, CORPUS / path.relative_to(CORPUS).parts[0])


INPUTS = tuple(_inputs())
"""Every input file of every manager: those beside its tests, and the corpus."""


def yaml(text: str) -> SourceFile:
    return SourceFile(path="some.yaml", text=text)


def wakes(manager: Manager, text: str) -> bool:
    """Whether the core would ask the manager about this text."""
    text = f"\n{text.removeprefix(chr(0xFEFF))}"
    is_foreign = any(word in text for word in manager.FOREIGN)
    return not is_foreign and (not manager.MARKERS or any(marker in text for marker in manager.MARKERS))


def extracted(manager: Manager, file: SourceFile) -> list[Extracted]:
    """What a manager finds, less what comments give to somebody else."""
    return [unclaimed(file, item) for item in manager.extract(file)]


def dependencies(manager: Manager, file: SourceFile) -> list[Dependency]:
    return [item for item in extracted(manager, file) if isinstance(item, Dependency)]


def found(manager: Manager, file: SourceFile) -> list[tuple[int, str, str | None]]:
    """Line, name and value of each dependency."""
    return [(item.line, item.name, item.current_value) for item in dependencies(manager, file)]


def skipped(manager: Manager, file: SourceFile) -> list[tuple[int | None, str | None, str]]:
    """Line, name and reason of everything that is not managed."""
    return [(item.line, item.name, item.reason) for item in extracted(manager, file) if isinstance(item, Skipped)]
