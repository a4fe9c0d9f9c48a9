"""``docs/config.md``, made from the options: ``python -m updater.config.docs > docs/config.md``."""

import json
import sys
from collections.abc import Iterable, Iterator

import msgspec

from updater import templates
from updater.config import allowed, globs, hostrules, patterns, remote, schedule
from updater.config.entries import (
    BumpVersionOptions,
    CustomDatasourceOptions,
    CustomManagerOptions,
    EnvironmentOptions,
    HostRuleOptions,
    ReconcilerOptions,
)
from updater.config.load import FILE_NAMES
from updater.config.options import Policy, RepositoryOptions
from updater.config.presets import PRESETS
from updater.config.subject import Subject, template_values
from updater.config.table import in_words, options_of, plain
from updater.config.vocabulary import (
    BOT_OPTIONS,
    MATCHERS,
    UNSUPPORTED_MATCHERS,
    UNSUPPORTED_OPTIONS,
    UPDATE_BLOCKS,
)

_INTRODUCTION = """\
# Configuration

Made from `updater/config/options.py` by `python -m updater.config.docs`.

A configuration is one file of JSON, with comments and trailing commas if you like (JSON5). The first of these that
exists is read: {files}.

`--config FILE` names another one. `updater config check` says what is wrong with it, with line and column;
`updater config show` prints what it means and where each value comes from. A `renovate.json` works as it is: old
names are translated as they are read, and what is not supported here is named in a warning. For completion in
editors, point `$schema` at `config-schema.json`.

```json
{{
  "extends": ["config:recommended"],
  "packageRules": [
    {{"matchFileNames": ["apps/production/**"], "minimumReleaseAge": "3 days"}},
    {{"matchDatasources": ["docker"], "matchUpdateTypes": ["patch", "digest"], "automerge": true}}
  ]
}}
```

## What applies to a dependency

From weak to strong: the defaults, `UPDATER_CONFIG` (or `RENOVATE_CONFIG`) in the environment, the presets of `extends`
in their order, the file, the block of the manager, the block of the update type, the package rules from first to last,
and what `force` in the environment's configuration holds. The stronger value replaces the weaker one; where the
tables say *adds*, it is added. A rule that sets `groupName` and no `groupSlug` takes back the slug. `null` takes back
what was set before.
"""


_NOBODY = Subject(manager="", path="", datasource="", package_name="", dep_name="")


def config_page() -> str:
    """The whole page, as Markdown."""
    parts = (_options(), _rules(), _presets(), _texts(), _entries(), _hosts(), _unsupported())
    return "\n".join((_INTRODUCTION.format(files=_listed(FILE_NAMES)), *(text for part in parts for text in part)))


def _options() -> Iterator[str]:
    blocks = _listed(UPDATE_BLOCKS)
    where = f"At the top of the file, in blocks of managers, in the blocks {blocks}, and in package rules."
    yield _section("Options of dependencies", where, _table(Policy))
    yield _section("Options of the repository", "At the top of the file.", _table(RepositoryOptions))
    yield _section(
        "Blocks of managers",
        "A key named like a manager (`kubernetes`, `helm-values`, …) holds options of dependencies for what that "
        "manager finds, `packageRules` of its own, `managerFilePatterns` (globs or `/patterns/` of the files to read), "
        "and `ignorePaths` and `includePaths` for that manager alone.",
    )


def _rules() -> Iterator[str]:
    yield _section(
        "Package rules",
        "An entry of `packageRules` holds matchers and options of dependencies. All of its matchers have to match. One "
        "that looks at something that is not known (yet) does not match. Rules within a rule have all that stands "
        "around them; the rule that holds them is none by itself.",
        _rows(("Matcher", "Looks at"), ((f"`{name}`", text) for name, text in MATCHERS.items())),
        _details(patterns.__doc__),
        _details(globs.__doc__),
        "In a list, some positive pattern and no negative one has to match; a list of negative ones alone accepts "
        "everything else.",
    )


def _presets() -> Iterator[str]:
    rows = ((_call(name), preset.text) for name, preset in sorted(PRESETS.items()))
    yield _section("Presets", "Names for `extends`:", _rows(("Preset", "Does"), rows))
    yield _section(
        "Presets of other repositories",
        _details(remote.__doc__),
        "`plan`, `run` and `why` fetch them; commands without a network take them as they were fetched last. A preset "
        "that does not exist stops the run. In `UPDATER_CONFIG`, `globalExtends` lies below everything, and "
        "`inheritConfig` takes the organisation's `renovate-config/org-inherited-config.json` "
        "(`inheritConfigRepoName`, `inheritConfigFileName`, `inheritConfigStrict`).",
    )


def _texts() -> Iterator[str]:
    yield _section(
        "Secrets and variables",
        "The `secrets` and `variables` of `UPDATER_CONFIG` take the place of `{{ secrets.NAME }}` and "
        "`{{ variables.NAME }}` in texts of the repository's configuration. Secrets may not stand in what becomes a "
        "branch, a commit, a group or a pull request, and are never shown.",
    )
    yield _section("Schedules", _details(schedule.__doc__))
    names = _listed(sorted(template_values(_NOBODY)))
    yield _section(
        "Templates",
        _details(templates.__doc__),
        f"Templates may speak of {names}, `gitAuthor`, and `env.NAME`.",
        allowed.__doc__.replace("``", "`") if allowed.__doc__ else "",
    )


def _entries() -> Iterator[str]:
    yield _section("Custom managers", "Entries of `customManagers`:", _table(CustomManagerOptions))
    yield _section("Custom datasources", "Members of `customDatasources`:", _table(CustomDatasourceOptions))
    yield _section("Other versions to raise", "Entries of `bumpVersions`:", _table(BumpVersionOptions))
    yield _section("Environments", "Entries of `environments`:", _table(EnvironmentOptions))
    yield _section("Reconcilers", "Entries of `reconcilers`:", _table(ReconcilerOptions))


def _hosts() -> Iterator[str]:
    yield _section(
        "Host rules",
        "Entries of `hostRules`:",
        _table(HostRuleOptions),
        "Credentials are better given in the environment:",
        _details(hostrules.from_environment.__doc__),
    )


def _unsupported() -> Iterator[str]:
    matchers = "; ".join(f"`{name}`: {why}" for name, why in UNSUPPORTED_MATCHERS.items())
    yield _section(
        "Known to Renovate, not supported here",
        f"Matchers, whose rules then never apply: {matchers}.",
        "Options, which then have no effect:",
        _rows(("Not supported", "Because"), _reasons()),
        f"Settings of Renovate as a service: {_listed(sorted(BOT_OPTIONS))}.",
    )


def _section(title: str, *paragraphs: str) -> str:
    return "\n".join((f"## {title}\n", *(f"{paragraph}\n" for paragraph in paragraphs)))


def _table(structure: type[msgspec.Struct]) -> str:
    rows = (
        (
            f"`{name}`",
            in_words(option.written) + (", adds" if option.about.merges else ""),
            f"`{json.dumps(plain(option.default), ensure_ascii=False)}`",
            option.about.text,
        )
        for name, option in options_of(structure).items()
    )
    return _rows(("Option", "Value", "Default", "Meaning"), rows)


def _reasons() -> Iterator[tuple[str, str]]:
    by_reason: dict[str, list[str]] = {}
    for name, why in UNSUPPORTED_OPTIONS.items():
        by_reason.setdefault(why, []).append(name)
    return ((_listed(sorted(names)), why) for why, names in by_reason.items())


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _call(name: str) -> str:
    """A preset as ``extends`` has it, with brackets where it takes arguments."""
    text = json.dumps(PRESETS[name].config)
    arguments = ["…" for index in range(3) if f"{{{{arg{index}}}}}" in text]
    return f"`{name}({', '.join(arguments)})`" if arguments else f"`{name}`"


def _details(docstring: str | None) -> str:
    """A docstring less its first paragraph, as Markdown: without indentation and double backquotes."""
    _, _, details = (docstring or "").partition("\n\n")
    lines = (line.strip() for line in details.strip().splitlines())
    return "\n".join(lines).replace("``", "`").replace(":mod:`updater.config.globs`", "below")


if __name__ == "__main__":
    sys.stdout.write(config_page())
