"""A stable version is followed by stable ones; a prerelease also by later ones of its own version."""

from updater.policy.question import Question
from updater.versioning.listing import Listed


def prerelease(question: Question, listed: Listed) -> str | None:
    """Stops prereleases (``ignoreUnstable``), as marked by the registry or as the version says."""
    if not question.policy.ignore_unstable or (listed.release.stable is not False and listed.version.stable):
        return None
    if question.version.stable:
        return "a prerelease"
    return None if listed.version.components == question.version.components else "a prerelease of another version"
