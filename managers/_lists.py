"""Documents that are lists of maps, taken apart into their items before they are parsed."""

import re
from collections.abc import Iterator
from itertools import pairwise

from managers._yaml import Document

_FIRST = re.compile(r"(?:[ \t]*+(?:#[^\n]*+|---[^\n]*+|%[^\n]*+)?\r?\n)*+(?P<indent> *+)-(?=\s)")


def list_items(document: Document) -> Iterator[Document]:
    """The items of a document that is a block list, each as a document of its own, in the order of the file.

    One that cannot be read does not hide the others, and one that nobody asks for costs nothing. An alias does not
    reach into another item. Nothing comes of a document that is no such list.
    """
    text = document.text[document.start : document.end]
    first = _FIRST.match(text)
    if first is None:
        return
    dash = re.compile(rf"^{first['indent']}-(?=\s)", re.MULTILINE)
    starts = [match.end() - 1 for match in dash.finditer(text, first.start("indent"))]
    unlisted = document.text[: document.start] + dash.sub(f"{first['indent']} ", text)
    for start, end in pairwise([*starts, len(text)]):
        yield Document(unlisted, document.start + start, document.start + end)
