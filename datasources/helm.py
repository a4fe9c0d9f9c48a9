"""Versions of Helm charts, from chart repositories and from OCI registries.

* Asks for `REPOSITORY/index.yaml`, once for all charts of a repository; for a repository `oci://…` it asks the
  registry for the tags of `REPOSITORY/CHART`.
* Authenticates with the host rule of the repository: name and password, or a token.
* Brings versions with the time they were created, the version of the app inside, whether they are deprecated, the
  digest of the archive, and where the chart is developed. An OCI registry brings versions only.

For a pull request it fetches the archives of the old and of the new version, 16 MiB each at most, to compare them.

An index of 20 MB takes a fraction of a second and little memory. It must be complete: a truncated one is an error.

Example: `nginx` of `https://charts.bitnami.com/bitnami` → `18.2.0`, `18.2.1`, …;
`podinfo` of `oci://ghcr.io/stefanprodan/charts` → `6.7.0`, `6.7.1`, …
"""

from dataclasses import replace
from difflib import get_close_matches

from datasources import _helm_archives, _helm_index, _oci
from datasources._helm_charts import Charts, unpacked
from datasources._registries import base_url, first_that_knows
from updater.api import Client, NotFound, Package, Releases

NAME = "helm"
VERSIONING = "helm"


async def releases(package: Package, client: Client) -> Releases:
    """All versions of the chart ``package.name``; a name that begins with ``oci://`` needs no repository."""
    if package.name.startswith("oci://"):
        return await _in_registry(_oci.locate(package.name.removeprefix("oci://")), client)
    if not package.registry_urls:
        raise NotFound(f"it is not known in which repository the chart {package.name} is", url="")

    async def ask(repository_url: str) -> Releases:
        if repository_url.startswith("oci://") or "://" not in repository_url:  # Argo CD leaves oci:// out
            return await _in_registry(_oci.locate(package.name, repository_url), client)
        return await _in_repository(package.name, repository_url.rstrip("/"), client)

    return await first_that_knows(package.registry_urls, ask)


async def resume(package: Package, cursor: str, client: Client) -> Releases:
    """The versions that follow in a list of tags which was too long for one run."""
    places = [_oci.locate(package.name.removeprefix("oci://"), url) for url in package.registry_urls or (None,)]
    registry = cursor.partition(" ")[0]
    repository = next((place for place in places if place.registry == registry), places[0])
    return await _in_registry(repository, client, cursor)


async def archive(package: Package, version: str, client: Client) -> bytes:
    """The packaged chart ``version``."""
    if package.name.startswith("oci://"):
        return await _helm_archives.from_registry(_oci.locate(package.name.removeprefix("oci://")), version, client)
    if not package.registry_urls:
        raise NotFound(f"it is not known in which repository the chart {package.name} is", url="")

    async def ask(repository_url: str) -> bytes:
        if repository_url.startswith("oci://") or "://" not in repository_url:
            return await _helm_archives.from_registry(_oci.locate(package.name, repository_url), version, client)
        url = repository_url.rstrip("/")
        index = await client.once(f"helm index {url}", lambda: _index(url, client))
        return await _helm_archives.from_repository(index, package.name, version, client)

    return await first_that_knows(package.registry_urls, ask)


async def _in_registry(repository: _oci.Repository, client: Client, cursor: str | None = None) -> Releases:
    """A tag cannot hold the ``+`` of a version; Helm writes ``_`` (https://helm.sh/docs/topics/registries/)."""
    tags = await _oci.releases(repository, client, cursor)
    return replace(
        tags,
        releases=tuple(replace(tag, version=tag.version.replace("_", "+")) for tag in tags.releases),
        registry_url=f"oci://{repository.registry.partition('://')[2]}/{repository.name.rpartition('/')[0]}",
    )


async def _in_repository(chart: str, repository_url: str, client: Client) -> Releases:
    index = await client.once(f"helm index {repository_url}", lambda: _index(repository_url, client))
    if chart not in index.charts:
        near = get_close_matches(chart, index.charts, cutoff=0.5)
        hint = f"; it has {', '.join(near)}" if near else f", nor anything like it ({len(index.charts)} charts)"
        raise NotFound(f"{index.url} has no chart {chart}{hint}", url=index.url)
    found = index.releases(chart)
    if not found.releases:
        raise NotFound(f"{index.url} has no version of the chart {chart}", url=index.url)
    return found


async def _index(repository_url: str, client: Client) -> _helm_index.Index:
    answer = await client.get(f"{repository_url}/index.yaml", distil=Charts)
    return _helm_index.Index(f"{base_url(repository_url)}/index.yaml", unpacked(answer.content))
