"""A second scan reads what has changed and finds the same."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.corpus import AREAS, HERE
from updater import plugins
from updater.config import load
from updater.extractions import Extractions, content_id, fingerprint
from updater.model.scan import Scan, Skipped
from updater.repo import GitTree, WorkTree, open_tree
from updater.scan import scan

POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: acme/web:{}\n"


class Watched(WorkTree):
    """A directory that notes what is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: list[str] = []

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        self.opened += paths
        return super().read(paths)


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=directory, check=True)


def scanned(tree: WorkTree | GitTree, memory: Path, maker: str = "one") -> Scan:
    extractions = Extractions(memory, tree.home, maker)
    found = scan(tree, load(tree), plugins.managers(), plugins.custom_managers(), extractions)
    extractions.save()
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    for name in ("a", "b", "c"):
        (root / f"{name}.yaml").write_text(POD.format("1.0"))
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    return root


@pytest.mark.parametrize("kept", ["both", "files", "whole"])
@pytest.mark.parametrize("area", AREAS)
def test_what_is_recalled_is_what_was_found(area: str, kept: str, tmp_path: Path) -> None:
    """Over the whole corpus the second scan finds what the first one found, from either of the two kept files."""
    directory = HERE / "repositories" / area
    first = scanned(WorkTree(directory), tmp_path)
    for path in tmp_path.iterdir():
        if kept != "both" and (path.suffix == ".scan") != (kept == "whole"):
            path.unlink()
    again = scanned(WorkTree(directory), tmp_path)

    assert first == again
    assert first.dependencies


def test_only_changed_files_are_read(repository: Path, tmp_path: Path) -> None:
    """Of a checkout nothing is read twice but what is new, changed or not yet known to git; results follow."""
    scanned(WorkTree(repository), tmp_path)
    (repository / "b.yaml").write_text(POD.format("2.0"))
    (repository / "c.yaml").unlink()
    (repository / "d.yaml").write_text(POD.format("3.0"))
    tree = Watched(repository)
    found = scanned(tree, tmp_path)

    assert tree.opened == ["b.yaml", "d.yaml"]
    assert [item.current_value for item in found.dependencies] == ["1.0", "2.0", "3.0"]


def test_nobody_is_asked_where_nothing_has_changed(repository: Path, tmp_path: Path) -> None:
    """The last scan is taken as a whole: no manager is needed for it, until one file is another."""
    first = scanned(WorkTree(repository), tmp_path)
    tree = WorkTree(repository)
    kept = Extractions(tmp_path, tree.home, "one")

    assert scan(tree, load(tree), {}, {}, kept) == first
    (repository / "d.yaml").write_text(POD.format("3.0"))
    assert len(scan(WorkTree(repository), load(tree), {}, {}, kept).dependencies) < 4


def test_a_change_within_one_clock_tick_is_seen(repository: Path, tmp_path: Path) -> None:
    """A file of the same size that changes right after it was staged is read again."""
    for number in range(10):
        (repository / "a.yaml").write_text(POD.format(f"{number}.1"))
        git(repository, "add", ".")
        scanned(WorkTree(repository), tmp_path)
        (repository / "a.yaml").write_text(POD.format(f"{number}.2"))
        found = scanned(WorkTree(repository), tmp_path)
        assert found.dependencies[0].current_value == f"{number}.2"


def test_a_commit_is_known_by_its_objects(repository: Path, tmp_path: Path) -> None:
    """Scanning a commit again finds the same, and a bare repository is not mistaken for its checkout."""
    tree = GitTree(repository / ".git", WorkTree(repository).commit or "")

    assert scanned(tree, tmp_path) == scanned(tree, tmp_path) == scanned(WorkTree(repository), tmp_path)
    assert tree.home != WorkTree(repository).home


def test_another_maker_starts_anew(repository: Path, tmp_path: Path) -> None:
    """Findings of other managers, or of other settings, count for nothing."""
    scanned(WorkTree(repository), tmp_path, "one")
    tree = Watched(repository)
    scanned(tree, tmp_path, "two")

    assert tree.opened == ["a.yaml", "b.yaml", "c.yaml"]


@pytest.mark.parametrize("broken", ["*", "*.scan", "*[!n]"])
@pytest.mark.parametrize(
    "content", [b"", b"\x93", b"not a snapshot", b"\x92\xa3one\x81\xa6a.yaml\x92\xa1x\xc4\x01\xff"]
)
def test_a_broken_file_is_as_none(content: bytes, broken: str, repository: Path, tmp_path: Path) -> None:
    """Whatever stands in the kept files, a scan finds everything and leaves good ones behind."""
    memory = tmp_path / "memory"
    scanned(WorkTree(repository), memory)
    for kept in memory.glob(broken):
        kept.write_bytes(content)

    assert len(scanned(WorkTree(repository), memory).dependencies) == 3
    tree = Watched(repository)
    scanned(tree, memory)
    assert tree.opened == []


def test_a_directory_that_cannot_be_written(repository: Path, tmp_path: Path) -> None:
    """Where nothing can be kept the scan goes on without."""
    (tmp_path / "memory").write_text("a file")

    assert len(scanned(WorkTree(repository), tmp_path / "memory").dependencies) == 3


def test_odd_names_are_not_kept(tmp_path: Path) -> None:
    """A path that is no UTF-8 is found each time and stops nothing."""
    root = tmp_path / "plain"
    root.mkdir()
    (root / "a\udcff.yaml").write_text(POD.format("1.0"))
    first = scanned(open_tree(root), tmp_path)  # type: ignore[arg-type]  # a directory is a WorkTree

    assert len(first.dependencies) == 1
    assert scanned(WorkTree(root), tmp_path) == first


def test_the_content_id_is_git_s() -> None:
    """A file read from disk is known by the same id as git's object."""
    assert content_id(b"what is up, doc?").startswith("bd9dbf5aae1a3862dd1526723246b20206e5fc37:")


def test_the_fingerprint_follows_sources_and_settings(tmp_path: Path) -> None:
    """It changes with any source and any setting, and not without."""
    (tmp_path / "a.py").write_text("1")
    before = fingerprint([tmp_path], "x")
    assert fingerprint([tmp_path], "x") == before != fingerprint([tmp_path], "y")
    (tmp_path / "a.py").write_text("2")
    assert fingerprint([tmp_path], "x") != before


def test_rows_are_kept_too(repository: Path, tmp_path: Path) -> None:
    """What is not managed is reported the second time as it was the first."""
    (repository / "b.yaml").write_text("apiVersion: v1\nkind: Pod\nspec:\n  containers: [\n    image\n")
    first = scanned(WorkTree(repository), tmp_path)

    assert any(isinstance(row, Skipped) and row.path == "b.yaml" for row in first.skipped)
    assert scanned(WorkTree(repository), tmp_path) == first


def test_comments_claim_what_is_linked(tmp_path: Path) -> None:
    """A version that only another file completes is somebody else's if a comment says so, and recalled as such."""
    root, memory = tmp_path / "repository", tmp_path / "memory"
    root.mkdir()
    for name, comment in (("one", ""), ("two", "  # renovate: ignore")):
        (root / f"{name}.yaml").write_text(
            f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\nspec:\n  chart:\n"
            f"    spec:\n      chart: {name}\n      version: 1.2.3{comment}\n"
            "      sourceRef: {kind: HelmRepository, name: acme}\n"
        )
    (root / "source.yaml").write_text(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: acme}\n"
        "spec: {url: https://charts.example.com}\n"
    )
    first, second = (scanned(WorkTree(root), memory) for _ in range(2))

    assert first == second
    assert [each.path for each in first.dependencies] == ["one.yaml"]
    assert [(each.path, each.reason) for each in first.skipped] == [("two.yaml", "ignored by comment")]


class Unseen(WorkTree):
    """A directory of whose files nobody may ask anything."""

    def identity(self, path: str) -> str | None:
        raise AssertionError(path)


def test_nothing_is_asked_of_files_that_git_calls_unchanged(repository: Path, tmp_path: Path) -> None:
    """While the index is the same and git finds no file changed, the last scan holds; otherwise files are looked at."""
    first = scanned(WorkTree(repository), tmp_path)

    assert scanned(Unseen(repository), tmp_path) == first
    os.utime(repository / "a.yaml", (1, 1))
    with pytest.raises(AssertionError):
        scanned(Unseen(repository), tmp_path)
    git(repository, "update-index", "--refresh")
    with pytest.raises(AssertionError):
        scanned(Unseen(repository), tmp_path)
    tree = Watched(repository)
    assert scanned(tree, tmp_path) == first
    assert not tree.opened
    assert scanned(Unseen(repository), tmp_path) == first


@pytest.mark.parametrize("change", ["edit", "add", "remove", "believe", "no checksum"])
def test_what_leaves_the_state_of_a_checkout_unknown(change: str, repository: Path) -> None:
    """A file that is not as git last saw it, one that git was told not to look at, and an index without a checksum."""
    before = WorkTree(repository).state
    match change:
        case "edit":
            (repository / "a.yaml").write_text("a: 1\n")
        case "add":
            (repository / "new.yaml").write_text("a: 1\n")
        case "remove":
            (repository / "a.yaml").unlink()
        case "believe":
            git(repository, "update-index", "--assume-unchanged", "a.yaml")
        case _:
            index = repository / ".git" / "index"
            index.write_bytes(index.read_bytes()[:-20] + bytes(20))

    assert before is not None
    assert WorkTree(repository).state is None


def test_the_state_is_another_after_a_commit(repository: Path) -> None:
    """So it is in a checkout and in a commit."""
    before, commit = WorkTree(repository).state, WorkTree(repository).commit or ""
    (repository / "a.yaml").write_text("a: 1\n")
    git(repository, "commit", "-qam", "y")
    after, next_commit = WorkTree(repository).state, WorkTree(repository).commit or ""

    assert before != after is not None
    assert GitTree(repository / ".git", commit).state != GitTree(repository / ".git", next_commit).state
