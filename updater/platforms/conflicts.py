"""Whether a branch still goes into its base: the two may change the same files, but not neighbouring lines.

This is what `git merge` does, said of two texts and the one they come from; git itself would need a process for each
branch, and the history between the two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from updater import git
from updater.model.forge import FINGERPRINT_TRAILER, RemoteBranch

_MOST_LINES = 20_000
"""Of a text longer than this, nothing is said but that it conflicts."""


def merging(repository: git.Repository, branches: Sequence[RemoteBranch], base_commit: str) -> Mapping[str, bool]:
    """For each branch whether it goes into ``base_commit`` without a conflict, by few processes.

    Raises ``RepositoryError`` if the repository does not have what they come from.
    """
    parents = sorted({branch.parent for branch in branches if branch.parent not in (None, base_commit)})
    git.commit_facts(repository, [base_commit, *filter(None, parents)], FINGERPRINT_TRAILER)  # all are there
    moved = {parent: _moved(repository, parent, base_commit) for parent in parents if parent is not None}
    contested = {branch.name: list(_contested(branch, moved.get(branch.parent or "", {}))) for branch in branches}
    blobs = {blob for found in contested.values() for each in found for blob in each if blob is not None}
    texts = {blob: content.decode("utf-8", "surrogateescape") for blob, content in git.read_blobs(repository, blobs)}
    return {
        branch.name: branch.parent is not None and all(_merges(each, texts) for each in contested[branch.name])
        for branch in branches
    }


_Blobs = tuple[str | None, str | None, str | None]
"""The same file where both come from, in the base, and in the branch; None where it is not there."""


def _moved(repository: git.Repository, parent: str, base_commit: str) -> Mapping[str, git.Change]:
    """What happened in the base since."""
    return {change.path: change for change in git.changes(repository, {base_commit: parent})[base_commit]}


def _contested(branch: RemoteBranch, moved: Mapping[str, git.Change]) -> Iterator[_Blobs]:
    for path, blob in branch.files.items():
        if path in moved and moved[path].after != blob:
            yield moved[path].before, moved[path].after, blob


def _merges(blobs: _Blobs, texts: Mapping[str, str]) -> bool:
    if None in blobs:
        return False
    before, ours, theirs = (texts[blob].splitlines(keepends=True) for blob in blobs if blob is not None)
    if max(map(len, (before, ours, theirs))) > _MOST_LINES:
        return False
    return not _touch(_changed(before, ours), _changed(before, theirs))


def _changed(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The lines of ``before`` that are not as they were; an insertion has none, but a place."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [(start, end) for kind, start, end, _, _ in matcher.get_opcodes() if kind != "equal"]


def _touch(some: Iterable[tuple[int, int]], others: Sequence[tuple[int, int]]) -> bool:
    return any(start <= other_end and other_start <= end for start, end in some for other_start, other_end in others)
