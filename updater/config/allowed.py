"""Which variables of the environment templates may speak of: those that whoever runs the bot has listed, no secrets.

The list is in ``UPDATER_ALLOWED_ENV`` (or ``RENOVATE_ALLOWED_ENV``), names or patterns of names with commas between
them, and in the ``allowedEnv`` of ``UPDATER_CONFIG``. What has a name like a secret's is never given, whatever it says.
"""

import re
from collections.abc import Iterable, Mapping

from updater.config.json5 import Object
from updater.config.patterns import PatternError, compile_list
from updater.config.problems import Problem

ALLOWING = ("UPDATER_ALLOWED_ENV", "RENOVATE_ALLOWED_ENV")
"""Variables with names of variables."""

_SECRET = re.compile(r"TOKEN|PASSW|SECRET|CREDENTIAL|AUTH(?!OR)|KEY|COOKIE|SESSION|CONFIG", re.IGNORECASE)


def allowed_names(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names and patterns that the environment itself lists."""
    texts = (text for name in ALLOWING for text in re.split(r"[\s,]+", environment.get(name, "").strip("[] ")))
    return tuple(text.strip("\"'") for text in texts if text)


def names_in(raw: Object) -> tuple[str, ...]:
    """Those that the bot's own configuration lists."""
    listed = raw.get("allowedEnv")
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()


def variables(environment: Mapping[str, str], allowed: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """The variables that templates are given, and what is wrong with the list."""
    patterns, problems = list(allowed), []
    try:
        is_allowed = compile_list(patterns) if patterns else lambda _name: False
    except PatternError as error:
        return {}, [_problem(str(error))]
    problems += [
        _problem(f"{name} may be a secret; templates do not get it") for name in patterns if _SECRET.search(name)
    ]
    given = {name: value for name, value in environment.items() if is_allowed(name) and not _SECRET.search(name)}
    return given, problems


def _problem(message: str) -> Problem:
    return Problem(path=ALLOWING[0], message=message, severity="warning")
