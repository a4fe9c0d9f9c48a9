"""The second half of the demo's story: what is told is what happened."""

from pathlib import Path

import pytest

from updater.demo import story
from updater.demo.kubernetes import KubernetesApi
from updater.demo.registries import serve
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
    steps = [line.strip() for line in told[1] if line.startswith("          ")]
    opened = [step for step in steps if step.startswith("opens")]
    assert opened == [
        "opens #1 Update ghcr.io/acme/api Docker tag to v1.6.0",
        "opens #2 Update ghcr.io/acme/web Docker tag to v2.4.0",
        "opens #3 Revert ghcr.io/acme/api Docker tag to v1.5.1",
        "opens #4 Promote ghcr.io/acme/web Docker tag to v2.4.0 in production",
    ]
    assert any(step.startswith("freezes Application argocd/api-staging") for step in steps)


def test_the_last_screen(told: tuple[Path, list[str]]) -> None:
    """It fits a terminal, and says where both versions got to."""
    screen = told[1][-9:]
    assert max(map(len, screen)) <= 100
    assert any("web 2.4.0" in line and line.count("✔") == 2 for line in screen)
    assert any("api 1.6.0" in line and "✘" in line and "1.5.1 stayed healthy" in line for line in screen)


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
