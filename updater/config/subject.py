"""What package rules match on, and what templates may speak of."""

import re
from datetime import timedelta
from functools import cache
from posixpath import basename, dirname

import msgspec

from updater.model.track import UpdateType

VERSION = re.compile(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?")
"""The numbers at the beginning of a version."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The facts about a dependency, or about one update of it, that package rules match on.

    What is not known (yet) is None, and a condition on it is not met.
    """

    manager: str
    path: str
    datasource: str
    package_name: str
    dep_name: str
    dep_type: str | None = None
    current_value: str | None = None
    current_version: str | None = None
    registry_urls: tuple[str, ...] = ()
    environment: str | None = None
    source_url: str | None = None
    update_type: UpdateType | None = None
    new_value: str | None = None
    new_version: str | None = None
    repository: str | None = None
    base_branch: str | None = None
    current_age: timedelta | None = None
    is_breaking: bool | None = None


UPDATE_VALUES = frozenset(
    (
        "currentDigest", "currentDigestShort", "displayFrom", "displayTo", "newDigest", "newDigestShort", "newName",
        "prettyNewMajor", "prettyNewVersion", "releaseTimestamp", "versioning",
    )
)  # fmt: skip
"""What templates about a whole update may speak of as well (branch topics, subjects, titles, parts of the body)."""

_SINGLE = re.compile(r"[^\s<>=~^*|,]*[0-9][^\s<>=~^*|,]*")


def template_values(subject: Subject) -> dict[str, object]:
    """What templates may speak of: the names of https://docs.renovatebot.com/templates/, and ``environment``."""
    directory = dirname(subject.path)
    current, new = _numbers(subject.current_version), _numbers(subject.new_version)
    is_single = _SINGLE.fullmatch(subject.new_value or subject.current_value or "") is not None
    return {
        **_source_values(subject.source_url),
        **_repository_values(subject.repository),
        "manager": subject.manager,
        "datasource": subject.datasource,
        "packageName": subject.package_name,
        "depName": subject.dep_name,
        "depNameSanitized": re.sub(r"[/\s:]+", "-", subject.dep_name.removeprefix("@")).lower(),
        "depType": subject.dep_type,
        "prettyDepType": subject.dep_type or "dependency",
        "packageScope": subject.package_name.partition("/")[0] if subject.package_name.startswith("@") else None,
        "packageFile": subject.path,
        "packageFileDir": directory,
        "parentDir": basename(directory),
        "environment": subject.environment,
        "currentValue": subject.current_value,
        "currentVersion": subject.current_version,
        "currentMajor": current[0],
        "currentMinor": current[1],
        "currentPatch": current[2],
        "currentVersionAgeInDays": subject.current_age.days if subject.current_age is not None else None,
        "newValue": subject.new_value,
        "newVersion": subject.new_version,
        "newMajor": new[0],
        "newMinor": new[1],
        "newPatch": new[2],
        "updateType": subject.update_type,
        "isMajor": subject.update_type is UpdateType.MAJOR,
        "isMinor": subject.update_type is UpdateType.MINOR,
        "isPatch": subject.update_type is UpdateType.PATCH,
        "isPin": subject.update_type is UpdateType.PIN,
        "isPinDigest": subject.update_type is UpdateType.PIN_DIGEST,
        "isReplacement": subject.update_type is UpdateType.REPLACEMENT,
        "isRollback": subject.update_type is UpdateType.ROLLBACK,
        "isBreaking": subject.is_breaking,
        "isSingleVersion": is_single,
        "isRange": not is_single,
        "baseBranch": subject.base_branch,
    }


@cache
def _numbers(version: str | None) -> tuple[int | None, int | None, int | None]:
    match = VERSION.match(version or "")
    return (int(match[1]), int(match[2] or 0), int(match[3] or 0)) if match else (None, None, None)


def _source_values(url: str | None) -> dict[str, object]:
    """The address of the source code, and its repository there: ``owner/name``."""
    path = re.sub(r"^[a-z]+://[^/]+/|\.git$|/+$", "", url or "")
    owner, _, name = path.rpartition("/")
    return {
        "sourceUrl": url,
        "sourceRepo": path,
        "sourceRepoOrg": owner,
        "sourceRepoName": name,
        "sourceRepoSlug": path.replace("/", "-"),
    }


def _repository_values(name: str | None) -> dict[str, object]:
    """The repository that is updated, and the organisations it is in."""
    owner = (name or "").rpartition("/")[0]
    return {"repository": name, "parentOrg": owner, "topLevelOrg": owner.partition("/")[0]}
