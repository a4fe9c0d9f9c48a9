"""What the tests of several platforms need."""

from updater.api import Commit, Platform, Proposal, PullRequest


def proposed(platform: Platform, **fields: object) -> PullRequest:
    """A pull request for the branch ``updater/a``, which is pushed for it."""
    commit = Commit(branch="updater/a", message="m\n\nUpdater-Fingerprint: a\n", files={"app.yaml": "v: 2\n"})
    assert platform.push(platform.tree("main").commit or "", [commit], {}).refused == {}
    wish = {"branch": "updater/a", "base": "main", "title": "Update", "body": "Why", **fields}
    return platform.create_pull_request(Proposal(**wish))  # type: ignore[arg-type]


def revised(pull: PullRequest, *, title: str, body: str, labels: tuple[str, ...] = ()) -> Proposal:
    """What an open pull request should become."""
    return Proposal(branch=pull.branch, base=pull.base, title=title, body=body, labels=labels)
