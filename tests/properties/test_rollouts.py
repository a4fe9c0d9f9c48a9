"""Laws of verdicts, over random histories: whatever happens in whatever order, no verdict claims what is not so."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from updater.api import Expectation, RolloutState, Target, TargetKind, Verdict
from updater.demo.simulator import Application, Kustomization, World
from updater.history import GitHistory
from updater.reconcilers.argocd import application
from updater.reconcilers.argocd_verdict import Ours, verdict
from updater.reconcilers.flux import kustomization
from updater.reconcilers.flux_verdict import kustomization_verdict

SOAK, GRACE = timedelta(hours=1), timedelta(minutes=10)
NOTES = ("", "", "", "broken", "refused", "unrenderable", "paused")
SHOP = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd")


@dataclass(frozen=True)
class Step:
    """Time passes; then somebody commits (or not), or the cluster has a bad moment."""

    seconds: int
    note: str | None
    flap: bool


steps = st.lists(
    st.builds(
        Step,
        seconds=st.integers(1, 5_000),
        note=st.none() | st.sampled_from(NOTES),
        flap=st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def play(
    world: World, followers: Sequence[Application | Kustomization], story: Sequence[Step]
) -> dict[str, tuple[datetime, str]]:
    """Let it happen; the result is when each commit was made, and what was in it."""
    made: dict[str, tuple[datetime, str]] = {}
    for number, step in enumerate([Step(1, "", False), *story]):
        world.advance(seconds=step.seconds)
        if step.flap:
            for each in followers:
                if isinstance(each, Application):
                    each.flap(world.clock.now)
        if step.note is not None:
            text = f"image: ghcr.io/acme/web:1.{number}.0\n{step.note}\n"
            made[world.repository.commit({"apps/web/web.yaml": text})] = (world.clock.now, step.note)
    return made


def verdicts(
    world: World, follower: Application | Kustomization, made: dict[str, tuple[datetime, str]]
) -> dict[str, Verdict]:
    assert world.repository.head is not None
    history = GitHistory(world.repository.git, world.repository.head)
    found = {}
    for commit, (since, _) in made.items():
        expected = Expectation(target=SHOP, commit=commit, branch="main", since=since, soak=SOAK, grace=GRACE)
        if isinstance(follower, Application):
            data = application(follower.manifest())
            found[commit] = verdict(data, expected, history, Ours(), world.clock.now)
        else:
            state = kustomization(follower.manifest() | {"metadata": {"name": "apps", "generation": 1}})
            found[commit] = kustomization_verdict(state, expected, history, world.clock.now)
    return found


@slow
@given(story=steps)
def test_what_is_proven_ran_healthily_for_the_soak_time(story: list[Step]) -> None:
    """A proof means: a sync with the commit succeeded, and health has lasted for the soak time since."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory) / "repository.git")
        app = world.application("shop", "apps/web")
        made = play(world, [app], story)
        for commit, found in verdicts(world, app, made).items():
            if found.state is not RolloutState.PROVEN:
                continue
            order = world.repository.commits
            later = [app.truth[each] for each in order[order.index(commit) :] if each in app.truth]
            assert later, "nothing that contains the commit was ever deployed"
            assert app.health == "Healthy"
            assert world.clock.now - max(later[0].deployed, app.health_since) >= SOAK


@slow
@given(story=steps)
def test_a_failure_is_of_a_commit_that_was_tried(story: list[Step]) -> None:
    """Nothing has failed that was not tried, and bad health from before a commit is never its failure."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory) / "repository.git")
        app = world.application("shop", "apps/web")
        made = play(world, [app], story)
        for commit, found in verdicts(world, app, made).items():
            since, _ = made[commit]
            order = world.repository.commits
            contained = order[order.index(commit) :]
            if found.state is RolloutState.FAILED_HEALTH:
                assert app.health_since >= since
                assert any(each in app.truth for each in contained)
            if found.state is RolloutState.FAILED_SYNC:
                assert app.tried in contained
            if found.state is RolloutState.FAILED_RENDER:
                assert any("unrenderable" in world.repository.below("apps/web", each) for each in contained)


@slow
@given(story=steps)
def test_times_never_lie(story: list[Step]) -> None:
    """Exact times are those at which it happened; an interval holds the true moment."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory) / "repository.git")
        app = world.application("shop", "apps/web")
        made = play(world, [app], story)
        order = world.repository.commits
        for commit, found in verdicts(world, app, made).items():
            times = found.times
            if not found.state.is_live or times.deployed is None:
                continue
            first = next(app.truth[each] for each in order[order.index(commit) :] if each in app.truth)
            if len(app.truth) <= 10:
                assert (times.started, times.deployed) == (first.started, first.deployed)
            if times.healthy is not None and times.healthy_after is not None and first.healthy is not None:
                assert times.healthy_after <= first.healthy <= times.healthy


@slow
@given(story=steps)
def test_asking_twice_gives_the_same(story: list[Step]) -> None:
    """A verdict depends on the state, the history and the time, and on nothing else."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory) / "repository.git")
        app, flux = world.application("shop", "apps/web"), world.kustomization("apps", "apps/web")
        made = play(world, [app, flux], story)
        for follower in (app, flux):
            assert verdicts(world, follower, made) == verdicts(world, follower, made)


@slow
@given(story=steps)
def test_what_flux_has_proven_was_applied_and_well(story: list[Step]) -> None:
    """A proof of a Kustomization means: something that contains the commit was applied and healthy for long enough."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory) / "repository.git")
        flux = world.kustomization("apps", "apps/web")
        made = play(world, [flux], story)
        order = world.repository.commits
        for commit, found in verdicts(world, flux, made).items():
            if found.state is RolloutState.PROVEN:
                contained = order[order.index(commit) :]
                assert flux.applied in contained
                assert "broken" not in world.repository.below("apps/web", flux.applied)
            if found.state.is_failure:
                assert flux.attempted in order[order.index(commit) :]
