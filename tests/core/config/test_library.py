"""Presets of other repositories, fetched over HTTP from stand-ins that want the token of their own host."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.servers import NOT_FOUND, Reply, Request, Server
from updater.api import Secret
from updater.config import Config, Home, InvalidConfig, Place, Subject, load
from updater.errors import ConfigError
from updater.hosts import HostRule
from updater.http import HttpClient
from updater.library import Library, Shelf, understand_offline, understand_online
from updater.repo import open_tree

_SUBJECT = Subject(manager="kubernetes", path="a.yaml", datasource="docker", package_name="nginx", dep_name="nginx")
_GITHUB = Home(forge="github", endpoint="https://api.github.com")
_FORGE, _ELSEWHERE = "api.github.com", "presets.example.com"


class _Files(Server):
    """Serves texts by path, to whoever has the token if there is one; ``seen`` are the tokens it was shown."""

    def __init__(self, texts: Mapping[str, object], token: str | None = None) -> None:
        super().__init__()
        self.texts, self.token = dict(texts), token
        self.seen: list[str | None] = []

    def handle(self, request: Request) -> Reply:
        self.seen.append(request.headers.get("authorization"))
        if self.token is not None and self.seen[-1] != f"Bearer {self.token}":
            return Reply(status=401)
        text = self.texts.get(request.target)
        if text is None:
            return NOT_FOUND
        body = (text if isinstance(text, str) else json.dumps(text)).encode()
        if request.headers.get("if-none-match") == f'"{len(body)}"':
            return Reply(status=304)
        return Reply(body=body, headers={"ETag": f'"{len(body)}"'})


def _contents(repository: str, path: str) -> str:
    return f"/repos/{repository}/contents/{path}"


@pytest.fixture
def forge() -> Iterator[_Files]:
    """A forge with the presets of an organisation, of which two extend others."""
    texts = {
        _contents("acme/presets", "default.json"): {
            "extends": ["./images", "github>acme/presets:labels(from-{{arg0}})", ":automergeDigest"],
            "packageRules": [{"matchDepNames": ["nginx"], "groupName": "from the default"}],
        },
        _contents("acme/presets", "images.json"): "// comments are fine\n{pinDigests: true}",
        _contents("acme/presets", "labels.json"): {"addLabels": ["{{arg0}}"]},
        _contents("acme/presets", "nested.json"): {"images": {"pinned": {"pinDigests": True}}},
        _contents("acme/old", "renovate.json"): {"stabilityDays": 3},
    }
    with _Files(texts, token="t0ken") as server:
        yield server


def _understanding(root: Path, text: str, environment: Mapping[str, str] | None = None) -> Callable[[Library], Config]:
    (root / "renovate.json").write_text(text)
    place = Place(repository="acme/apps", home=_GITHUB)
    return partial(_understand, root, environment, place)


def _understand(root: Path, environment: Mapping[str, str] | None, place: Place, library: Library) -> Config:
    return load(open_tree(root), environment=environment, library=library, place=place)


def _fetch(
    understand: Callable[[Library], Config], servers: Mapping[str, Server], shelf: Path | None = None, *rules: HostRule
) -> Config:
    async def work() -> Config:
        async with HttpClient(
            host_rules=[HostRule(match_host=_FORGE, token=Secret("t0ken")), *rules],
            routes={host: server.url for host, server in servers.items()},
            docker_config=Path("/nowhere"),
            sleep=_no_sleep,
        ) as client:
            return await understand_online(understand, client, Shelf(shelf))

    return asyncio.run(work())


async def _no_sleep(_seconds: float) -> None:
    """Retries come at once."""


def test_presets_of_other_repositories_hold(tmp_path: Path, forge: _Files) -> None:
    """With their arguments, those that they extend (relative ones too), and the chain as the origin."""
    config = _fetch(_understanding(tmp_path, '{\n"extends": ["local>acme/presets(team)"]}'), {_FORGE: forge})
    policy = config.policy(_SUBJECT)

    assert policy.pin_digests
    assert policy.group_name == "from the default"
    assert policy.add_labels == ("from-team",)
    assert str(policy.origins["group_name"]) == "renovate.json:2 → local>acme/presets"
    assert str(policy.origins["pin_digests"]) == (
        "renovate.json:2 → local>acme/presets → github>acme/presets//images.json"
    )
    assert config.missing == ()


@pytest.mark.parametrize(
    ("preset", "option", "value"),
    [
        ("github>acme/presets:nested/images/pinned", "pin_digests", True),
        ("github>acme/old", "minimum_release_age_behaviour", "timestamp-required"),
        ("github>acme/presets//images", "pin_digests", True),
    ],
)
def test_files_and_members_of_files_are_found(
    preset: str, option: str, value: object, tmp_path: Path, forge: _Files
) -> None:
    """A repository without ``default.json`` may have a ``renovate.json``; old names are translated in presets, too."""
    config = _fetch(_understanding(tmp_path, json.dumps({"extends": [preset]})), {_FORGE: forge})

    assert getattr(config.policy(_SUBJECT), option) == value
    assert config.problems == ()


def test_a_token_is_for_its_own_host_only(tmp_path: Path, forge: _Files) -> None:
    """Neither a preset from an address nor one behind a redirect is shown the forge's token."""
    with _Files({"/p.json": {"pinDigests": True}, "/moved.json": {"automerge": True}}) as elsewhere:
        forge.fault = lambda request: (
            Reply(status=302, headers={"Location": f"https://{_ELSEWHERE}/moved.json"})
            if "labels" in request.target
            else None
        )
        text = json.dumps({"extends": [f"https://{_ELSEWHERE}/p.json", "github>acme/presets:labels"]})
        config = _fetch(_understanding(tmp_path, text), {_FORGE: forge, _ELSEWHERE: elsewhere})

    assert config.policy(_SUBJECT).pin_digests
    assert config.policy(_SUBJECT).automerge
    assert elsewhere.seen == [None, None]


def test_each_file_is_asked_for_once(tmp_path: Path, forge: _Files) -> None:
    """However often it is extended, in one run."""
    rules = [{"matchDepNames": [name], "extends": ["github>acme/presets:images"]} for name in "abc"]
    _fetch(_understanding(tmp_path, json.dumps({"packageRules": rules})), {_FORGE: forge})

    assert forge.paths() == [_contents("acme/presets", "images.json")]


def test_what_does_not_exist_stops_the_run(tmp_path: Path, forge: _Files) -> None:
    """A configuration without one of its presets may mean anything; the message has its place."""
    understand = _understanding(tmp_path, '{"extends": [\n"github>acme/presets:nothing"]}')
    with pytest.raises(InvalidConfig, match=r'renovate.json:2:1: there is no preset "github>acme/presets:nothing"'):
        _fetch(understand, {_FORGE: forge})
    understand = _understanding(tmp_path, '{"extends": ["github>acme/presets:nested/none"]}')
    with pytest.raises(InvalidConfig, match='holds no preset "none"'):
        _fetch(understand, {_FORGE: forge})
    with pytest.raises(InvalidConfig, match=r"base\.json does not exist"):
        _fetch(_understanding(tmp_path, '{"extends": ["./base"]}'), {_FORGE: forge})


def test_what_cannot_be_reached_is_taken_as_it_was(tmp_path: Path, forge: _Files) -> None:
    """And stops the run where nothing is known of it."""
    understand = _understanding(tmp_path, '{"extends": ["github>acme/presets:images"]}')
    _fetch(understand, {_FORGE: forge}, tmp_path / "kept")
    forge.fault = Reply(status=503)

    assert _fetch(understand, {_FORGE: forge}, tmp_path / "kept").policy(_SUBJECT).pin_digests
    with pytest.raises(ConfigError, match=r"images\.json: the preset cannot be fetched"):
        _fetch(understand, {_FORGE: forge})


def test_without_a_network_the_kept_ones_hold(tmp_path: Path, forge: _Files) -> None:
    """Those that were never fetched are named; nothing is asked."""
    understand = _understanding(tmp_path, '{"extends": ["github>acme/presets"]}')
    (problem,) = understand_offline(understand, Shelf(tmp_path / "kept")).problems
    _fetch(understand, {_FORGE: forge}, tmp_path / "kept")
    asked = len(forge.requests)

    assert "has not been fetched" in str(problem)
    assert understand_offline(understand, Shelf(tmp_path / "kept")).policy(_SUBJECT).pin_digests
    assert len(forge.requests) == asked


def test_presets_that_extend_each_other_are_reported(tmp_path: Path, forge: _Files) -> None:
    """The rest of them holds."""
    forge.texts[_contents("acme/presets", "a.json")] = {"extends": ["./b"], "pinDigests": True}
    forge.texts[_contents("acme/presets", "b.json")] = {"extends": ["./a"], "addLabels": ["b"]}
    config = _fetch(_understanding(tmp_path, '{"extends": ["github>acme/presets//a"]}'), {_FORGE: forge})

    (problem,) = config.problems
    circle = "github>acme/presets//b.json → github>acme/presets//a.json → github>acme/presets//b.json"
    assert problem.message.partition(" (in")[0] == f"presets extend each other: {circle}"
    assert config.policy(_SUBJECT).pin_digests
    assert config.policy(_SUBJECT).add_labels == ("b",)


def test_ignored_presets_are_not_fetched(tmp_path: Path, forge: _Files) -> None:
    """At any depth."""
    text = json.dumps({"extends": ["github>acme/presets"], "ignorePresets": ["./images", "github>acme/presets:labels"]})
    config = _fetch(_understanding(tmp_path, text), {_FORGE: forge})

    assert not config.policy(_SUBJECT).pin_digests
    assert len(forge.requests) == 1


def test_presets_of_the_same_repository_need_no_network(tmp_path: Path) -> None:
    """A relative name in a repository's own configuration is one of its files."""
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "base.json5").write_text("{pinDigests: true, extends: ['./more']}")
    (tmp_path / "presets" / "more.json").write_text('{"addLabels": ["more"]}')
    config = _understanding(tmp_path, '{"extends": ["./presets/base.json5"]}')({})

    assert config.policy(_SUBJECT).pin_digests
    assert config.policy(_SUBJECT).add_labels == ("more",)


def test_an_organisation_s_configuration_lies_below_the_repository_s(tmp_path: Path, forge: _Files) -> None:
    """``inheritConfig`` of the bot's own configuration asks for it; where there is none, nothing happens."""
    environment = {"RENOVATE_CONFIG": '{"inheritConfig": true}'}
    understand = _understanding(tmp_path, '{"addLabels": ["own"], "rebaseWhen": "never"}', environment)
    assert _fetch(understand, {_FORGE: forge}).policy(_SUBJECT).add_labels == ("own",)
    path = _contents("acme/renovate-config", "org-inherited-config.json")
    forge.texts[path] = {"addLabels": ["inherited"], "rebaseWhen": "conflicted", "extends": ["github>acme/old"]}
    policy = _fetch(understand, {_FORGE: forge}).policy(_SUBJECT)

    assert policy.add_labels == ("inherited", "own")
    assert policy.rebase_when == "never"
    assert policy.minimum_release_age is not None


def test_what_has_to_be_inherited_has_to_be_there(tmp_path: Path, forge: _Files) -> None:
    """With ``inheritConfigStrict``."""
    environment = {"RENOVATE_CONFIG": '{"inheritConfig": true, "inheritConfigStrict": true}'}
    with pytest.raises(ConfigError, match="has to be inherited"):
        _fetch(_understanding(tmp_path, "{}", environment), {_FORGE: forge})


def test_global_presets_lie_below_everything(tmp_path: Path) -> None:
    """``globalExtends`` of the bot's own configuration."""
    environment = {"UPDATER_CONFIG": '{"globalExtends": [":label(global)", ":automergeAll"]}'}
    policy = _understanding(tmp_path, '{"labels": ["own"]}', environment)({}).policy(_SUBJECT)

    assert policy.labels == ("own",)
    assert policy.automerge


def test_an_endless_chain_of_presets_ends(tmp_path: Path) -> None:
    """A server that makes up another file for each is given up."""

    class Endless(_Files):
        def handle(self, request: Request) -> Reply:
            number = int(request.path.rpartition("/")[2].removesuffix(".json"))
            return Reply(body=json.dumps({"extends": [f"https://{_ELSEWHERE}/{number + 1}.json"]}).encode())

    with Endless({}) as server, pytest.raises(ConfigError, match="more than 20 deep"):
        _fetch(_understanding(tmp_path, f'{{"extends": ["https://{_ELSEWHERE}/1.json"]}}'), {_ELSEWHERE: server})
