"""GitLab's REST API and git over HTTP, over real bare repositories: stateful, and strict.

A field or parameter that https://docs.gitlab.com/api/rest/ does not have for an endpoint is refused (400). A merge
request that is new is ``checking`` for the first look at it. Quick actions at the beginning of a line are carried out.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from tests.servers import Reply, Request, as_json
from tests.servers.code_host import LOGIN, CodeHost, Json, Project, Pull, Refusal, Remark, Ticket, next_number
from tests.servers.githttp import EXECUTABLE, Content

TOKEN = "glpat-0123456789THETOKEN"
COMMITTER = "The Bot <1-bot@users.example.com>"
"""Who makes the commits that the API is asked for."""

_API = "/api/v4"
_PAGING = frozenset({"page", "per_page"})
_STATES = {"SUCCESS": "success", "FAILURE": "failed", "ERROR": "failed", "PENDING": "pending", None: "running"}
_WORDS_OF = {"success": "SUCCESS", "failed": "FAILURE", "canceled": "ERROR", "running": None}
_USERS = {LOGIN: 1, "ada": 2, "bob": 3}


class GitLab(CodeHost):
    """``root`` is where the repositories are made."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, TOKEN)
        self.undecided: set[int] = set()
        self.scopes = ["api", "write_repository"]

    @property
    def endpoint(self) -> str:
        return f"{self.url}{_API}"

    def handle_api(self, request: Request) -> Reply:
        token = request.headers.get("private-token") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Refusal(401, "401 Unauthorized")
        path = urlsplit(request.target).path.removeprefix(f"{_API}/")
        for method, pattern, answer, allowed in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == request.method:
                body = json.loads(request.body) if request.body else {}
                unknown = (set(body) | set(request.query)) - allowed - (_PAGING if method == "GET" else set())
                if unknown:
                    raise Refusal(400, f"{', '.join(sorted(unknown))} does not exist")
                return answer(self, match, request, body)
        raise Refusal(404, "404 Not Found")

    def project_of(self, match: re.Match[str]) -> Project:
        name = unquote(match["project"])
        project = self.projects.get(name.lower())
        if project is None or "/" in match["project"]:
            raise Refusal(404, "404 Project Not Found")
        self._refresh(project)
        return project

    def pull_of(self, match: re.Match[str]) -> tuple[Project, Pull]:
        project = self.project_of(match)
        if int(match["number"]) not in project.pulls:
            raise Refusal(404, "404 Not found")
        return project, project.pulls[int(match["number"])]

    def paged(self, items: Sequence[Json], request: Request) -> Reply:
        size, number = min(int(request.query.get("per_page", "20")), 100), int(request.query.get("page", "1"))
        more = number * size < len(items)
        target = f"{self.url}{urlsplit(request.target).path}?{urlencode({**request.query, 'page': number + 1})}"
        headers = {"X-Next-Page": str(number + 1) if more else "", "X-Total": str(len(items))}
        if more:
            headers["Link"] = f'<{target}>; rel="next"'
        return as_json(list(items[(number - 1) * size : number * size]), headers=headers)

    # ------------------------------------------------------------ routes

    def read_project(self, match: re.Match[str], *_: object) -> Reply:
        return as_json(_project(self, self.project_of(match)))

    def list_pulls(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project, query = self.project_of(match), request.query
        found = [_pull(self, project, pull) for pull in project.pulls.values()]
        wanted = query.get("state", "all")
        found = [pull for pull in found if wanted in {"all", pull["state"]}]
        if "source_branch" in query:
            found = [pull for pull in found if pull["source_branch"] == query["source_branch"]]
        key = query.get("order_by", "created_at")
        found.sort(key=lambda pull: str(pull[key]), reverse=query.get("sort", "desc") == "desc")
        return self.paged(found, request)

    def create_pull(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        project = self.project_of(match)
        head, base = body["source_branch"], body["target_branch"]
        for branch in (head, base):
            if branch not in project.heads:
                raise Refusal(400, f'Branch "{branch}" does not exist')
        for pull in project.pulls.values():
            if (pull.head, pull.base, pull.state) == (head, base, "open"):
                raise Refusal(409, f"Another open merge request already exists for this source branch: !{pull.number}")
        if len(body.get("description", "")) > 1_048_576:
            raise Refusal(400, "description is too long (maximum is 1048576 characters)")
        made = self._new_pull(
            project, {"title": body["title"], "head": head, "base": base, "body": body["description"]}
        )
        self.undecided.add(made.number)
        self._change(project, made, body)
        return as_json(_pull(self, project, made), 201)

    def read_pull(self, match: re.Match[str], *_: object) -> Reply:
        project, pull = self.pull_of(match)
        answer = _pull(self, project, pull)
        self.undecided.discard(pull.number)
        return as_json(answer)

    def update_pull(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        project, pull = self.pull_of(match)
        if body.get("state_event") == "reopen" and (pull.merged or pull.head not in project.heads):
            raise Refusal(422, "state event cannot transition via reopen")
        self._change(project, pull, body)
        return as_json(_pull(self, project, pull))

    def _change(self, project: Project, pull: Pull, body: Mapping[str, str]) -> None:
        pull.title, pull.body = body.get("title", pull.title), body.get("description", pull.body)
        pull.labels = _labels(pull.labels, body)
        people = {str(number): name for name, number in _USERS.items()}
        pull.assignees += [people[str(number)] for number in body.get("assignee_ids", ())]
        pull.reviewers += [people[str(number)] for number in body.get("reviewer_ids", ())]
        pull.milestone = int(body["milestone_id"]) if "milestone_id" in body else pull.milestone
        event = body.get("state_event")
        if event == "close" or "/close" in (pull.body or "").splitlines():
            self._close(pull)
        if event == "reopen":
            pull.state, pull.closed = "open", None
        pull.updated = self._now()

    def merge_pull(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, pull = self.pull_of(match)
        if pull.number in self.undecided or pull.state != "open":
            raise Refusal(405, "405 Method Not Allowed")
        if body.get("sha", pull.sha) != pull.sha:
            raise Refusal(409, "SHA does not match HEAD of source branch")
        if not self._may_merge(project, pull) and body.get("auto_merge"):
            pull.auto_merge = "merge"
            return as_json(_pull(self, project, pull))
        if not self._may_merge(project, pull):
            raise Refusal(405, "405 Method Not Allowed")
        try:
            self._merge(project, pull, {"merge_method": "squash" if body.get("squash") else "merge"})
        except Refusal as error:
            raise Refusal(422, "Branch cannot be merged") from error
        return as_json(_pull(self, project, pull))

    def list_notes(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        _, pull = self.pull_of(match)
        system = {"id": 9_999_999, "body": "changed the title", "system": True, "author": _user(self, LOGIN)}
        notes = [{**system, "created_at": pull.created}, *(_note(self, remark) for remark in pull.remarks)]
        return self.paged(notes[::-1] if request.query.get("sort", "desc") == "desc" else notes, request)

    def add_note(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        _, pull = self.pull_of(match)
        return as_json(_note(self, self._remark(pull, body["body"], LOGIN)), 201)

    def edit_note(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        _, pull = self.pull_of(match)
        remark = _own_remark(pull, int(match["id"]))
        remark.text, pull.updated = body["body"], self._now()
        return as_json(_note(self, remark))

    def delete_note(self, match: re.Match[str], *_: object) -> Reply:
        pull = self.pull_of(match)[1]
        pull.remarks.remove(_own_remark(pull, int(match["id"])))
        return Reply(status=204)

    def read_approvals(self, match: re.Match[str], _request: Request, _body: Json) -> Reply:
        pull = self.pull_of(match)[1]
        names = [_author(review) for review in pull.reviews if review["state"] == "APPROVED"]
        return as_json({"approved_by": [{"user": _user(self, name)} for name in names]})

    def list_reviewers(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        _, pull = self.pull_of(match)
        states = {"APPROVED": "approved", "CHANGES_REQUESTED": "requested_changes"}
        rows = [{"user": _user(self, _author(one)), "state": states[str(one["state"])]} for one in pull.reviews]
        return self.paged(rows, request)

    def list_statuses(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project, sha = self.project_of(match), match["sha"]
        if project.git.head(sha) is None:
            raise Refusal(404, "404 Commit Not Found")
        return self.paged([_status(self, sha, said) for said in project.checks.get(sha, ())], request)

    def set_status(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        project, sha = self.project_of(match), match["sha"]
        if len(body.get("description", "")) > 255 or body["state"] not in {"pending", "success", "failed"}:
            raise Refusal(400, "state does not have a valid value")
        state = {"success": "SUCCESS", "failed": "FAILURE", "pending": "PENDING"}[body["state"]]
        present = next((one for one in project.checks.get(sha, ()) if one.get("context") == body["name"]), None)
        if present and present["state"] == state:
            raise Refusal(400, f"Cannot transition status via :enqueue from :{body['state']}")
        said: dict[str, object] = {
            "context": body["name"],
            "state": state,
            "description": body.get("description"),
            "targetUrl": body.get("target_url"),
            "createdAt": self._now(),
            "creator": {"login": LOGIN},
        }
        self._say_of(project, sha, said)
        return as_json(_status(self, sha, said), 201)

    def create_commit(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, branch, heads = self.project_of(match), str(body["branch"]), self.project_of(match).git.heads()
        if "start_sha" in body and branch in heads:
            raise Refusal(400, f"A branch called '{branch}' already exists. Switch to that branch")
        if "start_sha" in body:
            project.git.git("update-ref", f"refs/heads/{branch}", str(body["start_sha"]))
        parent = project.git.head(branch)
        try:
            files = _committed(project, branch, body["actions"])
        except Refusal:
            if "start_sha" in body:
                project.git.delete(branch)
            raise
        commit = project.git.commit(branch, files, message=str(body["commit_message"]), author=COMMITTER)
        return as_json({"id": commit, "parent_ids": [parent], "message": body["commit_message"]}, 201)

    def list_deployments(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project, name = self.project_of(match), request.query.get("environment")
        found = [one for one in project.deployments if name in {None, one["environment"]}]
        return self.paged([_deployment(self, one) for one in found], request)

    def create_deployment(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        project = self.project_of(match)
        if project.git.head(body["sha"]) is None or not body.get("ref"):
            raise Refusal(400, "The branch or tag does not exist")
        made = self._deployment(project, body["sha"], body["environment"], LOGIN)
        made["latestStatus"] = {"state": _WORDS_OF[body["status"]], "createdAt": self._now()}
        return as_json(_deployment(self, made), 201)

    def update_deployment(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        """What is over stays over: only how it ended may be said anew."""
        one = next(one for one in self.project_of(match).deployments if str(one["databaseId"]) == match["id"])
        if body["status"] not in {"success", "failed", "canceled"}:
            raise Refusal(400, f"Cannot transition status via :run from :{_deployment(self, one)['status']}")
        one["latestStatus"] = {"state": _WORDS_OF[body["status"]], "createdAt": self._now()}
        return as_json(_deployment(self, one))

    def list_issues(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project, wanted = self.project_of(match), request.query.get("search", "").lower()
        found = [issue for issue in project.issues.values() if issue.state == "open" and wanted in issue.title.lower()]
        found.sort(key=lambda issue: issue.updated, reverse=True)
        return self.paged([_issue(self, project, issue) for issue in found], request)

    def create_issue(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        project, moment = self.project_of(match), self._now()
        issue = Ticket(
            number=next_number(project),
            title=body["title"],
            body=body.get("description"),
            created=moment,
            updated=moment,
            labels=_labels([], body),
        )
        project.issues[issue.number] = issue
        return as_json(_issue(self, project, issue), 201)

    def update_issue(self, match: re.Match[str], _request: Request, body: Mapping[str, str]) -> Reply:
        project = self.project_of(match)
        issue = project.issues[int(match["number"])]
        issue.title, issue.body = body.get("title", issue.title), body.get("description", issue.body)
        issue.labels, issue.updated = _labels(issue.labels, body), self._now()
        issue.state = "closed" if body.get("state_event") == "close" else issue.state
        return as_json(_issue(self, project, issue))

    def read_user(self, *_: object) -> Reply:
        return as_json({**_user(self, LOGIN), "email": "bot@example.com", "commit_email": "1-bot@users.example.com"})

    def read_token(self, *_: object) -> Reply:
        return as_json({"id": 1, "name": "updater", "scopes": self.scopes, "expires_at": "2027-01-01", "active": True})

    def list_users(self, _match: object, request: Request, _body: Json) -> Reply:
        name = request.query["username"]
        return self.paged([_user(self, name)] if name in _USERS else [], request)

    def list_milestones(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project = self.project_of(match)
        found = [
            {"id": number, "iid": number, "title": title}
            for number, title in enumerate(project.milestones, start=1)
            if title == request.query.get("title", title) and str(number) == request.query.get("iids[]", str(number))
        ]
        return self.paged(found, request)

    def list_projects(self, _match: object, request: Request, _body: Json) -> Reply:
        found = list(self.projects.values())
        if request.query.get("archived") == "false":
            found = [project for project in found if not project.archived]
        return self.paged([_project(self, project) for project in found], request)


_PROJECT = "projects/(?P<project>[^/]+)"
_PULL, _ISSUE = f"{_PROJECT}/merge_requests/(?P<number>\\d+)", f"{_PROJECT}/issues/(?P<number>\\d+)"
_SHA = "(?P<sha>[0-9a-f]{40})"

_Answer = Callable[..., Reply]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ROUTES: tuple[tuple[str, str, _Answer, frozenset[str]], ...] = (
    ("GET", "user", GitLab.read_user, _words("")),
    ("GET", "personal_access_tokens/self", GitLab.read_token, _words("")),
    ("GET", "users", GitLab.list_users, _words("username")),
    (
        "GET",
        "projects",
        GitLab.list_projects,
        _words("membership archived min_access_level with_merge_requests_enabled order_by sort topic"),
    ),
    ("GET", _PROJECT, GitLab.read_project, _words("")),
    (
        "GET",
        f"{_PROJECT}/merge_requests",
        GitLab.list_pulls,
        _words("state order_by sort source_branch target_branch scope"),
    ),
    (
        "POST",
        f"{_PROJECT}/merge_requests",
        GitLab.create_pull,
        _words("""source_branch target_branch title description labels remove_source_branch squash assignee_ids
            reviewer_ids milestone_id"""),
    ),
    ("GET", _PULL, GitLab.read_pull, _words("")),
    (
        "PUT",
        _PULL,
        GitLab.update_pull,
        _words("title description add_labels remove_labels labels state_event target_branch assignee_ids reviewer_ids"),
    ),
    (
        "PUT",
        f"{_PULL}/merge",
        GitLab.merge_pull,
        _words("sha squash auto_merge merge_when_pipeline_succeeds should_remove_source_branch merge_commit_message"),
    ),
    ("GET", f"{_PULL}/notes", GitLab.list_notes, _words("sort order_by")),
    ("POST", f"{_PULL}/notes", GitLab.add_note, _words("body")),
    ("PUT", f"{_PULL}/notes/(?P<id>\\d+)", GitLab.edit_note, _words("body")),
    ("DELETE", f"{_PULL}/notes/(?P<id>\\d+)", GitLab.delete_note, _words("")),
    ("GET", f"{_PULL}/approvals", GitLab.read_approvals, _words("")),
    ("GET", f"{_PULL}/reviewers", GitLab.list_reviewers, _words("")),
    (
        "POST",
        f"{_PROJECT}/repository/commits",
        GitLab.create_commit,
        _words(
            "branch commit_message start_branch start_sha start_project actions author_email author_name stats force"
        ),
    ),
    ("GET", f"{_PROJECT}/repository/commits/{_SHA}/statuses", GitLab.list_statuses, _words("ref stage name all")),
    ("POST", f"{_PROJECT}/statuses/{_SHA}", GitLab.set_status, _words("state name description target_url ref")),
    ("GET", f"{_PROJECT}/deployments", GitLab.list_deployments, _words("order_by sort environment updated_after")),
    ("POST", f"{_PROJECT}/deployments", GitLab.create_deployment, _words("environment sha ref tag status")),
    ("PUT", f"{_PROJECT}/deployments/(?P<id>\\d+)", GitLab.update_deployment, _words("status")),
    (
        "GET",
        f"{_PROJECT}/issues",
        GitLab.list_issues,
        _words("state search in order_by sort labels author_id"),
    ),
    ("POST", f"{_PROJECT}/issues", GitLab.create_issue, _words("title description labels assignee_ids")),
    ("PUT", _ISSUE, GitLab.update_issue, _words("title description add_labels remove_labels state_event")),
    ("GET", f"{_PROJECT}/milestones", GitLab.list_milestones, _words("iids[] title state")),
)


# ---------------------------------------------------------------- what is answered


def _committed(project: Project, branch: str, actions: object) -> dict[str, Content]:
    """What the actions of a commit make of files; each file keeps its mode, unless an action changes it."""
    found: dict[str, Content] = {}
    assert isinstance(actions, list)
    for action in actions:
        path, mode = action["file_path"], project.git.mode(branch, action["file_path"])
        unknown = set(action) - _words(
            "action file_path previous_path content encoding last_commit_id execute_filemode"
        )
        if unknown:
            raise Refusal(400, f"{unknown} is not known")
        if (action["action"] == "create") == bool(mode):
            raise Refusal(400, f"A file with this name {'already' if mode else 'does not'} exist")
        if action["action"] == "chmod":
            data = found.get(path)
            assert isinstance(data, tuple)
            found[path] = (EXECUTABLE if action["execute_filemode"] else "100644", data[1])
        else:
            assert action["encoding"] == "base64"
            found[path] = (mode or "100644", b64decode(action["content"]))
    return found


def _labels(present: Sequence[str], body: Mapping[str, str]) -> list[str]:
    labels = body["labels"].split(",") if "labels" in body else list(present)
    labels += [label for label in body.get("add_labels", "").split(",") if label and label not in labels]
    return [label for label in labels if label not in body.get("remove_labels", "").split(",")]


def _own_remark(pull: Pull, number: int) -> Remark:
    remark = next((remark for remark in pull.remarks if remark.id == number), None)
    if remark is None or remark.author != LOGIN:
        raise Refusal(403, "403 Forbidden")
    return remark


def _author(review: Json) -> str:
    author = review["author"]
    assert isinstance(author, dict)
    return str(author["login"])


def _user(server: GitLab, name: str) -> Json:
    number = _USERS.get(name, 99)
    return {"id": number, "username": name, "name": name, "state": "active", "web_url": f"{server.url}/{name}"}


def _project(server: GitLab, project: Project) -> Json:
    return {
        "id": project.id,
        "path_with_namespace": project.name,
        "default_branch": project.default_branch if project.git.heads() else None,
        "archived": project.archived,
        "topics": list(project.topics),
        "web_url": f"{server.url}/{project.name}",
        "http_url_to_repo": f"{server.url}/{project.name}.git",
        "permissions": {"project_access": {"access_level": 30}, "group_access": None},
        **({"forked_from_project": {"id": 1_000}} if project.fork else {}),
    }


def _pull(server: GitLab, project: Project, pull: Pull) -> dict[str, object]:
    state = "merged" if pull.merged else {"open": "opened", "closed": "closed"}[pull.state]
    return {
        "id": 1_000 * project.id + pull.number,
        "iid": pull.number,
        "project_id": project.id,
        "title": pull.title,
        "description": pull.body,
        "state": state,
        "draft": pull.title.lower().startswith("draft:"),
        "source_branch": pull.head,
        "target_branch": pull.base,
        "source_project_id": project.id if pull.fork is None else 1_000,
        "target_project_id": project.id,
        "sha": pull.sha,
        "merge_commit_sha": pull.merge_commit,
        "squash_commit_sha": None,
        "labels": pull.labels,
        "author": _user(server, LOGIN),
        "assignees": [_user(server, name) for name in pull.assignees],
        "web_url": f"{server.url}/{project.name}/-/merge_requests/{pull.number}",
        "created_at": pull.created,
        "updated_at": pull.updated,
        "closed_at": None if pull.merged else pull.closed,
        "merged_at": pull.merged,
        "detailed_merge_status": "checking" if pull.number in server.undecided else "mergeable",
        "merge_when_pipeline_succeeds": pull.auto_merge is not None,
    }


def _note(server: GitLab, remark: Remark) -> Json:
    author = _user(server, remark.author)
    return {"id": remark.id, "body": remark.text, "system": False, "author": author, "created_at": remark.created}


def _status(server: GitLab, sha: str, said: Mapping[str, object]) -> Json:
    creator = said.get("creator")
    word = said.get("state", said.get("conclusion"))
    return {
        "id": 1,
        "sha": sha,
        "name": said.get("context") or said["name"],
        "status": _STATES[None if word is None else str(word)],
        "description": said.get("description"),
        "target_url": said.get("targetUrl"),
        "created_at": said.get("createdAt") or said["startedAt"],
        "allow_failure": False,
        "author": _user(server, str(creator["login"])) if isinstance(creator, dict) else _user(server, "some-ci"),
    }


def _deployment(server: GitLab, one: Mapping[str, Any]) -> dict[str, Any]:
    latest = one["latestStatus"]
    state = _STATES[latest["state"]] if isinstance(latest, dict) else "running"
    return {
        "id": one["databaseId"],
        "sha": one["commitOid"],
        "status": state,
        "created_at": one["createdAt"],
        "updated_at": latest["createdAt"] if isinstance(latest, dict) else one["createdAt"],
        "environment": {"id": 1, "name": one["environment"], "external_url": None},
        "user": _user(server, str(one["creator"]["login"])),
    }


def _issue(server: GitLab, project: Project, issue: Ticket) -> Json:
    return {
        "iid": issue.number,
        "title": issue.title,
        "description": issue.body,
        "state": "opened" if issue.state == "open" else "closed",
        "labels": issue.labels,
        "updated_at": issue.updated,
        "web_url": f"{server.url}/{project.name}/-/issues/{issue.number}",
    }
