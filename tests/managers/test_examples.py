"""The examples on the managers' user pages."""

import re
from textwrap import dedent
from types import ModuleType

import pytest

from managers import argocd, helm_chart, helm_values, kubernetes, kustomize
from tests.managers.reading import found, skipped, yaml


@pytest.mark.parametrize(
    ("manager", "names"),
    [
        (argocd, ["ingress-nginx", "ghcr.io/acme/web", "envoyproxy/envoy", "acme/manifests", "ghcr.io/acme/web"]),
        (helm_chart, ["postgresql", "redis", "ghcr.io/acme/web"]),
        (
            helm_values,
            ["quay.io/acme/web", "envoyproxy/envoy", "nginx", "ghcr.io/acme/migrate", "prom/statsd-exporter", "git"],
        ),
        (kubernetes, ["ghcr.io/acme/web", "busybox", "envoyproxy/envoy"]),
        (
            kustomize,
            [
                "acme/bases",
                "argoproj/argo-cd",
                "cert-manager/cert-manager",
                "quay.io/oauth2-proxy/oauth2-proxy",
                "traefik",
                "envoyproxy/envoy",
                "busybox",
            ],
        ),
    ],
    ids=lambda value: value.NAME if isinstance(value, ModuleType) else "names",
)
def test_the_example_works(manager: ModuleType, names: list[str]) -> None:
    """Everything in the example is found, as a user who tries it out expects."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", manager.__doc__ or "", re.MULTILINE)
    example = yaml(dedent("".join(block for block in blocks if block.strip())))

    assert [name for _, name, _ in sorted(found(manager, example))] == names
    assert skipped(manager, example) == []
