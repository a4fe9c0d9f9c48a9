"""What a datasource is, and the way to the network that it is handed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from updater.errors import InvalidAnswer

if TYPE_CHECKING:
    from updater.api.managers import Files
    from updater.api.secrets import Secret
    from updater.model.lookup import Note, Releases
    from updater.model.scan import Package

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What to say to a host: a user name with password, or a token (``scheme`` in front of it)."""

    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    scheme: str = "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer with its whole body. ``headers`` have lower-case names; ``url`` is the one that answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that are none become U+FFFD."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> object:
        """The decoded body. Raises ``InvalidAnswer`` if it is not JSON."""
        try:
            value: object = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise InvalidAnswer(f"{self.url} did not answer with JSON: {error}", url=self.url) from error
        return value


class Distiller(Protocol):
    """Makes of a large body, as it comes in, the little that is wanted of it; see :meth:`Client.get`.

    ``feed`` and ``finish`` raise ``ValueError`` for what they cannot make anything of, in words that follow the name of
    what was asked for.
    """

    FORM: str
    """What it makes, and how; with another word, what earlier runs have kept is made anew."""

    def feed(self, chunk: bytes, /) -> None:
        """Take the next piece of the body, decoded."""
        ...

    def finish(self) -> bytes:
        """What was made of the whole, once the last piece was fed."""
        ...


class Client(Protocol):
    """The way to the network that is handed to a datasource.

    It adds credentials from the host rules, keeps the limits of each host, retries what may succeed the second
    time, asks conditionally where an earlier answer had an ETag or Last-Modified, and raises ``NotFound``,
    ``AuthError``, ``RateLimited``, ``Unavailable`` or ``InvalidAnswer`` for every status of 400 and above that is
    not in ``allow``. A 304 never reaches the caller: he gets the earlier body again.
    """

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        allow: Iterable[int] = (),
        max_bytes: int | None = None,
        cacheable: bool = True,
        distil: type[Distiller] | None = None,
    ) -> Response:
        """GET.

        A body over ``max_bytes`` (default 64 MiB) raises ``InvalidAnswer``. ``cacheable=False`` keeps the answer (a
        token, say) out of every cache. An ``Authorization`` in ``headers`` beats the host rules'. With ``distil`` the
        content is what that makes of the body, which is never there as a whole; only that is kept for later runs.
        """
        ...

    async def head(self, url: str, *, headers: Mapping[str, str] | None = None, allow: Iterable[int] = ()) -> Response:
        """HEAD, with the same rules; its answer is taken again only while it counts as fresh."""
        ...

    async def post(
        self, url: str, *, json: object, headers: Mapping[str, str] | None = None, allow: Iterable[int] = ()
    ) -> Response:
        """POST of a JSON body (a GraphQL query, say), with the same rules; never cached."""
        ...

    async def download(self, url: str, path: str) -> None:
        """Stream a large body into the file ``path`` in bounded memory."""
        ...

    def credentials(self, url: str) -> Credentials | None:
        """What the host rules (or the container configuration of the user) hold for ``url``, if anything."""
        ...

    async def once(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """The result of ``make``, run once per key and run of the tool however many ask; a failure is shared."""
        ...

    async def kept(self, key: str, make: Callable[[], Awaitable[str]], *, within: timedelta | None = None) -> str:
        """The text that ``make`` makes, kept for later runs; ``key`` names all that it depends on.

        It is right for ever, or as good as right ``within`` a time: then it is made anew when it is older, and in a run
        that is to ask anew.
        """
        ...

    async def ls_remote(self, url: str) -> Mapping[str, str]:
        """The refs of a Git repository: full ref name → commit id, annotated tags peeled. Raises as ``get`` does."""
        ...


@runtime_checkable
class Datasource(Protocol):
    """Asks one kind of registry. Choosing among what it offers is the core's work."""

    NAME: str
    VERSIONING: str
    """The versioning that applies where neither the manager nor the configuration names one."""

    async def releases(self, package: Package, client: Client, /) -> Releases:
        """All versions of a package. Raises the errors of :mod:`updater.errors`, ``NotFound`` for none at all."""
        ...


@runtime_checkable
class DatasourceMaker(Protocol):
    """What a datasource has in addition if the configuration makes others of it (``customDatasources``).

    The one that ``custom`` makes of the entry ``k3s`` is called ``custom.k3s``.
    """

    NAME: str

    def build(self, name: str, options: Mapping[str, object], files: Files, home: str, /) -> Datasource:
        """The datasource that the entry ``name`` describes; what is wrong with ``options`` is said when it is asked.

        ``files`` are those of the repository, and ``home`` tells it from others (see :attr:`Tree.home`).
        """
        ...


@runtime_checkable
class MadeDatasource(Protocol):
    """A datasource that the configuration has made."""

    FORM: str
    """What it is made of; what earlier runs have kept of another one with the same name is not its own."""


@runtime_checkable
class DigestSource(Protocol):
    """A datasource whose versions point at immutable content."""

    async def digest(self, package: Package, version: str, client: Client, /) -> str:
        """What ``version`` points at now (``sha256:…`` of an image, the commit of a tag). Raises ``NotFound``.

        Where digests are names, as with images, ``version`` may be one: is it there?
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """When a version appeared. ``evidence`` is a word that goes before the date: ``pushed``, ``built``.

    ``by_registry`` is True where the registry's own clock says so, False where whoever made the version does: such a
    date can be older than the version is in public.
    """

    when: datetime
    evidence: str
    by_registry: bool


@runtime_checkable
class DateSource(Protocol):
    """A datasource that can tell the date of a version where its list of versions did not bring it."""

    async def published(self, package: Package, version: str, client: Client, /) -> Published | None:
        """When ``version`` appeared; None if nobody says. Raises ``NotFound`` if it does not exist any more."""
        ...


@runtime_checkable
class PlatformSource(Protocol):
    """A datasource whose versions run on some platforms only."""

    async def platforms(self, package: Package, version: str, client: Client, /) -> frozenset[str]:
        """The platforms of ``version`` (or of a digest), as ``linux/amd64`` or ``linux/arm/v7``; empty: not known."""
        ...


@runtime_checkable
class ResumableSource(Protocol):
    """A datasource that reads the longest lists in portions: one in ``releases``, one in each ``resume`` thereafter."""

    async def resume(self, package: Package, cursor: str, client: Client, /) -> Releases:
        """The portion that follows, where an earlier answer's ``cursor`` ended; ``complete`` if it was the last.

        Raises the errors of :mod:`updater.errors`; after one, the reading begins anew.
        """
        ...


@runtime_checkable
class ForwardSource(Protocol):
    """A datasource that can look for versions one by one where there are too many to be listed."""

    async def newer(self, package: Package, version: str, client: Client, /) -> Releases:
        """What there is after ``version``, as far as counting up finds it; no releases if that finds none."""
        ...


@runtime_checkable
class HashSource(Protocol):
    """A datasource that knows the hashes which a lock file records."""

    async def hashes(self, package: Package, version: str, known: Sequence[str], client: Client, /) -> tuple[str, ...]:
        """The hashes of ``version``, sorted, of the kinds that ``known`` (the present ones) holds."""
        ...


@runtime_checkable
class OriginSource(Protocol):
    """A datasource whose versions may say themselves where they are developed."""

    async def origin(self, package: Package, version: str, client: Client, /) -> str | None:
        """The address of the source repository of ``version``; None if it does not say."""
        ...


@runtime_checkable
class ArchiveSource(Protocol):
    """A datasource whose versions are archives that can be compared with each other."""

    async def archive(self, package: Package, version: str, client: Client, /) -> bytes:
        """The archive of ``version``, 16 MiB at most, checked against the digest that the registry tells, if any."""
        ...


@runtime_checkable
class NotesSource(Protocol):
    """A datasource for a kind of forge, on which a repository tells what its releases bring.

    ``source_url`` is a repository's page: ``https://HOST/OWNER/NAME``, as :attr:`Releases.source_url` has it.
    """

    def is_home_of(self, source_url: str, /) -> bool:
        """Whether the repository is on a forge of this kind, as far as its address tells."""
        ...

    async def notes(self, source_url: str, client: Client, /) -> Sequence[Note]:
        """The newest releases with their notes, one page of them; none if there are no releases.

        Raises ``NotFound`` if the repository is not to be seen.
        """
        ...

    async def changelog(self, source_url: str, revision: str, directory: str, client: Client, /) -> str | None:
        """The text of the file in which changes are recorded, in a directory or else at the root; None for none.

        An empty ``directory`` is the root.
        """
        ...

    def comparison(self, source_url: str, old: str, new: str, /) -> str:
        """The page that shows what lies between two tags."""
        ...
