"""Which files hold Helm values: by name, by place, by content, and because another file says so."""

import posixpath
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from managers._helm import is_image_map
from managers._yaml import Mapping
from updater.api import SourceFile, parse_image

CHART_FILES = ("Chart.yaml", "Chart.yml")

_NAME = re.compile(
    r"(?:.*[._-])?(?i:values)(?:[._-].*)?\.(?:ya?ml|json|gotmpl)|.*[a-z]Values\.ya?ml|values[A-Z].*\.ya?ml", re.DOTALL
)
_DIRECTORIES = frozenset(("values", "helm-values", "helm_values", "helmvalues", "valuefiles", "values-files"))
_OTHER_DIRECTORIES = ("/templates/", "/crds/", "/.github/")
_OTHER_NAME = re.compile(
    r"^\.|\.(?:tpl|tf)$|schema\.json$|compose[^/]*+\.ya?ml$"
    r"|^(?:Chart|requirements|kustomization|helmfile|fleet|skaffold|vendir|mkdocs|galaxy|meta|action)\.ya?ml$"
)

_OTHERS = (
    *({"openapi"}, {"swagger"}, {"suite"}, {"$schema", "properties"}, {"AWSTemplateFormatVersion"}, {"helmfiles"}),
    *({"on", "jobs"}, {"tests", "templates"}, {"helm", "defaultNamespace"}, {"helm", "targetCustomizations"}),
)
"""Keys at the root that belong to another kind of file, however much the rest looks like values."""

_PERHAPS_OTHERS = frozenset(
    (
        *(
            "services",
            "jobs",
            "job",
            "steps",
            "tasks",
            "pipeline",
            "pipelines",
            "workflows",
            "workflow",
            "stages",
            "phases",
        ),
        *(
            "trigger",
            "pool",
            "resource_types",
            "orbs",
            "runs",
            "build",
            "platforms",
            "hosts",
            "repos",
            "site_name",
            "plays",
        ),
        *(
            "script",
            "before_script",
            "include",
            "default",
            "deployments",
            "configVersion",
            "nodes",
            "cluster_name",
            "on",
        ),
        *("packages", "apps", "releases", "repositories", "dependencies", "updates", "collections", "roles", "runtime"),
        *("containers", "variables", "settings", "apiVersion", "kind"),
    )
)
"""Keys at the root that make it doubtful whether a file with ``image: nginx:1.27`` holds values."""

MENTIONS = ("valueFiles", "valuesFile", "ValuesFile", "helm_release", "releases:", "values.yaml=", "values.yml=")
"""What introduces values files."""
_TEMPLATE = re.compile(r"\$?\{\{[^{}]*+\}\}|\$\{[^{}]*+\}")
_PATH = re.compile(r"[\w./$@*+-]++")
_ENDINGS = (".yaml", ".yml", ".json", ".gotmpl")
_MAX_MENTIONS = 1_000


# ---------------------------------------------------------------- one file


def is_template(path: str) -> bool:
    """Whether the file is one of a chart's templates."""
    return "/templates/" in path or path.startswith("templates/") or path.endswith(".tpl")


def may_hold_values(path: str) -> bool:
    """Whether the file's name and place leave it open that it holds values."""
    directory, _, name = f"/{path}".rpartition("/")
    is_elsewhere = directory.endswith("/helmfile.d") or any(part in f"{directory}/" for part in _OTHER_DIRECTORIES)
    return not is_elsewhere and not _is_other_name(name)


@lru_cache(maxsize=4096)
def _is_other_name(name: str) -> bool:
    return _OTHER_NAME.search(name) is not None


def named_like_values(path: str) -> bool:
    """Whether the file's name, or that of a directory it is in, says that it holds values."""
    *directories, name = path.split("/")
    return _is_name(name) or any(part.lower() in _DIRECTORIES for part in directories)


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def is_other_dialect(root: Mapping) -> bool:
    """Whether a document is certainly not values."""
    if root.text("apiVersion") and root.text("kind"):
        return True
    if any("chart" in release for release in root.mappings("releases")):
        return True
    names = root.keys()
    return any(keys <= names for keys in _OTHERS)


def is_doubtful(root: Mapping) -> bool:
    """Whether a document in which nothing looks like values may be something else."""
    names = {key for key, _ in root.items()}
    jobs = (node for _, node in root.items() if isinstance(node, Mapping))
    return bool(names & _PERHAPS_OTHERS) or any("script" in job or "steps" in job for job in jobs)


def looks_like_values(root: Mapping) -> bool:
    """Whether an image has a map of its own, as only Helm values have it."""
    return any(_is_telling(key, mapping) for key, mapping in root.walk())


def _is_telling(key: str, mapping: Mapping) -> bool:
    if not is_image_map(key, mapping) or not any(word in mapping for word in ("tag", "digest", "version")):
        return False
    name = next((text for word in ("repository", "name", "repo") if (text := mapping.text(word))), None)
    is_image = "image" in key.lower() or "pullPolicy" in mapping or "registry" in mapping
    return is_image and name is not None and parse_image(name) is not None


# ---------------------------------------------------------------- several files


def mentioned_files(file: SourceFile) -> Sequence[str]:
    """The paths, as they are written, that ``file`` may hand to Helm as values; ``*`` for what a template fills in."""
    if not file.mentions(*MENTIONS):
        return ()
    text = _TEMPLATE.sub("*", file.text)
    found = {match[0] for match in _PATH.finditer(text) if match[0].endswith(_ENDINGS)}
    return sorted(found)[:_MAX_MENTIONS]


class Mentions:
    """All files that others mention. A path is matched by its end: what it starts from differs from tool to tool."""

    def __init__(self, mentions: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._by_name: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
        self._patterns: set[tuple[str, tuple[str, ...]]] = set()
        for path, texts in mentions:
            for text in texts:
                self._add(posixpath.dirname(path), _significant(text))

    def _add(self, directory: str, parts: tuple[str, ...]) -> None:
        if parts and "*" in parts[-1]:
            self._patterns.add((directory, parts))
        elif parts:
            self._by_name.setdefault(parts[-1], set()).add((directory, parts))

    def hold(self, path: str) -> bool:
        """Whether a file mentions the one at ``path``. A name without a directory only counts in its own."""
        parts = tuple(path.split("/"))
        candidates = (*self._by_name.get(parts[-1], ()), *self._patterns)
        return any(_is_meant(parts, posixpath.dirname(path), each) for each in candidates)


def _significant(text: str) -> tuple[str, ...]:
    """The parts of a path without those in front that point nowhere: ``..``, ``$values``, templates."""
    parts = text.split("/")
    while len(parts) > 1 and (not parts[0].strip(".*") or parts[0].startswith("$")):
        del parts[0]
    return tuple(parts)


def _is_meant(parts: tuple[str, ...], directory: str, mention: tuple[str, tuple[str, ...]]) -> bool:
    origin, pattern = mention
    if len(pattern) == 1 and directory != origin:
        return False
    ending = parts[-len(pattern) :]
    return len(ending) == len(pattern) and all(map(fnmatchcase, ending, pattern))


def is_in_chart(path: str, charts: frozenset[str]) -> bool:
    """Whether the file lies in one of the directories of ``charts`` or below."""
    directory = posixpath.dirname(path)
    while directory not in charts:
        if not directory:
            return False
        directory = posixpath.dirname(directory)
    return True
