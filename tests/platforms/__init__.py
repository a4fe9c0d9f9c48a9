"""What the tests of several platforms need."""

from updater.api import Proposal, PullRequest


def revised(pull: PullRequest, *, title: str, body: str, labels: tuple[str, ...] = ()) -> Proposal:
    """What an open pull request should become."""
    return Proposal(branch=pull.branch, base=pull.base, title=title, body=body, labels=labels)
