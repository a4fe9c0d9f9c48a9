"""The addresses of registries, and trying several of them in order."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from updater.api import NotFound, Package, RequestError

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


def configured(package: Package, kind: str) -> Sequence[str]:
    """The addresses, without final slash, of registries that nobody knows but the user: those of the package.

    They may hold credentials, and are shown by :func:`base_url` only. Raises ``RequestError`` if there is none;
    ``kind`` says what to look for, in the words of its users.
    """
    if not package.registry_urls:
        raise RequestError(f"no {kind} is configured: set registryUrls, by a rule for {package.datasource}", url="")
    return [url.rstrip("/") if "://" in url else base_url(url) for url in package.registry_urls]


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
