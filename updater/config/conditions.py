"""The conditions of package rules, compiled: which rules admit a subject.

Rules are numbered, and a set of rules is an integer with one bit for each. Every condition is asked of a value once
and remembered, so that a dependency costs a handful of dictionary lookups however many rules there are.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from updater.config.durations import parse_duration
from updater.config.layers import Matcher, Rule
from updater.config.patterns import PatternError, PatternSet, compile_pattern, is_negative, is_regex
from updater.config.subject import VERSION, Subject, template_values
from updater.config.vocabulary import CATEGORIES

_Facts = Callable[[Subject], tuple[str, ...]]


_Test = Callable[[str], bool]


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


_MAX_STEPS = 10_000
"""Of one JSONata expression; about a tenth of a second."""
_AGE = re.compile(r"\s*(?P<sign>[<>]=?)\s*(?P<length>.+)")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NAME = re.compile(r"\w+")
_ANYTHING = re.compile(r"\$\$|\*|%|\$(?!\w)")
"""What an expression says that may look at every member of its input."""


def _categories(subject: Subject) -> tuple[str, ...]:
    return CATEGORIES.get(manager_of(subject), ())


def manager_of(subject: Subject) -> str:
    """The manager, as rules and blocks call it."""
    return {"regex": "custom.regex"}.get(subject.manager, subject.manager)


def _seconds(length: timedelta | None) -> str | None:
    return None if length is None else str(length.total_seconds())


_FACTS: Mapping[str, _Facts] = {
    "matchManagers": lambda subject: (manager_of(subject),),
    "matchCategories": _categories,
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
    "matchCurrentAge": lambda subject: _one(_seconds(subject.current_age)),
    "matchNewValue": lambda subject: _one(subject.new_value),
    "matchUpdateTypes": lambda subject: _one(subject.update_type),
    "matchIsBreaking": lambda subject: _one(None if subject.is_breaking is None else str(subject.is_breaking).lower()),
}
"""What each matcher looks at; of several values, one has to match."""


class Condition:
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


class _TestCondition(Condition):
    """A matcher whose texts are no patterns; ``make_test`` makes a test of one. Of several, one has to pass."""

    def __init__(
        self, facts: _Facts, make_test: Callable[[str], _Test], matchers: Sequence[tuple[int, Matcher]], rules: int
    ) -> None:
        super().__init__(facts, [], rules)
        self._tests = [(1 << number, [make_test(text) for text in matcher.patterns]) for number, matcher in matchers]
        for bit, _ in self._tests:
            self._indifferent &= ~bit

    def _admit(self, value: str) -> int:
        return sum(bit for bit, tests in self._tests if any(test(value) for test in tests))


def _version_test(text: str) -> _Test:
    """A range or a pattern."""
    return compile_pattern(text) if is_regex(text) else _range_test(text)


def _range_test(range_: str) -> _Test:
    """Ranges are those of npm, whatever the dependency's own versioning: one way to write them in a rule."""

    def test(version: str) -> bool:
        from updater import versioning  # here, because few rules have a range

        match = VERSION.match(version)
        if match is None:
            return False
        plain = ".".join(part or "0" for part in match.groups())
        return versioning.get("npm").matches(plain, range_)

    return test


def _age_test(text: str) -> _Test:
    """``> 3 days`` and the like; ages are compared in seconds. Raises ``PatternError``."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise PatternError(f"{text!r} is no comparison of an age", 'write "> 3 days" or "<= 2 weeks"')
    try:
        limit = parse_duration(match["length"]).total_seconds()
    except ValueError as error:
        raise PatternError(str(error)) from error
    compare = _COMPARISONS[match["sign"]]
    return lambda age: compare(float(age), limit)


def _expression_test(expression: str) -> _Test:
    """Whether an expression is true of facts in JSON; one that fails is not."""
    from updater import jsonata  # here, because few rules have an expression

    def test(facts: str) -> bool:
        try:
            return bool(jsonata.evaluate_jsonata(json.loads(facts), [expression], max_steps=_MAX_STEPS))
        except ValueError:
            return False

    return test


def _check_expression(expression: str) -> None:
    from updater import jsonata  # here, for the same reason

    try:
        jsonata.check(expression)
    except ValueError as error:
        raise PatternError(f"this is no JSONata expression: {error}") from error


def _said_in(expressions: Sequence[str]) -> _Facts:
    """What the expressions speak of, as JSON: the less of a subject counts, the fewer are to be told apart."""
    said = " ".join(expressions)
    takes_all, names = _ANYTHING.search(said) is not None, frozenset(_NAME.findall(said))

    def facts(subject: Subject) -> tuple[str, ...]:
        values = {**template_values(subject), "registryUrls": subject.registry_urls, "categories": _categories(subject)}
        known = {name: value for name, value in values.items() if value is not None and (takes_all or name in names)}
        return (json.dumps(known),)

    return facts


def speaks_of_new_version(matcher: Matcher) -> bool:
    """Whether an expression may speak of the new version; one that looks at everything does."""
    return any(_ANYTHING.search(text) or "new" in text.lower() for text in matcher.patterns)


_TESTS: Mapping[str, Callable[[str], _Test]] = {"matchCurrentVersion": _version_test, "matchCurrentAge": _age_test}

CHECKS: Mapping[str, Callable[[str], object]] = {"matchCurrentAge": _age_test, "matchJsonata": _check_expression}
"""What texts of matchers have to be that are no patterns; each raises ``PatternError``."""


def conditions(rules: Sequence[Rule]) -> Iterator[Condition]:
    """One condition for each matcher; a rule that has one twice (from its presets, say) is asked twice."""
    rounds: dict[tuple[str, int], list[tuple[int, Matcher]]] = {}
    for number, rule in enumerate(rules):
        seen: dict[str, int] = {}
        for matcher in rule.matchers:
            seen[matcher.name] = seen.get(matcher.name, 0) + 1
            rounds.setdefault((matcher.name, seen[matcher.name]), []).append((number, matcher))
    for (name, _), matchers in rounds.items():
        yield _condition(name, matchers, len(rules))


def _condition(name: str, matchers: Sequence[tuple[int, Matcher]], rules: int) -> Condition:
    if name == "matchJsonata":
        expressions = [text for _, matcher in matchers for text in matcher.patterns]
        return _TestCondition(_said_in(expressions), _expression_test, matchers, rules)
    if name in _TESTS:
        return _TestCondition(_FACTS[name], _TESTS[name], matchers, rules)
    return Condition(_FACTS[name], matchers, rules)
