"""The grammar of a module's ``source`` argument, as far as it names something with versions.

https://developer.hashicorp.com/terraform/language/modules/sources and
https://opentofu.org/docs/language/modules/sources/. Spans are relative to the start of the parsed text.
"""

import re

from msgspec import Struct

from managers._git import git_package
from updater.api import Package, Span, image_package, parse_image

_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?"
_REGISTRY = re.compile(rf"(?:(?P<host>{_HOST})/)?(?P<name>[\w-]+/[\w-]+/[\w-]+)(?://.*)?")
_HAS_DOMAIN = re.compile(r".*[.:]|localhost$")
_URL = re.compile(rf"(?:https?|ssh|git)://(?:[^/@\s]*@)?{_HOST}/[^\s?]+")
_SCP = re.compile(rf"[A-Za-z0-9][\w.-]*@{_HOST}:[^\s?]+")
_SHORTHAND = re.compile(r"(?:github\.com[/:]|bitbucket\.org/)[^/\s?]+/[^\s?]+")
ARCHIVE = "an archive, which has no list of versions"

_ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar")
_ARGUMENT = {
    "ref": re.compile(r"[?&]ref=(?:(?:refs/)?tags/)?([^&\s]+)"),
    "tag": re.compile(r"[?&]tag=([^&\s]+)"),
    "digest": re.compile(r"[?&]digest=([^&\s]+)"),
}


class RegistrySource(Struct, frozen=True, kw_only=True):
    """A module in a registry: ``namespace/name/system``; ``host`` is None for the default registry."""

    name: str
    host: str | None


class GitSource(Struct, frozen=True, kw_only=True):
    """A module in a Git repository; ``ref`` is where the tag, branch or commit is written."""

    package: Package
    ref: Span | None


class OciSource(Struct, frozen=True, kw_only=True):
    """A module in an OCI registry."""

    package: Package
    tag: Span | None
    digest: Span | None


def is_local(path: str) -> bool:
    """Whether this is a path in the file system, relative or absolute, or one made of ``path.module``."""
    return path.startswith(("./", "../", ".\\", "..\\", "/", "${path.", "path."))


def is_archive(source: str) -> bool:
    """Whether ``source`` is one file to download, or a bucket."""
    location = source.partition("?")[0]
    return source.startswith(("s3::", "gcs::")) or location.endswith(_ARCHIVES) or "archive=" in source


def parse_source(source: str) -> RegistrySource | GitSource | OciSource | None:
    """What ``source`` names; None for archives, buckets, Mercurial, and what Terraform would not accept."""
    if source.startswith("oci://"):
        return _oci(source)
    address = _git_address(source)
    if address is not None:
        return _git(source, address)
    match = _REGISTRY.fullmatch(source)
    if match is None or (match["host"] and not _HAS_DOMAIN.match(match["host"])):
        return None
    return RegistrySource(name=match["name"], host=match["host"])


def _oci(source: str) -> OciSource | None:
    repository = source.removeprefix("oci://").partition("?")[0].partition("//")[0]
    image = parse_image(repository)
    if image is None or image.tag or image.digest:
        return None
    tag, digest = _argument("tag", source), _argument("digest", source)
    return OciSource(package=image_package(repository), tag=tag, digest=digest)


def _git_address(source: str) -> str | None:
    """The address of the repository in ``source``, without ``git::``, subdirectory and arguments."""
    location, _, arguments = source.removeprefix("git::").partition("?")
    scheme, separator, rest = location.rpartition("://")
    address = scheme + separator + rest.partition("//")[0]
    if _SCP.fullmatch(address):
        return address
    if _SHORTHAND.fullmatch(address):
        return f"https://{address.replace(':', '/', 1)}"
    is_git = source.startswith(("git::", "ssh://")) or address.endswith(".git") or "ref=" in arguments
    return address if is_git and _URL.fullmatch(address) else None


def _git(source: str, address: str) -> GitSource:
    return GitSource(package=git_package(address), ref=_argument("ref", source))


def _argument(name: str, source: str) -> Span | None:
    match = _ARGUMENT[name].search(source)
    return Span(*match.span(1)) if match else None
