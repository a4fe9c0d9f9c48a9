"""Old names and forms of options, turned into today's as they are read; what stands in the file stays as it is.

The old names are those that https://docs.renovatebot.com/ has had over the years. Everything keeps its place in the
file, so that messages and provenance point at what the user wrote.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

from updater.config.json5 import Array, Object
from updater.config.options import Policy, RepositoryOptions
from updater.config.table import options_of
from updater.config.vocabulary import MANAGERS, UPDATE_BLOCKS

_RENAMED = {
    "aliases": "registryAliases",
    "allowedPostUpgradeCommands": "allowedCommands",
    "azureAutoApprove": "autoApprove",
    "baseBranch": "baseBranchPatterns",
    "baseBranches": "baseBranchPatterns",
    "compatibility": "constraints",
    "customChangelogUrl": "changelogUrl",
    "endpoints": "hostRules",
    "exposeEnv": "exposeAllEnv",
    "gitLabAutomerge": "platformAutomerge",
    "azureAutoComplete": "platformAutomerge",
    "lookupNameTemplate": "packageNameTemplate",
    "managerBranchPrefix": "additionalBranchPrefix",
    "masterIssue": "dependencyDashboard",
    "masterIssueApproval": "dependencyDashboardApproval",
    "masterIssueAutoclose": "dependencyDashboardAutoclose",
    "masterIssueFooter": "dependencyDashboardFooter",
    "masterIssueHeader": "dependencyDashboardHeader",
    "masterIssueLabels": "dependencyDashboardLabels",
    "masterIssueTitle": "dependencyDashboardTitle",
    "multipleMajorPrs": "separateMultipleMajor",
    "packageFiles": "includePaths",
    "packages": "packageRules",
    "pathRules": "packageRules",
    "regexManagers": "customManagers",
    "replacementNameTemplate": "replacementName",
    "replacementVersionTemplate": "replacementVersion",
    "separateMajorReleases": "separateMajorMinor",
    "separatePatchReleases": "separateMinorPatch",
    "versionScheme": "versioning",
    "versionStrategy": "rangeStrategy",
}
_CHOICES: Mapping[str, tuple[str, Mapping[object, object]]] = {
    "fetchReleaseNotes": ("fetchChangeLogs", {True: "pr", False: "off"}),
    "pinVersions": ("rangeStrategy", {True: "pin", False: "replace", None: "auto"}),
    "upgradeInRange": ("rangeStrategy", {True: "bump"}),
    "platformCommit": ("platformCommit", {True: "enabled", False: "disabled"}),
    "updateLockFiles": ("skipArtifactsUpdate", {False: True}),
    "includeForks": ("forkProcessing", {True: "enabled", False: "disabled"}),
    "renovateFork": ("forkProcessing", {True: "enabled", False: "disabled"}),
    "requiredStatusChecks": ("ignoreTests", {None: True}),
    "rebaseConflictedPrs": ("rebaseWhen", {False: "never"}),
    "rebaseStalePrs": ("rebaseWhen", {True: "behind-base-branch", False: "conflicted", None: "auto"}),
    "recreateClosed": ("recreateWhen", {True: "always", False: "auto"}),
    "semanticCommits": ("semanticCommits", {True: "enabled", False: "disabled", None: "auto"}),
    "dryRun": ("dryRun", {True: "full", False: None, None: None}),
    "ignoreNodeModules": ("ignorePaths", {True: "node_modules/", False: ()}),
}
"""Options whose values have other names now; values that are not listed stay (``semanticCommits``) or say nothing."""

_TEMPLATE_WORDS = {
    "baseDir": "packageFileDir",
    "depNameShort": "depName",
    "fromVersion": "currentVersion",
    "newValueMajor": "newMajor",
    "newValueMinor": "newMinor",
    "newVersionMajor": "newMajor",
    "newVersionMinor": "newMinor",
    "toVersion": "newVersion",
}
_TAG = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_OLD_WORD = re.compile(rf"\b(?:{'|'.join(_TEMPLATE_WORDS)})\b")

_LANGUAGES = ("docker", "dotnet", "golang", "java", "js", "node", "php", "python", "ruby", "rust")


def _same(text: str) -> str:
    return text


def _pattern(text: str) -> str:
    return text if text == "*" else f"/{text}/"


def _prefix(text: str) -> str:
    escaped = re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text)
    return f"/^{escaped}/"


def _without(form: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: f"!{form(text)}"


_MATCHERS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "baseBranchList": ("matchBaseBranches", _same),
    "datasources": ("matchDatasources", _same),
    "depTypeList": ("matchDepTypes", _same),
    "excludeDepNames": ("matchDepNames", _without(_same)),
    "excludeDepPatterns": ("matchDepNames", _without(_pattern)),
    "excludeDepPrefixes": ("matchDepNames", _without(_prefix)),
    "excludePackageNames": ("matchPackageNames", _without(_same)),
    "excludePackagePatterns": ("matchPackageNames", _without(_pattern)),
    "excludePackagePrefixes": ("matchPackageNames", _without(_prefix)),
    "excludeRepositories": ("matchRepositories", _without(_same)),
    "excludedPackageNames": ("matchPackageNames", _without(_same)),
    "languages": ("matchCategories", _same),
    "managers": ("matchManagers", _same),
    "matchDepPatterns": ("matchDepNames", _pattern),
    "matchDepPrefixes": ("matchDepNames", _prefix),
    "matchFiles": ("matchFileNames", _same),
    "matchLanguages": ("matchCategories", _same),
    "matchPackagePatterns": ("matchPackageNames", _pattern),
    "matchPackagePrefixes": ("matchPackageNames", _prefix),
    "matchPaths": ("matchFileNames", _same),
    "matchSourceUrlPrefixes": ("matchSourceUrls", _prefix),
    "packageName": ("matchPackageNames", _same),
    "packageNames": ("matchPackageNames", _same),
    "packagePattern": ("matchPackageNames", _pattern),
    "packagePatterns": ("matchPackageNames", _pattern),
    "paths": ("matchFileNames", _same),
    "sourceUrlPrefixes": ("matchSourceUrls", _prefix),
    "updateTypes": ("matchUpdateTypes", _same),
}
"""Old matchers of package rules: today's matcher, and the form its patterns take there."""


def migrate(raw: Object) -> Object:
    """A top level, a block, or an entry of ``customManagers``, in today's words."""
    result = Object()
    for key, value in raw.items():
        _move(result, key, value, raw.offsets[key])
    return result


def migrate_rule(raw: Object) -> Object:
    """An entry of ``packageRules``, in today's words."""
    result = Object()
    for key, value in raw.items():
        if key in _MATCHERS:
            name, form = _MATCHERS[key]
            _add(result, name, _each(value, raw.offsets[key], form), raw.offsets[key])
        elif key.startswith("match"):
            _add(result, key, value, raw.offsets[key])
        else:
            _move(result, key, value, raw.offsets[key])
    return result


def migrate_host_rule(raw: Object) -> Object:
    """An entry of ``hostRules``, in today's words."""
    names = {
        "platform": "hostType",
        **dict.fromkeys(("hostName", "domainName", "baseUrl", "endpoint", "host"), "matchHost"),
    }
    result = Object()
    for key, value in raw.items():
        result.put(names.get(key, key), value, raw.offsets[key])
    return result


def _in_todays_words(value: object, offset: int) -> object:
    """A template, or a list of them, that speaks of things by their names of today."""
    if isinstance(value, str):
        return _TAG.sub(lambda tag: _OLD_WORD.sub(lambda word: _TEMPLATE_WORDS[word[0]], tag[0]), value)
    if isinstance(value, Array) and any(isinstance(each, str) and "{{" in each for each in value):
        return _each(value, offset, lambda text: str(_in_todays_words(text, offset)))
    return value


def _in_its_type(key: str, value: object, offset: int) -> object:
    """What is plainly meant by a value of another type: ``"true"``, one word in a list, a block that is on or off."""
    if value in ("true", "false") and key in _of_type(bool):
        return value == "true"
    if isinstance(value, Array) and len(value) == 1 and isinstance(value[0], str) and key in _of_type(str):
        return value[0]
    if isinstance(value, bool) and (key in UPDATE_BLOCKS or key in MANAGERS):
        block = Object()
        block.put("enabled", value, offset)
        return block
    return value


@cache
def _of_type(type_: type) -> frozenset[str]:
    """The options that are of this type, or null, and of no other."""
    options = {**options_of(RepositoryOptions), **options_of(Policy)}
    return frozenset(name for name, option in options.items() if option.written in (type_, type_ | None))


def _move(result: Object, key: str, value: object, offset: int) -> None:
    value = _in_its_type(_RENAMED.get(key, key), _in_todays_words(value, offset), offset)
    if key in _CHOICES:
        name, values = _CHOICES[key]
        if value is None or isinstance(value, bool):
            result.put(name, values.get(value, value), offset) if value in values else None
        elif name == key:
            result.put(key, value, offset)
    elif key in _SPECIAL:
        _SPECIAL[key](result, value, offset)
    elif key in _LANGUAGES and isinstance(value, Object):
        _language(result, key, value, offset)
    else:
        _add(result, _RENAMED.get(key, key), value, offset)


def _add(result: Object, key: str, value: object, offset: int) -> None:
    """Set a member; lists and objects that reach the same name by several ways are joined."""
    present = result.get(key)
    if isinstance(present, Object) and isinstance(value, Object):
        for name, member in value.items():
            present.put(name, member, value.offsets[name])
        return
    present, value = _listed(present, result.offsets.get(key)), _listed(value, offset) if present else value
    if isinstance(present, Array) and isinstance(value, Array):
        present.extend(value)
        present.offsets.extend(value.offsets)
        value = present
    result.put(key, value, offset)


def _listed(value: object, offset: int | None) -> object:
    """A lone string as a list; anything else as it is."""
    return _single(value, offset or 0) if isinstance(value, str) else value


def _each(value: object, offset: int, form: Callable[[str], str]) -> object:
    """A string, or a list of them, as a list in another form; anything else as it is."""
    elements = value if isinstance(value, Array) else _single(value, offset)
    if not all(isinstance(element, str) for element in elements):
        return value
    result = Array()
    result.extend(form(str(element)) for element in elements)
    result.offsets.extend(elements.offsets)
    return result


def _single(value: object, offset: int) -> Array:
    result = Array()
    result.append(value)
    result.offsets.append(offset)
    return result


# ---------------------------------------------------------------- one function for each special case


def _file_match(result: Object, value: object, offset: int) -> None:
    _add(result, "managerFilePatterns", _each(value, offset, lambda text: f"/{text}/"), offset)


def _match_strings(result: Object, value: object, offset: int) -> None:
    renamed = _each(value, offset, lambda text: text.replace("(?<lookupName>", "(?<packageName>"))
    result.put("matchStrings", renamed, offset)


def _enabled_managers(result: Object, value: object, offset: int) -> None:
    today = _each(value, offset, lambda name: "custom.regex" if name == "regex" else name)
    result.put("enabledManagers", today, offset)


def _stability_days(result: Object, value: object, offset: int) -> None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value} days" if value else None
    result.put("minimumReleaseAge", value, offset)


def _semantic_prefix(result: Object, value: object, offset: int) -> None:
    match = re.fullmatch(r"([\w.{}]+)(?:\(([^()]*)\))?:?\s*", value) if isinstance(value, str) else None
    if match:
        result.put("semanticCommitType", match[1], offset)
        result.put("semanticCommitScope", match[2], offset)


def _automerge(result: Object, value: object, offset: int) -> None:
    """``automerge`` once named the largest update that it meant."""
    if value in ("minor", "patch"):
        for type_ in ("minor", "patch") if value == "minor" else ("patch",):
            _put_within(result, type_, "automerge", value=True, offset=offset)
    else:
        result.put(
            "automerge", {"any": True, "none": False}.get(value, value) if isinstance(value, str) else value, offset
        )


def _automerge_type(result: Object, value: object, offset: int) -> None:
    """There were several ways to merge a branch."""
    result.put("automergeType", "branch" if isinstance(value, str) and value.startswith("branch-") else value, offset)


def _automerge_of(type_: str) -> Callable[[Object, object, int], None]:
    return lambda result, value, offset: _put_within(result, type_, "automerge", value=value, offset=offset)


def _put_within(result: Object, block: str, key: str, *, value: object, offset: int) -> None:
    inner = result.get(block)
    if not isinstance(inner, Object):
        inner = Object()
        result.put(block, inner, offset)
    inner.put(key, value, offset)


def _branch_prefix(result: Object, value: object, offset: int) -> None:
    """A template in the prefix belongs into the additional prefix: branches are found by the fixed part."""
    if isinstance(value, str) and "{{" in value:
        fixed, _, template = value.partition("{{")
        result.put("additionalBranchPrefix", "{{" + template, offset)
        value = fixed
    result.put("branchPrefix", value, offset)


def _language(result: Object, language: str, value: Object, offset: int) -> None:
    rule = Object()
    rule.put("matchCategories", _single(language, offset), offset)
    for key, member in value.items():
        rule.put(key, member, value.offsets[key])
    _add(result, "packageRules", _single(rule, offset), offset)


_SPECIAL: Mapping[str, Callable[[Object, object, int], None]] = {
    "automerge": _automerge,
    "automergeType": _automerge_type,
    "automergeMajor": _automerge_of("major"),
    "automergeMinor": _automerge_of("minor"),
    "automergePatch": _automerge_of("patch"),
    "branchPrefix": _branch_prefix,
    "enabledManagers": _enabled_managers,
    "fileMatch": _file_match,
    "matchStrings": _match_strings,
    "semanticPrefix": _semantic_prefix,
    "stabilityDays": _stability_days,
}
