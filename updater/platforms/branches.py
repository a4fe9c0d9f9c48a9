"""How our branches are written and recognised in a Git repository; the same on every platform.

A branch is one commit on top of the base. Author, committer and date (that of the base commit) are given, so equal
updates on an equal base are the same commit, and nothing needs to be pushed twice. The trailer
``Updater-Fingerprint``, which the caller puts at the end of the message, tells what the branch was made from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from updater import git
from updater.errors import RepositoryError
from updater.model.forge import FINGERPRINT_TRAILER, Commit, Identity, MergeStrategy, Pushed, RemoteBranch
from updater.platforms.conflicts import merging

BEHIND = "it is behind its base"
_UNWRITABLE_MODES = {git.SYMBOLIC_LINK: "is a symbolic link", git.SUBMODULE: "is a submodule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who makes our commits, and what tells them from others.

    ``mails`` are further addresses of ours: where the forge makes our commits, its own. A commit from one of them, or
    from the author, is ours if it has our trailer. One from an ``ignored`` address, on top of one of ours, changes
    nothing. ``key`` is what the commits are signed with, if they are.
    """

    author: git.Author = git.BOT
    mails: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    key: str | None = None

    def made(self, facts: git.CommitFacts) -> bool:
        """Whether a commit is ours."""
        return facts.trailer is not None and (facts.email == self.author.email or facts.email in self.mails)

    def acting_as(self, identity: Identity) -> "Maker":
        """The maker for an identity, who recognises what this one made."""
        author = git.Author(name=identity.name or git.BOT.name, email=identity.email or git.BOT.email)
        mails = self.mails | {self.author.email}
        ignored = frozenset(identity.ignored)
        return replace(self, author=author, mails=mails, ignored=ignored, key=identity.key or self.key)

    def signed(
        self, repository: git.Repository, commits: Sequence[Commit], made: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Commits that were made (branch → id), signed if there is a key: one process for each."""
        if self.key is None or not made:
            return made
        ids = list(made.values())
        trees = dict(zip(ids, git.trees(repository, ids), strict=True))
        facts = git.commit_facts(repository, ids, FINGERPRINT_TRAILER)
        messages = {commit.branch: commit.message for commit in commits}
        return {
            branch: git.commit_tree(
                repository, trees[id_], facts[id_].parents, messages[branch], self.author, facts[id_].date, self.key
            )
            for branch, id_ in made.items()
        }


def write_commits(
    repository: git.Repository, base_commit: str, commits: Sequence[Commit], author: git.Author
) -> Pushed:
    """Write the commits on top of ``base_commit``, by a fixed number of processes; no branch points at them yet.

    A file that exists keeps its mode. Raises ``RepositoryError`` if the repository does not have the base commit.
    """
    facts = git.commit_facts(repository, [base_commit], FINGERPRINT_TRAILER)[base_commit]
    modes = {entry.path: entry.mode for entry in git.list_tree(repository, base_commit)}
    refused = {commit.branch: reason for commit in commits if (reason := _why_unwritable(commit, modes))}
    accepted = [commit for commit in commits if commit.branch not in refused]
    drafts = [_draft(commit, base_commit, modes) for commit in accepted]
    ids = git.fast_import(repository, drafts, author, facts.date) if drafts else ()
    return Pushed(commits={commit.branch: id_ for commit, id_ in zip(accepted, ids, strict=True)}, refused=refused)


def merge_commits(
    repository: git.Repository,
    branch: RemoteBranch,
    commit: Commit,
    tip: str,
    strategy: MergeStrategy,
    maker: Maker,
    sign: Callable[[str, Sequence[Commit], Mapping[str, str]], Mapping[str, str]] = lambda _base, _commits, made: made,
) -> Pushed:
    """The commit by which a branch gets into a base that is at ``tip``, or why there is none; nothing is moved.

    ``commit`` is what the branch holds, on top of ``tip``; ``sign`` may make a signed one of it.
    """
    if branch.parent == tip and strategy is not MergeStrategy.MERGE_COMMIT:
        return Pushed(commits={branch.name: branch.commit})
    if strategy is MergeStrategy.FAST_FORWARD:
        return Pushed(refused={branch.name: BEHIND})
    written = write_commits(repository, tip, [commit], maker.author)
    made = sign(tip, [commit], written.commits) if written.commits else {}
    if strategy is MergeStrategy.MERGE_COMMIT:
        made = {name: _joined(repository, branch, each, tip, maker) for name, each in made.items()}
    return Pushed(commits=made, refused=written.refused)


def _joined(repository: git.Repository, branch: RemoteBranch, made: str, tip: str, maker: Maker) -> str:
    """A merge of the branch into its base, with the content and the trailer of ``made``."""
    facts = git.commit_facts(repository, [tip], FINGERPRINT_TRAILER)[tip]
    (tree,) = git.trees(repository, [made])
    message = f"Merge branch '{branch.name}'\n\n{git.message(repository, made)}"
    return git.commit_tree(repository, tree, [tip, branch.commit], message, maker.author, facts.date, maker.key)


def remote_branches(
    repository: git.Repository, heads: Mapping[str, str], maker: Maker, base_commit: str | None
) -> tuple[RemoteBranch, ...]:
    """What the branches (name → commit at its head) hold, and whether they go into the base, by few processes."""
    if not heads:
        return ()
    facts = git.commit_facts(repository, set(heads.values()), FINGERPRINT_TRAILER)
    parents = {commit: next(iter(fact.parents), None) for commit, fact in facts.items()}
    files = git.changed_files(repository, parents)
    ours = _ours(repository, facts, maker)
    found = [
        RemoteBranch(
            name=name,
            commit=commit,
            parent=parents[commit],
            ours=commit in ours,
            fingerprint=facts[commit].trailer,
            files=files[commit],
            is_empty=commit == base_commit,
            dated=datetime.fromtimestamp(facts[commit].date, UTC),
        )
        for name, commit in sorted(heads.items())
    ]
    return tuple(found) if base_commit is None else _with_merges(repository, found, base_commit)


def _ours(repository: git.Repository, facts: Mapping[str, git.CommitFacts], maker: Maker) -> set[str]:
    """The commits that are ours, or by which nothing changed about that."""
    ours = {commit for commit, fact in facts.items() if maker.made(fact)}
    below = {commit: fact.parents[0] for commit, fact in facts.items() if fact.email in maker.ignored and fact.parents}
    if not below:
        return ours
    lower = git.commit_facts(repository, set(below.values()), FINGERPRINT_TRAILER)
    return ours | {commit for commit, parent in below.items() if maker.made(lower[parent])}


def _with_merges(
    repository: git.Repository, branches: Sequence[RemoteBranch], base_commit: str
) -> tuple[RemoteBranch, ...]:
    try:
        merges = merging(repository, branches, base_commit)
    except RepositoryError:  # a shallow clone may not have what an old branch comes from
        return tuple(branches)
    return tuple(replace(branch, merges=merges[branch.name]) for branch in branches)


def _draft(commit: Commit, parent: str, modes: Mapping[str, str]) -> git.Draft:
    files = {
        path: (modes.get(path, git.REGULAR_FILE), text.encode("utf-8", "surrogateescape"))
        for path, text in commit.files.items()
    }
    return git.Draft(parent=parent, message=commit.message, files=files)


def _why_unwritable(commit: Commit, modes: Mapping[str, str]) -> str | None:
    if not git.is_valid_branch(commit.branch):
        return f"{commit.branch!r} is not a valid branch name"
    for path in commit.files:
        if not git.is_writable(path):
            return f"{path!r} is not a path within the repository"
        parents = (path[:end] for end, character in enumerate(path) if character == "/")
        if blocking := next((parent for parent in parents if parent in modes), None):
            return f"{blocking} is not a directory"
        if reason := _UNWRITABLE_MODES.get(modes.get(path, "")):
            return f"{path} {reason}"
    return None
