"""The latest subjects of a history."""

from pathlib import Path

from tests.servers.githttp import run
from updater.api import HistoricTree
from updater.repo import open_tree


def test_a_tree_knows_its_latest_subjects(tmp_path: Path) -> None:
    """Newest first, however old, and at most so many; a directory without commits has none."""
    run("init", "--quiet", "--initial-branch=main", at=tmp_path)
    empty = open_tree(tmp_path)
    assert isinstance(empty, HistoricTree)
    assert list(empty.subjects(5)) == []

    for subject in ("first", "fix: second", "third"):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        long_ago = {f"GIT_{who}_DATE": "1600000000 +0000" for who in ("AUTHOR", "COMMITTER")}
        message = f"{subject}\n\nbody"
        run(*identity, "commit", "--quiet", "--allow-empty", "-m", message, at=tmp_path, environment=long_ago)
    tree = open_tree(tmp_path)

    assert isinstance(tree, HistoricTree)
    assert list(tree.subjects(2)) == ["third", "fix: second"]
