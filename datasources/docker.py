"""Tags of container images, from any registry.

* Asks the registry itself: `/v2/NAME/tags/list`, all pages. A name without a host is looked up on Docker Hub.
  Public images of quay.io are looked up in its web API, which needs no token.
* Authenticates with the host rule of the registry, or else the container configuration (`~/.docker/config.json` and
  the `docker-credential-…` programs it names), with name and password or with a token; without either it asks
  anonymously, fetching the anonymous token that Docker Hub and others want. For a private registry of Amazon's
  (`….dkr.ecr.REGION.amazonaws.com`) it asks AWS for the password, with the credentials that AWS tools find by
  themselves, or with an access key and its secret as the name and password of the host rule. That needs botocore:
  `pip install 'gitops-updater[aws]'`.
  For a private image of Google's (`….pkg.dev`, `gcr.io`) it shows the
  key of a service account that `GOOGLE_APPLICATION_CREDENTIALS` names, or says who the machine or pod works for, if
  that runs at Google's; for one of Azure's (`….azurecr.io`) the service principal in `AZURE_CLIENT_ID` and
  `AZURE_CLIENT_SECRET`. What needs a login of another kind is opened by the credential helper of its cloud.
* Brings the tags; from Google's registries and quay.io also digests and when they were pushed. All else is asked for
  only when a version may become a pull request: the manifest, which tells digest and platforms at once, or a HEAD
  request where only the digest is wanted; the date from the web API of Docker Hub or quay.io, elsewhere from the
  manifest and the configuration of the image; from there also where it is developed, once a month for each image. Of a
  tag on Docker Hub the web API tells all three, which is no pull.

What a tag stands for is asked again after a day when it is proposed, after half an hour where its digest is written
down, and after a week when it is in use; what a digest stands for, never. `--refresh` asks about all tags anew.

An image needs one request; where tokens are wanted, up to 20 images share one more. Signatures and attestations
(`sha256-….sig`) are no versions.

A list of more than 100 pages is read in portions, 100 pages in each run; until it is read, the next versions after
those in use are looked for by name. Only Docker Hub and quay.io tell what was pushed last: of more than 100,000 tags on
Docker Hub the 1,000 pushed last are known from the start, and on quay.io the 10,000 pushed last are all that is taken.
Docker Hub's web API also takes the place of its registry while that is down or has had enough, for images with up to
1,000 tags.

Example: `ghcr.io/fluxcd/source-controller` → `v1.4.1`, `v1.5.0`, …
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from datasources import _docker_forward, _docker_hub, _oci, _oci_images, _quay
from datasources._oci_names import DOCKER_HUB, Repository
from datasources._registries import first_that_knows
from updater.api import (
    AuthError,
    Client,
    InvalidAnswer,
    NotFound,
    Package,
    Published,
    RateLimited,
    Releases,
    RequestError,
    Unavailable,
)

NAME = "docker"
VERSIONING = "docker"


async def releases(package: Package, client: Client) -> Releases:
    """All tags of the image ``package.name``; ``registry_urls`` are mirrors that are asked in its place."""

    async def ask(registry_url: str | None) -> Releases:
        return await _tags(_oci.locate(package.name, registry_url), client)

    return await first_that_knows(package.registry_urls or (None,), ask)


async def resume(package: Package, cursor: str, client: Client) -> Releases:
    """The tags that follow in a list which was too long for one run."""
    registry = cursor.partition(" ")[0]
    places = [_oci.locate(package.name, registry_url) for registry_url in package.registry_urls or (None,)]
    repository = next((place for place in places if place.registry == registry), places[0])
    return await _oci.releases(repository, client, cursor)


async def digest(package: Package, version: str, client: Client) -> str:
    """The digest that the tag ``version`` has now: that of the index for an image of several platforms."""

    async def ask(registry_url: str | None) -> str:
        return await _oci.digest(_oci.locate(package.name, registry_url), version, client)

    return await first_that_knows(package.registry_urls or (None,), ask)


async def published(package: Package, version: str, client: Client) -> Published | None:
    """When the tag ``version`` was pushed, if the registry tells that, or else when the image was built."""

    async def ask(registry_url: str | None) -> Published | None:
        return await _published(_oci.locate(package.name, registry_url), version, client)

    return await first_that_knows(package.registry_urls or (None,), ask)


async def platforms(package: Package, version: str, client: Client) -> frozenset[str]:
    """The platforms of the tag or digest ``version``; empty for what is no image, or does not say."""

    async def ask(registry_url: str | None) -> frozenset[str]:
        return await _platforms(_oci.locate(package.name, registry_url), version, client)

    return await first_that_knows(package.registry_urls or (None,), ask)


async def origin(package: Package, version: str, client: Client) -> str | None:
    """The source repository that the image ``version`` names in ``org.opencontainers.image.source``."""

    async def ask(registry_url: str | None) -> str | None:
        return await _oci_images.origin(_oci.locate(package.name, registry_url), version, client)

    return await first_that_knows(package.registry_urls or (None,), ask)


async def newer(package: Package, version: str, client: Client) -> Releases:
    """The versions after the tag ``version``, found by asking for each by name, without a list."""

    async def ask(registry_url: str | None) -> Releases:
        repository = _oci.locate(package.name, registry_url)
        found = await _docker_forward.newer(repository, version, client)
        return Releases(releases=found, registry_url=repository.registry, complete=False)

    return await first_that_knows(package.registry_urls or (None,), ask)


# ---------------------------------------------------------------- tags


async def _tags(repository: Repository, client: Client) -> Releases:
    if repository.registry == DOCKER_HUB:
        return await _tags_of_docker_hub(repository, client)
    if _is_public_quay(repository, client):
        with suppress(AuthError, NotFound):  # it may be private
            found, is_all = await _quay.releases(repository, client)
            return Releases(releases=found, registry_url=repository.registry, complete=is_all)
    return await _oci.releases(repository, client)


async def _tags_of_docker_hub(repository: Repository, client: Client) -> Releases:
    """The registry's list: two requests at most, where the web API needs one for every hundred tags.

    While the registry fails, a part of the list is no substitute: the newest version may have been pushed long ago,
    and what is offered would change with every failure. Only where the whole is too long for one run, a part has to do.
    """
    try:
        listed = await _oci.releases(repository, client)
    except (InvalidAnswer, RateLimited, Unavailable) as error:
        return await _in_place_of_the_list(repository, client, error)
    if listed.complete:
        return listed
    with suppress(RequestError):
        newest, _ = await _docker_hub.newest(repository, client)
        together = {release.version: release for release in (*listed.releases, *newest)}
        return replace(listed, releases=tuple(together.values()))
    return listed


async def _in_place_of_the_list(repository: Repository, client: Client, error: RequestError) -> Releases:
    try:
        found, count = await _docker_hub.newest(repository, client)
    except RequestError:
        raise error from None
    if not found or len(found) < count:
        raise error
    return Releases(releases=found, registry_url=repository.registry)


# ---------------------------------------------------------------- one tag


async def _published(repository: Repository, version: str, client: Client) -> Published | None:
    """Only where nobody knows when it was pushed, the time of building counts; not while nobody can be asked."""
    try:
        when = await _pushed(repository, version, client)
    except (AuthError, NotFound):
        when = None  # what is private, the web APIs do not show
    if when is not None:
        return Published(when=when, evidence="pushed", by_registry=True)
    return await _oci_images.published(repository, version, client)


async def _pushed(repository: Repository, version: str, client: Client) -> datetime | None:
    if repository.registry == DOCKER_HUB:
        return (await _docker_hub.tag(repository, version, client)).published
    if _is_public_quay(repository, client):
        return (await _quay.tag(repository, version, client)).published
    return None


async def _platforms(repository: Repository, version: str, client: Client) -> frozenset[str]:
    if repository.registry == DOCKER_HUB and not version.startswith("sha256:"):
        with suppress(RequestError):  # it is private, or only the registry answers
            tag = await _docker_hub.tag(repository, version, client)
            if tag.digest is not None:
                await _oci.note_digest(repository, version, tag.digest, client)
            return tag.platforms
    return await _oci_images.platforms(repository, version, client)


def _is_public_quay(repository: Repository, client: Client) -> bool:
    return repository.registry == _quay.REGISTRY and client.credentials(repository.registry) is None
