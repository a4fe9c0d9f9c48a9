"""Container images in Compose files and Swarm stacks.

A file counts if its name says so (`compose.yaml`, `docker-compose.prod.yml`, `web.compose.yml`), or, whatever it is
called, if its `services` are a map of things with an `image` or a `build`:

    services:
      web:
        image: ghcr.io/acme/web:2.4.1
      cache:
        image: redis:${REDIS_VERSION:-7.2.4}-alpine        # 7.2.4 moves to the newest with -alpine behind it
      database:
        image: ${DATABASE_IMAGE:-postgres:16.3}
      proxy:
        image: traefik:${TRAEFIK_VERSION}                  # the version in .env beside the file, if it is there
    x-logging:
      image: fluent/fluent-bit:3.1.4

Read are the images of services, of fragments (`x-…`) and of volumes of type `image`, Dockerfiles written inline,
and images that a build takes as a context (`docker-image://…`) or as an argument (`BASE_IMAGE`). A default in
`${NAME:-…}` is edited where it stands. An image that the service builds itself is listed, not updated.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from itertools import chain

from msgspec import Struct, field

from managers._composed import Piece, Pieces, composed, composed_image
from managers._dockerfile import images_in_dockerfile
from managers._images import ImageReader, is_versioned_image
from managers._manifests import extract_documents, settled
from managers._yaml import Document, Mapping, Node, Scalar
from managers._yaml import Sequence as List
from updater.api import Clue, Dependency, Extracted, Files, Skipped, SourceFile, Span

NAME = "docker-compose"
FILES: tuple[str, ...] = ("*.yaml", "*.yml")
MARKERS: tuple[str, ...] = ("image", "IMAGE", "dockerfile_inline")
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_NAMED = re.compile(r"(?:.*[/._-])?(?:docker-)?compose(?:[._-][^/]*)?\.ya?ml")
_HELM_VALUES = re.compile(r"(?:.*[/._-])?values(?:[._-][^/]*)?\.ya?ml")
_OTHER_TOOLS = ("apiVersion", "kind", "jobs", "steps", "pipeline", "stages", "on", "clone")
_CONTEXT = "docker-image://"
_IMAGE = re.compile(r"(?:image|IMAGE|Image)$")
_TOP_LEVEL = frozenset(("services", "include", "version", "name", "networks", "volumes", "configs", "secrets"))
_ASSIGNMENT = re.compile(
    r"""
    ^[ \t]*+ (?:export[ \t]++)? (?P<name>[A-Za-z_]\w*+) [ \t]*+[=:][ \t]*+
    (?: "(?P<double>[^"\n]*+)" | '(?P<single>[^'\n]*+)' | (?P<bare>[^\s#"']\S*+) )?
    """,
    re.MULTILINE | re.VERBOSE,
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images in the Compose file, with a clue for each that depends on variables."""
    is_named = _NAMED.fullmatch(file.path) is not None
    if is_named or not _HELM_VALUES.fullmatch(file.path):
        compose = _Compose(file=file, is_named=is_named)
        yield from extract_documents(file, manager=NAME, wanted=compose.is_wanted, read=compose.read)
        yield from compose.clues


class _Compose(Struct, frozen=True, kw_only=True):
    """One file while it is read. ``is_named`` says that its name tells what it is."""

    file: SourceFile
    is_named: bool
    clues: list[Clue] = field(default_factory=list)

    def is_wanted(self, document: Document) -> bool:
        """Whether the document may be a Compose file, told without parsing it."""
        is_likely = self.is_named or document.field("services") == ""
        return is_likely and document.mentions(*MARKERS) and document.field("apiVersion") is None

    def read(self, _file: SourceFile, root: Mapping) -> Iterator[Extracted]:
        """The images of the services, after those of the fragments that they may use."""
        services = root.mapping("services")
        if self.is_named:
            keys = {key for key, _ in root.items()}
            services = services if keys & _TOP_LEVEL else root  # the first format had the services at the top
        elif services is None or any(key in root for key in _OTHER_TOOLS) or not _are_services(services):
            return
        fragments = (node for key, node in root.items() if key.startswith("x-") and isinstance(node, Mapping))
        for _, mapping in chain.from_iterable(fragment.walk() for fragment in fragments):
            yield from self._service(mapping)
        for _, node in services.items() if services else ():
            if isinstance(node, Mapping):
                yield from self._service(node)

    def _service(self, service: Mapping) -> Iterator[Extracted]:
        image, build = service.scalar("image"), service.get("build")
        is_built = build is not None and not (isinstance(build, Scalar) and build.is_null)
        if image is not None and image.has_text:
            yield from (self._built(image),) if is_built else self._image(image)
        if isinstance(build, Mapping):
            yield from self._build(build)
        for volume in service.mappings("volumes"):
            source = volume.scalar("source")
            if volume.text("type") == "image" and source:
                yield from self._image(source)

    def _build(self, build: Mapping) -> Iterator[Extracted]:
        inline = build.scalar("dockerfile_inline")
        document = inline.embedded() if inline is not None and inline.is_literal else None
        if document is not None:
            yield from images_in_dockerfile(self.file, manager=NAME, within=Span(document.start, document.end))
        for context in _texts(build.get("additional_contexts")):
            at = context.text.find(_CONTEXT)
            if at >= 0:
                yield from self._image(context, at + len(_CONTEXT))
        for argument, start in _arguments(build.get("args")):
            if is_versioned_image(argument.text[start:]) or ":-" in argument.text:
                yield from self._image(argument, start)

    def _built(self, image: Scalar) -> Skipped:
        return ImageReader(file=self.file, manager=NAME).unmanaged(image, "built by the service itself", image.text)

    def _image(self, image: Scalar, offset: int = 0) -> Iterator[Extracted]:
        """What the file alone says of an image; a clue is kept if ``.env`` may say more."""
        if image.span is None or "$" not in image.text:
            yield ImageReader(file=self.file, manager=NAME).whole(image, offset)
            return
        span = Span(image.span.start + offset, image.span.end)
        found = tuple(_composed(self.file, span, {}))
        unresolved = found[0] if len(found) == 1 and isinstance(found[0], Skipped) else None
        self.clues.append(
            Clue(manager=NAME, path=self.file.path, kind="image", data={"span": list(span)}, about=unresolved)
        )
        yield from () if unresolved else found


def _are_services(services: Mapping) -> bool:
    """Whether all are maps, or nothing at all, and at least one says what to run."""
    nodes = [node for _, node in services.items()]
    return all(isinstance(node, Mapping) or (isinstance(node, Scalar) and node.is_null) for node in nodes) and any(
        node.scalar("image") or "build" in node for node in nodes if isinstance(node, Mapping)
    )


def _texts(node: Node | None) -> Iterator[Scalar]:
    """The texts in a list or in a map."""
    if isinstance(node, Mapping):
        yield from (value for _, value in node.items() if isinstance(value, Scalar))
    elif node is not None and not isinstance(node, Scalar):
        yield from node.scalars()


def _arguments(node: Node | None) -> Iterator[tuple[Scalar, int]]:
    """The arguments of a build that are called images, and where in their texts the values begin."""
    if isinstance(node, Mapping):
        yield from ((value, 0) for key, value in node.items() if isinstance(value, Scalar) and _IMAGE.search(key))
    elif isinstance(node, List):
        for scalar in node.scalars():
            key, assigned, _ = scalar.text.partition("=")
            if assigned and _IMAGE.search(key):
                yield scalar, len(key) + 1


def _composed(file: SourceFile, span: Span, values: ReadOnly[str, Pieces]) -> Iterator[Extracted]:
    pieces = composed(file, span, values)
    at = Piece(file=file, span=span)
    return composed_image(pieces or (at,), manager=NAME, at=at)


# ---------------------------------------------------------------- .env


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The images that get their versions from the file ``.env`` beside the Compose file.

    https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/
    """
    by_path: dict[str, list[Dependency | Skipped]] = {}
    for clue in clues:
        for item in _linked(clue, files):
            by_path.setdefault(item.path, []).append(item)
    return chain.from_iterable(settled(items) for items in by_path.values())


def _linked(clue: Clue, files: Files) -> Iterator[Dependency | Skipped]:
    """What ``.env`` makes of one image; a default that it does not override has been found already."""
    found = [item for item in _with_environment(clue, files) if isinstance(item, Dependency | Skipped)]
    if any(isinstance(item, Dependency) and (clue.about or item.path != clue.path) for item in found):
        yield from found
    elif clue.about is not None:
        yield clue.about


def _with_environment(clue: Clue, files: Files) -> Iterator[Extracted]:
    file, environment = files.read(clue.path), files.read(posixpath.join(posixpath.dirname(clue.path), ".env"))
    place = clue.data["span"]
    if file is not None and environment is not None and isinstance(place, list):
        start, end = place
        yield from _composed(file, Span(start, end), _assignments(environment))


def _assignments(environment: SourceFile) -> dict[str, Pieces]:
    """The variables of a ``.env`` file, each with the place of its value."""
    values: dict[str, Pieces] = {}
    for line in _ASSIGNMENT.finditer(environment.text):
        group = next((group for group in ("double", "single", "bare") if line[group]), None)
        pieces = composed(environment, Span(*line.span(group)), values) if group else None
        values[line["name"]] = pieces or ()
    return values
