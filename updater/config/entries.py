"""What the entries of a configuration's lists of objects hold: host rules, custom managers, environments and so on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from updater.config.values import About, Count, Texts, readable_windows, regexes, soak_times, where_token


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

    custom_type: Annotated[
        str,
        About(text="How versions are found: by patterns (`regex`), by expressions (`jsonata`) or by paths (`yaml`)."),
    ] = "regex"
    manager_file_patterns: Annotated[Texts, About(text="The files to read: globs or `/patterns/` of the path.")] = ()
    paths: Annotated[Texts, About(text="`yaml`: where versions stand, such as `apps[*].image` or `**.imageTag`.")] = ()
    match_strings: Annotated[
        Texts,
        About(
            text="`regex`: RE2 patterns with groups `depName`, `packageName`, `currentValue`, `currentDigest`, "
            "`datasource`, `versioning`, `extractVersion`, `registryUrl`, `depType`. `jsonata`: expressions that make "
            "objects with these members."
        ),
    ] = ()
    file_format: Annotated[Literal["json", "yaml", "toml"] | None, About(text="`jsonata`: what the files are.")] = None
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


class CustomDatasourceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """A datasource of one's own: a member of ``customDatasources``, asked as ``custom.<its name>``."""

    default_registry_url_template: Annotated[
        str | None, About(text="The address to ask, where no registry is given; a template with `packageName`.")
    ] = None
    format: Annotated[
        Literal["json", "yaml", "toml", "plain", "html"],
        About(text="What the answer is: a document, lines of versions (`plain`), or links to files (`html`)."),
    ] = "json"
    transform_templates: Annotated[
        Texts, About(text="JSONata expressions that make `{releases: [{version: …}]}` of the answer, in order.")
    ] = ()


class BumpVersionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of ``bumpVersions``: a version of the repository's own that an update raises as well."""

    name: Annotated[str | None, About(text="What messages call this entry.")] = None
    bump_type: Annotated[
        str | None, About(text="Which part is raised: `major`, `minor`, `patch` or `prerelease`; may be a template.")
    ] = None
    file_patterns: Annotated[Texts, About(text="The files to change: globs or `/patterns/` of the path.")] = ()
    match_strings: Annotated[
        Texts, About(text="RE2 patterns whose group `version` is the version to raise.", read=regexes)
    ] = ()


class EnvironmentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """An environment: an entry of ``environments``."""

    name: Annotated[str, About(text="What it is called, as in `production`.")] = ""
    paths: Annotated[Texts, About(text="The files that belong to it: globs or `/patterns/` of the path.")] = ()
    after: Annotated[
        str | None,
        About(text="The environment that has to run a version healthily before this one is offered it."),
    ] = None
    soak: Annotated[
        Mapping[str, timedelta],
        About(
            text='How long it has to run there: one length of time, or one by type of update, as in `{"patch": '
            '"24h", "minor": "3d"}`.',
            written=str | Mapping[str, str],
            read=soak_times,
        ),
    ] = {}
    windows: Annotated[
        Texts,
        About(
            text="When it may be changed, as in `Mon-Thu 09:00-16:00 Europe/Berlin`; empty: at any time.",
            read=readable_windows,
        ),
    ] = ()
    automerge: Annotated[
        Texts, About(text="The types of update that are merged here without a person, as in `patch`.")
    ] = ()
    unpaired: Annotated[
        Literal["direct", "hold"],
        About(
            text="What to do with a dependency that the environment in `after` does not have: offer it new versions "
            "directly, or hold them."
        ),
    ] = "direct"


class ReconcilerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What deploys the repository: an entry of ``reconcilers``."""

    type: Annotated[Literal["argocd", "flux", "atlantis"] | None, About(text="Which program it is.")] = None
    name: Annotated[str | None, About(text="What it is called in commit statuses and reports.")] = None
    via: Annotated[
        Literal["status", "api", "kubernetes"],
        About(
            text="How its state is read: from the commit statuses that it leaves on the forge, through its own API, or "
            "from its objects in the cluster."
        ),
    ] = "status"
    url: Annotated[str | None, About(text="The address of its API, or of the cluster's.")] = None
    token: Annotated[
        str | None,
        About(
            text="The variable that holds the token for it, as in `env:ARGOCD_TOKEN`; its name begins with "
            "`ARGOCD_`, `KUBERNETES_` or `UPDATER_RECONCILER_`.",
            read=where_token,
        ),
    ] = None
    creators: Annotated[
        Texts,
        About(
            text="`status`: the accounts and apps whose commit statuses and deployments are believed, by name; empty: "
            "those of `trustedCreators`."
        ),
    ] = ()
    context: Annotated[str | None, About(text="`kubernetes`: the context of the kubeconfig to use.")] = None
    namespaces: Annotated[Texts, About(text="`kubernetes`: the namespaces to look into; empty: all.")] = ()
    environments: Annotated[Texts, About(text="The environments that it deploys; empty: all.")] = ()


FailureAction = Literal["report", "freeze", "revert-pr", "revert-automerge"]
"""What may follow when an update fails in its environment."""


ONLY_WITH: Mapping[str, tuple[str, ...]] = {
    "paths": ("yaml",),
    "fileFormat": ("jsonata",),
    "matchStringsStrategy": ("regex",),
    "autoReplaceStringTemplate": ("regex",),
    **dict.fromkeys(("matchStrings", "currentValueTemplate", "currentDigestTemplate"), ("regex", "jsonata")),
}
"""The options of an entry of ``customManagers`` that mean something with some values of ``customType`` only."""
