"""Private registries of Amazon's: what opens them, and what is said where nothing does."""

import asyncio
import base64
import sys
from pathlib import Path

import pytest

from datasources import _ecr, docker
from tests.datasources.conftest import Connect
from tests.servers import Reply, Request
from tests.servers.pages import PagedRegistry
from tests.servers.registry_apis import Aws
from updater.api import AuthError, Package, Secret
from updater.hosts import HostRule

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
API = "api.ecr.eu-central-1.amazonaws.com"
KEY, SECRET, PASSWORD = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "eyJ-password"


def image(name: str) -> Package:
    return Package(datasource="docker", name=f"{HOST}/{name}")


def for_password(password: str) -> PagedRegistry:
    """A registry that wants the password AWS gives out, and no pages of more than 1,000."""
    right = "Basic " + base64.b64encode(f"AWS:{password}".encode()).decode()

    def answer(request: Request) -> Reply | None:
        if request.headers.get("authorization") != right:
            return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="https://ecr",service="ecr"'})
        return Reply(status=405) if int(request.query.get("n", 0)) > 1_000 else None

    server = PagedRegistry({"app": ["1.0.0"], "other": ["2.0.0"]})
    server.fault = answer
    return server


@pytest.fixture
def only_these_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing of this machine's AWS configuration counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return monkeypatch


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (HOST, "eu-central-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("123456789012.dkr-ecr.us-east-1.on.aws", "us-east-1"),
        ("public.ecr.aws", None),
        ("ghcr.io", None),
        (f"{HOST}.example.com", None),
    ],
)
def test_which_hosts_are_amazon_s(host: str, region: str | None) -> None:
    """Only the names that Amazon gives to its registries are shown what AWS gives out."""
    assert _ecr.region_of(host) == region


async def test_a_ready_password(connect: Connect) -> None:
    """A host rule with the name AWS and a password is taken as it is: one request."""
    rule = HostRule(match_host=HOST, username="AWS", password=Secret(PASSWORD))
    with for_password(PASSWORD) as server:
        async with connect({HOST: server.url}, rule) as client:
            assert len((await docker.releases(image("app"), client)).releases) == 1
    assert len(server.requests) == 1


async def test_without_the_extra_there_is_advice(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where botocore is not installed the error says what to write or to install, and nothing is sent."""
    monkeypatch.setitem(sys.modules, "botocore", None)
    for name in [name for name in sys.modules if name.startswith("botocore.")]:
        monkeypatch.delitem(sys.modules, name)
    with for_password(PASSWORD) as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(AuthError, match=r"host rule.*docker-credential-ecr-login.*gitops-updater\[aws\]"):
                await docker.releases(image("app"), client)
    assert server.requests == []


async def test_credentials_from_the_environment(connect: Connect, only_these_credentials: pytest.MonkeyPatch) -> None:
    """AWS is asked once for all images of a region, with the credentials its own tools would find."""
    pytest.importorskip("botocore", reason="the extra aws is not installed")
    only_these_credentials.setenv("AWS_ACCESS_KEY_ID", KEY)
    only_these_credentials.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with Aws(key=KEY, secret=SECRET, region="eu-central-1", password=PASSWORD) as aws, for_password(PASSWORD) as server:
        async with connect({HOST: server.url, API: aws.url}) as client:
            await asyncio.gather(*(docker.releases(image(name), client) for name in ("app", "other")))
    assert [asked.status for asked in (*aws.requests, *server.requests)] == [200, 200, 200]


async def test_an_access_key_in_a_host_rule(connect: Connect) -> None:
    """An access key and its secret as name and password are exchanged for what opens the registry."""
    pytest.importorskip("botocore", reason="the extra aws is not installed")
    rule = HostRule(match_host=HOST, username=KEY, password=Secret(SECRET))
    with Aws(key=KEY, secret=SECRET, region="eu-central-1", password=PASSWORD) as aws, for_password(PASSWORD) as server:
        async with connect({HOST: server.url, API: aws.url}, rule) as client:
            assert len((await docker.releases(image("app"), client)).releases) == 1


async def test_a_wrong_access_key(connect: Connect) -> None:
    """AWS does not accept it: AuthError with its reason, and without the secret."""
    pytest.importorskip("botocore", reason="the extra aws is not installed")
    rule = HostRule(match_host=HOST, username=KEY, password=Secret("wrong"))
    with Aws(key=KEY, secret=SECRET, region="eu-central-1", password=PASSWORD) as aws, for_password(PASSWORD) as server:
        async with connect({HOST: server.url, API: aws.url}, rule) as client:
            with pytest.raises(AuthError, match="UnrecognizedClientException"):
                await docker.releases(image("app"), client)


async def test_no_credentials_at_all(connect: Connect, only_these_credentials: pytest.MonkeyPatch) -> None:
    """Where the usual places hold nothing, the error says so and nothing is sent."""
    pytest.importorskip("botocore", reason="the extra aws is not installed")
    only_these_credentials.setenv("HOME", "/nonexistent")
    with for_password(PASSWORD) as server:
        async with connect({HOST: server.url}) as client:
            with pytest.raises(AuthError, match="no AWS credentials"):
                await docker.releases(image("app"), client)
    assert server.requests == []
