"""Trying several registries in order."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from updater.api import NotFound

T = TypeVar("T")
R = TypeVar("R")


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
