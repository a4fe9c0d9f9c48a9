"""Every option: what it changes in a plan, and how far it reaches.

A new option fails here until it has a row, or a test of its own that is named.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers.helm import HelmRepository, index_of
from tests.servers.pages import PagedRegistry
from updater import git
from updater.config.options import Policy, RepositoryOptions
from updater.config.table import options_of
from updater.model.forge import CheckState, PullRequestState, Status
from updater.model.plan import Branch, Plan
from updater.platforms.local import LocalPlatform

HOST, MIRROR, CHARTS, OTHER = "registry.test", "mirror.test", "charts.test", "other.test"
TAGS = {
    "team/api": ["1.0.0", "1.0.1", "1.1.0", "1.2.0-rc.1", "2.0.0", "3.0.0"],
    "team/web": ["1.0.0", "1.1.0"],
    "team/odd": ["release-1.0.0", "release-1.1.0"],
}
SUNDAY_NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

Json = Mapping[str, object]
Look = Callable[[Plan], object]


def _pod(*images: str) -> str:
    return "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n" + "".join(f"    - image: {image}\n" for image in images)


FILES = {
    "apps/production/api.yaml": _pod(f"{HOST}/team/api:1.0.0"),
    "apps/staging/web.yaml": _pod(f"{HOST}/team/web:1.0.0"),
    "tests/web.yaml": _pod(f"{HOST}/team/web:1.0.0"),
    "mirrored/pod.yaml": _pod(f"{MIRROR}/proxy/team/web:1.0.0"),
    "odd/pod.yaml": _pod(f"{HOST}/team/odd:1.0.0") + "# renovate: datasource=helm depName=inner\nversion: 1.0.0\n",
    "argo/podinfo.yaml": (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
        f"    repoURL: https://{CHARTS}\n    chart: podinfo\n    targetRevision: ^6.0.0\n"
    ),
}


# ---------------------------------------------------------------- what to look at


def versions(name: str) -> Look:
    """The versions that are offered for a dependency."""
    return lambda plan: sorted({each.offer.version for each in plan.updates if name in each.tracked.name})


def values(name: str) -> Look:
    """What would stand in the file."""
    return lambda plan: sorted({str(each.offer.new_value) for each in plan.updates if name in each.tracked.name})


def branches(name: str) -> Look:
    """The names of its branches, less the prefix."""
    return lambda plan: sorted(each.name.removeprefix("updater/") for each in _of(plan, name))


def titles(name: str) -> Look:
    return lambda plan: sorted(each.title for each in _of(plan, name))


def bodies(name: str, part: str) -> Look:
    """Whether its pull requests say something."""
    return lambda plan: {part in each.body for each in _of(plan, name)}


def labels(name: str) -> Look:
    return lambda plan: sorted({label for each in _of(plan, name) for label in each.labels})


def people(name: str, role: str) -> Look:
    """Who is asked by its pull requests, and the milestone."""
    return lambda plan: sorted({each for branch in _of(plan, name) for each in _listed(getattr(branch, role))})


def _listed(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def messages(name: str, part: str) -> Look:
    """Whether its commits say something."""
    return lambda plan: {part in each.message for each in _of(plan, name)}


def own_checks(name: str) -> Look:
    """What this tool says of the commits of its branches."""
    return lambda plan: sorted({said.context for each in plan.actions if name in each.name for said in each.statuses})


def abandoned(plan: Plan) -> object:
    """What nobody releases any more."""
    return sorted({each.tracked.name for each in plan.abandoned})


def drafts(name: str) -> Look:
    return lambda plan: {each.draft for each in _of(plan, name)}


def reasons(name: str) -> Look:
    """Why its branches are not made now."""
    wanted = f"{name}-"
    return lambda plan: sorted({each.reason.partition(";")[0] for each in plan.actions if wanted in each.name})


def order(*names: str) -> Look:
    """In which order the branches of some dependencies come."""

    def look(plan: Plan) -> list[str]:
        found = [name for each in plan.branches for name in names if _is_of(each, name)]
        return list(dict.fromkeys(found))

    return look


def actions(name: str) -> Look:
    """What happens to the branches of a dependency."""
    wanted = f"{name.replace('/', '-')}-"
    return lambda plan: [str(each.kind) for each in plan.actions if wanted in each.name]


def kinds(plan: Plan) -> object:
    """How many branches are made, and how many wait."""
    return {kind: sum(each.kind == kind for each in plan.actions) for kind in ("create", "hold")}


def files(plan: Plan) -> object:
    """The files in which something is managed."""
    return sorted({each.dependency.path for each in plan.dependencies})


def identity(name: str) -> Look:
    """In whose name commits are made."""
    return lambda plan: getattr(plan.identity, name)


def board(*names: str) -> Look:
    """How the dashboard is to be; None where there is none."""
    return lambda plan: attrgetter(*names)(plan.dashboard) if plan.dashboard is not None else None


def change_limit(plan: Plan) -> object:
    return plan.change_limit


def _of(plan: Plan, name: str) -> list[Branch]:
    return [each for each in plan.branches if _is_of(each, name)]


def _is_of(branch: Branch, name: str) -> bool:
    return any(name in each.tracked.name for each in branch.updates)


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, kw_only=True)
class Case:
    """``value`` is set beside what ``beside`` sets; ``look`` sees ``before`` become ``after``."""

    value: object
    look: Look
    before: object
    after: object
    beside: Json = field(default_factory=dict)
    clock: datetime = LATER


API, WEB = "team/api", "team/web"
_ALL = ["1.1.0", "2.0.0"]
_MINOR = [f"{HOST}-team-api-1.x", f"{HOST}-team-api-3.x"]
_TITLES = [f"Update {HOST}/team/api Docker tag to v1.1.0", f"Update {HOST}/team/api Docker tag to v3"]
_ONE = [f"Update {HOST}/team/web Docker tag to v1.1.0"]
_SEMANTIC: Json = {"semanticCommits": "enabled"}
_BOARD: Json = {"dependencyDashboard": True}
_GROUP: Json = {"groupName": "all of it"}

CASES: Mapping[str, Case] = {
    "enabled": Case(value=False, look=versions(API), before=["1.1.0", "3.0.0"], after=[]),
    "allowedVersions": Case(value="<2", look=versions(API), before=["1.1.0", "3.0.0"], after=["1.1.0"]),
    "ignoreUnstable": Case(value=False, look=versions(API), before=["1.1.0", "3.0.0"], after=["1.2.0-rc.1", "3.0.0"]),
    "maxMajorIncrement": Case(value=1, look=versions(API), before=["1.1.0", "3.0.0"], after=["1.1.0", "2.0.0"]),
    "maxStep": Case(value="major", look=versions(API), before=["1.1.0", "3.0.0"], after=["1.1.0", "2.0.0"]),
    "versioning": Case(value="exact", look=versions(API), before=["1.1.0", "3.0.0"], after=[]),
    "extractVersion": Case(value="^release-(?<version>.+)$", look=versions("team/odd"), before=[], after=["1.1.0"]),
    "registryUrls": Case(value=[f"https://{OTHER}"], look=versions("podinfo"), before=["7.1.0"], after=["9.0.0"]),
    "defaultRegistryUrls": Case(value=[f"https://{OTHER}"], look=versions("inner"), before=[], after=["1.1.0"]),
    "overrideDatasource": Case(value="helm", look=versions(API), before=["1.1.0", "3.0.0"], after=[]),
    "rangeStrategy": Case(value="bump", look=values("podinfo"), before=["^7.0.0"], after=["^6.5.0", "^7.1.0"]),
    "updatePinnedDependencies": Case(value=False, look=versions(API), before=["1.1.0", "3.0.0"], after=[]),
    "registryAliases": Case(
        value={f"{MIRROR}/proxy": HOST}, look=versions("proxy/team/web"), before=[], after=["1.1.0"]
    ),
    "overrideDepName": Case(
        value="my-{{depName}}",
        look=titles(API),
        before=_TITLES,
        after=[title.replace(HOST, f"my-{HOST}") for title in _TITLES],
    ),
    "overridePackageName": Case(
        value=f"{HOST}/team/web", look=versions(API), before=["1.1.0", "3.0.0"], after=["1.1.0"]
    ),
    "groupName": Case(value="all of it", look=branches(WEB), before=[f"{HOST}-team-web-1.x"], after=["all-of-it"]),
    "groupSlug": Case(value="slug", look=branches(WEB), before=["all-of-it"], after=["slug"], beside=_GROUP),
    "group": Case(
        value={"branchTopic": "as-{{groupSlug}}"},
        look=branches(WEB),
        before=["all-of-it"],
        after=["as-all-of-it"],
        beside=_GROUP,
    ),
    "groupSingleUpdates": Case(
        value=True,
        look=titles(WEB),
        before=_ONE,
        after=["Update just one"],
        beside={"packageRules": [{"matchPackageNames": [f"{HOST}/team/web"], "groupName": "just one"}]},
    ),
    "minimumGroupSize": Case(
        value=9, look=reasons("team-web"), before=["new"], after=["its group has fewer than 9 updates"]
    ),
    "separateMajorMinor": Case(value=False, look=versions(API), before=["1.1.0", "3.0.0"], after=["3.0.0"]),
    "separateMultipleMajor": Case(
        value=True, look=versions(API), before=["1.1.0", "3.0.0"], after=["1.1.0", "2.0.0", "3.0.0"]
    ),
    "separateMultipleMinor": Case(
        value=True, look=versions(API), before=["1.1.0", "3.0.0"], after=["1.0.1", "1.1.0", "3.0.0"]
    ),
    "separateMinorPatch": Case(
        value=True, look=versions(API), before=["1.1.0", "3.0.0"], after=["1.0.1", "1.1.0", "3.0.0"]
    ),
    "schedule": Case(
        value="* * * * 1",
        look=reasons("team-web"),
        before=["new"],
        after=["outside its schedule (* * * * 1) until 2026-11-23 00:00 UTC"],
        clock=SUNDAY_NIGHT,
    ),
    "timezone": Case(
        value="Europe/Berlin",
        look=reasons("team-web"),
        before=["outside its schedule (* * * * 1) until 2026-11-23 00:00 UTC"],
        after=["new"],
        beside={"schedule": "* * * * 1"},
        clock=SUNDAY_NIGHT,
    ),
    "dependencyDashboardApproval": Case(
        value=True,
        look=reasons("team-web"),
        before=["new"],
        after=["it awaits approval (dependencyDashboardApproval): tick its box on the dashboard"],
    ),
    "prPriority": Case(
        value=5,
        look=order("podinfo", WEB),
        before=["podinfo", WEB],
        after=[WEB, "podinfo"],
        beside={"packageRules": [{"matchDepNames": ["podinfo"], "prPriority": 1}]},
    ),
    "branchPrefix": Case(
        value="renovate/",
        look=branches(WEB),
        before=[f"{HOST}-team-web-1.x"],
        after=[f"renovate/{HOST}-team-web-1.x"],
    ),
    "additionalBranchPrefix": Case(
        value="{{manager}}-",
        look=branches(WEB),
        before=[f"{HOST}-team-web-1.x"],
        after=[f"kubernetes-{HOST}-team-web-1.x"],
    ),
    "branchTopic": Case(
        value="to-{{newVersion}}", look=branches(WEB), before=[f"{HOST}-team-web-1.x"], after=["to-1.1.0"]
    ),
    "branchNameStrict": Case(
        value=True, look=branches(WEB), before=[f"{HOST}-team-web-1.x"], after=["registry-test-team-web-1-x"]
    ),
    "hashedBranchLength": Case(
        value=20,
        look=branches(WEB),
        before=[f"{HOST}-team-web-1.x"],
        after=[hashlib.sha512(b"registry.test-team-web-1.x").hexdigest()[:12]],
    ),
    "commitMessagePrefix": Case(value="deps:", look=titles(WEB), before=_ONE, after=[f"deps: {_ONE[0]}"]),
    "commitMessageAction": Case(value="Bump", look=titles(WEB), before=_ONE, after=[_ONE[0].replace("Update", "Bump")]),
    "commitMessageTopic": Case(value="it", look=titles(WEB), before=_ONE, after=["Update it to v1.1.0"]),
    "commitMessageExtra": Case(
        value="up to {{newVersion}}", look=titles(WEB), before=_ONE, after=[_ONE[0].replace("to v1", "up to 1")]
    ),
    "commitMessageSuffix": Case(value="[bot]", look=titles(WEB), before=_ONE, after=[f"{_ONE[0]} [bot]"]),
    "commitMessageLowerCase": Case(
        value="never",
        look=titles(WEB),
        before=[f"chore(deps): {_ONE[0].lower()}"],
        after=[f"chore(deps): {_ONE[0]}"],
        beside=_SEMANTIC,
    ),
    "semanticCommits": Case(value="enabled", look=titles(WEB), before=_ONE, after=[f"chore(deps): {_ONE[0].lower()}"]),
    "semanticCommitType": Case(
        value="fix",
        look=titles(WEB),
        before=[f"chore(deps): {_ONE[0].lower()}"],
        after=[f"fix(deps): {_ONE[0].lower()}"],
        beside=_SEMANTIC,
    ),
    "semanticCommitScope": Case(
        value=None,
        look=titles(WEB),
        before=[f"chore(deps): {_ONE[0].lower()}"],
        after=[f"chore: {_ONE[0].lower()}"],
        beside=_SEMANTIC,
    ),
    "prBodyNotes": Case(value=["mind the gap"], look=bodies(WEB, "mind the gap"), before={False}, after={True}),
    "prHeader": Case(value="from above", look=bodies(WEB, "from above"), before={False}, after={True}),
    "prFooter": Case(value="from below", look=bodies(WEB, "from below"), before={False}, after={True}),
    "prBodyTemplate": Case(value="{{{header}}}", look=bodies(WEB, "What happens next"), before={True}, after={False}),
    "prBodyColumns": Case(
        value=["Package", "Owner"],
        look=bodies(WEB, "| Owner |"),
        before={False},
        after={True},
        beside={"prBodyDefinitions": {"Owner": "team a"}},
    ),
    "prBodyDefinitions": Case(
        value={"Owner": "team a"},
        look=bodies(WEB, "team a"),
        before={False},
        after={True},
        beside={"prBodyColumns": ["Package", "Owner"]},
    ),
    "prTitle": Case(value="{{depName}}!", look=titles(WEB), before=_ONE, after=[f"{HOST}/team/web!"]),
    "prTitleStrict": Case(
        value=True,
        look=titles(API),
        before=["Update all (major)", "Update all to v1.1.0"],
        after=["Update all", "Update all to v1.1.0"],
        beside={"groupName": "all", "groupSingleUpdates": True},
    ),
    "labels": Case(value=["one"], look=labels(WEB), before=[], after=["one"]),
    "addLabels": Case(value=["two"], look=labels(WEB), before=[], after=["two"]),
    "assignees": Case(value=["@ann"], look=people(WEB, "assignees"), before=[], after=["ann"]),
    "reviewers": Case(value=["bob"], look=people(WEB, "reviewers"), before=[], after=["bob"]),
    "additionalReviewers": Case(
        value=["eve"],
        look=people(WEB, "reviewers"),
        before=["bob"],
        after=["bob", "eve"],
        beside={"reviewers": ["bob"]},
    ),
    "milestone": Case(value=3, look=people(WEB, "milestone"), before=[], after=["3"]),
    "draftPR": Case(value=True, look=drafts(WEB), before={False}, after={True}),
    "enabledManagers": Case(value=["argocd"], look=files, before=sorted(FILES), after=["argo/podinfo.yaml"]),
    "includePaths": Case(value=["argo/**"], look=files, before=sorted(FILES), after=["argo/podinfo.yaml"]),
    "ignorePaths": Case(
        value=["apps/", "odd/**", "mirrored/"],
        look=files,
        before=sorted(FILES),
        after=["argo/podinfo.yaml", "tests/web.yaml"],
    ),
    "ignoreDeps": Case(value=[f"{HOST}/team/api"], look=versions(API), before=["1.1.0", "3.0.0"], after=[]),
    "maxFileSize": Case(value=10, look=files, before=sorted(FILES), after=[]),
    "prHourlyLimit": Case(value=1, look=kinds, before={"create": 4, "hold": 0}, after={"create": 1, "hold": 3}),
    "branchConcurrentLimit": Case(value=1, look=kinds, before={"create": 4, "hold": 0}, after={"create": 1, "hold": 3}),
    "prConcurrentLimit": Case(value=1, look=kinds, before={"create": 4, "hold": 0}, after={"create": 1, "hold": 3}),
    "commitHourlyLimit": Case(value=1, look=kinds, before={"create": 4, "hold": 0}, after={"create": 1, "hold": 3}),
    "prCreation": Case(value="not-pending", look=actions(WEB), before=["create"], after=["prepare"]),
    "automerge": Case(value=True, look=bodies(WEB, "It is merged by itself"), before={False}, after={True}),
    "automergeSchedule": Case(
        value="* 0-3 * * 1",
        look=bodies(WEB, "* 0-3 * * 1"),
        before={False},
        after={True},
        beside={"automerge": True},
    ),
    "automergeType": Case(
        value="branch", look=actions(WEB), before=["create"], after=["prepare"], beside={"automerge": True}
    ),
    "gitAuthor": Case(value="Bot <bot@example.com>", look=identity("email"), before=None, after="bot@example.com"),
    "gitIgnoredAuthors": Case(value=["ci@example.com"], look=identity("ignored"), before=(), after=("ci@example.com",)),
    "platformCommit": Case(value="disabled", look=identity("signing"), before="auto", after="disabled"),
    "dependencyDashboard": Case(value=True, look=board("title"), before=None, after="Dependency Dashboard"),
    "dependencyDashboardTitle": Case(
        value="Updates", look=board("title"), before="Dependency Dashboard", after="Updates", beside=_BOARD
    ),
    "dependencyDashboardHeader": Case(
        value="from above", look=board("style.header"), before=None, after="from above", beside=_BOARD
    ),
    "dependencyDashboardFooter": Case(
        value="from below", look=board("style.footer"), before=None, after="from below", beside=_BOARD
    ),
    "dependencyDashboardLabels": Case(value=["bot"], look=board("labels"), before=(), after=("bot",), beside=_BOARD),
    "dependencyDashboardAutoclose": Case(
        value=True, look=board("closes_when_idle"), before=False, after=True, beside=_BOARD
    ),
    "dependencyDashboardReportAbandonment": Case(
        value=False, look=board("style.tells_abandoned"), before=True, after=False, beside=_BOARD
    ),
    "abandonmentThreshold": Case(value="1 year", look=abandoned, before=[], after=["podinfo"]),
    "commitBodyTable": Case(
        value=True, look=messages(WEB, "docker      registry.test/team/web  1.0.0  1.1.0"), before={False}, after={True}
    ),
    "mode": Case(
        value="silent",
        look=reasons("team-web"),
        before=["new"],
        after=["nothing is opened that nobody asked for (mode: silent)"],
    ),
    "statusCheckNames": Case(
        value={"minimumReleaseAge": "age"},
        look=own_checks("podinfo"),
        before=["updater/release-age"],
        after=["age"],
        beside={"minimumReleaseAge": "1 day"},
    ),
    "statusCheckWhen": Case(
        value={"minimumReleaseAge": "never"},
        look=own_checks("podinfo"),
        before=["updater/release-age"],
        after=[],
        beside={"minimumReleaseAge": "1 day"},
    ),
    "changeLimit": Case(value=0.1, look=change_limit, before=0.5, after=0.1),
}

ELSEWHERE: Mapping[str, str] = {
    "assignAutomerge": "tests/core/test_publish.py",
    "assigneesFromCodeOwners": "tests/core/test_group.py",
    "reviewersFromCodeOwners": "tests/flow/test_people.py",
    "automergeStrategy": "tests/core/test_publish.py",
    "environments": "tests/flow/test_promotion.py",
    "grace": "tests/flow/test_promotion.py::test_a_failure_counts_after_the_grace_time",
    "horizon": "tests/flow/test_verify.py::test_merged_updates_are_followed_so_long",
    "unhealthyLimit": "tests/flow/test_health.py",
    "rolloutRecords": "tests/flow/test_verify_forges.py",
    "trustedCreators": "tests/flow/test_trust.py",
    "neverRevert": "tests/flow/test_promotion.py::test_some_things_are_never_taken_back",
    "onFailure": "tests/flow/test_promotion.py",
    "ignoreTests": "tests/core/test_publish.py",
    "internalChecksAsSuccess": "tests/core/test_publish.py",
    "keepUpdatedLabel": "tests/flow/test_options.py::test_labels_of_pull_requests_say_what_is_to_be_done",
    "platformAutomerge": "tests/core/test_publish.py",
    "prNotPendingHours": "tests/flow/test_options.py::test_checks_that_do_not_end_are_waited_for_so_long",
    "pruneStaleBranches": "tests/flow/test_options.py::test_branches_that_nothing_asks_for_stay_if_told_so",
    "rebaseLabel": "tests/flow/test_options.py::test_labels_of_pull_requests_say_what_is_to_be_done",
    "reconcilers": "tests/flow/test_verify.py",
    "stopUpdatingLabel": "tests/flow/test_options.py::test_labels_of_pull_requests_say_what_is_to_be_done",
    "updateNotScheduled": "tests/core/test_publish.py",
    "forkProcessing": "tests/flow/test_forges.py::test_forks_are_updated_where_they_are_asked_for",
    "sourceDirectory": "tests/flow/test_material.py::test_changes_are_read_where_the_package_is_made",
    "branchPrefixOld": "tests/flow/test_options.py::test_branches_of_an_earlier_prefix_keep_their_names",
    "dependencyDashboardCategory": "tests/flow/test_dashboard.py::test_categories_are_headings_within_sections",
    "pruneBranchAfterAutomerge": "tests/flow/test_options.py::test_merged_branches_are_deleted_unless_told_otherwise",
    "suppressNotifications": "tests/flow/test_dashboard.py::test_what_could_not_be_looked_up_may_be_left_out",
    "baseBranchPatterns": "tests/flow/test_bases.py::test_patterns_name_branches",
    "useBaseBranchConfig": "tests/flow/test_bases.py::test_a_base_may_have_a_configuration_of_its_own",
    "bumpVersion": "tests/flow/test_helm_lock.py",
    "bumpVersions": "tests/flow/test_helm_lock.py",
    "changelogUrl": "tests/core/test_pull_request.py::test_the_page_with_the_changes_may_be_another",
    "commitBody": "tests/flow/test_options.py::test_commits_say_what_they_are_told_to",
    "commitTrailers": "tests/flow/test_options.py::test_commits_say_what_they_are_told_to",
    "constraints": "tests/core/test_constraints.py",
    "constraintsFiltering": "tests/core/test_constraints.py",
    "platforms": "tests/core/test_vet_platforms.py",
    "dryRun": "tests/flow/test_dry_run.py",
    "customDatasources": "tests/flow/test_custom_datasource.py",
    "fetchChangeLogs": "tests/flow/test_material.py",
    "followTag": "tests/core/test_version_options.py",
    "ignoreDeprecated": "tests/core/test_decide.py::test_deprecated_releases_count_if_they_are_wanted",
    "internalChecksFilter": "tests/core/test_vet_age.py",
    "minimumReleaseAge": "tests/flow/test_evidence.py",
    "minimumReleaseAgeBehaviour": "tests/core/test_vet_age.py",
    "pinDigests": "tests/flow/test_pins.py",
    "recreateWhen": "tests/flow/test_options.py::test_what_was_declined_comes_again_only_if_asked_for",
    "rebaseWhen": "tests/core/test_publish.py",
    "replacementName": "tests/core/test_replacements.py",
    "replacementRegistryUrl": "tests/core/test_replacements.py",
    "replacementVersion": "tests/core/test_replacements.py",
    "requiredStops": "tests/core/test_ladders.py",
    "respectLatest": "tests/core/test_version_options.py",
    "rollbackPrs": "tests/core/test_version_options.py",
    "sourceUrl": "tests/core/test_pull_request.py::test_the_source_may_be_elsewhere",
    "skipArtifactsUpdate": "tests/core/test_track.py",
    "versionCompatibility": "tests/core/test_version_options.py",
}
"""Options whose effect needs other surroundings: the test, or the file of tests, that shows it."""

OPTIONS = {**options_of(RepositoryOptions), **options_of(Policy)}
_FOR_ALL = sorted(set(CASES) & (set(options_of(RepositoryOptions)) - set(options_of(Policy))))
_BY_RULE = sorted(
    set(CASES)
    & set(options_of(Policy)) - {"branchConcurrentLimit", "commitHourlyLimit", "prConcurrentLimit", "prHourlyLimit"}
)


@pytest.fixture(scope="module")
def servers() -> Iterator[Mapping[str, str]]:
    charts = HelmRepository(index_of({"podinfo": ["7.1.0", "6.5.0", "6.0.0"]}))
    others = HelmRepository(index_of({"podinfo": ["9.0.0", "6.0.0"], "inner": ["1.1.0", "1.0.0"]}))
    with PagedRegistry(TAGS) as registry, charts, others:
        nowhere = dict.fromkeys(("charts.example.com", "github.com", "api.github.com"), others.url)
        yield {HOST: registry.url, MIRROR: registry.url, CHARTS: charts.url, OTHER: others.url, **nowhere}


Planned = Callable[..., object]


@pytest.fixture
def bot(servers: Mapping[str, str]) -> Bot:
    return Bot(routes=servers, environment={})


async def _plan(bot: Bot, place: Path, configuration: Json, clock: datetime) -> Plan:
    plan = await replace(bot, clock=clock).plan(_repository(place, configuration))
    assert set(plan.requests) <= set(bot.routes), "somebody else's host was asked"
    return plan


def _repository(place: Path, configuration: Json) -> LocalPlatform:
    place.mkdir(exist_ok=True)
    for path, text in {
        **FILES,
        "renovate.json": json.dumps({"prHourlyLimit": 0, "fetchChangeLogs": "off", **configuration}),
    }.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    if not git.is_repository(place):
        git.init(place, "main")
    git.commit_all(place, "Deploy\n", author=git.BOT, date=int(LATER.timestamp()))
    return LocalPlatform(place)


def _with_rule(beside: Json, rule: Json) -> Json:
    """The rule after those that there are."""
    rules = beside.get("packageRules", [])
    assert isinstance(rules, list)
    return {**beside, "packageRules": [*rules, rule]}


def test_every_option_has_its_row() -> None:
    """Or another test that shows its effect."""
    assert {*CASES, *ELSEWHERE} == set(OPTIONS)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_tests_elsewhere_are_there(name: str) -> None:
    """They speak of the option. Whether they miss it, `python -m benchmarks.lost_options` finds out."""
    file, _, test = ELSEWHERE[name].partition("::")
    text = (Path(__file__).parents[2] / file).read_text()
    assert name in text or OPTIONS[name].field in text
    assert f"def {test}(" in text or not test


@pytest.mark.parametrize("name", CASES)
async def test_an_option_changes_the_plan(name: str, bot: Bot, tmp_path: Path) -> None:
    """Set at the top of the file."""
    case = CASES[name]
    before = await _plan(bot, tmp_path / "before", case.beside, case.clock)
    after = await _plan(bot, tmp_path / "after", {**case.beside, name: case.value}, case.clock)

    assert (case.look(before), case.look(after)) == (case.before, case.after)
    assert case.before != case.after


@pytest.mark.parametrize("name", _BY_RULE)
async def test_an_option_of_dependencies_reaches_as_far_as_its_rule(name: str, bot: Bot, tmp_path: Path) -> None:
    """In a rule for everything it does the same; in one for other files, nothing."""
    case = CASES[name]
    everywhere = _with_rule(case.beside, {"matchPackageNames": ["*"], name: case.value})
    nowhere = _with_rule(case.beside, {"matchFileNames": ["other/**"], name: case.value})

    assert case.look(await _plan(bot, tmp_path / "everywhere", everywhere, case.clock)) == case.after
    assert case.look(await _plan(bot, tmp_path / "nowhere", nowhere, case.clock)) == case.before


@pytest.mark.parametrize("name", _FOR_ALL)
async def test_an_option_of_the_repository_means_nothing_in_a_rule(name: str, bot: Bot, tmp_path: Path) -> None:
    """It is warned about there, and changes nothing."""
    case = CASES[name]
    rule = _with_rule(case.beside, {"matchPackageNames": ["*"], name: case.value})
    plan = await _plan(bot, tmp_path / "rule", rule, case.clock)

    assert case.look(plan) == case.before
    assert any(f'"{name}" has no effect inside a package rule' in each.message for each in plan.problems)


@pytest.mark.parametrize(
    ("matcher", "offered"),
    [
        ({"matchCurrentAge": "> 1 year"}, []),
        ({"matchCurrentAge": "< 1 year"}, ["1.1.0"]),
        ({"matchJsonata": ["isBreaking = false and currentVersionAgeInDays > 365"]}, []),
        ({"matchJsonata": ["newVersion = '1.1.0'"]}, []),
        ({"matchIsBreaking": True}, ["1.1.0"]),
        ({"matchIsBreaking": False}, []),
    ],
)
async def test_rules_look_at_what_the_registry_has_answered(
    matcher: Json, offered: list[str], bot: Bot, tmp_path: Path
) -> None:
    """At the age of the version in use, and at whether the new one may break something."""
    rule = {"matchDepNames": ["inner"], **matcher, "enabled": False}
    configuration = {"defaultRegistryUrls": [f"https://{OTHER}"], "packageRules": [rule]}
    plan = await _plan(bot, tmp_path / "repository", configuration, LATER)

    assert versions("inner")(plan) == offered


async def test_commits_say_what_they_are_told_to(bot: Bot, tmp_path: Path) -> None:
    """``commitBody`` below the subject, ``commitTrailers`` at the end."""
    place = tmp_path / "repository"
    configuration = {"commitBody": "On behalf of the team.", "commitTrailers": ["Team: a"]}
    platform = _repository(place, configuration)
    await bot.run(platform)
    (ref,) = git.refs(git.locate(place)[0], "refs/heads/updater/registry.test-team-web-1.x")
    subject, body, trailers = git.message(git.locate(place)[0], ref.commit).strip().split("\n\n")

    assert (subject, body) == (_ONE[0], "On behalf of the team.")
    assert trailers.startswith("Team: a\n")


_NOBODY = {"matchFileNames": ["other/**"]}


@pytest.mark.parametrize(
    ("option", "label", "changes", "expected"),
    [
        ({}, None, True, "refresh"),
        ({"stopUpdatingLabel": "hands off"}, "hands off", True, "leave"),
        ({"stopUpdatingLabel": "hands off"}, "stop-updating", True, "refresh"),
        ({"packageRules": [{**_NOBODY, "stopUpdatingLabel": "hands off"}]}, "hands off", True, "refresh"),
        ({}, None, False, "leave"),
        ({"rebaseLabel": "again"}, "again", False, "refresh"),
        ({"rebaseLabel": "again"}, "rebase", False, "leave"),
        ({"packageRules": [{**_NOBODY, "rebaseLabel": "again"}]}, "again", False, "leave"),
        ({"keepUpdatedLabel": "fresh"}, "fresh", False, "refresh"),
        ({"packageRules": [{**_NOBODY, "keepUpdatedLabel": "fresh"}]}, "fresh", False, "leave"),
    ],
)
async def test_labels_of_pull_requests_say_what_is_to_be_done(
    option: Json, label: str | None, *, changes: bool, expected: str, bot: Bot, tmp_path: Path
) -> None:
    """To leave one alone whatever ``changes``, to make it anew, or to keep it up to date with a base that moved."""
    place = tmp_path / "repository"
    platform = _repository(place, {})
    await bot.run(platform)
    (pull,) = [each for each in platform.pull_requests("updater/") if each.title == _ONE[0]]
    platform.edit_labels(pull, add=[label] if label else [])
    (place / "README").write_text("The base moves.\n")

    plan = await bot.plan(_repository(place, {**option, **({"prHeader": "news"} if changes else {})}))
    assert _kinds_of_web(plan) == [expected]


async def test_branches_that_nothing_asks_for_stay_if_told_so(bot: Bot, tmp_path: Path) -> None:
    """``pruneStaleBranches``; else they are closed."""
    place = tmp_path / "repository"
    await bot.run(_repository(place, {}))
    gone: Json = {"ignoreDeps": [f"{HOST}/team/web"]}

    assert _kinds_of_web(await bot.plan(_repository(place, gone))) == ["close"]
    assert "close" not in _kinds_of_web(await bot.plan(_repository(place, {**gone, "pruneStaleBranches": False})))


@pytest.mark.parametrize(("hours", "expected"), [(1, "create"), (48, "hold")])
async def test_checks_that_do_not_end_are_waited_for_so_long(
    hours: int, expected: str, bot: Bot, tmp_path: Path
) -> None:
    """``prNotPendingHours``, with a ``prCreation`` that waits for checks."""
    place = tmp_path / "repository"
    configuration: Json = {"prCreation": "not-pending", "prNotPendingHours": hours}
    await bot.run(_repository(place, configuration))
    platform = LocalPlatform(place, clock=lambda: LATER)
    running = Status(context="build", state=CheckState.PENDING)
    for ref in git.refs(git.locate(place)[0], "refs/heads/updater/"):
        platform.set_status(ref.commit, running)
    later = replace(bot, clock=LATER + timedelta(hours=24))

    assert _kinds_of_web(await later.plan(LocalPlatform(place))) == [expected]


async def test_what_was_declined_comes_again_only_if_asked_for(bot: Bot, tmp_path: Path) -> None:
    """``recreateWhen: always``; else a closed pull request is an answer."""
    place = tmp_path / "repository"
    platform = _repository(place, {})
    await bot.run(platform)
    (pull,) = [each for each in platform.pull_requests("updater/") if each.title == _ONE[0]]
    platform.close_pull_request(pull, comment="No.")

    assert _kinds_of_web(await bot.plan(platform)) == ["hold"]
    assert _kinds_of_web(await bot.plan(_repository(place, {"recreateWhen": "always"}))) == ["create"]


def _kinds_of_web(plan: Plan) -> list[str]:
    return [str(each.kind) for each in plan.actions if "team-web" in each.name]


async def test_what_is_asked_for_is_opened_in_silence(bot: Bot, tmp_path: Path) -> None:
    """``mode: silent`` with ``--branch``; what is open then is looked after, and there is no dashboard."""
    place, name = tmp_path / "repository", f"updater/{HOST}-team-web-1.x"
    platform = _repository(place, {"mode": "silent", "dependencyDashboard": True})
    plan, outcomes = await bot.run(platform, forced=(name,))

    assert [outcome.action.name for outcome in outcomes] == [name]
    assert plan.dashboard is None
    (place / "tests/web.yaml").unlink()
    changed = _repository(place, {"mode": "silent", "ignorePaths": ["tests/"], "prHeader": "news"})
    assert _kinds_of_web(await bot.plan(changed)) == ["refresh"]


@pytest.mark.parametrize(
    ("option", "stays"),
    [
        ({}, False),
        ({"pruneBranchAfterAutomerge": False}, True),
        ({"packageRules": [{**_NOBODY, "pruneBranchAfterAutomerge": False}]}, False),
        ({"packageRules": [{"matchPackageNames": ["*"], "pruneBranchAfterAutomerge": False}]}, True),
    ],
)
async def test_merged_branches_are_deleted_unless_told_otherwise(
    option: Json, *, stays: bool, bot: Bot, tmp_path: Path
) -> None:
    """``pruneBranchAfterAutomerge``; the pull request counts as merged all the same."""
    place = tmp_path / "repository"
    platform = _repository(place, {"automerge": True, "ignoreTests": True, **option})
    await bot.run(platform)
    await bot.run(platform)
    (pull,) = [each for each in platform.pull_requests("updater/") if each.title == _ONE[0]]

    assert pull.state is PullRequestState.MERGED
    assert (pull.branch in platform.branch_names()) == stays


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("old/", [("old", "leave")]),
        (None, [("new", "create")]),
        ("older/", [("new", "create")]),
    ],
)
async def test_branches_of_an_earlier_prefix_keep_their_names(
    old: str | None, expected: list[tuple[str, str]], bot: Bot, tmp_path: Path
) -> None:
    """``branchPrefixOld``: what is open under it stays as it is; without it, it is nothing that this tool knows."""
    place = tmp_path / "repository"
    await bot.run(_repository(place, {"branchPrefix": "old/"}))
    plan = await bot.plan(_repository(place, {"branchPrefix": "new/", "branchPrefixOld": old}))
    actions = [(each.name.partition("/")[0], str(each.kind)) for each in plan.actions if "team-web" in each.name]

    assert actions == expected


@pytest.mark.parametrize(("old", "expected"), [("old/", ["hold"]), (None, ["create"])])
async def test_what_was_declined_under_an_earlier_prefix_stays_declined(
    old: str | None, expected: list[str], bot: Bot, tmp_path: Path
) -> None:
    """``branchPrefixOld`` holds for closed pull requests whose branch is gone; new branches get the new prefix."""
    place = tmp_path / "repository"
    platform = _repository(place, {"branchPrefix": "old/"})
    await bot.run(platform)
    for remote in platform.branches("old/", "main"):
        platform.delete_branches({remote.name: remote.commit})
    plan = await bot.plan(_repository(place, {"branchPrefix": "new/", "branchPrefixOld": old}))

    assert [each.name for each in plan.actions if "team-web" in each.name] == [f"new/{HOST}-team-web-1.x"]
    assert _kinds_of_web(plan) == expected


async def test_an_earlier_prefix_in_a_rule_means_nothing(bot: Bot, tmp_path: Path) -> None:
    """``branchPrefixOld`` is the repository's."""
    rule = {"matchPackageNames": ["*"], "branchPrefixOld": "old/"}
    plan = await bot.plan(_repository(tmp_path / "repository", {"packageRules": [rule]}))

    assert any('"branchPrefixOld" has no effect inside a package rule' in each.message for each in plan.problems)
