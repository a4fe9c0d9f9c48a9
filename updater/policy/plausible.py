"""Versions that are no continuation of the one in use: an older base, numbers of another numbering, or of another time.

Publishers change how they count, and their registries keep the tags of the old way for ever: ``20.04.1`` beside
``5.2.3``, ``20211201`` beside ``14``, ``3.0.8`` beside ``0.3.20``. They would win every comparison. Some show in how
they are written, the others in when they were published. Whoever sets ``allowedVersions`` knows what they want, and
dates do not matter.
"""

from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from updater.policy.question import Question
from updater.versioning._plausible import same_numbering
from updater.versioning.listing import Listed

LONG = timedelta(days=365)
"""Fixes of an old line appear after the first versions of the next one; hardly ever so much later."""
_FIRST_DATES = datetime(2000, 1, 1, tzinfo=UTC)
"""What claims to be older has no date: tools write the year 1, 1970 or 1980 where they know none."""


def out_of_family(question: Question, listed: Listed) -> str | None:
    """Stops what would go back in something other than the version: the release of a base, the precision of a tag."""
    goes_back = listed.version.floor < question.version.floor
    return f"not of the same kind as {question.current}" if goes_back else None


def implausible(question: Question, listed: Listed) -> str | None:
    """Stops another numbering: a date after a version, a padded number after a plain one, or what is far too old."""
    if not same_numbering(listed.version.written, question.version.written):
        return f"numbered in another way than {question.current}: a date, or a scheme that was left or tried once"
    if question.current_release is None or question.is_allowed is not None:
        return None
    return of_another_time(listed.release.published, question.current_release.published, question.current)


def of_another_time(new: datetime | None, current: datetime | None, current_version: str) -> str | None:
    """Why a higher version cannot be a later one; None if it can, or if one of the dates is not known."""
    if not is_credible(new) or not is_credible(current) or new + LONG >= current:
        return None
    return f"of {new:%Y-%m-%d}, which is long before {current_version} ({current:%Y-%m-%d})"


def is_credible(when: datetime | None) -> TypeGuard[datetime]:
    """Whether there is a date that can be one."""
    return when is not None and when >= _FIRST_DATES
