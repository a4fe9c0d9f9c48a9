"""What the checks of a commit come to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from updater.model import CheckState, Status

OWN = "updater/"
"""What the names of this tool's own checks begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """All checks of a commit: one that failed counts, then one that goes on. ``is_silent``: nobody said anything.

    ``since`` is when the first of those that go on was begun, None where none does or the forge does not say.
    """

    state: CheckState
    is_silent: bool = False
    since: datetime | None = None

    @classmethod
    def of(cls, statuses: Iterable[Status], *, counts_own: bool) -> "Checks":
        """What these come to, this tool's own among them or not."""
        counted = [each for each in statuses if counts_own or not each.context.startswith(OWN)]
        states = {each.state for each in counted}
        if not counted:
            return cls(state=CheckState.PENDING, is_silent=True)
        if CheckState.FAILURE in states:
            return cls(state=CheckState.FAILURE)
        begun = [each.created for each in counted if each.state is CheckState.PENDING and each.created is not None]
        if CheckState.PENDING in states:
            return cls(state=CheckState.PENDING, since=min(begun, default=None))
        return cls(state=CheckState.SUCCESS)
