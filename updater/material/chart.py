"""What matters about one version of a chart: read once from its archive, kept, and compared with others later."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from updater.material.archive import unpacked
from updater.material.reads import Path, Reads, scan

_MOST_KEYS = 20_000
_MOST_NODES = 200_000
_MOST_DEPTH = 40
_MOST_TEXT = 16 * 1024 * 1024
"""How much of all templates is looked at, in bytes."""

_CRD = "kind: CustomResourceDefinition"
_CRD_NAME = re.compile(r"^  name: [\"']?([a-z0-9.-]+\.[a-z0-9.-]+)", re.MULTILINE)
_SUBCHART = re.compile(r"((?:charts/[^/]+/)*)(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A version of a chart.

    ``values`` are its defaults: each path to a scalar, a list or an empty map, with that as JSON. ``some`` and
    ``whole`` are what its templates read (:class:`updater.material.reads.Reads`), ``described`` what its schema has.
    ``images`` are those in its defaults: path → reference. ``crds`` maps names to the digests of their definitions.
    """

    version: str
    app_version: str | None = None
    kube_version: str | None = None
    dependencies: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[Path, str], ...] = ()
    some: frozenset[Path] = frozenset()
    whole: frozenset[Path] = frozenset()
    described: frozenset[Path] = frozenset()
    images: tuple[tuple[Path, str], ...] = ()
    crds: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Found:
    """What is collected from a chart and the charts inside it."""

    reads: Reads = field(default_factory=Reads)
    values: dict[Path, str] = field(default_factory=dict)
    described: set[Path] = field(default_factory=set)
    crds: dict[str, str] = field(default_factory=dict)
    text_left: int = _MOST_TEXT


def read_chart(archive: bytes) -> Chart:
    """The chart in an archive. Raises ``UnreadableArchive``."""
    files = unpacked(archive)
    about = _about(files)
    found = _Found()
    for directory, inner in sorted(_by_chart(files).items()):
        _collect(found, _keys_of(directory, files), inner)
    for key in _absent(about, files):
        found.reads.whole.add((key,))
    app_version = _text(about.get("appVersion"))
    return Chart(
        version=_text(about.get("version")) or "",
        app_version=app_version,
        kube_version=_text(about.get("kubeVersion")),
        dependencies=tuple(sorted((_alias(each), _text(each.get("version")) or "") for each in _dependencies(about))),
        values=tuple(found.values.items()),
        some=frozenset(found.reads.some),
        whole=frozenset(found.reads.whole),
        described=frozenset(found.described),
        images=tuple(_images(found.values, app_version)),
        crds=tuple(sorted(found.crds.items())),
    )


# ---------------------------------------------------------------- charts inside charts


def _by_chart(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """The files of each chart by its directory (``charts/redis/``; empty for the outermost one)."""
    found: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        match = _SUBCHART.fullmatch(path)
        assert match is not None
        found.setdefault(match[1], {})[match[2]] = content
    return found


def _keys_of(directory: str, files: Mapping[str, bytes]) -> Path:
    """The keys under which the values of an inner chart stand: its alias, or its name; none for a library."""
    keys: list[str] = []
    parts = directory.removesuffix("/").split("/")[1::2] if directory else []
    place = ""
    for name in parts:
        parent = _about(files, place)
        place = f"{place}charts/{name}/"
        about = _about(files, place)
        if about.get("type") != "library":
            named = [each for each in _dependencies(parent) if each.get("name") == (about.get("name") or name)]
            keys.append(_alias(named[0]) if named else str(about.get("name") or name))
    return tuple(keys)


def _about(files: Mapping[str, bytes], place: str = "") -> Mapping[str, Any]:
    """``Chart.yaml`` with every scalar as text; older charts have their dependencies in a file of their own."""
    parts = (_mapping(_yaml(files.get(place + name, b""), typed=False)) for name in ("requirements.yaml", "Chart.yaml"))
    return {key: value for part in parts for key, value in part.items()}


def _absent(about: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    """The dependencies that the archive does not hold: what they read is not known."""
    for each in _dependencies(about):
        if f"charts/{each.get('name')}/Chart.yaml" not in files:
            yield _alias(each)


def _dependencies(about: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    listed = about.get("dependencies")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _alias(dependency: Mapping[str, Any]) -> str:
    return str(dependency.get("alias") or dependency.get("name") or "")


def _collect(found: _Found, keys: Path, files: Mapping[str, bytes]) -> None:
    reads = Reads()
    for path, content in files.items():
        if path == "values.yaml":
            _add_values(found, keys, _yaml(content))
        elif path == "values.schema.json":
            found.described.update((*keys, *each) for each in _described(_json(content)))
        elif _CRD.encode() in content:
            found.crds.update(_definitions(content.decode("utf-8", "replace")))
        if _may_read(path, content) and len(content) <= found.text_left:
            found.text_left -= len(content)
            scan(content.decode("utf-8", "replace"), reads)
    found.reads.some.update(_seen_from_above(keys, reads.some))
    found.reads.whole.update(_seen_from_above(keys, reads.whole))


def _may_read(path: str, content: bytes) -> bool:
    """Whether it is a template, or a file that one may run; not what is only shown to people."""
    return b".Values" in content and not path.endswith(("NOTES.txt", ".md", "README", "README.gotmpl", ".png"))


def _seen_from_above(keys: Path, paths: set[Path]) -> Iterator[Path]:
    """What an inner chart reads stands under its key, but for the values of all charts."""
    return (path if path[:1] == ("global",) else (*keys, *path) for path in paths)


# ---------------------------------------------------------------- values, schema, definitions


def _add_values(found: _Found, keys: Path, values: object) -> None:
    """The defaults of a chart; those that an outer chart gives to it count for more."""
    for path, default in _leaves(values, keys):
        if len(found.values) >= _MOST_KEYS:
            return
        found.values.setdefault(path, default)


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict) and value and len(path) < _MOST_DEPTH:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif path:
        yield path, "{}" if isinstance(value, dict) else _short(value)


def _short(value: object) -> str:
    """A default as JSON, or the digest of a long one: it is only compared, and shown if it is short."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 200 else f"#{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _described(schema: object, path: Path = ()) -> Iterator[Path]:
    """The paths that a schema has properties for: https://helm.sh/docs/topics/charts/#schema-files."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if isinstance(properties, dict) and len(path) < _MOST_DEPTH:
        for key, inner in properties.items():
            yield (*path, str(key))
            yield from _described(inner, (*path, str(key)))


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """The custom resource definitions in a file, templates included, each with the digest of its text."""
    for document in text.split("\n---"):
        name = _CRD_NAME.search(document) if _CRD in document else None
        if name is not None:
            yield name[1], hashlib.sha256(document.strip().encode()).hexdigest()[:16]


def _images(values: Mapping[Path, str], app_version: str | None) -> Iterator[tuple[Path, str]]:
    """The images in the defaults: ``repository`` with ``registry`` and ``tag`` beside it."""
    for path, default in values.items():
        repository = _scalar(default)
        if path[-1] != "repository" or not repository or "://" in repository:
            continue
        registry, tag, digest = (_scalar(values.get((*path[:-1], key), "")) for key in ("registry", "tag", "digest"))
        name = f"{registry}/{repository}" if registry else repository
        yield (
            path[:-1],
            f"{name}{f':{tag or app_version}' if tag or app_version else ''}{f'@{digest}' if digest else ''}",
        )


def _scalar(default: str) -> str:
    """A default that is text or a number; empty for all else."""
    try:
        value = json.loads(default)
    except ValueError:
        return ""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


# ---------------------------------------------------------------- foreign YAML and JSON


def _yaml(content: bytes, *, typed: bool = True) -> object:
    """The first document; None for what is none, and for one that is far larger than it looks."""
    import yaml

    kind = "SafeLoader" if typed else "BaseLoader"
    try:
        document: object = yaml.load(content, getattr(yaml, f"C{kind}", getattr(yaml, kind)))  # noqa: S506 - both are
        return document if _size(document, {}) <= _MOST_NODES else None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return None


def _size(value: object, known: dict[int, int]) -> int:
    """How many nodes a document has once its aliases are written out; one that contains itself has too many."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = _MOST_NODES
        children = value.values() if isinstance(value, dict) else value
        known[id(value)] = min(_MOST_NODES + 1, 1 + sum(_size(child, known) for child in children))
    return known[id(value)]


def _json(content: bytes) -> object:
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and str(value) else None
