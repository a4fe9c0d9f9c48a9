"""Span replacement: the only code that changes text.

Every character outside the spans stays as it was, so that line endings, comments, quotes, anchors and a missing
final newline survive.
"""

from collections.abc import Iterable

from updater.errors import UpdaterError
from updater.model.scan import Edit
from updater.offlimits import is_encrypted, secrets


class RefusedEditError(UpdaterError):
    """An edit may not be made."""


class OverlappingEditsError(RefusedEditError):
    """Two edits want different texts at the same place."""


class SecretEditError(RefusedEditError):
    """An edit wants to change an object that holds secrets, or a file that is encrypted."""


def replace(text: str, edits: Iterable[Edit]) -> str:
    """The text with each edit's span replaced. Equal edits count once.

    Raises ``OverlappingEditsError`` if two different edits overlap or insert at the same place, and
    ``SecretEditError`` if one touches a secret, whoever found a version there.
    """
    edits = sorted(set(edits), key=lambda edit: (edit.span, edit.text))
    _check_secrets(text, edits)
    parts: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in edits:
        if previous is not None and (edit.span.start < position or edit.span == previous.span):
            raise OverlappingEditsError(
                f"{edit.path}: two updates want to change the same text, to {previous.text!r} and {edit.text!r}"
            )
        parts += (text[position : edit.span.start], edit.text)
        position, previous = edit.span.end, edit
    return "".join((*parts, text[position:]))


def _check_secrets(text: str, edits: Iterable[Edit]) -> None:
    places = secrets(text)
    is_refused = is_encrypted(text)
    for edit in edits:
        if is_refused or any(place.start < edit.span.end and edit.span.start < place.end for place in places):
            raise SecretEditError(f"{edit.path}: secrets are never edited")
