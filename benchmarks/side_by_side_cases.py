"""The repository and the 42 configurations of ``benchmarks.side_by_side``, and the differences that are meant."""

from collections.abc import Callable, Mapping
from typing import Any

_WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
{containers}"""
_CONTAINER = """        - name: {name}
          image: {image}
"""


def _workload(name: str, *images: str) -> str:
    containers = "".join(_CONTAINER.format(name=f"c{number}", image=image) for number, image in enumerate(images))
    return _WORKLOAD.format(name=name, containers=containers)


def files(registry: str, charts: str) -> Mapping[str, str]:
    """The files of the repository, with the addresses of its registries."""
    return {
        "k8s/staging/api.yaml": _workload("api", f"{registry}/acme/api:1.1.0", f"{registry}/acme/web:1.0.0-alpine"),
        "k8s/production/api.yaml": _workload("api", f"{registry}/acme/api:1.0.0"),
        "k8s/production/worker.yaml": _workload(
            "worker", f"{registry}/acme/worker:v1.2.3", f"{registry}/acme/pre:1.0.0"
        ),
        "k8s/tools/tool.yaml": _workload("tool", f"{registry}/team/tool:0.9.0", f"{registry}/acme/short:1.4"),
        "argo/podinfo.yaml": f"""apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: podinfo
spec:
  source:
    repoURL: {charts}
    chart: podinfo
    targetRevision: 6.0.0
""",
        "argo/argo-cd.yaml": f"""apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: argo-cd
spec:
  sources:
    - repoURL: {charts}
      chart: argo-cd
      targetRevision: 7.1.0
""",
        "charts/app/Chart.yaml": f"""apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - name: ingress
    version: 4.10.0
    repository: {charts}
  - name: redis
    version: ~18.1.0
    repository: {charts}
""",
        "charts/app/values.yaml": f"""image:
  repository: {registry}/acme/api
  tag: 1.0.0
""",
        "deploy/kustomization.yaml": f"""apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
images:
  - name: app
    newName: {registry}/acme/worker
    newTag: v1.2.3
""",
        "docker-compose.yaml": f"""services:
  api:
    image: {registry}/acme/api:1.0.0
""",
    }


_DOCKER = {"matchDatasources": ["docker"]}

CONFIGURATIONS: Mapping[str, Mapping[str, object]] = {
    "defaults": {},
    "recommended": {"extends": ["config:recommended"]},
    "group all non-major": {"extends": ["config:recommended", "group:allNonMajor"]},
    "group all": {"extends": ["group:all"]},
    "group by datasource": {
        "packageRules": [
            {**_DOCKER, "groupName": "all docker images"},
            {"matchDatasources": ["helm"], "groupName": "Helm charts", "groupSlug": "helm"},
        ]
    },
    "group of one": {"packageRules": [{"matchPackageNames": ["**/team/tool"], "groupName": "the tools"}]},
    "group by parent directory": {"packageRules": [{**_DOCKER, "groupName": "images of {{parentDir}}"}]},
    "separate minor and patch": {"separateMinorPatch": True},
    "separate multiple major": {"separateMultipleMajor": True},
    "separate multiple minor": {"separateMultipleMinor": True},
    "no separate major": {"separateMajorMinor": False},
    "semantic": {"extends": [":semanticCommits", ":semanticCommitTypeAll(fix)"]},
    "semantic with scope": {"semanticCommits": "enabled", "semanticCommitScope": "images"},
    "commit message parts": {
        "commitMessagePrefix": "deps:",
        "commitMessageAction": "Bump",
        "commitMessageSuffix": "[{{datasource}}]",
        "packageRules": [
            {
                "matchPackageNames": ["*"],
                "commitMessageTopic": "{{depName}}",
                "commitMessageExtra": "from {{currentVersion}} to {{newVersion}}",
            }
        ],
    },
    "topic for everything": {"commitMessageTopic": "{{depName}}"},
    "branch parts": {
        "branchPrefix": "deps/",
        "additionalBranchPrefix": "{{manager}}-",
        "branchTopic": "{{{depNameSanitized}}}-to-{{{newValue}}}",
    },
    "hashed branches": {"hashedBranchLength": 40},
    "strict branch names": {"branchNameStrict": True},
    "no major": {"major": {"enabled": False}},
    "only docker majors by rule": {
        "packageRules": [{**_DOCKER, "matchUpdateTypes": ["minor", "patch"], "enabled": False}]
    },
    "allowed versions": {
        "packageRules": [
            {"matchPackageNames": ["**/acme/api"], "allowedVersions": "<2.0.0"},
            {"matchDepNames": ["podinfo"], "allowedVersions": "/^6\\./"},
        ]
    },
    "ignored": {"ignoreDeps": ["podinfo"], "ignorePaths": ["k8s/tools/**", "docker-compose.yaml"]},
    "one manager": {"enabledManagers": ["kubernetes", "helmv3"]},
    "prereleases": {"packageRules": [{"matchPackageNames": ["**/acme/pre"], "ignoreUnstable": False}]},
    "negations": {
        "packageRules": [
            {"matchFileNames": ["k8s/**", "!k8s/production/**"], "groupName": "not production"},
            {
                "matchPackageNames": ["!/acme/"],
                "matchManagers": ["kubernetes"],
                "commitMessageTopic": "other {{depName}}",
            },
            {"matchCurrentVersion": "!/^0/", "matchUpdateTypes": ["major"], "labels": ["major"]},
            {"matchCurrentVersion": "<1.0.0", "groupName": "unstable"},
        ]
    },
    "range strategy": {"packageRules": [{"matchDepNames": ["redis"], "rangeStrategy": "bump"}]},
    "home cluster": {
        "extends": ["config:recommended", ":semanticCommits", ":automergeBranch", ":disableRateLimiting"],
        "packageRules": [
            {
                "matchUpdateTypes": ["major"],
                "semanticCommitType": "feat",
                "commitMessagePrefix": "{{semanticCommitType}}({{semanticCommitScope}})!:",
                "commitMessageExtra": "( {{currentVersion}} ➔ {{newVersion}} )",
                "labels": ["type/major"],
            },
            {
                "matchUpdateTypes": ["minor", "patch"],
                "semanticCommitType": "fix",
                "commitMessageExtra": "( {{currentVersion}} ➔ {{newVersion}} )",
                "addLabels": ["type/{{updateType}}"],
            },
            {**_DOCKER, "semanticCommitScope": "container", "commitMessageTopic": "image {{depName}}"},
            {"matchDatasources": ["helm"], "semanticCommitScope": "helm", "commitMessageTopic": "chart {{depName}}"},
        ],
    },
    "groups with words of their own": {
        "packageRules": [
            {
                **_DOCKER,
                "matchPackageNames": ["/acme/"],
                "groupName": "Acme",
                "group": {"commitMessageTopic": "{{{groupName}}} group"},
            },
            {
                "matchDatasources": ["helm"],
                "groupName": "Charts",
                "groupSlug": "all-charts",
                "group": {"commitMessageTopic": "{{{groupName}}}", "commitMessageAction": "Raise"},
            },
        ]
    },
    "a group for two and more": {
        "packageRules": [{**_DOCKER, "matchPackageNames": ["/team/"], "groupName": "Team", "groupSingleUpdates": True}]
    },
    "single versions": {
        "packageRules": [
            {
                **_DOCKER,
                "commitMessageTopic": "container image {{depName}}",
                "commitMessageExtra": "to {{#if isSingleVersion}}v{{{newVersion}}}{{else}}{{{newValue}}}{{/if}}",
                "matchUpdateTypes": ["major", "minor", "patch"],
            }
        ]
    },
    "majors out of groups": {
        "packageRules": [
            {"matchFileNames": ["k8s/**"], "groupName": "workloads", "semanticCommitScope": "workloads"},
            {"matchManagers": ["argocd"], "groupName": "argo cd"},
            {"matchUpdateTypes": ["major"], "groupName": None, "addLabels": ["major-update"]},
        ]
    },
    "a prefix for each directory": {
        "additionalBranchPrefix": "{{{ replace '^([^/]+).*' '$1' packageFileDir }}}-",
        "commitMessagePrefix": "[{{parentDir}}]",
    },
    "a prefix by position": {
        "packageRules": [
            {
                "matchFileNames": ["k8s/**"],
                "additionalBranchPrefix": "{{ lookup (split packageFileDir '/') 1 }}-",
                "commitMessageSuffix": "({{packageFileDir}})",
            }
        ]
    },
    "merging what is stable": {
        "extends": [":semanticCommitsDisabled"],
        "packageRules": [
            {"matchUpdateTypes": ["patch", "minor"], "matchCurrentVersion": "!/^v?0/", "automerge": True},
            {"matchFileNames": ["k8s/production/**"], "automerge": False, "labels": ["production"]},
            {"matchUpdateTypes": ["major"], "dependencyDashboardApproval": False, "addLabels": ["major"]},
        ],
    },
    "old words": {
        "extends": ["config:base"],
        "masterIssue": True,
        "semanticCommits": True,
        "packageRules": [
            {"packagePatterns": ["/acme/"], "excludePackageNames": ["nothing"], "groupName": "acme packages"},
            {"datasources": ["helm"], "updateTypes": ["minor"], "enabled": False},
            {"paths": ["deploy/**"], "labels": ["deploy"]},
            {"packageNames": ["podinfo"], "automerge": True},
        ],
    },
    "patterns that find things": {
        "customManagers": [
            {
                "customType": "regex",
                "fileMatch": ["^platform/.+\\.txt$"],
                "matchStrings": ["chart (?<depName>\\S+) at (?<registryUrl>\\S+) is (?<currentValue>\\S+)"],
                "datasourceTemplate": "{{#if datasource}}{{{datasource}}}{{else}}helm{{/if}}",
            }
        ],
        "packageRules": [{"matchManagers": ["regex"], "commitMessageTopic": "{{datasource}} chart {{depName}}"}],
    },
    "expressions that find things": {
        "customManagers": [
            {
                "customType": "jsonata",
                "fileFormat": "yaml",
                "managerFilePatterns": ["/^platform/.+\\.yaml$/"],
                "matchStrings": [
                    "components.{'depName': name, 'currentValue': release.version, 'registryUrl': release.where}"
                ],
                "datasourceTemplate": "helm",
            }
        ],
        "packageRules": [{"matchManagers": ["custom.jsonata"], "groupName": "components"}],
    },
    "one pull request for everything": {
        "separateMajorMinor": False,
        "labels": ["all"],
        "packageRules": [{"matchPackageNames": ["*"], "groupName": "everything", "groupSlug": "all"}],
    },
    "presets in rules": {
        "packageRules": [
            {"matchManagers": ["kubernetes"], "extends": [":automergeMinor", ":label(workload)"]},
            {"matchManagers": ["helmv3"], "extends": ["schedule:monthly", ":semanticCommitScope(charts)"]},
        ],
        "semanticCommits": "enabled",
    },
    "labels of templates": {
        "labels": ["dependencies", "{{datasource}}", "{{updateType}}"],
        "addLabels": ["{{#if isMajor}}breaking{{else}}easy{{/if}}"],
    },
    "rules by expression": {
        "packageRules": [
            {"matchJsonata": ["updateType = 'major' and $contains(depName, 'acme')"], "groupName": "big steps"},
            {"matchJsonata": ["$contains(packageFile, 'staging')"], "commitMessageSuffix": "in staging"},
        ]
    },
    "titles of a team": {"prTitle": "[{{datasource}}] {{depName}}", "commitMessageLowerCase": "never"},
}

_COMPONENTS = """components:
  - name: podinfo
    release:
      version: 6.5.0
      where: {charts}
  - name: ingress
    release: {{version: "4.10.0", where: "{charts}"}}
"""


def more_files(name: str, charts: str) -> Mapping[str, str]:
    """The files that one of the configurations is about."""
    found = {
        "patterns that find things": {"platform/charts.txt": f"chart podinfo at {charts} is 6.5.0\n"},
        "expressions that find things": {"platform/components.yaml": _COMPONENTS.format(charts=charts)},
    }
    return found.get(name, {})


_Matches = Callable[[str, str, Any], bool]


def _in(configuration: str, part: str = "") -> _Matches:
    """Differences in one configuration, of dependencies with ``part`` in their name."""
    return lambda name, _sign, proposal: name == configuration and part in proposal.name


DELIBERATE: tuple[tuple[_Matches, str], ...] = (
    (
        _in("separate multiple minor"),
        "Patches go to the branch of their own minor line; Renovate's lines share one, whose title names no version.",
    ),
    (
        _in("topic for everything"),
        "A commitMessageTopic at the top level counts; Renovate's datasources overrule it.",
    ),
    (
        _in("prereleases", "acme/pre"),
        "1.1.0-rc.1 is a prerelease of 1.1.0; for Renovate it is another variant of the image, and never offered.",
    ),
    (
        _in("home cluster", "acme/api"),
        "Templates in labels are filled in for each update of a branch; by Renovate for its first one only.",
    ),
    (
        _in("labels of templates", "acme/api"),
        "Templates in labels are filled in for each update of a branch; by Renovate for its first one only.",
    ),
    (
        _in("old words"),
        "Where a rule switches minor updates off, patches are offered; Renovate drops them with the minor update.",
    ),
    (
        _in("negations", "team/tool"),
        "matchCurrentVersion takes ranges for every versioning; for images, Renovate's never match.",
    ),
)
"""Which differences are meant (by configuration, sign and proposal), and why."""
