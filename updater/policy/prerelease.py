"""A stable version is followed by stable ones; a prerelease also by later ones of its own version."""

from updater.policy.question import Question


def prerelease(question: Question) -> str | None:
    """Stops prereleases (``ignoreUnstable``), as marked by the registry or as the version says."""
    if not question.policy.ignore_unstable or _is_stable(question):
        return None
    if question.versioning.is_stable(question.current):
        return "a prerelease"
    same = question.versioning.components(question.version) == question.versioning.components(question.current)
    return None if same else "a prerelease of another version"


def _is_stable(question: Question) -> bool:
    return question.release.stable is not False and question.versioning.is_stable(question.version)
