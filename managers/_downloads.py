"""What build files download: files of releases and repositories at forges, and those of a few well-known vendors."""

import re
from collections.abc import Iterator

from msgspec import Struct

from managers._composed import VARIABLE, Piece, Pieces, contributions, moving, text_of
from managers._git import BRANCH, git_file, git_package, why_not_a_tag
from managers._images import SCATTERED
from managers._kustomize_remote import located
from managers._tools import Tool, tool
from updater.api import Extracted, Package, Skipped, Span, dependency, skipped

CHECKSUM = "its checksum stands beside it"
TWICE = "the address holds the version twice"
UNLISTED = "no registry lists what is at this address"

_REPOSITORY = re.compile(r"(?P<address>(?:https?|git|ssh)://[^#?\s]+?\.git|git@[^#?\s]+)[#@](?P<version>[^:\s]+)")
_VENDORS = (
    (re.compile(r"https://releases\.hashicorp\.com/(?P<tool>[\w-]+)/(?P<version>[^/]+)/"), None),
    (re.compile(r"https://get\.helm\.sh/helm-(?P<version>v?\d[\w.]*(?:-(?:rc|alpha|beta)\.\d+)?)"), "helm"),
    (re.compile(r"https://(?:dl|cdn\.dl)\.k8s\.io/(?:release/)?(?P<version>v?\d[^/]*)/"), "kubectl"),
    (re.compile(r"https://storage\.googleapis\.com/kubernetes-release/release/(?P<version>v?\d[^/]*)/"), "kubectl"),
    (re.compile(r"https://go\.dev/dl/go(?P<version>\d++(?:\.\d++)*+(?:(?:rc|beta)\d++)?)\."), "go"),
    (re.compile(r"https://nodejs\.org/dist/(?P<version>v?\d[^/]*)/"), "node"),
)
_VERSION = re.compile(r"(?<![\d.])v?\d+(?:\.\d+)+(?:-?(?:rc|alpha|beta|r)[\d.]*\d)?(?![\d.]*\d)")
MARKERS: tuple[str, ...] = (
    "/releases/download/",
    "raw.githubusercontent.com/",
    "/archive/",
    "/-/raw/",
    "get.helm.sh/",
    "releases.hashicorp.com/",
    "dl.k8s.io/",
    "/kubernetes-release/release/",
    "go.dev/dl/",
    "nodejs.org/dist/",
)
"""One of these stands in every text with an address that has known versions."""
ADDRESS = re.compile(r"""(?:https?://|git@)(?:\$\(\w++\)|[^\s"'`|;()<>\\])++""")
"""Addresses as shells take them."""
CHECKSUM_TEXT = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{128})(?![0-9a-f])")

_SLASH = re.compile("%2[Ff]")
_PREFIX = re.compile(rf"(?:.*{_SLASH.pattern})?")
_ADDRESS = re.compile(r"(?:https?|git|ssh)://|git@")
_UNKNOWN = re.compile(r"\$|\{\{")
_MAX_NAME = 200


class Download(Struct, frozen=True, kw_only=True):
    """An address that a build fetches something from.

    ``address`` are the pieces that it is put together of, and ``at`` is where it is written. A ``is_checked`` one is
    held against a checksum in the file, which would have to be changed with it. An ``is_directory`` may also be a
    directory of a Git repository, as kustomizations name them.
    """

    manager: str
    address: Pieces
    at: Piece
    dep_type: str
    is_checked: bool = False
    is_directory: bool = False

    def items(self) -> Iterator[Extracted]:
        """What has the versions of the download, or why it has none; nothing where no version is written."""
        text = text_of(self.address)
        if _at_forge(text) or _of_vendor(text):
            yield from self.known()
        elif _ADDRESS.match(text) and (version := _VERSION.search(text, text.find("/", text.find("://") + 3))):
            yield from self._rows(UNLISTED, contributions(self.address, Span(*version.span())))

    def known(self) -> Iterator[Extracted]:
        """The same of forges and well-known vendors; nothing of any other address."""
        text = text_of(self.address)
        if found := located(text) if self.is_directory else _at_forge(text):
            yield from self._at_forge(*found)
        elif found_tool := _of_vendor(text):
            yield from self._moved(found_tool[1], found_tool[0].package, found_tool[0])

    def _at_forge(self, package: Package, version: Span) -> Iterator[Extracted]:
        text = text_of(self.address)
        written = text[version.start : version.end]
        prefix = _PREFIX.match(written)[0]  # type: ignore[index]  # it matches anything
        reason = None if _UNKNOWN.search(package.name + written) else why_not_a_tag(_SLASH.sub("/", written))
        if reason == BRANCH or (reason is not None and not any(map(str.isdigit, written))):
            return
        if reason is not None:
            yield from self._rows(reason, contributions(self.address, version), package)
        else:
            yield from self._moved(
                Span(version.start + len(prefix), version.end), package, prefix=_SLASH.sub("/", prefix)
            )

    def _moved(
        self, version: Span, package: Package | None, of: Tool | None = None, prefix: str = ""
    ) -> Iterator[Extracted]:
        """The part of the address at ``version``; ``prefix`` is what stands before it in the tags of ``package``."""
        parts = contributions(self.address, version)
        moved, pattern = moving(parts)
        reason = self._why_unmanageable(version, package, moved)
        if moved is None or package is None or reason is not None:
            yield from self._rows(reason or UNLISTED, parts, package)
        elif of is not None and pattern is None:
            yield of.called(package.name).at(moved.file, manager=self.manager, value=moved.span, dep_type=self.dep_type)
        else:
            yield dependency(
                moved.file,
                manager=self.manager,
                name=package.name,
                package=package,
                value=moved.span,
                extract_version=_prefixed(prefix, pattern),
                dep_type=self.dep_type,
            )

    def _why_unmanageable(self, version: Span, package: Package | None, moved: Piece | None) -> str | None:
        text = text_of(self.address)
        reasons = (
            (_UNKNOWN.search(text, *version) or (package and _UNKNOWN.search(package.name)), VARIABLE),
            (package is None, UNLISTED),
            (moved is None, SCATTERED),
            (moved and self._is_repeated(moved, version), TWICE),
            (self.is_checked, CHECKSUM),
        )
        return next((reason for applies, reason in reasons if applies), None)

    def _is_repeated(self, version: Piece, span: Span) -> bool:
        """Whether the rest of the address holds the version in another place, which would have to be changed, too."""
        rest = contributions(self.address, Span(span.end, len(text_of(self.address))))
        others = [piece for piece in rest if not _is_within(piece, version)]
        return any(version.text.lstrip("v") in piece.text for piece in others)

    def _rows(self, reason: str, parts: Pieces, package: Package | None = None) -> Iterator[Extracted]:
        """A row at the part of the version that is a number, or else where the address is written."""
        numbered = (piece for piece in parts if any(map(str.isdigit, piece.text)) and "$" not in piece.text)
        place = next(numbered, self.at)
        yield skipped(
            place.file,
            manager=self.manager,
            reason=reason,
            at=place.span,
            name=(package.name if package else text_of(self.address))[:_MAX_NAME],
            datasource=package.datasource if package else None,
            dep_type=self.dep_type,
        )


def is_given_elsewhere(item: Extracted, at: Piece) -> bool:
    """Whether no part of the version of a download at ``at`` is written in the file: it is handed in."""
    return isinstance(item, Skipped) and item.reason == VARIABLE and item.span == at.span


def is_in_comment(text: str, span: Span) -> bool:
    """Whether a comment stands at ``span`` of a script or of YAML."""
    line = text[text.rfind("\n", 0, span.start) + 1 : span.start].lstrip()
    return line.startswith(("#", "//")) or " #" in line


def _at_forge(text: str) -> tuple[Package, Span] | None:
    repository = _REPOSITORY.match(text)
    return (git_package(repository["address"]), Span(*repository.span("version"))) if repository else git_file(text)


def _of_vendor(text: str) -> tuple[Tool, Span] | None:
    for pattern, name in _VENDORS:
        if match := pattern.match(text):
            return tool(name or match["tool"]), Span(*match.span("version"))
    return None


def _is_within(piece: Piece, whole: Piece) -> bool:
    """Whether a piece of an address stands where ``whole`` does: of a variable that is used twice."""
    starts_within = whole.span.start <= piece.span.start < whole.span.end
    return piece.file.path == whole.file.path and (starts_within or piece.span.start == whole.span.start)


def _prefixed(prefix: str, pattern: str | None) -> str | None:
    """The pattern of a version behind ``prefix``."""
    if not prefix:
        return pattern
    return f"^{re.escape(prefix)}{pattern.removeprefix('^') if pattern else '(?<version>.+)$'}"
