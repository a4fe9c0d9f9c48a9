"""What an answer means: its body, decoded within bounds, the error that a refusal stands for, the budget. Pure."""

import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from updater.api import Distiller, Response
from updater.errors import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Unavailable
from updater.hosts import host_of, shown

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_INFLATED_BYTES = 256 * 1024
_LONGEST_PARKING = timedelta(days=1)
_SECONDARY_LIMIT = timedelta(minutes=1)
_PARAMETER = re.compile(r"(?:^|[;,\s])(?P<name>[a-z]+)=(?P<number>[0-9]{1,10})(?![0-9.])")
_POLICIES = re.compile(r',\s*(?=")')
"""Between the policies of a list; one policy of an older draft has commas of its own."""


class Body:
    """A body as it arrives: decoded, and never larger than ``limit`` bytes, however small it was when compressed.

    ``feed`` and ``finish`` raise ``ValueError`` for what is too large or cannot be decoded, in words that follow the
    name of what was asked for, and ``EOFError`` for a compressed body without its end. A ``distiller`` gets each piece
    at once, and its result is that of ``finish``.
    """

    def __init__(self, headers: Mapping[str, str], limit: int, distiller: Distiller | None = None) -> None:
        self._room, self._limit, self._sink = limit, limit, distiller or _Whole()
        self._encoding = headers.get("content-encoding", "identity").strip().lower()
        self._decoder = zlib.decompressobj(wbits=31)
        self._started = False

    def feed(self, chunk: bytes) -> None:
        """Take the next piece as it came over the wire."""
        if self._encoding in ("gzip", "x-gzip"):
            self._inflate(chunk)
        elif self._encoding in ("identity", ""):
            self._take(chunk)
        else:
            raise ValueError(f"is encoded in a way nobody asked for: {self._encoding[:40]}")

    def finish(self) -> bytes:
        """The whole body, once the last piece was fed."""
        if self._started and not self._decoder.eof:
            raise EOFError
        return self._sink.finish()

    def _inflate(self, chunk: bytes) -> None:
        self._started = True
        while chunk:
            if self._decoder.eof:  # one compressed stream may follow another
                self._decoder = zlib.decompressobj(wbits=31)
            try:
                inflated = self._decoder.decompress(chunk, min(self._room + 1, _INFLATED_BYTES))
            except zlib.error as error:
                raise ValueError("says it is compressed, and is not") from error
            chunk = self._decoder.unconsumed_tail or self._decoder.unused_data
            self._take(inflated)

    def _take(self, content: bytes) -> None:
        self._room -= len(content)
        if self._room < 0:
            raise ValueError(f"is larger than {self._limit:,} bytes")
        self._sink.feed(content)


class _Whole:
    """The body itself."""

    FORM = ""

    def __init__(self) -> None:
        self._content = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._content += chunk

    def finish(self) -> bytes:
        return bytes(self._content)


# ---------------------------------------------------------------- refusals


def refusal(response: Response, *, said: Mapping[str, str], at_home: bool, now: datetime) -> RequestError | None:
    """The error that a status of 400 or more stands for, or a 3xx that is no redirect; None for the others.

    ``said`` are the headers of the request; ``at_home`` is False if a redirect led to another host.
    """
    status, url = response.status, shown(response.url)
    if status < 300 or status in REDIRECTS:
        return None
    if _is_rate_limit(response):
        return _rate_limited(response, now)
    host, what = host_of(url), f"{url} ({status})"
    if status in (404, 410, 451):
        return NotFound(f"{host} does not know {what}", url=url)
    if status in (401, 403, 407):
        return AuthError(f"{host} refuses {what}: {_how_to_be_heard(host, said, at_home=at_home)}", url=url)
    if status >= 500 or status in (408, 425):
        return Unavailable(f"{host} is in trouble: {what}", url=url)
    return InvalidAnswer(f"{host} cannot make sense of the request for {what}", url=url)


def _rate_limited(response: Response, now: datetime) -> RateLimited:
    url, until = shown(response.url), _retry_at(response, now)
    hint = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until is not None else "for a while"
    return RateLimited(f"{host_of(url)} wants to be left alone {hint}: {url} ({response.status})", url=url, until=until)


def _how_to_be_heard(host: str, said: Mapping[str, str], *, at_home: bool) -> str:
    if not at_home:
        return "it was reached by a redirect, where no credentials are sent"
    if "authorization" in said:
        return f"the credentials for {host} are not accepted, or do not reach that far"
    return f"write a host rule for {host} with a token or a password"


def _is_rate_limit(response: Response) -> bool:
    """429; or the 403 of GitHub and others, who say so in headers or, of secondary limits, in words.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if response.status != 403:
        return response.status == 429
    return "retry-after" in response.headers or _remaining(response) == 0 or b"rate limit" in response.content.lower()


def _remaining(response: Response) -> int | None:
    """How many requests are left."""
    return _first_number(response.headers, "remaining")


def _retry_at(response: Response, now: datetime) -> datetime | None:
    """When to ask again, no later than in a day; None where the answer does not say."""
    names = ["retry-after", "x-retry-after"]
    if _remaining(response) in (0, None):
        names += ["x-ratelimit-reset", "ratelimit-reset"]
    moments = (_moment(response.headers.get(name, ""), now) for name in names)
    moment = next((moment for moment in moments if moment is not None), None)
    if moment is None and response.status == 403:
        moment = now + _SECONDARY_LIMIT
    return None if moment is None else max(now, min(moment, now + _LONGEST_PARKING))


def _moment(text: str, now: datetime) -> datetime | None:
    """A number of seconds, a number of seconds since 1970 (told apart by its size), or a date as in HTTP."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return datetime.fromtimestamp(int(text), UTC) if len(text) > 8 else now + timedelta(seconds=int(text))
    with suppress(ValueError, TypeError, OverflowError):
        date = parsedate_to_datetime(text)
        return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return None


# ---------------------------------------------------------------- budgets


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a host says of its limit: so many requests are left until then. ``limit`` is all there were, if said."""

    remaining: int
    until: datetime
    limit: int | None = None


def quota(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """The budget that an answer tells of; None if it tells none, or not until when.

    Understood are GitHub (``x-ratelimit-remaining``, ``-limit``, ``-reset``), hub.docker.com and GitLab alike, Docker's
    registry (``ratelimit-remaining: 76;w=21600``: within the last 21,600 seconds), and the drafts of a standard up to
    06 (``ratelimit-reset``), 07 (``ratelimit: limit=100, remaining=50, reset=5``) and from 08 on (``"name";r=50;t=5``):
    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/.
    """
    stated = (_stated(item) for item in _POLICIES.split(headers.get("ratelimit", "")))
    named = min((one for one in stated if one is not None), default=None)
    remaining, seconds = named if named is not None else (_first_number(headers, "remaining"), None)
    if remaining is None:
        return None
    until = now + timedelta(seconds=seconds) if seconds is not None else _end_of_window(headers, now)
    if until is None or until <= now:
        return None
    return Quota(remaining=remaining, until=min(until, now + _LONGEST_PARKING), limit=_limit(headers))


def counted_as(url: str) -> str:
    """Which of a host's budgets a request draws on; most have one.

    Docker Hub counts how many manifests are fetched, and nothing else; GitHub counts GraphQL apart.
    """
    parts = urlsplit(url)
    if parts.hostname == "registry-1.docker.io" and "/manifests/" in parts.path:
        return "manifests"
    return "graphql" if parts.path.endswith("/graphql") else ""


def _stated(item: str) -> tuple[int, int] | None:
    """Requests left and seconds to the end, in the words of a draft."""
    said = {match["name"]: int(match["number"]) for match in _PARAMETER.finditer(item)}
    remaining, seconds = said.get("r", said.get("remaining")), said.get("t", said.get("reset"))
    return (remaining, seconds) if remaining is not None and seconds is not None else None


def _end_of_window(headers: Mapping[str, str], now: datetime) -> datetime | None:
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        if (moment := _moment(headers.get(name, ""), now)) is not None:
            return moment
    window = _PARAMETER.search(headers.get("ratelimit-remaining", ""))
    return now + timedelta(seconds=int(window["number"])) if window is not None and window["name"] == "w" else None


def _limit(headers: Mapping[str, str]) -> int | None:
    said = {match["name"]: int(match["number"]) for match in _PARAMETER.finditer(headers.get("ratelimit", ""))}
    policy = {match["name"]: int(match["number"]) for match in _PARAMETER.finditer(headers.get("ratelimit-policy", ""))}
    return said.get("limit", policy.get("q", _first_number(headers, "limit")))


def _first_number(headers: Mapping[str, str], what: str) -> int | None:
    """The number that ``x-ratelimit-…`` or ``ratelimit-…`` begins with: ``0;w=21600``."""
    for name in (f"x-ratelimit-{what}", f"ratelimit-{what}"):
        number = headers.get(name, "").partition(";")[0].strip()
        if number.isascii() and number.isdigit() and len(number) < 12:
            return int(number)
    return None
