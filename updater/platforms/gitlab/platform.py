"""One project on GitLab: merge requests through its API, branches through git."""

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
    DeploymentState,
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
from updater.platforms.exchange import Refused, growing
from updater.platforms.gitlab import access
from updater.platforms.gitlab.api import GitLabApi, root_of
from updater.platforms.remote import Listed
from updater.platforms.rest import Fields, Rest, lines, optional, plain, text, when, whole

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_PER_PAGE = 100
_DRAFT = re.compile(r"(\[draft\]|\(draft\)|draft:)\s*", re.IGNORECASE)
_QUICK_ACTION, _DEFUSED = re.compile(r"^/(?=[a-z_])", re.MULTILINE), re.compile(r"^&#47;(?=[a-z_])", re.MULTILINE)
_MAX_DESCRIPTION = 255
_STATES = {"opened": PullRequestState.OPEN, "locked": PullRequestState.OPEN, "merged": PullRequestState.MERGED}
_CHECKS = {
    "success": CheckState.SUCCESS,
    "skipped": CheckState.SUCCESS,
    "failed": CheckState.FAILURE,
    "canceled": CheckState.FAILURE,
    "blocked": CheckState.PENDING,
}
_DEPLOYMENTS = {
    "success": DeploymentState.SUCCESS,
    "failed": DeploymentState.FAILURE,
    "canceled": DeploymentState.FAILURE,
}
_DEPLOYED = {
    DeploymentState.PENDING: "running",
    DeploymentState.SUCCESS: "success",
    DeploymentState.FAILURE: "failed",
}
_WORDS = {CheckState.PENDING: "pending", CheckState.SUCCESS: "success", CheckState.FAILURE: "failed"}
_UNDECIDED = {"checking", "unchecked", "preparing", "approvals_syncing"}
_ATTEMPTS = 4


class GitLabPlatform(Committing):
    """One project on GitLab. ``sleep`` waits some seconds before a request is tried again.

    A merge goes by the project's own method (merge commit, fast-forward); a strategy only says whether to squash.
    """

    NAME = "gitlab"
    BEGINS_BRANCHES = True
    BODY_LIMIT = 1_000_000
    RECORDS_DEPLOYMENTS = True

    def __init__(
        self,
        repository: str,
        *,
        token: Secret,
        cache_directory: Path,
        endpoint: str = "https://gitlab.com",
        clone_url: str | None = None,
        author: git.Author = git.BOT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _NAME.fullmatch(repository) or repository.endswith((".git", ".atom")):
            raise PlatformError(f"{repository!r} is not the name of a GitLab project; write group/name")
        super().__init__(
            repository,
            url=clone_url or f"{root_of(endpoint)}/{repository}.git",
            user="oauth2",
            token=lambda: token,
            directory=cache_directory / (urlsplit(endpoint).hostname or "gitlab") / repository,
            author=author,
        )
        self._sleep = sleep
        self._rest = Rest("GitLab", repository, GitLabApi(endpoint, token).send, sleep)
        self._place = f"projects/{quote(repository, safe='')}"

    def base_branch(self) -> str:
        """The project's default branch. Raises ``PlatformError`` if it has none."""
        return text(self._rest.get("read the project", self._place)["default_branch"])

    def is_fork(self) -> bool:
        """Whether it was forked from another project."""
        return "forked_from_project" in self._rest.get("read the project", self._place)

    def examine(self) -> Sequence[Finding]:
        """Whether the token has the scopes and the role that are needed."""
        try:
            facts = self._rest.get("read the project", self._place)
            token = self._rest.get("read the token", "personal_access_tokens/self")
        except PlatformError as error:
            return [Finding(subject="token", level=FindingLevel.FAILED, text=str(error))]
        return list(access.findings(facts, token))

    def examine_deployments(self) -> Sequence[Finding]:
        """Whether deployments may be read; who has the scope api and the role Developer may write them."""
        try:
            next(self._rest.pages("read the deployments", f"{self._place}/deployments", per_page=1), None)
        except PlatformError as error:
            return [Finding(subject="deployments", level=FindingLevel.FAILED, text=str(error))]
        text = "they can be read; those of a protected environment are written only by who may deploy to it"
        return [Finding(subject="deployments", level=FindingLevel.FINE, text=text)]

    # ------------------------------------------------------------ merge requests

    def create_pull_request(self, proposal: Proposal) -> PullRequest:
        """Open a merge request, or find the open one that the branch has; labels come with it by the same request."""
        doing = f"open a merge request for the branch {proposal.branch}, which was pushed"
        fields: dict[str, object] = {
            "source_branch": proposal.branch,
            "target_branch": proposal.base,
            "title": _titled(proposal.title, draft=proposal.draft),
            "description": _body(proposal.body),
            "remove_source_branch": True,
            **({"labels": ",".join(pulls.united(proposal.labels))} if proposal.labels else {}),
            **self._people(proposal),
        }
        try:
            return _pull_request(self._rest.write(doing, "POST", f"{self._place}/merge_requests", fields))
        except Refused as error:
            if "already exists" not in error.words:
                raise
            existing = self._existing(proposal.branch, error)
            return self.edit_labels(existing, add=proposal.labels)

    def update_pull_request(self, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Set title and description and add labels by one request, or by none for what is so already."""
        title, body = plain(proposal.title), plain(proposal.body)
        united = pulls.united(pull.labels, proposal.labels)
        texts = {"title": _titled(title, draft=pull.draft), "description": _body(body)}
        return self._edited(
            pull,
            replace(pull, title=title, body=body, labels=united),
            {
                **(texts if (pull.title, pull.body) != (title, body) else {}),
                **_labels("add_labels", united[len(pull.labels) :]),
            },
        )

    def edit_labels(self, pull: PullRequest, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> PullRequest:
        """Add and take away labels by one request."""
        wanted = pulls.relabelled(pull.labels, add, remove)
        added = [label for label in wanted if label not in pull.labels]
        removed = [label for label in pull.labels if label not in wanted]
        changes = {**_labels("add_labels", added), **_labels("remove_labels", removed)}
        return self._edited(pull, replace(pull, labels=wanted), changes)

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Say why, then close; nothing happens to one that is not open."""
        if pull.state is PullRequestState.OPEN:
            self.comment(pull, CLOSING, comment)
            doing = f"close merge request !{pull.number}"
            self._rest.write(doing, "PUT", self._pull_place(pull), {"state_event": "close"})

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed merge request again."""
        doing = f"open merge request !{pull.number} again"
        self._rest.write(doing, "PUT", self._pull_place(pull), {"state_event": "reopen"})

    def merge_pull_request(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> str:
        """Merge now, if the head is still the one that was read."""
        merged = _pull_request(self._merged(pull, strategy, {}))
        if merged.merge_commit is None:
            raise PlatformError(f"merge request !{pull.number} of {self._name} was not merged")
        return merged.merge_commit

    def merge_when_green(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> bool:
        """Let GitLab merge when the pipeline succeeds; without one that runs, it merges now."""
        try:
            self._merged(pull, strategy, {"auto_merge": True, "merge_when_pipeline_succeeds": True})
        except Refused as error:
            if error.status in {405, 422}:
                return False
            raise
        return True

    def _merged(self, pull: PullRequest, strategy: MergeStrategy, wishes: Mapping[str, object]) -> Fields:
        """Merge, once GitLab has found out whether it can; a merge request that is new takes it a while."""
        squash = {} if strategy is MergeStrategy.AUTO else {"squash": strategy is MergeStrategy.SQUASH}
        fields = {**wishes, **squash, **({"sha": pull.head} if pull.head else {})}
        doing, place = f"merge merge request !{pull.number}", self._pull_place(pull)
        for number in range(_ATTEMPTS):
            try:
                return self._rest.write(doing, "PUT", f"{place}/merge", fields)
            except Refused as error:
                undecided = error.status in {405, 422} and self._is_undecided(place)
                if not undecided or number + 1 == _ATTEMPTS:
                    raise
            self._sleep(growing(number))
        raise AssertionError

    def _is_undecided(self, place: str) -> bool:
        return self._rest.get("read the merge request", place).get("detailed_merge_status") in _UNDECIDED

    # ------------------------------------------------------------ what is said

    def pull_request(self, number: int) -> PullRequest:
        """One merge request, by one request."""
        return _pull_request(self._rest.get(f"read merge request !{number}", f"{self._place}/merge_requests/{number}"))

    def comment(self, pull: PullRequest, topic: str, text: str | None) -> None:
        """Write, edit or delete the note of ours that begins with the topic's mark."""
        doing, place = f"comment on merge request !{pull.number}", f"{self._pull_place(pull)}/notes"
        present = self._note_on(pull, topic)
        body = None if text is None else _body(marked(topic, text))
        if present is None and body is not None:
            self._rest.write(doing, "POST", place, {"body": body}, repeatable=False)
        elif present is not None and body is None:
            self._rest.write(doing, "DELETE", f"{place}/{present['id']}")
        elif present is not None and lines(present["body"]) != body:
            self._rest.write(doing, "PUT", f"{place}/{present['id']}", {"body": body})

    def comments(self, pull: PullRequest) -> Sequence[Comment]:
        """The latest hundred notes, without GitLab's own."""
        return [
            Comment(
                author=text(note["author"]["username"]),
                text=read_topic(_body_back(note["body"]))[1],
                created=when(note["created_at"]),
                ours=self._is_ours(note),
            )
            for note in reversed(self._notes(pull))
        ]

    def reviews(self, pull: PullRequest) -> Sequence[Review]:
        """Approvals, and the reviewers who ask for changes."""
        place, doing = self._pull_place(pull), "read the reviews"
        approved = [each["user"] for each in self._rest.get(doing, f"{place}/approvals").get("approved_by") or ()]
        reviewers = self._rest.pages(doing, f"{place}/reviewers", per_page=_PER_PAGE)
        asking = [each["user"] for each in reviewers if each["state"] == "requested_changes"]
        return [
            *(Review(author=text(user["username"]), state=ReviewState.APPROVED) for user in approved),
            *(Review(author=text(user["username"]), state=ReviewState.CHANGES_REQUESTED) for user in asking),
        ]

    def _read_statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What jobs and others say of the commits, a commit by one request; a job that may fail does no harm."""
        return {commit: self._statuses_of(commit) for commit in commits}

    def _write_status(self, commit: str, status: Status) -> None:
        """Write a commit status."""
        fields: dict[str, object] = {
            "state": _WORDS[status.state],
            "name": status.context,
            "description": plain(status.description)[:_MAX_DESCRIPTION],
            **({"target_url": status.url} if status.url else {}),
        }
        try:
            self._rest.write(f"set the status of {commit}", "POST", f"{self._place}/statuses/{commit}", fields)
        except Refused as error:
            if "Cannot transition status" not in error.words:  # it is in this state already
                raise

    def deployments(self, moment: datetime) -> Sequence[Deployment]:
        """GitLab's deployments, the latest first."""
        query = {"order_by": "created_at", "sort": "desc", "per_page": _PER_PAGE}
        found = self._rest.pages("read the deployments", f"{self._place}/deployments", **query)
        return list(map(_deployment, takewhile(lambda item: when(item["created_at"]) >= moment, found)))

    def record_deployment(self, deployment: Deployment) -> None:
        """Find or make the record of ours, and say how it goes.

        GitLab lets none that is over go back to running, and knows no inactive ones.
        """
        status = _DEPLOYED.get(deployment.state)
        known = self._own_deployment(deployment)
        if status is None or (known is not None and (status == known["status"] or status == "running")):
            return
        doing = f"record a deployment of {deployment.environment}"
        if known is not None:
            self._rest.write(doing, "PUT", f"{self._place}/deployments/{known['id']}", {"status": status})
            return
        fields = {
            "environment": deployment.environment,
            "sha": deployment.commit,
            "ref": deployment.branch,
            "tag": False,
            "status": status,
        }
        self._rest.write(doing, "POST", f"{self._place}/deployments", fields)

    def _own_deployment(self, deployment: Deployment) -> Fields | None:
        query = {"environment": deployment.environment, "order_by": "created_at", "sort": "desc", "per_page": _PER_PAGE}
        found = self._rest.pages("read the deployments", f"{self._place}/deployments", **query)
        latest = (item for item, _ in zip(found, range(_PER_PAGE), strict=False))
        ours = (item for item in latest if (item.get("user") or {}).get("id") == self._own["id"])
        return next((item for item in ours if item["sha"] == deployment.commit), None)

    def login(self) -> str | None:
        """The account of the token."""
        return text(self._own["username"])

    def find_issue(self, title: str) -> Issue | None:
        """The issue of that title which changed last."""
        query = {"state": "opened", "search": title, "in": "title", "order_by": "updated_at", "per_page": _PER_PAGE}
        found = map(_issue, self._rest.pages("read the issues", f"{self._place}/issues", **query))
        return next((issue for issue in found if issue.title == title), None)

    def write_issue(self, issue: Issue | None, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open or edit an issue, with no request for what is so already."""
        title, body, wanted = plain(title), plain(body), tuple(labels)
        texts = {"title": title, "description": _body(body)}
        if issue is None:
            fields = {**texts, **_labels("labels", wanted)}
            return _issue(self._rest.write("open an issue", "POST", f"{self._place}/issues", fields, repeatable=False))
        united = pulls.united(issue.labels, wanted)
        changes = {
            **(texts if (issue.title, issue.body) != (title, body) else {}),
            **_labels("add_labels", united[len(issue.labels) :]),
        }
        if changes:
            doing = f"update issue #{issue.number}"
            self._rest.write(doing, "PUT", f"{self._place}/issues/{issue.number}", changes)
        return replace(issue, title=title, body=body, labels=united)

    def close_issue(self, issue: Issue) -> None:
        """Close an issue."""
        place = f"{self._place}/issues/{issue.number}"
        self._rest.write(f"close issue #{issue.number}", "PUT", place, {"state_event": "close"})

    # ------------------------------------------------------------ commits

    def _own_mail(self) -> str:
        return text(self._own.get("commit_email") or self._own["email"])

    def _add_commit(self, branch: str, base: str, message: str, changes: Sequence[FileChange]) -> Made:
        fields = {
            "branch": branch,
            "start_sha": base,
            "commit_message": plain(message),
            "author_name": self._maker.author.name,
            "author_email": self._maker.author.email,
            "actions": [action for change in changes for action in _actions(change)],
        }
        made = self._rest.write(f"commit to {branch}", "POST", f"{self._place}/repository/commits", fields)
        parents = made["parent_ids"]
        return Made(text(made["id"]), text(parents[0]) if len(parents) == 1 else None)

    # ------------------------------------------------------------ parts of these

    @cached_property
    def _own(self) -> Fields:
        return self._rest.get("read whose the token is", "user")

    def _pull_place(self, pull: PullRequest) -> str:
        return f"{self._place}/merge_requests/{pull.number}"

    def _changed_since(self, moment: datetime, *, merged: bool) -> Iterator[Listed]:
        state = "merged" if merged else "all"
        query = {"state": state, "order_by": "updated_at", "sort": "desc", "per_page": _PER_PAGE}
        found = self._rest.pages("list the merge requests", f"{self._place}/merge_requests", **query)
        return takewhile(lambda one: one.changed >= moment, map(_listed, found))

    def _existing(self, branch: str, error: Refused) -> PullRequest:
        doing, query = "find the open merge request", {"state": "opened", "source_branch": branch}
        found = next(self._rest.pages(doing, f"{self._place}/merge_requests", **query), None)
        if found is None:
            raise error
        return _pull_request(found)

    def _edited(self, pull: PullRequest, wanted: PullRequest, changes: Mapping[str, object]) -> PullRequest:
        if changes:
            self._rest.write(f"update merge request !{pull.number}", "PUT", self._pull_place(pull), changes)
        return wanted

    def invite(self, pull: PullRequest, proposal: Proposal) -> None:
        """Set the assignees and reviewers. Whoever is not there is left out."""
        if people := self._people(proposal):
            self._rest.write(f"ask people about merge request !{pull.number}", "PUT", self._pull_place(pull), people)

    def _people(self, proposal: Proposal) -> dict[str, object]:
        """The ids of people and of the milestone. Whoever is not there is left out."""
        assignees = [self._person(name) for name in proposal.assignees]
        reviewers = [self._person(name) for name in proposal.reviewers]
        milestone = self._milestone(proposal.milestone) if proposal.milestone is not None else None
        found = {
            "assignee_ids": [number for number in assignees if number is not None],
            "reviewer_ids": [number for number in reviewers if number is not None],
        }
        return {
            **{name: ids for name, ids in found.items() if ids},
            **({} if milestone is None else {"milestone_id": milestone}),
        }

    def _person(self, name: str) -> int | None:
        if name.startswith("team:"):
            _log.warning("%s: GitLab asks people for reviews, not %s", self._name, name)
            return None
        found = next(self._rest.pages("look for a person", "users", username=name), None)
        if found is None:
            _log.warning("%s: GitLab knows nobody called %s", self._name, name)
        return None if found is None else whole(found["id"])

    def _milestone(self, title: str) -> int | None:
        query = {"iids[]" if title.isdecimal() else "title": title, "state": "active"}
        found = next(self._rest.pages("look for a milestone", f"{self._place}/milestones", **query), None)
        if found is None:
            _log.warning("%s has no active milestone %r", self._name, title)
        return None if found is None else whole(found["id"])

    def _notes(self, pull: PullRequest) -> list[Fields]:
        query = {"sort": "desc", "order_by": "created_at", "per_page": _PER_PAGE}
        pages = self._rest.pages("read the comments", f"{self._pull_place(pull)}/notes", **query)
        latest = [note for note, _ in zip(pages, range(_PER_PAGE), strict=False)]
        return [note for note in latest if not note.get("system")]

    def _note_on(self, pull: PullRequest, topic: str) -> Fields | None:
        found = (note for note in self._notes(pull) if read_topic(lines(note["body"]))[0] == topic)
        return next((note for note in found if self._is_ours(note)), None)

    def _is_ours(self, note: Fields) -> bool:
        return bool(note["author"]["id"] == self._own["id"])

    def _statuses_of(self, commit: str) -> list[Status]:
        place = f"{self._place}/repository/commits/{commit}/statuses"
        try:
            return [_status(item) for item in self._rest.pages("read the checks", place, per_page=_PER_PAGE)]
        except Refused as error:
            if error.status == 404:  # there is no such commit (any more)
                return []
            raise


# ---------------------------------------------------------------- values


def _actions(change: FileChange) -> Iterator[dict[str, object]]:
    """What the commits API is to do about a file.

    https://docs.gitlab.com/api/commits/#create-a-commit-with-multiple-files-and-actions
    """
    yield {
        "action": "create" if change.before is None else "update",
        "file_path": change.path,
        "content": b64encode(change.content).decode(),
        "encoding": "base64",
    }
    if change.is_executable:
        yield {"action": "chmod", "file_path": change.path, "execute_filemode": True}


def _pull_request(item: Fields) -> PullRequest:
    merge_commit = item.get("merge_commit_sha") or item.get("squash_commit_sha") or item.get("sha")
    is_merged, draft = item["state"] == "merged", bool(item.get("draft"))
    title = text(item["title"])
    return PullRequest(
        number=whole(item["iid"]),
        branch=text(item["source_branch"]),
        base=text(item["target_branch"]),
        title=_DRAFT.sub("", title, count=1) if draft and _DRAFT.match(title) else title,
        body=_body_back(item["description"]),
        state=_STATES.get(item["state"], PullRequestState.CLOSED),
        labels=tuple(map(text, item["labels"])),
        url=text(item["web_url"]),
        head=item["sha"] and text(item["sha"]),
        author=text(item["author"]["username"]),
        draft=draft,
        created=when(item["created_at"]),
        closed=optional(item.get("closed_at") or item.get("merged_at")),
        merged=optional(item.get("merged_at")),
        merge_commit=text(merge_commit) if is_merged and merge_commit else None,
    )


def _listed(item: Fields) -> Listed:
    own = bool(item["source_project_id"] == item["target_project_id"])
    return Listed(pull=_pull_request(item), changed=when(item["updated_at"]), own=own)


def _status(item: Fields) -> Status:
    harmless = item.get("allow_failure") and item["status"] in {"failed", "canceled", "manual"}
    return Status(
        context=text(item["name"]),
        state=CheckState.SUCCESS if harmless else _CHECKS.get(item["status"], CheckState.PENDING),
        description=item.get("description") or "",
        url=item.get("target_url"),
        created=optional(item.get("created_at")),
        creator=(item.get("author") or {}).get("username"),
    )


def _deployment(item: Fields) -> Deployment:
    return Deployment(
        environment=text(item["environment"]["name"]),
        commit=text(item["sha"]),
        state=_DEPLOYMENTS.get(item["status"], DeploymentState.PENDING),
        branch=item.get("ref") or "",
        created=when(item.get("updated_at") or item["created_at"]),
        url=item["environment"].get("external_url"),
        creator=(item.get("user") or {}).get("username"),
    )


def _issue(item: Fields) -> Issue:
    return Issue(
        number=whole(item["iid"]),
        title=text(item["title"]),
        body=_body_back(item["description"]),
        labels=tuple(map(text, item["labels"])),
        url=text(item["web_url"]),
    )


def _titled(title: str, *, draft: bool) -> str:
    return f"Draft: {plain(title)}" if draft else plain(title)


def _body(value: str) -> str:
    """A text in which no line is one of GitLab's quick actions: ``/merge`` in somebody's release notes would merge."""
    return _QUICK_ACTION.sub("&#47;", plain(value))


def _body_back(value: object) -> str:
    return _DEFUSED.sub("/", lines(value))


def _labels(name: str, labels: Sequence[str]) -> dict[str, object]:
    return {name: ",".join(labels)} if labels else {}
