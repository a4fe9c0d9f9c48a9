"""Versions of the API of each kind of Kubernetes object, from a table in this module.

* Asks nobody: what a kind was called in each Kubernetes is known. The table is that of Kubernetes 1.34 and Flux 2.7.
* Authenticates nowhere.
* Brings the `apiVersion`s that a kind has had, and which of them are deprecated or gone. What your cluster serves is
  not asked: hold a version back with `allowedVersions`.

Only versions within a group follow each other: a `Deployment` of `extensions/v1beta1` must be rewritten for `apps/v1`.

Example: `CronJob` → `batch/v2alpha1`, `batch/v1beta1`, `batch/v1`;
`HorizontalPodAutoscaler` → `autoscaling/v1`, `autoscaling/v2beta1`, …, `autoscaling/v2`
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from updater.api import Client, NotFound, Package, Release, Releases

NAME = "kubernetes-api"
VERSIONING = "kubernetes-api"

_GUIDE = "https://kubernetes.io/docs/reference/using-api/deprecation-guide/"

_TABLE = """
admissionregistration.k8s.io    -v1beta1 v1
    MutatingWebhookConfiguration ValidatingWebhookConfiguration
admissionregistration.k8s.io    -v1alpha1 -v1beta1 v1
    ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
admissionregistration.k8s.io    v1alpha1 v1beta1
    MutatingAdmissionPolicy MutatingAdmissionPolicyBinding
apiextensions.k8s.io            -v1beta1 v1
    CustomResourceDefinition
apiregistration.k8s.io          -v1beta1 v1
    APIService
extensions                      -v1beta1
    DaemonSet Deployment Ingress NetworkPolicy PodSecurityPolicy ReplicaSet
apps                            -v1beta1 -v1beta2 v1
    ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
authentication.k8s.io           -v1beta1 v1
    TokenReview
authentication.k8s.io           -v1alpha1 -v1beta1 v1
    SelfSubjectReview
authorization.k8s.io            -v1beta1 v1
    LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
autoscaling                     v1 -v2beta1 -v2beta2 v2
    HorizontalPodAutoscaler
batch                           -v2alpha1 -v1beta1 v1
    CronJob
certificates.k8s.io             -v1beta1 v1
    CertificateSigningRequest
coordination.k8s.io             -v1beta1 v1
    Lease
discovery.k8s.io                -v1beta1 v1
    EndpointSlice
events.k8s.io                   -v1beta1 v1
    Event
flowcontrol.apiserver.k8s.io    -v1alpha1 -v1beta1 -v1beta2 -v1beta3 v1
    FlowSchema PriorityLevelConfiguration
networking.k8s.io               -v1beta1 v1
    Ingress IngressClass
networking.k8s.io               -v1alpha1 v1beta1 v1
    IPAddress ServiceCIDR
networking.k8s.io               v1
    NetworkPolicy
node.k8s.io                     -v1alpha1 -v1beta1 v1
    RuntimeClass
policy                          -v1beta1 v1
    PodDisruptionBudget
policy                          -v1beta1
    PodSecurityPolicy
rbac.authorization.k8s.io       -v1alpha1 -v1beta1 v1
    ClusterRole ClusterRoleBinding Role RoleBinding
resource.k8s.io                 -v1alpha3 v1beta1 v1beta2 v1
    DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice
scheduling.k8s.io               -v1alpha1 -v1beta1 v1
    PriorityClass
settings.k8s.io                 -v1alpha1
    PodPreset
storage.k8s.io                  -v1alpha1 -v1beta1 v1
    CSIStorageCapacity VolumeAttachment
storage.k8s.io                  -v1beta1 v1
    CSIDriver CSINode StorageClass
storage.k8s.io                  -v1alpha1 v1beta1 v1
    VolumeAttributesClass
helm.toolkit.fluxcd.io          -v2beta1 -v2beta2 v2
    HelmRelease
image.toolkit.fluxcd.io         -v1alpha1 -v1alpha2 -v1beta1 v1beta2 v1
    ImagePolicy ImageRepository ImageUpdateAutomation
kustomize.toolkit.fluxcd.io     -v1beta1 -v1beta2 v1
    Kustomization
notification.toolkit.fluxcd.io  -v1beta1 -v1beta2 v1beta3
    Alert Provider
notification.toolkit.fluxcd.io  -v1beta1 -v1beta2 v1
    Receiver
source.toolkit.fluxcd.io        -v1beta1 -v1beta2 v1
    Bucket GitRepository HelmChart HelmRepository
source.toolkit.fluxcd.io        -v1beta2 v1
    OCIRepository
"""
"""A group with its versions, oldest first, ``-`` before the deprecated and removed ones; below it their kinds."""


async def releases(package: Package, _client: Client) -> Releases:
    """The versions of the kind ``package.name``."""
    found = _kinds().get(package.name)
    if found is None:
        near = get_close_matches(package.name, _kinds(), cutoff=0.8)
        hint = f"; there is {', '.join(near)}" if near else ""
        raise NotFound(f"no kind of Kubernetes object is known as {package.name}{hint}", url=_GUIDE)
    return Releases(releases=found)


@cache
def _kinds() -> Mapping[str, tuple[Release, ...]]:
    kinds: dict[str, tuple[Release, ...]] = {}
    versions: tuple[Release, ...] = ()
    for line in filter(None, _TABLE.splitlines()):
        if line.startswith(" "):
            kinds |= {kind: (*kinds.get(kind, ()), *versions) for kind in line.split()}
        else:
            versions = tuple(_versions(*line.split()))
    return kinds


def _versions(group: str, *versions: str) -> Iterator[Release]:
    for version in versions:
        yield Release(version=f"{group}/{version.removeprefix('-')}", deprecated=version.startswith("-"))
