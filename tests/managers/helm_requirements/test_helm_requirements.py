"""The manager of charts' dependencies as Helm 2 has them."""

from managers import helm_requirements
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def requirements(text: str) -> SourceFile:
    return SourceFile(path="charts/shop/requirements.yaml", text=text)


def test_dependencies() -> None:
    """Charts in repositories with an address or an alias are found, the text of the version as it is."""
    file = requirements(
        "dependencies:\n"
        "- {name: mysql, version: 1.10, repository: 'https://charts.example.com'}\n"
        "- {name: redis, version: ~10.5, repository: '@stable'}\n"
        "- {name: common, version: 0.1.0, repository: '@acme'}\n"
        "- {name: local, version: 0.1.0, repository: 'file://../local'}\n"
    )

    assert found(helm_requirements, file) == [(2, "mysql", "1.10"), (3, "redis", "~10.5"), (4, "common", "0.1.0")]
    assert skipped(helm_requirements, file) == [
        (5, "local", "local chart"),
    ]


def test_other_requirements() -> None:
    """Files of Ansible have the same name and no dependencies; a list of names is none of charts either."""
    assert list(helm_requirements.extract(requirements("roles:\n- {name: acme.web, version: 1.0.0}\n"))) == []
    assert list(helm_requirements.extract(requirements("dependencies:\n- {name: acme.web}\n- acme.db\n"))) == []
