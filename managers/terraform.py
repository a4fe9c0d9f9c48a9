"""Terraform and OpenTofu configurations (`*.tf`, `*.tofu`, and `*.tf.json`).

| what | `dep_type` | looked up as |
|---|---|---|
| `required_version` in `terraform` | `required_version` | `github-releases` |
| entries of `required_providers` | `required_provider` | `terraform-provider` |
| `version` in `provider` (before 0.13) | `provider` | `terraform-provider` |
| `module` from a registry | `module` | `terraform-module` |
| `module` from Git, with `?ref=` | `module` | `github-tags` or `git-tags` |
| `module` from `oci://`, with `?tag=` or `?digest=` | `module` | `docker` |
| `helm_release`, `helm_template`, `argocd_application` | that type | `helm`, or `docker` for OCI |
| images in a chart's `values` and `set` | the resource's type | `docker` |
| images in containers, YAML manifests, ECS task and batch job definitions | the resource's type | `docker` |
| images and charts in arguments of modules, in locals and variables | the block's type, or `tfvars` | as above |
| `data "http"` of a file in a repository or a release | `http` | `github-tags` and the like |
| addresses of such files in locals, variables, modules and provisioners | `download` | `github-releases` and the like |
| versions of k3s, RKE2 and k0s by their suffix (`v1.30.2+k3s1`) | the block's type | `github-releases` |
| `terraform_version` in `tfe_workspace` | `tfe_workspace` | `github-releases` |
| `version` in `flux_bootstrap_git` | `flux_bootstrap_git` | `github-releases` |

An image is a value with a tag under a name that ends in `image`, a chart an object with `chart`, `repository` and
`version`. Values are followed to where they are written, in any file of the module's directory:

    locals {
      versions = { ingress = "4.10.0" }          # moved here,
    }
    resource "helm_release" "ingress" {
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
      version    = local.versions.ingress        # because of this
    }

That holds for `local.x`, for `var.x` (its `default`, each `*.tfvars` beside or below the module, and each call of the
module in the repository, by a `module` block or the `inputs` of a `terragrunt.hcl`), for `each.value` in a `for_each`
over a list or map, for `yamldecode(file("…"))`, and for texts and YAML put together of these. A version in a `*.tfvars`
belongs to the environment that the file is named after. Other expressions are not evaluated, and are listed as such.

Files named `*.tofu`, files that mention OpenTofu, and directories whose lock file names its registry (or that have
an `.opentofu-version`) follow the releases and the registry of OpenTofu. A host in an address selects a private
registry. Modules and charts at a local path have no version and are passed over. A block with a syntax error is
reported with its line; the others count. A comment `# renovate: ignore` or `# updater: ignore` behind a value keeps it
as it is.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from managers._hcl import Block, Document, Literal
from managers._manifests import settled
from managers._terraform import Configuration, as_opentofu, problems
from managers._terraform_arguments import SERVICES, named_values
from managers._terraform_blocks import best_known, block_rows, is_unknown, required_providers
from managers._terraform_directories import Engines, Modules, read_document, read_variables, target_of
from managers._terraform_scope import Scope
from managers._terraform_source import is_local
from updater.api import Clue, Dependency, Extracted, Files, Skipped, SourceFile

NAME = "terraform"
FILES: tuple[str, ...] = (
    "*.tf",
    "*.tofu",
    "*.tf.json",
    "*.tofu.json",
    "*.tfvars",
    ".terraform.lock.hcl",
    "terragrunt.hcl",
)
MARKERS: tuple[str, ...] = (
    "required_version",
    "required_providers",
    "provider",
    "module",
    "resource",
    "helm_template",
    "docker_",
    "talos_",
    "source",
    "image",
    "chart",
    '"http"',
    *SERVICES,
)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """Everything in ``file`` that has a version, and a reason for what cannot be managed.

    What may mean more together with other files is a ``Clue``: blocks that refer to them, calls of local modules,
    and what a lock file says about the registry.
    """
    if file.path.endswith(".terraform.lock.hcl"):
        yield Clue(manager=NAME, path=file.path, kind="lock", data={"opentofu": "registry.opentofu.org" in file.text})
    elif file.path.endswith(".hcl"):
        yield from _terragrunt_call(file)
    elif file.path.endswith(".tfvars"):
        configuration = Configuration.alone(NAME, file, read_variables(file))
        yield from settled(named_values(configuration, configuration.document.attributes, "tfvars"))
    else:
        yield from _configuration(file)


def _configuration(file: SourceFile) -> Iterator[Extracted]:
    document = read_document(file)
    alone = Configuration.alone(NAME, file, document)
    clues: list[Clue] = []
    for item in settled(_found(alone, clues)):
        is_undecided = isinstance(item, Dependency) and not alone.is_opentofu and as_opentofu(item) is not item
        yield Clue(manager=NAME, path=file.path, kind="registry", about=item) if is_undecided else item  # type: ignore[arg-type]
    yield from clues
    yield from problems(file, document, NAME)


def _found(configuration: Configuration, clues: list[Clue]) -> Iterator[Extracted]:
    """The rows of all blocks but those that can only be read together with other files."""
    path = configuration.file.path
    yield from required_providers(configuration)
    for block in configuration.document.blocks:
        if call := _call(configuration, block):
            clues.append(call)
        configuration.scope.asked.clear()
        rows = list(block_rows(configuration, block))
        has_unknown = any(is_unknown(row) for row in rows)
        if has_unknown or (configuration.scope.asked and rows):
            clues.append(Clue(manager=NAME, path=path, kind="block", data={"at": block.span.start}))
        if not has_unknown:
            yield from rows


# ---------------------------------------------------------------- several files


def link(clues: Sequence[Clue], files: Files) -> Iterator[Extracted]:
    """The rows of blocks that refer to other files, and those that wait for the registry to be known."""
    engines = Engines((clue for clue in clues if clue.kind == "lock"), files)
    calls = ((clue.path, str(clue.data["target"])) for clue in clues if clue.kind == "call")
    modules = Modules(files, calls)
    rows = [clue.about for clue in clues if clue.kind == "registry" and clue.about]
    rows += _blocks_together(modules, [clue for clue in clues if clue.kind == "block"])
    by_path: dict[str, list[Extracted]] = {}
    for row in rows:
        is_opentofu = isinstance(row, Dependency) and engines.is_opentofu(row.path)
        by_path.setdefault(row.path, []).append(as_opentofu(row) if is_opentofu else row)  # type: ignore[arg-type]
    for found in by_path.values():
        yield from settled(found)


def _blocks_together(modules: Modules, clues: Iterable[Clue]) -> Iterator[Dependency | Skipped]:
    for clue in clues:
        found = modules.read(clue.path)
        block = next((each for each in found[1].blocks if each.span.start == clue.data["at"]), None) if found else None
        if found and block:
            yield from _in_scopes(found, block, modules.scopes_of(clue.path))


def _in_scopes(
    found: tuple[SourceFile, Document], block: Block, scopes: Sequence[Scope]
) -> Iterator[Dependency | Skipped]:
    """The rows of a block in every scope."""
    alone = Configuration.alone(NAME, *found)
    return best_known([list(block_rows(replace(alone, scope=scope), block)) for scope in scopes])


def _call(configuration: Configuration, block: Block) -> Clue | None:
    """The call of a local module."""
    source = block.attributes.get("source")
    if block.type != "module" or not isinstance(source, Literal):
        return None
    text = configuration.text(source.span)
    path = configuration.file.path
    target = target_of(path, text) if is_local(text) else None
    return None if target is None else Clue(manager=NAME, path=path, kind="call", data={"target": target})


def _terragrunt_call(file: SourceFile) -> Iterator[Clue]:
    """The local module that a Terragrunt configuration calls with its ``inputs``."""
    if "inputs" not in file.text:
        return
    for block in read_document(file).blocks:
        source = block.attributes.get("source")
        if block.type == "terraform" and isinstance(source, Literal):
            text = file.text[source.span.start : source.span.end]
            target = target_of(file.path, text) if text.startswith((".", "${")) else None
            if target is not None:
                yield Clue(manager=NAME, path=file.path, kind="call", data={"target": target})
