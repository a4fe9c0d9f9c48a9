"""The manager of Dockerfiles."""

import pytest

from managers import dockerfile
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile

DIGEST = f"sha256:{'0f' * 32}"


def docker(text: str, path: str = "Dockerfile") -> SourceFile:
    return SourceFile(path=path, text=text)


def values(text: str) -> list[tuple[str, str | None]]:
    """Name and value of each dependency."""
    return [(item.name, item.current_value) for item in dependencies(dockerfile, docker(text))]


def test_the_example_works() -> None:
    """Everything in the example on the user page is found, and nothing is left over."""
    file = example(dockerfile, "Dockerfile")

    assert [(name, value) for _, name, value in found(dockerfile, file)] == [
        ("docker/dockerfile", "1.9"),
        ("golang", "1.22.5"),
        ("busybox", "1.36.1"),
        ("ghcr.io/acme/tools", "2.1.0"),
        ("gcr.io/distroless/static", "nonroot"),
        ("acme/agent", "2.3.0"),
        ("mikefarah/yq", "v4.44.1"),
    ]
    assert skipped(dockerfile, file) == []


def test_types_tell_stages_from_the_final_image() -> None:
    """The base of the last stage is final, the others are stages, the frontend is syntax."""
    text = "# syntax=docker/dockerfile:1\nFROM a:1 AS x\nFROM b:2\nCOPY --from=c:3 / /\n"

    assert [(item.name, item.dep_type) for item in dependencies(dockerfile, docker(text))] == [
        ("docker/dockerfile", "syntax"),
        ("a", "stage"),
        ("b", "final"),
        ("c", "stage"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARG TAG=1.2\nFROM repo:${TAG}\n", [("repo", "1.2")]),
        ("ARG TAG=1.2\nFROM repo:$TAG\n", [("repo", "1.2")]),
        ("ARG TAG\nFROM repo:${TAG:-1.2}\n", [("repo", "1.2")]),
        ("FROM repo:${TAG-1.2}\n", [("repo", "1.2")]),
        ("ARG IMAGE='repo:1.2'\nFROM ${IMAGE}\n", [("repo", "1.2")]),
        ("ARG ORG=acme\nARG IMAGE=ghcr.io/${ORG}/repo:1.2\nFROM $IMAGE\n", [("ghcr.io/acme/repo", "1.2")]),
        ("ARG A=1 TAG=2.0\nFROM repo:$TAG\n", [("repo", "2.0")]),
        ("ARG PREFIX=\nFROM ${PREFIX}repo:1.2\n", [("repo", "1.2")]),
        ("ARG TAG=1.2\nFROM a:$TAG\nARG TAG=9\nFROM b:1\nFROM c:${TAG}-x\n", [("a", "1.2"), ("b", "1")]),
        ("FROM ${A:-${B:-repo:1.2}}\n", [("repo", "1.2")]),
    ],
)
def test_variables_are_followed_to_their_defaults(text: str, expected: list[tuple[str, str]]) -> None:
    """The version is found where the default of its ARG or of its reference stands."""
    assert values(text) == expected


def test_fixed_parts_of_a_tag_stay() -> None:
    """Of a tag with a variable in it the variable moves, among the tags that have the same fixed parts."""
    (item,) = dependencies(dockerfile, docker("ARG V=1.22.5\nFROM golang:${V}-alpine3.20\n"))

    assert (item.line, item.current_value, item.pinnable) == (1, "1.22.5", False)
    assert item.extract_version == r"^(?<version>.+)\-alpine3\.20$"


@pytest.mark.parametrize(
    ("tag", "value", "pattern"),
    [
        ("1.22-alpine$V", "1.22", r"^(?<version>.+)\-alpine3\.20$"),
        ("0-$V", "0", r"^(?<version>.+)\-3\.20$"),
        ("1.22-$D", "1.22", r"^(?<version>.+)\-bookworm$"),
    ],
)
def test_fixed_parts_behind_a_version(tag: str, value: str, pattern: str) -> None:
    """A version before a variable ends where its own digits do, without what joins the two."""
    (item,) = dependencies(dockerfile, docker(f"ARG V=3.20 D=bookworm\nFROM golang:{tag}\n"))

    assert (item.current_value, item.extract_version) == (value, pattern)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ARG TAG\nFROM repo:$TAG\n", "contains a variable"),
        ("FROM repo:${TAG%-x}\n", "contains a variable"),
        ("ARG MAJOR=16\nARG MINOR=3\nFROM repo:$MAJOR.$MINOR\n", "not written in one piece"),
        ("FROM repo\n", "no tag"),
        ("FROM {{ image }}:1.2\n", "contains a template"),
        ("FROM @@IMAGE@@:1.2\n", "contains a variable"),
        ("ARG A=$B\nARG B=$A\nFROM x:$A$A$A\n", "contains a variable"),
    ],
)
def test_what_cannot_be_managed_is_listed(text: str, reason: str) -> None:
    """A version that is not known or not in one place is reported with the reason, and is no dependency."""
    assert [row[2] for row in skipped(dockerfile, docker(text))] == [reason]
    assert values(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\n",
        "FROM a:1 AS Base\nFROM base\nCOPY --from=BASE / /\nCOPY --from=0 / /\n",
        "FROM a:1\nRUN <<EOF\nFROM x:1\nEOF\n",
        "FROM a:1\nRUN <<-'ONE' cat && <<TWO cat\n\tFROM x:1\n\tONE\nCOPY --from=y:1 / /\nTWO\n",
        "FROM a:1\nRUN echo \\\n# FROM x:1\n  FROM y:1\n",
        "FROM a:1\n# FROM x:1\n",
        "FROM a:1\nfrom os import path\n",
        "FROM a:1\nRUN --mount=type=cache,target=/x true --mount=type=bind,from=not:1\n",
    ],
)
def test_what_is_no_image_is_not_found(text: str) -> None:
    """Stages, scratch, comments, here-documents and the arguments of commands are no images."""
    assert values(text) in ([("a", "1")], [])
    assert skipped(dockerfile, docker(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffrom repo:1.2\r\n",
        "  FROM repo:1.2\n",
        "FROM \\\n  # why\n  repo:1.2 \\\n AS x\n",
        "# escape=`\nFROM `\n  repo:1.2\n",
        'FROM "repo:1.2"\n',
        "FROM --platform=linux/amd64 repo:1.2 # why",
        "ONBUILD COPY --from=repo:1.2 / /\n",
        "RUN --mount=from=repo:1.2,target=/x \\\n  --mount=type=cache,target=/y make\n",
        "RUN \\\n  --mount=type=bind,from=repo:1.2 make\n",
        "RUN cat <<EOF\nnever ends\nCOPY --from=repo:1.2 / /\n",
    ],
)
def test_ways_to_write_it(text: str) -> None:
    """Case, indentation, line ends, continuation, escape characters and quotes do not hide an image."""
    assert values(text) == [("repo", "1.2")]


def test_a_digest_moves_with_its_tag() -> None:
    """A tag from a variable and the digest behind it are one dependency."""
    (item,) = dependencies(dockerfile, docker(f"ARG V=1.2\nFROM repo:$V@{DIGEST}\n"))

    assert (item.current_value, item.current_digest) == ("1.2", DIGEST)


def test_other_languages_are_not_read() -> None:
    """A program about Dockerfiles is no Dockerfile, whatever its name."""
    assert list(dockerfile.extract(docker("FROM a:1\n", path="dockerfile_test.go"))) == []


def test_variables_of_variables_cost_little() -> None:
    """Variables that double each other end at a limit."""
    lines = [f"ARG A{number}=$A{number - 1}$A{number - 1}\n" for number in range(1, 60)]

    assert values("ARG A0=x\n" + "".join(lines) + "FROM $A59\n") == []


# ---------------------------------------------------------------- downloads


def downloads(text: str) -> list[tuple[str, str, str | None, str | None]]:
    """Datasource, package, value and pattern of everything that is downloaded."""
    found = dependencies(dockerfile, docker(f"FROM scratch\n{text}\n"))
    return [(item.package.datasource, item.package.name, item.current_value, item.extract_version) for item in found]


RELEASES = "https://github.com/acme/agent/releases/download"
V = "^v(?<version>.+)$"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"ADD {RELEASES}/v1.2.3/agent /", ("github-releases", "acme/agent", "v1.2.3", None)),
        (f"ADD --chmod=755 {RELEASES}/v1.2.3/agent /", ("github-releases", "acme/agent", "v1.2.3", None)),
        (f"ADD {RELEASES}/cli%2Fv1.2.3/agent /", ("github-releases", "acme/agent", "v1.2.3", "^cli/(?<version>.+)$")),
        (f"ARG V=1.2.3\nADD {RELEASES}/v$V/agent-$V /", ("github-releases", "acme/agent", "1.2.3", V)),
        (f"ARG V=1.2.3\nRUN curl -L '{RELEASES}/v${{V}}/a' | tar x", ("github-releases", "acme/agent", "1.2.3", V)),
        (f"ENV V 1.2.3\nRUN wget {RELEASES}/v$V/agent", ("github-releases", "acme/agent", "1.2.3", V)),
        (f"RUN V=1.2.3; \\\n wget {RELEASES}/v$V/agent", ("github-releases", "acme/agent", "1.2.3", V)),
        ("ADD https://github.com/acme/a.git#v1.2.3:docs /", ("github-tags", "acme/a", "v1.2.3", None)),
        ("ADD git@gitlab.com:acme/a.git#v1.2.3 /", ("gitlab-tags", "acme/a", "v1.2.3", None)),
        ("RUN pip install git+https://github.com/acme/a.git@v1.2.3", ("github-tags", "acme/a", "v1.2.3", None)),
        ("ADD https://github.com/acme/a/archive/v1.2.3.zip /", ("github-tags", "acme/a", "v1.2.3", None)),
        ("ADD https://raw.githubusercontent.com/a/b/1.2.3/x /", ("github-tags", "a/b", "1.2.3", None)),
        ("RUN curl https://get.helm.sh/helm-v3.1.2-linux-amd64.tgz", ("github-releases", "helm/helm", "v3.1.2", None)),
        ("RUN curl https://go.dev/dl/go1.22.1.linux-amd64.tar.gz",
         ("github-tags", "golang/go", "1.22.1", r"^go(?<version>\d.*)")),
        ("ARG V=1.2.3\nRUN wget https://releases.hashicorp.com/vault/${V}/vault_${V}_linux_amd64.zip",
         ("github-releases", "hashicorp/vault", "1.2.3", r"^v?(?<version>\d.*)")),
    ],
)  # fmt: skip
def test_downloads(text: str, expected: tuple[str, str, str, str | None]) -> None:
    """What is downloaded from a forge or a well-known vendor moves where its version is written."""
    assert downloads(text) == [expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"ADD --checksum=sha256:{'0f' * 32} {RELEASES}/v1.2.3/agent /", "its checksum stands beside it"),
        (f"ARG SUM={'0f' * 32}\nRUN wget {RELEASES}/v1.2.3/a && echo $SUM a | sha256sum -c",
         "its checksum stands beside it"),
        (f"ADD {RELEASES}/v1.2.3/agent-1.2.3.tgz /", "the address holds the version twice"),
        (f"ADD {RELEASES}/$V/agent /", "contains a variable"),
        (f"ARG A=1 B=2\nADD {RELEASES}/v$A.$B/agent /", "not written in one piece"),
        ("ADD https://example.com/agent-1.2.3.tgz /", "no registry lists what is at this address"),
        ("ARG V=1.2.3\nADD https://example.com/agent-$V.tgz /", "no registry lists what is at this address"),
        (f"ADD https://github.com/acme/a/archive/{'0f' * 20}.zip /", "pinned to a commit"),
    ],
)  # fmt: skip
def test_downloads_that_cannot_be_moved(text: str, reason: str) -> None:
    """A version that cannot be moved, or not alone, is listed where it stands with the reason."""
    file = docker(f"FROM scratch\n{text}\n")

    assert [row for _, _, row in skipped(dockerfile, file)] == [reason]
    assert dependencies(dockerfile, file) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://raw.githubusercontent.com/acme/a/main/install.sh",
        "https://github.com/acme/a/releases/latest/download/a",
        "https://example.com/install.sh",
    ],
)
def test_downloads_without_a_version(address: str) -> None:
    """What has no version is nothing to update."""
    file = docker(f"FROM scratch\nRUN curl {address} | sh\n")

    assert (dependencies(dockerfile, file), skipped(dockerfile, file)) == ([], [])


def test_a_stage_takes_its_own_value() -> None:
    """A download takes the value that its stage has set last, not one from before the stages."""
    text = f"ARG V=1.0.0\nFROM a:1\nARG V=2.0.0\nRUN wget {RELEASES}/$V/agent\n"

    assert values(text) == [("a", "1"), ("acme/agent", "2.0.0")]
