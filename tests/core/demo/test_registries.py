import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import yaml

from updater.demo.artifacts import store
from updater.demo.catalog import CHARTS, IMAGES, MODULES, PLATFORMS, PROVIDERS, REPOSITORIES, instant
from updater.demo.registries import PAGE, Registries, serve

INDEX = "application/vnd.oci.image.index.v1+json"
HUB_TOKEN = "https://auth.docker.io/token"


@dataclass(frozen=True, slots=True)
class World:
    """An internet that consists of the registries of the demo."""

    registries: Registries
    client: httpx.Client

    def ask(self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> httpx.Response:
        host = urlsplit(url).netloc
        target = self.registries.routes[host] + url.removeprefix(f"https://{host}")
        return self.client.request(method, target, headers={"Host": host, **(headers or {})})

    def authorization(self, realm: str, repository: str) -> dict[str, str]:
        answer = self.ask(f"{realm}?service=any&scope=repository:{repository}:pull")
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def pages(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        following: str | None = url
        while following:
            page = self.ask(following, headers=headers)
            yield page
            link = page.links.get("next")
            following = urljoin(url, link["url"]) if link else None


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serve() as registries, httpx.Client() as client:
        yield World(registries, client)


# ---------------------------------------------------------------- the server


def test_a_host_is_found_by_the_host_header_alone(world: World) -> None:
    """Without the prefix of a route, the Host header says who is meant."""
    base = world.registries.routes["quay.io"].partition("/_host/")[0]
    answers = {host: world.client.get(f"{base}/v2/", headers={"Host": host}) for host in ("quay.io", "ghcr.io")}
    assert {host: answer.status_code for host, answer in answers.items()} == {"quay.io": 200, "ghcr.io": 401}


def test_a_route_needs_no_host_header(world: World) -> None:
    """The prefix of a route says who is meant, whatever the Host header says."""
    assert world.client.get(f"{world.registries.routes['quay.io']}/v2/").status_code == 200


def test_an_unknown_host_is_not_found(world: World) -> None:
    """A host that the demo does not play answers 404."""
    base = world.registries.routes["quay.io"].partition("/_host/")[0]
    assert world.client.get(f"{base}/v2/", headers={"Host": "registry.example.com"}).status_code == 404


def test_every_answer_is_noted(world: World) -> None:
    """The log holds method, host, path with query, and status."""
    world.ask("https://quay.io/v2/nobody/nothing/tags/list?n=3", method="HEAD")
    assert world.registries.requests[-1] == ("HEAD", "quay.io", "/v2/nobody/nothing/tags/list?n=3", 404)


def test_the_end_of_the_block_is_the_end_of_the_server() -> None:
    """After the block nobody listens on the port any more."""
    with serve() as registries:
        url = f"{registries.routes['quay.io']}/v2/"
        assert httpx.get(url).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


# ---------------------------------------------------------------- container registries


@pytest.mark.parametrize(
    ("registry", "repository", "challenge"),
    [
        ("ghcr.io", "acme/api", 'Bearer realm="https://ghcr.io/token",service="ghcr.io"'),
        (
            "registry-1.docker.io",
            "library/nginx",
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
        ),
    ],
)
def test_a_registry_says_where_to_get_a_token(world: World, registry: str, repository: str, challenge: str) -> None:
    """Without a token the answer is 401 with realm, service and scope; with the token from there it is 200."""
    url = f"https://{registry}/v2/{repository}/tags/list"
    refused = world.ask(url)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == f'{challenge},scope="repository:{repository}:pull"'
    realm = challenge.split('"')[1]
    assert world.ask(url, headers=world.authorization(realm, repository)).status_code == 200


def test_a_token_is_good_for_its_repository_only(world: World) -> None:
    """The token of one repository opens no other one."""
    headers = world.authorization("https://ghcr.io/token", "acme/api")
    assert world.ask("https://ghcr.io/v2/acme/web/tags/list", headers=headers).status_code == 401


@pytest.mark.parametrize("url", ["https://quay.io/v2/", "https://registry.k8s.io/v2/kubectl/tags/list"])
def test_some_registries_are_open(world: World, url: str) -> None:
    """Quay and registry.k8s.io answer without a token."""
    assert world.ask(url).status_code == 200


@pytest.mark.parametrize("query", ["?n=1000", "?n=7", "?n=none", ""])
def test_the_pages_make_up_the_whole_list_of_tags(world: World, query: str) -> None:
    """Following the links brings every tag once, in lexical order, in several pages."""
    headers = world.authorization(HUB_TOKEN, "library/nginx")
    pages = list(world.pages(f"https://registry-1.docker.io/v2/library/nginx/tags/list{query}", headers))
    image = IMAGES["registry-1.docker.io"]["library/nginx"]
    assert [tag for page in pages for tag in page.json()["tags"]] == sorted({*image.tags, *image.moving})
    assert all(len(page.json()["tags"]) <= PAGE for page in pages)
    assert len(pages) > 1


def test_googles_registry_tells_when_a_tag_was_uploaded(world: World) -> None:
    """registry.k8s.io has digest and time of upload beside the tags."""
    listing = world.ask("https://registry.k8s.io/v2/kubectl/tags/list").json()
    digest = store("registry.k8s.io", "kubectl").tags["v1.34.2"]
    assert listing["manifest"][digest] == {"tag": ["v1.34.2"], "timeUploadedMs": "1792573200000"}


def test_a_digest_is_that_of_the_bytes(world: World) -> None:
    """HEAD and GET, by tag and by digest, name the SHA-256 of what GET brings."""
    url, headers = "https://ghcr.io/v2/acme/api/manifests/", world.authorization("https://ghcr.io/token", "acme/api")
    body = world.ask(f"{url}1.4.2", headers=headers)
    digest = f"sha256:{hashlib.sha256(body.content).hexdigest()}"
    head = world.ask(f"{url}1.4.2", method="HEAD", headers=headers)
    by_digest = world.ask(f"{url}{digest}", headers=headers)
    assert [answer.headers["Docker-Content-Digest"] for answer in (body, head, by_digest)] == [digest] * 3
    assert head.headers["Content-Length"] == str(len(body.content))
    assert head.content == b""


def test_an_image_leads_to_its_configuration(world: World) -> None:
    """Index, manifest of a platform and configuration hang together; the configuration tells date and source."""
    url, headers = "https://ghcr.io/v2/acme/api", world.authorization("https://ghcr.io/token", "acme/api")
    index = world.ask(f"{url}/manifests/1.6.0", headers=headers).json()
    assert [entry["platform"]["architecture"] for entry in index["manifests"]] == ["amd64", "arm64"]
    manifest = world.ask(f"{url}/manifests/{index['manifests'][1]['digest']}", headers=headers).json()
    config = world.ask(f"{url}/blobs/{manifest['config']['digest']}", headers=headers).json()
    assert (config["created"], config["architecture"]) == ("2026-09-14T09:00:00Z", "arm64")
    assert config["config"]["Labels"] == {
        "org.opencontainers.image.created": "2026-09-14T09:00:00Z",
        "org.opencontainers.image.source": "https://github.com/acme/api",
        "org.opencontainers.image.version": "1.6.0",
    }


def test_everything_a_manifest_refers_to_is_there() -> None:
    """Each descriptor of each image leads to a blob of that size and type."""
    for host, repositories in IMAGES.items():
        for repository in repositories:
            blobs = store(host, repository).blobs
            for blob in blobs.values():
                if not blob.media_type.endswith(("index.v1+json", "manifest.v1+json")):
                    continue
                document = json.loads(blob.content)
                for part in document.get("manifests") or [document["config"], *document["layers"]]:
                    target = blobs[part["digest"]]
                    assert (part["size"], part["mediaType"]) == (len(target.content), target.media_type)


def test_a_moving_tag_has_the_digest_of_what_it_stands_on() -> None:
    """``latest`` is the same image as the version it was set to."""
    tags = store("ghcr.io", "acme/api").tags
    assert tags["latest"] == tags["1.6.0"] != tags["1.5.1"]


def test_an_index_is_not_forced_on_those_who_exclude_it(world: World) -> None:
    """A client that does not accept indexes gets 404, as from the real registries."""
    url = "https://quay.io/v2/prometheus/prometheus/manifests/v2.53.0"
    other = "application/vnd.docker.distribution.manifest.v2+json"
    assert world.ask(url, headers={"Accept": other}).status_code == 404
    assert world.ask(url, headers={"Accept": f"{other}, {INDEX}"}).status_code == 200


def test_a_chart_in_a_registry_says_what_it_is(world: World) -> None:
    """A Helm chart has a manifest with Helm's own types, with the date among its annotations."""
    repository = "external-secrets/charts/external-secrets"
    url, headers = f"https://ghcr.io/v2/{repository}", world.authorization("https://ghcr.io/token", repository)
    manifest = world.ask(f"{url}/manifests/0.20.4", headers=headers).json()
    assert manifest["config"]["mediaType"] == "application/vnd.cncf.helm.config.v1+json"
    assert manifest["annotations"]["org.opencontainers.image.created"] == "2026-08-19T09:00:00Z"
    chart = world.ask(f"{url}/blobs/{manifest['config']['digest']}", headers=headers).json()
    assert (chart["name"], chart["version"]) == ("external-secrets", "0.20.4")


@pytest.mark.parametrize("path", ["nobody/nothing/tags/list", "prometheus/prometheus/manifests/v0.0.0"])
def test_a_registry_does_not_know_everything(world: World, path: str) -> None:
    """An unknown repository or tag is a 404 with an error in JSON."""
    answer = world.ask(f"https://quay.io/v2/{path}")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] in ("NAME_UNKNOWN", "MANIFEST_UNKNOWN")


# ---------------------------------------------------------------- Helm repositories


@pytest.mark.parametrize("url", CHARTS)
def test_an_index_lists_the_charts_in_helms_own_form(world: World, url: str) -> None:
    """The index is YAML as Helm writes it: keys sorted, lists not indented, latest version first, dates as text."""
    text = world.ask(f"{url}/index.yaml").text
    index = yaml.safe_load(text)
    assert text == yaml.safe_dump(index, width=1_000).replace("'", '"')
    for name, chart in CHARTS[url].items():
        listed = [(entry["version"], entry["created"], entry["appVersion"]) for entry in index["entries"][name]]
        offered = [(version, instant(date), app) for version, (date, app) in chart.versions.items()]
        assert listed == offered[::-1]


def test_an_index_that_is_known_is_not_sent_again(world: World) -> None:
    """With the ETag of the last answer the next one is an empty 304."""
    url = "https://charts.jetstack.io/index.yaml"
    etag = world.ask(url).headers["ETag"]
    again = world.ask(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert world.ask(url, headers={"If-None-Match": '"another"'}).status_code == 200


def test_a_helm_repository_is_found_by_its_path_too(world: World) -> None:
    """On a host with several repositories only the right path has an index."""
    assert world.ask("https://kubernetes.github.io/index.yaml").status_code == 404


# ---------------------------------------------------------------- Terraform


def test_terraform_finds_its_services(world: World) -> None:
    """Service discovery leads to providers and modules."""
    services = world.ask("https://registry.terraform.io/.well-known/terraform.json").json()
    assert services == {"modules.v1": "/v1/modules/", "providers.v1": "/v1/providers/"}


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_package_of_a_provider_is_what_its_checksums_say(world: World, name: str) -> None:
    """For each platform: package, checksum in the registry and line in SHA256SUMS agree."""
    base = f"https://registry.terraform.io/v1/providers/{name}"
    offered = world.ask(f"{base}/versions").json()["versions"]
    assert [version["version"] for version in offered] == list(PROVIDERS[name].versions)
    newest = offered[-1]
    assert {f"{platform['os']}_{platform['arch']}" for platform in newest["platforms"]} == set(PLATFORMS)
    for platform in newest["platforms"]:
        place = f"{base}/{newest['version']}/download/{platform['os']}/{platform['arch']}"
        package = world.ask(place).json()
        content = world.ask(package["download_url"]).content
        assert hashlib.sha256(content).hexdigest() == package["shasum"]
        assert f"{package['shasum']}  {package['filename']}\n" in world.ask(package["shasums_url"]).text


@pytest.mark.parametrize("path", ["hashicorp/none/versions", "hashicorp/aws/9.9.9/download/linux/amd64"])
def test_unknown_providers_are_not_found(world: World, path: str) -> None:
    """A provider or version that is not offered is a 404."""
    assert world.ask(f"https://registry.terraform.io/v1/providers/{path}").status_code == 404


def test_the_second_api_knows_the_dates_of_providers(world: World) -> None:
    """The JSON:API includes versions with their dates if it is asked to."""
    url = "https://registry.terraform.io/v2/providers/hashicorp/random"
    document = world.ask(f"{url}?include=provider-versions").json()
    dates = {item["attributes"]["version"]: item["attributes"]["published-at"] for item in document["included"]}
    assert dates == {version: instant(date) for version, date in PROVIDERS["hashicorp/random"].versions.items()}
    assert document["data"]["attributes"]["source"] == "https://github.com/hashicorp/terraform-provider-random"
    assert "included" not in world.ask(url).json()


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_listed_by_both_apis(world: World, name: str) -> None:
    """The documented protocol and the JSON:API name the same versions."""
    documented = world.ask(f"https://registry.terraform.io/v1/modules/{name}/versions").json()
    dated = world.ask(f"https://registry.terraform.io/v2/modules/{name}?include=module-versions").json()
    assert [version["version"] for version in documented["modules"][0]["versions"]] == list(MODULES[name])
    assert [item["attributes"]["version"] for item in dated["included"]] == list(MODULES[name])


# ---------------------------------------------------------------- GitHub and Git


def test_releases_on_github_say_whether_they_are_final(world: World) -> None:
    """Terraform's release candidates and alphas are marked, the others are not."""
    releases = world.ask("https://api.github.com/repos/hashicorp/terraform/releases").json()
    assert {release["tag_name"] for release in releases if release["prerelease"]} == {
        "v1.14.0-rc1",
        "v1.15.0-alpha20261021",
    }
    assert {release["tag_name"]: release["published_at"] for release in releases} == {
        tag: instant(date) for tag, date in REPOSITORIES["hashicorp/terraform"].tags.items()
    }


def test_github_pages_and_revalidates(world: World) -> None:
    """Tags come in pages that link to the next; a page that is known is a 304."""
    url = "https://api.github.com/repos/acme/terraform-modules/tags?per_page=3"
    pages = list(world.pages(url))
    assert [len(page.json()) for page in pages] == [3, 3, 2]
    assert {tag["name"] for page in pages for tag in page.json()} == set(REPOSITORIES["acme/terraform-modules"].tags)
    assert world.ask(url, headers={"If-None-Match": pages[0].headers["ETag"]}).status_code == 304


def test_a_tag_need_not_be_a_release(world: World) -> None:
    """A repository that only tags has an empty list of releases; an unknown one is a 404."""
    assert world.ask("https://api.github.com/repos/acme/terraform-modules/releases").json() == []
    assert world.ask("https://api.github.com/repos/acme/nothing/releases").status_code == 404


def ls_remote(world: World, url: str) -> subprocess.CompletedProcess[str]:
    rewrite = f"url.{world.registries.routes['github.com']}/.insteadOf=https://github.com/"
    command = ["git", "-c", rewrite, "ls-remote", "--tags", "--heads", url]
    environment = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("suffix", ["", ".git"])
def test_git_lists_tags_and_what_they_stand_on(world: World, suffix: str) -> None:
    """``git ls-remote`` sees every tag, annotated ones with their commit, the one that the REST API names."""
    output = ls_remote(world, f"https://github.com/acme/terraform-modules{suffix}").stdout
    references = {name: target for target, name in (line.split("\t") for line in output.splitlines())}
    tags = world.ask("https://api.github.com/repos/acme/terraform-modules/tags").json()
    assert {f"refs/tags/{tag['name']}^{{}}": tag["commit"]["sha"] for tag in tags}.items() <= references.items()
    assert "refs/heads/main" in references
    assert references["refs/tags/v1.2.0"] != references["refs/tags/v1.2.0^{}"]


def test_git_sees_lightweight_tags_as_they_are(world: World) -> None:
    """A tag without annotation is listed once, with its commit."""
    output = ls_remote(world, "https://github.com/acme/platform-manifests.git").stdout
    assert output.count("refs/tags/v0.9.0") == 1


def test_git_is_told_of_a_repository_that_is_not_there(world: World) -> None:
    """An unknown repository is "not found" to git."""
    result = ls_remote(world, "https://github.com/acme/nothing.git")
    assert result.returncode == 128
    assert "not found" in result.stderr
