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
        (6, "cert-manager", "v1.15.1"),
        (7, "kubernetes-sigs/gateway-api", "v1.1.0"),
        (8, "hadolint/hadolint", "v2.12.0"),
        (9, "k3s-io/k3s", "v1.30.2+k3s1"),
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


REPO = "helm repo add acme https://charts.acme.example\n"


@pytest.mark.parametrize(
    ("path", "text", "datasource", "name", "value", "dep_type"),
    [
        ("a.sh", f"{REPO}helm upgrade --install web acme/web --version 1.2.3", "helm", "web", "1.2.3", "chart"),
        (
            "a.sh",
            f"{REPO}helm install web acme/web \\\n  -n x \\\n  --version=v1.2.3",
            "helm",
            "web",
            "v1.2.3",
            "chart",
        ),
        ("a.sh", f"V=1.2.3\n{REPO}helm template web acme/web --version ${{V}}", "helm", "web", "1.2.3", "chart"),
        ("a.sh", "helm install x web --repo https://a.example/c --version 1.2.3", "helm", "web", "1.2.3", "chart"),
        ("a.sh", "helm pull oci://ghcr.io/acme/web --version 1.2.3", "docker", "ghcr.io/acme/web", "1.2.3", "chart"),
        ("a.sh", f"{REPO}helm pull acme/web --version 1.2.3 2>&1 | tail -2", "helm", "web", "1.2.3", "chart"),
        ("a.sh", "helm install x stable/web --version 1.2.3", "helm", "web", "1.2.3", "chart"),
        (
            *("a.sh", "helm plugin install https://github.com/acme/helm-diff --version v3.9.4"),
            *("github-tags", "acme/helm-diff", "v3.9.4", "plugin"),
        ),
        ("a.sh", "docker run --rm -p 80:80 -u 1:1 -v a:/b nginx:1.27 x:2", "docker", "nginx", "1.27", "image"),
        ("a.sh", "id=$(sudo podman pull quay.io/acme/a:1.2)", "docker", "quay.io/acme/a", "1.2", "image"),
        ("a.sh", "kind create cluster --image kindest/node:v1.30.0", "docker", "kindest/node", "v1.30.0", "image"),
        ("a.sh", "kubectl run a --image=busybox:1.36 -- sh", "docker", "busybox", "1.36", "image"),
        (
            "a.sh",
            'kubectl apply -k "github.com/acme/x/crd?ref=v1.0.0"',
            "github-tags",
            "acme/x",
            "v1.0.0",
            "kustomization",
        ),
        (
            "a.sh",
            "curl x | INSTALL_K3S_VERSION=v1.30.2+k3s1 sh",
            "github-releases",
            "k3s-io/k3s",
            "v1.30.2+k3s1",
            "distribution",
        ),
        ("Makefile", "V ?= v2.12\na:\n\t@$(DOCKER) run a/b:$(V)", "docker", "a/b", "v2.12", "image"),
        ("Makefile", "a:\n\tdocker run --rm -v $(PWD):/a a/b:1.2 < x", "docker", "a/b", "1.2", "image"),
        ("Taskfile.yml", "tasks:\n  a:\n    cmds:\n      - docker run a/b:1.2", "docker", "a/b", "1.2", "image"),
        (".gitlab-ci.yml", "a:\n  script:\n    - docker pull a/b:1.2", "docker", "a/b", "1.2", "image"),
        (".github/workflows/a.yml", "a:\n  run: docker pull a/b:1.2", "docker", "a/b", "1.2", "image"),
        (".gitlab-ci.yml", "a: {script: [docker run a/b:1.2]}", "docker", "a/b", "1.2", "image"),
        (".gitlab-ci.yml", "a: {script: [docker run a/b:1.2, x]}", "docker", "a/b", "1.2", "image"),
        (".gitlab-ci.yml", 'a: {script: ["docker run a/b:1.2", x]}', "docker", "a/b", "1.2", "image"),
        (".gitlab-ci.yml", "a: {script: docker run a/b:1.2}", "docker", "a/b", "1.2", "image"),
    ],
)
def test_commands(path: str, text: str, datasource: str, name: str, value: str, dep_type: str) -> None:
    """Charts, images and kustomizations of commands are found where their versions are written."""
    (item,) = dependencies(scripts, script(f"{text}\n", path))

    assert (item.package.datasource, item.package.name, item.current_value, item.dep_type) == (
        datasource,
        name,
        value,
        dep_type,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("helm install web acme/web --version 1.2.3", "no repository called acme is added in this file"),
        (f"{REPO}A=1\nB=2\nhelm install web acme/web --version $A.$B", "not written in one piece"),
        (f"{REPO}helm install web acme/$WEB --version 1.2.3", "contains a variable"),
        ("docker run acme/web:1.2-$ARCH", "contains a variable"),
    ],
)
def test_commands_that_cannot_be_moved(text: str, reason: str) -> None:
    """They are listed with the reason."""
    assert [row for _, _, row in skipped(scripts, script(f"{text}\n"))] == [reason]
    assert found(scripts, script(f"{text}\n")) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", "# docker run a/b:1.2"),
        ("a.sh", 'echo "docker run a/b:1.2"'),
        ("a.sh", "docker build -t acme/web:1.2 .\ndocker run acme/web:1.2"),
        ("a.sh", "docker run web:latest"),
        ("a.sh", "docker run $IMAGE\ndocker run $REGISTRY/web:$TAG"),
        ("a.sh", "docker exec a/b:1.2\ndocker push a/b:1.2"),
        ("a.sh", "docker run -p 8080:80 -e A=b:1 --add-host a:1.2.3.4 $IMAGE"),
        ("a.sh", "helm install web ./charts/web --version 1.2.3"),
        ("a.sh", f"{REPO}helm install web acme/web\nhelm version --client"),
        ("a.sh", "kubectl apply -k github.com/acme/x?ref=main"),
        ("a.sh", "kubectl apply -k ./overlays/prod?x=1"),
        ("README.md.sh", "my-docker run a/b:1.2\n/usr/docker run a/b:1.2"),
        ("values.yaml", "a: docker run a/b:1.2"),
        ("Taskfile.yml", "tasks: {a: {desc: docker run a/b:1.2}}"),
    ],
)
def test_commands_that_are_left_alone(path: str, text: str) -> None:
    """What is printed, built here, handed in or without a version says nothing."""
    file = script(f"{text}\n", path)

    assert (found(scripts, file), skipped(scripts, file)) == ([], [])
