"""What people ask for by ticking boxes."""

import pytest

from updater.model.forge import PullRequest, PullRequestState
from updater.orders import Orders, of_dashboard, of_pulls

DASHBOARD = """\
## Waiting
 - [{}] <!-- approve-all-pending-prs -->**All of them**
 - [{}] <!-- approve-branch=updater/a-1.x -->[Update a](../pull/1)
 - [{}] <!--approve-branch=updater/b-1.x-->Update b
## Open
 - [{}] <!-- rebase-branch=renovate/c-1.x -->Update c
 - [{}] <!-- approvePr-branch=updater/d-1.x -->Update d
"""


def ticked(boxes: str) -> Orders:
    """The orders of a dashboard whose boxes are these."""
    return of_dashboard(DASHBOARD.format(*boxes))


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ("     ", Orders()),
        (" x   ", Orders(forced=frozenset({"updater/a-1.x"}))),
        ("X    ", Orders(forced=frozenset({"updater/a-1.x", "updater/b-1.x"}))),
        ("   x ", Orders(forced=frozenset({"renovate/c-1.x"}), rebased=frozenset({"renovate/c-1.x"}))),
        ("    X", Orders(forced=frozenset({"updater/d-1.x"}), opened=frozenset({"updater/d-1.x"}))),
    ],
)
def test_boxes_of_a_dashboard(boxes: str, expected: Orders) -> None:
    """A tick is an order for its branch; the box for all of a kind is one for each of that kind."""
    assert ticked(boxes) == expected


def test_what_only_looks_like_a_box() -> None:
    """Text that mentions a box, a list without one, and a marker for nothing are no orders."""
    body = "[x] <!-- rebase-branch=a -->\n- <!-- rebase-branch=b -->\n- [x] <!-- rebase-branch= -->\n- [x] rebase\n"
    assert of_dashboard(body) == Orders()


def pull(body: str = "", title: str = "Update a", state: PullRequestState = PullRequestState.OPEN) -> PullRequest:
    return PullRequest(number=1, branch="updater/a-1.x", base="main", title=title, body=body, state=state)


def test_boxes_and_titles_of_pull_requests() -> None:
    """The box below a description, and a title that says so, ask for a rebase while it is open."""
    box = "Words\n\n - [{}] <!-- rebase-check -->Make this branch anew\n"
    asked = Orders(rebased=frozenset({"updater/a-1.x"}))

    assert of_pulls([pull(box.format("x"))]) == asked
    assert of_pulls([pull(title="rebase!Update a")]) == asked
    assert of_pulls([pull(box.format(" "))]) == Orders()
    assert of_pulls([pull(box.format("x"), state=PullRequestState.CLOSED)]) == Orders()


def test_orders_add_up() -> None:
    """What is asked for in several places is asked for."""
    both = ticked(" x   ") | of_pulls([pull(title="rebase!")])
    assert both == Orders(forced=frozenset({"updater/a-1.x"}), rebased=frozenset({"updater/a-1.x"}))
