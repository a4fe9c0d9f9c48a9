"""The latest subjects of a history."""

from pathlib import Path

from tests.servers.githttp import run
from updater.api import HistoricTree
from updater.repo import open_tree


def test_a_tree_knows_its_latest_subjects(tmp_path: Path) -> None:
    """Newest first, and at most so many; a directory without commits has none."""
    run("init", "--quiet", "--initial-branch=main", at=tmp_path)
    empty = open_tree(tmp_path)
    assert isinstance(empty, HistoricTree)
    assert list(empty.subjects(5)) == []

    for subject in ("first", "fix: second", "third"):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        run(*identity, "commit", "--quiet", "--allow-empty", "-m", f"{subject}\n\nbody", at=tmp_path)
    tree = open_tree(tmp_path)

    assert isinstance(tree, HistoricTree)
    assert list(tree.subjects(2)) == ["third", "fix: second"]
