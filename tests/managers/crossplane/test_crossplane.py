"""The manager of Crossplane packages."""

import pytest

from managers import crossplane, kubernetes
from tests.managers.reading import dependencies, skipped, yaml


def installed(package: str, kind: str = "Provider") -> str:
    """An object that installs a package."""
    return f"apiVersion: pkg.crossplane.io/v1\nkind: {kind}\nspec:\n  package: {package}\n"


def depending(*lines: str) -> str:
    """A package with one dependency."""
    head = "apiVersion: meta.pkg.crossplane.io/v1\nkind: Configuration\nspec:\n  dependsOn:\n  -\n"
    return head + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize("kind", ["Provider", "Configuration", "Function"])
def test_packages(kind: str) -> None:
    """The packages of providers, configurations and functions are images."""
    (item,) = dependencies(crossplane, yaml(installed("xpkg.crossplane.io/a/b:v1.2.3", kind)))

    assert (item.name, item.current_value) == ("xpkg.crossplane.io/a/b", "v1.2.3")
    assert (item.package.datasource, item.dep_type, item.pinnable) == ("docker", kind.lower(), True)
    assert list(kubernetes.extract(yaml(installed("xpkg.crossplane.io/a/b:v1.2.3", kind)))) == []


@pytest.mark.parametrize(
    ("package", "name"),
    [
        ("upbound/provider-aws", "xpkg.upbound.io/upbound/provider-aws"),
        ("crossplane-contrib/provider-sql", "xpkg.crossplane.io/crossplane-contrib/provider-sql"),
        ("localhost:5000/a/b", "localhost:5000/a/b"),
        ("ghcr.io/a/b", "ghcr.io/a/b"),
    ],
)
def test_default_registries(package: str, name: str) -> None:
    """A package without a registry keeps its name, and is looked up where Crossplane looks."""
    (item,) = dependencies(crossplane, yaml(installed(f"{package}:v1.2.3")))

    assert (item.name, item.package.name) == (package, name)


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        ("ghcr.io/a/b", "no tag"),
        ("ghcr.io/a/b:${VERSION}", "contains a variable"),
        ("'ghcr.io/a/b:{{ .Values.version }}'", "contains a template"),
    ],
)
def test_packages_that_cannot_be_updated(package: str, reason: str) -> None:
    """What cannot be moved is listed."""
    assert [row[2] for row in skipped(crossplane, yaml(installed(package)))] == [reason]


@pytest.mark.parametrize(
    "lines",
    [
        ["provider: ghcr.io/a/b", "version: '>=v1.2.0'"],
        ["configuration: ghcr.io/a/b", "version: '>=v1.2.0'"],
        ["function: ghcr.io/a/b", "version: '>=v1.2.0'"],
        ["apiVersion: pkg.crossplane.io/v1", "kind: Provider", "package: ghcr.io/a/b", "version: '>=v1.2.0'"],
    ],
)
def test_dependencies_of_packages(lines: list[str]) -> None:
    """A package depends on others by ranges of the kind that Helm has."""
    (item,) = dependencies(crossplane, yaml(depending(*lines)))

    assert (item.name, item.current_value) == ("ghcr.io/a/b", ">=v1.2.0")
    assert (item.versioning, item.dep_type) == ("helm", "dependsOn")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["provider: ghcr.io/a/b"], "no version"),
        (["provider: ghcr.io/a/b", "version: latest"], "not version-like"),
        (["provider: '{{ .name }}'", "version: v1.2.3"], "contains a template"),
        (["provider: No Image", "version: v1.2.3"], "not an image reference"),
        (["provider: ghcr.io/a/b", 'version: "v1\\u002e2"'], "not written in one piece"),
    ],
)
def test_dependencies_that_cannot_be_updated(lines: list[str], reason: str) -> None:
    """What cannot be moved is listed."""
    assert [row[2] for row in skipped(crossplane, yaml(depending(*lines)))] == [reason]


def test_images_in_the_group() -> None:
    """Other kinds of the group have images as custom resources have them."""
    text = "apiVersion: pkg.crossplane.io/v1alpha1\nkind: ControllerConfig\nspec: {image: a/b:1.2}\n"
    (item,) = dependencies(crossplane, yaml(text))

    assert (item.name, item.dep_type) == ("a/b", "controllerconfig")


@pytest.mark.parametrize("text", ["pkg.crossplane.io", "spec: pkg.crossplane.io", installed(""), depending("x: y")])
def test_nothing_to_see(text: str) -> None:
    """Mentions of the group, and objects without a package, make no row."""
    assert list(crossplane.extract(yaml(text))) == []


def workspace(parameters: str, group: str = "tf.upbound.io") -> str:
    """An object that runs Terraform."""
    return f"apiVersion: {group}/v1beta1\nkind: Workspace\nspec:\n  forProvider:\n{parameters}"


@pytest.mark.parametrize("group", ["tf.upbound.io", "opentofu.upbound.io", "tf.crossplane.io"])
def test_remote_modules_of_workspaces(group: str) -> None:
    """The module of a workspace is moved along the tags of its repository."""
    module = "git::https://github.com/acme/modules.git//vpc?ref=v5.1.0"
    (item,) = dependencies(crossplane, yaml(workspace(f"    source: Remote\n    module: {module}\n", group)))

    assert (item.package.datasource, item.name, item.current_value) == ("github-tags", "acme/modules", "v5.1.0")


def test_modules_within_workspaces() -> None:
    """Terraform that a workspace holds is read as other Terraform."""
    text = workspace(
        "    source: Inline\n    module: |\n      terraform {\n        required_providers {\n"
        '          aws = { source = "hashicorp/aws", version = "5.30.0" }\n        }\n      }\n'
        '      module "vpc" {\n        source  = "acme/vpc/aws"\n        version = "5.1.0"\n      }\n'
    )

    assert [(item.package.datasource, item.current_value) for item in dependencies(crossplane, yaml(text))] == [
        ("terraform-provider", "5.30.0"),
        ("terraform-module", "5.1.0"),
    ]
    assert list(kubernetes.extract(yaml(text))) == []


@pytest.mark.parametrize(
    ("module", "reasons"),
    [
        ("git::https://github.com/acme/modules.git?ref=main", ["follows a branch"]),
        ("git::https://github.com/acme/modules.git", ["no version"]),
        ("https://example.com/modules-1.2.3.zip", ["no version"]),
    ],
)
def test_modules_of_workspaces_that_stay(module: str, reasons: list[str]) -> None:
    """Branches, and what has no list of versions, are listed."""
    file = yaml(workspace(f"    source: Remote\n    module: {module}\n"))

    assert [row[2] for row in skipped(crossplane, file)] == reasons
