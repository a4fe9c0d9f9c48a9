"""GitHub's GraphQL API, as far as it tells tags and releases: queries run on GitHub's own schema, or fail as there.

What is not in ``github.graphql``, be it a field, an argument or a type, is an error, as is a page without a size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

MOST_ENTRIES = 100
"""https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit"""

Arguments = Mapping[str, object]


@dataclass(kw_only=True)
class Published:
    """``releases`` as REST gives them; ``tags``: name → commit, date and whether it is annotated, newest first."""

    releases: list[dict[str, object]] = field(default_factory=list)
    tags: dict[str, tuple[str, str, bool]] = field(default_factory=dict)


def execute(asked: Mapping[str, object], published: Mapping[str, Published]) -> dict[str, object]:
    """The body of the answer to a posted query."""
    variables = asked.get("variables")
    assert isinstance(variables, dict)
    done = graphql_sync(_schema(), str(asked["query"]), _Root(published), variable_values=variables)
    errors = [{**error.formatted, **(error.extensions or {})} for error in done.errors or ()]
    return {"data": done.data, **({"errors": errors} if errors else {})}


@cache
def _schema() -> GraphQLSchema:
    return build_schema((Path(__file__).parent / "github.graphql").read_text())


class _Root:
    def __init__(self, published: Mapping[str, Published]) -> None:
        self._published = published

    def repository(self, _info: object, *, owner: str, name: str, **_arguments: object) -> "_Repository":
        found = self._published.get(f"{owner}/{name}")
        if found is None:
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise GraphQLError(message, extensions={"type": "NOT_FOUND"})
        return _Repository(found)


class _Repository:
    isPrivate = False  # noqa: N815 - the schema's name

    def __init__(self, published: Published) -> None:
        self._published = published

    def refs(self, _info: object, **arguments: object) -> object:
        assert arguments["refPrefix"] == "refs/tags/"
        assert arguments["orderBy"] == {"field": "TAG_COMMIT_DATE", "direction": "DESC"}
        return _page([_ref(name, *about) for name, about in self._published.tags.items()], arguments)

    def releases(self, _info: object, **arguments: object) -> object:
        assert arguments["orderBy"] == {"field": "CREATED_AT", "direction": "DESC"}
        return _page([_release(release) for release in self._published.releases], arguments)


def _page(entries: Sequence[object], arguments: Arguments) -> dict[str, object]:
    size, first = arguments.get("first"), int(str(arguments.get("after") or 0))
    if not isinstance(size, int) or not 0 < size <= MOST_ENTRIES:
        raise GraphQLError(f"a connection has to have a page of 1 to {MOST_ENTRIES} entries")
    position = {"hasNextPage": first + size < len(entries), "endCursor": str(first + size)}
    return {"pageInfo": position, "nodes": entries[first : first + size], "totalCount": len(entries)}


def _ref(name: str, commit: str, date: str, annotated: bool) -> dict[str, object]:  # noqa: FBT001 - a row of a table
    target: dict[str, object] = {"__typename": "Commit", "oid": commit, "committedDate": date}
    if annotated:
        target = {"__typename": "Tag", "oid": "f" * 40, "tagger": {"date": date}, "target": target}
    return {"name": name, "prefix": "refs/tags/", "target": target}


def _release(release: Mapping[str, object]) -> dict[str, object]:
    return {
        "tagName": release["tag_name"],
        "isDraft": release["draft"],
        "isPrerelease": release["prerelease"],
        "publishedAt": release["published_at"],
        "url": f"https://github.com/releases/{release['tag_name']}",
    }
