"""Packages that others have taken the place of (``replacementName``, ``replacementVersion``, …)."""

from msgspec import structs

from updater.config import Policy
from updater.images import image_package
from updater.model.decide import Replacement
from updater.model.scan import Package
from updater.model.track import Tracked


def replacement_of(tracked: Tracked) -> Replacement | None:
    """What the configuration puts in the place of a dependency's package; None if nothing, or just the same."""
    policy, package = tracked.policy, tracked.package
    if policy.replacement_name is None and policy.replacement_registry_url is None:
        return None
    name = policy.replacement_name or package.name
    new = _package(package, name, policy)
    if new == package:
        return None
    return Replacement(name=name, package=new, registry_url=policy.replacement_registry_url)


def _package(old: Package, name: str, policy: Policy) -> Package:
    url = policy.replacement_registry_url
    if old.datasource == "docker":
        return image_package(name)
    return structs.replace(old, name=name, registry_urls=(url,) if url is not None else old.registry_urls)
