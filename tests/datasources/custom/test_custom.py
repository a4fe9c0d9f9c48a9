"""Datasources made by the configuration: each form of answer, what expressions make of it, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from datasources import custom
from tests.datasources.conftest import Connect
from tests.servers import NOT_FOUND, Reply, Request, Server
from updater.api import Datasource, InvalidAnswer, NotFound, Package, Release, Releases, RequestError, SourceFile

HOST = "versions.example.com"
K3S = """{"data": [{"id": "stable", "latest": "v1.33.4+k3s1"}, {"id": "v1.32", "latest": "v1.32.8+k3s1"}]}"""
HASHICORP = """[{"version": "1.9.1", "timestamp_created": "2024-05-01T10:00:00Z", "url_source_repository": "https://g/x"},
 {"version": "1.9.0", "timestamp_created": "2024-04-01T10:00:00Z", "url_source_repository": "https://g/x"}]"""
HASHICORP_TRANSFORM = """{"sourceUrl": $[0].url_source_repository, "releases": $map($, function($v) {
  {"version": $v.version, "releaseTimestamp": $v.timestamp_created, "sourceUrl": $v.url_source_repository}})}"""
K3S_BARE = ["v1.33.4", "v1.32.8"]
LISTING = """<html><body><h1>Index of /download/</h1><a href="../">../</a>
<a href="app-1.2.0.tar.gz">app-1.2.0.tar.gz</a> <A class='x' HREF='app-1.3.0.tar.gz'>new</A>
<a href=app-1.4.0.tar.gz?x=1&amp;y=2>newest</a> <abbr href="no">no link</abbr> <a name="here">no link</a>
</body></html>"""


class Pages(Server):
    """Answers each path with the text it has for it."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        super().__init__()
        self._pages = pages
        self.accepted: list[str] = []

    def handle(self, request: Request) -> Reply:
        self.accepted.append(request.headers.get("accept", ""))
        page = self._pages.get(request.path)
        return Reply(body=page.encode()) if page is not None else NOT_FOUND


@dataclass
class Repository:
    """The files of a repository."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def matching(self, pattern: str) -> Sequence[str]:
        raise NotImplementedError

    def read(self, path: str) -> SourceFile | None:
        return SourceFile(path=path, text=self.texts[path]) if path in self.texts else None


def made(
    form: str = "json", *transforms: str, files: Mapping[str, str] | None = None, home: str = "here"
) -> Datasource:
    return custom.build("app", {"format": form, "transformTemplates": transforms}, Repository(files or {}), home)


async def ask(connect: Connect, datasource: Datasource, answer: str, path: str = "/v") -> Releases:
    package = Package(datasource="custom.app", name="app", registry_urls=(f"https://{HOST}/v",))
    with Pages({path: answer}) as server:
        async with connect({HOST: server.url}) as client:
            return await datasource.releases(package, client)


def versions(found: Releases) -> list[str]:
    return [release.version for release in found.releases]


@pytest.mark.parametrize(
    ("form", "answer", "expected"),
    [
        ("json", '{"releases": [{"version": "1.0.0"}, {"version": "1.1.0"}]}', ["1.0.0", "1.1.0"]),
        ("json", '{"releases": [{"version": 31}]}', ["31"]),
        (
            "yaml",
            "releases:\n  - version: 1.10\n  - version: 1.9\n  - version: 2024-01-02\n",
            ["1.10", "1.9", "2024-01-02"],
        ),
        ("toml", '[[releases]]\nversion = "1.0.0"\n[[releases]]\nversion = "2.0.0"\n', ["1.0.0", "2.0.0"]),
        ("plain", "1.0.0\r\n\n 2.0.0 \n2.0.0\n", ["1.0.0", "2.0.0"]),
        ("html", LISTING, ["../", "app-1.2.0.tar.gz", "app-1.3.0.tar.gz", "app-1.4.0.tar.gz?x=1&y=2"]),
    ],
)
async def test_forms(connect: Connect, form: str, answer: str, expected: list[str]) -> None:
    """Each form is read as what it is; in YAML a version with a point stays the text that it is."""
    assert versions(await ask(connect, made(form), answer)) == expected


async def test_all_that_an_answer_may_say(connect: Connect) -> None:
    """Dates, digests, deprecation, prereleases and the source are taken over; what is of the wrong kind is left out."""
    answer = """{"sourceUrl": "https://git.example.com/app", "releases": [
      {"version": "1.0.0", "releaseTimestamp": "2024-01-02T03:04:05Z", "isDeprecated": true, "isStable": true},
      {"version": "1.1.0-x", "isStable": false, "digest": "c667f758f9e46e1d8111698e8d3a181c0b10f430"},
      {"version": "1.2.0", "releaseTimestamp": "soon", "digest": "${{ evil }}", "isDeprecated": "no"}]}"""
    found = await ask(connect, made(), answer)
    assert found.source_url == "https://git.example.com/app"
    assert found.releases == (
        Release(version="1.0.0", published=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), deprecated=True),
        Release(version="1.1.0-x", stable=False, digest="c667f758f9e46e1d8111698e8d3a181c0b10f430"),
        Release(version="1.2.0"),
    )


@pytest.mark.parametrize(
    ("transforms", "answer", "expected"),
    [
        (['{"releases": [{"version": $$.(data[id = \'stable\'].latest)}]}'], K3S, ["v1.33.4+k3s1"]),
        (['{"releases": data.{"version": latest}}'], K3S, ["v1.33.4+k3s1", "v1.32.8+k3s1"]),
        (['{"releases": data[0].{"version": latest}}'], K3S, ["v1.33.4+k3s1"]),
        (
            ["data.latest", '{"releases": $map($, function($v) {{"version": $replace($v, /\\+k3s\\d+$/, "")}})}'],
            K3S,
            K3S_BARE,
        ),
        ([HASHICORP_TRANSFORM], HASHICORP, ["1.9.1", "1.9.0"]),
        (['{"releases":[{"version": $string(revision)}]}'], '{"revision": 42}', ["42"]),
    ],
)
async def test_expressions(connect: Connect, transforms: list[str], answer: str, expected: list[str]) -> None:
    """JSONata as users of Renovate write it, one expression after the other; a list of one need not be a list."""
    assert versions(await ask(connect, made("json", *transforms), answer)) == expected


@pytest.mark.parametrize(
    ("transform", "reason"),
    [
        ("$(", "Expected"),
        ("$nope()", "non-function"),
        ('$eval("1")', "non-function"),
        ("$match(a, /(?=x)/)", "RE2 cannot read"),
        ("$number(a)", "could not convert"),
        ("($f := function($x) { 1 + $f($x + 1) }; $f(1))", "nested"),
        ('($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f("x", 40))', "longer than 1,000,000"),
        ("[1..9999999]", "longer than 1,000,000"),
        ("{'versions': a}", "`releases`"),
        ("{'releases': ['1.0']}", "else than objects"),
        ("{'releases': [{'version': null}]}", "null"),
        ("{'releases': [{'version': true}]}", "true"),
    ],
)
async def test_expressions_that_cannot_be_used(connect: Connect, transform: str, reason: str) -> None:
    """What is no expression, fails, goes on for ever or makes something else says so, and nothing else suffers."""
    with pytest.raises(InvalidAnswer, match=reason) as caught:
        await ask(connect, made("json", transform), '{"a": "text"}')
    assert "custom.app" in str(caught.value)


async def test_expressions_that_go_on_for_ever(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are counted, so that the end does not depend on how fast the machine is."""
    monkeypatch.setattr("updater.jsonata.MAX_STEPS", 10_000)
    with pytest.raises(InvalidAnswer, match="more than 10,000 steps"):
        await ask(connect, made("json", "($f := function($x) { $f($x + 1) }; $f(1))"), "{}")


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ("json", "<html>"),
        ("json", "[" * 100_000),
        ("json", "[]"),
        ("yaml", "a: [b"),
        ("yaml", "releases: *unknown"),
        ("yaml", "!!python/object/apply:os.system ['true']"),
        ("toml", "releases = ["),
    ],
)
async def test_answers_that_are_none(connect: Connect, form: str, answer: str) -> None:
    """What is not in the form that the configuration promises is InvalidAnswer, and never runs."""
    with pytest.raises(InvalidAnswer):
        await ask(connect, made(form), answer)


@pytest.mark.parametrize(
    ("form", "answer"), [("plain", "\n"), ("html", "<p>nothing</p>"), ("json", '{"releases": []}')]
)
async def test_no_versions(connect: Connect, form: str, answer: str) -> None:
    """An answer without versions is NotFound, as is an address that is not there."""
    with pytest.raises(NotFound):
        await ask(connect, made(form), answer)
    with pytest.raises(NotFound):
        await ask(connect, made(form), answer, path="/elsewhere")


async def test_the_form_is_asked_for(connect: Connect) -> None:
    """Servers that have the same in several forms hear which one is wanted."""
    package = Package(datasource="custom.app", name="app", registry_urls=(f"https://{HOST}/v",))
    with Pages({"/v": "1.0.0"}) as server:
        async with connect({HOST: server.url}) as client:
            await made("plain").releases(package, client)
        assert server.accepted == ["text/plain"]


async def test_a_file_of_the_repository(connect: Connect) -> None:
    """An address can be a file that lies in the repository; no other file of the machine can be meant."""
    datasource = made("plain", files={"versions/app.txt": "1.0.0\n1.1.0\n"})
    async with connect() as client:
        there = Package(datasource="custom.app", name="app", registry_urls=("file://versions/app.txt",))
        assert versions(await datasource.releases(there, client)) == ["1.0.0", "1.1.0"]
        for path in ("file:///etc/hostname", "file://../secret"):
            elsewhere = Package(datasource="custom.app", name="app", registry_urls=(path,))
            with pytest.raises(NotFound, match="the repository has no file"):
                await datasource.releases(elsewhere, client)


async def test_without_an_address(connect: Connect) -> None:
    """Without an address there is nobody to ask, and the name of the family alone is no datasource."""
    package = Package(datasource="custom.app", name="app")
    async with connect() as client:
        with pytest.raises(RequestError, match="defaultRegistryUrlTemplate"):
            await made().releases(package, client)
        with pytest.raises(RequestError, match=r"custom\.NAME"):
            await custom.releases(package, client)


def test_what_tells_answers_apart() -> None:
    """Answers are kept for the same form, expressions and repository only."""
    forms = {
        getattr(each, "FORM", None)
        for each in (made(), made("yaml"), made("json", "$"), made("json", "$", "$"), made(home="there"))
    }
    assert len(forms) == 5
    assert getattr(made(), "FORM", None) == getattr(made(), "FORM", "")
