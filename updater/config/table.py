"""The table of options: what each is called, what it asks for, and what a value of it means."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from updater.config import durations
from updater.config.options import Policy, RepositoryOptions
from updater.config.values import TEMPLATES, About, Texts

Structure = type[msgspec.Struct]


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One option: ``name`` is what the file calls it, ``field`` what the structure calls it."""

    name: str
    field: str
    type: Any
    default: object
    about: About

    @property
    def written(self) -> Any:
        """Its type in the file."""
        return self.about.written or self.type

    @property
    def is_list(self) -> bool:
        """Whether it is a list of strings; a lone string may stand for one."""
        return bool(self.written == Texts)

    @property
    def choices(self) -> tuple[str, ...]:
        """The values it may have, where they are listed."""
        lists = (member for member in _members(self.written) if get_origin(member) is Literal)
        return get_args(next(lists, None))

    @property
    def structure(self) -> Structure | None:
        """What its objects hold, where it is a list of objects, or (``is_named``) an object of them."""
        parts = (part for part in get_args(self.type) if isinstance(part, type) and issubclass(part, msgspec.Struct))
        return next(parts, None)

    @property
    def is_named(self) -> bool:
        """Whether its objects have names: they are the members of one object, not the elements of a list."""
        return get_origin(self.type) is not tuple

    def convert(self, value: object, *, is_tested: bool = False) -> object:
        """What ``value``, as written, means. Raises ``ValueError`` and ``Refused``.

        Null takes back what was set before: it means "nothing" where that is possible, else the default. Templates in
        one that ``is_tested`` are not looked at.
        """
        if value is None and type(None) not in get_args(self.written):
            return self.default
        if self.is_list and isinstance(value, str):
            value = [value]
        meant = msgspec.convert(value, self.written)
        if self.about.read is None or (is_tested and self.about.read in TEMPLATES):
            return meant
        return self.about.read(meant)


def camel_case(field: str) -> str:
    """The name that a file has for ``field``."""
    head, *rest = field.split("_")
    return head + "".join(part.upper() if part == "pr" and field == "draft_pr" else part.title() for part in rest)


@cache
def options_of(structure: Structure) -> Mapping[str, Option]:
    """The options that a file may set in ``structure``, by their name in the file."""
    found = (_option(structure, field) for field in msgspec.structs.fields(structure))
    return {option.name: option for option in found if option.about.in_file}


def all_options() -> Iterator[Option]:
    """Each option that may stand at the top of a file, once."""
    yield from {**options_of(RepositoryOptions), **options_of(Policy)}.values()


def _option(structure: Structure, field: msgspec.structs.FieldInfo) -> Option:
    annotation: Any = structure.__annotations__[field.name]
    type_, *metadata = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    about = next(item for item in metadata if isinstance(item, About))
    others = [item for item in metadata if item is not about]
    return Option(
        name=camel_case(field.name),
        field=field.name,
        type=Annotated[(type_, *others)] if others else type_,
        default=field.default if field.default is not msgspec.NODEFAULT else field.default_factory(),
        about=about,
    )


@cache
def merging_fields() -> frozenset[str]:
    """The fields whose later values are added to the earlier ones."""
    return frozenset(option.field for option in all_options() if option.about.merges)


def plain(value: object) -> object:
    """A value as a file would have it."""
    if isinstance(value, timedelta):
        return durations.format_duration(value)
    if isinstance(value, tuple):
        return [plain(element) for element in value]
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, option.field)) for name, option in options_of(type(value)).items()}
    return value


# ---------------------------------------------------------------- words for types


def in_words(type_: Any) -> str:
    """What kind of value ``type_`` asks for, as in ``a whole number``."""
    if get_origin(type_) is Annotated:
        inner, *metadata = get_args(type_)
        bounds = next(item for item in metadata if isinstance(item, msgspec.Meta))
        limit = f"of at least {bounds.ge:g}" if bounds.le is None else f"between {bounds.ge:g} and {bounds.le:g}"
        return f"{in_words(inner)} {limit}"
    if get_origin(type_) is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in get_args(type_))
    if get_origin(type_) in (Union, UnionType):
        return " or ".join(map(in_words, _members(type_)))
    if get_origin(type_) is tuple:
        return f"a list of {_plural(get_args(type_)[0])}"
    if get_origin(type_) is Mapping:
        return f"an object of {_plural(get_args(type_)[1])}"
    return _WORDS[type_]


def _members(type_: Any) -> tuple[Any, ...]:
    """The types that a union is of, but for null; another type alone."""
    if get_origin(type_) not in (Union, UnionType):
        return (type_,)
    return tuple(member for member in get_args(type_) if member is not type(None))


def _plural(type_: Any) -> str:
    if type_ is Any:
        return "options"
    return "strings" if str in (type_, *_members(type_)) or get_origin(type_) is Literal else "objects"


_WORDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
}
