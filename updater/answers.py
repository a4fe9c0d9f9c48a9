"""What an answer means: its body, decoded within bounds, and the error that a refusal stands for. Pure."""

import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from updater.api import Response
from updater.errors import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Unavailable
from updater.hosts import host_of, shown

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_LONGEST_PARKING = timedelta(days=1)
_SECONDARY_LIMIT = timedelta(minutes=1)


class Body:
    """A body as it arrives: decoded, and never larger than ``limit`` bytes, however small it was when compressed.

    ``feed`` and ``finish`` raise ``ValueError`` for what is too large or cannot be decoded, in words that follow the
    name of what was asked for, and ``EOFError`` for a compressed body without its end.
    """

    def __init__(self, headers: Mapping[str, str], limit: int) -> None:
        self._limit, self._content = limit, bytearray()
        self._encoding = headers.get("content-encoding", "identity").strip().lower()
        self._decoder = zlib.decompressobj(wbits=31)
        self._started = False

    def feed(self, chunk: bytes) -> None:
        """Take the next piece as it came over the wire."""
        if self._encoding in ("gzip", "x-gzip"):
            self._inflate(chunk)
        elif self._encoding in ("identity", ""):
            self._content += chunk
        else:
            raise ValueError(f"is encoded in a way nobody asked for: {self._encoding[:40]}")
        if len(self._content) > self._limit:
            raise ValueError(f"is larger than {self._limit:,} bytes")

    def finish(self) -> bytes:
        """The whole body, once the last piece was fed."""
        if self._started and not self._decoder.eof:
            raise EOFError
        return bytes(self._content)

    def _inflate(self, chunk: bytes) -> None:
        self._started = True
        while chunk and len(self._content) <= self._limit:
            if self._decoder.eof:  # one compressed stream may follow another
                self._decoder = zlib.decompressobj(wbits=31)
            try:
                self._content += self._decoder.decompress(chunk, self._limit + 1 - len(self._content))
            except zlib.error as error:
                raise ValueError("says it is compressed, and is not") from error
            chunk = self._decoder.unconsumed_tail or self._decoder.unused_data


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
    """How many requests are left: GitHub, GitLab, and Docker Hub (``0;w=21600``)."""
    for name in ("x-ratelimit-remaining", "ratelimit-remaining"):
        number = response.headers.get(name, "").partition(";")[0].strip()
        if number.isascii() and number.isdigit():
            return int(number)
    return None


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
