"""From what a configuration writes to what it means: what is known of an option, and the readers of values.

A reader takes a value of the option's written type and gives what it means. It raises ``ValueError`` for what cannot
be meant, which stops the run, and ``Refused`` for what cannot be used, which leaves out the rule it stands in.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from updater.config import durations, steps

Texts = tuple[str, ...]
Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Refused(ValueError):
    """A value of the right type that cannot be used: the rule it stands in has to be left out."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an option besides its type and default.

    ``merges`` says that a later value is added to the earlier ones instead of replacing them. ``written`` is its
    type in the file, where that is another. ``read`` makes the value out of what is written; it raises
    ``ValueError`` for what cannot be meant and ``Refused`` for what cannot be used. ``doubt`` words a warning.
    """

    text: str
    merges: bool = False
    written: object = None
    read: Callable[[Any], object] | None = None
    doubt: Callable[[Any], str | None] | None = None
    in_file: bool = True


# ---------------------------------------------------------------- readers


def duration(text: str | None) -> timedelta | None:
    """A length of time; an empty text and one of no length mean "none"."""
    return (durations.parse_duration(text) if text else None) or None


def length(text: str) -> timedelta:
    """A length of time that has to be given; ``0`` is one."""
    return timedelta() if text.strip() == "0" else durations.parse_duration(text)


def soak_times(written: str | Mapping[str, str]) -> Mapping[str, timedelta]:
    """Lengths of time by type of update; a lone one is for every type, under ``*``."""
    each = {"*": written} if isinstance(written, str) else written
    return {type_: length(text) for type_, text in each.items()}


def readable_windows(texts: Texts) -> Texts:
    """Windows of time that can be read. Without the ones that cannot, everything could be changed at any time."""
    from updater.config.windows import read_windows  # here, because most configurations have none

    read_windows(texts)
    return texts


def template(text: str | None) -> str | None:
    """A template, or a text without one."""
    if text is not None and "{{" in text:
        from updater.templates import check_template  # here, because most configurations have no template

        try:
            check_template(text)
        except ValueError as error:
            raise Refused(f"the template cannot be read: {error}") from error
    return text


def templates(texts: Texts) -> Texts:
    """Several templates."""
    for text in texts:
        template(text)
    return texts


def templates_by_name(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Templates with names."""
    templates(tuple(texts.values()))
    return texts


TEMPLATES = (template, templates, templates_by_name)
"""The readers of templates, which give back what they are given."""

GROUP_OPTIONS = (
    "branchTopic", "commitMessageAction", "commitMessageExtra", "commitMessagePrefix", "commitMessageSuffix",
    "commitMessageTopic", "prTitle", "semanticCommitScope", "semanticCommitType",
)  # fmt: skip
"""The options that ``group`` may hold: those that name the branch and the pull request."""


def group_options(written: Mapping[str, object]) -> Mapping[str, object]:
    """What holds of groups: templates, by the names of options; null takes one back."""
    for name in GROUP_OPTIONS:
        text = written.get(name)
        if text is not None and not isinstance(text, str):
            raise Refused(f'"{name}" must be a string')
        template(text)
    return written


def doubtful_group(written: Mapping[str, object]) -> str | None:
    """What is wrong with the names in ``group``."""
    others = [f'"{name}"' for name in written if name not in (*GROUP_OPTIONS, "description")]
    return f'{", ".join(others)}: no effect inside "group" (it stands for names and titles only)' if others else None


def regex(text: str | None) -> str | None:
    """A pattern for RE2."""
    from updater.config.patterns import PatternError, compile_regex  # here, because RE2 is loaded only when needed

    try:
        if text is not None:
            compile_regex(text)
    except PatternError as error:
        raise Refused(str(error), error.hint) from error
    return text


def regexes(texts: Texts) -> Texts:
    """Several patterns for RE2."""
    for text in texts:
        regex(text)
    return texts


NOTIFICATIONS = (
    "artifactErrors", "branchAutomergeFailure", "configErrorIssue", "dependencyLookupWarnings", "lockFileErrors",
    "missingCredentialsError", "onboardingClose", "prEditedNotification", "prIgnoreNotification", "rollout",
)  # fmt: skip
"""What ``suppressNotifications`` may name."""


def doubtful_notifications(texts: Texts) -> str | None:
    """A warning about names that mean nothing."""
    unknown = [text for text in texts if text not in NOTIFICATIONS]
    return f'"suppressNotifications": nothing is called "{unknown[0]}"' if unknown else None


def branch_patterns(texts: Texts) -> Texts:
    """Names of branches, and patterns between slashes."""
    from updater.config.patterns import PatternError, check_pattern, is_regex  # here, because most files name none

    for text in filter(is_regex, texts):
        try:
            check_pattern(text)
        except PatternError as error:
            raise Refused(str(error), error.hint) from error
    return texts


def range_or_regex(text: str | None) -> str | None:
    """A range of versions, or a pattern between slashes."""
    match = re.fullmatch(r"!?/(.+)/i?", text or "", re.DOTALL)
    if match:
        regex(match[1])
    return text


def scheme(text: str | None) -> str | None:
    """The name of a versioning, or ``regex:`` with a pattern."""
    if text and text.startswith("regex:"):
        regex(text.removeprefix("regex:"))
    return text


def step(text: str | None) -> str | None:
    """How far one update may go."""
    try:
        steps.read_step(text)
    except ValueError as error:
        raise Refused(str(error)) from error
    return text


def stops(texts: Texts) -> Texts:
    """Versions that no update jumps over."""
    try:
        steps.read_stops(texts)
    except ValueError as error:
        raise Refused(str(error), "write `17.3` or `17.3.1`") from error
    return texts


def where_token(text: str | None) -> str | None:
    """The place of a token. A token itself in a file that everybody reads is no secret any more."""
    if text is not None and not re.fullmatch(r"env:[A-Za-z_]\w*", text):
        raise Refused("a token does not belong into this file", 'name the variable that holds it, as in "env:TOKEN"')
    return text


# ---------------------------------------------------------------- doubts


def doubtful_schedule(entries: Texts) -> str | None:
    """What is wrong with the entries of a schedule."""
    from updater.config import schedule  # here, because most configurations have none

    for entry in entries:
        if not schedule.is_valid(entry):
            return f"the schedule {entry!r} is not understood and counts as always open{_preset_instead(entry)}"
        if schedule.is_rarely_open(entry):
            return f"the schedule {entry!r} is closed in most minutes (write * for the minutes)"
    return None


def _preset_instead(entry: str) -> str:
    from updater.config.presets import PRESETS  # here, because nearly every schedule is understood

    name = f"schedule:{entry.strip().removeprefix('@')}"
    return f' (there is the preset "{name}" for `extends`)' if name in PRESETS else ""


def doubtful_merging(kind: str) -> str | None:
    """What is wrong with a way to merge."""
    return "no other bot is asked to merge: pull requests are merged, as with `pr`" if kind == "pr-comment" else None


def doubtful_timezone(name: str | None) -> str | None:
    """What is wrong with the name of a time zone."""
    from updater.config import schedule  # here, because time zones take a while to load, and few files name one

    if name is None or schedule.is_known_timezone(name):
        return None
    return f"there is no time zone {name!r}; UTC is used"
