"""The mark by which a comment of ours is found again: a line that Markdown does not show."""

import re

CLOSING = "closed"
"""The topic of the comment that says why a pull request is closed: whoever dies in between finds it there again."""

_MARK = re.compile(r"<!-- updater:([\w-]+) -->\n")


def marked(topic: str, text: str) -> str:
    """The text with the mark of its topic in front."""
    return f"<!-- updater:{topic} -->\n{text}"


def read_topic(body: str) -> tuple[str | None, str]:
    """The topic of a comment, if it has one, and the text without the mark."""
    found = _MARK.match(body)
    return (found[1], body[found.end() :]) if found else (None, body)
