"""What a container registry wants to hear before it answers: nothing, a password, or a token for the repository.

Tokens: https://distribution.github.io/distribution/spec/auth/token/

A registry is first asked without a token. Its ``WWW-Authenticate`` is remembered for the rest of the run, so that
every later repository goes straight to the token server. For the registries in ``_KNOWN`` even the first question is
saved. Repositories that need a token at the same moment get one together, if the token server can do that.
"""

import base64
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from datasources import _azure, _ecr, _google
from datasources._answers import mapping, text
from datasources._oci_names import DOCKER_HUB, Repository
from updater.api import AuthError, Client, Credentials, InvalidAnswer, NotFound, Response, Unavailable

if TYPE_CHECKING:
    import asyncio

MAX_SCOPES = 20
"""How many repositories share a token. Each makes the token, which is sent with every request, 100 bytes longer."""

_CHALLENGE = re.compile(r'(?P<scheme>basic|bearer)\b(?P<parameters>(?:[\s,]*[a-z_]+="[^"]*")*)', re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z_]+)="([^"]*)"')
_TOKEN = re.compile(r"[\x21-\x7e]+")
_TICKS = 3
"""How many rounds of the event loop pass until those who were woken together have all asked for their tokens."""

Send = Callable[[Mapping[str, str]], Awaitable[Response]]
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Challenge:
    """What a registry wants to see: ``basic`` credentials, or a token that ``realm`` gives out.

    ``scope`` is set where one token is good for the whole registry; ``anybody`` is a token that needs no fetching
    and opens what is public.
    """

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""
    anybody: str = ""


def _token_server(realm: str, service: str, *, scope: str = "", anybody: str = "") -> _Challenge:
    return _Challenge(scheme="bearer", realm=realm, service=service, scope=scope, anybody=anybody)


# Homebrew has every one of its users say QQ== (the letter A) to GHCR, see
# https://github.com/Homebrew/brew/blob/master/Library/Homebrew/brew.sh
_KNOWN = {
    DOCKER_HUB: _token_server("https://auth.docker.io/token", "registry.docker.io"),
    "https://ghcr.io": _token_server("https://ghcr.io/token", "ghcr.io", anybody="QQ=="),
    "https://lscr.io": _token_server("https://ghcr.io/token", "ghcr.io"),
    "https://public.ecr.aws": _token_server("https://public.ecr.aws/token/", "public.ecr.aws", scope="aws"),
    "https://quay.io": _token_server("https://quay.io/v2/auth", "quay.io"),
    "https://registry.gitlab.com": _token_server("https://gitlab.com/jwt/auth", "container_registry"),
}
_ONE_SCOPE_EACH = frozenset({"https://ghcr.io", "https://lscr.io"})


class _Access:
    """How one registry wants to be asked, as far as this run has learnt."""

    def __init__(self, registry: str, challenge: _Challenge | None) -> None:
        import asyncio  # here, because a scan loads datasources only for their names

        self.challenge = challenge
        self.is_assumed = challenge is not None
        """Nobody has heard the challenge from the registry itself: a mirror in its place may want something else."""
        self.account: Credentials | None = None
        self.is_asked = False
        self.opened = asyncio.Event()
        self.tokens: dict[str, str] = {}
        self.shared: set[str] = set()
        self.shares = registry not in _ONE_SCOPE_EACH
        self.scopes: dict[str, str] = {}
        self.batches: dict[Credentials | None, _Batch] = {}
        self.fetching: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        if challenge is not None:
            self.opened.set()


@dataclass(slots=True, kw_only=True)
class _Batch:
    """Scopes that will be asked for in one request."""

    scopes: list[str] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None


async def ask(repository: Repository, client: Client, send: Send) -> Response:
    """Send with whatever the registry wants. Raises ``AuthError`` if that is not enough."""
    access = await _access(repository, client)
    named = access.account
    try:
        return await _ask(access, repository, client, send)
    except AuthError:
        access.account = await _account(repository, client)
        if access.account is named:
            raise
    return await _ask(access, repository, client, send)


async def _account(repository: Repository, client: Client) -> Credentials | None:
    """What is said in a cloud, and only after a refusal: to find out that there is no account takes time."""
    if client.credentials(repository.url("")) is not None:
        return None
    if _google.is_google(repository.host):
        return await _google.credentials(client)
    return _azure.credentials(repository.host)


async def _ask(access: _Access, repository: Repository, client: Client, send: Send) -> Response:
    said: Words = {}
    answer = await _first_question(access, send)
    if answer is None:
        said = await _first_words(access, repository, client)
        answer = await _say(said, access, send)
    is_last_word = False
    while answer.status == 401 and not is_last_word:
        before, said = said, await _better_words(access, answer, said, repository, client)
        if said == before:
            break
        is_last_word = _token_of(said) not in access.shared
        answer = await _say(said, access, send)
        if answer.status != 401:
            _note_what_was_useless(access, _token_of(before))
    if answer.status == 401:
        raise _denied(repository)
    return answer


async def _first_words(access: _Access, repository: Repository, client: Client) -> Words:
    assumed = access.challenge if access.is_assumed else None
    try:
        return await _authorization(access, repository, client)
    except NotFound:
        if assumed is None:
            raise
        if access.challenge is assumed:
            access.challenge, access.is_assumed = None, False
        return {}


async def _say(said: Words, access: _Access, send: Send) -> Response:
    """The answer; to anybody's token a refusal of any kind is one that a fetched token may overcome."""
    try:
        return await send(said)
    except AuthError as error:
        if not _is_anybody(_token_of(said), access):
            raise
        return Response(status=401, headers={}, content=b"", url=error.url)


def _note_what_was_useless(access: _Access, token: str) -> None:
    """Another token was refused where the next one was not: its kind is not tried again in this run."""
    if token in access.shared:
        access.shares = False
    if access.challenge is not None and _is_anybody(token, access):
        access.challenge = replace(access.challenge, anybody="")


def _is_anybody(token: str, access: _Access) -> bool:
    return access.challenge is not None and bool(token) and token == access.challenge.anybody


async def _access(repository: Repository, client: Client) -> _Access:
    async def make() -> _Access:
        known = _Challenge(scheme="basic") if _ecr.region_of(repository.host) else _KNOWN.get(repository.registry)
        return _Access(repository.registry, known)

    return await client.once(f"oci access {repository.registry}", make)


async def _first_question(access: _Access, send: Send) -> Response | None:
    """The answer to the first question that a registry is asked, or None where it has been asked already.

    Everyone else waits for it, whatever it is, to learn how to ask; what it says is for its asker only. (Between the
    return from here and the note of the challenge nobody else runs: there is no ``await``.)
    """
    if access.opened.is_set():
        return None
    if access.is_asked:
        await access.opened.wait()
        return None
    access.is_asked = True
    try:
        return await send({})
    finally:
        access.opened.set()


# ---------------------------------------------------------------- challenges


async def _better_words(
    access: _Access, answer: Response, said: Words, repository: Repository, client: Client
) -> Words:
    """What to say after ``said`` has been refused. Raises ``AuthError`` if there is nothing else to be said."""
    challenge = _read_challenge(answer, repository) or access.challenge
    if challenge is None or (said and _is_final(answer) and _token_of(said) not in access.shared):
        raise _denied(repository)
    if challenge.scope.startswith("repository:"):  # any other scope is good for the whole registry
        access.scopes[repository.name] = challenge.scope
        challenge = replace(challenge, scope="")
    if access.challenge is not None:
        challenge = replace(challenge, anybody=access.challenge.anybody)
    access.challenge, access.is_assumed = challenge, False
    return await _authorization(access, repository, client, refused=said)


def _is_final(answer: Response) -> bool:
    """Whether a token was understood, and does not reach far enough."""
    return 'error="insufficient_scope"' in answer.headers.get("www-authenticate", "")


def _read_challenge(answer: Response, repository: Repository) -> _Challenge | None:
    """What a 401 asks for; tokens, where there is a choice; None if that is nothing we could say."""
    offers = {
        match["scheme"].lower(): {name.lower(): value for name, value in _PARAMETER.findall(match["parameters"])}
        for match in _CHALLENGE.finditer(answer.headers.get("www-authenticate", ""))
    }
    if "bearer" in offers:
        offer = offers["bearer"]
        realm, service = _realm(offer.get("realm", ""), repository), offer.get("service", "")
        return _Challenge(scheme="bearer", realm=realm, service=service, scope=offer.get("scope", ""))
    return _Challenge(scheme="basic") if "basic" in offers else None


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


# ---------------------------------------------------------------- what is said


async def _authorization(
    access: _Access, repository: Repository, client: Client, *, refused: Words | None = None
) -> Words:
    """The ``Authorization`` for a repository; another one than ``refused``, which has just been turned down."""
    challenge = access.challenge
    if challenge is None:
        return {}
    credentials = client.credentials(repository.url("")) or access.account
    if challenge.scheme == "basic":
        return _in_words(await _ecr.credentials(repository.host, credentials, client))
    if challenge.anybody and credentials is None and not refused:
        return {"Authorization": f"Bearer {challenge.anybody}"}
    scope = challenge.scope or access.scopes.get(repository.name, f"repository:{repository.name}:pull")
    token = access.tokens.get(scope)
    if token is None or token == _token_of(refused or {}):
        is_alone = bool(refused) or not access.shares or bool(challenge.scope)
        fetch = _token_alone if is_alone else _token_together
        token = await fetch(access, scope, _TokenServer(challenge, credentials, client), token)
    return {"Authorization": f"Bearer {token}"}


def _token_of(said: Words) -> str:
    return said.get("Authorization", "").removeprefix("Bearer ")


def _in_words(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    if credentials.password is not None:
        pair = f"{credentials.username or ''}:{credentials.password.reveal()}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    if credentials.token is not None:
        return {"Authorization": f"{credentials.scheme} {credentials.token.reveal()}".strip()}
    return {}


# ---------------------------------------------------------------- tokens


@dataclass(frozen=True, slots=True)
class _TokenServer:
    """Who gives out tokens for a registry, and to whom."""

    challenge: _Challenge
    credentials: Credentials | None
    client: Client

    async def token(self, scopes: Sequence[str]) -> str:
        realm = self.challenge.realm
        parts = urlsplit(realm)
        query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("service", "scope")]
        query += [("service", self.challenge.service)] if self.challenge.service else []
        query += [("scope", scope) for scope in scopes]
        url = parts._replace(query=urlencode(query, safe=":/,")).geturl()
        answer = await self.client.get(url, headers=_in_words(self.credentials), cacheable=False)
        body = mapping(answer.json(), url=realm, what="a token")
        token = text(body.get("token") or body.get("access_token"), url=realm, what="a token")
        if not _TOKEN.fullmatch(token):
            raise InvalidAnswer(f"{realm} answered with a token that no header can hold", url=realm)
        return token


async def _token_alone(access: _Access, scope: str, server: _TokenServer, refused: str | None) -> str:
    """A token for one scope; fetched once, however many find at the same time that theirs is too old."""
    async with access.fetching[scope]:
        token = access.tokens.get(scope)
        if token is None or token == refused:
            token = access.tokens[scope] = await server.token([scope])
    return token


async def _token_together(access: _Access, scope: str, server: _TokenServer, _refused: str | None) -> str:
    """A token for all scopes that are asked for at this moment with the same credentials.

    The standard has it that a token server leaves out what it does not grant. One that refuses altogether, or stumbles
    over a parameter that stands twice, is asked for each repository alone.
    """
    import asyncio  # here, because a scan loads datasources only for their names

    batch = access.batches.get(server.credentials)
    if batch is None or (len(batch.scopes) == MAX_SCOPES and scope not in batch.scopes):
        batch = access.batches[server.credentials] = _Batch()
        batch.task = asyncio.create_task(_fetch(access, batch, server))
    if scope not in batch.scopes:
        batch.scopes.append(scope)
    assert batch.task is not None
    await asyncio.shield(batch.task)
    return access.tokens.get(scope) or await _token_alone(access, scope, server, None)


async def _fetch(access: _Access, batch: _Batch, server: _TokenServer) -> None:
    import asyncio  # here, because a scan loads datasources only for their names

    for _ in range(_TICKS):
        await asyncio.sleep(0)
    if access.batches.get(server.credentials) is batch:
        del access.batches[server.credentials]
    try:
        token = await server.token(batch.scopes)
    except (AuthError, InvalidAnswer, NotFound, Unavailable):
        if len(batch.scopes) == 1:
            raise
        access.shares = False
        return
    if len(batch.scopes) > 1:
        access.shared.add(token)
    access.tokens.update(dict.fromkeys(batch.scopes, token))
