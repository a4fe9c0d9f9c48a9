"""Plugins: one module asks one kind of registry. ``BUILTIN`` is what the entry point ``updater.datasources`` names."""

from datasources import docker, helm
from updater.api import Datasource

BUILTIN: tuple[Datasource, ...] = (docker, helm)
