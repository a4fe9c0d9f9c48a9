"""JSONata, with bounds: expressions of users over answers of strangers (https://docs.jsonata.org).

The bounds count steps, not seconds, so that what works once works always. Regular expressions run on RE2, which is
linear in the length of the text and has no lookaround. ``$eval`` is not there: no answer brings code along.
"""

import sys
from collections.abc import Sequence
from typing import Any

MAX_STEPS = 1_000_000
MAX_DEPTH = 100
"""Of expressions within each other; a call takes about four."""
MAX_LENGTH = 1_000_000
"""Of any text or list that is made on the way."""


def check(expression: str) -> None:
    """Raise ``ValueError`` for what is no expression."""
    try:
        _library().Jsonata(expression, regex_engine=_regex)
    except Exception as error:  # the library lets errors of Python through
        raise ValueError(f"{_sentence(error)}: {_shortened(expression)}") from error


def evaluate_jsonata(value: object, expressions: Sequence[str], *, max_steps: int | None = None) -> object:
    """What the expressions make of ``value``, one after the other.

    Raises ``ValueError``, in words for the author of the expressions, for what is no expression, what cannot be done
    with this value, and what takes more than ``max_steps`` (not given: ``MAX_STEPS``) or becomes too large. With that
    many steps it may take seconds: call it in a thread.
    """
    for expression in expressions:
        value = _evaluated(value, expression, MAX_STEPS if max_steps is None else max_steps)
    return value


def _evaluated(value: object, expression: str, max_steps: int) -> object:
    library = _library()
    try:
        compiled = library.Jsonata(expression, regex_engine=_regex)
        _Bounds(max_steps).put_on(compiled)
        result: object = compiled.evaluate(value)
    except RecursionError:
        raise ValueError(f"is nested too deeply: {_shortened(expression)}") from None
    except Exception as error:  # the library lets errors of Python through, where a value does not fit
        raise ValueError(f"{_sentence(error)}: {_shortened(expression)}") from error
    return result


def _library() -> Any:
    """The library, which on its import sets Python's own limit of recursion for the whole process."""
    limit = sys.getrecursionlimit()
    import jsonata  # here, because it takes a tenth of a second, and most configurations have no expressions

    if sys.getrecursionlimit() != limit:
        sys.setrecursionlimit(limit)
    return jsonata


class _Bounds:
    """How far an evaluation has got; too far is an error."""

    def __init__(self, max_steps: int) -> None:
        self._max_steps = max_steps
        self._steps, self._depth = 0, 0

    def put_on(self, compiled: Any) -> None:
        compiled.assign("eval", None)
        compiled.environment.set_evaluate_entry_callback(self._enter)
        compiled.environment.set_evaluate_exit_callback(self._leave)

    def _enter(self, *_: object) -> None:
        self._steps, self._depth = self._steps + 1, self._depth + 1
        if self._steps > self._max_steps:
            raise ValueError(f"takes more than {self._max_steps:,} steps")
        if self._depth > MAX_DEPTH:
            raise ValueError(f"is nested deeper than {MAX_DEPTH} expressions")

    def _leave(self, _expression: object, _input: object, _environment: object, result: object) -> None:
        self._depth -= 1
        if isinstance(result, str | list) and len(result) > MAX_LENGTH:
            raise ValueError(f"makes something longer than {MAX_LENGTH:,}")


def _regex(pattern: str, flags: Any) -> Any:
    import re2  # here, for the same reason

    options = re2.Options()
    options.case_sensitive = not flags.case_insensitive
    options.log_errors = False
    try:
        return re2.compile(f"(?m){pattern}" if flags.multiline else pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(f"RE2 cannot read /{pattern}/ ({reason})") from error


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _shortened(expression: str) -> str:
    text = " ".join(expression.split())
    return text if len(text) <= 80 else f"{text[:79]}…"
