"""A Kubernetes API server for reading: lists, tables, pages, selectors, watches, and the ways in which they fail.

::

    with KubernetesApi() as api:
        api.put("argoproj.io/v1alpha1", "applications", {"metadata": {"name": "web", "namespace": "argocd"}, …})
        api.expire_after(1)        # the second page of every list is gone (410)
        api.forbid("/apis/argoproj.io")
        api.holds = True           # watches stay open for as long as they are asked to, and tell what changes

Every object has a uid, a resourceVersion that grows with each change of any object, and a generation that grows with
each change of its spec. ``live`` makes objects anew for each request (a simulation's present state).
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from updater.demo.serving import Reply, Request, Server, as_json

Json = dict[str, Any]

_CONDITION = {"Ready": "status.conditions.Ready.status", "Status": "status.conditions.Ready.message"}

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "applications": {
        "Sync Status": "status.sync.status",
        "Health Status": "status.health.status",
        "Revision": "status.sync.revision",
        "Project": "spec.project",
    },
    "kustomizations": _CONDITION,
    "helmreleases": _CONDITION,
}
"""What is printed of each kind, after the name: column → path; a condition is found by its type."""


class _Place(NamedTuple):
    api: str
    plural: str
    namespace: str | None
    name: str | None


class KubernetesApi(Server):
    """The objects of one cluster. With a ``token`` only those who have it are answered."""

    def __init__(self, *, token: str | None = None) -> None:
        super().__init__()
        self.objects: dict[tuple[str, str, str, str], Json] = {}
        self.live: list[Callable[[], Iterable[tuple[str, str, Json]]]] = []
        self._token = token
        self._version = 1_000
        self._forbidden: list[str] = []
        self._pages_left: int | None = None
        self._events: list[tuple[int, str, _Place, Json]] = []
        self._forgotten = 0
        self._changed = threading.Condition()
        self.holds = False
        self.is_watched = threading.Event()

    # ------------------------------------------------------------ arranging

    def put(self, api: str, plural: str, item: Json) -> None:
        """Create or change an object; its spec decides about the generation."""
        meta = item.setdefault("metadata", {})
        key = (api, plural, meta.get("namespace", ""), meta["name"])
        before = self.objects.get(key)
        self._version += 1
        same = before is not None and before.get("spec") == item.get("spec")
        meta.setdefault("generation", before["metadata"]["generation"] + (not same) if before else 1)
        meta.update(resourceVersion=str(self._version), uid=f"uid-{meta['name']}")
        item.setdefault("apiVersion", api)
        stored = json.loads(json.dumps(item))
        self.objects[key] = stored
        self._tell(
            "MODIFIED" if before else "ADDED", stored, _Place(api, plural, meta.get("namespace", ""), meta["name"])
        )

    def remove(self, api: str, plural: str, namespace: str, name: str) -> None:
        """Delete an object."""
        self._version += 1
        gone = self.objects.pop((api, plural, namespace, name))
        gone["metadata"]["resourceVersion"] = str(self._version)
        self._tell("DELETED", gone, _Place(api, plural, namespace, name))

    def _tell(self, kind: str, item: Json, place: "_Place") -> None:
        with self._changed:
            self._events.append((self._version, kind, place, item))
            self._changed.notify_all()

    def forget(self) -> None:
        """Keep nothing of what has happened: whoever watches from an earlier version is told that it is gone (410)."""
        with self._changed:
            self._events.clear()
            self._forgotten = self._version
            self._changed.notify_all()

    def _follow(self, api: str, plural: str, item: Json) -> None:
        """Put an object of a simulation, if it is not as it was."""
        known = self.objects.get((api, plural, item["metadata"].get("namespace", ""), item["metadata"]["name"]))
        if known is None or any(known.get(part) != item.get(part) for part in ("spec", "status", "operation")):
            self.put(api, plural, item)

    def forbid(self, prefix: str) -> None:
        """Refuse (403) whatever begins with this path."""
        self._forbidden.append(prefix)

    def allow_all(self) -> None:
        """Refuse nothing any more."""
        self._forbidden.clear()

    def expire_after(self, pages: int) -> None:
        """Once, the rest of a list that goes beyond so many pages is gone."""
        self._pages_left = pages

    # ------------------------------------------------------------ answering

    def handle(self, request: Request) -> Reply:
        """Answer as the API server does: 401, 403, 404, or what was asked for."""
        if self._token is not None and request.headers.get("authorization") != f"Bearer {self._token}":
            return _status(401, "Unauthorized")
        if any(request.path.startswith(prefix) for prefix in self._forbidden):
            return _status(403, f"{request.path} is forbidden: User cannot list resource")
        return self._allowed(request)

    def _allowed(self, request: Request) -> Reply:
        for make in self.live:
            for api, plural, item in make():
                self._follow(api, plural, item)
        place = _place(request.path)
        if place is None or not any(key[:2] == (place.api, place.plural) for key in self.objects):
            return _status(404, "the server could not find the requested resource")
        match request.method:
            case "GET" if place.name is not None:
                return self._one(place)
            case "GET":
                return (self._watched if "watch" in request.query else self._listed)(place, request)
            case "POST" | "PUT":
                return self._written(place, request)
        return _status(405, "the server does not allow this method on the requested resource")

    def _one(self, place: _Place) -> Reply:
        found = self.objects.get((place.api, place.plural, place.namespace or "", place.name or ""))
        return as_json(found) if found is not None else _status(404, f'{place.plural} "{place.name}" not found')

    def _written(self, place: _Place, request: Request) -> Reply:
        item = json.loads(request.body)
        key = (place.api, place.plural, place.namespace or "", item["metadata"]["name"])
        present = self.objects.get(key)
        if request.method == "POST" and present is not None:
            return _status(409, f'{place.plural} "{key[3]}" already exists')
        if request.method == "PUT" and present is not None:
            given = item["metadata"].get("resourceVersion")
            if given is not None and given != present["metadata"]["resourceVersion"]:
                return _status(409, "the object has been modified; please apply your changes to the latest version")
        self.put(place.api, place.plural, item)
        return as_json(self.objects[key], 201 if present is None else 200)

    def _chosen(self, place: _Place, query: Mapping[str, str]) -> list[Json]:
        found = [
            item
            for (api, plural, namespace, _), item in sorted(self.objects.items())
            if (api, plural) == (place.api, place.plural) and place.namespace in (None, namespace)
        ]
        return [item for item in found if _selected(item, query)]

    def _listed(self, place: _Place, request: Request) -> Reply:
        items, query = self._chosen(place, request.query), request.query
        start, page_number = 0, 1
        if "continue" in query:
            start, page_number = json.loads(base64.b64decode(query["continue"]))
            if self._pages_left is not None and page_number > self._pages_left:
                self._pages_left = None
                return _status(410, "The provided continue parameter is too old", reason="Expired")
        limit = int(query.get("limit", "0")) or len(items) or 1
        page, rest = items[start : start + limit], items[start + limit :]
        meta: Json = {"resourceVersion": str(self._version)}
        if rest:
            token = base64.b64encode(json.dumps([start + limit, page_number + 1]).encode()).decode()
            meta |= {"continue": token, "remainingItemCount": len(rest)}
        if "as=Table" in _accepted(request):
            return as_json(_table(place.plural, page, meta, query.get("includeObject", "Metadata")))
        return as_json({"kind": "List", "apiVersion": place.api, "metadata": meta, "items": page})

    def _watched(self, place: _Place, request: Request) -> Reply:
        """The changes since a version; then the connection ends, as after ``timeoutSeconds``.

        Without ``holds`` it ends at once. A watch that wants bookmarks gets one at its end.
        """
        return Reply(stream=self._changes(place, request, int(request.query.get("resourceVersion", "0") or 0)))

    def _changes(self, place: _Place, request: Request, since: int) -> Iterator[bytes]:
        if 0 < since < self._forgotten:
            yield _event("ERROR", json.loads(_status(410, "too old resource version", reason="Expired").body))
            return
        self.is_watched.set()
        ends = time.monotonic() + float(request.query.get("timeoutSeconds", "3600"))
        while True:
            with self._changed:
                found = [each for each in self._events if each[0] > since]
                left = ends - time.monotonic() if self.holds else 0
                if not found and left > 0:
                    self._changed.wait(left)
                    continue
            for version, kind, where, item in found:
                since = version
                if _is_at(where, place) and _selected(item, request.query):
                    yield _event(kind, _partial(item) if "PartialObjectMetadata" in _accepted(request) else item)
            if left <= 0:
                break
        if request.query.get("allowWatchBookmarks") == "true":
            meta = {"resourceVersion": str(max(since, self._version))}
            yield _event("BOOKMARK", {"kind": "PartialObjectMetadata", "metadata": meta})


def _accepted(request: Request) -> str:
    return request.headers.get("accept", "")


def _event(kind: str, item: Json) -> bytes:
    return json.dumps({"type": kind, "object": item}).encode() + b"\n"


def _is_at(where: _Place, place: _Place) -> bool:
    return (where.api, where.plural) == (place.api, place.plural) and place.namespace in (None, where.namespace)


def _place(path: str) -> _Place | None:
    match path.strip("/").split("/"):
        case ["apis", group, version, "namespaces", namespace, plural, *name] if len(name) <= 1:
            return _Place(f"{group}/{version}", plural, namespace, name[0] if name else None)
        case ["apis", group, version, plural]:
            return _Place(f"{group}/{version}", plural, None, None)
    return None


def _selected(item: Json, query: Mapping[str, str]) -> bool:
    labels = item["metadata"].get("labels", {})
    wanted = [part for part in query.get("labelSelector", "").split(",") if part]
    fields = [part.partition("=") for part in query.get("fieldSelector", "").split(",") if part]
    return all(_label_matches(labels, part) for part in wanted) and all(
        _at(item, key) == value for key, _, value in fields
    )


def _label_matches(labels: Mapping[str, str], part: str) -> bool:
    if "!=" in part:
        key, _, value = part.partition("!=")
        return labels.get(key) != value
    key, equals, value = part.partition("=")
    return labels.get(key) == value.lstrip("=") if equals else key.lstrip("!") in labels and not key.startswith("!")


def _table(plural: str, items: Iterable[Json], meta: Json, include: str) -> Json:
    columns = {"Name": "metadata.name", **COLUMNS.get(plural, {})}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": meta,
        "columnDefinitions": [{"name": name, "type": "string", "priority": 0} for name in columns],
        "rows": [
            {"cells": [_at(item, path) for path in columns.values()], "object": _included(item, include)}
            for item in items
        ],
    }


def _included(item: Json, include: str) -> Json | None:
    if include == "None":
        return None
    if include == "Object":
        return item
    return _partial(item)


def _partial(item: Json) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}


def _at(item: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(item, list):
            item = next((each for each in item if each.get("type") == key), None)
        else:
            item = item.get(key) if isinstance(item, dict) else None
    return item


def _status(code: int, message: str, *, reason: str = "") -> Reply:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return as_json(body | ({"reason": reason} if reason else {}), code)
