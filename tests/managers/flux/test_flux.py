"""The manager of Flux's objects."""

import re
import shutil
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import pytest

from managers import flux, kubernetes
from tests.managers.reading import CORPUS, found, skipped, yaml
from updater.api import Clue, Dependency, Edit, Package, Skipped, SourceFile
from updater.config import load
from updater.edit import replace
from updater.model.scan import Scan
from updater.repo import WorkTree
from updater.scan import scan

AREA = CORPUS / "flux"
SHA = "sha256:" + 64 * "1"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def scanned(directory: Path) -> Scan:
    """What a scan with this manager alone finds."""
    tree = WorkTree(directory)
    managers = {flux.NAME: flux}
    return scan(tree, load(tree, managers=managers.keys()), managers, {})


def write(directory: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text))


def linked(directory: Path, files: dict[str, str]) -> list[tuple[str, str, str | None]]:
    """Path, name and value of what is managed in a repository with these files."""
    write(directory, files)
    return [(item.path, item.name, item.current_value) for item in scanned(directory).dependencies]


def reasons(directory: Path, files: dict[str, str]) -> list[tuple[str | None, str]]:
    """Name and reason of what is not managed in a repository with these files."""
    write(directory, files)
    return [(item.name, item.reason) for item in scanned(directory).skipped]


def release(name: str = "web", version: str = "1.2.3", source: str = "kind: HelmRepository, name: acme") -> str:
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\n"
        f"spec: {{chart: {{spec: {{chart: {name}, version: {version}, sourceRef: {{{source}}}}}}}}}\n"
    )


def repository(url: str, *, namespace: str = "", name: str = "acme") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: {name}{where}}}\n"
        f"spec: {{url: {url!r}}}\n"
    )


def patch(version: str, name: str = "web") -> str:
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\n"
        f"spec: {{chart: {{spec: {{version: {version}}}}}}}\n"
    )


def git(reference: str, url: str = "https://github.com/acme/base", behind: str = "") -> SourceFile:
    return yaml(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: base}\n"
        f"spec:\n  url: {url}\n  ref: {{{reference}}}{behind}\n"
    )


def oci(reference: str, url: str = "oci://ghcr.io/acme/manifests") -> SourceFile:
    return yaml(
        "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\nmetadata: {name: manifests}\n"
        f"spec:\n  url: {url}\n  ref: {{{reference}}}\n"
    )


def only(file: SourceFile) -> Dependency:
    (item,) = (item for item in flux.extract(file) if isinstance(item, Dependency))
    return item


# ---------------------------------------------------------------- the user page


def test_the_example_works(tmp_path: Path) -> None:
    """Everything in the example of the user page is found, with a manifest that uses its variable."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", flux.__doc__ or "", re.MULTILINE)
    example = dedent("".join(block for block in blocks if block.strip()))

    assert linked(tmp_path, {"a.yaml": example, "apps/w.yaml": "image: ghcr.io/acme/worker:${worker_version}\n"}) == [
        ("a.yaml", "web", "2.4.1"),
        ("a.yaml", "ghcr.io/acme/web", "3.1.0"),
        ("a.yaml", "ghcr.io/acme/manifests", "1.8.0"),
        ("a.yaml", "ghcr.io/acme/api", "1.4.0"),
        ("a.yaml", "ghcr.io/acme/worker", "0.9.2"),
    ]
    assert [item.reason for item in scanned(tmp_path).skipped] == []


# ---------------------------------------------------------------- what links find can be edited


def higher(value: str) -> str:
    """``value`` with its first number raised."""
    return re.sub(r"\d+", lambda digits: str(int(digits[0]) + 1), value, count=1)


def extracted(directory: Path) -> set[tuple[str, int]]:
    """Path and start of everything that extraction alone finds."""
    files = (path for path in directory.rglob("*") if path.suffix in (".yaml", ".yml"))
    sources = (SourceFile(path=path.relative_to(directory).as_posix(), text=_text(path)) for path in files)
    items = (item for file in sources for item in flux.extract(file))
    return {(item.path, item.span.start) for item in items if isinstance(item, Dependency) and item.span}


def _text(path: Path) -> str:
    return path.read_bytes().decode()


def test_what_links_find_can_be_edited(tmp_path: Path) -> None:
    """Whatever only a link finds, in whichever file: once edited, the next scan finds the new value at that place."""
    root = tmp_path / "repository"
    shutil.copytree(AREA, root)
    alone = extracted(root)
    before = [item for item in scanned(root).dependencies if item.span and (item.path, item.span.start) not in alone]
    assert len(before) > 20

    for path, group in groupby(before, key=lambda item: item.path):
        items, original = list(group), _text(root / path)
        edits = [Edit(path=path, span=item.span, text=higher(item.current_value or "")) for item in items if item.span]
        (root / path).write_bytes(replace(original, edits).encode())
        after = {(item.path, item.line, item.package, item.current_value) for item in scanned(root).dependencies}
        (root / path).write_bytes(original.encode())

        assert {(path, item.line, item.package, higher(item.current_value or "")) for item in items} <= after


# ---------------------------------------------------------------- charts


def test_the_repository_stands_in_another_file(tmp_path: Path) -> None:
    """A chart is looked up at the address of the HelmRepository that its release names."""
    write(tmp_path, {"a.yaml": release(), "b.yaml": repository("https://charts.example.com")})
    (item,) = scanned(tmp_path).dependencies

    assert item.package == Package(datasource="helm", name="web", registry_urls=("https://charts.example.com",))
    assert (item.current_value, item.dep_type, item.versioning) == ("1.2.3", "HelmRelease", None)


@pytest.mark.parametrize("url", ["oci://ghcr.io/acme/charts", "oci://ghcr.io/acme/charts/"])
def test_charts_in_registries(tmp_path: Path, url: str) -> None:
    """A chart of an OCI repository is an artifact, and its versions are those of Helm."""
    write(tmp_path, {"a.yaml": release(), "b.yaml": repository(url)})
    (item,) = scanned(tmp_path).dependencies

    assert item.package == Package(datasource="docker", name="ghcr.io/acme/charts/web")
    assert item.versioning == "helm"


def test_the_namespace_decides(tmp_path: Path) -> None:
    """Of two repositories with one name the one in the namespace of the reference is meant."""
    files = {
        "a.yaml": release(source="kind: HelmRepository, name: acme, namespace: two"),
        "b.yaml": repository("https://one.example.com", namespace="one"),
        "c.yaml": repository("https://two.example.com", namespace="two"),
    }
    write(tmp_path, files)

    assert scanned(tmp_path).dependencies[0].package.registry_urls == ("https://two.example.com",)


@pytest.mark.parametrize("namespace", ["", "elsewhere"])
def test_a_unique_name_is_enough(tmp_path: Path, namespace: str) -> None:
    """A kustomization may set namespaces: a repository whose namespace is missing or another one is found by name."""
    files = {
        "a.yaml": release(source="kind: HelmRepository, name: acme, namespace: flux-system"),
        "b.yaml": repository("https://one.example.com", namespace=namespace),
    }

    assert linked(tmp_path, files) == [("a.yaml", "web", "1.2.3")]


def test_the_nearest_repository_counts(tmp_path: Path) -> None:
    """Of repositories with one name and different addresses that of the own cluster counts."""
    write(
        tmp_path,
        {
            "clusters/one/web.yaml": release(),
            "clusters/one/sources.yaml": repository("https://one.example.com"),
            "clusters/two/sources.yaml": repository("https://two.example.com"),
            "clusters/two/apps/web.yaml": release(),
        },
    )

    assert [item.package.registry_urls for item in scanned(tmp_path).dependencies] == [
        ("https://one.example.com",),
        ("https://two.example.com",),
    ]


def test_equal_repositories_are_one(tmp_path: Path) -> None:
    """The same repository in every cluster is no ambiguity."""
    files = {
        "web.yaml": release(),
        "one/sources.yaml": repository("https://charts.example.com"),
        "two/sources.yaml": repository("https://charts.example.com/"),
    }

    assert linked(tmp_path, files) == [("web.yaml", "web", "1.2.3")]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no HelmRepository acme in this repository"),
        (
            {"one/s.yaml": repository("https://one.example.com"), "two/s.yaml": repository("https://two.example.com")},
            "several objects HelmRepository acme with different addresses",
        ),
        ({"s.yaml": repository("https://${host}/charts")}, "contains a variable"),
        ({"s.yaml": repository("s3://charts")}, "repositories of the kind s3:// cannot be asked"),
        ({"s.yaml": repository("charts")}, "no repository"),
    ],
)
def test_why_charts_are_not_managed(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    """A chart whose repository is unknown, ambiguous or cannot be asked is listed with the reason."""
    assert reasons(tmp_path, {"a.yaml": release(), **files}) == [("web", reason)]


@pytest.mark.parametrize(
    ("version", "source", "reason"),
    [
        ("1.0.0", "kind: GitRepository, name: flux-system", "local chart"),
        ("1.0.0", "kind: Bucket, name: charts", "charts in a Bucket cannot be asked for"),
        ("'{{ .version }}'", "kind: HelmRepository, name: acme", "contains a template"),
        ("<< inputs.version >>", "kind: HelmRepository, name: acme", "contains a template"),
        ("'v${MAJOR}.0'", "kind: HelmRepository, name: acme", "contains a variable"),
        ("latest", "kind: HelmRepository, name: acme", "not version-like"),
        ("''", "kind: HelmRepository, name: acme", "no version"),
    ],
)
def test_versions_that_cannot_be_moved(version: str, source: str, reason: str) -> None:
    """What no other file could complete is listed at once."""
    assert skipped(flux, yaml(release(version=version, source=source))) == [(4, "web", reason)]


def test_a_patch_of_a_release(tmp_path: Path) -> None:
    """An overlay's version is one of the chart that the release in the base names."""
    files = {
        "apps/base/web.yaml": release() + "---\n" + repository("https://charts.example.com"),
        "apps/production/web.yaml": patch("1.2.0"),
        "apps/staging/kustomization.yaml": """\
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            patches:
              - patch: |
                  apiVersion: helm.toolkit.fluxcd.io/v2
                  kind: HelmRelease
                  metadata: {name: web}
                  spec: {chart: {spec: {version: 1.3.0}}}
            """,
    }

    assert linked(tmp_path, files) == [
        ("apps/base/web.yaml", "web", "1.2.3"),
        ("apps/production/web.yaml", "web", "1.2.0"),
        ("apps/staging/kustomization.yaml", "web", "1.3.0"),
    ]


def test_a_patch_of_nobody_knows_what(tmp_path: Path) -> None:
    """A version whose release is unknown, or one of several with different charts, is listed with the reason."""
    files = {
        "one/web.yaml": release() + "---\n" + repository("https://one.example.com"),
        "two/web.yaml": release() + "---\n" + repository("https://two.example.com"),
        "patch.yaml": patch("1.0.0"),
        "stray.yaml": patch("1.0.0", name="stray"),
    }

    assert reasons(tmp_path, files) == [
        ("web", "several objects HelmRelease web with different charts"),
        ("stray", "no HelmRelease stray with a chart and a source"),
    ]


def test_tags_in_patches(tmp_path: Path) -> None:
    """A tag in the values of a patch is one of the image that the patched release has at the same place."""
    values = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {values: %s}\n"
    files = {
        "base/web.yaml": release()[:-2] + ", values: {a: {image: {registry: ghcr.io, repository: acme/web}}}}\n",
        "base/own.yaml": release("own")[:-2] + ", values: {image: {tag: 3.0.0}}}\n",
        "one/own.yaml": values.replace("web", "own") % "{image: {repository: acme/own}}",
        "one/web.yaml": values % "{a: {image: {tag: 1.1.0}}, b: {image: {tag: 1.2.0}}}",
        "two/web.yaml": values % "{a: {image: {tag: '${TAG}'}}}",
    }

    assert linked(tmp_path, files) == [("one/web.yaml", "ghcr.io/acme/web", "1.1.0")]
    assert ("one/web.yaml", "image repository unknown") in [
        (item.path, item.reason) for item in scanned(tmp_path).skipped
    ]


def test_a_version_with_an_alias_belongs_to_the_chart(tmp_path: Path) -> None:
    """Where an image's tag is an alias of the chart's version, the chart owns the place."""
    text = """\
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: web}
        spec:
          chart: {spec: {chart: web, version: &version 1.2.3, sourceRef: {name: acme}}}
          values: {image: {repository: ghcr.io/acme/web, tag: *version}}
        """
    file = yaml(dedent(text))

    assert [item.reason for item in flux.extract(file) if isinstance(item, Skipped)] == ["shares its version with web"]
    assert linked(tmp_path, {"a.yaml": text, "b.yaml": repository("https://charts.example.com")}) == [
        ("a.yaml", "web", "1.2.3")
    ]


def test_charts_by_reference_are_left_to_what_they_refer_to() -> None:
    """A release with chartRef says nothing about a version."""
    file = yaml(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\n"
        "spec: {chartRef: {kind: OCIRepository, name: web}}\n"
    )

    assert list(flux.extract(file)) == []


def test_the_first_flux() -> None:
    """A release of the Helm operator has the address of its repository in it."""
    file = yaml(
        "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: redis}\n"
        "spec: {chart: {repository: 'https://charts.example.com', name: redis, version: 10.5.7}}\n"
    )

    assert only(file).package == Package(datasource="helm", name="redis", registry_urls=("https://charts.example.com",))


# ---------------------------------------------------------------- values elsewhere


def test_values_in_config_maps(tmp_path: Path) -> None:
    """Images are read under the key that valuesFrom names, and in no other config map."""
    write(
        tmp_path,
        {
            "a.yaml": """\
                apiVersion: helm.toolkit.fluxcd.io/v2
                kind: HelmRelease
                metadata: {name: web}
                spec:
                  chartRef: {kind: OCIRepository, name: web}
                  valuesFrom:
                    - {kind: ConfigMap, name: values}
                    - {kind: ConfigMap, name: tag, valuesKey: tag, targetPath: image.tag}
                    - {kind: Secret, name: other}
                """,
            "b.yaml": """\
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: values}
                data:
                  values.yaml: |
                    image: nginx:1.27.0
                  more.yaml: |
                    image: nginx:1.26.0
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: other}
                data:
                  values.yaml: |
                    image: nginx:1.25.0
                """,
        },
    )
    (item,) = scanned(tmp_path).dependencies

    assert (item.path, item.line, item.current_value, item.dep_type) == ("b.yaml", 6, "1.27.0", "ConfigMap")


def test_values_in_generated_config_maps(tmp_path: Path) -> None:
    """The file from which a kustomization generates the config map may have any name."""
    files = {
        "base/a.yaml": """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: web}
            spec:
              chartRef: {kind: OCIRepository, name: web}
              valuesFrom: [{kind: ConfigMap, name: web-values}]
            """,
        "overlay/kustomization.yaml": """\
            configMapGenerator:
              - name: web-values
                files: [values.yaml=../shared/settings.yml, missing.yaml]
              - name: others
                files: [values.yaml=others.yml]
            """,
        "shared/settings.yml": "sidecar: {image: 'envoyproxy/envoy:v1.31.0'}\n",
        "overlay/others.yml": "sidecar: {image: 'envoyproxy/envoy:v1.30.0'}\n",
    }

    assert linked(tmp_path, files) == [("shared/settings.yml", "envoyproxy/envoy", "v1.31.0")]


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize(
    ("reference", "value", "digest"),
    [
        ("tag: v1.2.3", "v1.2.3", None),
        ("branch: main, tag: v1.2.3", "v1.2.3", None),
        ("name: refs/tags/v1.2.3", "v1.2.3", None),
        ("semver: '>=1.0.0 <2.0.0'", ">=1.0.0 <2.0.0", None),
        (f"tag: v1.2.3, commit: {COMMIT}", "v1.2.3", COMMIT),
    ],
)
def test_git_revisions(reference: str, value: str, digest: str | None) -> None:
    """The strongest revision of a GitRepository is a tag of its repository, a commit beside it the digest."""
    item = only(git(reference))

    assert item.package == Package(datasource="github-tags", name="acme/base")
    assert (item.current_value, item.current_digest) == (value, digest)
    assert item.versioning == ("helm" if "semver" in reference else None)


def test_a_commit_with_its_version_behind_it() -> None:
    """A commit whose version stands in a comment moves together with it, whatever the branch."""
    item = only(git(f"branch: main, commit: {COMMIT}", behind=" # v1.2.3"))

    assert item.package == Package(datasource="github-tags", name="acme/base")
    assert (item.current_value, item.current_digest) == ("v1.2.3", COMMIT)


def test_a_commit_of_a_branch() -> None:
    """A commit with a branch follows that branch."""
    item = only(git(f"branch: main, commit: {COMMIT}"))

    assert item.package == Package(datasource="git-refs", name="https://github.com/acme/base")
    assert (item.current_value, item.current_digest) == ("main", COMMIT)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("branch: release-1.27", "follows a branch"),
        ("name: refs/heads/release-1.27, tag: v1.0.0", "follows a branch"),
        ("tag: latest", "follows a branch"),
        ("tag: nightly-build", "not version-like"),
        (f"commit: {COMMIT}", "pinned to a commit"),
        ("tag: '${version}'", "contains a variable"),
    ],
)
def test_other_git_revisions(reference: str, reason: str) -> None:
    """What has a number and is no tag is listed with the reason."""
    assert skipped(flux, git(reference)) == [(6, "acme/base", reason)]


def test_branches_are_no_versions() -> None:
    """A GitRepository that follows a branch without a number is nothing to talk about."""
    assert [item for item in flux.extract(git("branch: main")) if not isinstance(item, Clue)] == []


@pytest.mark.parametrize(
    ("reference", "value", "digest", "versioning"),
    [
        ("tag: 1.10", "1.10", None, None),
        (f"tag: 1.8.0, digest: '{SHA}'", "1.8.0", SHA, None),
        (f"digest: '{SHA}', tag: 1.8.0", "1.8.0", SHA, None),
        (f"digest: '{SHA}'", None, SHA, None),
        (f"tag: '1.8.0@{SHA}'", "1.8.0", SHA, None),
        ("semver: 1.x", "1.x", None, "helm"),
    ],
)
def test_oci_revisions(reference: str, value: str | None, digest: str | None, versioning: str | None) -> None:
    """A tag, a digest or both of an artifact; no digest is ever written behind a tag, which Flux would not read."""
    item = only(oci(reference))

    assert item.package == Package(datasource="docker", name="ghcr.io/acme/manifests")
    assert (item.current_value, item.current_digest, item.versioning) == (value, digest, versioning)
    assert item.pinnable is False


def test_overridden_revisions() -> None:
    """A tag beside a range, and a range beside a digest, have no effect and are listed."""
    assert skipped(flux, git("semver: 1.x, tag: v1.0.0")) == [(6, "acme/base", "overridden by semver")]
    assert skipped(flux, oci(f"semver: 1.x, digest: '{SHA}'")) == [
        (6, "ghcr.io/acme/manifests", "overridden by the digest")
    ]


def test_patches_of_sources(tmp_path: Path) -> None:
    """A revision whose address stands in the base is one of that address."""
    base = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{{spec}}}\n---\n"
    files = {
        "base.yaml": base.format(kind="GitRepository", spec="url: 'https://github.com/acme/base'")
        + base.format(kind="OCIRepository", spec="url: 'oci://ghcr.io/acme/base'"),
        "patch.yaml": base.format(kind="GitRepository", spec="ref: {tag: v1.2.0}")
        + base.format(kind="OCIRepository", spec="ref: {semver: 1.x}"),
        "stray.yaml": base.format(kind="OCIRepository", spec="ref: {tag: 1.0.0}").replace("name: x", "name: y"),
    }

    assert linked(tmp_path, files) == [
        ("patch.yaml", "acme/base", "v1.2.0"),
        ("patch.yaml", "ghcr.io/acme/base", "1.x"),
    ]
    assert reasons(tmp_path, {}) == [("y", "no OCIRepository y in this repository")]


# ---------------------------------------------------------------- kustomizations


def test_patches_that_are_no_literal_blocks() -> None:
    """A patch whose text cannot be edited in place is listed if it speaks of images."""
    file = yaml(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec:\n"
        "  patches:\n    - patch: >-\n        [{op: replace, path: /image, value: nginx:1.27.0}]\n"
        "    - patch: |\n        a: [\n"
    )

    assert [(line, reason[:20]) for line, _, reason in skipped(flux, file)] == [
        (6, "the patch is not wri"),
        (10, "not valid YAML: did "),
    ]


def test_patches_in_quotes() -> None:
    """A patch on one line is read like one in a literal block."""
    file = yaml(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec:\n"
        '  patches:\n    - patch: "[{op: replace, path: /spec/image, value: \\"nginx:1.27.0\\"}]"\n'
    )

    assert found(flux, file) == [(6, "nginx", "1.27.0")]


VARIABLES = """\
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata: {name: apps}
    spec:
      path: ./apps/one
      postBuild:
        substitute: {web_version: "1.2.3", other: eu-west-1, unused: 4.5.6}
        substituteFrom: [{kind: ConfigMap, name: settings}]
    """


@pytest.mark.parametrize(
    ("path", "image", "expected"),
    [
        ("apps/one/web.yaml", "acme/web:${web_version}", [("flux.yaml", "acme/web", "1.2.3")]),
        ("apps/one/deep/web.yaml", "'acme/web:${web_version}' # why", [("flux.yaml", "acme/web", "1.2.3")]),
        (
            "apps/one/web.yaml",
            "x\nspec: [{image: 'acme/web:${web_version}', a: b}]",
            [("flux.yaml", "acme/web", "1.2.3")],
        ),
        ("apps/two/web.yaml", "acme/web:${web_version}", []),
        ("apps/one-more/web.yaml", "acme/web:${web_version}", []),
        ("apps/one/web.yaml", "acme/web:${other}", []),
        ("apps/one/web.yaml", "acme/web:v${web_version}", []),
        ("apps/one/web.yaml", "${registry}/web:${web_version}", []),
        ("apps/one/web.yaml", "acme/web:${nowhere}", []),
    ],
)
def test_variables(tmp_path: Path, path: str, image: str, expected: list[tuple[str, str, str]]) -> None:
    """A variable is a version where a manifest below the path of its Kustomization uses it as one."""
    assert linked(tmp_path, {"flux.yaml": VARIABLES, path: f"image: {image}\n"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image: acme/web:${web:=1.2.3}", [(2, "acme/web", "1.2.3")]),
        ("a: [{image: 'acme/web:${web:-1.2.3}'}, {\"image\": acme/api:${api:=2.0.0}, b: c}]", [
            (2, "acme/web", "1.2.3"),
            (2, "acme/api", "2.0.0"),
        ]),
        ("image: acme/web:${web:=latest}", []),
        ("image: acme/web:${web:=}", []),
    ],
)  # fmt: skip
def test_defaults_of_variables(text: str, expected: list[tuple[int, str, str]]) -> None:
    """What holds where a variable has no value is a version of its own, in Kubernetes' objects."""
    assert found(flux, yaml(f"apiVersion: apps/v1\n{text}\n")) == expected
    assert found(flux, yaml(f"services:\n  {text}\n")) == []


def test_variables_reach_where_kustomizations_lead(tmp_path: Path) -> None:
    """Files that a kustomization under the path includes count as well, however far away."""
    files = {
        "flux.yaml": VARIABLES,
        "apps/one/kustomization.yaml": "resources: [../../base]\n",
        "base/kustomization.yaml": "resources: [web, ../apps/one, 'https://example.com/x.yaml']\n",
        "base/web/deployment.yaml": "image: acme/web:${web_version}\n",
    }

    assert linked(tmp_path, files) == [("flux.yaml", "acme/web", "1.2.3")]


def test_variables_in_config_maps(tmp_path: Path) -> None:
    """What substituteFrom brings is found where the config map, or the literal of its generator, stands."""
    files = {
        "flux.yaml": VARIABLES,
        "one/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {DB: 16.4.0}\n",
        "two/kustomization.yaml": "configMapGenerator:\n  - name: settings\n    literals: [DB=16.5.0, X=1]\n",
        "other/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: others}\ndata: {DB: 15.0.0}\n",
        "apps/one/db.yaml": "image: postgres:${DB}\n",
    }

    assert linked(tmp_path, files) == [
        ("one/settings.yaml", "postgres", "16.4.0"),
        ("two/kustomization.yaml", "postgres", "16.5.0"),
    ]


def test_variables_in_flux_objects(tmp_path: Path) -> None:
    """The version of a chart, the tag of a source and the tag of an image in values may be variables."""
    files = {
        "flux.yaml": VARIABLES.replace(
            "{web_version", "{chart: 5.0.1, oci: 1.1.0, git: v2.0.0, tag: 3.0.0, web_version"
        ),
        "apps/one/a.yaml": release(version="'${chart}'") + "---\n" + repository("https://charts.example.com"),
        "apps/one/b.yaml": oci("tag: '${oci}'").text + "---\n" + git("tag: '${git}'").text,
        "apps/one/c.yaml": """\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata: {name: c}
            spec:
              chartRef: {kind: OCIRepository, name: manifests}
              values: {image: {repository: acme/web, tag: "${tag}"}}
            """,
    }

    assert sorted(linked(tmp_path, files)) == [
        ("flux.yaml", "acme/base", "v2.0.0"),
        ("flux.yaml", "acme/web", "3.0.0"),
        ("flux.yaml", "ghcr.io/acme/manifests", "1.1.0"),
        ("flux.yaml", "web", "5.0.1"),
    ]
    assert {item.reason for item in scanned(tmp_path).skipped} == {"contains a variable"}


def test_one_variable_for_two_images(tmp_path: Path) -> None:
    """A variable that is the tag of two images belongs to the first."""
    files = {"flux.yaml": VARIABLES, "apps/one/a.yaml": "image: a:${web_version}\n---\nimage: b:${web_version}\n"}

    assert linked(tmp_path, files) == [("flux.yaml", "a", "1.2.3")]


# ---------------------------------------------------------------- what others write


def test_what_bootstrap_writes_is_one_row() -> None:
    """The header of gotk-components.yaml is listed, and nothing else in it, by no manager."""
    file = yaml(_text(AREA / "clusters/production/flux-system/gotk-components.yaml"))

    assert skipped(flux, file) == [(3, "fluxcd/flux2", "generated by flux bootstrap")]
    assert found(flux, file) == []
    assert list(kubernetes.extract(file)) == []


def test_a_comment_about_flux_is_no_header() -> None:
    """A manifest that merely says which Flux it is for is read."""
    file = yaml("# Flux Version: v2.6.4\n" + oci("tag: 1.8.0").text)

    assert found(flux, file) == [(7, "ghcr.io/acme/manifests", "1.8.0")]


def test_image_policies_are_listed() -> None:
    """The range of an ImagePolicy is image automation's."""
    file = yaml(
        "apiVersion: image.toolkit.fluxcd.io/v1beta2\nkind: ImagePolicy\nmetadata: {name: web}\n"
        "spec: {policy: {semver: {range: '>=1.0.0'}}}\n"
    )

    assert skipped(flux, file) == [(4, "web", "range of Flux image automation")]


@pytest.mark.parametrize(
    ("version", "pattern"), [("2.6.x", "^v(?P<version>.+)$"), ("=2.6.1", "^v(?P<version>.+)$"), ("v2.6.1", None)]
)
def test_the_version_of_flux(version: str, pattern: str | None) -> None:
    """A FluxInstance names a version or a range of Flux, with or without the v of the releases."""
    file = yaml(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux}\n"
        f"spec: {{distribution: {{version: {version}}}}}\n"
    )
    item = only(file)

    assert item.package == Package(datasource="github-releases", name="fluxcd/flux2")
    assert (item.current_value, item.versioning, item.extract_version) == (version, "helm", pattern)


# ---------------------------------------------------------------- hostile input


@pytest.mark.parametrize(
    "text",
    [
        "spec: text",
        "metadata: text\nspec: {chart: {spec: {chart: [], version: {}, sourceRef: x}}}",
        "metadata: {name: []}\nspec: {chart: {spec: {version: 1.0.0, sourceRef: {name: {}}}}, valuesFrom: [x, {}]}",
        "spec: {chart: x, values: [], postRenderers: [x, {kustomize: x}, {kustomize: {patches: x}}]}",
        "spec: {url: [], ref: x, path: {}, components: [{}], postBuild: x, images: [x], patches: [{patch: {}}]}",
        "spec: {url: 1, ref: {tag: [], semver: {}, digest: ~}, postBuild: {substitute: x, substituteFrom: [x, {}]}}",
        "spec: {distribution: x, sync: {ref: x}, resources: [x, {}], policy: {semver: {range: []}}}",
    ],
)
@pytest.mark.parametrize("kind", sorted(flux._READERS))
def test_nonsense_is_survived(tmp_path: Path, kind: str, text: str) -> None:
    """Fields of every wrong type neither stop the scan nor make anything managed."""
    api_version = "x.toolkit.fluxcd.io/v1"
    write(tmp_path, {"a.yaml": f"apiVersion: {api_version}\nkind: {kind}\n{text}\n"})

    assert scanned(tmp_path).dependencies == ()
