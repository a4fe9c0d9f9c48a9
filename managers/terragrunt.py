"""Terragrunt: `terragrunt.hcl`, `root.hcl`, `terragrunt.stack.hcl` and all `*.hcl` that are included or read.

    locals {
      release = "v0.8.0"                                                    # moved here
    }
    terraform {
      source = "git::https://github.com/acme/modules.git//vpc?ref=${local.release}"
    }
    terraform {
      source = "tfr:///terraform-aws-modules/vpc/aws?version=5.8.1"         # a registry; tfr://host/… for a private one
    }
    unit "vpc" {                                                            # and stack
      source = "github.com/acme/catalog//units/vpc?ref=v1.2.0"
    }
    engine {
      source  = "github.com/gruntwork-io/terragrunt-engine-opentofu"
      version = "v0.0.16"
    }
    terraform_version_constraint  = ">= 1.5"
    terragrunt_version_constraint = ">= 0.55"

The Terraform in a `generate` block (`required_providers`, modules, `required_version`) is read as in a `*.tf` file.

Followed are `local.x`, `include.x.locals.y`, `read_terragrunt_config(…)` and `yamldecode(file(…))` of a file that
`find_in_parent_folders` or a plain path leads to, and `values.x` of a local unit. Other functions are not evaluated,
and are listed. Images and charts among `inputs` and `locals` are read as in Terraform. Modules at a local path have no
version; what such a module makes of its `inputs` is the business of the manager `terraform`.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from managers._composed import Pieces, contributions, text_of
from managers._git import why_not_a_tag
from managers._hcl import Block, Call, Document, Expression, Heredoc, Literal, Object, read
from managers._manifests import settled as settled_rows
from managers._terraform import (
    UNKNOWN_SOURCE,
    Configuration,
    Place,
    definitions,
    engine_package,
    problems,
    registry_urls,
)
from managers._terraform_arguments import SERVICES, named_arguments, named_values
from managers._terraform_blocks import best_known, block_rows, is_unknown, required_providers, source_row
from managers._terraform_directories import WANTED as WANTED_TERRAFORM
from managers._terraform_directories import decoder, target_of
from managers._terraform_scope import Scope, Term, is_known, known_text, pieces, settled
from managers._terraform_source import is_local
from updater.api import Clue, Dependency, Extracted, Files, Package, Skipped, SourceFile, Span

NAME = "terragrunt"
FILES: tuple[str, ...] = ("*.hcl",)
MARKERS: tuple[str, ...] = ("source", "_version_constraint", "required_", "image", "chart", *SERVICES)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False

_WANTED = re.compile(r"(?:terraform|unit|stack|engine|generate|include|locals)\b")
_NOT_OURS = re.compile(
    r"(?:.*/)?(?:\.terraform\.lock\.hcl|[^/]*tflint[^/]*\.hcl|[^/]*\.(?:pkr|pkrvars|nomad|tftest|tfquery)\.hcl)"
)
_REGISTRY = re.compile(
    r"tfr://(?P<host>[^/?]*)/(?P<name>[\w-]+/[\w-]+/[\w-]+)/*(?://[^?]*)?(?:\?(?:[^&]*&)*?version=(?P<version>[^&]*).*)?"
)
_HERE = re.compile(
    r"\$\{(?:get_\w*(?:repo_root|terragrunt_dir|working_dir)|path_relative_\w+|dirname|find_in_parent_folders)\("
)
_PARENT = re.compile(r'\$\{(?P<dirname>dirname\()?find_in_parent_folders\((?:"(?P<name>[^"]*)")?\)\)?\}')
_ENGINE = re.compile(r"(?:https://)?github\.com/(?P<name>[\w.-]+/[\w.-]+)")


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The versions in ``file``; a clue for each block that refers to other files, and for each call of a local unit."""
    if _NOT_OURS.fullmatch(file.path):
        return
    document = read(file.text, _WANTED)
    configuration = replace(Configuration.alone(NAME, file, document), scope=_definitions(file, document))
    clues: list[Clue] = []
    yield from settled_rows(_found(configuration, clues))
    yield from clues
    if any(name in document.attributes for name in ("inputs", "terragrunt_version_constraint")) or document.blocks:
        yield from problems(file, document, NAME)


def _found(configuration: Configuration, clues: list[Clue]) -> Iterator[Extracted]:
    path = configuration.file.path
    for block in configuration.document.blocks:
        if target := _local_unit(configuration, block):
            clues.append(Clue(manager=NAME, path=path, kind="call", data={"target": target}))
        rows = list(_rows(configuration, block))
        if any(is_unknown(row) for row in rows):
            clues.append(Clue(manager=NAME, path=path, kind="block", data={"at": block.span.start}))
        else:
            yield from rows
    rows = [*_constraints(configuration), *_inputs(configuration)]
    if any(is_unknown(row) for row in rows):
        clues.append(Clue(manager=NAME, path=path, kind="block", data={"at": None}))
    else:
        yield from rows


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The rows of blocks that refer to other files."""
    repository = _Repository(files, [clue for clue in clues if clue.kind == "call"])
    by_path: dict[str, list[Extracted]] = {}
    for clue in clues:
        for row in repository.rows(clue) if clue.kind == "block" else ():
            by_path.setdefault(row.path, []).append(row)
    for rows in by_path.values():
        yield from settled_rows(rows)


# ---------------------------------------------------------------- one file


def _rows(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    reader = _READERS.get(block.type)
    return reader(configuration, block) if reader else iter(())


def _terraform(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    yield from _source(configuration, block, "module")


def _unit(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """A unit or a stack of a stack. By convention ``values.version`` is what it uses of its own repository.

    https://terragrunt.gruntwork.io/docs/features/stacks/#unit-configuration-values
    """
    rows = list(_source(configuration, block, block.type))
    yield from rows
    values = configuration.settled(block.attributes.get("values"))
    entries = values.expression.entries if values and isinstance(values.expression, Object) else {}
    version = configuration.pieces(entries.get("version"))
    for row in rows:
        if isinstance(row, Dependency) and version and is_known(version) and not why_not_a_tag(text_of(version)):
            place = Place(name=row.name, dep_type=block.type, within=block.span)
            again = configuration.moving(version, row.package, place)
            yield from [again] if again else []


def _source(configuration: Configuration, block: Block, dep_type: str) -> Iterator[Extracted]:
    source = block.attributes.get("source")
    address = configuration.pieces(source)
    name = " ".join(block.labels) or configuration.written(source)[:200]
    place = Place(name=name, dep_type=dep_type, within=block.span)
    if source is None or (address and _is_local(text_of(address))):
        return
    if address is None:
        yield configuration.unmanaged(UNKNOWN_SOURCE, place, at=source.span)
    elif match := _REGISTRY.fullmatch(text_of(address)):
        yield _registry_module(configuration, address, match, place)
    else:
        yield source_row(configuration, address, None, place)


def _is_local(address: str) -> bool:
    return is_local(address) or _HERE.match(address) is not None or address in ("", ".", "..")


def _registry_module(configuration: Configuration, address: Pieces, match: re.Match[str], place: Place) -> Extracted:
    urls = registry_urls(match["host"] or None, opentofu=configuration.is_opentofu)
    package = Package(datasource="terraform-module", name=match["name"], registry_urls=urls)
    place = replace(place, name=f"{match['host']}/{match['name']}".lstrip("/"))
    if not match["version"]:
        return configuration.unmanaged("no version in the address", place, datasource=package.datasource)
    version = contributions(address, Span(*match.span("version")))
    row = configuration.moving(version, package, place, versioning="hashicorp") if is_known(version) else None
    return row or configuration.unmanaged(UNKNOWN_SOURCE, place, at=configuration.at(address, place))


def _engine(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#engine."""
    match = _ENGINE.fullmatch(configuration.written(block.attributes.get("source")))
    if match:
        place = Place(name=match["name"], dep_type="engine", within=block.span)
        package = Package(datasource="github-releases", name=match["name"])
        yield configuration.constrained(block.attributes.get("version"), package, place, versioning=None)


def _generate(configuration: Configuration, block: Block) -> Iterator[Extracted]:
    """The Terraform that a block writes to a file; its ``${…}`` are Terragrunt's."""
    contents = block.attributes.get("contents")
    found = configuration.settled(contents)
    if found and found.file is configuration.file and isinstance(found.expression, Heredoc):
        document = read(configuration.file.text, WANTED_TERRAFORM, within=found.expression.content)
        generated = replace(Configuration.alone(NAME, configuration.file, document), scope=configuration.scope)
        yield from required_providers(generated)
        for each in document.blocks:
            yield from block_rows(generated, each)


_READERS: Mapping[str, Callable[[Configuration, Block], Iterator[Extracted]]] = {
    "terraform": _terraform,
    "unit": _unit,
    "stack": _unit,
    "engine": _engine,
    "locals": named_arguments,
    "generate": _generate,
}


def _constraints(configuration: Configuration) -> Iterator[Extracted]:
    terragrunt = Package(datasource="github-releases", name="gruntwork-io/terragrunt")
    packages = {
        "terraform_version_constraint": engine_package(opentofu=configuration.is_opentofu),
        "terragrunt_version_constraint": terragrunt,
    }
    for name, package in packages.items():
        if constraint := configuration.document.attributes.get(name):
            place = Place(name=package.name, dep_type=name, within=constraint.span)
            yield configuration.constrained(constraint, package, place)


def _inputs(configuration: Configuration) -> Iterator[Extracted]:
    """The images and charts among the inputs of the module, which may be several objects that are merged."""
    inputs = configuration.document.attributes.get("inputs")
    for each in inputs.arguments if isinstance(inputs, Call) else (inputs,):
        if isinstance(each, Object):
            yield from named_values(configuration, each.entries, "inputs")


def _local_unit(configuration: Configuration, block: Block) -> str | None:
    """The directory of a unit or stack in the same repository."""
    source = block.attributes.get("source")
    if block.type not in ("unit", "stack") or not isinstance(source, Literal):
        return None
    text = configuration.text(source.span)
    return target_of(configuration.file.path, text) if _is_local(text) else None


def _definitions(file: SourceFile, document: Document) -> Scope:
    """The locals of a file, and its includes as if they were read."""
    scope = definitions(file, document)
    includes: dict[str, tuple[Expression, SourceFile]] = {}
    for block in document.blocks:
        path = block.attributes.get("path")
        if block.type == "include" and path:
            call = Call(span=block.span, name="read_terragrunt_config", arguments=(path,))
            if block.labels:
                includes[f"include.{block.labels[0]}"] = (call, file)
            else:
                includes["include.locals"] = (replace(call, path=".locals"), file)
    return replace(scope, definitions={**scope.definitions, **includes})


# ---------------------------------------------------------------- several files


class _Repository:
    """The configurations of a repository, read when they are asked for."""

    def __init__(self, files: Files, calls: Sequence[Clue]) -> None:
        self._files = files
        self._callers: dict[str, list[str]] = {}
        for clue in calls:
            callers = self._callers.setdefault(str(clue.data["target"]), [])
            if clue.path not in callers:
                callers.append(clue.path)
        self._read: dict[str, Configuration | None] = {}

    def rows(self, clue: Clue) -> Iterator[Dependency | Skipped]:
        """The rows of a block, or of what stands outside of blocks, in every scope it has."""
        configuration = self.configuration(clue.path)
        if configuration is None:
            return
        at = clue.data["at"]
        block = next((each for each in configuration.document.blocks if each.span.start == at), None)
        together: list[list[Extracted]] = []
        for scope in self._scopes(configuration):
            here = replace(configuration, scope=scope)
            together.append(list(_rows(here, block) if block else (*_constraints(here), *_inputs(here))))
        yield from best_known(together)

    def configuration(self, path: str) -> Configuration | None:
        """The file at ``path``, with functions that read others."""
        if path not in self._read:
            file = self._files.read(path)
            self._read[path] = self._configuration(file) if file else None
        return self._read[path]

    def _configuration(self, file: SourceFile) -> Configuration:
        document = read(file.text, _WANTED)
        decode = decoder(self._files.read, self._path)
        functions = {"read_terragrunt_config": self._read_config, "yamldecode": decode, "jsondecode": decode}
        scope = replace(_definitions(file, document), functions=functions)
        return replace(Configuration.alone(NAME, file, document), scope=scope)

    def _scopes(self, configuration: Configuration) -> Iterator[Scope]:
        yield configuration.scope
        directory = posixpath.dirname(configuration.file.path)
        for path in self._callers.get(directory, ()):
            caller = self.configuration(path)
            for block in caller.document.blocks if caller else ():
                if caller and _local_unit(caller, block) == directory:
                    yield configuration.scope.with_given(_values(caller, block))

    def _read_config(self, term: Term, call: Call) -> Term | None:
        """What ``read_terragrunt_config(path, default)`` amounts to: an object with ``locals`` and ``inputs``."""
        path = self._path(term.beside(call.arguments[0])) if call.arguments else None
        configuration = self.configuration(path) if path else None
        if configuration is None:
            return settled(term.beside(call.arguments[1])) if len(call.arguments) > 1 else None
        nowhere = Span(0, 0)
        of_file = configuration.document.attributes
        named = configuration.scope.definitions.items()
        values = {name.removeprefix("local."): value for name, (value, _) in named if name.startswith("local.")}
        entries: dict[str, Expression] = {**of_file, "locals": Object(span=nowhere, entries=values)}
        return Term(Object(span=nowhere, entries=entries), configuration.file, configuration.scope)

    def _path(self, path: Term) -> str | None:
        """The file that an expression names."""
        match path.expression:
            case Call(name="find_in_parent_folders", arguments=arguments):
                name = known_text(pieces(path.beside(arguments[0]))) if arguments else None
                return self._above(path.file.path, name) if name or not arguments else None
            case Literal():
                return self._written_path(path)
        return None

    def _written_path(self, path: Term) -> str | None:
        text = path.text
        if match := _PARENT.match(text):
            parent = self._above(path.file.path, match["name"])
            if parent is None:
                return None
            rest = text[match.end() :]
            return (
                posixpath.normpath(f"{posixpath.dirname(parent)}/{rest}").lstrip("/")
                if match["dirname"]
                else parent + rest
            )
        return target_of(path.file.path, text)

    def _above(self, path: str, name: str | None) -> str | None:
        """The nearest file of that name in a directory above the one of ``path``."""
        names = (name,) if name else ("terragrunt.hcl", "root.hcl")
        directory = posixpath.dirname(path)
        while directory:
            directory = posixpath.dirname(directory)
            for each in names:
                if (found := posixpath.join(directory, each)) in self._paths:
                    return found
        return None

    @cached_property
    def _paths(self) -> frozenset[str]:
        patterns = ("**/*.hcl", "**/*.yaml", "**/*.yml", "**/*.json")
        return frozenset(path for pattern in patterns for path in self._files.matching(pattern))


def _values(caller: Configuration, block: Block) -> Mapping[str, Term]:
    """What a unit is given, as ``values.x``."""
    values = caller.settled(block.attributes.get("values"))
    entries = values.expression.entries if values and isinstance(values.expression, Object) else {}
    return {f"values.{name}": values.beside(value) for name, value in entries.items()} if values else {}
