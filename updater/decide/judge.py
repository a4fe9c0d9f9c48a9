"""What becomes of each newer release of one dependency."""

from updater.decide.explaining import stopped
from updater.decide.policies import Policies
from updater.decide.reading import extract_of, written_of
from updater.model.decide import Decision, Offer
from updater.model.lookup import Release
from updater.model.track import Tracked, UpdateType
from updater.policy import RULES, Question
from updater.versioning._scheme import Scheme
from updater.versioning.listing import Listed


class Judge:
    """Says of each newer release what becomes of it. Offers keep it, so it keeps nothing of the listing."""

    def __init__(self, tracked: Tracked, scheme: Scheme, policies: Policies, question: Question) -> None:
        self.tracked, self.scheme, self.policies, self.question = tracked, scheme, policies, question
        self._written = written_of(tracked)
        self._value = self._written.version
        self._before = question.version.components

    def judge(self, listed: Listed) -> Offer | Decision:
        """The offer of a release, or why there is none."""
        for rule, ask in RULES.items():
            reason = ask(self.question, listed)
            if reason is not None:
                return stopped(listed.text, rule, reason, self.tracked.policy)
        new_value = self._new_value(listed.text)
        if new_value is None and not self._moves_lock(listed):
            return stopped(listed.text, "rangeStrategy", f"{self._value!r} admits it already", self.tracked.policy)
        kind = self.kind(listed)
        policy = self.policies.of(kind, listed.text, new_value)
        if not policy.enabled:
            return stopped(listed.text, "enabled", f"{kind} updates are off", policy)
        return Offer(
            release=listed.release,
            version=listed.text,
            new_value=new_value if new_value is not None else self.tracked.dependency.current_value,
            update_type=kind,
            policy=policy,
        )

    def listed(self, release: Release) -> Listed | None:
        """A release of the listing, read again."""
        extract = extract_of(self.tracked)
        text = extract(release.version) if extract is not None else release.version
        version = self.scheme.single(text) if text is not None else None
        return Listed(release, text, version) if text is not None and version is not None else None

    def bucket(self, listed: Listed) -> str:
        """Which releases compete for one update.

        https://docs.renovatebot.com/configuration-options/#separatemajorminor
        """
        major, minor, _ = listed.version.components
        kind = self.kind(listed)
        new_value = None if self.policies.by_type is not None else self._new_value(listed.text)
        policy = self.policies.of(kind, listed.text, new_value)
        if not policy.separate_major_minor:
            return "latest"
        if kind is UpdateType.MAJOR:
            return f"v{major}" if policy.separate_multiple_major else "major"
        if policy.separate_multiple_minor and kind is UpdateType.MINOR:
            return f"v{major}.{minor}"
        return str(kind) if policy.separate_minor_patch else "non-major"

    def kind(self, listed: Listed) -> UpdateType:
        """How far an update to it goes."""
        after = listed.version.components
        if after[0] != self._before[0]:
            return UpdateType.MAJOR
        return UpdateType.MINOR if after[1] != self._before[1] else UpdateType.PATCH

    def _new_value(self, new: str) -> str | None:
        strategy = self.tracked.policy.range_strategy
        if strategy == "in-range-only":
            return None
        strategy = "replace" if strategy in ("auto", "update-lockfile") else strategy
        value = self.scheme.new_value(self._value, self.question.current, new, strategy)
        return None if value in (None, self._value) else self._written.with_version(value)

    def _moves_lock(self, listed: Listed) -> bool:
        return self.tracked.lock is not None and self.scheme.admits(self._value, listed.version)
