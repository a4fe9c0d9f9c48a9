"""The acceptance vectors on extraction (17 to 43): what stands in the files, and what a scan makes of it.

Numbers and inputs are those of the list that was observed with Renovate 44.121.2; the comment says where we differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tests.corpus import labels, scanned

APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n"
CHART = "repoURL: https://charts.example.com, chart: shop"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"
KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"
REPOSITORY = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\n"
REMOVED_INGRESS = "removed in Kubernetes 1.22; in networking.k8s.io/v1 the schema differs"
DIGEST = f"sha256:{'0f' * 32}"


@dataclass(frozen=True, kw_only=True)
class Vector:
    """``files`` are texts by path; ``found`` is what the labels of the corpus say of them, without the environment."""

    files: Mapping[str, str]
    found: tuple[str, ...]


VECTORS: Mapping[str, Vector] = {
    # Renovate: the document dropped silently.
    "17 Argo CD, a number without quotes": Vector(
        files={"a.yaml": f"{APPLICATION}  source: {{{CHART}, targetRevision: 1.10}}\n"},
        found=("a.yaml:5 | argocd | helm shop | 1.10",),
    ),
    "18 Argo CD, a source without a revision": Vector(
        files={"a.yaml": f"{APPLICATION}  sources: [{{{CHART}}}, {{{CHART}, targetRevision: 1.0.0}}]\n"},
        found=("a.yaml:5 | argocd | helm shop | 1.0.0", "a.yaml:5 | argocd | - shop | no version"),
    ),
    # Renovate: a dependency with an empty value.
    "19 list generator": Vector(
        files={
            "a.yaml": dedent(f"""\
                apiVersion: argoproj.io/v1alpha1
                kind: ApplicationSet
                metadata: {{name: a}}
                spec:
                  generators:
                    - list: {{elements: [{{chartVersion: 1.0.0}}]}}
                  template:
                    spec:
                      source: {{{CHART}, targetRevision: '{{{{chartVersion}}}}'}}
                """)
        },
        found=("a.yaml:6 | argocd | helm shop | 1.0.0",),
    ),
    # Renovate: none of the images.
    "20 Argo CD, parameters and values": Vector(
        files={
            "a.yaml": f"{APPLICATION}  source:\n    {CHART.replace(', ', chr(10) + '    ')}\n"
            "    targetRevision: 1.0.0\n"
            "    helm:\n      parameters:\n        - {name: image.repository, value: acme/web}\n"
            "        - {name: image.tag, value: 2.4.1}\n      valuesObject: {proxy: {image: 'acme/proxy:1.1'}}\n"
        },
        found=(
            "a.yaml:8 | argocd | helm shop | 1.0.0",
            "a.yaml:12 | argocd | docker acme/web | 2.4.1",
            "a.yaml:13 | argocd | docker acme/proxy | 1.1",
        ),
    ),
    # Renovate: none.
    "21 containers in other styles": Vector(
        files={
            "a.yaml": f"{POD}  containers:\n    - {{name: a, image: acme/a:1.0}}\n    - image: >-\n        acme/b:1.0\n"
            "    - image: &c acme/c:1.0\n    - image: *c\n"
            "    - {name: d, env: [{name: D_IMAGE, value: 'acme/d:1.0'}]}\n"
        },
        found=(
            "a.yaml:6 | kubernetes | docker acme/a | 1.0",
            "a.yaml:8 | kubernetes | docker acme/b | 1.0",
            "a.yaml:9 | kubernetes | docker acme/c | 1.0",
            "a.yaml:11 | kubernetes | docker acme/d | 1.0",
        ),
    ),
    "22 images with variables": Vector(
        files={"a.yaml": f"{POD}  containers:\n    - image: ${{REG}}/foo:1.0\n    - image: '{{{{ .x }}}}:1.0'\n"},
        found=(
            "a.yaml:6 | kubernetes | - ${REG}/foo:1.0 | contains a variable",
            "a.yaml:7 | kubernetes | - {{ .x }}:1.0 | contains a template",
        ),
    ),
    # Renovate: still extracted.
    "23 an ignore comment": Vector(
        files={"a.yaml": f"{POD}  containers:\n    - image: acme/a:1.0 # renovate: ignore\n"},
        found=("a.yaml:6 | kubernetes | - acme/a | ignored by comment",),
    ),
    # Renovate: none.
    "24 a list with an API version": Vector(
        files={
            "a.yaml": "apiVersion: v1\nkind: List\nitems:\n"
            "  - apiVersion: policy/v1beta1\n    kind: PodDisruptionBudget\n    metadata: {name: a}\n"
        },
        found=("a.yaml:4 | kubernetes | kubernetes-api PodDisruptionBudget | policy/v1beta1",),
    ),
    # Renovate: none.
    "25 APIs of another group": Vector(
        files={
            "a.yaml": "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
            "b.yaml": "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n",
        },
        found=(
            "a.yaml:1 | kubernetes | - Deployment | removed in Kubernetes 1.16; in apps/v1 the schema differs",
            f"b.yaml:1 | kubernetes | - Ingress | {REMOVED_INGRESS}",
        ),
    ),
    "26 outdated APIs": Vector(
        files={
            "a.yaml": "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
            "b.yaml": "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n",
        },
        found=(
            "a.yaml:1 | kubernetes | kubernetes-api Deployment | apps/v1beta1",
            "b.yaml:1 | kubernetes | kubernetes-api PodDisruptionBudget | policy/v1beta1",
        ),
    ),
    # Renovate: 1.1.
    "27 values, a number without quotes": Vector(
        files={"values.yaml": "image:\n  repository: acme/web\n  tag: 1.10\n"},
        found=("values.yaml:3 | helm-values | docker acme/web | 1.10",),
    ),
    # Renovate: the value "undefined".
    "28 values, an empty tag": Vector(
        files={"values.yaml": "image:\n  repository: acme/web\n  tag:\n"},
        found=("values.yaml:2 | helm-values | - acme/web | no tag (the chart decides)",),
    ),
    # Renovate: none.
    "29 values in other forms": Vector(
        files={
            "values.yaml": "base: &base {repository: acme/a, tag: '1.0'}\nmain:\n  image:\n    <<: *base\n"
            "images: {proxy: 'acme/b:1.0'}\nweb: {image: {name: acme/c, tag: '1.0'}}\n"
            "old: {image: acme/d, imageTag: '1.0'}\n"
        },
        found=(
            "values.yaml:1 | helm-values | docker acme/a | 1.0",
            "values.yaml:5 | helm-values | docker acme/b | 1.0",
            "values.yaml:6 | helm-values | docker acme/c | 1.0",
            "values.yaml:7 | helm-values | docker acme/d | 1.0",
        ),
    ),
    # Renovate: the digest ignored.
    "30 values with a digest": Vector(
        files={"values.yaml": f"image:\n  repository: acme/web\n  tag: '1.0'\n  digest: {DIGEST}\n"},
        found=(f"values.yaml:3 | helm-values | docker acme/web | 1.0@{DIGEST[:15]}",),
    ),
    # Renovate: a value that is none.
    "31 values with a template": Vector(
        files={"values.yaml": "image: 'reg:5000/x:{{ .Chart.AppVersion }}'\n"},
        found=("values.yaml:1 | helm-values | - reg:5000/x:{{ .Chart.AppVersion }} | contains a template",),
    ),
    # Renovate: invalid, and skipped.
    "32 kustomize, a number and a digest": Vector(
        files={
            "kustomization.yaml": f"{KUSTOMIZATION}images:\n  - {{name: acme/a, newTag: 1.10}}\n"
            f"  - {{name: acme/b, newTag: '1.0', digest: '{DIGEST}'}}\n"
        },
        found=(
            "kustomization.yaml:4 | kustomize | docker acme/a | 1.10",
            f"kustomization.yaml:5 | kustomize | docker acme/b | 1.0@{DIGEST[:15]}",
        ),
    ),
    # Renovate: none.
    "33 kustomize, files of others": Vector(
        files={
            "kustomization.yaml": f"{KUSTOMIZATION}resources:\n"
            "  - https://raw.githubusercontent.com/argoproj/argo-cd/v2.8.0/manifests/install.yaml\n"
            "  - https://github.com/cert-manager/cert-manager/releases/download/v1.13.0/cert-manager.yaml\n"
        },
        found=(
            "kustomization.yaml:4 | kustomize | github-tags argoproj/argo-cd | v2.8.0",
            "kustomization.yaml:5 | kustomize | github-releases cert-manager/cert-manager | v1.13.0",
        ),
    ),
    "34 kustomize, directories of others": Vector(
        files={
            "kustomization.yaml": f"{KUSTOMIZATION}resources:\n  - github.com/acme/a/deploy?ref=v1.0.0\n"
            "  - git@github.com:acme/b.git?ref=v1.0.0\n  - https://github.com/acme/c?ref=v1.0.0&timeout=90s\n"
        },
        found=(
            "kustomization.yaml:4 | kustomize | github-tags acme/a | v1.0.0",
            "kustomization.yaml:5 | kustomize | github-tags acme/b | v1.0.0",
            "kustomization.yaml:6 | kustomize | github-tags acme/c | v1.0.0",
        ),
    ),
    # Renovate: the chart only.
    "35 kustomize, values of a chart": Vector(
        files={
            "kustomization.yaml": f"{KUSTOMIZATION}helmCharts:\n  - name: shop\n    repo: https://charts.example.com\n"
            "    version: 1.0.0\n    valuesInline: {image: {repository: acme/web, tag: '2.0'}}\n"
        },
        found=(
            "kustomization.yaml:6 | kustomize | helm shop | 1.0.0",
            "kustomization.yaml:7 | kustomize | docker acme/web | 2.0",
        ),
    ),
    "36 Flux, a release with values": Vector(
        files={
            "repo.yaml": f"{REPOSITORY}metadata: {{name: r, namespace: flux-system}}\n"
            "spec: {url: https://charts.example.com}\n",
            "release.yaml": f"{RELEASE}metadata: {{name: a, namespace: apps}}\nspec:\n  chart:\n    spec:\n"
            "      chart: shop\n      version: 1.0.0\n"
            "      sourceRef: {kind: HelmRepository, name: r, namespace: flux-system}\n"
            "  values: {image: {repository: acme/web, tag: '2.0'}}\n",
        },
        found=(
            "release.yaml:8 | flux | helm shop | 1.0.0",
            "release.yaml:10 | flux | docker acme/web | 2.0",
        ),
    ),
    # Renovate: unknown-registry.
    "37 Flux, no namespaces": Vector(
        files={
            "repo.yaml": f"{REPOSITORY}metadata: {{name: r}}\nspec: {{url: https://charts.example.com}}\n",
            "release.yaml": f"{RELEASE}metadata: {{name: a}}\nspec:\n  chart:\n"
            "    spec: {chart: shop, version: 1.0.0, sourceRef: {kind: HelmRepository, name: r}}\n",
        },
        found=("release.yaml:6 | flux | helm shop | 1.0.0",),
    ),
    # Renovate: unversioned-reference.
    "38 Flux, ranges": Vector(
        files={
            "a.yaml": "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: a}\n"
            "spec: {url: oci://ghcr.io/acme/manifests, ref: {semver: 1.x}}\n",
            "b.yaml": "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: a}\n"
            "spec: {url: https://github.com/acme/config, ref: {semver: '>=1.0.0 <2.0.0'}}\n",
        },
        found=(
            "a.yaml:4 | flux | docker ghcr.io/acme/manifests | 1.x",
            "b.yaml:4 | flux | github-tags acme/config | >=1.0.0 <2.0.0",
        ),
    ),
    "39 Terraform, a lock file of OpenTofu": Vector(
        files={
            "main.tf": "terraform {\n  required_providers {\n"
            '    aws = { source = "hashicorp/aws", version = "~> 5.0" }\n  }\n}\n',
            ".terraform.lock.hcl": 'provider "registry.opentofu.org/hashicorp/aws" {\n  version     = "5.10.0"\n'
            '  constraints = "~> 5.0"\n  hashes = [\n    "h1:x=",\n  ]\n}\n',
        },
        found=(
            ".terraform.lock.hcl:2 | terraform-lock | terraform-provider hashicorp/aws | 5.10.0",
            "main.tf:3 | terraform | terraform-provider hashicorp/aws | ~> 5.0",
        ),
    ),
    # Renovate: the literal ${local.v}.
    "40 Terraform, a local": Vector(
        files={
            "main.tf": 'locals {\n  v = "1.0.0"\n}\nmodule "a" {\n  source  = "acme/vpc/aws"\n  version = local.v\n}\n'
        },
        found=("main.tf:2 | terraform | terraform-module acme/vpc/aws | 1.0.0",),
    ),
    # Renovate: the whole file skipped.
    "41 Terraform, a syntax error": Vector(
        files={
            "main.tf": 'module "a" {\n  source = "acme/a/aws"\n  version = = "1.0.0"\n}\n\n'
            'module "b" {\n  source  = "acme/b/aws"\n  version = "1.0.0"\n}\n'
        },
        found=(
            'main.tf:1 | terraform | - module "a" | syntax error in line 3: unexpected “=”',
            "main.tf:8 | terraform | terraform-module acme/b/aws | 1.0.0",
        ),
    ),
    "42 Terraform, modules in Git": Vector(
        files={
            "main.tf": 'module "a" {\n  source = "git@gitlab.com:g/sub/repo.git//mod?ref=1.0.0"\n}\n'
            'module "b" {\n  source = "git::https://git.example.com/a/b.git//mod?ref=v1.2.3&depth=1"\n}\n'
        },
        found=(
            "main.tf:2 | terraform | gitlab-tags g/sub/repo | 1.0.0",
            "main.tf:5 | terraform | git-tags https://git.example.com/a/b.git | v1.2.3",
        ),
    ),
    # Renovate: not read.
    "43 root.hcl": Vector(
        files={"root.hcl": 'terraform {\n  source = "git::https://github.com/acme/vpc.git//mod?ref=v1.0.0"\n}\n'},
        found=("root.hcl:2 | terragrunt | github-tags acme/vpc | v1.0.0",),
    ),
}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=list(VECTORS))
def test_vector(vector: Vector, tmp_path: Path) -> None:
    """A scan finds exactly what the vector says."""
    for path, text in vector.files.items():
        (tmp_path / path).write_text(text)

    assert [line.removesuffix(" | -").removesuffix(" | locked") for line in labels(scanned(tmp_path))] == list(
        vector.found
    )


def test_vector_39_registry(tmp_path: Path) -> None:
    """The lock file tells which registry is asked."""
    for path, text in VECTORS["39 Terraform, a lock file of OpenTofu"].files.items():
        (tmp_path / path).write_text(text)
    (provider,) = scanned(tmp_path).dependencies

    assert provider.package.registry_urls == ("https://registry.opentofu.org",)
