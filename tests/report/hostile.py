"""A run of everything there is, in which every text of others tries to be more than text."""

from dataclasses import replace
from datetime import timedelta

from msgspec import structs

from tests.core.made import DIGEST, NOW, tracked, update
from updater.config import Policy, Problem
from updater.environments import Pairing
from updater.failures import Freeze
from updater.model.decide import Gone, Held
from updater.model.forge import Base, PullRequest, PullRequestState
from updater.model.history import Tombstone
from updater.model.lookup import Failed
from updater.model.plan import Action, ActionKind, Branch, Cause, Plan
from updater.model.scan import Skipped
from updater.model.track import Origin, Tracked, UpdateType
from updater.publish import Outcome
from updater.rollout import RolloutState, Trial

ATTACK = "<img src=x onerror=alert(1)>'\"></code></td></style></script><script>alert(2)</script>&lt;\0\udce9\u202e"
LONG = "unbroken" * 60
LINKS = ("javascript:alert(3)", 'https://example.org/"onmouseover="alert(4)', "//example.org/x", "data:text/html,x")


def hostile(number: int = 0, **wanted: object) -> Tracked:
    made = tracked(f"1.0.0{ATTACK}", name=f"{ATTACK}{number}{LONG}", path=f"apps/production/{ATTACK}{number}/a.yaml")
    return structs.replace(made, policy=Policy(source_url=LINKS[number % len(LINKS)]), **wanted)


def branch(name: str, *updates: object) -> Branch:
    return Branch(
        name=f"{name}{ATTACK}",
        base=Base(ATTACK, "c" * 40),
        title=f"{name} {ATTACK} {LONG}",
        body="",
        updates=tuple(updates),  # type: ignore[arg-type]
        files={},
        fingerprint="f",
        labels=(ATTACK, LONG),
    )


def pull(number: int, url: str) -> PullRequest:
    return PullRequest(
        number=number,
        branch=ATTACK,
        base="main",
        title=ATTACK,
        body=ATTACK,
        state=PullRequestState.OPEN,
        url=url,
        created=NOW - timedelta(days=number),
    )


def action(kind: ActionKind, cause: Cause | None = None, number: int = 0) -> Action:
    made = branch(f"{kind}-{cause}-", update(f"2.0.0{ATTACK}", found=hostile(number), new_digest=DIGEST))
    return Action(
        kind=kind,
        name=made.name,
        reason=f"because {ATTACK}",
        branch=None if kind is ActionKind.CLOSE else made,
        pull=pull(number + 1, LINKS[number % len(LINKS)]),
        cause=cause,
    )


def hostile_run(places: int = 8) -> tuple[Plan, list[Outcome]]:
    """With an action of each kind, each cause, and ``places`` of everything else."""
    waiting = [action(ActionKind.HOLD, cause, number) for number, cause in enumerate(Cause)]
    writing = [action(kind, number=number) for number, kind in enumerate(ActionKind) if kind is not ActionKind.HOLD]
    actions = (*waiting, *writing)
    trial = Trial(
        pull=pull(9, LINKS[1]),
        commit="c",
        environment=ATTACK,
        changes=(),
        targets=(ATTACK,),
        state=RolloutState.PROVEN,
        rule=ATTACK,
        reason=ATTACK,
        healthy=NOW,
    )
    updates = [
        replace(update(f"2.0.0{ATTACK}", found=hostile(number)), trial=trial, age_evidence=ATTACK, source_url=url)
        for number, url in zip(range(places), LINKS * places, strict=False)
    ]
    stone = Tombstone(
        version=ATTACK, lowered_to=ATTACK, path=ATTACK, commit="c" * 40, when=NOW, author=ATTACK, subject=ATTACK
    )
    plan = Plan(
        repository=f"acme/{ATTACK}",
        base=Base(ATTACK, "c" * 40),
        bases=(Base(ATTACK, "c" * 40), Base(f"{ATTACK}2", None)),
        dependencies=tuple(hostile(number) for number in range(places)),
        updates=tuple(updates),
        held=tuple(
            Held(
                tracked=hostile(number),
                update_type=UpdateType.MAJOR,
                new_version=ATTACK,
                rule=ATTACK,
                reason=ATTACK,
                until=NOW + timedelta(days=number),
                origin=Origin(path=ATTACK, line=7, presets=(ATTACK,)),
            )
            for number in range(places)
        ),
        failed=tuple(Failed(subject=f"{number}{ATTACK}", error=LONG, until=NOW) for number in range(places)),
        skipped=tuple(Skipped(manager=None, path=ATTACK, reason=ATTACK, line=number) for number in range(places)),
        branches=tuple(each.branch for each in actions if each.branch is not None),
        actions=actions,
        decisions={},
        problems=(Problem(path=ATTACK, line=1, column=1, severity="error", message=ATTACK),),
        change_limit=1.0,
        requests={ATTACK: 7},
        seconds={"scan": 0.25},
        gone=tuple(Gone(tracked=hostile(number), name=ATTACK, reason=ATTACK) for number in range(places)),
        freezes=(Freeze(environment=ATTACK, targets=(ATTACK,), cause=ATTACK, lifted=ATTACK),),
        pairings=(Pairing(before=ATTACK, after=ATTACK, pairs=2),),
        tombstones={hostile(number).dependency: (stone,) for number in range(places)},
    )
    broken = Failed(subject=ATTACK, error=ATTACK)
    outcomes = [
        Outcome(action=each, pull=each.pull, failed=broken if number == 0 else None)
        for number, each in enumerate(writing)
        if each.kind is not ActionKind.LEAVE
    ]
    return plan, outcomes
