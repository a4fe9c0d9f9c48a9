"""A jump of hundreds of major versions is another numbering scheme, not an update (``maxMajorIncrement``)."""

from updater.policy.question import Question


def too_far(question: Question) -> str | None:
    """Stops implausible jumps; versions that are dates or build numbers (above 1,000 already) move freely."""
    limit = question.policy.max_major_increment
    current = question.versioning.components(question.current)[0]
    jump = question.versioning.components(question.version)[0] - current
    if not limit or jump <= limit or current > 1_000:
        return None
    return f"{jump} major versions ahead, which is more than {limit}"
