"""Templates of OpenShift: objects whose ``${NAME}`` are parameters of the same file, with values by default.

https://docs.openshift.com/container-platform/latest/openshift_images/using-templates.html
"""

from collections.abc import Iterable, Iterator

from managers._composed import VARIABLE, Piece, Pieces, composed, composed_image
from managers._images import ImageReader
from managers._yaml import Mapping
from updater.api import Extracted, Skipped


def with_parameters(reader: ImageReader, template: Mapping, found: Iterable[Extracted]) -> Iterator[Extracted]:
    """``found`` in ``template``, with the parameters followed to where their values are written."""
    values: dict[str, Pieces] = {}
    for parameter in template.mappings("parameters"):
        name, value = parameter.text("name"), parameter.scalar("value")
        if name and value and value.has_text and value.span:
            values[name] = (Piece(file=reader.file, span=value.span),)
    for item in found:
        span = item.span if isinstance(item, Skipped) and item.reason == VARIABLE else None
        pieces = composed(reader.file, span, values) if span else None
        if span and pieces:
            at = Piece(file=reader.file, span=span)
            yield from composed_image(pieces, manager=reader.manager, at=at, dep_type=reader.dep_type)
        else:
            yield item
