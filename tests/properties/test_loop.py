"""Promotion and failure over random histories: releases, bad versions, merges, people, and what cannot be reached.

A real repository and the real pipeline; Argo CD is simulated, and so is the time.
"""

import asyncio
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.team import PRODUCTION, STAGING, Team, deployment
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import Registries, serve
from updater.failures import REVERTED_LABEL
from updater.model import PullRequestState

SOAK = timedelta(hours=2)
STEPS = st.sampled_from(
    (
        *("run", "run", "run", "run", "merge staging", "merge production", "merge production", "merge revert", "close"),
        *("wait", "wait", "wait", "wait long", "revert by hand", "flap", "cluster away", "cluster back", "forget"),
    )
)


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
                assert pull.branch not in self.reverted, "never two for the same cause"
                self.reverted.append(pull.branch)
            else:
                proposed = set(re.findall(r"\| `([0-9.]+)` \| (?:minor|patch)", pull.body))
                assert not proposed & self.rejected, f"{proposed} was taken back before"
        assert asyncio.run(self.team.run()) == [], "the second run writes nothing"

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


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=4, max_size=14), is_bad=st.booleans())
def test_whatever_happens(registries: Registries, steps: list[str], is_bad: bool) -> None:  # noqa: FBT001 - drawn
    """Production has what it had or what staging has proven; what was taken back stays away; two runs are as one."""
    bad = "1.6.0" if is_bad else "none"
    with tempfile.TemporaryDirectory() as place, KubernetesApi() as api:
        watched = Watched(_team(Path(place), api, registries.routes, bad), bad)
        for step in ("run", "merge staging", *steps):
            watched.step(step)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(noise=st.lists(st.sampled_from(("run", "wait", "cluster away", "cluster back", "forget")), max_size=6))
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
