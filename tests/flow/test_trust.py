"""Who is believed: nothing that others write brings a version into production, or keeps one from being looked at."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.flow.team import PRODUCTION, STAGING, Team, deployment
from updater.api import CheckState, PlatformError, PullRequest, RolloutState, Secret, Status
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import Registries
from updater.observe.notes import CONTEXT, Note, note_of, read_note

FORGED = Note(state=CheckState.SUCCESS, words="staging: proven", digest="0" * 8, is_final=True)
KEY = Secret("a key that nobody else has")


@pytest.fixture
def team(tmp_path: Path, registries: Registries) -> Iterator[Team]:
    """Staging runs a version that never becomes healthy, and has been moved on from it."""
    files = {STAGING: deployment("1.4.0"), PRODUCTION: deployment("1.4.0")}
    with KubernetesApi() as api:
        yield Team(tmp_path, api, registries.routes, files=files, bad=("api:1.4.2",))


def moved_on(team: Team) -> PullRequest:
    """A merged pull request whose version somebody has since replaced, so that no cluster can tell of it any more."""
    pull = team.merge_files({STAGING: deployment("1.4.2")})
    team.world.advance(hours=3)
    team.world.repository.commit({STAGING: deployment("1.6.0")}, "On\n")
    team.world.advance(hours=3)
    return pull


def say(team: Team, pull: PullRequest, creator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody claims that it is done."""
    commit = pull.merge_commit or ""
    team.forge.set_status(commit, FORGED.status(commit, None))
    real = team.forge.statuses

    def statuses(commits: Any) -> Any:
        return {
            each: [replace(one, creator=creator) if one.context == CONTEXT else one for one in found]
            for each, found in real(commits).items()
        }

    monkeypatch.setattr(team.forge, "statuses", statuses)
    monkeypatch.setattr(team.forge, "said", statuses)


async def promoted(team: Team) -> bool:
    plan = await team.plan()
    return any(PRODUCTION in branch.files and "1.4.2" in branch.files[PRODUCTION] for branch in plan.branches)


async def test_a_final_status_of_somebody_else(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may write statuses cannot have a version promoted."""
    say(team, moved_on(team), "mallory", monkeypatch)
    assert not await promoted(team)


async def test_a_final_status_of_a_trusted_account(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's former account, for instance, is believed once it is named."""
    say(team, moved_on(team), "old-bot[bot]", monkeypatch)
    team.configure(trustedCreators=["old-bot"])
    assert await promoted(team)


async def test_our_own_final_status(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this account has noted itself is believed."""
    say(team, moved_on(team), team.forge.login() or "", monkeypatch)
    assert await promoted(team)


async def test_a_status_that_is_not_believed_is_written_anew(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pull request is followed as if nobody had said anything."""
    pull = team.merge_files({STAGING: deployment("1.4.2")})
    say(team, pull, "mallory", monkeypatch)
    found = await team.verify()
    assert [each.verdict.state for each in found.rollouts] == [RolloutState.WAITING_SYNC]


async def test_a_forge_that_does_not_tell_who_we_are(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody is us, and it is said; what was noted is found out again."""

    def fail() -> str:
        raise PlatformError("no")

    say(team, moved_on(team), team.forge.login() or "", monkeypatch)
    monkeypatch.setattr(team.forge, "login", fail)
    assert not await promoted(team)


# ---------------------------------------------------------------- signatures


def signed(note: Note, commit: str, key: Secret | None = KEY) -> Status:
    return note.status(commit, None, key)


def reworded(status: Status) -> Status:
    return replace(status, description=status.description.replace("staging", "production"))


def test_a_signed_note_is_read() -> None:
    """All of it comes back, within the length that forges allow."""
    note = replace(FORGED, words="staging: " + "x" * 200)
    status = signed(note, "1" * 40)
    assert len(status.description) <= 140
    read = read_note([status], "1" * 40, KEY)
    assert read is not None
    assert read.is_final


@pytest.mark.parametrize(
    "status",
    [
        signed(FORGED, "1" * 40, None),
        signed(FORGED, "1" * 40, Secret("another key")),
        signed(FORGED, "2" * 40),
        replace(signed(FORGED, "1" * 40), state=CheckState.FAILURE),
        reworded(signed(FORGED, "1" * 40)),
    ],
    ids=["unsigned", "another key", "another commit", "another state", "other words"],
)
def test_with_a_key_only_what_it_signed_is_believed(status: Status) -> None:
    """A signature is good for one commit and for these words."""
    assert read_note([status], "1" * 40, KEY) is None


def test_without_a_key_signatures_say_nothing() -> None:
    """Who does without the key reads what was signed all the same."""
    assert read_note([signed(FORGED, "1" * 40)], "1" * 40) == FORGED


def test_a_note_that_was_read_is_what_would_be_written() -> None:
    """So that the second of two runs writes nothing, with and without a key."""
    made = note_of([], "text", None)
    for key in (None, KEY):
        assert read_note([signed(made, "1" * 40, key)], "1" * 40, key) == made
