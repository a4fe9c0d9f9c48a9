"""The manager of Helm's lock files."""

import hashlib

from managers import helm_chart, helm_lock
from tests.managers.reading import dependencies, skipped
from updater.api import LockEntry, Package, SourceFile

CHART = SourceFile(
    path="Chart.yaml",
    text="apiVersion: v2\n"
    "name: shop\n"
    "dependencies:\n"
    "- version: '>=15.0.0 <16'\n"
    "  name: postgresql\n"
    "  alias: database\n"
    "  condition: postgresql.enabled\n"
    "  tags: [data]\n"
    "  import-values: [defaults, {parent: p, child: c}]\n"
    "  repository: https://charts.example.com\n"
    "- {name: library, repository: 'file://../library'}\n",
)
LOCK = SourceFile(
    path="Chart.lock",
    text="dependencies:\n"
    "- name: postgresql\n"
    "  repository: https://charts.example.com\n"
    "  version: 15.5.38\n"
    "- name: library\n"
    "  repository: file://../library\n"
    "  version: 0.1.0\n"
    "digest: sha256:0\n",
)


def test_entries() -> None:
    """A chart that can be looked up has an entry with the same package as in Chart.yaml; a local one is listed."""
    (entry,) = (item for item in helm_lock.extract(LOCK) if isinstance(item, LockEntry))

    assert (entry.line, entry.version, LOCK.text[slice(*entry.version_span)]) == (4, "15.5.38", "15.5.38")
    assert entry.package == Package(datasource="helm", name="postgresql", registry_urls=("https://charts.example.com",))
    assert entry.package == dependencies(helm_chart, CHART)[0].package
    assert skipped(helm_lock, LOCK) == [(5, "library", "local chart")]


def test_other_lock_files() -> None:
    """A lock file of Python has the same name and none of Helm's keys."""
    file = SourceFile(path="requirements.lock", text="# digest: none\ndjango==5.1.1 \\\n    --hash=sha256:00\n")

    assert list(helm_lock.extract(file)) == []


def test_digest() -> None:
    """Both lists are hashed as Go writes them: fields in a fixed order, empty ones left out, HTML escaped."""
    written = (
        r'[[{"name":"postgresql","version":"\u003e=15.0.0 \u003c16","repository":"https://charts.example.com",'
        r'"condition":"postgresql.enabled","tags":["data"],"import-values":["defaults",{"child":"c","parent":"p"}],'
        r'"alias":"database"},{"name":"library","repository":"file://../library"}],'
        r'[{"name":"postgresql","version":"15.5.38","repository":"https://charts.example.com"},'
        r'{"name":"library","version":"0.1.0","repository":"file://../library"}]]'
    )

    assert helm_lock.digest_of(CHART, LOCK) == f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"


def test_digest_of_a_lock_file_that_helm_wrote() -> None:
    """For a lock file that Helm has made the digest is the one in it."""
    deps = "- name: postgresql\n  repository: https://charts.bitnami.com/bitnami\n  version: 12.2.7\n"
    chart = SourceFile(
        path="Chart.yaml",
        text=f"dependencies:\n{deps}  alias: postgresql\n  condition: postgresql.enabled\n",
    )
    lock = SourceFile(path="Chart.lock", text=f"dependencies:\n{deps}")

    assert helm_lock.digest_of(chart, lock) == (
        "sha256:558995174f3f01e98d32d819919229619d48205e0faa89c3296bc9274028c39c"
    )


def test_digest_that_cannot_be_told() -> None:
    """Helm hashes what its user has configured for an alias, so nobody else can."""
    aliased = SourceFile(path="Chart.yaml", text="dependencies:\n- {name: a, version: 1.0.0, repository: '@acme'}\n")

    assert helm_lock.digest_of(aliased, LOCK) is None
    assert helm_lock.digest_of(SourceFile(path="Chart.yaml", text="a: [\n"), LOCK) is None
