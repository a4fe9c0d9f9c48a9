"""Versions of the Kubernetes API in manifests that a newer version of the same kind has replaced.

The rows follow https://kubernetes.io/docs/reference/using-api/deprecation-guide/, the API reference of Kubernetes 1.34,
and, for Flux, https://fluxcd.io/flux/releases/. The datasource ``kubernetes-api`` has the other half: all versions.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from managers._yaml import Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, dependency, skipped

MARKERS: tuple[str, ...] = ("alpha", "beta", "autoscaling/v1")
"""One of these stands in every text that has a replaced version."""

_DATASOURCE = "kubernetes-api"

_SUCCESSIONS = (
    ("admissionregistration.k8s.io", "v1beta1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "v1alpha1 v1beta1", "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"),
    ("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "v1beta1", "APIService"),
    ("apps", "v1beta1 v1beta2", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet"),
    ("authentication.k8s.io", "v1beta1", "TokenReview"),
    ("authentication.k8s.io", "v1alpha1 v1beta1", "SelfSubjectReview"),
    (
        "authorization.k8s.io",
        "v1beta1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    ),
    ("autoscaling", "v1 v2beta1 v2beta2", "HorizontalPodAutoscaler"),
    ("batch", "v1beta1", "CronJob"),
    ("certificates.k8s.io", "v1beta1", "CertificateSigningRequest"),
    ("coordination.k8s.io", "v1beta1", "Lease"),
    ("discovery.k8s.io", "v1beta1", "EndpointSlice"),
    ("events.k8s.io", "v1beta1", "Event"),
    ("flowcontrol.apiserver.k8s.io", "v1alpha1 v1beta1 v1beta2 v1beta3", "FlowSchema PriorityLevelConfiguration"),
    ("networking.k8s.io", "v1beta1", "Ingress IngressClass"),
    ("networking.k8s.io", "v1alpha1 v1beta1", "IPAddress ServiceCIDR"),
    ("node.k8s.io", "v1alpha1 v1beta1", "RuntimeClass"),
    ("policy", "v1beta1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "v1alpha1 v1beta1", "ClusterRole ClusterRoleBinding Role RoleBinding"),
    ("resource.k8s.io", "v1alpha3 v1beta1 v1beta2", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice"),
    ("scheduling.k8s.io", "v1alpha1 v1beta1", "PriorityClass"),
    ("storage.k8s.io", "v1alpha1 v1beta1", "CSIStorageCapacity VolumeAttachment VolumeAttributesClass"),
    ("storage.k8s.io", "v1beta1", "CSIDriver CSINode StorageClass"),
    ("helm.toolkit.fluxcd.io", "v2beta1 v2beta2", "HelmRelease"),
    ("image.toolkit.fluxcd.io", "v1alpha1 v1alpha2 v1beta1 v1beta2", "ImagePolicy ImageRepository"),
    ("image.toolkit.fluxcd.io", "v1alpha1 v1alpha2 v1beta1 v1beta2", "ImageUpdateAutomation"),
    ("kustomize.toolkit.fluxcd.io", "v1beta1 v1beta2", "Kustomization"),
    ("notification.toolkit.fluxcd.io", "v1beta1 v1beta2", "Alert Provider Receiver"),
    ("source.toolkit.fluxcd.io", "v1beta1 v1beta2", "Bucket GitRepository HelmChart HelmRepository"),
    ("source.toolkit.fluxcd.io", "v1beta2", "OCIRepository"),
)
"""Group, the versions that a newer one in the group has replaced, and the kinds they are versions of."""

_REMOVALS = (
    ("extensions/v1beta1", "DaemonSet Deployment ReplicaSet", "1.16", "apps/v1"),
    ("extensions/v1beta1", "NetworkPolicy", "1.16", "networking.k8s.io/v1"),
    ("extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"),
    ("batch/v2alpha1", "CronJob", "1.21", "batch/v1"),
    ("extensions/v1beta1", "PodSecurityPolicy", "1.16", None),
    ("policy/v1beta1", "PodSecurityPolicy", "1.25", None),
    ("settings.k8s.io/v1alpha1", "PodPreset", "1.20", None),
)
"""Version, kinds, the Kubernetes that no longer has it, and what to rewrite the object for."""

_SUCCEEDED = frozenset(
    (f"{group}/{version}", kind)
    for group, versions, kinds in _SUCCESSIONS
    for version in versions.split()
    for kind in kinds.split()
)
_REMOVED = {
    (version, kind): f"removed in Kubernetes {since}; "
    + (f"in {successor} the schema differs" if successor else "nothing takes its place")
    for version, kinds, since, successor in _REMOVALS
    for kind in kinds.split()
}
REPLACED = _SUCCEEDED | _REMOVED.keys()
"""Each replaced ``apiVersion`` with its ``kind``."""

_TEMPLATE = re.compile(r"\{\{")
_MAX_TEMPLATES = 5_000
_CONDITION = re.compile(r"\{\{[^}\n]{0,200}?(?:Capabilities|semverCompare|[aA]pi[vV]ersion)")


def is_replaced(version: str, kind: str) -> bool:
    """Whether a newer version, if any, has taken the place of this one."""
    return (version, kind) in REPLACED


def replaced_version(file: SourceFile, item: Mapping, *, manager: str, version: str, kind: str) -> Iterator[Extracted]:
    """The ``apiVersion`` of an object, if a newer one has taken its place.

    It is listed, not moved, where the successor is of another group, because then the schema differs as well. It is
    nothing to report where a chart's template chooses it by what the cluster has.
    """
    at = item.scalar("apiVersion")
    if not is_replaced(version, kind) or at is None or at.span is None or _is_chosen(file, item):
        return
    reason = _REMOVED.get((version, kind))
    if reason is None:
        package = Package(datasource=_DATASOURCE, name=kind)
        yield dependency(file, manager=manager, name=kind, package=package, value=at.span, versioning="kubernetes-api")
    else:
        yield skipped(file, manager=manager, reason=reason, at=at.span, name=kind, datasource=_DATASOURCE)


def _is_chosen(file: SourceFile, item: Mapping) -> bool:
    """Whether ``apiVersion`` stands there once for each outcome of a condition, or a condition asks for it."""
    lines = sum(key == "apiVersion" and isinstance(node, Scalar) for key, node in item.items())
    return lines > 1 or _asks_for_version(file.text)


@lru_cache(maxsize=1)
def _asks_for_version(text: str) -> bool:
    """Whether a template asks what the cluster can do; few of them are looked at in a text full of templates."""
    return any(_CONDITION.match(text, match.start()) for match in islice(_TEMPLATE.finditer(text), _MAX_TEMPLATES))
