"""How a registry's answer is read for a dependency: which text is the version, and which scheme reads it."""

from collections.abc import Callable
from functools import lru_cache

from updater import versioning
from updater.config.patterns import compile_pattern, compile_regex
from updater.model import Releases, Tracked
from updater.versioning._scheme import Scheme
from updater.versioning.listing import Extract, Listed, Listing


def listing_of(tracked: Tracked, releases: Releases) -> Listing:
    """The releases as the dependency's versioning reads them. Raises ``PatternError``."""
    return Listing(releases, versioning.get(tracked.versioning), extract_of(tracked))


def pattern_of(tracked: Tracked) -> str | None:
    """The user's ``extractVersion``."""
    return tracked.policy.extract_version or tracked.dependency.extract_version


def extract_of(tracked: Tracked) -> Extract | None:
    """How a registry's version becomes one of the dependency's: ``extractVersion``, or less a tag's leading ``v``.

    Raises ``PatternError``.
    """
    pattern = pattern_of(tracked)
    if pattern:
        return _extractor(pattern)
    return _without_v if tracked.versioning == "hashicorp" else None


def _without_v(version: str) -> str:
    return version.removeprefix("v")


@lru_cache(maxsize=64)
def _extractor(pattern: str) -> Extract:
    """Raises ``PatternError`` for what RE2 refuses."""
    compiled = compile_regex(pattern)

    def extract(version: str) -> str | None:
        match = compiled.search(version)
        return match.groupdict().get("version") if match else None

    return extract


def allowed_test(allowed: str | None, scheme: Scheme) -> Callable[[Listed], bool] | None:
    """The test that ``allowedVersions`` stands for."""
    if not allowed:
        return None
    if allowed.startswith(("/", "!/")):
        test = compile_pattern(allowed)
        return lambda listed: test(listed.text)
    return lambda listed: scheme.admits(allowed, listed.version)
