"""The managers: one module for each kind of file that holds versions.

``index.json`` says of each what it looks for, so that a scan loads only those for which there is something to read.
``./dev docs`` makes it from the modules.
"""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from updater.api import CustomManager, Manager

if TYPE_CHECKING:
    BUILTIN: tuple[Manager, ...]
    CUSTOM: tuple[CustomManager, ...]

MODULES = (
    "annotations",  # first, because of two that find the same place the first one is believed
    "ansible",
    "ansible_galaxy",
    "argocd",
    "asdf",
    "atlantis",
    "azure_pipelines",
    "bitbucket_pipelines",
    "buildkite",
    "circleci",
    "cloud_build",
    "crossplane",
    "devcontainer",
    "docker_compose",
    "dockerfile",
    "drone",
    "fleet",
    "flux",
    "github_actions",
    "gitlab_ci",
    "gitlab_ci_include",
    "helm_chart",
    "helm_lock",
    "helm_requirements",
    "helm_values",
    "helmfile",
    "helmsman",
    "jenkins",
    "jsonnet_bundler",
    "kubernetes",
    "kustomize",
    "mise",
    "nomad",
    "packer",
    "pre_commit",
    "quadlet",
    "renovate_config",
    "scripts",
    "skaffold",
    "sveltos",
    "talos",
    "tekton",
    "templates",
    "terraform",
    "terraform_lock",
    "terraform_version",
    "terragrunt",
    "terragrunt_version",
    "tflint_plugin",
    "vendir",
    "woodpecker",
    "zarf",
)
CUSTOM_MODULES = ("regex", "jsonata", "yaml_paths")


def __getattr__(name: str) -> object:
    """``BUILTIN`` and ``CUSTOM``, loaded when they are asked for."""
    match name:
        case "BUILTIN":
            return tuple(cast("Manager", import_module(f"managers.{module}")) for module in MODULES)
        case "CUSTOM":
            return tuple(cast("CustomManager", import_module(f"managers.{module}")) for module in CUSTOM_MODULES)
    raise AttributeError(name)
