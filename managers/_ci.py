"""What pipelines of all makers have in common: images behind variables."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, product

from msgspec import Struct, field

from managers._composed import Piece, moving, text_of
from managers._git import VARIABLE
from managers._images import TEMPLATED, ImageReader
from managers._yaml import Mapping, Scalar
from updater.api import (
    Dependency,
    Extracted,
    SourceFile,
    Span,
    dependency,
    image_package,
    parse_image,
)

Resolve = Callable[[re.Match[str]], Iterable[Scalar]]
"""What a variable stands for: the scalars that define it, as far as they stand in the same file."""

_MAX_FOLLOWED = 3
_MAX_VALUES = 256  # the most jobs that a matrix may make at GitHub

# ---------------------------------------------------------------- variables


def literals(scalar: Scalar, variable: re.Pattern[str], resolve: Resolve) -> Iterable[Scalar]:
    """What ``scalar`` stands for if it is a variable; itself, if it is none or that cannot be told."""
    match = variable.fullmatch(scalar.text)
    return (_definitions(match, resolve) if match else None) or (scalar,)


def _definitions(match: re.Match[str], resolve: Resolve) -> list[Scalar]:
    return list(islice((each for each in resolve(match) if each.has_text), _MAX_VALUES))


# ---------------------------------------------------------------- images


def image_of(node: object, *keys: str) -> Scalar | None:
    """The scalar that names an image: ``node`` itself, or what its first present key of ``keys`` holds."""
    if isinstance(node, Mapping):
        node = next((scalar for key in keys if (scalar := node.scalar(key))), None)
    return node if isinstance(node, Scalar) and node.has_text else None


class Images(Struct, frozen=True, kw_only=True):
    """Reads images that may be, or hold, variables of a pipeline.

    Where an image is a variable, or its tag is one, the version stands where the variable is defined, and is found
    there. ``variable`` is how a variable is written, ``resolve`` what it stands for; ``mirror`` is the prefix of a
    proxy, in front of the name proper.
    """

    reader: ImageReader
    variable: re.Pattern[str]
    resolve: Resolve
    mirror: re.Pattern[str] | None = None
    _followed: set[str] = field(default_factory=set)
    """The texts that led to versions elsewhere: they lead there again."""

    def read(self, scalar: Scalar) -> Iterator[Extracted]:
        """The images that ``scalar`` names, but none that another scalar has led to already."""
        if scalar.text in self._followed:
            return
        found = list(self._read(scalar, 0, {scalar.where}))
        ends = (match.end() for match in self.variable.finditer(scalar.text))
        if len(scalar.text) in ends and any(isinstance(item, Dependency) for item in found):
            self._followed.add(scalar.text)
        yield from found

    def _read(self, scalar: Scalar, followed: int, seen: set[Span]) -> Iterator[Extracted]:
        """To ``scalar`` led as many variables as were ``followed``; none of the values ``seen`` is read again."""
        mirror = self.mirror.match(scalar.text) if self.mirror else None
        offset = mirror.end() if mirror else 0
        text = scalar.text[offset:]
        if followed > _MAX_FOLLOWED or not self.variable.search(text):
            yield self.reader.whole(scalar, offset)
            return
        found = list(self._resolved(text, scalar, offset, followed, seen))
        yield from found or (self._unresolved(scalar),)

    def _resolved(self, text: str, scalar: Scalar, offset: int, followed: int, seen: set[Span]) -> Iterator[Extracted]:
        if whole := self.variable.fullmatch(text):
            for definition in self._definitions(whole):
                if definition.where not in seen:
                    seen.add(definition.where)
                    yield from self._read(definition, followed + 1, seen)
            return
        name, tag, at = self._split(text)
        image = parse_image(name)
        if image is None or image.tag or image.digest or not tag:
            return
        if match := self.variable.fullmatch(tag):
            for definition in self._definitions(match):
                yield self.reader.in_parts(name, at=scalar, tag=definition, digest=None, pinnable=False)
        elif scalar.span:
            yield from self._tagged(name, Span(scalar.span.start + offset + at, scalar.span.end))

    def _split(self, text: str) -> tuple[str, str, int]:
        """The name with what its variables stand for, the tag as written, and where that begins."""
        masked = self.variable.sub(lambda match: "x" * len(match[0]), text)
        at = masked.rfind(":") + 1
        if not at or "/" in masked[at:] or "@" in masked:
            return "", "", 0
        return self.variable.sub(self._only_definition, text[: at - 1]), text[at:], at

    def _only_definition(self, match: re.Match[str]) -> str:
        texts = {definition.text for definition in self._definitions(match)}
        return texts.pop() if len(texts) == 1 else match[0]

    def _definitions(self, match: re.Match[str]) -> list[Scalar]:
        return _definitions(match, self.resolve)

    def _tagged(self, name: str, tag: Span) -> Iterator[Extracted]:
        """The image with a tag that is not a variable as a whole, but may have some among its parts."""
        for spans in islice(product(*self._parts(tag)), _MAX_VALUES):
            parts = tuple(Piece(file=self.reader.file, span=span) for span in spans)
            text = text_of(parts)
            if self.variable.search(text) or parse_image(f"x:{text}") is None:
                continue
            version, extract_version = moving(parts)
            if version is not None:
                yield dependency(
                    self.reader.file,
                    manager=self.reader.manager,
                    name=name,
                    package=image_package(name),
                    value=version.span,
                    pinnable=len(parts) == 1,
                    extract_version=extract_version,
                    dep_type=self.reader.dep_type,
                )

    def _parts(self, tag: Span) -> Iterator[list[Span]]:
        """What each part of a tag may be: where it stands, or where the values of a variable do."""
        start, end = tag
        for variable in self.variable.finditer(self.reader.file.text, start, end):
            if variable.start() > start:
                yield [Span(start, variable.start())]
            yield [value.span for value in self._definitions(variable) if value.span]
            start = variable.end()
        if start < end:
            yield [Span(start, end)]

    def _unresolved(self, scalar: Scalar) -> Extracted:
        return self.reader.unmanaged(scalar, TEMPLATED if scalar.is_templated else VARIABLE, scalar.text[:200])


# ---------------------------------------------------------------- Drone and its kin

_MATRIX_VARIABLE = re.compile(r"\$\{(?P<name>\w++)\}")


def step_images(file: SourceFile, manager: str, root: Mapping) -> Iterator[Extracted]:
    """The images of the steps, services and clone plugins of a pipeline as Drone and Woodpecker write them.

    Each is a list, or a mapping of names. Variables of a ``matrix`` are followed to its values.
    """
    reader, matrix = ImageReader(file=file, manager=manager, dep_type="docker"), root.mapping("matrix")

    def of_matrix(match: re.Match[str]) -> Iterator[Scalar]:
        if matrix is None:
            return
        name = match["name"]
        values = chain(matrix.elements(name), (row.get(name) for row in matrix.mappings("include")))
        yield from (value for value in values if isinstance(value, Scalar))

    read = Images(reader=reader, variable=_MATRIX_VARIABLE, resolve=of_matrix).read
    for key in ("clone", "steps", "pipeline", "services"):
        node = root.get(key)
        steps = [step for _, step in node.items()] if isinstance(node, Mapping) else root.elements(key)
        for step in steps:
            image = image_of(step, "image") if isinstance(step, Mapping) else None
            yield from read(image) if image else ()
