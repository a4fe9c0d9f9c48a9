"""Tools: who publishes their versions, under the names that people, mise and asdf know them by."""

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from updater.api import Extracted, Package, SourceFile, Span, dependency, image_package, skipped

_EXACT = re.compile(r"v?\d[\w.+-]*+")
_PARTIAL = re.compile(r"v?\d+(?:\.\d+)?")
_CONDITION = r"(?:[~^=!<>]{0,2}\s?v?\d+(?:\.(?:\d+|[xX*])){0,3}(?:(?<=\d)[-+][0-9A-Za-z.+-]+)?)"
_CONDITIONS = re.compile(rf"(?!v?\d+(?:\.\d+)?[-+]){_CONDITION}(?:(?:\s\|\|\s|\s-\s|,\s?|\s){_CONDITION}){{0,8}}")
_FORGES = ("github-releases", "github-tags")
_MAYBE_V = r"^v?(?<version>\d.*)"
"""Takes a plain version, or one with a ``v`` before it, out of a tag; no tag of any other kind."""


class Tool(Struct, frozen=True, kw_only=True):
    """Who publishes a tool; without a ``package`` there is nobody to ask.

    ``versioning`` is that of its ranges. ``extract_version`` is the pattern that makes plain versions of tags, where
    more than a ``v`` stands before them.
    """

    name: str
    package: Package | None
    versioning: str | None = None
    extract_version: str | None = None

    def called(self, name: str) -> "Tool":
        """The same tool under another name."""
        return replace(self, name=name)

    def at(
        self,
        file: SourceFile,
        *,
        manager: str,
        value: Span,
        dep_type: str | None = None,
        takes_ranges: bool = False,
    ) -> Extracted:
        """The version (or first part of one, or range, where they are taken) of this tool that stands at ``value``."""
        text = file.text[value.start : value.end]
        reason = None if self.package else "no registry known for this tool"
        if not (_CONDITIONS if takes_ranges else _EXACT).fullmatch(text):
            reason = "contains a template" if "{{" in text else "not version-like"
        if self.package is None or reason is not None:
            return skipped(file, manager=manager, reason=reason or "", at=value, name=self.name, dep_type=dep_type)
        is_floating = self.package.datasource in _FORGES and _PARTIAL.fullmatch(text)
        return dependency(
            file,
            manager=manager,
            name=self.name,
            package=self.package,
            value=value,
            versioning=(self.versioning if takes_ranges else None) or ("semver-partial" if is_floating else None),
            extract_version=self._extract_version(text),
            dep_type=dep_type,
        )

    def _extract_version(self, text: str) -> str | None:
        """Most tags have a ``v`` that most files do without."""
        has_tags = self.package is not None and self.package.datasource in (*_FORGES, "go")
        return self.extract_version or (_MAYBE_V if has_tags and "v" not in text.lower() else None)


def tool(name: str) -> Tool:
    """The tool of that name; one without a package if it is not known where it comes from."""
    if found := _OTHERS.get(name):
        return replace(found, name=name)
    repository = _RELEASED.get(name)
    package = Package(datasource="github-releases", name=repository) if repository else None
    return Tool(name=name, package=package, versioning="npm" if name in _IN_RANGES else None)


# ---------------------------------------------------------------- the tools

_RELEASED: Mapping[str, str] = {
    "act": "nektos/act",
    "actionlint": "rhysd/actionlint",
    "age": "FiloSottile/age",
    "aqua": "aquaproj/aqua",
    "argo": "argoproj/argo-workflows",
    "argo-rollouts": "argoproj/argo-rollouts",
    "argocd": "argoproj/argo-cd",
    "atlantis": "runatlantis/atlantis",
    "atmos": "cloudposse/atmos",
    "bat": "sharkdp/bat",
    "boundary": "hashicorp/boundary",
    "buf": "bufbuild/buf",
    "buildx": "docker/buildx",
    "calicoctl": "projectcalico/calico",
    "chainsaw": "kyverno/chainsaw",
    "chart-releaser": "helm/chart-releaser",
    "chart-testing": "helm/chart-testing",
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
    "elixir": "elixir-lang/elixir",
    "fd": "sharkdp/fd",
    "flutter": "flutter/flutter",
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
    "mise": "jdx/mise",
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
    "pixi": "prefix-dev/pixi",
    "pluto": "FairwindsOps/pluto",
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

_IN_RANGES = frozenset(("elixir", "flutter", "goreleaser", "opentofu", "rust", "terraform", "tofu", "uv"))
"""Tools whose installers take ranges as npm writes them."""


def _found(datasource: str, name: str, pattern: str | None = None) -> Tool:
    package = image_package(name) if datasource == "docker" else Package(datasource=datasource, name=name)
    return Tool(name=name, package=package, extract_version=pattern)


def _built(language: str) -> Tool:
    """A language whose builds for runners of GitHub have releases of their own, such as ``3.12.1-7433627179``."""
    builds = _found("github-releases", f"actions/{language}-versions", r"^(?<version>\d+\.\d+\.\d+)(-\d+)?$")
    return replace(builds, versioning="npm")


_OTHERS: Mapping[str, Tool] = {
    "awscli": _found("github-tags", "aws/aws-cli"),
    "azure-cli": _found("github-releases", "Azure/azure-cli", r"^azure-cli-(?<version>\d.*)"),
    "bun": _found("github-releases", "oven-sh/bun", r"^bun-v(?<version>\d.*)"),
    "bun on npm": _found("npm", "bun"),
    "deno on npm": _found("npm", "deno"),
    "docker": _found("github-releases", "moby/moby", r"^docker-(?<version>.+)$"),
    "dotnet-sdk": replace(_found("github-tags", "dotnet/sdk", r"^v(?<version>\d+\.\d+\.\d+)$"), versioning="npm"),
    "erlang": _found("github-releases", "erlang/otp", r"^OTP-(?<version>.+)$"),
    "go": _found("github-tags", "golang/go", r"^go(?<version>\d.*)"),
    "go on runners": _built("go"),
    "golang": _found("github-tags", "golang/go", r"^go(?<version>\d.*)"),
    "jq": _found("github-releases", "jqlang/jq", r"^jq-(?<version>\d.*)"),
    "kustomize": _found("github-releases", "kubernetes-sigs/kustomize", r"^kustomize/v(?<version>\d.*)"),
    "node on runners": _built("node"),
    "pdm": _found("pypi", "pdm"),
    "pnpm": _found("npm", "pnpm"),
    "poetry": _found("pypi", "poetry"),
    "python": _found("github-tags", "python/cpython", r"^v(?<version>\d.*)"),
    "python on runners": _built("python"),
    "renovate": _found("docker", "ghcr.io/renovatebot/renovate"),
    "zizmor": _found("docker", "ghcr.io/zizmorcore/zizmor"),
}
