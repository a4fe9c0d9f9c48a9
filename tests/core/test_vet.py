"""Vetting: age, digests and lock files of the chosen release only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from tests.core.made import DIGEST, NOW, choices, tracked
from updater.api import Client
from updater.config import Policy
from updater.errors import NotFound, Unavailable
from updater.model import Choice, Edit, LockEntry, Origin, Package, Release, Releases, Span
from updater.vet import Vetted, vet

AGE = Policy(
    minimum_release_age=timedelta(days=3), origins={"minimum_release_age": Origin(path="renovate.json", line=4)}
)


class Registry:
    """A datasource that knows digests and hashes, and remembers what it was asked."""

    NAME = "docker"
    VERSIONING = "docker"

    def __init__(self, digests: Mapping[str, str | Exception] | None = None) -> None:
        self.digests, self.asked = digests or {}, list[str]()

    async def releases(self, package: Package, client: Client) -> Releases:
        raise NotImplementedError

    async def digest(self, package: Package, version: str, client: Client) -> str:
        self.asked.append(version)
        found = self.digests[version]
        if isinstance(found, Exception):
            raise found
        return found

    async def hashes(self, package: Package, version: str, known: Sequence[str], client: Client) -> tuple[str, ...]:
        return (f"h1:{version}=", f"zh:{version}")


class Plain(Registry):
    """A datasource that knows no hashes."""

    hashes = None  # type: ignore[assignment]  # what is not there is no method


class Ledger:
    """Remembers when versions were first seen."""

    def __init__(self, seen: Mapping[str, datetime] | None = None) -> None:
        self.seen = dict(seen or {})

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        return {version: self.seen.setdefault(version, now) for version in versions}


async def vetted(
    made: Sequence[Choice], registry: Registry | None = None, ledger: Ledger | None = None, now: datetime = NOW
) -> list[Vetted]:
    registry = registry or Registry()
    sources = {"docker": registry, "terraform-provider": registry}
    client: Client = None  # type: ignore[assignment]  # the stand-in asks nobody
    return await vet(made, sources, client, ledger or Ledger(), {}, now)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


async def test_the_newest_release_that_is_old_enough_is_taken() -> None:
    """Younger ones are held, with the moment that clears them and the rule's place."""
    young = Release(version="1.2.0", published=days_ago(1))
    old = Release(version="1.1.0", published=days_ago(30))
    (result,) = await vetted(choices(tracked(policy=AGE), young, old))

    assert result.update is not None
    assert result.update.offer.new_value == "1.1.0"
    (held,) = result.held
    assert (held.new_version, held.until, str(held.origin)) == ("1.2.0", NOW + timedelta(days=2), "renovate.json:4")


async def test_the_gate_opens_without_a_date() -> None:
    """Where the registry gives no date, the first sight counts, so that the gate always ends."""
    ledger = Ledger()
    made = choices(tracked(policy=AGE), "1.1.0")
    (first,) = await vetted(made, ledger=ledger)
    (later,) = await vetted(made, ledger=ledger, now=NOW + timedelta(days=3))

    assert (first.update, len(first.held)) == (None, 1)
    assert later.update is not None
    assert later.update.age_evidence == "first seen 2026-11-23 (the registry gives no date)"


@pytest.mark.parametrize(
    "changes",
    [{"internal_checks_filter": "none"}, {"internal_checks_filter": "flexible"}],
    ids=str,
)
async def test_the_age_can_be_a_wish(changes: dict[str, str]) -> None:
    """Without a strict filter a release that is too young is taken where no older one is there."""
    policy = msgspec.structs.replace(AGE, **changes)
    (result,) = await vetted(choices(tracked(policy=policy), Release(version="1.1.0", published=days_ago(1))))

    assert result.update is not None
    assert result.held == ()


async def test_an_unknown_age_can_be_old_enough() -> None:
    """``timestamp-optional``: what has no date is not held."""
    policy = msgspec.structs.replace(AGE, minimum_release_age_behaviour="timestamp-optional")
    (result,) = await vetted(choices(tracked(policy=policy), "1.1.0"))

    assert result.update is not None


async def test_tag_and_digest_move_together() -> None:
    """The digest of the chosen tag is asked for, once, and both places are edited."""
    registry = Registry({"1.1.0": "sha256:" + "cd" * 32})
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.1.0", "1.0.5")[:1], registry)

    assert result.update is not None
    assert [edit.text for edit in result.update.edits] == ["1.1.0", "sha256:" + "cd" * 32]
    assert registry.asked == ["1.1.0"]


async def test_a_digest_that_nobody_can_tell_holds_the_version() -> None:
    """Where a digest stands beside the version and the datasource tells none, neither is changed."""

    class Digestless:
        NAME, VERSIONING = "docker", "docker"

        async def releases(self, package: Package, client: Client) -> Releases:
            raise AssertionError

    client: Client = None  # type: ignore[assignment]  # the stand-in asks nobody
    made = choices(tracked(digest=DIGEST), "1.1.0")
    result = (await vet(made, {"docker": Digestless()}, client, Ledger(), {}, NOW))[0]

    assert result.update is None
    assert [held.rule for held in result.held] == ["digest"]


async def test_a_digest_that_did_not_move_is_no_update() -> None:
    """The same digest under the same tag: nothing to do."""
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.0.0"), Registry({"1.0.0": DIGEST}))
    assert result == Vetted()


async def test_a_digest_is_written_behind_the_tag() -> None:
    """Pinning writes ``tag@digest`` in the place of the tag."""
    made = choices(tracked(policy=Policy(pin_digests=True)), "1.0.0")
    (result,) = await vetted(made, Registry({"1.0.0": DIGEST}))

    assert result.update is not None
    assert [edit.text for edit in result.update.edits] == [f"1.0.0@{DIGEST}"]


async def test_a_tag_that_cannot_be_pulled_is_held() -> None:
    """What the registry lists but does not deliver is held, and the next best is taken."""
    registry = Registry({"1.2.0": NotFound("no such manifest", url="x"), "1.1.0": DIGEST})
    made = choices(tracked(digest="sha256:" + "ef" * 32), "1.2.0", "1.1.0")[:1]
    (result,) = await vetted(made, registry)

    assert result.update is not None
    assert result.update.offer.new_value == "1.1.0"
    assert [each.rule for each in result.held] == ["digest"]


async def test_a_registry_that_fails_is_a_failure_of_this_one() -> None:
    """An outage while vetting proposes nothing, and nothing lower in its place."""
    registry = Registry({"1.2.0": Unavailable("down", url="x"), "1.1.0": DIGEST})
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.2.0", "1.1.0")[:1], registry)

    assert result.update is None
    assert result.failed is not None
    assert result.failed.subject == "docker ghcr.io/acme/api"


@pytest.mark.parametrize(
    ("recorded", "written"),
    [
        ("~> 5.0", ["~> 6.1"]),
        (">= 5.2.0, ~> 5.0", [">= 5.2.0, ~> 6.1"]),
        (">= 5.2.0", []),
    ],
)
async def test_a_lock_entry_moves_as_a_whole(recorded: str, written: list[str]) -> None:
    """Version and hashes change with the constraint; of a merged constraint only our part does."""
    lock = LockEntry(
        manager="terraform-lock",
        path="t/.terraform.lock.hcl",
        line=3,
        package=Package(datasource="terraform-provider", name="hashicorp/aws"),
        version="5.31.0",
        version_span=Span(10, 16),
        constraints=recorded,
        constraints_span=Span(20, 26),
        hashes=("h1:old=",),
        hashes_span=Span(30, 50),
    )
    found = tracked("~> 5.0", datasource="terraform-provider", versioning="hashicorp", lock=lock, pinnable=False)
    (result,) = await vetted(choices(found, "5.31.0", "6.1.0"))

    assert result.update is not None
    new_value = result.update.offer.new_value or ""
    assert [edit for edit in result.update.edits if edit.path == lock.path] == [
        Edit(path=lock.path, span=Span(10, 16), text="6.1.0"),
        *(Edit(path=lock.path, span=Span(20, 26), text=text.replace("~> 6.1", new_value)) for text in written),
        Edit(path=lock.path, span=Span(30, 50), text='\n    "h1:6.1.0=",\n    "zh:6.1.0",\n  '),
    ]


CHART_LOCK = LockEntry(
    manager="helm-lock",
    path="shop/Chart.lock",
    line=4,
    package=Package(datasource="docker", name="ghcr.io/acme/api"),
    version="1.0.3",
    version_span=Span(10, 15),
    places=(),
)


@pytest.mark.parametrize(
    ("policy", "new_value"),
    [
        (Policy(), []),
        (Policy(range_strategy="update-lockfile"), []),
        (Policy(range_strategy="in-range-only"), []),
        (Policy(range_strategy="bump"), ["~1.0.5"]),
    ],
    ids=lambda each: each.range_strategy if isinstance(each, Policy) else "",
)
async def test_a_lock_entry_moves_within_a_range(policy: Policy, new_value: list[str]) -> None:
    """The locked version counts as the present one, and moves; the range moves if the strategy says so."""
    found = tracked("~1.0.0", versioning="helm", policy=policy, lock=CHART_LOCK)
    (result,) = await vetted(choices(found, "1.0.3", "1.0.5"))

    assert result.update is not None
    assert (result.update.current_version, result.update.offer.version) == ("1.0.3", "1.0.5")
    assert [edit.text for edit in result.update.edits if edit.path != "shop/Chart.lock"] == new_value
    assert [edit for edit in result.update.edits if edit.path == "shop/Chart.lock"] == [
        Edit(path="shop/Chart.lock", span=Span(10, 15), text="1.0.5")
    ]


async def test_pinning_leaves_the_locked_version() -> None:
    """``rangeStrategy: pin`` writes the locked version in the place of the range; the entry has it already."""
    found = tracked("~1.0.0", versioning="helm", policy=Policy(range_strategy="pin"), lock=CHART_LOCK)
    (result, *_) = await vetted(choices(found, "1.0.3", "1.0.5"))

    assert result.update is not None
    assert [(edit.path, edit.text) for edit in result.update.edits] == [("apps/production/api.yaml", "1.0.3")]


async def test_hashes_that_nobody_can_tell() -> None:
    """An entry with hashes stays as it is where the datasource knows none: half of it may not move."""
    lock = replace(CHART_LOCK, hashes_span=Span(20, 40), hashes=("h1:x",))
    found = tracked("1.0.3", versioning="helm", lock=lock)
    (result,) = await vetted(choices(found, "1.0.3", "1.0.5"), Plain())

    assert result.update is not None
    assert [edit.path for edit in result.update.edits] == ["apps/production/api.yaml"]
