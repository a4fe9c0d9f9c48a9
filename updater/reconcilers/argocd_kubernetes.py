"""Argo CD through the Kubernetes API: the applications are objects there.

``get`` and ``list`` on ``applications`` and ``appprojects`` of ``argoproj.io`` are all it needs; with ``watch``, it
hears of changes while somebody waits. It never writes: whoever may set an annotation on an Application may change all
of it.
"""

from collections.abc import Sequence
from datetime import datetime

from updater.api import NotFound
from updater.kubernetes.reader import KubernetesReader, Row
from updater.kubernetes.watching import Watched, Watcher
from updater.reconcilers import argocd
from updater.reconcilers.argocd import Application, application
from updater.reconcilers.argocd_observing import Listed
from updater.reconcilers.windows import closed_by

_API = f"/apis/{argocd.GROUP}"


class ArgoCDKubernetes:
    """Argo CD in the cluster that ``reader`` asks; with ``namespace``, the applications in that one only."""

    def __init__(
        self, reader: KubernetesReader, *, namespace: str | None = None, watcher: Watcher | None = None
    ) -> None:
        self._reader, self._watcher = reader, watcher
        self._list = f"{_API}/namespaces/{namespace}/applications" if namespace else f"{_API}/applications"
        self._projects: dict[tuple[str, str], object] = {}

    async def listed(self) -> Sequence[Listed]:
        """All applications, as the server prints them."""
        return [_listed(row) for row in await self._reader.rows(self._list)]

    async def application(self, namespace: str, name: str) -> Application:
        """One application."""
        return application(await self._reader.get(f"{_API}/namespaces/{namespace}/applications/{name}"))

    async def changed(self, apps: Sequence[Listed], sets: Sequence[str], seconds: float) -> bool:
        """Watch the list that is read, where the server allows it (the verb ``watch``)."""
        names = frozenset((each.namespace, each.name) for each in apps)
        wanted = Watched(path=self._list, names=names, owners=frozenset(("ApplicationSet", name) for name in sets))
        return self._watcher is not None and await self._watcher.changed(wanted, seconds)

    async def closed_by(self, app: Application, now: datetime) -> str | None:
        """The window of its project that forbids a sync."""
        place = (app.namespace, app.project)
        if place not in self._projects:
            self._projects[place] = await self._project(app)
        return closed_by(self._projects[place], app, now)

    async def _project(self, app: Application) -> object:
        """The project, which is beside the application or, for one in any namespace, where Argo CD itself is."""
        try:
            return await self._reader.get(f"{_API}/namespaces/{app.namespace}/appprojects/{app.project}")
        except NotFound:
            rows = await self._reader.rows(f"{_API}/appprojects")
            places = [row.namespace for row in rows if row.name == app.project]
            if len(places) != 1:
                raise
            return await self._reader.get(f"{_API}/namespaces/{places[0]}/appprojects/{app.project}")


def _listed(row: Row) -> Listed:
    return Listed(
        name=row.name,
        namespace=row.namespace,
        sync=row.cells.get("sync status", ""),
        health=row.cells.get("health status", ""),
        revision=row.cells.get("revision", ""),
        sets=frozenset(name for kind, name in row.owners if kind == "ApplicationSet"),
    )
