"""The text of the pull request by which a repository begins: what was found, and what would be opened. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, unquote

from updater.model.plan import Plan
from updater.report.sections import code

_SHOWN = 50
"""How many rows a list has at the most."""
_BOX = re.compile(r"^\s*- \[[xX]\] ?<!-- ?start=(\S+) ?-->", re.MULTILINE)


def onboarding_body(plan: Plan, file: str, applications: Mapping[str, int], chosen: Iterable[str]) -> str:
    """What happens when ``file`` is merged, from a plan that was made as if it were merged already.

    ``applications`` are the directories that can be chosen to start with, with the number of their updates (none: there
    is nothing to choose).
    """
    return "\n".join(_lines(plan, file, applications, set(chosen)))


def unusable_body(file: str, problem: str) -> str:
    """What is to be said of a file that people have written, and that cannot be used."""
    return "\n".join((*_lead(file), "\n## The file cannot be used\n", code(problem)))


def applications_of(plan: Plan) -> Mapping[str, int]:
    """The directories with updates, and how many each has; nothing where there is only one."""
    counts = Counter(_application(edit.path) for update in plan.updates for edit in update.edits)
    counts.pop("", None)
    return dict(sorted(counts.items())[:_SHOWN]) if len(counts) > 1 else {}


def ticked_applications(body: str) -> frozenset[str]:
    """The directories that somebody wants to start with."""
    return frozenset(unquote(found) for found in _BOX.findall(body))


def _lead(file: str) -> Iterator[str]:
    yield f"Nothing has been changed so far. **Merge** this pull request, which adds {code(file)}, and updates begin."
    yield "**Close** it without merging and this repository is left alone. Until then, edit the file here as you like:"
    yield "a branch with commits of yours is not touched, and this text tells what your file would do."


def _lines(plan: Plan, file: str, applications: Mapping[str, int], chosen: set[str]) -> Iterator[str]:
    yield from _lead(file)
    yield "\n## What was found\n"
    yield from _found(plan)
    yield "\n## What would be opened\n"
    yield from _opened(plan)
    yield from _start_small(applications, chosen)
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


def _start_small(applications: Mapping[str, int], chosen: set[str]) -> Iterator[str]:
    if not applications:
        return
    yield "\n## Start with one application\n"
    yield "Tick one, or some: the next run narrows the file to them (`includePaths`), and shows above what is left.\n"
    for application, count in applications.items():
        tick = "x" if application in chosen else " "
        yield (f"- [{tick}] <!-- start={quote(application)} -->{code(application)}: {count} update{'s' * (count > 1)}")


def _application(path: str) -> str:
    """The directory of a file, two levels deep at the most: as in ``apps/payments``."""
    return "/".join(path.split("/")[:-1][:2])


def _shortened(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"- and {len(lines) - _SHOWN} more"
