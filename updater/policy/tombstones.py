"""A version that somebody went back from is not offered again; the next higher one is."""

from updater.policy.question import Question, RolledBack
from updater.versioning.listing import Listed


def rolled_back(question: Question, listed: Listed) -> str | None:
    """Stops what was rolled back, and what whoever did so went past on the way down."""
    for decision in question.rolled_back:
        stone = decision.tombstone
        by_whom = f"was rolled back on {stone.when:%Y-%m-%d} by {stone.author} ({stone.commit[:7]} in {stone.path})"
        if decision.version.key == listed.version.key:
            return f"it {by_whom}"
        if _went_past(decision, listed):
            return f"{stone.version} {by_whom}; only later versions are offered"
    return None


def _went_past(decision: RolledBack, listed: Listed) -> bool:
    """Whether the release was there to be taken instead, in the same line."""
    published = listed.release.published
    if published is not None and published > decision.tombstone.when:
        return False
    is_between = decision.lowered_to.key < listed.version.key < decision.version.key
    return is_between and listed.version.components[0] == decision.version.components[0]
