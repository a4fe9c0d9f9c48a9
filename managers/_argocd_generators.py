"""The generators of an application set: which sets of parameters they make, as far as Git tells.

Of a cluster only what the generator adds (``values``) is in Git; of a pull request or a plugin nothing is. Such a
generator makes one set with what is known, so that it can be combined with others.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from itertools import islice

from msgspec import Struct, field

from managers._argocd_parameters import (
    Element,
    Keys,
    Value,
    lookup,
    values_in_file,
    values_in_text,
)
from managers._argocd_template import names_in
from managers._environments import environment_of, selected
from managers._yaml import Mapping, Scalar
from updater.api import Files, SourceFile, Span

MAX_ELEMENTS = 10_000
"""Of one generator; no honest application set comes near it."""

ELSEWHERE = frozenset(("clusters", "scmProvider", "pullRequest", "plugin", "clusterDecisionResource"))
"""The generators that ask a cluster or a service."""

_PLACEHOLDER = re.compile(r"\{\{[^{}]*+\}\}")
_SUFFIXES = (".json", ".yaml", ".yml")
_GIVEN_VALUES: Keys = ("values",)


class Library:
    """The files of the repository as sets of parameters, each read once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._values: dict[str, tuple[Value, ...]] = {}
        self._paths: dict[str, frozenset[str]] = {}

    def values(self, path: str) -> tuple[Value, ...]:
        """The sets of parameters in the file at ``path``; none if there is no such file."""
        if path not in self._values:
            file = self._files.read(path)
            self._values[path] = () if file is None or _is_encrypted(file) else tuple(values_in_file(file))
        return self._values[path]

    def paths(self, pattern: str) -> frozenset[str]:
        """The paths that match a pattern, in which ``*`` may or may not match a ``/``: that is a setting of Argo CD.

        https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git-File-Globbing/
        """
        wildcard = next((index for index, character in enumerate(pattern) if character in "*?[{"), None)
        if wildcard is None or not pattern.strip("*/"):
            return frozenset((pattern,))
        if pattern not in self._paths:
            directory = pattern[:wildcard].rpartition("/")[0]
            below = self._files.matching(f"{directory}/**" if directory else "**")
            generous = re.compile(translate(pattern))
            found = {*self._files.matching(pattern), *filter(generous.match, below)}
            self._paths[pattern] = frozenset(path for path in found if path.endswith(_SUFFIXES))
        return self._paths[pattern]


def _is_encrypted(file: SourceFile) -> bool:
    return all(word in file.text for word in ("sops", "lastmodified", "mac"))


class Reading(Struct, frozen=True, kw_only=True):
    """One generator of an application set while it is read. Without a ``library`` only ``file`` may be looked at.

    ``names`` are those of the parameters that matter. ``notes`` collects the kinds of generators that were met,
    ``files`` if there are files that could not be looked at, and ``nothing`` if they are not in this repository.
    """

    file: SourceFile
    library: Library | None
    names: frozenset[Keys]
    notes: set[str] = field(default_factory=set)


def elements(reading: Reading, generator: Mapping) -> list[Element]:
    """The sets of parameters that matter: those alike in all the names that are asked for are one."""
    return _projected(reading, _elements(reading, generator, ()))


def _elements(reading: Reading, generator: Mapping, given: Element) -> Iterator[Element]:
    """What ``generator`` makes where it may use the parameters ``given`` by a generator before it."""
    for kind, node in generator.items():
        if isinstance(node, Mapping):
            reading.notes.add(kind)
            if kind in _READERS:
                yield from _READERS[kind](reading, node, given)
                return
            if kind in ELSEWHERE:
                yield _given_values(reading, node)
                return
    yield ()


def _projected(reading: Reading, found: Iterable[Element]) -> list[Element]:
    """One of each group of elements that are alike in all that matters, their environment among it."""
    kept: dict[object, Element] = {}
    for element in islice(found, MAX_ELEMENTS + 1):
        kept.setdefault(_identity(reading.names, element), element)
    return list(kept.values())


def _identity(names: frozenset[Keys], element: Element) -> object:
    wanted = (lookup(element, name) for name in names)
    made_up = (value for value in element if isinstance(value.node, str) and _begins_with(value.prefix, names))
    environments = (value.environment.name for value in element if value.environment)
    return frozenset((*environments, *(value.identity for value in (*wanted, *made_up) if value)))


def _begins_with(prefix: Keys, names: frozenset[Keys]) -> bool:
    return any(prefix[:count] in names for count in range(1, len(prefix) + 1))


# ---------------------------------------------------------------- list, clusters


def _list(reading: Reading, node: Mapping, given: Element) -> Iterator[Element]:
    for item in node.mappings("elements"):
        yield (Value((), item, reading.file, environment=environment_of(item)),)
    text = node.scalar("elementsYaml")
    if text is None or not text.has_text:
        return
    if "{{" in text.text:
        yield from _nested(text, given)
    else:
        yield from ((value,) for value in values_in_text(reading.file, _content(text)))


def _nested(text: Scalar, given: Element) -> Iterator[Element]:
    """The items of a list within the parameters ``given`` (``elementsYaml: '{{ .components | toJson }}'``)."""
    names = (name for name in names_in(text.text) if len(text.text) < 200)
    holder = next(filter(None, (lookup(given, name) for name in names)), None)
    if holder is None:
        yield ()
    else:
        yield from ((item,) for item in holder.items())


def _content(text: Scalar) -> Span:
    block = text.embedded()
    if block is not None:
        return Span(block.start, block.end)
    return text.span or Span(0, 0)


def _given_values(reading: Reading, node: Mapping) -> Element:
    """The ``values`` that a generator adds to what it finds elsewhere, for the clusters that it selects."""
    environment = selected(node.get("selector"))
    values = node.mapping("values")
    if values is None:
        return (Value(_GIVEN_VALUES, "", reading.file, environment=environment),) if environment else ()
    return (Value(_GIVEN_VALUES, values, reading.file, environment=environment or environment_of(values)),)


# ---------------------------------------------------------------- git


def _git(reading: Reading, node: Mapping, given: Element) -> Iterator[Element]:
    values = node.mapping("values")
    extra: Element = () if values is None else (Value(_GIVEN_VALUES, values, reading.file),)
    items = list(node.mappings("files"))
    found = False
    if items and reading.library is None:
        reading.notes.add("files")
    if reading.library is not None:
        prefix = node.text("pathParamPrefix")
        for path in _paths(reading.library, items, given):
            for value in reading.library.values(path):
                found = True
                yield (value, *_path_values(value.file, (prefix,) if prefix else ()), *extra)
    if not found:
        reading.notes.update(("nothing",) if items else ())
        yield extra


def _path_values(file: SourceFile, prefix: Keys) -> Iterator[Value]:
    """``path``, ``path.basename``, ``path[0]`` … of both dialects."""
    directory, filename = posixpath.split(file.path)
    segments = directory.split("/")
    texts: dict[Keys, str] = {
        (): directory,
        ("path",): directory,
        ("basename",): segments[-1],
        ("basenameNormalized",): segments[-1],
        ("filename",): filename,
    }
    texts |= {("segments", str(index)): segment for index, segment in enumerate(segments)}
    return (Value((*prefix, "path", *keys), text, file) for keys, text in texts.items())


def _paths(library: Library, items: Iterable[Mapping], given: Element) -> list[str]:
    """The paths that match some of the patterns and none of those to exclude, sorted."""
    wanted: set[str] = set()
    unwanted: set[str] = set()
    for item in items:
        if pattern := item.text("path"):
            paths = unwanted if item.text("exclude") == "true" else wanted
            paths |= library.paths(_PLACEHOLDER.sub(lambda match: _known(match[0], given), pattern).lstrip("/"))
    return sorted(wanted - unwanted)


def _known(placeholder: str, given: Element) -> str:
    """What is given for a placeholder in a path; anything if nothing is."""
    values = (lookup(given, name) for name in names_in(placeholder))
    return next((value.text for value in values if value and value.text), "*")


# ---------------------------------------------------------------- generators of generators


def _matrix(reading: Reading, node: Mapping, given: Element) -> Iterator[Element]:
    """Every element of one with every element of the next, which may use what the first one gives."""
    combined: Iterable[Element] = ((),)
    for generator in node.mappings("generators"):
        combined = list(islice(_times(reading, combined, generator, given), MAX_ELEMENTS + 1))
    return iter(combined)


def _times(reading: Reading, firsts: Iterable[Element], generator: Mapping, given: Element) -> Iterator[Element]:
    is_templated = "{{" in reading.file.text[slice(*generator.where)]
    always = None if is_templated else elements(reading, generator)
    for first in firsts:
        known = (*given, *first)
        seconds = always if always is not None else _projected(reading, _elements(reading, generator, known))
        yield from ((*first, *second) for second in seconds)


def _merge(reading: Reading, node: Mapping, given: Element) -> Iterator[Element]:
    """The elements of the first generator, alone and with each element of the others that may belong to it."""
    generators = list(node.mappings("generators"))
    if not generators:
        return
    first, *others = generators
    keys = [tuple(item.text.split(".")) for item in node.elements("mergeKeys") if isinstance(item, Scalar)]
    bases: dict[_Identity, list[Element]] = {}
    for base in _projected(reading, _elements(reading, first, given)):
        bases.setdefault(_key_texts(base, keys), []).append(base)
        yield base
    unsure = [texts for texts in bases if None in texts]
    for generator in others:
        for element in _projected(reading, _elements(reading, generator, given)):
            texts = _key_texts(element, keys)
            rivals = bases if None in texts else [texts, *unsure]
            fitting = (other for other in rivals if _may_be_equal(texts, other))
            yield from ((*base, *element) for other in fitting for base in bases.get(other, ()))


_Identity = tuple[str | None, ...]


def _key_texts(element: Element, keys: Iterable[Keys]) -> _Identity:
    values = (lookup(element, key) for key in keys)
    return tuple(value.text if value else None for value in values)


def _may_be_equal(one: _Identity, other: _Identity) -> bool:
    """Whether nothing is known that tells the two apart."""
    return all(mine is None or yours is None or mine == yours for mine, yours in zip(one, other, strict=True))


_READERS: dict[str, Callable[[Reading, Mapping, Element], Iterator[Element]]] = {
    "list": _list,
    "git": _git,
    "matrix": _matrix,
    "merge": _merge,
}
