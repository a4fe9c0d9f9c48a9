"""Span replacement: the only code that changes text.

Every character outside the spans stays as it was, so that line endings, comments, quotes, anchors and a missing
final newline survive.
"""

from collections.abc import Iterable

from updater.errors import UpdaterError
from updater.model import Edit


class OverlappingEditsError(UpdaterError):
    """Two edits want different texts at the same place."""


def replace(text: str, edits: Iterable[Edit]) -> str:
    """The text with each edit's span replaced. Equal edits count once.

    Raises ``OverlappingEditsError`` if two different edits overlap or insert at the same place.
    """
    parts: list[str] = []
    position = 0
    previous: Edit | None = None
    for edit in sorted(set(edits), key=lambda edit: (edit.span, edit.text)):
        if previous is not None and (edit.span.start < position or edit.span == previous.span):
            raise OverlappingEditsError(
                f"{edit.path}: two updates want to change the same text, to {previous.text!r} and {edit.text!r}"
            )
        parts += (text[position : edit.span.start], edit.text)
        position, previous = edit.span.end, edit
    return "".join((*parts, text[position:]))
