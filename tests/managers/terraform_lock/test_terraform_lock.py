"""The manager of dependency lock files."""

from pathlib import Path

from managers import terraform, terraform_lock
from tests.managers.reading import skipped, source
from tests.managers.terraform.together import dependencies
from updater.api import LockEntry, Package, SourceFile

HERE = Path(__file__).parent
TERRAFORM = source(HERE / "terraform" / ".terraform.lock.hcl")
OPENTOFU = source(HERE / "opentofu" / ".terraform.lock.hcl")
BROKEN = source(HERE / "broken" / ".terraform.lock.hcl")


def entries(file: SourceFile) -> list[LockEntry]:
    return [item for item in terraform_lock.extract(file) if isinstance(item, LockEntry)]


def provider(name: str, *registry_urls: str) -> Package:
    return Package(datasource="terraform-provider", name=name, registry_urls=registry_urls)


def test_entries() -> None:
    """Every provider is an entry with its version, its constraints if there are any, and its hashes."""
    assert [
        (item.line, item.package, item.version, item.constraints, len(item.hashes)) for item in entries(TERRAFORM)
    ] == [
        (5, provider("hashicorp/aws"), "5.31.0", "~> 5.31", 3),
        (15, provider("acme/private", "https://terraform.example.com"), "0.4.2", None, 1),
        (20, provider("hashicorp/null"), "3.2.2", None, 0),
    ]


def test_opentofu() -> None:
    """The registry of OpenTofu is that of the package, and CRLF changes nothing."""
    (entry,) = entries(OPENTOFU)
    assert entry.package == provider("hashicorp/random", "https://registry.opentofu.org")
    assert entry.hashes == ("h1:R5Ucn26riKIEijcsiOMBR3uOAjuOMfI1x7XvH4P6B1w=",)


def test_spans() -> None:
    """The spans cover the version, the constraints and everything between the brackets of the hashes."""
    aws, private, null = entries(TERRAFORM)
    text = TERRAFORM.text
    assert text[slice(*aws.version_span)] == "5.31.0"
    assert aws.constraints_span is not None
    assert text[slice(*aws.constraints_span)] == "~> 5.31"
    assert aws.hashes_span is not None
    assert text[aws.hashes_span.start - 1] + text[aws.hashes_span.end] == "[]"
    assert text[slice(*aws.hashes_span)] == "".join(f'\n    "{each}",' for each in aws.hashes) + "\n  "
    assert private.hashes_span is not None
    assert text[slice(*private.hashes_span)] == f'"{private.hashes[0]}"'
    assert null.hashes_span is None


def test_what_cannot_be_read() -> None:
    """Conflicts, entries without a version and strange addresses are listed with the reason; the others count."""
    assert [entry.package.name for entry in entries(BROKEN)] == ["hashicorp/null"]
    assert skipped(terraform_lock, BROKEN) == [
        (9, "registry.terraform.io/hashicorp/random", "no version"),
        (13, "not an address", "not a provider's address"),
        (
            1,
            'provider "registry.terraform.io/hashicorp/aws"',
            "syntax error in line 2: neither a block nor an argument",
        ),
    ]


def test_entries_find_their_dependencies() -> None:
    """A configuration and a lock file write an address differently and come to the same package."""
    text = 'terraform {\n required_providers {\n a = { source = "Azure/azapi", version = "1.13.1" }\n }\n}\n'
    (azapi,) = dependencies(terraform, SourceFile(path="main.tf", text=text))
    lock = 'provider "registry.terraform.io/azure/azapi" {\n  version = "1.13.1"\n}\n'
    (entry,) = entries(SourceFile(path=".terraform.lock.hcl", text=lock))
    assert azapi.package == entry.package
