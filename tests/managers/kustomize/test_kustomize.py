"""The manager of kustomizations."""

from pathlib import Path

import pytest

from managers import kustomize
from tests.managers.reading import dependencies, found, skipped, source
from updater.api import Dependency, Package, SourceFile

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
        (11, "acme/platform/monitoring", "v0.8.1"),
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


def kustomization(text: str, path: str = "kustomization.yaml") -> SourceFile:
    return SourceFile(path=path, text=text)


@pytest.mark.parametrize(
    ("address", "datasource", "name"),
    [
        ("https://gitlab.com/a/b/c/-/raw/v1.2.0/x.yaml", "gitlab-tags", "a/b/c"),
        ("https://gitea.com/a/b/raw/tag/v1.2.0/x.yaml", "gitea-tags", "a/b"),
        ("https://bitbucket.org/a/b/raw/v1.2.0/x.yaml", "bitbucket-tags", "a/b"),
        ("https://github.com/a/b/raw/refs/tags/v1.2.0/x.yaml", "github-tags", "a/b"),
        ("https://cdn.jsdelivr.net/gh/a/b@v1.2.0/x.yaml", "github-tags", "a/b"),
        ("oci://ghcr.io/a/b:v1.2.0", "docker", "ghcr.io/a/b"),
        ("oci://ghcr.io/a/b//base?ref=v1.2.0", "docker", "ghcr.io/a/b"),
    ],
)
def test_addresses(address: str, datasource: str, name: str) -> None:
    """Files at forges, and artifacts in registries, lead to what their versions are looked up in."""
    (item,) = dependencies(kustomize, kustomization(f"resources:\n- {address}\n"))

    assert (item.package, item.current_value) == (Package(datasource=datasource, name=name), "v1.2.0")


def test_a_commit_with_its_version_behind_it() -> None:
    """A commit moves together with the version in the comment behind it."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    address = f"https://github.com/a/b//config?ref={commit}"
    (item,) = dependencies(kustomize, kustomization(f"resources:\n- '{address}' # v1.2.3\n"))

    assert (item.package.name, item.current_value, item.current_digest) == ("a/b", "v1.2.3", commit)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://docs.example.com/v3.26/x.yaml", "no repository that could be asked"),
        ("https://github.com/a/b/releases/latest/download/x.yaml", "no version in the address"),
        ("https://github.com/a/b?ref=$VERSION", "contains a variable"),
        ("https://raw.githubusercontent.com/a/b/main/x.yaml", "follows a branch"),
        ("https://github.com/a/b/releases/download/v1.0/x-1.0.yaml", "the address holds the version twice"),
        ("oci://ghcr.io/a/b", "no tag"),
    ],
)
def test_addresses_that_are_not_managed(address: str, reason: str) -> None:
    """An address that no version can be moved in is listed with the reason."""
    (row,) = skipped(kustomize, kustomization(f"resources:\n- {address}\n"))

    assert row[2] == reason


@pytest.mark.parametrize(
    "text",
    [
        "crds: [ADDRESS]",
        "generators: [ADDRESS]",
        "transformers: [ADDRESS]",
        "patches: [{path: ADDRESS}]",
        "patchesStrategicMerge: [ADDRESS]",
    ],
)
def test_where_addresses_stand(text: str) -> None:
    """Everything that kustomize may fetch is read."""
    address = "https://raw.githubusercontent.com/a/b/v1.2.0/x.yaml"

    assert found(kustomize, kustomization(text.replace("ADDRESS", address))) == [(1, "a/b", "v1.2.0")]


@pytest.mark.parametrize(
    "text",
    [
        "patches:\n- patch: |\n    kind: X\n    spec: {image: 'a/b:1.0'}\n",
        "patches:\n- patch: |\n    - {op: replace, path: /spec/image, value: 'a/b:1.0'}\n",
        "patches:\n- patch: |\n    - {op: add, path: /x/-, value: {name: x, image: 'a/b:1.0'}}\n",
        "patches:\n- patch: |\n    - {op: add, path: /x, value: [{name: x, image: 'a/b:1.0'}]}\n",
        'patches:\n- patch: \'[{"op": "replace", "path": "/spec/image", "value": "a/b:1.0"}]\'\n',
        'patches:\n- patch: |\n    [{"op": "replace", "path": "/spec/image", "value": "a/b:1.0"}]\n',
        "patchesStrategicMerge:\n- |-\n  kind: X\n  spec: {image: 'a/b:1.0'}\n",
        "patchesJson6902:\n- patch: |\n    - {op: replace, path: /spec/image, value: 'a/b:1.0'}\n",
        "configMapGenerator:\n- literals: [WEB_IMAGE=a/b:1.0, X=c/d:2.0]\n",
        "images: [{name: web, newName: 'a/b:1.0'}]",
        "imageTags: [{name: a/b, newTag: 1.0}]",
    ],
)
def test_images_everywhere(text: str) -> None:
    """Images in inline patches of every kind, in literals, and behind a new name are found."""
    assert [(name, value) for _, name, value in found(kustomize, kustomization(text))] == [("a/b", "1.0")]


@pytest.mark.parametrize(
    "text",
    [
        "patches:\n- patch: |\n    - {op: replace, path: /spec/version, value: 'a/b:1.0'}\n",
        "patches:\n- patch: |\n    - {op: remove, path: /spec/image}\n",
        "patches:\n- patch: |\n    kind: X\n    spec: {image: web}\n",
        "patches: [{path: a.yaml}]",
        "labels: [{pairs: {version: 1.2.3}}]",
        "replacements: [{source: {kind: X}, targets: [{fieldPaths: [spec.image]}]}]",
        "images:",
    ],
)
def test_what_is_no_version(text: str) -> None:
    """Other patches, labels and replacements hold no versions of ours."""
    assert list(kustomize.extract(kustomization(text))) == []


def test_plugins() -> None:
    """Generators and transformers in files of their own are read, whatever the files are called."""
    chart = "apiVersion: builtin\nkind: HelmChartInflationGenerator\nname: loki\nrepo: https://x.example.com\n"
    tag = "apiVersion: builtin\nkind: ImageTagTransformer\nimageTag: {name: a, newName: a/b, newTag: 1.0}\n"

    assert found(kustomize, kustomization(f"{chart}version: 6.1.0\n", "loki.yaml")) == [(5, "loki", "6.1.0")]
    assert found(kustomize, kustomization(tag, "tag.yaml")) == [(3, "a/b", "1.0")]


def test_the_first_form_of_charts() -> None:
    """``helmChartInflationGenerator`` has other names for the same things."""
    text = "helmChartInflationGenerator: [{chartName: a, chartRepoUrl: 'https://x.example.com', chartVersion: 1.0}]"

    assert found(kustomize, kustomization(text)) == [(1, "a", "1.0")]


def test_file_names() -> None:
    """A file with another name has to say that it is a kustomization."""
    text = "images: [{name: a, newTag: 1.0}]\n"

    assert found(kustomize, kustomization(text, "other.yaml")) == []
    assert found(kustomize, kustomization(f"apiVersion: kustomize.config.k8s.io/v1beta1\n{text}", "other.yaml")) == [
        (2, "a", "1.0")
    ]
