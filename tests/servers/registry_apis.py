"""What stands beside registries: the web APIs of Docker Hub and quay.io, and AWS, which gives out passwords for ECR.

Each is strict: it refuses what the real one does not document.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from tests.servers import NOT_FOUND, Reply, Request, Server, as_json

FIRST_PUSH = datetime(2024, 1, 1, tzinfo=UTC)


def digest_of(tag: str) -> str:
    return f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"


def pushed_at(number: int) -> datetime:
    """When the tag at this place of a list was pushed: one a day."""
    return FIRST_PUSH + timedelta(days=number)


class DockerHub(Server):
    """``repositories``: name → tags in the order in which they were pushed. ``platforms``: those of every tag.

    ``counted`` is what it says is the number of tags, if that is not theirs.
    """

    def __init__(
        self,
        repositories: Mapping[str, Sequence[str]],
        *,
        platforms: Sequence[str] = ("linux/amd64",),
        counted: int | None = None,
    ) -> None:
        super().__init__()
        self.repositories, self.platforms, self.counted = repositories, platforms, counted

    def handle(self, request: Request) -> Reply:
        if request.method != "GET" or "authorization" in request.headers:
            return Reply(status=401)
        match = re.fullmatch(r"/v2/namespaces/([^/]+)/repositories/([^/]+)/tags(?:/([^/]+))?", request.path)
        tags = self.repositories.get(f"{match[1]}/{match[2]}") if match else None
        if match is None or tags is None:
            return as_json({"message": "object not found", "errinfo": {}}, 404)
        if match[3] is None:
            return self._list(tags, request)
        if match[3] not in tags:
            return as_json({"message": f"tag '{match[3]}' not found", "errinfo": {}}, 404)
        return as_json(self._tag(tags, match[3]))

    def _list(self, tags: Sequence[str], request: Request) -> Reply:
        size, page = min(100, int(request.query.get("page_size", 10))), int(request.query.get("page", 1))
        if request.query.get("ordering") != "last_updated":
            return Reply(status=400)
        newest_first = list(reversed(tags))
        shown = newest_first[(page - 1) * size : page * size]
        path = urlsplit(request.target).path
        more = f"https://hub.docker.com{path}?page_size={size}&ordering=last_updated&page={page + 1}"
        return as_json(
            {
                "count": self.counted or len(tags),
                "next": more if page * size < len(tags) else None,
                "previous": None,
                "results": [self._tag(tags, tag) for tag in shown],
            }
        )

    def _tag(self, tags: Sequence[str], tag: str) -> dict[str, object]:
        pushed = pushed_at(tags.index(tag)).isoformat().replace("+00:00", ".123456Z")
        images = []
        for platform in self.platforms:
            system, architecture, variant = [*platform.split("/"), None][:3]
            images.append({"architecture": architecture, "os": system, "variant": variant, "digest": digest_of("x")})
        return {
            "name": tag,
            "images": images,
            "last_updated": pushed,
            "tag_last_pushed": pushed,
            "tag_status": "active",
            "content_type": "image",
            "digest": digest_of(tag),
        }


class Quay(Server):
    """``repositories``: name → tags in the order in which they were pushed; other paths go to ``registry``."""

    def __init__(self, repositories: Mapping[str, Sequence[str]], registry: Server | None = None) -> None:
        super().__init__()
        self.repositories, self.registry = repositories, registry

    def handle(self, request: Request) -> Reply:
        match = re.fullmatch(r"/api/v1/repository/([^/]+/[^/]+)/tag/", request.path)
        if match is None:
            return self.registry.answer(request) if self.registry is not None else NOT_FOUND
        if "authorization" in request.headers or match[1] not in self.repositories:
            return as_json({"error_type": "insufficient_scope"}, 401)
        if request.query.get("onlyActiveTags") != "true":
            return Reply(status=400)
        tags = self.repositories[match[1]]
        shown = [tag for tag in reversed(tags) if request.query.get("specificTag", tag) == tag]
        size, page = min(100, int(request.query.get("limit", 50))), int(request.query.get("page", 1))
        return as_json(
            {
                "tags": [self._tag(tags, tag) for tag in shown[(page - 1) * size : page * size]],
                "page": page,
                "has_additional": page * size < len(shown),
            }
        )

    def _tag(self, tags: Sequence[str], tag: str) -> dict[str, object]:
        pushed = pushed_at(tags.index(tag))
        return {
            "name": tag,
            "reversion": False,
            "start_ts": int(pushed.timestamp()),
            "last_modified": pushed.strftime("%a, %d %b %Y %H:%M:%S -0000"),
            "manifest_digest": digest_of(tag),
            "is_manifest_list": True,
            "size": 17,
        }


class Aws(Server):
    """``GetAuthorizationToken`` of one region, for whoever signs with ``key`` and ``secret``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """

    def __init__(self, *, key: str, secret: str, region: str, password: str) -> None:
        super().__init__()
        self._key, self._secret, self._region, self._password = key, secret, region, password

    def handle(self, request: Request) -> Reply:
        if request.method != "POST" or request.path != "/":
            return NOT_FOUND
        if request.headers.get("x-amz-target") != "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken":
            return as_json({"__type": "UnknownOperationException"}, 400)
        if request.headers.get("content-type") != "application/x-amz-json-1.1" or request.body != b"{}":
            return as_json({"__type": "SerializationException"}, 400)
        if request.headers.get("authorization") != self._expected(request):
            return as_json({"__type": "com.amazon.coral.service#UnrecognizedClientException"}, 400)
        token = base64.b64encode(f"AWS:{self._password}".encode()).decode()
        return as_json({"authorizationData": [{"authorizationToken": token, "expiresAt": 1700000000}]})

    def _expected(self, request: Request) -> str:
        names = parse_qs(request.headers.get("authorization", "").replace(", ", "&")).get("SignedHeaders", [""])[0]
        stamp = request.headers.get("x-amz-date", "")
        scope = f"{stamp[:8]}/{self._region}/ecr/aws4_request"
        lines = [f"{name}:{request.headers.get(name, '')}" for name in names.split(";")]
        body = hashlib.sha256(request.body).hexdigest()
        canonical = "\n".join(["POST", "/", "", *lines, "", names, body])
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{self._secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}".encode(), "sha256").hex()
        named = f"Credential={self._key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return f"AWS4-HMAC-SHA256 {named}"
