"""The second half of the demo's story: what is told is what happened."""

import re
from pathlib import Path

import pytest

from updater import cli
from updater.demo import story
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import serve
from updater.demo.screen import Cell, Look, screen
from updater.demo.serving import Reply, Request
from updater.platforms.local import LocalPlatform


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    lines: list[str] = []
    place = tmp_path_factory.mktemp("story") / "shop.git"
    with serve() as registries:
        story.tell(place, registries.routes, lines.append)
    return place, "\n".join(lines).split("\n")


def images(place: Path) -> dict[str, str]:
    tree = LocalPlatform(place).tree("main")
    paths = [path for path in tree.files() if path.startswith("apps/")]
    return {path: data.decode().rpartition(":")[2].strip() for path, data in tree.read(paths)}


def test_what_stands_in_git_at_the_end(told: tuple[Path, list[str]]) -> None:
    """Production has what staging proved, and never had what broke there; that is gone from staging, too."""
    assert images(told[0]) == {
        "apps/production/api/deployment.yaml": "1.5.1",
        "apps/production/web/deployment.yaml": "2.4.0",
        "apps/staging/api/deployment.yaml": "1.5.1",
        "apps/staging/web/deployment.yaml": "2.4.0",
    }


def test_what_is_told(told: tuple[Path, list[str]]) -> None:
    """Each step is there, in order, and the bad version is opened once and never again."""
    steps = [line.strip() for line in told[1] if line.startswith("         ")]
    opened = [step for step in steps if step.startswith("opens")]
    assert opened == [
        "opens #1 Update ghcr.io/acme/api Docker tag to v1.6.0",
        "opens #2 Update ghcr.io/acme/web Docker tag to v2.4.0",
        "opens #3 Revert ghcr.io/acme/api Docker tag to v1.5.1",
        "opens #4 Promote ghcr.io/acme/web Docker tag to v2.4.0 in production",
    ]
    assert any(step.startswith("freezes Application argocd/api-staging") for step in steps)


def screen_of(lines: list[str]) -> list[str]:
    """The lines from the first rule to the last."""
    rules = [number for number, line in enumerate(lines) if line.startswith("────")]
    return lines[rules[-2] : rules[-1] + 1]


def test_the_last_screen(told: tuple[Path, list[str]]) -> None:
    """What ran where, from look to look: the good version goes on a day later, the bad one never got to production."""
    rows = {tuple(line.split()[:2]): line.split()[-12:] for line in screen_of(told[1]) if line.count(".") > 5}
    versions = [row[::2] for row in rows.values()]
    assert versions == [
        ["2.3.1", "2.3.1", "2.4.0", "2.4.0", "2.4.0", "2.4.0"],
        ["2.3.1", "2.3.1", "2.3.1", "2.3.1", "2.3.1", "2.4.0"],
        ["1.5.1", "1.5.1", "1.6.0", "1.6.0", "1.5.1", "1.5.1"],
        ["1.5.1"] * 6,
    ]
    unwell = [
        (number, place) for number, row in enumerate(rows.values()) for place in range(6) if row[1::2][place] == "✘"
    ]
    assert unwell == [(2, 2), (2, 3)]


def test_all_of_it_fits_a_terminal(told: tuple[Path, list[str]]) -> None:
    """80 columns are enough, and no line ends with blanks."""
    assert max(map(len, told[1])) <= 80
    assert all(line == line.rstrip() for line in told[1])


def test_the_readme_shows_the_last_screen(told: tuple[Path, list[str]]) -> None:
    """To the letter."""
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    assert "\n".join(screen_of(told[1])) in readme


def test_colours_say_nothing_that_words_do_not() -> None:
    """The same screen, with what is new and what is broken standing out."""
    old, new, broken = (Cell(version=v, health=h) for v, h in (("1", "Healthy"), ("2", "Healthy"), ("3", "Degraded")))
    looks = [Look(when=str(n), cells={("web", "staging"): each}) for n, each in enumerate((old, new, broken))]
    plain, painted = (list(screen(looks, ["said"], colours=colours)) for colours in (False, True))
    assert [re.sub("\x1b\\[[0-9;]*m", "", line) for line in painted] == plain
    assert "\x1b[1;32m2 ✔" in painted[2]
    assert "\x1b[1;31m3 ✘" in painted[2]


def test_no_colours_where_nobody_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_COLOR`` is heeded (https://no-color.org)."""
    wanted: list[bool] = []

    def tell(_say: object, _keep: object, *, colours: bool) -> int:
        wanted.append(colours)
        return 0

    monkeypatch.setattr("updater.demo.run.tell", tell)
    for value in ("1", ""):
        monkeypatch.setenv("NO_COLOR", value)
        assert cli.run(["demo"]) == 0
    assert wanted == [False, True]


def test_nothing_is_written_to_the_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cluster is only read."""
    methods: set[str] = set()
    handle = KubernetesApi.handle

    def counted(api: KubernetesApi, request: Request) -> Reply:
        methods.add(request.method)
        return handle(api, request)

    monkeypatch.setattr(KubernetesApi, "handle", counted)
    with serve() as registries:
        story.tell(tmp_path / "shop.git", registries.routes, lambda _line: None)
    assert methods == {"GET"}
