"""Version constraints of Terraform."""

import pytest

from updater.versioning.hashicorp import SCHEME

OFFERED = ["1.1.0", "1.1.5", "1.2.0", "2.0.0-beta1", "3.0.0"]


@pytest.mark.parametrize(
    ("constraint", "chosen"),
    [
        ("~> 1", "1.2.0"),
        ("~> 1.1", "1.2.0"),
        ("~> 1.1.0", "1.1.5"),
        ("1.1", "1.1.0"),
        ("=1.1.0", "1.1.0"),
        (">= 1.0", "3.0.0"),
        (">= 1, < 2", "1.2.0"),
        ("~>1.1,!=1.2.0", "1.1.5"),
        ("!= 3.0.0", "1.2.0"),
        ("2.0.0-beta1", "2.0.0-beta1"),
        ("~> 2.0.0-beta1", None),
        (">= 2.0.0-beta1", "3.0.0"),
        (">= 2.0.0-beta1, < 3", None),
        ("> 1.1.5", "3.0.0"),
        ("<= 1.1.5", "1.1.5"),
    ],
)
def test_what_terraform_chooses(constraint: str, chosen: str | None) -> None:
    """Of the versions on offer, the same is chosen as by ``terraform init`` 1.11.4 for a provider."""
    admitted = [version for version in OFFERED if SCHEME.matches(version, constraint)]
    assert max(admitted, key=SCHEME.key, default=None) == chosen


@pytest.mark.parametrize("text", ["", "1.x", "~> 1.1, ", ">= 1 < 2", "^1.0", "1 || 2", "latest", "~>", "=< 1.0"])
def test_no_constraints(text: str) -> None:
    """Wildcards, missing commas and operators of others are no constraints of Terraform."""
    assert not SCHEME.is_valid(text)


@pytest.mark.parametrize(
    ("current", "new", "strategy", "written"),
    [
        ("5.31.0", "5.40.0", "replace", "5.40.0"),
        ("= 5.31.0", "5.40.0", "bump", "= 5.40.0"),
        ("5.31", "5.40.0", "widen", "5.40.0"),
        ("~> 5.0", "5.40.0", "replace", None),
        ("~> 5.0", "6.2.1", "replace", "~> 6.0"),
        ("~>5.0", "6.2.1", "replace", "~>6.0"),
        ("~> 5.31", "6.2.1", "replace", "~> 6.2"),
        ("~> 5.31.0", "5.40.2", "replace", "~> 5.40.0"),
        ("~> 5.31.4", "5.40.2", "replace", "~> 5.40.2"),
        ("~> 5", "6.2.1", "replace", "~> 6"),
        ("~> 0.5.0", "0.6.2", "replace", "~> 0.6.0"),
        ("~> 5.0", "6.0.0-beta1", "replace", None),
        (">= 4.0, < 5.0", "5.6.0", "replace", ">= 4.0, < 6.0"),
        (">= 4.0,< 5.0", "5.6.0", "replace", ">= 4.0,< 6.0"),
        ("< 5.5", "6.2.1", "replace", "< 6.3"),
        ("<= 5.0", "6.2.1", "replace", "<= 6.2.1"),
        ("<= 5.0.0", "6.2.1", "replace", "<= 6.2.1"),
        ("~> 5.0, != 6.2.1", "6.2.1", "replace", None),
        ("~> 5.0", "6.1.0", "widen", ">= 5.0, < 7.0"),
        ("~>5.0", "6.1.0", "widen", ">=5.0,<7.0"),
        ("~> 5.31.0", "5.40.2", "widen", ">= 5.31.0, < 5.41.0"),
        ("~> 5", "6.1.0", "widen", ">= 5, < 7"),
        ("~> 5.0, != 5.3.0", "6.1.0", "widen", ">= 5.0, < 7.0, != 5.3.0"),
        ("~> 5.0, < 5.5", "6.1.0", "widen", ">= 5.0, < 7.0, < 6.2"),
        (">= 4.0, < 5.0", "5.6.0", "widen", ">= 4.0, < 6.0"),
        ("~> 5.0", "5.40.0", "bump", "~> 5.40"),
        ("~> 5.31.0", "5.31.4", "bump", "~> 5.31.4"),
        (">= 4.0", "5.40.1", "bump", ">= 5.40"),
        (">= 4.0, < 5.0", "5.6.0", "bump", ">= 5.6, < 6.0"),
        ("~> 5", "5.40.0", "bump", None),
        ("~> 5.0", "5.40.0", "pin", "5.40.0"),
    ],
)
def test_new_value(current: str, new: str, strategy: str, written: str | None) -> None:
    """Constraints keep their operators, spaces, other clauses and number of parts."""
    assert SCHEME.new_value(current, None, new, strategy) == written


def test_a_version_may_have_any_number_of_parts() -> None:
    """One to many numbers name one version; what is missing is zero."""
    assert SCHEME.is_single("1.1")
    assert SCHEME.key("= 1.1") == SCHEME.key("1.1.0")
    assert SCHEME.key("1.0.7.5") > SCHEME.key("1.0.7")
