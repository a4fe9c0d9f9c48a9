"""Stage 3: a dependency and what the registry offers → the releases it may move to, best first. Pure.

Every release that is newer than the one in use has a :class:`~updater.model.Decision`: accepted, or the first rule that
stopped it, with the place in the configuration that decided. Decisions are made when somebody reads them, offers when
vetting gets to them; both by the same :class:`_Judge`, so that neither can say what the other does not.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from operator import itemgetter
from typing import cast, overload

from updater import versioning
from updater.config import Policy
from updater.config.patterns import PatternError, compile_pattern, compile_regex
from updater.model import Choice, Decision, Dependency, Offer, Package, Release, Releases, Tracked, UpdateType
from updater.policy import RULES, Question
from updater.versioning._scheme import Scheme
from updater.versioning.listing import Extract, Listed, Listing

PolicyFor = Callable[[Tracked, UpdateType, str, str | None], Policy]
"""The policy for an update: of a dependency, of this type, to this version, writing this value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One dependency's outcome: a choice per bucket of updates, and ``explain``, which makes the chain of decisions."""

    choices: tuple[Choice, ...]
    explain: Callable[[], tuple[Decision, ...]] = field(repr=False, compare=False)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The whole chain of decisions; all releases are read again for it."""
        return self.explain()


class Decisions(Mapping[Dependency, tuple[Decision, ...]]):
    """The chain of decisions of each dependency, made when it is asked for: most runs ask for none."""

    def __init__(self, explain: Mapping[Dependency, Callable[[], tuple[Decision, ...]]]) -> None:
        self._explain = explain

    def __getitem__(self, dependency: Dependency) -> tuple[Decision, ...]:
        return self._explain[dependency]()

    def __iter__(self) -> Iterator[Dependency]:
        return iter(self._explain)

    def __len__(self) -> int:
        return len(self._explain)


def decide(tracked: Tracked, releases: Releases, policy_for: PolicyFor) -> Decided:
    """Decide one dependency. Raises nothing: what cannot be decided leaves a decision that says why."""
    return _Desk(releases, policy_for, by_version=True).decide(tracked)


def decide_all(
    dependencies: Sequence[Tracked], releases: Mapping[Package, Releases], policy_for: PolicyFor, *, by_version: bool
) -> list[Decided | None]:
    """Decide many, package by package; the result has their order, and None for packages without an answer.

    ``by_version`` says that policies may differ between updates of one type. Where they cannot, each is asked for once,
    with an empty version.
    """
    places: dict[Package, list[int]] = {}
    for place, tracked in enumerate(dependencies):
        places.setdefault(tracked.package, []).append(place)
    decided: list[Decided | None] = [None] * len(dependencies)
    for package, found in places.items():
        if package in releases:
            desk = _Desk(releases[package], policy_for, by_version=by_version)
            for place in found:
                decided[place] = desk.decide(dependencies[place])
    return decided


# ---------------------------------------------------------------- one package


class _Desk:
    """Decides the dependencies of one package: its releases are read once, and those that are alike decided once."""

    def __init__(self, releases: Releases, policy_for: PolicyFor, *, by_version: bool) -> None:
        self._releases, self._policy_for, self._by_version = releases, policy_for, by_version
        self._listings: dict[Hashable, Listing] = {}
        self._made: dict[Hashable, tuple[tuple[Choice, ...], _Policies]] = {}

    def decide(self, tracked: Tracked) -> Decided:
        policies = _Policies(tracked, self._policy_for, by_version=self._by_version)
        key = _alike(tracked, policies)
        if key not in self._made:
            # The policies are kept so that their ids, which are in the key, stay theirs.
            self._made[key] = (self._choices(tracked, policies), policies)
        choices = tuple(replace(choice, tracked=tracked) for choice in self._made[key][0])
        return Decided(choices=choices, explain=partial(_explained, tracked, self._releases, policies))

    def _choices(self, tracked: Tracked, policies: "_Policies") -> tuple[Choice, ...]:
        try:
            return tuple(_Decider(tracked, self._listing(tracked), policies).choices())
        except PatternError:
            return ()

    def _listing(self, tracked: Tracked) -> Listing:
        key = (tracked.versioning, _pattern(tracked))
        if key not in self._listings:
            self._listings[key] = _listing(tracked, self._releases)
        return self._listings[key]


def _explained(tracked: Tracked, releases: Releases, policies: "_Policies") -> tuple[Decision, ...]:
    try:
        return tuple(_Decider(tracked, _listing(tracked, releases), policies).decisions())
    except PatternError as error:
        return (_stopped(tracked.name, "extractVersion", str(error), tracked.policy),)


def _listing(tracked: Tracked, releases: Releases) -> Listing:
    """Raises ``PatternError``."""
    return Listing(releases, versioning.get(tracked.versioning), _extract(tracked))


class _Policies:
    """The policy for each update of one dependency."""

    def __init__(self, tracked: Tracked, policy_for: PolicyFor, *, by_version: bool) -> None:
        self._tracked, self._policy_for = tracked, policy_for
        self.by_type = None if by_version else {kind: policy_for(tracked, kind, "", None) for kind in UpdateType}

    def of(self, kind: UpdateType, version: str, value: str | None) -> Policy:
        if self.by_type is not None:
            return self.by_type[kind]
        return self._policy_for(self._tracked, kind, version, value)


def _alike(tracked: Tracked, policies: _Policies) -> Hashable:
    """All that the choices depend on; policies are made once each, so that the same one is the same object."""
    dependency = tracked.dependency
    if policies.by_type is None:
        return dependency
    return (
        tracked.versioning,
        tracked.lock.version if tracked.lock is not None else None,
        dependency.current_value,
        dependency.current_digest is None,
        dependency.pinnable,
        dependency.extract_version,
        id(tracked.policy),
        *map(id, policies.by_type.values()),
    )


# ---------------------------------------------------------------- one dependency


class _Decider:
    """Decides one dependency: asked once, for the choices or for the decisions, then thrown away."""

    def __init__(self, tracked: Tracked, listing: Listing, policies: _Policies) -> None:
        self.tracked, self.listing, self.policies = tracked, listing, policies
        self.value, self.policy = tracked.dependency.current_value, tracked.policy
        self.scheme = versioning.get(tracked.versioning)

    def choices(self) -> Iterator[Choice]:
        """The steps that it may take: pins first, then the newest release first, then its digest."""
        judge = self._judge()
        if isinstance(judge, _Judge):
            yield from self._pins(judge.question.current)
            yield from _steps(judge, self.listing.family_of(judge.question.version).newer(judge.question.version))
        digest = self._digest()
        if isinstance(digest, Choice):
            yield digest

    def decisions(self) -> Iterator[Decision]:
        """What becomes of each newer release, the newest first, and why nothing can be done where that is so."""
        judge = self._judge()
        if isinstance(judge, Decision):
            yield judge
        else:
            yield from self._explanations(judge)
        digest = self._digest()
        if isinstance(digest, Decision):
            yield digest

    def _explanations(self, judge: "_Judge") -> Iterator[Decision]:
        question = judge.question
        strangers = self.listing.strangers(question.version)
        if strangers:
            yield self._stop(f"{strangers} releases", "family", f"not of the same kind as {question.current}")
        for each in self.listing.family_of(question.version).newer(question.version):
            outcome = judge.judge(each)
            yield outcome if isinstance(outcome, Decision) else _accepted(outcome, self.value)

    # ------------------------------------------------------------ the version in use

    def _judge(self) -> "_Judge | Decision":
        """What can be asked about newer releases, or why there is nothing to ask."""
        if self.value is None or not self.scheme.is_valid(self.value):
            return self._note(self._no_version(), rule="versioning")
        current = self._current()
        version = self.scheme.read(current) if current is not None else None
        if current is None or version is None:
            return self._note(f"no release satisfies {self.value!r}", rule="currentValue")
        if self.scheme.is_single(self.value) and not self.policy.update_pinned_dependencies:
            return self._note("pinned, and updatePinnedDependencies is off", rule="updatePinnedDependencies")
        question = Question(
            current=current,
            version=version,
            current_release=self.listing.family_of(version).release_of(current),
            policy=self.policy,
            is_allowed=_allowed(self.policy.allowed_versions, self.scheme),
        )
        return _Judge(self.tracked, self.scheme, self.policies, question)

    def _current(self) -> str | None:
        """The version in use: the locked one, the one named, or the highest that the range admits."""
        assert self.value is not None
        if self.tracked.lock is not None and self.scheme.is_single(self.tracked.lock.version):
            return self.tracked.lock.version
        return self.value if self.scheme.is_single(self.value) else self.listing.highest_in(self.value)

    # ------------------------------------------------------------ pins and digests

    def _pins(self, current: str) -> Iterator[Choice]:
        """``rangeStrategy: pin``: the range becomes the version that it admits now."""
        assert self.value is not None
        if self.policy.range_strategy != "pin" or self.scheme.is_single(self.value):
            return
        policy, release = self.policies.of(UpdateType.PIN, current, current), self._release(current)
        if release is None or not policy.enabled:
            return
        offer = Offer(release=release, version=current, new_value=current, update_type=UpdateType.PIN, policy=policy)
        yield Choice(tracked=self.tracked, current_version=current, offers=(offer,))

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
            return _stopped(self.value, "enabled", f"{kind} updates are off", policy)
        release = self._release(self.value) or Release(version=self.value)
        offer = Offer(release=release, version=self.value, new_value=self.value, update_type=kind, policy=policy)
        return Choice(tracked=self.tracked, current_version=self.value, offers=(offer,))

    def _takes_digest(self) -> bool:
        dependency = self.tracked.dependency
        return dependency.current_digest is not None or (self.policy.pin_digests and dependency.pinnable)

    # ------------------------------------------------------------ decisions

    def _no_version(self) -> str:
        if not self.value:
            return "only a digest is given"
        hint = "; pinDigests would pin what it points at, and follow it"
        can_be_pinned = self.tracked.dependency.pinnable and not self._takes_digest()
        return f"{self.value!r} is not a version{hint if can_be_pinned else ''}"

    def _stop(self, subject: str, rule: str, reason: str) -> Decision:
        return _stopped(subject, rule, reason, self.policy)

    def _note(self, reason: str, *, rule: str) -> Decision:
        return self._stop(self.tracked.name, rule, reason)


class _Judge:
    """Says of each newer release what becomes of it. Offers keep it, so it keeps nothing of the listing."""

    def __init__(self, tracked: Tracked, scheme: Scheme, policies: _Policies, question: Question) -> None:
        self.tracked, self.scheme, self.policies, self.question = tracked, scheme, policies, question
        self._value = tracked.dependency.current_value or ""
        self._before = question.version.components

    def judge(self, listed: Listed) -> Offer | Decision:
        """The offer of a release, or why there is none."""
        for rule, ask in RULES.items():
            reason = ask(self.question, listed)
            if reason is not None:
                return _stopped(listed.text, rule, reason, self.tracked.policy)
        new_value = self._new_value(listed.text)
        if new_value is None and not self._moves_lock(listed):
            return _stopped(listed.text, "rangeStrategy", f"{self._value!r} admits it already", self.tracked.policy)
        kind = self._type(listed)
        policy = self.policies.of(kind, listed.text, new_value)
        if not policy.enabled:
            return _stopped(listed.text, "enabled", f"{kind} updates are off", policy)
        return Offer(
            release=listed.release,
            version=listed.text,
            new_value=new_value if new_value is not None else self._value,
            update_type=kind,
            policy=policy,
        )

    def listed(self, release: Release) -> Listed | None:
        """A release of the listing, read again."""
        extract = _extract(self.tracked)
        text = extract(release.version) if extract is not None else release.version
        version = self.scheme.single(text) if text is not None else None
        return Listed(release, text, version) if text is not None and version is not None else None

    def bucket(self, listed: Listed) -> str:
        """Which releases compete for one update.

        https://docs.renovatebot.com/configuration-options/#separatemajorminor
        """
        major, minor, _ = listed.version.components
        kind = self._type(listed)
        new_value = None if self.policies.by_type is not None else self._new_value(listed.text)
        policy = self.policies.of(kind, listed.text, new_value)
        if not policy.separate_major_minor:
            return "latest"
        if kind is UpdateType.MAJOR:
            return f"v{major}" if policy.separate_multiple_major else "major"
        if policy.separate_multiple_minor and kind is UpdateType.MINOR:
            return f"v{major}.{minor}"
        return str(kind) if policy.separate_minor_patch else "non-major"

    def _type(self, listed: Listed) -> UpdateType:
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
        return None if value == self._value else value

    def _moves_lock(self, listed: Listed) -> bool:
        return self.tracked.lock is not None and self.scheme.admits(self._value, listed.version)


# ---------------------------------------------------------------- choices and their offers


def _steps(judge: _Judge, newer: Sequence[Listed]) -> Iterator[Choice]:
    """One choice for each bucket that has an offer, the newest first."""
    firsts = (_first(judge, newer, places) for places in _buckets(judge, newer))
    for _, offers in sorted((first for first in firsts if first is not None), key=itemgetter(0)):
        # A sequence stands for the tuple, because a tuple cannot wait to be filled.
        offered = cast("tuple[Offer, ...]", offers)
        yield Choice(tracked=judge.tracked, current_version=judge.question.current, offers=offered)


def _buckets(judge: _Judge, newer: Sequence[Listed]) -> Iterable[Sequence[int]]:
    """The places of the releases that compete; where policies are by type, a minor version does so as a whole."""
    buckets: dict[str, list[int]] = {}
    by_series: dict[Hashable, list[int]] = {}
    by_type = judge.policies.by_type is not None
    for place, listed in enumerate(newer):
        series: Hashable = listed.version.numbers[:2] if by_type else place
        places = by_series.get(series)
        if places is None:
            places = by_series[series] = buckets.setdefault(judge.bucket(listed), [])
        places.append(place)
    return buckets.values()


def _first(judge: _Judge, newer: Sequence[Listed], places: Sequence[int]) -> "tuple[int, _Offers] | None":
    """The first place of a bucket that has an offer, and the bucket's offers from there on."""
    for index, place in enumerate(places):
        offer = judge.judge(newer[place])
        if isinstance(offer, Offer):
            return place, _Offers(offer, tuple(newer[each].release for each in places[index + 1 :]), judge)
    return None


class _Offers(Sequence[Offer]):
    """The offers of a choice, best first: the first one, and those of the ``older`` releases when they are asked for.

    Shared by all dependencies that are alike. It compares equal to whatever holds equal offers.
    """

    __slots__ = ("_judge", "_made", "_older")

    def __init__(self, first: Offer, older: tuple[Release, ...], judge: _Judge) -> None:
        self._made = [first]
        self._older = iter(older)
        self._judge = judge

    @overload
    def __getitem__(self, index: int) -> Offer: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Offer]: ...

    def __getitem__(self, index: int | slice) -> Offer | Sequence[Offer]:
        if isinstance(index, slice) or index < 0:
            self._make(None)
        else:
            self._make(index + 1)
        return self._made[index]

    def __len__(self) -> int:
        self._make(None)
        return len(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def _make(self, count: int | None) -> None:
        """Make offers until there are so many, or all."""
        while count is None or len(self._made) < count:
            release = next(self._older, None)
            if release is None:
                return
            listed = self._judge.listed(release)
            outcome = self._judge.judge(listed) if listed is not None else None
            if isinstance(outcome, Offer):
                self._made.append(outcome)


# ---------------------------------------------------------------- decisions


_OPTION_OF = {
    "ignoreUnstable": "ignore_unstable",
    "ignoreDeprecated": "ignore_deprecated",
    "maxMajorIncrement": "max_major_increment",
    "allowedVersions": "allowed_versions",
    "rangeStrategy": "range_strategy",
    "updatePinnedDependencies": "update_pinned_dependencies",
}


def _stopped(subject: str, rule: str, reason: str, policy: Policy) -> Decision:
    origin = policy.origins.get(_OPTION_OF.get(rule, rule))
    return Decision(subject=subject, accepted=False, rule=rule, reason=reason, origin=origin)


def _accepted(offer: Offer, value: str | None) -> Decision:
    reason = str(offer.update_type)
    if offer.new_value == offer.version and (value or "").startswith("v") and not offer.version.startswith("v"):
        reason += f"; written {offer.version}, as it is published"
    return Decision(subject=offer.version, accepted=True, reason=reason)


# ---------------------------------------------------------------- patterns


def _pattern(tracked: Tracked) -> str | None:
    return tracked.policy.extract_version or tracked.dependency.extract_version


def _extract(tracked: Tracked) -> Extract | None:
    """How a registry's version becomes one of the dependency's: ``extractVersion``, or less a tag's leading ``v``."""
    pattern = _pattern(tracked)
    if pattern:
        return _extractor(pattern)
    return _without_v if tracked.versioning == "hashicorp" else None


def _without_v(version: str) -> str:
    return version.removeprefix("v")


@lru_cache(maxsize=64)
def _extractor(pattern: str) -> Extract:
    """Raises ``PatternError`` for what RE2 refuses."""
    compiled = compile_regex(pattern)

    def extract(version: str) -> str | None:
        match = compiled.search(version)
        return match.groupdict().get("version") if match else None

    return extract


def _allowed(allowed: str | None, scheme: Scheme) -> Callable[[Listed], bool] | None:
    if not allowed:
        return None
    if allowed.startswith(("/", "!/")):
        test = compile_pattern(allowed)
        return lambda listed: test(listed.text)
    return lambda listed: scheme.admits(allowed, listed.version)
