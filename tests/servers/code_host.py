"""What all forges have in common, for their stand-ins: repositories, pull requests, checks, people; time is a counter.

Whether two branches can be merged is found out by merging them. ``fail_next`` makes requests fail; ``log`` holds them
all with their answers. A stand-in adds the addresses and the forms of one forge.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from tests.servers import Asked, Reply, Request, Server, as_json
from tests.servers.githttp import UNAUTHORIZED, Bare, Content, accept_chunks, backend, basic_credentials

LOGIN = "the-bot"

Json = Mapping[str, object]
Method = Literal["merge", "squash"]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request to the API and its answer."""

    method: str
    path: str
    query: Mapping[str, str]
    body: object
    status: int
    answer: object

    @property
    def writes(self) -> bool:
        """Whether it is there to change something; GraphQL reads by POST, too."""
        query = self.body.get("query", "") if isinstance(self.body, dict) else ""
        return self.method != "GET" and not str(query).startswith("query")


@dataclass(kw_only=True)
class Remark:
    """A comment on a pull request or an issue."""

    id: int
    author: str
    text: str
    created: str


@dataclass(kw_only=True)
class Ticket:
    """An issue."""

    number: int
    title: str
    body: str | None
    created: str
    updated: str
    state: str = "open"
    labels: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Pull:
    """A pull request. ``fork`` is the repository it comes from if that is another one, "" if that was deleted."""

    number: int
    title: str
    body: str | None
    head: str
    base: str
    sha: str
    draft: bool
    created: str
    updated: str
    state: str = "open"
    closed: str | None = None
    merged: str | None = None
    merge_commit: str | None = None
    fork: str | None = None
    labels: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[Json] = field(default_factory=list)
    milestone: int | None = None
    auto_merge: str | None = None

    @property
    def comments(self) -> list[str]:
        return [remark.text for remark in self.remarks]


@dataclass(kw_only=True)
class Project:
    """A repository with its pull requests."""

    id: int
    name: str
    git: Bare
    default_branch: str = "main"
    drafts: bool = True
    auto_merge: bool = True
    methods: tuple[str, ...] = ("squash", "merge", "rebase")
    required: tuple[str, ...] = ()
    fork: bool = False
    archived: bool = False
    topics: tuple[str, ...] = ()
    heads: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Ticket] = field(default_factory=dict)
    checks: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    milestones: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ("ada", "bob")


@dataclass(kw_only=True)
class Fault:
    method: str
    path: re.Pattern[str]
    reply: Reply
    times: int
    lost: bool


class Refusal(Exception):
    """Answers a request with an error; ``details`` say more, in the forge's own form."""

    def __init__(self, status: int, message: str, *details: Json) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, details


class CodeHost(Server):
    """``root`` is where the repositories are made. ``tokens`` are those it accepts, with their logins."""

    def __init__(self, root: Path, token: str) -> None:
        super().__init__()
        accept_chunks(self)
        self.root = root
        self.tokens = {token: LOGIN}
        self.projects: dict[str, Project] = {}
        self.log: list[Exchange] = []
        self._faults: list[Fault] = []
        self._seconds = 0
        self._lock = RLock()

    @property
    def endpoint(self) -> str:
        """Where the API is."""
        raise NotImplementedError

    # ------------------------------------------------------------ what others do

    def repository(
        self, name: str, files: Mapping[str, Content] | Bare | None = None, *, default_branch: str = "main"
    ) -> Project:
        """Make a repository, or take a copy of one; without files it has no commits."""
        path = self.root / f"{name}.git"
        bare = files.copy(path) if isinstance(files, Bare) else Bare.make(path, files, branch=default_branch)
        project = Project(id=len(self.projects) + 1, name=name, git=bare, default_branch=default_branch)
        self.projects[name.lower()] = project
        return project

    def foreign_pull(self, project: Project, branch: str, *, fork: str) -> Pull:
        """A pull request from a fork; its commits are not looked at."""
        pull = self._new_pull(project, {"title": "From a fork", "head": branch, "base": project.default_branch})
        pull.fork = fork
        return pull

    def merge(self, project: Project, number: int, method: Method = "merge") -> str:
        """Merge as a person would and return the commit."""
        with self._lock:
            self._refresh(project)
            return str(self._merge(project, project.pulls[number], {"merge_method": method})["sha"])

    def say(self, project: Project, number: int, text: str, *, author: str = "ada") -> None:
        """Comment on a pull request."""
        with self._lock:
            self._remark(project.pulls[number], text, author)

    def check(
        self, project: Project, commit: str, name: str, conclusion: str | None, *, status: str = "COMPLETED"
    ) -> None:
        """Let an App say something of a commit; without a conclusion it is not done yet."""
        self._say_of(
            project,
            commit,
            {
                "__typename": "CheckRun",
                "name": name,
                "status": status if conclusion else "IN_PROGRESS",
                "conclusion": conclusion,
                "title": f"{name} says",
                "detailsUrl": f"{self.url}/checks/{name}",
                "startedAt": self._now(),
                "checkSuite": {"app": {"slug": "some-ci"}},
            },
        )

    def deploy(
        self,
        project: Project,
        commit: str,
        environment: str,
        state: str | None,
        *,
        words: str = "",
        who: str = "argocd",
    ) -> None:
        """Begin a deployment; with a state, say how it goes."""
        made = self._deployment(project, commit, environment, who)
        if state is not None:
            made["latestStatus"] = {
                "state": state,
                "description": words,
                "createdAt": self._now(),
                "creator": actor(who),
                "environmentUrl": f"https://{environment}.example",
                "logUrl": None,
            }

    def _deployment(self, project: Project, commit: str, environment: str, who: str) -> dict[str, Any]:
        made = {
            "databaseId": len(project.deployments) + 1,
            "commitOid": commit,
            "environment": environment,
            "task": "deploy",
            "createdAt": self._now(),
            "creator": actor(who),
            "latestStatus": None,
        }
        project.deployments.insert(0, made)
        return made

    def review(self, project: Project, number: int, author: str, state: str) -> None:
        """Review as a person would; only his latest verdict counts."""
        pull = project.pulls[number]
        pull.reviews = [one for one in pull.reviews if one["author"] != actor(author)]
        pull.reviews.append({"state": state, "author": actor(author), "commit": {"oid": pull.sha}})

    def edit(self, project: Project, number: int, **changes: str) -> None:
        """Change ``title``, ``body`` or ``state`` as a person would."""
        with self._lock:
            self._edit(project, project.pulls[number], changes)

    def fail_next(
        self,
        method: str,
        path: str,
        status: int,
        times: int = 1,
        *,
        message: str = "Server Error",
        headers: Mapping[str, str] | None = None,
        lost: bool = False,
    ) -> None:
        """Answer the next requests whose path matches with an error; ``lost`` ones are carried out before."""
        reply = as_json({"message": message}, status, headers)
        self._faults.append(Fault(method=method, path=re.compile(path), reply=reply, times=times, lost=lost))

    def asked(self, method: str = "", path: str = "") -> list[Exchange]:
        """The requests to the API of this method whose path matches."""
        return [one for one in self.log if one.method.startswith(method) and re.search(path, one.path)]

    # ------------------------------------------------------------ answering

    def answer(self, request: Request) -> Reply:
        with self._lock:
            fault = self._fault_for(request)
            if fault is not None:
                if fault.lost:
                    self.handle(request)
                self.requests.append(Asked(request.method, request.target, fault.reply.status))
                self._note(request, fault.reply)
                return fault.reply
        return super().answer(request)

    def _fault_for(self, request: Request) -> Fault | None:
        for fault in self._faults:
            if fault.times and fault.method == request.method and fault.path.search(request.path):
                fault.times -= 1
                return fault
        return None

    def handle(self, request: Request) -> Reply:
        if re.match(r"/.+\.git/", request.path) and not request.path.startswith("/api/"):
            return self._handle_git(request)
        with self._lock:
            try:
                reply = self.handle_api(request)
            except Refusal as refusal:
                reply = self.refused(refusal)
            reply = self.finished(request, reply)
            self._note(request, reply)
            return reply

    def handle_api(self, request: Request) -> Reply:
        """The answer to a request to the API."""
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> Reply:
        """An error in the forge's form."""
        return as_json({"message": refusal.message}, refusal.status)

    def finished(self, request: Request, reply: Reply) -> Reply:
        """The answer with what the forge adds to each."""
        return reply

    def _handle_git(self, request: Request) -> Reply:
        _, password = basic_credentials(request)
        if password not in self.tokens:
            return UNAUTHORIZED
        return backend(self.root, request, self.tokens[password])

    def _note(self, request: Request, reply: Reply) -> None:
        self.log.append(
            Exchange(
                method=request.method,
                path=request.path,
                query=request.query,
                body=json.loads(request.body) if request.body.startswith((b"{", b"[")) else None,
                status=reply.status,
                answer=json.loads(reply.body) if reply.body else None,
            )
        )

    def _now(self) -> str:
        self._seconds += 1
        hours, seconds = divmod(self._seconds, 3600)
        return f"2026-01-{1 + hours // 24:02}T{hours % 24:02}:{seconds // 60:02}:{seconds % 60:02}Z"

    # ------------------------------------------------------------ pull requests

    def _refresh(self, project: Project) -> None:
        """See what pushes did to the pull requests: a head that moved, was merged by hand or deleted."""
        heads = project.git.heads()
        if heads == project.heads:
            return
        project.heads = heads
        for pull in project.pulls.values():
            if pull.state != "open" or pull.fork is not None:
                continue
            if pull.head not in heads:
                self._close(pull)
                continue
            if heads[pull.head] != pull.sha:
                pull.sha, pull.updated = heads[pull.head], self._now()
            if pull.base in heads and project.git.contains(pull.base, pull.sha):
                self._close(pull, merge_commit=heads[pull.base])

    def _close(self, pull: Pull, merge_commit: str | None = None) -> None:
        pull.state, pull.closed, pull.updated = "closed", self._now(), self._now()
        if merge_commit:
            pull.merged, pull.merge_commit = pull.closed, merge_commit

    def _new_pull(self, project: Project, body: Json) -> Pull:
        moment = self._now()
        head = str(body["head"]).rpartition(":")[2]
        pull = Pull(
            number=next_number(project),
            title=str(body["title"]).strip(),
            body=None if body.get("body") is None else str(body["body"]),
            head=head,
            base=str(body["base"]),
            sha=project.heads.get(head, "0" * 40),
            draft=bool(body.get("draft")),
            created=moment,
            updated=moment,
        )
        project.pulls[pull.number] = pull
        return pull

    def _create(self, project: Project, body: Json) -> Pull:
        heads = project.heads
        head, base = str(body["head"]).rpartition(":")[2], str(body["base"])
        for name, branch in (("base", base), ("head", head)):
            if branch not in heads:
                raise Refusal(422, "Validation Failed", {"resource": "PullRequest", "field": name, "code": "invalid"})
        if project.git.contains(base, heads[head]):
            raise invalid(f"No commits between {base} and {head}")
        opened = [pull for pull in project.pulls.values() if pull.state == "open" and pull.fork is None]
        if any((pull.head, pull.base) == (head, base) for pull in opened):
            raise invalid(f"A pull request already exists for {project.name.partition('/')[0]}:{head}.")
        if body.get("draft") and not project.drafts:
            raise Refusal(422, "Draft pull requests are not supported in this repository.")
        return self._new_pull(project, body)

    def _edit(self, project: Project, pull: Pull, body: Json) -> None:
        pull.title = str(body.get("title", pull.title))
        pull.body = str(body["body"]) if "body" in body else pull.body
        if body.get("state") == "open" and pull.state == "closed":
            if pull.merged or pull.head not in project.heads:
                raise invalid("state cannot be changed. The pull request cannot be reopened.")
            pull.state, pull.closed = "open", None
        if body.get("state") == "closed" and pull.state == "open":
            self._close(pull)
        pull.updated = self._now()

    def _merge(self, project: Project, pull: Pull, body: Json) -> Json:
        if body.get("sha", pull.sha) != pull.sha:
            raise Refusal(409, "Head branch was modified. Review and try the merge again.")
        method = str(body.get("merge_method", "merge"))
        if method not in project.methods:
            raise Refusal(405, f"{method.capitalize()} merges are not allowed on this repository.")
        if not self._may_merge(project, pull):
            raise Refusal(405, f'Required status check "{project.required[0]}" is expected.')
        message = f"Merge pull request #{pull.number} from {pull.head}\n\n{pull.title}"
        linear = method in {"squash", "rebase"}
        commit = project.git.merge(pull.base, pull.sha, message, squash=linear) if pull.state == "open" else None
        if commit is None:
            raise Refusal(405, "Pull Request is not mergeable")
        self._close(pull, merge_commit=commit)
        return {"sha": commit, "merged": True, "message": "Pull Request successfully merged"}

    def _may_merge(self, project: Project, pull: Pull) -> bool:
        good = {
            one.get("context") or one["name"]
            for one in project.checks.get(pull.sha, ())
            if "SUCCESS" in {one.get("state"), one.get("conclusion")}
        }
        return good.issuperset(project.required)

    def _remark(self, pull: Pull, text: str, author: str) -> Remark:
        moment = self._now()
        remark = Remark(id=1_000 * pull.number + len(pull.remarks), author=author, text=text, created=moment)
        pull.remarks.append(remark)
        pull.updated = moment
        return remark

    def _say_of(self, project: Project, commit: str, said: dict[str, object]) -> None:
        name = said.get("context") or said["name"]
        others = [one for one in project.checks.get(commit, ()) if (one.get("context") or one["name"]) != name]
        project.checks[commit] = [*others, said]
        for pull in project.pulls.values():
            if pull.sha == commit and pull.auto_merge and self._may_merge(project, pull):
                self._merge(project, pull, {"merge_method": pull.auto_merge})


def actor(login: str) -> Json:
    """An account, as GraphQL has it: an app's is a bot, and its name lacks what REST puts behind it."""
    return {"__typename": "Bot" if login.endswith("[bot]") else "User", "login": login.removesuffix("[bot]")}


def invalid(message: str) -> Refusal:
    """A pull request that cannot be."""
    return Refusal(422, "Validation Failed", {"resource": "PullRequest", "code": "custom", "message": message})


def next_number(project: Project) -> int:
    """Pull requests and issues are counted together."""
    return max([*project.pulls, *project.issues], default=0) + 1
