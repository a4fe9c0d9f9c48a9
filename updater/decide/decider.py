"""One dependency: the version in use, its pins and digest, and what may follow."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from updater import versioning
from updater.decide.explaining import accepted, stopped
from updater.decide.judge import Judge
from updater.decide.offers import steps
from updater.decide.policies import Policies
from updater.decide.reading import allowed_test, written_of
from updater.decide.replacing import replacement_of
from updater.model.decide import Choice, Decision, Held, Offer
from updater.model.history import Tombstone
from updater.model.lookup import Release
from updater.model.track import Tracked, UpdateType
from updater.policy import BOUNDS, FITNESS, Question, RolledBack
from updater.policy.allowed import not_allowed
from updater.policy.deprecated import deprecated
from updater.policy.ladders import ladder_of
from updater.policy.prerelease import prerelease
from updater.policy.rungs import Rungs
from updater.policy.surroundings import Surroundings
from updater.versioning._scheme import Version
from updater.versioning.listing import Listing


class Decider:
    """Decides one dependency: asked once, for the choices or for the decisions, then thrown away."""

    def __init__(
        self,
        tracked: Tracked,
        listing: Listing,
        policies: Policies,
        tombstones: Sequence[Tombstone] = (),
        surroundings: Surroundings | None = None,
    ) -> None:
        self.tracked, self.listing, self.policies = tracked, listing, policies
        self.tombstones, self.surroundings = tombstones, surroundings
        self.value, self.policy = tracked.dependency.current_value, tracked.policy
        self.scheme, self.written = versioning.get(tracked.versioning), written_of(tracked)

    def choices(self) -> Iterator[Choice]:
        """The steps that it may take: pins first, then the newest release first, then its digest."""
        judge = self._judge
        if isinstance(judge, Judge):
            yield from self._pins(judge.question.current)
            yield from self._rollbacks(judge.question)
            yield from steps(judge, self.listing.family_of(judge.question.version).newer(judge.question.version))
        yield from (each for each in (self._digest(), self._replacement()) if isinstance(each, Choice))

    def held(self) -> Held | None:
        """The newest release, if it has to wait until something else has moved; None if it is offered."""
        judge = self._judge
        if isinstance(judge, Decision) or not judge.question.is_bounded:
            return None
        for each in self.listing.family_of(judge.question.version).newer(judge.question.version):
            outcome = judge.judge(each)
            if isinstance(outcome, Offer):
                break
            if outcome.rule in BOUNDS:
                return self._held(outcome, judge.kind(each))
        return None

    def _held(self, decision: Decision, kind: UpdateType) -> Held:
        return Held(
            tracked=self.tracked,
            update_type=kind,
            new_version=decision.subject,
            rule=decision.rule or "",
            reason=decision.reason or "",
            origin=decision.origin,
        )

    def decisions(self) -> Iterator[Decision]:
        """What becomes of each newer release, the newest first, and why nothing can be done where that is so."""
        judge = self._judge
        if isinstance(judge, Decision):
            yield judge
        else:
            yield from self._explanations(judge)
        yield from (each for each in (self._digest(), self._replaced()) if isinstance(each, Decision))

    def _explanations(self, judge: Judge) -> Iterator[Decision]:
        question = judge.question
        strangers = self.listing.strangers(question.version)
        if strangers:
            yield self._stop(f"{strangers} releases", "family", f"not of the same kind as {question.current}")
        for each in self.listing.family_of(question.version).newer(question.version):
            outcome = judge.judge(each)
            yield outcome if isinstance(outcome, Decision) else accepted(outcome, self.value)

    # ------------------------------------------------------------ the version in use

    @cached_property
    def _judge(self) -> Judge | Decision:
        """What can be asked about newer releases, or why there is nothing to ask."""
        if self.value is None or not self.scheme.is_valid(self.written.version):
            return self._note(self._no_version(), rule="versioning")
        current = self._current()
        version = self.scheme.read(current) if current is not None else None
        if current is None or version is None:
            return self._note(f"no release satisfies {self.value!r}", rule="currentValue")
        if self.scheme.is_single(self.written.version) and not self.policy.update_pinned_dependencies:
            return self._note("pinned, and updatePinnedDependencies is off", rule="updatePinnedDependencies")
        question = Question(
            current=current,
            version=version,
            current_release=self.listing.family_of(version).release_of(current),
            policy=self.policy,
            is_allowed=allowed_test(self.policy.allowed_versions, self.scheme),
            rolled_back=tuple(self._rolled_back(version)),
            surroundings=self.surroundings,
            latest=self.listing.tagged("latest"),
            followed=self.listing.tagged(self.policy.follow_tag) if self.policy.follow_tag else None,
        )
        return Judge(self.tracked, self.scheme, self.policies, replace(question, rungs=self._rungs(question)))

    def _rungs(self, question: Question) -> Rungs | None:
        """The upgrade path that has to be kept to, of the releases that may be used at all."""
        ladder = ladder_of(self.policy, self.tracked.package)
        if ladder is None:
            return None
        newer = self.listing.family_of(question.version).newer(question.version)
        return Rungs.of(ladder, (each for each in newer if not any(rule(question, each) for rule in FITNESS)))

    def _current(self) -> str | None:
        """The version in use: the locked one, the one named, or the highest that the range admits.

        A range whose lower bound is to be raised (``rangeStrategy: bump``) stands for the lowest.
        """
        if self.tracked.lock is not None and self.scheme.is_single(self.tracked.lock.version):
            return self.tracked.lock.version
        value = self.written.version
        if self.scheme.is_single(value):
            return value
        return (self.listing.lowest_in if self.policy.range_strategy == "bump" else self.listing.highest_in)(value)

    def _rolled_back(self, current: Version) -> Iterator[RolledBack]:
        """What was decided about versions of the same family."""
        for stone in self.tombstones:
            version, lowered_to = self.scheme.read(stone.version), self.scheme.read(stone.lowered_to)
            if version is not None and lowered_to is not None and version.family == current.family:
                yield RolledBack(tombstone=stone, version=version, lowered_to=lowered_to)

    # ------------------------------------------------------------ pins and digests

    def _pins(self, current: str) -> Iterator[Choice]:
        """``rangeStrategy: pin``: the range becomes the version that it admits now."""
        if self.policy.range_strategy != "pin" or self.scheme.is_single(self.written.version):
            return
        release, new_value = self._release(current), self.written.with_version(current)
        policy = self.policies.of(UpdateType.PIN, current, new_value)
        if release is None or not policy.enabled:
            return
        offer = Offer(release=release, version=current, new_value=new_value, update_type=UpdateType.PIN, policy=policy)
        yield Choice(tracked=self.tracked, current_version=current, offers=(offer,))

    def _rollbacks(self, question: Question) -> Iterator[Choice]:
        """``rollbackPrs``: from a version that vanished to the newest one below it. Vetting asks whether it is gone."""
        family, value = self.listing.family_of(question.version), self.written.version
        if not (self.policy.rollback_prs and self.listing.complete and self.scheme.is_single(value)):
            return
        fit = (prerelease, deprecated, not_allowed)
        older = (each for each in family.older(question.version) if not any(rule(question, each) for rule in fit))
        found = next(older, None) if not family.has(question.version) else None
        new_value = self.scheme.new_value(value, question.current, found.text, "replace") if found else None
        if found is None or new_value is None:
            return
        new_value = self.written.with_version(new_value)
        policy = self.policies.of(UpdateType.ROLLBACK, found.text, new_value)
        if policy.enabled:
            offer = Offer(
                release=found.release,
                version=found.text,
                new_value=new_value,
                update_type=UpdateType.ROLLBACK,
                policy=policy,
            )
            yield Choice(tracked=self.tracked, current_version=question.current, offers=(offer,))

    def _release(self, text: str) -> Release | None:
        version = self.scheme.read(text)
        return self.listing.family_of(version).release_of(text) if version is not None else None

    def _digest(self) -> Choice | Decision | None:
        """A pinned digest may have moved under its tag; a tag without one may be pinned. Vetting asks for it."""
        if not self._takes_digest() or self.value is None:
            return None
        kind = UpdateType.DIGEST if self.tracked.dependency.current_digest else UpdateType.PIN_DIGEST
        policy = self.policies.of(kind, self.value, self.value)
        if not policy.enabled:
            return stopped(self.value, "enabled", f"{kind} updates are off", policy)
        release = self._release(self.value) or Release(version=self.value)
        offer = Offer(release=release, version=self.value, new_value=self.value, update_type=kind, policy=policy)
        return Choice(tracked=self.tracked, current_version=self.value, offers=(offer,))

    def _takes_digest(self) -> bool:
        dependency = self.tracked.dependency
        return dependency.current_digest is not None or (self.policy.pin_digests and dependency.pinnable)

    # ------------------------------------------------------------ replacements

    def _replacement(self) -> Choice | Decision | None:
        """Another package in the place of this one, at the version in use if no other is named."""
        replacement = replacement_of(self.tracked)
        if replacement is None:
            return None
        version = self.policy.replacement_version or self.value or self.tracked.dependency.current_digest or ""
        new_value = self.policy.replacement_version if self.policy.replacement_version and self.value else self.value
        policy = self.policies.of(UpdateType.REPLACEMENT, version, new_value)
        if not policy.enabled:
            return stopped(str(replacement), "enabled", "replacement updates are off", policy)
        offer = Offer(
            release=Release(version=version),
            version=version,
            new_value=new_value,
            update_type=UpdateType.REPLACEMENT,
            policy=policy,
            replacement=replacement,
        )
        return Choice(tracked=self.tracked, current_version=self.value, offers=(offer,))

    def _replaced(self) -> Decision | None:
        replacement = self._replacement()
        if not isinstance(replacement, Choice):
            return replacement
        return Decision(
            subject=str(replacement.offers[0].replacement),
            accepted=True,
            reason=str(UpdateType.REPLACEMENT),
            origin=self.policy.origins.get("replacement_name") or self.policy.origins.get("replacement_registry_url"),
        )

    # ------------------------------------------------------------ decisions

    def _no_version(self) -> str:
        if not self.value:
            return "only a digest is given"
        hint = "; pinDigests would pin what it points at, and follow it"
        can_be_pinned = self.tracked.dependency.pinnable and not self._takes_digest()
        return f"{self.value!r} is not a version{hint if can_be_pinned else ''}"

    def _stop(self, subject: str, rule: str, reason: str) -> Decision:
        return stopped(subject, rule, reason, self.policy)

    def _note(self, reason: str, *, rule: str) -> Decision:
        return self._stop(self.tracked.name, rule, reason)
