"""The last screen of the demo: which version ran where, from look to look. Pure; it fits 80 columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

WIDTH = 78

_RESET = "\x1b[0m"
_NEW, _BROKEN, _OLD, _STRONG = "\x1b[1;32m", "\x1b[1;31m", "\x1b[2m", "\x1b[1m"
_PLACE = 18
_COLUMN = 10
_MARKS = {"Healthy": "✔", "Degraded": "✘"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What ran somewhere at a moment, and how."""

    version: str
    health: str

    def __str__(self) -> str:
        return f"{self.version} {_MARKS.get(self.health, '…')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at everything: when it was, and what ran, by application and environment."""

    when: str
    cells: Mapping[tuple[str, str], Cell]


def screen(looks: Sequence[Look], said: Iterable[str], *, colours: bool) -> Iterator[str]:
    """A row for each application and environment, a column for each look, and what is to be ``said`` of it."""
    rule = "─" * WIDTH
    yield rule
    times = "".join(f"{look.when:<{_COLUMN}}" for look in looks).rstrip()
    yield _painted(f"{'':<{_PLACE + 2}}{times}", _OLD, colours=colours)
    applications = list(dict.fromkeys(name for name, _ in looks[0].cells))
    for name in applications:
        for number, (app, place) in enumerate(key for key in looks[0].cells if key[0] == name):
            label = _painted(f"{app if number == 0 else '':<6}", _STRONG, colours=colours)
            cells = [look.cells[app, place] for look in looks]
            yield f"  {label}{place:<{_PLACE - 6}}{' '.join(_row(cells, colours=colours))}".rstrip()
        yield ""
    for words in said:
        yield from wrap(words, WIDTH, initial_indent="  ", subsequent_indent=" " * 7)
    yield rule


def _row(cells: Sequence[Cell], *, colours: bool) -> Iterator[str]:
    """A version that is new there stands out, and one that does not run well even more."""
    for number, cell in enumerate(cells, start=1):
        is_new = cell.version != cells[0].version
        colour = _BROKEN if cell.health == "Degraded" else _NEW if is_new else _OLD
        width = _COLUMN - 1 if number < len(cells) else 0
        yield _painted(f"{cell!s:<{width}}", colour, colours=colours)


def _painted(text: str, colour: str, *, colours: bool) -> str:
    return f"{colour}{text}{_RESET}" if colours else text
