"""What the key in front of a value says about it: a version, an image, or one of the many numbers that are neither."""

import re
from enum import Enum
from functools import lru_cache


class Meaning(Enum):
    """What a value is, as far as its key tells."""

    VERSION = "a version"
    TAG = "a tag: almost any word may be one"
    REVISION = "a revision of Git"
    IMAGE = "an image"
    DIGEST = "a digest"
    USES = "something with its version behind an @"
    PLAIN = "nothing in particular"
    PROSE = "a text for people"
    OTHER = "a number, an address or the like, never a version"
    API = "an API version"
    FORMAT = "the version of a file format"
    PROTOCOL = "the version of a protocol"
    LABEL = "a label, which decides nothing"
    WRITER = "recorded by the program that wrote the file"
    BOUND = "a lower bound, not a choice"
    HISTORY = "says since when, or until when, there is something"


EXPLANATIONS = frozenset((
    Meaning.API, Meaning.FORMAT, Meaning.PROTOCOL, Meaning.LABEL, Meaning.WRITER, Meaning.BOUND, Meaning.HISTORY,
))  # fmt: skip
"""What is version-like, known, and nothing to update wherever it stands; the value is the reason."""

VERSION_LIKE = frozenset((Meaning.VERSION, Meaning.TAG, Meaning.REVISION, Meaning.IMAGE)) | EXPLANATIONS
"""Keys under which a bare number with a dot is a version."""

_WORD = re.compile(r"[A-Z]++(?![a-z])|[A-Z]?[a-z]++|[0-9]++")

_EXACT = {
    "apiversion": Meaning.API,
    "apigroupversion": Meaning.API,
    "apiversions": Meaning.API,
    "openapi": Meaning.FORMAT,
    "swagger": Meaning.FORMAT,
    "asyncapi": Meaning.FORMAT,
    "jsonrpc": Meaning.FORMAT,
    "pluginversion": Meaning.WRITER,
    "kubeversion": Meaning.BOUND,
    "policieskyvernoiominversion": Meaning.BOUND,
    "kyvernoiokubernetesversion": Meaning.BOUND,
    "resourceversion": Meaning.OTHER,
    "versionpriority": Meaning.OTHER,
    "groupversion": Meaning.API,
    "mimeversion": Meaning.PROTOCOL,
    "odataversion": Meaning.PROTOCOL,
    "versionadded": Meaning.HISTORY,
    "removalversion": Meaning.HISTORY,
    "requiresansible": Meaning.BOUND,
}
_LAST = {
    "version": Meaning.VERSION,
    "versions": Meaning.VERSION,
    "release": Meaning.VERSION,
    "tag": Meaning.TAG,
    "revision": Meaning.REVISION,
    "rev": Meaning.REVISION,
    "ref": Meaning.REVISION,
    "commit": Meaning.REVISION,
    "image": Meaning.IMAGE,
    "images": Meaning.IMAGE,
    "from": Meaning.IMAGE,
    "digest": Meaning.DIGEST,
    "uses": Meaning.USES,
    "task": Meaning.USES,
}  # fmt: skip
_TOOLS = frozenset((
    "go", "golang", "node", "nodejs", "python", "ruby", "java", "php", "rust", "dotnet", "terraform", "opentofu",
    "tofu", "terragrunt", "tflint", "packer", "vault", "helm", "helmfile", "kubectl", "kubernetes", "kustomize",
    "argocd", "flux", "sops",
))  # fmt: skip
"""Keys that name a program, as in ``python: 3.12``."""

_PROSE = frozenset((
    "description", "summary", "message", "title", "note", "notes", "comment", "help", "documentation", "reason",
    "changes",
))  # fmt: skip
_OTHER = frozenset((
    "ip", "ips", "cidr", "cidrs", "subnet", "subnets", "address", "addresses", "host", "hosts", "hostname", "port",
    "ports", "cpu", "memory", "timeout", "interval", "duration", "oid", "schema", "xmlns", "id", "uid", "uuid",
    "date", "time", "timestamp", "checksum", "sha1", "sha256", "md5", "hash",
))  # fmt: skip
_PROTOCOLS = frozenset((
    "tls", "ssl", "http", "protocol", "proto", "mqtt", "snmp", "ipv4", "ipv6", "smb", "nfs", "oauth2", "ldap",
))  # fmt: skip
_FORMATS = frozenset(("schema", "spec", "format", "file", "manifest", "config", "layout", "template"))
_BOUNDS = frozenset(("min", "minimum", "minimal"))


@lru_cache(maxsize=4096)
def words(key: str) -> tuple[str, ...]:
    """The words that a key is made of, in lower case: ``newImageTag`` → new, image, tag."""
    return tuple(word.lower() for word in _WORD.findall(key))


@lru_cache(maxsize=4096)
def meaning(key: str | None) -> Meaning:
    """What ``key`` makes of its value; a dotted path counts by its last part."""
    parts = words(key or "")
    if not parts:
        return Meaning.PLAIN
    known = _EXACT.get("".join(parts))
    if known is None and _is_label(key or ""):
        known = Meaning.LABEL
    return known or _by_words(parts)


def _is_label(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return bool(slash) and "." in prefix and name in ("version", "chart-version", "revision")


def _by_words(parts: tuple[str, ...]) -> Meaning:
    last = parts[-1]
    has_version = "version" in parts or "ver" in parts
    if has_version and not _PROTOCOLS.isdisjoint(parts):
        return Meaning.PROTOCOL
    if has_version and not _BOUNDS.isdisjoint(parts):
        return Meaning.BOUND
    if has_version and len(parts) > 1 and parts[-2] in _FORMATS:
        return Meaning.FORMAT
    if last in _LAST:
        return _LAST[last]
    if has_version:
        return Meaning.VERSION
    return _by_last_word(parts, last)


def _by_last_word(parts: tuple[str, ...], last: str) -> Meaning:
    if len(parts) == 1 and last in _TOOLS:
        return Meaning.VERSION
    if last in _PROSE:
        return Meaning.PROSE
    return Meaning.OTHER if last in _OTHER else Meaning.PLAIN
