"""What is wrong in a configuration, and where a piece of configuration stands."""

from typing import Literal, Self

import msgspec

from updater.config.json5 import Array, Document, Object
from updater.config.remote import File
from updater.errors import ConfigError
from updater.model.track import Origin

Severity = Literal["error", "warning", "note"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in a configuration that does not do what its author meant.

    A ``warning`` is something without effect; an ``error`` is something that had to be left out (one rule, one
    manager); a ``note`` is nothing wrong, but something that was not looked at. Lines and columns count from 1.
    """

    path: str
    message: str
    severity: Severity
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    is_about_secrets: bool = False
    """Whether something is missing that is given only where this runs for real."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: {self.severity}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class InvalidConfig(ConfigError):
    """A configuration with options of the wrong type: raised for the first of them, ``problems`` holds all."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first, others = problems[0], len(problems) - 1
        message = first.message + (f"; {others} more like this" if others else "")
        super().__init__(message, path=first.path, line=first.line, column=first.column, hint=first.hint)
        self.problems = problems


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A text that configures, or a preset that was reached from there: it knows where each of its parts stands.

    ``anchor`` is the offset of the ``extends`` entry that led to a preset; everything in the preset stands there.
    ``file`` is where the innermost preset of another file stands. One that ``is_built_in`` was tested: its patterns and
    templates are taken as they are.
    """

    path: str
    document: Document | None = None
    presets: tuple[str, ...] = ()
    anchor: int | None = None
    file: File | None = None
    is_built_in: bool = False

    def through(self, preset: str, offset: int | None, file: File | None = None, *, is_built_in: bool = False) -> Self:
        """The same text, seen from within ``preset`` (of another ``file``), which the entry at ``offset`` names."""
        return msgspec.structs.replace(
            self,
            presets=(*self.presets, preset),
            anchor=self.anchor if self.presets else offset,
            file=file or self.file,
            is_built_in=is_built_in,
        )

    def offset(self, container: object, key: str | int) -> int | None:
        """Where the member or element ``key`` of ``container`` stands, if that is known."""
        if self.presets:
            return self.anchor
        if isinstance(container, Object) and isinstance(key, str):
            return container.offsets.get(key)
        if isinstance(container, Array) and isinstance(key, int) and key < len(container.offsets):
            return container.offsets[key]
        return None

    def origin(self, offset: int | None) -> Origin:
        """The place of ``offset`` as provenance."""
        return Origin(path=self.path, line=self._place(offset)[0], presets=self.presets)

    def problem(
        self, message: str, offset: int | None, *, severity: Severity = "warning", hint: str | None = None
    ) -> Problem:
        """A problem at ``offset``."""
        line, column = self._place(offset)
        inside = f" (in preset {' → '.join(self.presets)})" if self.presets else ""
        return Problem(path=self.path, line=line, column=column, message=message + inside, hint=hint, severity=severity)

    def _place(self, offset: int | None) -> tuple[int | None, int | None]:
        if self.document is None or offset is None:
            return None, None
        return self.document.place(offset)
