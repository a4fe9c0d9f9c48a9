"""Versions with a comment that says what they are, in any YAML, HCL, shell, env, Make or Docker file.

The comment stands above the version, or behind it on the same line:

    # renovate: datasource=github-releases depName=kubernetes/kubernetes
    KUBERNETES_VERSION=v1.31.0

    image:
      # updater: datasource=docker depName=ghcr.io/acme/web
      tag: 2.4.1

    cni_version: "1.5.1" # renovate: datasource=github-tags depName=containernetworking/plugins versioning=semver

`datasource` and `depName` (or `packageName`) are needed; `packageName` (what to look up, if not `depName`),
`versioning`, `registryUrl` and `depType` may be given. The version is what follows the first `:` or `=` of
the line: a quoted text, or everything up to a blank; in `${NAME:-1.2.3}` the default. For `docker` it may be a
tag, a tag with a digest or a whole image reference.

An annotation that cannot be followed is reported with the reason.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from updater.api import (
    Dependency,
    Extracted,
    Package,
    Skipped,
    SourceFile,
    Span,
    dependency,
    image_package,
    parse_image,
    skipped,
)

NAME = "annotations"
FILES: tuple[str, ...] = (
    "*.yaml",
    "*.yml",
    "*.tf",
    "*.tofu",
    "*.tfvars",
    "*.hcl",
    "*.env",
    ".env",
    ".env.*",
    "*.sh",
    "*.mk",
    "*.toml",
    "*.just",
    "Makefile",
    "[Jj]ustfile",
    ".justfile",
    "Dockerfile*",
    "*.Dockerfile",
    "Containerfile*",
)
MARKERS: tuple[str, ...] = ("renovate:", "updater:")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_ANNOTATION = re.compile(r"(?<![#/])(?:\#++|//++|/\*++)[ \t]*+(?:renovate|updater):(?P<settings>[^\n]*)")
_SETTING = re.compile(r"(?<!\S)(\w++)=(\S++)")
_SETTINGS = frozenset(
    {"datasource", "depName", "packageName", "lookupName", "versioning", "registryUrl", "depType", "extractVersion"}
)
_VALUE = re.compile(
    r"""
    [ \t\ufeff]*+ (?: -[ \t]++ )*+
    (?: (?:ENV|ARG)[ \t]++\w++[ \t]++                                   # ENV NAME 1.2.3
      | (?: "[^"\n]*+" | '[^'\n]*+' | [^:=\n"'] )*+ [:=]++ [ \t]*+      # name: 1.2.3, NAME = "1.2.3", NAME := 1.2.3
      | (?<=-[ \t])                                                     # - 1.2.3
    )
    (?: [&!][^\s]*+[ \t]++ )*+ [\[(]?                                   # an anchor, a tag, the start of a list
    (?: "(?P<double>[^"\n]*+)" | '(?P<single>[^'\n]*+)' | (?P<bare>(?: \$\{[^}\n]*+\} | [^\s"'\#,;()\[\]{}] )++) )
    """,
    re.VERBOSE,
)
_DEFAULT = re.compile(r"\$\{\w++:?[-=]([^}]++)\}")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """A dependency for each annotated version, and a reason for each annotation that leads to none."""
    for comment in _ANNOTATION.finditer(file.text):
        settings = dict(_SETTING.findall(comment["settings"].removesuffix("\r").removesuffix("*/")))
        if settings:
            yield _Annotation(file=file, comment=Span(*comment.span()), settings=settings).result()


class _UnusableError(Exception):
    """An annotation leads to no dependency; the message says why."""


class _Annotation(Struct, frozen=True, kw_only=True):
    """One comment with what it says."""

    file: SourceFile
    comment: Span
    settings: Mapping[str, str]

    def result(self) -> Extracted:
        """The dependency, or why it is none."""
        value = self._value()
        if value is None:
            return self._skipped("no version on this line or the next one", None)
        try:
            self._check_settings()
            return self._image(value) if self.settings["datasource"] == "docker" else self._plain(value)
        except _UnusableError as reason:
            return self._skipped(str(reason), value)

    def _check_settings(self) -> None:
        if unknown := sorted(self.settings.keys() - _SETTINGS):
            raise _UnusableError(f"the annotation has an unknown setting: {unknown[0]}")
        if "datasource" not in self.settings:
            raise _UnusableError("the annotation names no datasource")
        if not self._name:
            raise _UnusableError("the annotation has neither depName nor packageName")
        if "://" not in self.settings.get("registryUrl", "://"):
            raise _UnusableError("the registryUrl is no URL")

    @property
    def _name(self) -> str:
        return self.settings.get("depName") or self._package_name

    @property
    def _package_name(self) -> str:
        names = (self.settings.get(key) for key in ("packageName", "lookupName", "depName"))
        return next((name for name in names if name), "")

    def _value(self) -> Span | None:
        """Where the version stands: before the comment, or in the line below."""
        text = self.file.text
        start, end = text.rfind("\n", 0, self.comment.start) + 1, self.comment.start
        if not text[start:end].strip(" \t\ufeff{-"):
            start = self.comment.end + 1
            end = text.find("\n", start)
        match = _VALUE.match(text, start, end if end >= 0 else len(text))
        if match is None:
            return None
        span = Span(*match.span(str(match.lastgroup)))
        default = _DEFAULT.fullmatch(text, *span)
        return Span(*default.span(1)) if default else span

    def _plain(self, value: Span) -> Extracted:
        self._check_version(value)
        package = Package(
            datasource=self.settings["datasource"], name=self._package_name, registry_urls=self._registry_urls
        )
        return self._dependency(package, value, None, pinnable=False)

    def _image(self, value: Span) -> Extracted:
        """The value may be a tag, a digest, both, or a whole reference."""
        self._check_version(value)
        image = parse_image(self._package_name)
        if image is None or image.tag or image.digest:
            raise _UnusableError(f"{self._package_name!r} is not an image without a tag")
        package = structs.replace(image_package(image.name), registry_urls=self._registry_urls)
        for prefix in ("x:", "x@", ""):
            found = parse_image(prefix + self._text(value))
            if found is not None and (found.tag or found.digest):
                offset = value.start - len(prefix)
                tag, digest = _shifted(found.tag_span, offset), _shifted(found.digest_span, offset)
                return self._dependency(package, tag, digest, pinnable=not prefix and tag is not None)
        raise _UnusableError("neither a tag nor an image")

    def _check_version(self, value: Span) -> None:
        text = self._text(value)
        if not text or "://" in text:
            raise _UnusableError("an address is no version" if text else "the version is empty")
        if "$" in text or "{{" in text:
            raise _UnusableError("contains a variable")

    @property
    def _registry_urls(self) -> tuple[str, ...]:
        return (self.settings["registryUrl"],) if "registryUrl" in self.settings else ()

    def _dependency(self, package: Package, value: Span | None, digest: Span | None, *, pinnable: bool) -> Dependency:
        return dependency(
            self.file,
            manager=NAME,
            name=self._name,
            package=package,
            value=value,
            digest=digest,
            pinnable=pinnable,
            versioning=self.settings.get("versioning"),
            extract_version=self.settings.get("extractVersion"),
            dep_type=self.settings.get("depType"),
        )

    def _skipped(self, reason: str, value: Span | None) -> Skipped:
        row = skipped(
            self.file,
            manager=NAME,
            reason=reason,
            at=value,
            name=self._name or None,
            datasource=self.settings.get("datasource"),
            dep_type=self.settings.get("depType"),
        )
        return row if value else structs.replace(row, line=self.file.line_of(self.comment.start))

    def _text(self, span: Span) -> str:
        return self.file.text[span.start : span.end]


def _shifted(span: Span | None, offset: int) -> Span | None:
    return Span(span.start + offset, span.end + offset) if span else None
