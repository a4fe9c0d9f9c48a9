"""The version of Terragrunt in `.terragrunt-version`.

That is the file of tgenv, tgswitch and tenv: one line like `0.67.4` or `v0.67.4`. It follows the releases of
github.com/gruntwork-io/terragrunt. What chooses a version by itself (`latest`, `latest:^0.6`) is reported and left
alone.
"""

from collections.abc import Iterator

from managers._version_file import version_file
from updater.api import Extracted, Package, SourceFile

NAME = "terragrunt-version"
FILES: tuple[str, ...] = (".terragrunt-version",)
MARKERS: tuple[str, ...] = ()
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_TERRAGRUNT = Package(datasource="github-releases", name="gruntwork-io/terragrunt")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The one version that the file holds."""
    return version_file(file, manager=NAME, package=_TERRAGRUNT)
