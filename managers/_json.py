"""JSON read as YAML, which it is but for what people add to it: comments, and commas behind the last element.

Both are replaced by blanks of the same length, so that every value's place is its place in the file.
"""

import re

from managers._yaml import Document, Mapping

_STRING = r""""(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+'"""
_COMMENT = re.compile(rf"(?P<string>{_STRING})|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
_LAST_COMMA = re.compile(rf"(?P<string>{_STRING})|,(?=\s*+[}}\]])")
_VISIBLE = re.compile(r"\S")


def json_root(text: str) -> Mapping | None:
    """The object that a JSON text with comments is; None for anything else."""
    text = without_comments(text)
    return Document(text, int(text.startswith("\ufeff")), len(text)).root


def without_comments(text: str) -> str:
    """A JSON text with blanks where comments and commas behind last elements stood."""
    return _LAST_COMMA.sub(_blank, _COMMENT.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    return match[0] if match["string"] else _VISIBLE.sub(" ", match[0])
