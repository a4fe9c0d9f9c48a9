"""What is remembered between runs: answers of registries, and when a version was first seen.

Losing the cache costs time and nothing else, so nothing here fails a run: an entry that cannot be read is absent, a
file that is broken is made anew, a server that is gone leaves the memory of this process. The file can be shared by
processes at the same time. It may hold answers of private registries and is readable by its owner only.

aiocache is the interface. It brings the Redis backend; the one on SQLite is ours.
"""

import hashlib
import json
import logging
import os
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkstemp
from typing import Self, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from updater.api import Clock
from updater.errors import UsageError
from updater.hosts import shown
from updater.model.lookup import Remembered
from updater.model.scan import Package

# aiocache loads every client of a cache that is installed. That of Redis takes as long as all of this program's start.
_hidden = [name for name in ("redis", "aiomcache") if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    from aiocache.base import BaseCache
    from aiocache.serializers import NullSerializer
finally:
    for _name in _hidden:
        del sys.modules[_name]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_DAY = 86_400.0
_BUSY_SECONDS = 5.0
_SCHEMA = 1
"""The layout of the SQLite file; a file with another one is made anew."""
_LARGE_BYTES = 16_384
_REDIS_CONNECTIONS = 16


# ---------------------------------------------------------------- backends


class SqliteCache(BaseCache):  # type: ignore[misc]  # aiocache has no types
    """An aiocache backend in one SQLite file. Values are ``bytes``; times to live are in seconds.

    sqlite3 is called where it stands: handing a query of ten microseconds to a thread takes seven times as long as
    the query. Several processes may use the file at once. A broken file is deleted and made anew; after any other
    failure (no space, a lock held for longer than five seconds) the rest of the run does without. Both are logged.
    """

    NAME = "sqlite"

    def __init__(self, path: Path, *, clock: Clock, **options: object) -> None:
        """Open or make the file. Raises ``OSError`` or ``sqlite3.Error`` where there can be none."""
        super().__init__(serializer=NullSerializer(encoding=None), timeout=None, **options)
        self._path, self._clock = path, clock
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._connection = self._connect()
        except sqlite3.DatabaseError as error:
            if not _is_broken(error):
                raise
            self._rebuild(error)

    def _connect(self) -> sqlite3.Connection:
        if not self._path.exists():
            _create(self._path)
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            if connection.execute("PRAGMA user_version").fetchone() != (_SCHEMA,):
                raise _OtherLayout("it has the layout of another version")
            connection.execute("DELETE FROM entry WHERE expires <= ?", (self._now(),))
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _rebuild(self, error: sqlite3.Error) -> None:
        logger.warning("the cache %s is broken (%s) and starts anew", self._path, error)
        for suffix in ("-wal", "-shm", ""):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._connection = self._connect()

    def _execute(self, statement: str, *parameters: object) -> tuple[list[tuple[bytes]], int]:
        """The rows, and how many rows were changed; neither if it fails."""
        try:
            cursor = self._connection.execute(statement, parameters)
            return cursor.fetchall(), cursor.rowcount
        except sqlite3.Error as error:
            self._survive(error)
            return [], 0

    def _survive(self, error: sqlite3.Error) -> None:
        """Make a broken file anew. Leave alone what fails otherwise: waiting for each lock would stop the run."""
        self._connection.close()
        try:
            if not _is_broken(error):
                raise error
            self._rebuild(error)
        except (OSError, sqlite3.Error) as last:
            logger.warning("the cache %s is not used any more in this run: %s", self._path, last)
            self._connection = sqlite3.connect(":memory:", isolation_level=None)
            _lay_out(self._connection)

    def _now(self) -> float:
        return self._clock().timestamp()

    def _expiry(self, ttl: float | None) -> float | None:
        return self._now() + ttl if ttl else None

    async def _get(self, key: str, **_options: object) -> bytes | None:
        rows, _ = self._execute(
            "SELECT value FROM entry WHERE key = ? AND (expires IS NULL OR expires > ?)", key, self._now()
        )
        return rows[0][0] if rows else None

    async def _multi_get(self, keys: Sequence[str], **_options: object) -> list[object]:
        return [await self._get(key) for key in keys]

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **_options: object) -> bool:
        return self._execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", key, value, self._expiry(ttl))[1] > 0

    async def _multi_set(
        self, pairs: Iterable[tuple[str, bytes]], ttl: float | None = None, **_options: object
    ) -> bool:
        for key, value in pairs:
            await self._set(key, value, ttl)
        return True

    async def _add(self, key: str, value: bytes, ttl: float | None = None, **_options: object) -> bool:
        self._execute("DELETE FROM entry WHERE key = ? AND expires <= ?", key, self._now())
        _, added = self._execute("INSERT OR IGNORE INTO entry VALUES (?, ?, ?)", key, value, self._expiry(ttl))
        if not added:
            raise ValueError(f"{key} is in the cache already")
        return True

    async def _exists(self, key: str, **_options: object) -> bool:
        return await self._get(key) is not None

    async def _expire(self, key: str, ttl: float, **_options: object) -> bool:
        return self._execute("UPDATE entry SET expires = ? WHERE key = ?", self._expiry(ttl), key)[1] > 0

    async def _delete(self, key: str, **_options: object) -> int:
        return self._execute("DELETE FROM entry WHERE key = ?", key)[1]

    async def _clear(self, namespace: str | None = None, **_options: object) -> bool:
        prefix = namespace or ""
        self._execute("DELETE FROM entry WHERE substr(key, 1, ?) = ?", len(prefix), prefix)
        return True

    async def _close(self, *_args: object, **_options: object) -> None:
        self._connection.close()


class _OtherLayout(sqlite3.DatabaseError):
    """The file was made by another version of this program."""


def _create(path: Path) -> None:
    """Make an empty cache aside and put it in place whole: SQLite cannot wait while two processes lay out one file."""
    handle, name = mkstemp(dir=path.parent, prefix=".cache-")
    os.close(handle)
    try:
        connection = sqlite3.connect(name, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        _lay_out(connection)
        connection.close()
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires REAL)")
    connection.execute("CREATE INDEX by_expiry ON entry (expires) WHERE expires IS NOT NULL")
    connection.execute(f"PRAGMA user_version = {_SCHEMA}")


def _is_broken(error: sqlite3.Error) -> bool:
    name = getattr(error, "sqlite_errorname", "")
    return isinstance(error, _OtherLayout) or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


class RunCache(BaseCache):  # type: ignore[misc]  # aiocache has no types
    """The memory of one run, in front of a shared cache if there is one, and alone from the moment that one fails.

    What it has read or written it holds until the end of the run, whatever others write and however short it should
    live. Large values are left to the shared cache: bodies are read once a run.
    """

    NAME = "run"

    def __init__(self, shared: BaseCache | None = None) -> None:
        super().__init__(serializer=NullSerializer(encoding=None), timeout=None)
        self._shared = shared
        self._memory: dict[str, bytes] = {}

    async def _get(self, key: str, **_options: object) -> bytes | None:
        if key in self._memory:
            return self._memory[key]
        value = await self._pass_on("get", key)
        if not isinstance(value, bytes):
            return None
        self._keep(key, value)
        return value

    async def _multi_get(self, keys: Sequence[str], **_options: object) -> list[object]:
        missing = [key for key in dict.fromkeys(keys) if key not in self._memory]
        values = await self._pass_on("multi_get", missing) if missing else []
        found = dict(zip(missing, values, strict=False)) if isinstance(values, list) else {}
        for key, value in found.items():
            if isinstance(value, bytes):
                self._keep(key, value)
        return [self._memory.get(key, found.get(key)) for key in keys]

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **_options: object) -> bool:
        self._keep(key, value)
        await self._pass_on("set", key, value, ttl=ttl)
        return True

    async def _add(self, key: str, value: bytes, ttl: float | None = None, **_options: object) -> bool:
        if key in self._memory:
            raise ValueError(f"{key} is in the cache already")
        await self._pass_on("add", key, value, ttl=ttl)
        self._keep(key, value)
        return True

    async def _delete(self, key: str, **_options: object) -> int:
        known = self._memory.pop(key, None) is not None
        return 1 if await self._pass_on("delete", key) or known else 0

    async def _close(self, *_args: object, **_options: object) -> None:
        await self._pass_on("close")

    def _keep(self, key: str, value: bytes) -> None:
        self._memory.pop(key, None)
        if self._shared is None or len(value) <= _LARGE_BYTES:
            self._memory[key] = value

    async def _pass_on(self, method: str, *arguments: object, **options: object) -> object:
        """What the shared cache says; None from the moment it failed."""
        if self._shared is None:
            return None
        try:
            result: object = await getattr(self._shared, method)(*arguments, **options)
        except Exception as error:  # whatever a backend raises, a cache may only cost time
            if method == "add" and isinstance(error, ValueError):
                raise  # it is there already
            logger.warning("the cache failed (%s) and is not used any more in this run", type(error).__name__)
            self._shared = None
            return None
        return result


# ---------------------------------------------------------------- stores


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """An answer that may still be right. ``headers`` have lower-case names."""

    headers: Mapping[str, str]
    content: bytes
    fetched_at: datetime | None = None

    @property
    def validators(self) -> dict[str, str]:
        """The request headers that ask whether it is; empty if it cannot be asked."""
        asked = {"if-none-match": self.headers.get("etag"), "if-modified-since": self.headers.get("last-modified")}
        return {name: value for name, value in asked.items() if value is not None}


class ResponseStore:
    """Keeps the answers of registries for conditional requests, the bodies compressed."""

    def __init__(self, cache: BaseCache, *, seconds: float = 30 * _DAY) -> None:
        self._cache, self._seconds = cache, seconds

    async def get(self, key: str) -> StoredResponse | None:
        """The answer stored under ``key``, if there is one that can be read."""
        entry = _decode(await self._cache.get(f"response:{key}"), _Entry)
        if entry is None:
            return None
        try:
            content = zlib.decompress(entry.body)
            return StoredResponse(headers=entry.headers, content=content, fetched_at=entry.fetched_at)
        except zlib.error:
            return None

    async def set(self, key: str, response: StoredResponse) -> None:
        """Store an answer under ``key``."""
        entry = _Entry(dict(response.headers), zlib.compress(response.content, 1), response.fetched_at)
        await self._cache.set(f"response:{key}", _encode(entry), ttl=self._seconds)


class ReleaseStore:
    """Keeps what is known about each package, and when each version was first seen.

    The last answer saves asking again soon, and serves in place of a registry that fails.
    """

    def __init__(self, cache: BaseCache, *, seconds: float = 30 * _DAY) -> None:
        self._cache, self._seconds = cache, seconds

    async def recall(self, packages: Sequence[Package]) -> Mapping[Package, Remembered]:
        """What earlier runs knew of these packages; those that are not there are unknown."""
        values = await self._cache.multi_get([_package_key(package) for package in packages]) if packages else []
        known = ((package, _unpacked(value)) for package, value in zip(packages, values, strict=False))
        return {package: remembered for package, remembered in known if remembered is not None}

    async def remember(self, package: Package, remembered: Remembered) -> None:
        """Keep it, unless it holds half a character, as JSON can; no encoding has a place for that."""
        with suppress(UnicodeEncodeError):
            await self._cache.set(_package_key(package), _packed(remembered), ttl=self._seconds)

    async def first_seen(self, package: Package, versions: Sequence[str], now: datetime) -> Mapping[str, datetime]:
        """When each version was first asked about; ``now`` for the new ones, which are remembered for ever.

        Of several processes that see a version at the same time the first one decides for all.
        """
        keys = {version: f"seen:{_identity(package, version)}" for version in versions}
        values = await self._cache.multi_get(list(keys.values())) if keys else []
        known = {version: _decode(value, datetime) for version, value in zip(keys, values, strict=False)}
        return {version: known.get(version) or await self._see(key, now) for version, key in keys.items()}

    async def _see(self, key: str, now: datetime) -> datetime:
        try:
            await self._cache.add(key, _encode(now))
        except ValueError:
            # Another process was first, or the entry could not be read.
            earlier = _decode(await self._cache.get(key), datetime)
            if earlier is not None:
                return earlier
            await self._cache.set(key, _encode(now))
        return now


class _Entry(msgspec.Struct, array_like=True):
    headers: dict[str, str]
    body: bytes
    fetched_at: datetime | None = None


_FORMAT = b"1\n"
"""In front of each value: what another version of the program wrote in another format is a miss."""
_COMPRESSED = b"z\n"


def _encode(value: object) -> bytes:
    return _FORMAT + msgspec.msgpack.encode(value)


def _decode(value: object, kind: type[T]) -> T | None:
    if not isinstance(value, bytes) or not value.startswith(_FORMAT):
        return None
    try:
        return msgspec.msgpack.decode(value[len(_FORMAT) :], type=kind)
    except msgspec.DecodeError:
        return None


def _packed(remembered: Remembered) -> bytes:
    """Long lists of versions are alike in themselves and are kept compressed."""
    encoded = _encode(remembered)
    return encoded if len(encoded) <= _LARGE_BYTES else _COMPRESSED + zlib.compress(encoded, 1)


def _unpacked(value: object) -> Remembered | None:
    if isinstance(value, bytes) and value.startswith(_COMPRESSED):
        try:
            value = zlib.decompress(value[len(_COMPRESSED) :])
        except zlib.error:
            return None
    return _decode(value, Remembered)


def _package_key(package: Package) -> str:
    return f"package:{_identity(package)}"


def _identity(package: Package, version: str | None = None) -> str:
    parts = [package.datasource, package.name, package.registry_urls, version]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


# ---------------------------------------------------------------- opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """The stores of a run on one backend; an asynchronous context manager that closes it."""

    backend: BaseCache
    responses: ResponseStore
    releases: ReleaseStore

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.backend.close()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_cache(
    url: str | None = None, *, clock: Clock = _utc_now, environment: Mapping[str, str] | None = None
) -> Cache:
    """The cache at ``url``: ``memory:``, ``sqlite:///absolute/path``, ``redis://[user:password@]host[:port][/db]``.

    None stands for the file ``gitops-updater/cache.sqlite`` in ``$XDG_CACHE_HOME`` or ``~/.cache``. Where no file
    can be written the cache is in memory. Raises ``UsageError`` for a URL that is none of these.
    """
    backend = _backend(url, clock, os.environ if environment is None else environment)
    return Cache(backend=backend, responses=ResponseStore(backend), releases=ReleaseStore(backend))


def _backend(url: str | None, clock: Clock, environment: Mapping[str, str]) -> BaseCache:
    if url is None:
        return _file(_default_path(environment), clock)
    scheme, path = url.partition(":")[0], unquote(urlsplit(url).path)
    if scheme == "memory":
        return RunCache()
    if scheme == "sqlite" and path.startswith("/"):
        return _file(Path(path), clock)
    if scheme in ("redis", "rediss"):
        return RunCache(_redis(url))
    raise UsageError(f"{shown(url)!r} is no cache; write memory:, sqlite:///path or redis://host:port/0")


def _default_path(environment: Mapping[str, str]) -> Path:
    root = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or Path.home()) / ".cache"
    return Path(root) / "gitops-updater" / "cache.sqlite"


def _file(path: Path, clock: Clock) -> BaseCache:
    try:
        return RunCache(SqliteCache(path, clock=clock))
    except (OSError, sqlite3.Error) as error:
        logger.warning("no cache can be kept in %s (%s); this run remembers nothing", path, error)
        return RunCache()


def _redis(url: str) -> BaseCache:
    try:  # an extra: only who asks for Redis needs it
        from aiocache.backends.redis import RedisCache
        from redis.asyncio import BlockingConnectionPool
    except ImportError as error:
        raise UsageError("a cache in Redis needs the extra: pip install 'gitops-updater[redis]'") from error

    class Redis(RedisCache):  # type: ignore[misc]  # aiocache has no types
        async def _close(self, *_args: object, **_options: object) -> None:
            await self.client.aclose()  # aiocache calls close(), which redis has given up

    parts = urlsplit(url)
    return Redis(
        endpoint=parts.hostname or "127.0.0.1",
        port=parts.port or 6379,
        db=int(parts.path.strip("/") or 0),
        password=unquote(parts.password) if parts.password else None,
        ssl=parts.scheme == "rediss",
        connection_pool_class=BlockingConnectionPool,
        connection_pool_kwargs={"username": unquote(parts.username)} if parts.username else {},
        pool_max_size=_REDIS_CONNECTIONS,
        create_connection_timeout=2,
        serializer=NullSerializer(encoding=None),
        namespace="gitops-updater",
        timeout=5,
    )
