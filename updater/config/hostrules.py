"""Host rules: from what ``hostRules`` and the environment say to :class:`updater.hosts.HostRule`.

Credentials become secrets here, before anything else sees them.
"""

import re
from collections.abc import Iterator, Mapping

from updater.api import Secret
from updater.config.vocabulary import HOST_TYPES
from updater.hosts import HostRule

_FIELDS = ("token", "username", "password")
_PREFIXES = ("UPDATER_", "RENOVATE_")
_GITHUB = ("UPDATER_GITHUB_COM_TOKEN", "RENOVATE_GITHUB_COM_TOKEN", "GITHUB_COM_TOKEN", "GITHUB_TOKEN")
_SUBSTITUTED = re.compile(r"\{\{\s*(?:secrets|variables|env)\.")


def host_rule(values: Mapping[str, object]) -> tuple[HostRule, str | None]:
    """The rule that ``values`` (by field name, of the right types) make, and what is wrong with it, if anything.

    A credential that stands for a secret kept elsewhere is left out: sending the placeholder would only lock an
    account.
    """
    fields = dict(values)
    placeholders = [name for name in _FIELDS if _SUBSTITUTED.search(str(fields.get(name) or ""))]
    for name in placeholders:
        del fields[name]
    for name in ("token", "password"):
        if isinstance(fields.get(name), str):
            fields[name] = Secret(str(fields[name]))
    if isinstance(fields.get("timeout"), float):
        fields["timeout"] = float(str(fields["timeout"])) / 1_000
    complaint = (
        f'"{placeholders[0]}" speaks of a secret that is not given; put it into the "secrets" of UPDATER_CONFIG, or '
        "set a variable such as RENOVATE_DOCKER_GHCR_IO_TOKEN"
        if placeholders
        else None
    )
    return HostRule(**fields), complaint  # type: ignore[arg-type]  # checked against HostRuleOptions before


def from_environment(environment: Mapping[str, str]) -> Iterator[HostRule]:
    """The host rules that environment variables make.

    ``GITHUB_COM_TOKEN`` (or ``GITHUB_TOKEN``) is for github.com. ``RENOVATE_<TYPE>_<HOST>_TOKEN``, ``…_USERNAME``
    and ``…_PASSWORD`` are for any host: dots are written ``_`` and dashes ``__``, the host may be left out, and the
    prefix may be ``UPDATER_``, or nothing where ``RENOVATE_DETECT_HOST_RULES_FROM_ENV`` is ``true``
    (https://docs.renovatebot.com/self-hosted-configuration/#detecthostrulesfromenv).
    """
    token = next((environment[name] for name in _GITHUB if environment.get(name)), None)
    if token:
        for host in ("github.com", "api.github.com"):
            yield HostRule(match_host=host, token=Secret(token))
    found: dict[tuple[str, str | None], dict[str, str]] = {}
    for name, value in sorted(environment.items()):
        if value and (parsed := _parsed(name, environment)):
            found.setdefault(parsed[:2], {})[parsed[2]] = value
    for (host_type, match_host), fields in found.items():
        yield host_rule({"host_type": host_type, "match_host": match_host, **fields})[0]


def _parsed(name: str, environment: Mapping[str, str]) -> tuple[str, str | None, str] | None:
    """Host type, host and field of a variable such as ``RENOVATE_GITLAB__TAGS_CODE__HOST_EXAMPLE_COM_TOKEN``."""
    if name in _GITHUB:
        return None
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    if not prefix and environment.get("RENOVATE_DETECT_HOST_RULES_FROM_ENV") != "true":
        return None
    words, _, field = name.removeprefix(prefix).rpartition("_")
    if field.lower() not in _FIELDS:
        return None
    host_type, *host = words.lower().replace("__", "-").split("_")
    # A host of one word is none: RENOVATE_GITHUB_COM_TOKEN and the like mean something else.
    if host_type not in HOST_TYPES or len(host) == 1:
        return None
    return host_type, ".".join(host) or None, field.lower()
