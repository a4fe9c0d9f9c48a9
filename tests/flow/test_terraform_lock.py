"""A lock file of providers, from a registry to the commit of a pull request, and past the real Terraform."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flow.conftest import LATER, Bot
from tests.servers.terraform import PLATFORMS, Contents, Provider, TerraformRegistry
from updater import git
from updater.model.plan import Plan
from updater.platforms.local import LocalPlatform

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")

HOST, RANDOM, NULL = "registry.terraform.io", "hashicorp/random", "acme/null"
LOCK = ".terraform.lock.hcl"
CONTENTS = Contents(
    providers={
        RANDOM: Provider(versions={"3.5.1": "2023-04-12T00:00:00Z", "3.6.0": "2023-12-04T00:00:00Z"}),
        NULL: Provider(versions={"1.0.0": "2023-01-01T00:00:00Z"}),
    }
)
MAIN = """\
terraform {
  required_providers {
    null = { source = "acme/null", version = "1.0.0" }
    random = {
      source  = "hashicorp/random"
      version = "VERSION"
    }
  }
}
"""


@dataclass(frozen=True)
class Terraform:
    """The real program, which finds providers in a directory only, and what it thinks of a configuration."""

    mirror: Path
    settings: Path

    def __call__(self, directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        settings = {"TF_CLI_CONFIG_FILE": str(self.settings), "TF_DATA_DIR": str(directory / ".data")}
        return subprocess.run(
            ["terraform", *arguments],
            cwd=directory,
            env={**os.environ, **settings, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def lock(self, directory: Path) -> str:
        """The lock file for all platforms, as it writes it; it keeps what is in the present one."""
        platforms = [f"-platform={platform}" for platform in PLATFORMS]
        done = self(directory, "providers", "lock", f"-fs-mirror={self.mirror}", *platforms)
        assert done.returncode == 0, done.stderr
        return (directory / LOCK).read_text()

    def accepts(self, directory: Path) -> bool:
        """Whether ``init`` takes the lock file as it is, and has nothing to change in it."""
        return self(directory, "init", "-backend=false", "-input=false", "-lockfile=readonly").returncode == 0


@pytest.fixture
def registry() -> Iterator[TerraformRegistry]:
    with TerraformRegistry(CONTENTS) as running:
        yield running


@pytest.fixture
def terraform(registry: TerraformRegistry, tmp_path: Path) -> Terraform:
    mirror = tmp_path / "mirror"
    for path, provider in CONTENTS.providers.items():
        place = mirror / HOST / path
        place.mkdir(parents=True)
        for version in provider.versions:
            for platform in PLATFORMS:
                name = f"terraform-provider-{path.rpartition('/')[2]}_{version}_{platform}.zip"
                (place / name).write_bytes(registry.archive(path, version, platform))
    settings = tmp_path / "settings.tfrc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    return Terraform(mirror, settings)


def written(directory: Path, version: str) -> Path:
    directory.mkdir()
    (directory / "main.tf").write_text(MAIN.replace("VERSION", version))
    return directory


def with_checksums(lock: str, registry: TerraformRegistry, path: str, version: str) -> str:
    """``lock`` with the ``zh:`` of a provider, as Terraform adds them where it asks a registry."""
    checksums = sorted(f'    "zh:{line.split()[0]}",\n' for line in registry.sums(path, version).splitlines())
    before, provider, rest = lock.partition(f'provider "{HOST}/{path}" {{\n')
    return before + provider + rest.replace("  ]\n}", f"{''.join(checksums)}  ]\n}}", 1)


async def planned(directory: Path, registry: TerraformRegistry) -> Plan:
    git.init(directory, "main")
    git.commit_all(directory, "Providers\n", author=git.BOT, date=int(LATER.timestamp()))
    return await Bot(routes={HOST: registry.url}).plan(LocalPlatform(directory))


def apply(plan: Plan, directory: Path) -> str:
    """Write the files of the only branch; the lock file."""
    (branch,) = plan.branches
    for path, text in branch.files.items():
        (directory / path).write_text(text)
    return branch.files[LOCK]


@pytest.mark.parametrize(
    ("before", "after"), [("3.5.1", "3.6.0"), ("~> 3.5.0", "~> 3.6.0"), (">= 3.5.0, < 3.6.0", None)]
)
@pytest.mark.parametrize("kinds", ["h1", "h1 zh"])
async def test_terraform_takes_our_lock_file_as_its_own(
    registry: TerraformRegistry, terraform: Terraform, tmp_path: Path, before: str, after: str | None, kinds: str
) -> None:
    """What we make of a lock file of Terraform's is, to the byte, what Terraform makes of the new configuration."""
    ours, theirs = written(tmp_path / "ours", before), tmp_path / "theirs"
    lock = terraform.lock(ours)
    assert 'version     = "3.5.1"' in lock
    if "zh" in kinds:
        lock = with_checksums(lock, registry, RANDOM, "3.5.1")
        (ours / LOCK).write_text(lock)
    plan = await planned(ours, registry)
    locked = apply(plan, ours)
    value = plan.updates[0].offer.new_value
    assert value is not None
    assert after in (None, value)
    expected = terraform.lock(written(theirs, value))
    assert locked == (with_checksums(expected, registry, RANDOM, "3.6.0") if "zh" in kinds else expected)
    assert terraform.accepts(ours)
    assert (ours / LOCK).read_text() == locked


async def test_terraform_refuses_wrong_hashes(
    registry: TerraformRegistry, terraform: Terraform, tmp_path: Path
) -> None:
    """What the test above relies on: a lock file with other hashes is not accepted."""
    ours = written(tmp_path / "ours", "3.5.1")
    terraform.lock(ours)
    locked = apply(await planned(ours, registry), ours)
    assert terraform.accepts(ours)
    (ours / LOCK).write_text(locked.replace('"h1:', '"h1:A'))
    assert not terraform.accepts(ours)
