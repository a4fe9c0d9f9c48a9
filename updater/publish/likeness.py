"""Which earlier pull requests proposed what a branch proposes. Pure."""

from collections.abc import Iterator

from updater.model.forge import PullRequest, PullRequestState
from updater.model.plan import Branch
from updater.publish.situation import Forge
from updater.report.marker import marker_of


def alike(branch: Branch, forge: Forge, state: PullRequestState) -> Iterator[PullRequest]:
    """Those in a state that proposed the same: by their markers, or for one without it by its title."""
    wanted, topic = marker_of(branch.fingerprint, branch.updates).proposals, forge.topic_of(branch.name)
    for pull in forge.pulls:
        if forge.topic_of(pull.branch) == topic and pull.state is state:
            marker = forge.marker_of(pull)
            if (wanted <= marker.proposals) if marker else (pull.title == branch.title):
                yield pull
