"""The manager of Talos' machine configurations."""

import re
from textwrap import dedent

import pytest

from managers import talos
from tests.managers.reading import dependencies, found, skipped, wakes, yaml

SCHEMATIC = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
MACHINE = "machine:\n  install:\n    image: {image}\n"


def test_the_example_works() -> None:
    """Everything on the user page is found."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", talos.__doc__ or "", re.MULTILINE)
    example = yaml("---\n".join(dedent(block) for block in blocks if block.strip()))
    assert [(name, value) for _, name, value in found(talos, example)] == [
        ("ghcr.io/siderolabs/installer", "v1.8.3"),
        ("ghcr.io/siderolabs/kubelet", "v1.31.2"),
        ("registry.k8s.io/kube-apiserver", "v1.31.2"),
        ("kubernetes-sigs/gateway-api", "v1.2.0"),
        ("ghcr.io/siderolabs/installer", "v1.8.3"),
        ("ghcr.io/siderolabs/kubelet", "v1.31.2"),
    ]
    assert skipped(talos, example) == []


@pytest.mark.parametrize(
    "image",
    [
        f"factory.talos.dev/installer/{SCHEMATIC}:v1.8.3",
        f'"factory.talos.dev/metal-installer-secureboot/{SCHEMATIC}:v1.8.3"',
        "factory.talos.dev/nocloud-installer/{{ ENV.SCHEMATIC }}:v1.8.3 # secure boot",
        "factory.example.com/installer/${SCHEMATIC}:v1.8.3",
        "ghcr.io/siderolabs/installer:v1.8.3",
    ],
)
def test_installers(image: str) -> None:
    """What a factory builds, whatever its schematic is, has the versions of the plain installer."""
    (item,) = dependencies(talos, yaml(MACHINE.format(image=image)))
    assert (item.package.name, item.current_value) == ("ghcr.io/siderolabs/installer", "v1.8.3")


@pytest.mark.parametrize("text", ["machine:\n  # here\n\n  kubelet:\n", "cluster:\n  {% if a %}\n  proxy:\n"])
def test_parts_are_recognised(text: str) -> None:
    """A part of a configuration is recognised by its first key, behind comments and statements of Jinja."""
    file = yaml(f"{text}    image: quay.io/acme/it:v1.0.0\n")
    assert wakes(talos, file.text)
    assert found(talos, file) == [(5 if "here" in text else 4, "quay.io/acme/it", "v1.0.0")]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Thing\nmachine:\n  install:\n    image: a/b:1.0\n",
        "machine:\n  flavor: large\nimage: a/b:1.0\n",
        "cluster:\n  name: web\n  image: a/b:1.0\n",
        "machine: {}\nimage: a/b:1.0\n",
        "machine:\n  install:\n    image: a/b\n",
        "machine:\n  install:\n    disk: /dev/sda\nurls:\n  - https://example.com/v1.0.0/x.yaml\n",
    ],
)
def test_traps(text: str) -> None:
    """Kubernetes' objects, the settings of other programs and images without a version are left alone."""
    assert list(talos.extract(yaml(text))) == []


def test_versions_without_a_v() -> None:
    """talhelper takes versions without ``v``; the tags have one."""
    (item,) = dependencies(talos, yaml("talosVersion: ${TALOS}\nkubernetesVersion: '1.31.2'\n"))
    assert (item.current_value, item.extract_version) == ("1.31.2", "^v(?P<version>.+)$")


def test_addresses() -> None:
    """A branch and a version that stands twice in its address are listed."""
    base = "https://github.com/acme/it"
    addresses = (f"{base}/raw/main/a.yaml", f"{base}/releases/download/v1.0.0/it-1.0.0.yaml")
    file = yaml("cluster:\n  extraManifests:\n" + "".join(f"    - {address}\n" for address in addresses))
    assert skipped(talos, file) == [
        (3, "acme/it", "follows a branch"),
        (4, "acme/it", "the address holds the version twice"),
    ]
