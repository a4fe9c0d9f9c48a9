"""One repository on GitHub: pull requests through PyGithub, branches through git."""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote, urlsplit

from updater import git
from updater.api import (
    Comment,
    Commit,
    Deployment,
    DeploymentState,
    Finding,
    FindingLevel,
    Identity,
    Issue,
    MergeStrategy,
    PlatformError,
    Proposal,
    PullRequest,
    PullRequestState,
    Review,
    Secret,
    Status,
)
from updater.platforms import pulls
from updater.platforms.comments import CLOSING, marked, read_topic
from updater.platforms.exchange import Refused
from updater.platforms.github import access, answers, queries
from updater.platforms.github.api import PER_PAGE, Api
from updater.platforms.remote import Listed, Remote

if TYPE_CHECKING:
    from github.PaginatedList import PaginatedList
    from github.PullRequest import PullRequest as ApiPullRequest
    from github.Repository import Repository as ApiRepository

T = TypeVar("T")

_log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_NO_AUTO_MERGE = re.compile(r"[Aa]uto[- ]?merge is not (allowed|enabled)|unstable status|[Pp]rotected branch")
_OF_APP = "ghs_"
_DRAFTS = "refs/updater/drafts/"
_MAX_PAGES = 100
_COMMITS_PER_QUERY = 50
_MAX_DESCRIPTION = 140
_DEPLOYMENT_STATES = {
    DeploymentState.PENDING: "in_progress",
    DeploymentState.SUCCESS: "success",
    DeploymentState.FAILURE: "failure",
    DeploymentState.INACTIVE: "inactive",
}
_METHODS = {
    MergeStrategy.SQUASH: "squash",
    MergeStrategy.MERGE_COMMIT: "merge",
    MergeStrategy.REBASE: "rebase",
    MergeStrategy.FAST_FORWARD: "rebase",  # the nearest there is
}


class GitHubPlatform(Remote):
    """One repository on GitHub. ``sleep`` waits some seconds before a request is tried again."""

    NAME = "github"
    RECORDS_DEPLOYMENTS = True
    BODY_LIMIT = 60_000  # GitHub's limit is 65,536 characters; what it counts as one is its own affair

    def __init__(
        self,
        repository: str,
        *,
        token: Secret | Callable[[], Secret],
        cache_directory: Path,
        endpoint: str = "https://api.github.com",
        clone_url: str | None = None,
        author: git.Author = git.BOT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _NAME.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
            raise PlatformError(f"{repository!r} is not the name of a GitHub repository; write owner/name")
        give = partial(_same, token) if isinstance(token, Secret) else token
        super().__init__(
            repository,
            url=clone_url or clone_url_of(endpoint.rstrip("/"), repository),
            user="x-access-token",
            token=give,
            directory=cache_directory / (urlsplit(endpoint).hostname or "github") / repository,
            author=author,
        )
        self._api = Api(endpoint, give, sleep)
        self._signs = False
        # The committer of what GitHub itself commits, in its editor or for us; with our trailer it is ours.
        host = urlsplit(clone_url_of(endpoint.rstrip("/"), repository)).hostname
        self._maker = replace(self._maker, mails=frozenset({f"noreply@{host}"}))

    def base_branch(self) -> str:
        """The repository's default branch."""
        return self._call("read the repository", lambda: answers.text(self._facts.default_branch))

    def is_fork(self) -> bool:
        """Whether it was forked from another repository."""
        return self._call("read the repository", lambda: bool(self._facts.fork))

    def acting_as(self, identity: Identity) -> Self:
        """The same repository; where GitHub is to sign the commits, its API makes them.

        GitHub signs for apps, in their own name. For people it makes commits that nobody signed.
        """
        other = super().acting_as(identity)
        is_app = self._give_token().reveal().startswith(_OF_APP)
        other._signs = identity.signing == "enabled" or (identity.signing == "auto" and is_app)  # noqa: SLF001 - a copy of this one
        return other

    def examine(self) -> Sequence[Finding]:
        """Whether the token may read and write here, as far as GitHub tells: by its scopes or its permissions."""
        try:
            facts = self._facts
            self._call("read the repository", lambda: facts.full_name)
            headers, permissions = facts.raw_headers, facts.permissions
        except PlatformError as error:
            return [Finding(subject="token", level=FindingLevel.FAILED, text=str(error))]
        return list(access.findings(headers, push=bool(permissions.push), archived=bool(facts.archived)))

    def examine_deployments(self) -> Sequence[Finding]:
        """Whether deployments may be read and, as far as a classic token's scopes tell, written."""
        try:
            next(iter(self._pages("read the deployments", queries.DEPLOYMENTS, "deployments")), None)
            facts = self._facts
            self._call("read the repository", lambda: facts.full_name)
        except PlatformError as error:
            return [Finding(subject="deployments", level=FindingLevel.FAILED, text=str(error))]
        return [access.of_deployments(facts.raw_headers)]

    def _signed(self, base: str, commits: Sequence[Commit], made: Mapping[str, str]) -> Mapping[str, str]:
        """The same commits as GitHub makes and signs them: their trees are pushed, so that it has what they hold."""
        if not self._signs or not made:
            return super()._signed(base, commits, made)
        drafts = [git.RefChange(ref=f"{_DRAFTS}{commit}", old=None, new=commit) for commit in set(made.values())]
        self._remote(lambda: git.push(self._git, self._url, drafts))
        messages = {commit.branch: commit.message for commit in commits}
        trees = dict(zip(made, git.trees(self._git, list(made.values())), strict=True))
        signed = {branch: self._commit(messages[branch], trees[branch], base) for branch in made}
        self._remote(lambda: git.fetch_commits(self._git, self._url, list(signed.values())))
        undone = [git.RefChange(ref=draft.ref, old=draft.new, new=None) for draft in drafts]
        self._remote(lambda: git.push(self._git, self._url, undone))
        return signed

    def _commit(self, message: str, tree: str, parent: str) -> str:
        fields = {"message": _plain(message), "tree": tree, "parents": [parent]}
        path = f"/repos/{self._name}/git/commits"
        return answers.text(self._api.send(f"commit to {self._name}", "POST", path, fields)["sha"])

    # ------------------------------------------------------------ pull requests

    def create_pull_request(self, proposal: Proposal) -> PullRequest:
        """Open a pull request, or find the open one that the branch has. A draft is one only where there are drafts."""
        try:
            pull = self._create(proposal, draft=proposal.draft)
        except Refused as error:
            if "pull request already exists" in error.words:
                pull = self._existing(proposal.branch, error)
            elif proposal.draft and "raft pull requests are not supported" in error.words:
                pull = self._create(proposal, draft=False)
            else:
                raise
        labelled = self._labelled(pull, proposal.labels, f"label pull request #{pull.number}, which was opened")
        self.invite(labelled, proposal)
        return labelled

    def update_pull_request(self, pull: PullRequest, proposal: Proposal) -> PullRequest:
        """Set title and body and add labels, with no request for what is so already."""
        updated, title, body = pull, _plain(proposal.title), _plain(proposal.body)
        if (pull.title, pull.body) != (title, body):
            updated = self._call(f"update pull request #{pull.number}", lambda: self._edited(pull, title, body))
        return self._labelled(updated, proposal.labels, f"label pull request #{pull.number}")

    def edit_labels(self, pull: PullRequest, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> PullRequest:
        """Add labels by one request, and take each other one away by another."""
        wanted = pulls.relabelled(pull.labels, add, remove)
        gone = {label.casefold() for label in remove}
        for label in (label for label in pull.labels if label.casefold() in gone):
            self._remove_label(pull, label)
        kept = replace(pull, labels=tuple(label for label in pull.labels if label in wanted))
        return self._labelled(kept, wanted, f"label pull request #{pull.number}")

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Say why, then close; nothing happens to one that is not open."""
        if pull.state is not PullRequestState.OPEN:
            return
        self.comment(pull, CLOSING, comment)
        item = self._repository.get_pull(pull.number)
        self._call(f"close pull request #{pull.number}", lambda: item.edit(state="closed"))

    def reopen_pull_request(self, pull: PullRequest) -> None:
        """Open a closed pull request again."""
        item = self._repository.get_pull(pull.number)
        self._call(f"open pull request #{pull.number} again", lambda: item.edit(state="open"))

    def merge_pull_request(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> str:
        """Merge now, if the head is still the one that was read."""
        item, method = self._repository.get_pull(pull.number), self._method(strategy)
        merge = partial(item.merge, merge_method=method)
        if pull.head is not None:
            merge = partial(merge, sha=pull.head)
        return self._call(f"merge pull request #{pull.number}", lambda: answers.text(merge().sha))

    def merge_when_green(self, pull: PullRequest, strategy: MergeStrategy = MergeStrategy.AUTO) -> bool:
        """Switch on GitHub's auto-merge; what can be merged already, which GitHub refuses to wait for, is merged."""
        item, method = self._repository.get_pull(pull.number), self._method(strategy).upper()
        head = {"expected_head_oid": pull.head} if pull.head else {}
        doing = f"let GitHub merge pull request #{pull.number}"
        try:
            self._call(doing, lambda: item.enable_automerge(merge_method=method, **head))
        except Refused as error:
            if "clean status" in error.words:
                self.merge_pull_request(pull, strategy)
                return True
            if _NO_AUTO_MERGE.search(error.words):
                return False
            raise
        return True

    # ------------------------------------------------------------ what is said

    def pull_request(self, number: int) -> PullRequest:
        """One pull request, by one request."""
        doing = f"read pull request #{number}"
        return self._call(doing, lambda: answers.pull_request(self._repository.get_pull(number)))

    def comment(self, pull: PullRequest, topic: str, text: str | None) -> None:
        """Write, edit or delete the comment of ours that begins with the topic's mark."""
        present = self._comment_on(pull, topic)
        issue = self._repository.get_issue(pull.number)
        doing = f"comment on pull request #{pull.number}"
        if present is None and text is not None:
            body = marked(topic, _plain(text))
            self._call(doing, lambda: issue.create_comment(body), repeatable=False)
        elif present is not None:
            self._replace_comment(doing, present, None if text is None else marked(topic, _plain(text)))

    def comments(self, pull: PullRequest) -> Sequence[Comment]:
        """The latest hundred, by one request."""
        found = map(answers.comment, self._comment_nodes(pull))
        return [replace(comment, text=read_topic(comment.text)[1]) for comment in found]

    def reviews(self, pull: PullRequest) -> Sequence[Review]:
        """The verdicts that count now, by one request."""
        found = self._query("read the reviews", queries.REVIEWS, number=pull.number)
        return list(answers.reviews(found["pullRequest"]["latestOpinionatedReviews"]["nodes"]))

    def _read_statuses(self, commits: Sequence[str]) -> Mapping[str, Sequence[Status]]:
        """What is said of the commits: statuses and checks alike, of fifty commits by one request."""
        found: dict[str, list[Status]] = {commit: [] for commit in commits}
        pending: dict[str, str | None] = dict.fromkeys(found)
        while pending:
            asked = dict(list(pending.items())[:_COMMITS_PER_QUERY])
            answer = self._query("read the checks", queries.statuses(asked))
            for number, commit in enumerate(asked):
                del pending[commit]
                contexts = ((answer[f"c{number}"] or {}).get("statusCheckRollup") or {}).get("contexts")
                if contexts is not None:
                    found[commit] += map(answers.status, contexts["nodes"])
                    if contexts["pageInfo"]["hasNextPage"]:
                        pending[commit] = contexts["pageInfo"]["endCursor"]
        return found

    def _write_status(self, commit: str, status: Status) -> None:
        """Write a commit status."""
        fields = {
            "state": status.state.value,
            "context": status.context,
            "description": _plain(status.description)[:_MAX_DESCRIPTION],
            **({"target_url": status.url} if status.url else {}),
        }
        self._send(f"set the status of {commit}", "POST", f"statuses/{commit}", fields)

    def deployments(self, moment: datetime) -> Sequence[Deployment]:
        """GitHub's deployments, the latest first, a hundred by one request."""
        nodes = self._pages("read the deployments", queries.DEPLOYMENTS, "deployments")
        found = takewhile(lambda node: answers.when(node["createdAt"]) >= moment, nodes)
        return list(map(answers.deployment, found))

    def record_deployment(self, deployment: Deployment) -> None:
        """Find or make the record of ours, then say how it goes; nobody else's deployment is made inactive by it."""
        node = self._own_deployment(deployment)
        if node is not None and node["latestStatus"] and _says_the_same(answers.deployment(node), deployment):
            return
        number = self._new_deployment(deployment) if node is None else answers.whole(node["databaseId"])
        fields = {
            "state": _DEPLOYMENT_STATES[deployment.state],
            "description": _plain(deployment.description)[:_MAX_DESCRIPTION],
            "auto_inactive": False,
            **({"log_url": deployment.url} if deployment.url else {}),
        }
        doing = f"write what became of a deployment to {deployment.environment}"
        self._send(doing, "POST", f"deployments/{number}/statuses", fields)

    def _own_deployment(self, deployment: Deployment) -> Mapping[str, Any] | None:
        """The record of ours for this commit and task, among the latest hundred of the environment."""
        doing, environment = "read the deployments", deployment.environment
        found = self._query(doing, queries.DEPLOYMENTS_IN, environment=environment)["deployments"]["nodes"]
        ours = (node for node in found if (node["commitOid"], node["task"]) == (deployment.commit, deployment.task))
        return next((node for node in ours if answers.account(node["creator"]) == self.login()), None)

    def _new_deployment(self, deployment: Deployment) -> int:
        """A record that neither waits for checks nor merges anything."""
        fields = {
            "ref": deployment.commit,
            "task": deployment.task,
            "environment": deployment.environment,
            "auto_merge": False,
            "required_contexts": [],
        }
        doing = f"record a deployment to {deployment.environment} of {self._name}"
        return answers.whole(self._api.send(doing, "POST", f"/repos/{self._name}/deployments", fields)["id"])

    def login(self) -> str | None:
        """The account of the token or, for an App's, that of the App."""
        return self._login

    @cached_property
    def _login(self) -> str | None:
        viewer = self._api.graphql("read whose the token is", queries.LOGIN, {})["viewer"]
        return answers.text(viewer["login"])

    def find_issue(self, title: str) -> Issue | None:
        """The issue of that title which changed last; a hundred are looked through by one request."""
        nodes = self._pages("read the issues", queries.ISSUES, "issues")
        return next((issue for issue in map(answers.issue, nodes) if issue.title == title), None)

    def write_issue(self, issue: Issue | None, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open or edit an issue, with no request for what is so already."""
        title, body = _plain(title), _plain(body)
        if issue is None:
            opened = partial(self._repository.create_issue, title=title, body=body, labels=list(labels))
            return self._call("open an issue", lambda: answers.written_issue(opened()), repeatable=False)
        united = pulls.united(issue.labels, tuple(labels))
        changed = {"title": title, "body": body} if (issue.title, issue.body) != (title, body) else {}
        added = {"labels": list(united)} if united != issue.labels else {}
        if changed or added:
            doing = f"update issue #{issue.number}"
            self._send(doing, "PATCH", f"issues/{issue.number}", {**changed, **added})
        return replace(issue, title=title, body=body, labels=united)

    def close_issue(self, issue: Issue) -> None:
        """Close an issue."""
        self._send(f"close issue #{issue.number}", "PATCH", f"issues/{issue.number}", {"state": "closed"})

    # ------------------------------------------------------------ parts of these

    def _create(self, proposal: Proposal, *, draft: bool) -> PullRequest:
        title, body = _plain(proposal.title), _plain(proposal.body)
        create = partial(
            self._repository.create_pull,
            base=proposal.base,
            head=proposal.branch,
            title=title,
            body=body,
            draft=draft,
        )
        doing = f"open a pull request for the branch {proposal.branch}, which was pushed"
        return self._call(doing, lambda: answers.pull_request(create()))

    def _edited(self, pull: PullRequest, title: str, body: str) -> PullRequest:
        item = self._repository.get_pull(pull.number)
        item.edit(title=title, body=body)
        return answers.pull_request(item)

    def _existing(self, branch: str, error: Refused) -> PullRequest:
        owner = self._name.partition("/")[0]
        listing = self._repository.get_pulls(state="open", head=f"{owner}:{branch}")
        doing = "find the open pull request"
        found = self._call(doing, lambda: [answers.pull_request(item) for item in listing.get_page(0)])
        if not found:
            raise error
        return found[0]

    def _labelled(self, pull: PullRequest, labels: Sequence[str], doing: str) -> PullRequest:
        united = pulls.united(pull.labels, tuple(labels))
        missing = united[len(pull.labels) :]
        if missing:
            self._send(doing, "POST", f"issues/{pull.number}/labels", {"labels": list(missing)})
        return replace(pull, labels=united)

    def _remove_label(self, pull: PullRequest, label: str) -> None:
        path = f"issues/{pull.number}/labels/{quote(label, safe='')}"
        try:
            self._send(f"label pull request #{pull.number}", "DELETE", path, {})
        except Refused as error:
            if error.status != 404:
                raise

    def invite(self, pull: PullRequest, proposal: Proposal) -> None:
        """Ask people for their attention. Whoever cannot be asked is no reason to fail."""
        teams = [name.removeprefix("team:") for name in proposal.reviewers if name.startswith("team:")]
        people = [name for name in proposal.reviewers if not name.startswith("team:")]
        wishes: list[tuple[str, str, dict[str, object]]] = []
        if proposal.assignees:
            wishes.append(("POST", f"issues/{pull.number}/assignees", {"assignees": list(proposal.assignees)}))
        wishes += [("POST", f"pulls/{pull.number}/requested_reviewers", {"reviewers": [name]}) for name in people]
        wishes += [("POST", f"pulls/{pull.number}/requested_reviewers", {"team_reviewers": [name]}) for name in teams]
        if proposal.milestone is not None and (number := self._milestone(proposal.milestone)) is not None:
            wishes.append(("PATCH", f"issues/{pull.number}", {"milestone": number}))
        for method, path, fields in wishes:
            try:
                self._send(f"set {fields} on pull request #{pull.number}", method, path, fields)
            except Refused as error:
                _log.warning("%s", error)

    def _milestone(self, title: str) -> int | None:
        listing = self._repository.get_milestones(state="open")
        found = self._call("list the milestones", lambda: {item.title: answers.whole(item.number) for item in listing})
        number = found.get(title) or next((each for each in found.values() if str(each) == title), None)
        if number is None:
            _log.warning("%s has no open milestone %r", self._name, title)
        return number

    def _method(self, strategy: MergeStrategy) -> str:
        if strategy is not MergeStrategy.AUTO:
            return _METHODS[strategy]
        facts = self._facts
        allowed = {
            "squash": facts.allow_squash_merge,
            "merge": facts.allow_merge_commit,
            "rebase": facts.allow_rebase_merge,
        }
        return next((method for method, is_allowed in allowed.items() if is_allowed), "merge")

    def _comment_nodes(self, pull: PullRequest) -> Sequence[Mapping[str, Any]]:
        found = self._query("read the comments", queries.COMMENTS, number=pull.number)
        nodes: Sequence[Mapping[str, Any]] = found["pullRequest"]["comments"]["nodes"]
        return nodes

    def _comment_on(self, pull: PullRequest, topic: str) -> Mapping[str, Any] | None:
        ours = (node for node in self._comment_nodes(pull) if node["viewerDidAuthor"])
        return next((node for node in ours if read_topic(answers.lines(node["body"]))[0] == topic), None)

    def _replace_comment(self, doing: str, node: Mapping[str, Any], body: str | None) -> None:
        path = f"issues/comments/{node['databaseId']}"
        if body is None:
            self._send(doing, "DELETE", path, {})
        elif answers.lines(node["body"]) != body:
            self._send(doing, "PATCH", path, {"body": body})

    # ------------------------------------------------------------ the API

    @property
    def _repository(self) -> "ApiRepository":
        """A handle for requests about parts of the repository: it reads nothing of its own."""
        return self._api.repository(self._name)

    @cached_property
    def _facts(self) -> "ApiRepository":
        """The repository, read once when something of it is asked."""
        return self._api.repository(self._name)

    def _changed_since(self, moment: datetime, *, merged: bool) -> Iterator[Listed]:
        state = "closed" if merged else "all"
        listing = self._repository.get_pulls(state=state, sort="updated", direction="desc")
        for number in range(_MAX_PAGES):
            page = self._call("list the pull requests", partial(_page, listing, number))
            yield from page
            if len(page) < PER_PAGE or page[-1].changed < moment:
                return

    def _call(self, doing: str, action: Callable[[], T], *, repeatable: bool = True) -> T:
        return self._api.call(f"{doing} of {self._name}", action, repeatable=repeatable)

    def _send(self, doing: str, method: str, path: str, fields: Mapping[str, object]) -> None:
        self._api.send(f"{doing} of {self._name}", method, f"/repos/{self._name}/{path}", fields)

    def _query(self, doing: str, query: str, **variables: object) -> Mapping[str, Any]:
        owner, _, name = self._name.partition("/")
        data = self._api.graphql(f"{doing} of {self._name}", query, {"owner": owner, "name": name, **variables})
        found = data["repository"]
        if not isinstance(found, dict):
            raise PlatformError(f"could not {doing} of {self._name}: no answer of GitHub")
        return found

    def _pages(self, doing: str, query: str, field: str) -> Iterator[Mapping[str, Any]]:
        """The nodes of a connection, page by page as they are wanted."""
        after = None
        while True:
            found = self._query(doing, query, after=after)[field]
            yield from found["nodes"]
            if not found["pageInfo"]["hasNextPage"]:
                return
            after = found["pageInfo"]["endCursor"]


def clone_url_of(endpoint: str, repository: str) -> str:
    """``https://api.github.com``, ``https://api.octo.ghe.com``, ``https://ghe.example/api/v3`` → where git goes."""
    parts = urlsplit(endpoint)
    host = parts.netloc if parts.path else parts.netloc.removeprefix("api.")
    return f"{parts.scheme}://{host}/{repository}.git"


def _says_the_same(known: Deployment, wanted: Deployment) -> bool:
    description = _plain(wanted.description)[:_MAX_DESCRIPTION]
    return (known.state, known.description, known.url) == (wanted.state, description, wanted.url)


def _page(listing: "PaginatedList[ApiPullRequest]", number: int) -> list[Listed]:
    return [answers.listed(item) for item in listing.get_page(number)]


def _same(token: Secret) -> Secret:
    return token


def _plain(text: str) -> str:
    """Text that JSON can carry: what was no UTF-8 in a file becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
