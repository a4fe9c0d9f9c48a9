"""The account of a whole repository: what the managers found, and a second reading of every file beside it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from updater.api import Manager, Tree
from updater.config import Config, ManagerOptions
from updater.config.patterns import compile_pattern
from updater.coverage.account import Coverage, FileAccount, Findings, account
from updater.coverage.texts import is_left_out, is_worth_reading
from updater.files import RepositoryFiles
from updater.inventory import Inventory, Workshop, take_inventory
from updater.model.scan import Dependency, LockEntry, Skipped, Span
from updater.offlimits import is_encrypted
from updater.readers import readers
from updater.scan import scan

_VENDORED = ("node_modules", "bower_components", "vendor", "third_party", ".terraform")


def survey(tree: Tree, config: Config, workshop: Workshop) -> Coverage:
    """Account for every version-like token in the files of ``tree``. No network."""
    inventory = take_inventory(tree, config, workshop)
    findings = _findings(inventory, _found_by_disabled(tree, config, workshop))
    selection = _Selection(tree, config, workshop)
    workshop.progress("reading again")
    files = list(_accounts(tree, selection, findings))
    return Coverage(files=tuple(sorted(files, key=lambda file: file.path)), unread=dict(selection.unread))


# ---------------------------------------------------------------- what the managers say


def _findings(inventory: Inventory, by_disabled: Iterable[Skipped]) -> Mapping[str, Findings]:
    managed: defaultdict[str, list[tuple[Span, ...]]] = defaultdict(list)
    items: list[Dependency | LockEntry] = [*(each.dependency for each in inventory.tracked), *inventory.locks]
    for item in items:
        managed[item.path].append(_places(item))
    rows: defaultdict[str, list[Skipped]] = defaultdict(list)
    for row in (*inventory.skipped, *by_disabled):
        rows[row.path].append(row)
    return {
        path: Findings(managed=tuple(managed.get(path, ())), rows=tuple(rows.get(path, ())))
        for path in managed.keys() | rows.keys()
    }


def _places(item: Dependency | LockEntry) -> tuple[Span, ...]:
    match item:
        case Dependency():
            spans = (item.span, item.digest_span)
        case LockEntry():
            spans = (item.version_span, item.constraints_span)
    return tuple(span for span in spans if span is not None)


def _found_by_disabled(tree: Tree, config: Config, workshop: Workshop) -> Iterator[Skipped]:
    """What the managers that are switched off would find, with the rule that switches them off."""
    reasons = {name: reason for name in workshop.managers if (reason := _why_disabled(name, config))}
    if reasons:
        managers: Mapping[str, Manager] = {name: workshop.managers[name] for name in reasons}
        found = scan(tree, _with_all_enabled(config), managers, {})
        for each in found.dependencies:
            yield each.unmanaged(reasons[each.manager])
        for row in found.skipped:
            if row.manager in reasons and (row.span or row.line):
                yield msgspec.structs.replace(row, reason=reasons[row.manager])


def _why_disabled(name: str, config: Config) -> str | None:
    options = config.repository.managers.get(name)
    if options is not None and options.enabled is False:
        return f"disabled by {name}.enabled ({options.origin})"
    allowed = config.repository.enabled_managers
    if allowed and name not in allowed:
        return f"not in enabledManagers ({_origin(config, 'enabled_managers')})"
    return None


def _with_all_enabled(config: Config) -> Config:
    """The same configuration with every manager at work and no custom one."""
    options: dict[str, ManagerOptions] = {
        name: msgspec.structs.replace(each, enabled=True) for name, each in config.repository.managers.items()
    }
    repository = msgspec.structs.replace(
        config.repository, enabled_managers=(), managers=options, custom_managers=(), custom_manager_origins=()
    )
    return msgspec.structs.replace(config, repository=repository)


def _origin(config: Config, option: str) -> str:
    return str(config.repository.origins.get(option) or "the defaults")


# ---------------------------------------------------------------- which files


class _Selection:
    """The files to read again, and those to pass over, counted by reason."""

    def __init__(self, tree: Tree, config: Config, workshop: Workshop) -> None:
        self._tree, self._config = tree, config
        self._files = RepositoryFiles(tree, config)
        self._readers = readers(config, workshop.managers, workshop.custom_managers)[0]
        self.unread: Counter[str] = Counter()

    def paths(self) -> Iterator[tuple[str, str | None]]:
        """Each file worth reading, with the reason if nobody was allowed to look into it."""
        allowed = frozenset(self._files.paths)
        for path in self._tree.files():
            reason = None if path in allowed else self._why_ignored(path)
            if not self._is_wanted(path, is_ignored=reason is not None):
                continue
            if too_large := self._files.why_closed(path):
                self.unread[too_large.reason] += 1
            elif reason and any(name in reason for name in _VENDORED):
                self.unread[reason] += 1
            else:
                yield path, reason

    def _is_wanted(self, path: str, *, is_ignored: bool) -> bool:
        if is_worth_reading(path):
            return True
        return not is_ignored and not is_left_out(path) and bool(self._readers.opening(path))

    def _why_ignored(self, path: str) -> str:
        """The pattern that keeps a file out, and where it stands."""
        for pattern in self._config.repository.ignore_paths:
            is_plain = not set(pattern) & set("*?[{!")
            if (is_plain and pattern in path) or (not pattern.startswith("!") and compile_pattern(pattern)(path)):
                return f"ignorePaths {pattern!r} ({_origin(self._config, 'ignore_paths')})"
        return f"outside includePaths ({_origin(self._config, 'include_paths')})"


def _accounts(tree: Tree, selection: _Selection, findings: Mapping[str, Findings]) -> Iterator[FileAccount]:
    reasons = dict(selection.paths())
    for path, data in tree.read(list(reasons)):
        if b"\0" in data:
            selection.unread["binary, although its name says text"] += 1
            continue
        text = data.decode("utf-8", "surrogateescape")
        found = findings.get(path, Findings())
        if reasons[path]:
            found = Findings(ignored_because=reasons[path])
        yield account(path, text, found, is_encrypted=is_encrypted(text))
