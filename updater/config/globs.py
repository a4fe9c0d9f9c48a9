"""Globs as RE2 patterns, so that no glob of a user can take more than linear time.

The rules are minimatch's with dotfiles included and case ignored (https://github.com/isaacs/minimatch): ``*`` and
``?`` stay within a path segment, a segment ``**`` spans any number of them, ``[a-z]``, ``{a,b}``, ``{1..3}``,
``?(a|b)``, ``*(a|b)``, ``+(a|b)`` and ``@(a|b)`` work as in a shell. ``!(a|b)`` has no linear form and is refused.
"""

import re
from collections.abc import Iterator

MAX_ALTERNATIVES = 512

_MAGIC = re.compile(r"[*?\[{\\]|[@+!]\(")
_ENDING = re.compile(r"[A-Za-z0-9._-]+\Z")
_CHOICE = re.compile(r"[\[\]{}()\\!+@|]")
_LITERALS = re.compile(r"[*?/]+")
_NUMBERS = re.compile(r"(-?[0-9]{1,6})\.\.(-?[0-9]{1,6})")
_LETTERS = re.compile(r"([A-Za-z])\.\.([A-Za-z])")
_GROUP = re.compile(r"[?*+@]\(")
_CLASS = re.compile(r"\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*+)\]")
_PIECE = re.compile(
    r"(?P<below>(?:^|(?<=/))(?:\*\*/++)++)"
    r"|(?P<rest>(?:^|(?<=/))\*\*\Z)"
    r"|(?P<segment>(?:^|(?<=/))\*++(?=/|\Z))"
    r"|(?P<slashes>//++)"
    r"|(?P<stars>\*++)"
    r"|(?P<one>\?)"
    r"|\\(?P<escaped>.)"
    r"|(?P<characters>[\w.-]++|.)",
    re.DOTALL,
)
_MEANING = {"below": "(?:.*/)?", "rest": ".*", "segment": "[^/]+", "slashes": "/+", "stars": "[^/]*", "one": "[^/]"}


def is_literal(glob: str) -> bool:
    """Whether nothing in ``glob`` is special, so that it matches only itself."""
    return _MAGIC.search(glob) is None


def literal_ending(glob: str) -> str:
    """What everything that ``glob`` matches ends with, case folded; often nothing."""
    match = _ENDING.search(glob)
    return match[0].casefold() if match else ""


def literal_core(glob: str) -> str:
    """The longest text that everything that ``glob`` matches holds, case folded; nothing if that is hard to tell."""
    return "" if _CHOICE.search(glob) else max(_LITERALS.split(glob), key=len).casefold()


def to_expression(glob: str) -> str:
    """The RE2 pattern that finds what ``glob`` matches as a whole. Raises ``ValueError`` if there is none."""
    alternatives = dict.fromkeys(_of_path(alternative) for alternative in _braces(glob))
    return rf"(?is)^(?:{'|'.join(alternatives)})$"


def _of_path(glob: str) -> str:
    pieces, index = [], 0
    while index < len(glob):
        piece, index = _group(glob, index) or _class(glob, index) or _simple(glob, index)
        pieces.append(piece)
    return "".join(pieces)


def _simple(glob: str, index: int) -> tuple[str, int]:
    match = _PIECE.match(glob, index)
    assert match is not None
    assert match.lastgroup is not None
    return _MEANING.get(match.lastgroup) or re.escape(match[match.lastgroup]), match.end()


def _class(glob: str, index: int) -> tuple[str, int] | None:
    match = _CLASS.match(glob, index)
    if match is None:
        return None
    inside = re.sub(r"\[(?!:)|^\]|&&|\|\||~~", lambda special: re.escape(special[0]), match[2])
    return (f"[^/{inside}]" if match[1] else f"[{inside}]"), match.end()


def _group(glob: str, index: int) -> tuple[str, int] | None:
    if glob.startswith("!(", index):
        raise ValueError('"!(…)" cannot be matched in linear time; use a second pattern that begins with "!"')
    if _GROUP.match(glob, index) is None:
        return None
    closing = _closing(glob, index + 1, "()")
    if closing is None:
        return None
    choices = "|".join(_of_path(choice) for choice in _split(glob[index + 2 : closing], "|", "()"))
    repeat = "" if glob[index] == "@" else glob[index]
    return f"(?:{choices}){repeat}", closing + 1


# ---------------------------------------------------------------- braces


def _braces(text: str) -> list[str]:
    """All the texts that ``text`` stands for once its braces are expanded."""
    for opening in (index for index, character in _significant(text) if character == "{"):
        closing = _closing(text, opening, "{}")
        choices = _choices(text[opening + 1 : closing]) if closing is not None else []
        if closing is None or not choices:
            continue
        tails = _braces(text[closing + 1 :])
        _limit(len(choices) * len(tails))
        return [text[:opening] + choice + tail for choice in choices for tail in tails]
    return [text]


def _choices(inside: str) -> list[str]:
    """What a pair of braces around ``inside`` offers; nothing if they are ordinary characters."""
    parts = _split(inside, ",", "{}")
    if len(parts) > 1:
        choices = [choice for part in parts for choice in _braces(part)]
        _limit(len(choices))
        return choices
    if match := _NUMBERS.fullmatch(inside):
        return _numbers(match[1], match[2])
    if match := _LETTERS.fullmatch(inside):
        return [chr(code) for code in _sequence(ord(match[1]), ord(match[2]))]
    return []


def _numbers(first: str, last: str) -> list[str]:
    """A leading zero at either end asks for numbers of equal width."""
    padded = any(re.match(r"-?0[0-9]", end) for end in (first, last))
    width = max(len(first), len(last)) if padded else 0
    _limit(abs(int(last) - int(first)) + 1)
    return [f"{number:0{width}d}" for number in _sequence(int(first), int(last))]


def _sequence(first: int, last: int) -> range:
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _limit(alternatives: int) -> None:
    if alternatives > MAX_ALTERNATIVES:
        raise ValueError(f"its braces stand for more than {MAX_ALTERNATIVES} patterns")


# ---------------------------------------------------------------- brackets


def _significant(text: str) -> Iterator[tuple[int, str]]:
    """The characters that no backslash escapes, with their index."""
    escaped = False
    for index, character in enumerate(text):
        if not escaped and character != "\\":
            yield index, character
        escaped = not escaped and character == "\\"


def _closing(text: str, opening: int, pair: str) -> int | None:
    """Where the bracket that opens at ``opening`` is closed."""
    depth = 0
    for index, character in _significant(text):
        if index < opening or character not in pair:
            continue
        depth += 1 if character == pair[0] else -1
        if depth == 0:
            return index
    return None


def _split(text: str, separator: str, pair: str) -> list[str]:
    """``text`` cut at each ``separator`` that stands outside of brackets."""
    parts, start, depth = [], 0, 0
    for index, character in _significant(text):
        if character in pair:
            depth += 1 if character == pair[0] else -1
        elif character == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
