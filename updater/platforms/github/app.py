"""A GitHub App: it proves by its key who it is and gets a token for an hour, which opens what it is installed on.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from updater.api import Clock, PlatformError, Secret
from updater.platforms.github.api import PER_PAGE, Api

if TYPE_CHECKING:
    from github.Auth import AppAuth

_SPARE = timedelta(minutes=5)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The number of an App (or its client id) and its private key, a PEM text."""

    id: str
    key: Secret


@dataclass(slots=True)
class Installations:
    """The App's tokens, each asked for once until it is about to end."""

    app: App
    endpoint: str
    clock: Clock = _now
    sleep: Callable[[float], None] = time.sleep
    _tokens: dict[int, tuple[Secret, datetime]] = field(default_factory=dict)
    _homes: dict[str, int] = field(default_factory=dict)

    def token_for(self, repository: str) -> Secret:
        """A token that is good for the repository. Raises ``PlatformError`` if the App is not installed there."""
        owner = repository.partition("/")[0]
        if owner not in self._homes:
            found = self._ask(f"find the installation on {repository}", "GET", f"/repos/{repository}/installation")
            self._homes[owner] = int(found["id"])
        return self._token(self._homes[owner])

    def all(self) -> Iterator[Secret]:
        """A token for each installation of the App."""
        page = 1
        while True:
            path = f"/app/installations?per_page={PER_PAGE}&page={page}"
            found = self._ask("list the installations of the App", "GET", path)
            for installation in found:
                yield self._token(int(installation["id"]))
            if len(found) < PER_PAGE:
                return
            page += 1

    def _token(self, installation: int) -> Secret:
        known = self._tokens.get(installation)
        if known is None or known[1] - self.clock() < _SPARE:
            path = f"/app/installations/{installation}/access_tokens"
            made = self._ask("get a token for the App", "POST", path)
            known = (Secret(str(made["token"])), datetime.fromisoformat(made["expires_at"]))
            self._tokens[installation] = known
        return known[0]

    def _ask(self, doing: str, method: str, path: str) -> Any:
        api = Api(self.endpoint, lambda: Secret(self._auth().token), self.sleep)

        def asked() -> Any:
            return api.client.requester.requestJsonAndCheck(method, path)[1]

        return api.call(doing, asked)

    def _auth(self) -> "AppAuth":
        from github import Auth

        try:
            auth = Auth.AppAuth(self.app.id, self.app.key.reveal())
            _ = auth.token
        except Exception as error:
            raise PlatformError(f"the private key of the GitHub App {self.app.id} cannot be read: {error}") from error
        return auth
