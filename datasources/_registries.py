"""The addresses of registries, and trying several of them in order."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from updater.api import NotFound

T = TypeVar("T")
R = TypeVar("R")

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def base_url(address: str) -> str:
    """``address`` as a URL without credentials and final slash, fit to be shown.

    Without a scheme it is https, or plain http on this machine.
    """
    scheme, _, place = address.rpartition("://")
    place = place.rpartition("@")[2].rstrip("/")
    return f"{scheme or _scheme(place.partition('/')[0])}://{place}"


def _scheme(host: str) -> str:
    return "http" if host in _LOOPBACK or host.rpartition(":")[0] in _LOOPBACK else "https"


async def first_that_knows(registries: Sequence[R], ask: Callable[[R], Awaitable[T]]) -> T:
    """The answer of the first registry that has what ``ask`` asks for.

    Only ``NotFound`` leads on to the next one: a registry that is down may know more than the one after it, and
    taking the poorer answer for the whole truth could move a pull request backwards.
    """
    for registry in registries[:-1]:
        try:
            return await ask(registry)
        except NotFound:
            continue
    return await ask(registries[-1])
