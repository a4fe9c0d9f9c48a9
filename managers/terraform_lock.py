"""Dependency lock files of Terraform and OpenTofu (`.terraform.lock.hcl`).

Reads the selected version, the recorded constraints and the hashes of every provider. They are not updated on their
own: when a provider in the same directory moves, its entry moves with it, with the same kinds of hashes as before.

In rules the lock file goes by the name `terraform-lock`, the configuration by `terraform`.

Format: https://developer.hashicorp.com/terraform/language/files/dependency-lock
"""

import re
from collections.abc import Iterator

from managers._hcl import Block, Expression, List, Literal, read
from managers._terraform import Configuration, Place, problems, provider_package
from updater.api import Extracted, LockEntry, SourceFile, Span

NAME = "terraform-lock"
FILES: tuple[str, ...] = (".terraform.lock.hcl",)
MARKERS: tuple[str, ...] = ("provider",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_WANTED = re.compile(r"provider\b")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """A lock entry for each provider, and a reason for each that cannot be read."""
    document = read(file.text, _WANTED)
    lock = Configuration.alone(NAME, file, document)
    for block in document.blocks:
        yield _entry(lock, block)
    yield from problems(file, document, NAME)


def _entry(lock: Configuration, block: Block) -> Extracted:
    address = " ".join(block.labels)
    package, version = provider_package(address), _plain(block.attributes.get("version"))
    if package is None or version is None:
        place = Place(name=address, dep_type="provider", within=block.span)
        return lock.unmanaged("not a provider's address" if package is None else "no version", place)
    constraints, hashes = _plain(block.attributes.get("constraints")), block.attributes.get("hashes")
    return LockEntry(
        manager=NAME,
        path=lock.file.path,
        line=lock.file.line_of(version.start),
        package=package,
        version=lock.text(version),
        version_span=version,
        constraints=lock.text(constraints) if constraints else None,
        constraints_span=constraints,
        hashes=tuple(_hashes(lock, hashes)),
        hashes_span=Span(hashes.span.start + 1, hashes.span.end - 1) if isinstance(hashes, List) else None,
    )


def _plain(expression: Expression | None) -> Span | None:
    return expression.span if isinstance(expression, Literal) and not expression.interpolated else None


def _hashes(lock: Configuration, expression: Expression | None) -> Iterator[str]:
    if isinstance(expression, List):
        yield from (lock.text(item.span) for item in expression.items if isinstance(item, Literal))
