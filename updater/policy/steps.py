"""A jump of hundreds of major versions is another numbering scheme, not an update (``maxMajorIncrement``)."""

from updater.policy.question import Question
from updater.versioning.listing import Listed


def too_far(question: Question, listed: Listed) -> str | None:
    """Stops implausible jumps; what counts days, builds (above 1,000 already) or commits moves freely."""
    limit = question.policy.max_major_increment
    current = question.version.components[0]
    jump = listed.version.components[0] - current
    if not limit or jump <= limit or current > 1_000 or listed.version.counted:
        return None
    return f"{jump} major versions ahead, which is more than {limit}"
