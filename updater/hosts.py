"""Host rules: what is said to which host, and how gently it is treated.

The rules are those of ``hostRules`` in the configuration; how they are matched and merged follows
https://docs.renovatebot.com/configuration-options/#hostrules. Beside them stand the credentials that a
``docker login`` left on this machine.
"""

import base64
import binascii
import json
import logging
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from updater.api import Credentials, Secret

logger = logging.getLogger(__name__)

_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"})
_HOSTS_OF_TYPE: Mapping[str, frozenset[str]] = {
    "bitbucket": frozenset({"bitbucket.org", "api.bitbucket.org"}),
    "docker": _DOCKER_HUB,
    "forgejo": frozenset({"code.forgejo.org", "codeberg.org"}),
    "gitea": frozenset({"gitea.com"}),
    "github": frozenset({"github.com", "api.github.com"}),
    "gitlab": frozenset({"gitlab.com"}),
}
_HELPER_SECONDS = 10
# The user name that goes with an identity token, see
# https://learn.microsoft.com/azure/container-registry/container-registry-authentication
_NAMELESS_USER = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRule:
    """One entry of ``hostRules``. Times are in seconds; None leaves the default (or a weaker rule's value) alone.

    ``match_host`` is a host name, a domain beginning with a dot, or a URL prefix; ``host_type`` a datasource or
    platform name. A rule without both matches every request.
    """

    match_host: str | None = None
    host_type: str | None = None
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    auth_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    enabled: bool | None = None
    insecure_registry: bool | None = None
    concurrent_request_limit: int | None = None
    max_requests_per_second: float | None = None
    max_retry_after: float | None = None


# ---------------------------------------------------------------- URLs


def host_of(url: str) -> str:
    """The host that ``url`` addresses, with its port unless that is the scheme's own. Raises ``ValueError``."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host
    return name if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{name}:{parts.port}"


def shown(url: str) -> str:
    """``url`` as people and logs may see it: without user name, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def is_loopback(url: str) -> bool:
    """Whether ``url`` stays on this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


# ---------------------------------------------------------------- rules


class HostRules:
    """The host rules of a run, ready to be asked what holds for a URL.

    Of several rules that match, the stronger ones win field by field: a ``match_host`` beats a ``host_type``, both
    together beat each alone, and of two ``match_host`` the longer beats the shorter. A rule that brings a token or a
    password replaces all credentials of weaker rules: a name and a password from different rules never meet.

    A request does not say on whose behalf it is made. A rule with only a ``host_type`` therefore holds for the
    hosts that this platform has by default (github.com, gitlab.com, codeberg.org, Docker Hub and so on). A rule that
    matches every request gives limits and timeouts, never credentials or headers: no secret is for everyone.
    """

    def __init__(self, rules: Sequence[HostRule] = ()) -> None:
        self._rules = [(_Pattern.of(rule), _without_secrets_for_all(rule)) for rule in sorted(rules, key=_strength)]

    def for_url(self, url: str) -> HostRule:
        """All that holds for ``url``, merged into one rule. Raises ``ValueError`` if ``url`` is none."""
        parts, merged = urlsplit(url), HostRule()
        for pattern, rule in self._rules:
            if pattern.matches(parts):
                merged = _merge(merged, rule)
        return merged


def _strength(rule: HostRule) -> tuple[bool, bool, int]:
    return rule.match_host is not None, rule.host_type is not None, len(rule.match_host or "")


def _without_secrets_for_all(rule: HostRule) -> HostRule:
    if rule.match_host is not None or rule.host_type is not None:
        return rule
    if rule.token is not None or rule.password is not None or rule.headers:
        logger.warning("a host rule without matchHost and hostType gives its credentials and headers to nobody")
    return replace(rule, username=None, password=None, token=None, auth_type=None, headers={})


def _merge(weak: HostRule, strong: HostRule) -> HostRule:
    given = {each.name: getattr(strong, each.name) for each in fields(HostRule)}
    changes = {name: value for name, value in given.items() if value is not None}
    changes["headers"] = {**weak.headers, **strong.headers}
    if strong.token is not None or strong.password is not None:
        changes |= {name: given[name] for name in ("username", "password", "token", "auth_type")}
    return replace(weak, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """What the URLs look like that a rule is for; None stands for any. ``hosts`` are exact, ``domain`` is a suffix."""

    hosts: frozenset[str] | None
    domain: str | None = None
    scheme: str | None = None
    port: int | None = None
    path: str = ""

    @classmethod
    def of(cls, rule: HostRule) -> "_Pattern":
        if rule.match_host is not None:
            return cls._of_match_host(rule.match_host.lower())
        if rule.host_type is not None:
            return cls(hosts=_HOSTS_OF_TYPE.get(rule.host_type.partition("-")[0], frozenset()))
        return cls(hosts=None)

    @classmethod
    def _of_match_host(cls, text: str) -> "_Pattern":
        try:
            parts = urlsplit(text if "://" in text else f"//{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return cls(hosts=frozenset())
        if parts.scheme:
            return cls(
                hosts=_aliases(host),
                scheme=parts.scheme,
                port=port or _DEFAULT_PORTS.get(parts.scheme),
                path=parts.path.rstrip("/"),
            )
        if port or parts.path.strip("/"):
            return cls(hosts=_aliases(host), port=port, path=parts.path.rstrip("/"))
        return cls(hosts=_aliases(host), domain=f".{host.lstrip('.')}")

    def matches(self, url: SplitResult) -> bool:
        return (
            self._matches_host(url.hostname or "")
            and self.scheme in (None, url.scheme)
            and self.port in (None, url.port or _DEFAULT_PORTS.get(url.scheme))
            and f"{url.path}/".lower().startswith(f"{self.path}/")
        )

    def _matches_host(self, host: str) -> bool:
        return self.hosts is None or host in self.hosts or (self.domain is not None and host.endswith(self.domain))


def _aliases(host: str) -> frozenset[str]:
    """Docker Hub has several names; a rule for one of them is meant for all."""
    return _DOCKER_HUB if host in _DOCKER_HUB else frozenset({host})


# ---------------------------------------------------------------- credentials


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
    return "docker.io" if name in _DOCKER_HUB else name


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
