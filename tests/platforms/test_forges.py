"""Forges as a whole: what they hold, which of it is wanted, and what opens it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers import gitea, github, gitlab
from tests.servers.code_host import CodeHost
from tests.servers.gitea import Gitea
from tests.servers.github import APP, GitHub
from tests.servers.gitlab import GitLab
from updater import wiring
from updater.api import Commit, Identity, PlatformError, Secret
from updater.config.patterns import PatternError
from updater.errors import UsageError
from updater.platforms.discovery import Listing, Wanted, chosen
from updater.platforms.forges import Forge, GiteaForge, GitHubForge, GitLabForge
from updater.platforms.github.app import App, Installations

NAMES = ("team/app", "team/infra", "other/app")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def private(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.fixture
def server(tmp_path: Path, key: rsa.RSAPrivateKey) -> Iterator[GitHub]:
    with GitHub(tmp_path / "server") as server:
        server.app_key = public(key)
        server.tokens.clear()
        yield server


@pytest.fixture
def app_forge(server: GitHub, key: rsa.RSAPrivateKey, tmp_path: Path) -> GitHubForge:
    app = App(id=APP, key=Secret(private(key)))
    return GitHubForge(endpoint=server.endpoint, credential=app, cache_directory=tmp_path, sleep=lambda _: None)


# ---------------------------------------------------------------- which are wanted


def test_archived_empty_and_read_only_ones_are_left_out() -> None:
    """What cannot be written to is not looked after; a fork may be."""
    good = Listing(name="a/a")
    bad = [replace(good, archived=True), replace(good, empty=True), replace(good, writable=False)]
    fork = replace(good, fork=True)
    assert list(chosen([*bad, good, fork], Wanted())) == [good, fork]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), NAMES),
        (Wanted(filters=["team/*"]), ("team/app", "team/infra")),
        (Wanted(filters=["!team/*"]), ("other/app",)),
        (Wanted(filters=["*/app", "!other/*"]), ("team/app",)),
        (Wanted(filters=["/^t.*a$/"]), ("team/infra",)),
        (Wanted(filters=["TEAM/APP"]), ("team/app",)),
        (Wanted(namespaces=["Team"]), ("team/app", "team/infra")),
        (Wanted(namespaces=["tea"]), ()),
        (Wanted(topics=["GitOps"]), ("team/infra",)),
        (Wanted(filters=["*/app"], namespaces=["other/"]), ("other/app",)),
    ],
)
def test_names_topics_and_namespaces_narrow(wanted: Wanted, names: tuple[str, ...]) -> None:
    """Each condition that is given has to hold."""
    listings = [Listing(name=name, topics=("gitops",) if name == "team/infra" else ()) for name in NAMES]
    assert tuple(listing.name for listing in chosen(listings, wanted)) == names


def test_filter_that_is_no_pattern_is_an_error() -> None:
    """Nothing is looked after by mistake."""
    with pytest.raises(PatternError):
        list(chosen([], Wanted(filters=["/(/"])))


# ---------------------------------------------------------------- what there is


@pytest.mark.parametrize(
    ("kind", "made", "token"),
    [
        (GitHub, GitHubForge, github.TOKEN),
        (GitLab, GitLabForge, gitlab.TOKEN),
        (Gitea, GiteaForge, gitea.TOKEN),
    ],
)
def test_all_repositories_are_listed(
    kind: Callable[[Path], CodeHost], made: Callable[..., Forge], token: str, tmp_path: Path
) -> None:
    """Page by page, with what tells whether they are wanted."""
    with kind(tmp_path / "server") as server:
        for number in range(120):
            server.repository(f"team/r{number}", {"a.yaml": "1\n"} if number < 2 else None)
        server.projects["team/r0"].topics = ("gitops",)
        server.projects["team/r1"].fork = True
        forge = made(endpoint=server.endpoint, credential=Secret(token), cache_directory=tmp_path, sleep=lambda _: None)
        listings = {listing.name: listing for listing in forge.repositories()}
        assert len(listings) == 120
        assert [listings[f"team/r{number}"].fork for number in (0, 1)] == [False, True]
        assert [forge.platform(f"team/r{number}").is_fork() for number in (0, 1)] == [False, True]
        assert len(list(chosen([listings["team/r0"], listings["team/r1"]], Wanted()))) == 2
        assert listings["team/r0"].topics == ("gitops",)
        assert forge.platform("team/r0").base_branch() == "main"
        server.tokens.clear()
        with pytest.raises(PlatformError, match="the token was rejected"):
            list(forge.repositories())


# ---------------------------------------------------------------- a GitHub App


def test_app_gets_a_token_for_what_it_is_installed_on(app_forge: GitHubForge, server: GitHub) -> None:
    """It proves who it is by its key; git and the API work with the token, which is asked for once."""
    project = server.repository("team/app", {"app.yaml": "v: 1\n"})
    platform = app_forge.platform("team/app")
    assert platform.base_branch() == "main"
    assert platform.tree("main").commit == project.git.head("main")
    assert list(platform.pull_requests("updater/")) == []
    assert len(server.asked("POST", "/access_tokens$")) == 1


def test_app_finds_the_repositories_of_its_installations(app_forge: GitHubForge, server: GitHub) -> None:
    """A person is not needed for it."""
    server.repository("team/app", {"app.yaml": "v: 1\n"})
    assert [listing.name for listing in app_forge.repositories()] == ["team/app"]


def test_token_of_an_app_is_renewed_before_it_ends(server: GitHub, key: rsa.RSAPrivateKey) -> None:
    """A run that lasts longer than an hour goes on."""
    server.repository("team/app", {"app.yaml": "v: 1\n"})
    moment = datetime(2099, 12, 31, 23, 0, tzinfo=UTC)
    app = App(id=APP, key=Secret(private(key)))
    installations = Installations(app, server.endpoint, clock=lambda: moment)
    first = installations.token_for("team/app")
    assert installations.token_for("team/app") == first
    moment += timedelta(minutes=58)
    assert installations.token_for("team/app") != first


def test_key_of_another_app_is_told(server: GitHub, tmp_path: Path) -> None:
    """GitHub's words are in the error, and a key that is none is told before anything is asked."""
    server.repository("team/app", {"app.yaml": "v: 1\n"})
    stranger = private(rsa.generate_private_key(public_exponent=65_537, key_size=2_048))
    for text, message in ((stranger, "401 A JSON web token"), ("-----BEGIN PRIVATE KEY-----", "cannot be read")):
        forge = GitHubForge(
            endpoint=server.endpoint, credential=App(id=APP, key=Secret(text)), cache_directory=tmp_path
        )
        with pytest.raises(PlatformError, match=message) as failure:
            forge.platform("team/app").base_branch()
        assert text not in str(failure.value)


def test_commits_of_an_app_are_made_and_signed_by_github(app_forge: GitHubForge, server: GitHub) -> None:
    """They hold the same, are recognised as ours, and nothing but the branch is left behind."""
    project = server.repository("team/app", {"app.yaml": "v: 1\n", "other.yaml": "w: 1\n"})
    platform = app_forge.platform("team/app").acting_as(Identity())
    base = platform.tree("main").commit or ""
    message = "Update\n\nUpdater-Fingerprint: f\n"
    commits = [Commit(branch=f"updater/{name}", message=message, files={"app.yaml": f"v: {name}\n"}) for name in "ab"]
    assert platform.push(base, commits, {}).refused == {}
    assert [one.answer["verification"]["verified"] for one in server.asked("POST", "/git/commits$")] == [True, True]  # type: ignore[index]
    assert project.git.read("updater/b", "app.yaml") == b"v: b\n"
    assert project.git.head("updater/a~1") == base
    branches = platform.branches("updater/", "main")
    assert [(branch.ours, branch.fingerprint, list(branch.files)) for branch in branches] == [
        (True, "f", ["app.yaml"]),
        (True, "f", ["app.yaml"]),
    ]
    assert project.git.git("for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/main",
        "refs/heads/updater/a",
        "refs/heads/updater/b",
    ]
    moved = project.git.commit("updater/a", {"app.yaml": "mine\n"})
    seen = {branch.name: branch.commit for branch in branches}
    assert platform.push(base, commits, seen).refused == {"updater/a": "the branch moved since it was read"}
    assert project.git.head("updater/a") == moved


def test_commit_in_githubs_own_editor_makes_a_branch_somebody_elses(app_forge: GitHubForge, server: GitHub) -> None:
    """GitHub commits for people, too, but without our trailer."""
    project = server.repository("team/app", {"app.yaml": "v: 1\n"})
    project.git.commit("updater/a", {"app.yaml": "v: 2\n"}, author="GitHub <noreply@127.0.0.1>")
    (branch,) = app_forge.platform("team/app").branches("updater/", "main")
    assert not branch.ours


@pytest.mark.parametrize(("signing", "requests"), [("enabled", 1), ("disabled", 0), ("auto", 0)])
def test_people_get_commits_of_git_unless_they_want_others(
    server: GitHub, tmp_path: Path, signing: str, requests: int
) -> None:
    """GitHub signs for Apps; for others its API is used only where that is configured."""
    server.tokens[github.TOKEN] = "the-bot"
    server.repository("team/app", {"app.yaml": "v: 1\n"})
    forge = GitHubForge(endpoint=server.endpoint, credential=Secret(github.TOKEN), cache_directory=tmp_path)
    platform = forge.platform("team/app").acting_as(Identity(signing=signing))  # type: ignore[arg-type]
    commit = Commit(branch="updater/a", message="m\n", files={"app.yaml": "v: 2\n"})
    assert platform.push(platform.tree("main").commit or "", [commit], {}).refused == {}
    assert len(server.asked("POST", "/git/commits$")) == requests


# ---------------------------------------------------------------- what opens it


@pytest.mark.parametrize("platform", ["github", "gitlab", "gitea", "forgejo"])
def test_missing_token_is_told_with_the_names_that_count(platform: str) -> None:
    """The user reads what to set."""
    settings = wiring.Settings(platform=platform, endpoint="https://forge.example", environment={})
    with pytest.raises(UsageError, match=f"write to {platform}: set one of UPDATER_TOKEN, .*_TOKEN"):
        wiring.forge(settings)


def test_gitea_needs_a_place() -> None:
    """There is no public one to assume."""
    with pytest.raises(UsageError, match="say where with --endpoint"):
        wiring.forge(wiring.Settings(platform="gitea", environment={"UPDATER_TOKEN": "x"}))


def test_app_is_named_by_the_environment(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    """Its key may stand there itself, with its lines joined, or in a file."""
    text, file = private(key), tmp_path / "key.pem"
    file.write_text(text)
    for value in (text, text.replace("\n", "\\n"), str(file)):
        environment = {"UPDATER_APP_ID": APP, "UPDATER_APP_KEY": value}
        forge = wiring.forge(wiring.Settings(platform="github", environment=environment))
        assert isinstance(forge, GitHubForge)
        assert forge.credential == App(id=APP, key=Secret(text))
    with pytest.raises(UsageError, match="neither a private key nor a file"):
        wiring.forge(wiring.Settings(platform="github", environment={**environment, "UPDATER_APP_KEY": "nowhere"}))
