"""The catalogue of custom resources that set versions."""

import re

import pytest

from managers import _kubernetes_catalogue as catalogue
from managers import kubernetes
from managers._manifests import owner
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import Dependency, Skipped


def a_resource(group: str, kind: str, path: str, value: str) -> str:
    """A custom resource with one value at a path; ``[]`` makes a list of one element."""
    lines = [f"apiVersion: {group}/v1", f"kind: {kind}"]
    indentation = 0
    for key in path.split("."):
        lines.append(" " * indentation + key.removesuffix("[]") + ":")
        indentation += 2
        if key.endswith("[]"):
            lines.append(" " * indentation + "-")
            indentation += 2
    lines[-1] += f" {value}"
    return "\n".join(lines) + "\n"


ADDRESSES = {"git": "https://github.com/acme/web", "file": "https://raw.githubusercontent.com/acme/web/{}/x.json"}


@pytest.mark.parametrize("field", catalogue.FIELDS, ids=lambda field: f"{field.kinds.split()[0]}-{field.path}")
def test_every_row_is_read(field: catalogue.Field) -> None:
    """Each kind of each row has its version found or listed, in a file that has a marker, and by this manager."""
    for kind in field.kinds.split():
        form, _, beside = field.package.partition(" ")
        text = a_resource(
            field.group, kind, field.path, ADDRESSES["file"].format("1.2.3") if form == "file" else "1.2.3"
        )
        if form == "git":
            last = field.path.rpartition(".")[2]
            text = text.replace(f"{last}:", f'{{"{beside}": "{ADDRESSES["git"]}", "{last}":').rstrip() + "}\n"
        file = yaml(text)
        (item,) = kubernetes.extract(file)

        assert isinstance(item, Dependency | Skipped)
        assert (item.current_value, item.dep_type) == ("1.2.3", kind)
        assert any(marker in file.text for marker in kubernetes.MARKERS)
        assert owner(f"{field.group}/v1", kind) == kubernetes.NAME


@pytest.mark.parametrize("chart", [chart for chart in catalogue.CHARTS if chart.name], ids=lambda chart: chart.kind)
def test_every_chart_is_read(chart: catalogue.Chart) -> None:
    """The charts that custom resources install are found, with their repository."""
    values = {chart.name: "web", chart.repository: "https://charts.example.com", chart.version: "1.2.3"}
    if chart.repositories:
        values = {chart.name: "oci://charts.example.com/web", chart.version: "1.2.3"}
    pairs = (".".join(key.split(".")[:1]) + (f": {{{key.split('.')[1]}" if "." in key else "") for key in values)
    spec = ", ".join(
        f"{pair}: {value}" + ("}" if "{" in pair else "") for pair, value in zip(pairs, values.values(), strict=True)
    )
    (item,) = dependencies(kubernetes, yaml(a_resource(chart.group, chart.kind, chart.path, f"{{{spec}}}")))

    if chart.repositories:
        assert (item.package.name, item.package.datasource) == ("charts.example.com/web", "docker")
        return

    assert (item.name, item.current_value, item.package.datasource) == ("web", "1.2.3", "helm")
    assert item.package.registry_urls == ("https://charts.example.com",)


@pytest.mark.parametrize("chart", [chart for chart in catalogue.CHARTS if chart.values], ids=lambda chart: chart.kind)
def test_values_of_charts(chart: catalogue.Chart) -> None:
    """The images in the values that come with a chart are found."""
    block = a_resource(chart.group, chart.kind, f"{chart.path}.{chart.values}", "|\n" + 20 * " " + "image: a/b:1.2")

    assert found(kubernetes, yaml(block)) == [(len(block.splitlines()), "a/b", "1.2")]


@pytest.mark.parametrize(
    ("repositories", "name", "registry", "reason"),
    [
        ("[{name: acme, url: https://charts.example.com}]", "acme/web", "https://charts.example.com", None),
        ("[]", "acme/web", "@acme", None),
        ("[]", "stable/web", "https://charts.helm.sh/stable", None),
        ("[]", "./charts/web", None, "local chart"),
    ],
)
def test_repositories_beside_charts(repositories: str, name: str, registry: str | None, reason: str | None) -> None:
    """A chart of k0s names one of the repositories beside it."""
    charts = f"{{repositories: {repositories}, charts: [{{chartname: {name}, version: 1.2.3}}]}}"
    file = yaml(a_resource("k0s.k0sproject.io", "ClusterConfig", "spec.extensions.helm", charts))

    if reason:
        assert [row for _, _, row in skipped(kubernetes, file)] == [reason]
        return
    (item,) = dependencies(kubernetes, file)
    assert (item.name, item.current_value, item.package.registry_urls) == ("web", "1.2.3", (registry,))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("git: {url: https://github.com/acme/web, ref: v1.2.0}", (4, "acme/web", "v1.2.0")),
        ("git: {url: https://github.com/acme/web, ref: main}", "follows a branch"),
        ("git: {url: https://github.com/acme/web, ref: origin/main}", "not version-like"),
        ("helmChart: {name: web, version: 1.2.3, repository: {url: 'https://a.example'}}", (4, "web", "1.2.3")),
        ("imgpkgBundle: {image: 'ghcr.io/acme/web:1.2.3'}", (4, "ghcr.io/acme/web", "1.2.3")),
    ],
)
def test_apps_of_kapp_controller(text: str, row: tuple[int, str, str] | str) -> None:
    """Each kind of source is read."""
    file = yaml(f"apiVersion: kappctrl.k14s.io/v1alpha1\nkind: App\nspec: {{fetch: [\n{{{text}}}]}}\n")

    assert [*found(kubernetes, file), *(reason for _, _, reason in skipped(kubernetes, file))] == [row]


def test_modules_of_web_assembly() -> None:
    """An address that begins with ``oci://`` and has a tag is an image; any other is none."""
    head = "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nspec:\n  url: "

    assert found(kubernetes, yaml(f"{head}oci://ghcr.io/acme/auth:1.2.0\n")) == [(4, "ghcr.io/acme/auth", "1.2.0")]
    for other in ("https://example.com/auth-1.2.0.wasm", "oci://ghcr.io/acme/auth", "file:///opt/auth.wasm"):
        assert found(kubernetes, yaml(f"{head}{other}\n")) == []


PROMETHEUS = ("monitoring.coreos.com", "Prometheus", "spec.version")


@pytest.mark.parametrize(("value", "tag", "version"), [("2.54.1", "v2.54.1", "2.54.1"), ("v2.54.1", "v2.54.1", None)])
def test_tags_with_a_prefix(value: str, tag: str, version: str | None) -> None:
    """Where the tag has a ``v`` and the field has not, the version is taken out of the tag."""
    (item,) = dependencies(kubernetes, yaml(a_resource(*PROMETHEUS, value)))

    assert item.package.name == "quay.io/prometheus/prometheus"
    match = re.search(item.extract_version, tag) if item.extract_version else None
    assert (match["version"] if match else None) == version


def test_tags_with_a_suffix() -> None:
    """The version of MongoDB is taken out of a tag that goes on with the base image."""
    text = a_resource("mongodbcommunity.mongodb.com", "MongoDBCommunity", "spec.version", "7.0.12")
    (item,) = dependencies(kubernetes, yaml(text))

    assert item.extract_version
    assert re.search(item.extract_version, "7.0.14-ubi9")
    assert not re.search(item.extract_version, "7.0.14-ubuntu2204")


@pytest.mark.parametrize(
    ("value", "repository"),
    [
        ("v1.30.4", "kubernetes/kubernetes"),
        ("v1.30.4+k3s1", "k3s-io/k3s"),
        ("v1.30.4+rke2r1", "rancher/rke2"),
        ("v1.30.4+k0s.0", "k0sproject/k0s"),
    ],
)
def test_distributions(value: str, repository: str) -> None:
    """A version of Kubernetes says whose release it is."""
    (item,) = dependencies(kubernetes, yaml(a_resource("upgrade.cattle.io", "Plan", "spec.version", value)))

    assert (item.package.datasource, item.package.name) == ("github-releases", repository)


def test_plans_of_other_images() -> None:
    """A plan's version is the tag of the image that upgrades with it, unless it shows a distribution."""
    text = a_resource("upgrade.cattle.io", "Plan", "spec.version", "1.8.3")
    (item,) = dependencies(kubernetes, yaml(f"{text}  upgrade: {{image: ghcr.io/siderolabs/talosctl}}\n"))

    assert (item.package.datasource, item.package.name) == ("docker", "ghcr.io/siderolabs/talosctl")
    assert item.extract_version is None


@pytest.mark.parametrize(
    ("beside", "name"),
    [
        ("image: registry.example.com/mirror/prometheus", "registry.example.com/mirror/prometheus"),
        ("baseImage: quay.io/acme/prometheus", "quay.io/acme/prometheus"),
        ("image: '{{ .Values.image }}'", "quay.io/prometheus/prometheus"),
    ],
)
def test_an_image_beside_the_version(beside: str, name: str) -> None:
    """The image beside a version is the one whose version it is."""
    text = a_resource(*PROMETHEUS, "v2.54.1") + f"  {beside}\n"

    assert [item.package.name for item in dependencies(kubernetes, yaml(text))] == [name]


def test_other_fields_in_a_package() -> None:
    """A package may depend on other fields of the object, and have a default for them."""
    beat = a_resource("beat.k8s.elastic.co", "Beat", "spec.version", "8.15.2") + "  type: heartbeat\n"
    istio = a_resource("install.istio.io", "IstioOperator", "spec.tag", "1.23.2")

    assert [item.name for item in dependencies(kubernetes, yaml(beat))] == ["docker.elastic.co/beats/heartbeat"]
    assert [item.name for item in dependencies(kubernetes, yaml(istio))] == ["istio/pilot"]
    other = yaml(istio + "  hub: ghcr.io/acme\n")
    assert [item.name for item in dependencies(kubernetes, other)] == ["ghcr.io/acme/pilot"]


def test_a_digest_as_version() -> None:
    """A version that is a digest is the image's digest."""
    digest = "sha256:" + "5" * 64
    (item,) = dependencies(kubernetes, yaml(a_resource("argoproj.io", "ArgoCD", "spec.version", digest)))

    assert (item.name, item.current_value, item.current_digest) == ("quay.io/argoproj/argocd", None, digest)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("latest", "not version-like"),
        ("'${VERSION}'", "contains a variable"),
        ("'{{ .Values.version }}'", "contains a template"),
        ('"2.54\\u002e1"', "not written in one piece"),
    ],
)
def test_what_is_no_version(value: str, reason: str) -> None:
    """What cannot be moved is listed."""
    assert [row[2] for row in skipped(kubernetes, yaml(a_resource(*PROMETHEUS, value)))] == [reason]
