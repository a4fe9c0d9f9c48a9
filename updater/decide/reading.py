"""How a registry's answer is read for a dependency: which text is the version, and which scheme reads it."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import NamedTuple

from updater import versioning
from updater.config.patterns import compile_pattern, compile_regex
from updater.model.lookup import Releases
from updater.model.track import Tracked
from updater.versioning._scheme import Scheme
from updater.versioning.listing import Extract, Listed, Listing


def listing_of(tracked: Tracked, releases: Releases) -> Listing:
    """The releases as the dependency's versioning reads them. Raises ``PatternError``."""
    return Listing(releases, versioning.get(tracked.versioning), extract_of(tracked))


class Written(NamedTuple):
    """A value: the version in it, and what stands around that and has to stay (``versionCompatibility``)."""

    version: str
    before: str = ""
    behind: str = ""
    compatibility: str | None = None

    def with_version(self, version: str) -> str:
        """The value with another version in it."""
        return self.before + version + self.behind


def written_of(tracked: Tracked) -> Written:
    """The dependency's value, taken apart. Raises ``PatternError``."""
    value, pattern = tracked.dependency.current_value or "", tracked.policy.version_compatibility
    return (_split(pattern, value) if pattern else None) or Written(value)


def way_of_reading(tracked: Tracked) -> Hashable:
    """All that decides how a list is read for a dependency. Raises ``PatternError``."""
    compatibility = tracked.policy.version_compatibility
    kept = written_of(tracked).compatibility if compatibility else None
    return tracked.versioning, _pattern_of(tracked), compatibility, kept


def extract_of(tracked: Tracked) -> Extract | None:
    """How a registry's version becomes one of the dependency's, by ``extractVersion`` and ``versionCompatibility``.

    Without either, a tag loses its leading ``v`` for ``hashicorp``. Raises ``PatternError``.
    """
    pattern = _pattern_of(tracked)
    extract = _extractor(pattern) if pattern else _without_v if tracked.versioning == "hashicorp" else None
    compatibility = tracked.policy.version_compatibility
    if not compatibility:
        return extract
    return _of_the_same_kind(compatibility, written_of(tracked).compatibility, extract)


def _pattern_of(tracked: Tracked) -> str | None:
    """The user's ``extractVersion``."""
    return tracked.policy.extract_version or tracked.dependency.extract_version


def _of_the_same_kind(pattern: str, compatibility: str | None, extract: Extract | None) -> Extract:
    def read(name: str) -> str | None:
        text = extract(name) if extract is not None else name
        written = _split(pattern, text) if text is not None else None
        return written.version if written is not None and written.compatibility == compatibility else None

    return read


def _split(pattern: str, value: str) -> Written | None:
    match = compile_regex(pattern).search(value)
    groups = match.groupdict() if match else {}
    if match is None or groups.get("version") is None:
        return None
    start, end = match.span(match.re.groupindex["version"])
    return Written(match["version"], value[:start], value[end:], groups.get("compatibility") or None)


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
