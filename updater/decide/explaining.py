"""Decisions in words, with the place in the configuration that they follow from."""

from updater.config import Policy
from updater.model.decide import Decision, Offer

_OPTION_OF = {
    "ignoreUnstable": "ignore_unstable",
    "ignoreDeprecated": "ignore_deprecated",
    "maxMajorIncrement": "max_major_increment",
    "ladder": "max_step",
    "allowedVersions": "allowed_versions",
    "followTag": "follow_tag",
    "respectLatest": "respect_latest",
    "rangeStrategy": "range_strategy",
    "updatePinnedDependencies": "update_pinned_dependencies",
}


def stopped(subject: str, rule: str, reason: str, policy: Policy) -> Decision:
    """``subject`` is not offered, by this rule, for this reason."""
    origin = policy.origins.get(_OPTION_OF.get(rule, rule))
    return Decision(subject=subject, accepted=False, rule=rule, reason=reason, origin=origin)


def accepted(offer: Offer, value: str | None) -> Decision:
    """What is offered in the place of ``value``."""
    reason = str(offer.update_type)
    if offer.new_value == offer.version and (value or "").startswith("v") and not offer.version.startswith("v"):
        reason += f"; written {offer.version}, as it is published"
    return Decision(subject=offer.version, accepted=True, reason=reason)
