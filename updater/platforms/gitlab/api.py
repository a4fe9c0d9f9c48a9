"""Requests to GitLab, through python-gitlab; its own pauses are switched off, which would last for as long as asked."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import updater
from updater.api import Secret
from updater.platforms.rest import Ask, Told, Unreached, decoded

if TYPE_CHECKING:
    from gitlab import Gitlab

_TIMEOUT = 30.0
_ROOT = "/api/v4"


def root_of(endpoint: str) -> str:
    """``https://gitlab.example`` for that and for ``https://gitlab.example/api/v4``."""
    return endpoint.rstrip("/").removesuffix(_ROOT)


class GitLabApi:
    """A connection. ``endpoint`` is the root of a GitLab or of its API."""

    def __init__(self, endpoint: str, token: Secret) -> None:
        self._root, self._token = root_of(endpoint), token
        self._headers: Mapping[str, str] = {}

    def send(self, ask: Ask) -> Told:
        """Make a request once."""
        from gitlab.exceptions import GitlabError, GitlabHttpError

        try:
            response = self._client.http_request(
                ask.method.lower(),
                f"/{ask.path}",
                query_data=dict(ask.query),
                post_data=None if ask.body is None else dict(ask.body),
                obey_rate_limit=False,
                retry_transient_errors=False,
            )
            return Told(status=response.status_code, headers=self._headers, body=decoded(response.content))
        except GitlabHttpError as error:
            return self._error(error.response_code, error.error_message)
        except GitlabError as error:  # 401 has a class of its own; a redirect is refused
            if error.response_code is None:
                raise Unreached(str(error), passing=False) from error
            return self._error(error.response_code, error.error_message)
        except OSError as error:  # the base of all exceptions of requests
            raise Unreached(str(error), passing=True) from error

    def _error(self, status: int | None, message: object) -> Told:
        return Told(status=status or 500, headers=self._headers, body=message)

    @cached_property
    def _client(self) -> "Gitlab":
        from gitlab import Gitlab  # takes a tenth of a second

        client = Gitlab(
            self._root,
            private_token=self._token.reveal(),
            timeout=_TIMEOUT,
            user_agent=f"gitops-updater/{updater.__version__}",
            keep_base_url=True,
        )
        client.session.hooks["response"].append(self._remember)
        return client

    def _remember(self, response: Any, *_: object, **__: object) -> None:
        """Keep the headers of the last answer: python-gitlab's errors are without them."""
        self._headers = {name.lower(): value for name, value in response.headers.items()}
