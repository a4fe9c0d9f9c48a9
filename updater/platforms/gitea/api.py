"""Requests to Gitea or Forgejo. There is no library for it that is kept well; httpx is enough for JSON over HTTP."""

import weakref
from functools import cached_property
from typing import TYPE_CHECKING

import updater
from updater.api import Secret
from updater.platforms.rest import Ask, Told, Unreached, decoded

if TYPE_CHECKING:
    import httpx

_TIMEOUT = 30.0
_ROOT = "/api/v1"


def root_of(endpoint: str) -> str:
    """``https://gitea.example`` for that and for ``https://gitea.example/api/v1``."""
    return endpoint.rstrip("/").removesuffix(_ROOT)


class GiteaApi:
    """A connection. ``endpoint`` is the root of a server or of its API."""

    def __init__(self, endpoint: str, token: Secret) -> None:
        self._root, self._token = root_of(endpoint), token

    def send(self, ask: Ask) -> Told:
        """Make a request once."""
        import httpx

        query = {name: str(value) for name, value in ask.query.items()}
        try:
            answer = self._client.request(ask.method, ask.path, params=query, json=ask.body)
        except httpx.HTTPError as error:
            raise Unreached(f"{self._root}: {error}", passing=True) from error
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.is_redirect:
            raise Unreached(f"{self._root} redirects to {headers.get('location')}", passing=False)
        body = decoded(answer.content) if answer.is_success else _words(answer.content)
        return Told(status=answer.status_code, headers=headers, body=body)

    @cached_property
    def _client(self) -> "httpx.Client":
        import httpx

        client = httpx.Client(
            base_url=f"{self._root}{_ROOT}/",
            headers={
                "Authorization": f"token {self._token.reveal()}",
                "User-Agent": f"gitops-updater/{updater.__version__}",
            },
            timeout=_TIMEOUT,
        )
        weakref.finalize(self, client.close)
        return client


def _words(content: bytes) -> object:
    """What an error says, which need not be JSON."""
    try:
        return decoded(content)
    except Unreached:
        return content.decode("utf-8", "replace")
