"""What scripts fetch: manifests, archives and programs of a release or a tag at a forge, and those of some vendors.

Read are shell scripts (`*.sh`, `*.bash`, `*.zsh`), makefiles, justfiles, taskfiles, and the scripts in the workflows of
GitHub and GitLab:

    ARGOCD_VERSION=v2.11.3
    kubectl apply -f "https://raw.githubusercontent.com/argoproj/argo-cd/${ARGOCD_VERSION}/manifests/install.yaml"
    kubectl apply -f https://github.com/cert-manager/cert-manager/releases/download/v1.15.1/cert-manager.yaml
    curl -fsSL https://get.helm.sh/helm-v3.15.2-linux-amd64.tar.gz | tar xz

Files of releases follow the releases of GitHub, other files the tags of their repository, and the downloads of
HashiCorp, Helm, Kubernetes, Go and Node.js their projects' own. A variable is followed to where it is set in the file;
of one that is set several times the last value counts. What holds its version twice, or is held against a checksum in
the same file, is listed, not updated; addresses elsewhere, and those that follow a branch, are left alone.
"""

import re
from collections.abc import Iterator, Mapping

from managers._composed import Piece, Pieces, composed
from managers._downloads import ADDRESS, CHECKSUM_TEXT, Download
from managers._manifests import settled
from updater.api import Extracted, SourceFile, Span

NAME = "scripts"
FILES: tuple[str, ...] = (
    "*.sh",
    "*.bash",
    "*.zsh",
    "Makefile*",
    "*.mk",
    "[Jj]ustfile",
    ".justfile",
    "*.just",
    "*.yml",
    "*.yaml",
)
MARKERS: tuple[str, ...] = (
    "/releases/download/",
    "raw.githubusercontent.com/",
    "/archive/",
    "/-/raw/",
    "get.helm.sh/",
    "releases.hashicorp.com/",
    "dl.k8s.io/",
    "/kubernetes-release/release/",
    "go.dev/dl/",
    "nodejs.org/dist/",
)
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_YAML = re.compile(r"\.ya?ml$")
_PIPELINE = re.compile(
    r"(?:^|/)(?:\.(?:github|gitea|forgejo)/(?:workflows|actions)/.+|action|[^/]*gitlab-ci[^/]*|\.gitlab/.+|[Tt]askfile[^/]*)"
    r"\.ya?ml$"
)
_ASSIGNMENT = re.compile(
    r"""
    ^[ \t]*+ (?:-[ \t]++)? (?:(?:export|readonly|local|declare(?:[ \t]++-\w++)*+)[ \t]++)?
    (?P<name>[A-Za-z_]\w*+) (?:=|[ \t]*+(?::{1,3}|\?)?=[ \t]*+|:[ \t]++)
    (?P<value>"[^"\n]*+"|'[^'\n]*+'|[^\s"'\#;]++)
    """,
    re.MULTILINE | re.VERBOSE,
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """What the script ``file`` fetches."""
    if _YAML.search(file.path) and not _PIPELINE.search(file.path):
        return iter(())
    return settled(_downloads(file))


def _downloads(file: SourceFile) -> Iterator[Extracted]:
    values = _values(file)
    is_checked = CHECKSUM_TEXT.search(file.text) is not None
    for match in ADDRESS.finditer(file.text):
        at = Piece(file=file, span=Span(*match.span()))
        address = None if _is_in_comment(file.text, at.span) else composed(file, at.span, values)
        if address:
            yield from Download(
                manager=NAME, address=address, at=at, dep_type="download", is_checked=is_checked
            ).known()


def _values(file: SourceFile) -> Mapping[str, Pieces]:
    values: dict[str, Pieces] = {}
    for assignment in _ASSIGNMENT.finditer(file.text):
        if pieces := composed(file, Span(*assignment.span("value")), values, is_quoted=True):
            values[assignment["name"]] = pieces
    return values


def _is_in_comment(text: str, span: Span) -> bool:
    line = text[text.rfind("\n", 0, span.start) + 1 : span.start].lstrip()
    return line.startswith(("#", "//")) or " #" in line
