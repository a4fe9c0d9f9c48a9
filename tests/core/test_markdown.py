"""Markdown of strangers: what it still looks like, and what it cannot do any more."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from markdown_it import MarkdownIt
from markdown_it.token import Token

from updater.report.markdown import defused
from updater.report.sections import folded

HOME = "https://github.com/acme/api"
PIECES = (
    "`", "``", "```", "~~~", "\\", "<", ">", "</details>", "<details>", "<img src=x>", "<!--", "-->", "@admin", "#12",
    "acme/web#3", "a@b.org", "!7", "GH-4", "&#64;admin", "&commat;x", "[", "]", "(", ")", "![", "](https://evil.test/x)",
    "https://github.com/acme/web/pull/9", "www.github.com/a/b/issues/1", "\n", "\n\n", " ", "    ", "- ", "- [ ] ",
    "> ", "1. ", "# ", "---", "===", "| a |", "/close", "word", "*", "_", "0" * 40, "\0", "\r", "[skip ci]", "[x]: ",
    "é", "<!-- updater:v1 {} -->",
)  # fmt: skip
ON_GITHUB = re.compile(r"//(?:www\.)?github\.com/[^/]+/[^/]+/(?:issues|pull)/", re.IGNORECASE)
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def test_release_notes_as_github_makes_them() -> None:
    """People, pull requests, pictures, tags and boxes: readable, and without effect."""
    text = """\
## What's Changed
* feat: a thing by @octo-cat in https://github.com/acme/api/pull/12
* fixes #14, acme/web#3 and 0123456789012345678901234567890123456789
- [x] tested by someone@example.com

<details><summary>More</summary>

![badge](https://img.example/x.svg) [docs](https://docs.example/a "title") `code @x`
</details>

/approve
```yaml
image: <none>
/merge
```
**Full Changelog**: https://github.com/acme/api/compare/v1.0.0...v1.1.0
"""
    assert defused(text, HOME) == snapshot("""\
#### What's Changed
* feat: a thing by `@octo-cat` in [#12](https://redirect.github.com/acme/api/pull/12)
* fixes [#14](https://redirect.github.com/acme/api/issues/14), [acme/web#3](https://redirect.github.com/acme/web/issues/3) and `0123456789012345678901234567890123456789`
- ☑ tested by someone@example.com

More

badge [docs](https://docs.example/a) `code @x`


\\/approve
```yaml
image: <none>
 /merge
```
**Full Changelog**: https://github.com/acme/api/compare/v1.0.0...v1.1.0\
""")


def test_references_of_another_forge_are_code() -> None:
    """Where nothing keeps a trace from being left, nothing leads there."""
    text = "see #1, !2, group/app!3 and https://gitlab.com/group/app/-/issues/4"

    assert defused(text, "https://gitlab.com/group/app") == (
        "see `#1`, `!2`, `group/app!3` and `https://gitlab.com/group/app/-/issues/4`"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a ` b\nc `</details>` d",
        "\\`</details>\\`",
        "\\\\`</details>`",
        "| `a | </details>` |",
        "~~~ `\nx",
        "> ~~~\n</details>",
        "- ```\n</details>",
        "```\nnever closed",
        "<a title='`'></details>`",
        "[x](https://a`b) </details> `",
        "<img\nsrc=x>",
        "<!-- never closed",
        "![a[b]](https://evil.example/x.png)",
        "![a][b]\n\n[b]: https://evil.example/x.png",
        "\\@admin \\\\@admin &#64;admin &commat;admin",
        "\\acme/web#3",
        "&#35;12 foo#12 -#12 /#12 x@0123456",
        "HTTPS://GITHUB.COM/acme/web/issues/3",
        "!acme/web#3",
        "_#12_ _@admin_",
        "!<b>[x](https://evil.example/x.png)",
    ],
)
def test_tricks_do_not_work(text: str) -> None:
    """Code that seems to be open, escapes, entities, tables, nesting: all that has been thought of."""
    assert_harmless(defused(text, HOME))


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example("`" * 3 + "\n</details>")
def test_nothing_gets_out(text: str) -> None:
    """Whatever is put together: no markup, no picture, no mention, no reference, and the fold ends where it should."""
    assert_harmless(defused(text, HOME))


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    """Nothing is raised, and what follows is still there."""
    assert_harmless(defused(text))


def assert_harmless(text: str) -> None:
    tokens = MARKDOWN.parse(folded("notes", text) + "\n\nafter")
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert blocks == ["<details>\n<summary>notes</summary>", "</details>"]
    assert [token.content for token in tokens if token.type == "inline"][-1] == "after"
    lines = [token.children or [] for token in tokens]
    inside = [child for line in lines for child in line]
    assert not [child for child in inside if child.type in ("html_inline", "image")]
    shown = "\n".join(map(_visible, lines))
    assert not re.search(r"(?:^|[^\w`])@\w", shown, re.ASCII)
    assert not re.search(r"(?:^|[^\w`/])[\w./-]*[#!]\d+(?!\w)", shown, re.ASCII)
    assert not re.search(r"^\s*/[a-z]", text, re.MULTILINE | re.IGNORECASE) or "```" in text or "~~~" in text
    assert "<!-- updater" not in text
    links = [str(child.attrs.get("href")) for child in inside if child.type == "link_open"]
    assert not [
        link
        for link in links
        if re.search(r"//(?:www\.)?github\.com/[^/]+/[^/]+/(?:issues|pull)/", link, re.IGNORECASE)
    ]


def _visible(children: list[Token]) -> str:
    """The text outside of code and links, as a forge looks for references in it."""
    depth, found = 0, list[str]()
    for child in children:
        depth += child.nesting if child.type.startswith("link_") else 0
        if child.type == "text" and depth == 0:
            found.append(child.content)
        elif child.type != "text":
            found.append("\n" if child.type in ("softbreak", "hardbreak") else "`")
    return "".join(found)
