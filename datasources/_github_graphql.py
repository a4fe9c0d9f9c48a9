"""GitHub's GraphQL API: lists of many repositories in one query.

Whatever is asked for at the same moment goes into queries of up to 25 lists; while two of them are under way, what
comes in meanwhile waits and goes together, too. A query that GitHub finds too much, or stumbles over, is halved.

https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datasources._answers import items, mapping, text, text_or_none
from datasources._github import MAX_PAGES, PAGE_SIZE, Repository
from updater.api import (
    AuthError,
    Client,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Release,
    RequestError,
    Unavailable,
)

if TYPE_CHECKING:
    import asyncio

MAX_TOGETHER = 25
"""How many lists a query asks for: their 2,500 entries cost one point of an hour's 5,000, and take a second or two."""
MAX_UNDER_WAY = 2
"""GitHub wants few requests at once from one user, and three in a row that fail close its gate for the run."""

_TICKS = 3
"""How many rounds of the event loop pass until all who ask at the same moment have done so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that GitHub keeps of each repository, newest first.

    ``field`` is its name there, ``order`` what is said of it beside the page, ``kind`` the type of the answer and
    ``nodes`` what is wanted of an entry; ``read`` makes a release of one (None: it is not published yet).
    """

    field: str
    order: str
    kind: str
    nodes: str
    read: Callable[[Mapping[str, object], str], Release | None]


@dataclass(frozen=True, slots=True)
class _Question:
    """One page of one list."""

    repository: Repository
    listing: Listing
    after: str | None


_Answer = object | RequestError
"""The page, as GitHub gives it, or why there is none."""


async def listed(repository: Repository, listing: Listing, client: Client) -> tuple[tuple[Release, ...], bool]:
    """What the list holds, 1,000 entries at most, and whether that is all. Raises ``NotFound`` for no repository."""
    url, after = repository.graphql, None
    desk = await client.once(f"github graphql {url}", lambda: _open_desk(url, client))
    found = dict[str, Release]()
    for _ in range(MAX_PAGES):
        page = mapping(await desk.ask(_Question(repository, listing, after)), url=url, what=listing.field)
        for node in items(page.get("nodes"), url=url, what=listing.field):
            if release := listing.read(mapping(node, url=url, what=listing.field), url):
                found[release.version] = release
        position = mapping(page.get("pageInfo"), url=url, what="a position")
        if not position.get("hasNextPage"):
            return tuple(found.values()), True
        after = text(position.get("endCursor"), url=url, what="a position")
    return tuple(found.values()), False


# ---------------------------------------------------------------- together


async def _open_desk(url: str, client: Client) -> "_Desk":
    return _Desk(url, client)


@dataclass(slots=True, kw_only=True)
class _Batch:
    """Questions that will be asked in one query, and their answers, in the same order."""

    questions: list[_Question] = field(default_factory=list)
    task: "asyncio.Task[Sequence[_Answer]] | None" = None


class _Desk:
    """Where all questions for one server come together."""

    def __init__(self, url: str, client: Client) -> None:
        import asyncio  # here, because a scan loads datasources only for their names

        self._url, self._client = url, client
        self._open: _Batch | None = None
        self._slots = asyncio.Semaphore(MAX_UNDER_WAY)

    async def ask(self, question: _Question) -> object:
        """The page; whoever asks at the same moment shares the query. Raises the errors of ``updater.errors``."""
        import asyncio  # here, because a scan loads datasources only for their names

        batch = self._open
        if batch is None or len(batch.questions) == MAX_TOGETHER:
            batch = self._open = _Batch()
            batch.task = asyncio.create_task(self._sent(batch))
        place = len(batch.questions)
        batch.questions.append(question)
        assert batch.task is not None
        answer = (await asyncio.shield(batch.task))[place]
        if isinstance(answer, RequestError):
            raise answer
        return answer

    async def _sent(self, batch: _Batch) -> Sequence[_Answer]:
        """The answers; the batch takes more questions in as long as it has to wait."""
        import asyncio  # here, because a scan loads datasources only for their names

        for _ in range(_TICKS):
            await asyncio.sleep(0)
        async with self._slots:
            if self._open is batch:
                self._open = None
            return await self._answers(batch.questions)

    async def _answers(self, questions: Sequence[_Question]) -> Sequence[_Answer]:
        try:
            answer = await self._client.post(self._url, json=_query(questions))
            return _read(answer.json(), questions, self._url)
        except (InvalidAnswer, Unavailable) as error:
            if len(questions) == 1:
                return [error]
        except RequestError as error:
            return [error] * len(questions)
        half = len(questions) // 2
        return [*await self._answers(questions[:half]), *await self._answers(questions[half:])]


# ---------------------------------------------------------------- the query


def _query(questions: Sequence[_Question]) -> Mapping[str, object]:
    """What is posted: each list under a name of its own, what is wanted of its entries written once."""
    listings = {question.listing.field: question.listing for question in questions}
    declared = "".join(f", $o{n}: String!, $n{n}: String!, $a{n}: String" for n in range(len(questions)))
    fields = "\n".join(_field(number, question) for number, question in enumerate(questions))
    fragments = "\n".join(_fragment(listing) for listing in listings.values())
    variables: dict[str, object] = {"size": PAGE_SIZE}
    for number, question in enumerate(questions):
        owner, name = question.repository.owner, question.repository.name
        variables |= {f"o{number}": owner, f"n{number}": name, f"a{number}": question.after}
    return {"query": f"query($size: Int!{declared}) {{\n{fields}\n}}\n{fragments}", "variables": variables}


def _field(number: int, question: _Question) -> str:
    repository = f"r{number}: repository(owner: $o{number}, name: $n{number})"
    listing = question.listing
    page = f"{listing.field}({listing.order}, first: $size, after: $a{number})"
    return f"  {repository} {{ {page} {{ ...{listing.field} }} }}"


def _fragment(listing: Listing) -> str:
    fields = f"pageInfo {{ hasNextPage endCursor }} nodes {{ {listing.nodes} }}"
    return f"fragment {listing.field} on {listing.kind} {{ {fields} }}"


# ---------------------------------------------------------------- the answer


def _read(value: object, questions: Sequence[_Question], url: str) -> Sequence[_Answer]:
    """An answer to each question. Raises ``InvalidAnswer`` for what answers none, ``RateLimited`` for a refusal.

    https://docs.github.com/en/graphql/guides/using-graphql-clients: errors come with status 200, and name what they
    are about.
    """
    body = mapping(value, url=url, what="data")
    errors = [
        mapping(error, url=url, what="errors") for error in items(body.get("errors") or [], url=url, what="errors")
    ]
    if any(error.get("type") in ("RATE_LIMITED", "RATE_LIMIT") for error in errors):
        raise RateLimited(f"{url} has been asked too often", url=url)
    if errors and not isinstance(body.get("data"), dict):
        raise _error(errors[0], questions[0], url)
    data = mapping(body.get("data"), url=url, what="data")
    by_name = {_subject(error): error for error in reversed(errors)}
    return [_one(data.get(f"r{number}"), by_name.get(f"r{number}"), each, url) for number, each in enumerate(questions)]


def _subject(error: Mapping[str, object]) -> object:
    path = error.get("path")
    return path[0] if isinstance(path, list) and path else None


def _one(found: object, error: Mapping[str, object] | None, question: _Question, url: str) -> _Answer:
    if error is not None:
        return _error(error, question, url)
    page: object = found.get(question.listing.field) if isinstance(found, dict) else None
    if page is None:
        return InvalidAnswer(f"{url} answered without {question.listing.field} of {question.repository.web}", url=url)
    return page


def _error(error: Mapping[str, object], question: _Question, url: str) -> RequestError:
    kind, web = error.get("type"), question.repository.web
    if kind == "NOT_FOUND":
        return NotFound(f"{web} does not exist, or is hidden from the token", url=url)
    if kind == "FORBIDDEN":
        return AuthError(f"{url} does not show {web} to this token: {text_or_none(error.get('message'))}", url=url)
    return InvalidAnswer(f"{url} refused the query: {text_or_none(error.get('message'))}", url=url)
