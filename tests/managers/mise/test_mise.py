"""The manager of mise's files."""

import pytest

from managers import mise
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile


def toml(text: str, path: str = "mise.toml") -> SourceFile:
    return SourceFile(path=path, text=text)


def test_the_example_works() -> None:
    """Everything in the example on the user page is found."""
    file = example(mise, ".mise.toml")

    assert [(name, value) for _, name, value in found(mise, file)] == [
        ("node", "20.15.0"),
        ("terraform", "1.9.2"),
        ("python", "3.12.4"),
        ("aqua:cli/cli", "2.52.0"),
        ("npm:prettier", "3.3.2"),
        ("tflint", "0.52.0"),
    ]
    assert skipped(mise, file) == []


@pytest.mark.parametrize(
    "text",
    [
        "[tools]\nhelm = '1.2.3'\n",
        '[tools]\r\n"helm"="1.2.3" # why\r\n',
        '[tools]\nhelm = [\n  # why\n  "1.2.3",\n  "1.1.0",\n]\n',
        '[tools]\nhelm = { os = ["linux"], version = "1.2.3" }\n',
        '[tools]\nhelm = [{ version = "1.2.3" }]\n',
        '[ tools . helm ]\nversion = "1.2.3"\n',
        '[[tools.helm]]\nversion = "1.2.3"\n',
        'tools.helm = "1.2.3"\n',
        'tools = { helm = "1.2.3" }\n',
    ],
)
def test_ways_to_write_it(text: str) -> None:
    """Every way in which TOML and mise allow to write a version is understood."""
    assert [(name, value) for _, name, value in found(mise, toml(text))] == [("helm", "1.2.3")]


@pytest.mark.parametrize(
    ("name", "datasource", "package"),
    [
        ("helm", "github-releases", "helm/helm"),
        ("core:go", "github-tags", "golang/go"),
        ("aqua:kubernetes/kubernetes/kubectl", "github-releases", "kubernetes/kubernetes"),
        ("ubi:a/b[exe=x]", "github-releases", "a/b"),
        ("pipx:black", "pypi", "black"),
        ("pipx:psf/black", "github-tags", "psf/black"),
        ("npm:@a/b", "npm", "@a/b"),
        ("go:example.com/a", "go", "example.com/a"),
    ],
)
def test_backends(name: str, datasource: str, package: str) -> None:
    """The backend in a tool's name tells where it comes from."""
    (item,) = dependencies(mise, toml(f'[tools]\n"{name}" = "1.2.3"\n'))

    assert (item.package.datasource, item.package.name) == (datasource, package)


@pytest.mark.parametrize("table", ["alias", "tool_alias"])
def test_aliases(table: str) -> None:
    """A name may stand for another one, with a backend; aliases of versions are something else."""
    text = f'[tools]\nforge = "1.1.0"\n[{table}]\nforge = "ubi:a/b[exe=forge]"\n[{table}.forge]\nlts = "1.0.0"\n'
    (item,) = dependencies(mise, toml(text))

    assert (item.name, item.package.name, item.current_value) == ("forge", "a/b", "1.1.0")


def test_a_version_with_a_v_is_compared_with_tags_as_they_are() -> None:
    """The pattern that takes the v off a tag applies only where the file has none."""
    texts = ('[tools]\nhelm = "1.2.3"\n', '[tools]\nhelm = "v1.2.3"\n')
    patterns = [dependencies(mise, toml(text))[0].extract_version for text in texts]

    assert patterns == [r"^v?(?<version>\d.*)", None]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ('helm = "latest"', "not version-like"),
        ('go = "prefix:1.22"', "not version-like"),
        ('node = "ref:main"', "not version-like"),
        ('unheard-of = "1.0"', "no registry known for this tool"),
        ('"cargo:x" = "1.0"', "no registry known for this tool"),
        ('node = "{{ env.NODE }}"', "contains a template"),
    ],
)
def test_what_is_not_managed(entry: str, reason: str) -> None:
    """Moving targets and tools from unknown places are listed with the reason."""
    assert [row[2] for row in skipped(mise, toml(f"[tools]\n{entry}\n"))] == [reason]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[env]\nhelm = "1.2.3"\n', "mise.toml"),
        ('[tools]\nhelm = "1.2.3"\n', "app/config.toml"),
        ('[tools]\n# helm = "1.2.3"\nhelm = ""\n', "mise.toml"),
        ('min_version = "2024.1.0"\n[settings]\ntools = "x"\n', "mise.toml"),
    ],
)
def test_what_is_left_alone(text: str, path: str) -> None:
    """Other tables, other files, comments and empty texts hold no tools."""
    assert list(mise.extract(toml(text, path))) == []
