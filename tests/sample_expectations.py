"""What there is to find in ``tests/sample``, and what the registries of the demo have for it."""

from typing import NamedTuple


class Expected(NamedTuple):
    """A version that stands in a file and can be moved.

    ``minor`` is the newest stable release of its family within the same major version, ``major`` that of any higher
    one, however young; None where there is none. The family is prefix and suffix; a range counts as its lower bound.
    """

    file: str
    manager: str
    dep_name: str
    current_value: str
    datasource: str
    minor: str | None
    major: str | None


class Locked(NamedTuple):
    """A provider in a lock file."""

    file: str
    package_name: str
    version: str


class Unmanaged(NamedTuple):
    """Something that looks like a dependency and has no version that could be moved."""

    file: str
    text: str
    why: str


TOO_YOUNG = ("ingress-nginx", "4.13.5")
"""The one release that appeared only hours before the demo's ``NOW``; the one before it is 4.13.4."""

_NGINX_1_27_0 = "sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
_NGINX_1_27_1 = "sha256:f7af37b7b3be834830398701ba294b179de7fe01d73d9918f480fc727ab4ce3e"

PINNED = {
    ("apps/production/web/deployment.yaml", "nginx"): _NGINX_1_27_0,
    ("apps/staging/web/deployment.yaml", "nginx"): _NGINX_1_27_1,
}
"""File and ``dep_name`` of the images that carry a digest: the one that their tag really has."""

_Found = tuple[str, str, str, str, str | None, str | None]

_FOUND: dict[str, tuple[_Found, ...]] = {
    # The same image twice in one file: the init container migrates, the container serves.
    "apps/production/api/deployment.yaml": (
        ("kubernetes", "ghcr.io/acme/api", "1.4.2", "docker", "1.6.0", None),
        ("kubernetes", "ghcr.io/acme/api", "1.4.2", "docker", "1.6.0", None),
    ),
    "apps/production/api/kustomization.yaml": (
        ("kustomize", "acme/kustomize-bases", "v2.1.0", "github-tags", "v2.3.1", None),
        ("kustomize", "quay.io/oauth2-proxy/oauth2-proxy", "v7.6.0", "docker", "v7.12.0", None),
    ),
    "apps/production/web/deployment.yaml": (
        ("kubernetes", "busybox", "1.36.1", "docker", "1.37.0", None),
        ("kubernetes", "ghcr.io/acme/web", "2.3.0", "docker", "2.4.0", "3.0.0"),
        ("kubernetes", "nginx", "1.27.0-alpine", "docker", "1.29.3-alpine", None),
        ("kubernetes", "nginx/nginx-prometheus-exporter", "1.1.0", "docker", "1.5.1", None),
    ),
    "apps/production/workers/deployment.yaml": (
        ("kubernetes", "redis", "7.2.4-alpine3.19", "docker", "7.4.6-alpine3.21", "8.2.1-alpine3.22"),
        ("kubernetes", "quay.io/prometheus/statsd-exporter", "v0.26.1", "docker", "v0.28.0", None),
        ("kubernetes", "registry.k8s.io/kubectl", "v1.29.3", "docker", "v1.34.2", None),
    ),
    "apps/production/workers/kustomization.yaml": (
        ("kustomize", "ghcr.io/acme/workers", "0.9.4", "docker", "0.11.1", None),
    ),
    "apps/staging/api/deployment.yaml": (
        ("kubernetes", "ghcr.io/acme/api", "1.5.0", "docker", "1.6.0", None),
        ("kubernetes", "ghcr.io/acme/api", "1.5.0", "docker", "1.6.0", None),
    ),
    "apps/staging/api/kustomization.yaml": (
        ("kustomize", "acme/kustomize-bases", "v2.2.0", "github-tags", "v2.3.1", None),
        ("kustomize", "quay.io/oauth2-proxy/oauth2-proxy", "v7.6.0", "docker", "v7.12.0", None),
    ),
    "apps/staging/web/deployment.yaml": (
        ("kubernetes", "busybox", "1.36.1", "docker", "1.37.0", None),
        ("kubernetes", "ghcr.io/acme/web", "2.3.1", "docker", "2.4.0", "3.0.0"),
        ("kubernetes", "nginx", "1.27.1-alpine", "docker", "1.29.3-alpine", None),
        ("kubernetes", "nginx/nginx-prometheus-exporter", "1.1.0", "docker", "1.5.1", None),
    ),
    # The file with CRLF.
    "apps/staging/workers/deployment.yaml": (
        ("kubernetes", "redis", "7.2.5-alpine3.19", "docker", "7.4.6-alpine3.21", "8.2.1-alpine3.22"),
        ("kubernetes", "quay.io/prometheus/statsd-exporter", "v0.26.1", "docker", "v0.28.0", None),
        ("kubernetes", "registry.k8s.io/kubectl", "v1.29.3", "docker", "v1.34.2", None),
    ),
    "apps/staging/workers/kustomization.yaml": (
        ("kustomize", "ghcr.io/acme/workers", "0.10.0", "docker", "0.11.1", None),
    ),
    "platform/cert-manager/application.yaml": (
        ("argocd", "cert-manager", "v1.14.4", "helm", "v1.19.1", None),
    ),
    "platform/external-secrets/application.yaml": (
        ("argocd", "external-secrets", "0.9.18", "docker", "0.20.4", "1.0.0"),
    ),
    "platform/external-secrets/values.yaml": (
        ("helm-values", "ghcr.io/external-secrets/external-secrets", "v0.9.18", "docker", "v0.20.4", "v1.0.0"),
    ),
    "platform/ingress-nginx/application.yaml": (
        ("argocd", "ingress-nginx", "4.10.0", "helm", "4.13.5", None),
        ("argocd", "docker.io/maxmindinc/geoipupdate", "v7.0.1", "docker", "v7.1.1", None),
    ),
    "platform/monitoring/application.yaml": (
        ("argocd", "kube-prometheus-stack", "58.2.1", "helm", "58.7.2", "79.1.0"),
        ("argocd", "quay.io/prometheus/prometheus", "v2.53.0", "docker", "v2.55.1", "v3.7.3"),
        ("argocd", "docker.io/grafana/grafana", "11.1.0", "docker", "11.6.4", "12.2.1"),
    ),
    "platform/monitoring/exporters.yaml": (
        ("argocd", "acme/platform-manifests", "v0.8.0", "github-tags", "v0.9.0", None),
        ("argocd", "quay.io/prometheus/blackbox-exporter", "v0.25.0", "docker", "v0.27.0", None),
    ),
    "terraform/compute/main.tf": (
        ("terraform", "terraform-aws-modules/eks/aws", "~> 20.2", "terraform-module", "20.37.2", "21.8.0"),
    ),
    "terraform/compute/versions.tf": (
        ("terraform", "hashicorp/terraform", "~> 1.7.0", "github-releases", "1.13.4", None),
        ("terraform", "aws", "~> 5.31", "terraform-provider", "5.100.0", "6.21.0"),
        ("terraform", "random", "3.6.0", "terraform-provider", "3.7.2", None),
    ),
    "terraform/dns/main.tf": (
        ("terraform", "github.com/acme/terraform-modules", "v1.2.0", "github-tags", "v1.3.0", "v2.0.0"),
    ),
    "terraform/dns/versions.tf": (
        ("terraform", "hashicorp/terraform", ">= 1.7.0, < 2.0.0", "github-releases", "1.13.4", None),
        ("terraform", "cloudflare", "~> 4.20", "terraform-provider", "4.52.5", "5.12.0"),
    ),
    "terraform/networking/main.tf": (
        ("terraform", "terraform-aws-modules/vpc/aws", "5.5.1", "terraform-module", "5.21.0", "6.5.0"),
    ),
    "terraform/networking/versions.tf": (
        ("terraform", "hashicorp/terraform", "~> 1.7.0", "github-releases", "1.13.4", None),
        ("terraform", "aws", "~> 5.31", "terraform-provider", "5.100.0", "6.21.0"),
    ),
}  # fmt: skip

DEPENDENCIES = tuple(Expected(file, *found) for file, rows in _FOUND.items() for found in rows)
"""In order of file; within a file in order of place."""

LOCKED = (
    Locked("terraform/compute/.terraform.lock.hcl", "hashicorp/aws", "5.31.0"),
    Locked("terraform/compute/.terraform.lock.hcl", "hashicorp/random", "3.6.0"),
    Locked("terraform/networking/.terraform.lock.hcl", "hashicorp/aws", "5.31.0"),
)

_NO_TAG = "no tag: kustomization.yaml gives it"

UNMANAGED = (
    Unmanaged("apps/production/api/deployment.yaml", "image: oauth2-proxy", _NO_TAG),
    Unmanaged("apps/production/workers/deployment.yaml", "image: ghcr.io/acme/workers", _NO_TAG),
    Unmanaged("apps/staging/api/deployment.yaml", "image: oauth2-proxy", _NO_TAG),
    Unmanaged("apps/staging/workers/deployment.yaml", "image: ghcr.io/acme/workers", _NO_TAG),
    Unmanaged("platform/external-secrets/application.yaml", "targetRevision: main", "a branch"),
)
