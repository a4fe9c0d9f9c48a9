"""What holds for all tests."""

import logging

import pytest


@pytest.fixture(autouse=True)
def level_of_logging() -> None:
    """The usual one, though the command line, which a test or a fixture may have run, sets it for its process."""
    logging.getLogger().setLevel(logging.WARNING)
