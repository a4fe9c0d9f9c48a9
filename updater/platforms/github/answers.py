"""GitHub's answers as values. What GitHub never says raises ``TypeError``, ``ValueError`` or ``LookupError``."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from updater.api import (
    CheckState,
    Comment,
    Deployment,
    DeploymentState,
    Issue,
    PullRequest,
    PullRequestState,
    Review,
    ReviewState,
    Status,
)
from updater.platforms.remote import Listed

if TYPE_CHECKING:
    from github.Issue import Issue as ApiIssue
    from github.PullRequest import PullRequest as ApiPullRequest

Fields = Mapping[str, Any]

_GOOD = {"SUCCESS", "NEUTRAL", "SKIPPED", "INACTIVE"}
_BAD = {"FAILURE", "ERROR", "TIMED_OUT", "CANCELLED", "ACTION_REQUIRED", "STARTUP_FAILURE", "STALE"}
_BOT = "[bot]"
_OF_STATUS = ("state", "description", "environmentUrl", "logUrl")
_NOBODY = "ghost"  # what GitHub itself calls an account that is gone


def listed(item: "ApiPullRequest") -> Listed:
    """A pull request in a list."""
    return Listed(pull=pull_request(item), changed=moment(item.updated_at), own=_is_own(item))


def pull_request(item: "ApiPullRequest") -> PullRequest:
    """A pull request, in a list or by its number."""
    state = PullRequestState.OPEN if item.state == "open" else PullRequestState.CLOSED
    merged = item.merged_at is not None
    return PullRequest(
        number=whole(item.number),
        branch=text(item.head.ref),
        base=text(item.base.ref),
        title=text(item.title),
        body=lines(item.body),
        state=PullRequestState.MERGED if merged else state,
        labels=tuple(text(label.name) for label in item.labels),
        url=text(item.html_url),
        head=text(item.head.sha),
        author=text(item.user.login),
        draft=bool(item.draft),
        created=moment(item.created_at),
        closed=item.closed_at and moment(item.closed_at),
        merged=item.merged_at and moment(item.merged_at),
        merge_commit=text(item.merge_commit_sha) if merged and item.merge_commit_sha else None,
    )


def _is_own(item: "ApiPullRequest") -> bool:
    """Whether its branch is in this repository. That of a deleted fork is null, which PyGithub's types do not know."""
    head: object = item.head.repo
    return head is not None and item.head.repo.id == item.base.repo.id


def written_issue(item: "ApiIssue") -> Issue:
    """An issue that was opened or changed just now."""
    return Issue(
        number=whole(item.number),
        title=text(item.title),
        body=lines(item.body),
        labels=tuple(text(label.name) for label in item.labels),
        url=text(item.html_url),
    )


def issue(fields: Fields) -> Issue:
    """An issue of a GraphQL answer."""
    labels = (fields["labels"] or {}).get("nodes") or ()
    return Issue(
        number=whole(fields["number"]),
        title=text(fields["title"]),
        body=lines(fields["body"]),
        labels=tuple(text(label["name"]) for label in labels),
        url=text(fields["url"]),
    )


def comment(fields: Fields) -> Comment:
    """A comment of a GraphQL answer."""
    return Comment(
        author=_login(fields["author"]) or _NOBODY,
        text=lines(fields["body"]),
        created=when(fields["createdAt"]),
        ours=bool(fields["viewerDidAuthor"]),
    )


def reviews(nodes: list[Fields]) -> Iterator[Review]:
    """The verdicts among the latest reviews; one that was dismissed is none."""
    states = {"APPROVED": ReviewState.APPROVED, "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED}
    for node in nodes:
        if (state := states.get(node["state"])) is not None:
            commit = (node["commit"] or {}).get("oid")
            yield Review(author=_login(node["author"]) or _NOBODY, state=state, commit=commit)


def status(fields: Fields) -> Status:
    """A commit status or a check run."""
    if fields["__typename"] == "StatusContext":
        return Status(
            context=text(fields["context"]),
            state=_state(fields["state"]),
            description=fields["description"] or "",
            url=fields["targetUrl"],
            created=when(fields["createdAt"]),
            creator=account(fields["creator"]),
        )
    return Status(
        context=text(fields["name"]),
        state=_state(fields["conclusion"] if fields["status"] == "COMPLETED" else "PENDING"),
        description=fields["title"] or "",
        url=fields["detailsUrl"],
        created=fields["startedAt"] and when(fields["startedAt"]),
        creator=_app((fields["checkSuite"] or {}).get("app")),
    )


def deployment(fields: Fields) -> Deployment:
    """A deployment with its latest status; without one it has just begun."""
    said: Fields = fields["latestStatus"] or {**dict.fromkeys(_OF_STATUS), **fields}
    is_over = said["state"] == "INACTIVE"
    return Deployment(
        environment=text(fields["environment"]),
        commit=text(fields["commitOid"]),
        state=DeploymentState.INACTIVE if is_over else DeploymentState(_state(said["state"])),
        description=said["description"] or "",
        task=fields["task"] or "",
        created=when(said["createdAt"]),
        url=said["environmentUrl"] or said["logUrl"],
        creator=account(said["creator"]),
    )


def _state(word: str | None) -> CheckState:
    if word in _GOOD:
        return CheckState.SUCCESS
    return CheckState.FAILURE if word in _BAD else CheckState.PENDING


def _login(actor: Fields | None) -> str | None:
    return None if actor is None else text(actor["login"])


def account(actor: Fields | None) -> str | None:
    """The name of an account, as the REST API has it, too: an app's has ``[bot]`` behind it."""
    name = _login(actor)
    is_app = actor is not None and actor["__typename"] == "Bot"
    return f"{name.removesuffix(_BOT)}{_BOT}" if name is not None and is_app else name


def _app(app: Fields | None) -> str | None:
    return None if app is None else f"{text(app['slug'])}{_BOT}"


def text(value: object) -> str:
    """``value``, which is a text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} instead of a text")
    return value


def lines(value: object) -> str:
    """A body with the line ends that we write: GitHub's own editor writes CRLF."""
    return text(value or "").replace("\r\n", "\n")


def whole(value: object) -> int:
    """``value``, which is a number."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} instead of a number")
    return value


def moment(value: object) -> datetime:
    """``value``, which is a time."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} instead of a date")
    return value


def when(value: object) -> datetime:
    """The time that an ISO 8601 text names."""
    return datetime.fromisoformat(text(value))
