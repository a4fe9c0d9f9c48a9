"""What only a checkout has: a work tree, an index, a HEAD, and people who work in it."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.servers.githttp import Bare
from updater.api import Commit, PlatformError, Proposal, PullRequest, PullRequestState
from updater.errors import RepositoryError
from updater.platforms.local import LocalPlatform

RECORDS = "refs/updater/pull-requests"


@pytest.fixture
def store(tmp_path: Path) -> Bare:
    return Bare.make(tmp_path / "checkout", {"app.yaml": "v: 1\n", "other.yaml": "v: 1\n"}, bare=False)


def commit_of(branch: str, text: str = "v: 2\n") -> Commit:
    message = f"Update {branch}\n\nUpdater-Fingerprint: {branch}\n"
    return Commit(branch=branch, message=message, files={"app.yaml": text})


def proposed(platform: LocalPlatform, branch: str, text: str = "v: 2\n") -> PullRequest:
    platform.push(platform.tree("main").commit or "", [commit_of(branch, text)], {})
    return platform.create_pull_request(Proposal(branch=branch, base="main", title=f"Update {branch}", body=""))


def states(platform: LocalPlatform) -> Sequence[PullRequestState]:
    return [pull.state for pull in platform.pull_requests("")]


# ---------------------------------------------------------------- the base


def test_base_is_the_branch_that_is_checked_out(store: Bare) -> None:
    """On a branch, that one is the base."""
    store.git("checkout", "--quiet", "-b", "develop")
    assert LocalPlatform(store.path).base_branch() == "develop"


def test_repository_is_named_by_its_root(store: Bare) -> None:
    """From wherever in the checkout one starts, people see its root; a bare repository is its own."""
    (store.path / "deep").mkdir()
    assert LocalPlatform(store.path / "deep").repository == str(store.path)
    assert LocalPlatform(store.path / ".git").repository == str(store.path / ".git")


def test_detached_head_has_the_default_branch_of_origin_as_base(store: Bare, tmp_path: Path) -> None:
    """In a clone that is on no branch, the branch that origin/HEAD points at counts, with origin's files."""
    store.git("branch", "--move", "trunk")
    clone = tmp_path / "clone"
    store.git("clone", "--quiet", str(store.path), str(clone))
    other = Bare(path=clone)
    other.git("checkout", "--quiet", "--detach")
    other.git("branch", "--delete", "--force", "trunk")
    platform = LocalPlatform(clone)
    assert platform.base_branch() == "trunk"
    assert platform.tree("trunk").files() == ["app.yaml", "other.yaml"]


@pytest.mark.parametrize("branch", ["main", "master"])
def test_detached_head_within_main_has_it_as_base(store: Bare, branch: str) -> None:
    """Without an origin, main or master is the base if it contains the commit."""
    store.git("branch", "--move", branch)
    store.commit(branch, {"app.yaml": "v: 2\n"})
    store.git("checkout", "--quiet", "--detach", "HEAD~1")
    assert LocalPlatform(store.path).base_branch() == branch


def test_detached_head_elsewhere_has_no_base(store: Bare) -> None:
    """A commit that no well-known branch contains gives no hint; the error says what to do."""
    store.git("checkout", "--quiet", "--detach")
    store.git("branch", "--move", "main", "trunk")
    with pytest.raises(RepositoryError, match="check out the branch"):
        LocalPlatform(store.path).base_branch()


# ---------------------------------------------------------------- the work tree


def test_work_tree_and_index_are_not_touched(store: Bare) -> None:
    """Whatever is written, uncommitted and staged work, the index file and HEAD stay as they were."""
    (store.path / "app.yaml").write_text("mine\n")
    (store.path / "staged.yaml").write_text("mine\n")
    store.git("add", "staged.yaml")
    kept = ("HEAD", "index")
    before = {name: (store.path / ".git" / name).read_bytes() for name in kept}
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    platform.close_pull_request(pull, comment="No.")
    assert platform.delete_branches({"updater/a": store.head("updater/a") or ""}) == {}
    assert {name: (store.path / ".git" / name).read_bytes() for name in kept} == before
    assert store.git("status", "--porcelain").split() == ["M", "app.yaml", "A", "staged.yaml"]
    assert (store.path / "app.yaml").read_text() == "mine\n"


@pytest.mark.parametrize("linked", [False, True])
def test_branch_that_is_checked_out_is_not_moved(store: Bare, tmp_path: Path, *, linked: bool) -> None:
    """In the main work tree or another one: a branch that somebody stands on is refused, with the place."""
    platform = LocalPlatform(store.path)
    base = platform.tree("main").commit or ""
    platform.push(base, [commit_of("updater/a"), commit_of("updater/b")], {})
    place = tmp_path / "linked" if linked else store.path
    store.git(*(["worktree", "add", "--quiet", str(place)] if linked else ["checkout", "--quiet"]), "updater/a")
    seen = {branch.name: branch.commit for branch in platform.branches("updater/", "main")}
    refused = platform.push(base, [commit_of("updater/a", "v: 3\n"), commit_of("updater/b", "v: 3\n")], seen).refused
    assert refused == {"updater/a": f"it is checked out in {place}"}
    assert platform.delete_branches({"updater/a": seen["updater/a"]}) == refused
    assert store.read("updater/b", "app.yaml") == b"v: 3\n"


def test_bare_repository_is_a_forge_too(tmp_path: Path) -> None:
    """No checkout is needed to write branches and to merge them."""
    store = Bare.make(tmp_path / "r.git", {"app.yaml": "v: 1\n"})
    platform = LocalPlatform(store.path)
    platform.merge_pull_request(proposed(platform, "updater/a"))
    assert store.read("main", "app.yaml") == b"v: 2\n"


def test_unset_identity_is_no_obstacle(store: Bare, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the user told git no name and forbade guessing one, the tool has its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    store.git("config", "user.useConfigOnly", "true")
    platform = LocalPlatform(store.path)
    platform.merge_pull_request(proposed(platform, "updater/a"))
    assert states(platform) == [PullRequestState.MERGED]


# ---------------------------------------------------------------- merging


def test_merge_is_a_fast_forward_where_possible(store: Bare) -> None:
    """If the base has not moved, its new head is the branch's commit, and the work tree follows."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    assert platform.merge_pull_request(pull) == store.head("updater/a") == store.head("main")
    assert (store.path / "app.yaml").read_text() == "v: 2\n"
    assert store.git("status", "--porcelain") == ""
    assert states(platform) == [PullRequestState.MERGED]


def test_merge_joins_what_has_moved_apart(store: Bare) -> None:
    """If the base has moved, a merge commit has both; its message names the pull request."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    store.commit("main", {"other.yaml": "v: 9\n"})
    store.git("reset", "--quiet", "--hard")
    commit = platform.merge_pull_request(pull)
    assert store.git("log", "-1", "--format=%s %p", commit).startswith("Merge pull request #1 from updater/a ")
    assert store.read("main", "app.yaml") == b"v: 2\n"
    assert store.read("main", "other.yaml") == b"v: 9\n"
    assert store.git("status", "--porcelain") == ""


def test_conflict_changes_nothing(store: Bare) -> None:
    """A merge that conflicts is refused with the file's name; base, files and pull request stay."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    head = store.commit("main", {"app.yaml": "v: 9\n"})
    with pytest.raises(PlatformError, match=r"#1 cannot be merged: they conflict in app\.yaml"):
        platform.merge_pull_request(pull)
    assert store.head("main") == head
    assert states(platform) == [PullRequestState.OPEN]


def test_uncommitted_work_is_not_overwritten(store: Bare) -> None:
    """A merge that would change a file with uncommitted changes is refused; in other files they are no obstacle."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    (store.path / "app.yaml").write_text("mine\n")
    with pytest.raises(PlatformError, match=r"#1 cannot be merged: .*app\.yaml"):
        platform.merge_pull_request(pull)
    assert (store.path / "app.yaml").read_text() == "mine\n"
    store.git("checkout", "--quiet", "app.yaml")
    (store.path / "other.yaml").write_text("mine\n")
    platform.merge_pull_request(pull)
    assert (store.path / "other.yaml").read_text() == "mine\n"
    assert (store.path / "app.yaml").read_text() == "v: 2\n"


def test_only_an_open_pull_request_is_merged(store: Bare) -> None:
    """One that is closed, or was never opened, is refused."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    platform.close_pull_request(pull, comment="No.")
    with pytest.raises(PlatformError, match="#1 is closed"):
        platform.merge_pull_request(pull)
    with pytest.raises(PlatformError, match="no pull request #1"):
        LocalPlatform(Bare.make(store.path.parent / "other", {"a": ""}, bare=False).path).merge_pull_request(pull)


def test_closed_pull_request_can_be_opened_again(store: Bare) -> None:
    """Changing one's mind is possible as long as the branch is there."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    platform.close_pull_request(pull, comment="No.")
    platform.reopen_pull_request(pull)
    assert states(platform) == [PullRequestState.OPEN]
    platform.close_pull_request(pull, comment="No.")
    platform.delete_branches({"updater/a": store.head("updater/a") or ""})
    with pytest.raises(PlatformError, match="no branch 'updater/a'"):
        platform.reopen_pull_request(pull)


def test_diff_shows_what_a_pull_request_changes(store: Bare) -> None:
    """What others did to the base meanwhile is no part of it, and a merge does not make it empty."""
    platform = LocalPlatform(store.path)
    pull = platform.pull_request(proposed(platform, "updater/a").number)
    store.commit("main", {"other.yaml": "v: 9\n"})
    store.git("reset", "--quiet", "--hard")
    store.git("config", "diff.external", "false")
    diff = platform.diff(pull)
    assert diff.splitlines()[-2:] == ["-v: 1", "+v: 2"]
    assert "other.yaml" not in diff
    platform.merge_pull_request(pull)
    assert platform.diff(pull) == diff
    with pytest.raises(PlatformError, match="no pull request #7"):
        platform.pull_request(7)


# ---------------------------------------------------------------- records


def test_records_are_ordinary_git_objects(store: Bare) -> None:
    """One commit per change, one JSON file per pull request, with the closing comment; a clone's mirror has them."""
    platform = LocalPlatform(store.path)
    pull = proposed(platform, "updater/a")
    platform.close_pull_request(pull, comment="No longer needed.")
    assert store.git("rev-list", "--count", RECORDS) == "2"
    record = json.loads(store.read(RECORDS, "1.json"))
    assert (record["state"], [note["text"] for note in record["comments"]]) == ("closed", ["No longer needed."])
    assert record["head"] == store.head("updater/a")


def test_looking_writes_nothing(store: Bare) -> None:
    """Asking for branches and pull requests leaves no trace, even if one was merged meanwhile."""
    platform = LocalPlatform(store.path)
    proposed(platform, "updater/a")
    store.merge("main", store.head("updater/a") or "", "By hand")
    before = store.git("for-each-ref")
    platform.branches("updater/", "main")
    assert states(platform) == [PullRequestState.MERGED]
    assert store.git("for-each-ref") == before


def test_branch_used_again_does_not_revive_the_old_pull_request(store: Bare) -> None:
    """A later update from a branch of the same name leaves the merged pull request merged."""
    platform = LocalPlatform(store.path)
    platform.merge_pull_request(proposed(platform, "updater/a"))
    head = store.head("updater/a")
    base = platform.tree("main").commit or ""
    assert platform.push(base, [commit_of("updater/a", "v: 3\n")], {"updater/a": head}).refused == {}
    assert states(platform) == [PullRequestState.MERGED]


def test_refreshed_branch_that_was_merged_and_deleted_is_merged(store: Bare) -> None:
    """The record follows each push, so that a merge of the last state is known without the branch."""
    platform = LocalPlatform(store.path)
    proposed(platform, "updater/a")
    base, head = platform.tree("main").commit or "", store.head("updater/a")
    assert platform.push(base, [commit_of("updater/a", "v: 3\n")], {"updater/a": head}).refused == {}
    store.merge("main", store.head("updater/a") or "", "By hand")
    store.delete("updater/a")
    assert states(platform) == [PullRequestState.MERGED]


def test_pruned_commit_of_a_deleted_branch_is_closed(store: Bare) -> None:
    """When Git has forgotten the commit of a deleted branch, the pull request counts as closed, not as merged."""
    platform = LocalPlatform(store.path)
    proposed(platform, "updater/a")
    store.delete("updater/a")
    store.git("reflog", "expire", "--expire=now", "--all")
    store.git("prune", "--expire=now")
    assert states(platform) == [PullRequestState.CLOSED]


@pytest.mark.parametrize("content", ["{", "[]", '{"number": 1}', '{"number": "x"}'])
def test_damaged_record_is_named(store: Bare, content: str) -> None:
    """A record that somebody broke is an error that names it."""
    platform = LocalPlatform(store.path)
    proposed(platform, "updater/a")
    store.commit("records", {"1.json": content})
    store.git("update-ref", RECORDS, "refs/heads/records")
    with pytest.raises(PlatformError, match=r"in refs/updater/pull-requests cannot be read"):
        platform.pull_requests("")


def test_records_that_cannot_be_written_are_an_error(store: Bare) -> None:
    """Giving up after a number of attempts, the error has git's reason."""
    platform = LocalPlatform(store.path)
    platform.push(platform.tree("main").commit or "", [commit_of("updater/a")], {})
    store.git("update-ref", f"{RECORDS}/in-the-way", "refs/heads/main")
    with pytest.raises(PlatformError, match=r"cannot be written: .*in-the-way"):
        platform.create_pull_request(Proposal(branch="updater/a", base="main", title="", body=""))


def test_shallow_clone_is_enough(store: Bare, tmp_path: Path) -> None:
    """A checkout of depth 1, as CI makes it, can be written to."""
    store.commit("main", {"app.yaml": "v: 1.1\n"})
    clone = tmp_path / "clone"
    store.git("clone", "--quiet", "--depth=1", f"file://{store.path}", str(clone))
    platform = LocalPlatform(clone)
    pull = proposed(platform, "updater/a")
    (branch,) = platform.branches("updater/", "main")
    assert (branch.ours, list(branch.files)) == (True, ["app.yaml"])
    platform.merge_pull_request(pull)
    assert states(platform) == [PullRequestState.MERGED]


def test_copied_repository_takes_its_pull_requests_along(store: Bare, tmp_path: Path) -> None:
    """All state is in the repository: a copy of the directory is a copy of the forge."""
    proposed(LocalPlatform(store.path), "updater/a")
    copy = shutil.copytree(store.path, tmp_path / "copy")
    assert [pull.branch for pull in LocalPlatform(copy).pull_requests("")] == ["updater/a"]
