"""A registry of providers and modules, with the public ones' web APIs, archives and checksums.

* providers: https://developer.hashicorp.com/terraform/internals/provider-registry-protocol
* modules: https://developer.hashicorp.com/terraform/internals/module-registry-protocol

It can stand for registry.terraform.io, registry.opentofu.org, api.opentofu.org and releases.hashicorp.com at once,
for their paths differ.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.servers import NOT_FOUND, Reply, Request, Server, as_json

PLATFORMS = ("darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64")
_MANIFEST = b'{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}'


@dataclass(frozen=True, kw_only=True)
class Provider:
    """``versions``: version → date (of the web API). One that ``tells_hashes`` does so as OpenTofu's registry does."""

    versions: Mapping[str, str]
    platforms: Sequence[str] = PLATFORMS
    source: str = ""
    protocols: Sequence[str] = ()
    tells_hashes: bool = False


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the registry has: providers and modules (version → date) by their paths, and HashiCorp's old releases.

    ``requires`` are the providers of the root of each module, as the extended protocol tells them.
    """

    providers: Mapping[str, Provider] = field(default_factory=dict)
    modules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    legacy: Mapping[str, Sequence[str]] = field(default_factory=dict)
    requires: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


class TerraformRegistry(Server):
    """``token``: a private registry. ``services`` is what discovery says; ``web`` whether the web APIs are there.

    ``archives`` replaces the archive of a file name by other bytes; ``checksums`` the list of a whole version.
    """

    def __init__(self, contents: Contents | None = None, *, token: str | None = None, web: bool = True) -> None:
        super().__init__()
        self.contents = contents or Contents()
        self.token = token
        self.web = web
        self.services: object = {"providers.v1": "/v1/providers/", "modules.v1": "/v1/modules/"}
        self.archives: dict[str, bytes] = {}
        self.checksums: dict[str, str] = {}

    def handle(self, request: Request) -> Reply:
        if request.path == "/.well-known/terraform.json":
            return as_json(self.services)
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return as_json({"errors": ["unauthorized"]}, 401)
        parts = request.path.strip("/").split("/")
        return self._protocols(parts) or (self._web_apis(parts) if self.web else None) or NOT_FOUND

    def _protocols(self, parts: list[str]) -> Reply | None:
        match parts:
            case ["v1", "providers", namespace, name, "versions"]:
                return self._provider_versions(f"{namespace}/{name}")
            case ["v1", "providers", namespace, name, version, "download", system, architecture]:
                return self._offer(f"{namespace}/{name}", version, f"{system}_{architecture}")
            case ["v1", "modules", namespace, name, provider, "versions"]:
                return self._module_versions(f"{namespace}/{name}/{provider}")
            case ["files", namespace, name, version, file]:
                return self._file(f"{namespace}/{name}", version, file)
        return None

    def _web_apis(self, parts: list[str]) -> Reply | None:
        match parts:
            case ["v2", "providers", namespace, name]:
                return self._provider_web(f"{namespace}/{name}")
            case ["v2", "modules", namespace, name, provider]:
                return self._module_web(f"{namespace}/{name}/{provider}")
            case ["registry", "docs", kind, *path, "index.json"]:
                return self._opentofu(kind, "/".join(path))
            case [legacy, "index.json"] if legacy in self.contents.legacy:
                versions = {version: {"version": version} for version in self.contents.legacy[legacy]}
                return as_json({"name": legacy, "versions": versions})
        return None

    # ------------------------------------------------------------ the protocols

    def _provider_versions(self, path: str) -> Reply | None:
        provider = self.contents.providers.get(path)
        if provider is None:
            return None
        platforms = [dict(zip(("os", "arch"), name.split("_"), strict=True)) for name in provider.platforms]
        protocols = {"protocols": list(provider.protocols)} if provider.protocols else {}
        versions = [{"version": version, "platforms": platforms, **protocols} for version in provider.versions]
        return as_json({"id": path, "versions": versions, "warnings": None})

    def _module_versions(self, path: str) -> Reply | None:
        versions = self.contents.modules.get(path)
        if versions is None:
            return None
        required = self.contents.requires.get(path)
        root = {"root": {"providers": required, "dependencies": []}} if required is not None else {}
        listed = [{"version": version, "submodules": [], **root} for version in versions]
        return as_json({"modules": [{"source": path, "versions": listed}]})

    def _offer(self, path: str, version: str, platform: str) -> Reply | None:
        provider = self.contents.providers.get(path)
        if provider is None or version not in provider.versions or platform not in provider.platforms:
            return None
        name, base = _archive_name(path, version, platform), f"/files/{path}/{version}"
        return as_json(
            {
                "filename": name,
                "download_url": f"{base}/{name}",
                "shasums_url": f"{base}/SHA256SUMS",
                "shasum": hashlib.sha256(self.archive(path, version, platform)).hexdigest(),
                **({"packages": self._packages(path, version)} if provider.tells_hashes else {}),
            }
        )

    def _packages(self, path: str, version: str) -> Mapping[str, object]:
        """https://github.com/opentofu/opentofu/blob/main/rfc/20251027-provider-registry-hashes.md."""
        packages = {}
        for platform in self.contents.providers[path].platforms:
            content = self.archive(path, version, platform)
            hashes = [f"zh:{hashlib.sha256(content).hexdigest()}", h1(files_of(path, version, platform))]
            packages[platform] = {"hashes": hashes, "package_size": len(content)}
        return packages

    def _file(self, path: str, version: str, file: str) -> Reply | None:
        provider = self.contents.providers[path]
        if file == "SHA256SUMS":
            return Reply(body=self.checksums.get(version, self.sums(path, version)).encode())
        for platform in provider.platforms:
            if file == _archive_name(path, version, platform):
                return Reply(body=self.archive(path, version, platform), headers={"Content-Type": "application/zip"})
        return None

    # ------------------------------------------------------------ the web APIs

    def _provider_web(self, path: str) -> Reply | None:
        provider = self.contents.providers.get(path)
        return _json_api("provider", provider.versions, provider.source) if provider else None

    def _module_web(self, path: str) -> Reply | None:
        versions = self.contents.modules.get(path)
        return _json_api("module", versions, _module_source(path)) if versions is not None else None

    def _opentofu(self, kind: str, path: str) -> Reply | None:
        provider = self.contents.providers.get(path)
        versions = (provider.versions if provider else None) if kind == "providers" else self.contents.modules.get(path)
        if versions is None:
            return None
        described = [{"id": f"v{version}", "published": date} for version, date in versions.items()]
        link = _module_source(path) if kind == "modules" else provider.source if provider else ""
        return as_json({"addr": {"display": path}, "link": link, "versions": described})

    # ------------------------------------------------------------ what the tests compare with

    def archive(self, path: str, version: str, platform: str) -> bytes:
        name = _archive_name(path, version, platform)
        return self.archives.get(name) or archive(files_of(path, version, platform))

    def sums(self, path: str, version: str) -> str:
        """SHA256SUMS as releases have it: the archives and the manifest."""
        name = path.rpartition("/")[2]
        lines = [
            f"{hashlib.sha256(self.archive(path, version, platform)).hexdigest()}"
            f"  {_archive_name(path, version, platform)}"
            for platform in self.contents.providers[path].platforms
        ]
        manifest = f"{hashlib.sha256(_MANIFEST).hexdigest()}  terraform-provider-{name}_{version}_manifest.json"
        return "\n".join([*lines, manifest, ""])


def _archive_name(path: str, version: str, platform: str) -> str:
    return f"terraform-provider-{path.rpartition('/')[2]}_{version}_{platform}.zip"


def _module_source(path: str) -> str:
    namespace, name, provider = path.split("/")
    return f"https://github.com/{namespace}/terraform-{provider}-{name}"


def _json_api(kind: str, versions: Mapping[str, str], source: str) -> Reply:
    included = [
        {"type": f"{kind}-versions", "id": str(number), "attributes": {"version": version, "published-at": date}}
        for number, (version, date) in enumerate(versions.items())
    ]
    data = {"type": f"{kind}s", "id": "1", "attributes": {"source": source, "tier": "official"}}
    return as_json({"data": data, "included": included})


def files_of(path: str, version: str, platform: str) -> dict[str, bytes]:
    """What is in a provider's archive."""
    suffix = ".exe" if platform.startswith("windows") else ""
    executable = f"terraform-provider-{path.rpartition('/')[2]}_v{version}{suffix}"
    return {"LICENSE.txt": b"Mozilla Public License", executable: f"{path} {version} {platform}".encode() * 1_000}


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip file that is the same every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def h1(files: Mapping[str, bytes]) -> str:
    """golang.org/x/mod/sumdb/dirhash.Hash1, written down a second time."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()
