"""Recall and precision over the labelled corpus are 100 %."""

import pytest

from tests.corpus import AREAS, HERE, expected, labels, scanned


@pytest.mark.parametrize("area", AREAS)
def test_exactly_what_is_labelled_is_found(area: str) -> None:
    """A scan finds every label of the area at its place, and nothing else."""
    assert sorted(labels(scanned(HERE / "repositories" / area))) == sorted(expected(area))
