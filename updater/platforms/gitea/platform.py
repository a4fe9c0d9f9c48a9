"""One repository on Gitea or Forgejo: pull requests through its API, branches through git."""

import logging
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from urllib.parse import quote, urlsplit

from updater import git
from updater.api import (
    CheckState,
    Comment,
    Deployment,
    Finding,
    FindingLevel,
    Issue,
    MergeStrategy,
    PlatformError,
    Proposal,
    PullRequest,
    PullRequestState,
    Review,
    ReviewState,
    Secret,
    Status,
)
from updater.platforms import pulls
from updater.platforms.comments import CLOSING, marked, read_topic
from updater.platforms.committing import Committing, FileChange, Made
from updater.platforms.exchange import Refused
from updater.platforms.gitea.api import GiteaApi, root_of
from updater.platforms.remote import Listed
from updater.platforms.rest import Fields, Rest, lines, optional, plain, text, when, whole

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_PER_PAGE = 50
_DRAFT = re.compile(r"(WIP:|\[WIP\])\s*", re.IGNORECASE)
_COLOR = "ededed"
_CHECKS = {
    "success": CheckState.SUCCESS,
    "skipped": CheckState.SUCCESS,
    "warning": CheckState.SUCCESS,
    "failure": CheckState.FAILURE,
    "error": CheckState.FAILURE,
}
_REVIEWS = {"APPROVED": ReviewState.APPROVED, "REQUEST_CHANGES": ReviewState.CHANGES_REQUESTED}
_METHODS = {
    MergeStrategy.SQUASH: "squash",
    MergeStrategy.MERGE_COMMIT: "merge",
    MergeStrategy.REBASE: "rebase",
    MergeStrategy.FAST_FORWARD: "fast-forward-only",
}
_ALLOWED = {"squash": "allow_squash_merge", "merge": "allow_merge_commits", "rebase": "allow_rebase"}


class GiteaPlatform(Committing):
    """One repository on Gitea or Forgejo. ``sleep`` waits some seconds before a request is tried again."""

    NAME = "gitea"
    BEGINS_BRANCHES = False
    BODY_LIMIT = 1_000_000
    RECORDS_DEPLOYMENTS = False

    def __init__(
        self,
        repository: str,
        *,
        token: Secret,
        cache_directory: Path,
        endpoint: str,
        clone_url: str | None = None,
        author: git.Author = git.BOT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _NAME.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
            raise PlatformError(f"{repository!r} is not the name of a repository; write owner/name")
        super().__init__(
            repository,
            url=clone_url or f"{root_of(endpoint)}/{repository}.git",
            user="token",
            token=lambda: token,
            directory=cache_directory / (urlsplit(endpoint).hostname or "gitea") / repository,
            author=author,
        )
        self._rest = Rest("Gitea", repository, GiteaApi(endpoint, token).send, sleep)
        self._place = f"repos/{repository}"

    def base_branch(self) -> str:
        """The repository's default branch."""
        return text(self._facts["default_branch"])

    def is_fork(self) -> bool:
        """Whether it was forked from another repository."""
        return bool(self._facts["fork"])

    def examine(self) -> Sequence[Finding]:
        """Whether the token's account may push; Gitea does not tell a token's scopes."""
        try:
            facts = self._facts
            may_push = bool(facts["permissions"]["push"])
        except PlatformError as error:
            return [Finding(subject="token", level=FindingLevel.FAILED, text=str(error))]
        if facts.get("archived"):
            return [Finding(subject="repository", level=FindingLevel.FAILED, text="it is archived")]
        if not may_push:
            text = "its account may not push; it needs write access to code, pull requests and issues"
            return [Finding(subject="token", level=FindingLevel.FAILED, text=text)]
        return [Finding(subject="token", level=FindingLevel.FINE, text="its account may push")]

    # ------------------------------------------------------------ pull requests

    def create_pull_request(self, proposal: Proposal) -> PullRequest:
        """Open a pull request with its labels, or find the open one that the branch has."""
        doing = f"open a pull request for the branch {proposal.branch}, which was pushed"
        wanted = pulls.united(proposal.labels)
        fields: dict[str, object] = {
            "head": proposal.branch,
            "base": proposal.base,
            "title": _titled(proposal.title, draft=proposal.draft),
            "body": plain(proposal.body),
            **({"labels": self._label_ids(wanted)} if wanted else {}),
        }
        try:
            pull = _pull_request(self._rest.write(doing, "POST", f"{self._place}/pulls", fields))
        except Refused as error:
            if error.status != 409:
                raise
            return self.edit_labels(self._existing(proposal, error), add=wanted)
        self.invite(pull, proposal)
        return pull

    def update_pull_request(self, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Set title and body and add labels, with no request for what is so already."""
        title, body = plain(proposal.title), plain(proposal.body)
        if (pull.title, pull.body) != (title, body):
            fields = {"title": _titled(title, draft=pull.draft), "body": body}
            self._rest.write(f"update pull request #{pull.number}", "PATCH", self._pull_place(pull), fields)
        return self.edit_labels(replace(pull, title=title, body=body), add=proposal.labels)

    def edit_labels(self, pull: PullRequest, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> PullRequest:
        """Set the labels by one request, if they differ; those that the repository lacks are made."""
        wanted = pulls.relabelled(pull.labels, add, remove)
        if wanted != pull.labels:
            place = f"{self._place}/issues/{pull.number}"
            self._set_labels(f"label pull request #{pull.number}", place, pull.labels, wanted)
        return replace(pull, labels=wanted)

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Say why, then close; nothing happens to one that is not open."""
        if pull.state is PullRequestState.OPEN:
            self.comment(pull, CLOSING, comment)
            doing = f"close pull request #{pull.number}"
            self._rest.write(doing, "PATCH", self._pull_place(pull), {"state": "closed"})

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed pull request again."""
        doing = f"open pull request #{pull.number} again"
        self._rest.write(doing, "PATCH", self._pull_place(pull), {"state": "open"})

    def merge_pull_request(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> str:
        """Merge now, if the head is still the one that was read."""
        self._merge(pull, strategy, {})
        merged = _pull_request(self._rest.get("read the pull request", self._pull_place(pull)))
        if merged.merge_commit is None:
            raise PlatformError(f"pull request #{pull.number} of {self._name} was not merged")
        return merged.merge_commit

    def merge_when_green(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> bool:
        """Let Gitea merge when all checks succeed; if they have, it merges now."""
        try:
            self._merge(pull, strategy, {"merge_when_checks_succeed": True})
        except Refused as error:
            if error.status == 405:
                return False
            if error.status == 409 and "already scheduled" in error.words:
                return True
            raise
        return True

    # ------------------------------------------------------------ what is said

    def pull_request(self, number: int) -> PullRequest:
        """One pull request, by one request."""
        return _pull_request(self._rest.get(f"read pull request #{number}", f"{self._place}/pulls/{number}"))

    def comment(self, pull: PullRequest, topic: str, text: str | None) -> None:
        """Write, edit or delete the comment of ours that begins with the topic's mark."""
        doing, place = f"comment on pull request #{pull.number}", f"{self._place}/issues"
        present = self._comment_on(pull, topic)
        body = None if text is None else plain(marked(topic, text))
        if present is None and body is not None:
            self._rest.write(doing, "POST", f"{place}/{pull.number}/comments", {"body": body}, repeatable=False)
        elif present is not None and body is None:
            self._rest.write(doing, "DELETE", f"{place}/comments/{present['id']}")
        elif present is not None and lines(present["body"]) != body:
            self._rest.write(doing, "PATCH", f"{place}/comments/{present['id']}", {"body": body})

    def comments(self, pull: PullRequest) -> Sequence[Comment]:
        """The latest hundred comments."""
        return [
            Comment(
                author=_login(item["user"]),
                text=read_topic(lines(item["body"]))[1],
                created=when(item["created_at"]),
                ours=self._is_ours(item),
            )
            for item in self._comment_list(pull)[-100:]
        ]

    def reviews(self, pull: PullRequest) -> Sequence[Review]:
        """The latest verdict of each reviewer; one that was dismissed is none."""
        found: dict[str, Review] = {}
        for item in self._rest.pages("read the reviews", f"{self._pull_place(pull)}/reviews", limit=_PER_PAGE):
            author, state = _login(item["user"]), _REVIEWS.get(item["state"])
            if state is not None:
                found.pop(author, None)
            if state is not None and not item.get("dismissed"):
                found[author] = Review(author=author, state=state, commit=item.get("commit_id"))
        return list(found.values())

    def _read_statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is said of the commits, a commit by one request."""
        return {commit: self._statuses_of(commit) for commit in commits}

    def _write_status(self, commit: str, status: Status) -> None:
        """Write a commit status."""
        fields = {
            "state": status.state.value,
            "context": status.context,
            "description": plain(status.description),
            "target_url": status.url or "",
        }
        self._rest.write(f"set the status of {commit}", "POST", f"{self._place}/statuses/{commit}", fields)

    def deployments(self, _moment: datetime) -> Sequence[Deployment]:
        """Gitea keeps no records of deployments."""
        return ()

    def record_deployment(self, _deployment: Deployment) -> None:
        """Nothing happens."""

    def examine_deployments(self) -> Sequence[Finding]:
        """There are none."""
        text = "Gitea keeps no records of them: what became of updates is written in comments"
        return [Finding(subject="deployments", level=FindingLevel.WARNING, text=text)]

    def login(self) -> str | None:
        """The account that says things here."""
        return self._login_of_token

    def find_issue(self, title: str) -> Issue | None:
        """The issue of that title which changed last."""
        query = {"state": "open", "type": "issues", "q": title, "limit": _PER_PAGE}
        found = self._rest.pages("read the issues", f"{self._place}/issues", **query)
        exact = [item for item in found if item["title"] == title]
        return _issue(max(exact, key=lambda item: when(item["updated_at"]))) if exact else None

    def write_issue(self, issue: Issue | None, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open or edit an issue, with no request for what is so already."""
        title, body, wanted = plain(title), plain(body), tuple(labels)
        if issue is None:
            fields = {"title": title, "body": body, "labels": self._label_ids(wanted)}
            return _issue(self._rest.write("open an issue", "POST", f"{self._place}/issues", fields, repeatable=False))
        place, doing = f"{self._place}/issues/{issue.number}", f"update issue #{issue.number}"
        united = pulls.united(issue.labels, wanted)
        if (issue.title, issue.body) != (title, body):
            self._rest.write(doing, "PATCH", place, {"title": title, "body": body})
        if united != issue.labels:
            self._set_labels(doing, place, issue.labels, united)
        return replace(issue, title=title, body=body, labels=united)

    def close_issue(self, issue: Issue) -> None:
        """Close an issue."""
        place = f"{self._place}/issues/{issue.number}"
        self._rest.write(f"close issue #{issue.number}", "PATCH", place, {"state": "closed"})

    # ------------------------------------------------------------ commits

    def _own_mail(self) -> str:
        """The one that it is told."""
        return self._maker.author.email

    def _add_commit(self, branch: str, _base: str, message: str, changes: Sequence[FileChange]) -> Made:
        """By one request; the mode of a file stays.

        https://docs.gitea.com/api/#tag/repository/operation/repoChangeFiles
        """
        author = {"name": self._maker.author.name, "email": self._maker.author.email}
        fields = {
            "branch": branch,
            "message": plain(message),
            "author": author,
            "committer": author,
            "files": list(map(_file, changes)),
        }
        made = self._rest.write(f"commit to {branch}", "POST", f"{self._place}/contents", fields)["commit"]
        parents: list[Fields] = made["parents"] or []
        return Made(text(made["sha"]), text(parents[0]["sha"]) if len(parents) == 1 else None)

    # ------------------------------------------------------------ parts of these

    @cached_property
    def _facts(self) -> Fields:
        return self._rest.get("read the repository", self._place)

    @cached_property
    def _login_of_token(self) -> str:
        return text(self._rest.get("read whose the token is", "user")["login"])

    def _pull_place(self, pull: PullRequest) -> str:
        return f"{self._place}/pulls/{pull.number}"

    def _changed_since(self, moment: datetime, *, merged: bool) -> Iterator[Listed]:
        query = {"state": "closed" if merged else "all", "sort": "recentupdate", "limit": _PER_PAGE}
        found = self._rest.pages("list the pull requests", f"{self._place}/pulls", **query)
        return takewhile(lambda one: one.changed >= moment, map(_listed, found))

    def _existing(self, proposal: Proposal, error: Refused) -> PullRequest:
        base, head = quote(proposal.base, safe=""), quote(proposal.branch, safe="")
        found = _pull_request(self._rest.get("find the open pull request", f"{self._place}/pulls/{base}/{head}"))
        if found.state is not PullRequestState.OPEN:
            raise error
        return found

    def _merge(self, pull: PullRequest, strategy: MergeStrategy, wishes: Mapping[str, object]) -> None:
        head = {"head_commit_id": pull.head} if pull.head else {}
        fields = {"Do": self._method(strategy), **head, **wishes}
        self._rest.write(f"merge pull request #{pull.number}", "POST", f"{self._pull_place(pull)}/merge", fields)

    def _method(self, strategy: MergeStrategy) -> str:
        if strategy is not MergeStrategy.AUTO:
            return _METHODS[strategy]
        return next((method for method, switch in _ALLOWED.items() if self._facts.get(switch)), "merge")

    def invite(self, pull: PullRequest, proposal: Proposal) -> None:
        """Ask people for their attention. Whoever cannot be asked is no reason to fail."""
        place, issue = self._pull_place(pull), f"{self._place}/issues/{pull.number}"
        teams = [name.removeprefix("team:") for name in proposal.reviewers if name.startswith("team:")]
        people = [name for name in proposal.reviewers if not name.startswith("team:")]
        wishes: list[tuple[str, str, dict[str, object]]] = []
        if proposal.assignees:
            wishes.append(("PATCH", issue, {"assignees": list(proposal.assignees)}))
        wishes += [("POST", f"{place}/requested_reviewers", {"reviewers": [name]}) for name in people]
        wishes += [("POST", f"{place}/requested_reviewers", {"team_reviewers": [name]}) for name in teams]
        if proposal.milestone is not None and (number := self._milestone(proposal.milestone)) is not None:
            wishes.append(("PATCH", issue, {"milestone": number}))
        for method, path, fields in wishes:
            try:
                self._rest.tell(f"set {fields} on pull request #{pull.number}", method, path, fields)
            except Refused as error:
                _log.warning("%s", error)

    def _milestone(self, title: str) -> int | None:
        query = {"state": "open", "limit": _PER_PAGE}
        found = self._rest.pages("look for a milestone", f"{self._place}/milestones", **query)
        number = next((whole(item["id"]) for item in found if title in (item["title"], str(item["id"]))), None)
        if number is None:
            _log.warning("%s has no open milestone %r", self._name, title)
        return number

    def _set_labels(self, doing: str, place: str, present: Sequence[str], wanted: Sequence[str]) -> None:
        ids = self._label_ids([*present, *wanted])
        numbers = dict(zip([*present, *wanted], ids, strict=True))
        added = [numbers[label] for label in wanted if label not in present]
        if added:
            self._rest.tell(doing, "POST", f"{place}/labels", {"labels": added})
        for label in (label for label in present if label not in wanted):
            self._rest.write(doing, "DELETE", f"{place}/labels/{numbers[label]}")

    def _label_ids(self, labels: Sequence[str]) -> list[int]:
        """The ids of labels of the repository; those that it lacks are made."""
        if not labels:
            return []
        known = {text(item["name"]).casefold(): whole(item["id"]) for item in self._labels()}
        for label in labels:
            if label.casefold() not in known:
                fields = {"name": label, "color": _COLOR}
                made = self._rest.write(f"make the label {label!r}", "POST", f"{self._place}/labels", fields)
                known[label.casefold()] = whole(made["id"])
        return [known[label.casefold()] for label in labels]

    def _labels(self) -> Iterator[Fields]:
        return self._rest.pages("read the labels", f"{self._place}/labels", limit=_PER_PAGE)

    def _comment_list(self, pull: PullRequest) -> list[Fields]:
        place = f"{self._place}/issues/{pull.number}/comments"
        return list(self._rest.pages("read the comments", place))

    def _comment_on(self, pull: PullRequest, topic: str) -> Fields | None:
        found = (item for item in self._comment_list(pull) if read_topic(lines(item["body"]))[0] == topic)
        return next((item for item in found if self._is_ours(item)), None)

    def _is_ours(self, item: Fields) -> bool:
        return _login(item["user"]) == self._login_of_token

    def _statuses_of(self, commit: str) -> list[Status]:
        try:
            told = self._rest.get("read the checks", f"{self._place}/commits/{commit}/status")
        except Refused as error:
            if error.status == 404:  # there is no such commit (any more)
                return []
            raise
        return [_status(item) for item in told["statuses"] or ()]


# ---------------------------------------------------------------- values


def _file(change: FileChange) -> dict[str, object]:
    """What the contents API is to do about a file; it refuses to replace another content than the one that was read."""
    content = b64encode(change.content).decode()
    if change.before is None:
        return {"operation": "create", "path": change.path, "content": content}
    return {"operation": "update", "path": change.path, "content": content, "sha": change.before}


def _pull_request(item: Fields) -> PullRequest:
    is_merged, title = bool(item["merged"]), text(item["title"])
    draft = bool(_DRAFT.match(title))
    state = PullRequestState.OPEN if item["state"] == "open" else PullRequestState.CLOSED
    return PullRequest(
        number=whole(item["number"]),
        branch=text(item["head"]["ref"]),
        base=text(item["base"]["ref"]),
        title=_DRAFT.sub("", title, count=1) if draft else title,
        body=lines(item["body"]),
        state=PullRequestState.MERGED if is_merged else state,
        labels=tuple(text(label["name"]) for label in item["labels"] or ()),
        url=text(item["html_url"]),
        head=text(item["head"]["sha"]),
        author=_login(item["user"]),
        draft=draft,
        created=when(item["created_at"]),
        closed=optional(item.get("closed_at")),
        merged=optional(item.get("merged_at")) if is_merged else None,
        merge_commit=text(item["merge_commit_sha"]) if is_merged and item.get("merge_commit_sha") else None,
    )


def _listed(item: Fields) -> Listed:
    own = bool(item["head"]["repo_id"] == item["base"]["repo_id"])
    return Listed(pull=_pull_request(item), changed=when(item["updated_at"]), own=own)


def _login(user: Fields | None) -> str:
    return text(user["login"]) if user else "ghost"


def _status(item: Fields) -> Status:
    return Status(
        context=text(item["context"]),
        state=_CHECKS.get(item["status"], CheckState.PENDING),
        description=item.get("description") or "",
        url=item.get("target_url") or None,
        created=optional(item.get("created_at")),
        creator=_login(item.get("creator")),
    )


def _issue(item: Fields) -> Issue:
    return Issue(
        number=whole(item["number"]),
        title=text(item["title"]),
        body=lines(item["body"]),
        labels=tuple(text(label["name"]) for label in item["labels"] or ()),
        url=text(item["html_url"]),
    )


def _titled(title: str, *, draft: bool) -> str:
    return f"WIP: {plain(title)}" if draft else plain(title)
