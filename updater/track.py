"""Between scan and lookup: what the configuration makes of each dependency. Pure.

Aliases and overrides decide which package is asked about, rules decide whether it is managed at all, and the
entries of lock files find the dependencies they belong to.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import msgspec
from msgspec import structs

from updater import versioning
from updater.config import Config, Policy, Subject
from updater.config.entries import CustomDatasourceOptions
from updater.config.patterns import compile_ignored
from updater.images import image_package
from updater.model.scan import Dependency, LockEntry, Package, Place, Skipped
from updater.model.track import Origin, Tracked, UpdateType

_HELM = "helm"
_SEMANTIC = frozenset(
    {"cargo", "github-actions", "hashicorp", "helm", "npm", "semver", "semver-coerced", "semver-partial"}
)
"""The versionings that follow https://semver.org."""


class Tracking(msgspec.Struct, frozen=True, kw_only=True):
    """The dependencies to look up, and those that the configuration turns away."""

    tracked: tuple[Tracked, ...]
    skipped: tuple[Skipped, ...]


def track(
    dependencies: Iterable[Dependency],
    locks: Iterable[LockEntry],
    config: Config,
    default_versioning: Callable[[str], str | None],
) -> Tracking:
    """Apply the configuration. ``default_versioning`` names a datasource's versioning, None for an unknown one."""
    locked = _Locked(locks)
    turned_away = _turned_away_by(config)
    packages: dict[tuple[Package, int], Package] = {}
    problems: dict[tuple[Package, str | None], str | None] = {}
    tracked: list[Tracked] = []
    skipped: list[Skipped] = []
    for dependency in _on_branch(dependencies, config.branch):
        policy = config.policy(subject_of(dependency))
        asked = (dependency.package, id(policy))
        if asked not in packages:
            packages[asked] = _package(dependency, policy)
        package = _addressed(packages[asked], dependency, config.repository.custom_datasources)
        default = default_versioning(package.datasource)
        scheme = (
            policy.versioning or dependency.versioning or (_HELM if _is_oci_chart(dependency, package) else default)
        )
        readable = (package, scheme if default is not None else None)
        if readable not in problems:
            problems[readable] = _why_nowhere(package) or _why_unreadable(*readable)
        reason = _why_not(dependency, policy) or turned_away(dependency) or problems[readable]
        if reason is not None or scheme is None:
            skipped.append(dependency.unmanaged(reason or ""))
            continue
        entry = locked.entry_of(dependency, package)
        tracked.append(
            Tracked(
                dependency=dependency,
                package=package,
                name=policy.override_dep_name or dependency.name,
                versioning=scheme,
                policy=policy,
                lock=None if entry is None or entry.is_stale or policy.skip_artifacts_update else entry,
                remark=entry.remark if entry is not None else None,
            )
        )
    return Tracking(tracked=tuple(tracked), skipped=tuple(skipped))


def _on_branch(dependencies: Iterable[Dependency], branch: str | None) -> Iterable[Dependency]:
    """The dependencies as those of one of several base branches."""
    return dependencies if branch is None else (structs.replace(each, branch=branch) for each in dependencies)


def subject_of(
    dependency: Dependency,
    *,
    update_type: UpdateType | None = None,
    current_version: str | None = None,
    new_value: str | None = None,
    new_version: str | None = None,
    source_url: str | None = None,
    current_age: timedelta | None = None,
    is_breaking: bool | None = None,
) -> Subject:
    """What the rules match on: a dependency, and what is known of its update so far."""
    return Subject(
        manager=dependency.manager,
        path=dependency.path,
        datasource=dependency.package.datasource,
        package_name=dependency.package.name,
        dep_name=dependency.name,
        dep_type=dependency.dep_type,
        current_value=dependency.current_value,
        current_version=current_version or dependency.current_value,
        registry_urls=dependency.package.registry_urls,
        environment=dependency.environment.name if dependency.environment else None,
        source_url=source_url,
        update_type=update_type,
        new_value=new_value,
        new_version=new_version,
        current_age=current_age,
        is_breaking=is_breaking,
    )


def version_in_use(tracked: Tracked) -> str | None:
    """The version that is locked, or else what the file says."""
    return tracked.lock.version if tracked.lock is not None else tracked.dependency.current_value


def is_breaking(tracked: Tracked, update_type: UpdateType) -> bool | None:
    """Whether an update may break what uses it; None where it does not go from version to version.

    Of semantic versions, `0.x` and prereleases promise nothing: whatever follows may break.
    """
    if update_type not in (UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH):
        return None
    if update_type is UpdateType.MAJOR:
        return True
    if tracked.versioning not in _SEMANTIC:
        return False
    version = versioning.get(tracked.versioning).read(version_in_use(tracked) or "")
    return version is not None and (version.components[0] == 0 or not version.stable)


def _why_not(dependency: Dependency, policy: Policy) -> str | None:
    if dependency.name in policy.ignore_deps or dependency.package.name in policy.ignore_deps:
        return "in ignoreDeps"
    if not policy.enabled:
        return f"disabled by {_origin(policy, 'enabled')}"
    return None


def _turned_away_by(config: Config) -> Callable[[Dependency], str | None]:
    """Why a manager's own ``ignorePaths`` or ``includePaths`` turn a dependency away."""
    filters = {
        name: compile_ignored(options.ignore_paths, options.include_paths)
        for name, options in config.repository.managers.items()
        if options.ignore_paths or options.include_paths
    }

    def why(dependency: Dependency) -> str | None:
        ignored = filters.get(dependency.manager)
        if ignored is None or not ignored(dependency.path):
            return None
        return f"outside the paths of {dependency.manager} ({config.repository.managers[dependency.manager].origin})"

    return why


def _why_unreadable(package: Package, scheme: str | None) -> str | None:
    return f"no datasource is called {package.datasource!r}" if scheme is None else versioning.why_unknown(scheme)


def _origin(policy: Policy, option: str) -> Origin | str:
    return policy.origins.get(option) or "the configuration"


def _package(dependency: Dependency, policy: Policy) -> Package:
    package = dependency.package
    name = policy.override_package_name or package.name
    datasource = policy.override_datasource or package.datasource
    if datasource == "docker":
        name = _upstream(name, policy.registry_aliases)
    written = package.registry_urls
    if datasource == "helm" and policy.registry_aliases:
        written = tuple(_address(url, policy.registry_aliases) for url in written)
        if written and written[0].startswith("oci://") and not policy.registry_urls:
            return image_package(f"{written[0].removeprefix('oci://').rstrip('/')}/{name}")
    registries = policy.registry_urls or written or policy.default_registry_urls or ()
    if datasource == "docker" and not policy.registry_urls:
        image = image_package(name)
        return structs.replace(image, registry_urls=package.registry_urls) if package.registry_urls else image
    return Package(datasource=datasource, name=name, registry_urls=tuple(registries))


def _addressed(package: Package, dependency: Dependency, made: Mapping[str, CustomDatasourceOptions]) -> Package:
    """A package of a datasource that the configuration has made, with the address it gives; others as they are."""
    options = made.get(package.datasource.removeprefix("custom.")) if package.datasource.startswith("custom.") else None
    if options is None or not options.default_registry_url_template or package.registry_urls:
        return package
    from updater.templates import render  # here, because most configurations have no such datasource

    values = {"packageName": package.name, "currentValue": dependency.current_value or ""}
    try:
        address = render(options.default_registry_url_template, values)
    except ValueError:
        return package  # it is asked without an address, and says so
    return structs.replace(package, registry_urls=(address,))


def _address(url: str, aliases: Mapping[str, str]) -> str:
    """The address of a chart repository; ``@name`` is what its user calls it."""
    named = aliases.get(url.removeprefix("@"), aliases.get(url)) if url.startswith("@") else None
    return named or _upstream(url, aliases)


def _is_oci_chart(dependency: Dependency, package: Package) -> bool:
    """Whether a chart's repository has turned out to be a container registry."""
    is_chart = dependency.package.datasource == _HELM and any(
        url.startswith("@") for url in dependency.package.registry_urls
    )
    return is_chart and package.datasource == "docker"


def _why_nowhere(package: Package) -> str | None:
    """Why a chart cannot be asked for: nobody says what its repository's name means."""
    names = (url.removeprefix("@") for url in package.registry_urls if url.startswith("@"))
    name = next(names, None) if package.datasource == _HELM else None
    return f"repository alias {name} is not configured (registryAliases)" if name is not None else None


def _upstream(name: str, aliases: Mapping[str, str]) -> str:
    """What to look up in the place of a name or address that begins with a mirror's; the longest alias wins."""
    for prefix in sorted(aliases, key=len, reverse=True):
        if name == prefix or name.startswith(prefix.rstrip("/") + "/"):
            return aliases[prefix].rstrip("/") + name[len(prefix.rstrip("/")) :]
    return name


class _Locked:
    """The entries of lock files, by what they lock."""

    def __init__(self, entries: Iterable[LockEntry]) -> None:
        self._at: dict[Place, LockEntry] = {}
        self._in: dict[tuple[str, str, str], LockEntry] = {}
        for entry in entries:
            if entry.places is None:
                self._in[posixpath.dirname(entry.path), entry.package.datasource, entry.package.name] = entry
            else:
                self._at.update(dict.fromkeys(entry.places, entry))

    def entry_of(self, dependency: Dependency, package: Package) -> LockEntry | None:
        """The entry that locks ``dependency`` on ``package``."""
        if not (self._at or self._in):
            return None
        at = self._at.get(Place(dependency.path, dependency.span)) if dependency.span is not None else None
        return at or self._in.get((posixpath.dirname(dependency.path), package.datasource, package.name))
