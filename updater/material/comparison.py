"""What is different between two versions of a chart, as far as a reviewer should know. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from updater.material.chart import Chart


class Moved(NamedTuple):
    """Something with a name that has changed; None stands for "not there"."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartDiff:
    """Each part holds only what differs, by name.

    ``defaults`` are changed ones, ``added`` and ``removed`` keys whose value is none of these, ``retyped`` keys that
    hold another kind of thing now (from → to). Values are JSON.
    """

    app_version: Moved | None
    kube_version: Moved | None
    dependencies: tuple[Moved, ...]
    images: tuple[Moved, ...]
    crds: tuple[Moved, ...]
    added: tuple[Moved, ...]
    removed: tuple[Moved, ...]
    defaults: tuple[Moved, ...]
    retyped: tuple[Moved, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs that is looked at."""
        return not any(getattr(self, name) for name in self.__slots__)


def compare(old: Chart, new: Chart) -> ChartDiff:
    """What ``new`` has that ``old`` had not, and the other way round."""
    values = _moved({".".join(path): value for path, value in old.values}, dict(_dotted(new)))
    retyped = [
        Moved(name, kind_of(before), kind_of(after))
        for name, before, after in values
        if before is not None and after is not None and _is_retyped(before, after)
    ]
    other = {each.name for each in retyped}
    return ChartDiff(
        app_version=_change("appVersion", old.app_version, new.app_version),
        kube_version=_change("kubeVersion", old.kube_version, new.kube_version),
        dependencies=_moved(dict(old.dependencies), dict(new.dependencies)),
        images=_moved(_images(old), _images(new)),
        crds=_moved(dict(old.crds), dict(new.crds)),
        added=tuple(each for each in values if each.old is None),
        removed=tuple(each for each in values if each.new is None),
        defaults=tuple(each for each in values if each.old and each.new and each.name not in other),
        retyped=tuple(retyped),
    )


def _dotted(chart: Chart) -> list[tuple[str, str]]:
    return [(".".join(path), value) for path, value in chart.values]


def _images(chart: Chart) -> dict[str, str]:
    return {".".join(path): reference for path, reference in chart.images}


def _change(name: str, old: str | None, new: str | None) -> Moved | None:
    return Moved(name, old, new) if old != new else None


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Moved, ...]:
    names = dict.fromkeys((*new, *old))
    return tuple(Moved(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _is_retyped(old: str, new: str) -> bool:
    """Between kinds; "null" fits all of them, and what a long default was is not known."""
    kinds = {kind_of(old), kind_of(new)}
    return len(kinds) > 1 and not kinds & {"null", "long"}


def kind_of(value: str) -> str:
    """The kind of thing that a default is, from its JSON."""
    kinds = {'"': "text", "{": "map", "[": "list", "t": "boolean", "f": "boolean", "n": "null", "#": "long"}
    return kinds.get(value[:1], "number")
