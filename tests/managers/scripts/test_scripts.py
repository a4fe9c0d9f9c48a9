"""The manager of scripts."""

import pytest

from managers import scripts
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile

RELEASES = "https://github.com/acme/agent/releases/download"
V = "^v(?<version>.+)$"


def script(text: str, path: str = "install.sh") -> SourceFile:
    return SourceFile(path=path, text=text)


def test_the_example_works() -> None:
    """What the user page shows is found."""
    assert found(scripts, example(scripts, "install.sh")) == [
        (1, "argoproj/argo-cd", "v2.11.3"),
        (3, "cert-manager/cert-manager", "v1.15.1"),
        (4, "helm/helm", "v3.15.2"),
    ]


@pytest.mark.parametrize(
    ("path", "text", "value", "pattern"),
    [
        ("a.sh", f"curl {RELEASES}/v1.2.3/agent", "v1.2.3", None),
        ("a.sh", f"V=1.2.3\ncurl {RELEASES}/v$V/agent_$V", "1.2.3", V),
        ("a.sh", f'export V="1.2.3"\ncurl "{RELEASES}/v${{V}}/agent"', "1.2.3", V),
        ("a.sh", f"V=${{V:-1.2.3}}\ncurl {RELEASES}/v${{V}}/agent", "1.2.3", V),
        ("a.sh", f"V=1.0.0\nV=1.2.3\ncurl {RELEASES}/v$V/agent\nV=2.0.0", "1.2.3", V),
        ("a.sh", f"a() {{ curl {RELEASES}/v$V/agent; }}\nV=1.2.3\na", "1.2.3", V),
        ("a.sh", f"V=1.2.3\ncat >f <<X\nV = 2\nX\ncurl {RELEASES}/v$V/agent", "1.2.3", V),
        ("Makefile", f"V ?= 1.2.3\na:\n\tcurl {RELEASES}/v$(V)/agent", "1.2.3", V),
        ("rules.mk", f"V := 1.2.3\na:\n\tcurl '{RELEASES}/v$(V)/agent'", "1.2.3", V),
        ("justfile", f'V := "1.2.3"\na:\n  curl {RELEASES}/v${{V}}/agent', "1.2.3", V),
        ("Taskfile.yml", f"vars:\n  V: 1.2.3\ntasks: {{a: {{cmds: [curl {RELEASES}/v${{V}}/a]}}}}", "1.2.3", V),
        (".github/workflows/a.yml", f"env:\n  V: v1.2.3\n  x: curl {RELEASES}/${{V}}/agent", "v1.2.3", None),
        (".gitlab-ci.yml", f"a:\n  script: [curl -L {RELEASES}/v1.2.3/agent]", "v1.2.3", None),
    ],
)
def test_downloads(path: str, text: str, value: str, pattern: str | None) -> None:
    """A version moves where it is written, in every kind of script."""
    (item,) = dependencies(scripts, script(f"{text}\n", path))

    assert (item.package.datasource, item.package.name) == ("github-releases", "acme/agent")
    assert (item.current_value, item.extract_version) == (value, pattern)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"curl {RELEASES}/v1.2.3/agent-1.2.3.tgz", "the address holds the version twice"),
        (f"A=1 \nB=2\ncurl {RELEASES}/$A.$B/agent", "not written in one piece"),
        (f"curl {RELEASES}/v1.2.3/agent\necho {'0f' * 32} agent | sha256sum -c", "its checksum stands beside it"),
    ],
)
def test_what_cannot_be_moved(text: str, reason: str) -> None:
    """It is listed with the reason."""
    assert [row for _, _, row in skipped(scripts, script(f"{text}\n"))] == [reason]
    assert found(scripts, script(f"{text}\n")) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"# {RELEASES}/v1.2.3/agent"),
        ("a.sh", f"true # {RELEASES}/v1.2.3/agent"),
        ("a.sh", "curl https://raw.githubusercontent.com/acme/agent/main/install.sh"),
        ("a.sh", "curl https://github.com/acme/agent/releases/latest/download/agent"),
        ("a.sh", "curl https://github.com/acme/agent/archive/devel.tar.gz"),
        ("a.sh", f"curl {RELEASES}/$1/agent"),
        ("a.sh", "curl https://example.com/agent-1.2.3.tgz /releases/download/"),
        ("values.yaml", f"address: {RELEASES}/v1.2.3/agent"),
    ],
)
def test_what_is_left_alone(path: str, text: str) -> None:
    """Comments, branches, addresses elsewhere and files that are no scripts say nothing."""
    file = script(f"{text}\n", path)

    assert (found(scripts, file), skipped(scripts, file)) == ([], [])
