"""What scripts fetch and run: manifests, archives and programs of a release or a tag, charts, images, kustomizations.

Read are shell scripts (`*.sh`, `*.bash`, `*.zsh`), makefiles, justfiles, taskfiles, and the scripts in the workflows of
GitHub and GitLab:

    ARGOCD_VERSION=v2.11.3
    kubectl apply -f "https://raw.githubusercontent.com/argoproj/argo-cd/${ARGOCD_VERSION}/manifests/install.yaml"
    kubectl apply -f https://github.com/cert-manager/cert-manager/releases/download/v1.15.1/cert-manager.yaml
    curl -fsSL https://get.helm.sh/helm-v3.15.2-linux-amd64.tar.gz | tar xz
    helm repo add jetstack https://charts.jetstack.io
    helm upgrade --install cert-manager jetstack/cert-manager --version v1.15.1
    kubectl apply -k "github.com/kubernetes-sigs/gateway-api/config/crd?ref=v1.1.0"
    docker run --rm -v "$PWD:/src" hadolint/hadolint:v2.12.0 /src/Dockerfile
    curl -sfL https://get.k3s.io | INSTALL_K3S_VERSION=v1.30.2+k3s1 sh -

Files of releases follow the releases of GitHub, other files the tags of their repository, and the downloads of
HashiCorp, Helm, Kubernetes, Go and Node.js their projects' own. A variable is followed to where it is set in the file;
of one that is set several times the last value before the address counts. What holds its version twice, or is held
against a checksum in the same file, is listed, not updated; addresses elsewhere, those that follow a branch, and those
whose version is handed in are left alone.

Charts are read in commands of `helm` with a `--version`, from a repository that the file adds, at `--repo` or at
`oci://…`, and plugins of Helm likewise; images in `run`, `pull` and `create` of `docker`, `podman` and `nerdctl`, and
in `--image` of `kubectl`, `kind` and `k3d`. An image that the script builds itself is left alone. `dep_type` is
`download`, `chart`, `plugin`, `image`, `kustomization` or `distribution`.
"""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping

from managers import _commands
from managers._composed import Piece, Pieces, composed
from managers._downloads import ADDRESS, CHECKSUM_TEXT, Download, is_given_elsewhere, is_in_comment
from managers._downloads import MARKERS as DOWNLOADS
from managers._manifests import settled
from updater.api import Extracted, Package, SourceFile, Span, dependency

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
    *DOWNLOADS,
    "INSTALL_K3S_VERSION=",
    "INSTALL_RKE2_VERSION=",
    *_commands.MARKERS,
)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_YAML = re.compile(r"\.ya?ml$")
_PIPELINE = re.compile(
    r"(?:^|/)(?:\.(?:github|gitea|forgejo)/(?:workflows|actions)/.+|action|[^/]*gitlab-ci[^/]*|\.gitlab/.+|[Tt]askfile[^/]*)"
    r"\.ya?ml$"
)
_VALUE = r"""(?P<value>"[^"\n]*+"|'[^'\n]*+'|[^\s"'\#;]++)"""
_OF_SHELLS = re.compile(
    r"^[ \t]*+(?:-[ \t]++)?(?:(?:export|readonly|local|declare(?:[ \t]++-\w++)*+)[ \t]++)?(?P<name>[A-Za-z_]\w*+)="
    + _VALUE,
    re.MULTILINE,
)
_OF_MAKE = re.compile(
    rf"^[ ]*+(?:export[ ]++)?(?P<name>[A-Za-z_]\w*+)[ ]*+(?::{{1,3}}|\?)?=[ ]*+{_VALUE}", re.MULTILINE
)
_OF_YAML = re.compile(
    rf"^[ \t]*+(?:-[ \t]++)?(?:(?:export)[ \t]++)?(?P<name>[A-Za-z_]\w*+)(?:=|:[ \t]++){_VALUE}", re.MULTILINE
)
_DISTRIBUTION = re.compile(r"""\bINSTALL_(?P<name>K3S|RKE2)_VERSION=["']?(?P<version>v?\d[\w.+-]*+)""")
_DISTRIBUTIONS = {"K3S": "k3s-io/k3s", "RKE2": "rancher/rke2"}
_SHELL = re.compile(r"\.(?:sh|bash|zsh)$")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """What the script ``file`` fetches."""
    if _YAML.search(file.path) and not _PIPELINE.search(file.path):
        return iter(())
    return settled(_found(file))


def _found(file: SourceFile) -> Iterator[Extracted]:
    yield from _downloads(file)
    yield from _commands.commands(file, _Values(file).at, manager=NAME)
    for match in _DISTRIBUTION.finditer(file.text):
        at = Span(*match.span("version"))
        if not is_in_comment(file.text, at):
            package = Package(datasource="github-releases", name=_DISTRIBUTIONS[match["name"]])
            yield dependency(file, manager=NAME, name=package.name, package=package, value=at, dep_type="distribution")


def _downloads(file: SourceFile) -> Iterator[Extracted]:
    values = _Values(file)
    is_checked = CHECKSUM_TEXT.search(file.text) is not None
    for match in ADDRESS.finditer(file.text):
        at = Piece(file=file, span=Span(*match.span()))
        address = None if is_in_comment(file.text, at.span) else composed(file, at.span, values.at(match.start()))
        if address:
            download = Download(manager=NAME, address=address, at=at, dep_type="download", is_checked=is_checked)
            yield from (item for item in download.known() if not is_given_elsewhere(item, at))


class _Values:
    """What the variables of a script are set to."""

    def __init__(self, file: SourceFile) -> None:
        form = _OF_SHELLS if _SHELL.search(file.path) else _OF_YAML if _YAML.search(file.path) else _OF_MAKE
        self._found = list(form.finditer(file.text))
        self._file, self._next = file, 0
        self._before: dict[str, Pieces] = {}
        self._anywhere: dict[str, Pieces] = {}
        for assignment in self._found:
            self._set(self._anywhere, assignment)

    def _set(self, values: dict[str, Pieces], assignment: re.Match[str]) -> None:
        if pieces := composed(self._file, Span(*assignment.span("value")), values, is_quoted=True):
            values[assignment["name"]] = pieces

    def at(self, offset: int) -> Mapping[str, Pieces]:
        """The values at a place, asked for in the order of the file: what is set before it, else what is set behind."""
        while self._next < len(self._found) and self._found[self._next].start() < offset:
            self._set(self._before, self._found[self._next])
            self._next += 1
        return ChainMap(self._before, self._anywhere)
