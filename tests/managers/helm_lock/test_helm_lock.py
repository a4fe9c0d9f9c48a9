"""The manager of Helm's lock files."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from managers import helm_lock
from tests.corpus import scanned
from updater.api import LockEntry, Package, Place, Remark, SourceFile, Span
from updater.config import load
from updater.extractions import Extractions
from updater.model.scan import Scan
from updater.repo import WorkTree
from updater.scan import scan

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

REPOSITORY = "https://charts.example.com"
Charts = list[Mapping[str, str]]


def listed(charts: Charts) -> str:
    lines = [
        f"{'- ' if not number else '  '}{key}: {chart[key]}\n" for chart in charts for number, key in enumerate(chart)
    ]
    return "".join(["dependencies:\n", *lines])


def locked(charts: Charts, *versions: str) -> Charts:
    """What Helm locks for ``charts``: their names and repositories."""
    pairs = zip(charts, versions, strict=True)
    return [{"name": chart["name"], "repository": chart["repository"], "version": each} for chart, each in pairs]


def chart(name: str, version: str, repository: str = REPOSITORY, **others: str) -> Mapping[str, str]:
    return {"name": name, "version": version, "repository": repository, **others}


def write(directory: Path, requested: Charts, entries: Charts, *, digest: str | None = None) -> Scan:
    """Make a chart with its lock file in a directory, and scan that."""
    (directory / "Chart.yaml").write_text(f"apiVersion: v2\nname: shop\n{listed(requested)}")
    files = (
        SourceFile(path=name, text=listed(charts))
        for name, charts in (("Chart.yaml", requested), ("Chart.lock", entries))
    )
    digest = digest or helm_lock.digest_of(*files) or "sha256:none"
    (directory / "Chart.lock").write_text(f"{listed(entries)}digest: {digest}\ngenerated: '2026-01-01T00:00:00Z'\n")
    return scanned(directory)


def values(directory: Path, found: Scan) -> list[tuple[str, str]]:
    """The version in Chart.yaml that each entry locks, and the locked one."""
    texts = {path: (directory / path).read_text() for path in ("Chart.yaml", "Chart.lock")}
    return [
        (texts[place.path][slice(*place.span)], texts[entry.path][slice(*entry.version_span)])
        for entry in found.locks
        for place in entry.places or ()
    ]


def rows(found: Scan) -> list[tuple[int | None, str | None, str]]:
    return [(row.line, row.name, row.reason) for row in found.skipped if row.manager == "helm-lock"]


# ---------------------------------------------------------------- entries


def test_entries(tmp_path: Path) -> None:
    """Each chart that can be looked up has an entry with the package and the place that it has in Chart.yaml."""
    requested = [chart("postgresql", "~15.5.0"), chart("library", "0.1.0", "file://../library")]
    found = write(tmp_path, requested, locked(requested, "15.5.38", "0.1.0"))
    (dependency,) = found.dependencies
    assert dependency.span is not None

    assert found.locks == (
        LockEntry(
            manager="helm-lock",
            path="Chart.lock",
            line=4,
            package=dependency.package,
            version="15.5.38",
            version_span=Span(85, 92),
            places=(Place("Chart.yaml", dependency.span),),
        ),
    )
    assert values(tmp_path, found) == [("~15.5.0", "15.5.38")]
    assert rows(found) == [(5, "library", "local chart")]


def test_a_chart_that_is_listed_twice(tmp_path: Path) -> None:
    """Under two aliases one chart has two entries, each for the one at the same turn."""
    requested = [chart("valkey", "~1.0.0", alias="cache"), chart("valkey", "~2.0.0", alias="queue")]

    assert values(tmp_path, write(tmp_path, requested, locked(requested, "1.0.3", "2.0.7"))) == [
        ("~1.0.0", "1.0.3"),
        ("~2.0.0", "2.0.7"),
    ]


def test_another_order(tmp_path: Path) -> None:
    """Entries are found by name and repository, not by their turn."""
    requested = [chart("a", "~1.0.0"), chart("b", "~2.0.0"), chart("b", "~3.0.0", "oci://registry.example.com/charts")]
    entries = locked(requested, "1.0.1", "2.0.1", "3.0.1")[::-1]
    found = write(tmp_path, requested, entries)

    assert values(tmp_path, found) == [("~3.0.0", "3.0.1"), ("~2.0.0", "2.0.1"), ("~1.0.0", "1.0.1")]
    assert {entry.is_stale for entry in found.locks} == {False}
    assert Package(datasource="docker", name="registry.example.com/charts/b") == found.locks[0].package


def test_an_alias_of_a_repository(tmp_path: Path) -> None:
    """Helm locks the address behind ``@name``; the entry is found by the chart's name."""
    requested = [chart("mysql", "~1.6.0", "'@stable'")]
    entries = locked([chart("mysql", "", "https://charts.helm.sh/stable")], "1.6.9")
    found = write(tmp_path, requested, entries)

    assert values(tmp_path, found) == [("~1.6.0", "1.6.9")]
    assert rows(found) == []


def test_an_archive_beside(tmp_path: Path) -> None:
    """The archive of the locked version in charts/ gets a remark; other archives get none."""
    requested = [chart("a", "1.0.0"), chart("b", "2.0.0")]
    (tmp_path / "charts").mkdir()
    for name in ("a-1.0.0.tgz", "b-1.9.0.tgz"):
        (tmp_path / "charts" / name).write_bytes(b"\x1f\x8b")
    found = write(tmp_path, requested, locked(requested, "1.0.0", "2.0.0"))

    assert [entry.remark for entry in found.locks] == [
        Remark("charts/a-1.0.0.tgz", "is not replaced; `helm dependency build` does that"),
        None,
    ]


def test_entries_are_remembered(tmp_path: Path) -> None:
    """A scan that finds both files unchanged has the same entries without reading them."""
    (tmp_path / "chart").mkdir()
    requested = [chart("a", "~1.0.0", alias="one", tags="[x]")]
    write(tmp_path / "chart", requested, locked(requested, "1.0.3"))
    tree = WorkTree(tmp_path / "chart")
    managers = {helm_lock.NAME: helm_lock}
    scans = []
    for _ in range(2):
        kept = Extractions(tmp_path / "memory", "repository", "maker")
        scans.append(scan(tree, load(tree, managers=managers), managers, {}, kept))
        kept.save()

    assert [entry.is_stale for entry in scans[0].locks] == [False]
    assert scans[0].locks == scans[1].locks


# ---------------------------------------------------------------- what does not fit


@pytest.mark.parametrize(
    ("requested", "entries"),
    [
        pytest.param([chart("a", "1.1.0")], locked([chart("a", "")], "1.0.0"), id="another version"),
        pytest.param([chart("a", "1.0.0"), chart("b", "1.0.0")], locked([chart("a", "")], "1.0.0"), id="a new chart"),
        pytest.param(
            [chart("a", "1.0.0")], locked([chart("a", ""), chart("b", "")], "1.0.0", "2.0.0"), id="one is gone"
        ),
    ],
)
def test_a_lock_file_that_does_not_fit(tmp_path: Path, requested: Charts, entries: Charts) -> None:
    """Where Helm would refuse the lock file, its entries are stale, and a row and a remark say so."""
    found = write(tmp_path, requested, entries, digest="sha256:" + "0" * 64)
    (entry,) = found.locks
    line = len(entries) * 3 + 2

    assert rows(found) == [(line, None, "does not fit Chart.yaml")]
    assert entry.is_stale
    assert entry.remark == Remark(
        "Chart.lock",
        "is left as it is, because it does not fit Chart.yaml; `helm dependency update` makes it anew",
    )


def test_a_lock_file_alone(tmp_path: Path) -> None:
    """A lock file without its chart has a row and no entries."""
    (tmp_path / "Chart.lock").write_text(LOCK.text)
    found = scanned(tmp_path)

    assert (found.locks, rows(found)) == (
        (),
        [(5, "library", "local chart"), (8, None, "does not fit Chart.yaml")],
    )


def test_a_version_that_two_charts_share(tmp_path: Path) -> None:
    """Where an anchor gives two charts one version, the entries would have to move together: they are left alone."""
    requested = [chart("a", "&v 1.0.0"), chart("b", "*v")]
    plain = [chart("a", "1.0.0"), chart("b", "1.0.0")]
    files = (
        SourceFile(path=name, text=listed(charts))
        for name, charts in (("Chart.yaml", plain), ("Chart.lock", locked(plain, "1.0.0", "1.0.0")))
    )
    found = write(tmp_path, requested, locked(plain, "1.0.0", "1.0.0"), digest=helm_lock.digest_of(*files))

    assert {entry.is_stale for entry in found.locks} == {True}
    assert rows(found) == [(8, None, "locks charts that share one version in Chart.yaml")]


def test_digests_of_archives(tmp_path: Path) -> None:
    """Entries with a digest of their own, which nobody here can renew, are left alone."""
    requested = [chart("a", "1.0.0")]
    found = write(tmp_path, requested, [{**locked(requested, "1.0.0")[0], "digest": "sha256:00"}])

    assert [entry.is_stale for entry in found.locks] == [True]
    assert rows(found) == [(6, None, "holds digests of archives")]


def test_other_lock_files() -> None:
    """A lock file of Python has the same name and none of Helm's keys."""
    file = SourceFile(
        path="requirements.lock", text="# dependencies, digest: none\ndjango==5.1.1 \\\n    --hash=sha256:00\n"
    )

    assert list(helm_lock.extract(file)) == []


def test_other_requirements() -> None:
    """A file of Ansible has the name of a chart's and lists no charts."""
    file = SourceFile(path="requirements.yaml", text="roles:\n- name: acme.dependencies\n")

    assert list(helm_lock.extract(file)) == []


# ---------------------------------------------------------------- the digest


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


BITNAMI = "https://charts.bitnami.com/bitnami"
SEAWEEDFS = "https://seaweedfs.github.io/seaweedfs/helm"
MAYKIN = "https://maykinmedia.github.io/charts/"
WIREMIND = "https://wiremind.github.io/wiremind-helm-charts"


def part(name: str, version: str, alias: str, condition: str = "", *tags: str) -> Mapping[str, str]:
    others = {"tags": f"[{', '.join(tags)}]"} if tags else {}
    return chart(name, version, f"'{alias}'", condition=f"{condition or name}.enabled", **others)


PODIUMD = [
    part("keycloak", "~21.2.2", "@bitnami", "", "formulierEsuite", "contactEsuite", "portaalEsuite", "zaak"),
    part("openzaak", "~1.3.2", "@maykinmedia", "", "zaak"),
    part("opennotificaties", "~1.3.2", "@maykinmedia", "", "formulierEsuite", "contactEsuite", "portaalEsuite", "zaak"),
    part("objecten", "~2.3.1", "@maykinmedia", "", "formulierEsuite", "contactEsuite", "zaak"),
    part("objecttypen", "~1.0.5", "@maykinmedia", "objecten", "formulierEsuite", "contactEsuite", "zaak"),
    part("openforms", "~1.3.0", "@maykinmedia", "", "formulierEsuite", "portaalEsuite", "zaak"),
    part("openklant", "~1.3.2", "@maykinmedia"),
    part("openinwoner", "~1.3.2", "@maykinmedia", "", "portaalEsuite"),
    part("clamav", "~3.1.0", "@wiremind", "", "formulierEsuite"),
]
HOMES = {"'@bitnami'": BITNAMI, "'@maykinmedia'": MAYKIN, "'@wiremind'": WIREMIND}


@pytest.mark.parametrize(
    ("requested", "entries", "digest"),
    [
        pytest.param(
            [chart("postgresql", "12.2.7", BITNAMI, alias="postgresql", condition="postgresql.enabled")],
            locked([chart("postgresql", "", BITNAMI)], "12.2.7"),
            "558995174f3f01e98d32d819919229619d48205e0faa89c3296bc9274028c39c",
            id="with a condition",
        ),
        pytest.param(
            [chart("frontend", "0.1.0", '"file://../frontend"')],
            locked([chart("frontend", "", "file://../frontend")], "0.1.0"),
            "edd290cc648e51899bf36bc7c4b647de4599c4253f7b10aecd82763f7248be6e",
            id="a local chart",
        ),
        pytest.param(
            [
                chart("gitlab", "10.1.1", "https://charts.gitlab.io", condition="gitlab.enabled"),
                chart("traefik", "32.1.1", "https://traefik.github.io/charts", condition="traefik.enabled"),
                chart("valkey", "0.10.0", "https://valkey.io/valkey-helm", condition="valkey.enabled"),
                chart("seaweedfs", "4.35.0", SEAWEEDFS, condition="seaweedfs.enabled"),
                chart("seaweedfs", "4.35.0", SEAWEEDFS, alias="seaweedfsCache", condition="seaweedfsCache.enabled"),
            ],
            [
                chart("gitlab", "10.1.1", "https://charts.gitlab.io"),
                chart("traefik", "32.1.1", "https://traefik.github.io/charts"),
                chart("valkey", "0.10.0", "https://valkey.io/valkey-helm"),
                chart("seaweedfs", "4.35.0", SEAWEEDFS),
                chart("seaweedfs", "4.35.0", SEAWEEDFS),
            ],
            "2a970c9d44eb59d65c0fc3daa73ad50ed9bfba51d2f74db4ba9664394a458451",
            id="twice under aliases",
        ),
        pytest.param(
            PODIUMD,
            [chart(one["name"], one["version"].removeprefix("~"), HOMES[one["repository"]]) for one in PODIUMD],
            "3b6d4d71965d83128b4f350c7737c628af58327429cfd21daac953f1dc0691fe",
            id="repositories by alias",
        ),
    ],
)
def test_digests_that_helm_made(requested: Charts, entries: Charts, digest: str) -> None:
    """For charts that are locked in public the digest is the one that Helm has written."""
    files = (SourceFile(path="Chart.yaml", text=listed(requested)), SourceFile(path="Chart.lock", text=listed(entries)))

    assert helm_lock.digest_of(*files) == f"sha256:{digest}"


@pytest.mark.parametrize(("suffix", "is_stale"), [("requirements", False), ("Chart", True)])
def test_the_digest_of_helm_2(tmp_path: Path, suffix: str, is_stale: bool) -> None:  # noqa: FBT001 - a parameter
    """Helm 2 hashed what is requested alone; Helm 3 still accepts that in a requirements.lock."""
    home = "https://kubernetes-charts.storage.googleapis.com"
    requested = [
        chart("influxdb", "0.9.1", home, condition="influxdb.enabled", tags="[influxdb]"),
        chart("grafana", "1.10.0", home, condition="grafana.enabled", tags="[grafana]"),
    ]
    digest = "digest: sha256:004970515ab216fdd2eb96bacf833e03ba08026ed82a9e7f6ab93aecac45eed6\n"
    (tmp_path / f"{suffix}.yaml").write_text(listed(requested))
    (tmp_path / f"{suffix}.lock").write_text(listed(locked(requested, "0.9.1", "1.10.0")) + digest)

    assert [entry.is_stale for entry in scanned(tmp_path).locks] == [is_stale, is_stale]


def test_digest_that_cannot_be_told() -> None:
    """Without the entry behind an alias its address is unknown; what is no YAML lists nothing."""
    aliased = SourceFile(path="Chart.yaml", text="dependencies:\n- {name: a, version: 1.0.0, repository: '@acme'}\n")

    assert helm_lock.digest_of(aliased, LOCK) is None
    assert helm_lock.digest_of(SourceFile(path="Chart.yaml", text="a: [\n"), LOCK) is None


def test_sealing() -> None:
    """Only the digest is edited, and only if it does not fit."""
    (edit,) = helm_lock.seal(LOCK, [CHART])
    start = LOCK.text.index("sha256:0")
    fitting = SourceFile(path=LOCK.path, text=LOCK.text[:start] + edit.text + "\n")

    assert (edit.path, edit.span, edit.text) == ("Chart.lock", (start, start + 8), helm_lock.digest_of(CHART, LOCK))
    assert list(helm_lock.seal(fitting, [CHART])) == []


def test_sealing_what_lists_other_charts() -> None:
    """A lock file of other charts cannot be made to fit."""
    with pytest.raises(ValueError, match="its digest cannot be told"):
        list(helm_lock.seal(LOCK, [SourceFile(path="Chart.yaml", text="dependencies: []\n")]))
