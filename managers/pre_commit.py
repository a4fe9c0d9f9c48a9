"""Hooks in `.pre-commit-config.yaml`, and the packages they are installed with.

    repos:
      - repo: https://github.com/pre-commit/pre-commit-hooks
        rev: v4.6.0
      - repo: https://github.com/antonbabenko/pre-commit-terraform
        rev: 8a1f8d2a9c1c7a4f0c3e9d5f2b6a4d8e1f0c7b3a  # frozen: v1.92.0
        hooks:
          - id: terraform_fmt
      - repo: https://github.com/pre-commit/mirrors-mypy
        rev: v1.11.0
        hooks:
          - id: mypy
            language: python
            additional_dependencies: [pydantic==2.8.2, "types-PyYAML>=6,<7"]

A frozen commit moves together with the version in its comment. Packages are those of Python (`name==1.2`), and, of
hooks whose `language` says so, of `node` (`name@1.2`) and `golang` (`module@v1.2`). Repositories called `local` and
`meta` have no revision; branches and bare commits are listed, not updated. `dep_type` is `repository`, or
`pre-commit-python` and the like.
"""

import re
from collections.abc import Iterator

from managers._git import repository
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Scalar
from updater.api import Extracted, Package, SourceFile, Span, dependency

NAME = "pre-commit"
FILES: tuple[str, ...] = (".pre-commit-config.yaml", ".pre-commit-config.yml")
MARKERS: tuple[str, ...] = ("repos",)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_PACKAGES = {
    "python": (
        "pypi",
        re.compile(
            r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?[ ]*"
            r"(?:==[ ]*(?P<version>\d[^\s;,@]*)|(?P<range>(?:[~=!]=|[<>]=?)[^;@]*[^;@\s]))(?:[ ]*;.*)?"
        ),
    ),
    "node": ("npm", re.compile(r"(?P<name>@?[\w./-]+)@(?P<version>[\d^~<>=v][^@\s]*)")),
    "golang": ("go", re.compile(r"(?P<name>[\w.-]+(?:/[\w.~-]+)+)@(?P<version>v?\d[\w.+-]*)")),
}


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The repositories of hooks in ``file``, and the packages that the hooks need."""
    return extract_documents(file, manager=NAME, wanted=_is_wanted, read=_read)


def _is_wanted(document: Document) -> bool:
    return document.field("repos") is not None


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for entry in root.mappings("repos"):
        url, revision = entry.scalar("repo"), entry.scalar("rev") or entry.scalar("sha")
        if url is not None and url.has_text and url.text not in ("local", "meta"):
            yield repository(file, manager=NAME, url=url, at=revision, dep_type="repository")
        for hook in entry.mappings("hooks"):
            for package in hook.elements("additional_dependencies"):
                if isinstance(package, Scalar) and package.span:
                    yield from _package(file, package, hook.text("language"))


def _package(file: SourceFile, package: Scalar, language: str | None) -> Iterator[Extracted]:
    """One of ``additional_dependencies``; of a hook that does not name its language, Python's are told by ``==``."""
    if language is None and "==" not in package.text:
        return
    datasource, pattern = _PACKAGES.get(language or "python", (None, None))
    match = pattern.fullmatch(package.text) if pattern else None
    if match and datasource and package.span:
        start = package.span.start
        value = Span(*(start + offset for offset in match.span(match.lastgroup or "version")))
        yield dependency(
            file,
            manager=NAME,
            name=match["name"],
            package=Package(datasource=datasource, name=match["name"]),
            value=value,
            dep_type=f"pre-commit-{language or 'python'}",
        )
