"""Every option has an effect, a place, and a type that is checked."""

import json
from datetime import timedelta

import pytest
from msgspec import structs

from updater.config import InvalidConfig, Policy, RepositoryOptions, parse
from updater.config.entries import (
    BumpVersionOptions,
    CustomDatasourceOptions,
    EnvironmentOptions,
    ReconcilerOptions,
)
from updater.config.subject import Subject
from updater.config.table import Option, all_options, options_of
from updater.config.vocabulary import BOT_OPTIONS, UNSUPPORTED_OPTIONS, words
from updater.model.track import Origin, UpdateType

_SUBJECT = Subject(manager="kubernetes", path="a.yaml", datasource="docker", package_name="nginx", dep_name="nginx")

_POLICY: dict[str, tuple[str, object]] = {
    "ignoreDeps": ('["redis"]', ("redis",)),
    "enabled": ("false", False),
    "allowedVersions": ('"<2"', "<2"),
    "ignoreUnstable": ("false", False),
    "ignoreDeprecated": ("false", False),
    "respectLatest": ("false", False),
    "followTag": ('"stable"', "stable"),
    "rollbackPrs": ("true", True),
    "maxMajorIncrement": ("0", 0),
    "maxStep": ('"2 minors"', "2 minors"),
    "requiredStops": ('["17.3"]', ("17.3",)),
    "minimumReleaseAge": ('"3 days"', timedelta(days=3)),
    "minimumReleaseAgeBehaviour": ('"timestamp-optional"', "timestamp-optional"),
    "internalChecksFilter": ('"none"', "none"),
    "versioning": ('"semver"', "semver"),
    "extractVersion": ('"^v(?<version>.+)$"', "^v(?<version>.+)$"),
    "rangeStrategy": ('"pin"', "pin"),
    "updatePinnedDependencies": ("false", False),
    "platforms": ('["linux/arm64"]', ("linux/arm64",)),
    "pinDigests": ("true", True),
    "registryUrls": ('["https://a"]', ("https://a",)),
    "defaultRegistryUrls": ('["https://a"]', ("https://a",)),
    "registryAliases": ('{"a": "b"}', {"a": "b"}),
    "overrideDatasource": ('"helm"', "helm"),
    "overrideDepName": ('"x"', "x"),
    "overridePackageName": ('"{{depName}}-x"', "nginx-x"),
    "replacementName": ('"x"', "x"),
    "replacementRegistryUrl": ('"https://a"', "https://a"),
    "replacementVersion": ('"1"', "1"),
    "groupName": ('"all"', "all"),
    "groupSlug": ('"all"', "all"),
    "group": ('{"commitMessageTopic": "{{{groupName}}} group"}', {"commitMessageTopic": "{{{groupName}}} group"}),
    "groupSingleUpdates": ("true", True),
    "minimumGroupSize": ("2", 2),
    "separateMajorMinor": ("false", False),
    "separateMultipleMajor": ("true", True),
    "separateMultipleMinor": ("true", True),
    "separateMinorPatch": ("true", True),
    "schedule": ('["before 5am"]', ("before 5am",)),
    "timezone": ('"Europe/Berlin"', "Europe/Berlin"),
    "dependencyDashboardApproval": ("true", True),
    "prPriority": ("-1", -1),
    "branchPrefix": ('"renovate/"', "renovate/"),
    "additionalBranchPrefix": ('"{{datasource}}-"', "docker-"),
    "branchTopic": ('"{{depName}}"', "{{depName}}"),
    "rebaseWhen": ('"never"', "never"),
    "recreateWhen": ('"always"', "always"),
    "commitMessagePrefix": ('"deps:"', "deps:"),
    "commitMessageAction": ('"Bump"', "Bump"),
    "commitMessageTopic": ('"{{depName}}"', "{{depName}}"),
    "commitMessageExtra": ('"to {{newVersion}}"', "to {{newVersion}}"),
    "commitMessageSuffix": ('"[skip ci]"', "[skip ci]"),
    "commitMessageLowerCase": ('"never"', "never"),
    "semanticCommits": ('"enabled"', "enabled"),
    "semanticCommitType": ('"fix"', "fix"),
    "semanticCommitScope": ("null", None),
    "commitBody": ('"text"', "text"),
    "commitTrailers": ('["A: b"]', ("A: b",)),
    "prBodyNotes": ('["note"]', ("note",)),
    "labels": ('"one"', ("one",)),
    "addLabels": ('["two"]', ("two",)),
    "assignees": ('["ann"]', ("ann",)),
    "reviewers": ('["bob"]', ("bob",)),
    "additionalReviewers": ('["cy"]', ("cy",)),
    "draftPR": ("true", True),
    "automerge": ("true", True),
    "abandonmentThreshold": ('"1 year"', timedelta(days=365)),
    "constraints": ('{"kubernetes": "1.31"}', {"kubernetes": "1.31"}),
    "constraintsFiltering": ('"strict"', "strict"),
    "versionCompatibility": ('"^(?<version>.+)-(?<compatibility>.+)$"', "^(?<version>.+)-(?<compatibility>.+)$"),
    "skipArtifactsUpdate": ("true", True),
    "bumpVersion": ('"patch"', "patch"),
    "bumpVersions": ('[{"filePatterns": "VERSION"}]', (BumpVersionOptions(file_patterns=("VERSION",)),)),
    "fetchChangeLogs": ('"off"', "off"),
    "changelogUrl": ('"https://a"', "https://a"),
    "sourceUrl": ('"https://a"', "https://a"),
    "sourceDirectory": ('"charts/a"', "charts/a"),
    "updateNotScheduled": ("false", False),
    "dependencyDashboardCategory": ('"Charts"', "Charts"),
    "prCreation": ('"approval"', "approval"),
    "prNotPendingHours": ("1", 1),
    "prConcurrentLimit": ("0", 0),
    "branchConcurrentLimit": ("3", 3),
    "prHourlyLimit": ("0", 0),
    "commitHourlyLimit": ("1", 1),
    "branchNameStrict": ("true", True),
    "hashedBranchLength": ("40", 40),
    "rebaseLabel": ('"again"', "again"),
    "keepUpdatedLabel": ('"fresh"', "fresh"),
    "stopUpdatingLabel": ('"stop"', "stop"),
    "commitBodyTable": ("true", True),
    "prTitle": ('"title"', "title"),
    "prTitleStrict": ("true", True),
    "prHeader": ('"head"', "head"),
    "prFooter": ('"foot"', "foot"),
    "prBodyColumns": ('["Package"]', ("Package",)),
    "prBodyDefinitions": ('{"Package": "{{depName}}"}', {"Package": "{{depName}}"}),
    "prBodyTemplate": ('"{{{table}}}"', "{{{table}}}"),
    "assigneesFromCodeOwners": ("true", True),
    "reviewersFromCodeOwners": ("true", True),
    "milestone": ("7", 7),
    "automergeType": ('"branch"', "branch"),
    "automergeStrategy": ('"squash"', "squash"),
    "automergeSchedule": ('["before 5am"]', ("before 5am",)),
    "platformAutomerge": ("false", False),
    "ignoreTests": ("true", True),
    "assignAutomerge": ("true", True),
    "internalChecksAsSuccess": ("true", True),
    "pruneBranchAfterAutomerge": ("false", False),
}
_REPOSITORY: dict[str, tuple[str, object]] = {
    "enabled": ("false", False),
    "enabledManagers": ('["argocd", "regex"]', ("argocd", "custom.regex")),
    "includePaths": ('["apps/**"]', ("apps/**",)),
    "ignorePaths": ('["x/"]', ("x/",)),
    "maxFileSize": ("1024", 1024),
    "baseBranchPatterns": ('["main"]', ("main",)),
    "registryAliases": ('{"a": "b"}', {"a": "b"}),
    "branchPrefix": ('"renovate/"', "renovate/"),
    "branchConcurrentLimit": ("3", 3),
    "prConcurrentLimit": ("0", 0),
    "prHourlyLimit": ("0", 0),
    "changeLimit": ("0.2", 0.2),
    "dependencyDashboard": ("true", True),
    "dependencyDashboardTitle": ('"Updates"', "Updates"),
    "semanticCommits": ('"disabled"', "disabled"),
    "useBaseBranchConfig": ('"merge"', "merge"),
    "forkProcessing": ('"enabled"', "enabled"),
    "mode": ('"silent"', "silent"),
    "dryRun": ('"lookup"', "lookup"),
    "customDatasources": (
        '{"own": {"defaultRegistryUrlTemplate": "https://a/{{packageName}}", "format": "plain"}}',
        {"own": CustomDatasourceOptions(default_registry_url_template="https://a/{{packageName}}", format="plain")},
    ),
    "branchPrefixOld": ('"renovate/"', "renovate/"),
    "commitHourlyLimit": ("1", 1),
    "pruneStaleBranches": ("false", False),
    "dependencyDashboardHeader": ('"head"', "head"),
    "dependencyDashboardFooter": ('"foot"', "foot"),
    "dependencyDashboardLabels": ('["bot"]', ("bot",)),
    "dependencyDashboardAutoclose": ("true", True),
    "dependencyDashboardReportAbandonment": ("false", False),
    "statusCheckNames": ('{"minimumReleaseAge": "age"}', {"minimumReleaseAge": "age"}),
    "statusCheckWhen": ('{"minimumReleaseAge": "never"}', {"minimumReleaseAge": "never"}),
    "suppressNotifications": ('["prEditedNotification"]', ("prEditedNotification",)),
    "gitIgnoredAuthors": ('["a@example.com"]', ("a@example.com",)),
    "platformCommit": ('"enabled"', "enabled"),
    "environments": (
        '[{"name": "staging", "paths": ["staging/**"]}, {"name": "production", "after": "staging", "soak": "3d"}]',
        (
            EnvironmentOptions(name="staging", paths=("staging/**",)),
            EnvironmentOptions(name="production", after="staging", soak={"*": timedelta(days=3)}),
        ),
    ),
    "reconcilers": (
        '[{"type": "argocd", "via": "api", "url": "https://a", "token": "env:ARGOCD_TOKEN"}]',
        (ReconcilerOptions(type="argocd", via="api", url="https://a", token="env:ARGOCD_TOKEN"),),
    ),
    "onFailure": ('{"production": "freeze"}', {"production": "freeze"}),
    "grace": ('"0"', timedelta()),
    "horizon": ('"7d"', timedelta(days=7)),
    "unhealthyLimit": ("0.3", 0.3),
    "rolloutRecords": ('"both"', "both"),
    "trustedCreators": ('["argocd[bot]"]', ("argocd[bot]",)),
    "neverRevert": ('["update:major"]', ("update:major",)),
    "gitAuthor": ('"Bot <bot@example.com>"', "Bot <bot@example.com>"),
    "timezone": ('"Europe/Berlin"', "Europe/Berlin"),
}


def test_the_tables_of_this_test_are_complete() -> None:
    """Each option has a case below."""
    assert set(_POLICY) == set(options_of(Policy))
    assert set(_REPOSITORY) == set(options_of(RepositoryOptions))


_PLACES = {
    "top": "{OPTION}",
    "rule": '{"packageRules": [{"matchDepNames": ["nginx"], OPTION}]}',
    "manager": '{"kubernetes": {OPTION}}',
    "update type": '{"minor": {OPTION}}',
    "update type in a manager": '{"kubernetes": {"minor": {OPTION}}}',
    "update type in a rule": '{"packageRules": [{"matchDepNames": ["nginx"], "minor": {OPTION}}]}',
    "rule in a manager": '{"kubernetes": {"packageRules": [{"matchDepNames": ["nginx"], OPTION}]}}',
    "inner rule": '{"packageRules": [{"matchDepNames": ["n*"], "packageRules": [{"matchDepNames": ["*x"], OPTION}]}]}',
}
"""Where an option of dependencies may stand, and holds for an update of nginx."""
_ELSEWHERE = {
    "rule": '{"packageRules": [{"matchDepNames": ["redis"], OPTION}]}',
    "manager": '{"argocd": {OPTION}}',
    "update type": '{"major": {OPTION}}',
    "update type in a manager": '{"argocd": {"minor": {OPTION}}}',
    "update type in a rule": '{"packageRules": [{"matchDepNames": ["nginx"], "major": {OPTION}}]}',
    "rule in a manager": '{"argocd": {"packageRules": [{"matchDepNames": ["nginx"], OPTION}]}}',
    "inner rule": '{"packageRules": [{"matchDepTypes": ["x"], "packageRules": [{"matchDepNames": ["*"], OPTION}]}]}',
}
"""Where it holds for something else."""


def _policy(place: str, name: str) -> Policy:
    written = place.replace("OPTION", f'"{name}": {_POLICY[name][0]}')
    return parse(written, path="c").policy(structs.replace(_SUBJECT, update_type=UpdateType.MINOR))


@pytest.mark.parametrize("name", _POLICY)
def test_options_of_dependencies_hold_where_they_are_set(name: str) -> None:
    """From each place where they may stand, for what the place is about, and for nothing else."""
    field, expected = options_of(Policy)[name].field, _POLICY[name][1]

    assert getattr(Policy(), field) != expected
    for place in _PLACES.values():
        assert getattr(_policy(place, name), field) == expected, place
    for place in _ELSEWHERE.values():
        assert getattr(_policy(place, name), field) == getattr(Policy(), field), place


@pytest.mark.parametrize("name", _POLICY)
def test_the_place_of_options_of_dependencies_is_known(name: str) -> None:
    """File and line, from the top as from a rule."""
    text, field = _POLICY[name][0], options_of(Policy)[name].field
    top = parse(f'{{"{name}": {text}}}', path="c").policy(_SUBJECT)
    rule = parse(f'{{"packageRules": [{{"matchDepNames": ["nginx"],\n"{name}": {text}}}]}}', path="c").policy(_SUBJECT)

    assert top.origins[field] == Origin(path="c", line=1)
    assert rule.origins[field] == Origin(path="c", line=2)


@pytest.mark.parametrize("name", sorted(set(_REPOSITORY) - set(_POLICY)))
def test_options_of_the_repository_hold_at_the_top_alone(name: str) -> None:
    """In a rule, or in a block for a type of update, they are warned about and change nothing."""
    text, field = _REPOSITORY[name][0], options_of(RepositoryOptions)[name].field
    for place in ('{"packageRules": [{"matchDepNames": ["*"], OPTION}]}', '{"minor": {OPTION}}'):
        config = parse(place.replace("OPTION", f'"{name}": {text}'), path="c")
        assert getattr(config.repository, field) == getattr(RepositoryOptions(), field)
        assert any(f'"{name}" has no effect' in each.message for each in config.problems), place


_MERGING = words(
    """
    addLabels additionalReviewers commitTrailers constraints customDatasources group ignoreDeps prBodyDefinitions
    prBodyNotes registryAliases statusCheckNames statusCheckWhen suppressNotifications
    """
)
"""What Renovate documents as mergeable, of the options that there are here."""
_OUR_MERGING = words("onFailure neverRevert")


def test_options_are_added_where_that_is_documented() -> None:
    """All others replace what was set before."""
    assert {option.name for option in all_options() if option.about.merges} == _MERGING | _OUR_MERGING


@pytest.mark.parametrize("name", sorted(options_of(Policy)))
def test_a_later_rule_adds_or_replaces(name: str) -> None:
    """Lists and objects that merge keep what was there; of all else the later value counts."""
    option, (text, expected) = options_of(Policy)[name], _POLICY[name]
    two = f'{{"{name}": {text}, "packageRules": [{{"matchDepNames": ["*"], "{name}": OTHER}}]}}'
    if isinstance(expected, tuple) and all(isinstance(each, str) for each in expected) and option.is_list:
        other = option.convert(["17.9"] if name == "requiredStops" else ["before 6am"])
        found = getattr(parse(two.replace("OTHER", json.dumps(other)), path="c").policy(_SUBJECT), option.field)
        assert isinstance(other, tuple)
        assert found == ((*expected, *other) if name in _MERGING else other)
    elif name in _MERGING:
        assert isinstance(expected, dict)
        more = {"semanticCommitType": "fix"} if name == "group" else {"x": "1"}
        found = getattr(parse(two.replace("OTHER", json.dumps(more)), path="c").policy(_SUBJECT), option.field)
        assert found == {**expected, **more}
    else:
        found = getattr(parse(two.replace("OTHER", "null"), path="c").policy(_SUBJECT), option.field)
        assert found == getattr(Policy(), option.field) or found is None


_DOCUMENTED = {
    "additionalBranchPrefix": "", "assigneesFromCodeOwners": False, "reviewersFromCodeOwners": False,
    "assignAutomerge": False, "automerge": False, "automergeSchedule": ("at any time",), "automergeStrategy": "auto",
    "automergeType": "pr", "branchConcurrentLimit": None, "branchNameStrict": False, "commitBodyTable": False,
    "commitHourlyLimit": 0, "commitMessageLowerCase": "auto", "constraintsFiltering": "none",
    "dependencyDashboard": False, "dependencyDashboardApproval": False, "dependencyDashboardAutoclose": False,
    "dependencyDashboardReportAbandonment": True, "dependencyDashboardTitle": "Dependency Dashboard", "draftPR": False,
    "enabled": True, "fetchChangeLogs": "pr", "forkProcessing": "auto", "groupSingleUpdates": False,
    "ignoreDeprecated": True, "ignorePaths": ("**/node_modules/**", "**/bower_components/**"), "ignoreTests": False,
    "ignoreUnstable": True, "internalChecksAsSuccess": False, "internalChecksFilter": "strict",
    "maxMajorIncrement": 500, "minimumGroupSize": 1, "minimumReleaseAgeBehaviour": "timestamp-required", "mode": "full",
    "pinDigests": False, "platformAutomerge": True, "platformCommit": "auto", "prConcurrentLimit": 10,
    "prCreation": "immediate", "prHourlyLimit": 2, "prNotPendingHours": 25, "prPriority": 0,
    "prTitleStrict": False,
    "pruneBranchAfterAutomerge": True, "pruneStaleBranches": True, "rangeStrategy": "auto", "rebaseLabel": "rebase",
    "rebaseWhen": "auto", "recreateWhen": "auto", "respectLatest": True, "rollbackPrs": False,
    "schedule": ("at any time",), "semanticCommitScope": "deps", "semanticCommitType": "chore",
    "semanticCommits": "auto", "separateMajorMinor": True, "separateMinorPatch": False,
    "separateMultipleMajor": False, "separateMultipleMinor": False, "skipArtifactsUpdate": False,
    "stopUpdatingLabel": "stop-updating", "updateNotScheduled": True, "updatePinnedDependencies": True,
    "useBaseBranchConfig": "none",
}  # fmt: skip
"""The defaults that Renovate documents; those of all other options of Renovate's are "not set"."""
_DELIBERATE = {
    "branchPrefix": "updater/",  # so that both can run beside each other
    "changeLimit": 0.5, "grace": timedelta(minutes=10), "horizon": timedelta(days=14),
    "maxFileSize": 10 * 1024 * 1024, "rolloutRecords": "comment", "unhealthyLimit": 0.5,
}  # fmt: skip
"""Defaults that are ours."""


@pytest.mark.parametrize("option", list(all_options()), ids=lambda option: option.name)
def test_defaults_are_those_that_are_documented(option: Option) -> None:
    """Or "not set" where Renovate has a text or template of its own, or nothing."""
    documented = {**_DOCUMENTED, **_DELIBERATE}

    if option.name in documented:
        assert option.default == documented[option.name]
    else:
        assert option.default in (None, (), {})


@pytest.mark.parametrize("name", _REPOSITORY)
def test_options_of_the_repository_are_set(name: str) -> None:
    """The default differs, and the place is known."""
    text, expected = _REPOSITORY[name]
    field = options_of(RepositoryOptions)[name].field
    found = parse(f'{{\n"{name}": {text}}}', path="c").repository

    assert getattr(found, field) == expected
    assert getattr(RepositoryOptions(), field) != expected
    assert found.origins[field] == Origin(path="c", line=2)


def test_every_option_is_described() -> None:
    """Names, types and texts suffice for documentation and schema."""
    for option in all_options():
        assert option.about.text.endswith((".", ".)")), option.name


def test_null_takes_back_what_was_set() -> None:
    """The default comes back where null is no value of its own."""
    config = parse(
        '{"prHourlyLimit": null, "groupName": "x", "labels": ["a"],'
        ' "packageRules": [{"matchDepNames": ["*"], "groupName": null, "labels": null}]}',
        path="c",
    )

    assert config.repository.pr_hourly_limit == 2
    assert config.policy(_SUBJECT).group_name is None
    assert config.policy(_SUBJECT).labels == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"automerge": "yes"}', '"automerge" must be true or false, not the string "yes"'),
        ('{"prHourlyLimit": "12"}', "(leave out the quotes)"),
        ('{"prHourlyLimit": "5"}', '"prHourlyLimit" must be a whole number of at least 0, not the string "5"'),
        ('{"prHourlyLimit": -1}', "not -1"),
        ('{"prHourlyLimit": true}', "not true"),
        ('{"changeLimit": 2}', '"changeLimit" must be a number between 0 and 1, not 2'),
        ('{"labels": [1]}', '"labels" must be a list of strings, not a list'),
        ('{"registryAliases": []}', '"registryAliases" must be an object of strings, not a list'),
        ('{"groupName": {}}', '"groupName" must be a string, not an object'),
        ('{"minimumReleaseAge": "soon"}', "is no length of time"),
        ('{"packageRules": {"a": 1}, "schedule": {}}', '"schedule" must be a list of strings, not an object'),
        ('{"packageRules": [1]}', '"packageRules" must be a list of objects'),
        ('{"packageRules": [{"matchDepNames": 5}]}', '"matchDepNames" must be a list of strings'),
        ('{"major": "no"}', '"major" must be an object'),
        ('{"kubernetes": []}', '"kubernetes" must be an object'),
        ('{"extends": {}}', '"extends" must be a list of strings'),
        ('{"hostRules": [{"matchHost": 1}]}', '"matchHost" must be a string, not 1'),
        ('{"customManagers": [{"matchStrings": 1}]}', '"matchStrings" must be a list of strings, not 1'),
    ],
)
def test_values_of_the_wrong_type_stop_the_run(text: str, message: str) -> None:
    """The error names the option, what it has to be, and what it is."""
    with pytest.raises(InvalidConfig) as raised:
        parse(text, path="renovate.json")

    assert message in str(raised.value)


def test_what_is_no_choice_of_an_option_is_left_out() -> None:
    """It is an error with its place and what was meant; everything else counts."""
    config = parse('{"automerge": true,\n "rebaseWhen": "conflict"}', path="c")
    (problem,) = config.problems

    assert str(problem).startswith('c:2:2: error: "rebaseWhen" must be one of "auto", "never"')
    assert str(problem).endswith('not the string "conflict"; it is left out (did you mean "conflicted"?)')
    assert (config.policy(_SUBJECT).automerge, config.policy(_SUBJECT).rebase_when) == (True, "auto")


def test_all_wrong_values_are_reported_with_their_places() -> None:
    """The error is that of the first; it holds the others, too."""
    with pytest.raises(InvalidConfig, match=r"c:2:3: .* 1 more like this") as raised:
        parse('{\n  "automerge": 1,\n  "packageRules": [{\n    "labels": 2}]\n}', path="c")

    assert [(problem.line, problem.column) for problem in raised.value.problems] == [(2, 3), (4, 5)]
    assert raised.value.line == 2


def test_objects_are_read_option_by_option() -> None:
    """An unknown key in one warns, a value of the wrong type stops the run; both know their place."""
    warned = parse('{"environments": [{"name": "staging",\n"path": ["a"]}]}', path="c").problems
    assert str(warned[-1]) == ('c:2:1: warning: unknown option "path" inside "environments" (did you mean "paths"?)')
    with pytest.raises(InvalidConfig, match=r'c:1:20: "name" must be a string, not 1'):
        parse('{"environments": [{"name": 1}]}', path="c")
    with pytest.raises(InvalidConfig, match=r'"windows": .* is no window such as'):
        parse('{"environments": [{"name": "production", "windows": ["sometimes"]}]}', path="c")
    with pytest.raises(InvalidConfig, match='"environments" must be a list of objects'):
        parse('{"environments": ["staging"]}', path="c")
    with pytest.raises(InvalidConfig, match='"customDatasources" must be an object of objects'):
        parse('{"customDatasources": {"own": 1}}', path="c")


def test_a_token_in_the_file_is_left_out() -> None:
    """The message says how to keep it, and does not repeat it."""
    config = parse('{"reconcilers": [{"type": "argocd", "token": "s3cr3t"}]}', path="c")

    assert config.repository.reconcilers[0].token is None
    assert [problem.severity for problem in config.problems] == ["error"]
    assert "s3cr3t" not in str([*config.problems])
    assert "env:TOKEN" in str(config.problems[0])


def test_what_can_be_said_of_an_option_anywhere_is_said_once() -> None:
    """An option that has no effect, in thirty rules, is one warning."""
    rules = ",".join('{"matchDepNames": ["a"], "postUpgradeTasks": {"commands": ["x"]}}' for _ in range(30))

    assert len(parse(f'{{"packageRules": [{rules}]}}', path="c").problems) == 1


def test_nothing_is_both_known_and_unsupported() -> None:
    """The lists of names do not contradict the options."""
    names = {option.name for option in all_options()}

    assert names.isdisjoint(UNSUPPORTED_OPTIONS)
    assert names & BOT_OPTIONS == set()
