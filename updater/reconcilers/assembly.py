"""From the entries of ``reconcilers`` in the configuration to whoever answers for them.

The configuration is the repository's, so it decides little: a kubeconfig is found by the environment alone, and a token
is taken only from a variable that is named as one for a reconciler, so that no other secret can be sent to an address.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from updater.api import (
    Client,
    Clock,
    Expectation,
    History,
    Platform,
    Reconciler,
    RolloutState,
    Secret,
    TargetKind,
    Verdict,
)
from updater.config.entries import ReconcilerOptions
from updater.errors import UsageError
from updater.reconcilers.argocd_observing import ArgoCD
from updater.reconcilers.argocd_verdict import Ours
from updater.reconcilers.trust import Trust

_TOKENS = ("ARGOCD_", "KUBERNETES_", "UPDATER_RECONCILER_")
"""How the names of variables begin that may hold a reconciler's token."""

Sleep = Callable[[float], Awaitable[None]]
"""Waits for some seconds."""

_FLUX_KINDS = frozenset({TargetKind.KUSTOMIZATION, TargetKind.HELM_RELEASE})
_LABEL = "continuous-delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What reconcilers are made of: ``environment`` are the environment variables, ``addresses`` the repository's.

    ``creators`` are believed where an entry names nobody.
    """

    platform: Platform
    client: Client
    clock: Clock
    environment: Mapping[str, str]
    addresses: Sequence[str] = ()
    creators: Sequence[str] = ()
    sleep: Sleep = asyncio.sleep


@asynccontextmanager
async def assembled(
    entries: Iterable[ReconcilerOptions], around: Surroundings
) -> AsyncIterator[list[tuple[Reconciler, frozenset[str]]]]:
    """The reconciler of each entry, with the environments that it deploys; one that cannot be had says why."""
    async with AsyncExitStack() as stack:
        found = []
        for entry in entries:
            if entry.type is None:
                continue
            try:
                reconciler = await _made(entry, around, stack)
            except UsageError as error:
                reconciler = Absent(entry.type, _kinds(entry), str(error))
            found.append((reconciler, frozenset(entry.environments)))
        yield found


async def _made(entry: ReconcilerOptions, around: Surroundings, stack: AsyncExitStack) -> Reconciler:
    if entry.type == "atlantis":
        from updater.reconcilers.atlantis import Atlantis

        return Atlantis(around.platform, Trust.of(entry.creators or around.creators), entry.name or "atlantis")
    if entry.via == "status":
        from updater.reconcilers.statuses import CommitStatuses

        trust = Trust.of(entry.creators or around.creators)
        label = entry.name or _LABEL
        return CommitStatuses(entry.type or "", _kinds(entry), around.platform, trust, around.clock, label)
    if entry.via == "kubernetes" or entry.type == "flux":
        return await _in_cluster(entry, around, stack)
    return _argocd_api(entry, around)


async def _in_cluster(entry: ReconcilerOptions, around: Surroundings, stack: AsyncExitStack) -> Reconciler:
    from updater.kubernetes.access import Access, find_access
    from updater.kubernetes.reader import KubernetesReader
    from updater.kubernetes.watching import Watcher

    if entry.url is not None:
        access = Access(server=entry.url.rstrip("/"), token=_token(entry, around.environment))
    else:
        access = find_access(around.environment, entry.context)
    reader = await stack.enter_async_context(KubernetesReader(access, sleep=around.sleep))
    watcher = Watcher(reader, around.clock, around.sleep)
    if entry.type == "flux":
        from updater.reconcilers.flux_kubernetes import FluxKubernetes

        return FluxKubernetes(reader, around.clock, watcher)
    from updater.reconcilers.argocd_kubernetes import ArgoCDKubernetes

    only = entry.namespaces[0] if len(entry.namespaces) == 1 else None
    return ArgoCD(
        ArgoCDKubernetes(reader, namespace=only, watcher=watcher), Ours.called(around.addresses), around.clock
    )


def _argocd_api(entry: ReconcilerOptions, around: Surroundings) -> Reconciler:
    from updater.reconcilers.argocd_rest import ArgoCDRest

    if entry.url is None:
        raise UsageError("the address of Argo CD's API is missing (`url` in `reconcilers`)")
    token = _token(entry, around.environment)
    asked = ArgoCDRest(around.client, entry.url, token, nudge=True)
    return ArgoCD(asked, Ours.called(around.addresses), around.clock)


def _token(entry: ReconcilerOptions, environment: Mapping[str, str]) -> Secret | None:
    if entry.token is None:
        return None
    name = entry.token.removeprefix("env:")
    if not name.startswith(_TOKENS):
        raise UsageError(f"the variable {name} is not one for a reconciler: its name has to begin with {_TOKENS[0]}")
    if not environment.get(name):
        raise UsageError(f"the variable {name}, which is to hold the reconciler's token, is not set")
    return Secret(environment[name])


def _kinds(entry: ReconcilerOptions) -> frozenset[TargetKind]:
    kinds = {"argocd": ArgoCD.KINDS, "flux": _FLUX_KINDS, "atlantis": frozenset({TargetKind.TERRAFORM})}
    return kinds[entry.type or "atlantis"]


class Absent:
    """A reconciler that cannot be asked, and why: whatever it would know about is unknown."""

    def __init__(self, name: str, kinds: frozenset[TargetKind], reason: str) -> None:
        self.NAME, self.KINDS, self._reason = name, kinds, reason

    async def observe(self, expectations: Sequence[Expectation], _history: History, /) -> Sequence[Verdict]:
        """Nothing is known about any of them."""
        unseen = Verdict(state=RolloutState.UNKNOWN, rule="config 2", reason=self._reason)
        return [unseen] * len(expectations)
