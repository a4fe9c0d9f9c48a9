"""Versions that stand for their whole major version (``same-major``): ``6.0.300`` means 6.0.300 and all later 6.x.

For tools that roll forward by themselves, such as the SDK named in .NET's ``global.json``: only a new major version is
an update. With ``rangeStrategy: bump`` each new version is. Versions are read as by ``semver-coerced``.
https://docs.renovatebot.com/modules/versioning/same-major/
"""

from updater.versioning._scheme import Scheme, Version
from updater.versioning.semver_coerced import read


class _SameMajor(Scheme):
    def is_single(self, _value: str, /) -> bool:
        """No value names one version only."""
        return False

    def admits(self, range_: str, version: Version, /) -> bool:
        """Whether ``version`` is of the same major version and not older; or lies in a range of npm's."""
        start = self.read(range_)
        if start is None or start.family != version.family:
            return super().admits(range_, version)
        return version.components[0] == start.components[0] and version.key >= start.key

    def new_value(
        self, current_value: str, current_version: str | None, new_version: str, range_strategy: str, /
    ) -> str | None:
        """``new_version`` as it is published, if it is of another major version or is to be written all the same."""
        stays = range_strategy in ("replace", "widen") and self.matches(new_version, current_value)
        return None if stays else super().new_value(current_value, current_version, new_version, range_strategy)


SCHEME = _SameMajor("same-major", read)
