"""JSON documents that Git keeps below one ref, a file each: what the local forge knows beside branches and commits."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from updater import git
from updater.errors import PlatformError, RepositoryError
from updater.repo import GitTree

T = TypeVar("T")

Document = Mapping[str, object]

_REASON = "gitops-updater"
_ATTEMPTS = 20


class Documents:
    """The documents below ``ref``, by name. Several processes may write at once: none undoes what another did."""

    def __init__(self, repository: git.Repository, ref: str, author: git.Author) -> None:
        self.ref = ref
        self._git, self._author = repository, author

    def tip(self) -> str | None:
        """The commit that the ref points at now; None if nothing was written yet."""
        return next((ref.commit for ref in git.refs(self._git, self.ref)), None)

    def read(self, tip: str | None) -> dict[str, Document]:
        """The documents of that commit. Raises ``PlatformError`` for one that is broken."""
        if tip is None:
            return {}
        tree = GitTree(self._git.directory, tip)
        return {path.removesuffix(".json"): self._decoded(path, data) for path, data in tree.read(tree.files())}

    def write(self, tip: str | None, changed: Mapping[str, Document]) -> None:
        """Add or replace documents. Raises ``RepositoryError`` if the ref is not at ``tip`` any more."""
        if not changed:
            return
        files = {
            f"{name}.json": (git.REGULAR_FILE, json.dumps(document, indent=2).encode())
            for name, document in changed.items()
        }
        title = self.ref.rpartition("/")[2].replace("-", " ").capitalize()
        draft = git.Draft(parent=tip, message=f"{title}\n", files=files)
        commit = git.fast_import(self._git, [draft], self._author, date=0)[0]
        git.update_refs(self._git, [git.RefChange(ref=self.ref, old=tip, new=commit)], reason=_REASON)

    def change(self, edit: Callable[[Mapping[str, Document]], Mapping[str, Document]]) -> dict[str, Document]:
        """Write what ``edit`` makes of the present documents and return all; see :func:`retried`."""

        def attempt() -> dict[str, Document]:
            tip = self.tip()
            present = self.read(tip)
            after = {**present, **edit(present)}
            self.write(tip, {name: document for name, document in after.items() if present.get(name) != document})
            return after

        return retried(attempt, f"{self.ref} of {self._git.directory}")

    def _decoded(self, path: str, content: bytes) -> Document:
        try:
            document = json.loads(content)
        except ValueError as error:
            raise PlatformError(f"{path} in {self.ref} cannot be read: {error!r}") from error
        if not isinstance(document, dict):
            raise PlatformError(f"{path} in {self.ref} cannot be read: it is no object")
        return document


def retried(attempt: Callable[[], T], subject: str) -> T:
    """The result of ``attempt``, which is made again if another process wrote meanwhile."""
    reason = ""
    for _ in range(_ATTEMPTS):
        try:
            return attempt()
        except RepositoryError as error:
            reason = str(error)
    raise PlatformError(f"{subject} cannot be written: {reason}")
