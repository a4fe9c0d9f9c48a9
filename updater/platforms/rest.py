"""REST as GitLab and Gitea speak it: JSON, pages that link to the next one, limits told in headers."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any

from updater.api import PlatformError
from updater.platforms.exchange import HINTS, Refused, Setback, growing, patiently

Fields = Mapping[str, Any]

_MAX_PAGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request; ``path`` comes after the root of the API."""

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer of any status; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Answered(dict[str, Any]):
    """An object of an answer. What it should have and lacks is a ``PlatformError``."""

    def __missing__(self, key: str) -> Any:
        raise PlatformError(f"no answer of the forge: it lacks {key!r}")


class Unreached(Exception):
    """The forge did not answer: it is down (``passing``), or something else answered in its place."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        self.passing = passing
        super().__init__(reason)


def decoded(content: bytes) -> Any:
    """What JSON says; None for nothing. Raises :class:`Unreached` for what is no JSON."""
    try:
        return json.loads(content, object_hook=Answered) if content else None
    except ValueError as error:
        raise Unreached(f"no JSON: {error}", passing=False) from error


class Rest:
    """The API of ``forge`` (its name for people) about ``subject``, which all errors name.

    ``send`` makes a request once and raises :class:`Unreached`; ``sleep`` waits some seconds before it is made again.
    """

    def __init__(
        self, forge: str, subject: str, send: Callable[[Ask], Told], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._forge, self._subject, self._send, self._sleep = forge, subject, send, sleep

    def get(self, doing: str, path: str, **query: object) -> Fields:
        """An object. Raises ``PlatformError``, ``Refused`` if the forge answered with an error."""
        return self._object(doing, self._told(doing, Ask(method="GET", path=path, query=query)))

    def write(
        self,
        doing: str,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        repeatable: bool = True,
    ) -> Fields:
        """The object that a change answers with; empty if it answers with nothing.

        What is not ``repeatable`` is not asked for again where it may have happened: when the answer got lost.
        """
        told = self._told(doing, Ask(method=method, path=path, body=body or {}), repeatable=repeatable)
        return {} if told.body is None else self._object(doing, told)

    def tell(self, doing: str, method: str, path: str, body: Mapping[str, object]) -> None:
        """Make a change whose answer says nothing that matters."""
        self._told(doing, Ask(method=method, path=path, body=body))

    def pages(self, doing: str, path: str, **query: object) -> Iterator[Fields]:
        """The objects of a list, page by page as they are wanted; the first ten thousand."""
        for number in range(1, _MAX_PAGES + 1):
            told = self._told(doing, Ask(method="GET", path=path, query={**query, "page": number}))
            if not isinstance(told.body, list) or not all(isinstance(item, dict) for item in told.body):
                raise self._senseless(doing, "no list of objects")
            yield from told.body
            if 'rel="next"' not in told.headers.get("link", ""):
                return

    def _object(self, doing: str, told: Told) -> Fields:
        if not isinstance(told.body, dict):
            raise self._senseless(doing, "no object")
        return told.body

    def _told(self, doing: str, ask: Ask, *, repeatable: bool = True) -> Told:
        def attempt(number: int) -> Told:
            try:
                told = self._send(ask)
            except Unreached as error:
                problem = PlatformError(f"could not {doing} of {self._subject}: {error}")
                raise Setback(problem, growing(number) if error.passing and repeatable else None) from error
            if told.status >= 400:
                may_be_done = told.status >= 500 and not repeatable
                raise Setback(self._refused(doing, told), None if may_be_done else _pause(told, number))
            return told

        return patiently(attempt, self._sleep)

    def _refused(self, doing: str, told: Told) -> Refused:
        words, hint = _words(told.body), HINTS.get(told.status, "")
        if told.status == 429:
            hint = f"the rate limit is used up; try again in {ceil((_pause(told, 0) or 60) / 60)} minutes"
        message = f"could not {doing} of {self._subject}: {self._forge} says {told.status} {words}"
        return Refused(message + (f" ({hint})" if hint else ""), status=told.status, words=words)

    def _senseless(self, doing: str, reason: str) -> PlatformError:
        return PlatformError(f"could not {doing} of {self._subject}: no answer of {self._forge}: {reason}")


def _pause(told: Told, number: int) -> float | None:
    if told.status == 429:
        return _until(told.headers)
    return growing(number) if told.status >= 500 else None


def _until(headers: Mapping[str, str]) -> float:
    """The seconds that the forge asks to wait; a minute where it does not say."""
    if headers.get("retry-after", "").isdecimal():
        return float(headers["retry-after"])
    try:
        now = parsedate_to_datetime(headers["date"]).timestamp()
        return max(0.0, float(headers["ratelimit-reset"]) - now) + 1
    except (KeyError, ValueError):
        return 60.0


def _words(body: Any) -> str:
    """What an error says: a text, or texts in lists and objects of any depth."""
    if isinstance(body, dict):
        parts = [body[name] for name in ("message", "error", "error_description", "errors") if body.get(name)]
        return ": ".join(_words(part) for part in parts or body.values() if part)
    if isinstance(body, list):
        return "; ".join(_words(part) for part in body)
    return str(body if body is not None else "")[:300]


# ---------------------------------------------------------------- values


def text(value: object) -> str:
    """``value``, which is a text."""
    if not isinstance(value, str):
        raise PlatformError(f"no answer of the forge: {value!r} instead of a text")
    return value


def lines(value: object) -> str:
    """A body with the line ends that we write."""
    return text(value or "").replace("\r\n", "\n")


def whole(value: object) -> int:
    """``value``, which is a number."""
    if not isinstance(value, int):
        raise PlatformError(f"no answer of the forge: {value!r} instead of a number")
    return value


def when(value: object) -> datetime:
    """The time that an ISO 8601 text names."""
    try:
        moment = datetime.fromisoformat(text(value))
    except ValueError as error:
        raise PlatformError(f"no answer of the forge: {value!r} instead of a time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def optional(value: object) -> datetime | None:
    """As :func:`when`; None where there is none."""
    return None if value is None else when(value)


def plain(value: str) -> str:
    """Text that JSON can carry: what was no UTF-8 in a file becomes a question mark."""
    return value.encode("utf-8", "replace").decode()
