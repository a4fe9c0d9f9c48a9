"""Promotion and failure over random histories: releases, bad versions, merges, people, and what cannot be reached.

A real repository and the real pipeline; Argo CD is simulated, and so is the time. ``LOOP_EXAMPLES=200`` goes deeper.
"""

import asyncio
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.flow.team import PRODUCTION, STAGING, Team, deployment
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import Registries, serve
from updater.errors import PlatformError, UpdaterError
from updater.failures import REVERTED_LABEL
from updater.model.forge import PullRequestState
from updater.platforms.local import LocalPlatform

EXAMPLES = int(os.environ.get("LOOP_EXAMPLES", "6"))
SOAK = timedelta(hours=2)
BESIDE = "apps/staging/web/service.yaml"
FALTERING = st.integers(1, 12).map(lambda number: f"falter {number}")
USUAL = st.sampled_from(
    (
        *("run",) * 6,
        *("wait",) * 4,
        *("wait long", "wait long", "merge staging", "merge production", "merge production", "merge revert", "close"),
        *(
            "revert by hand",
            "flap",
            "cluster away",
            "cluster back",
            "forget",
            "somebody breaks it",
            "somebody mends it",
        ),
    )
)
STEPS = st.one_of(USUAL, USUAL, USUAL, USUAL, FALTERING)
NOISE = st.one_of(st.sampled_from(("run", "wait", "cluster away", "cluster back", "forget")), FALTERING)
ASKED = (
    *("merged_since", "commits", "statuses", "said", "set_status", "comment", "pull_requests", "branches"),
    *("push", "create_pull_request", "update_pull_request", "close_pull_request", "delete_branches"),
)
"""What a run asks of the forge, and what may go wrong."""


@contextmanager
def faltering(forge: LocalPlatform, number: int) -> Iterator[None]:
    """The forge fails at its so-manieth question, and works otherwise."""
    asked = count(1)

    def wrapped(name: str) -> Callable[..., Any]:
        real = getattr(forge, name)

        def call(*arguments: Any, **options: Any) -> Any:
            if next(asked) == number:
                raise PlatformError(f"the forge falters at {name}")
            return real(*arguments, **options)

        return call

    for name in ASKED:
        setattr(forge, name, wrapped(name))
    try:
        yield
    finally:
        for name in ASKED:
            delattr(forge, name)


@pytest.fixture(scope="module")
def registries() -> Iterator[Registries]:
    with serve() as running:
        yield running


@dataclass
class Watched:
    """A team whose every step is looked at."""

    team: Team
    bad: str
    allowed: set[str] = field(default_factory=set)
    rejected: set[str] = field(default_factory=set)
    reverted: list[str] = field(default_factory=list)
    is_away: bool = False

    def version(self, path: str) -> str:
        match = re.search(r"api:(\S+)", self.team.text(path))
        assert match is not None
        return match[1]

    def step(self, name: str) -> None:
        team, before = self.team, self.version(PRODUCTION)
        kind, _, number = name.rpartition(" ")
        if kind == "falter":
            self._falter(int(number))
        else:
            getattr(self, f"_{name.replace(' ', '_')}")()
        self._notice_proofs()
        after = self.version(PRODUCTION)
        assert after in {before, *self.allowed}, f"{before} → {after}, proven: {self.allowed}"
        assert after != self.bad
        assert all(pull.state is not PullRequestState.OPEN or self._is_sound(pull.branch, pull.body)
                   for pull in team.forge.pull_requests("updater/"))  # fmt: skip

    def _is_sound(self, branch: str, body: str) -> bool:
        """What is open for production was proven; whatever is taken back had failed."""
        if "/production-" in branch:
            return any(f"`{version}`" in body for version in self.allowed)
        return "revert-" not in branch or f"`{self.bad}`" in body

    def _notice_proofs(self) -> None:
        """By the simulation's own account: what has run in staging without a break for the soak time."""
        app = self.team.staging
        unbroken = self.team.world.clock.now - max(app.health_since, self._deployed())
        if app.health == "Healthy" and app.sync == "Synced" and unbroken >= SOAK and app.images:
            self.allowed.add(app.images[0].rpartition(":")[2])

    def _deployed(self) -> datetime:
        latest = (datetime.fromisoformat(each["deployedAt"]) for each in self.team.staging.history)
        return max(latest, default=self.team.world.clock.now)

    # ------------------------------------------------------------ what may happen

    def _run(self) -> None:
        known = {pull.number for pull in self.team.forge.pull_requests("updater/")}
        asyncio.run(self.team.run())
        new = [pull for pull in self.team.forge.pull_requests("updater/") if pull.number not in known]
        for pull in new:
            if REVERTED_LABEL in pull.labels:
                assert not self.is_away
            else:
                proposed = set(re.findall(r"\| `([0-9.]+)` \| (?:minor|patch)", pull.body))
                assert not proposed & self.rejected, f"{proposed} was taken back before"
        self._note_reverts()
        assert asyncio.run(self.team.run()) == [], "the second run writes nothing"

    def _falter(self, number: int) -> None:
        """A run that the forge spoils somewhere in the middle: it may end there, or leave something out."""
        with faltering(self.team.forge, number), suppress(UpdaterError):
            asyncio.run(self.team.run())
        self.team.world.repository.look()
        self._note_reverts()

    def _note_reverts(self) -> None:
        """What was taken back so far, each cause once."""
        branches = [pull.branch for pull in self.team.forge.pull_requests("updater/") if REVERTED_LABEL in pull.labels]
        assert len(set(branches)) == len(branches), "never two for the same cause"
        self.reverted = branches

    def _merge(self, part: str) -> None:
        for pull in self.team.open_pulls():
            is_production, is_revert = "/production-" in pull.branch, "revert-" in pull.branch
            kind = "production" if is_production else "revert" if is_revert else "staging"
            if kind == part:
                before = self.version(STAGING)
                self.team.forge.merge_pull_request(pull)
                self.team.world.repository.look()
                if is_revert:
                    self.rejected.add(before)

    def _merge_staging(self) -> None:
        self._merge("staging")

    def _merge_production(self) -> None:
        self._merge("production")

    def _merge_revert(self) -> None:
        self._merge("revert")

    def _close(self) -> None:
        for pull in self.team.open_pulls()[:1]:
            self.team.forge.close_pull_request(pull, comment="No.")

    def _wait(self) -> None:
        self.team.world.advance(minutes=20)

    def _wait_long(self) -> None:
        self.team.world.advance(hours=3)

    def _revert_by_hand(self) -> None:
        version = self.version(STAGING)
        if version != "1.4.0":
            self.team.world.repository.look()
            self.team.world.repository.commit({STAGING: deployment("1.4.0")}, "Back\n")
            self.rejected.add(version)

    def _somebody_breaks_it(self) -> None:
        """Staging becomes unhealthy for a reason that is not the bot's; nothing may be taken back for that."""
        self._commit(BESIDE, "broken\n")

    def _somebody_mends_it(self) -> None:
        self._commit(BESIDE, "kind: Service\n")

    def _commit(self, path: str, text: str) -> None:
        self.team.world.repository.look()
        self.team.world.repository.commit({path: text}, "By hand\n")

    def _flap(self) -> None:
        self.team.staging.flap(self.team.world.clock.now)

    def _cluster_away(self) -> None:
        self.team.api.forbid("/")
        self.is_away = True

    def _cluster_back(self) -> None:
        self.team.api.allow_all()
        self.is_away = False

    def _forget(self) -> None:
        """Caches are lost with every run here; this loses what the forge's reader remembers, too."""
        self.team.forge = type(self.team.forge)(self.team.world.directory, clock=self.team.world.clock)


@pytest.mark.timeout(30 * EXAMPLES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=16 + EXAMPLES // 10), is_bad=st.booleans())
@example(steps=["run", "wait", "run"], is_bad=False)
@example(steps=["run", "wait", "run", "somebody breaks it", "wait", "wait", "run"], is_bad=False)
@example(steps=["run", "wait", "wait", "run", "merge revert", "wait", "run"], is_bad=True)
def test_whatever_happens(registries: Registries, steps: list[str], is_bad: bool) -> None:  # noqa: FBT001 - drawn
    """Production has what it had or what staging has proven; what was taken back stays away; two runs are as one."""
    bad = "1.6.0" if is_bad else "none"
    with tempfile.TemporaryDirectory() as place, KubernetesApi() as api:
        watched = Watched(_team(Path(place), api, registries.routes, bad), bad)
        for step in ("run", "merge staging", *steps):
            watched.step(step)


@pytest.mark.timeout(30 * EXAMPLES)
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(noise=st.lists(NOISE, max_size=8))
def test_no_promotion_is_lost(registries: Registries, noise: list[str]) -> None:
    """Whatever could not be reached in between, in the end production is offered what staging has proven."""
    with tempfile.TemporaryDirectory() as place, KubernetesApi() as api:
        watched = Watched(_team(Path(place), api, registries.routes, "none"), "none")
        begin, end = (
            ("run", "merge staging", "run"),
            ("cluster back", "wait long", "run", *noise, "cluster back", "run"),
        )
        for step in (*begin, *noise, *end):
            watched.step(step)
        (pull,) = watched.team.open_pulls()
        assert "in production" in pull.title


def _team(place: Path, api: KubernetesApi, routes: Mapping[str, str], bad: str) -> Team:
    return Team(
        place,
        api,
        routes,
        bad=(f"api:{bad}",),
        options={"onFailure": {"staging": "revert-pr"}},
        files={STAGING: deployment("1.4.0"), PRODUCTION: deployment("1.4.0")},
    )
