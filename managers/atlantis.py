"""The versions of Terraform and OpenTofu that Atlantis uses: `atlantis.yaml` in a repository, `repos.yaml` of a server.

    version: 3
    projects:
      - dir: environments/production
        terraform_version: v1.9.5
      - dir: environments/staging
        terraform_distribution: opentofu
        terraform_version: 1.8.2

A version follows the releases of github.com/hashicorp/terraform or, where the distribution says so,
github.com/opentofu/opentofu. The project's directory or workspace tells its environment.
"""

import re
from collections.abc import Iterator

from managers._manifests import extract_documents
from managers._terraform import engine_package
from managers._yaml import Document, Mapping, Scalar
from updater.api import Environment, Extracted, SourceFile, dependency, skipped

NAME = "atlantis"
FILES: tuple[str, ...] = ("atlantis*.yaml", "atlantis*.yml", "repos.yaml", "repos.yml")
MARKERS: tuple[str, ...] = ("terraform_version",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_VERSION = re.compile(r"[vV]?\d[\w.+-]*+")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The version of each project that names one."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.mentions(*MARKERS)


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for _, mapping, _, version in root.find(("terraform_version",)):
        if isinstance(version, Scalar) and version.has_text:
            yield _version(file, root, mapping, version)


def _version(file: SourceFile, root: Mapping, project: Mapping, version: Scalar) -> Extracted:
    distribution = project.text("terraform_distribution") or root.text("terraform_distribution")
    package = engine_package(opentofu=distribution == "opentofu")
    if version.span is None or not _VERSION.fullmatch(version.text):
        at = version.span or version.where
        name, datasource = package.name, package.datasource
        return skipped(file, manager=NAME, reason="not version-like", at=at, name=name, datasource=datasource)
    return dependency(
        file,
        manager=NAME,
        name=package.name,
        package=package,
        value=version.span,
        versioning="hashicorp",
        environment=_environment(project),
    )


def _environment(project: Mapping) -> Environment | None:
    """What the workspace, else the directory from the inside out, says."""
    workspace, directory = project.text("workspace") or "", project.text("dir") or ""
    names = [(workspace, "the workspace"), *((part, "the directory") for part in reversed(directory.split("/")))]
    found = (Environment.named(name, f"{what} is called {name}") for name, what in names)
    return next(filter(None, found), None)
