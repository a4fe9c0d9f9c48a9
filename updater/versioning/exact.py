"""Values that never change (``exact``): any text without spaces is a version that only it follows."""

from updater.versioning._scheme import Scheme, Version


def _read(text: str) -> Version | None:
    valid = text.isprintable() and text != "" and " " not in text
    return Version(key=(text,), numbers=(), family=(text,)) if valid else None


SCHEME = Scheme("exact", _read)
