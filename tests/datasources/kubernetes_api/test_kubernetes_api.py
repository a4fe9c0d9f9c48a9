"""The table of API versions."""

import pytest

from datasources import kubernetes_api
from managers._kubernetes_api import REPLACED
from tests.datasources.conftest import Connect
from updater import versioning
from updater.api import NotFound, Package, Release

API = versioning.get("kubernetes-api")


async def releases(connect: Connect, kind: str) -> tuple[Release, ...]:
    async with connect() as client:
        return (await kubernetes_api.releases(Package(datasource="kubernetes-api", name=kind), client)).releases


@pytest.mark.parametrize(
    ("kind", "versions"),
    [
        ("CronJob", ["batch/v2alpha1", "batch/v1beta1", "batch/v1"]),
        ("Deployment", ["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "apps/v1"]),
        ("Ingress", ["extensions/v1beta1", "networking.k8s.io/v1beta1", "networking.k8s.io/v1"]),
    ],
)
async def test_kinds(connect: Connect, kind: str, versions: list[str]) -> None:
    """A kind has the versions of all groups it was ever in."""
    assert [release.version for release in await releases(connect, kind)] == versions


async def test_what_is_gone_is_deprecated(connect: Connect) -> None:
    """Versions that are deprecated or removed are marked, the others are not."""
    found = await releases(connect, "PodDisruptionBudget")

    assert [(release.version, release.deprecated) for release in found] == [
        ("policy/v1beta1", True),
        ("policy/v1", False),
    ]


async def test_unknown_kinds(connect: Connect) -> None:
    """A kind that is none of Kubernetes' is NotFound, with what may have been meant."""
    with pytest.raises(NotFound, match="there is PodDisruptionBudget"):
        await releases(connect, "PodDisruptionBudgets")


@pytest.mark.parametrize(("version", "kind"), sorted(REPLACED))
async def test_what_the_manager_finds_has_a_successor(connect: Connect, version: str, kind: str) -> None:
    """The manager's table and this one agree: what is replaced there has a newer version here, if in its group."""
    known = [release.version for release in await releases(connect, kind)]
    newer = [each for each in known if API.is_compatible(each, version) and API.key(each) > API.key(version)]

    assert version in known
    assert bool(newer) == (version.partition("/")[0] != "extensions" and (version, kind) not in NO_SUCCESSOR)


NO_SUCCESSOR = {
    ("batch/v2alpha1", "CronJob"),
    ("policy/v1beta1", "PodSecurityPolicy"),
    ("settings.k8s.io/v1alpha1", "PodPreset"),
}


async def test_the_manager_finds_all_that_is_replaced(connect: Connect) -> None:
    """Each version that a stable one of its group follows is known to the manager as replaced."""
    kinds = {kind for _, kind in REPLACED}
    for kind in kinds:
        known = [release.version for release in await releases(connect, kind)]
        for version in known:
            followers = [each for each in known if API.is_compatible(each, version) and API.is_stable(each)]
            if any(API.key(each) > API.key(version) for each in followers):
                assert (version, kind) in REPLACED
