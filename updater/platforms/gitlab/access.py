"""What a token may do on GitLab: its scopes, and the role of its account in the project."""

from collections.abc import Iterator

from updater.api import Finding, FindingLevel
from updater.platforms.rest import Fields

_DEVELOPER = 30
_NEEDED = {"api", "write_repository"}


def findings(project: Fields, token: Fields) -> Iterator[Finding]:
    """Out of the project and of what GitLab says of the token."""
    if project.get("archived"):
        yield Finding(subject="repository", level=FindingLevel.FAILED, text="it is archived: nothing can be written")
    roles = (project.get("permissions") or {}).values()
    role = max((access["access_level"] for access in roles if access), default=0)
    if role < _DEVELOPER:
        text = f"its role has the level {role}; it needs {_DEVELOPER} (Developer)"
        yield Finding(subject="token", level=FindingLevel.FAILED, text=text)
    scopes = set(token["scopes"])
    if "api" in scopes:
        yield Finding(subject="token", level=FindingLevel.FINE, text="it may write merge requests and push")
    else:
        yield Finding(subject="token", level=FindingLevel.FAILED, text="it lacks the scope api")
    if spare := sorted(scopes - _NEEDED - {"read_api", "read_repository", "read_user"}):
        text = f"it may do more than is needed: {', '.join(spare)}"
        yield Finding(subject="token", level=FindingLevel.WARNING, text=text)
