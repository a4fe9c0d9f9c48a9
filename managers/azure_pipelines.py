"""Tasks, containers and repositories in Azure Pipelines.

Read are `azure-pipelines*.yml`, the files in `.azuredevops`, `.azure-pipelines` and `.pipelines`, and what looks like
a pipeline or a template of one elsewhere:

    resources:
      containers:
        - container: tools
          image: ghcr.io/acme/tools:1.4.0
      repositories:
        - repository: templates
          type: github
          name: acme/templates
          ref: refs/tags/v2.3.0
    steps:
      - task: AzureCLI@2                    # the major version, or 2.1
      - task: TerraformInstaller@1
        inputs: { terraformVersion: 1.9.5 } # and the inputs of some other tasks

Variables and parameters are followed to their values in the same file. Repositories of the same Azure organization,
whose address does not stand in the file, and images of hosted agents (`vmImage`) are listed, not updated.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from itertools import chain

from msgspec import Struct

from managers._ci import Images, image_of, literals
from managers._ci_tools import TASKS, input_version
from managers._git import revision
from managers._images import SCATTERED, ImageReader, is_versioned_image
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Node, Scalar
from updater.api import Extracted, Package, SourceFile, Span, dependency, skipped

NAME = "azure-pipelines"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("task:", "container:", "containers:", "repositories:", "vmImage", "services:")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(
    r"(?:^|/)(?:[^/]*azure[-_]?pipelines?[^/]*\.ya?ml|\.(?:azuredevops|azure-?pipelines?|pipelines|vsts|ado)/.*\.ya?ml"
    r"|azure-?pipelines?/.*\.ya?ml|\.?vsts-ci\.ya?ml)$"
)
_TASK_LINE = re.compile(r"\btask:[ \t]++[\"']?[A-Za-z][\w.-]*+@\d")
_TASK = re.compile(r"(?P<name>[A-Za-z][\w-]*+(?:\.[\w-]++)*+)@(?P<version>\d+(?:\.\d+){0,3})")
_VARIABLE = re.compile(
    r"\$\((?P<macro>[\w.]++)\)|\$\{\{\s*+(?P<kind>variables|parameters)(?:\.(?P<name>\w++)|\['(?P<quoted>\w++)'\])\s*+\}\}"
)
_TAG = "refs/tags/"
_DATASOURCES = {"github": "github-tags", "bitbucket": "bitbucket-tags"}


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The tasks, containers and repositories of the pipeline or template in ``file``."""
    is_known = _PATH.search(file.path) is not None

    def is_wanted(document: Document) -> bool:
        return is_known or _looks_like_one(document)

    return extract_documents(file, manager=NAME, wanted=is_wanted, read=_read)


def _looks_like_one(document: Document) -> bool:
    if document.field("apiVersion") and document.field("kind"):
        return False
    return document.mentions("vmImage") or _TASK_LINE.search(document.text, document.start, document.end) is not None


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    values = dict(chain(_values(root, "variables"), _values(root, "parameters")))
    pipeline = _Pipeline(file=file, values=values)
    resources = root.mapping("resources") or root
    for container in resources.mappings("containers"):
        yield from pipeline.image(container, "image", "docker")
    for repository in resources.mappings("repositories"):
        yield from _repository(file, repository)
    for _, mapping, key, node in root.find(("task", "container", "services", "vmImage")):
        yield from pipeline.entry(mapping, key, node)


# ---------------------------------------------------------------- repositories


def _repository(file: SourceFile, repository: Mapping) -> Iterator[Extracted]:
    """A repository at a tag.

    https://learn.microsoft.com/en-us/azure/devops/pipelines/yaml-schema/resources-repositories-repository
    """
    ref, name, kind = repository.scalar("ref"), repository.text("name"), repository.text("type") or "git"
    if ref is None or not ref.has_text or name is None:
        return
    datasource = _DATASOURCES.get(kind.lower())
    is_tag = ref.text.startswith(_TAG)
    at = Span(ref.span.start + len(_TAG) * is_tag, ref.span.end) if ref.span else ref.where
    if datasource and ref.span:
        package = Package(datasource=datasource, name=name)
        yield revision(file, manager=NAME, name=name, package=package, at=at, dep_type="repository")
    elif is_tag:
        reason = "the address of its repository is not known" if ref.span else SCATTERED
        yield skipped(file, manager=NAME, reason=reason, at=at, name=name, dep_type="repository")


# ---------------------------------------------------------------- tasks and images


class _Pipeline(Struct, frozen=True, kw_only=True):
    """One document of a pipeline."""

    file: SourceFile
    values: Dict[tuple[str, str], Scalar]
    """What parameters and variables stand for, by kind and name."""

    def entry(self, mapping: Mapping, key: str, node: Node) -> Iterator[Extracted]:
        """What stands under a key that means the same wherever it stands."""
        if key == "task" and isinstance(node, Scalar):
            yield from self._task(node, mapping.mapping("inputs"))
        elif key == "container" and isinstance(node, Mapping):
            yield from self.image(node, "image", "container")
        elif key == "container":
            yield from self._inline(node, "container")
        elif key == "services" and isinstance(node, Mapping):
            services = [service for _, service in node.items()]
            yield from (item for service in services for item in self._inline(service, "service"))
        elif key == "vmImage" and isinstance(node, Scalar):
            yield from self._hosted(node)

    def image(self, container: Mapping, key: str, dep_type: str) -> Iterator[Extracted]:
        """The image of a container that is described in place."""
        reader = ImageReader(file=self.file, manager=NAME, dep_type=dep_type)
        if image := image_of(container, key):
            yield from Images(reader=reader, variable=_VARIABLE, resolve=self._defined).read(image)

    def _inline(self, node: Node, dep_type: str) -> Iterator[Extracted]:
        """A container by its image; one by its alias has no version."""
        if isinstance(node, Scalar) and is_versioned_image(node.text):
            yield ImageReader(file=self.file, manager=NAME, dep_type=dep_type).whole(node)

    def _task(self, task: Scalar, inputs: Mapping | None) -> Iterator[Extracted]:
        match = _TASK.fullmatch(task.text)
        if match is None or task.span is None:
            return
        start, end = match.span("version")
        yield dependency(
            self.file,
            manager=NAME,
            name=match["name"],
            package=Package(datasource="azure-pipelines-tasks", name=match["name"]),
            value=Span(task.span.start + start, task.span.start + end),
            dep_type="task",
        )
        for key, tool in TASKS.get(match["name"].lower(), {}).items():
            version = inputs.scalar(key) if inputs else None
            versions = literals(version, _VARIABLE, self._defined) if version and version.has_text else ()
            yield from (input_version(self.file, NAME, tool, each) for each in versions)

    def _hosted(self, image: Scalar) -> Iterator[Extracted]:
        if image.span and any(map(str.isdigit, image.text)) and "$" not in image.text:
            reason = "no datasource for images of hosted agents"
            yield skipped(self.file, manager=NAME, reason=reason, at=image.span, name=image.text, dep_type="vmImage")

    def _defined(self, match: re.Match[str]) -> Iterator[Scalar]:
        """The value of a variable, or the default of a parameter, in this file."""
        name = match["macro"] or match["name"] or match["quoted"]
        if value := self.values.get((match["kind"] or "variables", name)):
            yield value


def _values(root: Mapping, kind: str) -> Iterator[tuple[tuple[str, str], Scalar]]:
    """Variables and parameters are mappings, or lists of descriptions."""
    mapping = root.mapping(kind)
    for key, node in mapping.items() if mapping else ():
        if isinstance(node, Scalar):
            yield (kind, key), node
    for entry in root.mappings(kind):
        value = entry.scalar("value") or entry.scalar("default")
        if value and (name := entry.text("name")):
            yield (kind, name), value
