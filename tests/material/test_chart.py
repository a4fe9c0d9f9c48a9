"""Reading a chart's archive: what is in it, and what strangers may have put there."""

import gzip
import io
import tarfile

import pytest

from tests.material.charts import packed
from updater.material import archive
from updater.material.archive import UnreadableArchive, unpacked
from updater.material.chart import read_chart
from updater.material.comparison import Moved, compare

ABOUT = "apiVersion: v2\nname: web\nversion: 1.0.0\n"


def crd(name: str, spec: int) -> str:
    return f"kind: CustomResourceDefinition\nmetadata:\n  name: {name}\nspec: {spec}\n"


def member(name: str, content: bytes = b"", **about: object) -> bytes:
    """An archive with a chart and one more entry of any kind."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for path, data, extra in (("web/Chart.yaml", ABOUT.encode(), {}), (name, content, about)):
            info = tarfile.TarInfo(path)
            info.size = len(data)
            for key, value in extra.items():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        member("web/../../etc/passwd", b"x"),
        member("/etc/passwd", b"x"),
        member("web/values.yaml", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("web/values.yaml", type=tarfile.LNKTYPE, linkname="web/Chart.yaml"),
        member("web/device", type=tarfile.CHRTYPE),
        member("web\\..\\x", b"x"),
    ],
)
def test_only_regular_files_inside_the_chart_count(content: bytes) -> None:
    """Paths that lead out, links and devices are passed over; nothing is written anywhere."""
    assert set(unpacked(content)) == {"Chart.yaml"}


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of a few kilobytes that unpacks to a hundred times the limit is refused on the way."""
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)

    with pytest.raises(UnreadableArchive, match="unpacks to more than"):
        unpacked(member("web/zeros", bytes(64 << 20)))


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty files cost nothing to send."""
    monkeypatch.setattr(archive, "MAX_FILES", 10)

    with pytest.raises(UnreadableArchive, match="more than 10 files"):
        unpacked(packed({"Chart.yaml": ABOUT, **{f"templates/{number}": "" for number in range(20)}}))


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no tar"), packed({"README.md": "x"}), packed({"Chart.yaml": ABOUT})[:-40]],
    ids=["nothing", "no archive", "no tar", "no chart", "a part"],
)
def test_what_is_no_chart_is_refused(content: bytes) -> None:
    """Garbage, a truncated archive, one without ``Chart.yaml``."""
    with pytest.raises(UnreadableArchive):
        unpacked(content)


@pytest.mark.parametrize(
    "values",
    [
        "a: &a {x: *a}",
        "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]),
        "a: [" * 3_000,
        "{{ not yaml }}: [",
        "a: !!python/object:os.system x",
        "",
        "- a list",
    ],
)
def test_strange_values_do_no_harm(values: str) -> None:
    """Loops, bombs of aliases, deep nesting, broken YAML and foreign types: there are just no defaults."""
    assert read_chart(packed({"Chart.yaml": ABOUT, "values.yaml": values})).values == ()


def test_what_changes_between_two_charts() -> None:
    """Application, Kubernetes, dependencies, images, definitions and values, each as from → to."""
    redis = "dependencies:\n- {name: redis, version: %s}\n"
    old = {
        "Chart.yaml": f"{ABOUT}appVersion: 1.10\nkubeVersion: '>=1.25'\n{redis % '1.0.0'}",
        "values.yaml": "image: {repository: acme/web, tag: ''}\nport: 80\nmode: a\nold: 1\nsame: x\n",
        "crds/all.yaml": f"{crd('a.acme.io', 1)}---\n{crd('b.acme.io', 1)}",
    }
    new = {
        "Chart.yaml": f"{ABOUT}appVersion: 1.11\nkubeVersion: '>=1.28'\n{redis % '2.0.0'}",
        "values.yaml": "image: {registry: ghcr.io, repository: acme/web}\nport: '80'\nmode: b\nnew: 1\nsame: x\n",
        "templates/crds.yaml": f"{crd('a.acme.io', 2)}---\n{crd('c.acme.io', 1)}",
    }
    diff = compare(read_chart(packed(old)), read_chart(packed(new)))

    assert diff.app_version == Moved("appVersion", "1.10", "1.11")
    assert diff.kube_version == Moved("kubeVersion", ">=1.25", ">=1.28")
    assert diff.dependencies == (Moved("redis", "1.0.0", "2.0.0"),)
    assert diff.images == (Moved("image", "acme/web:1.10", "ghcr.io/acme/web:1.11"),)
    assert {(each.name, each.old is None, each.new is None) for each in diff.crds} == {
        ("a.acme.io", False, False),
        ("b.acme.io", False, True),
        ("c.acme.io", True, False),
    }
    assert [each.name for each in diff.removed] == ["image.tag", "old"]
    assert [each.name for each in diff.added] == ["image.registry", "new"]
    assert diff.retyped == (Moved("port", "number", "text"),)
    assert diff.defaults == (Moved("mode", '"a"', '"b"'),)
