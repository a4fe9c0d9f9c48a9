"""The presets that ``extends`` may name: data, by the names that https://docs.renovatebot.com/presets-config/ has.

What a preset sets is our own; where Renovate's of the same name covers packages that this tool does not update, that
part is left out. ``{{arg0}}`` stands for the first argument, as in ``:label(dependencies)``.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from updater.config.json5 import Array, Object
from updater.config.replacements import MOVES, ON_REQUEST
from updater.config.vocabulary import words


class Preset(NamedTuple):
    """What a preset does, in a sentence, and the options that do it."""

    text: str
    config: Mapping[str, object]


_NAME = re.compile(r"(?P<name>[^()]+?)(?:\((?P<arguments>.*)\))?", re.DOTALL)
_ARGUMENT = re.compile(r"\{\{arg([0-9])\}\}")


def parse_name(written: str) -> tuple[str, tuple[str, ...]]:
    """The name in an entry of ``extends``, and its arguments."""
    match = _NAME.fullmatch(written.strip())
    if match is None:
        return written, ()
    arguments = match["arguments"]
    return current_name(match["name"]), tuple(part.strip() for part in arguments.split(",")) if arguments else ()


def current_name(name: str) -> str:
    """What a preset (without arguments) is called now."""
    name = re.sub(r"^default(?=:)", "", name)
    name = re.sub(r"^regexManagers(?=:)", "customManagers", name)
    return RENAMED.get(name, name)


def is_inert(name: str) -> bool:
    """Whether the preset is about things that do not exist here, so that it has no effect and needs no warning."""
    return name not in PRESETS and (
        name in _INERT or name.startswith(_INERT_FAMILIES) or (name.startswith("group:") and name.endswith("Monorepo"))
    )


def sets_options_only(name: str) -> bool:
    """Whether what an inert preset would bring is no matcher and no rule, so that a rule without it is still itself."""
    return name in _OPTIONS_ONLY or name.startswith(("compatibility:", "customManagers:", "npm:", "preview:"))


def is_unsupported(name: str) -> bool:
    """Whether Renovate has the preset, but what it does cannot be done here. It sets options, and nothing else."""
    return name.startswith((":enableVulnerabilityAlerts", ":maintainLockFiles"))


def fill(value: object, arguments: tuple[str, ...]) -> object:
    """``value`` with the arguments of the preset put in; places are kept where they are known."""
    if isinstance(value, str):
        return _ARGUMENT.sub(lambda match: _argument(match, arguments), value)
    if isinstance(value, Object):
        result = Object()
        for key, member in value.items():
            result.put(key, fill(member, arguments), value.offsets.get(key))
        return result
    if isinstance(value, Mapping):
        return {key: fill(member, arguments) for key, member in value.items()}
    if isinstance(value, list):
        return _filled_list(value, arguments)
    return value


def _filled_list(elements: list[object], arguments: tuple[str, ...]) -> list[object]:
    """The elements that the arguments leave something of."""
    filled = [(fill(element, arguments), element) for element in elements]
    kept = [index for index, (after, before) in enumerate(filled) if after != "" or before == ""]
    if not isinstance(elements, Array):
        return [filled[index][0] for index in kept]
    result = Array()
    result.extend(filled[index][0] for index in kept)
    result.offsets.extend(elements.offsets[index] for index in kept)
    return result


def _argument(match: re.Match[str], arguments: tuple[str, ...]) -> str:
    index = int(match[1])
    return arguments[index] if index < len(arguments) else ""


# ---------------------------------------------------------------- the data


def _rule(**options: object) -> dict[str, object]:
    return {"packageRules": [options]}


def _group(name: str, slug: str, *rules: Mapping[str, object]) -> dict[str, object]:
    return {"packageRules": [{**rule, "groupName": name, "groupSlug": slug} for rule in rules]}


def _annotated(files: list[str], value: str, comment: str = "#") -> dict[str, object]:
    """A manager for values below a comment that says what they are."""
    annotation = (
        rf"{comment} *(?:renovate|updater): *datasource=(?P<datasource>[\w.-]+) +"
        r"(?:depName=(?P<depName>\S+))(?: +packageName=(?P<packageName>\S+))?(?: +versioning=(?P<versioning>\S+))?"
        r"(?: +extractVersion=(?P<extractVersion>\S+))?(?: +registryUrl=(?P<registryUrl>\S+))?[ \t]*\r?\n"
    )
    return {
        "customManagers": [
            {"customType": "regex", "managerFilePatterns": files, "matchStrings": [annotation + value]},
        ]
    }


_EVERYTHING = ["*"]
_UNINTERESTING = (
    "node_modules", "bower_components", "vendor", "examples", "__tests__", "test", "tests", "__fixtures__",
)  # fmt: skip
_NIGHT, _MONDAY, _FIRST = "* 0-3 * * *", "* 0-3 * * 1", "* 0-3 1 * *"
_VALUE = r"[\"']?(?P<currentValue>[^\s\"']+)[\"']?"
_QUOTED = r"\"(?P<currentValue>[^\"\s]+)\""

_CONFIG = {
    "config:recommended": Preset(
        "A good beginning: the dashboard, semantic subjects where the history has them, images followed to where "
        "they moved, and no files of tests, examples or vendored code.",
        {
            "extends": [
                ":dependencyDashboard",
                ":semanticPrefixFixDepsChoreOthers",
                ":ignoreModulesAndTests",
                "group:recommended",
                "replacements:all",
                "workarounds:all",
            ]
        },
    ),
    "config:best-practices": Preset(
        "The recommended beginning, with images and actions pinned to digests.",
        {"extends": ["config:recommended", "docker:pinDigests", "helpers:pinGitHubActionDigests"]},
    ),
    "config:semverAllMonthly": Preset(
        "The recommended beginning, with everything in one pull request a month.",
        {"extends": ["config:recommended", "group:all", "schedule:monthly"]},
    ),
    "config:semverAllWeekly": Preset(
        "The recommended beginning, with everything in one pull request a week.",
        {"extends": ["config:recommended", "group:all", "schedule:weekly"]},
    ),
}

_MERGING = {
    ":automergeAll": Preset("Merges every update whose checks pass.", {"automerge": True}),
    ":automergeDisabled": Preset("Merges nothing without a person.", {"automerge": False}),
    ":automergeMajor": Preset("Merges major updates whose checks pass.", {"major": {"automerge": True}}),
    ":automergeMinor": Preset(
        "Merges minor, patch and pin updates whose checks pass.",
        {"minor": {"automerge": True}, "patch": {"automerge": True}, "pin": {"automerge": True}},
    ),
    ":automergePatch": Preset(
        "Merges patch and pin updates whose checks pass, apart from minor ones.",
        {"separateMinorPatch": True, "patch": {"automerge": True}, "pin": {"automerge": True}},
    ),
    ":automergeDigest": Preset("Merges digest updates whose checks pass.", {"digest": {"automerge": True}}),
    ":automergeStableNonMajor": Preset(
        "Merges minor and patch updates of what has reached 1.0.",
        _rule(matchUpdateTypes=["minor", "patch"], matchCurrentVersion="!/^v?0/", automerge=True),
    ),
    ":automergeBranch": Preset("What is merged needs no pull request.", {"automergeType": "branch"}),
    ":automergePr": Preset("What is merged has a pull request.", {"automergeType": "pr"}),
    ":automergeRequireAllStatusChecks": Preset("Nothing is merged without checks.", {"ignoreTests": False}),
    ":skipStatusChecks": Preset("What is merged needs no checks.", {"ignoreTests": True}),
    ":prImmediately": Preset("Pull requests at once.", {"prCreation": "immediate"}),
    ":prNotPending": Preset("Pull requests after their checks have ended.", {"prCreation": "not-pending"}),
    ":updateNotScheduled": Preset("Branches are kept up to date at any time.", {"updateNotScheduled": True}),
    ":noUnscheduledUpdates": Preset("Branches rest outside of the schedule.", {"updateNotScheduled": False}),
    ":skipArtifactsUpdate": Preset("Lock files stay as they are.", {"skipArtifactsUpdate": True}),
    ":renovatePrefix": Preset("Branches begin with `renovate/`.", {"branchPrefix": "renovate/"}),
    ":pathSemanticCommitType": Preset(
        "A type in the semantic subjects of some files.",
        _rule(matchFileNames=["{{arg0}}"], semanticCommitType="{{arg1}}"),
    ),
    "abandonments:recommended": Preset(
        "Packages without a release for a year count as abandoned.", {"abandonmentThreshold": "1 year"}
    ),
}

_SHAPE = {
    ":separateMajorReleases": Preset("Major updates apart from others.", {"separateMajorMinor": True}),
    ":combinePatchMinorReleases": Preset("Patch and minor updates together.", {"separateMinorPatch": False}),
    ":separatePatchReleases": Preset("Patch updates apart from minor ones.", {"separateMinorPatch": True}),
    ":separateMultipleMajorReleases": Preset("Each major version apart.", {"separateMultipleMajor": True}),
    ":separateMultipleMinorReleases": Preset("Each minor version apart.", {"separateMultipleMinor": True}),
    ":label": Preset("One label.", {"labels": ["{{arg0}}"]}),
    ":labels": Preset("Two labels.", {"labels": ["{{arg0}}", "{{arg1}}"]}),
    ":assignee": Preset("One person to assign.", {"assignees": ["{{arg0}}"]}),
    ":assignees": Preset("Two people to assign.", {"assignees": ["{{arg0}}", "{{arg1}}"]}),
    ":reviewer": Preset("One reviewer.", {"reviewers": ["{{arg0}}"]}),
    ":reviewers": Preset("Two reviewers.", {"reviewers": ["{{arg0}}", "{{arg1}}"]}),
    ":assignAndReview": Preset(
        "One person to assign and to review.", {"extends": [":assignee({{arg0}})", ":reviewer({{arg0}})"]}
    ),
    ":timezone": Preset("The time zone of schedules.", {"timezone": "{{arg0}}"}),
    ":semanticCommits": Preset("Semantic subjects.", {"semanticCommits": "enabled"}),
    ":semanticCommitsDisabled": Preset("No semantic subjects.", {"semanticCommits": "disabled"}),
    ":semanticCommitType": Preset("The type in semantic subjects.", {"semanticCommitType": "{{arg0}}"}),
    ":semanticCommitTypeAll": Preset(
        "The type in semantic subjects, over that of other presets.",
        _rule(matchPackageNames=_EVERYTHING, semanticCommitType="{{arg0}}"),
    ),
    ":semanticCommitScope": Preset("The scope in semantic subjects.", {"semanticCommitScope": "{{arg0}}"}),
    ":semanticCommitScopeDisabled": Preset("No scope in semantic subjects.", {"semanticCommitScope": None}),
    ":semanticPrefixChore": Preset("`chore` in semantic subjects.", {"semanticCommitType": "chore"}),
    ":semanticPrefixFix": Preset("`fix` in semantic subjects.", {"semanticCommitType": "fix"}),
    ":semanticPrefixFixDepsChoreOthers": Preset(
        "`chore` in semantic subjects: nothing in a GitOps repository is the runtime dependency of a library.",
        {"semanticCommitType": "chore"},
    ),
    ":gitSignOff": Preset("A sign-off below each commit.", {"commitBody": "Signed-off-by: {{{gitAuthor}}}"}),
    ":rebaseStalePrs": Preset("Branches are kept up to date with their base.", {"rebaseWhen": "behind-base-branch"}),
    ":autodetectRebases": Preset("Branches are made anew when they conflict.", {"rebaseWhen": "auto"}),
}

_PINNING = {
    ":pinVersions": Preset("Exact versions instead of ranges.", {"rangeStrategy": "pin"}),
    ":pinDigest": Preset(
        "A digest behind the tag of one package.", _rule(matchPackageNames=["{{arg0}}"], pinDigests=True)
    ),
    ":pinDigestsDisabled": Preset("No digests behind tags.", {"pinDigests": False}),
    ":preserveSemverRanges": Preset("Ranges stay ranges.", {"rangeStrategy": "replace"}),
    ":autodetectPinVersions": Preset("Ranges are changed as fits the file.", {"rangeStrategy": "auto"}),
    ":doNotPinPackage": Preset(
        "One package keeps its range.", _rule(matchPackageNames=["{{arg0}}"], rangeStrategy="replace")
    ),
    "docker:pinDigests": Preset(
        "Digests behind the tags of images, except where charts are meant.",
        {
            "packageRules": [
                {"matchDatasources": ["docker"], "pinDigests": True},
                {
                    "matchDatasources": ["docker"],
                    "matchManagers": ["argocd", "devcontainer", "helmv3", "pyenv"],
                    "pinDigests": False,
                },
            ]
        },
    ),
    "docker:enableMajor": Preset(
        "Major updates of images.", _rule(matchDatasources=["docker"], matchUpdateTypes=["major"], enabled=True)
    ),
    "docker:disableMajor": Preset(
        "No major updates of images.", _rule(matchDatasources=["docker"], matchUpdateTypes=["major"], enabled=False)
    ),
    "docker:disable": Preset("No updates of images.", _rule(matchDatasources=["docker"], enabled=False)),
    "helpers:pinGitHubActionDigests": Preset(
        "Commit ids in place of the tags of GitHub actions.", _rule(matchDepTypes=["action"], pinDigests=True)
    ),
    "helpers:pinGitHubActionDigestsToSemver": Preset(
        "Commit ids in place of the tags of GitHub actions, of full versions only.",
        _rule(
            matchDepTypes=["action"],
            pinDigests=True,
            extractVersion=r"^(?P<version>v?\d+\.\d+\.\d+)$",
            versioning=r"regex:^v?(?P<major>\d+)(?:\.(?P<minor>\d+)\.(?P<patch>\d+))?$",
        ),
    ),
}

_LIMITS = {
    ":prHourlyLimitNone": Preset("Any number of pull requests an hour.", {"prHourlyLimit": 0}),
    **{
        f":prHourlyLimit{limit}": Preset(f"At most {limit} new pull requests an hour.", {"prHourlyLimit": limit})
        for limit in (1, 2, 4)
    },
    ":prConcurrentLimitNone": Preset("Any number of open pull requests.", {"prConcurrentLimit": 0}),
    **{
        f":prConcurrentLimit{limit}": Preset(f"At most {limit} open pull requests.", {"prConcurrentLimit": limit})
        for limit in (10, 20)
    },
    ":disableRateLimiting": Preset("No limits on pull requests.", {"prHourlyLimit": 0, "prConcurrentLimit": 0}),
    ":enableRenovate": Preset("Updates are made.", {"enabled": True}),
    ":disableRenovate": Preset("No updates are made.", {"enabled": False}),
    ":disableMajorUpdates": Preset("No major updates.", {"major": {"enabled": False}}),
    ":disableDigestUpdates": Preset("No digest updates.", {"digest": {"enabled": False}}),
    ":disableHost": Preset("One host is never asked.", {"hostRules": [{"matchHost": "{{arg0}}", "enabled": False}]}),
    ":disableDomain": Preset(
        "One domain is never asked.", {"hostRules": [{"matchHost": "{{arg0}}", "enabled": False}]}
    ),
    ":disableDependencyDashboard": Preset("No dashboard.", {"dependencyDashboard": False}),
    ":dependencyDashboard": Preset("An issue with everything that is open or waiting.", {"dependencyDashboard": True}),
    ":dependencyDashboardApproval": Preset(
        "Nothing is opened before its box on the dashboard is ticked.",
        {"dependencyDashboard": True, "dependencyDashboardApproval": True},
    ),
    ":approveMajorUpdates": Preset(
        "Major updates wait for their box on the dashboard.",
        {
            "dependencyDashboard": True,
            "packageRules": [{"matchUpdateTypes": ["major"], "dependencyDashboardApproval": True}],
        },
    ),
    ":ignoreUnstable": Preset("Prereleases are passed over.", {"ignoreUnstable": True}),
    ":respectLatest": Preset("Nothing above what the registry calls latest.", {"respectLatest": True}),
    ":followTag": Preset("One package follows a tag.", _rule(matchPackageNames=["{{arg0}}"], followTag="{{arg1}}")),
    ":includeNodeModules": Preset("Vendored code is read as well.", {"ignorePaths": []}),
    ":ignoreModulesAndTests": Preset(
        "No files of tests, examples or vendored code.",
        {"ignorePaths": [f"**/{directory}/**" for directory in _UNINTERESTING]},
    ),
    "security:only-security-updates": Preset(
        "No updates but those against vulnerabilities, which this tool does not know: none at all.",
        _rule(matchPackageNames=_EVERYTHING, enabled=False),
    ),
}

_SCHEDULES = {
    "schedule:daily": Preset("Before 4 in the morning.", {"schedule": [_NIGHT]}),
    "schedule:weekly": Preset("Before 4 on Monday mornings.", {"schedule": [_MONDAY]}),
    "schedule:earlyMondays": Preset("Before 4 on Monday mornings.", {"schedule": [_MONDAY]}),
    "schedule:monthly": Preset("Before 4 on the first day of the month.", {"schedule": [_FIRST]}),
    "schedule:quarterly": Preset("Before 4 on the first day of the quarter.", {"schedule": ["* 0-3 1 1,4,7,10 *"]}),
    "schedule:yearly": Preset("Before 4 on the first day of the year.", {"schedule": ["* 0-3 1 1 *"]}),
    "schedule:weekdays": Preset("From Monday to Friday.", {"schedule": ["* * * * 1-5"]}),
    "schedule:weekends": Preset("On Saturday and Sunday.", {"schedule": ["* * * * 0,6"]}),
    "schedule:officeHours": Preset("From 8 to 18 on weekdays.", {"schedule": ["* 8-17 * * 1-5"]}),
    "schedule:nonOfficeHours": Preset(
        "In the nights and on weekends.", {"schedule": ["* 0-4,22-23 * * 1-5", "* * * * 0,6"]}
    ),
}

_AUTOMERGE_SCHEDULES = {
    f"schedule:automerge{name[9:10].upper()}{name[10:]}": Preset(
        f"What is merged without a person is merged so: {preset.text[0].lower()}{preset.text[1:]}",
        {"automergeSchedule": preset.config["schedule"]},
    )
    for name, preset in _SCHEDULES.items()
}

_GROUPS = {
    "group:all": Preset(
        "Everything in one pull request.",
        {
            "separateMajorMinor": False,
            **_group("all dependencies", "all", {"matchPackageNames": _EVERYTHING}),
        },
    ),
    "group:allNonMajor": Preset(
        "All minor and patch updates in one pull request.",
        _group(
            "all non-major dependencies",
            "all-minor-patch",
            {"matchPackageNames": _EVERYTHING, "matchUpdateTypes": ["minor", "patch"]},
        ),
    ),
    "group:allDigest": Preset(
        "All digest updates in one pull request.",
        _group("all digest updates", "all-digest", {"matchPackageNames": _EVERYTHING, "matchUpdateTypes": ["digest"]}),
    ),
}

_ISTIO_CHARTS = "https://istio-release.storage.googleapis.com/**"
_GROUP_NAMES = {"argocd": "argo-cd", "prometheus": "prometheus stack", "grafana": "grafana stack"}
_GROUP_SLUGS = {"argocd": "argo-cd", "prometheus": "prometheus-stack", "grafana": "grafana-stack"}
_PROJECTS: Mapping[str, tuple[str, list[str]]] = {
    "argocd": ("Argo CD", ["argo-cd", "argoproj/argo-cd", "**/argoproj/argocd", "**/argo-helm/argo-cd"]),
    "argo-rollouts": ("Argo Rollouts", ["argo-rollouts", "argoproj/argo-rollouts", "**/argoproj/argo-rollouts"]),
    "argo-workflows": (
        "Argo Workflows",
        ["argo-workflows", "argoproj/argo-workflows", "**/argoproj/{workflow-controller,argocli,argoexec}"],
    ),
    "cert-manager": ("cert-manager", ["cert-manager", "cert-manager/*", "**/jetstack/{,**/}cert-manager*"]),
    "cilium": ("Cilium", ["cilium", "cilium/*", "**/cilium/**"]),
    "cloudnative-pg": ("CloudNativePG", ["cloudnative-pg", "cloudnative-pg/*", "**/cloudnative-pg/**"]),
    "crossplane": ("Crossplane", ["crossplane", "crossplane/crossplane", "**/crossplane/crossplane"]),
    "external-dns": ("ExternalDNS", ["external-dns", "kubernetes-sigs/external-dns", "**/external-dns/external-dns"]),
    "external-secrets": (
        "External Secrets Operator",
        ["external-secrets", "external-secrets/**", "**/external-secrets/**"],
    ),
    "flux": ("Flux", ["flux2", "fluxcd/**", "**/fluxcd/**", "flux-operator", "**/controlplaneio-fluxcd/**"]),
    "grafana": (
        "Grafana, Loki, Mimir, Tempo and Alloy",
        ["grafana", "loki", "loki-*", "mimir-distributed", "tempo", "tempo-*", "alloy", "grafana/*", "**/grafana/**"],
    ),
    "ingress-nginx": ("Ingress NGINX", ["ingress-nginx", "kubernetes/ingress-nginx", "**/ingress-nginx/**"]),
    "istio": ("Istio", ["istiod", "istio/**", "**/istio/**", "**/istio-release/**"]),
    "keda": ("KEDA", ["keda", "kedacore/*", "**/kedacore/**"]),
    "kyverno": ("Kyverno", ["kyverno", "kyverno-policies", "kyverno/*", "**/kyverno/**"]),
    "linkerd": ("Linkerd", ["linkerd-*", "linkerd2", "linkerd/*", "**/linkerd/**"]),
    "longhorn": ("Longhorn", ["longhorn", "longhorn/*", "longhornio/**", "**/longhornio/**"]),
    "metallb": ("MetalLB", ["metallb", "metallb/*", "**/metallb/**"]),
    "prometheus": (
        "The Prometheus stack",
        [
            "kube-prometheus-stack", "prometheus", "prometheus-*", "alertmanager", "prom/*",
            "prometheus/**", "**/prometheus/**", "**/prometheus-operator/**", "**/prometheus-community/**",
        ],
    ),
    "rook": ("Rook", ["rook-ceph", "rook-ceph-cluster", "rook/*", "**/rook/**"]),
    "traefik": ("Traefik", ["traefik", "traefik/*", "**/traefik/**"]),
    "vault": ("HashiCorp Vault", ["vault", "hashicorp/vault", "hashicorp/vault-*", "**/hashicorp/vault*"]),
    "velero": ("Velero", ["velero", "velero/*", "vmware-tanzu/velero", "**/velero/**"]),
}  # fmt: skip
"""Projects whose chart, images and manifests belong together: the group, the project, and the names of its parts."""

_PROJECT_GROUPS = {
    f"group:{name}": Preset(
        f"{title}: chart, images and manifests in one pull request. (Ours.)",
        _group(_GROUP_NAMES.get(name, name), _GROUP_SLUGS.get(name, name), {"matchPackageNames": patterns}),
    )
    for name, (title, patterns) in _PROJECTS.items()
}
_PROJECT_GROUPS["group:istio"] = Preset(
    _PROJECT_GROUPS["group:istio"].text,
    _group(
        "istio",
        "istio",
        {"matchPackageNames": _PROJECTS["istio"][1]},
        {"matchDatasources": ["helm"], "matchRegistryUrls": [_ISTIO_CHARTS]},
    ),
)
_PROJECT_GROUPS["group:gitops"] = Preset(
    "Charts, images and manifests of one project in one pull request: all of the groups that are ours.",
    {"extends": [f"group:{name}" for name in _PROJECTS]},
)

_MOVES = {
    "replacements:all": Preset("Packages that moved.", {"extends": [f"replacements:{name}" for name in MOVES]}),
    **{
        f"replacements:{name}": Preset(move.text, {"packageRules": list(move.rules)})
        for name, move in (*MOVES.items(), *ON_REQUEST.items())
    },
}

_ANNOTATIONS = {
    "customManagers:azurePipelinesVersions": Preset(
        "Annotated variables in Azure pipelines.",
        _annotated(
            ["/(^|/)\\.?azuredevops/.+\\.ya?ml$/", "/(^|/)azure.*pipelines?.*\\.ya?ml$/"],
            r"(?: *- name: +\S+\r?\n)? *(?:value|\w+): *" + _VALUE,
            " *#",
        ),
    ),
    "customManagers:bitbucketPipelinesVersions": Preset(
        "Annotated variables in Bitbucket pipelines.",
        _annotated(["**/*-pipelines.{yml,yaml}"], r" *(?:- +)?(?:export +)?\w+ *[:=] *" + _VALUE, " *#"),
    ),
    "customManagers:dockerfileVersions": Preset(
        "Annotated `ARG` and `ENV` lines in Dockerfiles.",
        _annotated(
            ["**/{Dockerfile,Containerfile}{,.*}", "**/*.{Dockerfile,Containerfile,dockerfile}"],
            r" *(?:ARG|ENV) +\w+[ =]" + _VALUE,
        ),
    ),
    "customManagers:githubActionsVersions": Preset(
        "Annotated variables in GitHub workflows and actions.",
        _annotated(
            [".github/{workflows,actions}/**/*.{yml,yaml}", "**/action.{yml,yaml}"],
            r" *(?:- +)?[\w-]+ *[:=] *" + _VALUE,
            " *#",
        ),
    ),
    "customManagers:gitlabPipelineVersions": Preset(
        "Annotated variables in GitLab pipelines.",
        _annotated(["**/*.gitlab-ci.{yml,yaml}"], r" *\w+ *: *" + _VALUE, " *#"),
    ),
    "customManagers:helmChartYamlAppVersions": Preset(
        "An annotated `appVersion` in Helm charts.",
        _annotated(["**/Chart.{yaml,yml}"], r"appVersion *: *" + _VALUE),
    ),
    "customManagers:makefileVersions": Preset(
        "Annotated variables in Makefiles.",
        _annotated(["**/{Makefile,makefile,GNUmakefile}", "**/*.mk"], r"(?:export +)?\w+ *[:?]?:?= *" + _VALUE),
    ),
    "customManagers:tfvarsVersions": Preset(
        "Annotated variables in Terraform variable files.", _annotated(["**/*.tfvars"], r"\w+ *= *" + _QUOTED)
    ),
}

PRESETS: Mapping[str, Preset] = {
    **_CONFIG,
    **_MERGING,
    **_SHAPE,
    **_PINNING,
    **_LIMITS,
    **_SCHEDULES,
    **_AUTOMERGE_SCHEDULES,
    **_GROUPS,
    **_PROJECT_GROUPS,
    **_MOVES,
    **_ANNOTATIONS,
}
"""Every preset that does something, by name."""

RENAMED: Mapping[str, str] = {
    ":disableLockFiles": ":skipArtifactsUpdate",
    ":app": "config:recommended",
    ":base": "config:recommended",
    ":js-app": "config:recommended",
    ":library": "config:recommended",
    ":masterIssue": ":dependencyDashboard",
    ":masterIssueApproval": ":dependencyDashboardApproval",
    "config:app": "config:recommended",
    "config:application": "config:recommended",
    "config:base": "config:recommended",
    "config:base-js": "config:recommended",
    "config:js-app": "config:recommended",
    "config:js-lib": "config:recommended",
    "config:library": "config:recommended",
    ":automergeBranchMergeCommit": ":automergeBranch",
    ":automergeBranchPush": ":automergeBranch",
    "github>whitesource/merge-confidence:beta": "mergeConfidence:all-badges",
    "group:jsTestMonMajor": "group:jsTestNonMajor",
    "group:kubernetes": "group:kubernetesMonorepo",
    "helpers:pinGitHubActionDigestsToSemVer": "helpers:pinGitHubActionDigestsToSemver",
}
"""Old names and what they are called now."""

_INERT_FAMILIES = (
    "compatibility:", "group:spring", "mergeConfidence:", "monorepo:", "npm:", "packages:", "preview:",
    "replacements:", "workarounds:",
)  # fmt: skip
_OPTIONS_ONLY = words(
    """
    :configMigration :disablePrControls :disableVulnerabilityAlerts :docker :enablePreCommit :githubComToken :gomod
    :meteor :npm :pinSkipCi global:safeEnv
"""
)
_INERT = words(
    """
    :autodetectPinVersions :autodetectRangeStrategy :enableGradleLite :onlyNpm :switchToGradleLite :unpublishSafe
    helpers:oddIsUnstable helpers:oddIsUnstablePackages
    :automergeLinters :automergeTesters :automergeTypes :configMigration :disablePrControls :githubComToken :gomod
    :group :meteor :disableDevDependencies :disablePeerDependencies :disableVulnerabilityAlerts
    :docker :enablePreCommit :npm :pinAllExceptPeerDependencies :pinDependencies :pinDevDependencies
    :pinOnlyDevDependencies :pinSkipCi :widenPeerDependencies customManagers:biomeVersions
    customManagers:mavenPropertyVersions customManagers:tsconfigNodeVersions global:safeEnv group:monorepos
    group:recommended group:definitelyTyped helpers:disableTypesNodeMajor helpers:followTypescriptNext
    helpers:followTypescriptRc helpers:forgejoDigestChangelogs helpers:giteaDigestChangelogs
    helpers:githubDigestChangelogs helpers:gitlabDigestChangelogs helpers:goXPackagesChangelogLink
    helpers:goXPackagesNameLink security:minimumReleaseAgeCrate security:minimumReleaseAgeNpm
    security:minimumReleaseAgePypi security:openssf-scorecard security:gomodIndirectSecurityUpdates
    customManagers:valeVersions helpers:renovateChangelog group:allApollographql group:apiPlatform group:atlaskit
    group:codemirror group:dotNetCore group:drupal-core group:flyway group:fortawesome group:fusionjs
    group:githubArtifactActions group:glimmer group:goOpenapi group:googleapis group:gradle group:hibernateCommons
    group:hibernateCore group:hibernateOgm group:hibernateValidator group:illuminate group:jekyllEcosystem
    group:jestPlusTSJest group:jestPlusTypes group:jsTest group:jsTestNonMajor group:jsUnitTest
    group:jsUnitTestNonMajor group:jwtFramework group:linters group:micrometer group:nodeJs group:phpstan group:pnpm
    group:polymer group:postcss group:pulumi group:puppeteer group:react group:remark group:resilience4j
    group:rubyOmniauth group:rubyOnRails group:socketio group:stylelint group:symfony group:test group:testNonMajor
    group:unitTest group:unitTestNonMajor group:vite group:vitePlus
"""
)
