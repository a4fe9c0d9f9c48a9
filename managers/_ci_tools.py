"""Tools whose versions are inputs of well-known actions and tasks: which action, which input, which tool."""

import re
from collections.abc import Mapping

from managers._git import VARIABLE
from managers._images import SCATTERED, TEMPLATED
from managers._tools import Tool, tool
from managers._yaml import Scalar
from updater.api import Extracted, SourceFile, skipped

DEP_TYPE = "uses-with"


def input_version(file: SourceFile, manager: str, known: Tool, version: Scalar) -> Extracted:
    """The tool at the version that an input holds, exact or a range, or why it cannot move."""
    at, text = version.span or version.where, version.text
    if version.span is None or version.is_templated or "$" in text:
        reason = TEMPLATED if version.is_templated else VARIABLE if "$" in text else SCATTERED
        return skipped(file, manager=manager, reason=reason, at=at, name=known.name, dep_type=DEP_TYPE)
    return known.at(file, manager=manager, value=at, dep_type=DEP_TYPE, takes_ranges=True)


def _in_full(name: str) -> Tool:
    """A tool that goes by the name of its package."""
    found = tool(name)
    return found.called(found.package.name) if found.package else found


_GO, _NODE, _PYTHON = (tool(f"{language} on runners").called(language) for language in ("go", "node", "python"))

TOOLS: Mapping[str, Mapping[str, Tool]] = {
    "actions/setup-dotnet": {"dotnet-version": tool("dotnet-sdk")},
    "actions/setup-go": {"go-version": _GO},
    "actions/setup-java": {"java-version": tool("java")},
    "actions/setup-node": {"node-version": _NODE},
    "actions/setup-python": {"python-version": _PYTHON},
    "actions-rs/toolchain": {"toolchain": tool("rust")},
    "actions-rust-lang/setup-rust-toolchain": {"toolchain": tool("rust")},
    "dtolnay/rust-toolchain": {"toolchain": tool("rust")},
    "anchore/sbom-action": {"syft-version": tool("syft")},
    "anchore/scan-action": {"grype-version": tool("grype")},
    "aquaproj/aqua-installer": {"aqua_version": tool("aqua")},
    "aquasecurity/setup-trivy": {"version": _in_full("trivy")},
    "aquasecurity/trivy-action": {"version": _in_full("trivy")},
    "abatilo/actions-poetry": {"poetry-version": tool("poetry")},
    "snok/install-poetry": {"version": tool("poetry")},
    "pdm-project/setup-pdm": {"version": tool("pdm"), "python-version": _PYTHON},
    "astral-sh/ruff-action": {"version": tool("ruff")},
    "astral-sh/setup-uv": {"version": _in_full("uv"), "python-version": _PYTHON},
    "autero1/action-terragrunt": {"terragrunt-version": tool("terragrunt"), "terragrunt_version": tool("terragrunt")},
    "azure/k8s-bake": {"helm-version": tool("helm")},
    "azure/setup-helm": {"version": tool("helm")},
    "azure/setup-kubectl": {"version": tool("kubectl")},
    "bufbuild/buf-action": {"version": tool("buf")},
    "bufbuild/buf-setup-action": {"version": tool("buf")},
    "clowdhaus/argo-cd-action": {"version": tool("argocd")},
    "denoland/setup-deno": {"deno-version": tool("deno on npm").called("deno")},
    "docker/setup-buildx-action": {"version": tool("buildx")},
    "docker/setup-compose-action": {"version": _in_full("docker-compose")},
    "docker/setup-docker-action": {
        "version": tool("docker"),
    },
    "engineerd/setup-kind": {"version": _in_full("kind"), "kubernetesversion": _in_full("kubectl")},
    "erlef/setup-beam": {
        "otp-version": _in_full("erlang"),
        "elixir-version": tool("elixir"),
    },
    "fluxcd/flux2": {"version": tool("flux")},
    "golangci/golangci-lint-action": {"version": _in_full("golangci-lint")},
    "google-github-actions/setup-gcloud": {"version": tool("gcloud")},
    "goreleaser/goreleaser-action": {"version": _in_full("goreleaser")},
    "gradle/actions": {"gradle-version": tool("gradle")},
    "gruntwork-io/terragrunt-action": {
        "tg_version": tool("terragrunt"),
        "tf_version": tool("terraform"),
        "tofu_version": tool("opentofu"),
    },
    "hashicorp/setup-packer": {"version": tool("packer")},
    "hashicorp/setup-terraform": {"terraform_version": tool("terraform")},
    "helm/chart-releaser-action": {"version": tool("chart-releaser")},
    "helm/chart-testing-action": {"version": tool("chart-testing")},
    "helm/kind-action": {"version": _in_full("kind"), "kubectl_version": _in_full("kubectl")},
    "helmfile/helmfile-action": {"helmfile-version": tool("helmfile"), "helm-version": tool("helm")},
    "imranismail/setup-kustomize": {"kustomize-version": tool("kustomize")},
    "jdx/mise-action": {"version": _in_full("mise")},
    "mamezou-tech/setup-helmfile": {
        "helmfile-version": tool("helmfile"),
        "helm-version": tool("helm"),
        "kubectl-version": tool("kubectl"),
    },
    "manusa/actions-setup-minikube": {"minikube version": tool("minikube"), "kubernetes version": _in_full("kubectl")},
    "medyagh/setup-minikube": {"minikube-version": tool("minikube"), "kubernetes-version": _in_full("kubectl")},
    "open-policy-agent/setup-opa": {"version": tool("opa")},
    "opentofu/setup-opentofu": {"tofu_version": tool("opentofu")},
    "oven-sh/setup-bun": {"bun-version": tool("bun on npm").called("bun")},
    "pnpm/action-setup": {"version": tool("pnpm")},
    "prefix-dev/setup-pixi": {"pixi-version": _in_full("pixi")},
    "pulumi/actions": {"pulumi-version": tool("pulumi")},
    "pulumi/setup-pulumi": {"pulumi-version": tool("pulumi")},
    "renovatebot/github-action": {"renovate-version": _in_full("renovate")},
    "ruby/setup-ruby": {"ruby-version": tool("ruby")},
    "shivammathur/setup-php": {"php-version": tool("php")},
    "sigstore/cosign-installer": {"cosign-release": _in_full("cosign")},
    "subosito/flutter-action": {"flutter-version": tool("flutter")},
    "terraform-linters/setup-tflint": {"tflint_version": tool("tflint")},
    "yokawasa/action-setup-kube-tools": {
        "kubectl": tool("kubectl"),
        "helm": tool("helm"),
        "kustomize": tool("kustomize"),
    },
    "zizmorcore/zizmor-action": {"version": _in_full("zizmor")},
}
"""Action, in lower case and without a directory → input → tool."""

TASKS: Mapping[str, Mapping[str, Tool]] = {
    "gotool": {"version": _GO},
    "helminstaller": {"helmVersion": tool("helm"), "helmVersionToInstall": tool("helm")},
    "kubectlinstaller": {"kubectlVersion": tool("kubectl")},
    "nodetool": {"versionSpec": _NODE},
    "terraforminstaller": {"terraformVersion": tool("terraform")},
    "usedotnet": {"version": tool("dotnet-sdk")},
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
