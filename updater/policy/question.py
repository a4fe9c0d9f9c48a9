"""What every rule is asked about."""

from collections.abc import Callable
from dataclasses import dataclass

from updater.api import Versioning
from updater.config import Policy
from updater.model import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether ``current`` (a version, already in use) may be followed by ``version``, under this policy.

    ``current_release`` is what the registry says about the version in use, None where it does not list it.
    ``is_allowed`` tests a version against ``allowedVersions``; None where that is not set.
    """

    release: Release
    version: str
    current: str
    current_release: Release | None
    versioning: Versioning
    policy: Policy
    is_allowed: Callable[[str], bool] | None = None
