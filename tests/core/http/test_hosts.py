"""Which host rule holds for which URL, and which credentials there are."""

import json
from pathlib import Path

import pytest

from tests.core.http.conftest import Connect
from updater.api import Credentials, Secret
from updater.credentials import DockerConfig, authorization, credentials_of
from updater.hosts import HostRule, HostRules, host_of, shown


@pytest.mark.parametrize(
    ("match_host", "url", "expected"),
    [
        ("ghcr.io", "https://ghcr.io/v2/", True),
        ("ghcr.io", "https://GHCR.io/v2/", True),
        ("GHCR.io", "https://ghcr.io/v2/", True),
        ("ghcr.io", "https://ghcr.io:8443/v2/", True),
        ("github.com", "https://api.github.com/repos", True),
        ("github.com", "https://evilgithub.com/", False),
        ("github.com", "https://github.com.evil.org/", False),
        ("api.github.com", "https://github.com/", False),
        (".example.com", "https://a.b.example.com/", True),
        (".example.com", "https://example.com/", False),
        ("https://gitlab.example.com", "https://gitlab.example.com/api", True),
        ("https://gitlab.example.com", "http://gitlab.example.com/api", False),
        ("https://gitlab.example.com", "https://gitlab.example.com.evil.org/", False),
        ("https://gitlab.example.com", "https://sub.gitlab.example.com/", False),
        ("https://gitlab.example.com", "https://gitlab.example.com:8443/", False),
        ("https://gitlab.example.com:8443/", "https://gitlab.example.com:8443/api", True),
        ("https://gitlab.example.com/team/", "https://gitlab.example.com/team/project", True),
        ("https://gitlab.example.com/team", "https://gitlab.example.com/team", True),
        ("https://gitlab.example.com/team", "https://gitlab.example.com/teamwork", False),
        ("registry.local:5000", "http://registry.local:5000/v2/", True),
        ("registry.local:5000", "https://registry.local/v2/", False),
        ("registry.local:443", "https://registry.local/v2/", True),
        ("example.com/charts", "https://example.com/charts/index.yaml", True),
        ("example.com/charts", "https://example.com/other", False),
        ("docker.io", "https://registry-1.docker.io/v2/", True),
        ("index.docker.io", "https://registry-1.docker.io/v2/", True),
        ("https://index.docker.io", "https://auth.docker.io/token", True),
        ("index.docker.io", "https://hub.docker.com/v2/", False),
        ("[::1]:5000", "http://[::1]:5000/", True),
        ("https://[broken", "https://broken/", False),
        ("", "https://ghcr.io/", False),
    ],
)
def test_match_host(match_host: str, url: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A host name matches itself and its subdomains, a URL what lies below it, and nothing that only looks alike."""
    rules = HostRules([HostRule(match_host=match_host, timeout=1)])
    assert (rules.for_url(url).timeout == 1) is expected


@pytest.mark.parametrize(
    ("host_type", "url", "expected"),
    [
        ("docker", "https://registry-1.docker.io/v2/", True),
        ("docker", "https://ghcr.io/v2/", False),
        ("github", "https://api.github.com/graphql", True),
        ("github-releases", "https://github.com/a/b", True),
        ("gitlab", "https://gitlab.com/api/v4", True),
        ("gitlab", "https://gitlab.example.com/api/v4", False),
        ("helm", "https://charts.example.com/", False),
    ],
)
def test_host_type_alone(host_type: str, url: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A rule with only a ``host_type`` is for the default hosts of that platform."""
    rules = HostRules([HostRule(host_type=host_type, timeout=1)])
    assert (rules.for_url(url).timeout == 1) is expected


def test_stronger_rules_win_field_by_field() -> None:
    """Nothing < host type < host < both; a longer host beats a shorter one, whatever the order they are written in."""
    url = "https://api.github.com/repos/a"
    rules = [
        HostRule(match_host="github.com", host_type="github", timeout=6),
        HostRule(match_host="https://api.github.com/repos", timeout=5, concurrent_request_limit=5),
        HostRule(match_host="github.com", timeout=4, concurrent_request_limit=4, max_retry_after=4),
        HostRule(host_type="github", timeout=3, max_retry_after=3, max_requests_per_second=3),
        HostRule(timeout=2, max_requests_per_second=2, insecure_registry=False),
    ]
    merged = HostRules(rules).for_url(url)
    assert (merged.timeout, merged.concurrent_request_limit, merged.max_retry_after) == (6, 5, 4)
    assert (merged.max_requests_per_second, merged.insecure_registry) == (3, False)


def test_headers_are_merged() -> None:
    """Headers of several rules are sent together."""
    rules = HostRules(
        [
            HostRule(match_host="example.com", headers={"X-A": "1", "X-B": "1"}),
            HostRule(match_host="https://example.com", headers={"X-B": "2"}),
        ]
    )
    assert rules.for_url("https://example.com/").headers == {"X-A": "1", "X-B": "2"}


def test_credentials_of_different_rules_never_mix() -> None:
    """A stronger rule with a token replaces name and password of a weaker one."""
    rules = HostRules(
        [
            HostRule(match_host="example.com", username="u", password=Secret("p")),
            HostRule(match_host="https://example.com/v2", token=Secret("t")),
        ]
    )
    below, beside = rules.for_url("https://example.com/v2/x"), rules.for_url("https://example.com/")
    assert credentials_of(below) == Credentials(token=Secret("t"))
    assert credentials_of(beside) == Credentials(username="u", password=Secret("p"))


def test_no_secret_is_for_everyone(caplog: pytest.LogCaptureFixture) -> None:
    """A rule that matches every request gives limits, but its token to nobody; that is told."""
    rules = HostRules([HostRule(token=Secret("t"), headers={"X-Key": "k"}, timeout=9)])
    rule = rules.for_url("https://anywhere.example/")
    assert (credentials_of(rule), dict(rule.headers), rule.timeout) == (None, {}, 9)
    assert "gives its credentials and headers to nobody" in caplog.text


def test_secrets_do_not_show() -> None:
    """Neither a rule nor its credentials show their secrets when printed."""
    rule = HostRule(
        match_host="h", password=Secret("hidden"), token=Secret("hidden"), headers={"X-Key": "hidden"}, username="u"
    )
    assert "hidden" not in f"{rule!r} {rule} {credentials_of(rule)!r} {HostRules([rule]).for_url('https://h/')!r}"


def test_no_credentials_no_authorization() -> None:
    """Credentials that hold nothing make an empty word."""
    assert authorization(Credentials(scheme="")) == ""


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Example.com:443/x", "example.com"),
        ("http://example.com:443/x", "example.com:443"),
        ("https://u:p@example.com:8443/x", "example.com:8443"),
        ("http://[::1]:5000/", "[::1]:5000"),
        ("ssh://git@host/x", "host"),
        ("nonsense", ""),
    ],
)
def test_host_of(url: str, host: str) -> None:
    """A host is named with its port, unless that is the usual one."""
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:p@h/x?token=t#f", "https://h/x"),
        ("https://u:p@[broken/x?token=t", "[broken/x"),
        ("git@h:x", "git@h:x"),
    ],
)
def test_shown_urls_have_no_secrets(url: str, expected: str) -> None:
    """What people see of a URL has neither credentials nor a query."""
    assert shown(url) == expected


# ---------------------------------------------------------------- the container configuration


def docker_config(tmp_path: Path, **content: object) -> DockerConfig:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(content))
    return DockerConfig(path, {"PATH": f"{tmp_path}:/usr/bin:/bin"})


def helper(tmp_path: Path, name: str, script: str) -> None:
    program = tmp_path / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.mark.parametrize("server", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/", "GHCR.io"])
def test_a_login_is_found(tmp_path: Path, server: str) -> None:
    """Name and password are those of ``docker login``, however the server was written."""
    config = docker_config(tmp_path, auths={server: {"auth": "dXNlcjpwOnc="}})
    assert config.credentials("ghcr.io") == Credentials(username="user", password=Secret("p:w"))
    assert config.credentials("quay.io") is None


@pytest.mark.parametrize("host", ["docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"])
def test_docker_hub_has_many_names(tmp_path: Path, host: str) -> None:
    """The login to Docker Hub is for all of its names."""
    config = docker_config(tmp_path, auths={"https://index.docker.io/v1/": {"auth": "dTpw"}})
    assert config.credentials(host) == Credentials(username="u", password=Secret("p"))


def test_an_identity_token_is_a_password(tmp_path: Path) -> None:
    """An identity token goes with the user name that the registries agreed on."""
    config = docker_config(tmp_path, auths={"a.example": {"auth": "dTpw", "identitytoken": "long"}})
    assert config.credentials("a.example") == Credentials(
        username="00000000-0000-0000-0000-000000000000", password=Secret("long")
    )


def test_a_helper_is_asked_once(tmp_path: Path) -> None:
    """The helper of a host gets the host on its input and answers with JSON; it runs once for all who ask."""
    helper(tmp_path, "test", f"""echo run >> {tmp_path}/runs; printf '{{"Username": "%s", "Secret": "s"}}' "$(cat)\"""")
    config = docker_config(tmp_path, credHelpers={"gcr.io": "test"}, credsStore="other")
    expected = Credentials(username="gcr.io", password=Secret("s"))
    assert [config.credentials("gcr.io") for _ in range(2)] == [expected] * 2
    assert (tmp_path / "runs").read_text() == "run\n"


def test_the_store_is_asked_for_logins_only(tmp_path: Path) -> None:
    """The credentials store is asked for the hosts that were logged in to, by the name used then."""
    helper(tmp_path, "test", """printf '{"Username": "<token>", "Secret": "%s"}' "$(cat)\"""")
    config = docker_config(tmp_path, auths={"https://index.docker.io/v1/": {}}, credsStore="test")
    assert config.credentials("docker.io") == Credentials(
        username="00000000-0000-0000-0000-000000000000", password=Secret("https://index.docker.io/v1/")
    )
    assert config.credentials("ghcr.io") is None


@pytest.mark.parametrize(
    "script", ["exit 1", "echo nonsense", "echo []", """echo '{"Username": 1}'""", """echo '{"Username": "u"}'"""]
)
def test_a_broken_helper_holds_nothing(tmp_path: Path, script: str) -> None:
    """A helper that fails or answers nonsense means no credentials, not the end."""
    helper(tmp_path, "test", script)
    assert docker_config(tmp_path, credHelpers={"h": "test"}).credentials("h") is None


def test_an_absent_or_hanging_helper_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that is not installed, or does not answer, means no credentials; nor can its name be a path."""
    monkeypatch.setattr("updater.credentials._HELPER_SECONDS", 0.05)
    helper(tmp_path, "slow", "exec sleep 5")
    config = docker_config(tmp_path, credHelpers={"a": "absent", "b": "slow", "c": "../../bin/echo"})
    assert [config.credentials(host) for host in "abc"] == [None, None, None]


@pytest.mark.parametrize(
    "content",
    [
        "", "nonsense", "[]", "[" * 100_000, '{"auths": []}', '{"auths": {"h": []}}', '{"auths": {"h": {}}}',
        '{"auths": {"h": {"auth": "%"}}}', '{"auths": {"h": {"auth": "/w=="}}}', '{"auths": {"h": {"auth": "Og=="}}}',
        '{"credHelpers": {"h": 5}}', '{"auths": {"h": {}}, "credsStore": {}}', '{"auths": {"h": {"auth": 5}}}',
    ],
)  # fmt: skip
def test_a_broken_file_holds_nothing(tmp_path: Path, content: str) -> None:
    """Whatever stands in the file, there are no credentials rather than a crash."""
    path = tmp_path / "config.json"
    path.write_text(content)
    assert DockerConfig(path, {}).credentials("h") is None


def test_the_default_file_is_the_users(tmp_path: Path) -> None:
    """$DOCKER_CONFIG names the directory; else it is .docker in the home directory."""
    for directory in (tmp_path / "named", tmp_path / ".docker"):
        directory.mkdir()
        (directory / "config.json").write_text(json.dumps({"auths": {directory.name: {"auth": "dTpw"}}}))
    named = DockerConfig(environment={"DOCKER_CONFIG": str(tmp_path / "named")})
    usual = DockerConfig(environment={"HOME": str(tmp_path)})
    absent = DockerConfig(environment={"HOME": str(tmp_path / "absent")})
    found = [config.credentials(host) for config, host in ((named, "named"), (usual, ".docker"), (absent, "h"))]
    assert [entry is not None for entry in found] == [True, True, False]


async def test_the_client_prefers_host_rules(tmp_path: Path, connect: Connect) -> None:
    """The host rules come first, then the container configuration, then nothing."""
    auths = {"ghcr.io": {"auth": "dTpw"}, "quay.io": {"auth": "dTpw"}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    async with connect(HostRule(match_host="ghcr.io", token=Secret("t"))) as client:
        assert client.credentials("https://ghcr.io/v2/") == Credentials(token=Secret("t"))
        assert client.credentials("https://quay.io/v2/") == Credentials(username="u", password=Secret("p"))
        assert client.credentials("https://gcr.io/v2/") is None
        assert client.credentials("https://[broken") is None


def test_a_rule_does_not_show_its_headers() -> None:
    """They can hold a token as well as anything else."""
    shown_rule = repr(HostRule(match_host="ghcr.io", headers={"X-Token": "hunter2"}, token=Secret("hunter3")))

    assert "ghcr.io" in shown_rule
    assert "hunter" not in shown_rule
