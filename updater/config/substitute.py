"""``{{ secrets.NAME }}`` and ``{{ variables.NAME }}``: words of the bot's own configuration, put into a repository's.

Secrets may not stand where everybody would read them: not in what becomes a branch, a commit, a group or a pull
request (https://docs.renovatebot.com/self-hosted-configuration/#secrets).
"""

import re
from collections.abc import Callable, Mapping

from updater.config.json5 import Array, Object

_PLACEHOLDER = re.compile(r"\{\{\{?\s*(?P<kind>secrets|variables)\.(?P<name>\w+)\s*\}?\}\}")
_PUBLIC = ("branch", "commit", "group", "pr", "semantic")

Words = Mapping[str, Mapping[str, str]]
"""The words there are, by kind (``secrets``, ``variables``) and name."""

Complain = Callable[[str, int | None], None]
"""Takes what is wrong, and where."""


def substitute(value: object, words: Words, complain: Complain, *, key: str = "", offset: int | None = None) -> object:
    """``value`` with the words put in, wherever it has a text; what cannot be put in stays as it is written."""
    if isinstance(value, str):
        return _filled(value, words, complain, key, offset)
    if isinstance(value, Object):
        result = Object()
        for name, member in value.items():
            place = value.offsets.get(name)
            result.put(name, substitute(member, words, complain, key=name, offset=place), place)
        return result
    if isinstance(value, Array):
        elements = Array()
        elements.extend(substitute(element, words, complain, key=key, offset=offset) for element in value)
        elements.offsets.extend(value.offsets)
        return elements
    return value


def _filled(text: str, words: Words, complain: Complain, key: str, offset: int | None) -> str:
    def word(match: re.Match[str]) -> str:
        kind, name = match["kind"], match["name"]
        found = words.get(kind, {}).get(name)
        if found is None:
            complain(f'"{key}": there is no {kind.removesuffix("s")} "{name}"', offset)
        elif kind == "secrets" and key.startswith(_PUBLIC):
            complain(f'"{key}" is for everybody to read; a secret may not stand there', offset)
        else:
            return found
        return match[0]

    return _PLACEHOLDER.sub(word, text)


def mask(value: object, words: Words) -> object:
    """``value`` as it may be shown: with ``****`` for each secret."""
    if isinstance(value, str):
        for secret in words.get("secrets", {}).values():
            value = value.replace(secret, "****") if secret else value
        return value
    if isinstance(value, Mapping):
        return {name: mask(member, words) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [mask(element, words) for element in value]
    return value
