"""The registries of the demo: one small HTTP server on loopback that speaks as each of them.

It offers what :mod:`updater.demo.catalog` lists, with the contents that :mod:`updater.demo.artifacts` makes, in the
protocols of the real hosts:

- container registries: https://github.com/opencontainers/distribution-spec/blob/main/spec.md and
  https://distribution.github.io/distribution/spec/auth/token/
- Helm repositories: https://helm.sh/docs/topics/chart_repository/
- Terraform: https://developer.hashicorp.com/terraform/internals/provider-registry-protocol and
  https://developer.hashicorp.com/terraform/internals/module-registry-protocol
- GitHub: https://docs.github.com/rest/releases/releases, https://docs.github.com/rest/repos/repos#list-repository-tags
- Git: the "dumb" half of https://git-scm.com/docs/http-protocol, enough for ``git ls-remote``
"""

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from updater.demo.artifacts import (
    INDEX,
    MANIFEST,
    Blob,
    Store,
    encoded,
    git_commit,
    git_references,
    helm_index,
    program_name,
    provider_downloads,
    provider_files,
    store,
)
from updater.demo.catalog import CHARTS, IMAGES, MODULES, PLATFORMS, PROVIDERS, REPOSITORIES, Image, instant

PAGE = 20
"""The most tags a container registry lists at once: few, so that a client that does not page is found out."""


class Exchange(NamedTuple):
    """One request as it was answered; ``path`` includes the query."""

    method: str
    host: str
    path: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registries:
    """The running registries.

    ``routes`` maps each host to the URL that stands for it on loopback: the URL of a request is the route, then
    the path and query of the original URL. ``requests`` grows with each answer.
    """

    routes: Mapping[str, str]
    requests: Sequence[Exchange]


@contextmanager
def serve() -> Iterator[Registries]:
    """Run the registries on a free port of 127.0.0.1 until the block ends."""
    with _Server() as server:
        # The interval bounds how long ending the block takes.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        try:
            yield Registries(routes={host: f"{base}{_PREFIX}{host}" for host in _HOSTS}, requests=server.exchanges)
        finally:
            server.shutdown()
            thread.join()


# ---------------------------------------------------------------- requests and answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to ``host``; ``headers`` have lower-case names."""

    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(request: Request) -> Answer:
    """What ``request.host`` answers. Pure."""
    handler = _HOSTS.get(request.host)
    return _NOT_FOUND if handler is None else handler(request)


_NOT_FOUND = Answer(status=404, content=b"not found\n", headers={"Content-Type": "text/plain"})


def _json(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(
        status=status, content=encoded(value), headers={"Content-Type": "application/json", **(headers or {})}
    )


def _revalidated(request: Request, full: Answer) -> Answer:
    """``full`` with an ETag, or 304 if the client has it already."""
    etag = f'"{hashlib.sha256(full.content).hexdigest()}"'
    if request.headers.get("if-none-match") == etag:
        return Answer(status=304, headers={"ETag": etag})
    return Answer(content=full.content, headers={**full.headers, "ETag": etag})


def _number(request: Request, name: str) -> int:
    """A number in the query; 0 where it is missing or none."""
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else 0


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


# ---------------------------------------------------------------- container registries

_REALMS = {
    "ghcr.io": 'realm="https://ghcr.io/token",service="ghcr.io"',
    "registry-1.docker.io": 'realm="https://auth.docker.io/token",service="registry.docker.io"',
}
_GOOGLE = ("registry.k8s.io",)
_CONTAINER_PATH = re.compile(r"/v2/(?P<repository>.+)/(?P<kind>tags|manifests|blobs)/(?P<reference>[^/]+)")


def _container_registry(request: Request) -> Answer:
    match = _CONTAINER_PATH.fullmatch(request.path)
    repository = match["repository"] if match else ""
    if request.host in _REALMS and not _authorised(request, repository):
        return _challenge(request.host, repository)
    if request.path == "/v2/":
        return _json({})
    if match is None or repository not in IMAGES[request.host]:
        return _registry_error(404, "NAME_UNKNOWN", "repository name not known to registry")
    stored = store(request.host, repository)
    if match["kind"] == "tags":
        return _tags(request, repository, stored)
    digest = stored.tags.get(match["reference"], match["reference"])
    return _blob(request, stored.blobs.get(digest))


def _tags(request: Request, repository: str, store: Store) -> Answer:
    """One page of tags, in lexical order, with the way to the next."""
    rest = [tag for tag in sorted(store.tags) if tag > request.query.get("last", "")]
    size = min(_number(request, "n") or PAGE, PAGE)
    page = rest[:size]
    listing: dict[str, object] = {"name": repository, "tags": page}
    if request.host in _GOOGLE:
        listing["manifest"] = _uploads(IMAGES[request.host][repository], store)
    if len(rest) == len(page):
        return _json(listing)
    following = urlencode({"last": page[-1], "n": size})
    return _json(listing, headers={"Link": f'<{request.path}?{following}>; rel="next"'})


def _uploads(image: Image, store: Store) -> dict[str, object]:
    """What Google's registries say beside the tags: digest → its tag, with the time of upload in milliseconds."""
    return {
        store.tags[tag]: {"tag": [tag], "timeUploadedMs": f"{datetime.fromisoformat(instant(date)).timestamp():.0f}000"}
        for tag, date in image.tags.items()
    }


def _blob(request: Request, blob: Blob | None) -> Answer:
    if blob is None:
        return _registry_error(404, "MANIFEST_UNKNOWN", "manifest unknown")
    accept = request.headers.get("accept", "*/*")
    if blob.media_type in (INDEX, MANIFEST) and blob.media_type not in accept and "*/*" not in accept:
        return _registry_error(404, "MANIFEST_UNKNOWN", f"found {blob.media_type}, which the Accept header excludes")
    return Answer(content=blob.content, headers={"Content-Type": blob.media_type, "Docker-Content-Digest": blob.digest})


def _registry_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    return _json({"errors": [{"code": code, "message": message}]}, status=status, headers=headers)


def _challenge(host: str, repository: str) -> Answer:
    scope = f',scope="{_pull(repository)}"' if repository else ""
    header = {"WWW-Authenticate": f"Bearer {_REALMS[host]}{scope}"}
    return _registry_error(401, "UNAUTHORIZED", "authentication required", header)


def _authorised(request: Request, repository: str) -> bool:
    """Whether the request has a token: that of the repository, or any one where no repository is asked for.

    What is public at GHCR, which all of this is, opens to anybody's token; datasources/_oci_access.py says more.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    is_anybody = request.host == "ghcr.io" and token == "QQ=="  # noqa: S105 - it is no secret
    return scheme == "Bearer" and (not repository or is_anybody or token == _token(_pull(repository)))


def _issue_token(request: Request) -> Answer:
    if request.path != "/token":
        return _NOT_FOUND
    token = _token(request.query.get("scope", ""))
    return _json({"token": token, "access_token": token, "expires_in": 300})


def _pull(repository: str) -> str:
    return f"repository:{repository}:pull"


def _token(scope: str) -> str:
    return hashlib.sha256(f"anonymous, for {scope}".encode()).hexdigest()


def _ghcr(request: Request) -> Answer:
    return _issue_token(request) if request.path == "/token" else _container_registry(request)


# ---------------------------------------------------------------- Helm repositories


def _helm_repository(request: Request) -> Answer:
    charts = CHARTS.get(f"https://{request.host}{request.path.removesuffix('/index.yaml')}")
    if charts is None or not request.path.endswith("/index.yaml"):
        return _NOT_FOUND
    return _revalidated(
        request, Answer(content=helm_index(charts).encode(), headers={"Content-Type": "application/x-yaml"})
    )


# ---------------------------------------------------------------- Terraform


def _download(request: Request) -> Answer:
    content = provider_downloads().get(f"https://{request.host}{request.path}")
    if content is None:
        return _NOT_FOUND
    return Answer(content=content, headers={"Content-Type": "application/octet-stream"})


def _terraform_registry(request: Request) -> Answer:
    match _segments(request.path):
        case [".well-known", "terraform.json"]:
            return _json({"modules.v1": "/v1/modules/", "providers.v1": "/v1/providers/"})
        case ["v1", "providers", namespace, name, *rest] if f"{namespace}/{name}" in PROVIDERS:
            return _provider_v1(f"{namespace}/{name}", rest)
        case ["v2", "providers", namespace, name] if f"{namespace}/{name}" in PROVIDERS:
            return _json_api("provider", f"{namespace}/{name}", PROVIDERS[f"{namespace}/{name}"].versions, request)
        case ["v1", "modules", *names, "versions"] if "/".join(names) in MODULES:
            return _module_versions("/".join(names))
        case ["v2", "modules", *names] if "/".join(names) in MODULES:
            return _json_api("module", "/".join(names), MODULES["/".join(names)], request)
    return _json({"errors": ["Not Found"]}, status=404)


def _provider_v1(name: str, rest: Sequence[str]) -> Answer:
    provider = PROVIDERS[name]
    match rest:
        case ["versions"]:
            return _provider_versions(name, provider.versions)
        case [version, "download", os, arch] if version in provider.versions and f"{os}_{arch}" in PLATFORMS:
            return _provider_package(name, version, os, arch)
    return _json({"errors": ["Not Found"]}, status=404)


def _provider_versions(name: str, versions: Iterable[str]) -> Answer:
    platforms = [dict(zip(("os", "arch"), platform.split("_"), strict=True)) for platform in PLATFORMS]
    offered = [{"version": version, "protocols": ["5.0"], "platforms": platforms} for version in versions]
    return _json({"id": name, "versions": offered, "warnings": None})


def _provider_package(name: str, version: str, os: str, arch: str) -> Answer:
    filename = f"{program_name(name)}_{version}_{os}_{arch}.zip"
    base = PROVIDERS[name].files.format(version=version)
    package = {
        "protocols": ["5.0"],
        "os": os,
        "arch": arch,
        "filename": filename,
        "download_url": base + filename,
        "shasums_url": f"{base}{program_name(name)}_{version}_SHA256SUMS",
        "shasum": hashlib.sha256(provider_files(name, version)[filename]).hexdigest(),
        "signing_keys": {"gpg_public_keys": []},
    }
    return _json(package)


def _module_versions(name: str) -> Answer:
    versions = [{"version": version} for version in MODULES[name]]
    return _json({"modules": [{"source": name, "versions": versions}]})


def _json_api(kind: str, name: str, versions: Mapping[str, str], request: Request) -> Answer:
    """The undocumented second API of the public registry, the only one with dates."""
    included = [
        {
            "type": f"{kind}-versions",
            "id": str(number),
            "attributes": {"version": version, "tag": f"v{version}", "published-at": instant(published)},
        }
        for number, (version, published) in enumerate(versions.items(), start=1)
    ]
    links = [{"type": version["type"], "id": version["id"]} for version in included]
    document: dict[str, object] = {
        "data": {
            "type": f"{kind}s",
            "id": name,
            "attributes": {"full-name": name, "source": _source(name)},
            "relationships": {f"{kind}-versions": {"data": links}},
        },
    }
    if request.query.get("include") == f"{kind}-versions":
        document["included"] = included
    return _json(document)


def _source(name: str) -> str:
    """Where a provider (``hashicorp/aws``) or a module (``terraform-aws-modules/vpc/aws``) is developed."""
    namespace, name, *target = name.split("/")
    return f"https://github.com/{namespace}/terraform-{target[0] if target else 'provider'}-{name}"


# ---------------------------------------------------------------- GitHub and Git


def _github_api(request: Request) -> Answer:
    match _segments(request.path):
        case ["repos", owner, name, "releases"] if f"{owner}/{name}" in REPOSITORIES:
            return _pages(request, _github_releases(f"{owner}/{name}"))
        case ["repos", owner, name, "tags"] if f"{owner}/{name}" in REPOSITORIES:
            return _pages(request, _github_tags(f"{owner}/{name}"))
    return _json({"message": "Not Found", "status": "404"}, status=404)


def _github_releases(name: str) -> list[object]:
    repository = REPOSITORIES[name]
    if not repository.releases:
        return []
    return [
        {
            "id": number,
            "tag_name": tag,
            "name": tag,
            "draft": False,
            "prerelease": "-" in tag,
            "created_at": instant(published),
            "published_at": instant(published),
            "html_url": f"https://github.com/{name}/releases/tag/{tag}",
            "body": "",
        }
        for number, (tag, published) in sorted(enumerate(repository.tags.items(), start=1), reverse=True)
    ]


def _github_tags(name: str) -> list[object]:
    return [{"name": tag, "commit": {"sha": git_commit(name, tag)}} for tag in sorted(REPOSITORIES[name].tags)]


def _pages(request: Request, items: Sequence[object]) -> Answer:
    size = min(_number(request, "per_page") or 30, 100)
    page = _number(request, "page") or 1
    following = urlencode({**request.query, "page": page + 1})
    link = f'<https://{request.host}{request.path}?{following}>; rel="next"'
    headers = {"Link": link} if len(items) > page * size else {}
    return _revalidated(request, _json(items[(page - 1) * size : page * size], headers=headers))


def _github(request: Request) -> Answer:
    match _segments(request.path):
        case [owner, name, "info", "refs"]:
            return _references(f"{owner}/{name.removesuffix('.git')}")
        case [_, _, "HEAD"]:
            return Answer(content=b"ref: refs/heads/main\n", headers={"Content-Type": "text/plain"})
    return _download(request)


def _references(name: str) -> Answer:
    if name not in REPOSITORIES:
        return _NOT_FOUND
    content = "".join(f"{target}\t{reference}\n" for reference, target in git_references(name).items())
    return Answer(content=content.encode(), headers={"Content-Type": "text/plain"})


# ---------------------------------------------------------------- the server

_HOSTS: Mapping[str, Callable[[Request], Answer]] = {
    "ghcr.io": _ghcr,
    "registry-1.docker.io": _container_registry,
    "auth.docker.io": _issue_token,
    "hub.docker.com": lambda _request: _NOT_FOUND,  # its own API knows none of the sample's images
    "quay.io": _container_registry,
    "registry.k8s.io": _container_registry,
    **{urlsplit(url).netloc: _helm_repository for url in CHARTS},
    "registry.terraform.io": _terraform_registry,
    "releases.hashicorp.com": _download,
    "api.github.com": _github_api,
    "github.com": _github,
}


_PREFIX = "/_host/"


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # of connections that do not fit, TCP tries again after a second

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.exchanges: list[Exchange] = []


class _Handler(BaseHTTPRequestHandler):
    """Finds out whom a request is meant for: by ``/_host/NAME`` in front of the path, else by the Host header."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answer, and note that it was asked."""
        host, target = self._addressee()
        parts = urlsplit(target)
        reply = answer(
            Request(
                host=host,
                path=parts.path,
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
            )
        )
        self.server.exchanges.append(Exchange(self.command, host, target, reply.status))
        self._send(reply)

    def do_HEAD(self) -> None:
        """As GET, without the body."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name in the base class)
        """Print nothing: ``requests`` has it all."""

    def _addressee(self) -> tuple[str, str]:
        if not self.path.startswith(_PREFIX):
            return self.headers.get("Host", ""), self.path
        host, _, target = self.path.removeprefix(_PREFIX).partition("/")
        return host, f"/{target}"

    def _send(self, reply: Answer) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)
