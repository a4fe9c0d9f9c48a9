"""Where the versions of command line tools are published, under the names that mise and asdf know them by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A package, and the pattern that makes plain versions of its tags; None where they are plain already."""

    package: Package
    extract_version: str | None = None


MAYBE_V = r"^v?(?<version>\d.*)"
"""Takes a plain version, or one with a ``v`` before it, out of a tag; no tag of any other kind."""

_VERSION = re.compile(r"v?\d[\w.+-]*+")

_RELEASED: Mapping[str, str] = {
    "act": "nektos/act",
    "actionlint": "rhysd/actionlint",
    "age": "FiloSottile/age",
    "argo": "argoproj/argo-workflows",
    "argo-rollouts": "argoproj/argo-rollouts",
    "argocd": "argoproj/argo-cd",
    "atlantis": "runatlantis/atlantis",
    "atmos": "cloudposse/atmos",
    "bat": "sharkdp/bat",
    "boundary": "hashicorp/boundary",
    "buf": "bufbuild/buf",
    "calicoctl": "projectcalico/calico",
    "chainsaw": "kyverno/chainsaw",
    "checkov": "bridgecrewio/checkov",
    "chezmoi": "twpayne/chezmoi",
    "cilium-cli": "cilium/cilium-cli",
    "clusterctl": "kubernetes-sigs/cluster-api",
    "cmctl": "cert-manager/cmctl",
    "conftest": "open-policy-agent/conftest",
    "consul": "hashicorp/consul",
    "container-structure-test": "GoogleContainerTools/container-structure-test",
    "cosign": "sigstore/cosign",
    "crane": "google/go-containerregistry",
    "crossplane-cli": "crossplane/crossplane",
    "ctlptl": "tilt-dev/ctlptl",
    "cue": "cue-lang/cue",
    "dagger": "dagger/dagger",
    "dasel": "TomWright/dasel",
    "deno": "denoland/deno",
    "direnv": "direnv/direnv",
    "dive": "wagoodman/dive",
    "docker-compose": "docker/compose",
    "dyff": "homeport/dyff",
    "eksctl": "eksctl-io/eksctl",
    "fd": "sharkdp/fd",
    "flux": "fluxcd/flux2",
    "flux2": "fluxcd/flux2",
    "fzf": "junegunn/fzf",
    "gh": "cli/cli",
    "github-cli": "cli/cli",
    "gitleaks": "gitleaks/gitleaks",
    "golangci-lint": "golangci/golangci-lint",
    "goreleaser": "goreleaser/goreleaser",
    "grpcurl": "fullstorydev/grpcurl",
    "grype": "anchore/grype",
    "gum": "charmbracelet/gum",
    "hadolint": "hadolint/hadolint",
    "helm": "helm/helm",
    "helm-cr": "helm/chart-releaser",
    "helm-ct": "helm/chart-testing",
    "helm-diff": "databus23/helm-diff",
    "helm-docs": "norwoodj/helm-docs",
    "helmfile": "helmfile/helmfile",
    "hubble": "cilium/hubble",
    "hugo": "gohugoio/hugo",
    "imgpkg": "carvel-dev/imgpkg",
    "infracost": "infracost/infracost",
    "istioctl": "istio/istio",
    "jb": "jsonnet-bundler/jsonnet-bundler",
    "jsonnet-bundler": "jsonnet-bundler/jsonnet-bundler",
    "just": "casey/just",
    "k3d": "k3d-io/k3d",
    "k3sup": "alexellis/k3sup",
    "k6": "grafana/k6",
    "k9s": "derailed/k9s",
    "kapp": "carvel-dev/kapp",
    "kbld": "carvel-dev/kbld",
    "kind": "kubernetes-sigs/kind",
    "ko": "ko-build/ko",
    "kompose": "kubernetes/kompose",
    "kops": "kubernetes/kops",
    "krew": "kubernetes-sigs/krew",
    "kube-linter": "stackrox/kube-linter",
    "kube-score": "zegl/kube-score",
    "kubebuilder": "kubernetes-sigs/kubebuilder",
    "kubecolor": "kubecolor/kubecolor",
    "kubeconform": "yannh/kubeconform",
    "kubectl": "kubernetes/kubernetes",
    "kubectl-argo-rollouts": "argoproj/argo-rollouts",
    "kubectl-convert": "kubernetes/kubernetes",
    "kubectx": "ahmetb/kubectx",
    "kubens": "ahmetb/kubectx",
    "kubescape": "kubescape/kubescape",
    "kubeseal": "bitnami-labs/sealed-secrets",
    "kubeval": "instrumenta/kubeval",
    "kubie": "sbstp/kubie",
    "kuttl": "kudobuilder/kuttl",
    "kyverno": "kyverno/kyverno",
    "kyverno-cli": "kyverno/kyverno",
    "lazygit": "jesseduffield/lazygit",
    "lefthook": "evilmartians/lefthook",
    "minikube": "kubernetes/minikube",
    "mkcert": "FiloSottile/mkcert",
    "nerdctl": "containerd/nerdctl",
    "node": "nodejs/node",
    "nodejs": "nodejs/node",
    "nomad": "hashicorp/nomad",
    "nova": "FairwindsOps/nova",
    "opa": "open-policy-agent/opa",
    "opentofu": "opentofu/opentofu",
    "operator-sdk": "operator-framework/operator-sdk",
    "oras": "oras-project/oras",
    "packer": "hashicorp/packer",
    "pluto": "FairwindsOps/pluto",
    "pnpm": "pnpm/pnpm",
    "poetry": "python-poetry/poetry",
    "polaris": "FairwindsOps/polaris",
    "popeye": "derailed/popeye",
    "powershell-core": "PowerShell/PowerShell",
    "pre-commit": "pre-commit/pre-commit",
    "protoc": "protocolbuffers/protobuf",
    "pulumi": "pulumi/pulumi",
    "ripgrep": "BurntSushi/ripgrep",
    "ruff": "astral-sh/ruff",
    "rust": "rust-lang/rust",
    "shellcheck": "koalaman/shellcheck",
    "shfmt": "mvdan/sh",
    "skaffold": "GoogleContainerTools/skaffold",
    "sops": "getsops/sops",
    "spacectl": "spacelift-io/spacectl",
    "starship": "starship/starship",
    "steampipe": "turbot/steampipe",
    "step": "smallstep/cli",
    "stern": "stern/stern",
    "syft": "anchore/syft",
    "talhelper": "budimanjojo/talhelper",
    "talosctl": "siderolabs/talos",
    "tanka": "grafana/tanka",
    "task": "go-task/task",
    "tenv": "tofuutils/tenv",
    "terraform": "hashicorp/terraform",
    "terraform-docs": "terraform-docs/terraform-docs",
    "terraform-ls": "hashicorp/terraform-ls",
    "terragrunt": "gruntwork-io/terragrunt",
    "terramate": "terramate-io/terramate",
    "terrascan": "tenable/terrascan",
    "tflint": "terraform-linters/tflint",
    "tfsec": "aquasecurity/tfsec",
    "tilt": "tilt-dev/tilt",
    "timoni": "stefanprodan/timoni",
    "tkn": "tektoncd/cli",
    "tofu": "opentofu/opentofu",
    "trivy": "aquasecurity/trivy",
    "uv": "astral-sh/uv",
    "vault": "hashicorp/vault",
    "vcluster": "loft-sh/vcluster",
    "velero": "vmware-tanzu/velero",
    "vendir": "carvel-dev/vendir",
    "yamlfmt": "google/yamlfmt",
    "yor": "bridgecrewio/yor",
    "yq": "mikefarah/yq",
    "ytt": "carvel-dev/ytt",
    "zoxide": "ajeetdsouza/zoxide",
}
"""GitHub repositories whose releases are the tool's versions, with or without a ``v``."""

_OTHERS: Mapping[str, tuple[str, str, str]] = {
    "awscli": ("github-tags", "aws/aws-cli", MAYBE_V),
    "azure-cli": ("github-releases", "Azure/azure-cli", r"^azure-cli-(?<version>\d.*)"),
    "bun": ("github-releases", "oven-sh/bun", r"^bun-v(?<version>\d.*)"),
    "go": ("github-tags", "golang/go", r"^go(?<version>\d.*)"),
    "golang": ("github-tags", "golang/go", r"^go(?<version>\d.*)"),
    "jq": ("github-releases", "jqlang/jq", r"^jq-(?<version>\d.*)"),
    "kustomize": ("github-releases", "kubernetes-sigs/kustomize", r"^kustomize/v(?<version>\d.*)"),
    "python": ("github-tags", "python/cpython", r"^v(?<version>\d.*)"),
}


def tool(name: str) -> Tool | None:
    """The tool that mise or asdf calls ``name``; None if it is not known where it comes from."""
    if repository := _RELEASED.get(name):
        return Tool(package=Package(datasource="github-releases", name=repository), extract_version=MAYBE_V)
    if other := _OTHERS.get(name):
        datasource, repository, pattern = other
        return Tool(package=Package(datasource=datasource, name=repository), extract_version=pattern)
    return None


# ---------------------------------------------------------------- versions


def tool_version(
    file: SourceFile, *, manager: str, name: str, known: Tool | None, value: Span, dep_type: str | None = None
) -> Extracted:
    """The version (or first part of one) at ``value`` of a tool."""
    text = file.text[value.start : value.end]
    reason = None if known else "no registry known for this tool"
    if not _VERSION.fullmatch(text):
        reason = "contains a template" if "{{" in text else "not version-like"
    if known is None or reason is not None:
        return skipped(file, manager=manager, reason=reason or "", at=value, name=name, dep_type=dep_type)
    return dependency(
        file,
        manager=manager,
        name=name,
        package=known.package,
        value=value,
        extract_version=None if text.startswith("v") and known.extract_version == MAYBE_V else known.extract_version,
        dep_type=dep_type,
    )
