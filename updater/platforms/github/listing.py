"""The repositories that a token sees on GitHub."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from updater.api import Secret
from updater.platforms.discovery import Listing
from updater.platforms.github.answers import text
from updater.platforms.github.api import PER_PAGE, Api


def of_person(endpoint: str, token: Secret, sleep: Callable[[float], None]) -> Iterator[Listing]:
    """Those of the account, of its organisations, and those that it works on with others."""
    return _listed(endpoint, token, sleep, "/user/repos", lambda answer: answer)


def of_installation(endpoint: str, token: Secret, sleep: Callable[[float], None]) -> Iterator[Listing]:
    """Those that an App is installed on; its permissions are the installation's, so that all count as writable."""
    return _listed(endpoint, token, sleep, "/installation/repositories", lambda answer: answer["repositories"])


def _listed(
    endpoint: str, token: Secret, sleep: Callable[[float], None], path: str, rows: Callable[[Any], list[Any]]
) -> Iterator[Listing]:
    api = Api(endpoint, lambda: token, sleep)
    is_app = path.startswith("/installation")

    def page(number: int) -> list[Listing]:
        query = f"{path}?per_page={PER_PAGE}&page={number}"
        return [_listing(row, is_app=is_app) for row in rows(api.client.requester.requestJsonAndCheck("GET", query)[1])]

    for number in count(1):
        found = api.call("list the repositories", lambda number=number: page(number))  # type: ignore[misc]
        yield from found
        if len(found) < PER_PAGE:
            return


def _listing(row: Any, *, is_app: bool) -> Listing:
    return Listing(
        name=text(row["full_name"]),
        archived=bool(row["archived"]) or bool(row["disabled"]),
        fork=bool(row["fork"]),
        empty=row.get("size") == 0 and row.get("pushed_at") is None,
        writable=is_app or bool((row.get("permissions") or {}).get("push")),
        topics=tuple(row.get("topics") or ()),
    )
