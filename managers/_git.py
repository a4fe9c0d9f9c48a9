"""Git repositories and revisions as people write them: which package an address is, and what a revision follows.

The home of both for all managers: :func:`git_package` reads addresses, :func:`git_file` those of single files,
:func:`why_not_a_tag` revisions, and :func:`revision` and :func:`repository` make dependencies of them.
"""

import re

from managers._images import SCATTERED, TEMPLATED
from managers._manifests import versionless
from managers._yaml import Scalar
from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

VARIABLE = "contains a variable"
BRANCH = "follows a branch"
COMMIT = "pinned to a commit"

# ---------------------------------------------------------------- addresses

_CREDENTIALS = re.compile(r"(https?://)[^@/]*@")
_ADDRESS = re.compile(
    r"""
    (?:git::|git\+)? (?:(?P<scheme>https?|ssh|git)://)? (?:[^@/\s]*+@)?
    (?P<host>[\w-]++(?:\.[\w-]++)++) (?P<port>:\d++(?=/))? [:/]/?+ (?P<path>[\w.~+%-]++(?:/{1,2}[\w.~+%@-]++)*+) /?+
    """,
    re.VERBOSE,
)
_END_OF_REPOSITORY = re.compile(r"\.git(?=/|$)|//|/-/")
_FORGES = (
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("codeberg.org", "forgejo"),
    ("forgejo", "forgejo"),
    ("gitea", "gitea"),
)
_WITHOUT_SERVER = {"github.com": "github", "gitlab.com": "gitlab", "gitea.com": "gitea", "bitbucket.org": "bitbucket"}
_ALIASES = {"www.github.com": "github.com", "ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}


def git_package(address: str, forge: str | None = None) -> Package:
    """The tags of a repository: asked of its forge, if the host's name tells which one it is, else with Git itself.

    ``address`` is in any of Git's forms, and may go on with a directory in the repository. Credentials in it do not
    become part of the package. ``forge`` is the kind of forge that a host of any other name is known to be.
    """
    match = _ADDRESS.fullmatch(address)
    found = _on_forge(match, forge) if match else None
    return found or Package(datasource="git-tags", name=without_credentials(address))


def without_credentials(address: str) -> str:
    """The address as it may be shown."""
    return _CREDENTIALS.sub(r"\1", address, count=1)


def git_address(package: Package) -> str | None:
    """The address at which Git itself finds the repository whose tags ``package`` is; None for all other packages."""
    forge, _, kind = package.datasource.rpartition("-")
    if kind != "tags":
        return None
    host = next((host for host, name in _WITHOUT_SERVER.items() if name == forge), None)
    server = package.registry_urls[0].rstrip("/") if package.registry_urls else host and f"https://{host}"
    return package.name if forge == "git" else f"{server}/{package.name}" if server else None


def _on_forge(address: re.Match[str], forge: str | None) -> Package | None:
    host = _ALIASES.get(address["host"].lower(), address["host"].lower())
    known = _WITHOUT_SERVER.get(host) or next((forge for word, forge in _FORGES if word in host), forge)
    parts = _END_OF_REPOSITORY.split(address["path"], maxsplit=1)[0].split("/")
    if known is None or len(parts) < 2 or host.endswith(".github.com"):
        return None
    name = "/".join(parts if known == "gitlab" else parts[:2])
    if host in _WITHOUT_SERVER:
        return Package(datasource=f"{known}-tags", name=name)
    is_web = address["scheme"] in ("http", "https")
    server = f"{address['scheme']}://{host}{address['port'] or ''}" if is_web else f"https://{host}"
    return Package(datasource=f"{known}-tags", name=name, registry_urls=(server,))


# ---------------------------------------------------------------- files behind addresses

_OWNER = r"(?P<owner>[^/?#]+/[^/?#]+)"
_AT = r"(?:refs/(?:tags|heads)/)?(?P<version>[^/?#]+)/."
_RELEASES = re.compile(rf"https?://github\.com/{_OWNER}/releases/download/(?P<version>[^/?#]+)/.")
_AT_GITHUB = (
    re.compile(rf"https?://raw\.githubusercontent\.com/{_OWNER}/{_AT}"),
    re.compile(rf"https?://github\.com/{_OWNER}/(?:raw|blob|tree)/{_AT}"),
    re.compile(rf"https?://github\.com/{_OWNER}/archive/(?:refs/tags/)?(?P<version>[^/?#]+?)\.(?:tar\.gz|tgz|zip)"),
    re.compile(r"https?://cdn\.jsdelivr\.net/gh/(?P<owner>[^/?#]+/[^/?#@]+)@(?P<version>[^/?#]+)/."),
)
_ELSEWHERE = (
    ("gitlab", re.compile(rf"(?P<repository>https?://[^/?#]+/[^?#]+?)/-/(?:raw|blob)/{_AT}")),
    ("gitea", re.compile(r"(?P<repository>https?://[^/?#]+/[^/?#]+/[^/?#]+)/raw/tag/(?P<version>[^/?#]+)/.")),
    (None, re.compile(rf"(?P<repository>https?://[^/?#]+/[^?#]+?)/raw/(?!(?:tag|branch|commit)/){_AT}")),
)


_PARTS_OF_FILES = ("raw", "/blob/", "/tree/", "/archive/", "/releases/download/", "//cdn.jsdelivr.net/gh/")
"""One of these stands in every such address."""


def git_file(address: str) -> tuple[Package, Span] | None:
    """What has the versions of a single file at a forge, and where in its address the version stands.

    A file that was attached to a release of GitHub follows the releases, any other one the tags of its repository.
    """
    if not any(part in address for part in _PARTS_OF_FILES):
        return None
    if match := _RELEASES.match(address):
        return Package(datasource="github-releases", name=match["owner"]), Span(*match.span("version"))
    for pattern in _AT_GITHUB:
        if match := pattern.match(address):
            return Package(datasource="github-tags", name=match["owner"]), Span(*match.span("version"))
    for forge, pattern in _ELSEWHERE:
        if match := pattern.match(address):
            return git_package(match["repository"], forge), Span(*match.span("version"))
    return None


# ---------------------------------------------------------------- revisions

_COMMIT = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?|(?=[0-9]*[a-f])[0-9a-f]{7,39}|[0-9]{7}")
"""Seven digits are more often the beginning of a commit than a tag; eight are a date."""
_BRANCH = re.compile(
    r"refs/heads/.*|(?:release|releases|stable|support|feature|hotfix|bugfix|fix)[/-](?!v?\d+\.\d+\.\d).*"
)
_BRANCHES = frozenset(("", "HEAD", "main", "master", "develop", "development", "trunk", "latest", "next", "stable"))
_RANGE = re.compile(r"(?=[vV\d*^~<>=])(?=.*(?:[*^~<>=|]|\.[xX](?:\.|$)))[\w.*^~<>=|,\s+-]*\d[\w.*^~<>=|,\s+-]*|\*")
_VERSION = re.compile(r"[vV]?\d+(?:\.\d+)*(?:[-+._]?[0-9A-Za-z][0-9A-Za-z.+_-]*)?")
_PREFIXED_VERSION = re.compile(r"[A-Za-z][\w./@-]*?[-_/@][vV]?\d+\.\d[0-9A-Za-z.+_-]*")
_MAX_LENGTH = 128


def is_range(text: str) -> bool:
    """Whether a revision admits several versions (``1.*``, ``1.x``, ``~1.2``, ``>=1 <2``)."""
    return len(text) <= _MAX_LENGTH and _RANGE.fullmatch(text) is not None


def why_not_a_tag(text: str) -> str | None:
    """Why a revision cannot be moved to a newer tag; None if it is a tag that carries a version, or a range."""
    if len(text) > _MAX_LENGTH:
        return "not version-like"
    if text in _BRANCHES or _BRANCH.fullmatch(text):
        return BRANCH
    if _COMMIT.fullmatch(text):
        return COMMIT
    is_version = any(shape.fullmatch(text) for shape in (_VERSION, _PREFIXED_VERSION, _RANGE))
    return None if is_version else "not version-like"


# ---------------------------------------------------------------- revisions in files

_BEHIND = r"""
    [ \t\r\]},"']*+ \#+ [ \t]*+                                # behind the value, and what closes it
    (?:(?:renovate|frozen):[ \t]*+)?
    (?:(?i:tag|version|release|ref|pin|pinned|branch)(?:[ \t]*+[=:][ \t]*+|[ \t]++|(?=@)))?
    (?:ratchet:)? (?:[\w.-]++(?:/[\w.-]++)++@|@|\(|refs/(?:tags|heads)/)?
"""
_VERSION_BEHIND = re.compile(
    _BEHIND
    + r"""
    (?P<version>
        v\d+(?:\.\d+)*+(?:[-+._][0-9A-Za-z.+_-]*[0-9A-Za-z])?
        | \d+(?:\.\d+)++(?:(?:a|b|rc)\d++|[-+][0-9A-Za-z.+_-]*[0-9A-Za-z])?
        | \d++(?=\s*+$)
        | [A-Za-z][\w.]*+(?:[-/](?!v?\d)[\w.]++)*+[-/@]v?\d+(?:\.\d+)++
    )
    (?=[\s,;:()]|\.?$|\.\s)
    """,
    re.VERBOSE,
)
_NOTHING_BUT_COMMENT = re.compile(r"[ \t]*\r?|[ \t]+#.*", re.DOTALL)
_NAME_BEHIND = re.compile(_BEHIND + r"(?P<name>[\w./-]++) (?=\s*+$)", re.VERBOSE)


def revision(
    file: SourceFile,
    *,
    manager: str,
    name: str,
    package: Package,
    at: Span,
    dep_type: str | None = None,
    versioning: str | None = None,
    comment_at: int | None = None,
    name_at: Span | None = None,
) -> Extracted:
    """The tag, branch or commit at ``at`` of the repository that ``package`` names.

    A commit whose version stands in a comment behind it, as pinning tools write it, is that version with a digest; if
    it is a branch that stands there, the commit moves with the branch. A tag can be pinned to its commit if there is a
    place for such a comment, ``comment_at``.
    """
    text = file.text[at.start : at.end]
    reason = VARIABLE if "$" in text else why_not_a_tag(text)
    value, digest = at, None
    if reason == COMMIT and (comment := version_behind(file.text, at.end)):
        reason, value, digest = None, comment, at
    elif reason == COMMIT and (branch := _branch_behind(file.text, at.end)) and (address := git_address(package)):
        package = Package(datasource="git-refs", name=address)
        reason, value, digest, versioning = None, branch, at, None
    elif reason is None and is_range(text):  # a revision is taken by its name: no forge resolves ranges
        reason = BRANCH
    if reason is not None:
        datasource = package.datasource
        return skipped(file, manager=manager, reason=reason, at=at, name=name, datasource=datasource, dep_type=dep_type)
    return dependency(
        file,
        manager=manager,
        name=name,
        package=package,
        value=value,
        digest=digest,
        pinnable=digest is None and comment_at is not None,
        comment_at=comment_at if digest is None else None,
        versioning=versioning,
        dep_type=dep_type,
        name_at=name_at,
    )


def repository(
    file: SourceFile,
    *,
    manager: str,
    url: Scalar,
    at: Scalar | None,
    package: Package | None = None,
    dep_type: str | None = None,
) -> Extracted:
    """The repository at ``url`` with the tag (or another revision, which is not managed) that is written at ``at``.

    ``package`` is what to look up, if not the tags of the address as it is written.
    """
    package = package or git_package(url.text)
    if at is None or not at.has_text:
        return versionless(
            file, url, manager=manager, reason="no version", datasource=package.datasource, dep_type=dep_type
        )
    reason = _why_unmanageable(url, at)
    if reason is None and at.span is not None:
        return revision(file, manager=manager, name=package.name, package=package, at=at.span, dep_type=dep_type)
    return skipped(
        file,
        manager=manager,
        reason=reason or SCATTERED,
        at=at.span or at.where,
        name=package.name,
        datasource=package.datasource,
        dep_type=dep_type,
    )


def _why_unmanageable(url: Scalar, at: Scalar) -> str | None:
    if url.is_templated or at.is_templated:
        return TEMPLATED
    if url.text.removeprefix("git+").startswith(("file:", "/", ".")):
        return "local path"
    return VARIABLE if "$" in url.text else None


def version_behind(text: str, end: int) -> Span | None:
    """The version in the comment that follows a commit on its line.

    Read is what people and pinning tools write: ``# v4.1.2``, ``# tag=v4``, ``# pin @v4``, ``# frozen: v4``,
    ``# ratchet:owner/name@v4``, ``# renovate: tag=v4``.
    """
    match = _VERSION_BEHIND.match(text, end, _line_end(text, end))
    return Span(*match.span("version")) if match else None


def place_for_version(text: str, value: Span) -> int | None:
    """Where the version at ``value`` could stand as a comment, were a commit in its place; None if there is no place.

    That is behind the value and its closing quote, if nothing but a comment follows on the line, and if what is written
    there would be read again as that version.
    """
    end = value.end + (text[value.end : value.end + 1] in ("'", '"'))
    rest = text[end : _line_end(text, end)]
    if _NOTHING_BUT_COMMENT.fullmatch(rest) is None:
        return None
    version = text[value.start : value.end]
    line = f" # {version}{rest}"
    found = version_behind(line, 0)
    return end if found is not None and line[found.start : found.end] == version else None


def _branch_behind(text: str, end: int) -> Span | None:
    """The branch in the comment that follows a commit on its line, if its name tells that it is one."""
    match = _NAME_BEHIND.match(text, end, _line_end(text, end))
    return Span(*match.span("name")) if match and why_not_a_tag(match["name"]) == BRANCH else None


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
