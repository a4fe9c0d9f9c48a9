"""Package rules: which of them a dependency meets, and what policy comes of it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

import msgspec

from updater.config.conditions import conditions, manager_of, speaks_of_new_version
from updater.config.entries import BumpVersionOptions
from updater.config.layers import Layer, Matcher, Rule
from updater.config.options import Policy
from updater.config.resolve import ManagerBlock
from updater.config.speech import EXPOSED
from updater.config.subject import Subject, template_values
from updater.config.table import options_of
from updater.model.track import UpdateType


class Policies:
    """The policies of one configuration; each distinct one is made once."""

    def __init__(
        self,
        *,
        base: Layer,
        updates: Mapping[str, Layer],
        managers: Mapping[str, ManagerBlock],
        rules: Iterable[Rule],
        surroundings: Mapping[str, object],
    ) -> None:
        self._base, self._updates, self._managers, self._surroundings = base, updates, managers, surroundings
        self._rules = [rule for rule in rules if rule.usable]
        self._conditions = list(conditions(self._rules))
        self._made: dict[Hashable, tuple[Policy, tuple[str, ...]]] = {}
        layers = [base, *updates.values(), *(block.layer for block in managers.values())]
        layers += [layer for block in managers.values() for layer in block.updates.values()]
        layers += [rule.layer for rule in self._rules]
        self.bumped = frozenset(each for layer in layers for each in _bumped(layer))
        self._all = layers
        self.depend_on_new_version = any(map(_speaks_of_new_version, layers)) or any(
            _looks_at_new_version(matcher) for rule in self._rules for matcher in rule.matchers
        )

    def say(self, field: str, value: object) -> bool:
        """Whether any part of the configuration gives an option (by its field) this value."""
        return any(layer.values.get(field) == value for layer in self._all)

    def of(self, subject: Subject) -> Policy:
        """The policy for ``subject``: the base, its manager's block, its update type's blocks, then rule by rule."""
        met = self._met(subject)
        key = (manager_of(subject), subject.update_type, met)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(*key)
        policy, templates = made
        return _rendered(policy, templates, subject) if templates else policy

    def rules_for(self, subject: Subject) -> tuple[Rule, ...]:
        """The package rules that ``subject`` meets, in their order."""
        met = self._met(subject)
        return tuple(rule for number, rule in enumerate(self._rules) if met >> number & 1)

    def _met(self, subject: Subject) -> int:
        """The rules that ``subject`` meets, as bits."""
        met = (1 << len(self._rules)) - 1
        for condition in self._conditions:
            met &= condition.admitting(subject)
        return met

    def _make(self, manager: str, update_type: UpdateType | None, met: int) -> tuple[Policy, tuple[str, ...]]:
        result = Layer()
        for layer in self._layers(manager, update_type, met):
            result.lay(layer)
        values = dict(result.values)
        if "additional_reviewers" in values:
            values["reviewers"] = _together(values.get("reviewers"), values["additional_reviewers"])
        around = self._surroundings
        policy = Policy(**values, origins=result.origins, surroundings=around)  # type: ignore[arg-type]  # were checked
        return policy, tuple(name for name in _TEMPLATES if _has_template(getattr(policy, name)))

    def _layers(self, manager: str, update_type: UpdateType | None, met: int) -> Iterator[Layer]:
        block, type_ = self._managers.get(manager), str(update_type)
        yield self._base
        if block:
            yield block.layer
        if type_ in self._updates:
            yield self._updates[type_]
        if block and type_ in block.updates:
            yield block.updates[type_]
        yield from (rule.layer for number, rule in enumerate(self._rules) if met >> number & 1)


def _bumped(layer: Layer) -> tuple[BumpVersionOptions, ...]:
    entries = layer.values.get("bump_versions", ())
    assert isinstance(entries, tuple)
    return entries


def _looks_at_new_version(matcher: Matcher) -> bool:
    """Of an expression, what may be anything of a subject may be its new version, too."""
    return matcher.name == "matchNewValue" or (matcher.name == "matchJsonata" and speaks_of_new_version(matcher))


def _speaks_of_new_version(layer: Layer) -> bool:
    """Whether a template in ``layer`` may say ``newVersion``, ``prettyNewMajor`` or the like."""
    texts = (text for value in layer.values.values() for text in (value if isinstance(value, tuple) else (value,)))
    return any(isinstance(text, str) and "{{" in text and "new" in text.lower() for text in texts)


def _together(first: object, second: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for names in (first, second) if isinstance(names, tuple) for name in names))


# ---------------------------------------------------------------- templates


_TEMPLATES = (
    "additional_branch_prefix", "group_name", "group_slug", "override_dep_name", "override_package_name",
    "replacement_name", "replacement_version", "commit_message_prefix", "commit_message_action",
    "commit_message_suffix", "semantic_commit_type", "semantic_commit_scope", "commit_body", "commit_trailers",
    "dependency_dashboard_category", "pr_body_notes", "pr_header", "pr_footer", "source_url", "changelog_url",
    "labels", "add_labels",
)  # fmt: skip
"""The templates that need nothing but the subject; those of branch and title also speak of digests."""


def _has_template(value: object) -> bool:
    return any("{{" in text for text in (value if isinstance(value, tuple) else (value,)) if isinstance(text, str))


_EXPOSED = {name: options_of(Policy)[name].field for name in EXPOSED}
_MAX_PASSES = 3
"""How often a template is filled in: what it speaks of may be a template itself."""


def policy_values(policy: Policy) -> dict[str, object]:
    """The options that templates may speak of, ``semanticPrefix``, and what is around all of them."""
    scope = f"({policy.semantic_commit_scope})" if policy.semantic_commit_scope else ""
    options = {name: getattr(policy, field) for name, field in _EXPOSED.items()}
    return {**policy.surroundings, **options, "semanticPrefix": f"{policy.semantic_commit_type}{scope}: "}


def _rendered(policy: Policy, names: Sequence[str], subject: Subject) -> Policy:
    values = {**template_values(subject), **policy_values(policy)}
    return msgspec.structs.replace(policy, **{name: _filled(getattr(policy, name), values) for name in names})


def _filled(value: object, values: Mapping[str, object]) -> object:
    if isinstance(value, tuple):
        return tuple(_filled(text, values) for text in value)
    return _render(str(value), values)


def _render(template: str, values: Mapping[str, object]) -> str:
    from updater.templates import render  # here, because few configurations have templates

    for _ in range(_MAX_PASSES if "{{" in template else 0):
        try:
            template = render(template, values)
        except ValueError:
            break  # its form was checked; what fails now is an argument, and the text shows which
    return template
