"""What a token may do on GitHub, as far as an answer of GitHub tells.

A classic token's scopes stand in a header of every answer. A fine-grained one's and an app's permissions do not: of
those only the right to push is known.
"""

from collections.abc import Iterator, Mapping

from updater.api import Finding, FindingLevel

_SCOPES = "x-oauth-scopes"


def findings(headers: Mapping[str, str | int], *, push: bool, archived: bool) -> Iterator[Finding]:
    """Out of the answer to a request for the repository: its headers, and what it says of the repository."""
    if archived:
        yield Finding(subject="repository", level=FindingLevel.FAILED, text="it is archived: nothing can be written")
    if push:
        yield Finding(subject="token", level=FindingLevel.FINE, text="it may push to the repository")
    else:
        text = "it may not push: it needs write access to contents and pull requests"
        yield Finding(subject="token", level=FindingLevel.FAILED, text=text)
    if _SCOPES in headers:
        yield from _of_scopes({scope.strip() for scope in str(headers[_SCOPES]).split(",")} - {""})


def _of_scopes(scopes: set[str]) -> Iterator[Finding]:
    if not scopes & {"repo", "public_repo"}:
        yield Finding(subject="token", level=FindingLevel.FAILED, text="it lacks the scope repo")
    if "workflow" not in scopes:
        text = "it lacks the scope workflow: files below .github/workflows cannot be updated"
        yield Finding(subject="token", level=FindingLevel.WARNING, text=text)
    if spare := sorted(scopes - {"repo", "public_repo", "repo_deployment", "workflow", "read:org"}):
        text = f"it may do more than is needed: {', '.join(spare)}"
        yield Finding(subject="token", level=FindingLevel.WARNING, text=text)


def of_deployments(headers: Mapping[str, str | int]) -> Finding:
    """Whether a token that may read deployments may write them."""
    if _SCOPES not in headers:
        text = "they can be read; writing them needs the permission deployments: write, of which GitHub does not tell"
        return Finding(subject="deployments", level=FindingLevel.FINE, text=text)
    if {scope.strip() for scope in str(headers[_SCOPES]).split(",")} & {"repo", "repo_deployment"}:
        return Finding(subject="deployments", level=FindingLevel.FINE, text="the token may write them")
    text = "the token lacks the scope repo_deployment, without which they cannot be written"
    return Finding(subject="deployments", level=FindingLevel.FAILED, text=text)
