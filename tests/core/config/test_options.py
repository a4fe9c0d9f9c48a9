"""Every option has an effect, a place, and a type that is checked."""

from datetime import timedelta

import pytest

from updater.config import InvalidConfig, Policy, RepositoryOptions, parse
from updater.config.entries import (
    BumpVersionOptions,
    CustomDatasourceOptions,
    EnvironmentOptions,
    ReconcilerOptions,
)
from updater.config.subject import Subject
from updater.config.table import all_options, options_of
from updater.config.vocabulary import BOT_OPTIONS, UNSUPPORTED_OPTIONS
from updater.model import Origin

_SUBJECT = Subject(manager="kubernetes", path="a.yaml", datasource="docker", package_name="nginx", dep_name="nginx")

_POLICY: dict[str, tuple[str, object]] = {
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
    "ignoreDeps": ('["nginx"]', ("nginx",)),
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


@pytest.mark.parametrize("name", _POLICY)
def test_options_of_dependencies_reach_the_policy(name: str) -> None:
    """From the top of the file as from a rule; the default differs, and the place is known."""
    text, expected = _POLICY[name]
    field = options_of(Policy)[name].field
    top = parse(f'{{"{name}": {text}}}', path="c").policy(_SUBJECT)
    rule = parse(f'{{"packageRules": [{{"matchDepNames": ["nginx"],\n"{name}": {text}}}]}}', path="c").policy(_SUBJECT)

    assert getattr(top, field) == expected
    assert getattr(rule, field) == expected
    assert getattr(Policy(), field) != expected
    assert top.origins[field] == Origin(path="c", line=1)
    assert rule.origins[field] == Origin(path="c", line=2)


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
        ('{"automerge": "true"}', "(leave out the quotes)"),
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
        ('{"major": true}', '"major" must be an object'),
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
