"""The files of a directory and of a commit, tried with real ones."""

import os
import socket
from pathlib import Path

import pytest

from tests.servers.githttp import LINK, Bare, CountedGit
from updater import git
from updater.errors import RepositoryError
from updater.repo import GitTree, WorkTree, open_tree

ODD = ["a b.yaml", "d\u00e9\u65e5/x.yaml", 'q"uo\\te\n.yaml', "\udcff.yaml"]


def plain(root: Path, *paths: str) -> Path:
    """Make files that hold their own names."""
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode("utf-8", "surrogateescape"))
    return root


def contents(tree: WorkTree | GitTree) -> dict[str, bytes]:
    return dict(tree.read(tree.files()))


# ---------------------------------------------------------------- a directory


def test_plain_directory_has_all_its_files(tmp_path: Path) -> None:
    """Without Git every file below the directory is listed, sorted, with its bytes; ``.git`` is not looked into."""
    plain(tmp_path, "z.yaml", "a/b/c.yaml", ".hidden/x.yaml", "a/.git/config", *ODD)
    tree = WorkTree(tmp_path)
    assert tree.commit is None
    assert tree.files() == sorted(["z.yaml", "a/b/c.yaml", ".hidden/x.yaml", *ODD])
    for path, content in tree.read(tree.files()):
        assert content == path.encode("utf-8", "surrogateescape")
        assert tree.size(path) == len(content)


def test_plain_directory_needs_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory without a repository is read where git is not installed."""
    plain(tmp_path / "files", "a.yaml")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert WorkTree(tmp_path / "files").files() == ["a.yaml"]


def test_checkout_has_what_git_sees(tmp_path: Path) -> None:
    """Tracked and new files are listed, ignored and deleted ones are not; changes that are not committed count."""
    store = Bare.make(tmp_path / "r", {"kept.yaml": "1", "gone.yaml": "1", ".gitignore": "*.log\nbuild/\n"}, bare=False)
    plain(store.path, "new.yaml", "x.log", "build/out.yaml", *ODD)
    (store.path / "gone.yaml").unlink()
    (store.path / "kept.yaml").write_text("changed")
    tree = open_tree(store.path)
    assert tree.files() == sorted([".gitignore", "kept.yaml", "new.yaml", *ODD])
    assert dict(tree.read(["kept.yaml"])) == {"kept.yaml": b"changed"}
    assert tree.commit == store.head("main")


def test_directory_within_a_checkout_is_a_root_of_its_own(tmp_path: Path) -> None:
    """Paths are relative to the directory that was asked for."""
    store = Bare.make(tmp_path / "r", {"apps/a.yaml": "1", "other.yaml": "1"}, bare=False)
    assert open_tree(store.path / "apps").files() == ["a.yaml"]


def test_repository_without_commits_can_be_scanned(tmp_path: Path) -> None:
    """Before the first commit the files are there, and no commit is."""
    store = Bare.make(tmp_path / "r", bare=False)
    plain(store.path, "a.yaml")
    tree = open_tree(store.path)
    assert (tree.files(), tree.commit) == (["a.yaml"], None)


def test_detached_head_can_be_scanned(tmp_path: Path) -> None:
    """Without a branch the commit is known even so."""
    store = Bare.make(tmp_path / "r", {"a.yaml": "1"}, bare=False)
    store.git("checkout", "--quiet", "--detach")
    tree = open_tree(store.path)
    assert (tree.files(), tree.commit) == (["a.yaml"], store.head("main"))


def test_ignored_directory_counts_as_a_plain_one(tmp_path: Path) -> None:
    """A directory that the repository around it ignores is not empty, and belongs to no commit."""
    store = Bare.make(tmp_path / "home", {".gitignore": "*\n"}, bare=False)
    plain(store.path / "work", "a.yaml")
    tree = open_tree(store.path / "work")
    assert (tree.files(), tree.commit) == (["a.yaml"], None)


def test_submodules_and_nested_repositories_are_left_alone(tmp_path: Path) -> None:
    """What is a repository of its own is not part of this one."""
    store = Bare.make(tmp_path / "r", {"a.yaml": "1"}, bare=False)
    Bare.make(store.path / "nested", {"b.yaml": "1"}, bare=False)
    store.git("update-index", "--add", "--cacheinfo", f"160000,{store.head('main')},module")
    (store.path / "module").mkdir()
    assert open_tree(store.path).files() == ["a.yaml"]


def test_links_are_listed_and_never_followed(tmp_path: Path) -> None:
    """A link is told with its target as written, wherever it leads, and is no file."""
    plain(tmp_path / "outside", "secret.yaml")
    root = plain(tmp_path / "root", "a.yaml")
    (root / "inside.yaml").symlink_to("a.yaml")
    (root / "directory").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("../nowhere")
    tree = WorkTree(root)
    assert tree.files() == ["a.yaml"]
    assert tree.links() == {
        "inside.yaml": "a.yaml",
        "directory": str(tmp_path / "outside"),
        "loop": "loop",
        "dangling": "../nowhere",
    }


def test_directory_replaced_by_a_link_is_not_followed(tmp_path: Path) -> None:
    """Files that git tracks below a directory which has become a link are not taken from where the link leads."""
    store = Bare.make(tmp_path / "r", {"apps/x/a.yaml": "ours", "b.yaml": "1"}, bare=False)
    plain(tmp_path / "outside", "x/a.yaml")
    (store.path / "apps" / "x" / "a.yaml").unlink()
    (store.path / "apps" / "x").rmdir()
    (store.path / "apps").rmdir()
    (store.path / "apps").symlink_to(tmp_path / "outside")
    tree = open_tree(store.path)
    assert tree.files() == ["b.yaml"]
    assert list(tree.links()) == ["apps"]


def test_what_git_was_told_to_believe_is_not_known(tmp_path: Path) -> None:
    """A file that git does not look at has no identity, so that it is read; the one beside it has."""
    store = Bare.make(tmp_path / "r", {"a.yaml": "1", "b.yaml": "1"}, bare=False)
    store.git("update-index", "--assume-unchanged", "a.yaml")
    (store.path / "a.yaml").write_text("2")
    tree = open_tree(store.path)
    assert tree.identity("a.yaml") is None
    assert tree.identity("b.yaml") is not None


def test_file_replaced_by_a_link_after_listing_is_not_followed(tmp_path: Path) -> None:
    """Between listing and reading, too, a link is not followed."""
    root = plain(tmp_path / "root", "a.yaml", "b.yaml")
    plain(tmp_path, "secret")
    tree = WorkTree(root)
    assert tree.files() == ["a.yaml", "b.yaml"]
    (root / "a.yaml").unlink()
    (root / "a.yaml").symlink_to(tmp_path / "secret")
    assert contents(tree) == {"b.yaml": b"b.yaml"}


def test_special_files_do_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe or a socket is neither listed nor waited for."""
    monkeypatch.chdir(tmp_path)  # the address of a socket may not be long
    plain(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        assert WorkTree(tmp_path).files() == ["a.yaml"]


def test_vanished_files_are_left_out(tmp_path: Path) -> None:
    """What was deleted, or became something else, since the listing is not read, and nothing fails."""
    tree = WorkTree(plain(tmp_path, "a.yaml", "b.yaml", "c.yaml", "d.yaml"))
    paths = tree.files()
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        (tmp_path / name).unlink()
    (tmp_path / "b.yaml").mkdir()
    os.mkfifo(tmp_path / "c.yaml")
    assert list(tree.read(paths)) == [("d.yaml", b"d.yaml")]


def test_what_is_no_directory_is_an_error(tmp_path: Path) -> None:
    """A file, or nothing, cannot be opened as a tree."""
    plain(tmp_path, "a.yaml")
    for name in ("a.yaml", "nowhere"):
        with pytest.raises(RepositoryError, match=f"{name} is not a directory"):
            open_tree(tmp_path / name)


# ---------------------------------------------------------------- a commit


def test_bare_repository_is_read_at_its_head(tmp_path: Path) -> None:
    """A repository without a checkout gives what HEAD has; without commits, an error."""
    store = Bare.make(tmp_path / "r.git", {"a.yaml": "1"})
    assert open_tree(store.path).files() == ["a.yaml"]
    with pytest.raises(RepositoryError, match="no commits yet"):
        open_tree(Bare.make(tmp_path / "empty.git").path)


def test_commit_has_files_and_links_but_no_submodules(tmp_path: Path) -> None:
    """Modes decide what is what; the work tree plays no part."""
    store = Bare.make(tmp_path / "r", {"a.yaml": "1", "link": (LINK, b"../\xff"), "x.sh": ("100755", b"x")}, bare=False)
    store.git("update-index", "--add", "--cacheinfo", f"160000,{store.head('main')},module")
    commit = _with_submodule(store)
    (store.path / "a.yaml").write_text("changed")
    tree = GitTree(store.path / ".git", commit)
    assert contents(tree) == {"a.yaml": b"1", "x.sh": b"x"}
    assert tree.links() == {"link": "../\udcff"}
    assert tree.blob("a.yaml") == store.git("rev-parse", f"{commit}:a.yaml")


def _with_submodule(store: Bare) -> str:
    tree = store.git("write-tree")
    return store.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit-tree", "-m", "m", tree)


def test_unknown_paths_of_a_commit_are_left_out(tmp_path: Path) -> None:
    """Asked for what the commit does not have, a tree gives the rest, in the order asked for."""
    store = Bare.make(tmp_path / "r.git", {"a.yaml": "1", "b.yaml": "2"})
    tree = GitTree(store.path, store.head("main") or "")
    assert list(tree.read(["b.yaml", "nowhere.yaml", "a.yaml"])) == [("b.yaml", b"2"), ("a.yaml", b"1")]


def test_number_of_processes_does_not_depend_on_the_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process lists a commit and one reads all of it; a checkout is listed by two and read by none."""
    store = Bare.make(tmp_path / "r", {f"d{n % 7}/{n}.yaml": f"{n}" for n in range(300)}, bare=False)
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(counted.directory), prepend=":")
    commit = git.resolve(store.path, "HEAD") or ""
    counted.calls()
    assert len(contents(GitTree(store.path / ".git", commit))) == 300
    assert len(counted.calls()) == 2
    assert len(contents(WorkTree(store.path))) == 300
    assert [call.split()[2] for call in counted.calls()] == ["ls-files", "diff-files"]
