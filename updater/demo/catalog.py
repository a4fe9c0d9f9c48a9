"""What the demo's registries offer, as data.

Names and numbers resemble real ones; dates and contents are invented. Each package offers newer patch, minor or
major versions and, beside them, what a careless choice would take: prereleases, image variants, moving tags,
commit and date tags, tags with a stray ``v``. Dates without a time mean nine in the morning, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""The moment of the demo. All was published long before it, but for one chart a few hours before."""


def instant(date: str) -> str:
    """A date of this catalogue as an RFC 3339 timestamp."""
    return date if "T" in date else f"{date}T09:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A container repository: tag → when it was built, and moving tag → the tag it stands on.

    With ``chart`` the tags are versions of the Helm chart of that name instead of images.
    """

    source: str
    tags: Mapping[str, str]
    moving: Mapping[str, str] = field(default_factory=dict)
    chart: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of a Helm repository: version → (when it was published, version of the application in it)."""

    description: str
    home: str
    versions: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A Terraform provider: version → date. ``files`` is where its zips are; ``{version}`` stands for the version."""

    files: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A Git repository on GitHub: tag → date. ``releases`` says that each tag is a GitHub release as well."""

    tags: Mapping[str, str]
    annotated: bool = False
    releases: bool = False


# ---------------------------------------------------------------- container registries: host → repository → image

IMAGES: Mapping[str, Mapping[str, Image]] = {
    "ghcr.io": {
        "acme/api": Image(
            source="https://github.com/acme/api",
            tags={
                "1.3.0": "2026-02-02",
                "1.3.1": "2026-02-16",
                "1.4.0": "2026-03-09",
                "1.4.1": "2026-04-06",
                "1.4.2": "2026-05-04",
                "1.4.3": "2026-06-15",
                "1.5.0": "2026-07-06",
                "1.5.1": "2026-08-10",
                "1.6.0-rc.1": "2026-08-31",
                "1.6.0": "2026-09-14",
                "1.6.0-debug": "2026-09-14",
                "v1.9.0": "2026-01-12",  # one release was once tagged by hand
                "2.0.0-rc.1": "2026-10-12",
                "20260914": "2026-09-14",
                "pr-481": "2026-10-19",
                "sha-9c1d2e4": "2026-09-14",
                "sha-4f2a91c": "2026-10-20",
            },
            moving={"1": "1.6.0", "1.6": "1.6.0", "latest": "1.6.0", "main": "sha-4f2a91c"},
        ),
        "acme/web": Image(
            source="https://github.com/acme/web",
            tags={
                "2.2.4": "2026-02-23",
                "2.3.0": "2026-04-20",
                "2.3.1": "2026-06-01",
                "2.4.0": "2026-08-24",
                "3.0.0": "2026-10-05",
                "3.1.0-beta.2": "2026-10-26",
                "20261005": "2026-10-05",
                "sha-77aa0b3": "2026-10-05",
            },
            moving={"2": "2.4.0", "2.4": "2.4.0", "3": "3.0.0", "3.0": "3.0.0", "latest": "3.0.0"},
        ),
        "acme/workers": Image(
            source="https://github.com/acme/workers",
            tags={
                "0.9.3": "2026-03-02",
                "0.9.4": "2026-04-13",
                "0.10.0": "2026-06-22",
                "0.11.0": "2026-09-07",
                "0.11.1": "2026-09-21",
                "1.0.0-rc.2": "2026-10-19",
                "sha-0be77d1": "2026-10-19",
            },
            moving={"0.11": "0.11.1", "latest": "0.11.1", "nightly": "sha-0be77d1"},
        ),
        "external-secrets/external-secrets": Image(
            source="https://github.com/external-secrets/external-secrets",
            tags={
                "v0.9.17": "2026-02-18",
                "v0.9.18": "2026-03-18",
                "v0.9.18-ubi": "2026-03-18",
                "v0.9.20": "2026-04-29",
                "v0.10.7": "2026-06-24",
                "v0.20.4": "2026-08-19",
                "v0.20.4-ubi": "2026-08-19",
                "v0.20.4-ubi-boringssl": "2026-08-19",
                "v1.0.0": "2026-10-07",
                "v1.0.0-ubi": "2026-10-07",
            },
            moving={"main": "v1.0.0"},
        ),
        "external-secrets/charts/external-secrets": Image(
            source="https://github.com/external-secrets/external-secrets",
            chart="external-secrets",
            tags={
                "0.9.17": "2026-02-18",
                "0.9.18": "2026-03-18",
                "0.9.20": "2026-04-29",
                "0.10.7": "2026-06-24",
                "0.20.4": "2026-08-19",
                "1.0.0": "2026-10-07",
                "1.1.0-rc1": "2026-10-28",
            },
        ),
    },
    "registry-1.docker.io": {
        "library/nginx": Image(
            source="https://github.com/nginx/docker-nginx",
            tags={
                "1.27.0": "2026-02-10",
                "1.27.0-alpine": "2026-02-10",
                "1.27.0-alpine-slim": "2026-02-10",
                "1.27.0-alpine3.19": "2026-02-10",
                "1.27.1": "2026-04-14",
                "1.27.1-alpine": "2026-04-14",
                "1.27.2-alpine": "2026-05-12",
                "1.28.0": "2026-06-23",
                "1.28.0-alpine": "2026-06-23",
                "1.29.0-alpine": "2026-08-04",
                "1.29.3": "2026-10-06",
                "1.29.3-alpine": "2026-10-06",
                "1.29.3-alpine-otel": "2026-10-06",
                "1.29.3-alpine-perl": "2026-10-06",
                "1.29.3-alpine-slim": "2026-10-06",
                "1.29.3-bookworm": "2026-10-06",
                "1.29.4": "2026-10-27",  # the Alpine variant is not built yet
            },
            moving={
                "1": "1.29.4",
                "1-alpine": "1.29.3-alpine",
                "1.29": "1.29.4",
                "1.29-alpine": "1.29.3-alpine",
                "1.29.3-alpine3.22": "1.29.3-alpine",
                "alpine": "1.29.3-alpine",
                "latest": "1.29.4",
                "mainline-alpine": "1.29.3-alpine",
                "stable": "1.28.0",
                "stable-alpine": "1.28.0-alpine",
            },
        ),
        "library/redis": Image(
            source="https://github.com/redis/docker-library-redis",
            tags={
                "7.2.4": "2026-01-20",
                "7.2.4-alpine3.19": "2026-01-20",
                "7.2.5-alpine3.19": "2026-04-21",
                "7.2.5-alpine3.20": "2026-04-21",
                "7.2.5-bookworm": "2026-04-21",
                "7.4-rc1-alpine3.20": "2026-05-19",
                "7.4.0-alpine3.19": "2026-06-16",
                "7.4.0-alpine3.20": "2026-06-16",
                "7.4.6-alpine3.21": "2026-09-08",
                "8.0.0-alpine3.21": "2026-07-14",
                "8.2.1-alpine3.22": "2026-09-15",
                "8.2.1-bookworm": "2026-09-15",
            },
            moving={"7-alpine": "7.4.6-alpine3.21", "8": "8.2.1-bookworm", "alpine": "8.2.1-alpine3.22"},
        ),
        "library/busybox": Image(
            source="https://github.com/docker-library/busybox",
            tags={
                "1.36.1": "2026-01-06",
                "1.36.1-glibc": "2026-01-06",
                "1.36.1-musl": "2026-01-06",
                "1.37.0": "2026-05-26",
                "1.37.0-glibc": "2026-05-26",
                "1.37.0-musl": "2026-05-26",
                "1.37.0-uclibc": "2026-05-26",
            },
            moving={"1": "1.37.0", "1.37": "1.37.0", "latest": "1.37.0", "stable": "1.37.0", "unstable": "1.37.0"},
        ),
        "nginx/nginx-prometheus-exporter": Image(
            source="https://github.com/nginx/nginx-prometheus-exporter",
            tags={
                "0.11.0": "2026-01-08",
                "1.1.0": "2026-02-12",
                "1.1.0-ubi": "2026-02-12",
                "1.3.0": "2026-05-14",
                "1.4.2": "2026-07-16",
                "1.5.1": "2026-10-01",
                "1.5.1-ubi": "2026-10-01",
                "sha-6f1b2c3": "2026-10-20",
            },
            moving={"1.5": "1.5.1", "edge": "sha-6f1b2c3", "latest": "1.5.1"},
        ),
        "grafana/grafana": Image(
            source="https://github.com/grafana/grafana",
            tags={
                "11.0.0": "2026-01-14",
                "11.1.0": "2026-02-25",
                "11.1.0-ubuntu": "2026-02-25",
                "11.4.0": "2026-05-20",
                "11.6.4": "2026-08-12",
                "11.6.4-ubuntu": "2026-08-12",
                "12.0.0-preview": "2026-06-10",
                "12.0.0": "2026-07-08",
                "12.2.1": "2026-10-14",
                "12.2.1-ubuntu": "2026-10-14",
                "12.3.0-18420319384": "2026-10-21",
            },
            moving={"latest": "12.2.1", "main": "12.3.0-18420319384"},
        ),
        "maxmindinc/geoipupdate": Image(
            source="https://github.com/maxmind/geoipupdate",
            tags={"v6.1.0": "2026-01-15", "v7.0.1": "2026-03-05", "v7.1.0": "2026-06-18", "v7.1.1": "2026-09-03"},
            moving={"latest": "v7.1.1", "v7": "v7.1.1", "v7.1": "v7.1.1"},
        ),
    },
    "quay.io": {
        "oauth2-proxy/oauth2-proxy": Image(
            source="https://github.com/oauth2-proxy/oauth2-proxy",
            tags={
                "v7.5.1": "2026-01-22",
                "v7.6.0": "2026-02-26",
                "v7.6.0-alpine": "2026-02-26",
                "v7.6.0-amd64": "2026-02-26",
                "v7.8.1": "2026-05-07",
                "v7.12.0": "2026-09-10",
                "v7.12.0-alpine": "2026-09-10",
                "v7.12.0-amd64": "2026-09-10",
            },
            moving={"latest": "v7.12.0"},
        ),
        "prometheus/statsd-exporter": Image(
            source="https://github.com/prometheus/statsd_exporter",
            tags={"v0.26.0": "2026-01-13", "v0.26.1": "2026-03-03", "v0.27.2": "2026-06-09", "v0.28.0": "2026-09-01"},
            moving={"latest": "v0.28.0", "main": "v0.28.0"},
        ),
        "prometheus/prometheus": Image(
            source="https://github.com/prometheus/prometheus",
            tags={
                "v2.52.0": "2026-01-27",
                "v2.53.0": "2026-03-10",
                "v2.54.1": "2026-05-05",
                "v2.55.1": "2026-07-07",
                "v3.0.0-beta.1": "2026-06-02",
                "v3.0.0": "2026-07-21",
                "v3.7.3": "2026-10-13",
                "v3.8.0-rc.1": "2026-10-29",
            },
            moving={"latest": "v3.7.3", "main": "v3.8.0-rc.1"},
        ),
        "prometheus/blackbox-exporter": Image(
            source="https://github.com/prometheus/blackbox_exporter",
            tags={"v0.24.0": "2026-01-19", "v0.25.0": "2026-03-24", "v0.26.0": "2026-06-30", "v0.27.0": "2026-09-29"},
            moving={"latest": "v0.27.0", "master": "v0.27.0"},
        ),
    },
    "registry.k8s.io": {
        "kubectl": Image(
            source="https://github.com/kubernetes/kubernetes",
            tags={
                "v1.29.3": "2026-01-21",
                "v1.29.14": "2026-04-22",
                "v1.30.9": "2026-05-13",
                "v1.33.5": "2026-09-09",
                "v1.34.1": "2026-09-30",
                "v1.34.2": "2026-10-21",
                "v1.35.0-alpha.3": "2026-10-28",
                f"sha256-{'0a1b2c3d' * 8}.sig": "2026-10-21",
            },
        ),
    },
}

# ---------------------------------------------------------------- Helm repositories: URL → chart

CHARTS: Mapping[str, Mapping[str, Chart]] = {
    "https://charts.jetstack.io": {
        "cert-manager": Chart(
            description="A Helm chart for cert-manager",
            home="https://github.com/cert-manager/cert-manager",
            versions={
                "v1.13.6": ("2026-01-07", "v1.13.6"),
                "v1.14.4": ("2026-02-11", "v1.14.4"),
                "v1.14.7": ("2026-03-25", "v1.14.7"),
                "v1.15.5": ("2026-05-06", "v1.15.5"),
                "v1.18.4": ("2026-09-02", "v1.18.4"),
                "v1.19.1": ("2026-10-08", "v1.19.1"),
                "v1.20.0-alpha.0": ("2026-10-22", "v1.20.0-alpha.0"),
            },
        ),
        "trust-manager": Chart(
            description="trust-manager is the easiest way to manage TLS trust bundles",
            home="https://github.com/cert-manager/trust-manager",
            versions={"v0.9.2": ("2026-02-17", "v0.9.2"), "v0.20.2": ("2026-10-15", "v0.20.2")},
        ),
    },
    "https://kubernetes.github.io/ingress-nginx": {
        "ingress-nginx": Chart(
            description="Ingress controller for Kubernetes using NGINX as a reverse proxy and load balancer",
            home="https://github.com/kubernetes/ingress-nginx",
            versions={
                "4.9.1": ("2026-01-29", "1.9.6"),
                "4.10.0": ("2026-03-04", "1.10.0"),
                "4.10.6": ("2026-05-27", "1.10.6"),
                "4.12.8": ("2026-08-26", "1.12.8"),
                "4.13.4": ("2026-10-09", "1.13.4"),
                "4.13.5": ("2026-11-22T23:40:00Z", "1.13.5"),  # too young for a cautious team
                "5.0.0-beta.1": ("2026-10-23", "2.0.0-beta.1"),
            },
        ),
    },
    "https://prometheus-community.github.io/helm-charts": {
        "alertmanager": Chart(
            description="The Alertmanager handles alerts sent by client applications such as the Prometheus server.",
            home="https://prometheus.io/",
            versions={"1.10.0": ("2026-02-24", "v0.27.0"), "1.28.0": ("2026-10-16", "v0.28.1")},
        ),
        "kube-prometheus-stack": Chart(
            description="Kubernetes manifests, Grafana dashboards, and Prometheus rules to operate a cluster",
            home="https://github.com/prometheus-operator/kube-prometheus",
            versions={
                "57.2.1": ("2026-01-28", "v0.72.0"),
                "58.2.1": ("2026-03-11", "v0.73.1"),
                "58.7.2": ("2026-04-30", "v0.73.2"),
                "65.8.1": ("2026-07-22", "v0.77.2"),
                "79.1.0": ("2026-10-27", "v0.86.1"),
            },
        ),
    },
}

# ---------------------------------------------------------------- Terraform: name on registry.terraform.io → offer

PLATFORMS = ("darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64")

PROVIDERS: Mapping[str, Provider] = {
    "hashicorp/aws": Provider(
        files="https://releases.hashicorp.com/terraform-provider-aws/{version}/",
        versions={
            "5.30.0": "2026-01-05",
            "5.31.0": "2026-01-19",
            "5.64.0": "2026-05-11",
            "5.99.1": "2026-08-17",
            "5.100.0": "2026-09-28",
            "6.0.0-beta3": "2026-07-20",
            "6.0.0": "2026-08-03",
            "6.21.0": "2026-10-19",
        },
    ),
    "hashicorp/random": Provider(
        files="https://releases.hashicorp.com/terraform-provider-random/{version}/",
        versions={
            "3.5.1": "2026-01-08",
            "3.6.0": "2026-02-05",
            "3.6.3": "2026-05-21",
            "3.7.2": "2026-09-17",
            "4.0.0-alpha1": "2026-10-20",
        },
    ),
    "cloudflare/cloudflare": Provider(
        files="https://github.com/cloudflare/terraform-provider-cloudflare/releases/download/v{version}/",
        versions={
            "4.20.0": "2026-01-12",
            "4.39.0": "2026-06-08",
            "4.52.5": "2026-09-22",
            "5.0.0-rc1": "2026-06-29",
            "5.0.0": "2026-08-10",
            "5.12.0": "2026-10-12",
        },
    ),
}

MODULES: Mapping[str, Mapping[str, str]] = {
    "terraform-aws-modules/vpc/aws": {
        "5.4.0": "2026-01-06",
        "5.5.1": "2026-02-03",
        "5.13.0": "2026-05-19",
        "5.21.0": "2026-08-25",
        "6.0.0": "2026-09-08",
        "6.5.0": "2026-10-20",
    },
    "terraform-aws-modules/eks/aws": {
        "19.21.0": "2026-01-13",
        "20.2.1": "2026-02-19",
        "20.24.0": "2026-06-11",
        "20.37.2": "2026-08-27",
        "21.0.0": "2026-09-16",
        "21.8.0": "2026-10-22",
    },
}

# ---------------------------------------------------------------- Git repositories on github.com

REPOSITORIES: Mapping[str, Repository] = {
    "acme/gitops": Repository(tags={}),
    "acme/kustomize-bases": Repository(
        annotated=True,
        tags={
            "v2.0.0": "2026-01-26",
            "v2.1.0": "2026-03-30",
            "v2.2.0": "2026-07-13",
            "v2.3.1": "2026-10-05",
        },
    ),
    "acme/platform-manifests": Repository(
        tags={"v0.8.0": "2026-03-16", "v0.8.1": "2026-05-25", "v0.9.0": "2026-09-23", "exporters-2026-10": "2026-10-12"}
    ),
    "acme/terraform-modules": Repository(
        annotated=True,
        tags={
            "v1.1.0": "2026-02-09",
            "v1.2.0": "2026-03-23",
            "v1.2.1": "2026-06-29",
            "v1.3.0": "2026-08-31",
            "v2.0.0": "2026-10-05",
            "v2.1.0-rc.1": "2026-10-26",
            "dns-zone-v9.0.0": "2026-01-05",
            "nightly": "2026-10-29",
        },
    ),
    "hashicorp/terraform": Repository(
        releases=True,
        tags={
            "v1.6.6": "2026-01-07",
            "v1.7.0": "2026-01-14",
            "v1.7.5": "2026-03-12",
            "v1.8.5": "2026-05-28",
            "v1.12.2": "2026-08-06",
            "v1.13.4": "2026-10-15",
            "v1.14.0-rc1": "2026-10-29",
            "v1.15.0-alpha20261021": "2026-10-21",
        },
    ),
}
