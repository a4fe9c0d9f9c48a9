"""What belongs to somebody else, in any file: secrets, and what a comment gives away.

Nothing here knows a manager. Scanning hides secrets before any manager sees the text, and turns away what a comment
claims; editing refuses to touch a secret whoever asks for it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec import structs

from updater.model.scan import SourceFile, Span

_KINDS = (
    "Secret|SealedSecret|ExternalSecret|ClusterExternalSecret|PushSecret|ClusterPushSecret|SecretStore"
    "|ClusterSecretStore"
)
_KIND = re.compile(
    rf"""["']?\b(?:kind["']?[ \t]*+:[ \t]*+["']?(?:{_KINDS})(?![\w-])
    |apiVersion["']?[ \t]*+:[ \t]*+["']?(?:generators\.)?external-secrets\.io/)""",
    re.VERBOSE,
)
_OF_SECRETS = ("Secret", "external-secrets.io/")
_OF_SOPS = "lastmodified"
_SIBLING = re.compile(r"""["']?(?:apiVersion|kind)["']?[ \t]*:""")
_DOCUMENT = re.compile(r"^(?:---|\.\.\.)(?=\s|$)", re.MULTILINE)
_SOPS = re.compile(r"""^(?:[ \t]*+["']?sops["']?[ \t]*+:|sops_\w++=|\[sops\])|[{,]\s*+"sops"\s*+:""", re.MULTILINE)
_VISIBLE = re.compile(r"[^\s]+")

_IGNORE = re.compile(r"(?:#|//|/\*)[^\n]*?(?:renovate|updater):[ \t]*ignore\b")
_LONG = 2_000
"""Comments are not looked for further away than that on a line."""
_OTHER_WRITERS = (('{"$imagepolicy"', "owned by Flux image automation"),)
_OF_COMMENTS = ("ignore", *(marker for marker, _ in _OTHER_WRITERS))

_SECRET_OBJECT = (
    rf"""kind["']?[ \t]*:[ \t]*["']?(?:{_KINDS})"""
    r"""|apiVersion["']?[ \t]*:[ \t]*["']?(?:generators\.)?external-secrets\.io/"""
)
"""Found (by RE2) in every text with a secret; definitions of resources speak of secrets a thousand times without."""

WORDS = (_OF_SOPS, *_OF_COMMENTS)
"""What is asked of every file that is opened, with ``file.mentions``."""
PATTERNS = (_SECRET_OBJECT,)
"""Patterns that are looked for together with these words; one that is not found is among what is ``absent``."""


# ---------------------------------------------------------------- secrets


def is_encrypted(text: str) -> bool:
    """Whether SOPS encrypted the file: all of it counts, because a checksum over its values would break.

    https://getsops.io/docs/#encryption-protocol
    """
    return _OF_SOPS in text and "sops" in text and "mac" in text and _SOPS.search(text) is not None


def secrets(text: str) -> tuple[Span, ...]:
    """The places of the objects that hold secrets, or say where they are kept; sorted, apart from each other.

    That is a ``Secret``, a ``SealedSecret`` or anything of external-secrets.io with all that belongs to it: as a
    document, as an item of a list, or as a value in any other file. An object is told from a mention of its kind by
    having both ``apiVersion`` and ``kind``.
    """
    if not any(_KIND.search(text, *line) for line in _suspect_lines(text)):  # so it is in most files
        return ()
    bounds = [0, *(match.start() for match in _DOCUMENT.finditer(text)), len(text)]
    found: list[Span] = []
    for start, end in pairwise(bounds):
        for span in _in_document(text, start, end):
            if not found or span.start >= found[-1].end:
                found.append(span)
    return tuple(found)


def _suspect_lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines stand that may say of an object that it is a secret; to look closer at these takes little."""
    for word in _OF_SECRETS:
        at = text.find(word)
        while at >= 0:
            start, end = text.rfind("\n", 0, at) + 1, _or_end(text.find("\n", at), len(text))
            line = text[start:end]
            if "kind" in line or "apiVersion" in line:
                yield start, end
            at = text.find(word, end)


def opened(file: SourceFile) -> SourceFile | None:
    """``file`` with everything secret replaced by blanks of the same length; None if SOPS encrypted it."""
    if file.mentions(_OF_SOPS) and is_encrypted(file.text):
        return None
    return file if _SECRET_OBJECT in file.absent else structs.replace(file, text=veiled(file.text))


def veiled(text: str) -> str:
    """``text`` with everything secret replaced by blanks of the same length."""
    places = secrets(text)
    pieces: list[str] = []
    done = 0
    for start, end in places:
        pieces += text[done:start], _VISIBLE.sub(lambda match: " " * len(match[0]), text[start:end])
        done = end
    return "".join((*pieces, text[done:])) if places else text


def _in_document(text: str, start: int, end: int) -> Iterator[Span]:
    is_flow = text[start : start + _LONG].removeprefix("---").lstrip().startswith(("{", "["))
    judged: dict[int, int] = {}
    for match in _KIND.finditer(text, start, end):
        if is_flow:
            yield Span(start, end)
            return
        line_start = text.rfind("\n", start, match.start()) + 1 or start
        line_end = _or_end(text.find("\n", match.end(), end), end)
        if "{" in text[line_start : match.start()]:
            if text.count("apiVersion", line_start, line_end):
                yield Span(match.start(), line_end)
        elif line_start >= judged.get(match.start() - line_start, 0):
            column = match.start() - line_start
            block, is_object = _block(text, (start, end), line_start, column)
            judged[column] = block.end
            if is_object:
                yield block


def _block(text: str, document: tuple[int, int], line_start: int, column: int) -> tuple[Span, bool]:
    """The block mapping that has a key at ``column`` of the line at ``line_start``, and whether it is an object."""
    first, siblings = line_start, 1
    while first > document[0] and not _begins_item(text[first : first + column], column):
        above = max(text.rfind("\n", document[0], first - 1) + 1, document[0])
        if not _belongs(text[above : first - 1], column):
            break
        first = above
        siblings += _SIBLING.match(text, above + column) is not None
    last = _or_end(text.find("\n", line_start, document[1]), document[1])
    while last < document[1]:
        below = _or_end(text.find("\n", last + 1, document[1]), document[1])
        line = text[last + 1 : below]
        if not _belongs(line, column) or _begins_item(line[:column], column):
            break
        siblings += _SIBLING.match(text, last + 1 + column) is not None
        last = below
    return Span(min(first + column, line_start + column), last), siblings > 1


def _begins_item(indentation: str, column: int) -> bool:
    """Whether the text left of a key at ``column`` holds the dash of a list."""
    return "-" in indentation[:column]


def _belongs(line: str, column: int) -> bool:
    """Whether a line stands in, or does not end, a block mapping at ``column``."""
    visible = line.strip()
    indentation = len(line) - len(line.lstrip(" -"))
    return not visible or visible.startswith("#") or (indentation >= column and not line.startswith("---"))


def _or_end(position: int, end: int) -> int:
    return end if position < 0 else position


# ---------------------------------------------------------------- what comments say


def may_be_claimed(file: SourceFile) -> bool:
    """Whether anything in a file may be somebody else's by a comment."""
    return file.mentions(*_OF_COMMENTS)


def claim(text: str, span: Span) -> str | None:
    """Why the value at ``span`` is not ours to change, according to the comment behind it or alone above it."""
    line_end = _or_end(text.find("\n", span.end, span.end + _LONG), min(span.end + _LONG, len(text)))
    behind = text[span.end : line_end]
    if _IGNORE.search(behind):
        return "ignored by comment"
    above_end = max(text.rfind("\n", max(span.start - _LONG, 0), span.start), 0)
    above = text[text.rfind("\n", max(above_end - _LONG, 0), above_end) + 1 : above_end].strip()
    if above.startswith(("#", "//", "/*")) and _IGNORE.match(above):
        return "ignored by comment"
    return next((reason for marker, reason in _OTHER_WRITERS if marker in behind), None)
