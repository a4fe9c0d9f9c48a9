"""The presets of other repositories: fetched before a configuration is understood, kept for when there is no network.

Understanding a configuration is pure: it takes the files that are at hand and says which are missing. Fetching goes
round until none is. What cannot be reached is taken as it was last; what never was there stops the run, because a
configuration without one of its presets may mean anything.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from updater.config import Config, File
from updater.errors import ConfigError, NotFound, RequestError

if TYPE_CHECKING:
    from updater.api import Client

logger = logging.getLogger(__name__)

MAX_BYTES = 1024 * 1024
_MAX_ROUNDS = 20
"""How deep presets in files may extend others."""

Library = Mapping[File, str | None]
Understand = Callable[[Library], Config]


class Shelf:
    """The texts of earlier runs, in a directory; without one, nothing is kept."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def get(self, file: File) -> str | None:
        """The text that was last put there."""
        try:
            return None if self._directory is None else self._path(file).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, file: File, text: str) -> None:
        """Keep a text; a directory that cannot be written to keeps nothing."""
        if self._directory is None:
            return
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._path(file)
            temporary = path.with_suffix(".new")
            temporary.write_text(text, "utf-8")
            temporary.replace(path)
        except OSError as error:
            logger.debug("%s is not kept: %s", file, error)

    def _path(self, file: File) -> Path:
        assert self._directory is not None
        return self._directory / f"{hashlib.sha256(repr(file.urls()).encode()).hexdigest()[:32]}.json5"


def understand_offline(understand: Understand, shelf: Shelf) -> Config:
    """The configuration with the presets that are on the shelf; it names those that are not."""
    library: dict[File, str | None] = {}
    config = understand(library)
    for _ in range(_MAX_ROUNDS):
        found = {file: text for file in config.missing if (text := shelf.get(file)) is not None}
        if not found:
            break
        library |= found
        config = understand(library)
    return config


async def understand_online(understand: Understand, client: Client, shelf: Shelf) -> Config:
    """The configuration with all of its presets. Raises ``ConfigError`` if one cannot be had."""
    import asyncio  # here, because it brings TLS along, which a scan does without

    library: dict[File, str | None] = {}
    config = understand(library)
    for _ in range(_MAX_ROUNDS):
        if not config.missing:
            return config
        texts = await asyncio.gather(*(_text(file, client, shelf) for file in config.missing))
        library |= zip(config.missing, texts, strict=True)
        config = understand(library)
    raise ConfigError(f"presets extend others more than {_MAX_ROUNDS} deep", path=config.path or "the configuration")


async def _text(file: File, client: Client, shelf: Shelf) -> str | None:
    """What ``file`` holds now, or held last; None if there is no such file."""
    try:
        text = await _fetched(file, client)
    except RequestError as error:
        text = shelf.get(file)
        if text is None:
            raise ConfigError(f"the preset cannot be fetched: {error}", path=str(file)) from error
        logger.warning("the preset %s is taken as it was last: %s", file, error)
        return text
    if text is not None:
        shelf.put(file, text)
    return text


async def _fetched(file: File, client: Client) -> str | None:
    for url in file.urls():
        try:
            response = await client.get(url, headers=_headers(file), max_bytes=MAX_BYTES)
        except NotFound:
            continue
        try:
            return response.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError("the preset is not UTF-8", path=str(file)) from error
    return None


def _headers(file: File) -> Mapping[str, str]:
    """GitHub sends the file itself where this is asked for: https://docs.github.com/rest/repos/contents."""
    is_github = file.home is not None and file.home.forge == "github"
    return {"Accept": "application/vnd.github.raw+json"} if is_github else {}
