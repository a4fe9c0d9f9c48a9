"""The text of the pull request by which a repository begins: what was found, and what would be opened. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from updater.model import Plan, Update
from updater.report.sections import code

_SHOWN = 50
"""How many rows a list has at the most."""


def onboarding_body(plan: Plan, file: str) -> str:
    """What happens when ``file`` is merged, from a plan that was made as if it were merged already."""
    return "\n".join(_lines(plan, file))


def _lines(plan: Plan, file: str) -> Iterator[str]:
    yield f"Nothing has been changed so far. **Merge** this pull request, which adds {code(file)}, and updates begin."
    yield "**Close** it without merging and this repository is left alone. Until then, edit the file here as you like:"
    yield "a branch with commits of yours is not touched."
    yield "\n## What was found\n"
    yield from _found(plan)
    yield "\n## What would be opened\n"
    yield from _opened(plan)
    yield from _start_small(plan.updates)
    if plan.failed:
        yield "\n## What could not be looked up\n"
        yield from _shortened([f"- {code(each.subject)}: {code(each.error)}" for each in plan.failed])


def _found(plan: Plan) -> Iterator[str]:
    files = {(tracked.dependency.manager, tracked.dependency.path) for tracked in plan.dependencies}
    counts = Counter(tracked.dependency.manager for tracked in plan.dependencies)
    of_files = Counter(manager for manager, _ in files)
    if not files:
        yield "No dependencies."
        return
    yield "| Manager | Files | Dependencies |\n|---|---|---|"
    yield from (f"| {code(name)} | {of_files[name]} | {counts[name]} |" for name in sorted(counts))


def _opened(plan: Plan) -> Iterator[str]:
    if not plan.branches:
        yield "Nothing now: everything is up to date, or held back for a while."
        return
    held = f" {len(plan.held)} more are held back for now, by the age of their releases for instance." * bool(plan.held)
    number = len(plan.branches)
    yield f"{number} pull request{'s' * (number > 1)}, a few at a time (`prConcurrentLimit`, `prHourlyLimit`).{held}\n"
    yield from _shortened([f"- {code(branch.title)} in {_places(branch.files)}" for branch in plan.branches])


def _places(paths: Iterable[str]) -> str:
    first, *others = sorted(paths)
    return code(first) + (f" and {len(others)} more" if others else "")


def _start_small(updates: Iterable[Update]) -> Iterator[str]:
    """How to begin with the directory that has the fewest updates, where there are several."""
    counts = Counter(_application(edit.path) for update in updates for edit in update.edits)
    counts.pop("", None)
    if len(counts) < 2:
        return
    smallest = min(counts, key=lambda directory: (counts[directory], directory))
    yield "\n## Start with one application\n"
    yield "Add a line to the file, and only what is below that directory is updated:\n"
    yield code(f'"includePaths": {json.dumps([f"{smallest}/**"])}')


def _application(path: str) -> str:
    """The directory of a file, two levels deep at the most: as in ``apps/payments``."""
    return "/".join(path.split("/")[:-1][:2])


def _shortened(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"- and {len(lines) - _SHOWN} more"
