"""How versions are written, ordered and constrained: one scheme per module, loaded when it is asked for.

Every scheme meets :class:`updater.api.Versioning`. ``regex:<pattern>`` makes one of a pattern of the user's.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from updater.errors import UpdaterError

if TYPE_CHECKING:
    from updater.versioning._scheme import Scheme

_MODULES: Mapping[str, str] = {
    "calver": "updater.versioning.calver",
    "debian": "updater.versioning.debian",
    "docker": "updater.versioning.docker",
    "exact": "updater.versioning.exact",
    "git": "updater.versioning.git",
    "github-actions": "updater.versioning.github_actions",
    "hashicorp": "updater.versioning.hashicorp",
    "helm": "updater.versioning.helm",
    "kubernetes-api": "updater.versioning.kubernetes_api",
    "loose": "updater.versioning.loose",
    "maven": "updater.versioning.maven",
    "npm": "updater.versioning.npm",
    "pep440": "updater.versioning.pep440",
    "same-major": "updater.versioning.same_major",
    "semver": "updater.versioning.semver",
    "semver-coerced": "updater.versioning.semver_coerced",
    "semver-partial": "updater.versioning.semver_partial",
    "ubuntu": "updater.versioning.ubuntu",
}

NAMES: tuple[str, ...] = tuple(sorted(_MODULES))
"""The names that :func:`get` knows, besides ``regex:<pattern>``."""


class UnknownVersioning(UpdaterError):
    """The configuration or a plugin names a versioning that does not exist, or whose pattern cannot be used."""


def get(name: str) -> "Scheme":
    """The scheme called ``name``. Raises ``UnknownVersioning`` with what may have been meant."""
    if name.startswith("regex:"):
        return _of_pattern(name.removeprefix("regex:"))
    if name not in _MODULES:
        raise UnknownVersioning(f"There is no versioning {name!r}: {_suggestion(name)}")
    return cast("Scheme", import_module(_MODULES[name]).SCHEME)


def why_unknown(name: str) -> str | None:
    """Why there is no scheme called ``name``, or None; loads nothing but a pattern of the user's."""
    if name in _MODULES:
        return None
    try:
        get(name)
    except UnknownVersioning as error:
        return str(error)
    return None


def _of_pattern(pattern: str) -> "Scheme":
    try:
        return cast("Scheme", import_module("updater.versioning.regex").scheme(pattern))
    except ValueError as error:
        raise UnknownVersioning(f"The versioning 'regex:{pattern}' cannot be used: {error}") from error


def _suggestion(name: str) -> str:
    from difflib import get_close_matches  # here, because most names are known

    close = get_close_matches(name, NAMES, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(NAMES)} and regex:<pattern>."
