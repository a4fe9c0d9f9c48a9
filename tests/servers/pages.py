"""A registry of our own, for what docker-registry never does: paging, rate limits, odd and broken answers.

Tags and manifests are made from names, so that ten thousand tags cost nothing and digests are stable.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Literal

from tests.servers import NOT_FOUND, Reply, Request, Server, as_json

Link = Literal["relative", "absolute", "other-host", "lost-path"]

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class PagedRegistry(Server):
    """``repositories``: name → tags, in the order in which they are served.

    ``most`` is the longest page it gives whatever ``n`` asks for. ``link`` is the form of the link to the next
    page; ``names_digests`` whether answers carry ``Docker-Content-Digest``.
    """

    def __init__(
        self, repositories: dict[str, list[str]] | None = None, *, most: int = 1_000, link: Link = "relative"
    ) -> None:
        super().__init__()
        self.repositories = repositories or {}
        self.most = most
        self.link: Link = link
        self.names_digests = True

    def handle(self, request: Request) -> Reply:
        name, _, rest = request.path.removeprefix("/v2/").rpartition("/tags/")
        if rest == "list":
            return self._tags(name, request)
        name, _, tag = request.path.removeprefix("/v2/").rpartition("/manifests/")
        if tag in self.repositories.get(name, ()):
            return self._manifest(name, tag)
        return NOT_FOUND

    def _tags(self, name: str, request: Request) -> Reply:
        tags = self.repositories.get(name)
        if tags is None:
            return as_json({"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known"}]}, 404)
        size = min(int(request.query.get("n", self.most)), self.most)
        last = request.query.get("last")
        first = tags.index(last) + 1 if last else 0
        page = tags[first : first + size]
        more = first + size < len(tags)
        etag = f'"{hashlib.sha256(repr(page).encode()).hexdigest()[:16]}"'
        headers = {"ETag": etag, **(self._next(name, page[-1], size) if more else {})}
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers=headers)
        return as_json({"name": name, "tags": page}, headers=headers)

    def _next(self, name: str, last: str, size: int) -> dict[str, str]:
        target = f"/v2/{name}/tags/list?n={size}&last={last}"
        places = {
            "relative": target,
            "absolute": f"{self.url}{target}",
            "other-host": f"http://internal.example.com{target}",
            "lost-path": target.replace(f"/{name}/", "/elsewhere/"),
        }
        return {"Link": f'<{places[self.link]}>; rel="next"'}

    def _manifest(self, name: str, tag: str) -> Reply:
        body = manifest_of(name, tag)
        digest = {"Docker-Content-Digest": digest_of(name, tag)} if self.names_digests else {}
        return Reply(body=body, headers={"Content-Type": _MANIFEST, **digest})


def manifest_of(name: str, tag: str) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST, "layers": [], "from": f"{name}:{tag}"}).encode()


def digest_of(name: str, tag: str) -> str:
    return f"sha256:{hashlib.sha256(manifest_of(name, tag)).hexdigest()}"


def many_tags(count: int = 10_000) -> list[str]:
    """1.0.0, 1.0.1, … in the order of their publication."""
    return [f"{number // 100}.{number // 10 % 10}.{number % 10}" for number in range(100, 100 + count)]


# ---------------------------------------------------------------- faults, to be assigned to ``fault``

RATE_LIMITED = Reply(
    status=429,
    body=b'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}',
    headers={
        "Content-Type": "application/json",
        "Docker-RateLimit-Source": "192.0.2.1",
        "RateLimit-Limit": "100;w=21600",
        "RateLimit-Remaining": "0;w=21600",
        "Retry-After": "3600",
    },
)
DOWN = Reply(status=503, body=b"upstream connect error")
DENIED = Reply(status=403, body=b'{"errors":[{"code":"DENIED"}]}')
GARBAGE = Reply(body=b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"})
TRUNCATED = Reply(body=b'{"name":"app","tags":["1.0.0","1.1', headers={"Content-Type": "application/json"})
CUT = Reply(body=b'{"name":"app","tags":["1.0.0","1.1.0"]}', cut=20)
WRONG_SHAPE = as_json({"name": "app", "tags": ["1.0.0", 1.1]})
LIST = as_json(["1.0.0"])
NO_TAGS = as_json({"name": "app"})
EMPTY = Reply()
BREAKAGES = {
    "garbage": GARBAGE,
    "truncated": TRUNCATED,
    "wrong-shape": WRONG_SHAPE,
    "list": LIST,
    "no-tags": NO_TAGS,
    "empty": EMPTY,
}


def circle(name: str = "app") -> Callable[[Request], Reply]:
    """Every page leads to the one before."""
    seen: list[str] = []

    def answer(request: Request) -> Reply:
        seen.append(request.target)
        last = "a" if len(seen) % 2 else "b"
        return as_json({"tags": [last]}, headers={"Link": f'</v2/{name}/tags/list?n=1&last={last}>; rel="next"'})

    return answer


def endless(name: str = "app") -> Callable[[Request], Reply]:
    """There is always one more page."""

    def answer(request: Request) -> Reply:
        number = int(request.query.get("last", "0")) + 1
        link = f'</v2/{name}/tags/list?n=1&last={number}>; rel="next"'
        return as_json({"tags": [f"1.{number}.0"]}, headers={"Link": link})

    return answer


def in_order(replies: Iterable[Reply | None]) -> Callable[[Request], Reply | None]:
    """One reply after the other, then the real ones; None is the real one, too."""
    rest = iter(replies)
    return lambda _: next(rest, None)
