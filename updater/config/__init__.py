"""The configuration: finding it, understanding it, and answering what it says about a dependency.

``load`` reads a ``renovate.json`` (or ``updater.json``) as its users mean it and gives a ``Config``; ``Config.policy``
answers what applies to one dependency or update. See ``docs/config.md`` for the options.
"""

from updater.config.load import FILE_NAMES, Config, Place, load, parse
from updater.config.options import ManagerOptions, Policy, RepositoryOptions
from updater.config.problems import InvalidConfig, Problem
from updater.config.remote import File, Home
from updater.config.subject import Subject

__all__ = [
    "FILE_NAMES",
    "Config",
    "File",
    "Home",
    "InvalidConfig",
    "ManagerOptions",
    "Place",
    "Policy",
    "Problem",
    "RepositoryOptions",
    "Subject",
    "load",
    "parse",
]
