"""The repositories that a token sees on Gitea or Forgejo."""

from collections.abc import Callable, Iterator

from updater.api import Secret
from updater.platforms.discovery import Listing
from updater.platforms.gitea.api import GiteaApi
from updater.platforms.rest import Rest, text


def repositories(endpoint: str, token: Secret, sleep: Callable[[float], None]) -> Iterator[Listing]:
    """Those of the account, of its organisations, and those that it works on with others; mirrors are read-only."""
    rest = Rest("Gitea", "the account", GiteaApi(endpoint, token).send, sleep)
    for row in rest.pages("list the repositories", "user/repos", limit=50):
        yield Listing(
            name=text(row["full_name"]),
            archived=bool(row["archived"]),
            fork=bool(row["fork"]),
            empty=bool(row["empty"]),
            writable=bool((row.get("permissions") or {}).get("push")) and not row.get("mirror"),
            topics=tuple(map(text, row.get("topics") or ())),
        )
