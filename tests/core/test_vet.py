"""Vetting: which of the offers passes, what is edited for it, and what a failure does."""

import pytest
from msgspec import structs

from tests.core.made import DIGEST, NOW, choices, tracked
from tests.core.vetting import Content, Plain, Registry, vetted
from updater.config import Policy
from updater.errors import RateLimited, Unavailable
from updater.model.scan import Edit, LockEntry, Package, Span
from updater.vet import Vetted

OTHER = "sha256:" + "cd" * 32


async def test_tag_and_digest_move_together() -> None:
    """The digest of the chosen tag is asked for, once, and both places are edited."""
    registry = Registry({"1.1.0": Content(digest=OTHER)})
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.1.0", "1.0.5")[:1], registry)

    assert result.update is not None
    assert [edit.text for edit in result.update.edits] == ["1.1.0", OTHER]
    assert registry.questions("digest") == ["1.1.0"]


async def test_a_version_is_asked_about_once() -> None:
    """However many dependencies move to it, each question is asked once a run."""
    registry = Registry({"1.1.0": Content(digest=OTHER)})
    made = [choices(tracked(digest=DIGEST, path=f"apps/{number}.yaml"), "1.1.0")[0] for number in range(50)]
    results = await vetted(made, registry)

    assert all(result.update is not None for result in results)
    assert sorted(registry.asked) == [("digest", "1.1.0"), ("platforms", "1.1.0")]


async def test_a_digest_that_nobody_can_tell_holds_the_version() -> None:
    """Where a digest stands beside the version and the datasource tells none, neither is changed."""
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.1.0")[:1], Plain())

    assert result.update is None
    assert [held.rule for held in result.held] == ["digest"]


async def test_a_digest_that_did_not_move_is_no_update() -> None:
    """The same digest under the same tag: nothing to do, and nothing else to ask than what the tag stands for."""
    registry = Registry({"1.0.0": Content(digest=DIGEST)})
    (result,) = await vetted(choices(tracked(digest=DIGEST), "1.0.0"), registry)

    assert result == Vetted()
    assert registry.asked == [("platforms", "1.0.0"), ("digest", "1.0.0")]


async def test_a_digest_is_written_behind_the_tag() -> None:
    """Pinning writes ``tag@digest`` in the place of the tag; what is in use already needs no further questions."""
    registry = Registry({"1.0.0": Content(digest=DIGEST)})
    made = choices(tracked(policy=Policy(pin_digests=True)), "1.0.0")
    (result,) = await vetted(made, registry)

    assert result.update is not None
    assert [edit.text for edit in result.update.edits] == [f"1.0.0@{DIGEST}"]
    assert registry.asked == [("digest", "1.0.0")]


async def test_a_digest_is_written_in_the_place_of_the_tag() -> None:
    """Where a reference holds one of both, the digest replaces the tag, and the tag becomes a comment."""
    found = tracked("v4", versioning="github-actions", policy=Policy(pin_digests=True))
    found = structs.replace(found, dependency=structs.replace(found.dependency, comment_at=3))
    (result,) = await vetted(choices(found, "v4"), Registry({"v4": Content(digest="0" * 40)}))

    assert result.update is not None
    path = found.dependency.path
    assert result.update.edits == (
        Edit(path=path, span=Span(0, 2), text="0" * 40),
        Edit(path=path, span=Span(3, 3), text=" # v4"),
    )


@pytest.mark.parametrize("digest", [None, DIGEST])
async def test_a_tag_that_cannot_be_pulled_is_held(digest: str | None) -> None:
    """What the registry lists but does not deliver is held, and the next best is taken; pinned or not."""
    registry = Registry({"1.1.0": Content(digest=OTHER)})
    (result,) = await vetted(choices(tracked(digest=digest), "1.2.0", "1.1.0")[:1], registry)

    assert result.update is not None
    assert result.update.offer.new_value == "1.1.0"
    assert [each.rule for each in result.held] == ["missing"]


@pytest.mark.parametrize("digest", [None, DIGEST])
async def test_a_registry_that_fails_is_a_failure_of_this_one(digest: str | None) -> None:
    """An outage while vetting proposes nothing, and nothing lower in its place."""
    registry = Registry({"1.2.0": Unavailable("down", url="x"), "1.1.0": Content(digest=OTHER)})
    (result,) = await vetted(choices(tracked(digest=digest), "1.2.0", "1.1.0")[:1], registry)

    assert result.update is None
    assert result.failed is not None
    assert result.failed.subject == "docker ghcr.io/acme/api"


async def test_the_moment_to_ask_again_is_told() -> None:
    """A registry that wants to be left alone says until when, and so does the failure."""
    limited = RateLimited("enough", url="x", until=NOW)
    (result,) = await vetted(choices(tracked(), "1.2.0"), Registry({"1.2.0": limited}))

    assert result.failed is not None
    assert result.failed.until == NOW


@pytest.mark.parametrize("last", range(1, 41))
async def test_a_long_row_that_does_not_pass_is_not_asked_one_by_one(last: int) -> None:
    """Of forty releases, the newest that is delivered is found with a dozen questions, wherever it stands."""
    versions = [f"1.{minor}.0" for minor in range(40, 0, -1)]
    registry = Registry({version: Content() for version in versions if int(version.split(".")[1]) <= last})
    (result,) = await vetted(choices(tracked(), *versions), registry)

    assert result.update is not None
    assert result.update.offer.version == f"1.{last}.0"
    assert len(registry.questions("platforms")) <= 13


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
    (result,) = await vetted(choices(found, "5.31.0", "6.1.0"), Registry({"6.1.0": Content()}))

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
    lock = structs.replace(CHART_LOCK, hashes_span=Span(20, 40), hashes=("h1:x",))
    found = tracked("1.0.3", versioning="helm", lock=lock)
    (result,) = await vetted(choices(found, "1.0.3", "1.0.5"), Plain())

    assert result.update is not None
    assert [edit.path for edit in result.update.edits] == ["apps/production/api.yaml"]
