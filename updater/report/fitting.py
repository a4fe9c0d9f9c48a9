"""Making a text fit into so many characters by taking from it what is missed least."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a text in several lengths, the longest first; the last one may be empty.

    Of two parts the one of less ``weight`` is shortened first; one of a single length stays as it is.
    """

    weight: int
    lengths: Sequence[str]


def fitted(parts: Iterable[Part], limit: int) -> str:
    """The parts, with an empty line between them, in at most ``limit`` characters if they can be shortened so far."""
    parts = list(parts)
    chosen = [0] * len(parts)
    for place in sorted(range(len(parts)), key=lambda place: parts[place].weight):
        while _length(parts, chosen) > limit and chosen[place] < len(parts[place].lengths) - 1:
            chosen[place] += 1
    return _joined(parts, chosen)


def _length(parts: Sequence[Part], chosen: Sequence[int]) -> int:
    shown = [len(part.lengths[at]) for part, at in zip(parts, chosen, strict=True) if part.lengths[at]]
    return sum(shown) + 2 * max(0, len(shown) - 1) + 1


def _joined(parts: Sequence[Part], chosen: Sequence[int]) -> str:
    shown = (part.lengths[at] for part, at in zip(parts, chosen, strict=True))
    return "\n\n".join(text for text in shown if text) + "\n"
