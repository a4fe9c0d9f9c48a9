"""What people asked for: by ticking boxes on the dashboard or in a pull request, or on the command line. Pure.

A box is a line ``- [x] <!-- approve-branch=updater/nginx-1.x -->``; those of a dashboard that Renovate left have the
same form and count as well (https://docs.renovatebot.com/key-concepts/dashboard/).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from updater.model.forge import PullRequest, PullRequestState
from updater.model.scan import Package
from updater.report.marker import package_key

HOLD_LABEL = "updater/hold"
"""On a merged pull request: it is not promoted. On an open one: it is not merged automatically."""
NOW_LABEL = "updater/promote-now"
"""On a merged pull request: it is promoted before its soak time is over, unless it has failed."""
NO_REVERT_LABEL = "updater/no-revert"
"""On a merged pull request: it is not taken back automatically."""

REBASE_BOX = "rebase-check"
"""The marker of the box in a pull request's body."""
ALL_BRANCHES = {
    "approve-all-pending-prs": "approve",
    "create-all-awaiting-schedule-prs": "unschedule",
    "create-all-rate-limited-prs": "unlimit",
    "rebase-all-open-prs": "rebase",
}
"""The boxes that stand for all boxes of a kind."""

_LISTED = re.compile(r"^\s*- \[(?P<tick>[ xX])\] ?<!-- ?(?P<kind>[a-zA-Z]+)-branch=(?P<branch>\S+) ?-->", re.MULTILINE)
_FOR_ALL = re.compile(r"^\s*- \[[xX]\] ?<!-- ?(?P<name>[a-z-]+) ?-->", re.MULTILINE)
_FORGIVEN = re.compile(r"<!-- updater:forgiven (\[.*?\]) -->", re.DOTALL)
_FORGIVING = re.compile(r"^\s*- \[[xX]\] ?<!-- ?forgive=(\S+) ?-->", re.MULTILINE)
_FORGIVABLE = re.compile(r"^\s*- \[ \] ?<!-- ?forgive=(\S+) ?-->", re.MULTILINE)
_REBASING = frozenset(("rebase", "retry"))
_OPENING = frozenset(("approvePr",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Names of branches: to be made whatever limits and schedules say, to be made anew, to get their pull request."""

    forced: frozenset[str] = frozenset()
    rebased: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()

    def __or__(self, other: "Orders") -> "Orders":
        return Orders(
            forced=self.forced | other.forced,
            rebased=self.rebased | other.rebased,
            opened=self.opened | other.opened,
        )


NO_ORDERS = Orders()


def of_dashboard(body: str) -> Orders:
    """The boxes that are ticked on a dashboard."""
    ticked = ticked_boxes(body)
    return Orders(
        forced=frozenset(ticked),
        rebased=frozenset(branch for branch, kinds in ticked.items() if kinds & _REBASING),
        opened=frozenset(branch for branch, kinds in ticked.items() if kinds & _OPENING),
    )


def of_pulls(pulls: Iterable[PullRequest]) -> Orders:
    """The boxes that are ticked in open pull requests, and titles that begin with ``rebase!``."""
    wanted = (pull.branch for pull in pulls if pull.state is PullRequestState.OPEN and _asks_for_rebase(pull))
    return Orders(rebased=frozenset(wanted))


def ticked_boxes(body: str) -> Mapping[str, frozenset[str]]:
    """The kinds of boxes that are ticked, by branch, with those that a box for all of its kind stands for."""
    for_all = {ALL_BRANCHES[name] for name in _FOR_ALL.findall(body) if name in ALL_BRANCHES}
    found: dict[str, set[str]] = {}
    for box in _LISTED.finditer(body):
        if box["tick"] != " " or box["kind"] in for_all:
            found.setdefault(box["branch"], set()).add(box["kind"])
    return {branch: frozenset(kinds) for branch, kinds in found.items()}


def box(kind: str, branch: str, *, ticked: bool = False) -> str:
    """The beginning of a line with a box for a branch."""
    return f"- [{'x' if ticked else ' '}] <!-- {kind}-branch={branch} -->"


# ---------------------------------------------------------------- what was rolled back, and forgiven


def forgiveness_of(package: Package, version: str) -> str:
    """What is forgiven, in one word: a version of a package."""
    return quote(f"{package_key(package.datasource, package.name)} {version}", safe="")


def forgiveness_box(word: str) -> str:
    """The beginning of a line with a box that forgives."""
    return f"- [ ] <!-- forgive={word} -->"


def forgiven_of(body: str) -> frozenset[str]:
    """What was forgiven on a dashboard: by a tick now, or before."""
    found = set(_FORGIVING.findall(body))
    for block in _FORGIVEN.findall(body):
        try:
            found.update(str(each) for each in json.loads(block))
        except ValueError:
            continue
    return frozenset(found)


def forgivable(body: str) -> tuple[str, ...]:
    """What a dashboard has boxes for that nobody has ticked yet."""
    return tuple(dict.fromkeys(_FORGIVABLE.findall(body)))


def forgiving(body: str, words: Iterable[str]) -> str:
    """A dashboard with the boxes of these ticked."""
    for word in words:
        body = body.replace(forgiveness_box(word), forgiveness_box(word).replace("[ ]", "[x]"))
    return body


def forgiven_block(words: Iterable[str]) -> str:
    """What keeps it in mind; the words are quoted, so that nothing in them can end the comment."""
    return f"<!-- updater:forgiven {json.dumps(sorted(quote(unquote(word), safe='') for word in words))} -->"


def _asks_for_rebase(pull: PullRequest) -> bool:
    return pull.title.startswith("rebase!") or REBASE_BOX in _FOR_ALL.findall(pull.body)
