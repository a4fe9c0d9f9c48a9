"""Finding a scheme by name."""

import subprocess
import sys

import pytest

from updater import versioning
from updater.errors import UpdaterError
from updater.versioning import NAMES, UnknownVersioning


def test_names_are_sorted_and_complete() -> None:
    """The table holds every built-in scheme, in order."""
    assert NAMES == (
        "calver", "debian", "docker", "exact", "git", "github-actions", "hashicorp", "helm", "kubernetes-api", "loose",
        "maven", "npm", "pep440", "same-major", "semver", "semver-coerced", "semver-partial", "ubuntu",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "hint"), [("semvr", "did you mean 'semver'"), ("zzz", "known are calver, debian")])
def test_an_unknown_name_is_answered_with_a_hint(name: str, hint: str) -> None:
    """A typing mistake names what was probably meant; anything else lists what there is."""
    with pytest.raises(UnknownVersioning, match=hint) as raised:
        versioning.get(name)
    assert isinstance(raised.value, UpdaterError)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"^(?=x)(?<major>\d+)", "invalid perl operator"),
        (r"(?<major>\d+", "missing"),
        (r"^(\d+)$", "no group named major, minor or patch"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, reason: str) -> None:
    """Look-around, broken syntax and missing groups are errors that the user can act on."""
    with pytest.raises(UnknownVersioning, match=reason):
        versioning.get(f"regex:{pattern}")


def test_a_scheme_is_loaded_when_asked_for() -> None:
    """Asking for one scheme loads neither the others nor the libraries that they need."""
    code = (
        "import sys; from updater import versioning; versioning.get('docker').is_valid('1.0'); "
        "print(sorted({'re2', 'packaging', 'semver', 'updater.versioning.npm'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"
