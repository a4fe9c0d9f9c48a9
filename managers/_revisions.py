"""Git repositories with a revision, as several tools' files name them."""

from managers._git import git_package, github_package, github_repository, is_range, why_not_a_tag
from managers._images import SCATTERED, TEMPLATED
from managers._manifests import versionless
from managers._yaml import Scalar
from updater.api import Extracted, Package, SourceFile, dependency, skipped


def repository_tags(url: str) -> Package:
    """The tags of the repository at ``url``: asked of GitHub itself where it is there."""
    github = github_repository(url)
    return github_package(github) if github else git_package(url)


def tag_dependency(
    file: SourceFile,
    *,
    manager: str,
    url: Scalar,
    revision: Scalar | None,
    package: Package | None = None,
    dep_type: str | None = None,
) -> Extracted:
    """The repository at ``url`` with a tag (or another revision, which is not managed) as ``revision``.

    ``package`` is what to look up, if not the tags of the address as it is written.
    """
    package = package or repository_tags(url.text)
    if revision is None or not revision.has_text:
        return versionless(
            file, url, manager=manager, reason="no version", datasource=package.datasource, dep_type=dep_type
        )
    reason = _why_unmanageable(url, revision)
    if reason is not None or revision.span is None:
        return skipped(
            file,
            manager=manager,
            reason=reason or SCATTERED,
            at=revision.span or revision.where,
            name=package.name,
            datasource=package.datasource,
            dep_type=dep_type,
        )
    return dependency(
        file,
        manager=manager,
        name=package.name,
        package=package,
        value=revision.span,
        dep_type=dep_type,
    )


def _why_unmanageable(url: Scalar, revision: Scalar) -> str | None:
    if url.is_templated or revision.is_templated:
        return TEMPLATED
    if url.text.removeprefix("git+").startswith(("file:", "/", ".")):
        return "local path"
    if "$" in url.text + revision.text:
        return "contains a variable"
    return "follows a branch" if is_range(revision.text) else why_not_a_tag(revision.text)  # Git resolves no ranges
