"""The manager of pre-commit's hooks."""

import pytest

from managers import pre_commit
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import SourceFile

COMMIT = "8a1f8d2a9c1c7a4f0c3e9d5f2b6a4d8e1f0c7b3a"


def hooks(text: str) -> SourceFile:
    return yaml(f"repos:\n- repo: https://github.com/a/b\n  rev: v1\n  hooks:\n  - {text}\n")


def test_the_example_works() -> None:
    """Everything in the example on the user page is found."""
    file = example(pre_commit, ".pre-commit-config.yaml")

    assert [(name, value) for _, name, value in found(pre_commit, file)] == [
        ("pre-commit/pre-commit-hooks", "v4.6.0"),
        ("antonbabenko/pre-commit-terraform", "v1.92.0"),
        ("pre-commit/mirrors-mypy", "v1.11.0"),
        ("pydantic", "2.8.2"),
        ("types-PyYAML", ">=6,<7"),
    ]
    assert skipped(pre_commit, file) == []


def test_a_frozen_commit_is_a_digest() -> None:
    """The version stands in the comment, the commit before it; they move together."""
    text = f"repos:\n- repo: https://github.com/a/b\n  rev: '{COMMIT}'  # frozen: v1.2.3\n"
    (item,) = dependencies(pre_commit, yaml(text))

    assert (item.current_value, item.current_digest) == ("v1.2.3", COMMIT)


@pytest.mark.parametrize(
    ("url", "datasource", "name"),
    [
        ("https://github.com/a/b.git", "github-tags", "a/b"),
        ("git@github.com:a/b", "github-tags", "a/b"),
        ("https://gitlab.com/g/sub/b", "gitlab-tags", "g/sub/b"),
        ("https://user@gitlab.example.com/a/b/", "gitlab-tags", "a/b"),
        ("https://git.example.com:8443/a/b", "git-tags", "https://git.example.com:8443/a/b"),
        ("ssh://git@git.example.com:7999/a/b.git", "git-tags", "ssh://git@git.example.com:7999/a/b.git"),
    ],
)
def test_repositories(url: str, datasource: str, name: str) -> None:
    """The host tells which forge is asked for the tags."""
    (item,) = dependencies(pre_commit, yaml(f"repos:\n- repo: {url}\n  rev: v1.0\n"))

    assert (item.package.datasource, item.name) == (datasource, name)


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        ("{language: python, additional_dependencies: ['a[x]>=1.0,<2']}", ("pypi", "a", ">=1.0,<2")),
        ("{language: python, additional_dependencies: ['a == 1.0 ; python_version < \"3\"']}", ("pypi", "a", "1.0")),
        ("{additional_dependencies: [a==1.0]}", ("pypi", "a", "1.0")),
        ("{language: node, additional_dependencies: ['@a/b@^1.0']}", ("npm", "@a/b", "^1.0")),
        ("{language: golang, additional_dependencies: [x.example/a@v1.0.0]}", ("go", "x.example/a", "v1.0.0")),
    ],
)
def test_packages(hook: str, expected: tuple[str, str, str]) -> None:
    """The language of a hook tells how its packages are written."""
    _, item = dependencies(pre_commit, hooks(hook))

    assert (item.package.datasource, item.name, item.current_value) == expected


@pytest.mark.parametrize(
    "hook",
    [
        "{language: python, additional_dependencies: [a, ./b, 'c @ https://x.example/c-1.0.whl']}",
        "{additional_dependencies: ['a@1.0', 'b>=1']}",
        "{language: rust, additional_dependencies: ['cli:a:1.0']}",
        "{language: node, additional_dependencies: [a, 'b@latest']}",
    ],
)
def test_packages_without_a_version_are_left_alone(hook: str) -> None:
    """A package without a version, or of a language that is not known, is not listed."""
    assert len(list(pre_commit.extract(hooks(hook)))) == 1


@pytest.mark.parametrize(
    ("rev", "reason"),
    [("main", "follows a branch"), (COMMIT, "pinned to a commit"), ("", "no version")],
)
def test_what_is_not_managed(rev: str, reason: str) -> None:
    """Branches, bare commits and repositories without a revision are listed with the reason."""
    file = yaml(f"repos:\n- repo: https://github.com/a/b\n  rev: {rev}\n")

    assert [row[2] for row in skipped(pre_commit, file)] == [reason]


def test_local_hooks_have_no_revision() -> None:
    """Hooks of the repository itself and of pre-commit come from nowhere."""
    assert list(pre_commit.extract(yaml("repos:\n- repo: local\n- repo: meta\n  rev: v1\n"))) == []
