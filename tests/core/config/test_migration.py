"""Old names and forms of options mean what they always meant."""

import pytest
from msgspec import structs

from updater.config import Config, Subject, parse
from updater.model.track import UpdateType

_SUBJECT = Subject(
    manager="kubernetes", path="apps/a.yaml", datasource="docker", package_name="ghcr.io/team/web", dep_name="web"
)


_DEFAULTS = {"rebaseConflictedPrs: true", "semanticCommits: null", "stabilityDays: 0", "automerge: 'none'"}
"""The old ways to say what holds anyway."""


def _parse(text: str) -> Config:
    config = parse(text, path="c")
    assert config.problems == ()
    return config


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("baseBranches: ['main']", "baseBranchPatterns: ['main']"),
        ("baseBranch: 'main'", "baseBranchPatterns: ['main']"),
        ("masterIssue: true", "dependencyDashboard: true"),
        ("masterIssueTitle: 'x'", "dependencyDashboardTitle: 'x'"),
        ("masterIssueApproval: true", "dependencyDashboardApproval: true"),
        (
            "prTitle: 'from {{fromVersion}} to {{{toVersion}}}'",
            "prTitle: 'from {{currentVersion}} to {{{newVersion}}}'",
        ),
        ("prBodyNotes: ['{{#if newVersionMajor}}x{{/if}}']", "prBodyNotes: ['{{#if newMajor}}x{{/if}}']"),
        ("additionalBranchPrefix: '{{baseDir}}-'", "additionalBranchPrefix: '{{packageFileDir}}-'"),
        ("masterIssueLabels: ['x']", "dependencyDashboardLabels: ['x']"),
        ("versionScheme: 'semver'", "versioning: 'semver'"),
        ("versionStrategy: 'widen'", "rangeStrategy: 'widen'"),
        ("platformCommit: true", "platformCommit: 'enabled'"),
        ("fetchReleaseNotes: false", "fetchChangeLogs: 'off'"),
        ("updateLockFiles: false", "skipArtifactsUpdate: true"),
        ("endpoints: [{host: 'a.b', platform: 'docker'}]", "hostRules: [{matchHost: 'a.b', hostType: 'docker'}]"),
        ("extends: [':disableLockFiles']", "extends: [':skipArtifactsUpdate']"),
        ("extends: ['config:base-js']", "extends: ['config:recommended']"),
        ("aliases: {a: 'b'}", "registryAliases: {a: 'b'}"),
        ("separateMajorReleases: false", "separateMajorMinor: false"),
        ("separatePatchReleases: true", "separateMinorPatch: true"),
        ("multipleMajorPrs: true", "separateMultipleMajor: true"),
        ("pinVersions: true", "rangeStrategy: 'pin'"),
        ("pinVersions: false", "rangeStrategy: 'replace'"),
        ("upgradeInRange: true", "rangeStrategy: 'bump'"),
        ("rebaseStalePrs: true", "rebaseWhen: 'behind-base-branch'"),
        ("rebaseConflictedPrs: false", "rebaseWhen: 'never'"),
        ("rebaseConflictedPrs: true", ""),
        ("recreateClosed: true", "recreateWhen: 'always'"),
        ("semanticCommits: true", "semanticCommits: 'enabled'"),
        ("semanticCommits: null", "semanticCommits: 'auto'"),
        ("semanticPrefix: 'fix(deps): '", "semanticCommitType: 'fix', semanticCommitScope: 'deps'"),
        ("semanticPrefix: 'build:'", "semanticCommitType: 'build', semanticCommitScope: null"),
        ("stabilityDays: 3", "minimumReleaseAge: '3 days'"),
        ("stabilityDays: 0", "minimumReleaseAge: null"),
        ("automerge: 'true'", "automerge: true"),
        ("separateMajorMinor: 'false'", "separateMajorMinor: false"),
        ("separateMajorReleases: 'false'", "separateMajorMinor: false"),
        ("groupName: ['all']", "groupName: 'all'"),
        ("major: false", "major: {enabled: false}"),
        ("kubernetes: true", "kubernetes: {enabled: true}"),
        ("automerge: 'any'", "automerge: true"),
        ("automerge: 'none'", "automerge: false"),
        ("automerge: 'minor'", "minor: {automerge: true}, patch: {automerge: true}"),
        ("automergeMajor: true", "major: {automerge: true}"),
        ("automergePatch: true, patch: {labels: ['x']}", "patch: {automerge: true, labels: ['x']}"),
        ("patch: {labels: ['x']}, automergePatch: true", "patch: {automerge: true, labels: ['x']}"),
        ("branchPrefix: 'bot/{{parentDir}}-'", "branchPrefix: 'bot/', additionalBranchPrefix: '{{parentDir}}-'"),
        ("managerBranchPrefix: 'x-'", "additionalBranchPrefix: 'x-'"),
        ("enabledManagers: ['regex']", "enabledManagers: ['custom.regex']"),
        ("ignoreNodeModules: true", "ignorePaths: ['node_modules/']"),
        ("packageFiles: ['a.yaml']", "includePaths: ['a.yaml']"),
        ("docker: {labels: ['x']}", "packageRules: [{matchCategories: ['docker'], labels: ['x']}]"),
        (
            "packages: [{packageNames: ['x'], labels: ['y']}]",
            "packageRules: [{matchPackageNames: ['x'], labels: ['y']}]",
        ),
        (
            "pathRules: [{paths: ['apps/**'], labels: ['y']}]",
            "packageRules: [{matchFileNames: ['apps/**'], labels: ['y']}]",
        ),
        ("kubernetes: {fileMatch: 'a'}", "kubernetes: {managerFilePatterns: ['/a/']}"),
        (
            "kubernetes: {fileMatch: ['a'], managerFilePatterns: ['b']}",
            "kubernetes: {managerFilePatterns: ['/a/', 'b']}",
        ),
        (
            "regexManagers: [{fileMatch: 'a', matchStrings: '(?<lookupName>)', lookupNameTemplate: 'c'}]",
            "customManagers: [{managerFilePatterns: '/a/', matchStrings: '(?<packageName>)',packageNameTemplate: 'c'}]",
        ),
        (
            "hostRules: [{hostName: 'a.b', platform: 'docker', token: 'x'}]",
            "hostRules: [{matchHost: 'a.b', hostType: 'docker', token: 'x'}]",
        ),
        ("extends: ['config:base']", "extends: ['config:recommended']"),
        ("extends: [':masterIssue']", "extends: [':dependencyDashboard']"),
        ("replacementNameTemplate: 'a'", "replacementName: 'a'"),
    ],
)
def test_old_options_mean_what_the_new_ones_mean(old: str, new: str) -> None:
    """In everything that the configuration says."""
    subjects = [
        Subject(manager=manager, path="apps/a", datasource="docker", package_name="x", dep_name="x", update_type=type_)
        for manager in ("kubernetes", "dockerfile")
        for type_ in (None, UpdateType.MAJOR, UpdateType.PATCH)
    ]
    before, after = _parse(f"{{{old}}}"), _parse(f"{{{new}}}")

    assert _values(before, subjects) == _values(after, subjects)
    assert (_values(before, subjects) == _values(_parse("{}"), subjects)) is (old in _DEFAULTS)


def _values(config: Config, subjects: list[Subject]) -> list[str]:
    """Everything but the origins, which differ."""
    shown = [str(config.repository), *(str(config.policy(subject)) for subject in subjects)]
    return [text.partition(" origins=")[0] for text in shown]


@pytest.mark.parametrize(
    ("matcher", "hit", "miss"),
    [
        ("matchPackagePatterns: ['^ghcr']", "ghcr.io/a", "quay.io/ghcr"),
        ("matchPackagePatterns: ['*']", "anything", None),
        ("matchPackagePrefixes: ['ghcr.io/team']", "ghcr.io/teams/a", "x/ghcr.io/team"),
        ("matchPackagePrefixes: ['a.b+c']", "a.b+cd", "aXb+c"),
        ("packagePattern: 'web$'", "a/web", "web/a"),
        ("packageName: 'web'", "web", "a/web"),
        ("excludePackageNames: ['web']", "app", "web"),
        ("excludePackagePatterns: ['^web']", "app", "web-1"),
        ("excludePackagePrefixes: ['web']", "app", "web-1"),
        ("matchPackagePatterns: ['^ghcr'], excludePackageNames: ['ghcr.io/a']", "ghcr.io/b", "ghcr.io/a"),
        ("matchPackageNames: ['a'], matchPackagePatterns: ['^b']", "bb", "c"),
        ("matchPackageNames: 'a', matchPackagePrefixes: ['b']", "a", "c"),
        ("matchPackagePrefixes: ['b'], matchPackageNames: 'a'", "a", "c"),
        ("excludedPackageNames: ['web']", "app", "web"),
    ],
)
def test_old_matchers_of_names_become_patterns(matcher: str, hit: str, miss: str | None) -> None:
    """Several ways to name packages are one list: any positive one suffices, no negative one may match."""
    config = _parse(f"{{packageRules: [{{{matcher}, labels: ['hit']}}]}}")

    for name, expected in ((hit, ("hit",)), (miss, ())):
        if name is not None:
            subject = Subject(manager="m", path="p", datasource="d", package_name=name, dep_name="n")
            assert config.policy(subject).labels == expected


@pytest.mark.parametrize(
    "matcher",
    [
        "matchPaths: ['apps/**']",
        "matchFiles: ['apps/a.yaml']",
        "paths: ['apps/**']",
        "managers: ['kubernetes']",
        "datasources: ['docker']",
        "languages: ['kubernetes']",
        "matchLanguages: ['kubernetes']",
        "matchDepPatterns: ['^w']",
        "matchDepPrefixes: ['w']",
        "excludeDepNames: ['x']",
        "excludeDepPatterns: ['x']",
        "excludeDepPrefixes: ['x']",
    ],
)
def test_other_old_matchers_have_new_names(matcher: str) -> None:
    """They match the dependency of this test."""
    assert _parse(f"{{packageRules: [{{{matcher}, labels: ['hit']}}]}}").policy(_SUBJECT).labels == ("hit",)


def test_old_matchers_of_updates_and_sources() -> None:
    """Update types, base branches and addresses of sources."""
    config = _parse(
        "{packageRules: [{updateTypes: ['minor'], labels: ['a']}, {sourceUrlPrefixes: ['https://x/'], labels: ['b']},"
        " {baseBranchList: ['main'], labels: ['c']}, {excludeRepositories: ['a/b'], labels: ['d']},"
        " {matchSourceUrlPrefixes: ['https://y/'], labels: ['e']}, {depTypeList: ['t'], labels: ['f']}]}"
    )
    subject = Subject(manager="m", path="p", datasource="d", package_name="n", dep_name="n")

    assert config.policy(structs.replace(subject, update_type=UpdateType.MINOR)).labels == ("a",)
    assert config.policy(structs.replace(subject, source_url="https://x/y")).labels == ("b",)
    assert config.policy(structs.replace(subject, base_branch="main")).labels == ("c",)
    assert config.policy(structs.replace(subject, repository="a/c")).labels == ("d",)
    assert config.policy(structs.replace(subject, source_url="https://y/z")).labels == ("e",)
    assert config.policy(structs.replace(subject, dep_type="t")).labels == ("f",)


def test_a_mistake_in_an_old_option_points_at_what_is_written() -> None:
    """Line and column are those of the old name."""
    config = parse('{\n  "packageRules": [{\n    "matchPackagePatterns": ["a", "(?!b)"]\n  }]\n}', path="c")

    assert [(problem.line, problem.column) for problem in config.problems] == [(3, 35)]
