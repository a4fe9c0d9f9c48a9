"""GitLab pipelines: which documents are ones, and what they include."""

import re
from collections.abc import Callable, Iterator

from managers._yaml import Document, Mapping, Node, Scalar, Sequence
from updater.api import SourceFile

PATH = re.compile(
    r"(?:^|/)(?:[^/]*\.?gitlab-ci[^/]*\.ya?ml|\.gitlab(?:-ci)?/(?:.*/)?[^/]+\.ya?ml|gitlab-ci/(?:.*/)?[^/]+\.ya?ml)$"
)
"""The usual places; GitLab lets a pipeline, and what it includes, have any name."""

WORDS = ("script:", "component:", "include:")
"""One of these stands in every pipeline that has another name."""

_TELLING = frozenset(
    ("stage", "image", "rules", "extends", "needs", "tags", "services", "before_script", "artifacts", "only", "except")
)


def wanted(file: SourceFile) -> Callable[[Document], bool]:
    """Which documents of ``file`` are worth parsing."""
    is_known = PATH.search(file.path) is not None
    is_likely = file.mentions(*WORDS)

    def is_wanted(document: Document) -> bool:
        if is_known:
            return True
        if not is_likely or (document.field("apiVersion") and document.field("kind")):
            return False
        return document.mentions("script:", "component:") or (document.mentions("include:") and _mentions_ref(document))

    return is_wanted


def _mentions_ref(document: Document) -> bool:
    return document.mentions("remote:") or (document.mentions("project:") and document.mentions("ref:"))


def is_pipeline(file: SourceFile, root: Mapping) -> bool:
    """Whether ``root`` is a pipeline: by its place, by a job with a script, or by what it includes."""
    if PATH.search(file.path):
        return True
    jobs = (node for _, node in root.items() if isinstance(node, Mapping))
    return any("script" in job and any(key in job for key in _TELLING) for job in jobs) or any(
        _is_told_by(include) for include in includes(root) if isinstance(include, Mapping)
    )


def _is_told_by(include: Mapping) -> bool:
    component = include.text("component")
    return (component is not None and "@" in component and "/" in component) or (
        "project" in include and "file" in include
    )


def includes(root: Mapping) -> Iterator[Node]:
    """What a pipeline includes, itself and in the pipelines that its jobs trigger: mappings, or addresses alone."""
    yield from _listed(root.get("include"))
    for key, job in root.items():
        trigger = job.mapping("trigger") if isinstance(job, Mapping) and key != "include" else None
        yield from _listed(trigger.get("include")) if trigger else ()


def _listed(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Sequence):
        yield from node
    elif node is not None:
        yield node


def local_paths(root: Mapping) -> Iterator[str]:
    """The files of the same repository that a pipeline includes, as globs."""
    for include in includes(root):
        local = include.scalar("local") if isinstance(include, Mapping) else include
        if isinstance(local, Scalar) and local.has_text and "://" not in local.text and "$" not in local.text:
            yield local.text.lstrip("/")
