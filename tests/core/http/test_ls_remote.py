"""The refs of Git repositories, asked of real servers by the real git."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.http.conftest import Connect
from tests.servers.faulty import FaultyServer, answer, dropped, never, redirect
from tests.servers.githttp import Bare, CountedGit, GitHTTP
from updater.api import Secret
from updater.errors import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Unavailable
from updater.hosts import HostRule
from updater.ls_remote import GitAddress, over_https, parse_address

REFS = "/team/app.git/info/refs"


@pytest.fixture
def repository(tmp_path: Path) -> Bare:
    """A repository with a branch, a plain tag and an annotated one."""
    bare = Bare.make(tmp_path / "root" / "team" / "app.git", {"a": "1"})
    bare.git("tag", "v1.0.0")
    bare.git("-c", "user.name=A", "-c", "user.email=a@example.com", "tag", "-a", "-m", "two", "v2.0.0")
    return bare


@pytest.fixture
def git_server(repository: Bare, tmp_path: Path) -> Iterator[GitHTTP]:
    with GitHTTP(tmp_path / "root") as running:
        yield running


@pytest.fixture
def private_server(repository: Bare, tmp_path: Path) -> Iterator[GitHTTP]:
    with GitHTTP(tmp_path / "root", passwords={"x-access-token": "t0ken", "bot": "p w$'\"%"}) as running:
        yield running


async def test_tags_and_branches_are_listed(git_server: GitHTTP, repository: Bare, connect: Connect) -> None:
    """Refs map to commits; an annotated tag to the commit it stands for."""
    commit = repository.head("main")
    async with connect() as client:
        refs = await client.ls_remote(f"{git_server.url}/team/app.git")
        assert dict(client.requests) == {git_server.host: 1}
    assert refs == {"refs/heads/main": commit, "refs/tags/v1.0.0": commit, "refs/tags/v2.0.0": commit}


async def test_a_repository_is_asked_once_a_run(git_server: GitHTTP, connect: Connect) -> None:
    """All who want the refs of a repository share one git."""
    async with connect() as client:
        answers = await asyncio.gather(*(client.ls_remote(f"{git_server.url}/team/app.git") for _ in range(5)))
        assert client.requests[git_server.host] == 1
    assert all(refs == answers[0] for refs in answers)


async def test_an_empty_repository_has_no_refs(git_server: GitHTTP, tmp_path: Path, connect: Connect) -> None:
    """No commits is an answer, too."""
    Bare.make(tmp_path / "root" / "empty.git")
    async with connect() as client:
        assert await client.ls_remote(f"{git_server.url}/empty.git") == {}


async def test_refs_may_have_any_name(git_server: GitHTTP, repository: Bare, connect: Connect) -> None:
    """Characters that look like spaces or ends of lines are part of a name."""
    names = [f"refs/tags/v1{mark}x" for mark in ("\u2028", "\u00a0", "\x85", "ü", "'\"$(id)")]
    for name in names:
        repository.git("update-ref", name, "refs/heads/main")
    async with connect() as client:
        assert set(names) < (await client.ls_remote(f"{git_server.url}/team/app.git")).keys()


async def test_an_unknown_repository_is_not_found(git_server: GitHTTP, connect: Connect) -> None:
    """A repository that the host does not have is told as such, once."""
    async with connect() as client:
        with pytest.raises(NotFound, match="has no such repository"):
            await client.ls_remote(f"{git_server.url}/team/other.git")
        assert client.requests[git_server.host] == 1


# ---------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    "rule",
    [
        HostRule(match_host="127.0.0.1", token=Secret("t0ken\n")),
        HostRule(match_host="127.0.0.1", username="bot", password=Secret("p w$'\"%")),
    ],
)
async def test_host_rules_open_private_repositories(private_server: GitHTTP, connect: Connect, rule: HostRule) -> None:
    """A token, or a name with a password of any characters, is given to git."""
    async with connect(rule) as client:
        assert len(await client.ls_remote(f"{private_server.url}/team/app.git")) == 3


async def test_credentials_in_the_url_open_them_too(private_server: GitHTTP, connect: Connect) -> None:
    """``https://user:password@host`` is understood, and hidden from everyone."""
    async with connect() as client:
        assert len(await client.ls_remote(f"http://x-access-token:t0ken@{private_server.host}/team/app.git")) == 3


async def test_secrets_are_not_among_the_arguments(
    private_server: GitHTTP, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other users of the machine can see of the process holds no password."""
    counted = CountedGit(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{counted.directory}:/usr/bin:/bin")
    async with connect(HostRule(match_host="127.0.0.1", token=Secret("t0ken"))) as client:
        await client.ls_remote(f"http://x-access-token:t0ken@{private_server.host}/team/app.git")
    assert counted.calls() == [f"ls-remote --tags --heads -- {private_server.url}/team/app.git"]


@pytest.mark.parametrize("rules", [[], [HostRule(match_host="127.0.0.1", token=Secret("wrong-t0ken"))]])
async def test_without_the_right_credentials_an_auth_error(
    private_server: GitHTTP, connect: Connect, rules: list[HostRule]
) -> None:
    """Nobody is prompted; the error says what to write, not what was tried."""
    async with connect(*rules) as client:
        with pytest.raises(AuthError, match="write a host rule") as caught:
            await client.ls_remote(f"{private_server.url}/team/app.git")
    assert "wrong-t0ken" not in str(caught.value)


async def test_another_host_hears_no_password(server: FaultyServer, other: FaultyServer, connect: Connect) -> None:
    """A redirect to another host does not take the credentials there, in no request."""
    who = answer(status=401, www_authenticate='Basic realm="git"')
    server.on(REFS, who, redirect(f"{other.url}{REFS}?service=git-upload-pack"))
    other.on(REFS, who)
    async with connect(HostRule(match_host=server.host, token=Secret("t0ken"))) as client:
        with pytest.raises(AuthError):
            await client.ls_remote(f"{server.url}/team/app.git")
    assert [("authorization" in seen.headers) for seen in server.seen] == [False, True]
    assert other.seen
    assert not any("authorization" in seen.headers for seen in other.seen)


async def test_plain_http_hears_no_password(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over unencrypted http git gets no credentials either."""
    program = tmp_path / "git"
    program.write_text(
        '#!/bin/sh\necho "0000000000000000000000000000000000000000\trefs/tags/${UPDATER_GIT_PASSWORD-none}"'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    async with connect(HostRule(match_host="git.example", token=Secret("t0ken"))) as client:
        assert list(await client.ls_remote("http://git.example/a")) == ["refs/tags/none"]
        assert list(await client.ls_remote("https://git.example/a")) == ["refs/tags/t0ken"]


# ---------------------------------------------------------------- routes


@pytest.mark.parametrize(
    "url", ["https://github.com/team/app.git", "git@github.com:team/app.git", "ssh://git@github.com/team/app.git"]
)
async def test_a_route_serves_the_host(private_server: GitHTTP, connect: Connect, url: str) -> None:
    """A routed host is asked where the route says, with its own credentials, whatever way the address is written."""
    rule = HostRule(match_host="github.com", token=Secret("t0ken"))
    async with connect(rule, routes={"github.com": private_server.url}) as client:
        assert len(await client.ls_remote(url)) == 3
        assert dict(client.requests) == {"github.com": 1}


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("fault", "kind", "attempts"),
    [
        (answer(status=403), AuthError, 1),
        (answer(status=404), NotFound, 1),
        (answer(status=429), RateLimited, 3),
        (answer(status=500), Unavailable, 3),
        (answer(b"<html>\n<p>hello</p>\n"), InvalidAnswer, 1),
        (dropped(), Unavailable, 3),
    ],
)
async def test_failures_are_typed(
    server: FaultyServer, connect: Connect, fault: object, kind: type[RequestError], attempts: int
) -> None:
    """What git complains about becomes the error that fits, and what may pass is tried again."""
    server.on(REFS, fault)  # type: ignore[arg-type]
    async with connect() as client:
        with pytest.raises(RequestError) as caught:
            await client.ls_remote(f"{server.url}/team/app.git")
        assert client.requests[server.host] == attempts
    assert type(caught.value) is kind
    assert server.host in str(caught.value)


async def test_a_dead_git_host_is_given_up(connect: Connect) -> None:
    """Git passes the same gate as everything else."""
    with FaultyServer() as gone:
        url, host = gone.url, gone.host
    async with connect() as client:
        for number in range(3):
            with pytest.raises(Unavailable, match="cannot be asked by git"):
                await client.ls_remote(f"{url}/{number}")
        with pytest.raises(Unavailable, match="is not asked again in this run"):
            await client.get(f"{url}/x")
        assert client.requests[host] == 9


async def test_a_silent_host_is_given_up(
    server: FaultyServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git is ended with all its children after a minute."""
    monkeypatch.setattr("updater.ls_remote._SECONDS", 0.2)
    server.on(REFS, never())
    async with connect() as client:
        with pytest.raises(Unavailable, match=r"did not answer git within 0\.2 s"):
            await client.ls_remote(f"{server.url}/team/app.git")


async def test_without_git_there_is_an_error(connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without git is told so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    async with connect() as client:
        with pytest.raises(RequestError, match="git cannot be started: No such file or directory"):
            await client.ls_remote("https://git.example/a")


@pytest.mark.parametrize("script", ["echo nonsense", "yes | head -c 2000"])
async def test_senseless_refs_are_an_invalid_answer(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """Lines that are no refs, or far too many of them, are refused."""
    monkeypatch.setattr("updater.ls_remote._MAX_BYTES", 1000)
    (tmp_path / "git").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    async with connect() as client:
        with pytest.raises(InvalidAnswer):
            await client.ls_remote("https://git.example/a")


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url",
    [
        "", "-oProxyCommand=x", "--upload-pack=x", "ext::sh -c id", "fd::17", "file:///etc", "/etc", "./here", "here",
        "ssh://-oProxyCommand=x/y", "ssh://-x@host/y", "-x@host:path", "host::path", "ftp://host/x", "https://", "https://h:port/",
        "git::https://host/x",
    ],
)  # fmt: skip
async def test_dangerous_addresses_are_refused(connect: Connect, url: str) -> None:
    """What git could take for an option, a program or a local path is not even tried."""
    async with connect() as client:
        with pytest.raises(RequestError, match="is not the address of a Git repository on a server"):
            await client.ls_remote(url)
        assert dict(client.requests) == {}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:p@Host.example/a.git", GitAddress(url="https://host.example/a.git", host="host.example")),
        ("http://host:8080/a", GitAddress(url="http://host:8080/a", host="host:8080")),
        ("ssh://git@host:22/a", GitAddress(url="ssh://git@host:22/a", host="host:22")),
        ("git@host:team/a.git", GitAddress(url="ssh://git@host/team/a.git", host="host")),
        ("host:/team/a.git", GitAddress(url="ssh://host/team/a.git", host="host")),
        ("git://host/a", GitAddress(url="git://host/a", host="host")),
    ],
)
def test_addresses_are_read(url: str, expected: GitAddress) -> None:
    """URLs lose their passwords; the style of scp becomes a URL."""
    assert parse_address(url) == expected


def test_ssh_addresses_have_a_web_twin() -> None:
    """The web address of an ssh address has neither its user nor its port; others stay."""
    assert over_https(parse_address("ssh://git@host:22/a")) == GitAddress(url="https://host/a", host="host")
    assert over_https(parse_address("http://host:8080/a")) == GitAddress(url="http://host:8080/a", host="host:8080")


async def test_a_directory_is_asked_only_if_allowed(repository: Bare, connect: Connect) -> None:
    """``file://`` works for who turned it on."""
    async with connect(local=True) as client:
        assert len(await client.ls_remote(f"file://{repository.path}")) == 3
