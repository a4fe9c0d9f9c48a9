"""GitHub's REST API and git over HTTP, on one port, over real bare repositories: stateful, and strict.

::

    with GitHub(tmp_path) as github:
        project = github.repository("octo/app", {"a.yaml": "a: 1\\n"})
        ... Github(base_url=github.endpoint, auth=Auth.Token(TOKEN)) ...
        ... f"{github.url}/octo/app.git" ...

Whether two branches can be merged is found out by merging them. A request is refused as by GitHub (422) if it has
a field or parameter that is not in GitHub's description of the endpoint, lacks one, or one has the wrong type
(https://github.com/github/rest-api-description). Time is a counter. ``fail_next`` makes requests fail; ``log`` holds
them all with their answers.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import jwt

from tests.servers import Reply, Request, as_json, github_graph
from tests.servers.code_host import (
    LOGIN,
    CodeHost,
    Json,
    Project,
    Pull,
    Refusal,
    Remark,
    Ticket,
    actor,
    invalid,
    next_number,
)

TOKEN = "ghp_0123456789abcdefTHETOKEN"
APP, APP_LOGIN = "4711", "the-app[bot]"
BODY_LIMIT = 65_536

_API, _GRAPHQL = "/api/v3", "/api/graphql"
_RESET = 1_900_000_000
_DOCUMENTATION = "https://docs.github.com/rest"


class GitHub(CodeHost):
    """``root`` is where the repositories are made. ``tokens`` are those it accepts, with their logins."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, TOKEN)
        self.remaining = 5_000
        self.app_key: str | None = None
        self.scopes: str | None = "repo, workflow"

    @property
    def endpoint(self) -> str:
        return f"{self.url}{_API}"

    # ------------------------------------------------------------ answering

    def handle_api(self, request: Request) -> Reply:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        path = request.path.removeprefix(_API)
        as_app = re.fullmatch(r"/app/.*|/repos/[^/]+/[^/]+/installation", path) is not None
        if scheme.lower() not in {"bearer", "token"} or not (self._is_app(token) if as_app else token in self.tokens):
            raise Refusal(401, "A JSON web token could not be decoded" if as_app else "Bad credentials")
        if request.path == _GRAPHQL and request.method == "POST":
            return self._handle_graphql(request)
        for route in _ROUTES:
            match = route.pattern.fullmatch(path)
            if match and route.method == request.method:
                project = self._project(match)
                _check_query(route, request)
                return route.answer(self, project, match, request, _body(route, request))
        raise Refusal(404, "Not Found")

    def refused(self, refusal: Refusal) -> Reply:
        body: dict[str, object] = {
            "message": refusal.message,
            "documentation_url": _DOCUMENTATION,
            "status": str(refusal.status),
        }
        return as_json({**body, "errors": refusal.details} if refusal.details else body, refusal.status)

    def _project(self, match: re.Match[str]) -> Project | None:
        if "repository" not in match.re.groupindex:
            return None
        project = self.projects.get(match["repository"].lower())
        if project is None:
            raise Refusal(404, "Not Found")
        self._refresh(project)
        return project

    def _is_app(self, token: str) -> bool:
        """Whether a token is one that an App made with its key, for at most ten minutes."""
        if self.app_key is None:
            return False
        try:
            said = jwt.decode(token, self.app_key, algorithms=["RS256"], issuer=APP)
        except jwt.InvalidTokenError:
            return False
        return bool(said["exp"] - said["iat"] <= 600)

    def finished(self, request: Request, reply: Reply) -> Reply:
        tag = f'W/"{sha256(reply.body).hexdigest()}"'
        known = request.method == "GET" and request.headers.get("if-none-match") == tag
        self.remaining -= not known
        headers = {
            **reply.headers,
            "ETag": tag,
            "X-RateLimit-Limit": "5000",
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(_RESET),
            "X-RateLimit-Resource": "core",
            **({"X-OAuth-Scopes": self.scopes} if self.scopes is not None else {}),
        }
        return (
            Reply(status=304, headers=headers)
            if known
            else Reply(status=reply.status, body=reply.body, headers=headers)
        )

    # ------------------------------------------------------------ GraphQL

    def _handle_graphql(self, request: Request) -> Reply:
        body = json.loads(request.body)
        login = self.tokens[request.headers["authorization"].partition(" ")[2]]
        root = {
            "viewer": lambda _info: {"__typename": "User", "login": login},
            "repository": lambda _info, owner, name, **_: self._graph(f"{owner}/{name}", login),
            "enablePullRequestAutoMerge": lambda _info, input: self._enable_auto_merge(input),  # noqa: A006 - GitHub's name
        }
        return as_json(github_graph.answered(root, body["query"], body.get("variables") or {}))

    def _graph(self, name: str, login: str) -> Mapping[str, object]:
        project = self.projects.get(name.lower())
        if project is None:
            raise github_graph.Problem(f"Could not resolve to a Repository with the name '{name}'.", "NOT_FOUND")
        self._refresh(project)
        return {
            "pullRequest": lambda _info, number: self._graph_pull(project, number, login),
            "object": lambda _info, oid: _graph_commit(project, oid),
            "issues": lambda _info, first, after=None, **_: github_graph.connection(
                self._graph_issues(project), first, after
            ),
            "deployments": lambda _info, first, after=None, environments=None, **_: github_graph.connection(
                [one for one in project.deployments if environments is None or one["environment"] in environments],
                first,
                after,
            ),
        }

    def _graph_pull(self, project: Project, number: int, login: str) -> Mapping[str, object]:
        if number not in project.pulls:
            raise github_graph.Problem(f"Could not resolve to a PullRequest with the number of {number}.", "NOT_FOUND")
        pull = project.pulls[number]
        remarks = [
            {
                "databaseId": remark.id,
                "author": actor(remark.author),
                "body": remark.text,
                "createdAt": remark.created,
                "viewerDidAuthor": remark.author == login,
            }
            for remark in pull.remarks
        ]
        return {
            "comments": lambda _info, last: {"nodes": remarks[-last:]},
            "latestOpinionatedReviews": lambda _info, first: {"nodes": pull.reviews[:first]},
        }

    def _graph_issues(self, project: Project) -> list[Json]:
        opened = [issue for issue in project.issues.values() if issue.state == "open"]
        return [
            {
                "number": issue.number,
                "title": issue.title,
                "body": issue.body or "",
                "url": f"{self.url}/{project.name}/issues/{issue.number}",
                "labels": {"nodes": [{"name": label} for label in issue.labels]},
            }
            for issue in sorted(opened, key=lambda issue: issue.updated, reverse=True)
        ]

    def _enable_auto_merge(self, wish: Mapping[str, str]) -> Json:
        _, of, number = wish["pullRequestId"].split("_")
        project = next(project for project in self.projects.values() if str(project.id) == of)
        pull = project.pulls[int(number)]
        if not project.auto_merge:
            raise github_graph.Problem("Auto merge is not allowed for this repository")
        if wish.get("expectedHeadOid", pull.sha) != pull.sha:
            raise github_graph.Problem("Head sha didn't match")
        if self._may_merge(project, pull):
            raise github_graph.Problem("Pull request is in clean status")
        pull.auto_merge = wish.get("mergeMethod", "MERGE").lower()
        page = f"{self.url}/{LOGIN}"
        person = {**actor(LOGIN), "avatarUrl": page, "resourcePath": f"/{LOGIN}", "url": page}
        return {"actor": person, "clientMutationId": None}

    # ------------------------------------------------------------ routes

    def read_repository(self, project: Project, *_: object) -> Reply:
        return as_json(_repository(self, project))

    def list_pulls(self, project: Project, match: object, request: Request, body: Json) -> Reply:
        query = request.query
        found = [pull for pull in project.pulls.values() if query.get("state", "open") in {pull.state, "all"}]
        if "head" in query:
            found = [pull for pull in found if f"{_owner(project, pull)}:{pull.head}" == query["head"]]
        if "base" in query:
            found = [pull for pull in found if pull.base == query["base"]]
        found.sort(
            key=lambda pull: pull.updated if query.get("sort") == "updated" else pull.created,
            reverse=query.get("direction", "desc" if query.get("sort", "created") == "created" else "asc") == "desc",
        )
        return self._paged([_pull(self, project, pull) for pull in found], request)

    def create_pull(self, project: Project, match: object, request: Request, body: Json) -> Reply:
        return as_json(_whole_pull(self, project, self._create(project, body)), 201)

    def read_pull(self, project: Project, match: re.Match[str], *_: object) -> Reply:
        return as_json(_whole_pull(self, project, _find(project, match)))

    def update_pull(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        pull = _find(project, match)
        self._edit(project, pull, body)
        return as_json(_whole_pull(self, project, pull))

    def merge_pull(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        return as_json(self._merge(project, _find(project, match), body))

    def add_labels(self, project: Project, match: re.Match[str], request: Request, body: object) -> Reply:
        pull = _find(project, match)
        labels = body["labels"] if isinstance(body, dict) else body
        if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
            raise Refusal(422, "Invalid request.\n\nlabels must be a list of strings.")
        for label in labels:
            if label.lower() not in (present.lower() for present in pull.labels):
                pull.labels.append(label)
        pull.updated = self._now()
        return as_json([_label(self, project, label) for label in pull.labels])

    def list_labels(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        return self._paged([_label(self, project, label) for label in _find(project, match).labels], request)

    def add_comment(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        pull = _find(project, match)
        return as_json(_comment(self, project, pull, self._remark(pull, str(body["body"]), LOGIN)), 201)

    def list_comments(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        pull = _find(project, match)
        return self._paged([_comment(self, project, pull, remark) for remark in pull.remarks], request)

    def edit_comment(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        pull, remark = _find_remark(project, match)
        remark.text, pull.updated = str(body["body"]), self._now()
        return as_json(_comment(self, project, pull, remark))

    def delete_comment(self, project: Project, match: re.Match[str], *_: object) -> Reply:
        pull, remark = _find_remark(project, match)
        pull.remarks.remove(remark)
        return Reply(status=204)

    def remove_label(self, project: Project, match: re.Match[str], *_: object) -> Reply:
        pull, name = _find(project, match), match["label"]
        if name.lower() not in (label.lower() for label in pull.labels):
            raise Refusal(404, "Label does not exist")
        pull.labels = [label for label in pull.labels if label.lower() != name.lower()]
        pull.updated = self._now()
        return as_json([_label(self, project, label) for label in pull.labels])

    def add_assignees(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        pull = _find(project, match)
        wanted = body["assignees"]
        assert isinstance(wanted, list)
        pull.assignees += [name for name in wanted if name in project.collaborators]
        return as_json(_pull_as_issue(self, project, pull), 201)

    def request_reviewers(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        pull, wanted = _find(project, match), body.get("reviewers", [])
        assert isinstance(wanted, list)
        if not set(wanted) <= set(project.collaborators):
            message = "Reviews may only be requested from collaborators."
            raise Refusal(422, message)
        pull.reviewers += wanted
        teams = body.get("team_reviewers", [])
        assert isinstance(teams, list)
        pull.teams += teams
        return as_json(_pull(self, project, pull), 201)

    def list_milestones(self, project: Project, match: object, request: Request, body: Json) -> Reply:
        found = [_milestone(self, project, number) for number in range(1, len(project.milestones) + 1)]
        return self._paged(found, request)

    def create_issue(self, project: Project, match: object, request: Request, body: Json) -> Reply:
        number, moment, labels = next_number(project), self._now(), body.get("labels", [])
        assert isinstance(labels, list)
        text = None if body.get("body") is None else str(body["body"])
        project.issues[number] = Ticket(
            number=number, title=str(body["title"]), body=text, created=moment, updated=moment, labels=labels
        )
        return as_json(_ticket(self, project, project.issues[number]), 201)

    def update_issue(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        number = int(match["number"])
        if number in project.pulls:
            pull = project.pulls[number]
            if "milestone" in body:
                pull.milestone = int(str(body["milestone"]))
            return as_json(_pull_as_issue(self, project, pull))
        if number not in project.issues:
            raise Refusal(404, "Not Found")
        issue = project.issues[number]
        issue.title, issue.state = str(body.get("title", issue.title)), str(body.get("state", issue.state))
        issue.body = str(body["body"]) if "body" in body else issue.body
        labels = body.get("labels", issue.labels)
        assert isinstance(labels, list)
        issue.labels, issue.updated = labels, self._now()
        return as_json(_ticket(self, project, issue))

    def set_status(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        if len(str(body.get("description", ""))) > 140:
            raise invalid("description is too long (maximum is 140 characters)")
        if project.git.head(match["sha"]) is None:
            raise Refusal(422, f"No commit found for SHA: {match['sha']}")
        moment = self._now()
        said: dict[str, object] = {
            "__typename": "StatusContext",
            "context": str(body.get("context", "default")),
            "state": str(body["state"]).upper(),
            "description": body.get("description"),
            "targetUrl": body.get("target_url"),
            "createdAt": moment,
            "creator": actor(LOGIN),
        }
        self._say_of(project, match["sha"], said)
        return as_json(_status(self, project, match["sha"], said), 201)

    def create_deployment(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        """Record a deployment; unless it is told not to, GitHub merges the base and waits for all checks."""
        if project.git.head(str(body["ref"])) is None:
            raise Refusal(422, f"No ref found for: {body['ref']}")
        checks = project.checks.get(str(body["ref"]), ()) if "required_contexts" not in body else ()
        if body.get("auto_merge", True) or any(one.get("state") != "SUCCESS" for one in checks):
            raise Refusal(409, "Conflict: Commit status checks failed or the base cannot be merged")
        made = self._deployment(project, str(body["ref"]), str(body.get("environment", "production")), LOGIN)
        made["task"] = body.get("task", "deploy")
        return as_json({"id": made["databaseId"], "sha": body["ref"], "task": made["task"]}, 201)

    def set_deployment_status(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        """Say how a deployment goes; unless it is told not to, GitHub makes the others of its environment inactive."""
        one = next((one for one in project.deployments if str(one["databaseId"]) == match["id"]), None)
        if one is None:
            raise Refusal(404, "Not Found")
        if body["state"] == "success" and body.get("auto_inactive", True):
            for other in project.deployments:
                if other["environment"] == one["environment"] and other["latestStatus"]:
                    other["latestStatus"]["state"] = "INACTIVE"
        one["latestStatus"] = {
            "state": str(body["state"]).upper(),
            "description": body.get("description", ""),
            "createdAt": self._now(),
            "creator": actor(LOGIN),
            "environmentUrl": None,
            "logUrl": body.get("log_url"),
        }
        return as_json({"id": 1, "state": body["state"]}, 201)

    def create_commit(self, project: Project, match: re.Match[str], request: Request, body: Json) -> Reply:
        """Commit a tree that was pushed before, as GitHub does, which signs it for an App."""
        parents = body["parents"]
        assert isinstance(parents, list)
        login = self.tokens[request.headers["authorization"].partition(" ")[2]]
        author = f"{login} <{login}@users.noreply.{self.host.partition(':')[0]}>"
        committer = f"GitHub <noreply@{self.host.partition(':')[0]}>"
        sha = project.git.commit_tree(str(body["tree"]), parents, str(body["message"]), author, committer)
        if sha is None:
            raise Refusal(422, "Tree SHA does not exist")
        return as_json(_git_commit(self, project, sha, body, signed=login == APP_LOGIN), 201)

    def find_installation(self, project: Project, *_: object) -> Reply:
        return as_json(_installation(self, project.name.partition("/")[0]))

    def list_installations(self, project: None, match: object, request: Request, body: Json) -> Reply:
        owners = dict.fromkeys(project.name.partition("/")[0] for project in self.projects.values())
        return self._paged([_installation(self, owner) for owner in owners], request)

    def create_app_token(self, *_: object) -> Reply:
        token = f"ghs_{len(self.tokens):016}"
        self.tokens[token] = APP_LOGIN
        permissions = {"contents": "write", "pull_requests": "write"}
        return as_json({"token": token, "expires_at": "2100-01-01T00:00:00Z", "permissions": permissions}, 201)

    def list_own(self, project: None, match: object, request: Request, body: Json) -> Reply:
        return self._paged([_repository(self, project) for project in self.projects.values()], request)

    def list_installed(self, project: None, match: object, request: Request, body: Json) -> Reply:
        found = [_repository(self, project) for project in self.projects.values()]
        page = self._paged(found, request)
        body = {"total_count": len(found), "repositories": json.loads(page.body)}
        return as_json(body, headers={name: page.headers[name] for name in page.headers if name == "Link"})

    def _paged(self, items: Sequence[Json], request: Request) -> Reply:
        size = min(int(request.query.get("per_page", "30")), 100)
        number = int(request.query.get("page", "1"))
        last = max(1, -(-len(items) // size))
        pages = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        place = f"{self.url}{urlsplit(request.target).path}"
        links = [
            f'<{place}?{urlencode({**request.query, "page": page})}>; rel="{name}"'
            for name, page in pages.items()
            if 1 <= page <= last and not (name == "first" and number == 1) and not (name == "last" and number >= last)
        ]
        headers = {"Link": ", ".join(links)} if links else {}
        return as_json(items[(number - 1) * size : number * size], headers=headers)


# ---------------------------------------------------------------- what may be sent

_PAGING = {"per_page": r"\d+", "page": r"[1-9]\d*"}


@dataclass(frozen=True, kw_only=True)
class _Route:
    """An endpoint. ``fields`` of the body: name → type; ``query`` parameters: name → what they must look like."""

    method: str
    pattern: re.Pattern[str]
    answer: Callable[..., Reply]
    fields: Mapping[str, type | tuple[str, ...]] | None = None
    required: frozenset[str] = frozenset()
    query: Mapping[str, str] = field(default_factory=dict)
    takes_list: bool = False


def _route(method: str, path: str, answer: Callable[..., Reply], **details: object) -> _Route:
    names = {"repository": "[^/]+/[^/]+", "number": r"\d+", "id": r"\d+", "sha": "[0-9a-f]{40}", "label": ".+"}
    pattern = re.sub(r"{(\w+)}", lambda match: f"(?P<{match[1]}>{names[match[1]]})", path)
    return _Route(method=method, pattern=re.compile(pattern), answer=answer, **details)  # type: ignore[arg-type] # checked where it is read


_ROUTES = (
    _route("GET", "/repos/{repository}", GitHub.read_repository),
    _route("GET", "/repos/{repository}/installation", GitHub.find_installation),
    _route("GET", "/app/installations", GitHub.list_installations, query=_PAGING),
    _route("POST", "/app/installations/{id}/access_tokens", GitHub.create_app_token),
    _route("GET", "/user/repos", GitHub.list_own, query={"affiliation": ".+", **_PAGING}),
    _route("GET", "/installation/repositories", GitHub.list_installed, query=_PAGING),
    _route(
        "POST",
        "/repos/{repository}/git/commits",
        GitHub.create_commit,
        fields={"message": str, "tree": str, "parents": list, "author": dict, "committer": dict, "signature": str},
        required=frozenset({"message", "tree"}),
    ),
    _route(
        "GET",
        "/repos/{repository}/pulls",
        GitHub.list_pulls,
        query={
            "state": "open|closed|all",
            "head": "[^:]+:.+",
            "base": ".+",
            "sort": "created|updated|popularity|long-running",
            "direction": "asc|desc",
            **_PAGING,
        },
    ),
    _route(
        "POST",
        "/repos/{repository}/pulls",
        GitHub.create_pull,
        fields={
            "title": str,
            "head": str,
            "head_repo": str,
            "base": str,
            "body": str,
            "maintainer_can_modify": bool,
            "draft": bool,
        },
        required=frozenset({"title", "head", "base"}),
    ),
    _route("GET", "/repos/{repository}/pulls/{number}", GitHub.read_pull),
    _route(
        "PATCH",
        "/repos/{repository}/pulls/{number}",
        GitHub.update_pull,
        fields={"title": str, "body": str, "state": ("open", "closed"), "base": str, "maintainer_can_modify": bool},
    ),
    _route(
        "PUT",
        "/repos/{repository}/pulls/{number}/merge",
        GitHub.merge_pull,
        fields={"commit_title": str, "commit_message": str, "sha": str, "merge_method": ("merge", "squash", "rebase")},
    ),
    _route("GET", "/repos/{repository}/issues/{number}/labels", GitHub.list_labels, query=_PAGING),
    _route(
        "POST",
        "/repos/{repository}/issues/{number}/labels",
        GitHub.add_labels,
        fields={"labels": list},
        required=frozenset({"labels"}),
        takes_list=True,
    ),
    _route("GET", "/repos/{repository}/issues/{number}/comments", GitHub.list_comments, query=_PAGING),
    _route(
        "POST",
        "/repos/{repository}/issues/{number}/comments",
        GitHub.add_comment,
        fields={"body": str},
        required=frozenset({"body"}),
    ),
    _route(
        "PATCH",
        "/repos/{repository}/issues/comments/{id}",
        GitHub.edit_comment,
        fields={"body": str},
        required=frozenset({"body"}),
    ),
    _route("DELETE", "/repos/{repository}/issues/comments/{id}", GitHub.delete_comment),
    _route("DELETE", "/repos/{repository}/issues/{number}/labels/{label}", GitHub.remove_label),
    _route("POST", "/repos/{repository}/issues/{number}/assignees", GitHub.add_assignees, fields={"assignees": list}),
    _route(
        "POST",
        "/repos/{repository}/pulls/{number}/requested_reviewers",
        GitHub.request_reviewers,
        fields={"reviewers": list, "team_reviewers": list},
    ),
    _route(
        "GET",
        "/repos/{repository}/milestones",
        GitHub.list_milestones,
        query={"state": "open|closed|all", "sort": "due_on|completeness", "direction": "asc|desc", **_PAGING},
    ),
    _route(
        "POST",
        "/repos/{repository}/issues",
        GitHub.create_issue,
        fields={"title": str, "body": str, "labels": list, "assignees": list, "milestone": int},
        required=frozenset({"title"}),
    ),
    _route(
        "PATCH",
        "/repos/{repository}/issues/{number}",
        GitHub.update_issue,
        fields={
            "title": str,
            "body": str,
            "state": ("open", "closed"),
            "labels": list,
            "assignees": list,
            "milestone": int,
        },
    ),
    _route(
        "POST",
        "/repos/{repository}/deployments",
        GitHub.create_deployment,
        fields={
            "ref": str,
            "task": str,
            "auto_merge": bool,
            "required_contexts": list,
            "environment": str,
            "description": str,
        },
        required=frozenset({"ref"}),
    ),
    _route(
        "POST",
        "/repos/{repository}/deployments/{id}/statuses",
        GitHub.set_deployment_status,
        fields={
            "state": ("error", "failure", "inactive", "in_progress", "queued", "pending", "success"),
            "log_url": str,
            "description": str,
            "auto_inactive": bool,
        },
        required=frozenset({"state"}),
    ),
    _route(
        "POST",
        "/repos/{repository}/statuses/{sha}",
        GitHub.set_status,
        fields={
            "state": ("error", "failure", "pending", "success"),
            "target_url": str,
            "description": str,
            "context": str,
        },
        required=frozenset({"state"}),
    ),
)


def _check_query(route: _Route, request: Request) -> None:
    for name, value in request.query.items():
        if name not in route.query or not re.fullmatch(route.query[name], value):
            raise Refusal(422, f"Invalid request.\n\nThe parameter {name}={value} is not permitted.")


def _body(route: _Route, request: Request) -> object:
    """The decoded body. Raises ``Refusal`` if it is none that the endpoint takes."""
    if route.fields is None:
        return {}
    try:
        body = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    if route.takes_list and isinstance(body, list):
        return body
    if not isinstance(body, dict):
        raise Refusal(422, "Invalid request.\n\nThe body is not an object.")
    _check_fields(route.fields, route.required, body)
    return body


def _check_fields(fields: Mapping[str, type | tuple[str, ...]], required: frozenset[str], body: Json) -> None:
    for name in sorted(required - set(body)):
        raise Refusal(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
    for name, value in body.items():
        if name not in fields:
            raise Refusal(422, f'Invalid request.\n\n"{name}" is not a permitted key.')
        kind = fields[name]
        if not (value in kind if isinstance(kind, tuple) else isinstance(value, kind)):
            raise Refusal(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a valid value.")
        if name == "body" and len(str(value)) > BODY_LIMIT:
            raise invalid(f"body is too long (maximum is {BODY_LIMIT} characters)")


def _find(project: Project, match: re.Match[str]) -> Pull:
    pull = project.pulls.get(int(match["number"]))
    if pull is None:
        raise Refusal(404, "Not Found")
    return pull


def _find_remark(project: Project, match: re.Match[str]) -> tuple[Pull, Remark]:
    found = ((pull, remark) for pull in project.pulls.values() for remark in pull.remarks)
    pair = next((pair for pair in found if pair[1].id == int(match["id"])), None)
    if pair is None:
        raise Refusal(404, "Not Found")
    return pair


# ---------------------------------------------------------------- what is answered


def _graph_commit(project: Project, oid: str) -> Mapping[str, object] | None:
    if project.git.head(oid) is None:
        return None
    checks = project.checks.get(oid)
    rollup = {"contexts": lambda _info, first, after=None: github_graph.connection(checks or [], first, after)}
    return {"__typename": "Commit", "oid": oid, "statusCheckRollup": rollup if checks else None}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_USER_URLS = _words("followers following gists starred subscriptions organizations repos events received_events")
_REPOSITORY_URLS = _words("""
    archive assignees blobs branches collaborators comments commits compare contents contributors deployments
    downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels
    languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags
    teams trees
""")
_COUNTS = _words("""
    forks forks_count network_count open_issues open_issues_count size stargazers_count subscribers_count watchers
    watchers_count
""")
_SWITCHES = _words("archived disabled fork has_discussions has_downloads has_pages has_projects has_wiki")


def _user(server: GitHub, login: str) -> Json:
    place = f"{server.endpoint}/users/{login}"
    return {
        "login": login,
        "id": 1,
        "node_id": login,
        "avatar_url": f"{server.url}/avatars/{login}",
        "gravatar_id": "",
        "url": place,
        "html_url": f"{server.url}/{login}",
        "type": "User",
        "site_admin": False,
        **{f"{name}_url": f"{place}/{name}" for name in _USER_URLS},
    }


def _repository(server: GitHub, project: Project) -> dict[str, object]:
    owner, _, name = project.name.partition("/")
    place, page = f"{server.endpoint}/repos/{project.name}", f"{server.url}/{project.name}"
    return {
        "id": project.id,
        "node_id": f"R_{project.id}",
        "name": name,
        "full_name": project.name,
        "owner": _user(server, owner),
        "private": True,
        "html_url": page,
        "url": place,
        "description": None,
        "default_branch": project.default_branch,
        "topics": project.topics,
        "allow_squash_merge": "squash" in project.methods,
        "allow_merge_commit": "merge" in project.methods,
        "allow_rebase_merge": "rebase" in project.methods,
        "allow_auto_merge": project.auto_merge,
        "clone_url": f"{page}.git",
        "git_url": f"git:{page}.git",
        "ssh_url": f"git@127.0.0.1:{project.name}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "has_issues": True,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "pushed_at": "2026-01-01T00:00:00Z",
        "permissions": {"admin": False, "push": True, "pull": True},
        **{f"{name}_url": f"{place}/{name}" for name in _REPOSITORY_URLS},
        **dict.fromkeys(_COUNTS, 0),
        **dict.fromkeys(_SWITCHES, False),
        "archived": project.archived,
        "fork": project.fork,
    }


def _owner(project: Project, pull: Pull) -> str:
    return (pull.fork or project.name).partition("/")[0]


def _end(server: GitHub, project: Project, owner: str, branch: str, sha: str) -> dict[str, object]:
    return {
        "label": f"{owner}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": _user(server, owner),
        "repo": _repository(server, project),
    }


def _head(server: GitHub, project: Project, pull: Pull) -> Json:
    end = _end(server, project, _owner(project, pull), pull.head, pull.sha)
    if pull.fork is None:
        return end
    fork = {**_repository(server, project), "id": project.id + 1_000, "full_name": pull.fork, "fork": True}
    return {**end, "repo": fork if pull.fork else None}


def _pull(server: GitHub, project: Project, pull: Pull) -> dict[str, object]:
    """A pull request as it stands in a list."""
    place = f"{server.endpoint}/repos/{project.name}/pulls/{pull.number}"
    issue = f"{server.endpoint}/repos/{project.name}/issues/{pull.number}"
    page = f"{server.url}/{project.name}/pull/{pull.number}"
    links = {
        "url": place,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": f"{place}/commits",
        "review_comments_url": f"{place}/comments",
        "review_comment_url": f"{server.endpoint}/repos/{project.name}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{server.endpoint}/repos/{project.name}/statuses/{pull.sha}",
    }
    names = ("html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses")
    return {
        **links,
        "_links": {"self": {"href": place}, **{name: {"href": links[f"{name}_url"]} for name in names}},
        "id": 1_000 * project.id + pull.number,
        "node_id": f"PR_{project.id}_{pull.number}",
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": _user(server, LOGIN),
        "body": pull.body,
        "labels": [_label(server, project, label) for label in pull.labels],
        "milestone": _milestone(server, project, pull.milestone) if pull.milestone else None,
        "created_at": pull.created,
        "updated_at": pull.updated,
        "closed_at": pull.closed,
        "merged_at": pull.merged,
        "merge_commit_sha": pull.merge_commit,
        "assignee": None,
        "assignees": [_user(server, name) for name in pull.assignees],
        "requested_reviewers": [_user(server, name) for name in pull.reviewers],
        "requested_teams": [],
        "head": _head(server, project, pull),
        "base": _end(server, project, project.name.partition("/")[0], pull.base, project.heads.get(pull.base, "")),
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "draft": pull.draft,
    }


def _whole_pull(server: GitHub, project: Project, pull: Pull) -> Json:
    """A pull request as it is read by its number."""
    opened = pull.state == "open"
    mergeable = _is_mergeable(project, pull) if opened else None
    return {
        **_pull(server, project, pull),
        "merged": pull.merged is not None,
        "mergeable": mergeable,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[mergeable],
        "merged_by": _user(server, LOGIN) if pull.merged else None,
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 1,
        "deletions": 1,
        "changed_files": 1,
    }


def _is_mergeable(project: Project, pull: Pull) -> bool:
    base = project.heads.get(pull.base)
    return base is not None and project.git.merges(base, pull.sha)


def _label(server: GitHub, project: Project, name: str) -> Json:
    return {
        "id": int(sha256(name.encode()).hexdigest()[:8], 16),
        "node_id": f"L_{name}",
        "url": f"{server.endpoint}/repos/{project.name}/labels/{name}",
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def _comment(server: GitHub, project: Project, pull: Pull, remark: Remark) -> Json:
    issues = f"{server.endpoint}/repos/{project.name}/issues"
    return {
        "id": remark.id,
        "node_id": f"C_{remark.id}",
        "url": f"{issues}/comments/{remark.id}",
        "html_url": f"{server.url}/{project.name}/pull/{pull.number}#issuecomment-{remark.id}",
        "issue_url": f"{issues}/{pull.number}",
        "body": remark.text,
        "user": _user(server, remark.author),
        "created_at": remark.created,
        "updated_at": pull.updated,
        "author_association": "CONTRIBUTOR",
    }


def _git_commit(server: GitHub, project: Project, sha: str, body: Json, *, signed: bool) -> Json:
    place, page = f"{server.endpoint}/repos/{project.name}/git", f"{server.url}/{project.name}"
    parents = body.get("parents", [])
    assert isinstance(parents, list)
    person = {"name": "GitHub", "email": "noreply@github.com", "date": "2026-01-01T00:00:00Z"}
    reason = "valid" if signed else "unsigned"
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{place}/commits/{sha}",
        "html_url": f"{page}/commit/{sha}",
        "author": person,
        "committer": person,
        "tree": {"sha": body["tree"], "url": f"{place}/trees/{body['tree']}"},
        "message": body["message"],
        "parents": [
            {"sha": parent, "url": f"{place}/commits/{parent}", "html_url": f"{page}/commit/{parent}"}
            for parent in parents
        ],
        "verification": {
            "verified": signed,
            "reason": reason,
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }


def _installation(server: GitHub, owner: str) -> Json:
    place = f"{server.endpoint}/app/installations/1"
    return {
        "id": 1,
        "account": _user(server, owner),
        "repository_selection": "all",
        "access_tokens_url": f"{place}/access_tokens",
        "repositories_url": f"{server.endpoint}/installation/repositories",
        "html_url": f"{server.url}/settings/installations/1",
        "app_id": int(APP),
        "app_slug": "the-app",
        "target_id": 1,
        "target_type": "User",
        "permissions": {"contents": "write", "pull_requests": "write"},
        "events": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


def _milestone(server: GitHub, project: Project, number: int) -> Json:
    place = f"{server.endpoint}/repos/{project.name}/milestones/{number}"
    return {
        "url": place,
        "html_url": f"{server.url}/{project.name}/milestone/{number}",
        "labels_url": f"{place}/labels",
        "id": number,
        "node_id": f"M_{number}",
        "number": number,
        "state": "open",
        "title": project.milestones[number - 1],
        "description": None,
        "creator": _user(server, "ada"),
        "open_issues": 0,
        "closed_issues": 0,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "closed_at": None,
        "due_on": None,
    }


def _status(server: GitHub, project: Project, sha: str, said: Json) -> Json:
    return {
        "url": f"{server.endpoint}/repos/{project.name}/statuses/{sha}",
        "avatar_url": None,
        "id": 1,
        "node_id": "S_1",
        "state": str(said["state"]).lower(),
        "description": said["description"],
        "target_url": said["targetUrl"],
        "context": said["context"],
        "created_at": said["createdAt"],
        "updated_at": said["createdAt"],
        "creator": _user(server, LOGIN),
    }


def _ticket(server: GitHub, project: Project, issue: Ticket) -> dict[str, object]:
    place, page = f"{server.endpoint}/repos/{project.name}/issues/{issue.number}", f"{server.url}/{project.name}/issues"
    return {
        "id": 1_000 * project.id + issue.number,
        "node_id": f"I_{project.id}_{issue.number}",
        "url": place,
        "repository_url": f"{server.endpoint}/repos/{project.name}",
        "labels_url": f"{place}/labels{{/name}}",
        "comments_url": f"{place}/comments",
        "events_url": f"{place}/events",
        "html_url": f"{page}/{issue.number}",
        "number": issue.number,
        "state": issue.state,
        "title": issue.title,
        "body": issue.body,
        "user": _user(server, LOGIN),
        "labels": [_label(server, project, label) for label in issue.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None if issue.state == "open" else issue.updated,
        "created_at": issue.created,
        "updated_at": issue.updated,
        "author_association": "CONTRIBUTOR",
    }


def _pull_as_issue(server: GitHub, project: Project, pull: Pull) -> Json:
    issue = Ticket(
        number=pull.number,
        title=pull.title,
        body=pull.body,
        created=pull.created,
        updated=pull.updated,
        state=pull.state,
        labels=pull.labels,
    )
    return {
        **_ticket(server, project, issue),
        "assignees": [_user(server, name) for name in pull.assignees],
        "milestone": _milestone(server, project, pull.milestone) if pull.milestone else None,
    }
