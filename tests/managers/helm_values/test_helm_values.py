"""The manager of Helm values."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from managers import helm_values
from tests.corpus import labels, scanned
from tests.managers.reading import dependencies, found, skipped, source
from updater.api import Clue, SourceFile

HERE = Path(__file__).parent
VALUES = source(HERE / "values.yaml")
PRODUCTION = source(HERE / "values-prod.yaml")
DIGEST = "sha256:" + 64 * "0"


def values(text: str, path: str = "values-test.yaml") -> SourceFile:
    return SourceFile(path=path, text=text)


def images(text: str, path: str = "values-test.yaml") -> list[str]:
    """Each image with its value."""
    return [f"{item.name}:{item.current_value}" for item in dependencies(helm_values, values(text, path))]


def test_what_is_found() -> None:
    """Maps, texts, pairs of keys, merge keys and lists of images are found, at any depth."""
    assert found(helm_values, VALUES) == [
        (9, "quay.io/acme/web", "1.10"),
        (15, "ghcr.io/acme/migrations", "2.4.1"),
        (19, "envoyproxy/envoy", "v1.31.0"),
        (24, "prom/statsd-exporter", "v0.27.1"),
        (25, "busybox", "1.36.1"),
        (30, "redis", "7.2.4-alpine"),
        (34, "rabbitmq", "3.13.7"),
        (37, "registry.internal:5000/backup", "0.4.0"),
        (39, "ghcr.io/acme/cleanup", "0.2.0"),
        (42, "curlimages/curl", "8.10.1"),
        (46, "ghcr.io/acme/tools", "5.1.0"),
        (54, "docker.io/library/nginx", "1.27.2"),
        (58, "ghcr.io/acme/operator", "v0.9.0"),
        (62, "docker.io/library/alpine", "3.20.3"),
    ]
    assert found(helm_values, PRODUCTION) == [(4, "registry.k8s.io/ingress-nginx/controller", "v1.11.2")]


def test_what_is_not_managed() -> None:
    """Templates and half digests are listed with the reason; lone repositories and tags wait for other files."""
    assert skipped(helm_values, VALUES) == [
        (76, "registry:5000/x", "contains a template"),
        (83, "ghcr.io/acme/short", "not a digest (sha256:…)"),
        (89, "https://github.com/acme/shop.git", "not an image reference"),
        (93, "ghcr.io/acme/automated", "owned by Flux image automation"),
    ]
    assert [item.about.name for item in helm_values.extract(VALUES) if isinstance(item, Clue) and item.about] == [
        "ghcr.io/acme/decided",
        "ghcr.io/acme/empty",
        None,
        "ghcr.io/acme/untagged",
    ]
    assert skipped(helm_values, PRODUCTION) == [
        (7, "{{ .Values.registry }}/extra:1.0.0", "contains a template"),
    ]


def test_digests() -> None:
    """A separate digest belongs to its tag; a digest may be written behind the tag only where there is no such key."""
    by_name = {item.name: item for item in dependencies(helm_values, VALUES)}

    assert by_name["ghcr.io/acme/migrations"].current_digest == "sha256:" + 64 * "5"
    assert by_name["ghcr.io/acme/operator"].current_digest == "sha256:" + 64 * "6"
    assert {name for name, item in by_name.items() if not item.pinnable} == {"ghcr.io/acme/migrations", "busybox"}


# ---------------------------------------------------------------- shapes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: {repository: a/b, tag: 1.10}", "a/b:1.10"),
        ("image: {repository: a/b, tag: 0x1f}", "a/b:0x1f"),
        ("image: {repository: a/b, tag: 20240101}", "a/b:20240101"),
        ("image: {repo: a/b, tag: 1.0}", "a/b:1.0"),
        ("image: {registry: quay.io/, repository: a/b, tag: 1.0}", "quay.io/a/b:1.0"),
        ("image: {registry: '', repository: a/b, tag: 1.0}", "a/b:1.0"),
        ("image: {registry: quay.io, name: a/b, version: 1.0}", "quay.io/a/b:1.0"),
        ("image: {repository: a/b, imageTag: 1.0}", "a/b:1.0"),
        ("x: {repository: nvcr.io/nvidia, image: driver, version: '535'}", "nvcr.io/nvidia/driver:535"),
        ("x: {repository: nvcr.io/nvidia/driver, image: driver, version: '535'}", "nvcr.io/nvidia/driver:535"),
        ("image: {repository: ghcr.io/acme, name: web, tag: 1.0}", "ghcr.io/acme/web:1.0"),
        ("image: {repository: ghcr.io/acme/web, name: container, tag: 1.0}", "ghcr.io/acme/web:1.0"),
        ("x: {hub: docker.io/istio, image: proxyv2, tag: 1.23.2}", "docker.io/istio/proxyv2:1.23.2"),
        ("x: {image: a/b, version: 1.0}", "a/b:1.0"),
        ("x: {registry: quay.io, image: 'a/b:1.0'}", "quay.io/a/b:1.0"),
        ("web_image: a/b\nweb_image_tag: 1.0", "a/b:1.0"),
        ("webImage: a/b\nwebVersion: 1.0", "a/b:1.0"),
        ("imageName: a\nimageTag: 1.0", "a:1.0"),
        ("image-repository: a\nimage-tag: 1.0", "a:1.0"),
        ("image_repository: a\nimage_registry: quay.io/x\nimage_tag: 1.0", "quay.io/x/a:1.0"),
        ("imageRef: a/b:1.0", "a/b:1.0"),
        ("images: [{name: a/b, tag: 1.0}]", "a/b:1.0"),
        ("initContainers: [{name: x, image: 'a/b:1.0'}]", "a/b:1.0"),
        ("extraEnv: [{name: AGENT_IMAGE, value: 'a/b:1.0'}]", "a/b:1.0"),
        ("sidecars: |\n  - image: a/b:1.0\n", "a/b:1.0"),
        ("extraDeploy: |\n  spec:\n    image: a/b:1.0\n", "a/b:1.0"),
        ("global: {imageRegistry: r.io}\nimage: {repository: a/b, tag: 1.0}", "r.io/a/b:1.0"),
        ("global: {imageRegistry: r.io}\nimage: {repository: quay.io/a/b, tag: 1.0}", "quay.io/a/b:1.0"),
        ("global: {imageRegistry: r.io}\nimage: {registry: quay.io, repository: a/b, tag: 1.0}", "quay.io/a/b:1.0"),
        ("global: {image: {registry: r.io}}\nimage: {repository: a/b, tag: 1.0}", "r.io/a/b:1.0"),
        ("global: {image: {registry: r.io, name: x}}\nimage: {repository: a/b, tag: 1.0}", "a/b:1.0"),
        ("image: {registry: r.io, org: acme, name: web, tag: 1.0}", "r.io/acme/web:1.0"),
        ("image: {registry: r.io, organization: acme, repository: a/b, tag: 1.0}", "r.io/a/b:1.0"),
        ("repository: ghcr.io/acme\nimageName: web\nimageTag: 1.0", "ghcr.io/acme/web:1.0"),
        ("global: {imageRegistry: ''}\nimage: {repository: a/b, tag: 1.0}", "a/b:1.0"),
    ],
)
def test_shapes(text: str, expected: str) -> None:
    """An image is found in whatever parts and spelling it is written."""
    assert images(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "backgroundImage: /static/hero.png",
        "image: img/logo.png",
        "image: nginx",
        "image: {}",
        "image: null",
        "pullImage: Always",
        "env: [{name: VERSION, value: 'a/b:1.0'}]",
        "script: |\n  image: a/b:1.0\n",
        "name: web\nversion: 1.0.0",
    ],
)
def test_what_is_no_image(text: str) -> None:
    """Pictures, policies, names without a version and texts in other languages are no images."""
    assert list(helm_values.extract(values(text))) == []


def test_digest_in_the_repository() -> None:
    """A digest behind the repository moves together with the tag, or alone if there is none."""
    beside, alone = (
        dependencies(helm_values, values(f"image: {{repository: 'a/b@{DIGEST}', tag: '{tag}'}}"))[0]
        for tag in ("1.0", "")
    )

    assert (beside.name, beside.current_value, beside.current_digest) == ("a/b", "1.0", DIGEST)
    assert (alone.name, alone.current_value, alone.current_digest) == ("a/b", None, DIGEST)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"image: {{repository: a/b, tag: '1.0@{DIGEST}', digest: '{DIGEST}'}}", "two digests"),
        ("image: {repository: a/b, tag: 'not a tag'}", "not an image tag"),
        ("image: {repository: a/b, tag: $TAG}", "contains a variable"),
        ('image: {repository: a/b, tag: "1\\x2e0"}', "not written in one piece"),
        ("image: {repository: 'a/b:1.0', tag: 1.0}", "not an image reference"),
        ("image: {repository: '{{ .x }}', tag: 1.0}", "contains a template"),
        (f"image: {{repository: 'a/b@{DIGEST}', tag: 'not a tag'}}", "not an image tag"),
        ("image: {repository: a/b, tag: ''}", "no tag (the chart decides)"),
    ],
)
def test_parts_that_make_no_image(text: str, reason: str) -> None:
    """Parts that do not make an image together are one row with the reason."""
    assert images(text) == []
    assert [row[2] for row in skipped(helm_values, values(text))] == [reason]


# ---------------------------------------------------------------- which files


IMAGE_MAP = "image: {repository: a/b, tag: 1.0}\n"
IMAGE_TEXT = "image: a/b:1.0\n"


@pytest.mark.parametrize(
    "path",
    [
        *(
            "values.yaml",
            "values.yml",
            "x/values-prod.yaml",
            "values_prod.yaml",
            "values.prod.yaml",
            "prod-values.yaml",
        ),
        *("prod.values.yml", "prod_values.yaml", "prodValues.yaml", "Values.yaml", "values.yaml.gotmpl", "values.json"),
        *("values/prod.yaml", "helm-values/x/prod.yml", ".helm/values.yaml"),
    ],
)
def test_names_of_values(path: str) -> None:
    """In a file with values in its name or directory every image counts."""
    assert images(IMAGE_TEXT, path) == ["a/b:1.0"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("prod.yaml", IMAGE_MAP),
        ("prod.yaml", IMAGE_MAP + "sidecar: {image: 'a/b:1.0'}\n"),
        ("prod.yaml", "web: {repository: a/b, tag: 1.0, pullPolicy: Always}\n"),
        ("prod.yaml", "image: {name: a/b, tag: 1.0}\n"),
    ],
)
def test_content_of_values(path: str, text: str) -> None:
    """A file in which an image has a map of its own holds values, and every image in it counts."""
    assert set(images(text, path)) == {"a/b:1.0"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("prod.yaml", IMAGE_TEXT),
        ("prod.yaml", "repository: a/b\ntag: 1.0\n"),
        ("values.yaml", "apiVersion: v1\nkind: ConfigMap\n" + IMAGE_MAP),
        ("values.yaml", "{apiVersion: v1, kind: ConfigMap, image: {repository: a/b, tag: 1.0}}\n"),
        ("values-test.yaml", "suite: x\ntests: [{set: {image: {repository: a/b, tag: 1.0}}}]\n"),
        ("bump-values.yaml", "on: push\njobs: {x: {container: {image: 'a/b:1.0'}}}\n"),
        ("values.schema.json", '{"default": {"image": {"repository": "a/b", "tag": "1.0"}}}'),
        ("helmfile.yaml", IMAGE_MAP),
        ("x.yaml", "releases: [{name: a, chart: a/b, values: [{image: {repository: a/b, tag: 1.0}}]}]\n"),
        ("fleet.yaml", IMAGE_MAP),
        ("docker-compose.yaml", "services: {web: {image: 'a/b:1.0'}}\n"),
        ("openapi.yaml", "openapi: 3.0.0\nexample: {image: {repository: a/b, tag: 1.0}}\n"),
        (".gitlab-ci.yml", IMAGE_MAP),
        ("templates/web.yaml", IMAGE_MAP),
        ("x.yaml", "- image: {repository: a/b, tag: 1.0}\n"),
    ],
)
def test_what_are_no_values(path: str, text: str) -> None:
    """Objects, tests, schemas, and files of other tools are left alone, as are images that could stand anywhere."""
    assert images(text, path) == []


def test_broken_values() -> None:
    """A file called values that is no YAML gets a row; any other file does not, because nobody knows what it is."""
    broken = "image: {repository: a/b\n"

    (row,) = skipped(helm_values, values(broken))
    assert row[2].startswith("not valid YAML")
    assert list(helm_values.extract(values(broken, "x.yaml"))) == []


# ---------------------------------------------------------------- several files


def scan(directory: Path, files: dict[str, str]) -> Iterator[str]:
    """What a scan finds on behalf of this manager in a repository of ``files``."""
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    return (line for line in labels(scanned(directory)) if "| helm-values |" in line)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: {valueFiles: [$ref/env/prod.yaml]}\n"),
        ("env/app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: {valueFiles: [prod.yaml]}\n"),
        ("set.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: X\nx: {valueFiles: ['$v/env/{{env}}.yaml']}\n"),
        ("a/kustomization.yaml", "helmCharts: [{name: x, valuesFile: ../env/prod.yaml}]\n"),
        ("a/kustomization.yaml", "helmCharts: [{name: x, additionalValuesFiles: [../env/prod.yaml]}]\n"),
        ("env/kustomization.yaml", "configMapGenerator: [{name: x, files: [values.yaml=prod.yaml]}]\n"),
        ("a/main.tf", 'resource "helm_release" "x" {\n  values = [file("${path.module}/../env/prod.yaml")]\n}\n'),
        ("a/main.tf", 'resource "helm_release" "x" {\n  values = [file("../env/${var.stage}.yaml")]\n}\n'),
        ("helmfile.yaml", "releases:\n- name: x\n  chart: a/b\n  values: [env/prod.yaml]\n"),
        ("env/fleet.yaml", "helm: {chart: x, valuesFiles: [prod.yaml]}\n"),
        ("env/Chart.yaml", "apiVersion: v2\n"),
        ("Chart.yaml", "apiVersion: v2\n"),
    ],
)
def test_files_that_others_take_for_values(tmp_path: Path, path: str, text: str) -> None:
    """An image counts where its file is referenced as values or lies in a chart."""
    assert list(scan(tmp_path, {path: text, "env/prod.yaml": IMAGE_TEXT})) == [
        "env/prod.yaml:1 | helm-values | docker a/b | 1.0 | production"
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: {valueFiles: [prod.yaml]}\n"),
        ("app.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: {valueFiles: [$v/test/prod.yaml]}\n"),
        ("app.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {x: env/prod.yaml}\n"),
        ("other/Chart.yaml", "apiVersion: v2\n"),
    ],
)
def test_files_that_nobody_takes_for_values(tmp_path: Path, path: str, text: str) -> None:
    """A file of the same name elsewhere, or a mention in another context, makes no values."""
    assert list(scan(tmp_path, {path: text, "env/prod.yaml": IMAGE_TEXT})) == []


def test_doubtful_files_in_charts(tmp_path: Path) -> None:
    """In a chart a file that may as well be another tool's counts only if it is referenced."""
    files = {"Chart.yaml": "apiVersion: v2\n", "ci.yaml": "steps:\n- image: a/b:1.0\n"}
    reference = {"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: {valueFiles: [ci.yaml]}\n"}

    assert list(scan(tmp_path, files)) == []
    assert list(scan(tmp_path, reference)) == ["ci.yaml:2 | helm-values | docker a/b | 1.0 | -"]


USES_APP_VERSION = "image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\n"
USES_IT_WITH_V = '{{ $tag := .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}\n'
LABELS_ONLY = "app.kubernetes.io/version: {{ .Chart.AppVersion }}\n"
EMPTY_TAG = "image:\n  repository: a/b\n  tag: ''\n"


@pytest.mark.parametrize(
    ("template", "values_text"),
    [
        (USES_APP_VERSION, EMPTY_TAG),
        (LABELS_ONLY, "# tag: overrides the chart's appVersion\n" + EMPTY_TAG),
        (USES_APP_VERSION, "image: {repository: a/b}\n"),
        (USES_APP_VERSION, EMPTY_TAG + "worker: {image: {repository: a/b, tag: }}\n"),
    ],
)
def test_app_version(tmp_path: Path, template: str, values_text: str) -> None:
    """The chart's appVersion is the version of the image that has none, if the chart says so."""
    files = {
        "c/Chart.yaml": "apiVersion: v2\nappVersion: '1.10'\n",
        "c/templates/_image.tpl": template,
        "c/values.yaml": values_text,
    }

    first, *rows = scan(tmp_path, files)

    assert first == "c/Chart.yaml:2 | helm-values | docker a/b | 1.10 | -"
    assert all(row.endswith("follows appVersion in Chart.yaml") for row in rows)


@pytest.mark.parametrize(
    ("template", "values_text", "chart"),
    [
        (LABELS_ONLY, EMPTY_TAG, "appVersion: 1.0.0\n"),
        (USES_APP_VERSION, EMPTY_TAG + "worker: {image: {repository: a/c, tag: }}\n", "appVersion: 1.0.0\n"),
        (USES_APP_VERSION, EMPTY_TAG, "version: 1.0.0\n"),
        (USES_APP_VERSION, EMPTY_TAG, "appVersion: '{{ .x }}'\n"),
        (USES_APP_VERSION, "image: {repository: '{{ .x }}', tag: }\n", "appVersion: 1.0.0\n"),
    ],
)
def test_app_versions_that_are_not_an_image_s(tmp_path: Path, template: str, values_text: str, chart: str) -> None:
    """Without a chart that says so, with several images, or without a version, the tag is the chart's decision."""
    files = {"Chart.yaml": chart, "templates/web.tpl": template, "values.yaml": values_text}

    rows = list(scan(tmp_path, files))

    assert rows
    assert all(row.endswith("no tag (the chart decides)") for row in rows)


def test_app_version_with_v(tmp_path: Path) -> None:
    """Where the template writes a v in front, the registry's versions are read without it."""
    list(
        scan(
            tmp_path,
            {"Chart.yaml": "appVersion: 1.0.0\n", "templates/_.tpl": USES_IT_WITH_V, "values.yaml": EMPTY_TAG},
        )
    )

    (item,) = scanned(tmp_path).dependencies
    assert (item.dep_type, item.extract_version) == ("appVersion", r"^v(?P<version>\d.*)$")


@pytest.mark.parametrize(
    ("below", "path"),
    [
        ("web: {image: {repository: a/b, tag: 1.0}}", "c/values-prod.yaml"),
        ("web: {image: {repository: a/b}}", "c/env/values.yaml"),
        ("web: {image: {registry: '', name: a/b}}", "c/env/prod/values-web.yaml"),
    ],
)
def test_tags_alone(tmp_path: Path, below: str, path: str) -> None:
    """A tag takes its repository from the same place in the values that its file overrides."""
    rows = list(scan(tmp_path, {"c/values.yaml": below, path: "web:\n  image:\n    tag: 2.0\n"}))

    assert [row for row in rows if row.startswith(f"{path}:3 | helm-values | docker a/b | 2.0 |")]


@pytest.mark.parametrize(
    "below",
    ["image: {repository: a/b}", "web: {image: {tag: 1.0}}", "web: a", "[", "web: {image: {repository: 'a:1'}}"],
)
def test_tags_without_a_repository(tmp_path: Path, below: str) -> None:
    """A tag whose repository stands nowhere, or in another place, is listed."""
    rows = list(scan(tmp_path, {"values.yaml": below, "values-prod.yaml": "web: {image: {tag: 2.0}}\n"}))

    assert [row for row in rows if "values-prod" in row] == [
        "values-prod.yaml:1 | helm-values | - 2.0 | image repository unknown"
    ]


def test_plugins_of_jenkins() -> None:
    """The plugins that Jenkins' chart installs are looked up at its update center."""
    text = (
        "controller:\n  installPlugins:\n  - git:5.2.2\n  - workflow-aggregator\n  - job-dsl:latest\n"
        "  - own:1.0:https://example.com/own.hpi\n  additionalPlugins: ['kubernetes:4253.v7700d91739e5']\n"
        "  plugins: [clock:1.2.3]\n"
    )
    file = values(text)

    assert found(helm_values, file) == [(3, "git", "5.2.2"), (7, "kubernetes", "4253.v7700d91739e5")]
    assert {item.package.datasource for item in dependencies(helm_values, file)} == {"jenkins-plugins"}
    assert skipped(helm_values, file) == [
        (5, "job-dsl", "not version-like"),
        (6, "own", "installed from an address"),
    ]


def test_keys_that_begin_with_image() -> None:
    """A text with a version under ``imageK8S`` is an image as one under ``k8sImage`` is; a policy is none."""
    text = "imageK8S: a/b:1.0\nimageDataplane: c:2.0\nimagePullPolicy: Always\nimageVersion: 1.2.3\nimageName: d\n"

    assert images(text) == ["a/b:1.0", "c:2.0", "d:1.2.3"]


def test_images_in_arguments() -> None:
    """The image that an argument sets is known by its registry; an address is none."""
    assert images("image: a/b:1.0\nargs: [--proxy=quay.io/a/c:1.0, '--listen=localhost:8080']\n") == [
        "a/b:1.0",
        "quay.io/a/c:1.0",
    ]


def test_digests_of_several_images() -> None:
    """A tag with digests for several clouds is listed, and so is each digest."""
    text = f"image:\n  repository: a/b\n  tag: v1.0\n  genericDigest: {DIGEST}\n  awsDigest: {DIGEST}\n"

    assert [(line, reason) for line, _, reason in skipped(helm_values, values(text))] == [
        (line, "has digests of several images beside it") for line in (3, 4, 5)
    ]
