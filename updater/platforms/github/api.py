"""GitHub's API through PyGithub: what may succeed later is tried again, and every failure is a ``PlatformError``.

PyGithub's own pauses are switched off; the limits that GitHub tells of are kept to.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

import updater
from updater.api import PlatformError, Secret
from updater.platforms.exchange import HINTS, Refused, Setback, growing, patiently

if TYPE_CHECKING:
    from github import Github
    from github.GithubException import GithubException
    from github.Repository import Repository

T = TypeVar("T")

PER_PAGE = 100

_TIMEOUT = 30


class Api:
    """The API at ``endpoint``. ``sleep`` waits some seconds before a request is tried again."""

    def __init__(self, endpoint: str, token: Callable[[], Secret], sleep: Callable[[float], None] = time.sleep) -> None:
        self.endpoint, self._token, self._sleep = endpoint.rstrip("/"), token, sleep
        self._made: tuple[str, Github] | None = None

    @property
    def client(self) -> "Github":
        """PyGithub's entrance, made anew when the token is another one; nothing is asked by making it."""
        token = self._token().reveal()
        if self._made is None or self._made[0] != token:
            self._made = (token, self._connected(token))
        return self._made[1]

    def _connected(self, token: str) -> "Github":
        from github import Auth, Github  # takes a third of a second

        return Github(
            base_url=self.endpoint,
            auth=Auth.Token(token),
            user_agent=f"gitops-updater/{updater.__version__}",
            per_page=PER_PAGE,
            timeout=_TIMEOUT,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def repository(self, name: str) -> "Repository":
        """The handle of a repository."""
        return self.client.get_repo(name)

    def graphql(self, doing: str, query: str, variables: Mapping[str, object]) -> Mapping[str, Any]:
        """The data that a GraphQL query or mutation brings."""

        def asked() -> Mapping[str, Any]:
            _, answer = self.client.requester.graphql_query(query, dict(variables))
            data = answer["data"]
            if not isinstance(data, dict):
                raise TypeError(f"{data!r} instead of data")
            return data

        return self.call(doing, asked)

    def send(self, doing: str, method: str, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        """The answer to a request for which PyGithub would read something before."""

        def sent() -> Mapping[str, Any]:
            answer: Mapping[str, Any]
            _, answer = self.client.requester.requestJsonAndCheck(method, path, input=dict(body))
            return answer

        return self.call(doing, sent)

    def call(self, doing: str, action: Callable[[], T], *, repeatable: bool = True) -> T:
        """The result of a request. Raises ``PlatformError``, ``Refused`` if GitHub answered with an error.

        What is not ``repeatable`` is not asked for again where it may have happened: when the answer got lost.
        """
        from github.GithubException import BadAttributeException, GithubException  # takes a third of a second

        def attempt(number: int) -> T:
            try:
                return action()
            except GithubException as error:
                pause = _pause(error, number) if repeatable or error.status < 500 else None
                raise Setback(_problem(error, doing), pause) from error
            except OSError as error:  # the base of all exceptions of requests, which PyGithub lets through
                pause = growing(number) if repeatable else None
                raise Setback(PlatformError(f"could not {doing}: {error}"), pause) from error
            except (BadAttributeException, LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
                # what PyGithub does when a proxy's page, or another host, answers in GitHub's place
                raise Setback(PlatformError(f"could not {doing}: no answer of GitHub: {error}"), None) from error

        return patiently(attempt, self._sleep)


def _pause(error: "GithubException", number: int) -> float | None:
    """The seconds after which to try again, None for never.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
    """
    headers = error.headers or {}
    if error.status >= 500:
        return growing(number)
    if not _is_rate_limit(error):
        return None
    if "retry-after" in headers:
        return _seconds(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0":
        return _until_reset(headers)
    return 60.0


def _is_rate_limit(error: "GithubException") -> bool:
    """Whether a limit is used up; GraphQL says so with status 200, of which PyGithub makes 400."""
    headers = error.headers or {}
    spent = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return error.status == 429 or (error.status in {400, 403} and (spent or "rate limit" in _words(error).lower()))


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 60.0


def _until_reset(headers: Mapping[str, str]) -> float:
    """By GitHub's own clock, which its ``Date`` header tells."""
    with suppress(ValueError, KeyError, TypeError):
        now = parsedate_to_datetime(headers["date"]).timestamp()
        return max(0.0, float(headers["x-ratelimit-reset"]) - now) + 1
    return 60.0


def _problem(error: "GithubException", doing: str) -> PlatformError:
    words = _words(error)
    if _is_rate_limit(error):
        hint = f"the rate limit is used up; try again in {ceil((_pause(error, 0) or 60) / 60)} minutes"
    elif "Actions is not permitted to create" in words:
        hint = "allow it in the repository's settings: Actions, General, Workflow permissions"
    else:
        hint = HINTS.get(error.status, "")
    message = f"could not {doing}: GitHub says {error.status} {words}" + (f" ({hint})" if hint else "")
    return Refused(message, status=error.status, words=words)


def _words(error: "GithubException") -> str:
    """The message and the details of an error, such as ``Validation Failed: A pull request already exists for …``."""
    if not isinstance(error.data, dict):
        return str(error.data or "")[:200]
    details = error.data.get("errors") or ()
    parts = [one.get("message") or one.get("code") if isinstance(one, dict) else one for one in details]
    return ": ".join(str(part) for part in (error.data.get("message"), *parts) if part)
