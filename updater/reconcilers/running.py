"""Whether what runs, or what an object says should run, is what an update changed it to. Pure."""

import re
from collections.abc import Iterable

from updater.api import Change, image_package, parse_image
from updater.fields import scalars

IMAGES = "docker"
"""The datasource of container images."""


def images_settled(changes: Iterable[Change], listed: Iterable[str]) -> str | None:
    """What still stands against all changed images running and none of the old ones, in words; None if nothing does.

    An image of which neither the old nor the new version is ``listed`` says nothing: it may belong to a job, or to
    something that this target does not run.
    """
    running = _by_package(listed)
    for change in changes:
        versions = running.get(change.package.name, set()) if change.package.datasource == IMAGES else set()
        old, new = (_listed(versions, version) for version in (_old(change), _new(change)))
        if old and _old(change) != _new(change):
            return f"{change.package.name} {_shown(_old(change))} still runs" + (" beside the new one" if new else "")
    return None


def unmet(changes: Iterable[Change], spec: object) -> str | None:
    """The first change that an object's ``spec`` does not say, in words; None if it says all of them."""
    said = tuple(scalars(spec))
    for change in changes:
        for wanted in (change.new, change.new_digest):
            if wanted is not None and not _says(said, wanted):
                return f"its object does not say {change.package.name} {wanted} yet"
    return None


def _says(said: Iterable[str], wanted: str) -> bool:
    """Whether the version stands in one of the texts: as a whole, behind an image's name, or in values as text."""
    pattern = re.compile(rf"(?<![\w.-]){re.escape(wanted)}(?![\w.-])")
    return any(pattern.search(text) for text in said)


Version = tuple[str | None, str | None]
"""A tag and a digest, as far as they are known."""


def _old(change: Change) -> Version:
    return change.old, change.old_digest


def _new(change: Change) -> Version:
    return change.new, change.new_digest


def _by_package(listed: Iterable[str]) -> dict[str, set[Version]]:
    found: dict[str, set[Version]] = {}
    for image in listed:
        reference = parse_image(image)
        if reference is not None:
            versions = found.setdefault(image_package(reference.name).name, set())
            versions.add((reference.tag, reference.digest))
    return found


def _listed(versions: Iterable[Version], wanted: Version) -> bool:
    """Whether the wanted version is among those listed, as far as both tell: by digest, else by tag."""
    tag, digest = wanted
    return any(
        listed_digest == digest if digest and listed_digest else tag is not None and listed_tag == tag
        for listed_tag, listed_digest in versions
    )


def _shown(version: Version) -> str:
    tag, digest = version
    return tag or (digest or "")[:19]
