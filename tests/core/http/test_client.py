"""What is sent, and what comes back: through pyreqwest, and through httpx's own transport."""

import asyncio
import json
import ssl
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import respx

from tests.core.http.conftest import Connect
from tests.servers.faulty import (
    FaultyServer,
    answer,
    compressed,
    dropped,
    garbage,
    gzip_bomb,
    redirect,
    stuck,
    tagged,
    truncated,
)
from updater.api import Client, Secret
from updater.cache import open_cache
from updater.errors import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Unavailable
from updater.hosts import HostRule
from updater.http import HttpClient


@pytest.fixture(params=[True, False], ids=["pyreqwest", "httpx"])
def is_quick(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_get_brings_status_headers_and_body(server: FaultyServer, connect: Connect) -> None:
    """An answer has lower-case headers, its whole body, and the URL that was asked."""
    server.on("/a", answer(b'{"x": 1}', Docker_Content_Digest="sha256:1"))
    async with connect() as client:
        response = await client.get(f"{server.url}/a?n=1")
    assert (response.status, response.json(), response.url) == (200, {"x": 1}, f"{server.url}/a?n=1")
    assert response.headers["docker-content-digest"] == "sha256:1"
    assert server.seen[0].path == "/a?n=1"


async def test_the_client_is_what_datasources_expect() -> None:
    """HttpClient has every method of the protocol, with its parameters."""
    client: Client = HttpClient()
    assert client.credentials("https://nobody.example/") is None


async def test_head_and_post(server: FaultyServer, connect: Connect) -> None:
    """HEAD brings headers only; POST sends JSON and says so."""
    server.on("/a", answer(b"body", Docker_Content_Digest="sha256:1"))
    async with connect() as client:
        head = await client.head(f"{server.url}/a")
        post = await client.post(f"{server.url}/a", json={"query": "{}"})
    assert (head.content, head.headers["content-length"], post.content) == (b"", "4", b"body")
    sent = server.seen[1]
    assert (sent.method, json.loads(sent.body)) == ("POST", {"query": "{}"})
    assert sent.headers["content-type"] == "application/json"


async def test_headers_of_the_caller_are_sent(server: FaultyServer, connect: Connect) -> None:
    """The caller's headers are sent beside a user agent and the wish for gzip."""
    server.on("/a", answer())
    async with connect() as client:
        await client.get(f"{server.url}/a", headers={"Accept": "application/x"})
    headers = server.seen[0].headers
    assert (headers["accept"], headers["accept-encoding"]) == ("application/x", "gzip")
    assert headers["user-agent"].startswith("gitops-updater/")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (404, NotFound, "does not know"),
        (410, NotFound, "does not know"),
        (401, AuthError, "write a host rule for 127.0.0.1"),
        (403, AuthError, "write a host rule for 127.0.0.1"),
        (429, RateLimited, "wants to be left alone"),
        (500, Unavailable, "is in trouble"),
        (503, Unavailable, "is in trouble"),
        (400, InvalidAnswer, "cannot make sense"),
        (304, InvalidAnswer, "cannot make sense"),
    ],
)
async def test_refusals_are_typed(
    server: FaultyServer, connect: Connect, status: int, kind: type[RequestError], words: str
) -> None:
    """Each refusal raises the error that says what to do, names the host and keeps the query to itself."""
    server.on("/a", answer(b"no", status=status))
    async with connect() as client:
        with pytest.raises(RequestError) as caught:
            await client.get(f"{server.url}/a?token=hidden")
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert f"{server.url}/a ({status})" in str(caught.value)
    assert caught.value.url == f"{server.url}/a"


@pytest.mark.parametrize("status", [301, 401, 404, 429, 500])
async def test_an_allowed_status_is_an_answer(server: FaultyServer, connect: Connect, status: int) -> None:
    """A status in ``allow`` comes back as it is, at once and with its body."""
    server.on("/a", answer(b"why", status=status, www_authenticate="Bearer", location="/b"))
    async with connect() as client:
        response = await client.get(f"{server.url}/a", allow=(status,))
    assert (response.status, response.content, len(server.seen)) == (status, b"why", 1)


@pytest.mark.parametrize(
    ("fault", "words"), [(garbage(), "does not speak HTTP"), (dropped(), "breaks off"), (truncated(b"x"), "breaks off")]
)
async def test_a_broken_answer_is_unavailable(
    server: FaultyServer, connect: Connect, fault: object, words: str
) -> None:
    """Garbage, silence and an answer without its end are asked for again, and then reported."""
    server.on("/a", fault)  # type: ignore[arg-type]
    async with connect() as client:
        with pytest.raises(Unavailable, match=words):
            await client.get(f"{server.url}/a")
    assert len(server.seen) == 3


async def test_a_broken_answer_is_forgotten_once_a_whole_one_comes(server: FaultyServer, connect: Connect) -> None:
    """The second attempt's answer is the answer."""
    server.on("/a", truncated(b"half"), answer(b"whole"))
    async with connect() as client:
        assert (await client.get(f"{server.url}/a")).content == b"whole"


async def test_gzip_is_decoded(server: FaultyServer, connect: Connect) -> None:
    """Compressed bodies arrive decoded, also those made of several compressed parts."""
    two = compressed(b"two")
    server.on("/a", answer(compressed(b"one, ").body + two.body, content_encoding="gzip"))
    async with connect() as client:
        assert (await client.get(f"{server.url}/a")).content == b"one, two"


async def test_a_truncated_gzip_body_is_unavailable(server: FaultyServer, connect: Connect) -> None:
    """A compressed body without its end is no whole answer, although HTTP says it is."""
    server.on("/a", answer(compressed(b"one" * 1000).body[:-9], content_encoding="gzip"))
    async with connect() as client:
        with pytest.raises(Unavailable, match="breaks off in the middle"):
            await client.get(f"{server.url}/a")


@pytest.mark.parametrize(("encoding", "words"), [("gzip", "is not"), ("br", "nobody asked for: br")])
async def test_a_lying_encoding_is_an_invalid_answer(
    server: FaultyServer, connect: Connect, encoding: str, words: str
) -> None:
    """A body in an encoding that it does not have, or that nobody asked for, is refused and not asked for again."""
    server.on("/a", answer(b"plain", content_encoding=encoding))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match=words):
            await client.get(f"{server.url}/a")
    assert len(server.seen) == 1


async def test_a_body_over_the_limit_is_refused(server: FaultyServer, connect: Connect) -> None:
    """The limit is exact, and what is over it is not asked for again."""
    server.on("/a", answer(b"x" * 1000))
    async with connect() as client:
        assert len((await client.get(f"{server.url}/a", max_bytes=1000)).content) == 1000
        with pytest.raises(InvalidAnswer, match="larger than 999 bytes"):
            await client.get(f"{server.url}/a", max_bytes=999)
    assert len(server.seen) == 2


async def test_a_gzip_bomb_is_refused(server: FaultyServer, connect: Connect) -> None:
    """The limit counts decoded bytes: sixty kilobytes that stand for more than 64 MiB do not pass."""
    server.on("/a", gzip_bomb(64 * 1024 * 1024 + 1))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match="larger than 67,108,864 bytes"):
            await client.get(f"{server.url}/a")


async def test_an_endless_answer_is_cut_off(server: FaultyServer, connect: Connect) -> None:
    """A body that stops coming is given up after the rule's timeout."""
    server.on("/a", stuck(b"x"))
    async with connect(HostRule(match_host="127.0.0.1", timeout=0.1)) as client:
        with pytest.raises(Unavailable, match=r"takes longer than 0\.1 s"):
            await client.get(f"{server.url}/a")
        assert client.requests[server.host] == 3


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://h/x", "https://", "https://h:port/", "https://h/\n", "https://[/"]
)
async def test_what_is_no_address_is_not_asked(connect: Connect, url: str) -> None:
    """Whatever a repository writes in place of a URL is refused with a sentence, without any request."""
    async with connect() as client:
        with pytest.raises(RequestError, match="is not the address of anything on the web"):
            await client.get(url)
        assert dict(client.requests) == {}


async def test_connections_are_used_again(server: FaultyServer, connect: Connect) -> None:
    """Answers of any kind one after the other need one connection; parallel ones no more than eight."""
    server.on("/a", compressed(b"body"))
    server.on("/same", tagged(b"body", '"1"'))
    server.on("/moved", redirect("/a"))
    server.on("/gone", answer(b"no such thing", status=404))
    async with open_cache("memory:") as cache, connect(cache=cache.responses) as client:
        for _ in range(3):
            await client.get(f"{server.url}/a")
            await client.head(f"{server.url}/a")
            await client.get(f"{server.url}/same")
            await client.get(f"{server.url}/moved")
            await client.get(f"{server.url}/gone", allow=(404,))
            with pytest.raises(NotFound):
                await client.get(f"{server.url}/gone")
        assert server.connections == 1
        await asyncio.gather(*(client.get(f"{server.url}/a") for _ in range(50)))
        assert 1 < server.connections <= 8


async def test_proxies_of_the_environment_are_used(
    server: FaultyServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY is honoured, as everywhere."""
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    server.on("http://far.example/a", answer(b"by proxy"))
    async with connect() as client:
        assert (await client.get("http://far.example/a")).content == b"by proxy"


# ---------------------------------------------------------------- redirects


async def test_redirects_are_followed(server: FaultyServer, connect: Connect) -> None:
    """The answer is that of the last address, whose URL it has."""
    server.on("/a", redirect("b/c"))
    server.on("/b/c", redirect(f"{server.url}/d", status=307))
    server.on("/d", answer(b"here"))
    async with connect() as client:
        response = await client.get(f"{server.url}/a")
    assert (response.content, response.url) == (b"here", f"{server.url}/d")


async def test_five_redirects_are_enough(server: FaultyServer, connect: Connect) -> None:
    """A circle ends after five redirects."""
    server.on("/a", redirect("/a"))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match="redirected more than 5 times"):
            await client.get(f"{server.url}/a")
    assert len(server.seen) == 6


@pytest.mark.parametrize("location", ["ftp://h/x", "https://"])
async def test_a_redirect_must_lead_to_the_web(server: FaultyServer, connect: Connect, location: str) -> None:
    """A redirect to what is no web address is an invalid answer."""
    server.on("/a", redirect(location))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match="is redirected to what is no address"):
            await client.get(f"{server.url}/a")


async def test_a_post_is_not_redirected(server: FaultyServer, connect: Connect) -> None:
    """A question is not carried elsewhere; nor is a redirect without an aim followed."""
    server.on("/a", redirect("/b"))
    server.on("/b", answer(status=302))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match="cannot be followed"):
            await client.post(f"{server.url}/a", json={})
        with pytest.raises(InvalidAnswer, match="cannot be followed"):
            await client.get(f"{server.url}/a")


async def test_another_host_hears_no_secrets(server: FaultyServer, other: FaultyServer, connect: Connect) -> None:
    """A redirect to another host takes along neither the host rule's nor the caller's words, also not back again."""
    server.on("/a", redirect(f"{other.url}/b"))
    server.on("/c", answer(b"here"))
    other.on("/b", redirect(f"{server.url}/c"))
    rules = [
        HostRule(match_host=server.host, token=Secret("mine"), headers={"X-Key": "key"}),
        HostRule(match_host=other.host, token=Secret("theirs")),
    ]
    async with connect(*rules) as client:
        await client.get(f"{server.url}/a", headers={"Private-Token": "own", "Accept": "x/y"})
    first, last = server.seen
    assert (first.headers["authorization"], first.headers["x-key"], first.headers["private-token"]) == (
        "Bearer mine",
        "key",
        "own",
    )
    for seen in (other.seen[0], last):
        assert seen.headers.keys().isdisjoint({"authorization", "x-key", "private-token"})
        assert seen.headers["accept"] == "x/y"


async def test_the_same_host_hears_them_again(server: FaultyServer, connect: Connect) -> None:
    """A redirect on the same host keeps the credentials."""
    server.on("/a", redirect("/b"))
    server.on("/b", answer())
    async with connect(HostRule(match_host=server.host, token=Secret("mine"))) as client:
        await client.get(f"{server.url}/a")
    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer mine"] * 2


async def test_a_refusal_abroad_says_why(server: FaultyServer, other: FaultyServer, connect: Connect) -> None:
    """A 401 behind a redirect is explained by the redirect, and its URL shows no signature."""
    server.on("/a", redirect(f"{other.url}/b?signature=hidden"))
    other.on("/b", answer(status=401))
    async with connect() as client:
        with pytest.raises(AuthError, match="reached by a redirect") as caught:
            await client.get(f"{server.url}/a")
    assert caught.value.url == f"{other.url}/b"


async def test_https_is_not_left_for_http(server: FaultyServer, connect: Connect) -> None:
    """A redirect from https to http is refused, unless a host rule says that the target is an http registry."""
    server.on("/a", redirect("http://plain.example/b"))
    server.on("/b", answer(b"here"))
    routes = {"safe.example": server.url}
    async with connect(routes=routes) as client:
        with pytest.raises(InvalidAnswer, match=r"redirected from https to http://plain\.example/b"):
            await client.get("https://safe.example/a")
    rule = HostRule(match_host="plain.example", insecure_registry=True)
    with respx.mock(assert_all_called=False) as mock:
        mock.route(host="127.0.0.1").pass_through()
        mock.get("http://plain.example/b").respond(200, content=b"plain")
        async with connect(rule, routes=routes, quick=False) as client:
            assert (await client.get("https://safe.example/a")).content == b"plain"


async def test_an_insecure_registry_is_spoken_to_by_http(connect: Connect) -> None:
    """With ``insecureRegistry`` the https address of a host is asked by http, and keeps its name."""
    with respx.mock as mock:
        mock.get("http://old.example:5000/v2/").respond(200, content=b"here")
        async with connect(HostRule(match_host="old.example:5000", insecure_registry=True), quick=False) as client:
            response = await client.get("https://old.example:5000/v2/")
    assert (response.content, response.url) == (b"here", "https://old.example:5000/v2/")


# ---------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        (HostRule(token=Secret("t")), "Bearer t"),
        (HostRule(token=Secret(" t\n")), "Bearer t"),
        (HostRule(token=Secret("t"), auth_type="Token-Only"), "t"),
        (HostRule(token=Secret("dXNlcg"), auth_type="Basic"), "Basic dXNlcg"),
        (HostRule(username="u", password=Secret("pä")), "Basic dTpww6Q="),
    ],
)
async def test_host_rules_give_credentials(server: FaultyServer, connect: Connect, rule: HostRule, sent: str) -> None:
    """A token is sent in its scheme, name and password as Basic."""
    server.on("/a", answer())
    matching = HostRule(
        match_host=server.host,
        username=rule.username,
        password=rule.password,
        token=rule.token,
        auth_type=rule.auth_type,
    )
    async with connect(matching) as client:
        await client.get(f"{server.url}/a")
    assert server.seen[0].headers["authorization"] == sent


async def test_the_caller_overrides_the_host_rule(server: FaultyServer, connect: Connect) -> None:
    """The caller's ``Authorization`` is sent instead; an empty one keeps back the host rule's."""
    server.on("/a", answer())
    async with connect(HostRule(match_host=server.host, token=Secret("rule"))) as client:
        await client.get(f"{server.url}/a", headers={"Authorization": "Bearer own"})
        await client.get(f"{server.url}/a", headers={"Authorization": ""})
    assert [seen.headers.get("authorization") for seen in server.seen] == ["Bearer own", None]


async def test_credentials_in_the_url_are_sent_as_basic(server: FaultyServer, connect: Connect) -> None:
    """``https://user:password@host`` works, and the answer's URL is without them."""
    server.on("/a", answer())
    async with connect() as client:
        response = await client.get(f"http://us%40r:p@{server.host}/a#part")
    assert server.seen[0].headers["authorization"] == "Basic dXNAcjpw"
    assert response.url == f"{server.url}/a"


async def test_plain_http_hears_no_secrets(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    """A rule for a host is not for its http port, which is told once; one that begins with ``http://`` is."""
    with respx.mock as mock:
        route = mock.get(url__startswith="http://git.example/").respond(200)
        async with connect(HostRule(match_host="git.example", token=Secret("t")), quick=False) as client:
            await client.get("http://git.example/1")
            await client.get("http://git.example/2")
        async with connect(HostRule(match_host="http://git.example", token=Secret("t")), quick=False) as client:
            await client.get("http://git.example/3")
    assert [call.request.headers.get("authorization") for call in route.calls] == [None, None, "Bearer t"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "git.example is asked without credentials: http is not encrypted (see insecureRegistry)"
    ]


async def test_rejected_credentials_are_named_as_such(server: FaultyServer, connect: Connect) -> None:
    """Who has a host rule and is refused is told that the credentials are wrong, not that they are missing."""
    server.on("/a", answer(status=401))
    async with connect(HostRule(match_host=server.host, token=Secret("old"))) as client:
        with pytest.raises(AuthError, match="are not accepted"):
            await client.get(f"{server.url}/a")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (HostRule(match_host="h.example", token=Secret("zwölf")), "the token has characters"),
        (HostRule(match_host="h.example", token=Secret("a\nb")), "the token has characters"),
        (HostRule(match_host="h.example", headers={"X-Key": "zwölf"}), "characters that cannot be sent"),
        (HostRule(match_host="h.example", headers={"X-Key": "a\nb"}), "characters that cannot be sent"),
    ],
)
async def test_what_no_header_can_hold_is_told_without_telling_it(connect: Connect, rule: HostRule, words: str) -> None:
    """A secret with impossible characters is an error that does not quote it."""
    async with connect(rule) as client:
        with pytest.raises(RequestError, match=words) as caught:
            await client.get("https://h.example/a")
    shown = "".join(traceback.format_exception(caught.value))
    assert "zwölf" not in shown
    assert "a\nb" not in shown


async def test_an_impossible_header_name_is_told_without_its_value(server: FaultyServer, connect: Connect) -> None:
    """A header that HTTP does not allow is an error that shows neither name nor value."""
    async with connect(HostRule(match_host=server.host, headers={"X Key": "hidden"})) as client:
        with pytest.raises(RequestError, match="characters that cannot be sent") as caught:
            await client.get(f"{server.url}/a")
    assert "hidden" not in "".join(traceback.format_exception(caught.value))
    assert server.seen == []


@pytest.mark.parametrize("url", ["https://xn--a/", f"https://h.example/{'x' * 70_000}"])
async def test_an_impossible_url_is_not_asked(connect: Connect, url: str) -> None:
    """A name that cannot exist and a URL without end are refused."""
    async with connect() as client:
        with pytest.raises(RequestError, match="characters that cannot be sent"):
            await client.get(url)
        assert dict(client.requests) == {}


async def test_a_long_refusal_is_not_read(server: FaultyServer, connect: Connect) -> None:
    """What a refusal says at length is of no interest: the status is enough."""
    server.on("/a", answer(b"x" * 1_000_000, status=404))
    async with connect() as client:
        with pytest.raises(NotFound):
            await client.get(f"{server.url}/a")


async def test_a_disabled_host_is_not_asked(server: FaultyServer, connect: Connect) -> None:
    """``enabled: false`` stops every request to the host."""
    async with connect(HostRule(match_host=server.host, enabled=False)) as client:
        with pytest.raises(RequestError, match="is not asked: a host rule says enabled: false"):
            await client.get(f"{server.url}/a")
        assert (server.seen, dict(client.requests)) == ([], {})


# ---------------------------------------------------------------- routes


async def test_a_route_serves_another_host(server: FaultyServer, connect: Connect) -> None:
    """A routed host is asked elsewhere under its own name, with its credentials, and counted as itself."""
    server.on("/mirror/v2/a", redirect("http://ghcr.io/v2/b"))
    server.on("/mirror/v2/b", answer(b"here"))
    rule = HostRule(match_host="ghcr.io", token=Secret("t"))
    async with connect(rule, routes={"ghcr.io": f"{server.url}/mirror/"}) as client:
        response = await client.get("https://ghcr.io/v2/a?n=1")
        assert dict(client.requests) == {"ghcr.io": 2}
    assert (response.content, response.url) == (b"here", "http://ghcr.io/v2/b")
    assert [seen.path for seen in server.seen] == ["/mirror/v2/a?n=1", "/mirror/v2/b"]
    first = server.seen[0].headers
    assert (first["host"], first["authorization"], first["x-forwarded-proto"]) == ("ghcr.io", "Bearer t", "https")


async def test_a_route_may_name_a_port(server: FaultyServer, connect: Connect) -> None:
    """``host:port`` routes that port only; the usual port needs no mention."""
    server.on("/a", answer(b"here"))
    async with connect(routes={"registry.local:5000": server.url, "plain.local": server.url}) as client:
        assert (await client.get("https://registry.local:5000/a")).content == b"here"
        assert (await client.get("https://plain.local:443/a")).content == b"here"
    assert [seen.headers["host"] for seen in server.seen] == ["registry.local:5000", "plain.local"]


# ---------------------------------------------------------------- downloads


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


async def test_download_writes_the_bytes_as_they_are_stored(
    server: FaultyServer, connect: Connect, tmp_path: Path
) -> None:
    """A download follows redirects and is not decoded: the file has the hash that was published."""
    server.on("/a", redirect("/b"))
    server.on("/b", compressed(b"archive"))
    target = tmp_path / "file"
    async with connect() as client:
        await client.download(f"{server.url}/a", str(target))
    assert target.read_bytes() == compressed(b"archive").body
    assert server.seen[1].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("fault", [answer(status=404), truncated(b"half"), answer(b"x", status=500)])
async def test_a_failed_download_leaves_nothing(
    server: FaultyServer, connect: Connect, tmp_path: Path, fault: object
) -> None:
    """After a failure there is no file."""
    server.on("/a", fault)  # type: ignore[arg-type]
    async with connect() as client:
        with pytest.raises(RequestError):
            await client.download(f"{server.url}/a", str(tmp_path / "file"))
    assert names_in(tmp_path) == []


async def test_a_download_that_breaks_off_starts_again(server: FaultyServer, connect: Connect, tmp_path: Path) -> None:
    """The second attempt's bytes replace the first's."""
    server.on("/a", truncated(b"a longer beginning"), answer(b"whole"))
    async with connect() as client:
        await client.download(f"{server.url}/a", str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"whole"


async def test_a_download_has_a_limit(
    server: FaultyServer, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is larger than the limit is given up and removed."""
    monkeypatch.setattr("updater.http.MAX_DOWNLOAD_BYTES", 1000)
    server.on("/a", answer(b"x" * 1001))
    async with connect() as client:
        with pytest.raises(InvalidAnswer, match="larger than 1,000 bytes"):
            await client.download(f"{server.url}/a", str(tmp_path / "file"))
    assert names_in(tmp_path) == []


# ---------------------------------------------------------------- once


async def test_once_runs_once(connect: Connect) -> None:
    """All who ask under one key, also later, get the one result."""
    runs = []

    async def make() -> int:
        runs.append(1)
        await asyncio.sleep(0)
        return len(runs)

    async with connect() as client:
        results = await asyncio.gather(*(client.once("key", make) for _ in range(5)))
        assert (results, await client.once("key", make), await client.once("other", make)) == ([1] * 5, 1, 2)


async def test_once_shares_failures(connect: Connect) -> None:
    """A failure is shared, too: nobody tries again in the same run."""
    runs = []

    async def make() -> None:
        runs.append(1)
        raise NotFound("no", url="https://h/")

    async with connect() as client:
        results = await asyncio.gather(*(client.once("key", make) for _ in range(3)), return_exceptions=True)
    assert ([type(result) for result in results], len(runs)) == ([NotFound] * 3, 1)


async def test_a_cancelled_waiter_cancels_nobody_else(connect: Connect) -> None:
    """The first to ask may be cancelled; the others still get the result."""
    go = asyncio.Event()

    async def make() -> str:
        await go.wait()
        return "result"

    async with connect() as client:
        first = asyncio.create_task(client.once("key", make))
        second = asyncio.create_task(client.once("key", make))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        go.set()
        assert (first.cancelled(), await second) == (True, "result")


async def test_leaving_the_client_stops_what_nobody_waits_for(connect: Connect) -> None:
    """Work that is still going on when the run ends is cancelled."""
    stopped = asyncio.Event()

    async def make() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with connect() as client:
        waiter = asyncio.create_task(client.once("key", make))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert stopped.is_set()
    with pytest.raises(asyncio.CancelledError):
        await waiter


# ---------------------------------------------------------------- TLS and loading


async def test_an_untrusted_certificate_closes_the_gate(certificate: Path, connect: Connect) -> None:
    """A certificate that nobody vouches for is told with what to do, and the host is not asked again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FaultyServer(context) as server:
        async with connect() as client:
            with pytest.raises(Unavailable, match="certificate that is not trusted: set SSL_CERT_FILE"):
                await client.get(f"{server.url}/a")
            with pytest.raises(Unavailable, match="is not asked again in this run, since"):
                await client.get(f"{server.url}/b")
            assert dict(client.requests) == {server.host: 1}
        assert server.seen == []


async def test_a_trusted_certificate_is_enough(
    certificate: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE says whom to trust; a route to an https server checks that server's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with FaultyServer(context) as server:
        server.on("/a", answer(b"here"))
        async with connect(routes={"ghcr.io": server.url}) as client:
            assert (await client.get(f"{server.url}/a")).content == b"here"
            assert (await client.get("https://ghcr.io/a")).content == b"here"


def test_loading_the_client_loads_no_command_line() -> None:
    """``import updater.http`` brings httpx without click, rich and pygments, which cost as much again."""
    code = "import updater.http, sys; print({'click', 'rich', 'pygments', 'httpx'} & set(sys.modules))"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output == "{'httpx'}\n"
