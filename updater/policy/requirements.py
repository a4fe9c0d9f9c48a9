"""A release that requires what is not there is not offered; an older one that requires less may be."""

from updater.policy.question import Question
from updater.policy.surroundings import KUBERNETES, is_met
from updater.versioning.listing import Listed


def unmet(question: Question, listed: Listed) -> str | None:
    """Stops what requires more than ``constraints`` has, or what does not go with the rest of a Terraform root."""
    return _not_configured(question, listed) or _not_around(question, listed)


def _not_configured(question: Question, listed: Listed) -> str | None:
    policy = question.policy
    for requirement in listed.release.requires:
        ours = policy.constraints.get(requirement.name)
        counts = requirement.name == KUBERNETES or policy.constraints_filtering == "strict"
        if ours and counts and not is_met(requirement, ours):
            return f"requires {requirement.name} {requirement.constraint}, and constraints has {ours}"
    return None


def _not_around(question: Question, listed: Listed) -> str | None:
    """What does not fit the version in use either is nobody's fault here, and stops nothing."""
    around = question.surroundings
    if around is None:
        return None
    for demand in around.on_it:
        if demand.admits(question.current) and not demand.admits(listed.text):
            return f"{demand.by} requires {demand.constraint}"
    return next(filter(None, map(around.refusal, listed.release.requires)), None)
