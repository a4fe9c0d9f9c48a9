"""How everything is that reconcilers list: by what the server prints, in few requests."""

from pathlib import Path

import pytest

from tests.reconcilers.made import SHOP
from updater.api import Health, HealthSource, Target, TargetKind
from updater.demo.kubernetes import KubernetesApi
from updater.demo.simulator import World
from updater.kubernetes.access import Access
from updater.kubernetes.reader import KubernetesReader
from updater.model.scan import Environment
from updater.reconcilers.argocd_kubernetes import ArgoCDKubernetes
from updater.reconcilers.argocd_observing import ArgoCD
from updater.reconcilers.argocd_verdict import Ours
from updater.reconcilers.flux_kubernetes import FluxKubernetes


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "gitops.git")
    made.repository.commit(
        {"good/a.yaml": "kind: Service\nversion: 1.0.0\n", "bad/a.yaml": "broken\n", "worse/a.yaml": "refused\n"}
    )
    return made


async def listed(world: World, kind: str) -> tuple[dict[str, Health], int]:
    """By name, and how many requests it took."""
    world.advance(hours=1)
    with KubernetesApi() as api:
        api.live.append(world.objects)
        async with KubernetesReader(Access(server=api.url)) as reader:
            argo = ArgoCD(ArgoCDKubernetes(reader), Ours(), world.clock)
            source: HealthSource = argo if kind == "argocd" else FluxKubernetes(reader, world.clock)
            return {each.name: each for each in await source.healths()}, reader.requests


async def test_argocd_applications(world: World) -> None:
    """Healthy and synced is well; degraded is broken; out of sync is neither."""
    for name in ("good", "bad", "worse"):
        world.application(name, name)
    found, requests = await listed(world, "argocd")
    assert requests == 1
    assert {name: (each.is_well, each.is_broken, each.words) for name, each in found.items()} == {
        "good": (True, False, "Healthy"),
        "bad": (False, True, "Degraded"),
        "worse": (False, False, "Healthy, OutOfSync"),
    }


async def test_flux_objects(world: World) -> None:
    """What is not ready is broken, in Flux's words; a reconciliation under way is not."""
    for name in ("good", "bad"):
        world.kustomization(name, name)
    world.helm_release("release", "good")
    found, requests = await listed(world, "flux")
    assert requests == 2
    assert {name: (each.kind, each.is_broken) for name, each in found.items()} == {
        "good": (TargetKind.KUSTOMIZATION, False),
        "bad": (TargetKind.KUSTOMIZATION, True),
        "release": (TargetKind.HELM_RELEASE, False),
    }
    assert found["bad"].words.startswith("health check failed")


async def test_flux_that_is_not_installed(world: World) -> None:
    """A cluster that serves none of its kinds has nothing to tell."""
    world.application("good", "good")
    assert (await listed(world, "flux"))[0] == {}


def health(**fields: object) -> Health:
    whole = {"kind": TargetKind.APPLICATION, "name": "shop", "namespace": "argocd", "words": "Healthy", **fields}
    return Health(is_well=True, is_broken=False, **whole)  # type: ignore[arg-type] # the fields of a test


def test_whose_health_it_is() -> None:
    """By kind, name and namespace; by the set that made it; and by the environments that a reconciler deploys."""
    assert health().is_of(SHOP)
    assert not health(namespace="other").is_of(SHOP)
    assert not health(name="shop-2").is_of(SHOP)
    everywhere = Target(kind=TargetKind.APPLICATION_SET, name="shops")
    assert health(name="shop-eu", sets=frozenset({"shops"})).is_of(everywhere)
    assert not health(name="shops").is_of(everywhere)
    staging = Target(kind=TargetKind.APPLICATION, name="shop", environment=Environment(name="staging", reason=""))
    assert health(environments=frozenset({"staging"})).is_of(staging)
    assert not health(environments=frozenset({"production"})).is_of(staging)
