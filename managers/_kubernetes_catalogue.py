"""Custom resources that set the version of something without naming its image.

Fields that hold a whole image need no row here: any field whose name ends in ``image`` or ``imageName`` is read.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import NamedTuple

from msgspec import Struct

from managers._git import git_file, git_package, revision
from managers._helm import chart_dependency, images_in_values
from managers._images import SCATTERED, TEMPLATED, ImageReader, is_versioned_image
from managers._yaml import Mapping, Scalar
from updater.api import (
    Extracted,
    Package,
    Span,
    dependency,
    image_package,
    parse_image,
    skipped,
)


class Field(NamedTuple):
    """A field with a version: of which kinds of objects, where (``[]``: in each element), and of what.

    ``package`` is ``<datasource> <name>``, with ``:`` and what its tags look like (``*`` is the version) where they are
    more than what the field holds. It is ``kubernetes`` for the distribution that the version belongs to, and ``-``
    with a reason for what is only listed. An ``image`` beside the field overrides a package of ``docker``. A version
    that shows no distribution is the tag of the image at the path behind ``kubernetes``, if there is one. ``git`` is a
    revision of the repository whose address stands beside it under that key, and ``file`` the address of a file.
    """

    group: str
    kinds: str
    path: str
    package: str


class Chart(NamedTuple):
    """Fields beside each other, in the mapping at ``path``, that name a Helm chart and hold its values as a text.

    ``name`` is that of the chart in the ``repository`` beside it; or its whole address; or the name of one of
    ``repositories``, each a ``name`` and a ``url`` elsewhere in the object, and the name in there.
    """

    group: str
    kind: str
    path: str
    name: str = ""
    repository: str = ""
    version: str = ""
    values: str = ""
    repositories: str = ""


_OPERATOR = "- the operator decides which versions there are"
_CLOUD = "- the cloud decides which versions there are"
_OF_IMAGE = "- belongs to the image beside it"
_BY_NAME = "- its repository is known by a name only"

FIELDS = (
    # https://prometheus-operator.dev/docs/api-reference/api/
    Field(
        "monitoring.coreos.com", "Prometheus PrometheusAgent", "spec.version",
        "docker quay.io/prometheus/prometheus:v*",
    ),
    Field("monitoring.coreos.com", "Alertmanager", "spec.version", "docker quay.io/prometheus/alertmanager:v*"),
    Field("monitoring.coreos.com", "ThanosRuler", "spec.version", "docker quay.io/thanos/thanos:v*"),
    Field("monitoring.coreos.com", "Prometheus", "spec.thanos.version", "docker quay.io/thanos/thanos:v*"),
    # https://www.elastic.co/guide/en/cloud-on-k8s/current/k8s-custom-images.html
    Field(
        "elasticsearch.k8s.elastic.co", "Elasticsearch", "spec.version",
        "docker docker.elastic.co/elasticsearch/elasticsearch",
    ),
    Field("kibana.k8s.elastic.co", "Kibana", "spec.version", "docker docker.elastic.co/kibana/kibana"),
    Field("apm.k8s.elastic.co", "ApmServer", "spec.version", "docker docker.elastic.co/apm/apm-server"),
    Field("beat.k8s.elastic.co", "Beat", "spec.version", "docker docker.elastic.co/beats/{spec.type}"),
    Field("agent.k8s.elastic.co", "Agent", "spec.version", "docker docker.elastic.co/beats/elastic-agent"),
    Field("logstash.k8s.elastic.co", "Logstash", "spec.version", "docker docker.elastic.co/logstash/logstash"),
    Field(
        "enterprisesearch.k8s.elastic.co", "EnterpriseSearch", "spec.version",
        "docker docker.elastic.co/enterprise-search/enterprise-search",
    ),
    Field(
        "maps.k8s.elastic.co", "ElasticMapsServer", "spec.version",
        "docker docker.elastic.co/elastic-maps-service/elastic-maps-server",
    ),
    # https://github.com/opensearch-project/opensearch-k8s-operator/blob/main/docs/userguide/main.md
    Field("opensearch.opster.io", "OpenSearchCluster", "spec.general.version", "docker opensearchproject/opensearch"),
    Field(
        "opensearch.opster.io", "OpenSearchCluster", "spec.dashboards.version",
        "docker opensearchproject/opensearch-dashboards",
    ),
    # https://grafana.github.io/grafana-operator/docs/examples/grafana/custom-images/readme
    Field("grafana.integreatly.org", "Grafana", "spec.version", "docker grafana/grafana"),
    # https://docs.victoriametrics.com/operator/resources/vmcluster/
    Field("operator.victoriametrics.com", "VMCluster", "spec.clusterVersion", "docker victoriametrics/vmstorage"),
    # https://argocd-operator.readthedocs.io/en/latest/reference/argocd/
    Field("argoproj.io", "ArgoCD", "spec.version", "docker quay.io/argoproj/argocd"),
    Field("argoproj.io", "ArgoCD", "spec.applicationSet.version", "docker quay.io/argoproj/argocd"),
    Field("argoproj.io", "ArgoCD", "spec.repo.version", "docker quay.io/argoproj/argocd"),
    Field("argoproj.io", "ArgoCD", "spec.redis.version", "docker redis"),
    Field("argoproj.io", "ArgoCD", "spec.dex.version", "docker ghcr.io/dexidp/dex"),
    Field("argoproj.io", "ArgoCD", "spec.sso.dex.version", "docker ghcr.io/dexidp/dex"),
    # https://github.com/mongodb/mongodb-kubernetes-operator/blob/master/docs/deploy-configure.md
    Field(
        "mongodbcommunity.mongodb.com", "MongoDBCommunity", "spec.version",
        "docker mongodb/mongodb-community-server:*-ubi[0-9]",
    ),
    # https://operator.docs.scylladb.com/stable/reference/api/groups/scylla.scylladb.com/scyllaclusters.html
    Field("scylla.scylladb.com", "ScyllaCluster", "spec.version", "docker {spec.repository|scylladb/scylla}"),
    Field(
        "scylla.scylladb.com", "ScyllaCluster", "spec.agentVersion",
        "docker {spec.agentRepository|scylladb/scylla-manager-agent}",
    ),
    # https://docs.pingcap.com/tidb-in-kubernetes/stable/configure-a-tidb-cluster/
    Field("pingcap.com", "TidbCluster", "spec.version", "docker pingcap/tidb"),
    # https://github.com/cockroachdb/cockroach-operator#choose-a-cockroachdb-version
    Field("crdb.cockroachlabs.com", "CrdbCluster", "spec.cockroachDBVersion", "docker cockroachdb/cockroach"),
    # https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/
    Field("install.istio.io", "IstioOperator", "spec.tag", "docker {spec.hub|docker.io/istio}/pilot"),
    # https://docs.k3s.io/upgrades/automated, https://docs.rke2.io/upgrades/automated_upgrade
    # where an image without a tag takes the version
    Field("upgrade.cattle.io", "Plan", "spec.version", "kubernetes spec.upgrade.image"),
    # https://ranchermanager.docs.rancher.com/reference-guides/cluster-configuration
    Field("provisioning.cattle.io", "Cluster", "spec.kubernetesVersion", "kubernetes"),
    # https://cluster-api.sigs.k8s.io/reference/providers.html and the API reference of each provider there
    Field("cluster.x-k8s.io", "Cluster", "spec.topology.version", "kubernetes"),
    Field("cluster.x-k8s.io", "Machine", "spec.version", "kubernetes"),
    Field("cluster.x-k8s.io", "MachineDeployment MachinePool MachineSet", "spec.template.spec.version", "kubernetes"),
    Field(
        "controlplane.cluster.x-k8s.io",
        "K0sControlPlane KThreesControlPlane KubeadmControlPlane RKE2ControlPlane TalosControlPlane",
        "spec.version", "kubernetes",
    ),
    Field("controlplane.cluster.x-k8s.io", "AWSManagedControlPlane", "spec.version", _CLOUD),
    Field(
        "operator.cluster.x-k8s.io", "CoreProvider", "spec.version",
        "github-releases kubernetes-sigs/cluster-api:v*",
    ),
    # https://kops.sigs.k8s.io/cluster_spec/#kubernetesversion
    Field("kops.k8s.io", "Cluster", "spec.kubernetesVersion", "kubernetes"),
    # https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/#kubeadm-k8s-io-v1beta4-ClusterConfiguration
    Field("kubeadm.k8s.io", "ClusterConfiguration", "kubernetesVersion", "kubernetes"),
    Field(
        "operator.cluster.x-k8s.io", "AddonProvider BootstrapProvider ControlPlaneProvider InfrastructureProvider",
        "spec.version", _BY_NAME,
    ),
    Field("controlplane.cluster.x-k8s.io", "ROSAControlPlane", "spec.version", _CLOUD),
    Field("infrastructure.cluster.x-k8s.io", "AzureManagedControlPlane", "spec.version", _CLOUD),
    Field("infrastructure.cluster.x-k8s.io", "GCPManagedControlPlane", "spec.controlPlaneVersion", _CLOUD),
    # https://gardener.cloud/docs/gardener/api-reference/core/#kubernetes
    Field("core.gardener.cloud", "Shoot", "spec.kubernetes.version", _CLOUD),
    Field("core.gardener.cloud", "Shoot", "spec.provider.workers[].machine.image.version", _CLOUD),
    # https://eksctl.io/usage/schema/#metadata-version
    Field("eksctl.io", "ClusterConfig", "metadata.version", _CLOUD),
    Field("eksctl.io", "ClusterConfig", "addons[].version", _CLOUD),
    # https://github.com/k0sproject/k0sctl#configuration-file
    Field("k0sctl.k0sproject.io", "Cluster", "spec.k0s.version", "kubernetes"),
    # https://github.com/home-operations/tuppr
    Field("tuppr.home-operations.com", "TalosUpgrade", "spec.talos.version", "docker ghcr.io/siderolabs/installer"),
    Field(
        "tuppr.home-operations.com", "KubernetesUpgrade", "spec.kubernetes.version",
        "docker ghcr.io/siderolabs/kubelet",
    ),
    # https://strimzi.io/docs/operators/latest/configuring.html#type-KafkaClusterSpec-reference
    Field("kafka.strimzi.io", "Kafka", "spec.kafka.version", _OPERATOR),
    Field("kafka.strimzi.io", "Kafka", "spec.kafka.metadataVersion", _OPERATOR),
    Field("kafka.strimzi.io", "KafkaBridge KafkaConnect KafkaMirrorMaker KafkaMirrorMaker2", "spec.version", _OPERATOR),
    # https://docs.k8ssandra.io/reference/crd/k8ssandra-operator-crds-latest/
    Field("k8ssandra.io", "K8ssandraCluster", "spec.cassandra.serverVersion", _OPERATOR),
    Field("cassandra.datastax.com", "CassandraDatacenter", "spec.serverVersion", _OPERATOR),
    # https://docs.percona.com/percona-operators/
    Field("pxc.percona.com", "PerconaXtraDBCluster", "spec.crVersion", _OPERATOR),
    Field("psmdb.percona.com", "PerconaServerMongoDB", "spec.crVersion", _OPERATOR),
    Field("pgv2.percona.com", "PerconaPGCluster", "spec.crVersion", _OPERATOR),
    # https://github.com/zalando/postgres-operator/blob/master/docs/reference/cluster_manifest.md
    Field("acid.zalan.do", "postgresql", "spec.postgresql.version", _OPERATOR),
    # https://access.crunchydata.com/documentation/postgres-operator/latest/references/crd/5.7.x/postgrescluster
    Field("postgres-operator.crunchydata.com", "PostgresCluster", "spec.postgresVersion", _OPERATOR),
    Field("pgv2.percona.com", "PerconaPGCluster", "spec.postgresVersion", _OPERATOR),
    # https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-main/docs/custom-resource/reference/
    Field("flink.apache.org", "FlinkDeployment", "spec.flinkVersion", _OF_IMAGE),
    # https://www.kubeflow.org/docs/components/spark-operator/user-guide/writing-sparkapplication/
    Field("sparkoperator.k8s.io", "SparkApplication", "spec.sparkVersion", _OF_IMAGE),
    Field("sparkoperator.k8s.io", "ScheduledSparkApplication", "spec.template.sparkVersion", _OF_IMAGE),
    # https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/config.html#ray-version
    Field("ray.io", "RayCluster", "spec.rayVersion", _OF_IMAGE),
    Field("ray.io", "RayJob", "spec.rayClusterSpec.rayVersion", _OF_IMAGE),
    Field("ray.io", "RayService", "spec.rayClusterConfig.rayVersion", _OF_IMAGE),
    # https://kserve.github.io/website/docs/reference/crd-api
    Field("serving.kserve.io", "InferenceService", "spec.predictor.model.runtimeVersion", _OPERATOR),
    # https://grafana.github.io/grafana-operator/docs/dashboards/#plugins
    Field(
        "grafana.integreatly.org", "GrafanaDashboard GrafanaDatasource", "spec.plugins[].version",
        "- no registry lists plugins of Grafana",
    ),
    Field("grafana.integreatly.org", "GrafanaDashboard", "spec.url", "file"),
    # https://cloud.google.com/kubernetes-engine/enterprise/config-sync/docs/reference/rootsync-reposync-fields
    Field("configsync.gke.io", "RepoSync RootSync", "spec.git.revision", "git repo"),
    # https://carvel.dev/kapp-controller/docs/latest/app-spec/
    Field("kappctrl.k14s.io", "App", "spec.fetch[].git.ref", "git url"),
    # https://carvel.dev/kapp-controller/docs/latest/packaging/#packageinstall
    Field(
        "packaging.carvel.dev", "PackageInstall", "spec.packageRef.versionSelection.constraints",
        "- the repository of packages decides which versions there are",
    ),
    # https://olm.operatorframework.io/docs/concepts/crds/subscription/
    Field(
        "operators.coreos.com", "Subscription", "spec.startingCSV",
        "- the catalogue of operators decides which versions there are",
    ),
    # https://glasskube.dev/docs/reference/custom-resources/
    Field("packages.glasskube.dev", "ClusterPackage Package", "spec.packageInfo.version", _BY_NAME),
    # https://fleet.rancher.io/ref-crds
    Field("management.cattle.io", "ManagedChart", "spec.version", _BY_NAME),
    # https://github.com/istio-ecosystem/sail-operator/blob/main/docs/api-reference/sailoperator.io.md
    Field("sailoperator.io", "Istio IstioCNI ZTunnel", "spec.version", _OPERATOR),
    # https://knative.dev/docs/install/operator/configuring-with-operator/
    Field("operator.knative.dev", "KnativeEventing KnativeServing", "spec.version", _OPERATOR),
    # https://docs.kargo.io/user-guide/how-to-guides/working-with-warehouses
    Field("kargo.akuity.io", "Warehouse", "spec.subscriptions[].image.constraint", "- owned by Kargo"),
    Field("kargo.akuity.io", "Warehouse", "spec.subscriptions[].image.semverConstraint", "- owned by Kargo"),
    Field("kargo.akuity.io", "Warehouse", "spec.subscriptions[].chart.semverConstraint", "- owned by Kargo"),
    Field("kargo.akuity.io", "Warehouse", "spec.subscriptions[].git.semverConstraint", "- owned by Kargo"),
)  # fmt: skip

CHARTS = (
    # https://docs.k3s.io/add-ons/helm
    Chart("helm.cattle.io", "HelmChart", "spec", "chart", "repo", "version", "valuesContent"),
    Chart("helm.cattle.io", "HelmChartConfig", "spec", values="valuesContent"),
    # https://github.com/crossplane-contrib/provider-helm/blob/master/examples/sample/release.yaml
    Chart("helm.crossplane.io", "Release", "spec.forProvider.chart", "name", "repository", "version"),
    # https://github.com/kubernetes-sigs/cluster-api-addon-provider-helm/blob/main/docs/quick-start.md
    Chart("addons.cluster.x-k8s.io", "HelmChartProxy", "spec", "chartName", "repoURL", "version", "valuesTemplate"),
    # https://cloud.google.com/kubernetes-engine/enterprise/config-sync/docs/reference/rootsync-reposync-fields
    Chart("configsync.gke.io", "RepoSync", "spec.helm", "chart", "repo", "version"),
    Chart("configsync.gke.io", "RootSync", "spec.helm", "chart", "repo", "version"),
    # https://carvel.dev/kapp-controller/docs/latest/app-spec/
    Chart("kappctrl.k14s.io", "App", "spec.fetch[].helmChart", "name", "repository.url", "version"),
    # https://kubevela.io/docs/reference/addons/fluxcd/
    Chart("core.oam.dev", "Application", "spec.components[].properties", "chart", "url", "version"),
    # https://docs.k0sproject.io/stable/helm-charts/
    Chart(
        "k0s.k0sproject.io", "ClusterConfig", "spec.extensions.helm.charts[]", "chartname", version="version",
        values="values", repositories="spec.extensions.helm.repositories[]",
    ),
    Chart(
        "k0sctl.k0sproject.io", "Cluster", "spec.k0s.config.spec.extensions.helm.charts[]", "chartname",
        version="version", values="values", repositories="spec.k0s.config.spec.extensions.helm.repositories[]",
    ),
)  # fmt: skip

_DISTRIBUTIONS = (
    ("+k3s", "k3s-io/k3s"),
    ("+rke2", "rancher/rke2"),
    ("+k0s", "k0sproject/k0s"),
    ("", "kubernetes/kubernetes"),
)
"""What a version of Kubernetes holds, and whose release it is then."""

_FIELDS: dict[tuple[str, str], list[Field]] = {}
for _field in FIELDS:
    for _kind in _field.kinds.split():
        _FIELDS.setdefault((_field.group, _kind), []).append(_field)
_CHARTS = {(chart.group, chart.kind): chart for chart in CHARTS}
_KINDS = _FIELDS.keys() | _CHARTS.keys()

MARKERS: tuple[str, ...] = (
    "version:",
    "aVersion:",
    "rVersion:",
    "sVersion:",
    "kVersion:",
    "yVersion:",
    "eVersion:",
    "tVersion:",
    "BVersion:",
    "onstraint:",
    "IstioOperator",
    "HelmChartConfig",
    "startingCSV",
    "onstraints:",
    "configsync.gke.io/",
    "kappctrl.k14s.io/",
    "grafana.integreatly.org/",
)
"""One of these stands in every text with a version that the catalogue finds: fewer than there are groups."""

_VERSION = re.compile(r"v?\d+(?:\.\d+)+(?:[-+.][0-9A-Za-z.+-]*)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MENTION = re.compile(r"\{(?P<path>[\w.]+)(?:\|(?P<default>[^}]*))?\}")


def is_listed(version: str, kind: str) -> bool:
    """Whether the catalogue knows objects of this kind."""
    return (version.partition("/")[0], kind) in _KINDS


def catalogued(reader: ImageReader, item: Mapping, version: str, kind: str) -> Iterator[Extracted]:
    """What the catalogue knows of an object."""
    identity = (version.partition("/")[0], kind)
    for field in _FIELDS.get(identity, ()):
        for mapping, scalar in _at(item, field.path.split(".")):
            if scalar.has_text:
                yield _Reading(reader=reader, field=field).read(item, mapping, scalar)
    chart = _CHARTS.get(identity)
    if chart is None:
        return
    repositories = {}
    for repository, url in _at(item, [*chart.repositories.split("."), "url"]) if chart.repositories else ():
        repositories[repository.text("name") or ""] = url
    for place in _mappings(item, chart.path.split(".")):
        yield from _chart(reader, place, chart, repositories)


def _chart(
    reader: ImageReader, place: Mapping, chart: Chart, repositories: ReadOnly[str, Scalar]
) -> Iterator[Extracted]:
    name, values = place.scalar(chart.name), place.scalar(chart.values)
    if name and name.has_text:
        called, repository, at = name.text, None, None
        if chart.repository:
            at = next((url for _, url in _at(place, chart.repository.split("."))), None)
            repository = at.text if at else None
        else:
            before, _, called = name.text.rpartition("/")
            at = repositories.get(before)
            is_name = before and not before.startswith((".", "/")) and "/" not in before
            repository = at.text if at else f"@{before}" if is_name else before or "."
        yield chart_dependency(
            reader.file,
            manager=reader.manager,
            name=name,
            repository=repository,
            repository_at=at,
            version=place.scalar(chart.version),
            dep_type=chart.kind,
            called=called,
        )
    document = values.embedded() if values else None
    if document and document.root:
        yield from images_in_values(reader, document.root)


def _mappings(mapping: Mapping, path: list[str]) -> Iterator[Mapping]:
    """Each mapping at the end of ``path``."""
    key, rest = path[0], path[1:]
    if key.endswith("[]"):
        found: Iterable[Mapping] = mapping.mappings(key.removesuffix("[]"))
    else:
        found = filter(None, (mapping.mapping(key),))
    for place in found:
        if rest:
            yield from _mappings(place, rest)
        else:
            yield place


def _at(mapping: Mapping, path: list[str]) -> Iterator[tuple[Mapping, Scalar]]:
    """Each scalar at the end of ``path``, with the mapping it stands in."""
    key, rest = path[0], path[1:]
    if not rest:
        scalar = mapping.scalar(key)
        if scalar is not None:
            yield mapping, scalar
    elif key.endswith("[]"):
        for element in mapping.mappings(key.removesuffix("[]")):
            yield from _at(element, rest)
    elif below := mapping.mapping(key):
        yield from _at(below, rest)


class _Reading(Struct, frozen=True, kw_only=True):
    """One field of one object."""

    reader: ImageReader
    field: Field

    def read(self, item: Mapping, beside: Mapping, value: Scalar) -> Extracted:
        """The version ``value`` of ``item``, in the mapping ``beside`` it."""
        if is_versioned_image(value.text) and not _DIGEST.fullmatch(value.text):
            return self.reader.whole(value)
        form, _, key = self.field.package.partition(" ")
        if form in ("git", "file"):
            return self._revision(value, beside.text(key))
        package = self._package(item, beside, value)
        reason = self.field.package[2:] if package is None else _why_unmanageable(value)
        if package is None or reason is not None or value.span is None:
            return self._unmanaged(value, reason or SCATTERED, package)
        is_digest = _DIGEST.fullmatch(value.text) is not None
        return dependency(
            self.reader.file,
            manager=self.reader.manager,
            name=package.name,
            package=package,
            value=None if is_digest else value.span,
            digest=value.span if is_digest else None,
            extract_version=None if is_digest else self._extract_version(value.text, package),
            dep_type=self.reader.dep_type,
        )

    def _revision(self, value: Scalar, address: str | None) -> Extracted:
        """The revision ``value`` of the repository at ``address``, or the one in the address of a file."""
        located = git_file(value.text) if address is None else (git_package(address), Span(0, len(value.text)))
        reason = TEMPLATED if value.is_templated else None if located else "no repository that could be asked"
        if located is None or value.span is None or reason is not None:
            return self._unmanaged(value, reason or SCATTERED, located[0] if located else None)
        package, (start, end) = located
        at = Span(value.span.start + start, value.span.start + end)
        reader = self.reader
        return revision(
            reader.file, manager=reader.manager, name=package.name, package=package, at=at, dep_type=reader.dep_type
        )

    def _package(self, item: Mapping, beside: Mapping, value: Scalar) -> Package | None:
        """Of what it is a version; None if it is to be listed only."""
        datasource, _, name = self.field.package.partition(" ")
        if datasource == "-":
            return None
        if datasource == "kubernetes":
            return _distribution(value.text, _at(item, name.split(".")) if name else ())
        name = _filled(name.partition(":")[0], item)
        if datasource == "docker":
            image = parse_image(beside.text("image") or beside.text("baseImage") or "")
            return image_package(image.name if image else name)
        return Package(datasource=datasource, name=name)

    def _extract_version(self, value: str, package: Package) -> str | None:
        """A pattern for the version within a tag, where the tag is more than the version."""
        is_distribution = self.field.package.startswith("kubernetes") and package.datasource == "github-releases"
        shape = "v*" if is_distribution else self.field.package.partition(":")[2]
        prefix, _, suffix = shape.partition("*")
        if value.startswith(prefix) and not suffix:
            return None
        return f"^{prefix}(?P<version>[0-9.]+){suffix}$" if suffix else f"^{prefix}(?P<version>.+)$"

    def _unmanaged(self, value: Scalar, reason: str, package: Package | None) -> Extracted:
        return skipped(
            self.reader.file,
            manager=self.reader.manager,
            reason=reason,
            at=value.span or value.where,
            name=package.name if package else self.reader.dep_type,
            datasource=package.datasource if package else None,
            dep_type=self.reader.dep_type,
        )


def _distribution(version: str, images: Iterable[tuple[Mapping, Scalar]]) -> Package:
    """The distribution of Kubernetes that ``version`` belongs to; if it shows none, the first of ``images``."""
    name = next(name for suffix, name in _DISTRIBUTIONS if suffix in version)
    image = next((parse_image(scalar.text) for _, scalar in images if scalar.has_text), None)
    is_of_image = image is not None and "+" not in version
    return image_package(image.name) if image and is_of_image else Package(datasource="github-releases", name=name)


def _filled(name: str, item: Mapping) -> str:
    """``name`` with the values of the object's fields that it mentions, or what stands behind ``|`` without them."""

    def value(match: re.Match[str]) -> str:
        found = next(_at(item, match["path"].split(".")), None)
        return found[1].text if found else match["default"] or ""

    return _MENTION.sub(value, name)


def _why_unmanageable(value: Scalar) -> str | None:
    if value.is_templated:
        return TEMPLATED
    if "$" in value.text:
        return "contains a variable"
    return None if _VERSION.fullmatch(value.text) or _DIGEST.fullmatch(value.text) else "not version-like"
