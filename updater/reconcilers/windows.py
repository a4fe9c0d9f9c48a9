"""Sync windows of an Argo CD project: whether one forbids a sync now. Pure.

https://argo-cd.readthedocs.io/en/stable/user-guide/sync_windows/: a window is open from each moment that its cron
schedule names, for its duration. While a ``deny`` window is open nothing is synced; where there are ``allow`` windows,
one has to be open.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from updater.config.schedule import is_open
from updater.fields import Object, duration, objects, text, texts
from updater.reconcilers.argocd import Application

_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=8)
"""Windows that stay open longer are followed no further back."""


def closed_by(project: object, app: Application, now: datetime) -> str | None:
    """The window that forbids an automatic sync of an application now, in words; None if none does."""
    windows = [each for each in objects(project, "spec", "syncWindows") if _is_for(each, app)]
    open_now = [each for each in windows if _is_open(each, now)]
    denying = next((each for each in open_now if text(each, "kind") == "deny"), None)
    if denying is not None:
        return f"the sync window {_shown(denying)} forbids it"
    allowing = [each for each in windows if text(each, "kind") == "allow"]
    if allowing and not any(each in open_now for each in allowing):
        return f"it waits for the sync window {', '.join(map(_shown, allowing))}"
    return None


def _is_for(window: Object, app: Application) -> bool:
    """Whether a window is about an application: by its name, its namespace or its cluster."""
    namespace, cluster = app.destination
    return (
        _any_matches(texts(window, "applications"), app.name)
        or _any_matches(texts(window, "namespaces"), namespace)
        or _any_matches(texts(window, "clusters"), cluster)
    )


def _any_matches(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_open(window: Object, now: datetime) -> bool:
    """Whether the schedule named a moment within the last ``duration``."""
    schedule, zone = text(window, "schedule") or "", text(window, "timeZone")
    length = min(duration(window, "duration") or timedelta(), _LONGEST)
    if not re.fullmatch(r"(?:[\w*/,?-]+\s+){4}[\w*/,?-]+", schedule):
        return False
    minute = now.replace(second=0, microsecond=0)
    moments = (minute - _MINUTE * back for back in range(int(length / _MINUTE)))
    return any(is_open([schedule], zone, moment) for moment in moments)


def _shown(window: Object) -> str:
    return f"{text(window, 'kind')} {text(window, 'schedule')!r} for {text(window, 'duration')}"
