"""Versions that are no continuation of the one in use: an older base, or numbers of another numbering.

Publishers change how they count, and their registries keep the tags of the old way for ever: ``20.04.1`` beside
``5.2.3``, ``20211201`` beside ``14``. They would win every comparison.
"""

from updater.policy.question import Question
from updater.versioning._plausible import same_numbering
from updater.versioning.listing import Listed


def out_of_family(question: Question, listed: Listed) -> str | None:
    """Stops what would go back in something other than the version: the release of a base, the precision of a tag."""
    goes_back = listed.version.floor < question.version.floor
    return f"not of the same kind as {question.current}" if goes_back else None


def implausible(question: Question, listed: Listed) -> str | None:
    """Stops another numbering: a date after a version, a padded number after a plain one."""
    if same_numbering(listed.version.written, question.version.written):
        return None
    return f"numbered in another way than {question.current}: a date, or a scheme that was left or tried once"
