"""The page of a plan or a run, as text."""

import re
from html.parser import HTMLParser

import pytest

from tests.core.made import NOW
from tests.report.hostile import ATTACK, hostile_run
from updater.model.plan import Cause
from updater.report.html import page, plan_page
from updater.report.html.elements import Markup, code, link, tag

SECTIONS = [
    *("pulls", "problems", "updates", "frozen", "held", "failed", "gone", "rolled-back", "promotions", "environments"),
    *("timeline", "dependencies", "skipped", "cost"),
]
VOID = {"meta", "link", "input", "wbr", "rect"}


class Outline(HTMLParser):
    """The elements of a page; raises if they are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def text() -> str:
    plan, outcomes = hostile_run()
    return plan_page(plan, NOW, outcomes)


def test_text_of_others_is_never_markup(text: str) -> None:
    """Hostile names, titles, reasons and addresses add no element, no attribute and no link."""
    outline = Outline(text)

    assert [name for name, _ in outline.elements if name in ("img", "script", "style")] == ["style", "script"]
    assert not [key for _, attributes in outline.elements for key in attributes if key.startswith("on")]
    assert {str(attributes["href"])[:1] for name, attributes in outline.elements if name == "a"} == {"#"}
    assert any(ATTACK[:28] in each for each in outline.text)


def test_the_page_is_whole_and_may_load_nothing(text: str) -> None:
    """Its policy forbids everything but its own style and script; nothing in it has an address elsewhere."""
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)

    assert policy is not None
    assert policy[1].startswith("default-src &#x27;none&#x27;; style-src &#x27;sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"@import|url\(", text)
    assert not re.search(r"<[^>]*\b(src|href|action)=\"(https?:)?//", text)


def test_a_page_can_always_be_written(text: str) -> None:
    """Bytes of files that are no UTF-8, and characters that HTML forbids, are replaced."""
    assert "\0" not in text
    assert text.encode().decode() == text


def test_all_sections_are_there_and_are_reached(text: str) -> None:
    """Every section has a heading that names it, and a link in the contents."""
    outline = Outline(text)
    anchors = [str(attributes["id"]) for name, attributes in outline.elements if name == "section"]

    assert anchors == SECTIONS
    for anchor in anchors:
        assert ("a", {"href": f"#{anchor}"}) in outline.elements
        assert ("h2", {"id": f"{anchor}-title"}) in outline.elements


def test_every_cause_has_a_heading(text: str) -> None:
    """Whatever keeps pull requests back, they stand below its words."""
    assert text.count("<h3>Held back <") == 0
    assert text.count("<h3>") >= len(Cause)


def test_every_table_says_what_it_is(text: str) -> None:
    """A caption for each, and a scope for each heading of a column."""
    elements = Outline(text).elements
    tables = sum(name == "table" for name, _ in elements)

    assert tables > 20
    assert sum(name == "caption" for name, _ in elements) == tables
    assert {attributes.get("scope") for name, attributes in elements if name == "th"} == {"col"}


def test_the_size_grows_with_what_there_is() -> None:
    """Ten times as much of everything makes ten times the page, not a hundred times."""
    few, many = (len(plan_page(hostile_run(places)[0], NOW)) for places in (100, 1000))
    empty = len(plan_page(hostile_run(0)[0], NOW))

    assert (many - empty) / (few - empty) == pytest.approx(10, rel=0.05)


def test_an_empty_page_is_a_page() -> None:
    """Without anything to tell there are a title and the summary."""
    outline = Outline(page("Nothing", "at all", [], []))

    assert "Nothing" in outline.text


def test_only_markup_is_taken_as_such() -> None:
    """Strings are escaped, also as attributes; markup is not escaped twice."""
    assert tag("p", "<b>", tag("b", "&"), title='"', hidden=True, lang=None) == (
        '<p title="&quot;" hidden>&lt;b&gt;<b>&amp;</b></p>'
    )
    assert code("a/b<") == "<code>a/<wbr>b&lt;</code>"
    assert isinstance(code("a"), Markup)


@pytest.mark.parametrize("url", ["javascript:x", "http://example.org", "https://example.org/\"'", None])
def test_doubtful_addresses_are_no_links(url: str | None) -> None:
    """Only plain https addresses can be followed."""
    assert link("name", url) == "name"
    assert link("name", "https://example.org/x") == '<a href="https://example.org/x" rel="noreferrer">name</a>'
