"""The acceptance vectors on versions (1 to 16): what goes in, what is offered, and what the reason is where nothing is.

Numbers and inputs are those of the list that was observed with Renovate 44.121.2; the comment says where we differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from msgspec import structs

from tests.core.made import DIGEST, decided, tracked
from tests.core.vetting import Content, Registry, vetted
from updater.config import Policy
from updater.model.decide import Update
from updater.model.track import Tracked
from updater.naming import branch_name

BAR = ("1.0.0", "1.0.1", "1.1.0", "2.0.0", "v3.0.0", "1.1", "1", "latest", "20240101", "deadbeef")
CHARTS = ("6.0.0", "6.5.0", "7.1.0")


@dataclass(frozen=True, kw_only=True)
class Vector:
    """``offers`` maps each type of update to what is written; ``reasons`` are parts of what ``why`` says."""

    value: str
    listed: tuple[str, ...]
    offers: Mapping[str, str | None] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    chart: bool = False


VECTORS: Mapping[str, Vector] = {
    # Renovate: major v3.0.0. A v is part of the family.
    "1 image among strangers": Vector(value="1.0.0", listed=BAR, offers={"major": "2.0.0", "minor": "1.1.0"}),
    # Renovate: minor 1.1.0, the v dropped.
    "2 image with v": Vector(value="v1.0.0", listed=BAR, offers={"major": "v3.0.0"}),
    "3 image with a suffix": Vector(
        value="1.0.0-alpine",
        listed=(*BAR, "1.5.0-alpine", "2.0.0-alpine"),
        offers={"major": "2.0.0-alpine", "minor": "1.5.0-alpine"},
    ),
    "4 one number": Vector(value="1", listed=BAR),
    "4 two numbers": Vector(value="1.1", listed=BAR),
    # Renovate: no hint.
    "5 no version": Vector(value="latest", listed=BAR, reasons=("not a version; pinDigests would pin",)),
    # Renovate: none.
    "6 release candidate": Vector(value="2.1.0-rc0", listed=("2.1.0-rc1",), offers={"patch": "2.1.0-rc1"}),
    # Renovate: also major v3.0.0.
    "7 glued release candidate": Vector(value="2.1.0rc0", listed=("2.1.0rc1", "v3.0.0"), offers={"patch": "2.1.0rc1"}),
    # Renovate: none.
    "8 revision of a build": Vector(
        value="1.2.0-debian-12-r1", listed=("1.2.0-debian-12-r3",), offers={"patch": "1.2.0-debian-12-r3"}
    ),
    # Renovate: none.
    "9 date": Vector(value="20230101", listed=("20240101",), offers={"major": "20240101"}),
    "12 chart": Vector(value="6.0.0", listed=CHARTS, chart=True, offers={"major": "7.1.0", "minor": "6.5.0"}),
    "13 chart, series": Vector(value="6.*", listed=CHARTS, chart=True, offers={"major": "7.*"}),
    "13 chart, caret": Vector(value="^6.0.0", listed=CHARTS, chart=True, offers={"major": "^7.0.0"}),
    "13 chart, tilde": Vector(value="~6.0.0", listed=CHARTS, chart=True, offers={"major": "~7.1.0", "minor": "~6.5.0"}),
    # Renovate: <8.0.0, the lower bound lost.
    "14 chart, bounds": Vector(value=">=6.0.0 <7.0.0", listed=CHARTS, chart=True, offers={"major": ">=6.0.0 <8.0.0"}),
    # Renovate does not say so.
    "15 chart with v": Vector(
        value="v6.0.0",
        listed=CHARTS,
        chart=True,
        offers={"major": "7.1.0", "minor": "6.5.0"},
        reasons=("minor; written 6.5.0, as it is published",),
    ),
    "16 chart, anything": Vector(value="*", listed=CHARTS, chart=True),
}


def dependency(vector: Vector) -> Tracked:
    if vector.chart:
        return tracked(vector.value, name="shop", datasource="helm", versioning="helm")
    return tracked(vector.value, name="localhost:5055/foo/bar")


@pytest.mark.parametrize("vector", VECTORS.values(), ids=list(VECTORS))
def test_vector(vector: Vector) -> None:
    """The first offer of each kind, and nothing else; the reasons are among those that are given."""
    made, decisions = decided(dependency(vector), *vector.listed)
    assert {str(each.offers[0].update_type): each.offers[0].new_value for each in made} == vector.offers
    given = [each.reason or "" for each in decisions]
    assert all(any(reason in text for text in given) for reason in vector.reasons)


async def _updates(found: Tracked, *tags: str) -> list[Update]:
    registry = Registry(
        {tag: Content(digest="sha256:" + f"{number:064x}") for number, tag in enumerate(("1.0.0", *tags))}
    )
    results = await vetted(decided(found, *tags)[0], registry)
    return [each.update for each in results if each.update is not None]


async def test_vector_10() -> None:
    """A tag with a digest: minor, major and digest updates, in three branches; each brings the digest along."""
    found = tracked("1.0.0", name="localhost:5055/foo/dig", digest=DIGEST, policy=Policy(branch_prefix="renovate/"))
    made = await _updates(found, "1.1.0", "3.0.0")
    assert {branch_name(each): (str(each.update_type), each.offer.new_value) for each in made} == {
        "renovate/localhost-5055-foo-dig-3.x": ("major", "3.0.0"),
        "renovate/localhost-5055-foo-dig-1.x": ("minor", "1.1.0"),
        "renovate/localhost-5055-foo-dig-1.0.0": ("digest", "1.0.0"),
    }
    assert all(each.new_digest is not None and each.new_digest != DIGEST for each in made)


async def test_vector_11() -> None:
    """``pinDigests`` on one image: a branch for the pin, and what updates write has a digest, too."""
    policy = Policy(branch_prefix="renovate/", pin_digests=True)
    found = tracked("1.0.0", name="localhost:5055/foo/bar", policy=policy)
    made = await _updates(found, "1.1.0")
    assert {branch_name(each): each.edits[0].text.partition("@")[0] for each in made} == {
        "renovate/localhost-5055-foo-bar-1.x": "1.1.0",
        "renovate/pin-dependencies": "1.0.0",
    }
    assert all("@sha256:" in each.edits[0].text for each in made)
    others = await _updates(structs.replace(found, policy=Policy(branch_prefix="renovate/")), "1.1.0")
    assert [each.edits[0].text for each in others] == ["1.1.0"]
