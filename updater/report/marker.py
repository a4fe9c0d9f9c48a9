"""The machine-readable block at the end of a pull request's body: what it proposes, whatever happens to its title."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from updater.api import Secret
from updater.model.decide import Update

_BLOCK = re.compile(r"<!-- updater:v1 (\{.*?\}) -->", re.DOTALL)

Proposal = tuple[str, str]
"""A package (datasource and name) and the value or digest it is moved to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What a pull request proposes."""

    fingerprint: str
    proposals: frozenset[Proposal]

    @property
    def packages(self) -> frozenset[str]:
        """The packages whose lookup the pull request depends on."""
        return frozenset(package for package, _ in self.proposals)

    def __str__(self) -> str:
        """The block, not signed."""
        return self.signed(None)

    def signed(self, key: Secret | None) -> str:
        """The block; with a key also what proves that only its owner can have written it.

        ``>`` is escaped so that nothing inside can end the comment.
        """
        content: dict[str, object] = {"fingerprint": self.fingerprint, "proposals": sorted(self.proposals)}
        if key is not None:
            content["signature"] = self._signature(key)
        return f"<!-- updater:v1 {json.dumps(content).replace('>', chr(92) + 'u003e')} -->"

    def is_signed(self, signature: object, key: Secret) -> bool:
        """Whether the owner of the key has written it."""
        return isinstance(signature, str) and hmac.compare_digest(signature.encode(), self._signature(key).encode())

    def _signature(self, key: Secret) -> str:
        content = json.dumps([self.fingerprint, sorted(self.proposals)])
        return hmac.new(key.reveal().encode(), content.encode(), hashlib.sha256).hexdigest()


def marker_of(fingerprint: str, updates: Iterable[Update]) -> Marker:
    """The marker of a branch with these updates."""
    return Marker(fingerprint=fingerprint, proposals=frozenset(map(_proposal, updates)))


def read_marker(body: str, key: Secret | None = None) -> Marker | None:
    """The marker in a body; None if there is none or somebody broke it. Of several, the last counts.

    With a ``key`` one that is not signed with it is none.
    """
    blocks = _BLOCK.findall(body)
    if not blocks:
        return None
    try:
        content = json.loads(blocks[-1])
        marker = _parsed(content)
    except (ValueError, TypeError, KeyError):
        return None
    return marker if key is None or marker.is_signed(content.get("signature"), key) else None


def package_key(datasource: str, name: str) -> str:
    """How a package is written in a marker and in a report of failures."""
    return f"{datasource} {name}"


def _parsed(content: Mapping[str, object]) -> Marker:
    proposals = content["proposals"]
    if not isinstance(proposals, list):
        raise TypeError("proposals must be a list")
    return Marker(
        fingerprint=str(content["fingerprint"]), proposals=frozenset((str(one), str(two)) for one, two in proposals)
    )


def _proposal(update: Update) -> Proposal:
    package, replacement = update.tracked.package, update.offer.replacement
    if replacement is not None:
        return (package_key(package.datasource, package.name), str(replacement))
    value = update.offer.new_value if update.offer.new_value != update.tracked.dependency.current_value else None
    return (package_key(package.datasource, package.name), value or update.new_digest or update.offer.version)
