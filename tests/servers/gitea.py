"""Gitea's REST API (Forgejo's is the same) and git over HTTP, over real bare repositories: stateful, and strict.

A field or parameter that Gitea's Swagger description does not have for an endpoint is refused (422). Labels have to
exist before they can be given; a page has fifty entries at most.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from tests.servers import Reply, Request, as_json
from tests.servers.code_host import LOGIN, CodeHost, Json, Project, Pull, Refusal, Remark, Ticket, next_number
from tests.servers.githttp import Content

TOKEN = "0123456789abcdef0123456789abcdef01234567"

_API = "/api/v1"
_MOST = 50
_STATES = {"SUCCESS": "success", "FAILURE": "failure", "ERROR": "error", "PENDING": "pending", None: "pending"}
_REVIEWS = {"APPROVED": "APPROVED", "CHANGES_REQUESTED": "REQUEST_CHANGES"}


class Gitea(CodeHost):
    """``root`` is where the repositories are made."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, TOKEN)
        self.labels: dict[str, list[str]] = {}

    @property
    def endpoint(self) -> str:
        return f"{self.url}{_API}"

    def handle_api(self, request: Request) -> Reply:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme not in {"token", "Bearer"} or token not in self.tokens:
            raise Refusal(401, "user does not exist [uid: 0, name: ]")
        path = urlsplit(request.target).path.removeprefix(f"{_API}/")
        for method, pattern, answer, allowed in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == request.method:
                body = json.loads(request.body) if request.body else {}
                unknown = (set(body) | set(request.query)) - allowed
                if unknown:
                    raise Refusal(422, f"[]: unknown {', '.join(sorted(unknown))}")
                return answer(self, match, request, body)
        raise Refusal(404, "The target couldn't be found.")

    def project_of(self, match: re.Match[str]) -> Project:
        project = self.projects.get(match["project"].lower())
        if project is None:
            raise Refusal(404, "The target couldn't be found.")
        self._refresh(project)
        return project

    def pull_of(self, match: re.Match[str]) -> tuple[Project, Pull]:
        project = self.project_of(match)
        if int(match["number"]) not in project.pulls:
            raise Refusal(404, "The target couldn't be found.")
        return project, project.pulls[int(match["number"])]

    def thread_of(self, match: re.Match[str]) -> tuple[Project, Pull | Ticket]:
        project, number = self.project_of(match), int(match["number"])
        thread = project.pulls.get(number) or project.issues.get(number)
        if thread is None:
            raise Refusal(404, "The target couldn't be found.")
        return project, thread

    def paged(self, items: Sequence[Json], request: Request) -> Reply:
        size, number = min(int(request.query.get("limit", "30")), _MOST), int(request.query.get("page", "1"))
        headers = {"X-Total-Count": str(len(items))}
        if number * size < len(items):
            target = f"{self.url}{urlsplit(request.target).path}?{urlencode({**request.query, 'page': number + 1})}"
            headers["Link"] = f'<{target}>; rel="next"'
        return as_json(list(items[(number - 1) * size : number * size]), headers=headers)

    def labels_of(self, project: Project) -> list[str]:
        return self.labels.setdefault(project.name, [])

    # ------------------------------------------------------------ routes

    def read_repository(self, match: re.Match[str], *_: object) -> Reply:
        return as_json(_repository(self, self.project_of(match)))

    def list_pulls(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project, state = self.project_of(match), request.query.get("state", "open")
        found = [pull for pull in project.pulls.values() if state in {"all", pull.state}]
        found.sort(key=lambda pull: pull.updated, reverse=request.query.get("sort") == "recentupdate")
        return self.paged([_pull(self, project, pull) for pull in found], request)

    def create_pull(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project = self.project_of(match)
        for branch in (body["head"], body["base"]):
            if branch not in project.heads:
                raise Refusal(404, f"The target couldn't be found: branch {branch}")
        for pull in project.pulls.values():
            if (pull.head, pull.base, pull.state) == (body["head"], body["base"], "open"):
                raise Refusal(409, f"pull request already exists for these targets [id: {pull.number}]")
        if project.git.contains(str(body["base"]), project.heads[str(body["head"])]):
            raise Refusal(422, f"No commits between {body['base']} and {body['head']}")
        pull = self._new_pull(project, body)
        pull.labels = self._named(project, body.get("labels", []))
        return as_json(_pull(self, project, pull), 201)

    def _named(self, project: Project, ids: object) -> list[str]:
        known = self.labels_of(project)
        assert isinstance(ids, list)
        if not all(isinstance(number, int) and 0 < number <= len(known) for number in ids):
            raise Refusal(422, "label does not exist")
        return [known[number - 1] for number in ids]

    def read_pull(self, match: re.Match[str], *_: object) -> Reply:
        project, pull = self.pull_of(match)
        return as_json(_pull(self, project, pull))

    def read_pull_by_branches(self, match: re.Match[str], *_: object) -> Reply:
        project = self.project_of(match)
        pair = (unquote(match["base"]), unquote(match["head"]))
        found = [pull for pull in project.pulls.values() if (pull.base, pull.head) == pair]
        if not found:
            raise Refusal(404, "The target couldn't be found.")
        return as_json(_pull(self, project, found[-1]))

    def update_pull(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, pull = self.pull_of(match)
        if body.get("state") == "open" and pull.head not in project.heads:
            raise Refusal(500, "fatal: bad object")
        self._edit(project, pull, body)
        return as_json(_pull(self, project, pull), 201)

    def merge_pull(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, pull = self.pull_of(match)
        if body.get("head_commit_id", pull.sha) != pull.sha:
            raise Refusal(409, "head out of date")
        method = {"squash": "squash", "rebase": "rebase", "merge": "merge", "fast-forward-only": "rebase"}[
            str(body["Do"])
        ]
        if not self._may_merge(project, pull):
            if body.get("merge_when_checks_succeed"):
                pull.auto_merge = method
                return Reply(status=201)
            raise Refusal(405, "Please try again later")
        try:
            self._merge(project, pull, {"merge_method": method})
        except Refusal as error:
            raise Refusal(409, "conflict") from error
        return Reply(status=200)

    def list_comments(self, match: re.Match[str], *_: object) -> Reply:
        pull = self.pull_of(match)[1]
        return as_json([_comment(self, remark) for remark in pull.remarks])

    def add_comment(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        pull = self.pull_of(match)[1]
        return as_json(_comment(self, self._remark(pull, str(body["body"]), LOGIN)), 201)

    def _remark_of(self, match: re.Match[str]) -> tuple[Pull, Remark]:
        pulls = self.project_of(match).pulls.values()
        pairs = ((pull, remark) for pull in pulls for remark in pull.remarks)
        pair = next((pair for pair in pairs if pair[1].id == int(match["id"])), None)
        if pair is None or pair[1].author != LOGIN:
            raise Refusal(403, "user should have permission to edit comment")
        return pair

    def edit_comment(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        pull, remark = self._remark_of(match)
        remark.text, pull.updated = str(body["body"]), self._now()
        return as_json(_comment(self, remark))

    def delete_comment(self, match: re.Match[str], *_: object) -> Reply:
        pull, remark = self._remark_of(match)
        pull.remarks.remove(remark)
        return Reply(status=204)

    def list_reviews(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        pull = self.pull_of(match)[1]
        return self.paged([_review(self, number, one) for number, one in enumerate(pull.reviews)], request)

    def request_reviewers(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, pull = self.pull_of(match)
        people, teams = body.get("reviewers", []), body.get("team_reviewers", [])
        assert isinstance(people, list)
        if teams or not set(people) <= set(project.collaborators):
            raise Refusal(404, "user does not exist")
        pull.reviewers += people
        return as_json([], 201)

    def read_status(self, match: re.Match[str], *_: object) -> Reply:
        project, sha = self.project_of(match), match["sha"]
        if project.git.head(sha) is None:
            raise Refusal(404, "object does not exist")
        said = [_status(self, one) for one in project.checks.get(sha, ())]
        return as_json({"sha": sha, "state": "pending", "total_count": len(said), "statuses": said or None})

    def set_status(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, sha = self.project_of(match), match["sha"]
        said: dict[str, object] = {
            "context": body["context"],
            "state": str(body["state"]).upper(),
            "description": body.get("description"),
            "targetUrl": body.get("target_url"),
            "createdAt": self._now(),
            "creator": {"login": LOGIN},
        }
        self._say_of(project, sha, said)
        return as_json(_status(self, said), 201)

    def change_files(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, branch = self.project_of(match), str(body["branch"])
        parent, author, wanted = project.git.head(branch), body["committer"], body["files"]
        assert isinstance(author, dict)
        assert isinstance(wanted, list)
        if parent is None:
            raise Refusal(404, "branch does not exist")
        files: dict[str, Content] = {}
        for each in wanted:
            path, mode = each["path"], project.git.mode(branch, each["path"])
            if (each["operation"] == "create") == bool(mode):
                raise Refusal(422, f"repository file {'already exists' if mode else 'does not exist'} [path: {path}]")
            if mode and project.git.git("rev-parse", f"{branch}:{path}") != each["sha"]:
                raise Refusal(422, f"sha does not match [given: {each['sha']}]")
            files[path] = (mode or "100644", b64decode(each["content"]))
        who = f"{author['name']} <{author['email']}>"
        commit = project.git.commit(branch, files, message=str(body["message"]), author=who)
        return as_json({"files": [], "commit": {"sha": commit, "parents": [{"sha": parent}]}}, 201)

    def list_labels(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        return self.paged([_label(self.labels_of(self.project_of(match)), name) for name in self._all(match)], request)

    def _all(self, match: re.Match[str]) -> list[str]:
        return self.labels_of(self.project_of(match))

    def create_label(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        known = self.labels_of(self.project_of(match))
        if not re.fullmatch("#?[0-9a-f]{6}", str(body["color"])):
            raise Refusal(422, "color is no color")
        known.append(str(body["name"]))
        return as_json(_label(known, str(body["name"])), 201)

    def add_labels(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, thread = self.thread_of(match)
        thread.labels += [name for name in self._named(project, body["labels"]) if name not in thread.labels]
        thread.updated = self._now()
        return as_json([_label(self.labels_of(project), name) for name in thread.labels])

    def remove_label(self, match: re.Match[str], *_: object) -> Reply:
        project, thread = self.thread_of(match)
        (name,) = self._named(project, [int(match["id"])])
        thread.labels, thread.updated = [label for label in thread.labels if label != name], self._now()
        return Reply(status=204)

    def list_issues(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        project, wanted = self.project_of(match), request.query.get("q", "").lower()
        found = [issue for issue in project.issues.values() if issue.state == "open" and wanted in issue.title.lower()]
        return self.paged([_issue(self, project, issue) for issue in found], request)

    def create_issue(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, moment = self.project_of(match), self._now()
        issue = Ticket(
            number=next_number(project),
            title=str(body["title"]),
            body=str(body["body"]),
            created=moment,
            updated=moment,
            labels=self._named(project, body.get("labels", [])),
        )
        project.issues[issue.number] = issue
        return as_json(_issue(self, project, issue), 201)

    def update_issue(self, match: re.Match[str], _request: Request, body: Json) -> Reply:
        project, thread = self.thread_of(match)
        if isinstance(thread, Pull):
            people = body.get("assignees", thread.assignees)
            assert isinstance(people, list)
            if not set(people) <= set(project.collaborators):
                raise Refusal(422, "Assignee does not exist")
            thread.assignees, thread.milestone = people, int(str(body.get("milestone") or 0)) or thread.milestone
            return as_json(_pull(self, project, thread), 201)
        thread.title, thread.body = str(body.get("title", thread.title)), str(body.get("body", thread.body))
        thread.state, thread.updated = str(body.get("state", thread.state)), self._now()
        return as_json(_issue(self, project, thread), 201)

    def list_milestones(self, match: re.Match[str], request: Request, _body: Json) -> Reply:
        found = enumerate(self.project_of(match).milestones, start=1)
        return self.paged([{"id": number, "title": title} for number, title in found], request)

    def read_user(self, *_: object) -> Reply:
        return as_json(_user(self, LOGIN))

    def list_repositories(self, _match: object, request: Request, _body: Json) -> Reply:
        return self.paged([_repository(self, project) for project in self.projects.values()], request)


_PROJECT = "repos/(?P<project>[^/]+/[^/]+)"
_PULL, _ISSUE = f"{_PROJECT}/pulls/(?P<number>\\d+)", f"{_PROJECT}/issues/(?P<number>\\d+)"
_ID, _SHA = "(?P<id>\\d+)", "(?P<sha>[0-9a-f]{40})"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ROUTES: tuple[tuple[str, str, Callable[..., Reply], frozenset[str]], ...] = (
    ("GET", "user", Gitea.read_user, _words("")),
    ("GET", "user/repos", Gitea.list_repositories, _words("page limit")),
    ("GET", _PROJECT, Gitea.read_repository, _words("")),
    ("GET", f"{_PROJECT}/pulls", Gitea.list_pulls, _words("state sort milestone labels page limit")),
    (
        "POST",
        f"{_PROJECT}/pulls",
        Gitea.create_pull,
        _words("assignee assignees base body due_date head labels milestone title"),
    ),
    ("GET", _PULL, Gitea.read_pull, _words("")),
    ("PATCH", _PULL, Gitea.update_pull, _words("assignees base body labels milestone state title")),
    (
        "POST",
        f"{_PULL}/merge",
        Gitea.merge_pull,
        _words("""Do MergeCommitID MergeMessageField MergeTitleField delete_branch_after_merge force_merge
            head_commit_id merge_when_checks_succeed"""),
    ),
    ("GET", f"{_PULL}/reviews", Gitea.list_reviews, _words("page limit")),
    ("POST", f"{_PULL}/requested_reviewers", Gitea.request_reviewers, _words("reviewers team_reviewers")),
    ("GET", f"{_ISSUE}/comments", Gitea.list_comments, _words("since before page")),
    ("POST", f"{_ISSUE}/comments", Gitea.add_comment, _words("body updated_at")),
    ("PATCH", f"{_PROJECT}/issues/comments/{_ID}", Gitea.edit_comment, _words("body updated_at")),
    ("DELETE", f"{_PROJECT}/issues/comments/{_ID}", Gitea.delete_comment, _words("")),
    ("GET", f"{_PROJECT}/commits/{_SHA}/status", Gitea.read_status, _words("page limit")),
    ("POST", f"{_PROJECT}/statuses/{_SHA}", Gitea.set_status, _words("context description state target_url")),
    (
        "POST",
        f"{_PROJECT}/contents",
        Gitea.change_files,
        _words("author branch committer dates files message new_branch signoff"),
    ),
    ("GET", f"{_PROJECT}/labels", Gitea.list_labels, _words("page limit")),
    ("POST", f"{_PROJECT}/labels", Gitea.create_label, _words("color description exclusive is_archived name")),
    ("POST", f"{_ISSUE}/labels", Gitea.add_labels, _words("labels updated_at")),
    ("DELETE", f"{_ISSUE}/labels/{_ID}", Gitea.remove_label, _words("updated_at")),
    ("GET", f"{_PROJECT}/issues", Gitea.list_issues, _words("state labels q type milestones since page limit")),
    (
        "POST",
        f"{_PROJECT}/issues",
        Gitea.create_issue,
        _words("assignee assignees body closed due_date labels milestone ref title"),
    ),
    ("PATCH", _ISSUE, Gitea.update_issue, _words("assignee assignees body due_date milestone ref state title")),
    ("GET", f"{_PROJECT}/milestones", Gitea.list_milestones, _words("state name page limit")),
    ("GET", f"{_PROJECT}/pulls/(?P<base>[^/]+)/(?P<head>[^/]+)", Gitea.read_pull_by_branches, _words("")),
)


# ---------------------------------------------------------------- what is answered


def _user(server: Gitea, name: str) -> Json:
    return {"id": 1, "login": name, "username": name, "full_name": "", "html_url": f"{server.url}/{name}"}


def _repository(server: Gitea, project: Project) -> Json:
    return {
        "id": project.id,
        "full_name": project.name,
        "default_branch": project.default_branch,
        "empty": not project.git.heads(),
        "archived": project.archived,
        "fork": project.fork,
        "mirror": False,
        "topics": list(project.topics),
        "has_pull_requests": True,
        "permissions": {"admin": False, "push": True, "pull": True},
        "allow_squash_merge": "squash" in project.methods,
        "allow_merge_commits": "merge" in project.methods,
        "allow_rebase": "rebase" in project.methods,
        "html_url": f"{server.url}/{project.name}",
        "clone_url": f"{server.url}/{project.name}.git",
    }


def _pull(server: Gitea, project: Project, pull: Pull) -> dict[str, object]:
    known = server.labels_of(project)
    return {
        "id": 1_000 * project.id + pull.number,
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "state": pull.state,
        "draft": pull.title.upper().startswith(("WIP:", "[WIP]")),
        "user": _user(server, LOGIN),
        "labels": [_label(known, name) for name in pull.labels],
        "assignees": [_user(server, name) for name in pull.assignees] or None,
        "head": {"ref": pull.head, "sha": pull.sha, "repo_id": project.id if pull.fork is None else 1_000},
        "base": {"ref": pull.base, "sha": project.heads.get(pull.base, ""), "repo_id": project.id},
        "merged": pull.merged is not None,
        "merged_at": pull.merged,
        "merge_commit_sha": pull.merge_commit,
        "created_at": pull.created,
        "updated_at": pull.updated,
        "closed_at": pull.closed,
        "html_url": f"{server.url}/{project.name}/pulls/{pull.number}",
    }


def _comment(server: Gitea, remark: Remark) -> Json:
    return {
        "id": remark.id,
        "user": _user(server, remark.author),
        "body": remark.text,
        "created_at": remark.created,
        "updated_at": remark.created,
    }


def _review(server: Gitea, number: int, one: Mapping[str, object]) -> Json:
    author, commit = one["author"], one["commit"]
    assert isinstance(author, dict)
    assert isinstance(commit, dict)
    return {
        "id": number,
        "user": _user(server, str(author["login"])),
        "state": _REVIEWS[str(one["state"])],
        "commit_id": commit["oid"],
        "dismissed": False,
        "stale": False,
    }


def _status(server: Gitea, said: Mapping[str, object]) -> Json:
    word, creator = said.get("state", said.get("conclusion")), said.get("creator")
    return {
        "id": 1,
        "context": said.get("context") or said["name"],
        "status": _STATES[None if word is None else str(word)],
        "description": said.get("description") or "",
        "target_url": said.get("targetUrl") or "",
        "created_at": said.get("createdAt") or said["startedAt"],
        "creator": _user(server, str(creator["login"])) if isinstance(creator, dict) else None,
    }


def _label(known: Sequence[str], name: str) -> Json:
    return {"id": known.index(name) + 1, "name": name, "color": "ededed", "description": ""}


def _issue(server: Gitea, project: Project, issue: Ticket) -> Json:
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or "",
        "state": issue.state,
        "labels": [_label(server.labels_of(project), name) for name in issue.labels],
        "updated_at": issue.updated,
        "html_url": f"{server.url}/{project.name}/issues/{issue.number}",
    }
