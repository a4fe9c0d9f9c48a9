"""Argo CD through its own API, with a token that may ``get`` applications and nothing else.

https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/. A list brings only the fields that the server allows
in one, so the applications that matter are read one by one. A read may ask Argo CD to look at Git at once
(``refresh``), which the same right allows: what is asked for has then been compared with the newest commit.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

from updater.api import Client, Secret
from updater.fields import Object, at, is_true, objects, text
from updater.reconcilers.argocd import Application, application
from updater.reconcilers.argocd_observing import Listed

_FIELDS = ("metadata.name", "metadata.namespace", "status.sync.status", "status.sync.revision", "status.health")


class ArgoCDRest:
    """Argo CD at ``url``. With ``nudge``, it is told to look at Git before it answers."""

    def __init__(self, client: Client, url: str, token: Secret | None, *, nudge: bool = False) -> None:
        self._client, self._url, self._token, self._nudge = client, url.rstrip("/"), token, nudge

    async def listed(self) -> Sequence[Listed]:
        """All applications that the token may see."""
        fields = ",".join(f"items.{field}" for field in (*_FIELDS, "metadata.ownerReferences"))
        found = await self._get("/api/v1/applications", {"fields": fields})
        return [_listed(item) for item in objects(found, "items")]

    async def application(self, namespace: str, name: str) -> Application:
        """One application, compared with Git at once if that is wanted."""
        query = {"appNamespace": namespace} | ({"refresh": "normal"} if self._nudge else {})
        found = await self._get(f"/api/v1/applications/{quote(name, safe='')}", query)
        return application(found, link=f"{self._url}/applications/{quote(namespace)}/{quote(name)}")

    async def closed_by(self, app: Application, now: datetime) -> str | None:  # noqa: ARG002 - the server knows the time
        """Whether the server says that nothing is synced now."""
        path = f"/api/v1/applications/{quote(app.name, safe='')}/syncwindows"
        found = await self._get(path, {"appNamespace": app.namespace})
        if is_true(found, "canSync"):
            return None
        windows = [*objects(found, "activeWindows"), *objects(found, "assignedWindows")]
        shown = ", ".join(f"{text(each, 'kind')} {text(each, 'schedule')!r}" for each in windows)
        return f"the sync window {shown} forbids it" if shown else "a sync window forbids it"

    async def changed(self, _apps: Sequence[Listed], _sets: Sequence[str], _seconds: float) -> bool:
        """It is asked again: each question makes Argo CD look at Git, which waiting would not."""
        return False

    async def _get(self, path: str, query: dict[str, str]) -> Object:
        headers = {"Authorization": f"Bearer {self._token.reveal()}"} if self._token is not None else {}
        response = await self._client.get(f"{self._url}{path}?{urlencode(query)}", headers=headers, cacheable=False)
        found = response.json()
        return found if isinstance(found, dict) else {}


def _listed(item: Object) -> Listed:
    owners = objects(item, "metadata", "ownerReferences")
    return Listed(
        name=text(item, "metadata", "name") or "",
        namespace=text(item, "metadata", "namespace") or "",
        sync=text(item, "status", "sync", "status") or "",
        health=text(item, "status", "health", "status") or "",
        revision=text(item, "status", "sync", "revision") or "",
        sets=frozenset(
            name for owner in owners if at(owner, "kind") == "ApplicationSet" and (name := text(owner, "name"))
        ),
    )
