"""Images of GitHub's own runners: what `runs-on:` may name.

* Asks nobody: the table is part of this tool, as GitHub's documentation had it in 2026
  (https://docs.github.com/actions/reference/runners/github-hosted-runners,
  https://github.com/actions/runner-images#available-images).
* Authenticates nowhere.
* Brings the versions behind `ubuntu-`, `macos-` and `windows-`; those that are gone, or announced to go, are marked as
  deprecated. `latest` is no version. Sizes and processors are kept: `15-xlarge` is followed by `26-xlarge`.

Example: `ubuntu` → `22.04`, `24.04`, `24.04-arm`, …
"""

from updater.api import Client, NotFound, Package, Release, Releases

NAME = "github-runners"
VERSIONING = "docker"

_AVAILABLE = {
    "ubuntu": "22.04 22.04-arm 24.04 24.04-arm 26.04 26.04-arm",
    "macos": "15 15-intel 15-large 15-xlarge 26 26-intel 26-large 26-xlarge",
    "windows": "2022 2025 2025-vs2026 11-arm 11-vs2026-arm",
}
_DEPRECATED = {
    "ubuntu": "16.04 18.04 20.04",
    "macos": "10.15 11 12 12-large 12-xlarge 13 13-large 13-xlarge 14 14-large 14-xlarge",
    "windows": "2016 2019",
}


async def releases(package: Package, _client: Client) -> Releases:
    """All versions of the images of an operating system."""
    if package.name not in _AVAILABLE:
        raise NotFound(f"GitHub has no runners called {package.name}; it has {', '.join(_AVAILABLE)}", url="")
    available = (Release(version=version) for version in _AVAILABLE[package.name].split())
    deprecated = (Release(version=version, deprecated=True) for version in _DEPRECATED[package.name].split())
    return Releases(releases=(*available, *deprecated), source_url="https://github.com/actions/runner-images")
