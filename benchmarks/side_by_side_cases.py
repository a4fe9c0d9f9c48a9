"""The repository and the 25 configurations of ``benchmarks.side_by_side``, and the differences that are meant."""

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
    "titles of a team": {"prTitle": "[{{datasource}}] {{depName}}", "commitMessageLowerCase": "never"},
}

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
        _in("negations", "team/tool"),
        "matchCurrentVersion takes ranges for every versioning; for images, Renovate's never match.",
    ),
)
"""Which differences are meant (by configuration, sign and proposal), and why."""
