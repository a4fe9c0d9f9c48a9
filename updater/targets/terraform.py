"""Terraform roots: the projects of ``atlantis.yaml``, or else the directories that hold a state of their own."""

import re
from collections.abc import Iterable, Iterator, Mapping

from updater.api import Target, TargetKind
from updater.fields import at, objects, text, texts
from updater.model.scan import environment_of
from updater.targets.finding import Found
from updater.targets.manifests import documents
from updater.targets.paths import Footprint, footprint, parent, resolved
from updater.targets.repository import Repository

ATLANTIS = ("atlantis.yaml", "atlantis.yml")
SUFFIXES = (".tf", ".tofu")

_MODULE = re.compile(r'^\s*source\s*=\s*"(\.\.?/[^"]*)"', re.MULTILINE)
_ROOT = re.compile(r'^\s*(?:backend\s+"|cloud\s*\{|provider\s+")', re.MULTILINE)
_LOCK = ".terraform.lock.hcl"


def found_in(repository: Repository) -> Iterator[Found]:
    """All roots of the repository, each with the modules beside it that it uses."""
    texts_of = _texts(repository)
    modules = {directory: _modules(directory, content) for directory, content in texts_of.items()}
    projects = list(_projects(repository))
    named = {directory for directory, _, _ in projects}
    roots = [(directory, None, ()) for directory in _roots(repository, texts_of) if directory not in named]
    for directory, name, also in (*projects, *roots):
        yield _root(directory, name, _closure(directory, modules), also)


def _texts(repository: Repository) -> Mapping[str, str]:
    """The texts of all files of a directory in one, by directory."""
    found: dict[str, str] = {}
    for path in sorted(repository.paths):
        if path.endswith(SUFFIXES):
            directory = parent(path)
            found[directory] = f"{found.get(directory, '')}\n{repository.read(path) or ''}"
    return found


def _modules(directory: str, content: str) -> frozenset[str]:
    found = (resolved(source, directory) for source in _MODULE.findall(content))
    return frozenset(path for path in found if path is not None)


def _projects(repository: Repository) -> Iterator[tuple[str, str | None, Iterable[str]]]:
    """The projects of the configuration: directory, name in statuses, and what is planned for besides."""
    path = next((name for name in ATLANTIS if name in repository.paths), None)
    data = next(documents(repository.read(path) or ""), None) if path is not None else None
    for project in objects(data, "projects"):
        directory = resolved(text(project, "dir") or ".", "")
        if directory is not None:
            workspace = text(project, "workspace") or "default"
            name = text(project, "name") or f"{directory or '.'}/{workspace}"
            also = texts(at(project, "autoplan"), "when_modified")
            yield directory, name, tuple(filter(None, (resolved(each, directory) for each in also if "*" not in each)))


def _roots(repository: Repository, texts_of: Mapping[str, str]) -> list[str]:
    """Directories with a backend, a provider's settings or a lock file."""
    return [
        directory
        for directory, content in texts_of.items()
        if _ROOT.search(content) or f"{directory}/{_LOCK}".lstrip("/") in repository.paths
    ]


def _closure(directory: str, modules: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found, pending = {directory}, [directory]
    while pending:
        for module in modules.get(pending.pop(), frozenset()):
            if module not in found:
                found.add(module)
                pending.append(module)
    return frozenset(found)


def _root(directory: str, name: str | None, directories: frozenset[str], also: Iterable[str]) -> Found:
    shown = directory or "."
    return Found(
        target=Target(
            kind=TargetKind.TERRAFORM,
            name=name or f"{shown}/default",
            environment=environment_of(f"{directory}/x"),
            path=directory or None,
        ),
        made_from=Footprint(flat=directories) | footprint(files=also),
        declared=frozenset(),
        says=None,
        source=shown,
    )
