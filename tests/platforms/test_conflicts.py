"""Whether a branch still goes into its base, judged as Git does."""

import subprocess
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from updater import git
from updater.model.forge import RemoteBranch
from updater.platforms.branches import Maker, remote_branches
from updater.platforms.conflicts import _changed, _touch, merging

TEXT = "".join(f"line {number}\n" for number in range(12))


def commit(repository: git.Repository, parent: str | None, files: dict[str, str]) -> str:
    content = {path: (git.REGULAR_FILE, text.encode()) for path, text in files.items()}
    draft = git.Draft(parent=parent, message="A change\n\nUpdater-Fingerprint: f\n", files=content)
    return git.fast_import(repository, [draft], git.BOT, 1_700_000_000)[0]


def replaced(lines: dict[int, str]) -> str:
    """The text with other lines in the place of some; an empty one takes the line away."""
    return "".join(lines.get(number, line) for number, line in enumerate(TEXT.splitlines(keepends=True)))


def judged(place: Path, base: str, branch: str) -> bool | None:
    """Whether a branch that leaves ``branch`` merges into a base that has ``base`` by now; both come from TEXT."""
    repository = git.Repository(directory=place / "repository.git")
    git.init_bare(repository.directory)
    start = commit(repository, None, {"a.yaml": TEXT, "b.yaml": TEXT})
    tip, head = commit(repository, start, {"a.yaml": base}), commit(repository, start, {"a.yaml": branch})
    (found,) = remote_branches(repository, {"updater/a": head}, Maker(), tip)
    return found.merges


def test_lines_apart_merge(tmp_path: Path) -> None:
    """Both changed the file, at different places."""
    assert judged(tmp_path, replaced({2: "other\n"}), replaced({8: "new\n"})) is True


def test_neighbouring_lines_conflict(tmp_path: Path) -> None:
    """Git takes changes that touch for one."""
    assert judged(tmp_path, replaced({7: "other\n"}), replaced({8: "new\n"})) is False


def test_the_same_change_is_none(tmp_path: Path) -> None:
    """What the branch does was done in the base."""
    assert judged(tmp_path, replaced({8: "new\n"}), replaced({8: "new\n"})) is True


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """What the branch changes does not exist any more."""
    repository = git.Repository(directory=tmp_path / "repository.git")
    git.init_bare(repository.directory)
    start = commit(repository, None, {"a.yaml": TEXT})
    tip = commit(repository, None, {"b.yaml": TEXT})
    branch = RemoteBranch(name="x", commit="", parent=start, ours=True, files={"a.yaml": _blob(repository, start)})
    gone = RemoteBranch(name="y", commit="", parent=start, ours=True, files={"b.yaml": None})

    assert merging(repository, [branch, gone], tip) == {"x": False, "y": False}


def test_what_the_clone_does_not_have_is_not_known(tmp_path: Path) -> None:
    """Without the base nothing is said."""
    repository = git.Repository(directory=tmp_path / "repository.git")
    git.init_bare(repository.directory)
    head = commit(repository, commit(repository, None, {"a.yaml": TEXT}), {"a.yaml": "x\n"})
    (found,) = remote_branches(repository, {"updater/a": head}, Maker(), "1" * 40)

    assert found.merges is None


def _blob(repository: git.Repository, commit: str) -> str:
    (entry,) = git.list_tree(repository, commit)
    return entry.blob


EDITS = st.dictionaries(st.integers(0, 11), st.sampled_from(["", "other\n", "new\nlines\n"]), max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=EDITS, branch=EDITS)
def test_git_agrees(tmp_path: Path, base: dict[int, str], branch: dict[int, str]) -> None:
    """What is said to merge is merged by Git without a conflict."""
    names = {"base": replaced(base), "start": TEXT, "branch": replaced(branch)}
    place = tmp_path / "texts"
    place.mkdir(exist_ok=True)
    for name, text in names.items():
        (place / name).write_text(text)
    merged = subprocess.run(["git", "merge-file", "-p", "-q", *names], cwd=place, capture_output=True, check=False)
    start, ours, theirs = (names[name].splitlines(keepends=True) for name in ("start", "base", "branch"))
    if not _touch(_changed(start, ours), _changed(start, theirs)):
        assert merged.returncode == 0
