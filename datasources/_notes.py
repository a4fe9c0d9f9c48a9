"""What repositories on forges tell about their releases: notes, a file of changes, the way from one tag to another.

One page of the list of releases is asked for, the newest ones, with the very address that the datasources for releases
use: where those have asked already, the answer is there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from datasources import _github
from datasources._answers import items, mapping, moment, text_or_none
from updater.api import Client, Note, NotFound, Package

FILES = ("CHANGELOG.md", "CHANGES.md")
"""The names under which changes are recorded, the usual one first; each costs a request."""

_MAX_BYTES = 2 * 1024 * 1024
_PART = re.compile(r"(?!\.\.?$)[\w.-]+")
_PARTS_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A kind of forge.

    ``labels`` are the parts of host names by which its servers are known. The functions make addresses: the newest
    releases from the server and the parts of a repository's name; a file from the page, the revision and the path; a
    comparison from the page and two tags. ``text`` is where the notes stand in a release, ``depth`` how many parts a
    repository's name has; None where that varies.
    """

    labels: frozenset[str]
    releases: Callable[[str, Sequence[str]], str]
    file: Callable[[str, str, str], str]
    comparison: Callable[[str, str, str], str]
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    depth: int | None = 2

    def is_home_of(self, source_url: str, /) -> bool:
        """See :meth:`updater.api.NotesSource.is_home_of`."""
        return self._located(source_url) is not None

    async def notes(self, source_url: str, client: Client, /) -> Sequence[Note]:
        """See :meth:`updater.api.NotesSource.notes`."""
        server, parts = self._place(source_url)
        url = self.releases(server, parts)
        answer = await client.get(url, headers=self.headers)
        said = (mapping(each, url=url, what="a release") for each in items(answer.json(), url=url, what="releases"))
        return [note for note in map(self._note, said) if note is not None]

    async def changelog(self, source_url: str, revision: str, directory: str, client: Client, /) -> str | None:
        """See :meth:`updater.api.NotesSource.changelog`."""
        server, parts = self._place(source_url)
        page = "/".join((server, *parts))
        inside = f"{quote(directory.strip('/'))}/"
        places = dict.fromkeys([inside, ""] if inside != "/" else [""])
        for name in (f"{place}{name}" for place in places for name in FILES):
            url = self.file(page, quote(revision), name)
            answer = await client.get(url, allow=(404,), max_bytes=_MAX_BYTES)
            if answer.status == 200:
                return answer.text
        return None

    def comparison_of(self, source_url: str, old: str, new: str, /) -> str:
        """See :meth:`updater.api.NotesSource.comparison`."""
        server, parts = self._place(source_url)
        return self.comparison("/".join((server, *parts)), quote(old), quote(new))

    def _place(self, source_url: str) -> tuple[str, tuple[str, ...]]:
        found = self._located(source_url)
        if found is None:
            raise NotFound("it is not known where that is developed", url="")
        return found

    def _located(self, source_url: str) -> tuple[str, tuple[str, ...]] | None:
        """The server and the parts of the repository's name."""
        try:
            address = urlsplit(source_url)
        except ValueError:
            return None
        host = address.netloc.rpartition("@")[2]
        if address.scheme not in ("https", "http") or not self._serves(host.lower()):
            return None
        parts = address.path.partition("/-/")[0].strip("/").removesuffix(".git").split("/")
        parts = parts[: self.depth or _PARTS_AT_MOST]
        if len(parts) < 2 or not all(map(_PART.fullmatch, parts)):
            return None
        return f"{address.scheme}://{host}", tuple(parts)

    def _serves(self, host: str) -> bool:
        """``github.com`` and ``github.example.com``, not ``example.github.io``, where pages are."""
        return bool(self.labels & set(host.split("."))) and not host.endswith((".github.io", ".gitlab.io"))

    def _note(self, said: Mapping[str, object]) -> Note | None:
        """A release; None for a draft and for what is announced for a later day."""
        tag = text_or_none(said.get("tag_name"))
        if tag is None or said.get("draft") is True or said.get("upcoming_release") is True:
            return None
        links = said.get("_links")
        page = said.get("html_url") or (links.get("self") if isinstance(links, dict) else None)
        return Note(
            tag=tag,
            text=text_or_none(said.get(self.text)) or "",
            title=text_or_none(said.get("name")),
            published=moment(said.get("published_at")) or moment(said.get("released_at")),
            url=text_or_none(page),
        )


def _github_releases(server: str, parts: Sequence[str]) -> str:
    """https://docs.github.com/en/rest/releases/releases#list-releases."""
    package = Package(datasource="github-releases", name="/".join(parts), registry_urls=(server,))
    return f"{_github.repositories(package)[0].rest}/releases?per_page={_github.PAGE_SIZE}&page=1"


def _gitlab_releases(server: str, parts: Sequence[str]) -> str:
    """https://docs.gitlab.com/api/releases/#list-releases."""
    return f"{server}/api/v4/projects/{quote('/'.join(parts), safe='')}/releases?per_page=100"


def _gitea_releases(server: str, parts: Sequence[str]) -> str:
    """https://docs.gitea.com/api/#tag/repository/operation/repoListReleases."""
    return f"{server}/api/v1/repos/{'/'.join(parts)}/releases?limit=50&page=1"


GITHUB = Home(
    labels=frozenset({"github", "ghe"}),
    releases=_github_releases,
    file=lambda page, revision, path: f"{page}/raw/{revision}/{path}",
    comparison=lambda page, old, new: f"{page}/compare/{old}...{new}",
    text="body",
    headers=_github.HEADERS,
)
GITLAB = Home(
    labels=frozenset({"gitlab"}),
    releases=_gitlab_releases,
    file=lambda page, revision, path: f"{page}/-/raw/{revision}/{path}",
    comparison=lambda page, old, new: f"{page}/-/compare/{old}...{new}",
    text="description",
    depth=None,
)
GITEA = Home(
    labels=frozenset({"gitea", "forgejo", "codeberg"}),
    releases=_gitea_releases,
    file=lambda page, revision, path: f"{page}/raw/{'branch' if revision == 'HEAD' else 'tag'}/{revision}/{path}",
    comparison=lambda page, old, new: f"{page}/compare/{old}...{new}",
    text="body",
)
