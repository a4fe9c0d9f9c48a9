"""What custom managers make of the values they found in a file, whatever found them."""

import re
from collections.abc import Mapping
from posixpath import dirname

from msgspec import Struct, structs
from msgspec.structs import replace

from managers._matching import Match, shifted
from updater.api import (
    Dependency,
    Extracted,
    Package,
    Skipped,
    SourceFile,
    Span,
    Template,
    dependency,
    image_dependency,
    image_package,
    parse_image,
    read_template,
    skipped,
)

FIELDS = (
    "depName",
    "packageName",
    "currentValue",
    "currentDigest",
    "datasource",
    "versioning",
    "extractVersion",
    "registryUrl",
    "depType",
)
"""What can be said of a dependency; each has an option with ``Template`` behind its name."""

PLACES = ("packageFile", "packageFileDir")
"""What templates may use of the file itself."""

_NEW = ("newValue", "newDigest", "newVersion", "newMajor", "newMinor", "newPatch", "replaceString")
_IN_TAG = re.compile(r"[\w.-]")
_NEW_VALUE, _NEW_DIGEST = "\ufdd0", "\ufdd1"
"""Characters that are no characters: they stand for what an update will write."""


class Templates(Struct, frozen=True, kw_only=True):
    """The templates of an entry of ``customManagers``: for fields, and for what an update writes."""

    fields: Mapping[str, Template]
    replacement: Template | None


def read_templates(options: Mapping[str, object], found: frozenset[str] | None = None) -> Templates:
    """The templates in ``options``. ``found`` names what they may use beside fields; None: anything.

    Raises ``ValueError``.
    """
    known = None if found is None else {*found, *FIELDS, *PLACES}
    templates = {name: _template(options, f"{name}Template", known) for name in FIELDS}
    return Templates(
        fields={name: template for name, template in templates.items() if template is not None},
        replacement=_template(options, "autoReplaceStringTemplate", None if known is None else {*known, *_NEW}),
    )


def texts_in(options: Mapping[str, object], name: str, what: str) -> tuple[str, ...]:
    """The texts that an option has to hold; ``what`` says what they are. Raises ``ValueError``."""
    value = options.get(name)
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{name} must be a list of {what}")
    return tuple(texts)


def _template(options: Mapping[str, object], name: str, known: set[str] | None) -> Template | None:
    text = options.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"{name} must be a text")  # noqa: TRY004 - the one error that is promised
    try:
        template = read_template(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if known is not None and (unknown := sorted(template.names - known)):
        raise ValueError(f"{name} uses {unknown[0]}, which is no named group of a pattern")
    return template


def reading(manager: str, templates: Templates, file: SourceFile, match: Match, found: Mapping[str, str]) -> "Reading":
    """What ``manager`` makes of the values ``found`` in one place of a file."""
    inputs = {**found, "packageFile": file.path, "packageFileDir": dirname(file.path)}
    made = Reading(manager=manager, templates=templates, file=file, match=match, values=inputs)
    try:
        rendered = {name: template.render(inputs) for name, template in templates.fields.items()}
    except ValueError as error:
        return replace(made, problem=f"a template cannot be filled in: {error}")
    return replace(made, values={**inputs, **rendered})


class _UnusableError(Exception):
    """A match is no dependency; the message says why."""


class Reading(Struct, frozen=True, kw_only=True):
    """One match in one file; ``values`` are what was found there and what the templates make of it.

    ``problem`` says why the templates make nothing of it.
    """

    manager: str
    templates: Templates
    file: SourceFile
    match: Match
    values: Mapping[str, str]
    problem: str | None = None

    def result(self) -> Extracted:
        """The dependency, or why it is none."""
        try:
            self._check_complete()
            found = self._image() if self.values["datasource"] == "docker" else self._plain()
            return self._finished(found) if isinstance(found, Dependency) else found
        except _UnusableError as reason:
            return self._skipped(str(reason))

    def _check_complete(self) -> None:
        if self.problem is not None:
            raise _UnusableError(self.problem)
        if not (self._value("depName") or self._value("packageName")):
            raise _UnusableError("the match has neither depName nor packageName")
        if not self._value("datasource"):
            raise _UnusableError("the match has no datasource")
        if not (self._value("currentValue") or self._value("currentDigest")):
            raise _UnusableError("the match has neither currentValue nor currentDigest")
        if self._value("registryUrl") and "://" not in self._value("registryUrl"):
            raise _UnusableError(f"the registryUrl {self._value('registryUrl')!r} is no URL")

    def _plain(self) -> Dependency:
        name = self._value("depName") or self._value("packageName")
        package = Package(datasource=self.values["datasource"], name=self._value("packageName") or name)
        return self._dependency(name, package, self._span("currentValue"), self._span("currentDigest"))

    def _image(self) -> Extracted:
        value, digest = self._span("currentValue"), self._span("currentDigest")
        if whole := self._image_span(value, digest):
            dep_type = self._value("depType") or None
            return image_dependency(self.file, manager=self.manager, span=whole, dep_type=dep_type)
        name = self._value("depName") or self._value("packageName")
        image = parse_image(self._value("packageName") or name)
        if image is None or image.tag or image.digest:
            raise _UnusableError("not an image reference")
        tag, inline_digest = self._tag_spans(value)
        return self._dependency(name, image_package(image.name), tag, digest or inline_digest)

    def _image_span(self, value: Span | None, digest: Span | None) -> Span | None:
        """Where the whole reference stands, if name, tag and digest do so one behind the other."""
        name = self.match.groups.get("depName")
        if name is None or "depName" in self.templates.fields or self._value("packageName"):
            return None
        end = name.end
        for separator, part in ((":", value), ("@", digest)):
            if part is not None and self.file.text[end : part.start] != separator:
                return None
            end = end if part is None else part.end
        return Span(name.start, end)

    def _tag_spans(self, value: Span | None) -> tuple[Span | None, Span | None]:
        """The tag in ``value``, and the digest behind it."""
        if value is None:
            return None, None
        prefix = "x:"
        image = parse_image(prefix + self._text(value))
        if image is None or image.tag_span is None:
            raise _UnusableError("not an image tag")
        offset = value.start - len(prefix)
        return shifted(image.tag_span, offset), shifted(image.digest_span, offset) if image.digest_span else None

    def _dependency(self, name: str, package: Package, value: Span | None, digest: Span | None) -> Dependency:
        return dependency(
            self.file,
            manager=self.manager,
            name=name,
            package=package,
            value=value,
            digest=digest,
            dep_type=self._value("depType") or None,
        )

    def _finished(self, found: Dependency) -> Dependency:
        registries = (self._value("registryUrl"),) if self._value("registryUrl") else ()
        replacement = self.templates.replacement
        return structs.replace(
            found,
            package=structs.replace(found.package, registry_urls=registries),
            versioning=self._value("versioning") or None,
            extract_version=self._value("extractVersion") or None,
            pinnable=self._is_tag_whole(found) if replacement is None else self._is_pinned_by(replacement, found),
        )

    def _is_tag_whole(self, found: Dependency) -> bool:
        """Whether a digest may be written behind the value: not if the pattern left a part of the tag out."""
        return found.pinnable and found.span is not None and not _IN_TAG.match(self.file.text, found.span.end)

    def _is_pinned_by(self, replacement: Template, found: Dependency) -> bool:
        """Whether ``replacement`` writes the digest of an image behind the value.

        Raises ``_UnusableError`` if it does not come to the same as replacing the value and the digest.
        """
        value = _NEW_VALUE if found.span else ""
        digest = _NEW_DIGEST if found.digest_span else ""
        name = {"depName": found.name, "packageName": found.package.name}
        whole = {"replaceString": self._text(self.match.whole)}
        inputs = {**name, **self.values, **whole, "newValue": value, "newDigest": digest}
        if replacement.render(inputs) != self._marked(found, value):
            raise _UnusableError("autoReplaceStringTemplate changes more than the value and the digest")
        if not value or digest or found.package.datasource != "docker":
            return False
        pinned = replacement.render({**inputs, "newDigest": _NEW_DIGEST})
        return pinned == self._marked(found, f"{value}@{_NEW_DIGEST}")

    def _marked(self, found: Dependency, value: str) -> str:
        """The text of the match with ``value`` and a mark in place of the current value and digest."""
        parts, position = [], self.match.whole.start
        marks = ((found.span, value), (found.digest_span, _NEW_DIGEST))
        for span, mark in sorted((span, mark) for span, mark in marks if span):
            parts += [self.file.text[position : span.start], mark]
            position = span.end
        return "".join((*parts, self.file.text[position : self.match.whole.end]))

    def _span(self, field: str) -> Span | None:
        """Where the value of ``field`` stands; None if there is none."""
        text, group = self._value(field), self.match.groups.get(field)
        if not text or (group and self._text(group) == text):
            return group if text else None
        start, end = self.match.whole
        if self.file.text.count(text, start, end) != 1:
            made = f"{field}Template makes" if field in self.templates.fields else f"{field} is"
            raise _UnusableError(f"{made} {text!r}, which does not stand in the match exactly once")
        start = self.file.text.index(text, start, end)
        return Span(start, start + len(text))

    def _value(self, field: str) -> str:
        return self.values.get(field, "")

    def _text(self, span: Span) -> str:
        return self.file.text[span.start : span.end]

    def _skipped(self, reason: str) -> Skipped:
        row = skipped(
            self.file,
            manager=self.manager,
            reason=reason,
            at=self.match.groups.get("currentValue"),
            name=self._value("depName") or self._value("packageName") or None,
            datasource=self._value("datasource") or None,
            dep_type=self._value("depType") or None,
        )
        return (
            row
            if row.span
            else structs.replace(row, line=self.file.line_of(self.match.whole.start), span=self.match.whole)
        )
