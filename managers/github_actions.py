"""Actions, images, runners and tools in workflows and actions of GitHub, Gitea and Forgejo.

Read are workflows (`.github/workflows`, `.gitea/workflows`, `.forgejo/workflows`, `workflow-templates`), actions
(`action.yml`, `.github/actions`), and what looks like one of them elsewhere:

    jobs:
      test:
        runs-on: ubuntu-22.04                                      # also labels, and a matrix: ${{ matrix.os }}
        container: node:20.11.0
        services: { db: { image: "postgres:16.1" } }
        steps:
          - uses: actions/checkout@v4                              # v4 moves to v5
          - uses: actions/cache@704facf57e6136b1bc63b828d79edcd491f0ee84 # v3.3.2
          - uses: docker://alpine:3.19
          - uses: hashicorp/setup-terraform@v3
            with: { terraform_version: 1.9.5 }                     # and the inputs of many other actions
      release:
        uses: acme/workflows/.github/workflows/release.yml@v2.1.0

Of a commit with its version in a comment both move together, and one with a branch in its comment moves with the
branch; a commit without either, and a branch, are listed and left alone. `pinDigests` turns `@v4` into the commit that
it points at, with `# v4` behind it. Where `${{ … }}` stands for a value in the
same file (a matrix, `env`, the default of an input), that value is updated. `dep_type` is `action`, `workflow`,
`docker`, `container`, `service`, `github-runner` or `uses-with`.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from managers._ci import Images, image_of, literals
from managers._ci_tools import DEP_TYPE, IMAGE_INPUTS, TOOLS, input_version
from managers._git import git_package, place_for_version, revision
from managers._github_expressions import EXPRESSION, Scope
from managers._images import TEMPLATED, ImageReader, is_versioned_image
from managers._manifests import extract_documents
from managers._yaml import Document, Mapping, Node, Scalar, Sequence, documents_in
from updater.api import Extracted, Package, Skipped, SourceFile, Span, dependency, image_dependency, skipped

NAME = "github-actions"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("uses:", "runs-on:", "docker://")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(
    r"(?:^|/)(?:\.(?:github|gitea|forgejo)/(?:workflows|actions)/.+|workflow-templates/[^/]+|action)\.ya?ml$"
)
_USES = re.compile(
    r"(?:https?://(?P<host>[^/\s@]++)/)?(?P<name>[\w.-]++/[\w.-]++)(?P<path>/[^@\s]*+)?@(?:refs/tags/)?(?P<ref>\S++)"
)
_USES_LINE = re.compile(
    r"^[ \t]*+(?:-[ \t]++)?uses:[ \t]++(?P<quote>[\"']?)(?P<uses>[^\s\"'#]++)(?P=quote)[ \t]*+(?:#.*)?\r?$",
    re.MULTILINE,
)
_USES_BEFORE = re.compile(r"(?:^|[\s,{-])[\"']?uses[\"']?[ \t]*:[ \t]+[\"']?\Z")
_IMAGE_NAME = (
    r"(?P<name>ubuntu|windows|macos)-(?P<version>\d+(?:\.\d+){0,3}(?:-(?:arm|large|xlarge|intel|vs\d{4}(?:-arm)?))?)"
)
_RUNNER = re.compile(_IMAGE_NAME)
_QUOTED_RUNNER = re.compile(rf"[\"']{_IMAGE_NAME}[\"']")
_DOCKER = "docker://"
_IMAGE_KEY = re.compile(r"image(?:_?(?:name|ref|reference|uri|url))?$", re.IGNORECASE)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The actions, images, runners and tools of the workflow or action in ``file``."""
    is_known = _PATH.search(file.path) is not None

    def is_wanted(document: Document) -> bool:
        return is_known or _looks_like_one(document)

    found = list(extract_documents(file, manager=NAME, wanted=is_wanted, read=_read))
    yield from found
    if any(isinstance(item, Skipped) and item.reason.startswith("not valid YAML") for item in found):
        for document in documents_in(file):
            yield from _in_lines(file, document) if document.problem else ()


def _looks_like_one(document: Document) -> bool:
    if document.field("apiVersion") and document.field("kind"):
        return False
    is_workflow = document.mentions("jobs:") and document.mentions("runs-on:", "uses:")
    return is_workflow or (document.mentions("runs:") and document.mentions("using:"))


def _in_lines(file: SourceFile, document: Document) -> Iterator[Extracted]:
    """What a template that is no YAML (yet) uses, as far as it stands in lines of its own."""
    for match in _USES_LINE.finditer(file.text, document.start, document.end):
        yield from _uses(file, Span(*match.span("uses")))


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    jobs, runs, scope = root.mapping("jobs"), root.mapping("runs"), Scope.of(root)
    yield from _named_images(file, root.mapping("env"))
    for inputs in scope.inputs:
        yield from _default_images(file, inputs)
    for _, job in jobs.items() if jobs else ():
        if isinstance(job, Mapping):
            yield from _Job(file=file, job=job, scope=scope.within(job)).found()
    if runs and (image := runs.scalar("image")) and image.text.startswith(_DOCKER):
        yield ImageReader(file=file, manager=NAME, dep_type="docker").whole(image, len(_DOCKER))
    if runs:
        yield from _Job(file=file, job=runs, scope=scope).steps()


def _named_images(file: SourceFile, values: Mapping | None) -> Iterator[Extracted]:
    """The images in the environment or in inputs: what has a version and is called one."""
    reader = ImageReader(file=file, manager=NAME, dep_type="docker")
    for key, value in values.items() if values else ():
        if isinstance(value, Scalar) and _IMAGE_KEY.search(key) and _is_image(value):
            yield reader.whole(value)


def _default_images(file: SourceFile, inputs: Mapping) -> Iterator[Extracted]:
    """The images that inputs are if nothing is handed in."""
    for key, declared in inputs.items():
        default = declared.scalar("default") if isinstance(declared, Mapping) else None
        if default is not None and _IMAGE_KEY.search(key) and _is_image(default):
            yield ImageReader(file=file, manager=NAME, dep_type="docker").whole(default)


def _is_image(value: Scalar) -> bool:
    return not value.is_templated and is_versioned_image(value.text)


# ---------------------------------------------------------------- uses


def _uses(file: SourceFile, at: Span) -> Iterator[Extracted]:
    """What a step or a job uses; nothing for what stands in the repository itself, or is no address."""
    text = file.text[at.start : at.end]
    if text.startswith(("./", "../")) or not ("/" in text or "{{" in text):
        return
    if text.startswith(_DOCKER):
        yield image_dependency(file, manager=NAME, span=Span(at.start + len(_DOCKER), at.end), dep_type="docker")
        return
    match = _USES.fullmatch(text)
    if match is None or "{{" in text:
        reason = TEMPLATED if "{{" in text else "no version"
        yield skipped(file, manager=NAME, reason=reason, at=at, name=text[:200], dep_type="action")
        return
    host, name = match["host"] or "github.com", match["name"]
    ref = Span(*(at.start + offset for offset in match.span("ref")))
    yield revision(
        file,
        manager=NAME,
        name=f"https://{host}/{name}" if match["host"] else name,
        package=git_package(f"https://{host}/{name}"),
        at=ref,
        dep_type="workflow" if "/workflows/" in (match["path"] or "") else "action",
        versioning="github-actions",
        comment_at=place_for_version(file.text, ref) if _takes_comment(file.text, at, ref) else None,
        name_at=None if match["host"] else Span(*(at.start + offset for offset in match.span("name"))),
    )


def _takes_comment(text: str, uses: Span, ref: Span) -> bool:
    """Whether a commit can be written at ``ref`` and a comment behind it: not for a full ref, nor in a block."""
    line = text.rfind("\n", 0, uses.start) + 1
    return text[ref.start - 1] == "@" and _USES_BEFORE.search(text, line, uses.start) is not None


def _action(uses: str) -> str:
    """The name of what is used, without directory and host."""
    return "/".join(uses.partition("@")[0].removeprefix("https://github.com/").lower().split("/")[:2])


# ---------------------------------------------------------------- jobs


class _Job(Struct, frozen=True, kw_only=True):
    """A job of a workflow, or the ``runs`` of an action, in the file that it stands in."""

    file: SourceFile
    job: Mapping
    scope: Scope

    def found(self) -> Iterator[Extracted]:
        """All that the job is made of."""
        yield from self._used(self.job.scalar("uses"))
        yield from self._runners()
        yield from _named_images(self.file, self.job.mapping("env"))
        yield from self._image("container", self.job.get("container"))
        services = self.job.mapping("services")
        for _, service in services.items() if services else ():
            yield from self._image("service", service)
        yield from self.steps()

    def steps(self) -> Iterator[Extracted]:
        """What the steps use, and the versions they hand over."""
        for step in self.job.mappings("steps"):
            uses = step.scalar("uses")
            yield from self._used(uses)
            yield from _named_images(self.file, step.mapping("env"))
            if uses and (inputs := step.mapping("with")):
                action = _action(uses.text)
                yield from self._tools(action, inputs, self.scope.within(step))
                yield from self._image_inputs(action, inputs)
                yield from _named_images(self.file, inputs)

    def _used(self, uses: Scalar | None) -> Iterator[Extracted]:
        if uses and uses.has_text:
            yield from _uses(self.file, uses.span or uses.where)

    def _image(self, dep_type: str, node: Node | None) -> Iterator[Extracted]:
        reader = ImageReader(file=self.file, manager=NAME, dep_type=dep_type)
        if image := image_of(node, "image"):
            yield from Images(reader=reader, variable=EXPRESSION, resolve=self.scope.resolve).read(image)

    # ------------------------------------------------------------ inputs of steps

    def _tools(self, action: str, inputs: Mapping, scope: Scope) -> Iterator[Extracted]:
        for key, tool in TOOLS.get(action, {}).items():
            scalar = inputs.scalar(key)
            if scalar is None or not scalar.has_text:
                continue
            is_test_matrix = "matrix." in scalar.text  # its versions are meant to differ
            for version in (scalar,) if is_test_matrix else literals(scalar, EXPRESSION, scope.resolve):
                yield input_version(self.file, NAME, tool, version)

    def _image_inputs(self, action: str, inputs: Mapping) -> Iterator[Extracted]:
        for key, pattern in IMAGE_INPUTS.get(action, {}).items():
            scalar = inputs.scalar(key)
            place = (scalar.span or scalar.where) if scalar and not scalar.is_null else None
            if place and (match := pattern.search(self.file.text, *place)):
                span = Span(*match.span("image"))
                yield image_dependency(self.file, manager=NAME, span=span, dep_type=DEP_TYPE)

    # ------------------------------------------------------------ runners

    def _runners(self) -> Iterator[Extracted]:
        """The runners with a version in their name, be it in the job, its matrix or quoted in an expression."""
        node = self.job.get("runs-on")
        if isinstance(node, Mapping):
            node = node.get("labels")
        labels = node.scalars() if isinstance(node, Sequence) else (node,) if isinstance(node, Scalar) else ()
        for label in labels:
            for scalar in literals(label, EXPRESSION, self.scope.resolve):
                yield from map(self._runner, self._matches(scalar))

    def _matches(self, scalar: Scalar) -> Iterator[re.Match[str]]:
        text, span = self.file.text, scalar.span
        if span and scalar.is_templated:
            yield from _QUOTED_RUNNER.finditer(text, *span)
        elif span and (match := _RUNNER.fullmatch(text, *span)):
            yield match

    def _runner(self, match: re.Match[str]) -> Extracted:
        return dependency(
            self.file,
            manager=NAME,
            name=match["name"],
            package=Package(datasource="github-runners", name=match["name"]),
            value=Span(*match.span("version")),
            dep_type="github-runner",
        )
