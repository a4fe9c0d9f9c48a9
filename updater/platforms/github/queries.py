"""The GraphQL queries: where one request says what REST needs many for, or REST says it not at all."""

_REPOSITORY = "query($owner: String!, $name: String!, %s) { repository(owner: $owner, name: $name) { %s } }"

COMMENTS = _REPOSITORY % (
    "$number: Int!",
    """pullRequest(number: $number) { comments(last: 100) {
        nodes { databaseId body createdAt viewerDidAuthor author { login } }
    } }""",
)

REVIEWS = _REPOSITORY % (
    "$number: Int!",
    """pullRequest(number: $number) { latestOpinionatedReviews(first: 100) {
        nodes { state author { login } commit { oid } }
    } }""",
)

_DEPLOYMENT = """ fragment All on Deployment {
    databaseId commitOid environment task createdAt creator { __typename login }
    latestStatus { state description createdAt environmentUrl logUrl creator { __typename login } }
}"""

DEPLOYMENTS = (
    _REPOSITORY
    % (
        "$after: String",
        """deployments(first: 100, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) {
        pageInfo { hasNextPage endCursor }
        nodes { ...All }
    }""",
    )
    + _DEPLOYMENT
)

DEPLOYMENTS_IN = (
    _REPOSITORY
    % (
        "$environment: String!",
        """deployments(first: 100, environments: [$environment], orderBy: {field: CREATED_AT, direction: DESC}) {
        nodes { ...All }
    }""",
    )
    + _DEPLOYMENT
)

LOGIN = "query { viewer { login } }"

ISSUES = _REPOSITORY % (
    "$after: String",
    """issues(states: OPEN, first: 100, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
        pageInfo { hasNextPage endCursor }
        nodes { number title body url labels(first: 100) { nodes { name } } }
    }""",
)

_STATUSES = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { %s } }"

_CONTEXTS = """... on Commit { statusCheckRollup { contexts(first: 100, after: %s) {
    pageInfo { hasNextPage endCursor }
    nodes {
        __typename
        ... on StatusContext { context state description targetUrl createdAt creator { __typename login } }
        ... on CheckRun { name status conclusion title detailsUrl startedAt checkSuite { app { slug } } }
    }
} } }"""


def statuses(cursors: dict[str, str | None]) -> str:
    """The query for what is said of commits, each from its cursor on; ``c0``, ``c1`` … are the answers, in order."""
    parts = [
        f'c{number}: object(oid: "{commit}") {{ {_CONTEXTS % (f"{chr(34)}{cursor}{chr(34)}" if cursor else "null")} }}'
        for number, (commit, cursor) in enumerate(cursors.items())
    ]
    return _STATUSES % " ".join(parts)
