"""GitHub: github.com, its hosts for data residency, and Enterprise servers.

The token needs write access to contents and pull requests, to issues for the dashboard, to commit statuses, and to
workflows if files below ``.github/workflows`` are updated (a classic one: the scopes ``repo`` and ``workflow``).
Reading deployments and checks needs read access to them.
"""

from updater.platforms.github.platform import GitHubPlatform

__all__ = ["GitHubPlatform"]
