"""The policy for each update of one dependency."""

from collections.abc import Callable

from updater.config import Policy
from updater.model.track import Tracked, UpdateType

PolicyFor = Callable[[Tracked, UpdateType, str, str | None], Policy]
"""The policy for an update: of a dependency, of this type, to this version, writing this value."""


class Policies:
    """Asks for policies: for each type once, or for each version where they may differ ``by_version``."""

    def __init__(self, tracked: Tracked, policy_for: PolicyFor, *, by_version: bool) -> None:
        self._tracked, self._policy_for = tracked, policy_for
        self.by_type = None if by_version else {kind: policy_for(tracked, kind, "", None) for kind in UpdateType}

    def of(self, kind: UpdateType, version: str, value: str | None) -> Policy:
        """The policy for an update of this type to ``version``, by which ``value`` would be written."""
        if self.by_type is not None:
            return self.by_type[kind]
        return self._policy_for(self._tracked, kind, version, value)
