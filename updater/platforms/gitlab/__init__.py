"""GitLab: gitlab.com and self-managed.

The token (of a project, a group or a person) needs the scopes ``api`` and ``write_repository`` and the role Developer;
to merge into a protected branch it needs what that branch asks for.
"""

from updater.platforms.gitlab.platform import GitLabPlatform

__all__ = ["GitLabPlatform"]
