"""The simulation makes only objects that a real API server could hold."""

from pathlib import Path

import pytest

from tests.servers.crds import problems
from updater.demo.simulator import World

NOTES = ("", "refused", "unrenderable", "broken", "paused", "")


def test_every_object_at_every_moment_is_as_the_crds_say(tmp_path: Path) -> None:
    """Through every kind of failure, no object has a field that its CRD lacks, or lacks one that it demands."""
    world = World(tmp_path / "repository.git")
    followers = [
        world.application("plain", "apps/web"),
        world.application("hydrated", "apps/web", hydrated=True),
        world.application("manual", "apps/web", automated=False),
        world.kustomization("apps", "apps/web"),
        world.helm_release("web", "charts/web", remediate=True),
    ]
    for number, note in enumerate(NOTES):
        text = f"image: ghcr.io/acme/web:1.{number}.0\nversion: 1.{number}.0\n{note}\n"
        world.repository.commit({"apps/web/web.yaml": text, "charts/web/release.yaml": text})
        for seconds in (5, 160, 20, 20, 60, 600):
            world.advance(seconds=seconds)
            assert [problem for each in followers for problem in problems(each.manifest())] == []


@pytest.mark.parametrize(
    ("field", "value"), [("health", {"status": "Fine"}), ("synced", True), ("reconciledAt", "now")]
)
def test_other_objects_are_refused(tmp_path: Path, field: str, value: object) -> None:
    """A wrong word, a field that does not exist, and what is no time are noticed."""
    item = World(tmp_path / "repository.git").application("plain", "apps/web").manifest()
    item["status"][field] = value
    assert problems(item)
