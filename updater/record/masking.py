"""What a record must not tell. Masks are as long as what they hide, in characters and in UTF-8."""

import json
import re
from collections.abc import Iterable

from updater.offlimits import veiled

_IN_URL = re.compile(r"(?<=://)([^\s/:@\"'\\]{0,256}):([^\s/@\"'\\]{1,1024})(?=@)")
_IN_URL_BYTES = re.compile(_IN_URL.pattern.encode())
_UNMISTAKABLE = 12
"""A secret of so many characters can be looked for everywhere; a shorter one could be an ordinary word."""
_FILLERS = ("", "*", "\N{SECTION SIGN}", "\N{REFERENCE MARK}", "\N{SEE-NO-EVIL MONKEY}")
"""A character for each length in bytes."""


class Mask:
    """Hides some secrets wherever they are, and the passwords in addresses."""

    def __init__(self, secrets: Iterable[str]) -> None:
        written = {form for secret in secrets for form in _forms(secret)}
        self._secrets = sorted(written, key=len, reverse=True)
        self._long = [secret for secret in self._secrets if len(secret) >= _UNMISTAKABLE]

    def text(self, text: str) -> str:
        """A text of people: secrets of any length where they stand in quotes, long ones anywhere, and addresses."""
        for secret in self._secrets:
            for quote in ('"', "'"):
                text = text.replace(f"{quote}{secret}{quote}", f"{quote}{_filler(secret)}{quote}")
        for secret in self._long:
            text = text.replace(secret, _filler(secret))
        return _IN_URL.sub(lambda match: f"{match[1]}:{_filler(match[2])}", text) if "@" in text else text

    def file(self, text: str) -> str:
        """The text of a file of the repository: as managers see it, without objects that hold secrets."""
        return self.text(veiled(text))

    def encoded(self, content: bytes) -> bytes:
        """Encoded JSON: long secrets, and addresses."""
        for secret in self._long:
            content = content.replace(secret.encode(), _filler(secret).encode())
        return _IN_URL_BYTES.sub(lambda match: match[1] + b":" + _filler(match[2].decode()).encode(), content)


def _forms(secret: str) -> Iterable[str]:
    """As it is, and as JSON writes it."""
    return (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])


def _filler(secret: str) -> str:
    return "".join(_FILLERS[len(character.encode("utf-8", "surrogateescape"))] for character in secret)
