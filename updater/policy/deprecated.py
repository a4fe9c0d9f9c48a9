"""Deprecated and yanked releases are not offered unless the one in use is deprecated as well."""

from updater.policy.question import Question
from updater.versioning.listing import Listed


def deprecated(question: Question, listed: Listed) -> str | None:
    """Stops what the registry marks as deprecated (``ignoreDeprecated``)."""
    if not listed.release.deprecated or not question.policy.ignore_deprecated:
        return None
    current = question.current_release
    return None if current is not None and current.deprecated else "deprecated by its publisher"
