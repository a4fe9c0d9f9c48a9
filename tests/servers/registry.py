"""Debian's docker-registry, the real one, behind a proxy that counts.

Three modes: ``open``; ``htpasswd``, which wants a name and a password; ``token``, which sends its clients to ``/token``
at the proxy, an issuer of signed tokens that hands out ``pull`` to anybody for public repositories and to the right
password for the others.
"""

import base64
import hashlib
import json
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal, Self
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.servers import Reply, Request, Server, as_json

Mode = Literal["open", "htpasswd", "token"]

USERNAME, PASSWORD = "reader", "open sesame"
ISSUER = "issuer.test"

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
_CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_HOP_BY_HOP = {"connection", "content-length", "date", "host", "transfer-encoding"}
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


def program(name: str, package: str) -> str:
    """The path of a program that the tests need. They fail without it: a skipped test proves nothing."""
    path = shutil.which(name)
    if path is None:
        raise RuntimeError(f"{name} is missing: apt-get install {package}")
    return path


class Registry(Server):
    """``with Registry("token") as registry: registry.push("team/app", "1.0.0")``.

    Pushing goes straight to the registry and is not counted. ``private`` names the repositories that the issuer
    of tokens gives to the right password only; ``realm`` is what clients are told of its address, where that is
    another than the server's own. ``expire_tokens()`` makes every token given out so far worthless. A token is for all
    scopes that are asked for, unless ``many_scopes`` is False (then for the first) or ``refuses_many_scopes`` is True.
    """

    def __init__(
        self,
        mode: Mode = "open",
        *,
        private: Sequence[str] = (),
        realm: str | None = None,
        service: str = "registry.test",
    ) -> None:
        super().__init__()
        self.realm = realm or f"{self.url}/token"
        self.service = service
        self.mode = mode
        self.private = frozenset(private)
        self.many_scopes = True
        self.refuses_many_scopes = False
        self._directory = Path(tempfile.mkdtemp(prefix="registry-"))
        self._issuer = _Issuer(service)
        self._expired = set[str]()
        self._given = set[str]()
        self._process: subprocess.Popen[str] | None = None
        self._reader = threading.Thread()
        self._upstream = httpx.Client(trust_env=False, timeout=10)

    # ------------------------------------------------------------ life

    def start(self) -> Self:
        executable = program("docker-registry", "docker-registry")
        super().start()
        config = self._directory / "config.yml"
        config.write_text(json.dumps(self._configuration()))
        self._process = subprocess.Popen(
            [executable, "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._upstream.base_url = httpx.URL(f"http://{self._address()}")
        if self.mode == "htpasswd":
            self._upstream.auth = (USERNAME, PASSWORD)
        return self

    def stop(self) -> None:
        super().stop()
        self._upstream.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._reader.join(10)
        shutil.rmtree(self._directory)

    def _configuration(self) -> Mapping[str, object]:
        """JSON is YAML, too."""
        common = {
            "version": 0.1,
            "log": {"level": "info", "accesslog": {"disabled": True}},
            "storage": {"inmemory": {}},
            "http": {"addr": "127.0.0.1:0"},
        }
        if self.mode == "htpasswd":
            return common | {"auth": {"htpasswd": {"realm": "test", "path": self._password_file()}}}
        if self.mode == "token":
            bundle = self._directory / "issuer.pem"
            bundle.write_bytes(self._issuer.certificate.public_bytes(Encoding.PEM))
            token = {"realm": self.realm, "service": self.service, "issuer": ISSUER, "rootcertbundle": str(bundle)}
            return common | {"auth": {"token": token}}
        return common

    def _password_file(self) -> str:
        path = self._directory / "htpasswd"
        htpasswd = program("htpasswd", "apache2-utils")
        command = [htpasswd, "-Bbn", "-C", "4", USERNAME, PASSWORD]
        path.write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return str(path)

    def _address(self) -> str:
        """Where the registry listens, which it says in its log; the rest of the log is read and forgotten."""
        assert self._process is not None
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line)
            if match := _LISTENING.search(line):
                self._reader = threading.Thread(target=_drain, args=(self._process.stderr,), daemon=True)
                self._reader.start()
                return match[1]
        raise RuntimeError("docker-registry did not start:\n" + "".join(said))

    # ------------------------------------------------------------ what goes in

    def push(
        self,
        name: str,
        tag: str,
        *,
        platforms: Sequence[str] = ("linux/amd64", "linux/arm64"),
        labels: Mapping[str, str] | None = None,
        created: str | None = "2024-01-01T00:00:00Z",
        annotations: Mapping[str, str] | None = None,
    ) -> str:
        """Push an image and return what its tag points at: an index, or for one platform the manifest itself.

        ``created`` is what the configuration says, ``annotations`` are those of the index or only manifest.
        """
        layer = self._blob(name, b"a layer", _LAYER)
        manifests = []
        for platform in platforms:
            described_platform = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
            config = {
                **described_platform,
                "created": created,
                "config": {"Labels": dict(labels or {}), "Env": [f"TAG={tag}"]},
                "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
            }
            alone = annotations if len(platforms) == 1 else None
            body = _manifest(self._blob(name, _encoded(config), _CONFIG), layer, alone)
            if len(platforms) == 1:
                return self._put(name, tag, body, _MANIFEST)
            digest = self._put(name, None, body, _MANIFEST)
            described = {"mediaType": _MANIFEST, "digest": digest, "size": len(body)}
            manifests.append(described | {"platform": described_platform})
        noted = {"annotations": dict(annotations)} if annotations else {}
        index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests, **noted}
        return self._put(name, tag, _encoded(index), _INDEX)

    def push_chart(self, name: str, version: str) -> str:
        """Push a Helm chart as ``helm push`` does: ``name`` is the whole repository, ``+`` becomes ``_``."""
        metadata = {"apiVersion": "v2", "name": name.rpartition("/")[2], "version": version}
        config = self._blob(name, _encoded(metadata), _CHART_CONFIG)
        layer = self._blob(name, f"chart {version}".encode(), _CHART_LAYER)
        return self._put(name, version.replace("+", "_"), _manifest(config, layer), _MANIFEST)

    def _blob(self, name: str, content: bytes, media_type: str) -> dict[str, object]:
        digest = _digest(content)
        words = self._words_for_pushing(name)
        upload = self._upstream.post(f"/v2/{name}/blobs/uploads/", headers=words).raise_for_status()
        place = httpx.URL(upload.headers["location"]).copy_merge_params({"digest": digest})
        self._upstream.put(place, content=content, headers=words).raise_for_status()
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def _put(self, name: str, tag: str | None, manifest: bytes, media_type: str) -> str:
        digest = _digest(manifest)
        headers = self._words_for_pushing(name) | {"Content-Type": media_type}
        path = f"/v2/{name}/manifests/{tag or digest}"
        self._upstream.put(path, content=manifest, headers=headers).raise_for_status()
        return digest

    def _words_for_pushing(self, name: str) -> dict[str, str]:
        if self.mode != "token":
            return {}
        return {"Authorization": f"Bearer {self._issuer.token({name: ['pull', 'push']})}"}

    # ------------------------------------------------------------ what goes out

    def expire_tokens(self) -> None:
        self._expired |= self._given

    def handle(self, request: Request) -> Reply:
        if request.path == "/token":
            return self.token(request)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        if headers.get("authorization", "").removeprefix("Bearer ") in self._expired:
            headers["authorization"] = "Bearer expired"
        answer = self._upstream.request(request.method, request.target, headers=headers, auth=None)
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP}
        if request.method == "HEAD":
            kept["content-length"] = answer.headers.get("content-length", "0")
        return Reply(status=answer.status_code, body=answer.content, headers=kept)

    def token(self, request: Request) -> Reply:
        """One token for all scopes that are asked for; what is not allowed is left out of it."""
        asked = parse_qs(urlsplit(request.target).query).get("scope", [])
        names = [scope.split(":")[1] for scope in asked[: None if self.many_scopes else 1]]
        said = request.headers.get("authorization")
        right = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if request.query.get("service") != self.service or said not in (None, right):
            return as_json({"errors": [{"code": "UNAUTHORIZED"}]}, 401)
        if len(asked) > 1 and self.refuses_many_scopes:
            return as_json({"errors": [{"code": "UNSUPPORTED"}]}, 400)
        allowed = {name: ["pull"] for name in names if said == right or name not in self.private}
        token = self._issuer.token(allowed)
        self._given.add(token)
        return as_json({"token": token, "access_token": token, "expires_in": 300})


def _drain(log: IO[str]) -> None:
    with log:
        for _ in log:
            pass


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _manifest(config: object, layer: object, annotations: Mapping[str, str] | None = None) -> bytes:
    noted = {"annotations": dict(annotations)} if annotations else {}
    return _encoded({"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": [layer], **noted})


class _Issuer:
    """Signs tokens as https://distribution.github.io/distribution/spec/auth/jwt/ has it, certificate included."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def token(self, actions: Mapping[str, Sequence[str]]) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "test",
            "aud": self._service,
            "nbf": now - 60,
            "iat": now,
            "exp": now + 600,
            "jti": secrets.token_hex(8),
            "access": [{"type": "repository", "name": name, "actions": list(may)} for name, may in actions.items()],
        }
        chain = [base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()]
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"x5c": chain})
