"""Packaged charts for tests, and generated pairs of which it is known what the new version reads no more."""

import gzip
import io
import random
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

Path = tuple[str, ...]


def packed(files: Mapping[str, str | bytes], *, directory: str = "web") -> bytes:
    """A chart's archive, the same for the same files."""
    content = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=content, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for path, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            member = tarfile.TarInfo(f"{directory}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def chart(version: str, values: str = "", templates: str = "", **more: str) -> bytes:
    """A chart with one template. ``more`` are lines of its ``Chart.yaml``."""
    lines = ["apiVersion: v2", "name: web", f"version: {version}", *(f"{key}: {value}" for key, value in more.items())]
    return packed({"Chart.yaml": "\n".join(lines) + "\n", "values.yaml": values, "templates/all.yaml": templates})


# ---------------------------------------------------------------- pairs

_NOUNS = (
    "controller", "webhook", "metrics", "server", "worker", "cache", "proxy", "agent", "backup", "storage", "ingress",
    "gateway", "scheduler", "exporter", "sidecar", "queue", "session", "audit", "tracing", "mail",
)  # fmt: skip
_LEAVES = (
    "replicas", "port", "logLevel", "timeoutSeconds", "retentionDays", "bucketName", "hostName", "maxConnections",
    "poolSize", "interval", "threshold", "className", "serviceAccountName", "secretName", "pathPrefix", "region",
)  # fmt: skip


@dataclass(kw_only=True)
class Pair:
    """Two versions of a chart, what somebody overrides, and which of it the new version does not read.

    ``lost`` maps each lost key to its new name (None: deleted). ``hidden`` are keys that only a template which gets a
    whole map could read: nothing can be told about them.
    """

    old: bytes
    new: bytes
    overrides: list[Path]
    lost: dict[Path, Path | None] = field(default_factory=dict)
    hidden: set[Path] = field(default_factory=set)


def generated(seed: int) -> Pair:
    """A pair with some thirty keys, of which a few are renamed, moved or deleted, and ways to read that hide others."""
    chance = random.Random(seed)
    keys = _keys(chance)
    opaque: list[Path] = [(noun, "podSettings") for noun in chance.sample(_NOUNS, 3)]
    changes = {
        key: change for key in chance.sample(keys, chance.randint(2, 6)) if (change := _change(chance, key, keys))
    }
    after = [changes[key][0] if key in changes else key for key in keys]
    defaults = {key: _default(chance) for key in keys}
    moved = {new: defaults[key] for key, new in zip(keys, after, strict=True) if new is not None}
    hidden: set[Path] = {(*part, "custom") for part in opaque}
    return Pair(
        old=_packaged("1.0.0", defaults, opaque, random.Random(seed)),
        new=_packaged("2.0.0", moved, opaque, random.Random(seed + 1)),
        overrides=[*sorted({*chance.sample(keys, 20), *changes}), *sorted(hidden)],
        lost={key: change[0] for key, change in changes.items()},
        hidden=hidden,
    )


def _keys(chance: random.Random) -> list[Path]:
    found: set[Path] = set()
    while len(found) < 30:
        depth = chance.choice((0, 1, 1, 2))
        found.add((*chance.sample(_NOUNS, depth), chance.choice(_LEAVES)))
    return sorted(key for key in found if not any(key != other and key[: len(other)] == other for other in found))


def _change(chance: random.Random, key: Path, keys: list[Path]) -> tuple[Path | None] | None:
    """A new name that is not taken: renamed, moved, or (None) deleted."""
    kind = chance.choice(("rename", "move", "wrap", "delete"))
    if kind == "delete":
        return (None,)
    if kind == "rename":
        new: Path = (*key[:-1], chance.choice((f"{key[-1]}Override", f"default{key[-1].title()}", f"{key[-1]}s")))
    elif kind == "move":
        new = (f"{chance.choice(_NOUNS)}X", key[-1])
    else:
        new = ("config", *key)
    return None if new in keys or any(new[: len(other)] == other for other in keys) else (new,)


def _default(chance: random.Random) -> object:
    return chance.choice((chance.randint(2, 9_999), f"v{chance.randint(100, 99_999)}", True, ""))


def _packaged(version: str, values: Mapping[Path, object], opaque: list[Path], chance: random.Random) -> bytes:
    tree: dict[str, object] = {}
    for path, value in [*values.items(), *((part, {}) for part in opaque)]:
        _put(tree, path, value)
    lines = [_read(chance, key) for key in values]
    lines += [f"{{{{- toYaml .Values.{'.'.join(part)} | nindent 4 }}}}" for part in opaque]
    lines.append('checksum: {{ toYaml .Values | sha256sum }}\nname: {{ include "web.name" . }}')
    files = {
        "Chart.yaml": f"apiVersion: v2\nname: web\nversion: {version}\n",
        "values.yaml": yaml.safe_dump(tree),
        "templates/all.yaml": "\n".join(lines),
        "templates/_helpers.tpl": '{{- define "web.name" -}}{{ .Release.Name }}{{- end }}',
    }
    return packed(files)


def _put(tree: dict[str, object], path: Path, value: object) -> None:
    for key in path[:-1]:
        inner = tree.setdefault(key, {})
        assert isinstance(inner, dict)
        tree = inner
    tree[path[-1]] = value


def _read(chance: random.Random, path: Path) -> str:
    """One of the ways in which templates read a value by its name."""
    dotted, above = ".".join(path), ".".join(path[:-1])
    ways = [
        f"a: {{{{ .Values.{dotted} }}}}",
        f"a: {{{{ $.Values.{dotted} | quote }}}}",
        f"{{{{- if .Values.{dotted} }}}}a: b{{{{ end }}}}",
        f'a: {{{{ default "x" .Values.{dotted} }}}}',
        f"{{{{- with .Values.{dotted} }}}}\na: {{{{ . | quote }}}}\n{{{{- end }}}}",
        f"{{{{- $it := .Values.{dotted} -}}}}\na: {{{{ $it }}}}",
        f'{{{{/* .Values.not.this */}}}}a: {{{{ printf "%s" (.Values.{dotted} | toString) }}}}',
    ]
    if above:
        ways += [
            f"{{{{- with .Values.{above} }}}}\na: {{{{ .{path[-1]} }}}}\n{{{{- end }}}}",
            f"{{{{- $part := .Values.{above} }}}}\na: {{{{ $part.{path[-1]} }}}}",
            f'a: {{{{ index .Values.{above} "{path[-1]}" }}}}',
            f'a: {{{{ get .Values.{above} "{path[-1]}" }}}}',
        ]
    return chance.choice(ways)
