"""What nobody may read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that shows as ``****`` wherever it is printed; ``reveal`` is the only way to read it."""

    _value: str

    def reveal(self) -> str:
        """The value itself, for the one line that sends it."""
        return self._value

    def __str__(self) -> str:
        return "****"

    def __repr__(self) -> str:
        return "Secret(****)"
