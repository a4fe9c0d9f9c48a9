"""The upgrade paths that publishers demand, as data: how far one update may go, and which versions must be stopped at.

A row is here only if the documentation of the project, linked beside it, says that other ways are not supported or not
tested. ``maxStep`` and ``requiredStops`` in the configuration take a row's place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from updater.config import Policy
from updater.config.steps import read_step, read_stops
from updater.model.scan import Package
from updater.policy.rungs import Ladder


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one project demands. ``images`` and ``repositories`` are the ends of names, ``charts`` are ``host/name``."""

    source: str
    step: str | None = None
    stops: Sequence[str] = ()
    images: frozenset[str] = frozenset()
    charts: frozenset[str] = frozenset()
    repositories: frozenset[str] = frozenset()


def ladder_of(policy: Policy, package: Package) -> Ladder | None:
    """The upgrade path of a package: the user's, else the one that its publisher demands, else None."""
    if policy.max_step is None and not policy.required_stops:
        return _demanded(package)
    if policy.max_step == "any" and not policy.required_stops:
        return None
    return Ladder(step=read_step(policy.max_step), stops=read_stops(policy.required_stops))


@lru_cache(maxsize=4096)
def _demanded(package: Package) -> Ladder | None:
    row = next((row for row in ROWS if _is_of(row, package)), None)
    if row is None:
        return None
    return Ladder(step=read_step(row.step), stops=read_stops(row.stops), source=row.source)


def _is_of(row: Row, package: Package) -> bool:
    if package.datasource == "helm":
        return any(f"{urlsplit(url).netloc}/{package.name}" in row.charts for url in package.registry_urls)
    names = row.images if package.datasource == "docker" else row.repositories
    segments = package.name.split("/")
    return any("/".join(segments[start:]) in names for start in range(len(segments)))


def _each(prefix: str, names: str) -> frozenset[str]:
    return frozenset(prefix + name for name in names.split())


_GITLAB = (
    "15.0", "15.4", "15.11", "16.3", "16.7", "16.11", "17.3", "17.5", "17.8", "17.11",
    *(f"{major}.{minor}" for major in (18, 19) for minor in (2, 5, 8, 11)),
)  # fmt: skip
_GITLAB_CHART = [f"{int(major) - 9}.{minor}" for major, minor in (stop.split(".") for stop in _GITLAB)]

ROWS: tuple[Row, ...] = (
    Row(
        source="https://longhorn.io/docs/latest/deploy/upgrade/",
        step="minor",
        images=_each("longhornio/longhorn-", "engine instance-manager manager share-manager ui"),
        charts=frozenset({"charts.longhorn.io/longhorn"}),
        repositories=frozenset({"longhorn/longhorn"}),
    ),
    Row(
        source="https://rook.io/docs/rook/latest/Upgrade/rook-upgrade/",
        step="minor",
        images=frozenset({"rook/ceph"}),
        charts=_each("charts.rook.io/", "rook-ceph rook-ceph-cluster"),
        repositories=frozenset({"rook/rook"}),
    ),
    Row(
        source="https://docs.cilium.io/en/stable/operations/upgrade/",
        step="minor",
        images=_each("cilium/", "charts/cilium cilium operator operator-aws operator-azure operator-generic"),
        charts=frozenset({"helm.cilium.io/cilium"}),
        repositories=frozenset({"cilium/cilium"}),
    ),
    Row(
        source="https://istio.io/latest/docs/setup/upgrade/in-place/",
        step="minor",
        images=_each("istio/", "install-cni pilot proxyv2 ztunnel")
        | _each("istio-release/", "install-cni pilot proxyv2 ztunnel")
        | _each("istio-release/charts/", "base cni gateway istiod ztunnel"),
        charts=_each("istio-release.storage.googleapis.com/", "base cni gateway istiod ztunnel"),
        repositories=frozenset({"istio/istio"}),
    ),
    Row(
        source="https://kubernetes.io/releases/version-skew-policy/",
        step="minor",
        images=_each("kube-", "apiserver controller-manager proxy scheduler") | {"siderolabs/kubelet"},
        repositories=frozenset({"kubernetes/kubernetes"}),
    ),
    Row(
        source="https://docs.k3s.io/upgrades/manual",
        step="minor",
        images=frozenset({"rancher/k3s", "rancher/k3s-upgrade"}),
        repositories=frozenset({"k3s-io/k3s"}),
    ),
    Row(
        source="https://docs.k0sproject.io/stable/version-skew-policy/",
        step="minor",
        images=frozenset({"k0sproject/k0s"}),
        repositories=frozenset({"k0sproject/k0s"}),
    ),
    Row(
        source="https://docs.siderolabs.com/talos/latest/configure-your-talos-cluster/lifecycle-management/upgrading-talos",
        step="minor",
        images=_each("siderolabs/", "installer metal-installer talos"),
        repositories=frozenset({"siderolabs/talos"}),
    ),
    Row(
        source="https://github.com/goharbor/harbor/blob/main/RELEASES.md#upgrade-path-and-support-policy",
        step="2 minors",
        images=_each("goharbor/harbor-", "core db exporter jobservice portal registryctl"),
        charts=frozenset({"helm.goharbor.io/harbor"}),
        repositories=frozenset({"goharbor/harbor", "goharbor/harbor-helm"}),
    ),
    Row(
        source="https://docs.gitlab.com/update/upgrade_paths/",
        stops=_GITLAB,
        images=frozenset({"gitlab/gitlab-ce", "gitlab/gitlab-ee"}),
    ),
    Row(  # the chart's numbers: https://docs.gitlab.com/charts/installation/version_mappings/
        source="https://docs.gitlab.com/update/upgrade_paths/",
        stops=_GITLAB_CHART,
        charts=frozenset({"charts.gitlab.io/gitlab"}),
    ),
    Row(
        source="https://docs.nextcloud.com/server/latest/admin_manual/maintenance/upgrade.html",
        step="major",
        images=frozenset({"nextcloud"}),
        repositories=frozenset({"nextcloud/server"}),
    ),
    Row(
        source="https://www.mongodb.com/docs/manual/release-notes/8.0-upgrade-replica-set/",
        step="major",
        stops=("3.6", "4.0", "4.2", "4.4"),
        images=frozenset({"mongo", "mongodb/mongodb-community-server"}),
    ),
    Row(
        source="https://www.elastic.co/docs/deploy-manage/upgrade",
        stops=("7.17", "8.19"),
        images=_each("elasticsearch/", "elasticsearch") | _each("kibana/", "kibana"),
    ),
)
"""Every project whose path is known. What the rows name are facts of the pages that they cite."""
