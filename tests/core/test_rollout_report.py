"""The comment below a merged pull request: what it shows, and what it must not."""

from datetime import timedelta

import pytest

from tests.reconcilers.made import MERGED, SHOP, expecting
from updater.api import Rollout, RolloutState, Times, Verdict
from updater.model.scan import Environment, in_usual_order
from updater.report.rollout import comment
from updater.rollout import Target, TargetKind


def rollout(state: RolloutState, reason: str = "", *, environment: str | None = None, **fields: object) -> Rollout:
    where = Environment(name=environment, reason="") if environment else None
    target = Target(kind=TargetKind.APPLICATION, name="shop", namespace="argocd", environment=where)
    verdict = Verdict(state=state, rule="argocd 9", reason=reason, **fields)  # type: ignore[arg-type]
    return Rollout(expectation=expecting(target), verdict=verdict, pull=1)


def test_the_times_are_shown_in_their_parts() -> None:
    """Merge to running, and what it consists of; an interval is not taken apart."""
    moments = [MERGED + timedelta(seconds=seconds) for seconds in (75, 95, 140)]
    times = Times(merged=MERGED, started=moments[0], deployed=moments[1], healthy=moments[2])
    text = comment([rollout(RolloutState.LIVE, times=times)])
    assert "2 min 20 s (noticed 1 min 15 s, synced 20 s, rolled out 45 s)" in text
    vague = Times(merged=MERGED, started=moments[0], deployed=moments[1], healthy=moments[2], healthy_after=moments[1])
    assert "noticed" not in comment([rollout(RolloutState.LIVE, times=vague)])


@pytest.mark.parametrize(
    ("message", "hidden"),
    [
        ("cannot fetch https://bot:hunter2@git.example.com/x", "hunter2"),
        ("401 for Authorization: Bearer abc.def", "abc.def"),
        ("environment PASSWORD=sesame was refused", "sesame"),
        ("pull with ghp_0123456789abcdef failed", "ghp_0123456789abcdef"),
    ],
)
def test_credentials_in_messages_are_hidden(message: str, hidden: str) -> None:
    """A cluster's message may hold what only the cluster's people should see."""
    assert hidden not in comment([rollout(RolloutState.FAILED_SYNC, message)])


def test_messages_bring_no_markup_and_no_mentions() -> None:
    """What a cluster says is shown as code, in one line, and cut."""
    text = comment([rollout(RolloutState.FAILED_SYNC, "@everyone <img src=x> `a` | b\n# Title" + "x" * 1_000)])
    (line,) = [line for line in text.splitlines() if "@everyone" in line]
    assert line.startswith("- `Application argocd/shop`: ``@everyone <img src=x> `a` ")
    assert len(line) < 450


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://x) [y](https://z", "https://a b"])
def test_links_that_are_none(link: str) -> None:
    """Only a plain address becomes a link."""
    assert "](" not in comment([rollout(RolloutState.LIVE, link=link)])


def test_environments_in_their_order() -> None:
    """Staging before production, whatever the alphabet says; what has no name first."""
    rows = [
        rollout(RolloutState.LIVE, environment="production"),
        rollout(RolloutState.LIVE, environment="staging"),
        rollout(RolloutState.LIVE),
    ]
    text = comment(rows)
    assert text.index("|  |") < text.index("| staging |") < text.index("| production |")
    assert in_usual_order(["production", "eu", "staging", "eu"]) == ("eu", "staging", "production")
    assert SHOP.full_name == "Application argocd/shop"
