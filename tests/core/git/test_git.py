"""The functions over the git program, tried with real repositories."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.githttp import GIT, Bare, CountedGit, GitHTTP, run
from updater import git
from updater.api import Secret
from updater.errors import RepositoryError

_COMMIT = {"a.yaml": "a: 1\n"}


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare.make(tmp_path / "bare.git", _COMMIT)


@pytest.fixture
def checkout(tmp_path: Path) -> Bare:
    return Bare.make(tmp_path / "checkout", _COMMIT, bare=False)


def repository_of(store: Bare) -> git.Repository:
    return git.locate(store.path)[0]


def draft(text: str = "a: 2\n", parent: str | None = None) -> git.Draft:
    return git.Draft(parent=parent, message="m\n", files={"a.yaml": (git.REGULAR_FILE, text.encode())})


# ---------------------------------------------------------------- finding


def test_checkout_is_located_from_any_directory_within(checkout: Bare) -> None:
    """From a directory deep in a checkout one gets its Git directory and its root."""
    deep = checkout.path / "x" / "y"
    deep.mkdir(parents=True)
    repository, root = git.locate(deep)
    assert (repository.directory, root) == (checkout.path / ".git", checkout.path)


def test_bare_repository_is_its_own_root(bare: Bare) -> None:
    """A repository without a checkout is located at itself."""
    repository, root = git.locate(bare.path)
    assert repository.directory == root == bare.path


def test_linked_work_tree_has_its_own_root(checkout: Bare, tmp_path: Path) -> None:
    """In a work tree added with ``git worktree`` the root is that one, and HEAD is its own."""
    checkout.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    repository, root = git.locate(tmp_path / "linked")
    assert root == tmp_path / "linked"
    assert git.symbolic_target(repository, "HEAD") == "refs/heads/side"


def test_directory_outside_a_repository_is_an_error(tmp_path: Path) -> None:
    """What is no repository, or nothing at all, is named in the error."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RepositoryError, match="not in a Git repository"):
            git.locate(path)


def test_old_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git that is too old is named with its version and the one that is needed."""
    old = tmp_path / "git"
    old.write_text('#!/bin/sh\necho "git version 2.25.1 (Ubuntu)"\n')
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    git._version.cache_clear()
    try:
        with pytest.raises(RepositoryError, match=r"git 2\.33 or newer is needed, but this is 2\.25"):
            git.check_version()
    finally:
        git._version.cache_clear()


def test_missing_git_is_an_error_for_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on PATH the error says so instead of being a traceback."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="git cannot be started"):
        git.ls_remote("https://example.com/x.git")


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="ab/.-@{}~^:?*[\\ \x7f\u00e4", max_size=8).map(lambda tail: f"u/{tail}"))
def test_branch_names_are_judged_as_git_judges_them(name: str) -> None:
    """No name that git refuses passes, and none that it accepts is refused."""
    verdict = subprocess.run([GIT, "check-ref-format", "--branch", name], capture_output=True, check=False)
    assert git.is_valid_branch(name) == (verdict.returncode == 0 and not name.startswith("@{"))


@pytest.mark.parametrize("name", ["", "@", "HEAD", "-x", "a\nb", "a\0b", "a.lock", "a.lock/b", ".a", "a/.b", "a..b"])
def test_names_that_are_no_branches(name: str) -> None:
    """Names that mean something else, or that Git cannot store, are none."""
    assert not git.is_valid_branch(name)


# ---------------------------------------------------------------- safety


def test_hooks_of_the_repository_never_run(checkout: Bare, tmp_path: Path) -> None:
    """No hook runs, however the repository or the user configured it."""
    witness = tmp_path / "witness"
    hooks = checkout.path / ".git" / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-merge", "post-checkout", "pre-push", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {witness}\n")
        (hooks / name).chmod(0o755)
    checkout.git("config", "core.hooksPath", str(hooks))
    repository = repository_of(checkout)
    base = git.resolve(repository, "HEAD") or ""
    (commit,) = git.fast_import(repository, [draft(parent=base)], git.BOT, 0)
    git.update_refs(repository, [git.RefChange(ref="refs/heads/x", old=None, new=commit)], reason="test")
    git.fast_forward(checkout.path, commit)
    git.push(
        repository, str(Bare.make(tmp_path / "to.git").path), [git.RefChange(ref="refs/heads/x", old=None, new=commit)]
    )
    assert not witness.exists()


def test_variables_that_redirect_git_are_dropped(
    checkout: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE and GIT_CONFIG_PARAMETERS of a calling hook have no effect."""
    other = Bare.make(tmp_path / "other.git", {"b.yaml": ""})
    monkeypatch.setenv("GIT_DIR", str(other.path))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'broken")
    assert list(git.list_work_tree(checkout.path)) == ["a.yaml"]
    assert git.locate(checkout.path)[1] == checkout.path


def test_isolated_repository_ignores_the_configuration_of_the_user(
    bare: Bare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rewriting of URLs in ~/.gitconfig does not redirect what is done for a forge."""
    (tmp_path / ".gitconfig").write_text(f'[url "{tmp_path}/nowhere/"]\n\tinsteadOf = {bare.path.parent}/\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    isolated = git.Repository(directory=bare.path, isolated=True)
    assert git.ls_remote(str(bare.path), repository=isolated)
    with pytest.raises(RepositoryError, match="nowhere"):
        git.ls_remote(str(bare.path))


def test_secrets_reach_the_server_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header given as a setting is sent; it stands in no argument, no error and no file."""
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(counted.directory), prepend=":")
    Bare.make(tmp_path / "served" / "app.git", _COMMIT)
    secret = "Ym90OnNlY3JldA=="  # bot:secret
    with GitHTTP(tmp_path / "served", passwords={"bot": "secret"}) as server:
        setting = {f"http.{server.url}/.extraHeader": Secret(f"Authorization: Basic {secret}")}
        repository = git.Repository(directory=tmp_path / "clone.git", settings=setting, isolated=True)
        git.init_bare(repository.directory)
        git.fetch(repository, f"{server.url}/app.git", ["+refs/heads/main:refs/heads/main"], depth=1)
        assert git.resolve(repository, "main")
        with pytest.raises(RepositoryError) as failure:
            git.fetch(repository, f"http://bot:secret@{server.host}/none.git", ["main"], depth=1)
    assert "secret" not in str(failure.value)
    assert secret not in str(failure.value)
    assert not any("extraHeader" in call or secret in call for call in counted.calls())
    assert not any(secret.encode() in path.read_bytes() for path in repository.directory.rglob("*") if path.is_file())


def test_words_of_git_are_shown_without_secrets(tmp_path: Path) -> None:
    """Whatever git prints, the values of secret settings and the credentials in URLs are not shown, nor its hints."""
    repository = git.Repository(directory=tmp_path, settings={"a.b": Secret("Authorization: Basic c2VjcmV0")})
    words = b"hint: try\nfatal: c2VjcmV0 is not at https://me:pass@example.com/x or ssh://git@example.com/y\n"
    shown = "git fetch failed: fatal: **** is not at https://****@example.com/x or ssh://****@example.com/y"
    assert str(git._failure("fetch", words, repository)) == shown
    assert str(git._failure("fetch", b"", None)) == "git fetch failed: it gave no reason"


def test_server_that_wants_a_password_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody is asked for a user name; the failure says what git wanted."""
    Bare.make(tmp_path / "app.git", _COMMIT)
    with GitHTTP(tmp_path, passwords={"bot": "secret"}) as server, pytest.raises(RepositoryError, match="Username"):
        git.ls_remote(f"{server.url}/app.git")


def test_url_is_never_an_option(tmp_path: Path) -> None:
    """A URL that looks like an option, or names a command to run, is not obeyed."""
    witness = tmp_path / "witness"
    for url in (f"--upload-pack=touch {witness}", f"ext::touch {witness}"):
        with pytest.raises(RepositoryError):
            git.ls_remote(url)
    assert not witness.exists()


# ---------------------------------------------------------------- reading


def test_missing_object_is_an_error_and_not_an_empty_file(bare: Bare) -> None:
    """A tree that names a blob which is gone cannot be listed, and the blob cannot be read."""
    blob = bare.git("rev-parse", "main:a.yaml")
    (bare.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(RepositoryError, match=f"object {blob} is missing"):
        git.list_tree(repository_of(bare), "main")
    with pytest.raises(RepositoryError, match=f"object {blob} is missing"):
        list(git.read_blobs(repository_of(bare), [blob]))


def test_blobs_are_read_in_order_and_may_be_left_unread(bare: Bare) -> None:
    """Each content comes with its id, equal ones as often as asked; stopping early leaves no process behind."""
    bare.commit("main", {"big": b"x" * 300_000, "empty": b""})
    big, empty = (bare.git("rev-parse", f"main:{path}") for path in ("big", "empty"))
    contents = list(git.read_blobs(repository_of(bare), [big, empty, big]))
    assert contents == [(big, b"x" * 300_000), (empty, b""), (big, b"x" * 300_000)]
    some = git.read_blobs(repository_of(bare), [big] * 100)
    assert next(some) == (big, b"x" * 300_000)
    some.close()


def test_merge_is_compared_with_its_first_parent(checkout: Bare) -> None:
    """What a merge changes is what the merged side brings."""
    checkout.commit("side", {"b.yaml": "b: 1\n"})
    checkout.commit("main", {"c.yaml": "c: 1\n"})
    merge = checkout.merge("main", checkout.head("side") or "", "Merge") or ""
    repository = repository_of(checkout)
    facts = git.commit_facts(repository, [merge], "None")[merge]
    assert len(facts.parents) == 2
    assert list(git.changed_files(repository, {merge: facts.parents[0]})[merge]) == ["b.yaml"]


def test_root_commit_changes_all_its_files(bare: Bare) -> None:
    """Compared with nothing, a commit brings everything it has."""
    head = bare.head("main") or ""
    blob = bare.git("rev-parse", "main:a.yaml")
    assert git.changed_files(repository_of(bare), {head: None}) == {head: {"a.yaml": blob}}


def test_last_trailer_counts(bare: Bare) -> None:
    """Only the trailer at the end of the message is read, and of several the last."""
    message = (
        "Title\n\nUpdater-Fingerprint: in the text\n\nmore\n\nUpdater-Fingerprint: one\nUpdater-Fingerprint: two\n"
    )
    head = bare.commit("main", {"a.yaml": ""}, message=message)
    assert git.commit_facts(repository_of(bare), [head], "Updater-Fingerprint")[head].trailer == "two"


def test_commit_that_is_gone_is_no_ancestor(bare: Bare) -> None:
    """Asked what a branch contains, a commit that was pruned is not part of the answer."""
    first = bare.head("main") or ""
    second = bare.commit("main", {"a.yaml": "2"})
    third = bare.commit("side", {"a.yaml": "3"})
    commits = {first, second, third, "1" * 40}
    assert git.reachable(repository_of(bare), commits, second) == {first, second}
    with pytest.raises(RepositoryError):
        git.reachable(repository_of(bare), [first], "2" * 40)


# ---------------------------------------------------------------- writing


def test_equal_drafts_are_equal_commits(bare: Bare) -> None:
    """Ids depend on the given content, author and date alone; nothing points at the commits."""
    repository = repository_of(bare)
    first = git.fast_import(repository, [draft(), draft("a: 3\n")], git.BOT, 1_700_000_000)
    again = git.fast_import(repository, [draft("a: 3\n"), draft()], git.BOT, 1_700_000_000)
    assert first == again[::-1]
    assert list(bare.heads()) == ["main"]
    assert bare.git("for-each-ref", "refs/updater") == ""
    assert bare.git("log", "-1", "--format=%ct %at %s", first[0]) == "1700000000 1700000000 m"


@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(
        st.binary(min_size=1, max_size=6).filter(lambda name: not {0, 47} & set(name)),
        min_size=1,
        max_size=3,
        unique=True,
    )
)
def test_any_path_survives(tmp_path_factory: pytest.TempPathFactory, names: list[bytes]) -> None:
    """Every name that is writable is stored byte for byte, and read back."""
    paths = [path for path in (name.decode("utf-8", "surrogateescape") for name in names) if git.is_writable(path)]
    repository = _shared_repository(tmp_path_factory)
    files = {path: (git.REGULAR_FILE, path.encode("utf-8", "surrogateescape")) for path in paths}
    (commit,) = git.fast_import(repository, [git.Draft(parent=None, message="m", files=files)], git.BOT, 0)
    assert {entry.path for entry in git.list_tree(repository, commit)} == set(paths)


def _shared_repository(factory: pytest.TempPathFactory) -> git.Repository:
    directory = factory.getbasetemp() / "any-path.git"
    if not directory.exists():
        git.init_bare(directory)
    return git.Repository(directory=directory)


@pytest.mark.parametrize("path", ["", "/a", "a//b", "a/", "../a", "a/../b", "./a", ".git/config", "a/.GIT/x", "a\0b"])
def test_paths_out_of_the_tree_are_not_writable(path: str) -> None:
    """Nothing absolute, nothing upward, nothing within a Git directory."""
    assert not git.is_writable(path)


def test_refs_move_together_or_not_at_all(bare: Bare) -> None:
    """One ref that is not where it is said to be stops the others."""
    repository = repository_of(bare)
    (commit,) = git.fast_import(repository, [draft()], git.BOT, 0)
    good = git.RefChange(ref="refs/heads/good", old=None, new=commit)
    with pytest.raises(RepositoryError, match="refs/heads/main"):
        git.update_refs(repository, [good, git.RefChange(ref="refs/heads/main", old=commit, new=commit)], reason="test")
    assert list(bare.heads()) == ["main"]


def test_conflict_is_told_by_its_files(bare: Bare) -> None:
    """A merge that conflicts names the files, once each."""
    ours = bare.commit("main", {"a.yaml": "ours\n", "b c.yaml": "ours\n"})
    bare.git("update-ref", "refs/heads/side", f"{ours}~1")
    theirs = bare.commit("side", {"a.yaml": "theirs\n", "b c.yaml": "theirs\n"})
    with pytest.raises(RepositoryError, match=r"they conflict in a\.yaml, b c\.yaml$"):
        git.merge_commits(repository_of(bare), ours, theirs, "Merge", git.BOT, 0)


# ---------------------------------------------------------------- exchanging


def test_annotated_tags_are_peeled(bare: Bare) -> None:
    """A remote's refs map to commits, also where a tag is an object of its own."""
    bare.git("-c", "user.name=x", "-c", "user.email=x@example.com", "tag", "-a", "-m", "v1", "v1.0.0", "main")
    head = bare.head("main")
    assert git.ls_remote(str(bare.path)) == {"HEAD": head, "refs/heads/main": head, "refs/tags/v1.0.0": head}
    assert git.ls_remote(str(bare.path), "refs/tags/*") == {"refs/tags/v1.0.0": head}


def test_fetch_takes_only_what_it_must(bare: Bare, tmp_path: Path) -> None:
    """Depth 1 brings one commit, and a branch that is gone at the remote goes here, too."""
    bare.commit("main", {"a.yaml": "2"})
    bare.commit("u/x", {"a.yaml": "3"})
    repository = git.Repository(directory=tmp_path / "clone.git")
    git.init_bare(repository.directory)
    refspecs = ["+refs/heads/main:refs/base", "+refs/heads/u/*:refs/u/*"]
    git.fetch(repository, f"file://{bare.path}", refspecs, depth=1)
    assert run("rev-list", "--count", "refs/base", at=repository.directory) == b"1\n"
    bare.delete("u/x")
    git.fetch(repository, f"file://{bare.path}", refspecs, depth=1)
    assert [ref.name for ref in git.refs(repository, "refs/")] == ["refs/base"]


def test_unreachable_remote_is_an_error_of_the_whole_push(bare: Bare, tmp_path: Path) -> None:
    """If no ref could go through because there is no remote, the push as a whole has failed."""
    change = git.RefChange(ref="refs/heads/x", old=None, new=bare.head("main"))
    with pytest.raises(RepositoryError, match=r"git push failed: .*nowhere"):
        git.push(repository_of(bare), str(tmp_path / "nowhere.git"), [change])


def test_protected_branch_is_refused_in_the_words_of_the_remote(bare: Bare, tmp_path: Path) -> None:
    """What a hook of the remote declines has its reason; the other refs are set."""
    remote = Bare.make(tmp_path / "remote.git")
    remote.protect(["x"])
    commit = bare.head("main")
    changes = [git.RefChange(ref=f"refs/heads/{name}", old=None, new=commit) for name in ("x", "y")]
    assert git.push(repository_of(bare), str(remote.path), changes) == {"refs/heads/x": "hook declined"}
    assert list(remote.heads()) == ["y"]


# ---------------------------------------------------------------- soundness


def _lock(path: Path) -> None:
    (path / "shallow.lock").touch()


def _truncate(path: Path) -> None:
    (path / "HEAD").unlink()


def _lose_a_tree(path: Path) -> None:
    tree = run("rev-parse", "main^{tree}", at=path).decode().strip()
    (path / "objects" / tree[:2] / tree[2:]).unlink()


@pytest.mark.parametrize("damage", [_lock, _truncate, _lose_a_tree])
def test_damage_is_noticed(bare: Bare, damage: Callable[[Path], None]) -> None:
    """A lock left behind, a lost HEAD and a lost object each make a repository unsound."""
    repository = repository_of(bare)
    assert git.is_sound(repository)
    damage(bare.path)
    assert not git.is_sound(repository)


def test_environment_is_otherwise_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and certificates of the environment reach git."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    monkeypatch.setenv("GIT_SSL_CAINFO", "/etc/ssl/company.pem")
    environment = git._environment(None)
    assert environment["HTTPS_PROXY"] == "http://proxy.example.com"
    assert environment["GIT_SSL_CAINFO"] == "/etc/ssl/company.pem"
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert os.environ["PATH"] == environment["PATH"]
