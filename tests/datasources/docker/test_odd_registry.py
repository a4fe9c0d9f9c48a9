"""What docker-registry never does: pages, limits, broken answers. An error is never taken for a short list."""

from datetime import UTC, datetime

import pytest

from datasources import _oci, docker
from tests.datasources.conftest import REGISTRY, Connect
from tests.servers import Reply, Request, as_json
from tests.servers.pages import (
    BREAKAGES,
    CUT,
    DENIED,
    DOWN,
    GARBAGE,
    RATE_LIMITED,
    Link,
    PagedRegistry,
    circle,
    digest_of,
    endless,
    in_order,
    many_tags,
)
from updater.api import (
    AuthError,
    InvalidAnswer,
    NotFound,
    Package,
    RateLimited,
    Release,
    RequestError,
    Secret,
    Unavailable,
)
from updater.cache import open_cache
from updater.hosts import HostRule

APP = Package(datasource="docker", name=f"{REGISTRY}/app")


@pytest.mark.parametrize("link", ["relative", "absolute", "other-host", "lost-path"])
async def test_all_pages_are_read(connect: Connect, link: Link) -> None:
    """10,000 tags come in ten requests, also where the links name a wrong host or path, as proxies make them."""
    tags = many_tags()
    with PagedRegistry({"app": tags}, link=link) as server:
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.releases(APP, client)
    assert {release.version for release in found.releases} == set(tags)
    assert len(server.requests) == 10


async def test_unchanged_pages_are_not_sent_again(connect: Connect) -> None:
    """The next run asks conditionally, page by page, and finds the same tags."""
    store = open_cache("memory:").responses
    with PagedRegistry({"app": many_tags(30)}, most=10) as server:
        async with connect({REGISTRY: server.url}, cache=store) as client:
            cold = await docker.releases(APP, client)
        server.requests.clear()
        async with connect({REGISTRY: server.url}, cache=store) as client:
            assert await docker.releases(APP, client) == cold
    assert [asked.status for asked in server.requests] == [304, 304, 304]


async def test_an_error_on_a_later_page_is_an_error(connect: Connect) -> None:
    """A list whose second page fails is not passed off as the first page."""
    with PagedRegistry({"app": many_tags(20)}, most=10) as server:
        server.fault = in_order([None, DOWN, DOWN, DOWN])
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(Unavailable):
                await docker.releases(APP, client)


async def test_pages_that_go_in_circles(connect: Connect) -> None:
    """A page that leads back to an earlier one raises InvalidAnswer at once."""
    with PagedRegistry() as server:
        server.fault = circle()
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match="circles"):
                await docker.releases(APP, client)
    assert len(server.requests) == 3


async def test_pages_that_do_not_end(connect: Connect) -> None:
    """After 100 pages it is enough for one run; the answer says that it is a part, and where it goes on."""
    with PagedRegistry() as server:
        server.fault = endless()
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.releases(APP, client)
    assert len(server.requests) == 100
    assert (found.complete, found.cursor) == (False, f"https://{REGISTRY} n=1&last=100")


async def test_a_long_list_is_read_in_portions(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each portion goes on where the one before ended; together they are the whole list, each page asked for once."""
    monkeypatch.setattr(_oci, "MAX_PAGES", 4)
    tags = many_tags(95)
    with PagedRegistry({"app": tags}, most=10) as server:
        async with connect({REGISTRY: server.url}) as client:
            portions = [await docker.releases(APP, client)]
            while (cursor := portions[-1].cursor) is not None:
                portions.append(await docker.resume(APP, cursor, client))
    assert {release.version for portion in portions for release in portion.releases} == set(tags)
    assert [portion.complete for portion in portions] == [False, False, True]
    assert len(server.requests) == len(set(server.requests)) == 10


async def test_a_failure_in_a_long_list_keeps_what_was_read(connect: Connect) -> None:
    """From ten pages on a failure only ends the portion, so that a registry that allows few requests is read at all."""
    with PagedRegistry({"app": many_tags(300)}, most=10) as server:
        server.fault = in_order([*[None] * 10, RATE_LIMITED])
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.releases(APP, client)
    assert (len(found.releases), found.complete) == (100, False)


async def test_a_failure_in_a_short_list_is_one(connect: Connect) -> None:
    """Fewer pages are no substitute for the list: they could lack the newest tags."""
    with PagedRegistry({"app": many_tags(300)}, most=10) as server:
        server.fault = in_order([*[None] * 9, RATE_LIMITED])
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(RateLimited):
                await docker.releases(APP, client)


async def test_a_cursor_of_another_registry_is_refused(connect: Connect) -> None:
    """A cursor is sent nowhere but to the registry that it is from."""
    with PagedRegistry({"app": ["1"]}) as server:
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match="not where app is read any more"):
                await docker.resume(APP, "https://elsewhere.example n=10&last=1", client)
    assert server.requests == []


@pytest.mark.parametrize("kind", BREAKAGES)
async def test_broken_answers(connect: Connect, kind: str) -> None:
    """Garbage, truncated JSON, tags that are no text: each raises InvalidAnswer."""
    with PagedRegistry() as server:
        server.fault = BREAKAGES[kind]
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer):
                await docker.releases(APP, client)


@pytest.mark.parametrize(
    ("fault", "error"), [(RATE_LIMITED, RateLimited), (DOWN, Unavailable), (DENIED, AuthError), (CUT, Unavailable)]
)
async def test_refusals(connect: Connect, fault: Reply, error: type[RequestError]) -> None:
    """A rate limit, an outage, a refusal and a broken connection keep their kinds, for tags and for digests."""
    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.fault = fault
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(error):
                await docker.releases(APP, client)
            if fault is not CUT:  # HEAD has no body that could break off
                with pytest.raises(error):
                    await docker.digest(APP, "1.0.0", client)


async def test_a_repository_without_tags(connect: Connect) -> None:
    """``"tags": null``, which is what is left of a repository when all is deleted, is NotFound."""
    with PagedRegistry() as server:
        server.fault = as_json({"name": "app", "tags": None})
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(NotFound):
                await docker.releases(APP, client)


async def test_what_google_tells_beside_the_tags(connect: Connect) -> None:
    """Google's registries bring digests and times of upload with the list."""
    digest = f"sha256:{'a' * 64}"
    manifest = {digest: {"tag": ["1.0.0"], "timeUploadedMs": "1700000000000"}, "odd": {"tag": ["2.0.0"]}}
    with PagedRegistry() as server:
        server.fault = as_json({"tags": ["1.0.0", "2.0.0"], "manifest": manifest})
        async with connect({REGISTRY: server.url}) as client:
            found = await docker.releases(APP, client)
    uploaded = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert set(found.releases) == {
        Release(version="1.0.0", digest=digest, published=uploaded),
        Release(version="2.0.0"),
    }


async def test_a_digest_that_no_header_names(connect: Connect) -> None:
    """Where HEAD does not name the digest, it is the hash of the manifest."""
    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.names_digests = False
        async with connect({REGISTRY: server.url}) as client:
            assert await docker.digest(APP, "1.0.0", client) == digest_of("app", "1.0.0")
    assert [asked.method for asked in server.requests] == ["HEAD", "GET"]


async def test_a_registry_without_head(connect: Connect) -> None:
    """A registry that does not know HEAD is asked with GET."""
    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.fault = lambda request: Reply(status=405) if request.method == "HEAD" else None
        async with connect({REGISTRY: server.url}) as client:
            assert await docker.digest(APP, "1.0.0", client) == digest_of("app", "1.0.0")


@pytest.mark.parametrize("page", [GARBAGE, as_json({"error": "sign in"}), as_json([])])
async def test_a_page_is_no_manifest(connect: Connect, page: Reply) -> None:
    """The hash of a sign-in page is not taken for a digest."""
    with PagedRegistry() as server:
        server.fault = page
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer):
                await docker.digest(APP, "1.0.0", client)


# ---------------------------------------------------------------- challenges


def challenge(words: str) -> Reply:
    return Reply(status=401, headers={"WWW-Authenticate": words})


async def test_a_token_server_that_is_less_safe_than_the_registry(connect: Connect) -> None:
    """A registry with TLS cannot send its clients, and their passwords, to a token server without."""
    with PagedRegistry() as server:
        server.fault = challenge('Bearer realm="http://auth.example.com/token",service="x"')
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer, match=r"http://auth\.example\.com"):
                await docker.releases(APP, client)


async def test_a_registry_that_does_not_know_it_has_tls(connect: Connect) -> None:
    """A token server at the registry's own host is asked the way the registry is."""

    def answer(request: Request) -> Reply | None:
        if request.path == "/token":
            return as_json({"access_token": "t0ken"})
        known = request.headers.get("authorization") == "Bearer t0ken"
        return None if known else challenge(f'Bearer realm="http://{REGISTRY}/token"')

    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}) as client:
            assert len((await docker.releases(APP, client)).releases) == 1


async def test_of_two_challenges_the_token_is_taken(connect: Connect) -> None:
    """A registry that offers passwords and tokens is asked with a token; its own scope is used."""
    asked_for = []

    def answer(request: Request) -> Reply | None:
        if request.path == "/token":
            asked_for.append(request.query)
            return as_json({"token": "t0ken"})
        known = request.headers.get("authorization") == "Bearer t0ken"
        words = f'Bearer realm="https://{REGISTRY}/token?account=me",service="s",scope="own:scope", Basic realm="It"'
        return None if known else challenge(words)

    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}) as client:
            await docker.releases(APP, client)
    assert asked_for == [{"account": "me", "service": "s", "scope": "own:scope"}]


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", 17, None])
async def test_a_token_that_no_header_can_hold(connect: Connect, token: object) -> None:
    """What a token server gives out is looked at before it is sent anywhere."""

    def answer(request: Request) -> Reply:
        if request.path == "/token":
            return as_json({"token": token})
        return challenge(f'Bearer realm="https://{REGISTRY}/token"')

    with PagedRegistry() as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(InvalidAnswer):
                await docker.releases(APP, client)


async def test_a_token_of_the_user_is_shown_to_the_token_server(connect: Connect) -> None:
    """A host rule with a token, and no name, shows that token to the token server, in the rule's own words."""
    shown = []

    def answer(request: Request) -> Reply | None:
        if request.path == "/token":
            shown.append(request.headers["authorization"])
            return as_json({"token": "t0ken"})
        known = request.headers.get("authorization") == "Bearer t0ken"
        return None if known else challenge(f'Bearer realm="https://{REGISTRY}/token"')

    rule = HostRule(match_host=REGISTRY, token=Secret("personal"), auth_type="Token")
    with PagedRegistry({"app": ["1.0.0"]}) as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}, rule) as client:
            await docker.releases(APP, client)
    assert shown == ["Token personal"]


async def test_a_token_that_does_not_reach_far_enough(connect: Connect) -> None:
    """When a fresh token is refused for its scope there is no second one: AuthError, after one request for a token."""

    def answer(request: Request) -> Reply:
        if request.path == "/token":
            return as_json({"token": "t0ken"})
        reason = ',error="insufficient_scope"' if "authorization" in request.headers else ""
        return challenge(f'Bearer realm="https://{REGISTRY}/token"{reason}')

    with PagedRegistry() as server:
        server.fault = answer
        async with connect({REGISTRY: server.url}) as client:
            for _ in range(2):
                with pytest.raises(AuthError, match="app"):
                    await docker.releases(APP, client)
    assert len(server.paths("/token")) == 1


@pytest.mark.parametrize("words", ["", "Negotiate", 'Basic realm="It"'])
async def test_challenges_that_cannot_be_met(connect: Connect, words: str) -> None:
    """A refusal that nothing can be said to raises AuthError after a single request."""
    with PagedRegistry() as server:
        server.fault = challenge(words)
        async with connect({REGISTRY: server.url}) as client:
            with pytest.raises(AuthError, match="app"):
                await docker.releases(APP, client)
    assert len(server.requests) == 1


# ---------------------------------------------------------------- where an image is


@pytest.mark.parametrize(
    ("name", "registry_url", "registry", "repository"),
    [
        ("nginx", None, "https://registry-1.docker.io", "library/nginx"),
        ("grafana/loki", None, "https://registry-1.docker.io", "grafana/loki"),
        ("docker.io/nginx", None, "https://registry-1.docker.io", "library/nginx"),
        ("ghcr.io/org/app", None, "https://ghcr.io", "org/app"),
        ("registry.local:5000/app", None, "https://registry.local:5000", "app"),
        ("localhost/app", None, "http://localhost", "app"),
        ("127.0.0.1:5000/app", None, "http://127.0.0.1:5000", "app"),
        ("nginx", "https://index.docker.io/v1/", "https://registry-1.docker.io", "library/nginx"),
        ("nginx", "https://mirror.example.com", "https://mirror.example.com", "nginx"),
        ("nginx", "https://mirror.example.com/hub/", "https://mirror.example.com", "hub/nginx"),
        ("mirror.example.com/hub/nginx", "https://mirror.example.com/hub", "https://mirror.example.com", "hub/nginx"),
        ("nginx", "http://10.0.0.1:5000", "http://10.0.0.1:5000", "nginx"),
        ("nginx", "mirror.example.com", "https://mirror.example.com", "nginx"),
        ("podinfo", "oci://ghcr.io/charts", "https://ghcr.io", "charts/podinfo"),
        ("podinfo", "oci://127.0.0.1:5000", "http://127.0.0.1:5000", "podinfo"),
        ("app", "https://user:secret@mirror.example.com", "https://mirror.example.com", "app"),
    ],
)
def test_where_an_image_is(name: str, registry_url: str | None, registry: str, repository: str) -> None:
    """A name without a host is on Docker Hub; a configured registry beats the name, its path goes in front."""
    assert _oci.locate(name, registry_url) == _oci.Repository(registry=registry, name=repository)


@pytest.mark.parametrize("name", ["", "../../secrets", "a/../b", "a//b", "a/", "ghcr.io/a b", "app?x=1", "app#x"])
def test_names_that_no_registry_has(name: str) -> None:
    """What could turn into another address on the way is refused before it is asked for."""
    with pytest.raises(NotFound):
        _oci.locate(name)


async def test_mirrors_are_tried_in_order(connect: Connect) -> None:
    """A mirror that does not know the image is passed over; one that is down is not, for it may know more."""
    with PagedRegistry({"hub/app": ["1.0.0"]}) as full, PagedRegistry() as empty:
        package = Package(
            datasource="docker", name="app", registry_urls=("https://first.test", "https://full.test/hub")
        )
        async with connect({"first.test": empty.url, "full.test": full.url}) as client:
            assert (await docker.releases(package, client)).registry_url == "https://full.test"
            assert await docker.digest(package, "1.0.0", client) == digest_of("hub/app", "1.0.0")
            empty.fault = DOWN
            with pytest.raises(Unavailable):
                await docker.releases(package, client)
