"""Images that Dockerfiles and Containerfiles build on, and what they download.

Files are recognised by name: `Dockerfile`, `Containerfile`, `web.Dockerfile`, `Dockerfile.debug`, `dockerfile-ci`:

    # syntax=docker/dockerfile:1.9                              # docker/dockerfile, 1.9
    ARG GO_VERSION=1.22.5
    FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine AS build
    COPY --from=busybox:1.36.1 /bin/busybox /bin/
    RUN --mount=type=bind,from=ghcr.io/acme/tools:2.1.0,target=/tools make

    FROM gcr.io/distroless/static:nonroot@sha256:e9ac71e2b8e279a8372741b7a0293afda17650d926900233ec3a7b2b7c22a246
    COPY --from=build /app /app

    ENV YQ_VERSION=v4.44.1
    ADD https://github.com/acme/agent/releases/download/2.3.0/agent /usr/bin/
    RUN curl -fsSLo /usr/bin/yq https://github.com/mikefarah/yq/releases/download/${YQ_VERSION}/yq_linux_amd64

A variable is followed to the default of its `ARG`: above, 1.22.5 moves to the newest version that golang has
with `-alpine` behind it. Stages, `scratch` and here-documents are no images; a variable without a default, an
image without a tag and a placeholder of a template are listed, not updated.

Downloads (`ADD`, and addresses in `RUN`) follow the releases or tags of the repository on a forge; those of HashiCorp,
Helm, Kubernetes, Go and Node.js their projects' own. Listed, not updated, are addresses elsewhere, those that hold the
version twice, and what is held against a checksum in the file, which would have to change with it.

`dep_type` is `stage`, `final` (the base of the last stage), `syntax` or `download`.
"""

import re
from collections.abc import Iterator

from managers._dockerfile import images_in_dockerfile
from updater.api import Extracted, SourceFile

NAME = "dockerfile"
FILES: tuple[str, ...] = ("*[Dd]ocker[Ff]ile*", "*[Cc]ontainer[Ff]ile*")
MARKERS: tuple[str, ...] = ("FROM", "from", "From")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_OTHER_LANGUAGE = re.compile(
    r".*\.(?:md|mdx|rst|adoc|html?|css|json5?|ya?ml|toml|xml|go|py|rb|rs|js|jsx|ts|tsx|mjs|java|kt|cs|c|cc|cpp|h|hs|php|swift"
    r"|lua|vim|el|sh|bash|ps1|bat|nix|tf|sql|svg|lock|patch|diff|log|golden|dockerignore|pyi?)",
    re.IGNORECASE,
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images that the Dockerfile names."""
    if not _OTHER_LANGUAGE.fullmatch(file.path):
        yield from images_in_dockerfile(file, manager=NAME)
