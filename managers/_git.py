"""Git repositories and revisions as manifests write them."""

import re

from updater.api import Package

_GITHUB = re.compile(
    r"(?:(?:https?|ssh|git)://)?(?:[\w.-]+(?::[^@/]*)?@)?(?:www\.)?github\.com[/:](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?(?:/.*)?"
)
_CREDENTIALS = re.compile(r"(https?://)[^@/]*@")
_COMMIT = re.compile(r"[0-9a-f]{40}|(?=[0-9]*[a-f])[0-9a-f]{7,39}")
_BRANCH = re.compile(
    r"refs/heads/.*|(?:release|releases|stable|support|feature|hotfix|bugfix|fix)[/-](?!v?\d+\.\d+\.\d).*"
)
_BRANCHES = frozenset(("", "HEAD", "main", "master", "develop", "development", "trunk", "latest", "next", "stable"))
_RANGE = re.compile(r"(?=[vV\d*^~<>=])(?=.*(?:[*^~<>=|]|\.[xX](?:\.|$)))[\w.*^~<>=|,\s+-]*\d[\w.*^~<>=|,\s+-]*|\*")
_VERSION = re.compile(r"[vV]?\d+(?:\.\d+)*(?:[-+._]?[0-9A-Za-z][0-9A-Za-z.+_-]*)?")
_PREFIXED_VERSION = re.compile(r"[A-Za-z][\w./@-]*?[-_/@][vV]?\d+\.\d[0-9A-Za-z.+_-]*")
_MAX_LENGTH = 128


def github_repository(url: str) -> str | None:
    """``owner/repository`` of an address at github.com, in any of Git's forms; None for others."""
    match = _GITHUB.fullmatch(url)
    return match["name"] if match else None


def git_package(url: str) -> Package:
    """The tags of any repository, asked for with Git itself. Credentials in the address do not become part of it."""
    return Package(datasource="git-tags", name=_CREDENTIALS.sub(r"\1", url, count=1))


def github_package(name: str) -> Package:
    """The tags of the repository ``owner/name`` at github.com."""
    return Package(datasource="github-tags", name=name)


def is_range(revision: str) -> bool:
    """Whether the revision admits several versions (``1.*``, ``1.x``, ``~1.2``, ``>=1 <2``)."""
    return len(revision) <= _MAX_LENGTH and _RANGE.fullmatch(revision) is not None


def why_not_a_tag(revision: str) -> str | None:
    """Why ``revision`` cannot be moved to a newer tag; None if it is a tag that carries a version, or a range."""
    if len(revision) > _MAX_LENGTH:
        return "not version-like"
    if revision in _BRANCHES or _BRANCH.fullmatch(revision):
        return "follows a branch"
    if _COMMIT.fullmatch(revision):
        return "pinned to a commit"
    is_version = any(shape.fullmatch(revision) for shape in (_VERSION, _PREFIXED_VERSION, _RANGE))
    return None if is_version else "not version-like"
