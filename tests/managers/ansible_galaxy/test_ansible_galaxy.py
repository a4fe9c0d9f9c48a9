"""The manager of Ansible's requirements."""

import pytest

from managers import ansible_galaxy
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped, yaml
from updater.api import Package


def packages(text: str) -> list[tuple[Package, str | None]]:
    return [(item.package, item.current_value) for item in dependencies(ansible_galaxy, yaml(text))]


def test_the_example_works() -> None:
    """Everything in the example on the user page is found."""
    file = example(ansible_galaxy, "requirements.yml")

    assert [(item.dep_type, item.package.datasource) for item in dependencies(ansible_galaxy, file)] == [
        ("role", "galaxy"),
        ("role", "github-tags"),
        ("galaxy-collection", "galaxy-collection"),
        ("galaxy-collection", "github-tags"),
    ]
    assert skipped(ansible_galaxy, file) == []


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("- src: a.b\n  version: 1.0\n", Package(datasource="galaxy", name="a.b")),
        ("- {src: git@github.com:a/b.git, version: 1.0}\n", Package(datasource="github-tags", name="a/b")),
        (
            "roles: [{name: a, src: https://g.example/b, version: 1.0}]\n",
            Package(datasource="git-tags", name="https://g.example/b"),
        ),
        (
            "roles: [{src: 'git+https://github.com/a/b.git', version: 1.0}]\n",
            Package(datasource="github-tags", name="a/b"),
        ),
        ("collections: [{name: a.b, version: 1.0}]\n", Package(datasource="galaxy-collection", name="a.b")),
        (
            "collections: [{name: a.b, version: 1.0, source: https://hub.example}]\n",
            Package(datasource="galaxy-collection", name="a.b", registry_urls=("https://hub.example",)),
        ),
        ("collections: ['git+https://github.com/a/b.git,1.0']\n", Package(datasource="github-tags", name="a/b")),
        (
            "collections: [{name: 'https://github.com/a/b.git#/x', type: git, version: 1.0}]\n",
            Package(datasource="github-tags", name="a/b"),
        ),
        (
            "namespace: x\nname: y\nversion: 9.0\ndependencies: {a.b: 1.0}\n",
            Package(datasource="galaxy-collection", name="a.b"),
        ),
    ],
)
def test_where_things_come_from(text: str, package: Package) -> None:
    """Roles and collections come from Galaxy, another server, or a Git repository."""
    assert packages(text) == [(package, "1.0")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("roles: [{name: a.b}]\n", "no version"),
        ("roles: [{src: a.b, version: 71ddface5540ee0ff9e35bcc4334c766ed5d5d3f}]\n", "pinned to a commit"),
        ("roles: [{src: 'https://github.com/a/b', version: main}]\n", "follows a branch"),
        ("roles: [{src: 'https://x.example/b-1.0.tar.gz'}]\n", "downloads cannot be looked up"),
        ("roles: [{name: a.b, version: '{{ v }}'}]\n", "contains a template"),
        ("collections: ['git+file:///srv/x,1.0']\n", "no version"),
    ],
)
def test_what_is_not_managed(text: str, reason: str) -> None:
    """Branches, archives, templates and what has no version are listed with the reason."""
    assert [row[2] for row in skipped(ansible_galaxy, yaml(text))] == [reason]
    assert found(ansible_galaxy, yaml(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "dependencies:\n  - {name: redis, version: 1.0, repository: https://x}\n",
        "collections: [community.docker, {name: ./x, type: dir, version: 1.0}]\n",
        "roles: [a.b, {include: more.yml, version: 1.0}]\n",
        "- just\n- text, with: 1.0\n",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    """Charts, local collections and names without anything else have nothing to update."""
    assert list(ansible_galaxy.extract(yaml(text))) == []
