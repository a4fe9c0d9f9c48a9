"""Flux's sources: repositories in Git and in container registries, with the revision they are read at."""

from collections.abc import Iterator

from managers._flux_clues import (
    NAME,
    REVISION,
    SOURCE,
    USE,
    Object,
    is_version_like,
    pending,
    present,
    variable_in,
    why_not_plain,
)
from managers._git import git_package, version_behind, why_not_a_tag, without_credentials
from managers._git import revision as revision_at
from managers._images import ImageReader
from managers._yaml import Mapping, Scalar
from updater.api import Extracted, Package, Skipped, Span, dependency, image_package, parse_image, skipped

_TAGS = "refs/tags/"


def source(it: Object) -> Iterator[Extracted]:
    """The clue that a source gives to whoever refers to it; none if it does not say its address."""
    if url := it.spec.text("url"):
        type_ = it.spec.text("type") or ""
        yield it.clue(SOURCE, kind=it.kind, name=it.name, namespace=it.namespace, url=url, type=type_)


def source_package(kind: str, url: str) -> Package | None:
    """The lookup key of the source at ``url``; None if that is no address."""
    if kind != "OCIRepository":
        return git_package(url)
    reference = parse_image(url.rstrip("/"))
    return image_package(reference.name) if reference else None


# ---------------------------------------------------------------- GitRepository


def git_repository(it: Object) -> Iterator[Extracted]:
    """The revision of a ``GitRepository``.

    Of several the strongest counts: commit, name, semver, tag, branch
    (https://fluxcd.io/flux/components/source/gitrepositories/#reference).
    """
    yield from source(it)
    reference = it.spec.mapping("ref")
    if reference is not None:
        yield from _git_revision(it, reference)


def _git_revision(it: Object, reference: Mapping) -> Iterator[Extracted]:
    commit, name, semver, tag, branch = (
        present(reference, key) for key in ("commit", "name", "semver", "tag", "branch")
    )
    if name is not None:
        tag, branch, semver = (name, None, None) if name.text.startswith(_TAGS) else (None, name, None)
    if commit is not None:
        yield from _commit(it, commit, tag, branch)
    elif semver is not None:
        yield from revision(it, semver, versioning="helm")
        yield from _overridden(it, tag, "semver")
    elif tag is not None:
        yield from revision(it, tag)
    elif branch is not None and any(character.isdigit() for character in branch.text):
        yield _skipped(it, branch, "follows a branch")


def _commit(it: Object, commit: Scalar, tag: Scalar | None, branch: Scalar | None) -> Iterator[Extracted]:
    """A commit, which moves with the tag or the branch that is named beside it, or with the version in a comment."""
    url = it.spec.text("url")
    if tag is not None:
        yield from revision(it, tag, digest=commit)
    elif url and not why_not_plain(commit, url) and commit.span and version_behind(it.file.text, commit.span.end):
        package = git_package(url)
        yield revision_at(it.file, manager=NAME, name=package.name, package=package, at=commit.span, dep_type=it.kind)
    elif branch is None or not url or why_not_plain(commit, branch, url):
        yield _skipped(it, commit, "pinned to a commit")
    else:
        package = Package(datasource="git-refs", name=without_credentials(url))
        yield dependency(
            it.file,
            manager=NAME,
            name=package.name,
            package=package,
            value=branch.span,
            digest=commit.span,
            dep_type=it.kind,
        )


# ---------------------------------------------------------------- OCIRepository


def oci_repository(it: Object) -> Iterator[Extracted]:
    """The revision of an ``OCIRepository``: digest beats semver, semver beats tag.

    https://fluxcd.io/flux/components/source/ocirepositories/#reference
    """
    yield from source(it)
    reference = it.spec.mapping("ref")
    if reference is not None:
        yield from _oci_revision(it, reference)


def _oci_revision(it: Object, reference: Mapping) -> Iterator[Extracted]:
    tag, semver, digest = (present(reference, key) for key in ("tag", "semver", "digest"))
    url = present(it.spec, "url")
    if semver is not None and digest is None:
        yield from revision(it, semver, versioning="helm")
        yield from _overridden(it, tag, "semver")
    elif tag is not None and (url is None or variable_in(tag.text)):
        yield from revision(it, tag, digest=digest)
    elif url is not None and (tag is not None or digest is not None):
        images = ImageReader(file=it.file, manager=NAME, dep_type=it.kind)
        # Since Flux 2.2 a digest is no part of the tag: https://github.com/fluxcd/source-controller/issues/1471
        yield images.in_parts(url.text.rstrip("/"), at=url, tag=tag, digest=digest, pinnable=False)
        yield from _overridden(it, semver, "the digest")


# ---------------------------------------------------------------- shared


def revision(
    it: Object, revision: Scalar, *, digest: Scalar | None = None, versioning: str | None = None
) -> Iterator[Extracted]:
    """A tag or, with ``versioning``, a range; where its value or its repository stands elsewhere, a clue."""
    url = it.spec.text("url")
    tag = revision.text.removeprefix(_TAGS)
    package = source_package(it.kind, url) if url else None
    reason = _why_unmanageable(it, revision, digest, versioning)
    if reason is not None:
        yield _skipped(it, revision, reason)
        if package is not None and (variable := variable_in(tag)):
            yield _use(it, variable, package, versioning)
    elif package is None:
        about = pending(it.file, revision.span, it.name, it.kind, digest=digest.span if digest else None)
        yield it.clue(REVISION, about, kind=it.kind, name=it.name, namespace=it.namespace, versioning=versioning)
    else:
        span = revision.span or revision.where
        yield dependency(
            it.file,
            manager=NAME,
            name=package.name,
            package=package,
            value=Span(span.end - len(tag), span.end),
            digest=digest.span if digest else None,
            versioning=versioning,
            dep_type=it.kind,
        )


def _why_unmanageable(it: Object, revision: Scalar, digest: Scalar | None, versioning: str | None) -> str | None:
    url = it.spec.text("url") or ""
    reason = why_not_plain(revision, url) or why_not_plain(digest)
    if reason is not None:
        return reason
    if url and source_package(it.kind, url) is None:
        return "not an image reference"
    if versioning is not None:
        return None if is_version_like(revision.text) else "not version-like"
    return why_not_a_tag(revision.text.removeprefix(_TAGS))


def _use(it: Object, variable: str, package: Package, versioning: str | None) -> Extracted:
    return it.clue(
        USE,
        variable=variable,
        name=package.name,
        datasource=package.datasource,
        package=package.name,
        versioning=versioning,
    )


def _overridden(it: Object, revision: Scalar | None, winner: str) -> Iterator[Extracted]:
    if revision is not None:
        yield _skipped(it, revision, f"overridden by {winner}")


def _skipped(it: Object, revision: Scalar, reason: str) -> Skipped:
    url = it.spec.text("url") or ""
    package = source_package(it.kind, url) if url and "$" not in url else None
    return skipped(
        it.file,
        manager=NAME,
        reason=reason,
        at=revision.span or revision.where,
        name=package.name if package else url or it.name,
        datasource=package.datasource if package else None,
        dep_type=it.kind,
    )
