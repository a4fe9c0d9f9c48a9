"""Markdown that strangers have written, made harmless for a pull request of ours.

Release notes are written for another place. Copied as they are, they would notify people, link the pull request to
issues it has nothing to do with (and these to it), close them, run commands of bots, bring pictures from strange
servers, and markup that ends our own. Afterwards they look as before, and do nothing.

What is done holds for every dialect, and for each line on its own: a ``<`` that could begin markup is escaped, code is
balanced within its line, blocks of code are fenced anew at the beginning of a line. A reference becomes a link that
leaves no trace at its target, or code.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

_ITEM = r"(?:[-*+]|\d{1,9}[.)])"
_FENCE = re.compile(rf"\s*(?:{_ITEM}\s+)?(?P<fence>`{{3,}}|~{{3,}})(?P<info>[^`]*)$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_KNOWN_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|center|code|del|details|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|ol|p|picture|pre|s|source|"
    r"span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|video)(?:[\s/][^<>]{0,2000})?>",
    re.IGNORECASE,
)
_AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,2000})>")
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|nbsp);)(?:#\w{1,8}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\+(?=[@#!&<`\[\]])")
_IMAGE = re.compile(r"!\[(?P<text>[^\[\]]{0,500})\](?:\([^()\s]{0,2000}[^()]{0,500}\)|\[[^\[\]]{0,200}\])?")
_RUN = re.compile(r"`+")
_TILDES = re.compile(r"~{3,}")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(?P<text>.*)$")
_RULE = re.compile(r"^[ >]*(?:=+|-+)[ \t]*$")
_BOX = re.compile(rf"^(?P<item>[ \t>]*{_ITEM}[ \t]+)\[(?P<mark>[ xX])\](?=\s)")
_COMMAND = re.compile(r"^(?P<indent>[ \t>]*)/(?=[A-Za-z])")
_SKIP_CI = re.compile(r"\[(skip ci|ci skip|no ci|skip actions|actions skip|skip-ci|ci-skip)\]", re.IGNORECASE)
_WORD = r"[A-Za-z0-9_.-]{1,100}"
_LINK = re.compile(r"\[(?P<text>[^\[\]]{0,500})\]\((?P<link>[^()\s]{0,2000})[^()]{0,500}\)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]`\"']{1,2000}", re.IGNORECASE)
_ON_GITHUB = re.compile(
    rf"(?:https?://)?(?:www\.)?github\.com/(?P<where>{_WORD}/{_WORD})/"
    r"(?P<kind>issues|pull|pulls|discussions|commit|commits)/(?P<what>[0-9A-Za-z]{1,64})",
    re.IGNORECASE,
)
_NOTED = re.compile(r"/(?:issues|pulls?|merge_requests|commits?|epics|work_items|discussions|snippets)/[0-9a-f]")
"""What leaves a trace at its target, on one forge or another."""
_MENTION = re.compile(r"(?<![A-Za-z0-9`])@[A-Za-z0-9](?:[\w/.@-]{0,98}\w)?", re.ASCII)
_REFERENCE = re.compile(
    rf"(?<![A-Za-z0-9`])(?P<where>{_WORD}(?:/{_WORD}){{0,5}})?(?P<mark>[#!&])(?P<number>\d+)(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9`])[Gg][Hh]-\d+(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9`])(?:{_WORD}/)?{_WORD}@[0-9a-f]{{7,40}}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9`])[0-9a-f]{40}(?![A-Za-z0-9])"
    r"|[#!&]\d+(?![A-Za-z0-9])",  # behind a word that is too long for a name
    re.ASCII,
)
_TOKEN = re.compile("(\0\\d+\0)")
_BREAK = "\u200b"


def defused(text: str, home: str | None = None) -> str:
    """``text`` without effect on anything outside of it; ``home`` is the page of the repository that it speaks of.

    It can stand alone as well as within ``<details>``, if an empty line is before and after it.
    """
    text = _COMMENT.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    return "\n".join(_lines(text.split("\n"), home)).strip("\n")


def _lines(lines: list[str], home: str | None) -> Iterator[str]:
    fence = ""
    for line in lines:
        match = _FENCE.fullmatch(line)
        if fence:
            is_end = match is not None and match["fence"].startswith(fence) and not match["info"].strip()
            yield fence if is_end else _in_block(line)
            fence = "" if is_end else fence
        elif match is not None:
            fence = match["fence"]
            yield fence + re.sub(r"[^A-Za-z0-9+-]", "", match["info"])
        else:
            yield _line(line, home)
    if fence:
        yield fence


def _in_block(line: str) -> str:
    """A line of code; some bots read it all the same, and nobody may take it for a mark of ours."""
    return f" {line}" if _COMMAND.match(line) else line.replace("<!--", f"<!{_BREAK}--")


def _line(line: str, home: str | None) -> str:
    if _RULE.match(line):
        return "* * *" if line.count("-") > 2 else ""
    if heading := _HEADING.match(line):
        return f"#### {_inline(heading['text'].rstrip(' #'), home)}"
    line = _BOX.sub(lambda match: f"{match['item']}{'☐' if match['mark'] == ' ' else '☑'}", line)
    return _COMMAND.sub(r"\g<indent>\\/", _inline(line, home))


# ---------------------------------------------------------------- within a line


def _inline(line: str, home: str | None) -> str:
    """Code as it is, all else disarmed; backticks that do not match are text."""
    parts, done = [], 0
    for start, end, width in _code_spans(line):
        parts += [_text(line[done:start], home), _code(line[start + width : end - width], width)]
        done = end
    return _joined((*parts, _text(line[done:], home)))


def _joined(parts: Iterable[str]) -> str:
    """Code not directly behind code, whose backticks would run together, and no link behind what makes it a picture."""
    line = ""
    for part in parts:
        meets = line[-1:] + part[:1]
        line += _BREAK + part if meets in ("``", "![") else part
    return line


def _code_spans(line: str) -> Iterator[tuple[int, int, int]]:
    """Where code is, and how many backticks are around it: two runs of equal length, the first one not escaped."""
    runs = [(match.start(), match.end()) for match in _RUN.finditer(line)]
    waiting: dict[int, list[int]] = {}
    for index in reversed(range(len(runs))):
        waiting.setdefault(runs[index][1] - runs[index][0], []).append(index)
    at = 0
    while at < len(runs):
        start, end = runs[at]
        queue = waiting[end - start]
        while queue and queue[-1] <= at:
            queue.pop()
        if queue and line[start - 1 : start] != "\\":
            yield start, runs[queue[-1]][1], end - start
            at = queue[-1]
        at += 1


def _code(content: str, width: int) -> str:
    fence = "`" * width
    return f"{fence}{_MARKUP.sub(f'<{_BREAK}', content)}{fence}"


def _text(text: str, home: str | None) -> str:
    """Text between code. What is put in the place of something is kept apart, so that nothing is replaced twice."""
    kept: list[str] = []

    def keep(done: str) -> str:
        kept.append(done)
        return f"\0{len(kept) - 1}\0"

    text = _AUTOLINK.sub(r"\1", _IMAGE.sub(lambda match: match["text"], text))
    text = _ESCAPE.sub("", _KNOWN_TAG.sub("", text))
    text = _ENTITY.sub(lambda match: keep(f"`{match[0]}`"), text)
    text = _MARKUP.sub("&lt;", text).replace("`", keep("&#96;")).replace("![", "[")
    text = _TILDES.sub(lambda match: keep("&#126;" * len(match[0])), text)
    text = _SKIP_CI.sub(lambda match: keep(f"[{_BREAK}{match[1]}]"), text)
    text = _LINK.sub(lambda match: keep(_linked(match["text"], match["link"])), text)
    text = _URL.sub(lambda match: keep(_address(match[0], home)), text)
    text = _apart(text, _MENTION, lambda match: keep(f"`{match[0]}`"))
    text = _apart(text, _REFERENCE, lambda match: keep(_reference(match, home)))
    while "\0" in text:
        text = _restored(text, kept)
    return text


def _apart(text: str, pattern: re.Pattern[str], make: Callable[[re.Match[str]], str]) -> str:
    """``text`` with each match replaced; what follows something kept counts as the beginning of a text."""
    before = ""
    while before != text:
        before = text
        pieces = _TOKEN.split(text)
        text = "".join(piece if place % 2 else pattern.sub(make, piece) for place, piece in enumerate(pieces))
    return text


def _restored(text: str, kept: Sequence[str]) -> str:
    """What was kept put back, with no backslash before it that would take away its effect."""
    pieces = _TOKEN.split(text)
    plain = [piece.rstrip("\\") for piece in pieces[0:-1:2]]
    return _joined(
        kept[int(piece[1:-1])] if place % 2 else piece if place == len(pieces) - 1 else plain[place // 2]
        for place, piece in enumerate(pieces)
    )


def _linked(text: str, link: str) -> str:
    """A link, whose text is disarmed; text alone where nobody should be led."""
    text = _REFERENCE.sub(lambda each: f"`{each[0]}`", _MENTION.sub(lambda each: f"`{each[0]}`", text))
    redirected = _redirected(link)
    is_safe = link.startswith(("https://", "http://")) and (redirected != link or not _NOTED.search(link))
    return f"[{text}]({redirected})" if is_safe else text


def _address(url: str, home: str | None) -> str:
    """A bare address; that of an issue on GitHub becomes short."""
    match = _ON_GITHUB.match(url)
    if match is None:
        return f"`{url}`" if _NOTED.search(url) else url
    name = "" if (home or "").endswith(f"github.com/{match['where']}") else match["where"]
    is_commit = match["kind"].lower().startswith("commit")
    short = f"{name}@{match['what'][:7]}" if is_commit else f"{name}#{match['what']}"
    return f"[{short.removeprefix('@')}]({_redirected(match[0])})"


def _redirected(url: str) -> str:
    """The same page of GitHub's, without a trace on it that somebody has linked to it."""
    return _ON_GITHUB.sub(r"https://redirect.github.com/\g<where>/\g<kind>/\g<what>", url)


def _reference(match: re.Match[str], home: str | None) -> str:
    """A reference to an issue as a link to it, where its home is known; anything else as code."""
    server, _, own = (home or "").removeprefix("https://").partition("/")
    where = match["where"] or own
    if match["mark"] != "#" or server != "github.com" or where.count("/") != 1:
        return f"`{match[0]}`"
    return f"[{match[0]}](https://redirect.github.com/{where}/issues/{match['number']})"
