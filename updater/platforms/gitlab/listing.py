"""The projects that a token sees on GitLab."""

from collections.abc import Callable, Iterator

from updater.api import Secret
from updater.platforms.discovery import Listing
from updater.platforms.gitlab.api import GitLabApi
from updater.platforms.rest import Rest, text

_DEVELOPER = 30


def projects(endpoint: str, token: Secret, sleep: Callable[[float], None]) -> Iterator[Listing]:
    """Those that the account is a member of, as a developer at least."""
    rest = Rest("GitLab", "the account", GitLabApi(endpoint, token).send, sleep)
    query = {"membership": "true", "archived": "false", "min_access_level": _DEVELOPER, "per_page": 100}
    for row in rest.pages("list the projects", "projects", **query):
        yield Listing(
            name=text(row["path_with_namespace"]),
            archived=bool(row.get("archived")),
            fork="forked_from_project" in row,
            empty=row["default_branch"] is None,
            topics=tuple(map(text, row.get("topics") or ())),
        )
