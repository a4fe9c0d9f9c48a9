"""What GitHub's GraphQL API says of pull requests, checks, issues and deployments, on the part of its own schema."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync


@cache
def _schema() -> GraphQLSchema:
    return build_schema((Path(__file__).parent / "github.graphql").read_text())


class Problem(Exception):
    """An error that is part of an answer; ``kind`` is what GitHub calls its type."""

    def __init__(self, message: str, kind: str = "UNPROCESSABLE") -> None:
        self.kind = kind
        super().__init__(message)


def answered(root: object, query: str, variables: Mapping[str, Any]) -> dict[str, object]:
    """The body of the answer."""
    result = graphql_sync(_schema(), query, root_value=root, variable_values=dict(variables))
    answer: dict[str, object] = {"data": result.data}
    if result.errors:
        answer["errors"] = [
            {"message": error.message, "type": getattr(error.original_error, "kind", "INVALID"), "path": error.path}
            for error in result.errors
        ]
    return answer


def connection(nodes: Sequence[Mapping[str, Any]], first: int, after: str | None) -> Mapping[str, object]:
    """A page of a connection; a cursor is the number of nodes before it."""
    start = int(after or 0)
    end = start + min(first, 100)
    return {"nodes": nodes[start:end], "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)}}
