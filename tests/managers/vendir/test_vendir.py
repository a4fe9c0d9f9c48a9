"""The manager of vendir's configuration."""

import pytest

from managers import vendir
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped, yaml

HEAD = "apiVersion: vendir.k14s.io/v1alpha1\nkind: Config\ndirectories:\n- contents:\n  - "


def test_the_example_works() -> None:
    """Everything in the example on the user page is found, with the kind of its source."""
    file = example(vendir, "vendir.yml")

    assert [(item.dep_type, item.package.datasource, item.name) for item in dependencies(vendir, file)] == [
        ("HelmChart", "helm", "redis"),
        ("GitSource", "github-tags", "acme/manifests"),
        ("GithubRelease", "github-releases", "cert-manager/cert-manager"),
        ("ImgpkgBundle", "docker", "ghcr.io/acme/bundle"),
    ]
    assert skipped(vendir, file) == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("git: {url: https://github.com/a/b, ref: origin/main}", "not version-like"),
        (
            "git: {url: https://github.com/a/b, refSelection: {semver: {constraints: '>1'}}}",
            "a range that vendir resolves",
        ),
        ("githubRelease: {slug: a/b, latest: true}", "no version"),
        ("http: {url: https://example.com/x-1.0.tgz}", "downloads cannot be looked up"),
        ("helmChart: {name: a, version: 1.0}", "no repository"),
        ("image: {url: a/b}", "no tag"),
    ],
)
def test_what_is_not_managed(source: str, reason: str) -> None:
    """What follows something, or cannot be looked up, is listed with the reason."""
    file = yaml(f"{HEAD}{source}\n")

    assert [row[2] for row in skipped(vendir, file)] == [reason]
    assert found(vendir, file) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("Config", "LockConfig") + "git: {url: https://github.com/a/b, ref: v1}\n",
        HEAD.replace("vendir.k14s.io", "example.com") + "git: {url: https://github.com/a/b, ref: v1}\n",
        HEAD + "directory: {path: ../x}\n",
        HEAD + "git: {ref: v1}\n",
    ],
)
def test_other_files_are_left_alone(text: str) -> None:
    """Lock files, other kinds of configuration and local directories hold nothing to update."""
    assert list(vendir.extract(yaml(text))) == []
