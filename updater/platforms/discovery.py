"""Which of a forge's repositories are looked after when nobody names them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from updater.config.patterns import compile_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A repository as a forge lists it. ``writable`` says that the account may push to it."""

    name: str
    archived: bool = False
    fork: bool = False
    empty: bool = False
    writable: bool = True
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look after: everything, less what these narrow.

    ``filters`` are patterns of names (globs or ``/…/``, negated by ``!``), ``topics`` those of which a repository must
    have one, ``namespaces`` the groups or owners, with all below them, of which it must belong to one.
    """

    filters: Sequence[str] = ()
    topics: Sequence[str] = ()
    namespaces: Sequence[str] = ()


def chosen(listings: Iterable[Listing], wanted: Wanted) -> Iterator[Listing]:
    """Those that are wanted: archived and empty ones and those that may not be written to never are.

    Whether a fork is, its configuration says. Raises ``PatternError`` for a filter that is no pattern.
    """
    matches = compile_list(wanted.filters) if wanted.filters else lambda _name: True
    topics = {topic.casefold() for topic in wanted.topics}
    spaces = tuple(f"{space.strip('/')}/".casefold() for space in wanted.namespaces)
    for listing in listings:
        if listing.archived or listing.empty or not listing.writable:
            continue
        if topics and not topics & {topic.casefold() for topic in listing.topics}:
            continue
        if spaces and not f"{listing.name}".casefold().startswith(spaces):
            continue
        if matches(listing.name):
            yield listing
