r"""Custom managers: versions that patterns of yours find in any text file.

An entry of `customManagers` in the configuration:

    {
      "customType": "regex",
      "managerFilePatterns": ["/\\.env$/"],
      "matchStrings": ["IMAGE=(?<depName>[^\\s:]+):(?<currentValue>\\S+)"],
      "datasourceTemplate": "docker"
    }

The named groups `depName`, `packageName`, `currentValue`, `currentDigest`, `datasource`, `versioning`,
`registryUrl` and `depType` say what was found; `…Template` options of the same names take precedence over them.
A name, a datasource and a value or digest are needed. Templates are [those of the configuration](config.md#templates)
with every group, `packageFile` and `packageFileDir`. `matchStringsStrategy` is `any` (each match of each pattern is a
dependency), `combination` (all matches make one) or `recursive` (each pattern searches the matches of the one before).

Patterns run on RE2, which is linear in the length of the text and therefore has no lookaround and no backreferences
(https://github.com/google/re2/wiki/Syntax); `^` and `$` mean the ends of the file unless a pattern begins with
`(?m)`. For `docker` the text that was matched is read as an image reference, so that a port and a digest end up
where they belong. An update replaces the value and the digest and nothing else: `autoReplaceStringTemplate` is
honoured where it comes to the same, otherwise the match is reported as not updatable.
At most 10,000 matches of one file are read.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from msgspec import Struct

from managers._custom import Templates, read_templates, reading, texts_in
from managers._matching import MAX_MATCHES, STRATEGIES, Match, Pattern, compile_pattern, matches
from updater.api import Extracted, Manager, SourceFile, skipped

NAME = "regex"


def build(options: Mapping[str, object]) -> Manager:
    """The manager that an entry of ``customManagers`` describes. Raises ``ValueError`` if it makes no sense."""
    patterns = tuple(compile_pattern(pattern) for pattern in texts_in(options, "matchStrings", "patterns"))
    groups = frozenset(name for pattern in patterns for name in pattern.groupindex)
    templates = read_templates(options, groups)
    _check_complete({*groups, *templates.fields})
    return _RegexManager(_Recipe(patterns=patterns, strategy=_strategy(options), templates=templates))


class _Recipe(Struct, frozen=True, kw_only=True):
    """An entry of ``customManagers``, checked."""

    patterns: tuple[Pattern, ...]
    strategy: str
    templates: Templates


def _strategy(options: Mapping[str, object]) -> str:
    strategy = options.get("matchStringsStrategy", "any")
    if strategy not in STRATEGIES:
        raise ValueError(f"matchStringsStrategy is {strategy!r} but must be one of {', '.join(STRATEGIES)}")
    return str(strategy)


def _check_complete(given: set[str]) -> None:
    for one_of in (("depName", "packageName"), ("datasource",), ("currentValue", "currentDigest")):
        if given.isdisjoint(one_of):
            names = " or ".join(one_of)
            raise ValueError(f"nothing says what {names} is: there is no such group and no such template")


class _RegexManager:
    """The manager that a recipe describes."""

    NAME: str = "custom.regex"
    FILES: tuple[str, ...] = ("*",)
    MARKERS: tuple[str, ...] = ()
    FOREIGN: tuple[str, ...] = ()
    NARROWABLE: bool = True

    def __init__(self, recipe: _Recipe) -> None:
        self._recipe = recipe

    def extract(self, file: SourceFile) -> Iterator[Extracted]:
        """A dependency for each match, or why it is none."""
        found = matches(self._recipe.patterns, self._recipe.strategy, file.text)
        for match in islice(found, MAX_MATCHES):
            yield self._read(file, match)
        if next(found, None) is not None:
            reason = f"too many matches: only the first {MAX_MATCHES:,} were read"
            yield skipped(file, manager=self.NAME, reason=reason)

    def _read(self, file: SourceFile, match: Match) -> Extracted:
        texts = {name: file.text[span.start : span.end] for name, span in match.groups.items()}
        return reading(self.NAME, self._recipe.templates, file, match, texts).result()
