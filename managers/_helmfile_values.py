"""Where the environments of a helmfile keep a value that a release takes its version from.

https://helmfile.readthedocs.io/en/latest/#environment-values
"""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from managers._yaml import Mapping, Scalar, documents_in
from updater.api import Environment, Files, SourceFile, Span

_ENVIRONMENT_NAME = re.compile(r"\{\{-?\s*+\.Environment\.Name\s*+-?\}\}")
_MAX_BASES = 20


class Place(NamedTuple):
    """A value in a file, and the environment that it belongs to, if it is just one and has a usual name."""

    file: SourceFile
    span: Span
    environment: Environment | None


def places(path: str, key: str, files: Files) -> Iterator[Place]:
    """The places that hold the value ``key`` (``shop.version``) for the helmfile at ``path``."""
    found: dict[tuple[str, Span], Place] = {}
    for helmfile in _with_bases(path, files):
        for name, file, values in _values(helmfile, files):
            scalar = _value(values, key)
            if scalar is None or scalar.span is None:
                continue
            environment = Environment.named(name, f"the helmfile's environment is called {name}")
            place = (file.path, scalar.span)
            is_shared = place in found and found[place].environment != environment
            found[place] = Place(file, scalar.span, None if is_shared else environment)
    return iter(found.values())


def _with_bases(path: str, files: Files) -> Iterator[SourceFile]:
    """The helmfile and all those that it says it is based on."""
    waiting, seen = [path], set[str]()
    while waiting and len(seen) < _MAX_BASES:
        path = waiting.pop(0)
        file = None if path in seen else files.read(path)
        seen.add(path)
        if file is None:
            continue
        yield file
        for root in _roots(file):
            waiting += [_beside(file, node.text) for node in root.elements("bases") if isinstance(node, Scalar)]


def _values(helmfile: SourceFile, files: Files) -> Iterator[tuple[str, SourceFile, Mapping]]:
    """The values of each environment: its name, and a mapping in the helmfile or in a file that it names."""
    for root in _roots(helmfile):
        environments = root.mapping("environments")
        for name, environment in environments.items() if environments else ():
            for node in environment.elements("values") if isinstance(environment, Mapping) else ():
                if isinstance(node, Mapping):
                    yield name, helmfile, node
                elif isinstance(node, Scalar):
                    file = files.read(_beside(helmfile, _ENVIRONMENT_NAME.sub(name, node.text)))
                    yield from ((name, file, values) for values in _roots(file)) if file else ()


def _value(values: Mapping, key: str) -> Scalar | None:
    *sections, name = key.split(".")
    section = values.mapping(*sections)
    value = section.scalar(name) if section else None
    is_literal = value is not None and value.has_text and not value.is_templated
    return value if is_literal else None


def _roots(file: SourceFile) -> Iterator[Mapping]:
    return (document.root for document in documents_in(file) if document.root is not None)


def _beside(file: SourceFile, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(file.path), path))
