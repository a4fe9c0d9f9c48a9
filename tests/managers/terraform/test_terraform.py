"""The manager of Terraform and OpenTofu configurations."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from managers import terraform
from tests.managers.reading import source
from tests.managers.terraform.together import dependencies, found, rows, skipped
from updater.api import Package, Skipped, SourceFile

HERE = Path(__file__).parent
VERSIONS = source(HERE / "versions.tf")
MODULES = source(HERE / "modules.tf")
RESOURCES = source(HERE / "resources.tf")
TOFU = source(HERE / "main.tofu")
BROKEN = source(HERE / "broken.tf")
CRLF = source(HERE / "crlf.tf")
UNFORMATTED = source(HERE / "unformatted.tf")

DIGEST = "sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
VPC = "terraform-aws-modules/vpc/aws"


def tf(text: str, path: str = "main.tf") -> SourceFile:
    return SourceFile(path=path, text=text)


def module(source: str, version: str | None = None) -> SourceFile:
    """A file with one module."""
    return tf(f'module "a" {{\n  source = "{source}"\n' + (f'  version = "{version}"\n' if version else "") + "}\n")


def packages(file: SourceFile) -> dict[int, Package]:
    return {item.line: item.package for item in dependencies(terraform, file)}


# ---------------------------------------------------------------- terraform and providers


def test_versions() -> None:
    """The required version, required providers in all spellings and versions in provider blocks are found."""
    assert [
        (item.line, item.dep_type, item.name, item.current_value) for item in dependencies(terraform, VERSIONS)
    ] == [
        (3, "required_version", "hashicorp/terraform", ">= 1.5.0, < 2.0.0"),
        (8, "required_provider", "aws", "~> 5.31"),
        (10, "required_provider", "azapi", "1.13.1"),
        (11, "required_provider", "cloudflare", "~> 4.0"),
        (13, "required_provider", "random", "3.6.0"),
        (17, "required_provider", "private", ">= 0.4"),
        (35, "provider", "aws", "~> 5.30"),
        (39, "provider", "google", "4.1.0"),
    ]
    assert {item.versioning for item in dependencies(terraform, VERSIONS)} == {"hashicorp"}


def test_unmanaged_providers() -> None:
    """A provider without a constraint and one with a strange address are listed with the reason."""
    assert skipped(terraform, VERSIONS) == [
        (19, "null", "no version constraint"),
        (24, "bad", "not a provider's address"),
    ]


def test_provider_packages() -> None:
    """Providers are looked up by lower-case name at the registry that their address names; Terraform at GitHub."""
    found_at = packages(VERSIONS)
    assert found_at[3] == Package(datasource="github-releases", name="hashicorp/terraform")
    assert found_at[10] == Package(datasource="terraform-provider", name="azure/azapi")
    assert found_at[17] == Package(
        datasource="terraform-provider", name="acme/private", registry_urls=("https://terraform.example.com",)
    )


def test_opentofu() -> None:
    """In a file for OpenTofu the releases and the default registry are those of OpenTofu."""
    assert packages(TOFU) == {
        2: Package(datasource="github-releases", name="opentofu/opentofu"),
        6: Package(
            datasource="terraform-provider", name="hashicorp/random", registry_urls=("https://registry.opentofu.org",)
        ),
        10: Package(datasource="terraform-provider", name="hashicorp/null"),
        17: Package(datasource="terraform-module", name=VPC, registry_urls=("https://registry.opentofu.org",)),
    }


def test_a_file_that_mentions_opentofu() -> None:
    """A ``.tf`` file is one for OpenTofu if it says so."""
    text = '# OpenTofu only\nterraform {\n  required_version = "1.8.0"\n}\n'
    assert found(terraform, tf(text)) == [(3, "opentofu/opentofu", "1.8.0")]


def test_a_legacy_provider_follows_required_providers() -> None:
    """A version in a provider block is one of the provider that ``required_providers`` gives this local name."""
    text = (
        'terraform {\n  required_providers {\n    dns = { source = "acme/dns" }\n  }\n}\n'
        'provider "dns" {\n  version = "1.0.0"\n}\n'
    )
    assert found(terraform, tf(text)) == [(7, "dns", "1.0.0")]


# ---------------------------------------------------------------- modules


def test_modules() -> None:
    """Modules from registries, GitHub, other Git hosts and OCI registries are found; local ones are not."""
    assert found(terraform, MODULES) == [
        (9, "terraform-aws-modules/eks/aws", "20.2.1"),
        (21, VPC, "5.5.1"),
        (26, "terraform-aws-modules/iam/aws", "~> 5.3"),
        (31, "app.terraform.io/acme/network/azurerm", "2.0.1"),
        (64, "github.com/acme/modules", "v1.2.3"),
        (68, "github.com/acme/modules", "network-v1.0.0"),
        (72, "github.com/acme/modules", "v1.2.4"),
        (76, "group/sub/repo", "1.0.0"),
        (80, "https://git.example.com/infra/modules.git", "v1.2.3"),
        (84, "ssh://git@git.example.com:2222/infra/modules.git", "v2.0"),
        (88, "https://git.example.com/infra/modules.git", "v3.1.0"),
        (92, "https://dev.azure.com/acme/infra/_git/modules", "v1.0.1"),
        (96, "acme/modules", "v0.2.0"),
        (112, "ghcr.io/acme/modules/network", "1.4.0"),
        (116, "ghcr.io/acme/modules/dns", None),
    ]


def test_unmanaged_modules() -> None:
    """Modules that follow something else than a version are listed with the reason."""
    assert skipped(terraform, MODULES) == [
        (9, "terraform-aws-modules/rds/aws", "shares its version with terraform-aws-modules/eks/aws"),
        (51, "terraform-aws-modules/alb/aws", "var.elsewhere has no default"),
        (56, "terraform-aws-modules/alb/aws", "contains an expression"),
        (59, "terraform-aws-modules/s3-bucket/aws", "no version constraint"),
        (100, "https://git.example.com/infra/modules.git", "follows a branch"),
        (104, "github.com/acme/modules", "pinned to a commit"),
        (107, "github.com/acme/modules", "no version in the address"),
        (119, "ghcr.io/acme/modules/dns", "no version in the address"),
        (124, "archive", "an archive, which has no list of versions"),
        (128, "bucket", "an archive, which has no list of versions"),
        (140, "no_source", "no source"),
        (145, "terraform-aws-modules/acm/aws", "ignored by comment"),
    ]


def test_module_packages() -> None:
    """Each kind of module is looked up where it comes from, with the host of a private registry."""
    found_at = packages(MODULES)
    assert found_at[21] == Package(datasource="terraform-module", name=VPC)
    assert found_at[31] == Package(
        datasource="terraform-module", name="acme/network/azurerm", registry_urls=("https://app.terraform.io",)
    )
    assert found_at[64] == found_at[68] == found_at[72] == Package(datasource="github-tags", name="acme/modules")
    assert found_at[76] == Package(datasource="gitlab-tags", name="group/sub/repo")
    assert found_at[112] == Package(datasource="docker", name="ghcr.io/acme/modules/network")


def test_credentials_stay_out_of_packages() -> None:
    """A user and a password in the address of a repository do not become part of the package."""
    file = module("git::https://user:secret@git.example.com/a/b.git?ref=v1.0.0")
    assert packages(file) == {2: Package(datasource="git-tags", name="https://git.example.com/a/b.git")}


def test_a_commit_with_its_tag_in_a_comment() -> None:
    """A commit whose tag stands behind it is that version, with the commit as its digest."""
    commit = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
    text = f'module "a" {{\n  source = "git::https://github.com/acme/m.git//x?ref={commit}" # v1.2.3\n}}\n'
    (item,) = dependencies(terraform, tf(text))
    assert (item.current_value, item.current_digest) == ("v1.2.3", commit)


def test_a_digest_in_an_address() -> None:
    """An OCI module that is named by digest has a digest and no value."""
    (dns,) = (item for item in dependencies(terraform, MODULES) if item.line == 116)
    assert (dns.current_value, dns.current_digest, dns.pinnable) == (None, DIGEST, False)


@pytest.mark.parametrize(
    "source",
    ["./a", "../a", "/opt/a", "${path.module}/a", "${path.root}/../a"],
)
def test_local_modules_are_passed_over(source: str) -> None:
    """A module at a local path has no version, not even a missing one."""
    assert rows(terraform, {"main.tf": module(source).text}) == []


@pytest.mark.parametrize(
    "source",
    [
        "only-one",
        "two/segments",
        "a/b/c/d",
        "a/b/c/d/e",
        "hg::https://example.com/vpc",
        "git::file:///srv/modules.git?ref=v1.0.0",
        "git::ssh://-oProxyCommand=touch/x?ref=v1.0.0",
        "-u@example.com:a/b.git?ref=v1.0.0",
        "oci://GHCR.io/UPPER?tag=1.0.0",
        "",
    ],
)
def test_strange_sources(source: str) -> None:
    """A source that is no address, or none that a server answers, is listed and never looked up."""
    assert [type(item) for item in rows(terraform, {"main.tf": module(source, "1.0.0").text})] == [Skipped]


# ---------------------------------------------------------------- references


def test_a_version_in_locals() -> None:
    """``local.x`` is followed to the string in the same file, and that is where the span is."""
    (eks,) = (item for item in dependencies(terraform, MODULES) if "eks" in item.name)
    assert eks.span is not None
    assert MODULES.text[: eks.span.start].endswith('eks_version = "')


def test_a_version_that_two_modules_share() -> None:
    """Two uses of one string for the same module are one dependency; another module cannot have it as well."""
    text = 'locals { v = "1.0.0" }\n' + "".join(
        f'module "{name}" {{\n  source = "{source}"\n  version = local.v\n}}\n'
        for name, source in (("a", "x/y/z"), ("b", "x/y/z"), ("c", "x/y/other"))
    )
    assert found(terraform, tf(text)) == [(1, "x/y/z", "1.0.0")]
    assert skipped(terraform, tf(text)) == [(1, "x/y/other", "shares its version with x/y/z")]


FOLLOWED = """
locals {
  v       = "1.0.1"
  list    = ["1.0.2", "1.0.3"]
  nested  = { v = "1.0.4", "quoted key" = "1.0.5" }
  chained = "${local.v}"
  again   = local.chained
  key     = "v"
}
variable "v" {
  default = "1.0.6"
}
variable "object" {
  type    = object({ v = optional(string, "1.0.7"), w = string })
  default = { w = "1.0.8" }
}
variable "empty" {}
"""


@pytest.mark.parametrize(
    ("version", "value"),
    [
        ("local.v", "1.0.1"),
        ('"${local.v}"', "1.0.1"),
        ('"~> ${ local.v }"', "1.0.1"),
        ("local.list[1]", "1.0.3"),
        ("local.nested.v", "1.0.4"),
        ('local.nested["quoted key"]', "1.0.5"),
        ("local.nested[local.key]", "1.0.4"),
        ("local.again", "1.0.1"),
        ("var.v", "1.0.6"),
        ("var.object.v", "1.0.7"),
        ("var.object.w", "1.0.8"),
        ("tostring(local.v)", "1.0.1"),
        ('coalesce(var.empty, "1.0.9")', "1.0.9"),
        ('try(local.nested.missing, local.nested.v, "")', "1.0.4"),
        ('lookup(local.nested, "v", "1.1.0")', "1.0.4"),
        ('lookup(local.nested, "x", "1.1.0")', "1.1.0"),
        ('merge(local.nested, { v = "1.1.1" }).v', "1.1.1"),
        ('format("%s", local.v)', "1.0.1"),
    ],
)
def test_references_are_followed(version: str, value: str) -> None:
    """References through locals, defaults, types and functions that only hand on lead to where the version stands."""
    text = FOLLOWED + f'module "a" {{\n  source = "x/y/z"\n  version = {version}\n}}\n'
    assert [each for _, _, each in found(terraform, tf(text))] == [value]


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("local.missing", "contains an expression"),
        ("local.nested.missing", "contains an expression"),
        ("var.empty", "var.empty has no default"),
        ("var.unknown", "var.unknown has no default"),
        ('"${local.v}.0"', "not written in one piece"),
        ('var.a ? "1.0" : "2.0"', "contains an expression"),
        ("file(local.v)", "contains an expression"),
    ],
)
def test_other_expressions_are_listed(version: str, reason: str) -> None:
    """What cannot be followed to one place is listed with the reason."""
    text = FOLLOWED + f'module "a" {{\n  source = "x/y/z"\n  version = {version}\n}}\n'
    assert [each for _, _, each in skipped(terraform, tf(text))] == [reason]


@pytest.mark.parametrize("function", ["local.a{0}", "merge(local.a{0}, local.a{0})", "try(local.a{0}, local.a{0})"])
def test_chains_of_doublings_end(function: str) -> None:
    """A chain of references that doubles at each step costs no time to speak of."""
    lines = (f'a{number} = "${{{function.format(number + 1)}}}${{local.a{number + 1}}}"' for number in range(60))
    text = "locals {\n" + "\n".join(lines) + '\na60 = "1.0.0"\n}\n'
    text += 'module "a" {\n  source = "x/y/z"\n  version = local.a0\n}\n'
    assert len(skipped(terraform, tf(text))) == 1


def test_loops_end() -> None:
    """A local that refers to itself leads nowhere."""
    text = 'locals {\n  a = local.b\n  b = "${local.a}"\n}\nmodule "a" {\n  source = "x/y/z"\n  version = local.a\n}\n'
    assert [reason for _, _, reason in skipped(terraform, tf(text))] == ["contains an expression"]


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ('"v${local.v}"', "^v(?<version>.+)$"),
        ('"${local.v}-acme"', r"^(?<version>.+)\-acme$"),
        ('">= ${local.v}"', None),
    ],
)
def test_fixed_parts_of_a_version(written: str, pattern: str | None) -> None:
    """What stands around the variable part of a version becomes the pattern that finds it at the registry."""
    text = FOLLOWED + f'module "a" {{\n  source = "x/y/z"\n  version = {written}\n}}\n'
    (item,) = dependencies(terraform, tf(text))
    assert (item.current_value, item.extract_version) == ("1.0.1", pattern)


# ---------------------------------------------------------------- resources


def test_resources() -> None:
    """Charts, images in every kind of resource and the version of a workspace are found."""
    assert [
        (item.line, item.dep_type, item.name, item.current_value) for item in dependencies(terraform, RESOURCES)
    ] == [
        (2, "docker_container", "redis", "7.2.4-alpine"),
        (7, "helm_release", "ingress-nginx", "4.10.0"),
        (27, "helm_release", "web", "1.4.0"),
        (32, "helm_release", "registry.example.com:5000/charts/api", "0.3.1"),
        (46, "helm_release", "stable/redis", "10.5.7"),
        (67, "docker_image", "nginx", "1.25.3"),
        (88, "docker_service", "localhost:5000/acme/web", "2.1.0"),
        (94, "docker_registry_image", "ubuntu", "22.04"),
        (105, "kubernetes_deployment_v1", "busybox", "1.36.1"),
        (109, "kubernetes_deployment_v1", "ghcr.io/acme/web", "v1.2.3"),
        (128, "kubernetes_manifest", "ghcr.io/acme/migrate", "0.9.1"),
        (137, "tfe_workspace", "hashicorp/terraform", "1.7.5"),
    ]


def test_unmanaged_resources() -> None:
    """Charts without a repository, images without a tag and expressions are listed with the reason."""
    assert skipped(terraform, RESOURCES) == [
        (52, "redis", "its repository is no URL"),
        (58, "redis", "its source is unknown: var.no_default has no default"),
        (61, "redis", "no version constraint"),
        (71, "acme/built:1.0.0", "built here, not pulled"),
        (114, "ghcr.io/acme/sidecar:${container.value}", "contains a variable"),
        (129, "ghcr.io/acme/seed", "no tag"),
    ]


def test_chart_packages() -> None:
    """A chart is looked up in its repository; one in an OCI registry is an image."""
    found_at = packages(RESOURCES)
    assert found_at[7] == Package(
        datasource="helm", name="ingress-nginx", registry_urls=("https://kubernetes.github.io/ingress-nginx",)
    )
    assert found_at[27] == Package(datasource="docker", name="ghcr.io/acme/charts/web")
    assert found_at[32] == Package(datasource="docker", name="registry.example.com:5000/charts/api")


def test_images_keep_their_digest() -> None:
    """A digest behind a tag is found, and only whole references may get one."""
    by_name = {item.name: item for item in dependencies(terraform, RESOURCES)}
    assert by_name["localhost:5000/acme/web"].current_digest == DIGEST
    assert by_name["nginx"].pinnable
    assert not by_name["redis"].pinnable


# ---------------------------------------------------------------- any file


def test_broken_blocks() -> None:
    """A conflict, a missing brace, quote or heredoc end costs the block it is in; the others count."""
    assert found(terraform, BROKEN) == [(3, VPC, "1.0.0"), (22, VPC, "4.0.0"), (53, VPC, "8.0.0")]
    assert skipped(terraform, BROKEN) == [
        (6, 'module "conflict"', "syntax error in line 8: neither a block nor an argument"),
        (15, 'module "never_closed"', "syntax error in line 15: something in it is not closed"),
        (25, 'module "quote"', "syntax error in line 26: the string is not closed"),
        (32, "terraform", "syntax error in line 36: not an entry of an object"),
        (45, 'module "heredoc"', "syntax error in line 48: the heredoc EOT is not closed"),
    ]


def test_crlf_and_byte_order_mark() -> None:
    """A file with CRLF, a byte order mark, strange letters and no final newline is read at the right places."""
    assert CRLF.text.startswith("\ufeff# Größe: 𝒳\r\n")
    assert found(terraform, CRLF) == [(4, VPC, "5.5.1"), (10, "hashicorp/terraform", ">= 1.5")]


def test_unformatted() -> None:
    """Neither indentation nor spaces nor comments within a line matter."""
    assert found(terraform, UNFORMATTED) == [
        (3, "aws", "~> 5.0"),
        (6, "google", "4.0.0"),
        (14, "web", "1.2.3"),
    ]
    assert skipped(terraform, UNFORMATTED) == []


@pytest.mark.parametrize(
    "file", [VERSIONS, MODULES, RESOURCES, TOFU, BROKEN, CRLF, UNFORMATTED], ids=lambda file: file.path
)
def test_spans_cover_the_values(file: SourceFile) -> None:
    """The text at each span is the value or the digest."""
    for item in dependencies(terraform, file):
        assert item.span is None or file.text[slice(*item.span)] == item.current_value
        assert item.digest_span is None or file.text[slice(*item.digest_span)] == item.current_digest


def test_undecodable_bytes() -> None:
    """Bytes that are no UTF-8 disturb neither reading nor spans."""
    text = b'# \xff\xfe\nmodule "a" {\n  source = "x/y/z"\n  version = "1.0.0"\n}\n'.decode(errors="surrogateescape")
    assert found(terraform, tf(text)) == [(4, "x/y/z", "1.0.0")]


@given(st.sampled_from([VERSIONS, MODULES, RESOURCES, TOFU]), st.data())
def test_mutilated_files(file: SourceFile, data: st.DataObject) -> None:
    """Whatever is cut out of a file, it is read, and the spans that are left cover the values."""
    start = data.draw(st.integers(0, len(file.text)))
    cut = tf(file.text[:start] + file.text[start + data.draw(st.integers(1, 300)) :], file.path)
    for item in dependencies(terraform, cut):
        assert item.span is None or cut.text[slice(*item.span)] == item.current_value


@pytest.mark.parametrize(
    "text",
    [
        'resource "kubernetes_pod" "a" {\n dynamic {\n content {\n image = "a:1" }\n}\n}\n',
        "resource {\n}\ndata {\n}\nprovider {\n version = 1\n}\nmodule {\n}\nvariable {\n}\n",
        'terraform {\n required_version = {}\n required_providers {\n a = []\n b = {}\n c = ""\n}\n}\n',
        'resource "helm_release" "a" {\n}\nresource "docker_image" "a" {\n name = []\n}\n',
    ],
)
def test_odd_blocks(text: str) -> None:
    """Blocks without labels and arguments of a wrong kind lead to no dependency and to no crash."""
    assert dependencies(terraform, tf(text)) == []
