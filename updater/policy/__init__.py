"""The rules that a release must pass before it is offered, one per module, in the order in which they are asked.

A rule is a function of a :class:`~updater.policy.question.Question` and a release of the family of the version in use;
it answers None (passes) or the reason for a person. The first rule that answers decides; the name it is reported under
is its key in ``RULES``.
"""

from collections.abc import Callable, Mapping

from updater.policy.allowed import not_allowed
from updater.policy.deprecated import deprecated
from updater.policy.plausible import implausible, out_of_family
from updater.policy.prerelease import prerelease
from updater.policy.question import Question, RolledBack
from updater.policy.requirements import unmet
from updater.policy.steps import out_of_reach, too_far
from updater.policy.tags import above_latest, not_followed
from updater.policy.tombstones import rolled_back
from updater.versioning.listing import Listed

__all__ = ["BOUNDS", "FITNESS", "RULES", "Question", "RolledBack"]

Rule = Callable[[Question, Listed], str | None]

RULES: Mapping[str, Rule] = {
    "family": out_of_family,
    "implausible": implausible,
    "ignoreUnstable": prerelease,
    "ignoreDeprecated": deprecated,
    "maxMajorIncrement": too_far,
    "allowedVersions": not_allowed,
    "followTag": not_followed,
    "respectLatest": above_latest,
    "constraints": unmet,
    "ladder": out_of_reach,
    "rolledBack": rolled_back,
}

BOUNDS = frozenset({"constraints", "ladder"})
"""The rules that stop a release until something else has moved."""

FITNESS: tuple[Rule, ...] = (out_of_family, implausible, prerelease, deprecated)
"""The rules that say whether a release is fit to be used at all, whatever the team allows and however it is reached."""
