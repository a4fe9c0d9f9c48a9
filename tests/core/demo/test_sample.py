import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.sample_expectations import DEPENDENCIES, LOCKED, PINNED, TOO_YOUNG, UNMANAGED, Expected, Locked, Unmanaged
from updater.demo.artifacts import provider_files, provider_hashes, store
from updater.demo.catalog import CHARTS, IMAGES, MODULES, NOW, PROVIDERS, REPOSITORIES, instant

SAMPLE = Path(__file__).parents[2] / "sample"
LAYOUT = (
    "renovate.json",
    *(
        f"apps/{environment}/{app}/{name}.yaml"
        for environment in ("production", "staging")
        for app in ("api", "web", "workers")
        for name in ("deployment", "kustomization", "service")
    ),
    "platform/cert-manager/application.yaml",
    "platform/external-secrets/application.yaml",
    "platform/external-secrets/values.yaml",
    "platform/ingress-nginx/application.yaml",
    "platform/monitoring/application.yaml",
    "platform/monitoring/exporters.yaml",
    "terraform/compute/.terraform.lock.hcl",
    "terraform/compute/main.tf",
    "terraform/compute/versions.tf",
    "terraform/dns/main.tf",
    "terraform/dns/versions.tf",
    "terraform/networking/.terraform.lock.hcl",
    "terraform/networking/main.tf",
    "terraform/networking/outputs.tf",
    "terraform/networking/versions.tf",
)
CRLF = "apps/staging/workers/deployment.yaml"
RENOVATE_JSON = r"""{
  "$schema": "https://docs.renovatebot.com/renovate-schema.json",
  "extends": ["config:recommended"],
  "kubernetes": { "fileMatch": ["apps/.+\\.yaml$"] },
  "regexManagers": [
    {
      "fileMatch": ["apps/.+\\.yaml$"],
      "matchStrings": ["image: (?<depName>.*?):(?<currentValue>.*?)\\s"],
      "datasourceTemplate": "docker"
    }
  ]
}
"""

_PLACE = re.compile(r"image: \S+:\d|image: \S+:v|newTag: |tag: |targetRevision: v?\W*\d|version +=|\?ref=|- quay\.io/")
_ALPINE = re.compile(r"(?<=alpine3)\.(\d+)")
_VERSION = re.compile(r"(?:~> |>= )?(?P<prefix>v?)(?P<numbers>\d+\.\d+(?:\.\d+)?)(?P<suffix>-\S+)?(?:, < 2\.0\.0)?")


def text(path: str) -> str:
    return (SAMPLE / path).read_bytes().decode()


# ---------------------------------------------------------------- the files


def test_the_layout_is_the_promised_one() -> None:
    """There are exactly the files of the layout, and they are reached through the link in ``tests``."""
    assert SAMPLE.is_symlink()
    files = sorted(path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("*") if path.is_file())
    assert files == sorted(LAYOUT)


def test_the_configuration_is_the_users_own() -> None:
    """``renovate.json`` is, byte for byte, the one that a user of Renovate has."""
    assert text("renovate.json") == RENOVATE_JSON


def test_one_file_has_windows_line_ends() -> None:
    """CRLF everywhere in one file, nowhere in the others."""
    with_crlf = [path for path in LAYOUT if "\r" in text(path)]
    assert with_crlf == [CRLF]
    assert text(CRLF).count("\n") == text(CRLF).count("\r\n")


@pytest.mark.parametrize("path", [path for path in LAYOUT if path.endswith(".yaml")])
def test_the_manifests_are_yaml(path: str) -> None:
    """Every document of every manifest has a kind (a file of Helm values has none)."""
    kinds = ["kind" in document for document in yaml.safe_load_all(text(path))]
    assert all(kinds) != path.endswith("values.yaml")


# ---------------------------------------------------------------- what is found in them


@pytest.mark.parametrize("path", LAYOUT)
def test_the_table_lists_everything_with_a_version(path: str) -> None:
    """The rows for a file are as many as its places for versions, and each value stands there that often."""
    rows = [row for row in DEPENDENCIES if row.file == path]
    if not path.endswith((".hcl", "renovate.json")):
        assert len(rows) == sum(1 for line in text(path).splitlines() if _PLACE.search(line))
    for value, count in Counter(row.current_value for row in rows).items():
        assert text(path).count(value) >= count


@pytest.mark.parametrize("row", UNMANAGED, ids=str)
def test_what_has_no_version_is_there(row: Unmanaged) -> None:
    """The lines that are not to be managed exist."""
    assert row.text in text(row.file)


@pytest.mark.parametrize("row", DEPENDENCIES, ids=lambda row: f"{row.file}:{row.dep_name}")
def test_the_registries_have_what_the_table_expects(row: Expected) -> None:
    """The current value exists, and the newest versions of its family are the ones in the table."""
    current = family(row.current_value)
    offered = offers()[row.dep_name.removeprefix("docker.io/")]
    alike = {numbers(version): version for version in offered if family(version) == current}
    here = numbers(row.current_value)
    minor = max((found for found in alike if found[0] == here[0] and found > here), default=None)
    major = max((found for found in alike if found[0] > here[0]), default=None)
    assert row.current_value in alike.values() or " " in row.current_value
    assert (minor and alike[minor], major and alike[major]) == (row.minor, row.major)


@cache
def offers() -> Mapping[str, Iterable[str]]:
    """``dep_name`` (an image without ``docker.io/``) → versions."""
    return {
        **{
            image.chart or f"{host}/{name}".removeprefix("registry-1.docker.io/").removeprefix("library/"): image.tags
            for host, images in IMAGES.items()
            for name, image in images.items()
        },
        **{name: chart.versions for charts in CHARTS.values() for name, chart in charts.items()},
        **{name.rpartition("/")[2]: provider.versions for name, provider in PROVIDERS.items()},
        **MODULES,
        **{name: repository.tags for name, repository in REPOSITORIES.items()},
        **{f"github.com/{name}": repository.tags for name, repository in REPOSITORIES.items()},
        "hashicorp/terraform": [tag.removeprefix("v") for tag in REPOSITORIES["hashicorp/terraform"].tags],
    }


def family(version: str) -> tuple[str, str] | None:
    match = _VERSION.fullmatch(version)
    return (match["prefix"], _ALPINE.sub("", match["suffix"] or "")) if match else None


def numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    assert match
    base = _ALPINE.search(match["suffix"] or "")
    return (*(int(number) for number in f"{match['numbers']}.0".split(".")[:3]), int(base[1]) if base else 0)


# ---------------------------------------------------------------- digests, hashes, dates


@pytest.mark.parametrize(("place", "digest"), PINNED.items(), ids=lambda value: str(value)[-20:])
def test_pinned_digests_are_those_of_their_tags(place: tuple[str, str], digest: str) -> None:
    """A digest in the sample is the one that the registry has for the tag in front of it."""
    row = next(row for row in DEPENDENCIES if (row.file, row.dep_name) == place)
    assert store("registry-1.docker.io", f"library/{row.dep_name}").tags[row.current_value] == digest
    assert f'"{row.dep_name}:{row.current_value}@{digest}"' in text(row.file)


@pytest.mark.parametrize("row", LOCKED, ids=str)
def test_the_lock_files_hold_the_true_hashes(row: Locked) -> None:
    """Version, constraint and all hashes of a locked provider are what ``terraform init`` would write."""
    path, name, version = row
    constraints = next(
        found.current_value
        for found in DEPENDENCIES
        if found.dep_name == name.rpartition("/")[2] and Path(found.file).parent == Path(path).parent
    )
    hashes = "".join(f'    "{value}",\n' for value in provider_hashes(name, version))
    assert text(path).count("provider ") == sum(1 for locked in LOCKED if locked.file == path)
    assert (
        f'provider "registry.terraform.io/{name}" {{\n  version     = "{version}"\n'
        f'  constraints = "{constraints}"\n  hashes = [\n{hashes}  ]\n}}\n'
    ) in text(path)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_agrees(tmp_path: Path) -> None:
    """Terraform formats the files as they are, and computes the same hashes of the same packages."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    subprocess.run(["terraform", "fmt", "-check", "-recursive", SAMPLE / "terraform"], check=True, env=environment)
    mirror = tmp_path / "mirror/registry.terraform.io/hashicorp/random"
    mirror.mkdir(parents=True)
    for name, content in provider_files("hashicorp/random", "3.6.0").items():
        (mirror / name).write_bytes(content)
    (tmp_path / "main.tf").write_text(
        'terraform {\n  required_providers {\n    random = { version = "3.6.0" }\n  }\n}\n'
    )
    command = ["terraform", "providers", "lock", f"-fs-mirror={tmp_path / 'mirror'}", "-platform=linux_arm64"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=environment)
    computed = re.findall(r'"(h1:[^"]+)"', (tmp_path / ".terraform.lock.hcl").read_text())
    assert len(computed) == 1
    assert set(computed) < set(provider_hashes("hashicorp/random", "3.6.0"))


def test_one_release_only_is_too_young() -> None:
    """Everything was published weeks before the demo's now, but for one chart that is hours old."""
    images = [(name, image.tags) for repositories in IMAGES.values() for name, image in repositories.items()]
    charts = [
        (name, {version: date for version, (date, _) in chart.versions.items()})
        for offered in CHARTS.values()
        for name, chart in offered.items()
    ]
    others = [
        *((name, provider.versions) for name, provider in PROVIDERS.items()),
        *MODULES.items(),
        *((name, repository.tags) for name, repository in REPOSITORIES.items()),
    ]
    ages = {
        (name, version): NOW - datetime.fromisoformat(instant(date))
        for name, dates in (*images, *charts, *others)
        for version, date in dates.items()
    }
    assert [key for key, age in ages.items() if age < timedelta(weeks=3)] == [TOO_YOUNG]
    assert timedelta(hours=1) < ages[TOO_YOUNG] < timedelta(hours=12)
