"""The acceptance vectors on what a run asks (44 and 45).

Those on versions are in ``tests/core/test_vectors.py``, those on extraction in ``tests/managers/test_vectors.py``.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers import Reply, Request
from tests.servers.forge_api import Forge
from tests.servers.pages import PagedRegistry
from updater import git
from updater.model.plan import Plan
from updater.model.track import UpdateType
from updater.platforms.local import LocalPlatform

INDEX = "application/vnd.oci.image.index.v1+json"
SOON = timedelta(minutes=20)
"""Later than lists are asked again, and sooner than what a digest beside a tag should be."""


class Ghcr(PagedRegistry):
    """A registry as GHCR: images for two platforms, shown to whoever brings anybody's token."""

    def handle(self, request: Request) -> Reply:
        if request.headers.get("authorization") != "Bearer QQ==":
            return Reply(status=401, headers={"WWW-Authenticate": 'Bearer realm="https://ghcr.io/token"'})
        name, _, reference = request.path.removeprefix("/v2/").partition("/manifests/")
        if not reference:
            return super().handle(request)
        found = {each: index_of(name, each) for each in self.repositories[name]}
        body = found.get(reference) or next(each for each in found.values() if digest_of(each) == reference)
        return Reply(body=body, headers={"Content-Type": INDEX, "Docker-Content-Digest": digest_of(body)})


def index_of(name: str, tag: str) -> bytes:
    architectures = ("amd64", "arm64")
    described = [{"mediaType": INDEX, "platform": {"os": "linux", "architecture": each}} for each in architectures]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": described, "of": f"{name}:{tag}"}).encode()


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


Deploy = Callable[[str], LocalPlatform]


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """Makes a repository with one file; nobody looks for release notes."""

    def make(text: str) -> LocalPlatform:
        place = tmp_path / "gitops"
        place.mkdir()
        (place / "renovate.json").write_text('{"fetchChangeLogs": "off"}')
        (place / "main.tf" if "module" in text else place / "pod.yaml").write_text(text)
        git.init(place, "main")
        git.commit_all(place, "Deploy\n", author=git.BOT, date=int(LATER.timestamp()))
        return LocalPlatform(place)

    return make


def pod(*images: str) -> str:
    return "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n" + "".join(f"    - image: {each}\n" for each in images)


def offered(plan: Plan) -> set[tuple[str, UpdateType, str]]:
    return {(each.tracked.name, each.update_type, each.offer.version) for each in plan.updates}


# ---------------------------------------------------------------- 44: no token for github.com


async def test_vector_44(deploy: Deploy, tmp_path: Path) -> None:
    """Without a token for github.com, its tags come from Git: there is an update, no failure, and no API is asked."""
    with Forge() as forge:
        forge.repository("team/module", tags=["v1.0.0", "v1.1.0"])
        bot = Bot(routes=dict.fromkeys(("github.com", "api.github.com"), forge.url))
        source = "git::https://github.com/team/module.git?ref=v1.0.0"
        plan = await bot.plan(deploy(f'module "m" {{\n  source = "{source}"\n}}\n'))
        asked = {path.partition("?")[0] for _, path, _ in forge.requests}
    assert [(kind, version) for _, kind, version in offered(plan)] == [(UpdateType.MINOR, "v1.1.0")]
    assert (plan.failed, asked) == ((), {"/team/module/info/refs", "/team/module/git-upload-pack"})


# ---------------------------------------------------------------- 45: two images, one of them with a digest


@pytest.fixture
def ghcr() -> Iterator[Ghcr]:
    with Ghcr({"org/plain": ["1.0.0", "1.1.0"], "org/pinned": ["1.0.0", "1.1.0"]}) as server:
        yield server


@pytest.fixture
def bot(ghcr: Ghcr, tmp_path: Path) -> Bot:
    return Bot(routes={"ghcr.io": ghcr.url}, cache=f"sqlite://{tmp_path}/cache.sqlite")


TWO_IMAGES = pod("ghcr.io/org/plain:1.0.0", f"ghcr.io/org/pinned:1.0.0@{digest_of(index_of('org/pinned', '1.0.0'))}")
UPDATES = {("ghcr.io/org/plain", UpdateType.MINOR, "1.1.0"), ("ghcr.io/org/pinned", UpdateType.MINOR, "1.1.0")}


def kinds(server: Ghcr) -> Counter[str]:
    return Counter(f"{each.method} {each.path.split('/')[-2]} {each.status}" for each in server.requests)


async def test_vector_45_cold(ghcr: Ghcr, bot: Bot, deploy: Deploy) -> None:
    """Six requests with an empty cache: a list for each image, and a manifest for each end of each step."""
    assert offered(await bot.plan(deploy(TWO_IMAGES))) == UPDATES
    assert kinds(ghcr) == {"GET tags 200": 2, "GET manifests 200": 4}


async def test_vector_45_warm(ghcr: Ghcr, bot: Bot, deploy: Deploy) -> None:
    """Two requests with what the last run knew, both conditional: has the list changed? At once, none at all."""
    platform = deploy(TWO_IMAGES)
    await bot.plan(platform)
    ghcr.requests.clear()
    assert offered(await bot.plan(platform)) == UPDATES
    assert ghcr.requests == []
    assert offered(await replace(bot, clock=LATER + SOON).plan(platform)) == UPDATES
    assert kinds(ghcr) == {"GET tags 304": 2}
