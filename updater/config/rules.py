"""Package rules, compiled: which of them a dependency meets, and what policy comes of it.

Rules are numbered, and a set of rules is an integer with one bit for each. Every condition is asked of a value once
and remembered, so that a dependency costs a handful of dictionary lookups however many rules there are.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from posixpath import basename, dirname

import msgspec

from updater.config.layers import Layer, Matcher, Rule
from updater.config.options import Policy
from updater.config.patterns import PatternSet, compile_pattern, is_negative, is_regex
from updater.config.resolve import ManagerBlock
from updater.config.vocabulary import CATEGORIES
from updater.model import UpdateType

_VERSION = re.compile(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The facts about a dependency, or about one update of it, that package rules match on.

    What is not known (yet) is None, and a condition on it is not met.
    """

    manager: str
    path: str
    datasource: str
    package_name: str
    dep_name: str
    dep_type: str | None = None
    current_value: str | None = None
    current_version: str | None = None
    registry_urls: tuple[str, ...] = ()
    environment: str | None = None
    source_url: str | None = None
    update_type: UpdateType | None = None
    new_value: str | None = None
    new_version: str | None = None
    repository: str | None = None
    base_branch: str | None = None


_Facts = Callable[[Subject], tuple[str, ...]]


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


_FACTS: Mapping[str, _Facts] = {
    "matchManagers": lambda subject: (_manager(subject),),
    "matchCategories": lambda subject: CATEGORIES.get(_manager(subject), ()),
    "matchFileNames": lambda subject: (subject.path,),
    "matchDatasources": lambda subject: (subject.datasource,),
    "matchPackageNames": lambda subject: (subject.package_name,),
    "matchDepNames": lambda subject: (subject.dep_name,),
    "matchDepTypes": lambda subject: _one(subject.dep_type),
    "matchEnvironments": lambda subject: _one(subject.environment),
    "matchRegistryUrls": lambda subject: subject.registry_urls,
    "matchSourceUrls": lambda subject: _one(subject.source_url),
    "matchRepositories": lambda subject: _one(subject.repository),
    "matchBaseBranches": lambda subject: _one(subject.base_branch),
    "matchCurrentValue": lambda subject: _one(subject.current_value),
    "matchCurrentVersion": lambda subject: _one(subject.current_version or subject.current_value),
    "matchNewValue": lambda subject: _one(subject.new_value),
    "matchUpdateTypes": lambda subject: _one(subject.update_type),
}
"""What each matcher looks at; of several values, one has to match."""


def _manager(subject: Subject) -> str:
    return {"regex": "custom.regex"}.get(subject.manager, subject.manager)


# ---------------------------------------------------------------- which rules


class _Condition:
    """One matcher of all rules: the rules that admit a value, as bits."""

    def __init__(self, facts: _Facts, matchers: Sequence[tuple[int, Matcher]], rules: int) -> None:
        """``matchers`` holds rule numbers with their matcher; ``rules`` is how many rules there are in all."""
        self._facts = facts
        self._indifferent = (1 << rules) - 1
        self._only_negative = 0
        self._positive: list[int] = []
        self._negative: list[int] = []
        self._bodies = PatternSet([body for number, matcher in matchers for body in self._read(1 << number, matcher)])
        self._known: dict[str, int] = {}

    def _read(self, bit: int, matcher: Matcher) -> Iterator[str]:
        self._indifferent &= ~bit
        if matcher.patterns and all(map(is_negative, matcher.patterns)):
            self._only_negative |= bit
        for pattern in matcher.patterns:
            negative = is_negative(pattern)
            self._positive.append(0 if negative else bit)
            self._negative.append(bit if negative else 0)
            yield pattern[1:] if negative else pattern

    def admitting(self, subject: Subject) -> int:
        """The rules that this condition leaves for ``subject``."""
        found = self._indifferent
        for value in self._facts(subject):
            bits = self._known.get(value)
            if bits is None:
                bits = self._known[value] = self._admit(value)
            found |= bits
        return found

    def _admit(self, value: str) -> int:
        admitted, refused = self._only_negative, 0
        for index in self._bodies.hits(value):
            admitted |= self._positive[index]
            refused |= self._negative[index]
        return admitted & ~refused


class _VersionCondition(_Condition):
    """``matchCurrentVersion``: ranges beside patterns."""

    def __init__(self, facts: _Facts, matchers: Sequence[tuple[int, Matcher]], rules: int) -> None:
        super().__init__(facts, [], rules)
        self._tests = [(1 << number, _version_test(matcher.patterns)) for number, matcher in matchers]
        for bit, _ in self._tests:
            self._indifferent &= ~bit

    def _admit(self, value: str) -> int:
        return sum(bit for bit, test in self._tests if test(value))


def _version_test(patterns: Sequence[str]) -> Callable[[str], bool]:
    tests = [compile_pattern(text) if is_regex(text) else _range_test(text) for text in patterns]
    return lambda version: any(test(version) for test in tests)


def _range_test(range_: str) -> Callable[[str], bool]:
    """Ranges are those of npm, whatever the dependency's own versioning: one way to write them in a rule."""

    def test(version: str) -> bool:
        from updater import versioning  # here, because few rules have a range

        match = _VERSION.match(version)
        if match is None:
            return False
        plain = ".".join(part or "0" for part in match.groups())
        return versioning.get("npm").matches(plain, range_)

    return test


def _conditions(rules: Sequence[Rule]) -> Iterator[_Condition]:
    """One condition for each matcher; a rule that has one twice (from its presets, say) is asked twice."""
    rounds: dict[tuple[str, int], list[tuple[int, Matcher]]] = {}
    for number, rule in enumerate(rules):
        seen: dict[str, int] = {}
        for matcher in rule.matchers:
            seen[matcher.name] = seen.get(matcher.name, 0) + 1
            rounds.setdefault((matcher.name, seen[matcher.name]), []).append((number, matcher))
    for (name, _), matchers in rounds.items():
        kind = _VersionCondition if name == "matchCurrentVersion" else _Condition
        yield kind(_FACTS[name], matchers, len(rules))


# ---------------------------------------------------------------- what policy


class Policies:
    """The policies of one configuration; each distinct one is made once."""

    def __init__(
        self,
        *,
        base: Layer,
        updates: Mapping[str, Layer],
        managers: Mapping[str, ManagerBlock],
        rules: Iterable[Rule],
        git_author: str | None,
    ) -> None:
        self._base, self._updates, self._managers, self._git_author = base, updates, managers, git_author
        self._rules = [rule for rule in rules if rule.usable]
        self._conditions = list(_conditions(self._rules))
        self._made: dict[Hashable, tuple[Policy, tuple[str, ...]]] = {}
        layers = [base, *updates.values(), *(block.layer for block in managers.values())]
        layers += [layer for block in managers.values() for layer in block.updates.values()]
        layers += [rule.layer for rule in self._rules]
        self.depend_on_new_version = any(map(_speaks_of_new_version, layers)) or any(
            matcher.name == "matchNewValue" for rule in self._rules for matcher in rule.matchers
        )

    def of(self, subject: Subject) -> Policy:
        """The policy for ``subject``: the base, its manager's block, its update type's blocks, then rule by rule."""
        met = self._met(subject)
        key = (_manager(subject), subject.update_type, met)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(*key)
        policy, templates = made
        return _rendered(policy, templates, subject, self._git_author) if templates else policy

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
        policy = Policy(**values, origins=result.origins)  # type: ignore[arg-type]  # checked when they were read
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
    "pr_body_notes", "pr_header", "pr_footer", "source_url", "changelog_url", "labels", "add_labels",
)  # fmt: skip
"""The templates that need nothing but the subject; those of branch and title also speak of digests."""


def _has_template(value: object) -> bool:
    return any("{{" in text for text in (value if isinstance(value, tuple) else (value,)) if isinstance(text, str))


def _rendered(policy: Policy, names: Sequence[str], subject: Subject, git_author: str | None) -> Policy:
    values = {**template_values(subject), "gitAuthor": git_author}
    return msgspec.structs.replace(policy, **{name: _filled(getattr(policy, name), values) for name in names})


def _filled(value: object, values: Mapping[str, object]) -> object:
    if isinstance(value, tuple):
        return tuple(_filled(text, values) for text in value)
    return _render(str(value), values)


def _render(template: str, values: Mapping[str, object]) -> str:
    from updater.config.templates import render  # here, because few configurations have templates

    try:
        return render(template, values)
    except ValueError:
        return template  # its form was checked; what fails now is an argument, and the text shows which


def template_values(subject: Subject) -> dict[str, object]:
    """What templates may speak of: the names of https://docs.renovatebot.com/templates/, and ``environment``."""
    directory = dirname(subject.path)
    current, new = _numbers(subject.current_version), _numbers(subject.new_version)
    return {
        "manager": subject.manager,
        "datasource": subject.datasource,
        "packageName": subject.package_name,
        "depName": subject.dep_name,
        "depNameSanitized": re.sub(r"[/\s:]+", "-", subject.dep_name.removeprefix("@")).lower(),
        "depType": subject.dep_type,
        "packageFile": subject.path,
        "packageFileDir": directory,
        "parentDir": basename(directory),
        "environment": subject.environment,
        "currentValue": subject.current_value,
        "currentVersion": subject.current_version,
        "currentMajor": current[0],
        "currentMinor": current[1],
        "currentPatch": current[2],
        "newValue": subject.new_value,
        "newVersion": subject.new_version,
        "newMajor": new[0],
        "newMinor": new[1],
        "newPatch": new[2],
        "updateType": subject.update_type,
        "isMajor": subject.update_type is UpdateType.MAJOR,
        "isMinor": subject.update_type is UpdateType.MINOR,
        "isPatch": subject.update_type is UpdateType.PATCH,
        "sourceUrl": subject.source_url,
        "repository": subject.repository,
        "baseBranch": subject.base_branch,
    }


@cache
def _numbers(version: str | None) -> tuple[int | None, int | None, int | None]:
    match = _VERSION.match(version or "")
    return (int(match[1]), int(match[2] or 0), int(match[3] or 0)) if match else (None, None, None)
