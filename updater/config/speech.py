"""What templates may speak of, and what is wrong with those that speak of something else."""

from collections.abc import Iterable, Mapping
from functools import cache

from updater.config.subject import UPDATE_VALUES, Subject, template_values
from updater.config.table import Option
from updater.config.values import TEMPLATES
from updater.config.vocabulary import words

_NOBODY = Subject(manager="", path="", datasource="", package_name="", dep_name="")
EXPOSED = (
    "additionalBranchPrefix", "addLabels", "allowedVersions", "branchPrefix", "branchTopic", "commitBody",
    "commitMessageAction", "commitMessageExtra", "commitMessagePrefix", "commitMessageSuffix", "commitMessageTopic",
    "groupName", "groupSlug", "labels", "prTitle", "semanticCommitScope", "semanticCommitType", "separateMajorMinor",
    "separateMinorPatch", "separateMultipleMinor",
)  # fmt: skip
"""The options that templates may speak of."""

_PARTS = words(
    """
    body changelogs charts configDescription controls footer header held lead notes reached remarks table warnings
    """
)
_OTHERS = words("gitAuthor semanticPrefix env secrets variables this")
_WITHOUT = words(
    """
    categories currentVersionTimestamp depNameLinked depTypes displayPending hasReleaseNotes indentation isGroup
    isLockfileUpdate isVulnerabilityAlert logJSON newNameLinked newVersionAgeInDays platform project recreateClosed
    references releaseNotes releases renovateVersion sourceDirectory upgrades url version versions vulnerabilitySeverity
    """
)
"""What Renovate's templates have and ours do not: conditions on it are not met, and it is empty text."""


@cache
def known_names() -> frozenset[str]:
    """All that templates may speak of."""
    return frozenset((*template_values(_NOBODY), *UPDATE_VALUES, *EXPOSED, *_PARTS, *_OTHERS))


def doubtful_names(option: Option, value: object) -> str | None:
    """A name that a template speaks of in vain; where blocks change what names mean, nothing is said."""
    if option.about.read not in TEMPLATES:
        return None
    for text in _texts(value):
        if "{{" in text and "{{#each" not in text and "{{#with" not in text:
            for name in sorted(_names(text) - known_names() - _WITHOUT):
                return f'"{option.name}" speaks of {name}, which is always empty{_hint(name)}'
    return None


def _hint(name: str) -> str:
    from difflib import get_close_matches  # here, because hardly any configuration has such a name

    close = get_close_matches(name, known_names(), n=1, cutoff=0.75)
    return f" (did you mean {close[0]}?)" if close else ""


def _names(text: str) -> frozenset[str]:
    from updater.templates import read_template  # here, because few configurations have templates

    return read_template(text).names


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    return (text for text in members if isinstance(text, str))
