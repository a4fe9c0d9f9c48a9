"""Tools whose versions are inputs of well-known actions and tasks: which action, which input, which package."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from managers._images import SCATTERED, TEMPLATED
from managers._yaml import Scalar
from updater.api import Extracted, Package, SourceFile, dependency, image_package, skipped

_CONDITION = r"(?:[~^=!<>]{0,2}\s?v?\d+(?:\.(?:\d+|[xX*])){0,3}(?:(?<=\d)[-+][0-9A-Za-z.+-]+)?)"
_VERSION = re.compile(rf"{_CONDITION}(?:(?:\s\|\|\s|\s-\s|,\s?|\s){_CONDITION}){{0,8}}")
_PARTIAL = re.compile(r"v?\d+(?:\.\d+)?")
_LOOSE_PRERELEASE = re.compile(r"v?\d+(?:\.\d+)?[-+].*")
_FORGES = ("github-releases", "github-tags")
_WITHOUT_V = r"^v?(?P<version>\d.*)$"
_BUILDS = r"^(?P<version>\d+\.\d+\.\d+)(-\d+)?$"
DEP_TYPE = "uses-with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What an input holds the version of; without a ``package`` there is nobody to ask."""

    name: str
    package: Package | None
    versioning: str | None = None
    extract_version: str | None = None

    def read(self, file: SourceFile, manager: str, version: Scalar) -> Extracted:
        """This tool at the version that is written there, exact or a range, or why it cannot move."""
        at, text = version.span or version.where, version.text
        if version.span is None or version.is_templated or "$" in text:
            reason = TEMPLATED if version.is_templated else "contains a variable" if "$" in text else SCATTERED
            return skipped(file, manager=manager, reason=reason, at=at, name=self.name, dep_type=DEP_TYPE)
        is_version = _VERSION.fullmatch(text) and not _LOOSE_PRERELEASE.fullmatch(text)
        if self.package is None or not is_version:
            reason = f"no datasource for {self.name}" if is_version else "not version-like"
            return skipped(file, manager=manager, reason=reason, at=at, name=self.name, dep_type=DEP_TYPE)
        return dependency(
            file,
            manager=manager,
            name=self.name,
            package=self.package,
            value=at,
            versioning=self._versioning(text),
            extract_version=self._extract_version(text),
            dep_type=DEP_TYPE,
        )

    def _versioning(self, text: str) -> str | None:
        is_floating = self.package and self.package.datasource in _FORGES and _PARTIAL.fullmatch(text)
        return self.versioning or ("semver-partial" if is_floating else None)

    def _extract_version(self, text: str) -> str | None:
        """Most tags have a ``v`` that most inputs do without."""
        is_bare = self.package and self.package.datasource in _FORGES and "v" not in text.lower()
        return self.extract_version or (_WITHOUT_V if is_bare else None)


def _released(
    repository: str, name: str | None = None, *, versioning: str | None = None, extract: str | None = None
) -> Tool:
    package = Package(datasource="github-releases", name=repository)
    return Tool(name=name or repository, package=package, versioning=versioning, extract_version=extract)


def _built(language: str) -> Tool:
    """A language whose builds for runners have releases of their own, such as ``3.12.1-7433627179``."""
    return _released(f"actions/{language}-versions", language, versioning="npm", extract=_BUILDS)


def _listed(datasource: str, name: str) -> Tool:
    return Tool(name=name, package=Package(datasource=datasource, name=name))


def _image(name: str) -> Tool:
    return Tool(name=name, package=image_package(name))


def _tagged(repository: str, name: str, extract: str) -> Tool:
    package = Package(datasource="github-tags", name=repository)
    return Tool(name=name, package=package, versioning="npm", extract_version=extract)


_GO, _NODE, _PYTHON = _built("go"), _built("node"), _built("python")
_TERRAFORM = _released("hashicorp/terraform", "terraform", versioning="npm")
_OPENTOFU = _released("opentofu/opentofu", "opentofu", versioning="npm")
_TERRAGRUNT = _released("gruntwork-io/terragrunt", "terragrunt")
_HELM = _released("helm/helm", "helm")
_HELMFILE = _released("helmfile/helmfile", "helmfile")
_KUBECTL = _released("kubernetes/kubernetes", "kubectl")
_KUBERNETES = _released("kubernetes/kubernetes")
_KIND = _released("kubernetes-sigs/kind")
_KUSTOMIZE = _tagged("kubernetes-sigs/kustomize", "kustomize", r"^kustomize/v(?P<version>.+)$")
_MINIKUBE = _released("kubernetes/minikube", "minikube")
_TRIVY = _released("aquasecurity/trivy")
_BUILDX = _released("docker/buildx", "buildx")
_BUF = _released("bufbuild/buf", "buf")
_PULUMI = _released("pulumi/pulumi", "pulumi")
_RUST = _released("rust-lang/rust", "rust", versioning="npm")
_RUFF = _released("astral-sh/ruff", "ruff")
_DOTNET = _tagged("dotnet/sdk", "dotnet-sdk", r"^v(?P<version>\d+\.\d+\.\d+)$")
_JAVA = Tool(name="java", package=None)
_RUBY = Tool(name="ruby", package=None)
_GRADLE = Tool(name="gradle", package=None)
_PHP = Tool(name="php", package=None)
_GCLOUD = Tool(name="gcloud", package=None)

TOOLS: Mapping[str, Mapping[str, Tool]] = {
    "actions/setup-dotnet": {"dotnet-version": _DOTNET},
    "actions/setup-go": {"go-version": _GO},
    "actions/setup-java": {"java-version": _JAVA},
    "actions/setup-node": {"node-version": _NODE},
    "actions/setup-python": {"python-version": _PYTHON},
    "actions-rs/toolchain": {"toolchain": _RUST},
    "actions-rust-lang/setup-rust-toolchain": {"toolchain": _RUST},
    "dtolnay/rust-toolchain": {"toolchain": _RUST},
    "anchore/sbom-action": {"syft-version": _released("anchore/syft", "syft")},
    "anchore/scan-action": {"grype-version": _released("anchore/grype", "grype")},
    "aquaproj/aqua-installer": {"aqua_version": _released("aquaproj/aqua", "aqua")},
    "aquasecurity/setup-trivy": {"version": _TRIVY},
    "aquasecurity/trivy-action": {"version": _TRIVY},
    "abatilo/actions-poetry": {"poetry-version": _listed("pypi", "poetry")},
    "snok/install-poetry": {"version": _listed("pypi", "poetry")},
    "pdm-project/setup-pdm": {"version": _listed("pypi", "pdm"), "python-version": _PYTHON},
    "astral-sh/ruff-action": {"version": _RUFF},
    "astral-sh/setup-uv": {"version": _released("astral-sh/uv", versioning="npm")},
    "autero1/action-terragrunt": {"terragrunt-version": _TERRAGRUNT, "terragrunt_version": _TERRAGRUNT},
    "azure/k8s-bake": {"helm-version": _HELM},
    "azure/setup-helm": {"version": _HELM},
    "azure/setup-kubectl": {"version": _KUBECTL},
    "bufbuild/buf-action": {"version": _BUF},
    "bufbuild/buf-setup-action": {"version": _BUF},
    "clowdhaus/argo-cd-action": {"version": _released("argoproj/argo-cd", "argocd")},
    "denoland/setup-deno": {"deno-version": _listed("npm", "deno")},
    "docker/setup-buildx-action": {"version": _BUILDX},
    "docker/setup-compose-action": {"version": _released("docker/compose")},
    "docker/setup-docker-action": {
        "version": _released("moby/moby", "docker", extract=r"^docker-(?P<version>.+)$"),
    },
    "engineerd/setup-kind": {"version": _KIND, "kubernetesversion": _KUBERNETES},
    "erlef/setup-beam": {
        "otp-version": _released("erlang/otp", extract=r"^OTP-(?P<version>.+)$"),
        "elixir-version": _released("elixir-lang/elixir", "elixir"),
    },
    "fluxcd/flux2": {"version": _released("fluxcd/flux2", "flux")},
    "golangci/golangci-lint-action": {"version": _released("golangci/golangci-lint")},
    "google-github-actions/setup-gcloud": {"version": _GCLOUD},
    "goreleaser/goreleaser-action": {"version": _released("goreleaser/goreleaser", versioning="npm")},
    "gradle/actions": {"gradle-version": _GRADLE},
    "gruntwork-io/terragrunt-action": {
        "tg_version": _TERRAGRUNT,
        "tf_version": _TERRAFORM,
        "tofu_version": _OPENTOFU,
    },
    "hashicorp/setup-packer": {"version": _released("hashicorp/packer", "packer")},
    "hashicorp/setup-terraform": {"terraform_version": _TERRAFORM},
    "helm/chart-releaser-action": {"version": _released("helm/chart-releaser", "chart-releaser")},
    "helm/chart-testing-action": {"version": _released("helm/chart-testing", "chart-testing")},
    "helm/kind-action": {"version": _KIND, "kubectl_version": _KUBERNETES},
    "helmfile/helmfile-action": {"helmfile-version": _HELMFILE, "helm-version": _HELM},
    "imranismail/setup-kustomize": {"kustomize-version": _KUSTOMIZE},
    "jdx/mise-action": {"version": _released("jdx/mise")},
    "mamezou-tech/setup-helmfile": {
        "helmfile-version": _HELMFILE,
        "helm-version": _HELM,
        "kubectl-version": _KUBECTL,
    },
    "manusa/actions-setup-minikube": {"minikube version": _MINIKUBE, "kubernetes version": _KUBERNETES},
    "medyagh/setup-minikube": {"minikube-version": _MINIKUBE, "kubernetes-version": _KUBERNETES},
    "open-policy-agent/setup-opa": {"version": _released("open-policy-agent/opa", "opa")},
    "opentofu/setup-opentofu": {"tofu_version": _OPENTOFU},
    "oven-sh/setup-bun": {"bun-version": _listed("npm", "bun")},
    "pnpm/action-setup": {"version": _listed("npm", "pnpm")},
    "prefix-dev/setup-pixi": {"pixi-version": _released("prefix-dev/pixi")},
    "pulumi/actions": {"pulumi-version": _PULUMI},
    "pulumi/setup-pulumi": {"pulumi-version": _PULUMI},
    "renovatebot/github-action": {"renovate-version": _image("ghcr.io/renovatebot/renovate")},
    "ruby/setup-ruby": {"ruby-version": _RUBY},
    "shivammathur/setup-php": {"php-version": _PHP},
    "sigstore/cosign-installer": {"cosign-release": _released("sigstore/cosign")},
    "subosito/flutter-action": {"flutter-version": _released("flutter/flutter", "flutter", versioning="npm")},
    "terraform-linters/setup-tflint": {"tflint_version": _released("terraform-linters/tflint", "tflint")},
    "yokawasa/action-setup-kube-tools": {"kubectl": _KUBECTL, "helm": _HELM, "kustomize": _KUSTOMIZE},
    "zizmorcore/zizmor-action": {"version": _image("ghcr.io/zizmorcore/zizmor")},
}
"""Action, in lower case and without a directory → input → tool."""

TASKS: Mapping[str, Mapping[str, Tool]] = {
    "gotool": {"version": _GO},
    "helminstaller": {"helmVersion": _HELM, "helmVersionToInstall": _HELM},
    "kubectlinstaller": {"kubectlVersion": _KUBECTL},
    "nodetool": {"versionSpec": _NODE},
    "terraforminstaller": {"terraformVersion": _TERRAFORM},
    "usedotnet": {"version": _DOTNET},
    "usenode": {"version": _NODE},
    "usepythonversion": {"versionSpec": _PYTHON},
}
"""Task of Azure Pipelines, in lower case → input → tool."""

IMAGE_INPUTS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "docker/setup-buildx-action": {"driver-opts": re.compile(r"(?<![^\s\"',])image=(?P<image>[^\s\"',]+)")},
    "docker/setup-qemu-action": {"image": re.compile(r"(?P<image>\S+)")},
    "engineerd/setup-kind": {"image": re.compile(r"(?P<image>\S+)")},
    "helm/kind-action": {"node_image": re.compile(r"(?P<image>\S+)")},
}
"""Action → input → where in it an image stands."""
