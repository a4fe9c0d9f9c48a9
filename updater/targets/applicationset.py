"""Application sets: the applications that they generate, as far as the repository says which.

https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/. Lists, directories and files of
this repository, and matrices and merges of them, can be written out; what clusters, pull requests and plugins give is
known elsewhere.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from updater.fields import at, objects, text, texts
from updater.model.scan import Environment, environment_of
from updater.targets.manifests import Data, Manifest, documents
from updater.targets.paths import parent
from updater.targets.repository import Repository

_PLACEHOLDER = re.compile(r"\{\{-?\s*\.?([\w.\[\]-]+)\s*-?\}\}")
_INDEX = re.compile(r"\{\{-?\s*index\s+\.([\w.]+)\s+(\d+)\s*-?\}\}")
_MOST = 2_000
"""More applications than this are not written out."""
_ENVIRONMENT_KEYS = ("env", "environment", "stage", "cluster", "name")

Parameters = Mapping[str, str]
"""What a generator gives, flat: ``path.basename`` → a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of a generator, and the files of the repository that it stands in besides the set's own."""

    parameters: Parameters
    files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """An application as the set would make it; placeholders that nothing fills stay."""

    application: Data
    files: frozenset[str] = field(default_factory=frozenset)
    environment: Environment | None = None


def generated(repository: Repository, manifest: Manifest) -> Sequence[Generated] | None:
    """The applications of a set; None if the repository does not say which they are."""
    spec = at(manifest.data, "spec")
    elements: list[Element] = []
    for generator in objects(spec, "generators"):
        found = _elements(repository, generator)
        if found is None:
            return None
        elements += found
    made = [_made(at(spec, "template"), element) for element in elements[:_MOST]]
    names = [text(each.application, "metadata", "name") or "{{" for each in made]
    return None if not made or any("{{" in name for name in names) else made


def _made(template: Data, element: Element) -> Generated:
    named = (Environment.named(element.parameters.get(key, ""), f"{key} says so") for key in _ENVIRONMENT_KEYS)
    in_files = (environment_of(path) for path in sorted(element.files))
    return Generated(
        application=_filled(template, element.parameters),
        files=element.files,
        environment=next(filter(None, (*named, *in_files)), None),
    )


# ---------------------------------------------------------------- generators


def _elements(repository: Repository, generator: Mapping[str, object]) -> list[Element] | None:
    """What a generator gives; None for one that only the cluster or somebody else knows."""
    if "list" in generator:
        return _of_list(generator)
    if "git" in generator:
        return _of_git(repository, at(generator, "git"))
    for kind in ("matrix", "merge"):
        if kind in generator:
            return _combined(repository, kind, at(generator, kind))
    return None


def _of_list(generator: Mapping[str, object]) -> list[Element]:
    written = [*objects(generator, "list", "elements")]
    for document in documents(text(generator, "list", "elementsYaml") or ""):
        written += [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []
    return [Element(parameters=dict(_flat(each))) for each in written]


def _of_git(repository: Repository, git: Data) -> list[Element] | None:
    if not repository.is_ours(text(git, "repoURL") or "", "") and repository.addresses:
        return None
    written = at(git, "values")
    values = {f"values.{key}": value for key, value in _flat(written)} if isinstance(written, dict) else {}
    if objects(git, "directories"):
        return [_of_directory(path, values) for path in _directories(repository, objects(git, "directories"))]
    return [each for path in _files(repository, objects(git, "files")) for each in _of_file(repository, path, values)]


def _directories(repository: Repository, patterns: Iterable[Mapping[str, object]]) -> list[str]:
    wanted = [text(each, "path") or "" for each in patterns if text(each, "exclude") != "true"]
    unwanted = [text(each, "path") or "" for each in patterns if text(each, "exclude") == "true"]
    return [
        directory
        for directory in sorted(repository.directories)
        if directory and _any_matches(wanted, directory) and not _any_matches(unwanted, directory)
    ]


def _files(repository: Repository, patterns: Iterable[Mapping[str, object]]) -> list[str]:
    wanted = [text(each, "path") or "" for each in patterns]
    return [path for path in sorted(repository.paths) if _any_matches(wanted, path)]


def _any_matches(patterns: Iterable[str], path: str) -> bool:
    """A star stays within a segment, two stars do not."""
    return any(
        fnmatchcase(path, pattern) and (pattern.count("/") == path.count("/") or "**" in pattern)
        for pattern in patterns
    )


def _of_directory(path: str, values: Parameters) -> Element:
    own = _path_parameters(path)
    filled = {key: _replaced(value, own) for key, value in values.items()}
    return Element(parameters={**own, **filled})


def _of_file(repository: Repository, path: str, values: Parameters) -> Iterator[Element]:
    own = {**_path_parameters(parent(path)), "path.filename": path.rpartition("/")[2]}
    for document in documents(repository.read(path) or ""):
        for item in document if isinstance(document, list) else [document]:
            content = dict(_flat(item)) if isinstance(item, dict) else {}
            filled = {key: _replaced(value, {**content, **own}) for key, value in values.items()}
            yield Element(parameters={**content, **own, **filled}, files=frozenset({path}))


def _path_parameters(directory: str) -> dict[str, str]:
    segments = directory.split("/")
    numbered = {f"path[{index}]": segment for index, segment in enumerate(segments)}
    numbered |= {f"path.segments.{index}": segment for index, segment in enumerate(segments)}
    base = segments[-1]
    normalised = re.sub(r"[^a-z0-9-]+", "-", base.lower())
    return {
        "path": directory,
        "path.path": directory,
        "path.basename": base,
        "path.basenameNormalized": normalised,
        **numbered,
    }


def _combined(repository: Repository, kind: str, data: Data) -> list[Element] | None:
    parts = [_elements(repository, each) for each in objects(data, "generators")]
    known = [part for part in parts if part is not None]
    if len(known) != len(parts) or not known:
        return None
    if kind == "matrix":
        return [_joined(pair) for pair in itertools.islice(itertools.product(*known), _MOST)]
    return _merged(known, texts(data, "mergeKeys"))


def _joined(elements: Iterable[Element]) -> Element:
    parameters: dict[str, str] = {}
    files: frozenset[str] = frozenset()
    for element in elements:
        parameters |= element.parameters
        files |= element.files
    return Element(parameters=parameters, files=files)


def _merged(parts: Sequence[Sequence[Element]], keys: Sequence[str]) -> list[Element]:
    """The first generator's elements, each overridden by those of the others that agree with it in all keys."""
    first, *others = parts
    merged = []
    for element in first:
        same = [
            each
            for each in itertools.chain.from_iterable(others)
            if all(each.parameters.get(key) == element.parameters.get(key) for key in keys)
        ]
        merged.append(_joined([element, *same]))
    return merged


def _flat(data: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The texts in a mapping, by their dotted keys."""
    pending = [(f"{prefix}{key}", value) for key, value in data.items()]
    for _ in range(_MOST):
        if not pending:
            return
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{key}.{inner}", item) for inner, item in value.items()]
        elif isinstance(value, str):
            yield key, value


# ---------------------------------------------------------------- templates


def _filled(template: Data, parameters: Parameters, depth: int = 0) -> Data:
    """A template with its placeholders filled in."""
    if isinstance(template, str):
        return _replaced(template, parameters)
    if depth > 30:
        return None
    if isinstance(template, dict):
        return {key: _filled(value, parameters, depth + 1) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, parameters, depth + 1) for value in template]
    return template


def _replaced(template: str, parameters: Parameters) -> str:
    if "{{" not in template:
        return template
    indexed = _INDEX.sub(lambda match: parameters.get(f"{match[1]}.{match[2]}", match[0]), template)
    return _PLACEHOLDER.sub(lambda match: parameters.get(match[1], match[0]), indexed)
