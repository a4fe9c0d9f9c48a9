"""What the managers of Terraform files do alike: evaluate expressions, and make rows of what they find."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from managers._composed import Piece, Pieces, composed_image, contributions, text_of
from managers._git import COMMIT, version_behind, why_not_a_tag
from managers._hcl import Document, Expression, Literal
from managers._images import SCATTERED
from managers._terraform_scope import Scope, Term, is_known, is_null, known_text, pieces, settled
from updater.api import Dependency, Extracted, Package, Skipped, SourceFile, Span, dependency, skipped

_TERRAFORM_REGISTRY = "registry.terraform.io"
_OPENTOFU_REGISTRY = "registry.opentofu.org"

_ADDRESS = re.compile(r"(?:(?:([a-z0-9.-]+(?::[0-9]+)?)/)?([\w-]+)/)?([\w-]+)")
_VARIABLE = re.compile(r"(?:\$\{\s*)?(var\.[\w-]++)[\w.\-\[\]\"]*+\s*+\}?")
_OPERATOR = re.compile(r"[=!<>~\s]*+")
_TOFU_BINARY = 'terraform_binary = "tofu"'
_DIGIT = re.compile(r"\d")

EXPRESSION = "contains an expression"
NO_DEFAULT = "has no default"
UNKNOWN_SOURCE = "its source is an expression"


def provider_package(address: str, *, opentofu: bool = False) -> Package | None:
    """The package of ``[[host/]namespace/]type``; None if that is no address. The case of letters has no meaning.

    Configurations and lock files must come to equal names, because that is how a lock entry finds its dependency
    (https://developer.hashicorp.com/terraform/language/providers/requirements#source-addresses).
    """
    match = _ADDRESS.fullmatch(address.lower())
    if match is None:
        return None
    host, namespace, type_ = match.groups()
    return Package(
        datasource="terraform-provider",
        name=f"{namespace or 'hashicorp'}/{type_}",
        registry_urls=registry_urls(host, opentofu=opentofu),
    )


def registry_urls(host: str | None, *, opentofu: bool) -> tuple[str, ...]:
    """What a package says about its registry; ``host`` is None where the address does not name one."""
    host = host or (_OPENTOFU_REGISTRY if opentofu else _TERRAFORM_REGISTRY)
    return () if host == _TERRAFORM_REGISTRY else (f"https://{host}",)


def engine_package(*, opentofu: bool) -> Package:
    """The releases of Terraform or OpenTofu themselves."""
    return Package(datasource="github-releases", name="opentofu/opentofu" if opentofu else "hashicorp/terraform")


def as_opentofu(item: Dependency) -> Dependency:
    """The dependency of a Terraform configuration, looked up where OpenTofu looks."""
    if item.package == engine_package(opentofu=False):
        package = engine_package(opentofu=True)
        return structs.replace(
            item, package=package, name=package.name if item.name == item.package.name else item.name
        )
    if item.package.datasource in ("terraform-provider", "terraform-module") and not item.package.registry_urls:
        return structs.replace(
            item, package=structs.replace(item.package, registry_urls=registry_urls(None, opentofu=True))
        )
    return item


def problems(file: SourceFile, document: Document, manager: str) -> Iterator[Skipped]:
    """A row for each stretch of the file that could not be read."""
    for problem in document.problems:
        reason = f"syntax error in line {file.line_of(problem.offset)}: {problem.message}"
        row = skipped(file, manager=manager, reason=reason, name=problem.header)
        yield structs.replace(row, line=file.line_of(problem.span.start), span=problem.span)


def definitions(file: SourceFile, document: Document) -> Scope:
    """What the locals and variables of one file are."""
    values: dict[str, tuple[Expression, SourceFile]] = {}
    types: dict[str, tuple[Expression, SourceFile]] = {}
    for block in document.blocks:
        if block.type == "locals":
            values |= {f"local.{name}": (value, file) for name, value in block.attributes.items()}
        elif block.type == "variable" and block.labels:
            for argument, into in (("default", values), ("type", types)):
                if argument in block.attributes:
                    into[f"var.{block.labels[0]}"] = (block.attributes[argument], file)
    return Scope(definitions=values, types=types)


class Place(Struct, frozen=True, kw_only=True):
    """Whose version it is that a row speaks of."""

    name: str
    dep_type: str
    within: Span
    """The block or entry that holds the version, or should."""


def _required_providers(document: Document) -> Mapping[str, Expression]:
    nested = (each for block in document.blocks if block.type == "terraform" for each in block.blocks)
    found = (each.attributes for each in nested if each.type == "required_providers")
    return {name: requirement for attributes in found for name, requirement in attributes.items()}


class Configuration(Struct, frozen=True, kw_only=True):
    """One file of a configuration, and what its expressions may refer to."""

    manager: str
    file: SourceFile
    document: Document
    scope: Scope
    is_opentofu: bool
    """Whether the file is written for OpenTofu, by its name or because it says so."""
    required_providers: Mapping[str, Expression]
    """The entries of ``required_providers`` by local name."""

    @classmethod
    def alone(cls, manager: str, file: SourceFile, document: Document) -> "Configuration":
        """The file without its neighbours."""
        text = file.text.lower()
        says_so = file.path.endswith((".tofu", ".tofu.json")) or "opentofu" in text or _TOFU_BINARY in text
        return cls(
            manager=manager,
            file=file,
            document=document,
            scope=definitions(file, document),
            is_opentofu=says_so,
            required_providers=_required_providers(document),
        )

    def text(self, span: Span) -> str:
        """The text at ``span``."""
        return self.file.text[span.start : span.end]

    def term(self, expression: Expression) -> Term:
        """An expression of this file, to be evaluated."""
        return Term(expression, self.file, self.scope)

    def settled(self, expression: Expression | None) -> Term | None:
        """What ``expression`` refers to; None for none, for null and for what is not known."""
        found = settled(self.term(expression)) if expression else None
        return None if found is None or is_null(found) else found

    def is_absent(self, expression: Expression | None) -> bool:
        """Whether there is no value: no expression, or one that amounts to null or the empty text."""
        if expression is None:
            return True
        found = settled(self.term(expression))
        return found is not None and (is_null(found) or (isinstance(found.expression, Literal) and not found.text))

    def pieces(self, expression: Expression | None) -> Pieces | None:
        """The text that ``expression`` stands for."""
        return pieces(self.term(expression)) if expression else None

    def string(self, expression: Expression | None) -> str | None:
        """The text that ``expression`` stands for, if all of it is known."""
        return known_text(self.pieces(expression))

    def written(self, expression: Expression | None) -> str:
        """The text of ``expression`` where it is known, else how it is written."""
        if expression is None:
            return ""
        found = self.pieces(expression)
        return text_of(found) if found else self.text(expression.span)

    def constrained(
        self, version: Expression | None, package: Package, place: Place, *, versioning: str | None = "hashicorp"
    ) -> Extracted:
        """The dependency whose version or range is ``version``."""
        if version is None or self.is_absent(version):
            return self.unmanaged("no version constraint", place, datasource=package.datasource)
        text = self.pieces(version)
        if text is None or not is_known(text):
            return self.unmanaged(self.why_unknown(version), place, at=version.span, datasource=package.datasource)
        row = self.moving(text, package, place, versioning=versioning)
        return row or self.unmanaged(SCATTERED, place, at=version.span, datasource=package.datasource)

    def why_unknown(self, expression: Expression) -> str:
        """Why nothing is known about the value of ``expression``."""
        match = _VARIABLE.fullmatch(self.text(expression.span))
        if match and settled(self.term(expression)) is None:
            return f"{match[1]} {NO_DEFAULT}"
        return EXPRESSION

    def moving(
        self,
        value: Pieces | None,
        package: Package,
        place: Place,
        *,
        digest: Piece | None = None,
        versioning: str | None = None,
    ) -> Dependency | None:
        """The dependency whose version is the text ``value``; None if no piece of it is the version."""
        found = moving_piece(value) if value else None
        if (value and found is None) or (found and digest and found[0].file is not digest.file):
            return None
        piece, extract_version = found or (digest, None)
        if piece is None:
            return None
        return dependency(
            piece.file,
            manager=self.manager,
            name=place.name,
            package=package,
            value=piece.span if found else None,
            digest=digest.span if digest else None,
            versioning=versioning,
            extract_version=extract_version,
            dep_type=place.dep_type,
        )

    def tagged(
        self, address: Pieces, ref: Span | None, package: Package, place: Place, *, versioning: str | None = None
    ) -> Extracted:
        """The dependency whose version is the Git revision at ``ref`` in an address."""
        at = self.at(address, place)
        if ref is None:
            return self.unmanaged("no version in the address", place, datasource=package.datasource)
        revision = contributions(address, ref)
        if not is_known(revision):
            return self.unmanaged(EXPRESSION, place, at=at, datasource=package.datasource)
        reason = why_not_a_tag(text_of(revision))
        if reason == COMMIT and len(revision) == 1 and (row := self._commented(revision[0], package, place)):
            return row
        if reason is not None:
            own = revision[0].span if len(revision) == 1 and revision[0].file is self.file else None
            return self.unmanaged(reason, place, at=own or at, datasource=package.datasource)
        row = self.moving(revision, package, place, versioning=versioning)
        return row or self.unmanaged(SCATTERED, place, at=at, datasource=package.datasource)

    def _commented(self, commit: Piece, package: Package, place: Place) -> Dependency | None:
        """A commit whose tag stands in a comment behind it."""
        version = version_behind(commit.file.text, commit.span.end)
        value = (Piece(file=commit.file, span=version),) if version else None
        return self.moving(value, package, place, digest=commit) if value else None

    def at(self, text: Pieces, place: Place) -> Span:
        """Where a text stands in this file, for a row about all of it."""
        own = [piece.span for piece in text if piece.file is self.file]
        return Span(own[0].start, own[-1].end) if own and own[0].start < own[-1].end else place.within

    def image(self, expression: Expression, dep_type: str) -> Iterator[Extracted]:
        """The container image that ``expression`` names."""
        text = self.pieces(expression)
        at = Piece(file=self.file, span=expression.span)
        if text:
            yield from composed_image(text, manager=self.manager, at=at, dep_type=dep_type)
        elif not self.is_absent(expression):
            place = Place(name=self.text(expression.span)[:200], dep_type=dep_type, within=expression.span)
            yield self.unmanaged(self.why_unknown(expression), place, at=expression.span, datasource="docker")

    def unmanaged(self, reason: str, place: Place, *, at: Span | None = None, datasource: str | None = None) -> Skipped:
        """A row for the value ``at``; without one, for the line at which ``place`` begins."""
        row = skipped(
            self.file,
            manager=self.manager,
            reason=reason,
            at=at,
            name=place.name,
            datasource=datasource,
            dep_type=place.dep_type,
        )
        return row if at else structs.replace(row, line=self.file.line_of(place.within.start))


def moving_piece(text: Pieces) -> tuple[Piece, str | None] | None:
    """The piece that is the version in a text, and the pattern that finds it in what a registry offers.

    That is the only piece, or the only one with digits: of ``"v${var.version}"`` the variable's value. Operators
    before it (``"~> ${local.version}"``) are no part of the pattern.
    """
    if len(text) == 1:
        return text[0], None
    numbered = [index for index, piece in enumerate(text) if _DIGIT.search(piece.text)]
    if len(numbered) != 1:
        return None
    (index,) = numbered
    before, behind = text_of(text[:index]), text_of(text[index + 1 :])
    before = before[_OPERATOR.match(before).end() :]  # type: ignore[union-attr] # it matches the empty text, too
    if not before and not behind:
        return text[index], None
    return text[index], f"^{re.escape(before)}(?<version>.+){re.escape(behind)}$"
