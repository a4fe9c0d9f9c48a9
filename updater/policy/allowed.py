"""``allowedVersions``: a range in the dependency's versioning, or a pattern between slashes."""

from updater.policy.question import Question
from updater.versioning.listing import Listed


def not_allowed(question: Question, listed: Listed) -> str | None:
    """Stops versions outside ``allowedVersions``."""
    if question.is_allowed is None or question.is_allowed(listed):
        return None
    return f"allowedVersions is {question.policy.allowed_versions!r}"
