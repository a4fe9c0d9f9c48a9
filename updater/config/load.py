"""Finds the configuration of a repository, reads it, and answers what it says."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import structs

from updater.api import Tree
from updater.config.allowed import allowed_names, names_in, variables
from updater.config.entries import BumpVersionOptions
from updater.config.hostrules import from_environment
from updater.config.json5 import Document, Object, read
from updater.config.layers import Layer, Rule
from updater.config.options import ManagerOptions, Policy, RepositoryOptions
from updater.config.problems import InvalidConfig, Problem, Source
from updater.config.remote import File, Home
from updater.config.resolve import ManagerBlock, Resolver, did_you_mean, object_in
from updater.config.rules import Policies
from updater.config.subject import Subject
from updater.config.substitute import mask
from updater.config.table import Option, all_options, camel_case, options_of, plain
from updater.config.vocabulary import BOT_OPTIONS, MANAGERS
from updater.errors import ConfigError
from updater.hosts import HostRule
from updater.model.track import Origin

MAX_SIZE = 1024 * 1024
"""The most bytes that a configuration may have."""

_ENDINGS = (".json", ".jsonc", ".json5")
FILE_NAMES: tuple[str, ...] = (
    *(
        f"{folder}{name}{ending}"
        for folder in ("", ".github/", ".gitlab/")
        for name in ("updater", "renovate")
        for ending in _ENDINGS
    ),
    ".renovaterc",
    *(f".renovaterc{ending}" for ending in _ENDINGS),
)
"""Where a configuration is looked for; the first that exists is the one."""

VARIABLES = ("RENOVATE_CONFIG", "UPDATER_CONFIG")
"""Variables with a configuration below that of the repository, the stronger one last."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a repository lives: its name there, the forge, if that is known, and the branch that is looked at.

    The name is empty where it is not known.
    """

    repository: str = ""
    home: Home | None = None
    base: str | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration that was understood. ``path`` is None where no file is and the defaults hold.

    ``missing`` are the files with presets that would have to be fetched for all of it, ``fetched`` those that were.
    ``branch`` is the base branch that it is for, where there can be several.
    """

    path: str | None
    problems: tuple[Problem, ...]
    repository: RepositoryOptions
    missing: tuple[File, ...]
    fetched: Mapping[File, str | None]
    _resolved: Resolver
    _policies: Policies
    _place: Place | None = None
    branch: str | None = None

    def __repr__(self) -> str:
        return f"Config(path={self.path!r}, branch={self.branch!r})"  # the rest is long, and holds secrets

    def at(self, base: str, *, alone: bool) -> "Config":
        """The same for another base branch, which is the only one (``alone``) or one of several."""
        place = structs.replace(self._place or Place(), base=base)
        return _finished(self._resolved, self.path, place, branch=None if alone else base)

    def policy(self, subject: Subject) -> Policy:
        """What applies to ``subject``. Templates are filled in, but for those of branch topic and title."""
        return self._policies.of(self._at_home(subject))

    def _at_home(self, subject: Subject) -> Subject:
        """The subject with the repository and the branch that it stands in."""
        place = self._place
        if place is None:
            return subject
        return structs.replace(subject, repository=place.repository or None, base_branch=place.base)

    def explain(self, subject: Subject) -> dict[str, object]:
        """What applies to ``subject`` and is set anywhere, with the place of each value, and the rules it meets."""
        policy = self.policy(subject)
        fields = {option.field: option for option in options_of(Policy).values()}
        shown = {
            fields[name].name: {"value": plain(getattr(policy, name)), "origin": str(origin)}
            for name, origin in sorted(policy.origins.items())
            if name in fields
        }
        rules = [_shown_rule(rule) for rule in self._policies.rules_for(self._at_home(subject))]
        return {"options": mask(shown, self._resolved.words), "rules": mask(rules, self._resolved.words)}

    @property
    def depends_on_new_version(self) -> bool:
        """Whether the policy for an update can depend on its version, beyond the type of the update."""
        return self._policies.depend_on_new_version

    def says(self, field: str, value: object) -> bool:
        """Whether an option of single dependencies (by its field) has this value for any of them, perhaps."""
        return self._policies.say(field, value)

    @property
    def bumped(self) -> frozenset[BumpVersionOptions]:
        """All entries of ``bumpVersions``, for whatever they may apply to."""
        return self._policies.bumped

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables of the environment that templates are given."""
        return self._resolved.variables

    @property
    def secrets(self) -> frozenset[str]:
        """All that nobody may read: passwords, tokens and headers of host rules, and the words for placeholders."""
        rules = self.repository.host_rules
        said = (each.reveal() for rule in rules for each in (rule.password, rule.token) if each is not None)
        headers = (value for rule in rules for value in rule.headers.values())
        return frozenset((*said, *headers, *self._resolved.words.get("secrets", {}).values())) - {""}

    def to_json(self) -> dict[str, object]:
        """The whole configuration with the place each value comes from (null: the default), secrets masked."""
        resolved = self._resolved
        shown = {
            "file": self.path,
            "options": dict(sorted(_shown_options(resolved))),
            "updateTypes": {name: _shown_layer(layer) for name, layer in resolved.updates.items()},
            "managers": {name: _shown_manager(block) for name, block in resolved.managers.items()},
            "packageRules": [_shown_rule(rule) for rule in resolved.rules],
            "customManagers": [{**made, "origin": str(origin)} for made, origin in resolved.custom_managers],
            "hostRules": [_shown_host_rule(rule) for rule in self.repository.host_rules],
        }
        return {name: mask(part, resolved.words) for name, part in shown.items()}


def load(
    tree: Tree,
    *,
    file: Path | None = None,
    given: tuple[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    managers: Collection[str] = (),
    library: Mapping[File, str | None] | None = None,
    place: Place | None = None,
    above: Tree | None = None,
) -> Config:
    """The configuration for the files of ``tree``: that in ``file`` or else the first of ``FILE_NAMES``.

    ``given`` is a configuration in the place of a file: what messages call it, and its text.
    ``environment`` may bring host rules, and a configuration in ``UPDATER_CONFIG`` or ``RENOVATE_CONFIG`` that lies
    below the repository's, except for what its ``force`` holds. ``managers`` names installed managers whose blocks
    are to be known beside the usual ones. ``library`` holds what was fetched of the presets that live elsewhere, and
    None for those that do not exist; ``place`` is where the repository lives. What the repository says itself in the
    tree ``above``, of another base branch, lies on top. Raises ``ConfigError``.
    """
    environment = environment or {}
    resolver = Resolver(
        known_managers=MANAGERS | frozenset(managers),
        library=_Library(tree, library or {}),
        home=place.home if place else None,
    )
    resolver.host_rules += from_environment(environment)
    resolver.allowed += allowed_names(environment)
    forced = list(_add_variables(resolver, environment, place))
    resolver.variables, doubts = variables(environment, resolver.allowed)
    resolver.problems += doubts
    if given is not None:
        path: str | None = given[0]
        _add_text(resolver, given[1], given[0])
    else:
        path = _add_file(resolver, file) if file else _add_from_tree(resolver, tree)
        if above is not None and not file:
            _add_from_tree(resolver, above, f"{place.base}:" if place and place.base else "")
    for raw, source in forced:
        resolver.force(raw, source)
    return _finished(resolver, path, place)


def parse(text: str, *, path: str) -> Config:
    """The configuration that ``text`` is; ``path`` is what messages call it. Raises ``ConfigError``."""
    resolver = Resolver()
    _add_text(resolver, text, path)
    return _finished(resolver, path)


# ---------------------------------------------------------------- reading


class _Library(Mapping[File, str | None]):
    """What was fetched, and the files of the tree."""

    def __init__(self, tree: Tree, fetched: Mapping[File, str | None]) -> None:
        self._tree, self._fetched = tree, dict(fetched)

    def __getitem__(self, file: File) -> str | None:
        if not file.is_in_tree:
            return self._fetched[file]
        present = set(self._tree.files())
        paths = [path for path in file.paths if path in present]
        return next((_decoded(data, path) for path, data in self._tree.read(paths[:1])), None)

    def __iter__(self) -> Iterator[File]:
        return iter(self._fetched)

    def __len__(self) -> int:
        return len(self._fetched)


def _add_variables(
    resolver: Resolver, environment: Mapping[str, str], place: Place | None
) -> Iterator[tuple[Object, Source]]:
    for name in VARIABLES:
        if environment.get(name):
            raw, source = _read(resolver, environment[name], name)
            force = raw.get("force")
            _add_words(resolver, raw, source)
            resolver.allowed += names_in(raw)
            resolver.add(_global_presets(raw), source)
            resolver.add(_without_bot_options(raw), source)
            if raw.get("inheritConfig") is True:
                _inherit(resolver, raw, place)
            if isinstance(force, Object):
                yield force, source


def _add_words(resolver: Resolver, raw: Object, source: Source) -> None:
    """``secrets`` and ``variables``, for the placeholders of the repository's configuration."""
    for kind in ("secrets", "variables"):
        words = raw.get(kind, Object())
        if not isinstance(words, Object) or not all(isinstance(word, str) for word in words.values()):
            resolver.fatal.append(
                source.problem(f'"{kind}" must be an object of strings', raw.offsets.get(kind), severity="error")
            )
            continue
        resolver.words[kind] = {**resolver.words.get(kind, {}), **{name: str(word) for name, word in words.items()}}


def _global_presets(raw: Object) -> Object:
    """``globalExtends``: presets below everything else."""
    result = Object()
    if "globalExtends" in raw:
        result.put("extends", raw["globalExtends"], raw.offsets["globalExtends"])
    return result


def _inherit(resolver: Resolver, raw: Object, place: Place | None) -> None:
    """What ``inheritConfig`` asks for: https://docs.renovatebot.com/self-hosted-configuration/#inheritconfig."""
    if place is None or place.home is None or "/" not in place.repository:
        return
    organisation = place.repository.rpartition("/")[0]
    names = {"parentOrg": organisation, "topLevelOrg": organisation.partition("/")[0]}
    written = str(raw.get("inheritConfigRepoName") or "{{parentOrg}}/renovate-config")
    repository = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: names.get(match[1], ""), written)
    file = str(raw.get("inheritConfigFileName") or "org-inherited-config.json")
    if repository != place.repository:
        resolver.inherit(
            File(home=place.home, repository=repository, paths=(file,)),
            required=raw.get("inheritConfigStrict") is True,
        )


def _without_bot_options(raw: Object) -> Object:
    """A bot's own configuration also says where it runs; that is for other programs."""
    result = Object()
    for key, value in raw.items():
        if key not in BOT_OPTIONS:
            result.put(key, value, raw.offsets[key])
    return result


def _add_file(resolver: Resolver, file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", path=str(file)) from error
    _add_text(resolver, _decoded(data, str(file)), str(file))
    return str(file)


def _add_from_tree(resolver: Resolver, tree: Tree, before: str = "") -> str | None:
    """Add the configuration among the files of ``tree``; ``before`` is what messages put before their paths."""
    present = set(tree.files())
    found = [name for name in FILE_NAMES if name in present]
    if not found:
        return None
    path, *others = found
    if tree.size(path) > MAX_SIZE:
        raise ConfigError(_too_large(), path=before + path)
    for _, data in tree.read([path]):
        _add_text(resolver, _decoded(data, before + path), before + path)
    for other in others:
        message = f"this file is not read, because there is {path}"
        resolver.problems.append(Problem(path=before + other, message=message, severity="warning"))
    return path


def _add_text(resolver: Resolver, text: str, path: str) -> None:
    resolver.add(*_read(resolver, text, path))


def _read(resolver: Resolver, text: str, path: str) -> tuple[Object, Source]:
    document = read(text, path=path)
    source = Source(path=path, document=document)
    found = object_in(document, path)
    resolver.problems += _duplicates(document, source)
    return found, source


def _duplicates(document: Document, source: Source) -> Iterator[Problem]:
    for key, offset in document.duplicates:
        yield source.problem(f'"{key}" was given before; only this one counts', offset)


def _decoded(data: bytes, path: str) -> str:
    if len(data) > MAX_SIZE:
        raise ConfigError(_too_large(), path=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("this is not UTF-8", path=path, line=line, hint="save the file as UTF-8") from error


def _too_large() -> str:
    return f"a configuration may have {MAX_SIZE:,} bytes at most"


# ---------------------------------------------------------------- finishing


def _finished(resolver: Resolver, path: str | None, place: Place | None = None, *, branch: str | None = None) -> Config:
    if resolver.fatal:
        raise InvalidConfig(tuple(_told(resolver.fatal, resolver)))
    repository = _repository(resolver)
    policies = Policies(
        base=resolver.policy,
        updates=resolver.updates,
        managers=resolver.managers,
        rules=resolver.rules,
        surroundings=_surroundings(resolver, repository, place),
    )
    found = (*resolver.problems, *_unknown_environments(repository))
    problems = sorted(_told(found, resolver), key=lambda problem: (problem.line or 0, problem.column or 0))
    return Config(
        path=path,
        problems=tuple(problems),
        repository=repository,
        missing=tuple(resolver.missing),
        fetched=dict(resolver.library),
        _resolved=resolver,
        _policies=policies,
        _place=place,
        branch=branch,
    )


def _surroundings(resolver: Resolver, repository: RepositoryOptions, place: Place | None) -> dict[str, object]:
    """What templates may speak of beside the dependency."""
    known = place or Place()
    return {
        "repository": known.repository,
        "baseBranch": known.base,
        "gitAuthor": repository.git_author,
        "env": resolver.variables,
    }


def _unknown_environments(repository: RepositoryOptions) -> Iterator[Problem]:
    """Environments that others name and nobody declares; without any declaration, those of the layout are not known."""
    declared = [each.name for each in repository.environments]
    named = {
        "environments": [each.after for each in repository.environments if each.after],
        "reconcilers": [name for each in repository.reconcilers for name in each.environments],
    }
    for option, names in named.items():
        origin = repository.origins.get(option)
        for name in dict.fromkeys(names if declared and origin is not None else ()):
            if name not in declared and origin is not None:
                message = f'"{option}": no environment is called "{name}"'
                hint = did_you_mean(name, declared)
                yield Problem(path=origin.path, message=message, severity="warning", line=origin.line, hint=hint)


def _told(problems: Iterable[Problem], resolver: Resolver) -> Iterable[Problem]:
    """Each problem once, and without the secrets that were put into what it speaks of."""
    told = (structs.replace(problem, message=str(mask(problem.message, resolver.words))) for problem in problems)
    return dict.fromkeys(told)


def _repository(resolver: Resolver) -> RepositoryOptions:
    return RepositoryOptions(
        **resolver.repository.values,  # type: ignore[arg-type]  # checked when they were read
        managers={name: _manager_options(block) for name, block in resolver.managers.items()},
        custom_managers=tuple(made for made, _ in resolver.custom_managers),
        custom_manager_origins=tuple(origin for _, origin in resolver.custom_managers),
        host_rules=tuple(resolver.host_rules),
        origins=resolver.repository.origins,
    )


def _manager_options(block: ManagerBlock) -> ManagerOptions:
    return ManagerOptions(
        enabled=block.layer.values.get("enabled") is not False,
        file_patterns=tuple(dict.fromkeys(block.file_patterns)) or None,
        **block.paths.values,  # type: ignore[arg-type]  # checked when they were read
        options=block.layer.values,
        origin=block.origin,
    )


# ---------------------------------------------------------------- showing


def _shown_options(resolved: Resolver) -> Iterator[tuple[str, dict[str, object]]]:
    for option in all_options():
        layer = resolved.policy if option.field in resolved.policy.values else resolved.repository
        yield option.name, _shown_value(option, layer)


def _shown_value(option: Option, layer: Layer) -> dict[str, object]:
    origin: Origin | None = layer.origins.get(option.field)
    return {
        "value": plain(layer.values.get(option.field, option.default)),
        "origin": str(origin) if origin else None,
    }


def _shown_layer(layer: Layer) -> dict[str, object]:
    return {
        camel_case(name): {"value": plain(value), "origin": str(layer.origins[name])}
        for name, value in layer.values.items()
    }


def _shown_manager(block: ManagerBlock) -> dict[str, object]:
    return {
        "origin": str(block.origin),
        "managerFilePatterns": block.file_patterns,
        "options": _shown_layer(block.layer),
        "updateTypes": {name: _shown_layer(layer) for name, layer in block.updates.items()},
    }


def _shown_rule(rule: Rule) -> dict[str, object]:
    return {
        "origin": str(rule.origin),
        "usable": rule.usable,
        "matchers": [{matcher.name: list(matcher.patterns)} for matcher in rule.matchers],
        "options": {camel_case(name): plain(value) for name, value in rule.layer.values.items()},
    }


def _shown_host_rule(rule: HostRule) -> dict[str, object]:
    shown = {name: getattr(rule, name) for name in rule.__struct_fields__}
    shown["headers"] = dict.fromkeys(rule.headers, "****")
    return {
        camel_case(name): str(value) if name in ("password", "token") else value
        for name, value in shown.items()
        if value not in (None, {})
    }
