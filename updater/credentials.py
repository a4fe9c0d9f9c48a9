"""Credentials: what a host rule says to its host, and what a ``docker login`` left on this machine."""

import base64
import binascii
import json
import logging
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from updater.api import Credentials, Secret
from updater.hosts import DOCKER_HUB, HostRule

logger = logging.getLogger(__name__)

_HELPER_SECONDS = 10
# The user name that goes with an identity token, see
# https://learn.microsoft.com/azure/container-registry/container-registry-authentication
_NAMELESS_USER = "00000000-0000-0000-0000-000000000000"


def credentials_of(rule: HostRule) -> Credentials | None:
    """What ``rule`` says to its host, if anything. ``auth_type`` ``Token-Only`` sends the token without a scheme."""
    if rule.password is not None:
        return Credentials(username=rule.username or "", password=rule.password)
    if rule.token is not None:
        scheme = "" if (rule.auth_type or "").lower() == "token-only" else rule.auth_type or "Bearer"
        return Credentials(username=rule.username, token=rule.token, scheme=scheme)
    return None


def authorization(credentials: Credentials) -> str:
    """The value of the ``Authorization`` header. Raises ``ValueError`` if no header can hold it."""
    if credentials.password is not None:
        pair = f"{credentials.username or ''}:{credentials.password.reveal()}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    token = credentials.token.reveal().strip() if credentials.token is not None else ""
    if not (token.isascii() and token.isprintable()):
        raise ValueError("the token has characters that no header can hold")
    return f"{credentials.scheme} {token}".strip()


class DockerConfig:
    """The credentials that ``docker login`` left in ``config.json``, or in the helper programs which that names.

    A file that is absent or unreadable, and a helper that fails or takes over ten seconds, hold nothing. The file is
    read, and each helper run, when a host is first asked for.

    Format: https://docs.docker.com/reference/cli/docker/login/#credential-stores; helpers:
    https://github.com/docker/docker-credential-helpers#development
    """

    def __init__(self, path: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._path = path or self._default_path()
        self._content: Mapping[str, object] | None = None
        self._known: dict[str, Credentials | None] = {}

    def credentials(self, host: str) -> Credentials | None:
        """What the file holds for ``host`` (with its port, if any)."""
        name = _registry_name(host)
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _default_path(self) -> Path:
        directory = self._environment.get("DOCKER_CONFIG")
        home = Path(self._environment.get("HOME") or Path.home())
        return (Path(directory) if directory else home / ".docker") / "config.json"

    def _find(self, name: str) -> Credentials | None:
        servers = {_registry_name(server): server for server in self._section("auths")}
        helpers = {_registry_name(server): (server, helper) for server, helper in self._section("credHelpers").items()}
        # Docker notes every login in "auths", also when the secret itself is in the store.
        server, helper = helpers.get(name) or (servers.get(name), self._read().get("credsStore"))
        if server is not None and isinstance(helper, str) and helper:
            return self._ask(helper, server)
        return _from_entry(self._section("auths").get(servers.get(name, "")))

    def _section(self, key: str) -> Mapping[str, object]:
        section = self._read().get(key)
        return section if isinstance(section, dict) else {}

    def _read(self) -> Mapping[str, object]:
        if self._content is None:
            try:
                content = json.loads(self._path.read_bytes())
            except (OSError, ValueError, RecursionError) as error:
                logger.debug("no credentials from %s: %s", self._path, type(error).__name__)
                content = {}
            self._content = content if isinstance(content, dict) else {}
        return self._content

    def _ask(self, helper: str, server: str) -> Credentials | None:
        command = [f"docker-credential-{Path(helper).name}", "get"]
        try:
            answer = subprocess.run(
                command,
                input=server.encode(),
                capture_output=True,
                check=True,
                timeout=_HELPER_SECONDS,
                env=self._environment,
            )
            entry = json.loads(answer.stdout)
        except (OSError, subprocess.SubprocessError, ValueError, RecursionError) as error:
            logger.warning("%s has no credentials for %s (%s)", command[0], server, type(error).__name__)
            return None
        return _from_helper(entry)


def _registry_name(server: str) -> str:
    """The key of a registry: ``https://index.docker.io/v1/``, ``docker.io`` and so on are one."""
    host = server.partition("://")[2] or server
    name = host.removesuffix("/").removesuffix("/v1").removesuffix("/v2").lower()
    return "docker.io" if name in DOCKER_HUB else name


def _from_entry(entry: object) -> Credentials | None:
    if not isinstance(entry, dict):
        return None
    if isinstance(token := entry.get("identitytoken"), str) and token:
        return Credentials(username=_NAMELESS_USER, password=Secret(token))
    try:
        pair = base64.b64decode(str(entry.get("auth", ""))).decode()
    except (binascii.Error, ValueError):
        return None
    username, _, password = pair.partition(":")
    return Credentials(username=username, password=Secret(password)) if username and password else None


def _from_helper(entry: object) -> Credentials | None:
    if not isinstance(entry, dict):
        return None
    username, secret = entry.get("Username"), entry.get("Secret")
    if not isinstance(username, str) or not isinstance(secret, str) or not secret:
        return None
    return Credentials(username=_NAMELESS_USER if username == "<token>" else username, password=Secret(secret))
