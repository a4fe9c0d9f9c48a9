"""The version of Terraform or OpenTofu in `.terraform-version` and `.opentofu-version`.

These are the files of tfenv, tenv and tofuenv: one line like `1.9.5` or `v1.9.5`. It follows the releases of
github.com/hashicorp/terraform or github.com/opentofu/opentofu. What chooses a version by itself (`latest`,
`latest:^1.5`, `min-required`) is reported and left alone.
"""

from collections.abc import Iterator

from managers._terraform import engine_package
from managers._version_file import version_file
from updater.api import Extracted, SourceFile

NAME = "terraform-version"
FILES: tuple[str, ...] = (".terraform-version", ".opentofu-version")
MARKERS: tuple[str, ...] = ()
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The one version that the file holds."""
    package = engine_package(opentofu=file.path.endswith(".opentofu-version"))
    yield from version_file(file, manager=NAME, package=package)
