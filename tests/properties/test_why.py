"""What ``why`` tells changes with the rules that decide, and with nothing else, whatever the rules are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.core.made import releases, tracked
from updater.config import Config, Policy, Subject, parse
from updater.decide import decide
from updater.model.decide import Decision
from updater.model.track import Tracked, UpdateType
from updater.track import subject_of

law = settings(max_examples=150, deadline=None)

NAMES = ("ghcr.io/acme/api", "ghcr.io/acme/web", "nginx", "redis")
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "1.2.0-rc.1", "2.0.0", "2.1.0", "3.0.0")
Rule = Mapping[str, object]

_matchers = st.fixed_dictionaries(
    {},
    optional={
        "matchPackageNames": st.lists(
            st.sampled_from(["nginx", "redis", "ghcr.io/acme/**", "!nginx", "/api$/", "*"]), min_size=1, max_size=2
        ),
        "matchUpdateTypes": st.lists(st.sampled_from(["major", "minor", "patch"]), min_size=1, max_size=2),
        "matchFileNames": st.sampled_from([["staging/**"], ["production/**"], ["!production/**"]]),
        "matchCurrentVersion": st.sampled_from(["<1.1.0", "!/^2/", ">=1.0.0"]),
    },
).filter(bool)
_deciding = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "allowedVersions": st.sampled_from(["<2.0.0", "/^1\\./", "!/^3/", "<=2.0.0"]),
        "ignoreUnstable": st.booleans(),
        "maxStep": st.sampled_from(["minor", "major", "any"]),
    },
).filter(bool)
_idle = st.sampled_from([{"labels": ["x"]}, {"groupName": "all"}, {"automerge": True}, {"schedule": ["before 5am"]}])
_rules = st.builds(lambda matchers, options: {**matchers, **options}, _matchers, st.one_of(_deciding, _idle))


@dataclass(frozen=True)
class Told:
    """Of each dependency: what it is offered, how that is explained, and the rules that it or its updates meet."""

    offers: Mapping[str, Sequence[tuple[str, ...]]]
    decisions: Mapping[str, Sequence[Decision]]
    met: Mapping[str, frozenset[int | None]]


def told(rules: Sequence[Rule]) -> Told:
    """What a configuration with a rule a line decides for the dependencies of this test."""
    lines = ",\n".join(json.dumps(rule) for rule in rules)
    config = parse(f'{{"packageRules": [\n{lines}]}}', path="c")
    assert [each for each in config.problems if each.severity == "error"] == []
    offers, decisions, met = {}, {}, {}
    for number, name in enumerate(NAMES):
        found = tracked(VERSIONS[number % 3], name=name, path=f"{('staging', 'production')[number % 2]}/a.yaml")
        found = structs.replace(found, policy=config.policy(subject_of(found.dependency)))
        made = decide(found, releases(*VERSIONS), _PolicyFor(config))
        offers[name] = [
            (str(each.update_type), each.version, str(each.new_value)) for one in made.choices for each in one.offers
        ]
        decisions[name] = made.decisions
        met[name] = frozenset(line for subject in _subjects(found) for line in _lines(config, subject))
    return Told(offers=offers, decisions=decisions, met=met)


@dataclass(frozen=True)
class _PolicyFor:
    config: Config

    def __call__(self, found: Tracked, kind: UpdateType, version: str, value: str | None) -> Policy:
        subject = subject_of(found.dependency, update_type=kind, new_version=version, new_value=value)
        return self.config.policy(subject)


def _subjects(found: Tracked) -> list[Subject]:
    kinds = (None, UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH)
    return [subject_of(found.dependency, update_type=kind) for kind in kinds]


def _lines(config: Config, subject: Subject) -> list[int | None]:
    """The lines of the rules that a subject meets."""
    rules = config.explain(subject)["rules"]
    assert isinstance(rules, list)
    return [int(str(rule["origin"]).rpartition(":")[2]) for rule in rules]


@law
@given(rules=st.lists(_rules, max_size=6), rule=_rules)
def test_an_added_rule_changes_the_explanation_of_what_meets_it_only(rules: list[Rule], rule: Rule) -> None:
    """To the letter, with all places: the rule stands behind the others."""
    before, after = told(rules), told([*rules, rule])
    line = len(rules) + 2

    for name in NAMES:
        if line not in after.met[name]:
            assert before.decisions[name] == after.decisions[name]
            assert before.offers[name] == after.offers[name]


@law
@given(rules=st.lists(_rules, max_size=6), rule=_rules)
def test_where_the_outcome_changes_the_explanation_does(rules: list[Rule], rule: Rule) -> None:
    """Nothing is offered, and nothing ceases to be offered, for the same reasons as before."""
    before, after = told(rules), told([*rules, rule])

    for name in NAMES:
        if before.offers[name] != after.offers[name]:
            assert before.decisions[name] != after.decisions[name]


@law
@given(rules=st.lists(_rules, max_size=6), rule=_rules)
def test_each_changed_line_is_the_work_of_the_rule(rules: list[Rule], rule: Rule) -> None:
    """It names the rule, or tells another fate, or tells what else was in the way of what the rule let through."""
    before, after = told(rules), told([*rules, rule])
    line = len(rules) + 2

    for name in NAMES:
        earlier = {each.subject: each for each in before.decisions[name]}
        for each in after.decisions[name]:
            former = earlier.get(each.subject)
            if former == each:
                continue
            named = each.origin is not None and each.origin.line == line
            let_through = former is not None and (former.accepted != each.accepted or _option(former) in rule)
            assert named or let_through, (former, each)


def _option(decision: Decision) -> str | None:
    return "maxStep" if decision.rule == "ladder" else decision.rule


@law
@given(rules=st.lists(_rules, min_size=1, max_size=6), data=st.data())
def test_a_rule_that_is_taken_away_leaves_the_others_as_they_were(rules: list[Rule], data: st.DataObject) -> None:
    """Whatever it decided: what remains decides by itself, and only the lines below move up."""
    place = data.draw(st.integers(0, len(rules) - 1))
    rest = [*rules[:place], *rules[place + 1 :]]
    with_it, without = told(rules), told(rest)

    for name in NAMES:
        if place + 2 not in with_it.met[name]:
            moved = [_moved_up(each, place + 2) for each in with_it.decisions[name]]
            assert moved == list(without.decisions[name])


def _moved_up(decision: Decision, line: int) -> Decision:
    origin = decision.origin
    if origin is None or origin.line is None or origin.line < line:
        return decision
    return replace(decision, origin=structs.replace(origin, line=origin.line - 1))


@law
@given(rules=st.lists(_rules, max_size=6), matchers=_matchers, options=_idle)
def test_what_decides_nothing_changes_no_explanation(rules: list[Rule], matchers: Rule, options: Rule) -> None:
    """Labels, groups, schedules and merging say when and how, not what."""
    before, after = told(rules), told([*rules, {**matchers, **options}])

    assert (before.decisions, before.offers) == (after.decisions, after.offers)
