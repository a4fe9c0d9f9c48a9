"""The options: names, types, defaults and meaning. Loading, ``config-schema.json`` and ``docs/config.md`` follow this.

An option is a field of :class:`Policy` (it may differ from dependency to dependency), of
:class:`RepositoryOptions` (one value for the repository), or of both. The file has it in camel case. Names and
defaults are those of https://docs.renovatebot.com/configuration-options/ except where the text says "ours".
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from updater.config.entries import (
    BumpVersionOptions,
    CustomDatasourceOptions,
    EnvironmentOptions,
    FailureAction,
    ReconcilerOptions,
)
from updater.config.values import (
    About,
    Count,
    Share,
    Texts,
    branch_patterns,
    doubtful_group,
    doubtful_merging,
    doubtful_notifications,
    doubtful_schedule,
    doubtful_timezone,
    duration,
    group_options,
    length,
    range_or_regex,
    regex,
    scheme,
    step,
    stops,
    template,
    templates,
    templates_by_name,
)
from updater.hosts import HostRule
from updater.model.track import Origin

Enabled = Annotated[bool, About(text="Whether updates are made at all: of everything, or of what a rule matches.")]
BranchPrefix = Annotated[
    str,
    About(
        text="The beginning of every branch name. Ours; with `renovate/` the open branches, closed pull requests and "
        "dashboard of a Renovate that ran before are taken over."
    ),
]
RegistryAliases = Annotated[
    Mapping[str, str],
    About(text="Replaces the beginning of image and chart addresses: written form → registry to ask.", merges=True),
]
SemanticCommits = Annotated[
    Literal["auto", "enabled", "disabled"],
    About(text="Whether subjects are semantic (`chore(deps): …`); `auto` looks at the latest commits."),
]
Timezone = Annotated[
    str | None,
    About(text="The time zone of `schedule`, as in `Europe/Berlin`; UTC if not set.", doubt=doubtful_timezone),
]
OpenPulls = Annotated[Count, About(text="How many pull requests may be open at once; 0 means no limit.")]
DryRun = Literal["extract", "lookup", "full"]
OpenBranches = Annotated[
    Count | None, About(text="How many branches may be open at once; not set: `prConcurrentLimit`; 0: no limit.")
]
HourlyPulls = Annotated[Count, About(text="How many pull requests may be opened in an hour; 0 means no limit.")]
HourlyCommits = Annotated[Count, About(text="How many branches may be made or made anew in an hour; 0 means no limit.")]
Origins = Annotated[
    Mapping[str, Origin], About(text="Where each option (by field name) that anything sets was set.", in_file=False)
]
Surroundings = Annotated[
    Mapping[str, object],
    About(text="What templates may speak of beside the dependency: `repository`, `env` and the like.", in_file=False),
]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What applies to one dependency, or to one update of it, after all rules."""

    enabled: Enabled = True
    # What may be proposed
    ignore_deps: Annotated[Texts, About(text="Names of dependencies that are not updated.", merges=True)] = ()
    allowed_versions: Annotated[
        str | None,
        About(
            text="Only versions within this range (in the dependency's versioning), or that this `/pattern/` finds, "
            "are proposed; `!/pattern/` excludes.",
            read=range_or_regex,
        ),
    ] = None
    ignore_unstable: Annotated[
        bool, About(text="Whether prereleases are passed over, unless one of the same version is in use.")
    ] = True
    ignore_deprecated: Annotated[
        bool, About(text="Whether deprecated releases are passed over, unless the one in use is deprecated, too.")
    ] = True
    respect_latest: Annotated[
        bool, About(text="Whether versions above the one that the registry calls latest are passed over.")
    ] = True
    follow_tag: Annotated[
        str | None, About(text="A name such as `stable` whose version is followed instead of the highest one.")
    ] = None
    rollback_prs: Annotated[
        bool, About(text="Whether a version that its registry does not have any more is replaced by an older one.")
    ] = False
    max_major_increment: Annotated[
        Count, About(text="Versions further ahead than this many majors are another numbering; 0 means no limit.")
    ] = 500
    max_step: Annotated[
        str | None,
        About(
            text="How far one update may go: `minor` is one minor version at a time, in its newest patch; `2 minors`, "
            "`major` and the like; `any`. Not set: as [the publisher demands](upgrade-paths.md). (Ours.)",
            read=step,
        ),
    ] = None
    required_stops: Annotated[
        Texts,
        About(
            text="Versions, or the beginnings of some (`17.3`), that no update jumps over; set, they take the place of "
            "what the publisher demands. (Ours.)",
            read=stops,
        ),
    ] = ()
    constraints: Annotated[
        Mapping[str, str],
        About(
            text='What new versions have to get along with, as in `{"kubernetes": "1.31", "terraform": "1.9"}`. '
            "`kubernetes` (several clusters: `1.30 || 1.31`) always counts for charts, the rest if "
            "`constraintsFiltering` says so.",
            merges=True,
        ),
    ] = {}
    constraints_filtering: Annotated[
        Literal["none", "strict"],
        About(
            text="Whether releases that demand more than `constraints` has are passed over (`strict`); `none`: only "
            "for `kubernetes`, and for what the files of a Terraform root say of each other."
        ),
    ] = "none"
    minimum_release_age: Annotated[
        timedelta | None,
        About(
            text='How old a release has to be before it is proposed, as in `"3 days"`.',
            written=str | None,
            read=duration,
        ),
    ] = None
    minimum_release_age_behaviour: Annotated[
        Literal["timestamp-required", "timestamp-optional"],
        About(
            text="What happens where no evidence of a release's age exists: it counts as new until we have seen it "
            "for long enough (`timestamp-required`), or as old enough (`timestamp-optional`)."
        ),
    ] = "timestamp-required"
    internal_checks_filter: Annotated[
        Literal["strict", "flexible", "none"],
        About(
            text="Whether releases that are too young are held back (`strict`), proposed only where there is no "
            "older one (`flexible`), or proposed as if they were old enough (`none`)."
        ),
    ] = "strict"
    abandonment_threshold: Annotated[
        timedelta | None,
        About(
            text="How long a package may go without a release before it is listed as abandoned, where its registry "
            "tells when each release was made.",
            written=str | None,
            read=duration,
        ),
    ] = None
    # How versions are read and written
    versioning: Annotated[
        str | None,
        About(
            text="How versions are written and compared, instead of the way the manager or datasource has. "
            "`regex:<pattern>` makes one with groups `major`, `minor`, `patch`, `build`, `revision`, `prerelease` "
            "and `compatibility`.",
            read=scheme,
        ),
    ] = None
    extract_version: Annotated[
        str | None,
        About(text="A pattern whose group `version` is the version within what the registry offers.", read=regex),
    ] = None
    version_compatibility: Annotated[
        str | None,
        About(
            text="A pattern whose group `version` is the version and whose group `compatibility` is what has to stay "
            "the same, such as a variant.",
            read=regex,
        ),
    ] = None
    range_strategy: Annotated[
        Literal["auto", "pin", "bump", "replace", "widen", "update-lockfile", "in-range-only"],
        About(text="How a range is changed so that it admits a new version."),
    ] = "auto"
    update_pinned_dependencies: Annotated[
        bool, About(text="Whether exact versions are updated; if not, only ranges are.")
    ] = True
    pin_digests: Annotated[bool, About(text="Whether digests are written behind tags that have none.")] = False
    platforms: Annotated[
        Texts,
        About(
            text="The platforms of the clusters, as `linux/arm64`: an image for all of them is proposed without asking "
            "where the one in use runs; of what that has, these must not be lost. Empty: nothing may be lost. (Ours.)"
        ),
    ] = ()
    skip_artifacts_update: Annotated[
        bool, About(text="Whether lock files are left as they are when a version changes.")
    ] = False
    bump_version: Annotated[
        Literal["major", "minor", "patch", "prerelease"] | None,
        About(text="Which part of a chart's own version is raised when something in it is updated."),
    ] = None
    bump_versions: Annotated[
        tuple[BumpVersionOptions, ...], About(text="Other versions to raise with an update, by pattern.")
    ] = ()
    # Where is asked, and for what
    registry_urls: Annotated[Texts, About(text="The registries to ask, in order, instead of the known ones.")] = ()
    default_registry_urls: Annotated[
        Texts, About(text="The registries to ask where neither the file nor `registryUrls` names any.")
    ] = ()
    registry_aliases: RegistryAliases = {}
    override_datasource: Annotated[
        str | None, About(text="The datasource to ask instead of the one that the manager chose.")
    ] = None
    override_dep_name: Annotated[
        str | None, About(text="The name to show instead of the one in the file.", read=template)
    ] = None
    override_package_name: Annotated[
        str | None, About(text="The name to ask the registry for instead of the known one.", read=template)
    ] = None
    replacement_name: Annotated[
        str | None,
        About(
            text="The package that takes the place of this one; may be a template with `packageName`.", read=template
        ),
    ] = None
    replacement_version: Annotated[
        str | None, About(text="The version of the replacement to begin with.", read=template)
    ] = None
    replacement_registry_url: Annotated[
        str | None,
        About(text="The chart repository to write in the place of this one, for charts that moved. (Ours.)"),
    ] = None
    # What is told about a release
    fetch_change_logs: Annotated[
        Literal["off", "branch", "pr"],
        About(text="Whether release notes are fetched: for pull requests, for commits as well (`branch`), or never."),
    ] = "pr"
    changelog_url: Annotated[
        str | None, About(text="Where the changes are described, instead of the known place.", read=template)
    ] = None
    source_url: Annotated[
        str | None, About(text="Where the source code lives, instead of the known place.", read=template)
    ] = None
    source_directory: Annotated[
        str | None,
        About(text="The directory of the source code that the package is made from: its file of changes comes first."),
    ] = None
    # Which updates share a pull request
    group_name: Annotated[
        str | None, About(text="Updates with the same group name share a branch and a pull request.", read=template)
    ] = None
    group_slug: Annotated[
        str | None,
        About(text="The group's part of the branch name; made of `groupName` if not set after it.", read=template),
    ] = None
    group: Annotated[
        Mapping[str, Any],
        About(
            text="What holds of the pull request of a group instead, as in "
            '`{"commitMessageTopic": "{{{groupName}}} charts"}`: `branchTopic`, `commitMessage…`, `prTitle`, '
            "`semanticCommitScope`, `semanticCommitType`.",
            merges=True,
            read=group_options,
            doubt=doubtful_group,
        ),
    ] = {}
    group_single_updates: Annotated[bool, About(text="Whether a group of one update still looks like a group.")] = False
    minimum_group_size: Annotated[
        Count, About(text="A group with fewer updates than this waits, unless its branch is there already.")
    ] = 1
    separate_major_minor: Annotated[
        bool, About(text="Whether major updates get a pull request of their own beside the others.")
    ] = True
    separate_multiple_major: Annotated[
        bool, About(text="Whether each new major version gets a pull request of its own.")
    ] = False
    separate_multiple_minor: Annotated[
        bool, About(text="Whether each new minor version gets a pull request of its own.")
    ] = False
    separate_minor_patch: Annotated[
        bool, About(text="Whether patch updates get a pull request of their own beside minor ones.")
    ] = False
    # When
    schedule: Annotated[
        Texts,
        About(
            text="When new branches may be made: cron expressions or phrases such as `before 5am every weekday`; any "
            "entry that is open suffices.",
            doubt=doubtful_schedule,
        ),
    ] = ("at any time",)
    timezone: Timezone = None
    update_not_scheduled: Annotated[
        bool, About(text="Whether branches that exist are kept up to date outside of the schedule.")
    ] = True
    dependency_dashboard_approval: Annotated[
        bool, About(text="Whether a branch is made only after its box on the dashboard is ticked.")
    ] = False
    dependency_dashboard_category: Annotated[
        str | None, About(text="The heading on the dashboard under which the update is listed.", read=template)
    ] = None
    pr_creation: Annotated[
        Literal["immediate", "not-pending", "status-success", "approval"],
        About(
            text="When the branch gets its pull request: at once, when its checks have ended, when they have passed, "
            "or when the dashboard says so."
        ),
    ] = "immediate"
    pr_not_pending_hours: Annotated[Count, About(text="How long `prCreation` waits for checks that do not end.")] = 25
    pr_concurrent_limit: OpenPulls = 10
    branch_concurrent_limit: OpenBranches = None
    pr_hourly_limit: HourlyPulls = 2
    commit_hourly_limit: HourlyCommits = 0
    pr_priority: Annotated[int, About(text="Updates with a higher number come first where limits apply.")] = 0
    # The branch
    branch_prefix: BranchPrefix = "updater/"
    additional_branch_prefix: Annotated[
        str, About(text="Comes after `branchPrefix`, as in `{{parentDir}}-`.", read=template)
    ] = ""
    branch_topic: Annotated[
        str | None, About(text="The rest of the branch name, instead of dependency and version.", read=template)
    ] = None
    branch_name_strict: Annotated[
        bool, About(text="Whether branch names have nothing but letters, digits and dashes behind the prefix.")
    ] = False
    hashed_branch_length: Annotated[
        Count | None,
        About(text="How long branch names are, prefix included, when a hash takes the place of the rest."),
    ] = None
    rebase_when: Annotated[
        Literal["auto", "never", "conflicted", "behind-base-branch", "automerging"],
        About(text="When an open branch is made anew from its base; `auto` means on conflicts."),
    ] = "auto"
    rebase_label: Annotated[str, About(text="The label that asks for a branch to be made anew.")] = "rebase"
    keep_updated_label: Annotated[
        str | None, About(text="The label that asks for a branch to be kept up to date with its base.")
    ] = None
    stop_updating_label: Annotated[str, About(text="The label that asks for a branch to be left alone.")] = (
        "stop-updating"
    )
    recreate_when: Annotated[
        Literal["auto", "always", "never"],
        About(text="Whether an update whose pull request was closed unmerged is proposed again."),
    ] = "auto"
    # The commit and the pull request
    commit_message_prefix: Annotated[
        str | None, About(text="Comes before the subject, instead of the semantic prefix.", read=template)
    ] = None
    commit_message_action: Annotated[
        str | None, About(text="The verb of the subject, instead of `Update` or `Pin`.", read=template)
    ] = None
    commit_message_topic: Annotated[
        str | None, About(text="What is updated, instead of the wording for its datasource.", read=template)
    ] = None
    commit_message_extra: Annotated[
        str | None, About(text="Where to, instead of `to` with the new version.", read=template)
    ] = None
    commit_message_suffix: Annotated[str | None, About(text="Comes at the end of the subject.", read=template)] = None
    commit_message_lower_case: Annotated[
        Literal["auto", "never"], About(text="Whether semantic subjects are written in lower case.")
    ] = "auto"
    semantic_commits: SemanticCommits = "auto"
    semantic_commit_type: Annotated[
        str | None, About(text="The type in semantic subjects, `chore` in `chore(deps): …`.", read=template)
    ] = "chore"
    semantic_commit_scope: Annotated[
        str | None, About(text="The scope in semantic subjects, `deps` in `chore(deps): …`.", read=template)
    ] = "deps"
    commit_body: Annotated[str | None, About(text="Text below the subject of the commit.", read=template)] = None
    commit_body_table: Annotated[
        bool, About(text="Whether the commit lists its updates in a table below the subject.")
    ] = False
    commit_trailers: Annotated[
        Texts, About(text="Lines such as `Co-authored-by: …` at the end of the commit.", merges=True, read=templates)
    ] = ()
    pr_body_notes: Annotated[
        Texts, About(text="Paragraphs to show in the pull request.", merges=True, read=templates)
    ] = ()
    pr_title: Annotated[
        str | None, About(text="The title of the pull request, instead of the commit's subject.", read=template)
    ] = None
    pr_title_strict: Annotated[
        bool,
        About(text="Add neither the base branch nor the kind of a group's updates, as in `(major)`, to the title."),
    ] = False
    pr_header: Annotated[str | None, About(text="Text at the beginning of the pull request.", read=template)] = None
    pr_footer: Annotated[str | None, About(text="Text at the end of the pull request.", read=template)] = None
    pr_body_columns: Annotated[
        Texts, About(text="The columns of the pull request's table, instead of ours; empty ones are left out.")
    ] = ()
    pr_body_definitions: Annotated[
        Mapping[str, str],
        About(text="Columns of your own: name → template of a cell.", merges=True, read=templates_by_name),
    ] = {}
    pr_body_template: Annotated[
        str | None,
        About(
            text="What the pull request consists of, as in `{{{header}}}{{{table}}}{{{notes}}}{{{footer}}}`.",
            read=template,
        ),
    ] = None
    labels: Annotated[Texts, About(text="Labels of the pull request.", read=templates)] = ()
    add_labels: Annotated[
        Texts, About(text="More labels, added to those that other rules give.", merges=True, read=templates)
    ] = ()
    assignees: Annotated[Texts, About(text="People to assign the pull request to.")] = ()
    reviewers: Annotated[
        Texts, About(text="People, or `team:name`, to ask for a review. Holds `additionalReviewers` as well.")
    ] = ()
    additional_reviewers: Annotated[
        Texts, About(text="More reviewers, added to those that other rules give.", merges=True)
    ] = ()
    assignees_from_code_owners: Annotated[bool, About(text="Whether the owners in `CODEOWNERS` are assigned.")] = False
    reviewers_from_code_owners: Annotated[
        bool, About(text="Whether the owners in `CODEOWNERS` are asked for a review.")
    ] = False
    draft_pr: Annotated[bool, About(text="Whether pull requests are opened as drafts.")] = False
    milestone: Annotated[Count | None, About(text="The number of the milestone of the pull request.")] = None
    automerge: Annotated[
        bool, About(text="Whether the pull request is merged without a person once its checks have passed.")
    ] = False
    automerge_type: Annotated[
        Literal["branch", "pr", "pr-comment"],
        About(
            text="Whether the pull request is merged, or (`branch`) the branch without one, which then is opened only "
            "where people are needed: checks fail, or nobody may push to the base.",
            doubt=doubtful_merging,
        ),
    ] = "pr"
    automerge_strategy: Annotated[
        Literal["auto", "fast-forward", "merge-commit", "rebase", "rebase-merge", "squash"],
        About(text="How it is merged; `auto` takes what the repository allows."),
    ] = "auto"
    automerge_schedule: Annotated[
        Texts, About(text="When it may be merged, in the words of `schedule`.", doubt=doubtful_schedule)
    ] = ("at any time",)
    platform_automerge: Annotated[bool, About(text="Whether the forge is asked to merge by itself, where it can.")] = (
        True
    )
    ignore_tests: Annotated[bool, About(text="Whether it is merged although the repository has no checks.")] = False
    assign_automerge: Annotated[
        bool, About(text="Whether people are assigned and asked for reviews although it is merged without them.")
    ] = False
    internal_checks_as_success: Annotated[
        bool, About(text="Whether this tool's own checks count among those that have passed.")
    ] = False
    prune_branch_after_automerge: Annotated[bool, About(text="Whether the branch is deleted after it was merged.")] = (
        True
    )
    origins: Origins = {}
    surroundings: Surroundings = {}


class ManagerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a block named like a manager says.

    ``file_patterns`` is None where it names no files; ``ignore_paths`` and ``include_paths`` are as those of the
    repository, for this manager alone. ``options`` are the policy options (by field name) that apply to
    everything the manager finds; :meth:`updater.config.Config.policy` has applied them already.
    """

    enabled: bool = True
    file_patterns: Texts | None = None
    ignore_paths: Texts = ()
    include_paths: Texts = ()
    options: Mapping[str, object] = {}
    origin: Origin | None = None


class RepositoryOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What applies to the repository as a whole."""

    enabled: Enabled = True
    # What is read
    enabled_managers: Annotated[
        Texts, About(text="Only these managers are used, as in `argocd` or `custom.regex`; empty means all.")
    ] = ()
    include_paths: Annotated[Texts, About(text="Only files that one of these globs matches are read; empty: all.")] = ()
    ignore_paths: Annotated[
        Texts, About(text="Files whose path contains one of these texts, or matches it as a glob, are not read.")
    ] = ("**/node_modules/**", "**/bower_components/**")
    max_file_size: Annotated[Count, About(text="Files with more bytes than this are reported, not read. (Ours.)")] = (
        10 * 1024 * 1024
    )
    base_branch_patterns: Annotated[
        Texts,
        About(
            text="The branches to update: names, `/patterns/` (`!/a/`: all that it does not find), or `$default`; not "
            "set, the default branch. With several, or a pattern, their names stand in those of our branches.",
            read=branch_patterns,
        ),
    ] = ()
    use_base_branch_config: Annotated[
        Literal["none", "merge"],
        About(text="Whether a base branch's own configuration is laid on top of the default branch's (`merge`)."),
    ] = "none"
    fork_processing: Annotated[
        Literal["auto", "enabled", "disabled"],
        About(
            text="Whether a fork is updated by `run`; `auto`: where it was named. One that was discovered is updated "
            "if its configuration, or `UPDATER_CONFIG`, says `enabled`."
        ),
    ] = "auto"
    mode: Annotated[
        Literal["full", "silent"],
        About(
            text="`silent` opens nothing new unless somebody asks for it (`--branch`), and writes no dashboard and no "
            "comment; what is open is looked after."
        ),
    ] = "full"
    dry_run: Annotated[
        DryRun | None,
        About(
            text="How far a run goes that writes nothing: `extract` lists the dependencies, `lookup` the updates too, "
            "without proving that they can be had, `full` makes the whole plan. `--dry-run` comes before it."
        ),
    ] = None
    managers: Annotated[Mapping[str, ManagerOptions], About(text="Blocks of options by manager.", in_file=False)] = {}
    custom_managers: Annotated[
        tuple[dict[str, object], ...], About(text="Managers made of patterns.", in_file=False)
    ] = ()
    custom_manager_origins: Annotated[
        tuple[Origin, ...], About(text="Where each entry of `custom_managers` stands.", in_file=False)
    ] = ()
    host_rules: Annotated[tuple[HostRule, ...], About(text="Credentials and limits by host.", in_file=False)] = ()
    custom_datasources: Annotated[
        Mapping[str, CustomDatasourceOptions],
        About(text="Datasources of your own, by name; they are asked as `custom.<name>`.", merges=True),
    ] = {}
    registry_aliases: RegistryAliases = {}
    # What is written
    branch_prefix: BranchPrefix = "updater/"
    branch_prefix_old: Annotated[
        str | None, About(text="An earlier `branchPrefix`, whose branches and pull requests are known as our own.")
    ] = None
    branch_concurrent_limit: OpenBranches = None
    pr_concurrent_limit: OpenPulls = 10
    pr_hourly_limit: HourlyPulls = 2
    commit_hourly_limit: HourlyCommits = 0
    prune_stale_branches: Annotated[
        bool, About(text="Whether branches that no update asks for any more are deleted.")
    ] = True
    change_limit: Annotated[
        Share,
        About(
            text="The safety brake: the largest share of this tool's open pull requests that one run may close (four "
            "or fewer may always be closed); a plan that goes beyond is shown, but not applied. (Ours.)"
        ),
    ] = 0.5
    dependency_dashboard: Annotated[
        bool, About(text="Whether an issue lists all that is open, waiting or held back, with boxes to tick.")
    ] = False
    dependency_dashboard_title: Annotated[str, About(text="The title of that issue.")] = "Dependency Dashboard"
    dependency_dashboard_header: Annotated[
        str | None, About(text="Text at the beginning of that issue.", read=template)
    ] = None
    dependency_dashboard_footer: Annotated[str | None, About(text="Text at the end of that issue.", read=template)] = (
        None
    )
    dependency_dashboard_labels: Annotated[Texts, About(text="Labels of that issue.")] = ()
    dependency_dashboard_autoclose: Annotated[
        bool, About(text="Whether that issue is closed while it has nothing to say.")
    ] = False
    dependency_dashboard_report_abandonment: Annotated[
        bool, About(text="Whether that issue lists abandoned packages.")
    ] = True
    status_check_names: Annotated[
        Mapping[str, str | None],
        About(
            text="The names of this tool's checks on commits, by kind; null leaves a check out. `minimumReleaseAge` "
            "(`updater/release-age`): whether the releases are old enough. `artifactError` (`updater/lock-files`): "
            "whether the lock files came along. `configValidation` (`updater/config-validation`): whether the "
            "configuration that an onboarding branch would bring is valid.",
            merges=True,
        ),
    ] = {}
    status_check_when: Annotated[
        Mapping[str, str],
        About(
            text="When such a check is set, by kind: `always`, `failed` (only where it has not passed, or had not) or "
            "`never`. Lock files are spoken of on failure, the others always.",
            merges=True,
        ),
    ] = {}
    suppress_notifications: Annotated[
        Texts,
        About(
            text="What is not told: `dependencyLookupWarnings` (what could not be looked up, on the dashboard), "
            "`rollout` (what became of a merged pull request, below it; ours). Renovate's other kinds are not written.",
            merges=True,
            doubt=doubtful_notifications,
        ),
    ] = ()
    semantic_commits: SemanticCommits = "auto"
    git_author: Annotated[str | None, About(text="The author of commits, `Name <mail@example.com>`.")] = None
    git_ignored_authors: Annotated[
        Texts, About(text="Mail addresses whose commits on our branches do not make them somebody else's.")
    ] = ()
    platform_commit: Annotated[
        Literal["auto", "enabled", "disabled"],
        About(
            text="Whether commits are made through the forge's API, which can sign them, instead of pushed: `enabled` "
            "on GitHub, GitLab, Gitea and Forgejo, `auto` for GitHub Apps only."
        ),
    ] = "auto"
    timezone: Timezone = None
    # After the merge
    environments: Annotated[
        tuple[EnvironmentOptions, ...],
        About(text="Where versions run, in the order in which they get there; evident layouts are known. (Ours.)"),
    ] = ()
    reconcilers: Annotated[
        tuple[ReconcilerOptions, ...], About(text="What deploys, and how its state can be read. (Ours.)")
    ] = ()
    on_failure: Annotated[
        Mapping[str, FailureAction],
        About(
            text="What follows, by environment, when an update fails: it is said (`report`), further updates of the "
            "application wait (`freeze`), a pull request takes it back (`revert-pr`) or takes it back by itself "
            "(`revert-automerge`). (Ours.)",
            merges=True,
        ),
    ] = {}
    grace: Annotated[
        timedelta,
        About(text="How long a deployment may be unhealthy before it has failed. (Ours.)", written=str, read=length),
    ] = timedelta(minutes=10)
    horizon: Annotated[
        timedelta,
        About(text="How long merged updates are followed. (Ours.)", written=str, read=length),
    ] = timedelta(days=14)
    unhealthy_limit: Annotated[
        Share,
        About(
            text="The largest share of an environment's applications that may be unhealthy, for whatever reason, "
            "before nothing more is proposed or merged there (two or fewer may always be; 1: never). (Ours.)"
        ),
    ] = 0.5
    rollout_records: Annotated[
        Literal["comment", "deployments", "both", "none"],
        About(
            text="Where it is written what became of merged updates: in a comment below the pull request, or in the "
            "forge's records of deployments (GitHub and GitLab keep some). (Ours.)"
        ),
    ] = "comment"
    trusted_creators: Annotated[
        Texts,
        About(
            text="The accounts and apps, beside the one that this tool runs as, that are believed when they say what "
            "became of an update: in final statuses of earlier runs and, where a reconciler's `creators` are empty, in "
            "its statuses and deployments. An app's name may have `[bot]` behind it. (Ours.)"
        ),
    ] = ()
    never_revert: Annotated[
        Texts,
        About(
            text="What is never taken back automatically: `kind:crd-chart`, `update:major`, or names of packages as "
            "in `matchPackageNames`. (Ours.)",
            merges=True,
        ),
    ] = ()
    origins: Origins = {}

    @property
    def branch_prefixes(self) -> tuple[str, ...]:
        """What the names of our branches begin with: now, and earlier."""
        return (self.branch_prefix, *([self.branch_prefix_old] if self.branch_prefix_old else []))
