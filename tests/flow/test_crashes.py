"""Runs that are killed at a write: the next one ends where an undisturbed one would have.

A few of the writes here; ``python -m benchmarks.crashes`` takes every one.
"""

from pathlib import Path

import pytest

from tests.flow.crashing import in_checkout, on_github
from updater.demo.registries import Registries

pytestmark = pytest.mark.timeout(300)


def test_on_github(registries: Registries, tmp_path: Path) -> None:
    """Killed at the lease, at the push and among the pull requests: the same in the end, and nothing twice."""
    state, writes = on_github(tmp_path / "whole", registries.routes, None)

    assert len(state["pulls"]) >= 30
    for at in (1, 2, writes // 2):
        assert on_github(tmp_path / f"at-{at}", registries.routes, at)[0] == state, f"write {at}"


def test_in_a_checkout(registries: Registries, tmp_path: Path) -> None:
    """The same where branches and pull requests are kept in the repository itself."""
    state, writes = in_checkout(tmp_path / "whole", registries.routes, None)

    assert len(state["pulls"]) >= 30
    for at in (3, writes // 2):
        assert in_checkout(tmp_path / f"at-{at}", registries.routes, at)[0] == state, f"write {at}"
