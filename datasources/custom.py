r"""Versions from any address, as the configuration describes it.

* Asks the address in `registryUrls`, or else `defaultRegistryUrlTemplate` with `packageName` (and `currentValue`)
  filled in, one request for each package. An address `file://versions/app.json` is a file of the repository itself.
* Authenticates with the host rule of the address, if it wants any.
* Brings what the answer says: versions, and where it has them `releaseTimestamp`, `digest`, `isDeprecated`, `isStable`
  and `sourceUrl`.

A member of `customDatasources` in the configuration, here `k3s`, is asked by the name `custom.k3s`, which may stand
wherever the name of a datasource may: in custom managers, in comments, in package rules.

    "customDatasources": {
      "k3s": {
        "defaultRegistryUrlTemplate": "https://update.k3s.io/v1-release/channels",
        "transformTemplates": ["{\"releases\": [{\"version\": data[id = 'stable'].latest}]}"]
      }
    }

`format` says what the answer is: `json` (the default), `yaml` and `toml` are documents, `plain` is a version in each
line, `html` a page whose links are versions, to be cut out by `extractVersion`. In YAML `1.10` is text, not a number.
`transformTemplates` are JSONata expressions; the first sees the document, each other what the one before has made, and
the last makes `{"releases": [{"version": "1.2.3"}]}`. They may take a million steps, 100 within
each other, and regular expressions in them run on RE2. An answer may have 16 MiB.

Example: `k3s`, asked as `custom.k3s` with the lines above → `v1.33.4+k3s1`
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from datasources._answers import moment, text_or_none
from datasources._registries import base_url, first_that_knows
from updater.api import (
    Client,
    Datasource,
    Files,
    InvalidAnswer,
    NotFound,
    Package,
    Release,
    Releases,
    RequestError,
    evaluate_jsonata,
)

NAME = "custom"
VERSIONING = "semver-coerced"

MAX_BYTES = 16 * 1024 * 1024

_ACCEPT = {"plain": "text/plain", "html": "text/html", "json": "application/json"}
_LINK = re.compile(
    r"""<a\s(?:[^<>"']|"[^"<>]*"|'[^'<>]*')*?\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE
)
_DIGEST = re.compile(r"(?:sha(?:256|512):)?[0-9a-f]{32,128}")
_FILE = "file://"


async def releases(package: Package, _client: Client) -> Releases:
    """``custom`` is a family of datasources, none itself."""
    raise RequestError(f"{package.name}: write custom.NAME, where NAME stands in customDatasources", url="")


def build(name: str, options: Mapping[str, object], files: Files, home: str) -> Datasource:
    """The datasource ``custom.<name>`` that an entry of ``customDatasources`` describes."""
    transforms = options.get("transformTemplates") or ()
    assert isinstance(transforms, Sequence)
    return _Custom(
        NAME=f"{NAME}.{name}",
        form=str(options.get("format") or "json"),
        transforms=tuple(str(each) for each in transforms),
        files=files,
        home=home,
    )


@dataclass(kw_only=True)
class _Custom:
    """A datasource made by the configuration."""

    NAME: str
    form: str
    transforms: tuple[str, ...]
    files: Files
    home: str
    VERSIONING: str = VERSIONING

    @property
    def FORM(self) -> str:  # noqa: N802 - a constant of a datasource
        """What tells its answers from those of another one of the same name; addresses may lead into the repository."""
        made_of = [self.home, self.form, *self.transforms]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]

    async def releases(self, package: Package, client: Client) -> Releases:
        """All that the first address has which knows the package."""

        async def ask(url: str) -> Releases:
            content = self._file(url) if url.startswith(_FILE) else await self._answer(url, client)
            return await self._made(content, base_url(url).partition("?")[0])

        if not package.registry_urls:
            raise RequestError(f"{self.NAME} has no address: give it a defaultRegistryUrlTemplate", url="")
        return await first_that_knows(package.registry_urls, ask)

    def _file(self, url: str) -> str:
        path = url.removeprefix(_FILE).lstrip("/")
        file = self.files.read(path)
        if file is None:
            raise NotFound(f"the repository has no file {path} that may be read", url=url)
        return file.text

    async def _answer(self, url: str, client: Client) -> str:
        headers = {"Accept": _ACCEPT.get(self.form, "*/*")}
        return (await client.get(url, headers=headers, max_bytes=MAX_BYTES)).text

    async def _made(self, content: str, url: str) -> Releases:
        """Raises ``InvalidAnswer`` for what is not in the form, or is made into something else than releases."""
        import asyncio  # here, because a scan loads datasources only for their names

        try:
            document = _READERS[self.form](content)
            made = await asyncio.to_thread(evaluate_jsonata, document, self.transforms) if self.transforms else document
            found = _releases(made)
        except ValueError as error:
            raise InvalidAnswer(f"{self.NAME} cannot use what {url} answered: {error}", url=url) from error
        if not found.releases:
            raise NotFound(f"{url} lists no versions for {self.NAME}", url=url)
        return found


# ---------------------------------------------------------------- from text to a document


def _json(content: str) -> object:
    try:
        document: object = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return document


def _yaml(content: str) -> object:
    """Numbers with a point, and dates, stay as they are written."""
    import yaml

    try:
        document: object = yaml.load(content, _yaml_loader())  # noqa: S506 - a safe loader, less two kinds of scalars
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"it is no YAML: {' '.join(str(error).split())}") from error
    return document


def _yaml_loader() -> type:
    import yaml

    base: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    unwanted = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")
    kept = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in unwanted]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return type("_Loader", (base,), {"yaml_implicit_resolvers": kept})


def _toml(content: str) -> object:
    import tomllib

    document: object = json.loads(json.dumps(tomllib.loads(content), default=str))
    return document


def _plain(content: str) -> object:
    return {"releases": [{"version": line.strip()} for line in content.splitlines() if line.strip()]}


def _html(content: str) -> object:
    from html import unescape  # here, because a scan loads datasources only for their names

    links = (match[1] or match[2] or match[3] for match in _LINK.finditer(content))
    return {"releases": [{"version": unescape(link).strip()} for link in links if link and link.strip()]}


_READERS: Mapping[str, Callable[[str], object]] = {
    "json": _json,
    "yaml": _yaml,
    "toml": _toml,
    "plain": _plain,
    "html": _html,
}


# ---------------------------------------------------------------- from a document to releases


def _releases(made: object) -> Releases:
    """What the last expression has made. Raises ``ValueError`` if these are no releases."""
    if not isinstance(made, dict) or "releases" not in made:
        raise ValueError("there is no object with `releases` in the end")
    entries = made["releases"]
    listed = (
        entries if isinstance(entries, list) else [] if entries is None else [entries]
    )  # JSONata unwraps lists of one
    found = {release.version: release for release in map(_release, listed)}
    sources = (text_or_none(each.get("sourceUrl")) for each in (made, *listed))
    return Releases(releases=tuple(found.values()), source_url=next(filter(None, sources), None))


def _release(entry: object) -> Release:
    if not isinstance(entry, dict):
        raise ValueError("`releases` holds something else than objects")  # noqa: TRY004 - the one error that is promised
    digest = entry.get("digest")
    return Release(
        version=_version(entry.get("version")),
        published=moment(entry.get("releaseTimestamp")),
        digest=digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None,
        deprecated=entry.get("isDeprecated") is True,
        stable=False if entry.get("isStable") is False else None,
    )


def _version(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
        raise ValueError(f"a `version` is {json.dumps(value, default=str)[:40]}, not a text")
    return str(value)
