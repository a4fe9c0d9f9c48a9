"""Flux through the Kubernetes API: its Kustomizations and HelmReleases are objects there.

``get`` and ``list`` on them are all it needs. Only the objects that matter are read.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from updater.api import Clock, Expectation, Health, History, NotFound, RequestError, Target, TargetKind, Verdict
from updater.fields import Object, Unreadable
from updater.kubernetes.reader import KubernetesReader, Row
from updater.kubernetes.watching import Watched, Watcher
from updater.reconcilers.flux import helm_release, kustomization
from updater.reconcilers.flux_verdict import helm_release_verdict, kustomization_verdict

T = TypeVar("T")

_AT_ONCE = 10
_LONGEST = 100
_PLACES: Mapping[TargetKind, tuple[str, ...]] = {
    TargetKind.KUSTOMIZATION: (
        "/apis/kustomize.toolkit.fluxcd.io/v1{}/kustomizations",
        "/apis/kustomize.toolkit.fluxcd.io/v1beta2{}/kustomizations",
    ),
    TargetKind.HELM_RELEASE: (
        "/apis/helm.toolkit.fluxcd.io/v2{}/helmreleases",
        "/apis/helm.toolkit.fluxcd.io/v2beta2{}/helmreleases",
    ),
}
"""Where the objects are, in the newest version of their form first; ``{}`` is for the namespace."""


class FluxKubernetes:
    """Flux in the cluster that ``reader`` asks."""

    NAME = "flux"
    KINDS = frozenset(_PLACES)

    def __init__(self, reader: KubernetesReader, clock: Clock, watcher: Watcher | None = None) -> None:
        self._reader, self._clock, self._watcher = reader, clock, watcher

    async def observe(self, expectations: Sequence[Expectation], history: History, /) -> Sequence[Verdict]:
        """A verdict on each expectation; each object is read once."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def read(target: Target) -> Object | Unreadable:
            async with slots:
                return await self._read(target)

        targets = {_key(each.target): each.target for each in expectations}
        found = dict(zip(targets, await asyncio.gather(*map(read, targets.values())), strict=True))
        return [self._verdict(each, found[_key(each.target)], history) for each in expectations]

    async def changed(self, targets: Sequence[Target], seconds: float, /) -> bool:
        """Watch the lists that the targets are in, where the server allows it (the verb ``watch``)."""
        wanted = [
            Watched(path=places[0].format(""), names=frozenset((each.namespace, each.name) for each in those))
            for kind, places in _PLACES.items()
            if (those := [each for each in targets if each.kind is kind])
        ]
        return self._watcher is not None and bool(wanted) and await self._watcher.any_changed(wanted, seconds)

    async def healths(self) -> Sequence[Health]:
        """How each object is, by a list of each kind that the cluster serves."""
        lists = await asyncio.gather(*map(self._rows, _PLACES))
        return [_health(kind, row) for kind, rows in zip(_PLACES, lists, strict=True) for row in rows]

    async def _rows(self, kind: TargetKind) -> Sequence[Row]:
        """The list in the newest form that the cluster serves; nothing where it serves none."""
        for place in _PLACES[kind]:
            try:
                return await self._reader.rows(place.format(""))
            except NotFound:
                continue
        return ()

    def _verdict(self, expected: Expectation, found: Object | Unreadable, history: History) -> Verdict:
        now = self._clock()
        if expected.target.kind is TargetKind.KUSTOMIZATION:
            return kustomization_verdict(_made(found, kustomization), expected, history, now)
        return helm_release_verdict(_made(found, helm_release), expected, now)

    async def _read(self, target: Target) -> Object | Unreadable:
        try:
            if target.namespace is None:
                return await self._searched(target)
            return await self._first_known(target.kind, f"/namespaces/{target.namespace}", target.name)
        except RequestError as error:
            return Unreadable(reason=str(error))

    async def _first_known(self, kind: TargetKind, namespace: str, name: str) -> Object:
        """The object in the newest form that the cluster serves."""
        *newer, oldest = _PLACES[kind]
        for place in newer:
            try:
                return await self._reader.get(f"{place.format(namespace)}/{name}")
            except NotFound:
                continue
        return await self._reader.get(f"{oldest.format(namespace)}/{name}")

    async def _searched(self, target: Target) -> Object | Unreadable:
        """The object of a name whose namespace Git does not say, if there is only one."""
        rows = [row for row in await self._rows(target.kind) if row.name == target.name]
        if len(rows) != 1:
            how_many = "no" if not rows else "more than one"
            return Unreadable(reason=f"there is {how_many} {target.kind} of this name")
        return await self._first_known(target.kind, f"/namespaces/{rows[0].namespace}", target.name)


def _health(kind: TargetKind, row: Row) -> Health:
    """By its column Ready, which is neither True nor False while it is being reconciled."""
    ready = row.cells.get("ready", "")
    words = "Ready" if ready == "True" else row.cells.get("status", "") or "not Ready"
    is_broken = ready == "False"
    return Health(
        kind=kind,
        name=row.name,
        namespace=row.namespace,
        words=words[:_LONGEST],
        is_well=not is_broken,
        is_broken=is_broken,
    )


def _key(target: Target) -> tuple[TargetKind, str | None, str]:
    return target.kind, target.namespace, target.name


def _made(found: Object | Unreadable, make: Callable[[object], T]) -> T | Unreadable:
    return found if isinstance(found, Unreadable) else make(found)
