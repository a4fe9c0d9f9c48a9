"""Host rules: what is said to which host, and how gently it is treated.

The rules are those of ``hostRules`` in the configuration; how they are matched and merged follows
https://docs.renovatebot.com/configuration-options/#hostrules.
"""

import logging
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

import msgspec

from updater.api import Secret

logger = logging.getLogger(__name__)

_DEFAULT_PORTS = {"http": 80, "https": 443}
DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"})
_HOSTS_OF_TYPE: Mapping[str, frozenset[str]] = {
    "bitbucket": frozenset({"bitbucket.org", "api.bitbucket.org"}),
    "docker": DOCKER_HUB,
    "forgejo": frozenset({"code.forgejo.org", "codeberg.org"}),
    "gitea": frozenset({"gitea.com"}),
    "github": frozenset({"github.com", "api.github.com"}),
    "gitlab": frozenset({"gitlab.com"}),
}


class HostRule(msgspec.Struct, frozen=True, kw_only=True):
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
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    timeout: float | None = None
    enabled: bool | None = None
    insecure_registry: bool | None = None
    concurrent_request_limit: int | None = None
    max_requests_per_second: float | None = None
    max_retry_after: float | None = None

    def __repr__(self) -> str:
        return f"HostRule(match_host={self.match_host!r}, host_type={self.host_type!r})"  # headers can hold secrets


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
    return msgspec.structs.replace(rule, username=None, password=None, token=None, auth_type=None, headers={})


def _merge(weak: HostRule, strong: HostRule) -> HostRule:
    given = msgspec.structs.asdict(strong)
    changes = {name: value for name, value in given.items() if value is not None}
    changes["headers"] = {**weak.headers, **strong.headers}
    if strong.token is not None or strong.password is not None:
        changes |= {name: given[name] for name in ("username", "password", "token", "auth_type")}
    return msgspec.structs.replace(weak, **changes)


class _Pattern(msgspec.Struct, frozen=True, kw_only=True):
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
    return DOCKER_HUB if host in DOCKER_HUB else frozenset({host})
