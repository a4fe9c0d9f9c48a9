"""The modules of a repository: which files belong together, who calls whom, and with what.

A module is a directory. What its variables are depends on who uses it: itself (their defaults), each of its
``*.tfvars``, and each call of it from elsewhere in the repository. Each of these is a scope of its own.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from managers._hcl import Block, Call, Computed, Document, Expression, List, Literal, Object, read
from managers._terraform import definitions
from managers._terraform_json import read_data, read_json
from managers._terraform_scope import Function, Scope, Term, settled
from updater.api import Clue, Files, SourceFile, Span

_MAX_SCOPES = 1_000
_MAX_DEPTH = 5
_MAX_ELEMENTS = 200

WANTED = re.compile(
    r"(?:terraform|provider|module|locals|variable)\b"
    r'|resource\s*+"?(?:helm_release|docker_|kubernetes_|kubectl_|k8sconnect_|tfe_workspace|argocd_|flux_|nomad_job|null_resource|terraform_data'
    r"|aws_(?:apprunner|batch_job|db_instance|docdb|e[ck]s|elasti|lambda_function|memorydb|mq|msk|opensearch|rds)"
    r"|aws_sagemaker_model|google_(?:c|redis|sql)|digitalocean_(?:app|database|kubernetes)|kind_|k3d_|talos_"
    r"|azurerm_(?:app_service|container|kubernetes|(?:linux|windows)_(?:web|function)_app|(?:my|postgre)sql_flexible))"
    r'|data\s*+"?(?:docker_|helm_template|http"|talos_)'
)
"""The beginnings of the blocks that are read."""

_NO_BLOCKS = re.compile(r"(?!)")
_FOR_EACH_ITEM = re.compile(
    r"\{\s*for\s+(?:[\w-]+\s*,\s*)?(?P<item>[\w-]+)\s+in\s+(?P<all>(?:local|var)\.[\w.-]+)\s*:[^=]*=>\s*(?P<again>[\w-]+)\s*"
    r"(?:\.\.\.\s*)?(?:if\s[^{}]*)?\}"
)
_PATH_TEMPLATE = re.compile(r"\$\{(?:path\.(?:module|root|cwd)|get_(?:original_)?terragrunt_dir\(\))\}/")
_REPOSITORY_TEMPLATE = re.compile(r"\$\{(?:get_repo_root|get_path_to_repo_root)\(\)\}/+")


def read_document(file: SourceFile) -> Document:
    """The structure of a configuration in native or JSON syntax."""
    return read_json(file.text) if file.path.endswith(".json") else read(file.text, WANTED)


def read_variables(file: SourceFile) -> Document:
    """The structure of a ``*.tfvars``."""
    return read(file.text, _NO_BLOCKS)


def expanded(block: Block, file: SourceFile, scope: Scope) -> Iterator[Scope]:
    """The scopes in which a block is evaluated: one for each element of ``for_each``, or the given one alone."""
    if "for_each" not in block.attributes:
        yield scope
        return
    elements = islice(_elements(Term(block.attributes["for_each"], file, scope)), _MAX_ELEMENTS)
    yield from [scope.with_given(each) for each in elements] or [scope]


def _elements(for_each: Term) -> Iterator[Mapping[str, Term]]:
    """What ``each.key`` and ``each.value`` are, time after time, as far as that is known."""
    found = settled(for_each)
    match found.expression if found else None:
        case Object(entries=entries, keys=keys) if found:
            for key, value in entries.items():
                given = {"each.value": found.beside(value)}
                if key in keys:
                    given["each.key"] = found.beside(Literal(keys[key], interpolated=False))
                yield given
        case List(items=items) if found:
            for item in items:
                yield {"each.key": found.beside(item), "each.value": found.beside(item)}
        case _ if found:
            yield from _selected(found)


def _selected(for_each: Term) -> Iterator[Mapping[str, Term]]:
    """``{ for chart in local.charts : chart.name => chart }``."""
    match = _FOR_EACH_ITEM.fullmatch(for_each.text)
    if match is None or match["item"] != match["again"]:
        return
    start = for_each.expression.span.start
    first, last = match.span("all")
    found = settled(for_each.beside(Computed(Span(start + first, start + last))))
    match found.expression if found else None:
        case List(items=items) if found:
            values = items
        case Object(entries=entries) if found:
            values = tuple(entries.values())
        case _:
            return
    for value in values:
        yield {"each.value": found.beside(value)}


# ---------------------------------------------------------------- data files


def decoder(read_file: Callable[[str], SourceFile | None], path_of: Callable[[Term], str | None]) -> Function:
    """``yamldecode(file("…"))``: what a data file says. Other arguments are left as they are."""

    def decoded(term: Term, call: Call) -> Term | None:
        match call.arguments:
            case (Call(name="file", arguments=(path, *_)),):
                found = path_of(term.beside(path))
                file = read_file(found) if found else None
                data = read_data(file.text) if file else None
                return Term(data, file, Scope(definitions={})) if data and file else None
        return term

    return decoded


def path_of_literal(path: Term) -> str | None:
    """The file in the repository that a text names."""
    return target_of(path.file.path, path.text) if isinstance(path.expression, Literal) else None


# ---------------------------------------------------------------- calls


def target_of(path: str, source: str) -> str | None:
    """The directory that a local ``source`` in the file at ``path`` leads to; None if that is outside or not known."""
    source = source.partition("?")[0].replace("\\\\", "/")
    if match := _REPOSITORY_TEMPLATE.match(source):
        base, source = "", source[match.end() :]
    else:
        base, source = posixpath.dirname(path), _PATH_TEMPLATE.sub("", source)
    if "${" in source or source.startswith("/"):
        return None
    target = posixpath.normpath(posixpath.join(base, source))
    return None if target.startswith("..") else target


def arguments_of(block: Block) -> Mapping[str, Expression]:
    """What a call hands to the variables of the module."""
    return {f"var.{name}": value for name, value in block.attributes.items() if name not in _META}


_META = frozenset(("source", "version", "for_each", "count", "providers", "depends_on"))


def inputs_of(document: Document) -> Mapping[str, Expression]:
    """What the ``inputs`` of a Terragrunt configuration hand to the variables of the module."""
    inputs = document.attributes.get("inputs")
    return {f"var.{name}": value for name, value in inputs.entries.items()} if isinstance(inputs, Object) else {}


class Modules:
    """The modules of a repository, read when they are asked for.

    ``calls`` are the places that call local modules, as (path, target directory).
    """

    def __init__(self, files: Files, calls: Iterable[tuple[str, str]]) -> None:
        self._files = files
        self._callers: dict[str, list[str]] = {}
        for path, target in calls:
            callers = self._callers.setdefault(target, [])
            if path not in callers:
                callers.append(path)
        self._documents: dict[str, tuple[SourceFile, Document] | None] = {}
        self._scopes: dict[str, tuple[Scope, ...]] = {}
        self._open: list[str] = []
        decode = decoder(files.read, path_of_literal)
        self._functions = {"yamldecode": decode, "jsondecode": decode}

    def read(self, path: str) -> tuple[SourceFile, Document] | None:
        """A configuration file and its structure."""
        if path not in self._documents:
            file = self._files.read(path)
            self._documents[path] = (file, read_document(file)) if file else None
        return self._documents[path]

    def scopes(self, directory: str) -> tuple[Scope, ...]:
        """The scopes in which the blocks of a module are evaluated; the first one is that of the module alone."""
        if directory not in self._scopes:
            self._open.append(directory)
            own = self._own(directory)
            given = (*self._variable_files(directory), *self._calls(directory))
            self._open.pop()
            self._scopes[directory] = (own, *(own.with_given(each) for each in given[:_MAX_SCOPES]))
        return self._scopes[directory]

    def _own(self, directory: str) -> Scope:
        found = [definitions(*each) for path in self._sources.get(directory, ()) if (each := self.read(path))]
        return Scope(
            definitions={name: each for scope in found for name, each in scope.definitions.items()},
            types={name: each for scope in found for name, each in scope.types.items()},
            functions=self._functions,
        )

    def _variable_files(self, directory: str) -> Iterator[Mapping[str, Term]]:
        for path in self._variables.get(directory, ()):
            if file := self._files.read(path):
                attributes = read_variables(file).attributes
                scope = Scope(definitions={})
                yield {f"var.{name}": Term(value, file, scope) for name, value in attributes.items()}

    def _calls(self, directory: str) -> Iterator[Mapping[str, Term]]:
        if len(self._open) > _MAX_DEPTH:
            return
        for path in self._callers.get(directory, ()):
            caller = posixpath.dirname(path)
            found = self.read(path) if caller not in self._open else None
            if found is None:
                continue
            for scope in self.scopes_of(path)[:_MAX_SCOPES]:
                yield from self._handed_in(found, directory, scope)

    def scopes_of(self, path: str) -> tuple[Scope, ...]:
        """The scopes of one file; a Terragrunt configuration stands for itself."""
        if path.endswith(".hcl"):
            found = self.read(path)
            return (definitions(*found),) if found else ()
        return self.scopes(posixpath.dirname(path))

    def _handed_in(
        self, found: tuple[SourceFile, Document], directory: str, scope: Scope
    ) -> Iterator[Mapping[str, Term]]:
        file, document = found
        if file.path.endswith(".hcl"):
            yield {name: Term(value, file, scope) for name, value in inputs_of(document).items()}
            return
        for block in document.blocks:
            source = block.attributes.get("source")
            if block.type == "module" and isinstance(source, Literal):
                text = file.text[source.span.start : source.span.end]
                if target_of(file.path, text) == directory:
                    for each in expanded(block, file, scope):
                        yield {name: Term(value, file, each) for name, value in arguments_of(block).items()}

    @cached_property
    def _sources(self) -> Mapping[str, Sequence[str]]:
        """The configuration files of each directory."""
        paths = (path for pattern in ("**/*.tf", "**/*.tofu", "**/*.tf.json") for path in self._files.matching(pattern))
        return _grouped((posixpath.dirname(path), path) for path in paths)

    @cached_property
    def _variables(self) -> Mapping[str, Sequence[str]]:
        """The ``*.tfvars`` of each module: in its directory, or in one below it that is no module itself."""
        return _grouped(
            (directory, path)
            for path in self._files.matching("**/*.tfvars")
            if (directory := self._module_above(path)) is not None
        )

    def _module_above(self, path: str) -> str | None:
        directory = posixpath.dirname(path)
        while directory not in self._sources:
            if not directory:
                return None
            directory = posixpath.dirname(directory)
        return directory


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


# ---------------------------------------------------------------- OpenTofu


class Engines:
    """Which directories of a repository are for OpenTofu, as far as other files say so.

    The nearest lock file or ``.opentofu-version``, in the directory or above it, decides.
    """

    def __init__(self, clues: Iterable[Clue], files: Files) -> None:
        self._says = {posixpath.dirname(path): True for path in files.matching("**/.opentofu-version")}
        self._says |= {posixpath.dirname(clue.path): bool(clue.data.get("opentofu")) for clue in clues}

    def is_opentofu(self, path: str) -> bool:
        """Whether the file at ``path`` is for OpenTofu."""
        directory = posixpath.dirname(path)
        while directory not in self._says and directory:
            directory = posixpath.dirname(directory)
        return self._says.get(directory, False)
