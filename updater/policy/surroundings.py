"""What a release has to get along with: clusters, programs, and what else a Terraform root is made of.

Whether ranges have a version in common is answered by the versions that exist, where they are known, else by the bounds
that the ranges name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from updater import versioning
from updater.model.lookup import Requirement
from updater.versioning._scheme import Scheme

KUBERNETES = "kubernetes"

_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}(?:-[0-9A-Za-z.-]+)?")
_ENDS = ("0.0.0", "999999999.0.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What something in the surroundings wants of a name: a range of versions, and who wants it."""

    name: str
    constraint: str
    by: str

    def admits(self, version: str) -> bool:
        """Whether ``version`` will do; a range that cannot be read excludes nothing."""
        scheme = _scheme(self.name)
        return not scheme.is_valid(self.constraint) or scheme.matches(version, self.constraint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What there is around a package.

    ``on_it`` are demands on the package itself, ``on_others`` those on what its releases may require, by name;
    ``versions`` are those that exist of a name, as far as that is known.
    """

    on_it: Sequence[Demand] = ()
    on_others: Mapping[str, Sequence[Demand]] = field(default_factory=dict)
    versions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _refusals: dict[Requirement, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def refusal(self, requirement: Requirement) -> str | None:
        """Who stands against what a release requires; None if nobody does. Releases often require the same."""
        if requirement not in self._refusals:
            self._refusals[requirement] = self._refusal(requirement)
        return self._refusals[requirement]

    def _refusal(self, requirement: Requirement) -> str | None:
        demands = self.on_others.get(requirement.name, ())
        if not demands or self._fits(requirement, demands):
            return None
        alone = [demand for demand in demands if not self._fits(requirement, [demand])]
        against = dict.fromkeys(f"{demand.by} has {demand.constraint}" for demand in alone or demands)
        return f"requires {requirement.name} {requirement.constraint}, and {' and '.join(against)}"

    def _fits(self, requirement: Requirement, demands: Iterable[Demand]) -> bool:
        constraints = [requirement.constraint, *(demand.constraint for demand in demands)]
        return _agree(requirement.name, constraints, self.versions.get(requirement.name))


def is_met(requirement: Requirement, ours: str) -> bool:
    """Whether each of the versions in use (``1.29``, ``1.28 || 1.29``) is among what is required, as far as it says."""
    return all(_agree(requirement.name, (requirement.constraint, part.strip()), None) for part in ours.split("||"))


def _agree(name: str, constraints: Sequence[str], versions: Iterable[str] | None) -> bool:
    """Whether some version meets all constraints that can be read."""
    scheme = _scheme(name)
    readable = [each for each in constraints if scheme.is_valid(each)]
    candidates = versions if versions is not None else _bounds(readable)
    return any(all(scheme.matches(version, each) for each in readable) for version in candidates)


def _bounds(constraints: Iterable[str]) -> Iterable[str]:
    """What ranges name, and what comes next: if they have anything in common, then one of these."""
    yield from _ENDS
    for text in (match[0] for constraint in constraints for match in _VERSION.finditer(constraint)):
        major, minor, patch = map(int, [*text.partition("-")[0].split("."), "0", "0"][:3])
        yield text
        yield f"{major}.{minor}.{patch}"
        yield f"{major}.{minor}.{patch + 1}"


def _scheme(name: str) -> Scheme:
    return versioning.get("helm" if name == KUBERNETES else "hashicorp")
