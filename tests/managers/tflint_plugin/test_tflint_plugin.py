"""The manager of TFLint's configuration."""

from managers import tflint_plugin
from tests.managers.reading import found, skipped
from updater.api import SourceFile

FILE = SourceFile(
    path=".tflint.hcl",
    text="""
tflint {
  required_version = ">= 0.50"
}
plugin "terraform" {
  enabled = true
  preset  = "all"
}
plugin "aws" {
  enabled = true
  version = "0.30.0"
  source  = "github.com/terraform-linters/tflint-ruleset-aws"
}
plugin "internal" {
  version = "0.1.0"
  source  = "git.example.com/acme/tflint-ruleset-internal"
}
plugin "old" {
  version = "0.2.0"
}
plugin "unversioned" {
  source = "github.com/acme/tflint-ruleset-x"
}
rule "terraform_required_version" {
  version = "9.9.9"
}
""",
)


def test_plugins() -> None:
    """Plugins at github.com and TFLint itself follow their releases."""
    assert found(tflint_plugin, FILE) == [
        (3, "terraform-linters/tflint", ">= 0.50"),
        (11, "terraform-linters/tflint-ruleset-aws", "0.30.0"),
    ]


def test_unmanaged_plugins() -> None:
    """Plugins from elsewhere and without a version are listed; those that come with TFLint have none."""
    assert skipped(tflint_plugin, FILE) == [
        (15, "internal", "not a repository at github.com"),
        (19, "old", "no source"),
        (21, "acme/tflint-ruleset-x", "no version constraint"),
    ]
