"""The part of GitHub that tells versions: releases (REST), both (GraphQL), and the repositories themselves over Git.

The repositories are real, bare ones; Git's own ``git http-backend`` serves them. The three faces of GitHub
(github.com, api.github.com and an Enterprise server's /api/v3) are told apart by their paths.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import NOT_FOUND, Reply, Request, Server, as_json
from tests.servers.github_graphql import Published, execute

TOKEN = "ghp_test"
_GIT_PATH = re.compile(r"(?P<name>/.+?)(?:\.git)?(?P<service>/(?:info/refs|git-upload-pack))")
_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_SOMEONE = "Test <test@example.com> 1704067200 +0000"

RATE_LIMITED = Reply(
    status=403,
    body=b'{"message":"API rate limit exceeded for 192.0.2.1."}',
    headers={"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"},
)
BAD_CREDENTIALS = as_json({"message": "Bad credentials"}, 401)


class Forge(Server):
    """``with Forge() as forge: forge.repository("team/app", tags=["v1.0.0"], releases=["v1.0.0"])``.

    ``private`` forges give nothing to who does not show ``TOKEN``; others answer REST without one, GraphQL never.
    """

    def __init__(self, *, private: bool = False) -> None:
        super().__init__()
        self.private = private
        self.published: dict[str, Published] = {}
        self.files: dict[str, str] = {}
        """What stands at some addresses beside all that: path → text."""
        self._root = Path(tempfile.mkdtemp(prefix="forge-"))

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self._root)

    def repository(
        self,
        name: str,
        *,
        tags: Sequence[str] = (),
        annotated: Sequence[str] = (),
        releases: Sequence[str] = (),
        prereleases: Sequence[str] = (),
        drafts: Sequence[str] = (),
    ) -> None:
        """Make a repository; the later a tag or release stands in its list, the newer it is."""
        commits = self._make(name, [*tags, *annotated], frozenset(annotated))
        dates = {tag: _date(day) for day, tag in enumerate(commits)}
        listed = {tag: (commit, dates[tag], tag in annotated) for tag, commit in commits.items()}
        marked = [(tag, tag in prereleases, tag in drafts) for tag in (*releases, *prereleases, *drafts)]
        self.published[name] = Published(
            tags=dict(reversed(listed.items())),
            releases=[
                {"tag_name": tag, "prerelease": pre, "draft": draft, "published_at": None if draft else _date(day)}
                for day, (tag, pre, draft) in reversed(list(enumerate(marked)))
            ],
        )

    def commit(self, name: str, ref: str) -> str:
        """The commit that a branch or tag of a repository points at."""
        return self._refs(name)[ref]

    def _make(self, name: str, tags: Sequence[str], annotated: frozenset[str]) -> dict[str, str]:
        """A bare repository with a commit on ``main`` for each tag, in one ``git fast-import``; tag → commit."""
        path = self._root / f"{name}.git"
        subprocess.run(["git", "init", "-q", "--bare", "--template=", "-b", "main", str(path)], check=True)
        stream = [_commit(number, tag) for number, tag in enumerate(tags or ["none"], 1)]
        stream += [_tag(number, tag, annotated=tag in annotated) for number, tag in enumerate(tags, 1)]
        command = ["git", "-C", str(path), "fast-import", "--quiet"]
        subprocess.run(command, input="".join(stream), check=True, text=True)
        refs = self._refs(name)
        return {tag: refs[tag] for tag in tags}

    def _refs(self, name: str) -> dict[str, str]:
        """Short ref name → commit."""
        shape = "--format=%(refname:lstrip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
        command = ["git", "-C", str(self._root / f"{name}.git"), "for-each-ref", shape]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        return dict(line.split() for line in lines)

    # ------------------------------------------------------------ answering

    def handle(self, request: Request) -> Reply:
        shown = request.headers.get("authorization", "")
        knows = shown in (f"Bearer {TOKEN}", f"token {TOKEN}")
        if shown.startswith(("Bearer ", "token ")) and not knows:
            return BAD_CREDENTIALS
        if request.path in self.files:
            return Reply(body=self.files[request.path].encode())
        path = request.path.removeprefix("/api/v3").removeprefix("/api")
        if path == "/graphql":
            return self._graphql(request) if knows else as_json({"message": "Requires authentication"}, 401)
        if path.startswith("/repos/"):
            return NOT_FOUND if self.private and not knows else self._rest(path, request)
        return self._git_over_http(request)

    def _rest(self, path: str, request: Request) -> Reply:
        name, _, rest = path.removeprefix("/repos/").rpartition("/")
        published = self.published.get(name)
        if published is None or rest != "releases":
            return NOT_FOUND
        page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 30))
        chosen = published.releases[(page - 1) * size : page * size]
        more = page * size < len(published.releases)
        link = {"Link": f'<{self.url}{path}?per_page={size}&page={page + 1}>; rel="next"'} if more else {}
        return as_json(chosen, headers=link)

    def _graphql(self, request: Request) -> Reply:
        return as_json(execute(_json(request.body), self.published))

    def _git_over_http(self, request: Request) -> Reply:
        """CGI, as https://git-scm.com/docs/git-http-backend has it; the name may lack its ``.git``."""
        parts = _GIT_PATH.fullmatch(request.path)
        if parts is None:
            return NOT_FOUND
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REQUEST_METHOD": request.method,
            "PATH_INFO": f"{parts['name']}.git{parts['service']}",
            "QUERY_STRING": urlsplit(request.target).query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=request.body, capture_output=True, check=False, env=environment
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        return Reply(status=int(headers.pop("Status", "200 OK").split()[0]), body=body, headers=headers)


def _commit(mark: int, message: str) -> str:
    """https://git-scm.com/docs/git-fast-import."""
    return f"commit refs/heads/main\nmark :{mark}\ncommitter {_SOMEONE}\n{_data(message)}"


def _tag(mark: int, name: str, *, annotated: bool) -> str:
    if annotated:
        return f"tag {name}\nfrom :{mark}\ntagger {_SOMEONE}\n{_data(name)}"
    return f"reset refs/tags/{name}\nfrom :{mark}\n\n"


def _data(message: str) -> str:
    return f"data {len(message.encode())}\n{message}\n"


def _date(day: int) -> str:
    return (_DAY + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(body: bytes) -> Mapping[str, object]:
    value = json.loads(body)
    assert isinstance(value, dict)
    return value
