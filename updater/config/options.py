"""The options: names, types, defaults and meaning. Loading, ``config-schema.json`` and ``docs/config.md`` follow this.

An option is a field of :class:`Policy` (it may differ from dependency to dependency), of
:class:`RepositoryOptions` (one value for the repository), or of both. The file has it in camel case. Names and
defaults are those of https://docs.renovatebot.com/configuration-options/ except where the text says "ours".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from updater.config import durations, schedule, steps
from updater.hosts import HostRule
from updater.model import Origin


class Refused(ValueError):
    """A value of the right type that cannot be used: the rule it stands in has to be left out."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


# ---------------------------------------------------------------- from what is written to what is meant


def _duration(text: str | None) -> timedelta | None:
    return (durations.parse_duration(text) if text else None) or None


def _template(text: str | None) -> str | None:
    from updater.config.templates import check_template  # here, because most configurations have no template

    if text is not None and "{{" in text:
        try:
            check_template(text)
        except ValueError as error:
            raise Refused(f"the template cannot be read: {error}") from error
    return text


def _templates(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        _template(text)
    return texts


def _regex(text: str | None) -> str | None:
    from updater.config.patterns import PatternError, compile_regex  # here, because RE2 is loaded only when needed

    try:
        if text is not None:
            compile_regex(text)
    except PatternError as error:
        raise Refused(str(error), error.hint) from error
    return text


def _range_or_regex(text: str | None) -> str | None:
    match = re.fullmatch(r"!?/(.+)/i?", text or "", re.DOTALL)
    if match:
        _regex(match[1])
    return text


def _versioning(text: str | None) -> str | None:
    if text and text.startswith("regex:"):
        _regex(text.removeprefix("regex:"))
    return text


def _step(text: str | None) -> str | None:
    try:
        steps.read_step(text)
    except ValueError as error:
        raise Refused(str(error)) from error
    return text


def _stops(texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        steps.read_stops(texts)
    except ValueError as error:
        raise Refused(str(error), "write `17.3` or `17.3.1`") from error
    return texts


def _doubtful_schedule(entries: tuple[str, ...]) -> str | None:
    wrong = [entry for entry in entries if not schedule.is_valid(entry)]
    return f"the schedule {wrong[0]!r} is not understood and counts as always open" if wrong else None


def _doubtful_timezone(name: str | None) -> str | None:
    if name is None or schedule.is_known_timezone(name):
        return None
    return f"there is no time zone {name!r}; UTC is used"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of an option besides its type and default.

    ``merges`` says that a later value is added to the earlier ones instead of replacing them. ``written`` is its
    type in the file, where that is another. ``read`` makes the value out of what is written; it raises
    ``ValueError`` for what cannot be meant and ``Refused`` for what cannot be used. ``doubt`` words a warning.
    """

    text: str
    merges: bool = False
    written: object = None
    read: Callable[[Any], object] | None = None
    doubt: Callable[[Any], str | None] | None = None
    in_file: bool = True


Texts = tuple[str, ...]
Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

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
    About(text="The time zone of `schedule`, as in `Europe/Berlin`; UTC if not set.", doubt=_doubtful_timezone),
]
Origins = Annotated[
    Mapping[str, Origin], About(text="Where each option (by field name) that anything sets was set.", in_file=False)
]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What applies to one dependency, or to one update of it, after all rules."""

    enabled: Enabled = True
    # What may be proposed
    allowed_versions: Annotated[
        str | None,
        About(
            text="Only versions within this range (in the dependency's versioning), or that this `/pattern/` finds, "
            "are proposed; `!/pattern/` excludes.",
            read=_range_or_regex,
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
    max_major_increment: Annotated[
        Count, About(text="Versions further ahead than this many majors are another numbering; 0 means no limit.")
    ] = 500
    max_step: Annotated[
        str | None,
        About(
            text="How far one update may go: `minor` is one minor version at a time, in its newest patch; `2 minors`, "
            "`major` and the like; `any`. Not set: as [the publisher demands](upgrade-paths.md). (Ours.)",
            read=_step,
        ),
    ] = None
    required_stops: Annotated[
        Texts,
        About(
            text="Versions, or the beginnings of some (`17.3`), that no update jumps over; set, they take the place of "
            "what the publisher demands. (Ours.)",
            read=_stops,
        ),
    ] = ()
    minimum_release_age: Annotated[
        timedelta | None,
        About(
            text='How old a release has to be before it is proposed, as in `"3 days"`.',
            written=str | None,
            read=_duration,
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
    # How versions are read and written
    versioning: Annotated[
        str | None,
        About(
            text="How versions are written and compared, instead of the way the manager or datasource has. "
            "`regex:<pattern>` makes one with groups `major`, `minor`, `patch`, `build`, `revision`, `prerelease` "
            "and `compatibility`.",
            read=_versioning,
        ),
    ] = None
    extract_version: Annotated[
        str | None,
        About(text="A pattern whose group `version` is the version within what the registry offers.", read=_regex),
    ] = None
    range_strategy: Annotated[
        Literal["auto", "pin", "bump", "replace", "widen", "update-lockfile", "in-range-only"],
        About(text="How a range is changed so that it admits a new version."),
    ] = "auto"
    update_pinned_dependencies: Annotated[
        bool, About(text="Whether exact versions are updated; if not, only ranges are.")
    ] = True
    pin_digests: Annotated[bool, About(text="Whether digests are written behind tags that have none.")] = False
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
        str | None, About(text="The name to show instead of the one in the file.", read=_template)
    ] = None
    override_package_name: Annotated[
        str | None, About(text="The name to ask the registry for instead of the known one.", read=_template)
    ] = None
    replacement_name: Annotated[
        str | None,
        About(
            text="The package that takes the place of this one; may be a template with `packageName`.", read=_template
        ),
    ] = None
    replacement_version: Annotated[
        str | None, About(text="The version of the replacement to begin with.", read=_template)
    ] = None
    # Which updates share a pull request
    group_name: Annotated[
        str | None, About(text="Updates with the same group name share a branch and a pull request.", read=_template)
    ] = None
    group_slug: Annotated[
        str | None,
        About(text="The group's part of the branch name; made of `groupName` if not set after it.", read=_template),
    ] = None
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
            doubt=_doubtful_schedule,
        ),
    ] = ("at any time",)
    timezone: Timezone = None
    dependency_dashboard_approval: Annotated[
        bool, About(text="Whether a branch is made only after its box on the dashboard is ticked.")
    ] = False
    pr_priority: Annotated[int, About(text="Updates with a higher number come first where limits apply.")] = 0
    # The branch
    branch_prefix: BranchPrefix = "updater/"
    additional_branch_prefix: Annotated[
        str, About(text="Comes after `branchPrefix`, as in `{{parentDir}}-`.", read=_template)
    ] = ""
    branch_topic: Annotated[
        str | None, About(text="The rest of the branch name, instead of dependency and version.", read=_template)
    ] = None
    rebase_when: Annotated[
        Literal["auto", "never", "conflicted", "behind-base-branch", "automerging"],
        About(text="When an open branch is made anew from its base; `auto` means on conflicts."),
    ] = "auto"
    recreate_when: Annotated[
        Literal["auto", "always", "never"],
        About(text="Whether an update whose pull request was closed unmerged is proposed again."),
    ] = "auto"
    # The commit and the pull request
    commit_message_prefix: Annotated[
        str | None, About(text="Comes before the subject, instead of the semantic prefix.", read=_template)
    ] = None
    commit_message_action: Annotated[
        str | None, About(text="The verb of the subject, instead of `Update` or `Pin`.", read=_template)
    ] = None
    commit_message_topic: Annotated[
        str | None, About(text="What is updated, instead of the wording for its datasource.", read=_template)
    ] = None
    commit_message_extra: Annotated[
        str | None, About(text="Where to, instead of `to` with the new version.", read=_template)
    ] = None
    commit_message_suffix: Annotated[str | None, About(text="Comes at the end of the subject.", read=_template)] = None
    commit_message_lower_case: Annotated[
        Literal["auto", "never"], About(text="Whether semantic subjects are written in lower case.")
    ] = "auto"
    semantic_commits: SemanticCommits = "auto"
    semantic_commit_type: Annotated[
        str | None, About(text="The type in semantic subjects, `chore` in `chore(deps): …`.", read=_template)
    ] = "chore"
    semantic_commit_scope: Annotated[
        str | None, About(text="The scope in semantic subjects, `deps` in `chore(deps): …`.", read=_template)
    ] = "deps"
    commit_body: Annotated[str | None, About(text="Text below the subject of the commit.", read=_template)] = None
    commit_trailers: Annotated[
        Texts, About(text="Lines such as `Co-authored-by: …` at the end of the commit.", merges=True, read=_templates)
    ] = ()
    pr_body_notes: Annotated[
        Texts, About(text="Paragraphs to show in the pull request.", merges=True, read=_templates)
    ] = ()
    labels: Annotated[Texts, About(text="Labels of the pull request.", read=_templates)] = ()
    add_labels: Annotated[
        Texts, About(text="More labels, added to those that other rules give.", merges=True, read=_templates)
    ] = ()
    assignees: Annotated[Texts, About(text="People to assign the pull request to.")] = ()
    reviewers: Annotated[
        Texts, About(text="People, or `team:name`, to ask for a review. Holds `additionalReviewers` as well.")
    ] = ()
    additional_reviewers: Annotated[
        Texts, About(text="More reviewers, added to those that other rules give.", merges=True)
    ] = ()
    draft_pr: Annotated[bool, About(text="Whether pull requests are opened as drafts.")] = False
    automerge: Annotated[
        bool, About(text="Whether the pull request is merged without a person once its checks have passed.")
    ] = False
    origins: Origins = {}


class ManagerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a block named like a manager says.

    ``file_patterns`` is None where it names no files. ``options`` are the policy options (by field name) that apply to
    everything the manager finds; :meth:`updater.config.Config.policy` has applied them already.
    """

    enabled: bool = True
    file_patterns: Texts | None = None
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
    ignore_deps: Annotated[Texts, About(text="Names of dependencies that are never updated.", merges=True)] = ()
    max_file_size: Annotated[Count, About(text="Files with more bytes than this are reported, not read. (Ours.)")] = (
        10 * 1024 * 1024
    )
    base_branch_patterns: Annotated[
        Texts,
        About(text="The branches to update: names, `/patterns/`, or `$default`; empty means the default branch."),
    ] = ()
    managers: Annotated[Mapping[str, ManagerOptions], About(text="Blocks of options by manager.", in_file=False)] = {}
    custom_managers: Annotated[
        tuple[dict[str, object], ...], About(text="Managers made of patterns.", in_file=False)
    ] = ()
    custom_manager_origins: Annotated[
        tuple[Origin, ...], About(text="Where each entry of `custom_managers` stands.", in_file=False)
    ] = ()
    host_rules: Annotated[tuple[HostRule, ...], About(text="Credentials and limits by host.", in_file=False)] = ()
    registry_aliases: RegistryAliases = {}
    # What is written
    branch_prefix: BranchPrefix = "updater/"
    branch_concurrent_limit: Annotated[
        Count | None, About(text="How many branches may be open at once; not set: `prConcurrentLimit`; 0: no limit.")
    ] = None
    pr_concurrent_limit: Annotated[
        Count, About(text="How many pull requests may be open at once; 0 means no limit.")
    ] = 10
    pr_hourly_limit: Annotated[
        Count, About(text="How many pull requests may be opened in an hour; 0 means no limit.")
    ] = 2
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
    semantic_commits: SemanticCommits = "auto"
    git_author: Annotated[str | None, About(text="The author of commits, `Name <mail@example.com>`.")] = None
    timezone: Timezone = None
    origins: Origins = {}


class HostRuleOptions(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of ``hostRules`` as it is written."""

    match_host: Annotated[
        str | None, About(text="A host, a domain that begins with a dot, or the beginning of an address.")
    ] = None
    host_type: Annotated[str | None, About(text="A datasource or forge to which the rule is limited.")] = None
    username: Annotated[str | None, About(text="The user name, together with `password`.")] = None
    password: Annotated[str | None, About(text="The password; better given by an environment variable.")] = None
    token: Annotated[str | None, About(text="A token; better given by an environment variable.")] = None
    auth_type: Annotated[str | None, About(text="The scheme to send the token with, instead of `Bearer`.")] = None
    headers: Annotated[Mapping[str, str], About(text="Headers to send.")] = {}
    timeout: Annotated[float | None, About(text="Milliseconds to wait for an answer.")] = None
    enabled: Annotated[bool | None, About(text="`false`: the host is never asked.")] = None
    insecure_registry: Annotated[bool | None, About(text="Whether the registry speaks HTTP without TLS.")] = None
    concurrent_request_limit: Annotated[Count | None, About(text="How many requests may run at once.")] = None
    max_requests_per_second: Annotated[float | None, About(text="How many requests a second may be sent.")] = None
    max_retry_after: Annotated[float | None, About(text="The longest wait, in seconds, that a host may ask for.")] = (
        None
    )


class CustomManagerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of ``customManagers`` as it is written."""

    custom_type: Annotated[str, About(text="How versions are found: by patterns (`regex`) or by paths (`yaml`).")] = (
        "regex"
    )
    manager_file_patterns: Annotated[Texts, About(text="The files to read: globs or `/patterns/` of the path.")] = ()
    paths: Annotated[Texts, About(text="`yaml`: where versions stand, such as `apps[*].image` or `**.imageTag`.")] = ()
    match_strings: Annotated[
        Texts,
        About(
            text="`regex`: RE2 patterns with groups `depName`, `packageName`, `currentValue`, `currentDigest`, "
            "`datasource`, `versioning`, `extractVersion`, `registryUrl`, `depType`."
        ),
    ] = ()
    match_strings_strategy: Annotated[
        Literal["any", "combination", "recursive"],
        About(
            text="`regex`: each match is a dependency, all make one together, or each pattern searches the match "
            "before."
        ),
    ] = "any"
    dep_name_template: Annotated[str | None, About(text="The name, where no group has it.")] = None
    package_name_template: Annotated[str | None, About(text="The name to look up, where no group has it.")] = None
    current_value_template: Annotated[str | None, About(text="`regex`: the version, where no group has it.")] = None
    current_digest_template: Annotated[str | None, About(text="`regex`: the digest, where no group has it.")] = None
    datasource_template: Annotated[str | None, About(text="The datasource, where no group has it.")] = None
    versioning_template: Annotated[str | None, About(text="The versioning, where no group has it.")] = None
    extract_version_template: Annotated[str | None, About(text="As `extractVersion`.")] = None
    registry_url_template: Annotated[str | None, About(text="The registry, where no group has it.")] = None
    dep_type_template: Annotated[str | None, About(text="The kind of dependency, where no group has it.")] = None
    auto_replace_string_template: Annotated[
        str | None, About(text="`regex`: what to write in place of the whole match.")
    ] = None


ONLY_WITH = {
    "paths": "yaml",
    **dict.fromkeys(
        (
            "matchStrings",
            "matchStringsStrategy",
            "currentValueTemplate",
            "currentDigestTemplate",
            "autoReplaceStringTemplate",
        ),
        "regex",
    ),
}
"""The options of an entry of ``customManagers`` that mean something with one ``customType`` only: option → type."""


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: ``name`` is what the file calls it, ``field`` what the structure calls it."""

    name: str
    field: str
    type: Any
    default: object
    about: About

    @property
    def written(self) -> Any:
        """Its type in the file."""
        return self.about.written or self.type

    @property
    def is_list(self) -> bool:
        """Whether it is a list of strings; a lone string may stand for one."""
        return bool(self.written == Texts)

    @property
    def choices(self) -> tuple[str, ...]:
        """The values it may have, where they are listed."""
        return get_args(self.written) if get_origin(self.written) is Literal else ()

    def convert(self, value: object) -> object:
        """What ``value``, as written, means. Raises ``ValueError`` and ``Refused``.

        Null takes back what was set before: it means "nothing" where that is possible, else the default.
        """
        if value is None and type(None) not in get_args(self.written):
            return self.default
        if self.is_list and isinstance(value, str):
            value = [value]
        meant = msgspec.convert(value, self.written)
        return self.about.read(meant) if self.about.read else meant


def camel_case(field: str) -> str:
    """The name that a file has for ``field``."""
    head, *rest = field.split("_")
    return head + "".join(part.upper() if part == "pr" and field == "draft_pr" else part.title() for part in rest)


@cache
def options_of(structure: type[msgspec.Struct]) -> Mapping[str, Option]:
    """The options that a file may set in ``structure``, by their name in the file."""
    found = (_option(structure, field) for field in msgspec.structs.fields(structure))
    return {option.name: option for option in found if option.about.in_file}


def all_options() -> Iterator[Option]:
    """Each option that may stand at the top of a file, once."""
    yield from {**options_of(RepositoryOptions), **options_of(Policy)}.values()


def _option(structure: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> Option:
    annotation: Any = structure.__annotations__[field.name]
    type_, *metadata = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    about = next(item for item in metadata if isinstance(item, About))
    others = [item for item in metadata if item is not about]
    return Option(
        name=camel_case(field.name),
        field=field.name,
        type=Annotated[(type_, *others)] if others else type_,
        default=field.default if field.default is not msgspec.NODEFAULT else field.default_factory(),
        about=about,
    )


@cache
def merging_fields() -> frozenset[str]:
    """The fields whose later values are added to the earlier ones."""
    return frozenset(option.field for option in all_options() if option.about.merges)


def plain(value: object) -> object:
    """A value as a file would have it."""
    if isinstance(value, timedelta):
        return durations.format_duration(value)
    return list(value) if isinstance(value, tuple) else value


# ---------------------------------------------------------------- words for types


def in_words(type_: Any) -> str:
    """What kind of value ``type_`` asks for, as in ``a whole number``."""
    if get_origin(type_) is Annotated:
        inner, *metadata = get_args(type_)
        bounds = next(item for item in metadata if isinstance(item, msgspec.Meta))
        limit = f"of at least {bounds.ge:g}" if bounds.le is None else f"between {bounds.ge:g} and {bounds.le:g}"
        return f"{in_words(inner)} {limit}"
    if get_origin(type_) is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in get_args(type_))
    members = [member for member in get_args(type_) if member is not type(None)]
    if type(None) in get_args(type_):
        return in_words(members[0])
    return _WORDS.get(type_) or _WORDS[get_origin(type_)]


_WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    tuple: "a list of strings",
    Mapping: "an object of strings",
    get_origin(Mapping[str, str]): "an object of strings",
}
