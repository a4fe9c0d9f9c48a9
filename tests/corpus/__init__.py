"""The labelled corpus: small repositories with everything that must, and must not, be found in them.

``repositories/<area>`` is a repository as a team might have it, ``expected/<area>.txt`` has a line for everything a
scan without configuration finds there, and nothing else may be found. A line is::

    path:line | manager | datasource package | value@digest | environment
    path:line | manager | - name | reason it is not managed

``python -m tests.corpus AREA`` prints these lines as the scan finds them now. They are labels, not snapshots: read each
one against its file before you keep it. Lines that begin with ``#`` say why something is as it is.
"""

from collections.abc import Iterator
from pathlib import Path

from updater import plugins
from updater.config import load
from updater.model.scan import Dependency, LockEntry, Scan, Skipped
from updater.repo import WorkTree
from updater.scan import scan

HERE = Path(__file__).parent
AREAS = tuple(sorted(path.name for path in (HERE / "repositories").iterdir() if path.is_dir()))


def scanned(directory: Path) -> Scan:
    """What a scan finds in a directory with all managers and, but for a file in it, no configuration."""
    tree = WorkTree(directory)
    managers = plugins.managers()
    return scan(tree, load(tree, managers=managers.keys()), managers, plugins.custom_managers())


def labels(found: Scan) -> Iterator[str]:
    """A line for everything that was found, in order of place."""
    rows: tuple[Dependency | LockEntry | Skipped, ...] = (*found.dependencies, *found.locks, *found.skipped)
    return (_label(row) for row in sorted(rows, key=lambda row: (row.path, row.line or 0)))


def expected(area: str) -> list[str]:
    """The labels of an area as they are kept."""
    lines = (HERE / "expected" / f"{area}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _label(row: Dependency | LockEntry | Skipped) -> str:
    place = f"{row.path}:{row.line or 0}"
    match row:
        case Dependency():
            digest = f"@{row.current_digest[:15]}" if row.current_digest else ""
            environment = row.environment.name if row.environment else "-"
            package = f"{row.package.datasource} {row.package.name}"
            return f"{place} | {row.manager} | {package} | {row.current_value or ''}{digest} | {environment}"
        case LockEntry():
            return f"{place} | {row.manager} | {row.package.datasource} {row.package.name} | {row.version} | locked"
        case Skipped():
            name = f"- {row.name or row.current_value or ''}".rstrip()
            return f"{place} | {row.manager or 'core'} | {name} | {row.reason}"
