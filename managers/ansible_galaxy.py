"""Ansible roles and collections in `requirements.yml` and `galaxy.yml`.

    roles:
      - name: geerlingguy.docker
        version: 7.4.1
      - src: https://github.com/acme/ansible-role-base
        scm: git
        version: v2.3.0
    collections:
      - name: community.general
        version: ">=9.0.0,<10.0.0"
      - name: https://github.com/acme/ansible-collection-platform.git
        type: git
        version: 1.8.0

Read, too, are lists of roles without a heading, and the `dependencies` of a collection's `galaxy.yml`. Roles and
collections of Galaxy are looked up there (collections at their `source`, if it is another server), those of Git
repositories by their tags. Branches, commits and archives are listed, not updated. `dep_type` is `role` or
`galaxy-collection`.
"""

import re
from collections.abc import Iterator

from managers._git import COMMIT, git_package, repository, why_not_a_tag
from managers._images import SCATTERED, TEMPLATED
from managers._lists import list_items
from managers._manifests import settled, versionless
from managers._yaml import Document, Mapping, Scalar, documents_in
from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

NAME = "ansible-galaxy"
FILES: tuple[str, ...] = ("*requirements*.yml", "*requirements*.yaml", "galaxy.yml", "galaxy.yaml")
MARKERS: tuple[str, ...] = ("version", "dependencies", ",")
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_ROLE, _COLLECTION = "role", "galaxy-collection"
_GALAXY_NAME = re.compile(r"[A-Za-z0-9_-]+\.[\w-]+")
_REPOSITORY = re.compile(r"git\+|git@|[\w+]+://|[\w.-]+@[\w.-]+:|[^\s]+\.git$")
_ARCHIVE = re.compile(r".*\.(?:tar|tar\.\w+|tgz|zip)")
_ADDRESS = re.compile(r"(?:git\+)?(?P<url>[^#,]*+)(?:#[^,]*+)?(?:,(?P<version>.*))?")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The roles and collections that ``file`` asks for."""
    return settled(item for document in documents_in(file) for item in _read(file, document))


def _read(file: SourceFile, document: Document) -> Iterator[Extracted]:
    root = document.root
    if root is None:
        roots = (item.root for item in list_items(document))
        yield from (item for role in roots if role is not None for item in _role(file, role))
        return
    for role in root.mappings("roles"):
        yield from _role(file, role)
    for collection in root.elements("collections"):
        if isinstance(collection, Mapping):
            yield from _collection(file, collection)
        elif isinstance(collection, Scalar) and _REPOSITORY.match(collection.text):
            yield _in_repository(file, collection, None, _COLLECTION)
    if {"namespace", "name", "version"} <= {key for key, _ in root.items()}:
        yield from _dependencies(file, root)


def _role(file: SourceFile, role: Mapping) -> Iterator[Extracted]:
    source = next(
        (it for it in (role.scalar("src"), role.scalar("name"), role.scalar("role")) if it and it.has_text), None
    )
    if source is None or "include" in role:
        return
    version = role.scalar("version")
    if role.text("scm") == "git" or _REPOSITORY.match(source.text):
        yield _in_repository(file, source, version, _ROLE)
    elif _GALAXY_NAME.fullmatch(source.text):
        yield _in_galaxy(file, source, version, Package(datasource="galaxy", name=source.text), _ROLE)


def _collection(file: SourceFile, collection: Mapping) -> Iterator[Extracted]:
    name, source, kind = collection.scalar("name"), collection.scalar("source"), collection.text("type")
    if name is None or not name.has_text:
        name = source
    if name is None or not name.has_text or kind in ("dir", "file", "subdirs"):
        return
    version = collection.scalar("version")
    if kind == "git" and source is not None and _REPOSITORY.match(source.text):
        yield _in_repository(file, source, version, _COLLECTION)
    elif kind == "git" or _REPOSITORY.match(name.text):
        yield _in_repository(file, name, version, _COLLECTION)
    elif name.is_templated or _GALAXY_NAME.fullmatch(name.text):
        server = (source.text,) if source and source.text.startswith("http") else ()
        package = Package(datasource="galaxy-collection", name=name.text, registry_urls=server)
        yield _in_galaxy(file, name, version, package, _COLLECTION)


def _dependencies(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    """What a collection depends on, in its ``galaxy.yml``."""
    wanted = root.mapping("dependencies")
    for name, version in wanted.items() if wanted else ():
        if isinstance(version, Scalar) and _GALAXY_NAME.fullmatch(name):
            yield _in_galaxy(file, version, version, Package(datasource="galaxy-collection", name=name), _COLLECTION)


def _in_galaxy(file: SourceFile, at: Scalar, version: Scalar | None, package: Package, dep_type: str) -> Extracted:
    """A role or collection of Galaxy, or of another server of its kind, at a version or range of versions."""
    if version is None or not version.has_text:
        return versionless(
            file, at, manager=NAME, reason="no version", datasource=package.datasource, dep_type=dep_type
        )
    reason = TEMPLATED if version.is_templated or at.is_templated else None
    if reason is None and not any(character.isdigit() or character == "*" for character in version.text):
        reason = "not version-like"
    if reason is None and why_not_a_tag(version.text) == COMMIT:
        reason = COMMIT
    if version.span is None or reason is not None:
        return skipped(
            file,
            manager=NAME,
            reason=reason or SCATTERED,
            at=version.span or version.where,
            name=package.name,
            datasource=package.datasource,
            dep_type=dep_type,
        )
    return dependency(file, manager=NAME, name=package.name, package=package, value=version.span, dep_type=dep_type)


def _in_repository(file: SourceFile, source: Scalar, version: Scalar | None, dep_type: str) -> Extracted:
    """A role or collection in a Git repository; its version may stand behind the address (``…,v1.2.3``)."""
    address = _ADDRESS.fullmatch(source.text)
    url = address["url"] if address else source.text
    if _ARCHIVE.fullmatch(url) or (address is None):
        at = source.span or source.where
        return skipped(file, manager=NAME, reason="downloads cannot be looked up", at=at, name=url, dep_type=dep_type)
    package = git_package(url)
    is_remote = not url.startswith(("file:", "/", "."))
    if is_remote and address["version"] and source.span and why_not_a_tag(address["version"]) is None:
        span = Span(source.span.start + address.start("version"), source.span.end)
        return dependency(file, manager=NAME, name=package.name, package=package, value=span, dep_type=dep_type)
    return repository(file, manager=NAME, url=source, at=version, package=package, dep_type=dep_type)
