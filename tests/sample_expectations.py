"""What there is to find in ``tests/sample``, and what the demo's registries have for it."""

from typing import NamedTuple


class Expected(NamedTuple):
    """A version that stands in a file.

    ``minor`` is the newest stable release of the same family within the current major version, ``major`` that of
    any higher one, whatever their age; None where there is none. For a range, "current" is its lower bound.
    """

    file: str
    manager: str
    dep_name: str
    current_value: str
    datasource: str
    minor: str | None
    major: str | None


class Locked(NamedTuple):
    """A provider in a lock file; ``minor`` and ``major`` as above."""

    file: str
    package: str
    version: str
    minor: str | None
    major: str | None


_PRODUCTION, _STAGING = "apps/production", "apps/staging"
_NGINX_1_27_0 = "sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
_NGINX_1_27_1 = "sha256:f7af37b7b3be834830398701ba294b179de7fe01d73d9918f480fc727ab4ce3e"

DEPENDENCIES = (
    # One image twice in a file: an init container runs the migrations of the same release.
    Expected(f"{_PRODUCTION}/api/deployment.yaml", "kubernetes", "ghcr.io/acme/api", "1.4.2", "docker", "1.6.0", None),
    Expected(f"{_PRODUCTION}/api/deployment.yaml", "kubernetes", "ghcr.io/acme/api", "1.4.2", "docker", "1.6.0", None),
    Expected(f"{_STAGING}/api/deployment.yaml", "kubernetes", "ghcr.io/acme/api", "1.5.0", "docker", "1.6.0", None),
    Expected(f"{_STAGING}/api/deployment.yaml", "kubernetes", "ghcr.io/acme/api", "1.5.0", "docker", "1.6.0", None),
)
