"""What registries and forges say of packages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Requirement(NamedTuple):
    """What a release demands of its surroundings: a name and the range of versions that will do.

    ``kubernetes`` is the cluster (``kubeVersion`` of a chart), ``terraform`` the program, ``hashicorp/aws`` a provider.
    """

    name: str
    constraint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version that a registry offers.

    ``published`` is when the registry says it was published. ``digest`` is known only where the list of versions
    brings it for free. ``stable`` is False where the registry marks it as a prerelease, None where it does not say.
    """

    version: str
    published: datetime | None = None
    digest: str | None = None
    deprecated: bool = False
    stable: bool | None = None
    app_version: str | None = None
    requires: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """What a registry answered for one package; the order of ``releases`` has no meaning.

    An answer that is not ``complete`` is known to be a part of what there is (the newest thousand, a list that is read
    in portions, an older answer in place of a lost one): what it does not hold may well exist, so nothing follows from
    an absence. ``cursor`` is where the reading of such a list goes on in a later run; only its datasource can read it.
    ``tags`` are the names that the registry gives to single versions (``latest``), where it has such.
    """

    releases: tuple[Release, ...]
    source_url: str | None = None
    registry_url: str | None = None
    complete: bool = True
    cursor: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What earlier runs have learnt about a package.

    ``releases`` is the last answer that was believed, of the time ``fetched_at``; None as long as there was none.
    ``asked_at`` is when the registry last said anything about the package, if only that it has none. Since
    ``doubted_since`` its answers have been too poor to be believed.
    """

    asked_at: datetime
    releases: Releases | None = None
    fetched_at: datetime | None = None
    doubted_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One item could not be handled; the others go on. ``until`` is when trying again makes sense, if known."""

    subject: str
    error: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the developers say about one release; ``title`` and ``text`` are theirs, in Markdown, and not to be trusted.

    ``text`` may be empty. ``url`` is the page of the release.
    """

    tag: str
    text: str
    title: str | None = None
    published: datetime | None = None
    url: str | None = None
