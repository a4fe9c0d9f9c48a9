"""The Kubernetes API, asked over real HTTP: what a reader gets, and what it makes of every way to fail."""

from collections.abc import Iterator

import pytest

from tests.servers import Reply, Request
from updater.api import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Secret, Unavailable
from updater.demo.kubernetes import KubernetesApi
from updater.kubernetes import reader as module
from updater.kubernetes.access import Access
from updater.kubernetes.reader import KubernetesReader

API = "argoproj.io/v1alpha1"
APPS = f"/apis/{API}/applications"


@pytest.fixture
def api() -> Iterator[KubernetesApi]:
    with KubernetesApi(token="secret") as server:
        for number in range(7):
            server.put(
                API,
                "applications",
                {
                    "metadata": {
                        "name": f"app-{number}",
                        "namespace": "argocd" if number < 5 else "team",
                        "labels": {"tier": "web" if number % 2 else "db"},
                        "ownerReferences": [{"kind": "ApplicationSet", "name": "all"}] if number == 3 else [],
                    },
                    "spec": {"project": "default"},
                    "status": {"sync": {"status": "Synced", "revision": "abc"}, "health": {"status": "Healthy"}},
                },
            )
        yield server


async def no_sleep(_seconds: float) -> None:
    return


def reading(api: KubernetesApi, token: str = "secret") -> KubernetesReader:
    return KubernetesReader(Access(server=api.url, token=Secret(token)), sleep=no_sleep)


async def test_a_list_comes_as_a_table_in_one_request(api: KubernetesApi) -> None:
    """Names, namespaces, owners and what the server prints, without the objects."""
    async with reading(api) as reader:
        rows = await reader.rows(APPS)
    assert [row.name for row in rows] == [f"app-{number}" for number in range(7)]
    assert rows[0].cells["health status"] == "Healthy"
    assert rows[3].owners == {("ApplicationSet", "all")}
    assert len(api.requests) == reader.requests == 1


async def test_a_namespace(api: KubernetesApi) -> None:
    """A list of one namespace holds nothing of the others."""
    async with reading(api) as reader:
        rows = await reader.rows(f"/apis/{API}/namespaces/team/applications")
    assert {row.namespace for row in rows} == {"team"}


async def test_labels(api: KubernetesApi) -> None:
    """A selector chooses by labels."""
    async with reading(api) as reader:
        assert len(await reader.rows(APPS, selector="tier=web")) == 3


async def test_pages(api: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is longer than a page is read on."""
    monkeypatch.setattr(module, "PAGE", 3)
    async with reading(api) as reader:
        assert len(await reader.objects(APPS)) == 7
    assert len(api.requests) == 3


async def test_the_rest_of_a_list_expires(api: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """410 in the middle of a list: it is read once more from the start, and nothing is in it twice."""
    monkeypatch.setattr(module, "PAGE", 3)
    api.expire_after(1)
    async with reading(api) as reader:
        assert len(await reader.rows(APPS)) == 7
    assert [asked.status for asked in api.requests] == [200, 410, 200, 200, 200]


async def test_a_list_that_expires_for_ever(api: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it never lasts, the list is not available; nobody tries for ever."""
    monkeypatch.setattr(module, "PAGE", 3)

    def expire(request: Request) -> Reply | None:
        return Reply(status=410, body=b"{}") if "continue" in request.query else None

    api.fault = expire
    async with reading(api) as reader:
        with pytest.raises(Unavailable, match="faster than it can be listed"):
            await reader.rows(APPS)
    assert len(api.requests) == 6


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, AuthError), (403, AuthError), (404, NotFound), (409, Unavailable), (410, NotFound), (422, InvalidAnswer)],
)
async def test_refusals_in_the_words_of_the_server(api: KubernetesApi, status: int, kind: type[RequestError]) -> None:
    """Each status is the error that says what can be done, in the server's own words, after one request."""
    api.fault = Reply(status=status, body=b'{"kind": "Status", "message": "the server says why"}')
    async with reading(api) as reader:
        with pytest.raises(kind, match="the server says why"):
            await reader.get(f"{APPS}/x")
    assert len(api.requests) == 1


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, Unavailable)])
async def test_a_busy_server_is_asked_again(api: KubernetesApi, status: int, kind: type[RequestError]) -> None:
    """What may pass is tried three times, at the intervals that the server names."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    api.fault = Reply(status=status, body=b"{}", headers={"Retry-After": "7"})
    async with KubernetesReader(Access(server=api.url, token=Secret("secret")), sleep=sleep) as reader:
        with pytest.raises(kind):
            await reader.get(f"{APPS}/x")
    assert (len(api.requests), slept) == (3, [7, 7])


async def test_forbidden_and_unknown(api: KubernetesApi) -> None:
    """A wrong token, a path that is not allowed, an object that is not there."""
    api.forbid(f"/apis/{API}/namespaces/team")
    async with reading(api, "wrong") as reader:
        with pytest.raises(AuthError, match="Unauthorized"):
            await reader.rows(APPS)
    async with reading(api) as reader:
        with pytest.raises(AuthError, match="forbidden"):
            await reader.rows(f"/apis/{API}/namespaces/team/applications")
        with pytest.raises(NotFound, match='"gone" not found'):
            await reader.get(f"/apis/{API}/namespaces/argocd/applications/gone")


async def test_nobody_there() -> None:
    """A server that cannot be reached is unavailable, and its address is named."""
    with KubernetesApi() as stopped:
        address = stopped.url
    async with KubernetesReader(Access(server=address), sleep=no_sleep) as reader:
        with pytest.raises(Unavailable, match=address):
            await reader.get(APPS)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"null"])
async def test_answers_that_make_no_sense(api: KubernetesApi, body: bytes) -> None:
    """What is no JSON object is no answer."""
    api.fault = Reply(body=body)
    async with reading(api) as reader:
        with pytest.raises(InvalidAnswer):
            await reader.get(APPS)


async def test_a_server_without_tables(api: KubernetesApi) -> None:
    """A proxy that takes no notice of the wish for a table sends objects; their names will do."""
    api.fault = Reply(body=b'{"kind": "List", "items": [{"metadata": {"name": "web", "namespace": "argocd"}}]}')
    async with reading(api) as reader:
        rows = await reader.rows(APPS)
    assert [(row.name, row.namespace) for row in rows] == [("web", "argocd")]


async def test_only_get_requests_leave_it(api: KubernetesApi) -> None:
    """Reading is all it can do."""
    async with reading(api) as reader:
        await reader.rows(APPS)
        await reader.get(f"/apis/{API}/namespaces/argocd/applications/app-1")
    assert {asked.method for asked in api.requests} == {"GET"}
