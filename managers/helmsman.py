"""Charts in desired states of Helmsman (YAML with `apps`).

    helmRepos:
      jenkins: https://charts.jenkins.io
    apps:
      jenkins:
        namespace: tools
        enabled: true
        chart: jenkins/jenkins
        version: 5.3.0
      web:
        namespace: shop
        enabled: true
        chart: oci://ghcr.io/acme/charts/web
        version: 0.4.0
        set:
          image.tag: 1.2.3

A repository that the file does not name is one that `registryAliases` may know; `stable` and `incubator` are the
archives of the old charts. Charts in a directory are listed, not updated. `dep_type` is `chart`.
"""

from collections.abc import Iterator

from managers._helm import chart_dependency
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping
from updater.api import Extracted, SourceFile

NAME = "helmsman"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("helmRepos:", "\napps:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The charts of the desired state in ``file``."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.mentions("chart:") and (
        document.mentions("helmRepos:") or (document.mentions("apps:") and document.mentions("enabled:"))
    )


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    """https://github.com/Praqma/helmsman/blob/master/docs/desired_state_specification.md."""
    apps, repositories = root.mapping("apps"), root.mapping("helmRepos")
    if apps is None or (repositories is None and "namespaces" not in root):
        return
    for key in apps.keys():  # noqa: SIM118 - no dict
        app = apps.mapping(key)
        name = app.scalar("chart") if app else None
        if app is None or name is None or not name.has_text:
            continue
        before, _, called = name.text.rpartition("/")
        url = repositories.scalar(before) if repositories else None
        is_name = before and "/" not in before and not before.startswith(".")
        yield chart_dependency(
            file,
            manager=NAME,
            name=name,
            repository=url.text if url else f"@{before}" if is_name else before or ".",
            repository_at=url,
            version=app.scalar("version"),
            dep_type="chart",
            called=called,
        )
