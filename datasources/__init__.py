"""Plugins: one module asks one kind of registry. ``BUILTIN`` is what the entry point ``updater.datasources`` names."""

from datasources import (
    docker,
    git_refs,
    git_tags,
    github_releases,
    github_tags,
    helm,
    terraform_module,
    terraform_provider,
)
from updater.api import Datasource

BUILTIN: tuple[Datasource, ...] = (
    docker,
    git_refs,
    git_tags,
    github_releases,
    github_tags,
    helm,
    terraform_module,
    terraform_provider,
)
