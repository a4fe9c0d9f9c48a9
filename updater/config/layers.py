"""Sets of options that lie on top of each other, and the rules that say when they do."""

from collections.abc import Mapping

import msgspec

from updater.config.table import Option, merging_fields
from updater.model.track import Origin


class Layer(msgspec.Struct):
    """Some options with their values, by field name, and where each was set."""

    values: dict[str, object] = msgspec.field(default_factory=dict)
    origins: dict[str, Origin] = msgspec.field(default_factory=dict)

    def set(self, option: Option, value: object, origin: Origin) -> None:
        """Set one option."""
        self._put(option.field, value)
        self.origins[option.field] = origin

    def lay(self, other: "Layer") -> None:
        """Put another layer on top of this one.

        A layer that names a group and no slug takes back the slug of the group before.
        """
        if "group_name" in other.values and "group_slug" not in other.values:
            self.values.pop("group_slug", None)
            self.origins.pop("group_slug", None)
        for name, value in other.values.items():
            self._put(name, value)
        self.origins.update(other.origins)

    def _put(self, name: str, value: object) -> None:
        self.values[name] = _joined(self.values.get(name), value) if name in merging_fields() else value


class Matcher(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a rule: its name in the file, and the patterns of which one has to match."""

    name: str
    patterns: tuple[str, ...]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Options that apply to what meets all of some conditions. A rule that is not ``usable`` meets nothing."""

    matchers: tuple[Matcher, ...]
    layer: Layer
    origin: Origin
    usable: bool = True


def _joined(old: object, new: object) -> object:
    if isinstance(old, tuple) and isinstance(new, tuple):
        return tuple(dict.fromkeys((*old, *new)))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **new}
    return new
