"""What nobody may read."""

from typing import Any

import msgspec


class Secret(msgspec.Struct, frozen=True):
    """A value that shows as ``****`` wherever it is printed; ``reveal`` is the only way to read it."""

    _value: str

    def reveal(self) -> str:
        """The value itself, for the one line that sends it."""
        return self._value

    def __str__(self) -> str:
        return "****"

    def __repr__(self) -> str:
        return "Secret(****)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("value", "****")]  # which a struct would show
