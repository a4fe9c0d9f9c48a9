"""What a forge's stand-in begins with."""

import pytest

from tests.servers.githttp import Bare


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A repository with one file."""
    return Bare.make(tmp_path_factory.mktemp("template") / "app.git", {"app.yaml": "v: 1\n"})


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that a platform was told to wait."""
    return []
