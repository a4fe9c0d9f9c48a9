"""The forges as a whole: what each holds, and the platform for one repository on it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol

from updater.api import Platform, Secret
from updater.platforms.discovery import Listing
from updater.platforms.github.app import App, Installations


class Forge(Protocol):
    """A forge and what opens it."""

    def platform(self, repository: str) -> Platform:
        """One of its repositories. Raises ``PlatformError`` for what cannot be a name of one."""
        ...

    def repositories(self) -> Iterator[Listing]:
        """All that the token sees, as they are read. Raises ``PlatformError``."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Access:
    """Where a forge is, and where clones of its repositories are kept. ``sleep`` waits before asking again."""

    endpoint: str
    cache_directory: Path
    sleep: Callable[[float], None] = time.sleep

    def _options(self) -> dict[str, Any]:
        return {"endpoint": self.endpoint, "cache_directory": self.cache_directory, "sleep": self.sleep}


@dataclass(frozen=True, kw_only=True)
class GitHubForge(_Access):
    """GitHub, with a token or as an App."""

    credential: Secret | App

    def platform(self, repository: str) -> Platform:
        """One repository; as an App, with the token of the installation that it belongs to."""
        from updater.platforms.github import GitHubPlatform

        return GitHubPlatform(repository, token=self._token_for(repository), **self._options())

    def repositories(self) -> Iterator[Listing]:
        """What a person's token or the App's installations see."""
        from updater.platforms.github.listing import of_installation, of_person

        if isinstance(self.credential, App):
            for token in self._installations.all():
                yield from of_installation(self.endpoint, token, self.sleep)
        elif self.credential.reveal().startswith("ghs_"):
            yield from of_installation(self.endpoint, self.credential, self.sleep)
        else:
            yield from of_person(self.endpoint, self.credential, self.sleep)

    def _token_for(self, repository: str) -> Secret | Callable[[], Secret]:
        if isinstance(self.credential, App):
            return partial(self._installations.token_for, repository)
        return self.credential

    @cached_property
    def _installations(self) -> Installations:
        assert isinstance(self.credential, App)
        return Installations(self.credential, self.endpoint, sleep=self.sleep)


@dataclass(frozen=True, kw_only=True)
class GitLabForge(_Access):
    """GitLab, with the token of a person, a group or a project."""

    credential: Secret

    def platform(self, repository: str) -> Platform:
        """One project."""
        from updater.platforms.gitlab import GitLabPlatform

        return GitLabPlatform(repository, token=self.credential, **self._options())

    def repositories(self) -> Iterator[Listing]:
        """The projects that the token's account is a member of."""
        from updater.platforms.gitlab.listing import projects

        return projects(self.endpoint, self.credential, self.sleep)


@dataclass(frozen=True, kw_only=True)
class GiteaForge(_Access):
    """Gitea or Forgejo, with a token."""

    credential: Secret

    def platform(self, repository: str) -> Platform:
        """One repository."""
        from updater.platforms.gitea import GiteaPlatform

        return GiteaPlatform(repository, token=self.credential, **self._options())

    def repositories(self) -> Iterator[Listing]:
        """What the token's account sees."""
        from updater.platforms.gitea.listing import repositories

        return repositories(self.endpoint, self.credential, self.sleep)
