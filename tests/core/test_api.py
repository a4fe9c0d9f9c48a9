"""What plugins may import: every name is there, and secrets stay secret."""

import pytest
from rich.pretty import pretty_repr

from updater import api


def test_every_name_is_there() -> None:
    """Those that are loaded later, too; and no other one."""
    assert all(getattr(api, name) is not None for name in api.__all__)
    assert set(api._HOMES) < set(api.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = api.Nothing  # type: ignore[attr-defined]


def test_a_secret_is_not_shown() -> None:
    """However it is printed; two with the same value are equal, and nobody changes one."""
    secret = api.Secret("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {pretty_repr(secret)} {pretty_repr({'token': secret})}"
    assert secret.reveal() == "hunter2"
    assert secret == api.Secret("hunter2")
    assert len({secret, api.Secret("hunter2"), api.Secret("other")}) == 2
    with pytest.raises(AttributeError):
        secret._value = "other"  # type: ignore[misc]
