"""Values for tests, with everything that does not matter filled in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from updater.config import Policy
from updater.decide import decide
from updater.model.decide import Choice, Decision, Offer, Update
from updater.model.lookup import Release, Releases
from updater.model.scan import Dependency, Edit, LockEntry, Package, Span, environment_of
from updater.model.track import Tracked, UpdateType

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "ab" * 32


def tracked(
    value: str | None = "1.0.0",
    *,
    name: str = "ghcr.io/acme/api",
    path: str = "apps/production/api.yaml",
    line: int = 1,
    datasource: str = "docker",
    versioning: str = "docker",
    digest: str | None = None,
    policy: Policy | None = None,
    lock: LockEntry | None = None,
    pinnable: bool = True,
    registry_urls: tuple[str, ...] = (),
    name_span: Span | None = None,
) -> Tracked:
    end = len(value or "")
    dependency = Dependency(
        manager="kubernetes",
        path=path,
        line=line,
        name=name,
        package=Package(datasource=datasource, name=name, registry_urls=registry_urls),
        current_value=value,
        span=Span(0, end) if value is not None else None,
        current_digest=digest,
        digest_span=Span(end + 1, end + 1 + len(digest)) if digest else None,
        pinnable=pinnable,
        environment=environment_of(path),
        name_span=name_span,
    )
    return Tracked(
        dependency=dependency,
        package=dependency.package,
        name=name,
        versioning=versioning,
        policy=policy or Policy(),
        lock=lock,
    )


def releases(*versions: str | Release) -> Releases:
    return Releases(releases=tuple(Release(version=each) if isinstance(each, str) else each for each in versions))


def choices(
    found: Tracked, *versions: str | Release, policies: Mapping[str, Policy] | None = None
) -> tuple[Choice, ...]:
    return decided(found, *versions, policies=policies)[0]


def decided(
    found: Tracked, *versions: str | Release, policies: Mapping[str, Policy] | None = None
) -> tuple[tuple[Choice, ...], tuple[Decision, ...]]:
    """``policies`` holds what applies per type of update, where it is not the dependency's own policy."""

    def policy_for(each: Tracked, update_type: UpdateType, _version: str, _value: str | None) -> Policy:
        return (policies or {}).get(str(update_type), each.policy)

    result = decide(found, releases(*versions), policy_for)
    return result.choices, result.decisions


def offered(
    found: Tracked, *versions: str | Release, policies: Mapping[str, Policy] | None = None
) -> list[tuple[str, str | None]]:
    """(type, new value) of the first offer of each choice."""
    made = choices(found, *versions, policies=policies)
    return [(str(choice.offers[0].update_type), choice.offers[0].new_value) for choice in made]


def update(
    new_value: str = "1.1.0",
    *,
    found: Tracked | None = None,
    update_type: UpdateType = UpdateType.MINOR,
    new_digest: str | None = None,
    policy: Policy | None = None,
    published: datetime | None = None,
    edits: Sequence[Edit] | None = None,
) -> Update:
    found = found or tracked()
    span = found.dependency.span or Span(0, 0)
    offer = Offer(
        release=Release(version=new_value, published=published),
        version=new_value,
        new_value=new_value,
        update_type=update_type,
        policy=policy or found.policy,
    )
    return Update(
        tracked=found,
        offer=offer,
        current_version=found.dependency.current_value,
        new_digest=new_digest,
        edits=tuple(edits) if edits is not None else (Edit(path=found.dependency.path, span=span, text=new_value),),
    )
