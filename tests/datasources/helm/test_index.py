"""The reader of index.yaml: fast on the canonical form, right on every other, and hard to deceive."""

import json
import sys
import tracemalloc

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasources import _helm_index
from datasources._helm_charts import Charts, Surprise, unpacked
from datasources._helm_yaml import load_yaml, slim
from tests.servers.helm import entry, index_of, large_index
from updater.api import InvalidAnswer, Release, Requirement

URL = "https://charts.example.com/index.yaml"
CANONICAL = index_of({"nginx": ["2.0.0", "1.0.0"], "redis": ["1.10.0"]})


def index(content: bytes, size: int = 65_536) -> _helm_index.Index:
    """The index in ``content``, which comes in in pieces of ``size`` bytes."""
    charts = Charts()
    for start in range(0, len(content), size):
        charts.feed(content[start : start + size])
    return _helm_index.Index(URL, unpacked(charts.finish()))


def read(text: str, chart: str = "nginx") -> list[Release]:
    return list(index(text.encode(errors="surrogateescape")).releases(chart).releases)


def versions(text: str, chart: str = "nginx") -> list[str]:
    return [release.version for release in read(text, chart)]


@pytest.fixture
def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on PyYAML does not answer."""
    monkeypatch.delattr(yaml, "load")


@pytest.mark.usefixtures("no_parser")
def test_a_large_index_is_read_in_little_memory() -> None:
    """20 MB take less than 8 MB of further memory, and no parser."""
    content = large_index()
    tracemalloc.start()
    try:
        large = index(content)
        found = large.releases("chart-042")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(content) > 20_000_000
    assert len(large.charts) == 110
    assert len({release.version for release in found.releases}) == 220
    assert peak < 8_000_000


INDENTED = "\n".join(f"  {line}" if line.startswith(("   ", "  -")) else line for line in CANONICAL.splitlines()) + "\n"
STYLES = {
    "canonical": CANONICAL,
    "windows": CANONICAL.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + CANONICAL,
    "entries first": CANONICAL.removeprefix("apiVersion: v1\n"),
    "entries last": CANONICAL.rpartition("generated")[0],
    "after a document start": "---\n" + CANONICAL,
    "quoted names": CANONICAL.replace("  nginx:\n", '  "nginx":\n').replace("  redis:\n", "  'redis':\n"),
    "single quotes": CANONICAL.replace('appVersion: "1.0"', "appVersion: '1.0'"),
    "indented lists": INDENTED,
    "a comment inside": CANONICAL.replace("    home:", "    # a comment\n    home:"),
    "a folded text": CANONICAL.replace("description: A chart", "description: A\n      version: 9.9.9\n      chart"),
    "a literal text": CANONICAL.replace("description: A chart", "description: |-\n      version: 9.9.9\n      - chart"),
    "a chart without versions": CANONICAL.replace("generated", "  zookeeper: []\ngenerated"),
    "nested versions": CANONICAL.replace("    home:", "    dependencies:\n    - name: x\n      version: 9\n    home:"),
}  # fmt: skip
SURPRISES = {
    "json": json.dumps(yaml.safe_load(CANONICAL)),
    "flow style": CANONICAL.partition("  redis:")[0] + "  redis: [{version: 1.10.0}]\n",
    "four spaces": yaml.safe_dump(yaml.safe_load(CANONICAL), indent=4).replace("\n  ", "\n    "),
    "comment behind": CANONICAL.replace("version: 2.0.0", "version: 2.0.0 # the newest"),
    "escapes": CANONICAL.replace("version: 2.0.0", 'version: "2.0\\u002e0"'),
    "an anchor": CANONICAL.replace("version: 2.0.0", "version: &newest 2.0.0"),
    "a tag": CANONICAL.replace("version: 2.0.0", "version: !!str 2.0.0"),
    "folded version": CANONICAL.replace("version: 2.0.0", "version:\n      2.0.0"),
    "quoted keys": CANONICAL.replace("    version: 2.0.0", '    "version": 2.0.0'),
    "a comment in front": CANONICAL.replace("entries:\n", "entries:\n  # ours\n"),
    "a lone dash": CANONICAL.replace("  - apiVersion: v2", "  -\n    apiVersion: v2", 1),
}


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("style", STYLES)
def test_styles_that_are_read_by_the_line(style: str) -> None:
    """What tools other than Helm write is mostly as regular as what Helm writes, and needs no parser either."""
    assert versions(STYLES[style]) == ["2.0.0", "1.0.0"]
    assert versions(STYLES[style], "redis") == ["1.10.0"]


@pytest.mark.parametrize("surprise", SURPRISES)
def test_surprises(surprise: str) -> None:
    """Whatever departs from the canonical form is read as YAML (or JSON) and gives the same versions."""
    assert versions(SURPRISES[surprise]) == ["2.0.0", "1.0.0"]
    assert versions(SURPRISES[surprise], "redis") == ["1.10.0"]


def test_an_alias_to_another_chart() -> None:
    """An alias reaches into the whole file, although charts are kept apart."""
    text = CANONICAL.replace("version: 2.0.0", "version: &v 2.0.0").replace("version: 1.10.0", "version: *v")
    assert versions(text, "redis") == ["2.0.0"]


def test_both_ways_agree() -> None:
    """The line reader and the parser find the same in the same index, to the last field."""
    text = CANONICAL.replace("    home:", "    kubeVersion: '>=1.25.0-0'\n    home:")
    by_parser = index(yaml.safe_dump(yaml.load(text, yaml.BaseLoader), indent=4).encode())
    by_line = index(text.encode())
    for chart in ("nginx", "redis"):
        assert by_line.releases(chart) == by_parser.releases(chart)


def test_a_version_that_looks_like_a_number() -> None:
    """``1.10`` without quotes stays 1.10 on both ways."""
    text = CANONICAL.replace("version: 2.0.0", "version: 1.10")
    assert versions(text)[0] == "1.10"
    assert versions(text.replace("entries:\n", "entries:\n  # by the parser\n"))[0] == "1.10"


def test_deprecated_charts() -> None:
    """``deprecated: true`` is noticed, in YAML and in JSON."""
    text = CANONICAL.replace("    home:", "    deprecated: true\n    home:", 1)
    assert [release.deprecated for release in read(text)] == [True, False]
    assert [release.deprecated for release in read(json.dumps(yaml.safe_load(text)))] == [True, False]


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("written", ["^1.25.0-0", "~1.25", "'>=1.25.0-0'", '">= 1.25.0-0 < 2"', "1.25.x", "<1.30"])
def test_the_kubernetes_that_a_chart_needs(written: str) -> None:
    """``kubeVersion`` is what a release requires, however it is written; where it is absent nothing is required."""
    text = CANONICAL.replace("    home:", f"    kubeVersion: {written}\n    home:", 1)
    assert [release.requires for release in read(text)] == [(Requirement("kubernetes", written.strip("'\"")),), ()]


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00Z", "yesterday", '""', "null", "2024-13-01"])
def test_dates_that_are_none(created: str) -> None:
    """A missing or impossible date costs the date, not the version."""
    text = CANONICAL.replace('created: "2020-01-03T12:00:00.123456789Z"', f"created: {created}")
    assert [release.published is None for release in read(text)] == [True, False]


@pytest.mark.parametrize(
    ("home", "sources", "expected"),
    [
        ("https://github.com/a/b", [], "https://github.com/a/b"),
        ("https://example.com", ["https://gitlab.com/a/b.git"], "https://gitlab.com/a/b"),
        ("https://github.com/a/app", ["https://github.com/a/app", "https://github.com/a/helm-charts/tree/main/x"],
         "https://github.com/a/helm-charts"),
        ("https://gitlab.example.com/g/sub/app/-/tree/main", [], "https://gitlab.example.com/g/sub/app"),
        ("https://git.example.com/a/b", [], None),
        ("https://github.com/only-an-owner", [], None),
        ("https://[broken", [], None),
        ("javascript:alert(1)//github.com/a/b", [], None),
    ],
)  # fmt: skip
def test_where_a_chart_is_made(home: str, sources: list[str], expected: str | None) -> None:
    """A repository on a forge is a link worth showing; one of charts is worth more than one of the app."""
    document = {"entries": {"x": [{"version": "1.0.0", "home": home, "sources": sources}]}}
    for text in (json.dumps(document), yaml.safe_dump(document)):
        assert index(text.encode()).releases("x").source_url == expected


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize(
    "sources",
    [
        "[https://gitlab.com/a/b]",
        '["https://example.com", "https://gitlab.com/a/b.git"]',
        "[\n      'https://gitlab.com/a/b']",
        "\n    - https://gitlab.com/a/b",
    ],
)
def test_where_a_chart_is_made_in_flow_style(sources: str) -> None:
    """The list of sources is read by the line in either style."""
    text = CANONICAL.replace("    home:", f"    sources: {sources}\n    home:", 1)

    assert index(text.encode()).releases("nginx").source_url == "https://gitlab.com/a/b"


@pytest.mark.parametrize(
    "text",
    [
        "entries:\n  nginx:\n  - name: nginx\n",
        "entries:\n  nginx:\n  - version:\n",
        "entries:\n  nginx:\n  - version: [1]\n",
        "entries:\n  nginx:\n  - just text\n",
        "entries:\n  nginx: text\n",
        "entries: &a {nginx: [*a]}\n",
        "entries:\n  nginx:\n  - &e {version: 1.0.0, sources: [*e]}\n  - {}\n",
        '{"entries": {"nginx": [{"version": 1}]}}',
        '{"entries": {"nginx": {"version": "1"}}}',
        '{"entries": []}',
        "[]",
        "a: [",
        "entries:\n  nginx:\n  - version: 1\n    version: 2\n   - x\n",
        'entries:\n  "\udcff":\n  - version: 1\n',
    ],
)
def test_garbage(text: str) -> None:
    """An entry without a version, or what is no list of entries, is refused."""
    with pytest.raises((InvalidAnswer, ValueError)):
        read(text)


def test_one_broken_chart() -> None:
    """A chart whose entries are garbage does not keep the others from being read."""
    for text in (CANONICAL, json.dumps(yaml.safe_load(CANONICAL))):
        broken = text.replace("version: 1.10.0", "version:").replace('"version": "1.10.0"', '"version": null')
        assert versions(broken) == ["2.0.0", "1.0.0"]
        with pytest.raises(InvalidAnswer):
            read(broken, "redis")


def test_a_bomb_of_aliases_stays_small() -> None:
    """Aliases of aliases, which would fill the memory when written out, are cut off where entries begin."""
    lines = ["a: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 20)]
    text = "\n".join([*lines, "entries: {nginx: [{version: 1.0.0, keywords: *a19}]}", ""])
    assert versions(text) == ["1.0.0"]


@given(st.integers(min_value=0, max_value=len(CANONICAL)))
@settings(max_examples=200, derandomize=True)
def test_a_truncated_index_invents_nothing(length: int) -> None:
    """Wherever an index breaks off, it gives an error or versions that it really has."""
    try:
        part = index(CANONICAL[:length].encode())
        found = {release.version for chart in part.charts for release in part.releases(chart).releases}
    except (InvalidAnswer, ValueError):
        return
    assert found <= {"2.0.0", "1.0.0", "1.10.0"}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("style", [*STYLES, *SURPRISES])
def test_the_size_of_the_pieces_does_not_matter(style: str, size: int) -> None:
    """An index says the same however it is cut up on its way, between the two halves of a line's end, too."""
    content = {**STYLES, **SURPRISES}[style].encode()
    assert index(content, size).charts == index(content).charts


@given(st.text(alphabet="\n\n  -:ab1.'\"#&*|>{}[],~\\\t\ré", max_size=60))
@example(" 1.0")
@example("1.0")
@example(" 1\r2")
@settings(max_examples=300, derandomize=True, deadline=None)
def test_the_line_reader_agrees_with_the_parser(value: str) -> None:
    """Whatever stands in the place of a version, the reader finds what the parser finds, or calls it a surprise."""
    piece = f"\n  nginx:\n  - name: nginx\n    version:{value}\n    home: x\n"
    try:
        by_line = _helm_index.scan(piece.encode())
    except Surprise:
        return
    document = load_yaml(piece.encode())
    assert isinstance(document, dict)
    by_parser = [each.get("version") for each in slim(document["nginx"]) if each is not None]
    assert [each.get("version") for each in by_line] == by_parser


def test_the_parser_is_not_even_loaded() -> None:
    """Reading a canonical index imports no PyYAML: most runs never need it."""
    import subprocess

    script = (
        "import sys; from datasources import _helm_index as h, _helm_charts as c; charts = c.Charts();"
        "charts.feed(sys.stdin.buffer.read()); h.Index('u', c.unpacked(charts.finish())).releases('nginx');"
        "sys.exit('yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], input=CANONICAL.encode(), check=False)
    assert done.returncode == 0


def test_entries_in_any_order_of_fields() -> None:
    """The version may come first in an entry; fields of other entries are never mixed up."""
    text = "entries:\n  nginx:\n  - version: 2.0.0\n    appVersion: b\n  - version: 1.0.0\n    deprecated: true\n"
    assert [(release.app_version, release.deprecated) for release in read(text)] == [("b", False), (None, True)]


def test_lines_of_an_entry() -> None:
    """The entries that the tests make are YAML, and say what they are meant to say."""
    (made,) = yaml.safe_load("\n".join(entry("nginx", "1.0.0")))
    assert (made["name"], made["version"]) == ("nginx", "1.0.0")
