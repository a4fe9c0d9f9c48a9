"""The manager of annotated versions."""

import posixpath
from fnmatch import fnmatch
from pathlib import Path

import pytest

from managers import annotations
from tests.managers.reading import dependencies, found, skipped, source, yaml
from updater.api import Package, SourceFile

HERE = Path(__file__).parent
VALUES = source(HERE / "values.yaml")
INPUTS = [source(path) for path in sorted(HERE.iterdir()) if path.is_file() and path.suffix != ".py"]

DIGEST = "sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"


def test_yaml() -> None:
    """Versions below and before an annotation are found, in every way to write a value."""
    assert found(annotations, VALUES) == [
        (2, "kubernetes/kubernetes", "v1.31.0"),
        (6, "ghcr.io/acme/web", "2.4.1"),
        (8, "ghcr.io/acme/api", "1.4.2"),
        (10, "ghcr.io/acme/pinned", None),
        (12, "upstream/web", "1.2.3"),
        (13, "containernetworking/plugins", "1.5.1"),
        (15, "acme/anchored", "3.0.0"),
        (18, "redis", "19.6.4"),
        (19, "redis", "20.0.0"),
        (20, "listed", "1.0.1"),
        (22, "shown", "4.0.0"),
        (24, "acme/in-a-template", "5.0.0"),
        (27, "acme/a", "1.0.0"),
    ]


def test_reasons() -> None:
    """An annotation that cannot be followed is listed with the reason; other remarks are none."""
    assert skipped(annotations, VALUES) == [
        (14, "acme/flow", "no version on this line or the next one"),
        (29, "acme/a", "the annotation has an unknown setting: branch"),
        (31, None, "the annotation has neither depName nor packageName"),
        (33, "acme/a", "the annotation names no datasource"),
        (35, "a", "the registryUrl is no URL"),
        (37, "acme/a", "an address is no version"),
        (39, "acme/a", "contains a variable"),
        (40, "acme/a", "no version on this line or the next one"),
        (43, "acme/a", "neither a tag nor an image"),
        (45, '"acme/a', "'\"acme/a' is not an image without a tag"),
        (51, "acme/a", "the version is empty"),
        (52, "acme/last", "no version on this line or the next one"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Dockerfile",
            [
                (2, "golang", "1.23.2-alpine"),
                (4, "helm/helm", "v3.16.1"),
                (6, "helmfile/helmfile", "0.168.0"),
                (8, "mikefarah/yq", "v4.44.3"),
            ],
        ),
        (
            "versions.env",
            [
                (2, "hashicorp/terraform", "1.7.5"),
                (4, "hashicorp/vault", "1.17.6"),
                (6, "hashicorp/consul", "1.19.2"),
            ],
        ),
        ("Makefile", [(2, "golangci/golangci-lint", "v1.61.0"), (3, "kubernetes-sigs/kind", "v0.24.0")]),
        ("main.tf", [(3, "acme/slashes", "1.0.0"), (5, "acme/starred", "2.0.0"), (8, "ghcr.io/acme/web", "3.0.0")]),
        ("crlf.sh", [(2, "acme/crlf", "1.0.0"), (5, "acme/other", "2.0.0"), (7, "acme/end", "3")]),
    ],
)
def test_other_languages(name: str, expected: list[tuple[int, str, str]]) -> None:
    """Docker files, environment files, Make files, HCL and shell scripts are read alike, whatever their line ends."""
    assert found(annotations, source(HERE / name)) == expected


@pytest.mark.parametrize("path", ["justfile", "Justfile", ".justfile", "talos/mod.just"])
def test_just(path: str) -> None:
    """Variables of just are read like those of Make."""
    text = '# renovate: datasource=github-releases depName=acme/it\nit_version := "v1.2.3"\n'
    assert any(fnmatch(posixpath.basename(path), pattern) for pattern in annotations.FILES)
    assert found(annotations, SourceFile(path=path, text=text)) == [(2, "acme/it", "v1.2.3")]


def test_settings() -> None:
    """Packages, registries, versioning and type are those that the annotation names."""
    by_name = {item.name: item for item in dependencies(annotations, VALUES)}
    assert by_name["shown"].package == Package(datasource="github-tags", name="acme/renamed")
    assert by_name["redis"].package == Package(
        datasource="helm", name="redis", registry_urls=("https://charts.example.com",)
    )
    assert by_name["upstream/web"].package == Package(datasource="docker", name="mirror.example.com/web")
    plugins = by_name["containernetworking/plugins"]
    assert (plugins.versioning, plugins.dep_type) == ("semver", "cni")


def test_images() -> None:
    """Digests stand behind a tag, alone, or in a whole reference, and only that may get one."""
    images = [item for item in dependencies(annotations, VALUES) if item.package.datasource == "docker"]
    assert [(item.current_value, item.current_digest, item.pinnable) for item in images] == [
        ("2.4.1", None, False),
        ("1.4.2", DIGEST, False),
        (None, DIGEST, False),
        ("1.2.3", DIGEST, True),
    ]


def test_renovate_and_updater_mean_the_same() -> None:
    """Both words introduce an annotation."""
    lines = (f"# {word}: datasource=github-tags depName=a/b\nx: {word}-1.0\n" for word in ("renovate", "updater"))
    assert [value for _, _, value in found(annotations, yaml("".join(lines)))] == ["renovate-1.0", "updater-1.0"]


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: file.path)
def test_spans_cover_the_values(file: SourceFile) -> None:
    """The text at each span is the value or the digest."""
    for item in dependencies(annotations, file):
        assert item.span is None or file.text[slice(*item.span)] == item.current_value
        assert item.digest_span is None or file.text[slice(*item.digest_span)] == item.current_digest


@pytest.mark.parametrize(
    "text",
    [
        "#" * 2_000_000,
        "# renovate: " + "a=b " * 500_000,
        "# renovate: datasource=docker" + " " * 2_000_000 + "\n" + "x" * 2_000_000,
        "# renovate: a=b\n" + '"' * 2_000_000,
        "/*" * 1_000_000 + "renovate:",
        "# " * 1_000_000 + "renovate:",
        "# renovate: a=b\nx: " + "${" * 1_000_000,
        "# renovate: a=b\n" + "- " * 1_000_000,
        "# renovate: a=b\nx: " + "&" * 2_000_000,
    ],
    ids=range(9),
)
def test_hostile_input(text: str) -> None:
    """Long lines of nonsense are read in linear time and lead to no dependency."""
    assert dependencies(annotations, yaml(text)) == []
