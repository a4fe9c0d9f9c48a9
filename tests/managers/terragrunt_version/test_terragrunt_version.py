"""The manager of `.terragrunt-version`."""

from managers import terragrunt_version
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def test_version() -> None:
    """The one version of the file follows the releases of Terragrunt."""
    file = SourceFile(path=".terragrunt-version", text="0.67.4\n")
    assert found(terragrunt_version, file) == [(1, "gruntwork-io/terragrunt", "0.67.4")]


def test_latest() -> None:
    """What chooses a version by itself is listed."""
    file = SourceFile(path=".terragrunt-version", text="latest:^0.6\n")
    assert skipped(terragrunt_version, file) == [(1, "gruntwork-io/terragrunt", "follows the newest release")]
