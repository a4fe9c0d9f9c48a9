"""The protocol of container registries, as far as versions need it; used for images and for charts in OCI.

* the API: https://distribution.github.io/distribution/spec/api/
* tokens: https://distribution.github.io/distribution/spec/auth/token/

A registry is first asked without a token. Its ``WWW-Authenticate`` is remembered for the rest of the run, so that
every later repository goes straight to the token endpoint. For the registries in ``_KNOWN`` even the first question
is saved.
"""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from datasources._answers import items, mapping, moment, text
from datasources._pages import next_query
from datasources._registries import base_url
from updater.api import AuthError, Client, Credentials, InvalidAnswer, NotFound, Release, Response

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
PAGE_SIZE = 1_000
MAX_PAGES = 100
DOCKER_HUB = "https://registry-1.docker.io"

_DOCKER_HUB_HOSTS = (
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "hub.docker.com",
    "registry.hub.docker.com",
)
_PART = r"[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_CHALLENGE = re.compile(r'(?P<scheme>basic|bearer)\b(?P<parameters>(?:[\s,]*[a-z_]+="[^"]*")*)', re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z_]+)="([^"]*)"')
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository inside a registry: ``registry`` is the registry's URL without path, ``name`` never begins with /."""

    registry: str
    name: str

    def url(self, path: str) -> str:
        """The address of something that belongs to the repository."""
        return f"{self.registry}/v2/{self.name}/{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Challenge:
    """What a registry wants to see: ``basic`` credentials, or a token that ``realm`` gives out."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def _token_server(realm: str, service: str) -> _Challenge:
    return _Challenge(scheme="bearer", realm=realm, service=service)


_KNOWN = {
    DOCKER_HUB: _token_server("https://auth.docker.io/token", "registry.docker.io"),
    "https://ghcr.io": _token_server("https://ghcr.io/token", "ghcr.io"),
    "https://lscr.io": _token_server("https://ghcr.io/token", "ghcr.io"),
}


# ---------------------------------------------------------------- where a repository is


def locate(name: str, registry_url: str | None = None) -> Repository:
    """The repository of an image or chart called ``name``.

    ``name`` begins with a host if its first part has a dot or a colon or is ``localhost``; otherwise it lives on
    Docker Hub. ``registry_url`` beats both; its path, if any, goes in front of the name (a mirror such as
    ``https://harbor.example.com/hub``). Plain HTTP is spoken to this machine and where ``registry_url`` says so.
    Raises ``NotFound`` for what no registry can have.
    """
    registry, path = _split_name(name) if registry_url is None else _split_url(registry_url, name)
    if registry.partition("://")[2] in _DOCKER_HUB_HOSTS:
        registry, path = DOCKER_HUB, path.removeprefix("v1/").removeprefix("v2/")
        path = path if "/" in path else f"library/{path}"
    if not _NAME.fullmatch(path):
        raise NotFound(f"{path!r} is not a name that {registry} can have", url=registry)
    return Repository(registry=registry, name=path)


def _split_name(name: str) -> tuple[str, str]:
    host, _, path = name.partition("/")
    if not path or not ("." in host or ":" in host or host == "localhost"):
        return DOCKER_HUB, name
    return base_url(host), path


def _split_url(registry_url: str, name: str) -> tuple[str, str]:
    scheme, _, place = base_url(registry_url.removeprefix("oci://")).partition("://")
    host, _, prefix = place.partition("/")
    prefix = f"{prefix}/" if prefix else ""
    return f"{scheme}://{host}", prefix + name.removeprefix(f"{host}/{prefix}")


# ---------------------------------------------------------------- tags and digests


async def releases(repository: Repository, client: Client) -> tuple[Release, ...]:
    """All tags of a repository. Raises ``NotFound`` if there are none, and as :func:`_pages` does."""
    found = dict[str, Release]()
    async for page in _pages(repository, client):
        found.update((release.version, release) for release in _tags(page))
    if not found:
        raise NotFound(f"{repository.name} has no tags at {repository.registry}", url=repository.url("tags/list"))
    return tuple(found.values())


async def _pages(repository: Repository, client: Client) -> AsyncIterator[Response]:
    """The pages of the list of tags.

    Raises ``InvalidAnswer`` if they go in circles or do not end: a part of the list could lack the newest tags, so
    it is never passed off as the whole.
    """
    url, query = repository.url("tags/list"), f"n={PAGE_SIZE}"
    asked = set[str]()
    while query:
        if query in asked:
            raise InvalidAnswer(f"the pages of {url} go in circles", url=url)
        if len(asked) == MAX_PAGES:
            raise InvalidAnswer(f"{url} has more than {MAX_PAGES} pages", url=url)
        asked.add(query)
        page = await _get(repository, f"tags/list?{query}", client)
        yield page
        query = next_query(page)


def _tags(response: Response) -> Iterator[Release]:
    """One page. ``"tags": null`` is how a registry says "none"; Google's registries add digest and time of upload."""
    url = response.url
    page = mapping(response.json(), url=url, what="a list of tags")
    if "tags" not in page:
        raise InvalidAnswer(f"{url} answered without a list of tags", url=url)
    uploads = dict(_google_uploads(page.get("manifest")))
    for tag in items([] if page["tags"] is None else page["tags"], url=url, what="a list of tags"):
        name = text(tag, url=url, what="tags that are text")
        yield uploads.get(name) or Release(version=name)


def _google_uploads(manifests: object) -> Iterator[tuple[str, Release]]:
    """What gcr.io, registry.k8s.io and Artifact Registry tell beside the tags."""
    for digest, manifest in manifests.items() if isinstance(manifests, dict) else ():
        if not isinstance(manifest, dict) or not _DIGEST.fullmatch(digest):
            continue
        tags, published = manifest.get("tag"), moment(manifest.get("timeUploadedMs"))
        for tag in tags if isinstance(tags, list) else ():
            yield str(tag), Release(version=str(tag), digest=digest, published=published)


async def digest(repository: Repository, tag: str, client: Client) -> str:
    """What ``tag`` points at now: an index if there is one, else the only manifest. One HEAD, as a rule."""
    path = f"manifests/{quote(tag, safe=':')}"
    answer = await _head(repository, path, client)
    named = answer.headers.get("docker-content-digest", "")
    if answer.status == 200 and _DIGEST.fullmatch(named):
        return named
    return _digest_of(await _get(repository, path, client, accept=", ".join(MANIFESTS)))


def _digest_of(response: Response) -> str:
    manifest = mapping(response.json(), url=response.url, what="a manifest")
    if not manifest.keys() & {"mediaType", "schemaVersion", "layers", "manifests"}:
        raise InvalidAnswer(f"{response.url} answered without a manifest", url=response.url)
    return f"sha256:{hashlib.sha256(response.content).hexdigest()}"


# ---------------------------------------------------------------- asking with the right words

_Send = Callable[[Mapping[str, str]], Awaitable[Response]]


async def _get(repository: Repository, path: str, client: Client, *, accept: str = "application/json") -> Response:
    url = repository.url(path)
    return await _ask(
        repository, client, lambda words: client.get(url, headers={"Accept": accept, **words}, allow=(401,))
    )


async def _head(repository: Repository, path: str, client: Client) -> Response:
    """HEAD of a manifest; 405 comes from registries that do not know the method."""
    url, accept = repository.url(path), {"Accept": ", ".join(MANIFESTS)}
    return await _ask(repository, client, lambda words: client.head(url, headers={**accept, **words}, allow=(401, 405)))


class _Access:
    """How one registry wants to be asked, as far as this run has learnt."""

    def __init__(self, challenge: _Challenge | None) -> None:
        import asyncio  # here, because a scan loads datasources only for their names

        self.challenge = challenge
        self.opened = asyncio.Event()
        self.opening = asyncio.Lock()
        self.tokens: dict[str, str] = {}
        self.fetching: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        if challenge is not None:
            self.opened.set()


async def _ask(repository: Repository, client: Client, send: _Send) -> Response:
    """Send with whatever the registry wants. Raises ``AuthError`` if that is not enough."""

    async def make() -> _Access:
        return _Access(_KNOWN.get(repository.registry))

    access = await client.once(f"oci access {repository.registry}", make)
    scope = f"repository:{repository.name}:pull"
    said: Mapping[str, str] = {}
    answer = await _first_question(access, send)
    if answer is None:
        said = await _authorization(access, scope, repository, client)
        answer = await send(said)
    if answer.status != 401:
        return answer
    access.challenge = challenge = _read_challenge(answer, said, repository)
    words = await _authorization(access, challenge.scope or scope, repository, client, refused=said)
    answer = await send(words) if words != said else answer
    if answer.status == 401:
        raise _denied(repository)
    return answer


async def _first_question(access: _Access, send: _Send) -> Response | None:
    """The answer to the first question that a registry is asked, or None where it has been asked already.

    Everyone else waits for it, whatever it is, to learn how to ask; what it says is for its asker only. (Between the
    return from here and the note of the challenge nobody else runs: there is no ``await``.)
    """
    if access.opened.is_set():
        return None
    async with access.opening:
        if access.opened.is_set():
            return None
        try:
            return await send({})
        finally:
            access.opened.set()


def _read_challenge(answer: Response, said: Mapping[str, str], repository: Repository) -> _Challenge:
    """What a 401 asks for; tokens, where there is a choice. Raises ``AuthError`` if nothing more can be said."""
    offers = {
        match["scheme"].lower(): {name.lower(): value for name, value in _PARAMETER.findall(match["parameters"])}
        for match in _CHALLENGE.finditer(answer.headers.get("www-authenticate", ""))
    }
    if "bearer" not in offers:
        if "basic" in offers:
            return _Challenge(scheme="basic")
        raise _denied(repository)
    offer = offers["bearer"]
    if said and offer.get("error") == "insufficient_scope":
        raise _denied(repository)
    realm = _realm(offer.get("realm", ""), repository)
    return _Challenge(scheme="bearer", realm=realm, service=offer.get("service", ""), scope=offer.get("scope", ""))


def _realm(realm: str, repository: Repository) -> str:
    """The address of the token server: never less safe than the registry's, whose credentials are sent there.

    A registry behind a proxy may not know that it is reached by https; on its own host its word is not taken.
    """
    scheme, _, host = repository.registry.partition("://")
    parts = urlsplit(realm)
    if parts.netloc == host:
        return parts._replace(scheme=scheme).geturl()
    if parts.scheme not in ("https", scheme):
        raise InvalidAnswer(f"{repository.registry} sends for tokens to {realm!r}", url=repository.registry)
    return realm


def _denied(repository: Repository) -> AuthError:
    return AuthError(
        f"{repository.registry} does not show {repository.name}: it does not exist there, or it needs credentials",
        url=repository.url("tags/list"),
    )


async def _authorization(
    access: _Access, scope: str, repository: Repository, client: Client, *, refused: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """The ``Authorization`` for ``scope``; another one than ``refused``, which the registry has just turned down."""
    challenge = access.challenge
    if challenge is None:
        return {}
    if challenge.scheme == "basic":
        return _in_words(client.credentials(repository.url("")))
    async with access.fetching[scope]:
        token = access.tokens.get(scope)
        if token is None or refused == {"Authorization": f"Bearer {token}"}:
            token = access.tokens[scope] = await _token(challenge, scope, repository, client)
    return {"Authorization": f"Bearer {token}"}


async def _token(challenge: _Challenge, scope: str, repository: Repository, client: Client) -> str:
    parts = urlsplit(challenge.realm)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    query |= {"service": challenge.service} if challenge.service else {}
    url = parts._replace(query=urlencode(query | {"scope": scope}, safe=":/,")).geturl()
    answer = await client.get(url, headers=_in_words(client.credentials(repository.url(""))), cacheable=False)
    body = mapping(answer.json(), url=challenge.realm, what="a token")
    token = text(body.get("token") or body.get("access_token"), url=challenge.realm, what="a token")
    if not _TOKEN.fullmatch(token):
        raise InvalidAnswer(f"{challenge.realm} answered with a token that no header can hold", url=challenge.realm)
    return token


def _in_words(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    if credentials.password is not None:
        pair = f"{credentials.username or ''}:{credentials.password.reveal()}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    if credentials.token is not None:
        return {"Authorization": f"{credentials.scheme} {credentials.token.reveal()}".strip()}
    return {}
