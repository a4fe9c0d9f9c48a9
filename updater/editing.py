"""What an update changes in the files: the value, the digest and the lock file's entry, as one change. Pure."""

from collections.abc import Sequence

from updater.model.decide import Offer, Replacement
from updater.model.scan import Dependency, Edit, LockEntry, Span
from updater.model.track import Tracked


def why_not_replaceable(tracked: Tracked, replacement: Replacement) -> str | None:
    """Why another package cannot be written in the place of this one; None if it can."""
    dependency, old = tracked.dependency, tracked.package
    if dependency.package.name != old.name or (replacement.name != old.name and dependency.name_span is None):
        return f"replaced by {replacement}, but its name is not written here in one piece"
    if replacement.registry_url is not None and dependency.registry_span is None:
        return f"replaced by {replacement}, but its repository is not written here"
    if tracked.lock is not None:
        return f"replaced by {replacement}, but {tracked.lock.path} names it, too"
    return None


def replacement_edits(tracked: Tracked, replacement: Replacement) -> list[Edit]:
    """The name and the address of the registry, as far as they change."""
    dependency, edits = tracked.dependency, []
    if dependency.name_span is not None and replacement.name != tracked.package.name:
        edits.append(Edit(path=dependency.path, span=dependency.name_span, text=replacement.name))
    if dependency.registry_span is not None and replacement.registry_url is not None:
        edits.append(Edit(path=dependency.path, span=dependency.registry_span, text=replacement.registry_url))
    return edits


def value_edits(dependency: Dependency, offer: Offer, digest: str | None) -> list[Edit]:
    """The value and the digest are one change: both are edited, or the digest is written where there was none."""
    new_value = offer.new_value or ""
    if digest is not None and dependency.digest_span is None and dependency.span is not None:
        return _pin(dependency, dependency.span, new_value, digest)
    edits = []
    if dependency.span is not None and new_value != dependency.current_value:
        edits.append(Edit(path=dependency.path, span=dependency.span, text=new_value))
    if digest is not None and dependency.digest_span is not None and digest != dependency.current_digest:
        edits.append(Edit(path=dependency.path, span=dependency.digest_span, text=digest))
    return edits


def _pin(dependency: Dependency, value: Span, new_value: str, digest: str) -> list[Edit]:
    """``tag@digest``; or the digest in the place of the value, which becomes a comment."""
    if dependency.comment_at is None:
        return [Edit(path=dependency.path, span=value, text=f"{new_value}@{digest}")]
    behind = Span(dependency.comment_at, dependency.comment_at)
    return [
        Edit(path=dependency.path, span=value, text=digest),
        Edit(path=dependency.path, span=behind, text=f" # {new_value}"),
    ]


def entry_edits(lock: LockEntry, tracked: Tracked, offer: Offer) -> list[Edit]:
    """The version in a lock file, and the constraint if one is recorded there."""
    edits = []
    if lock.version != offer.version:
        edits.append(Edit(path=lock.path, span=lock.version_span, text=offer.version))
    constraints = _constraints(lock.constraints, tracked.dependency.current_value, offer.new_value)
    if lock.constraints_span is not None and constraints is not None:
        edits.append(Edit(path=lock.path, span=lock.constraints_span, text=constraints))
    return edits


def hash_list(hashes: Sequence[str]) -> str:
    """The list as Terraform writes it: one a line, four spaces in front, a comma behind each."""
    return "".join(f'\n    "{each}",' for each in hashes) + "\n  "


def _constraints(recorded: str | None, old: str | None, new: str | None) -> str | None:
    """The recorded constraints with ours replaced; None if ours is not among them, or stays.

    Terraform records the constraints of all modules of a root in one list, separated by ", ".
    """
    clauses = (recorded or "").split(", ")
    ours = (old or "").split(", ")
    if new is None or new == old or not set(ours) <= set(clauses):
        return None
    place = clauses.index(ours[0])
    others = [clause for clause in clauses[place:] if clause not in ours]
    return ", ".join((*clauses[:place], new, *others))
