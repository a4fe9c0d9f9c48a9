"""The manager of kustomizations."""

from pathlib import Path

from managers import kustomize
from tests.managers.reading import dependencies, found, skipped, source
from updater.api import Dependency, Package

HERE = Path(__file__).parent
OVERLAY = source(HERE / "overlay" / "kustomization.yaml")


def of(name: str, value: str | None = None) -> Dependency:
    """The one dependency of that name (and value) in the overlay."""
    (item,) = (
        item for item in dependencies(kustomize, OVERLAY) if item.name == name and value in (None, item.current_value)
    )
    return item


def test_what_is_found() -> None:
    """Remote resources, images in every combination of newName, newTag and digest, and charts with their values."""
    assert found(kustomize, OVERLAY) == [
        (8, "acme/kustomize-bases", "v2.1.0"),
        (9, "acme/kustomize-bases", "v2.2.0"),
        (10, "acme/private", "1.4.0"),
        (11, "https://gitlab.com/acme/platform/monitoring.git", "v0.8.1"),
        (12, "ssh://git@git.example.com:7999/acme/manifests.git", "v3.0.0"),
        (13, "https://dev.azure.com/acme/shop/_git/manifests", "v1.0.2"),
        (14, "https://git.example.com/acme/closed", "v5.0.1"),
        (15, "argoproj/argo-cd", "v2.9.3"),
        (16, "kubernetes/ingress-nginx", "controller-v1.11.2"),
        (17, "cert-manager/cert-manager", "v1.13.0"),
        (25, "acme/components", "v0.3.0"),
        (30, "quay.io/oauth2-proxy/oauth2-proxy", "v7.6.0"),
        (32, "web", "1.10"),
        (34, "ghcr.io/acme/api", "2.4.1"),
        (38, "ghcr.io/acme/worker", None),
        (40, "inline", "1.0.0"),
        (41, "flow", "0.1.0"),
        (47, "empty-digest", "4.0.0"),
        (53, "traefik", "30.0.2"),
        (58, "traefik", "v3.1.2"),
        (61, "podinfo", "6.7.0"),
    ]


def test_what_is_not_managed() -> None:
    """Branches, commits, addresses with the version in two places and charts without one are listed with the reason."""
    assert skipped(kustomize, OVERLAY) == [
        (18, "acme/twice", "the address holds the version twice"),
        (19, "acme/tracking", "follows a branch"),
        (20, "acme/pinned", "pinned to a commit"),
        (21, "https://github.com/acme/unversioned//base", "no version in the address"),
        (22, "acme/tracking", "follows a branch"),
        (43, "ghcr.io/acme/renamed", "no tag"),
        (45, "automated", "owned by Flux image automation"),
        (63, "vendored", "no repository"),
        (64, "floating", "no version"),
    ]


def test_where_remote_resources_are_looked_up() -> None:
    """Repositories at github.com are asked for tags or releases there, others by Git; charts by their repository."""
    assert of("acme/private").package == Package(datasource="github-tags", name="acme/private")
    assert of("cert-manager/cert-manager").package.datasource == "github-releases"
    assert of("https://git.example.com/acme/closed").package.datasource == "git-tags"
    assert of("traefik", "30.0.2").package == Package(
        datasource="helm", name="traefik", registry_urls=("https://traefik.github.io/charts",)
    )
    assert of("podinfo").package == Package(datasource="docker", name="ghcr.io/stefanprodan/charts/podinfo")
    assert of("podinfo").versioning == "helm"


def test_tag_and_digest() -> None:
    """A digest field moves with the tag and takes the place of one behind the tag."""
    api, inline, web = of("ghcr.io/acme/api"), of("inline"), of("web")

    assert api.current_digest == "sha256:" + 64 * "2"
    assert inline.current_digest == "sha256:" + 64 * "4"
    assert [item.pinnable for item in (api, inline, web)] == [False, True, True]


def test_kinds_and_names() -> None:
    """Components and files without apiVersion count; a Flux Kustomization in such a file does not."""
    assert found(kustomize, source(HERE / "component" / "kustomization.yml")) == [(5, "exporter", "v0.15.0")]
    assert found(kustomize, source(HERE / "component" / "Kustomization")) == [
        (3, "acme/kustomize-bases", "v1.0.0"),
        (4, "web", "3.0"),
    ]
    assert list(kustomize.extract(source(HERE / "flux" / "kustomization.yaml"))) == []
    assert {item.dep_type for item in dependencies(kustomize, OVERLAY)} == {"Kustomization", "HelmChart"}
