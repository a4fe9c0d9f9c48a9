"""Stage 5: updates → branches with their final texts. Pure; the only stage that makes new file contents."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from updater import edit, naming, owners
from updater.api import Sealer, Target
from updater.model.decide import Update
from updater.model.forge import FINGERPRINT_TRAILER, Base
from updater.model.lookup import Failed
from updater.model.plan import Branch
from updater.model.scan import Edit, SourceFile
from updater.model.track import UpdateType

Body = Callable[[str, Sequence[Update], str], str]
"""Makes a pull request's body from its title, its updates and its fingerprint."""

Reaches = Callable[[Sequence[Update]], tuple[Target, ...]]
"""What deploys the files that updates edit."""

OwnersOf = Callable[[Iterable[str]], tuple[str, ...]]
"""Who owns files, by their paths; teams are written ``team:name``."""

LABEL_LENGTH = 50
"""The most characters of a label that every forge takes."""

Bumps = Callable[[Sequence[Update], Mapping[str, str]], Sequence[Edit]]
"""The edits that raise versions of the repository's own with updates, from the texts of the files."""

_FURTHEST_FIRST = (
    UpdateType.REPLACEMENT,
    UpdateType.MAJOR,
    UpdateType.MINOR,
    UpdateType.PATCH,
    UpdateType.PIN,
    UpdateType.DIGEST,
    UpdateType.PIN_DIGEST,
    UpdateType.ROLLBACK,
)


_FROM_OWNERS = ("assignees_from_code_owners", "reviewers_from_code_owners")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The branches in the order in which they are published, and those that could not be made."""

    branches: tuple[Branch, ...]
    failed: tuple[Failed, ...]


def files_of(update: Update) -> set[str]:
    """The paths of the files whose texts grouping needs: those that are edited, and those that must fit them."""
    edited = {each.path for each in update.edits}
    lock = update.tracked.lock
    return edited if lock is None else edited | {lock.path, update.tracked.dependency.path}


def group(
    updates: Iterable[Update],
    texts: Mapping[str, str],
    body: Body,
    sealers: Mapping[str, Sealer],
    *,
    base: Base,
    semantic: bool,
    reach: Reaches = lambda _updates: (),
    owners_of: OwnersOf = lambda _paths: (),
    bumps: Bumps = lambda _updates, _texts: (),
    name_of: Callable[[str], str] = lambda name: name,
) -> Grouped:
    """Put updates into branches on top of ``base``.

    ``texts`` holds the present texts of the :func:`files_of` every update, ``sealers`` the managers of lock files that
    are sealed, by name. ``reach`` tells what updates will be deployed by, ``owners_of`` who owns files.
    ``bumps`` tells what else they raise; ``texts`` holds those files as well. ``name_of`` tells the names of those that
    have another one already.
    """
    branches: list[Branch] = []
    failed: list[Failed] = []
    for proper, members in _by_branch(updates).items():
        name = name_of(proper)
        chosen = _one_per_dependency(members)
        try:
            raised = bumps(chosen, texts)
            edits = [each for update in chosen for each in update.edits]
            files = rewritten([*edits, *raised], seals_of(chosen, sealers), texts, sealers)
            branch = _branch(name, base, chosen, files, raised, body, semantic=semantic)
            branches.append(replace(_with_people(branch, owners_of), targets=reach(chosen)))
        except edit.RefusedEditError as error:
            failed.append(Failed(subject=f"branch {name}", error=str(error)))
    return Grouped(branches=in_order(branches), failed=tuple(failed))


def in_order(branches: Iterable[Branch]) -> tuple[Branch, ...]:
    """The branches in the order in which they are published."""
    return tuple(sorted(branches, key=_order))


def _by_branch(updates: Iterable[Update]) -> dict[str, list[Update]]:
    """By name; image variants that would share a branch and differ in their version get branches of their own."""
    named: dict[str, list[Update]] = {}
    for update in updates:
        named.setdefault(naming.branch_name(update), []).append(update)
    return {name: part for shared, members in named.items() for name, part in _split(shared, members)}


def _split(name: str, members: list[Update]) -> Iterable[tuple[str, list[Update]]]:
    grouped = any(update.offer.policy.group_name for update in members)
    pins = any(update.update_type in (UpdateType.PIN, UpdateType.PIN_DIGEST) for update in members)
    if grouped or pins or len({update.offer.new_value for update in members}) == 1:
        return [(name, members)]
    variants: dict[str, list[Update]] = {}
    for update in members:
        variants.setdefault(naming.variant(update), []).append(update)
    plainest = min(variants, key=lambda variant: (len(variant), variant))
    return [(name if variant == plainest else f"{name}-{variant}", part) for variant, part in variants.items()]


def _one_per_dependency(members: Iterable[Update]) -> list[Update]:
    """The furthest update of each dependency; a group may hold several (a digest and a minor one, say)."""
    chosen: dict[tuple[object, ...], Update] = {}
    for update in sorted(members, key=lambda update: _FURTHEST_FIRST.index(update.update_type)):
        dependency = update.tracked.dependency
        chosen.setdefault((dependency.path, dependency.span, dependency.digest_span), update)
    return sorted(chosen.values(), key=_place)


def _branch(
    name: str,
    base: Base,
    updates: Sequence[Update],
    files: Mapping[str, str],
    bumps: Sequence[Edit],
    body: Body,
    *,
    semantic: bool,
) -> Branch:
    title, fingerprint = naming.title(updates, semantic=semantic), _fingerprint(updates, bumps)
    policies = [update.offer.policy for update in updates]
    return Branch(
        name=name,
        base=base,
        title=title,
        body=body(title, updates, fingerprint),
        updates=tuple(updates),
        files=files,
        bumps=tuple(bumps),
        fingerprint=fingerprint,
        message=_message(title, updates, fingerprint),
        labels=tuple(dict.fromkeys(label for update in updates for label in _labels(update))),
        draft=any(policy.draft_pr for policy in policies),
        priority=max(policy.pr_priority for policy in policies),
    )


def _message(title: str, updates: Sequence[Update], fingerprint: str) -> str:
    """The title, the table, the text and the trailers of the configuration, and last the fingerprint."""
    policies = [update.offer.policy for update in updates]
    bodies = [*dict.fromkeys(policy.commit_body for policy in policies if policy.commit_body)]
    if any(policy.commit_body_table for policy in policies):
        bodies.insert(0, _table(updates))
    trailers = dict.fromkeys(" ".join(trailer.split()) for policy in policies for trailer in policy.commit_trailers)
    last = "\n".join((*trailers, f"{FINGERPRINT_TRAILER}: {fingerprint}"))
    return "\n\n".join((title, *bodies, last)) + "\n"


def _table(updates: Sequence[Update]) -> str:
    """What a commit changes, each change once, in columns."""
    changes = ((each.tracked.package.datasource, each.tracked.name, *naming.change(each)) for each in updates)
    rows = [("Datasource", "Package", "From", "To"), *dict.fromkeys(changes)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join((lines[0], "  ".join("-" * width for width in widths), *lines[1:]))


def _labels(update: Update) -> Iterable[str]:
    policy = update.offer.policy
    written = (naming.rendered(label, update) for label in (*policy.labels, *policy.add_labels))
    return (label for label in (text[:LABEL_LENGTH].strip() for text in written) if label)


def _with_people(branch: Branch, owners_of: OwnersOf) -> Branch:
    """The branch with the people whose attention its policies ask for, and its milestone."""
    policies = [update.offer.policy for update in branch.updates]
    assigned, asked = (any(getattr(policy, name) for policy in policies) for name in _FROM_OWNERS)
    owning = owners_of(branch.files) if assigned or asked else ()
    assignees = [name for policy in policies for name in policy.assignees]
    reviewers = [name for policy in policies for name in policy.reviewers]
    milestones = [policy.milestone for policy in policies if policy.milestone is not None]
    return replace(
        branch,
        assignees=_named([*assignees, *(owners.people(owning) if assigned else ())]),
        reviewers=_named([*reviewers, *(owning if asked else ())]),
        milestone=str(milestones[0]) if milestones else None,
    )


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.removeprefix("@") for name in names))


Seals = Mapping[tuple[str, str], Sequence[str]]
"""The lock files that are to be sealed, each with its manager, and the files that hold what they lock."""


def rewritten(
    edits: Iterable[Edit], seals: Seals, texts: Mapping[str, str], sealers: Mapping[str, Sealer]
) -> dict[str, str]:
    """The new texts of the files that change: edited, and then the lock files made to fit them, each sealed once.

    Raises ``RefusedEditError``.
    """
    files = _edited(edits, texts)
    for (path, manager), others in seals.items():
        lock, *locked = (SourceFile(path=each, text=files.get(each, texts[each])) for each in (path, *others))
        sealed = _seal(lock, locked, sealers[manager])
        if sealed != texts[path]:
            files[path] = sealed
    return dict(sorted(files.items()))


def _edited(edits: Iterable[Edit], texts: Mapping[str, str]) -> dict[str, str]:
    by_path: dict[str, list[Edit]] = {}
    for each in edits:
        by_path.setdefault(each.path, []).append(each)
    return {path: edit.replace(texts[path], found) for path, found in sorted(by_path.items())}


def seals_of(updates: Iterable[Update], sealers: Mapping[str, Sealer]) -> Seals:
    """What is to be sealed when these updates are made."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for update in updates:
        lock = update.tracked.lock
        if lock is not None and lock.manager in sealers:
            found.setdefault((lock.path, lock.manager), {})[update.tracked.dependency.path] = None
    return {lock: list(paths) for lock, paths in found.items()}


def _seal(lock: SourceFile, locked: Sequence[SourceFile], sealer: Sealer) -> str:
    try:
        return edit.replace(lock.text, sealer.seal(lock, locked))
    except ValueError as error:
        raise edit.RefusedEditError(f"{lock.path}: {error}") from error


def _fingerprint(updates: Iterable[Update], bumps: Iterable[Edit]) -> str:
    """What is proposed, independent of where in the file it stands."""
    facts: list[object] = [
        (
            update.tracked.dependency.path,
            update.tracked.name,
            update.tracked.dependency.current_value,
            update.tracked.dependency.current_digest,
            [each.text for each in update.edits],
        )
        for update in updates
    ]
    facts += [(each.path, each.text) for each in bumps]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _place(update: Update) -> tuple[str, int]:
    return (update.tracked.dependency.path, update.tracked.dependency.line)


def _order(branch: Branch) -> tuple[object, ...]:
    """Priority first, then small steps before large ones, then by title."""
    step = min(_FURTHEST_FIRST.index(update.update_type) for update in branch.updates)
    return (-branch.priority, -step, branch.title, branch.name)
