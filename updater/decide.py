"""Stage 3: a dependency and what the registry offers → the releases it may move to, best first. Pure.

Every release that is newer than the one in use leaves a :class:`~updater.model.Decision`: accepted, or the first rule
that stopped it, with the place in the configuration that decided.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from updater import versioning
from updater.api import Versioning
from updater.config import Policy
from updater.config.patterns import PatternError, compile_pattern, compile_regex
from updater.model import Choice, Decision, Offer, Release, Releases, Tracked, UpdateType
from updater.policy import RULES, Question

PolicyFor = Callable[[Tracked, UpdateType, str, str | None], Policy]
"""The policy for an update: of a dependency, of this type, to this version, writing this value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One dependency's outcome: a choice per bucket of updates, and the whole chain of decisions."""

    choices: tuple[Choice, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    """A release together with its version as the dependency's versioning reads it."""

    release: Release
    version: str


def decide(tracked: Tracked, releases: Releases, policy_for: PolicyFor) -> Decided:
    """Decide one dependency. Raises nothing: what cannot be decided leaves a decision that says why."""
    return _Decider(tracked, versioning.get(tracked.versioning), policy_for).decide(releases)


class _Decider:
    """The state of deciding one dependency; made, asked once, thrown away."""

    def __init__(self, tracked: Tracked, scheme: Versioning, policy_for: PolicyFor) -> None:
        self.tracked, self.scheme, self.policy_for = tracked, scheme, policy_for
        self.value, self.policy = tracked.dependency.current_value, tracked.policy
        self.decisions: list[Decision] = []

    def decide(self, releases: Releases) -> Decided:
        try:
            versions = self._versions(releases)
        except PatternError as error:
            self._note(str(error), rule="extractVersion")
            return Decided(choices=(), decisions=tuple(self.decisions))
        choices = [*self._of_versions(versions), *self._of_digest(versions)]
        return Decided(choices=tuple(choices), decisions=tuple(self.decisions))

    # ------------------------------------------------------------ versions

    def _versions(self, releases: Releases) -> list[_Version]:
        """The valid single versions, oldest first, each once."""
        read = _reader(self.tracked)
        found: dict[str, _Version] = {}
        for release in releases.releases:
            version = read(release.version)
            if version is not None and self.scheme.is_valid(version) and self.scheme.is_single(version):
                found.setdefault(version, _Version(release, version))
        return list(found.values())

    def _of_versions(self, versions: Sequence[_Version]) -> list[Choice]:
        if self.value is None or not self.scheme.is_valid(self.value):
            self._note(
                f"{self.value!r} is not a version" if self.value else "only a digest is given", rule="versioning"
            )
            return []
        current = self._current(versions)
        if current is None:
            self._note(f"no release satisfies {self.value!r}", rule="currentValue")
            return []
        if self.scheme.is_single(self.value) and not self.policy.update_pinned_dependencies:
            self._note("pinned, and updatePinnedDependencies is off", rule="updatePinnedDependencies")
            return []
        return [*self._pin(current, versions), *self._choices(current, self._accepted(current, versions))]

    def _pin(self, current: str, versions: Sequence[_Version]) -> list[Choice]:
        """``rangeStrategy: pin``: the range becomes the version that it admits now."""
        assert self.value is not None
        if self.policy.range_strategy != "pin" or self.scheme.is_single(self.value):
            return []
        policy = self.policy_for(self.tracked, UpdateType.PIN, current, current)
        release = next((each.release for each in versions if each.version == current), None)
        if release is None or not policy.enabled:
            return []
        offer = Offer(release=release, version=current, new_value=current, update_type=UpdateType.PIN, policy=policy)
        return [Choice(tracked=self.tracked, current_version=current, offers=(offer,))]

    def _current(self, versions: Sequence[_Version]) -> str | None:
        """The version in use: the locked one, the one named, or the highest that the range admits."""
        assert self.value is not None
        if self.tracked.lock is not None and self.scheme.is_single(self.tracked.lock.version):
            return self.tracked.lock.version
        if self.scheme.is_single(self.value):
            return self.value
        matching = [each for each in versions if self.scheme.matches(each.version, self.value)]
        stable = [each for each in matching if self.scheme.is_stable(each.version)] or matching
        return max((each.version for each in stable), key=self.scheme.key, default=None)

    def _accepted(self, current: str, versions: Sequence[_Version]) -> list[_Version]:
        """The releases that pass every rule, newest first; the others leave a decision."""
        by_version = {each.version: each.release for each in versions}
        is_allowed = _allowed(self.policy.allowed_versions, self.scheme)
        accepted = []
        for each in self._newer(current, versions):
            question = Question(
                release=each.release,
                version=each.version,
                current=current,
                current_release=by_version.get(current),
                versioning=self.scheme,
                policy=self.policy,
                is_allowed=is_allowed,
            )
            if self._passes(question):
                accepted.append(each)
        return accepted

    def _newer(self, current: str, versions: Sequence[_Version]) -> list[_Version]:
        """Family first: versions of other families cannot be put in order with the current one."""
        key, floor = self.scheme.key, self.scheme.key(current)
        family = [each for each in versions if self.scheme.is_compatible(each.version, current)]
        if len(family) < len(versions):
            self._stop(f"{len(versions) - len(family)} releases", "family", f"not of the same kind as {current}")
        return sorted(
            (each for each in family if key(each.version) > floor), key=lambda each: key(each.version), reverse=True
        )

    def _passes(self, question: Question) -> bool:
        for rule, ask in RULES.items():
            reason = ask(question)
            if reason is not None:
                self._stop(question.version, rule, reason)
                return False
        return True

    # ------------------------------------------------------------ choices

    def _choices(self, current: str, accepted: Sequence[_Version]) -> list[Choice]:
        buckets: dict[str, list[Offer]] = {}
        for each in accepted:
            offer = self._offer(current, each)
            if offer is not None:
                buckets.setdefault(self._bucket(offer), []).append(offer)
        return [
            Choice(tracked=self.tracked, current_version=current, offers=tuple(offers)) for offers in buckets.values()
        ]

    def _offer(self, current: str, each: _Version) -> Offer | None:
        """What writing this release would mean, or None with a decision if nothing would or may be written."""
        assert self.value is not None
        update_type = self._type(current, each.version)
        new_value = self._new_value(current, each.version)
        if new_value is None and not self._moves_lock(each.version):
            self._stop(each.version, "rangeStrategy", f"{self.value!r} admits it already")
            return None
        policy = self.policy_for(self.tracked, update_type, each.version, new_value)
        if not policy.enabled:
            self._stop(each.version, "enabled", f"{update_type} updates are off", policy)
            return None
        self.decisions.append(Decision(subject=each.version, accepted=True, reason=str(update_type)))
        return Offer(
            release=each.release,
            version=each.version,
            new_value=new_value if new_value is not None else self.value,
            update_type=update_type,
            policy=policy,
        )

    def _new_value(self, current: str, new: str) -> str | None:
        assert self.value is not None
        strategy = (
            "replace" if self.policy.range_strategy in ("auto", "update-lockfile") else self.policy.range_strategy
        )
        if strategy == "in-range-only":
            return None
        value = self.scheme.new_value(self.value, current, new, strategy)
        return None if value == self.value else value

    def _moves_lock(self, version: str) -> bool:
        return self.tracked.lock is not None and self.value is not None and self.scheme.matches(version, self.value)

    def _type(self, current: str, new: str) -> UpdateType:
        before, after = self.scheme.components(current), self.scheme.components(new)
        if after[0] != before[0]:
            return UpdateType.MAJOR
        return UpdateType.MINOR if after[1] != before[1] else UpdateType.PATCH

    def _bucket(self, offer: Offer) -> str:
        """Which releases compete for one update.

        https://docs.renovatebot.com/configuration-options/#separatemajorminor
        """
        major, minor, _ = self.scheme.components(offer.version)
        policy = offer.policy
        if not policy.separate_major_minor:
            return "latest"
        if offer.update_type is UpdateType.MAJOR:
            return f"v{major}" if policy.separate_multiple_major else "major"
        if policy.separate_multiple_minor and offer.update_type is UpdateType.MINOR:
            return f"v{major}.{minor}"
        return str(offer.update_type) if policy.separate_minor_patch else "non-major"

    # ------------------------------------------------------------ digests

    def _of_digest(self, versions: Sequence[_Version]) -> list[Choice]:
        """A pinned digest may have moved under its tag; a tag without one may be pinned. Vetting asks for it."""
        dependency = self.tracked.dependency
        update_type = UpdateType.DIGEST if dependency.current_digest else UpdateType.PIN_DIGEST
        if dependency.current_digest is None and not (self.policy.pin_digests and dependency.pinnable):
            return []
        if self.value is None:
            return []
        policy = self.policy_for(self.tracked, update_type, self.value, self.value)
        if not policy.enabled:
            self._stop(self.value, "enabled", f"{update_type} updates are off", policy)
            return []
        release = next((each.release for each in versions if each.version == self.value), Release(version=self.value))
        offer = Offer(release=release, version=self.value, new_value=self.value, update_type=update_type, policy=policy)
        return [Choice(tracked=self.tracked, current_version=self.value, offers=(offer,))]

    # ------------------------------------------------------------ decisions

    def _stop(self, version: str, rule: str, reason: str, policy: Policy | None = None) -> None:
        origin = (policy or self.policy).origins.get(_OPTION_OF.get(rule, rule))
        self.decisions.append(Decision(subject=version, accepted=False, rule=rule, reason=reason, origin=origin))

    def _note(self, reason: str, *, rule: str) -> None:
        self._stop(self.tracked.name, rule, reason)


_OPTION_OF = {
    "ignoreUnstable": "ignore_unstable",
    "ignoreDeprecated": "ignore_deprecated",
    "maxMajorIncrement": "max_major_increment",
    "allowedVersions": "allowed_versions",
    "rangeStrategy": "range_strategy",
    "updatePinnedDependencies": "update_pinned_dependencies",
}


def _reader(tracked: Tracked) -> Callable[[str], str | None]:
    """How a registry's version becomes one of the dependency's: ``extractVersion``, or less a tag's leading ``v``."""
    pattern = tracked.policy.extract_version or tracked.dependency.extract_version
    if pattern:
        return _extractor(pattern)
    if tracked.versioning == "hashicorp":
        return lambda version: version.removeprefix("v")
    return lambda version: version


@lru_cache(maxsize=64)
def _extractor(pattern: str) -> Callable[[str], str | None]:
    """Raises ``PatternError`` for what RE2 refuses."""
    compiled = compile_regex(pattern)

    def extract(version: str) -> str | None:
        match = compiled.search(version)
        return match.groupdict().get("version") if match else None

    return extract


def _allowed(allowed: str | None, scheme: Versioning) -> Callable[[str], bool] | None:
    if not allowed:
        return None
    if allowed.startswith(("/", "!/")):
        return compile_pattern(allowed)
    return lambda version: scheme.matches(version, allowed)
