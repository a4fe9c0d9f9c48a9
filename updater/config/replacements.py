"""Packages that moved, or that another one has taken the place of: the presets ``replacements:…``, as data.

A row is what the publisher announced, linked beside it. Whether the new package has the version in use is asked of its
registry before anything is proposed.
"""

from collections.abc import Mapping
from typing import NamedTuple

_Rule = Mapping[str, object]


class Move(NamedTuple):
    """What moved, in a sentence; where it was announced; and the rules that follow it."""

    text: str
    source: str
    rules: tuple[_Rule, ...]


def _images(moves: Mapping[str, str]) -> tuple[_Rule, ...]:
    """Images by name: old → new. A name that ends in ``/`` stands for all that begins like it."""
    return tuple(_rule("docker", old, new) for old, new in moves.items())


def _actions(moves: Mapping[str, str]) -> tuple[_Rule, ...]:
    return tuple(_rule("github-tags", old, new) for old, new in moves.items())


def _rule(datasource: str, old: str, new: str) -> _Rule:
    if not old.endswith("/"):
        return {"matchDatasources": [datasource], "matchPackageNames": [old], "replacementName": new}
    pattern = "^" + old.replace(".", r"\.")
    return {
        "matchDatasources": [datasource],
        "matchPackageNames": [f"{old}**"],
        "replacementName": f"{{{{{{replace '{pattern}' '{new}' packageName}}}}}}",
    }


def _repositories(moves: Mapping[str, str]) -> tuple[_Rule, ...]:
    """Chart repositories by address: old → new. The charts keep their names and versions."""
    return tuple(
        {"matchDatasources": ["helm"], "matchRegistryUrls": [f"{old}{{,/}}"], "replacementRegistryUrl": new}
        for old, new in moves.items()
    )


MOVES: Mapping[str, Move] = {
    "k8s-registry-move": Move(
        "Images of `k8s.gcr.io`, which is frozen, come from `registry.k8s.io`.",
        "https://kubernetes.io/blog/2023/02/06/k8s-gcr-io-freeze-announcement/",
        _images(
            {
                "k8s.gcr.io/": "registry.k8s.io/",
                "us.gcr.io/k8s-artifacts-prod/": "registry.k8s.io/",
                "eu.gcr.io/k8s-artifacts-prod/": "registry.k8s.io/",
                "asia.gcr.io/k8s-artifacts-prod/": "registry.k8s.io/",
            }
        ),
    ),
    "google-containers-registry-move": Move(
        "Images of Kubernetes that are still taken from `gcr.io/google_containers` come from `registry.k8s.io`.",
        "https://kubernetes.io/blog/2022/11/28/registry-k8s-io-faster-cheaper-ga/",
        _images({"gcr.io/google_containers/": "registry.k8s.io/", "gcr.io/google-containers/": "registry.k8s.io/"}),
    ),
    "kubernetes-csi-registry-move": Move(
        "The CSI sidecars left `quay.io/k8scsi` for the registry of Kubernetes.",
        "https://kubernetes-csi.github.io/docs/sidecar-containers.html",
        _images({"quay.io/k8scsi/": "registry.k8s.io/sig-storage/"}),
    ),
    "kube-rbac-proxy-registry-move": Move(
        "`kube-rbac-proxy` is no longer published by Kubebuilder, but by its author.",
        "https://github.com/kubernetes-sigs/kubebuilder/discussions/3907",
        _images({"gcr.io/kubebuilder/kube-rbac-proxy": "quay.io/brancz/kube-rbac-proxy"}),
    ),
    "external-dns-registry-move": Move(
        "ExternalDNS comes from the registry of Kubernetes.",
        "https://github.com/kubernetes-sigs/external-dns#readme",
        _images(
            {"registry.opensource.zalan.do/teapot/external-dns": "registry.k8s.io/external-dns/external-dns"},
        ),
    ),
    "argoproj-registry-move": Move(
        "Argo's images moved from Docker Hub to Quay.",
        "https://argo-cd.readthedocs.io/en/stable/operator-manual/upgrading/1.8-2.0/",
        _images(
            {
                f"{owner}/{name}": f"quay.io/{owner}/{name}"
                for owner, names in {
                    "argoproj": "argocd argocd-applicationset argo-rollouts argocli argoexec workflow-controller "
                    "argo-events kubectl-argo-rollouts",
                    "argoprojlabs": "argocd-image-updater",
                }.items()
                for name in names.split()
            }
        ),
    ),
    "prometheus-operator-registry-move": Move(
        "Prometheus Operator and kube-state-metrics left CoreOS's organisation on Quay.",
        "https://github.com/prometheus-operator/prometheus-operator/blob/main/CHANGELOG.md",
        _images(
            {
                "quay.io/coreos/prometheus-operator": "quay.io/prometheus-operator/prometheus-operator",
                "quay.io/coreos/prometheus-config-reloader": "quay.io/prometheus-operator/prometheus-config-reloader",
                "quay.io/coreos/kube-state-metrics": "registry.k8s.io/kube-state-metrics/kube-state-metrics",
            }
        ),
    ),
    "flannel-registry-move": Move(
        "Flannel left CoreOS's organisation on Quay.",
        "https://github.com/flannel-io/flannel#readme",
        _images({"quay.io/coreos/flannel": "ghcr.io/flannel-io/flannel"}),
    ),
    "metallb-registry-move": Move(
        "MetalLB's images moved from Docker Hub to Quay.",
        "https://metallb.io/release-notes/",
        _images({f"metallb/{name}": f"quay.io/metallb/{name}" for name in ("controller", "speaker")}),
    ),
    "linkerd-registry-move": Move(
        "Linkerd's images moved from Google's registry to its own.",
        "https://github.com/linkerd/linkerd2/blob/main/CHANGES.md",
        _images({"gcr.io/linkerd-io/": "cr.l5d.io/linkerd/"}),
    ),
    "contour-registry-move": Move(
        "Contour's images moved from Docker Hub to GitHub.",
        "https://projectcontour.io/resources/upgrading/",
        _images({"projectcontour/contour": "ghcr.io/projectcontour/contour"}),
    ),
    "opencost-registry-move": Move(
        "OpenCost's images moved from Kubecost's organisation on Quay to GitHub.",
        "https://github.com/opencost/opencost#readme",
        _images(
            {
                "quay.io/kubecost1/kubecost-cost-model": "ghcr.io/opencost/opencost",
                "quay.io/kubecost1/opencost-ui": "ghcr.io/opencost/opencost-ui",
            }
        ),
    ),
    "grafana-oss-to-grafana": Move(
        "`grafana/grafana-oss` is the same as `grafana/grafana`, and no longer updated.",
        "https://grafana.com/docs/grafana/latest/setup-grafana/installation/docker/",
        _images({"grafana/grafana-oss": "grafana/grafana"}),
    ),
    "hashicorp-registry-move": Move(
        "HashiCorp publishes its images under its own name; the official ones of Docker Hub ended.",
        "https://hub.docker.com/_/vault",
        _images({name: f"hashicorp/{name}" for name in ("consul", "vault")}),
    ),
    "traefik-registry-move": Move(
        "Containous became Traefik Labs; its images and its chart repository have new addresses.",
        "https://github.com/traefik/traefik-helm-chart#readme",
        (
            *_images({"containous/traefik": "traefik", "containous/whoami": "traefik/whoami"}),
            *_repositories(
                {
                    "https://containous.github.io/traefik-helm-chart": "https://traefik.github.io/charts",
                    "https://helm.traefik.io/traefik": "https://traefik.github.io/charts",
                }
            ),
        ),
    ),
    "kured-repository-move": Move(
        "Kured left Weaveworks.",
        "https://github.com/kubereboot/kured#readme",
        (
            *_images({"weaveworks/kured": "ghcr.io/kubereboot/kured"}),
            *_repositories({"https://weaveworks.github.io/kured": "https://kubereboot.github.io/charts"}),
        ),
    ),
    "gitea-repository-move": Move(
        "Gitea's chart repository has a new address.",
        "https://gitea.com/gitea/helm-gitea#readme",
        _repositories({"https://dl.gitea.io/charts": "https://dl.gitea.com/charts"}),
    ),
    "helm-stable-repository-move": Move(
        "The archive of Helm's first charts, `stable` and `incubator`, has a new address; the charts are deprecated.",
        "https://helm.sh/blog/new-location-stable-incubator-charts/",
        _repositories(
            {
                "https://kubernetes-charts.storage.googleapis.com": "https://charts.helm.sh/stable",
                "https://kubernetes-charts-incubator.storage.googleapis.com": "https://charts.helm.sh/incubator",
            }
        ),
    ),
    "gitleaks-action-move": Move(
        "The action of Gitleaks belongs to the project.",
        "https://github.com/gitleaks/gitleaks-action#readme",
        _actions({"zricethezav/gitleaks-action": "gitleaks/gitleaks-action"}),
    ),
    "markdown-link-check-action-move": Move(
        "The action for link checks was handed over to the author of the program that it runs.",
        "https://github.com/gaurav-nelson/github-action-markdown-link-check#readme",
        _actions(
            {
                "gaurav-nelson/github-action-markdown-link-check": "tcort/github-action-markdown-link-check",
            }
        ),
    ),
    "scorecard-registry-move": Move(
        "The image of OpenSSF's Scorecard moved to GitHub.",
        "https://github.com/ossf/scorecard#readme",
        _images({"gcr.io/openssf/scorecard": "ghcr.io/ossf/scorecard"}),
    ),
}
"""All that ``replacements:all`` stands for, by the part of the name behind the colon."""

ON_REQUEST: Mapping[str, Move] = {
    "bitnami-legacy": Move(
        "Bitnami's versioned images, where they still are: unmaintained, without any fixes. Not part of "
        "`replacements:all`: it buys time to move away. (Ours.)",
        "https://github.com/bitnami/charts/issues/35164",
        _images({"bitnami/": "bitnamilegacy/"}),
    ),
}
"""Moves that are no improvement, for those who ask for them by name."""
