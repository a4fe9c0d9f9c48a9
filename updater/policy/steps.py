"""How far one update may go.

A jump of hundreds of major versions is another numbering scheme, not an update (``maxMajorIncrement``). Some projects
can only be updated rung by rung (``maxStep``, ``requiredStops``, and the paths that publishers demand).
"""

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


def out_of_reach(question: Question, listed: Listed) -> str | None:
    """Stops what one step does not lead to."""
    if question.rungs is None:
        return None
    return question.rungs.why_not(question.version.components, listed.version.components)
