"""The manager of helmfiles."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from managers import helmfile
from tests.corpus import labels, scanned
from tests.managers.reading import dependencies, found, skipped
from updater.api import LockEntry, Package, SourceFile

REPOSITORIES = """\
repositories:
- {name: web, url: https://charts.example.com}
- {name: plain, url: registry.example.com/charts, oci: true}
- {name: full, url: oci://registry.example.com/charts, oci: true}
- {name: git, url: git+https://github.com/acme/charts}
"""


def state(text: str, path: str = "helmfile.yaml") -> SourceFile:
    return SourceFile(path=path, text=REPOSITORIES + text)


def release(chart: str, version: str = "1.2.3") -> SourceFile:
    return state(f"releases:\n- name: x\n  chart: {chart}\n  version: {version}\n")


def scan(directory: Path, files: dict[str, str]) -> list[str]:
    """What a scan finds in a repository of ``files``."""
    for path, text in files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    return list(labels(scanned(directory)))


def test_the_example_works() -> None:
    """What the user page shows is found, but for the value that stands elsewhere."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", helmfile.__doc__ or "", re.MULTILINE)
    example = SourceFile(path="x.yaml", text=dedent("".join(block for block in blocks if block.strip())))

    assert [name for _, name, _ in sorted(found(helmfile, example))] == [
        "ingress-nginx",
        "registry.k8s.io/ingress-nginx/controller",
        "podinfo",
    ]


@pytest.mark.parametrize(
    ("chart", "package"),
    [
        ("web/a", Package(datasource="helm", name="a", registry_urls=("https://charts.example.com",))),
        ("plain/a", Package(datasource="docker", name="registry.example.com/charts/a")),
        ("plain/deep/a", Package(datasource="docker", name="registry.example.com/charts/deep/a")),
        ("full/a", Package(datasource="docker", name="registry.example.com/charts/a")),
        ("oci://ghcr.io/acme/charts/a", Package(datasource="docker", name="ghcr.io/acme/charts/a")),
        ("stable/a", Package(datasource="helm", name="a", registry_urls=("https://charts.helm.sh/stable",))),
    ],
)
def test_where_charts_are_looked_up(chart: str, package: Package) -> None:
    """A chart is looked up in its repository, or in the registry that is part of its name."""
    (item,) = dependencies(helmfile, release(chart))

    assert (item.package, item.dep_type) == (package, "release")
    assert item.versioning == ("helm" if package.datasource == "docker" else None)


@pytest.mark.parametrize(
    ("chart", "version", "reason"),
    [
        ("./charts/a", "1.2.3", "local chart"),
        ("../a", "1.2.3", "local chart"),
        ("a", "1.2.3", "local chart"),
        ("git/a", "1.2.3", "repositories of the kind git+https:// cannot be asked"),
        ("git::https://github.com/acme/a.git@charts/a", "1.2.3", "repositories of the kind git::https+chart"),
        ("git::https://github.com/acme/a.git@charts/a?ref=main", "", "follows a branch"),
        ("'{{ .Values.repository }}/a'", "1.2.3", "contains a template"),
        ("web/a", '{{ env "V" }}', "contains a template"),
        ("web/a", "", "no version"),
        ("web/a", "latest", "not version-like"),
    ],
)
def test_charts_that_are_not_managed(chart: str, version: str, reason: str) -> None:
    """Local charts, charts in other places and computed versions are listed with the reason."""
    (row,) = skipped(helmfile, release(chart, version))

    assert row[2].startswith(reason)


@pytest.mark.parametrize(
    "text",
    [
        "releases:\n- {name: x, chart: 'git::https://github.com/acme/a.git@charts/a?sparse=0&ref=v1.2.3'}\n",
        "helmfiles:\n- git::https://github.com/acme/a.git@releases/a.yaml?ref=v1.2.3\n",
        "helmfiles:\n- path: git::ssh://git@github.com/acme/a.git@releases/a.yaml?ref=v1.2.3\n  values: [x.yaml]\n",
        "releases: []\nbases:\n- 'git::git@github.com:acme/a.git@bases/a.yaml?ref=v1.2.3'\n",
    ],
)
def test_git(text: str) -> None:
    """Charts, helmfiles and bases in a Git repository follow its tags."""
    (item,) = dependencies(helmfile, SourceFile(path="helmfile.yaml", text=text))

    assert (item.package, item.current_value) == (Package(datasource="github-tags", name="acme/a"), "v1.2.3")


def test_templates() -> None:
    """A template's chart and version are found once, however many releases take them over."""
    file = state(
        "templates:\n"
        "  base: &base {chart: web/a, version: 1.0.0}\n"
        "  half: {chart: web/b}\n"
        "releases:\n"
        "- {name: one, <<: *base}\n"
        "- {name: two, inherit: [{template: base}]}\n"
        "- {name: three, inherit: [{template: half}], version: 2.0.0}\n"
    )

    assert found(helmfile, file) == [(7, "a", "1.0.0"), (12, "b", "2.0.0")]


def test_go_templates() -> None:
    """Templates around and inside releases hide nothing but what they compute."""
    file = state(
        "releases:\n"
        "{{- if .Values.a }}\n"
        "- name: a-{{ .Environment.Name }}\n"
        "  chart: web/a\n"
        "  version: 1.0.0\n"
        "{{- end }}\n"
        "{{ range .Values.list }}\n"
        "- name: {{ . }}\n"
        "  chart: web/b\n"
        "  version: 2.0.0\n"
        "{{ end }}\n",
        "helmfile.yaml.gotmpl",
    )

    assert found(helmfile, file) == [(10, "a", "1.0.0"), (15, "b", "2.0.0")]


def test_templates_of_other_files() -> None:
    """Anchors that come out of another file do not hide the releases that merge them."""
    file = state(
        '{{ readFile "templates.yaml" }}\nreleases:\n- name: x\n  <<: *default\n  chart: web/a\n  version: 1.0.0\n'
    )

    assert found(helmfile, file) == [(11, "a", "1.0.0")]


def test_images() -> None:
    """Images in inline values and those that are set one value at a time are found."""
    file = state(
        "releases:\n"
        "- name: x\n"
        "  chart: ./x\n"
        "  values:\n"
        "  - file.yaml\n"
        "  - image: {repository: a/b, tag: 1.0}\n"
        "  set:\n"
        "  - {name: image.repository, value: a/c}\n"
        "  - {name: image.tag, value: 2.0}\n"
        "  - {name: imageRepository, value: a/d}\n"
        "  - {name: imageTag, value: 3.0}\n"
        "  - {name: other.image.tag, value: 4.0}\n"
        "  - {name: tag.of.something, value: 5.0}\n"
    )

    assert found(helmfile, file) == [(11, "a/b", "1.0"), (14, "a/c", "2.0"), (16, "a/d", "3.0")]
    assert skipped(helmfile, file) == [(8, "./x", "local chart"), (17, None, "image repository unknown")]


@pytest.mark.parametrize(
    "text",
    [
        "releases:\n- {name: Autumn, version: 1.2.3}\n",
        "apiVersion: v1\nkind: X\nreleases:\n- {chart: a/b, version: 1.2.3}\n",
        "repositories:\n- {repository: a/b, version: 1.2.3}\n",
        "templates: [a, b]\n",
        "templates: {a: {chart: line}}\n",
    ],
)
def test_other_files(text: str) -> None:
    """Files with the same words in them are left alone."""
    assert list(helmfile.extract(SourceFile(path="helmfile.yaml", text=text))) == []


def test_broken_helmfiles() -> None:
    """A helmfile that is no YAML gets a row."""
    (row,) = skipped(helmfile, state("releases:\n- chart: [\n"))

    assert row[2].startswith("not valid YAML")


def test_lock_file() -> None:
    """Each entry has the package that the release has; lock files of other tools are left alone."""
    text = "version: 0.169.1\ndependencies:\n- {name: a, repository: https://charts.example.com, version: 1.2.4}\n"
    (entry,) = helmfile.extract(SourceFile(path="helmfile.lock", text=text + "digest: sha256:0\n"))

    assert isinstance(entry, LockEntry)
    assert (entry.package, entry.version) == (dependencies(helmfile, release("web/a"))[0].package, "1.2.4")
    assert list(helmfile.extract(SourceFile(path="helmfile.lock", text=text))) == []


# ---------------------------------------------------------------- several files


RELEASE = "releases:\n- {name: x, chart: web/a, version: 1.2.3}\n"
VALUE = "releases:\n- name: x\n  chart: web/a\n  version: {{ .Values.a.version }}\n"


def test_repositories_of_others(tmp_path: Path) -> None:
    """A repository that the helmfile does not define is the one that the others agree on."""
    files = {"apps/x.yaml": RELEASE, "common/repositories.yaml": REPOSITORIES, "other/helmfile.yaml": REPOSITORIES}
    assert scan(tmp_path, files) == ["apps/x.yaml:2 | helmfile | helm a | 1.2.3 | -"]

    differing = REPOSITORIES.replace("charts.example.com", "charts.example.org")
    assert scan(tmp_path, {"third/helmfile.yaml": differing}) == [
        "apps/x.yaml:2 | helmfile | - a | repository web has several addresses"
    ]


def test_unknown_repositories(tmp_path: Path) -> None:
    """A repository that nobody defines may be a directory with the chart in it; else it keeps its name."""
    assert scan(tmp_path, {"x/helmfile.yaml": RELEASE}) == ["x/helmfile.yaml:2 | helmfile | helm a | 1.2.3 | -"]
    assert scan(tmp_path, {"x/web/a/Chart.yaml": "apiVersion: v2\n"}) == [
        "x/helmfile.yaml:2 | helmfile | - a | local chart"
    ]


@pytest.mark.parametrize(
    "version", ["{{ .Values.a.version }}", '"{{ .Values.a.version }}"', "{{- .StateValues.a.version | quote -}}"]
)
def test_versions_in_environments(tmp_path: Path, version: str) -> None:
    """A version that is one value is found where the environments hold it, in the helmfile or in files."""
    environments = (
        "environments:\n"
        "  default:\n"
        "    values: [{a: {version: 1.0.0}}]\n"
        "  prod:\n"
        "    values: ['env/{{ .Environment.Name }}.yaml', absent.yaml]\n"
        "---\n"
    )
    text = environments + REPOSITORIES + f"releases:\n- name: x\n  chart: web/a\n  version: {version}\n"

    assert scan(tmp_path, {"x/helmfile.yaml": text, "x/env/prod.yaml": "a:\n  version: '0.9.0'\n"}) == [
        "x/env/prod.yaml:2 | helmfile | helm a | 0.9.0 | production",
        "x/helmfile.yaml:3 | helmfile | helm a | 1.0.0 | -",
    ]


def test_versions_in_bases(tmp_path: Path) -> None:
    """The environments may stand in a file that the helmfile is based on, whose paths start from there."""
    files = {
        "x/helmfile.yaml": f"bases: [../shared/environments.yaml]\n---\n{REPOSITORIES}{VALUE}",
        "shared/environments.yaml": "bases: [environments.yaml]\nenvironments: {qa: {values: [qa.yaml]}}\n",
        "shared/qa.yaml": "a: {version: 1.0.0}\n",
    }

    assert scan(tmp_path, files) == ["shared/qa.yaml:1 | helmfile | helm a | 1.0.0 | test"]


@pytest.mark.parametrize("values", ["a: {version: '{{ x }}'}", "a: {version: }", "a: {version: [1]}", "b: 1", "[a]"])
def test_versions_that_are_nowhere(tmp_path: Path, values: str) -> None:
    """A value that is computed itself, is no text or does not exist leaves the release as it is."""
    environments = "environments: {default: {values: [values.yaml]}}\n---\n"

    assert scan(tmp_path, {"helmfile.yaml": environments + REPOSITORIES + VALUE, "values.yaml": values}) == [
        "helmfile.yaml:11 | helmfile | - a | contains a template"
    ]


def test_one_value_for_two_charts(tmp_path: Path) -> None:
    """Where two charts share a version, the first one owns it."""
    environments = "environments: {default: {values: [{a: {version: 1.0.0}}]}}\n---\n"
    second = "- name: y\n  chart: web/b\n  version: {{ .Values.a.version }}\n"

    assert scan(tmp_path, {"helmfile.yaml": environments + REPOSITORIES + VALUE + second}) == [
        "helmfile.yaml:1 | helmfile | helm a | 1.0.0 | -"
    ]
