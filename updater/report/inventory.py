"""What ``updater scan`` prints: as text, as JSON, and as one JSON object a line (a stable contract)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from updater.inventory import Inventory
from updater.model.scan import Dependency, Skipped
from updater.model.track import Tracked

Json = dict[str, object]


def as_text(found: Inventory) -> Iterator[str]:
    """Dependencies by file, then what is not managed with the reason."""
    yield from table(
        (f"{each.dependency.path}:{each.dependency.line}", each.dependency.manager, each.name, value(each.dependency))
        for each in found.tracked
    )
    if found.skipped:
        yield from ("", "Not managed:")
        yield from table((_where(each), each.name or each.current_value or "-", each.reason) for each in found.skipped)
    yield from ("", f"{count(len(found.tracked), 'dependency')}, {len(found.skipped)} not managed.")


def as_jsonl(found: Inventory) -> Iterator[str]:
    """One JSON object a line for each dependency, then for each skipped value."""
    return map(_line, _rows(found))  # one by one: all rows at once take half as long again


def as_json(found: Inventory) -> Iterator[str]:
    """The same as one list."""
    yield readable(list(_rows(found)))


RENDERINGS: Mapping[str, Callable[[Inventory], Iterator[str]]] = {"text": as_text, "json": as_json, "jsonl": as_jsonl}


def readable(value: object) -> str:
    """JSON for people, in the order of ``value``. With ``indent``, that of the standard library is slow."""
    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except UnicodeEncodeError:  # bytes of a file that are no UTF-8
        return json.dumps(value, indent=2, ensure_ascii=False)


def _line(row: Json) -> str:
    try:
        return msgspec.json.encode(row).decode()
    except UnicodeEncodeError:  # bytes of a file that are no UTF-8
        return json.dumps(row)


def _rows(found: Inventory) -> Iterator[Json]:
    yield from map(dependency, found.tracked)
    yield from map(skip, found.skipped)


def dependency(tracked: Tracked) -> Json:
    """A dependency as ``scan`` prints it."""
    found = tracked.dependency
    return {
        "file": found.path,
        "line": found.line,
        "manager": found.manager,
        "dep_name": tracked.name,
        "package_name": tracked.package.name,
        "current_value": found.current_value,
        "current_digest": found.current_digest,
        "datasource": tracked.package.datasource,
        "versioning": tracked.versioning,
        "dep_type": found.dep_type,
        "registry_urls": list(tracked.package.registry_urls),
        "skip_reason": None,
        "environment": found.environment.name if found.environment else None,
        "environment_reason": found.environment.reason if found.environment else None,
        "span": list(found.span) if found.span else None,
        "locked_version": tracked.lock.version if tracked.lock else None,
        "base": found.branch,
    }


def skip(each: Skipped) -> Json:
    """A skipped value or file, in the fields of a dependency."""
    return {
        "file": each.path,
        "line": each.line,
        "manager": each.manager,
        "dep_name": each.name,
        "package_name": None,
        "current_value": each.current_value,
        "current_digest": None,
        "datasource": each.datasource,
        "versioning": None,
        "dep_type": each.dep_type,
        "registry_urls": [],
        "skip_reason": each.reason,
        "environment": each.environment.name if each.environment else None,
        "environment_reason": each.environment.reason if each.environment else None,
        "span": list(each.span) if each.span else None,
        "locked_version": None,
        "base": each.branch,
    }


def file(found: Dependency | Skipped) -> str:
    """Its path; behind the name of its base branch, as Git writes it, where there can be several."""
    return found.path if found.branch is None else f"{found.branch}:{found.path}"


def table(rows: Iterable[Sequence[str]], indent: str = "") -> Iterator[str]:
    """Rows as aligned columns, the last one free."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield (indent + "  ".join((*cells, row[-1]))).rstrip()


def value(found: Dependency) -> str:
    """The value as it stands, with the start of its digest."""
    digest = f"@{found.current_digest[:19]}…" if found.current_digest else ""
    return f"{found.current_value or ''}{digest}"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    plural = {"dependency": "dependencies", "branch": "branches"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


def _where(each: Skipped) -> str:
    return f"{each.path}:{each.line}" if each.line else each.path
