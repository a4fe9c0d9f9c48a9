"""Names that a registry gives to versions: ``followTag`` follows one, ``respectLatest`` goes no further than one."""

from updater.policy.question import Question
from updater.versioning.listing import Listed


def not_followed(question: Question, listed: Listed) -> str | None:
    """Stops all but the version that has the name in ``followTag``."""
    name, followed = question.policy.follow_tag, question.followed
    if name is None:
        return None
    if followed is None:
        return f"followTag is {name!r}, and the registry does not say which version that is"
    text, version = followed
    return None if version.key == listed.version.key else f"followTag is {name!r}, which is {text}"


def above_latest(question: Question, listed: Listed) -> str | None:
    """Stops what is above the version that the registry calls latest, unless the one in use is already."""
    if question.latest is None or not question.policy.respect_latest or question.policy.follow_tag is not None:
        return None
    text, latest = question.latest
    if latest.family != question.version.family or question.version.key > latest.key:
        return None
    return f"above {text}, which the registry calls latest" if listed.version.key > latest.key else None
