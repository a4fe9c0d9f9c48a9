"""From what is written to what it means: presets followed, old names translated, every value checked.

Nothing that is written is passed over in silence. What has no effect becomes a warning, what cannot be used (a
pattern that RE2 refuses, say) an error that switches off the one rule or manager it stands in, and a value of the
wrong type stops the run.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple, Self

import msgspec

from updater.config import presets
from updater.config.conditions import CHECKS
from updater.config.entries import ONLY_WITH, CustomManagerOptions, HostRuleOptions
from updater.config.hostrules import host_rule
from updater.config.json5 import Document, Object, read
from updater.config.layers import Layer, Matcher, Rule
from updater.config.migrate import migrate, migrate_host_rule, migrate_rule
from updater.config.options import Policy, RepositoryOptions
from updater.config.patterns import PatternError, check_pattern, compile_regex, is_regex
from updater.config.problems import Problem, Severity, Source
from updater.config.remote import File, Home, Reference, read_name
from updater.config.speech import doubtful_names
from updater.config.substitute import substitute
from updater.config.table import Option, in_words, options_of
from updater.config.values import Refused
from updater.config.vocabulary import (
    BOT_OPTIONS,
    IGNORED_KEYS,
    MANAGERS,
    MATCHERS,
    UNSUPPORTED_HOST_OPTIONS,
    UNSUPPORTED_MATCHERS,
    UNSUPPORTED_OPTIONS,
    UPDATE_BLOCKS,
    UPDATE_TYPES,
)
from updater.errors import ConfigError
from updater.hosts import HostRule
from updater.model.track import Origin


class _Entry(NamedTuple):
    """One member of an object, with where it stands."""

    key: str
    value: object
    source: Source
    offset: int | None

    @property
    def origin(self) -> Origin:
        return self.source.origin(self.offset)

    def problem(self, message: str, *, severity: Severity = "warning", hint: str | None = None) -> Problem:
        return self.source.problem(message, self.offset, severity=severity, hint=hint)


_Part = tuple[Mapping[str, object], Source]
_Migration = Callable[[Object], Object]


class _NoPreset(Exception):
    """A preset that cannot be used, and why.

    One that ought to be there and is not is an ``error``: what it would have said can be anything, and a run without
    it might close or regroup what a run with it has opened.
    """

    def __init__(self, message: str, *, severity: Severity = "warning", hint: str | None = None) -> None:
        super().__init__(message)
        self.severity, self.hint = severity, hint


class _FoundPreset(NamedTuple):
    """A preset, what messages call it, and the file that it is from, unless it is built in."""

    label: str
    config: Mapping[str, object]
    file: File | None = None


def object_in(document: Document, path: str) -> Object:
    """The object that a configuration is. Raises ``ConfigError`` for anything else."""
    if not isinstance(document.value, Object):
        raise ConfigError("a configuration is an object: { … }", path=path, line=1, column=1)
    return document.value


def _entries(raw: Mapping[str, object], source: Source) -> Iterator[_Entry]:
    for key, value in raw.items():
        if key not in IGNORED_KEYS:
            yield _Entry(key, value, source, source.offset(raw, key))


class ManagerBlock(msgspec.Struct):
    """What a block named like a manager says."""

    origin: Origin
    layer: Layer = msgspec.field(default_factory=Layer)
    updates: dict[str, Layer] = msgspec.field(default_factory=dict)
    file_patterns: list[str] = msgspec.field(default_factory=list)
    paths: Layer = msgspec.field(default_factory=Layer)


class _RuleDraft(msgspec.Struct):
    """A package rule with the presets it extends, as far as they have been read."""

    layer: Layer = msgspec.field(default_factory=Layer)
    updates: dict[str, Layer] = msgspec.field(default_factory=dict)
    matchers: dict[str, list[str]] = msgspec.field(default_factory=dict)
    nested: list[_Entry] | None = None
    usable: bool = True

    def beneath(self) -> Self:
        """What a rule within this one begins with."""
        copy = msgspec.structs.replace(self, layer=Layer(), updates={}, nested=None)
        copy.matchers = {name: list(patterns) for name, patterns in self.matchers.items()}
        copy.layer.lay(self.layer)
        for type_, layer in self.updates.items():
            copy.updates.setdefault(type_, Layer()).lay(layer)
        return copy


class Resolver(msgspec.Struct):
    """Collects what one configuration after the other says; later ones lie on top of earlier ones.

    ``known_managers`` are the names that may head a block. ``library`` holds the texts of presets in files (None: there
    is no such file), ``home`` is where the repository lives, ``words`` take the place of ``{{ secrets.… }}`` and
    ``{{ variables.… }}``. ``variables`` are those of the environment that templates are given, for ``allowed`` names
    them. ``problems`` are the warnings and errors met, ``fatal`` those that must stop the run, ``missing`` the files
    that the library lacks.
    """

    known_managers: Collection[str] = MANAGERS
    library: Mapping[File, str | None] = msgspec.field(default_factory=dict)
    home: Home | None = None
    policy: Layer = msgspec.field(default_factory=Layer)
    repository: Layer = msgspec.field(default_factory=Layer)
    updates: dict[str, Layer] = msgspec.field(default_factory=dict)
    managers: dict[str, ManagerBlock] = msgspec.field(default_factory=dict)
    rules: list[Rule] = msgspec.field(default_factory=list)
    custom_managers: list[tuple[dict[str, object], Origin]] = msgspec.field(default_factory=list)
    host_rules: list[HostRule] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)
    fatal: list[Problem] = msgspec.field(default_factory=list)
    missing: dict[File, None] = msgspec.field(default_factory=dict)
    words: dict[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    allowed: list[str] = msgspec.field(default_factory=list)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    _ignored_presets: set[str] = msgspec.field(default_factory=set)
    _told: set[str] = msgspec.field(default_factory=set)

    # ------------------------------------------------------------ the top level

    def add(self, raw: Mapping[str, object], source: Source) -> None:
        """Put a whole configuration, with the presets it extends, on top of what is there."""
        self._ignored_presets.update(text for text, _ in self._strings(raw, "ignorePresets", source))
        for part, inside in self._parts(raw, source, migrate)[0]:
            self._top(part, inside)

    def inherit(self, file: File, *, required: bool) -> None:
        """Put the configuration that an organisation gives to its repositories on top, if there is one."""
        if file not in self.library:
            self.missing.setdefault(file)
        text = self.library.get(file)
        if text is not None:
            document = read(text, path=str(file))
            self.add(object_in(document, str(file)), Source(path=str(file), document=document, file=file))
        elif required and file in self.library:
            raise ConfigError("this configuration has to be inherited, and does not exist", path=str(file))

    def force(self, raw: Mapping[str, object], source: Source) -> None:
        """Put a configuration on top of everything: its options beat package rules as well."""
        self.add(raw, source)
        options = options_of(Policy)
        for part, inside in self._parts(raw, source, migrate)[0]:
            layer = Layer()
            for entry in _entries(part, inside):
                if entry.key in options:
                    self._set(layer, options[entry.key], entry)
            self.rules.append(Rule(matchers=(), layer=layer, origin=source.origin(None)))

    def _top(self, raw: Mapping[str, object], source: Source) -> None:
        policy, repository = Layer(), Layer()
        for entry in _entries(raw, source):
            if not self._structure(entry):
                self._top_option(entry, policy, repository)
        self.policy.lay(policy)
        self.repository.lay(repository)

    def _structure(self, entry: _Entry) -> bool:
        """Read an entry that holds objects; False if it is none of those."""
        if entry.key == "packageRules":
            for element in self._elements(entry):
                self.rules += self._rules(element)
        elif entry.key == "customManagers":
            for element in self._elements(entry):
                self._custom_manager(element)
        elif entry.key == "hostRules":
            for element in self._elements(entry):
                self._host_rule(element)
        elif entry.key in UPDATE_BLOCKS:
            self._update_block(self.updates, entry)
        elif _today(entry.key) in self.known_managers:
            self._manager_block(entry)
        else:
            return False
        return True

    def _top_option(self, entry: _Entry, policy: Layer, repository: Layer) -> None:
        known = False
        for layer, options in ((policy, options_of(Policy)), (repository, options_of(RepositoryOptions))):
            if entry.key in options:
                known = True
                self._set(layer, options[entry.key], entry)
        if entry.key == "enabledManagers":
            self._check_names(entry, [text for text, _ in self._texts(entry)], self.known_managers)
        if not known:
            self._unknown(entry, "at the top level", [*_top_level(), *self.known_managers])

    # ------------------------------------------------------------ presets

    def _parts(
        self, raw: Mapping[str, object], source: Source, migration: _Migration, otherwise: str = ""
    ) -> tuple[list[_Part], bool]:
        """What the presets that ``raw`` extends say, in order, and ``raw`` itself; and whether all were found.

        ``otherwise`` is what the warning about a missing one says to follow.
        """
        raw = migration(self._with_words(raw, source)) if isinstance(raw, Object) else raw
        parts: list[_Part] = []
        complete = True
        for written, offset in self._strings(raw, "extends", source):
            inner, found = self._preset(written, source, offset, migration, otherwise)
            parts, complete = [*parts, *inner], complete and found
        return [*parts, (raw, source)], complete

    def _with_words(self, raw: Object, source: Source) -> Object:
        def complain(message: str, offset: int | None) -> None:
            self.problems.append(source.problem(message, source.anchor or offset, severity="error"))

        filled = substitute(raw, self.words, complain) if any(self.words.values()) else raw
        assert isinstance(filled, Object)
        return filled

    def _preset(
        self, written: str, source: Source, offset: int | None, migration: _Migration, otherwise: str
    ) -> tuple[list[_Part], bool]:
        """What one preset says, and whether all of it was found."""
        name, arguments = presets.parse_name(written)
        if not self._ignored_presets.isdisjoint((written, name)):
            return [], True
        if presets.is_inert(name):
            return [], presets.sets_options_only(name)
        if presets.is_unsupported(name):
            message = f'the preset "{name}" is known to Renovate, not supported here'
            self.problems.append(source.problem(message, offset))
            return [], True
        try:
            found = self._find_preset(name, source)
        except _NoPreset as error:
            problem = source.problem(f"{error}{otherwise}", offset, severity=error.severity, hint=error.hint)
            (self.fatal if error.severity == "error" else self.problems).append(problem)
            return [], False
        if found.label in source.presets:
            chain = " → ".join((*source.presets[source.presets.index(found.label) :], found.label))
            self.problems.append(source.problem(f"presets extend each other: {chain}", offset))
            return [], True
        filled = presets.fill(found.config, arguments)
        assert isinstance(filled, Mapping)
        is_built_in = found.file is None and not arguments  # what arguments bring is not ours
        inside = source.through(found.label, offset, found.file, is_built_in=is_built_in)
        return self._parts(filled, inside, migration, otherwise)

    def _find_preset(self, name: str, source: Source) -> _FoundPreset:
        if name in presets.PRESETS:
            return _FoundPreset(name, presets.PRESETS[name].config)
        try:
            reference = read_name(name, self.home, source.file)
        except ValueError as error:
            raise _NoPreset(f'the preset "{name}" cannot be followed: {error}') from error
        if reference is None:
            raise _NoPreset(f'there is no preset "{name}"', hint=did_you_mean(name, presets.PRESETS))
        label = str(reference.file) if name.startswith((".", "/")) else name
        return _FoundPreset(label, self._from_file(reference, name), reference.file)

    def _from_file(self, reference: Reference, name: str) -> Mapping[str, object]:
        if reference.file not in self.library:
            self.missing.setdefault(reference.file)
            message = f'the preset "{name}" has not been fetched yet; `updater plan` and `updater run` fetch it'
            raise _NoPreset(message, severity="note")
        text = self.library[reference.file]
        if text is None:
            raise _NoPreset(f'there is no preset "{name}": {reference.file} does not exist', severity="error")
        try:
            found = read(text, path=str(reference.file)).value
        except ConfigError as error:
            raise _NoPreset(f'the preset "{name}" cannot be read: {error}', severity="error") from error
        for key in reference.keys:
            found = found.get(key) if isinstance(found, Object) else None
        if not isinstance(found, Object):
            what = f'no preset "{"/".join(reference.keys)}"' if reference.keys else "no object"
            raise _NoPreset(f"{reference.file} holds {what}", severity="error")
        return found

    # ------------------------------------------------------------ options

    def _set(self, layer: Layer, option: Option, entry: _Entry) -> bool:
        """Set an option to what is written; False if that cannot be used."""
        try:
            value = (
                option.convert(entry.value, is_tested=entry.source.is_built_in)
                if option.structure is None
                else self._structures(option, entry)
            )
        except Refused as error:
            message = f'"{entry.key}": {error}; it is left out'
            self.problems.append(entry.problem(message, severity="error", hint=error.hint))
            return False
        except ValueError as error:
            self._refuse(option, entry, error)
            return False
        if not entry.source.is_built_in:
            doubt = option.about.doubt(value) if option.about.doubt else None
            for message in filter(None, (doubt, doubtful_names(option, value))):
                self.problems.append(entry.problem(message))
        layer.set(option, value, entry.origin)
        return True

    def _refuse(self, option: Option, entry: _Entry, error: ValueError) -> None:
        """Report a value of the wrong type, which stops the run, or one that is no choice, which is left out."""
        problem = _wrong_type(option, entry, error)
        if option.choices and isinstance(entry.value, str):
            self.problems.append(msgspec.structs.replace(problem, message=f"{problem.message}; it is left out"))
        else:
            self.fatal.append(problem)

    def _structures(self, option: Option, entry: _Entry) -> object:
        """The objects in a list, or in an object that names them, each read option by option."""
        assert option.structure is not None
        if entry.value is None:
            return option.default
        if option.is_named:
            return {member.key: self._structure_of(option, member) for member in self._members(entry)}
        return tuple(self._structure_of(option, element) for element in self._elements(entry))

    def _structure_of(self, option: Option, element: _Entry) -> object:
        assert option.structure is not None
        layer, options = Layer(), options_of(option.structure)
        for raw, source in self._object(element, lambda raw: raw):
            for entry in _entries(raw, source):
                if entry.key in options:
                    self._set(layer, options[entry.key], entry)
                else:
                    self._unknown(entry, f'inside "{option.name}"', options)
        return option.structure(**layer.values)

    def _tell(self, entry: _Entry, message: str) -> None:
        """Warn of something that can be said of an option wherever it stands: once."""
        if entry.key not in self._told:
            self._told.add(entry.key)
            self.problems.append(entry.problem(message))

    def _unknown(self, entry: _Entry, where: str, names: Iterable[str]) -> None:
        if entry.key in UNSUPPORTED_OPTIONS:
            if not _asks_for_nothing(entry.value):
                why = UNSUPPORTED_OPTIONS[entry.key]
                self._tell(entry, f'"{entry.key}" is known to Renovate, not supported here, because {why}')
        elif entry.key in BOT_OPTIONS:
            self._tell(entry, f'"{entry.key}" is a setting of the bot; it has no effect here')
        elif entry.key in _top_level() or entry.key in MATCHERS or entry.key == "managerFilePatterns":
            block = "the block of a manager" if entry.key == "managerFilePatterns" else "the top level"
            place = 'an entry of "packageRules"' if entry.key in MATCHERS else block
            self.problems.append(entry.problem(f'"{entry.key}" has no effect {where}', hint=f"move it to {place}"))
        else:
            message = f'unknown option "{entry.key}" {where}'
            self.problems.append(entry.problem(message, hint=did_you_mean(entry.key, names)))

    def _update_block(self, updates: dict[str, Layer], entry: _Entry) -> bool:
        """A block of options for one type of update; False if something in it cannot be used."""
        usable = True
        options = options_of(Policy)
        for raw, source in self._object(entry, migrate):
            layer = Layer()
            for inner in _entries(raw, source):
                if inner.key in options:
                    usable = self._set(layer, options[inner.key], inner) and usable
                else:
                    self._unknown(inner, f'inside "{entry.key}"', options)
            updates.setdefault(entry.key, Layer()).lay(layer)
        return usable

    def _manager_block(self, entry: _Entry) -> None:
        name = _today(entry.key)
        block = self.managers.setdefault(name, ManagerBlock(origin=entry.origin))
        block.origin = entry.origin
        for raw, source in self._object(entry, migrate):
            layer = Layer()
            for inner in _entries(raw, source):
                self._manager_option(name, block, layer, inner)
            block.layer.lay(layer)

    def _manager_option(self, name: str, block: ManagerBlock, layer: Layer, entry: _Entry) -> None:
        options = options_of(Policy)
        if entry.key == "managerFilePatterns":
            block.file_patterns += self._patterns(entry)[0]
        elif entry.key == "packageRules":
            outer = (Matcher(name="matchManagers", patterns=(name,)),)
            for element in self._elements(entry):
                self.rules += self._rules(element, outer)
        elif entry.key in UPDATE_BLOCKS:
            self._update_block(block.updates, entry)
        elif entry.key in ("ignorePaths", "includePaths"):
            self._set(block.paths, options_of(RepositoryOptions)[entry.key], entry)
        elif entry.key in options:
            self._set(layer, options[entry.key], entry)
        else:
            self._unknown(entry, f'inside "{name}"', ["managerFilePatterns", *UPDATE_BLOCKS, *options])

    # ------------------------------------------------------------ package rules

    def _rules(
        self, element: _Entry, outer: tuple[Matcher, ...] = (), within: _RuleDraft | None = None
    ) -> Iterator[Rule]:
        """The rules that an entry of ``packageRules`` stands for: itself and its update blocks.

        One that holds rules stands for those only: each has all that it says, and more.
        """
        draft = self._rule_draft(element, within)
        if draft.nested is not None:
            for nested in draft.nested:
                yield from self._rules(nested, outer, draft)
            return
        own = tuple(Matcher(name=name, patterns=tuple(patterns)) for name, patterns in draft.matchers.items())
        matchers = (*outer, *own)
        if draft.usable and not matchers:
            self.problems.append(element.problem("this rule has no matcher, so it applies to everything"))
        if draft.layer.values:
            yield Rule(matchers=matchers, layer=draft.layer, origin=element.origin, usable=draft.usable)
        for type_, layer in draft.updates.items():
            narrower = (*matchers, Matcher(name="matchUpdateTypes", patterns=(type_,)))
            yield Rule(matchers=narrower, layer=layer, origin=element.origin, usable=draft.usable)

    def _rule_draft(self, element: _Entry, within: _RuleDraft | None) -> _RuleDraft:
        draft = _RuleDraft() if within is None else within.beneath()
        if not isinstance(element.value, Mapping):
            return draft
        otherwise = "; the rule that extends it never applies"
        parts, complete = self._parts(element.value, element.source, migrate_rule, otherwise)
        # A preset that is missing may have held the matchers: without them the rule would apply to everything.
        draft.usable = draft.usable and complete
        for raw, source in parts:
            layer = Layer()
            for entry in _entries(raw, source):
                self._rule_entry(draft, layer, entry)
            draft.layer.lay(layer)
        return draft

    def _rule_entry(self, draft: _RuleDraft, layer: Layer, entry: _Entry) -> None:
        options = options_of(Policy)
        if entry.key in MATCHERS:
            patterns, usable = self._matcher(entry)
            draft.matchers.setdefault(entry.key, []).extend(patterns)
            draft.usable = draft.usable and usable
        elif entry.key in UNSUPPORTED_MATCHERS or entry.key.startswith("match"):
            self._unknown_matcher(entry)
            draft.usable = False
        elif entry.key == "packageRules":
            draft.nested = [*(draft.nested or ()), *self._elements(entry)]
        elif entry.key in UPDATE_BLOCKS:
            draft.usable = self._update_block(draft.updates, entry) and draft.usable
        elif entry.key in options:
            draft.usable = self._set(layer, options[entry.key], entry) and draft.usable
        else:
            self._unknown(entry, "inside a package rule", [*options, *MATCHERS, *UPDATE_BLOCKS])

    def _unknown_matcher(self, entry: _Entry) -> None:
        if entry.key in UNSUPPORTED_MATCHERS:
            reason = UNSUPPORTED_MATCHERS[entry.key]
            message = (
                f'"{entry.key}" is known to Renovate, not supported here, because {reason}; its rule never applies'
            )
        else:
            message = f'unknown matcher "{entry.key}"; its rule never applies'
        self.problems.append(entry.problem(message, hint=did_you_mean(entry.key, MATCHERS)))

    def _matcher(self, entry: _Entry) -> tuple[list[str], bool]:
        if entry.key == "matchCurrentVersion" and isinstance(entry.value, str) and not is_regex(entry.value):
            return [entry.value], True
        if entry.key == "matchIsBreaking":
            return self._flag(entry)
        patterns, usable = self._patterns(entry, check=CHECKS.get(entry.key, check_pattern))
        if not patterns and usable:
            self.problems.append(entry.problem(f'"{entry.key}" is empty; its rule never applies'))
        if entry.key == "matchUpdateTypes":
            self._check_names(entry, patterns, UPDATE_TYPES)
        elif entry.key == "matchManagers":
            patterns = [_today(pattern) for pattern in patterns]
            self._check_names(entry, patterns, self.known_managers)
        return patterns, usable

    def _flag(self, entry: _Entry) -> tuple[list[str], bool]:
        if isinstance(entry.value, bool):
            return [str(entry.value).lower()], True
        self.fatal.append(entry.problem(f'"{entry.key}" must be true or false', severity="error"))
        return [], False

    def _check_names(self, entry: _Entry, names: Sequence[str], known: Collection[str]) -> None:
        for name in names:
            if name not in known and name.replace("-", "").replace(".", "").isalnum():
                hint = did_you_mean(name, known)
                self.problems.append(entry.problem(f'"{entry.key}": nothing is called "{name}"', hint=hint))

    # ------------------------------------------------------------ custom managers, host rules

    def _custom_manager(self, element: _Entry) -> None:
        made: dict[str, object] = {"customType": "regex"}
        usable = True
        entries = [entry for raw, source in self._object(element, migrate) for entry in _entries(raw, source)]
        type_ = next((str(entry.value) for entry in entries if entry.key == "customType"), "regex")
        for entry in entries:
            usable = self._custom_option(made, entry, type_) and usable
        self._check_custom_type(type_, entries)
        if usable:
            self.custom_managers.append((made, element.origin))

    def _custom_option(self, made: dict[str, object], entry: _Entry, type_: str) -> bool:
        options = options_of(CustomManagerOptions)
        if entry.key not in options:
            self._unknown(entry, "inside a custom manager", options)
            return True
        if not self._set(Layer(), options[entry.key], entry):
            return False
        usable = True
        if entry.key == "managerFilePatterns":
            made[entry.key], usable = self._patterns(entry)
        elif entry.key == "matchStrings":
            check = compile_regex if type_ == "regex" else CHECKS["matchJsonata"] if type_ == "jsonata" else str
            made[entry.key], usable = self._patterns(entry, check=check)
        elif entry.value is not None:
            made[entry.key] = entry.value
        return usable

    def _check_custom_type(self, custom_type: str, entries: Iterable[_Entry]) -> None:
        """Warn about options that belong to another type; what those of a foreign type mean is not known here."""
        types = {type_ for each in ONLY_WITH.values() for type_ in each}
        for entry in entries:
            needed = ONLY_WITH.get(entry.key, (custom_type,))
            if custom_type not in needed and custom_type in types:
                message = f'"{entry.key}" has no effect with the customType "{custom_type}"'
                belongs = '" and "'.join(needed)
                self.problems.append(entry.problem(message, hint=f'it belongs to the customType "{belongs}"'))

    def _host_rule(self, element: _Entry) -> None:
        options = options_of(HostRuleOptions)
        for raw, source in self._object(element, migrate_host_rule):
            layer = Layer()
            for entry in _entries(raw, source):
                if entry.key in options:
                    self._set(layer, options[entry.key], entry)
                elif entry.key not in UNSUPPORTED_HOST_OPTIONS:
                    self._unknown(entry, "inside a host rule", options)
            made, complaint = host_rule(layer.values)
            if complaint:
                problem = element.problem(complaint, severity="error")
                self.problems.append(msgspec.structs.replace(problem, is_about_secrets=True))
            self.host_rules.append(made)

    # ------------------------------------------------------------ shapes

    def _object(self, entry: _Entry, migration: _Migration) -> list[_Part]:
        if isinstance(entry.value, Mapping):
            return self._parts(entry.value, entry.source, migration)[0]
        if entry.value is not None:
            self.fatal.append(entry.problem(f'"{entry.key}" must be an object', severity="error"))
        return []

    def _members(self, entry: _Entry) -> Iterator[_Entry]:
        """The members of an object of objects."""
        if isinstance(entry.value, Mapping) and all(isinstance(each, Mapping) for each in entry.value.values()):
            yield from _entries(entry.value, entry.source)
        else:
            self.fatal.append(entry.problem(f'"{entry.key}" must be an object of objects', severity="error"))

    def _elements(self, entry: _Entry) -> Iterator[_Entry]:
        """The objects in a list; a lone one may stand for a list."""
        elements = [entry.value] if isinstance(entry.value, Mapping) else entry.value
        if elements is None:
            return
        if not isinstance(elements, list) or not all(isinstance(element, Mapping) for element in elements):
            self.fatal.append(entry.problem(f'"{entry.key}" must be a list of objects', severity="error"))
            return
        for index, element in enumerate(elements):
            offset = entry.source.offset(elements, index) or entry.offset
            yield _Entry(f"{entry.key}[{index}]", element, entry.source, offset)

    def _patterns(self, entry: _Entry, check: Callable[[str], object] = check_pattern) -> tuple[list[str], bool]:
        """The patterns in an entry that can be used, and whether all can."""
        if entry.source.is_built_in:
            return [pattern for pattern, _ in self._texts(entry)], True
        patterns, usable = [], True
        for pattern, offset in self._texts(entry):
            self._suspect(entry, pattern, offset)
            try:
                check(pattern)
                patterns.append(pattern)
            except PatternError as error:
                usable = False
                message = f"{error}; what it stands in is left out"
                self.problems.append(entry.source.problem(message, offset, severity="error", hint=error.hint))
        return patterns, usable

    def _suspect(self, entry: _Entry, pattern: str, offset: int | None) -> None:
        """Warn about a glob that its author took for a regular expression."""
        text = pattern.removeprefix("!")
        if entry.key in _GLOBS and not is_regex(text) and (text[:1] == "^" or text[-1:] == "$" or "\\." in text):
            message = f'"{text}" is read as a glob, and as such hardly matches anything'
            hint = f'a regular expression stands between slashes: "/{text}/"'
            self.problems.append(entry.source.problem(message, offset, hint=hint))

    def _strings(self, raw: Mapping[str, object], key: str, source: Source) -> Iterator[tuple[str, int | None]]:
        if key in raw:
            yield from self._texts(_Entry(key, raw[key], source, source.offset(raw, key)))

    def _texts(self, entry: _Entry) -> Iterator[tuple[str, int | None]]:
        """The strings in a list, with their places; a lone one may stand for a list."""
        texts = [entry.value] if isinstance(entry.value, str) else entry.value
        if texts is None:
            return
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            self.fatal.append(entry.problem(f'"{entry.key}" must be a list of strings', severity="error"))
            return
        for index, text in enumerate(texts):
            yield text, entry.source.offset(texts, index) or entry.offset


@cache
def _top_level() -> frozenset[str]:
    structures = ("packageRules", "customManagers", "hostRules", *UPDATE_BLOCKS)
    return frozenset((*options_of(Policy), *options_of(RepositoryOptions), *structures))


_GLOBS = ("managerFilePatterns", "matchDepNames", "matchFileNames", "matchPackageNames")


def _today(manager: str) -> str:
    """A manager's name as it is now."""
    return {"regex": "custom.regex", "jsonata": "custom.jsonata"}.get(manager, manager)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The question after a name that is nearly known."""
    from difflib import get_close_matches  # here, because most configurations have no unknown name

    by_lower_case = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.75)
    return f'did you mean "{by_lower_case[close[0]]}"?' if close else None


def _asks_for_nothing(value: object) -> bool:
    """Whether an option that is not supported is only switched off."""
    return value in (None, False, "", 0) or value in ([], {}, {"enabled": False})


def _wrong_type(option: Option, entry: _Entry, error: ValueError) -> Problem:
    if not isinstance(error, msgspec.ValidationError):
        return entry.problem(f'"{entry.key}": {error}', severity="error")
    found = f'the string "{entry.value}"' if isinstance(entry.value, str) else _shown(entry.value)
    message = f'"{entry.key}" must be {in_words(option.written)}, not {found}'
    return entry.problem(message, severity="error", hint=_quoting_hint(option, entry.value))


def _shown(value: object) -> str:
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else json.dumps(value)


def _quoting_hint(option: Option, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    if value in ("true", "false") or value.isdecimal():
        return "leave out the quotes"
    return did_you_mean(value, option.choices)
