"""The story of the demo."""

from pathlib import Path

import pytest

from updater import cli, git

README = Path(__file__).parents[3] / "README.md"


def test_the_demo_tells_what_the_readme_promises(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It opens the pull requests that the README counts, shows the one it shows, and finds nothing to do after."""
    assert cli.run(["demo", "--keep", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    opened = [line for line in told.splitlines() if line.startswith("opened")]

    assert f"{len(opened)} pull requests" in README.read_text()
    assert "Updates `ghcr.io/acme/api` in production and staging: 4 places in 2 files." in told
    assert "+          image: ghcr.io/acme/api:1.6.0" in told
    assert f"up to date: {opened[0].partition(' ')[2].strip().partition(' ')[2]}" in told
    assert git.status(tmp_path / "gitops") == ""


def test_the_demo_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory that is taken is a usage error."""
    (tmp_path / "gitops").mkdir()
    assert cli.run(["demo", "--keep", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err
