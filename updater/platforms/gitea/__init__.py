"""Gitea and Forgejo (Codeberg is one), which share their API.

The token needs the scopes ``write:repository`` and ``write:issue``, and ``read:user`` to know its own comments; its
account must be a collaborator with write access.
"""

from updater.platforms.gitea.platform import GiteaPlatform

__all__ = ["GiteaPlatform"]
