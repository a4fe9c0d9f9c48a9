"""Plugins: one module asks one kind of registry. ``BUILTIN`` is what the entry point ``updater.datasources`` names."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from updater.api import Datasource

VERSIONINGS: Mapping[str, str] = {
    "azure-pipelines-tasks": "github-actions",
    "bitbucket-tags": "semver-coerced",
    "custom": "semver-coerced",
    "docker": "docker",
    "endoflife-date": "loose",
    "forgejo-releases": "semver-coerced",
    "forgejo-tags": "semver-coerced",
    "galaxy": "pep440",
    "galaxy-collection": "pep440",
    "git-refs": "git",
    "git-tags": "semver-coerced",
    "gitea-releases": "semver-coerced",
    "gitea-tags": "semver-coerced",
    "github-releases": "semver-coerced",
    "github-runners": "docker",
    "github-tags": "semver-coerced",
    "gitlab-releases": "semver-coerced",
    "gitlab-tags": "semver-coerced",
    "go": "semver",
    "helm": "helm",
    "jenkins-plugins": "maven",
    "kubernetes-api": "kubernetes-api",
    "npm": "npm",
    "orb": "npm",
    "pypi": "pep440",
    "terraform-module": "hashicorp",
    "terraform-provider": "hashicorp",
}
"""The datasources, each in the module of its name, with their default versionings: all that a scan needs of them."""


def __getattr__(name: str) -> "tuple[Datasource, ...]":
    """``BUILTIN``, loaded when it is asked for."""
    if name != "BUILTIN":
        raise AttributeError(name)
    modules = (import_module(f"datasources.{each.replace('-', '_')}") for each in VERSIONINGS)
    return tuple(cast("Datasource", module) for module in modules)
