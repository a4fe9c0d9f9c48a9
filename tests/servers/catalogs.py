"""Registries that a few lines can stand in for: Galaxy, Jenkins, CircleCI, endoflife.date, Azure, npm, Python, Go.

All are made of ``packages``: name → version → when it was published. Each is strict about what it is asked, as the
real one is, and answers in its own form.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from urllib.parse import unquote

from tests.servers import NOT_FOUND, Reply, Request, Server, as_json

Dates = Mapping[str, str]
Row = dict[str, object]


class Catalog(Server):
    """``packages``: name → version → date. ``notes``: version → what the registry adds to it."""

    def __init__(self, packages: Mapping[str, Dates] | None = None) -> None:
        super().__init__()
        self.packages: dict[str, Dates] = dict(packages or {})
        self.notes: dict[str, Row] = {}

    def note(self, version: str) -> Row:
        return self.notes.get(version, {})


def _newest_first(versions: Dates) -> list[tuple[str, str]]:
    return list(versions.items())[::-1]


class Galaxy(Catalog):
    """Roles (the newest eleven versions, as Galaxy has it) and collections (pages of ``most``), named ``a.b``.

    ``root`` is where the API is: ``/api``, or the path of a private hub.
    """

    def __init__(self, packages: Mapping[str, Dates] | None = None, *, root: str = "/api", most: int = 100) -> None:
        super().__init__(packages)
        self.root, self.most = root, most

    def handle(self, request: Request) -> Reply:
        path = request.path.removeprefix(self.root)
        if path == request.path:
            return NOT_FOUND
        if path == "/v1/roles/":
            return self._roles(request.query)
        for prefix in ("/v3/collections/", "/v3/plugin/ansible/content/published/collections/index/"):
            if path.startswith(prefix) and path.endswith("/versions/"):
                return self._collection(path.removeprefix(prefix).removesuffix("/versions/"), request)
        return NOT_FOUND

    def _roles(self, query: Mapping[str, str]) -> Reply:
        versions = self.packages.get(f"{query['owner__username']}.{query['name']}")
        if versions is None:
            return as_json({"count": 0, "next": None, "results": []})
        listed = [{"name": version, "release_date": date} for version, date in _newest_first(versions)]
        role = {
            "name": query["name"],
            "github_user": query["owner__username"],
            "github_repo": f"ansible-role-{query['name']}",
            "summary_fields": {"versions": listed[:11]},
        }
        return as_json({"count": 1, "next": None, "results": [role]})

    def _collection(self, path: str, request: Request) -> Reply:
        versions = self.packages.get(path.replace("/", "."))
        if versions is None:
            return as_json({"errors": [{"status": "404", "code": "not_found", "title": "Not found."}]}, 404)
        size, first = min(int(request.query["limit"]), self.most), int(request.query.get("offset", 0))
        rows = [{"version": version, "created_at": date} for version, date in _newest_first(versions)]
        more = f"{request.path}?limit={size}&offset={first + size}" if first + size < len(rows) else None
        return as_json({"meta": {"count": len(rows)}, "links": {"next": more}, "data": rows[first : first + size]})


class UpdateCenter(Catalog):
    """All versions of all Jenkins plugins in one file, with an ETag."""

    def handle(self, request: Request) -> Reply:
        if request.path != "/current/plugin-versions.json":
            return NOT_FOUND
        plugins = {name: {version: self._version(name, version, date) for version, date in versions.items()}
                   for name, versions in self.packages.items()}  # fmt: skip
        body = json.dumps({"plugins": plugins, "updateCenterVersion": 1}).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body=body, headers={"ETag": etag, "Content-Type": "application/json"})

    def _version(self, name: str, version: str, date: str) -> Row:
        return {
            "buildDate": "Jan 01, 2024",
            "dependencies": [{"name": "structs", "optional": False, "version": "1.7"}],
            "name": name,
            "releaseTimestamp": date,
            "requiredCore": "2.440.3",
            "sha256": "0" * 43 + "=",
            "url": f"https://updates.example.com/download/plugins/{name}/{version}/{name}.hpi",
            "version": version,
        }


class CircleCi(Catalog):
    """One GraphQL query: the versions of an orb, as many as are asked for, newest first."""

    def handle(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/graphql-unstable"):
            return NOT_FOUND
        asked = json.loads(request.body)
        if "versions(count: 1000)" not in asked["query"] or list(asked["variables"]) != ["name"]:
            return as_json({"errors": [{"message": "Cannot query that."}]})
        versions = self.packages.get(asked["variables"]["name"])
        rows = [{"version": version, "createdAt": date} for version, date in _newest_first(versions or {})]
        return as_json({"data": {"orb": None if versions is None else {"versions": rows[:1_000]}}})


class EndOfLife(Catalog):
    """Products: a release cycle for each version; a note may change it."""

    def handle(self, request: Request) -> Reply:
        versions = self.packages.get(request.path.removeprefix("/api/v1/products/"))
        if versions is None:
            return NOT_FOUND
        cycles = [self._cycle(version, date) for version, date in _newest_first(versions)]
        return as_json({"schema_version": "1.2.0", "result": {"releases": cycles}})

    def _cycle(self, version: str, date: str) -> Row:
        latest = {"name": version, "date": date[:10], "link": None}
        name = version.rpartition(".")[0]
        return {"name": name, "releaseDate": "2020-01-01", "isEol": False, "latest": latest, **self.note(version)}


class AzureDevOps(Catalog):
    """The tasks that are installed in the organisation ``acme``, and the folders that GitHub has of them."""

    def handle(self, request: Request) -> Reply:
        if request.path == "/repos/microsoft/azure-pipelines-tasks/contents/Tasks":
            return as_json([{"name": name, "type": "dir"} for name in ("Common", "BashV3", "BashV4", "AzureCLIV2")])
        if request.path != "/acme/_apis/distributedtask/tasks":
            return NOT_FOUND
        if "authorization" not in request.headers:
            return Reply(
                status=203, body=b"<!DOCTYPE html><title>Sign in</title>", headers={"Content-Type": "text/html"}
            )
        tasks = [self._task(name, version) for name, versions in self.packages.items() for version in versions]
        return as_json({"count": len(tasks), "value": tasks})

    def id_of(self, name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    def _task(self, name: str, version: str) -> Row:
        major, minor, patch = map(int, version.split("."))
        return {
            "id": self.id_of(name),
            "name": name,
            "version": {"major": major, "minor": minor, "patch": patch, "isTest": False},
            "contributionIdentifier": "acme.tools",
            **self.note(version),
        }


class NpmRegistry(Catalog):
    """Whole descriptions of packages; a version's note stands beside it."""

    def handle(self, request: Request) -> Reply:
        name = unquote(request.target.removeprefix("/"))
        versions = self.packages.get(name)
        if versions is None or "/" in request.target.removeprefix("/"):  # the name of a scope ends with %2F
            return as_json({"error": "Not found"}, 404)
        return as_json(
            {
                "name": name,
                "dist-tags": {"latest": max(versions)},
                "versions": {version: {"version": version, **self.note(version)} for version in versions},
                "time": {"created": "2020-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z", **versions},
                "repository": {"type": "git", "url": f"git+https://github.com/acme/{name.rpartition('/')[2]}.git"},
            }
        )


class PythonIndex(Catalog):
    """Projects with a wheel and an archive for each version; ``speaks_json`` as PEP 691 has it, or HTML only."""

    speaks_json = True

    def handle(self, request: Request) -> Reply:
        name = request.path.removeprefix("/simple/").removesuffix("/")
        versions = self.packages.get(name)
        if versions is None or request.path != f"/simple/{name}/":
            return NOT_FOUND
        files = [row for version, date in versions.items() for row in self._files(name, version, date)]
        if self.speaks_json and "application/vnd.pypi.simple.v1+json" in request.headers.get("accept", ""):
            body = json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()
            return Reply(body=body, headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})
        links = "".join(_link(row) for row in files)
        page = f"<!DOCTYPE html><html><body><h1>Links for {name}</h1>{links}</body></html>"
        return Reply(body=page.encode(), headers={"Content-Type": "text/html; charset=UTF-8"})

    def _files(self, name: str, version: str, date: str) -> list[Row]:
        wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        archive = {"filename": f"{name}-{version}.tar.gz", "upload-time": "2030-01-01T00:00:00Z", "yanked": False}
        return [{"filename": wheel, "upload-time": date, "yanked": False}, archive | self.note(version)]


def _link(row: Row) -> str:
    yanked = ' data-yanked="broken"' if row["yanked"] else ""
    name = row["filename"]
    return f'<a href="../../files/{name}#sha256=00" data-requires-python="&gt;=3.9"{yanked}>{name}</a><br>\n'


class GoProxy(Catalog):
    """Modules by their escaped paths; ``knows_latest`` as a proxy need not."""

    knows_latest = True

    def handle(self, request: Request) -> Reply:
        for path, versions in self.packages.items():
            if request.path == f"/{path}/@v/list":
                tagged = [version for version in versions if not version.startswith("v0.0.0-")]
                return Reply(body="".join(f"{version}\n" for version in tagged).encode())
            if request.path == f"/{path}/@latest" and self.knows_latest:
                version = list(versions)[-1]
                return as_json({"Version": version, "Time": versions[version]})
        return Reply(status=410, body=b"not found: module lookup disabled")
