"""The manager of Kubernetes manifests."""

from pathlib import Path

import pytest

from managers import kubernetes
from tests.managers.reading import dependencies, found, skipped, source, yaml
from updater.api import Package, SourceFile

HERE = Path(__file__).parent
WORKLOADS = source(HERE / "workloads.yaml")
STYLES = source(HERE / "styles.yaml")


def pod(*lines: str) -> str:
    """A Pod with one container whose image is the given lines."""
    return "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: " + "\n".join(lines) + "\n"


def test_workloads() -> None:
    """Containers of all three kinds, image volumes, related images and arguments of workloads are found."""
    assert found(kubernetes, WORKLOADS) == [
        (17, "registry.internal:5000/shop/migrations", "2.4.1"),
        (21, "ghcr.io/acme/web", "v2.4.1"),
        (24, "busybox", "1.36.1"),
        (27, "envoyproxy/envoy", "v1.31.0"),
        (35, "quay.io/acme/pinned", None),
        (40, "nicolaka/netshoot", "v0.13"),
        (44, "ghcr.io/acme/model", "2024.10"),
        (59, "ghcr.io/acme/report", "1.10"),
    ]


def test_reasons() -> None:
    """What cannot or must not be updated in the workloads is listed with the reason."""
    assert skipped(kubernetes, WORKLOADS) == [
        (31, "ghcr.io/acme/legacy", "ignored by comment"),
        (33, "ghcr.io/acme/automated", "owned by Flux image automation"),
        (37, "oauth2-proxy", "no tag"),
    ]


def test_custom_resources() -> None:
    """Images of custom resources are found; definitions, secrets and the resources of other managers are not read."""
    assert found(kubernetes, source(HERE / "custom_resources.yaml")) == [
        (7, "ghcr.io/cloudnative-pg/postgresql", "16.4"),
        (14, "quay.io/prometheus/prometheus", "v2.54.1"),
        (15, "quay.io/prometheus/prometheus", "v2.54.1"),
        (24, "victoriametrics/victoria-metrics", "v1.102.1"),
        (42, "ghcr.io/acme/api", "1.4.2"),
        (52, "golang", "1.23.2-alpine"),
        (62, "ghcr.io/acme/resize", "0.3.0"),
        (69, "k3s-io/k3s", "v1.30.4+k3s1"),
    ]
    assert skipped(kubernetes, source(HERE / "custom_resources.yaml")) == []


def test_styles() -> None:
    """Flow style, block scalars, anchors, tags, merge keys, double keys, lists and JSON are read like anything else."""
    assert found(kubernetes, STYLES) == [
        (8, "busybox", "1.36.1"),
        (11, "redis", "7.2.4"),
        (14, "memcached", "1.6.31"),
        (16, "ghcr.io/acme/web", "2.4.1"),
        (20, "ghcr.io/acme/tagged", "1.0.0"),
        (22, "ghcr.io/acme/first", "1.0.0"),
        (23, "ghcr.io/acme/second", "1.0.0"),
        (26, "ghcr.io/acme/base", "3.1.0"),
        (40, "quoted-key", "1.0.0"),
        (44, "alpine", "3.20.3"),
        (55, "nginx", "1.27.2"),
        (67, "broken", "1.0"),
        (70, "httpd", "2.4.62"),
        (89, "debian", "12.7-slim"),
    ]


def test_one_bad_document_is_a_row() -> None:
    """A document that is broken or encrypted is listed once, and its neighbours count."""
    assert skipped(kubernetes, STYLES) == [
        (30, "ghcr.io/acme/escaped:1.0.0", "not written in one piece"),
        (32, "ghcr.io/acme/broken:1.0.0", "not written in one piece"),
        (35, "${REGISTRY}/acme/variable:1.0.0", "contains a variable"),
        (37, "Not an image", "not an image reference"),
        (68, None, "not valid YAML: mapping values are not allowed in this context at line 68"),
        (77, "registry.example.com/acme/five", "no tag"),
    ]


def test_a_chart_template() -> None:
    """A Helm template is read around its templates; a value that holds one is listed."""
    file = source(HERE / "chart_template.yaml")

    assert found(kubernetes, file) == [(21, "envoyproxy/envoy", "v1.31.0")]
    assert [(line, reason) for line, _, reason in skipped(kubernetes, file)] == [
        (19, "contains a template"),
        (29, "contains a template"),
    ]


def test_what_a_dependency_says() -> None:
    """The package is the image without what Docker Hub adds silently; the type is the object's kind."""
    (image,) = dependencies(kubernetes, yaml(pod("docker.io/library/nginx:1.27.2")))

    assert image.name == "docker.io/library/nginx"
    assert image.package == Package(datasource="docker", name="nginx")
    assert (image.dep_type, image.pinnable) == ("Pod", True)


def test_a_digest_belongs_to_its_tag() -> None:
    """Tag and digest of one reference are two places of one dependency."""
    (image,) = [item for item in dependencies(kubernetes, WORKLOADS) if item.name == "ghcr.io/acme/web"]

    assert image.span is not None
    assert image.digest_span is not None
    assert image.digest_span.start == image.span.end + 1
    assert image.current_digest == WORKLOADS.text[slice(*image.digest_span)]


@pytest.mark.parametrize(
    "text",
    [
        pod("a/b:1.2").replace("\n", "\r\n"),
        "\ufeff" + pod("a/b:1.2"),
        pod("a/b:1.2").rstrip("\n"),
        "# \udce9 is no UTF-8\n" + pod("a/b:1.2"),
        "%YAML 1.1\n---\n" + pod("a/b:1.2"),
        pod("a/b:1.2 # {{ not a template of this value }}"),
        pod("!!str &image a/b:1.2"),
        pod("  'a/b:1.2'   "),
    ],
)
def test_odd_texts(text: str) -> None:
    """CRLF, a BOM, no final newline, bytes that are no UTF-8, directives and properties do not shift the span."""
    (image,) = dependencies(kubernetes, yaml(text))

    assert image.span is not None
    assert text[slice(*image.span)] == "1.2"


def test_a_shared_tag_has_one_owner() -> None:
    """Where an alias gives one tag to two images, the first is updated and the second says why it is not."""
    file = yaml(
        "apiVersion: x/v1\nkind: X\nspec:\n"
        "  image: {repository: a/first, tag: &tag 1.2}\n"
        "  sidecar: {image: {repository: a/second, tag: *tag}}\n"
    )

    assert found(kubernetes, file) == [(4, "a/first", "1.2")]
    assert skipped(kubernetes, file) == [(4, "a/second", "shares its version with a/first")]


@pytest.mark.parametrize(("depth", "is_read"), [(150, True), (250, False), (5_000, False), (100_000, False)])
def test_deep_nesting(depth: int, is_read: bool) -> None:  # noqa: FBT001 - a column of the table
    """Nesting that would take the parser long, and that nobody wrote, is refused."""
    file = yaml(f"apiVersion: v1\nkind: X\nimage: &image a/b:1.2\ndeep: {'[' * depth}{']' * depth}\n")

    assert bool(found(kubernetes, file)) == is_read
    assert bool(skipped(kubernetes, file)) != is_read


def test_an_alias_bomb() -> None:
    """Aliases of aliases of aliases cost no more than their lines, and a mapping may hold itself."""
    bomb = "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9 if i else ['x'])}]\n" for i in range(50))
    merges = "".join(f"m{i}: &m{i} {{<<: [{f'*m{i - 1}, *m{i - 1}' if i else '{a: b}'}]}}\n" for i in range(50))
    cycle = "self: &self\n  self: *self\n  <<: *self\n  image: a/b:1.2\n"
    file = yaml(f"apiVersion: v1\nkind: X\n{bomb}{merges}{cycle}")

    assert found(kubernetes, file) == [(file.text.count("\n"), "a/b", "1.2")]


# ---------------------------------------------------------------- where images stand


def resource(*lines: str) -> str:
    """A custom resource whose spec is the given lines."""
    return "apiVersion: example.com/v1\nkind: Thing\nspec:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["image: a/b:1.2"], "a/b"),
        (["proxyImage: a/b:1.2"], "a/b"),
        (["imageName: a/b:1.2"], "a/b"),
        (["docker_image: a/b:1.2"], "a/b"),
        (["BASE_IMAGE: a/b:1.2"], "a/b"),
        (["images: [a/b:1.2]"], "a/b"),
        (["images: {web: a/b:1.2}"], "a/b"),
        (["images:", "- {name: x, newName: a/b, newTag: '1.2'}"], "a/b"),
        (["image: {repository: a/b, tag: '1.2'}"], "a/b"),
        (["image: {registry: ghcr.io, repository: a/b, tag: '1.2'}"], "ghcr.io/a/b"),
        (["image: {name: a/b, version: '1.2'}"], "a/b"),
        (["image: {reference: a/b:1.2}"], "a/b"),
        (["exporter: {repository: a/b, tag: '1.2'}"], "a/b"),
        (["image: a/b", "tag: '1.2'"], "a/b"),
        (["image: b", "imageTag: '1.2'"], "b"),
        (["env: [{name: SOME_IMAGE, value: a/b:1.2}]"], "a/b"),
        (["parameters: [{name: some-image, value: a/b:1.2}]"], "a/b"),
        (["image: untagged", "env: [{name: PROXY, value: quay.io/a/b:1.2}]"], "quay.io/a/b"),
        (["args: [--some-image=a/b:1.2]"], "a/b"),
        (["args: [--some-image, a/b:1.2]"], "a/b"),
        (["image: untagged", "args:", "- --reloader=quay.io/a/b:1.2"], "quay.io/a/b"),
        (["command: [-image=a/b:1.2]"], "a/b"),
    ],
)
def test_places_of_images(lines: list[str], name: str) -> None:
    """These are the ways in which a custom resource names an image."""
    (image,) = dependencies(kubernetes, yaml(resource(*lines)))

    assert (image.name, image.current_value, image.dep_type) == (name, "1.2", "Thing")


@pytest.mark.parametrize(
    "lines",
    [
        ["image: /static/logo.png"],
        ["image: https://example.com/logo.png:1"],
        ["image: ami-0123456789abcdef0"],
        ["image: nginx"],
        ["image: {name: gardenlinux, version: 1592.1.0}"],
        ["image: {filter: {name: ubuntu-22.04}}"],
        ["image: {repository: team/photos}"],
        ["containers: [{image: '*:latest'}]"],
        ["source: {repository: 'https://github.com/a/b', tag: v1.2}"],
        ["env: [{name: CACHE, value: 'redis.shop.svc:6379'}]"],
        ["env: [{name: IMAGE_TAG, value: '1.2'}]"],
        ["params: [{name: output-image, value: a/b:1.2}]"],
        ["args: [--image-pull-policy=Always, a:1.2]"],
        ["args: [--upstream=api.shop.svc:8080]"],
        ["args: [image, a/b:1.2]"],
    ],
)
def test_places_of_other_things(lines: list[str]) -> None:
    """Pictures, disks, machine images, policies, outputs and addresses are none of our business."""
    assert list(kubernetes.extract(yaml(resource(*lines)))) == []


def test_what_a_status_reports() -> None:
    """Images in the status of an object do not come from the repository."""
    text = pod("a/b:1.2") + "status:\n  containerStatuses:\n  - image: a/b:1.2\n"

    assert found(kubernetes, yaml(text)) == [(6, "a/b", "1.2")]


def test_lists_in_lists() -> None:
    """The items of a list that is an item of a list are objects, and a list may even hold itself."""
    inner = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, image: a/b:1.2}, *list]}"
    file = yaml(f"apiVersion: v1\nkind: List\nitems:\n- &list {inner}\n")

    assert found(kubernetes, file) == [(4, "a/b", "1.2")]


def test_keel() -> None:
    """What a policy of Keel covers is Keel's, as annotation or label; the policy "never" gives it back."""
    policy = "apiVersion: v1\nkind: Pod\nmetadata: {{{}: {{keel.sh/policy: {}}}}}\nimage: a/b:1.2\n"

    for place in ("annotations", "labels"):
        assert skipped(kubernetes, yaml(policy.format(place, "minor"))) == [(4, "a/b", "owned by Keel")]
        assert found(kubernetes, yaml(policy.format(place, "never"))) == [(4, "a/b", "1.2")]


# ---------------------------------------------------------------- config maps


def config_map(*lines: str) -> str:
    """A ConfigMap whose data is the given lines."""
    return "apiVersion: v1\nkind: ConfigMap\ndata:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["SOME_IMAGE: a/b:1.2"],
        ["some.image: a/b:1.2"],
        ["config.yaml: 'image: a/b:1.2'"],
        ["values.yaml: |", "  image: {repository: a/b, tag: '1.2'}"],
        ["values.yaml: |-", "    proxy:", "      image: a/b:1.2"],
        ["pod.yml: |", "  apiVersion: v1", "  kind: Pod", "  containers: [{image: a/b:1.2}, {image: untagged}]"],
        ["pods.yaml: |", "  ---", "  kind: x", "  ---", "  apiVersion: v1", "  kind: Pod", "  image: a/b:1.2"],
    ],
)
def test_images_in_config_maps(lines: list[str]) -> None:
    """Fields with ``image`` in their name count, and what literal blocks and quotes hold of manifests and values."""
    file = yaml(config_map(*lines))
    (image,) = dependencies(kubernetes, file)

    assert (image.name, image.dep_type) == ("a/b", "ConfigMap")
    assert skipped(kubernetes, file) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["SOME_IMAGE: a/b", "IMAGE_TAG: '1.2'"],
        ["run.sh: |", "  image: a/b:1.2"],
        ["logo.yaml: |", "  image: static/logo"],
        [
            "crd.yaml: |",
            "  apiVersion: apiextensions.k8s.io/v1",
            "  kind: CustomResourceDefinition",
            "  image: a/b:1.2",
        ],
    ],
)
def test_other_things_in_config_maps(lines: list[str]) -> None:
    """Scripts, pictures and definitions are left alone."""
    assert list(kubernetes.extract(yaml(config_map(*lines)))) == []


# ---------------------------------------------------------------- API versions


def an_object(version: str, kind: str) -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n"


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("apps/v1beta1", "Deployment"),
        ("policy/v1beta1", "PodDisruptionBudget"),
        ("networking.k8s.io/v1beta1", "Ingress"),
        ("autoscaling/v1", "HorizontalPodAutoscaler"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"),
        ("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease"),
    ],
)
def test_replaced_versions(version: str, kind: str) -> None:
    """A version that a newer one of its group has replaced is a dependency on the kind."""
    (item,) = dependencies(kubernetes, yaml(an_object(version, kind)))

    assert item.package == Package(datasource="kubernetes-api", name=kind)
    assert (item.name, item.current_value, item.versioning, item.line) == (kind, version, "kubernetes-api", 1)


@pytest.mark.parametrize(
    ("version", "kind"), [("apps/v1", "Deployment"), ("v1", "Service"), ("example.com/v1beta1", "Deployment")]
)
def test_versions_of_today(version: str, kind: str) -> None:
    """Versions that nothing has replaced, and those of somebody else's kinds, make no row."""
    assert list(kubernetes.extract(yaml(an_object(version, kind)))) == []


@pytest.mark.parametrize(
    ("version", "kind", "reason"),
    [
        ("extensions/v1beta1", "Deployment", "removed in Kubernetes 1.16; in apps/v1 the schema differs"),
        ("extensions/v1beta1", "Ingress", "removed in Kubernetes 1.22; in networking.k8s.io/v1 the schema differs"),
        ("policy/v1beta1", "PodSecurityPolicy", "removed in Kubernetes 1.25; nothing takes its place"),
    ],
)
def test_versions_without_a_successor_in_their_group(version: str, kind: str, reason: str) -> None:
    """What has to be rewritten, not renamed, is listed with what to rewrite it for."""
    assert list(skipped(kubernetes, yaml(an_object(version, kind)))) == [(1, kind, reason)]


@pytest.mark.parametrize(
    "text",
    [
        (
            '{{- if .Capabilities.APIVersions.Has "policy/v1" }}\napiVersion: policy/v1\n{{- else }}\n'
            "apiVersion: policy/v1beta1\n{{- end }}\nkind: PodDisruptionBudget\n"
        ),
        (
            "{{- if .Values.old }}\napiVersion: policy/v1beta1\n{{- else }}\napiVersion: policy/v1beta1\n{{- end }}\n"
            "kind: PodDisruptionBudget\n"
        ),
        (
            '{{- if semverCompare "<1.21-0" .Capabilities.KubeVersion.Version }}\n'
            "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n{{- end }}\n"
        ),
        "apiVersion: {{ .Values.apiVersion }}\nkind: PodDisruptionBudget\n",
    ],
)
def test_versions_that_a_chart_chooses(text: str) -> None:
    """A template that picks the version by what the cluster has knows what it does."""
    assert list(kubernetes.extract(yaml(text))) == []


def test_a_literal_version_in_a_chart() -> None:
    """A version that a template does not choose is as old in a chart as elsewhere."""
    text = "{{- if .Values.enabled }}\n" + an_object("batch/v1beta1", "CronJob") + "{{- end }}\n"

    assert found(kubernetes, yaml(text)) == [(2, "CronJob", "batch/v1beta1")]


# ---------------------------------------------------------------- JSON


def test_json() -> None:
    """JSON with tabs and escapes is read; a file that is JSON and no manifest is not even parsed."""
    text = '{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"note": "\\u00e9\\/",\n\t"image":"a/b:1.2"\n}\n'
    schema = '{"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "image": "a/b:1.2"'

    assert found(kubernetes, SourceFile(path="pod.json", text=text)) == [(5, "a/b", "1.2")]
    assert list(kubernetes.extract(SourceFile(path="schema.json", text=schema))) == []


# ---------------------------------------------------------------- what is no YAML, and lists in texts


@pytest.mark.parametrize(
    "broken",
    [
        "      bad: [",
        "\timage: acme/tab:1.0",
        "<<<<<<< HEAD",
        "{% if tls %}",
        "      name: 'not closed",
    ],
)
def test_images_in_what_is_no_yaml(broken: str) -> None:
    """A document with an error, or a template for one, still shows the images that have a line of their own."""
    text = f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: acme/web:1.0 # here\n{broken}\n"
    text += "      image: acme/{{ name }}:1.0\n      image: acme/untagged\n      image: 'acme/other:2.0'\n"
    names = [name for _, name, _ in found(kubernetes, yaml(text))]
    reasons = [reason for _, _, reason in skipped(kubernetes, yaml(text))]

    assert names == ["acme/web", *(["acme/tab"] if "tab" in broken else []), "acme/other"]
    assert len(reasons) == 1
    assert reasons[0].startswith("not valid YAML")


def test_lists_of_images_in_a_variable() -> None:
    """A variable may hold several images, each with a name or not; one that holds anything else is left alone."""
    text = """\
apiVersion: apps/v1
kind: Deployment
spec:
  containers:
    - image: acme/operator:0.4
      env:
        - name: KAFKA_IMAGES
          value: |
            3.8.0=acme/kafka:0.4-3.8.0
            3.9.0=acme/kafka:0.4-3.9.0
        - name: IMAGES_TO_LOAD
          value: >-
            acme/one:1.0,
            acme/two:2.0
        - name: IMAGE_NOTES
          value: |
            acme/one:1.0 is
            rather old
"""
    assert found(kubernetes, yaml(text)) == [
        (5, "acme/operator", "0.4"),
        (9, "acme/kafka", "0.4-3.8.0"),
        (10, "acme/kafka", "0.4-3.9.0"),
        (13, "acme/one", "1.0"),
        (14, "acme/two", "2.0"),
    ]


def test_addresses_of_images() -> None:
    """An import from ``docker://`` and a tag of an image stream name images."""
    text = """\
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
spec:
  source:
    registry:
      url: docker://quay.io/acme/fedora:41
---
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
spec:
  source:
    http:
      url: https://example.com/image:41
---
apiVersion: image.openshift.io/v1
kind: ImageStream
spec:
  tags:
    - name: "20"
      from:
        kind: DockerImage
        name: registry.example.com/acme/nodejs:1-59
    - name: latest
      from:
        kind: ImageStreamTag
        name: nodejs:20
"""
    assert found(kubernetes, yaml(text)) == [
        (6, "quay.io/acme/fedora", "41"),
        (22, "registry.example.com/acme/nodejs", "1-59"),
    ]


def test_data_in_config_maps() -> None:
    """YAML and JSON under any plain key of a config map is read if it names images."""
    lines = ["template: |", "  sidecar:", "    image: acme/proxy:1.0", "storage: |-", '  {"image" : "acme/init:2.0"}']

    assert found(kubernetes, yaml(config_map(*lines))) == [(6, "acme/proxy", "1.0"), (8, "acme/init", "2.0")]


def test_images_that_a_template_falls_back_on() -> None:
    """``default`` in a template is an image that counts as long as nobody sets another; a part of one is none."""
    text = (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
        '    - image: {{ .Values.a | default "a/b:1.2" | quote }}\n    - image: "{{ default "c:2.0" .Values.c }}"\n'
        '    - image: "{{ .Values.d }}:{{ .Values.tag | default "3.0" }}"\n'
    )

    assert found(kubernetes, yaml(text)) == [(5, "a/b", "1.2"), (6, "c", "2.0")]
    assert [reason for _, _, reason in skipped(kubernetes, yaml(text))] == ["contains a template"]


TEMPLATE = """apiVersion: template.openshift.io/v1
kind: Template
objects:
  - apiVersion: apps/v1
    kind: Deployment
    spec: {template: {spec: {containers: [{name: web, image: "%s"}]}}}
parameters:
  - {name: IMAGE, value: quay.io/acme/web}
  - {name: IMAGE_TAG, value: "1.2.3"}
  - {name: WHOLE, value: "redis:7.2"}
  - {name: OPEN, required: true}
"""


@pytest.mark.parametrize(
    ("image", "row"),
    [
        ("${IMAGE}:${IMAGE_TAG}", (9, "quay.io/acme/web", "1.2.3")),
        ("${IMAGE}:1.0", (6, "quay.io/acme/web", "1.0")),
        ("ghcr.io/a/b:v${IMAGE_TAG}", (9, "ghcr.io/a/b", "1.2.3")),
        ("${WHOLE}", (10, "redis", "7.2")),
        ("busybox:1.36", (6, "busybox", "1.36")),
    ],
)
def test_parameters_of_templates(image: str, row: tuple[int, str, str]) -> None:
    """The version of an image in a template of OpenShift is found where its parameter has its value."""
    assert found(kubernetes, yaml(TEMPLATE % image)) == [row]


@pytest.mark.parametrize("image", ["${IMAGE}:${OPEN}", "${UNKNOWN}:1.2", "${IMAGE}"])
def test_parameters_without_values(image: str) -> None:
    """An image of which a part is handed in is listed."""
    assert found(kubernetes, yaml(TEMPLATE % image)) == []
    assert len(skipped(kubernetes, yaml(TEMPLATE % image))) == 1
