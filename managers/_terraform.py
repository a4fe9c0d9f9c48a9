"""What the managers of Terraform files do alike: follow references, and make rows of what they find."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from managers._hcl import Computed, Document, Expression, Literal
from updater.api import Extracted, Package, Skipped, SourceFile, Span, dependency, skipped

_TERRAFORM_REGISTRY = "registry.terraform.io"
_OPENTOFU_REGISTRY = "registry.opentofu.org"

_ADDRESS = re.compile(r"(?:(?:([a-z0-9.-]+(?::[0-9]+)?)/)?([\w-]+)/)?([\w-]+)")
_REFERENCE = re.compile(r"\$\{\s*+((?:local|var)\.[\w-]++)\s*+\}")

EXPRESSION = "contains an expression"


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


def problems(file: SourceFile, document: Document, manager: str) -> Iterator[Skipped]:
    """A row for each stretch of the file that could not be read."""
    for problem in document.problems:
        reason = f"syntax error in line {file.line_of(problem.offset)}: {problem.message}"
        row = skipped(file, manager=manager, reason=reason, name=problem.header)
        yield replace(row, line=file.line_of(problem.span.start), span=problem.span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose version it is that a row speaks of."""

    name: str
    dep_type: str
    within: Span
    """The block or entry that holds the version, or should."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One file of a configuration, and what its expressions may refer to."""

    manager: str
    file: SourceFile
    document: Document

    @cached_property
    def is_opentofu(self) -> bool:
        """Whether the file is written for OpenTofu, by its name or because it says so."""
        return self.file.path.endswith(".tofu") or "opentofu" in self.file.text.lower()

    @cached_property
    def referents(self) -> Mapping[str, Literal]:
        """The plain strings of this file that ``local.x`` and ``var.x`` stand for."""
        values: dict[str, Expression] = {}
        for block in self.document.blocks:
            if block.type == "locals":
                values |= {f"local.{name}": value for name, value in block.attributes.items()}
            elif block.type == "variable" and block.labels and "default" in block.attributes:
                values[f"var.{block.labels[0]}"] = block.attributes["default"]
        return {name: value for name, value in values.items() if isinstance(value, Literal) and not value.interpolated}

    @cached_property
    def required_providers(self) -> Mapping[str, Expression]:
        """The entries of ``required_providers`` by local name."""
        nested = (each for block in self.document.blocks if block.type == "terraform" for each in block.blocks)
        found = (each.attributes for each in nested if each.type == "required_providers")
        return {name: requirement for attributes in found for name, requirement in attributes.items()}

    def text(self, span: Span) -> str:
        """The text at ``span``."""
        return self.file.text[span.start : span.end]

    def literal(self, expression: Expression | None) -> Literal | None:
        """The plain string that ``expression`` is or refers to."""
        match expression:
            case Literal(interpolated=False):
                return expression
            case Literal():
                reference = _REFERENCE.fullmatch(self.text(expression.span))
                return self.referents.get(reference[1]) if reference else None
            case Computed():
                return self.referents.get(self.text(expression.span))
        return None

    def string(self, expression: Expression | None) -> str | None:
        """The text of the plain string that ``expression`` is or refers to."""
        literal = self.literal(expression)
        return self.text(literal.span) if literal else None

    def constrained(
        self, version: Expression | None, package: Package, place: Place, *, versioning: str | None = "hashicorp"
    ) -> Extracted:
        """The dependency whose version or range is ``version``."""
        literal = self.literal(version)
        if literal is not None and literal.span.start < literal.span.end:
            return dependency(
                self.file,
                manager=self.manager,
                name=place.name,
                package=package,
                value=literal.span,
                versioning=versioning,
                dep_type=place.dep_type,
            )
        if literal is None and version is not None:
            return self.unmanaged(EXPRESSION, place, at=version.span, datasource=package.datasource)
        return self.unmanaged("no version constraint", place, datasource=package.datasource)

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
        return row if at else replace(row, line=self.file.line_of(place.within.start))
