"""How often a host is asked, how fast, and when no more."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import respx

from tests.core.http.conftest import Connect
from tests.servers.faulty import Answer, FaultyServer, StillClock, answer, dropped, limited, never
from updater.answers import Quota
from updater.errors import AuthError, NotFound, RateLimited, RequestError, Unavailable
from updater.gate import ATTEMPTS, FAILURES_UNTIL_CLOSED, PARALLEL_REQUESTS, Budget
from updater.hosts import HostRule
from updater.http import MOST_UNDER_WAY, HttpClient

HOUR = 3_600
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


# ---------------------------------------------------------------- retries


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_trouble_is_given_three_chances(
    server: FaultyServer, connect: Connect, clock: StillClock, status: int
) -> None:
    """A 5xx is asked twice more, after half a second to one and one to two, and counted each time."""
    server.on("/a", answer(status=status))
    async with connect() as client:
        with pytest.raises(Unavailable):
            await client.get(f"{server.url}/a")
        assert dict(client.requests) == {server.host: 3}
    first, second = clock.slept
    assert 0.5 <= first <= 1 <= second <= 2


async def test_trouble_may_pass(server: FaultyServer, connect: Connect) -> None:
    """The first good answer ends the retries, also of HEAD and POST."""
    server.on("/a", answer(status=502), dropped(), answer(b"here"))
    server.on("/b", answer(status=500), answer())
    server.on("/c", answer(status=500), answer(b"{}"))
    async with connect() as client:
        assert (await client.get(f"{server.url}/a")).content == b"here"
        assert (await client.head(f"{server.url}/b")).status == 200
        assert (await client.post(f"{server.url}/c", json={"query": ""})).json() == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_clear_no_is_not_asked_again(
    server: FaultyServer, connect: Connect, clock: StillClock, status: int
) -> None:
    """What asking again cannot change is asked once."""
    server.on("/a", answer(status=status))
    async with connect() as client:
        with pytest.raises(RequestError):
            await client.get(f"{server.url}/a")
    assert (len(server.seen), clock.slept) == (1, [])


async def test_no_answer_in_time_is_unavailable(server: FaultyServer, connect: Connect) -> None:
    """A host that accepts and says nothing is given up after the timeout of its rule, each time."""
    server.on("/a", never())
    async with connect(HostRule(timeout=0.1)) as client:
        with pytest.raises(Unavailable, match=r"takes longer than 0\.1 s to answer"):
            await client.get(f"{server.url}/a")
        assert client.requests[server.host] == 3


async def test_a_refused_connection_is_unavailable(connect: Connect) -> None:
    """Where nobody listens, the connection fails; nothing of the reason is lost."""
    with FaultyServer() as gone:
        url = gone.url
    async with connect() as client:
        with pytest.raises(Unavailable, match="cannot be reached: the connection fails") as caught:
            await client.get(f"{url}/a")
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


async def test_a_name_that_does_not_resolve_is_unavailable(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed name lookup is told as such."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    async with connect() as client:
        with pytest.raises(Unavailable, match=r"typo\.example cannot be found: its name does not resolve"):
            await client.get("https://typo.example/a")


# ---------------------------------------------------------------- rate limits


async def test_a_short_wait_is_waited(server: FaultyServer, connect: Connect, clock: StillClock) -> None:
    """A 429 with a Retry-After of no more than a minute is asked again after that time."""
    server.on("/a", limited(60), answer(b"here"))
    start = clock.now
    async with connect() as client:
        assert (await client.get(f"{server.url}/a")).content == b"here"
    assert clock.now - start == timedelta(seconds=60)


async def test_a_long_wait_parks_the_host(server: FaultyServer, other: FaultyServer, connect: Connect) -> None:
    """A longer Retry-After fails at once with the time; until then the host is not asked, while others are."""
    server.on("/a", limited(HOUR))
    other.on("/a", answer(b"here"))
    until = datetime(2026, 1, 1, 13, tzinfo=UTC)
    async with connect() as client:
        for path in ("a", "b"):
            with pytest.raises(RateLimited, match="2026-01-01 13:00:00 UTC") as caught:
                await client.get(f"{server.url}/{path}")
            assert (caught.value.until, caught.value.url) == (until, f"{server.url}/{path}")
        assert (await client.get(f"{other.url}/a")).content == b"here"
    assert len(server.seen) == 1


async def test_a_parked_host_is_asked_when_its_time_has_come(
    server: FaultyServer, connect: Connect, clock: StillClock
) -> None:
    """Shortly before the end of the parking a request waits for it instead of failing."""
    server.on("/a", limited(HOUR), answer(b"here"))
    async with connect() as client:
        with pytest.raises(RateLimited):
            await client.get(f"{server.url}/a")
        clock.now += timedelta(seconds=HOUR - 20)
        assert (await client.get(f"{server.url}/a")).content == b"here"
    assert clock.slept == [20]


async def test_all_requests_wait_together(server: FaultyServer, connect: Connect, clock: StillClock) -> None:
    """What one request was told holds for the others to the same host: they are sent after the wait."""
    server.on("/a", limited(30))
    server.on("/b", answer())
    async with connect() as client:
        with pytest.raises(RateLimited):
            await client.get(f"{server.url}/a")
        await client.get(f"{server.url}/b")
    assert clock.slept[-1] == 30


async def test_the_patience_can_be_configured(server: FaultyServer, connect: Connect) -> None:
    """``maxRetryAfter`` says which waits are waited."""
    server.on("/a", limited(5))
    async with connect(HostRule(match_host=server.host, max_retry_after=4)) as client:
        with pytest.raises(RateLimited):
            await client.get(f"{server.url}/a")
    assert len(server.seen) == 1


async def test_a_limit_without_a_time_is_asked_again(server: FaultyServer, connect: Connect) -> None:
    """A 429 that does not say for how long is retried like trouble, and after three such requests no more."""
    server.on("/a", limited())
    async with connect() as client:
        for _ in range(3):
            with pytest.raises(RateLimited, match="for a while") as caught:
                await client.get(f"{server.url}/a")
            assert caught.value.until is None
        with pytest.raises(RateLimited, match="is not asked again in this run, since"):
            await client.get(f"{server.url}/b")
    assert len(server.seen) == 9


ONE = format_datetime(NOON + timedelta(hours=1), usegmt=True)
EPOCH = str(int(NOON.timestamp()) + HOUR)


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        pytest.param(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": EPOCH}, b"", HOUR, id="GitHub"),
        pytest.param(403, {"retry-after": "90"}, b"", 90, id="GitHub, secondary"),
        pytest.param(403, {}, b"You have exceeded a secondary rate limit.", 60, id="GitHub, in words"),
        pytest.param(429, {"ratelimit-remaining": "0;w=21600", "retry-after": "600"}, b"", 600, id="Docker Hub"),
        pytest.param(429, {"x-retry-after": EPOCH, "x-ratelimit-remaining": "0"}, b"", HOUR, id="hub.docker.com"),
        pytest.param(429, {"ratelimit-remaining": "0", "ratelimit-reset": EPOCH}, b"", HOUR, id="GitLab"),
        pytest.param(429, {"ratelimit-reset": "120"}, b"", 120, id="draft standard"),
        pytest.param(429, {"retry-after": ONE}, b"", HOUR, id="date"),
        pytest.param(429, {"retry-after": "Thu, 01 Jan 2026 13:00:00 -0000"}, b"", HOUR, id="date without zone"),
        pytest.param(429, {"retry-after": "Thu, 01 Jan 2020 13:00:00 GMT"}, b"", 0, id="past"),
        pytest.param(429, {"retry-after": "99999999999"}, b"", 24 * HOUR, id="absurd"),
        pytest.param(429, {"retry-after": "soon"}, b"", None, id="nonsense"),
        pytest.param(429, {"retry-after": "-5"}, b"", None, id="negative"),
        pytest.param(429, {"x-ratelimit-remaining": "7", "x-ratelimit-reset": EPOCH}, b"", None, id="other limit"),
    ],
)
async def test_the_dialects_of_too_many_requests(
    server: FaultyServer, connect: Connect, status: int, headers: dict[str, str], body: bytes, seconds: int | None
) -> None:
    """Every way in which a host asks to be left alone is understood, with its time."""
    server.on("/a", answer(body, status=status, **{name.replace("-", "_"): value for name, value in headers.items()}))
    async with connect(HostRule(match_host=server.host, max_retry_after=-1)) as client:
        with pytest.raises(RateLimited) as caught:
            await client.get(f"{server.url}/a")
    assert caught.value.until == (None if seconds is None else NOON + timedelta(seconds=seconds))


async def test_a_plain_403_is_no_rate_limit(server: FaultyServer, connect: Connect) -> None:
    """A 403 with requests left is about credentials."""
    server.on("/a", answer(b"forbidden", status=403, x_ratelimit_remaining="59", x_ratelimit_reset=EPOCH))
    async with connect() as client:
        with pytest.raises(AuthError):
            await client.get(f"{server.url}/a")


# ---------------------------------------------------------------- budgets


class Allowance:
    """An answer to every request that says what is left, and 429 once nothing is; so in each of its dialects."""

    def __init__(self, clock: StillClock, limit: int, *, dialect: str = "github", window: int = HOUR) -> None:
        self._clock, self._limit, self._dialect, self._window = clock, limit, dialect, window
        self._end, self._used = clock.now, 0
        self.refused = 0

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        if self._clock.now >= self._end:
            self._end, self._used = self._clock.now + timedelta(seconds=self._window), 0
        self._used += 1
        left = max(0, self._limit - self._used)
        self.refused += self._used > self._limit
        return httpx.Response(429 if self._used > self._limit else 200, headers=self._headers(left))

    def _headers(self, left: int) -> dict[str, str]:
        seconds, end = int((self._end - self._clock.now).total_seconds()), str(int(self._end.timestamp()))
        limit = str(self._limit)
        return {
            "github": {"x-ratelimit-limit": limit, "x-ratelimit-remaining": str(left), "x-ratelimit-reset": end},
            "gitlab": {"ratelimit-limit": limit, "ratelimit-remaining": str(left), "ratelimit-reset": end},
            "docker": {"ratelimit-limit": f"{limit};w={self._window}", "ratelimit-remaining": f"{left};w={seconds}"},
            "draft-07": {"ratelimit": f"limit={limit}, remaining={left}, reset={seconds}"},
            "draft-08": {
                "ratelimit": f'"day";r=99999;t=86400, "hour";r={left};t={seconds}',
                "ratelimit-policy": f'"hour";q={limit};w={self._window}',
            },
        }[self._dialect]


async def _outcomes(client: HttpClient, paths: Iterable[str]) -> Counter[str]:
    results = await asyncio.gather(
        *(client.get(f"https://counts.example/{path}") for path in paths), return_exceptions=True
    )
    return Counter(type(result).__name__ for result in results)


@pytest.mark.parametrize("dialect", ["github", "gitlab", "docker", "draft-07", "draft-08"])
async def test_a_budget_is_kept_to(connect: Connect, clock: StillClock, dialect: str) -> None:
    """What a host says is left is never exceeded, in whatever words; what is over fails with the time of the next."""
    allowance = Allowance(clock, 40, dialect=dialect)
    with respx.mock as mock:
        mock.get(host="counts.example").mock(side_effect=allowance)
        async with connect(quick=False) as client:
            assert await _outcomes(client, map(str, range(100))) == {"Response": 40, "RateLimited": 60}
            with pytest.raises(RateLimited, match=r"counts\.example wants no requests before 2026-01-01 13") as caught:
                await client.get("https://counts.example/one-more")
            assert caught.value.until == NOON + timedelta(hours=1)
            clock.now += timedelta(hours=1)
            assert await _outcomes(client, map(str, range(100))) == {"Response": 40, "RateLimited": 60}
    assert allowance.refused == 0


async def test_a_part_of_a_budget_is_kept_back(connect: Connect, clock: StillClock) -> None:
    """Who asks sparingly leaves a third of the limit to the others, which they get in the same window."""
    with respx.mock as mock:
        mock.get(host="counts.example").mock(side_effect=Allowance(clock, 40))
        async with connect(quick=False) as client:
            sparing = await _outcomes(client.sparing(), map(str, range(100)))
            others = await _outcomes(client, map(str, range(100)))
    assert (sparing["Response"], others["Response"]) == (27, 13)


@pytest.mark.parametrize("told", [[3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3], [5, 3, 8, 4, 7, 6]])
def test_answers_that_overtake_each_other_cost_nothing(told: list[int]) -> None:
    """Whatever answer comes first, what is left is what was left before, less what was sent."""
    budget, until = Budget(), NOON + timedelta(hours=1)
    with budget.spent():
        budget.learn(Quota(remaining=9, until=until, limit=10), NOON)
    under_way = [budget.spent() for _ in told]
    for each in under_way:
        each.__enter__()
    for each, remaining in zip(under_way, told, strict=True):
        budget.learn(Quota(remaining=remaining, until=until, limit=10), NOON)
        each.__exit__(None, None, None)
        assert budget.closed_until(NOON, sparing=True) == until
        assert budget.closed_until(NOON, sparing=False) is None
    for _ in range(3):
        budget.spent().__enter__()
    assert budget.closed_until(NOON, sparing=False) == until


async def test_of_a_large_budget_little_is_kept_back(connect: Connect, clock: StillClock) -> None:
    """Fifty requests are enough for the pull requests of a run."""
    with respx.mock as mock:
        mock.get(host="counts.example").mock(side_effect=Allowance(clock, 400))
        async with connect(quick=False) as client:
            assert (await _outcomes(client.sparing(), map(str, range(500))))["Response"] == 350


async def test_a_short_window_is_waited_for(connect: Connect, clock: StillClock) -> None:
    """A limit per minute slows down and fails nothing."""
    start, allowance = clock.now, Allowance(clock, 10, window=60)
    with respx.mock as mock:
        mock.get(host="counts.example").mock(side_effect=allowance)
        async with connect(quick=False) as client:
            assert await _outcomes(client, map(str, range(25))) == {"Response": 25}
    assert (clock.now - start, allowance.refused) == (timedelta(minutes=2), 0)


async def test_what_is_counted_apart_is_spent_apart(server: FaultyServer, connect: Connect, clock: StillClock) -> None:
    """When no pulls are left, no manifest is fetched; Docker Hub tells digests and lists tags all the same."""
    spent = {"ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=21600"}
    manifest, tags = "/v2/library/nginx/manifests/1", "/v2/library/nginx/tags/list"
    server.on(manifest, Answer(headers=spent))
    server.on(tags, answer(b"{}"))
    hub = "https://registry-1.docker.io"
    async with connect(routes={"registry-1.docker.io": server.url}) as client:
        for accept in ("index", "manifest"):
            await client.head(f"{hub}{manifest}", headers={"Accept": accept})
        with pytest.raises(RateLimited) as caught:
            await client.get(f"{hub}{manifest}")
        assert caught.value.until == NOON + timedelta(hours=6)
        await client.get(f"{hub}{tags}")
    assert [seen.method for seen in server.seen] == ["HEAD", "HEAD", "GET"]


async def test_a_refusal_for_want_of_a_budget_closes_only_that(server: FaultyServer, connect: Connect) -> None:
    """GitHub counts GraphQL apart from the rest."""
    server.on("/a", answer(status=403, x_ratelimit_remaining="0", x_ratelimit_reset=EPOCH))
    server.on("/graphql", answer(b"{}", x_ratelimit_remaining="4999", x_ratelimit_reset=EPOCH))
    async with connect() as client:
        for _ in range(2):
            with pytest.raises(RateLimited):
                await client.get(f"{server.url}/a")
        assert (await client.post(f"{server.url}/graphql", json={})).json() == {}
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining": "0"},
        {"x-ratelimit-remaining": "-1", "x-ratelimit-reset": EPOCH},
        {"x-ratelimit-remaining": "none", "x-ratelimit-reset": EPOCH},
        {"ratelimit-remaining": "0;w=soon"},
        {"ratelimit": "r=0"},
        {"ratelimit": '"default";r=0;t=-5'},
        {"ratelimit": '"default";r=0.5;t=60'},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000000000"},
    ],
)
async def test_what_says_nothing_limits_nothing(
    server: FaultyServer, connect: Connect, headers: dict[str, str]
) -> None:
    """A budget without a time, with nonsense or of the past is none."""
    server.on("/a", Answer(headers=headers))
    async with connect() as client:
        for _ in range(3):
            await client.get(f"{server.url}/a")


# ---------------------------------------------------------------- the closed gate


async def test_a_dead_host_is_given_up(connect: Connect, clock: StillClock) -> None:
    """After three failed requests in a row a host costs nothing any more; the first cause is named."""
    with FaultyServer() as gone:
        url, host = gone.url, gone.host
    async with connect() as client:
        for _ in range(3):
            with pytest.raises(Unavailable, match="the connection fails"):
                await client.get(f"{url}/a")
        waited = len(clock.slept)
        for _ in range(1000):
            with pytest.raises(Unavailable) as caught:
                await client.get(f"{url}/b")
        assert dict(client.requests) == {host: 9}
    assert str(caught.value) == (
        f"{host} is not asked again in this run, since {host} cannot be reached: the connection fails"
    )
    assert (caught.value.url, len(clock.slept)) == (f"{url}/b", waited)


async def test_the_waiting_learn_it_too(connect: Connect) -> None:
    """Of a thousand requests that are under way together only those at the door are sent until three have failed."""
    with FaultyServer() as gone:
        url, host = gone.url, gone.host
    async with connect() as client:
        results = await asyncio.gather(*(client.get(f"{url}/{n}") for n in range(1000)), return_exceptions=True)
        assert all(isinstance(result, Unavailable) for result in results)
        assert client.requests[host] <= ATTEMPTS * (PARALLEL_REQUESTS + FAILURES_UNTIL_CLOSED - 1)


async def test_any_answer_keeps_the_gate_open(server: FaultyServer, connect: Connect) -> None:
    """Failures count only in a row: an answer, also a refusal, shows that the host is there."""
    server.on("/bad", answer(status=500))
    async with connect() as client:
        for _ in range(4):
            for path, kind in (("bad", Unavailable), ("bad", Unavailable), ("unknown", NotFound)):
                with pytest.raises(kind):
                    await client.get(f"{server.url}/{path}")


# ---------------------------------------------------------------- limits


async def _most_at_once(connect: Connect, rule: HostRule, urls: Sequence[str]) -> int:
    now, most = 0, 0

    async def respond(_request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(10):
            await asyncio.sleep(0)
        now -= 1
        return httpx.Response(200)

    with respx.mock as mock:
        mock.get(host__regex=r"(?:busy|host\d+)\.example").mock(side_effect=respond)
        async with connect(rule, quick=False) as client:
            await asyncio.gather(*map(client.get, urls))
    return most


def _of_one_host(requests: int) -> list[str]:
    return [f"https://busy.example/{number}" for number in range(requests)]


async def test_eight_requests_at_once(connect: Connect) -> None:
    """No host gets more than eight requests at once."""
    assert await _most_at_once(connect, HostRule(), _of_one_host(40)) == 8


async def test_no_more_than_so_many_requests_at_once(connect: Connect) -> None:
    """All hosts together get no more than the processor can serve, though each would be given eight."""
    urls = [f"https://host{number % 20}.example/{number}" for number in range(300)]
    assert await _most_at_once(connect, HostRule(), urls) == MOST_UNDER_WAY


async def test_the_parallel_limit_can_be_configured(connect: Connect) -> None:
    """``concurrentRequestLimit`` says how many."""
    rule = HostRule(match_host="busy.example", concurrent_request_limit=3)
    assert await _most_at_once(connect, rule, _of_one_host(20)) == 3


async def test_requests_can_be_spaced(server: FaultyServer, connect: Connect, clock: StillClock) -> None:
    """``maxRequestsPerSecond`` spaces requests evenly, those that come together and those that come later."""
    server.on("/a", answer())
    start = clock.now
    async with connect(HostRule(match_host=server.host, max_requests_per_second=4)) as client:
        for _ in range(5):
            await client.get(f"{server.url}/a")
        assert clock.now - start == timedelta(seconds=1)
        clock.now += timedelta(minutes=1)
        slept = len(clock.slept)
        await client.get(f"{server.url}/a")
        assert len(clock.slept) == slept
