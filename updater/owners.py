"""Who owns which files: the CODEOWNERS file of a repository, in the dialect of its forge. Pure.

- GitHub: the last line that matches a path counts
  (https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners).
- GitLab: the same in each section; sections are added up, and may have owners for lines without their own
  (https://docs.gitlab.com/user/project/codeowners/reference/).
- Gitea and Forgejo: lines are regular expressions of the whole path, and all that match count
  (https://docs.gitea.com/usage/code-owners).

All patterns run on RE2. A line that cannot be read owns nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from updater.config.patterns import PatternError, compile_regex

PLACES: Mapping[str, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    "gitea": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"),
}
"""Where each kind of forge looks, in this order; the first file that is there counts."""

_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>.*)", re.DOTALL)
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_PIECE = re.compile(
    r"(?P<below>(?:^|(?<=/))\*\*/)|(?P<rest>(?<=/)\*\*\Z)|(?P<stars>\*+)|(?P<one>\?)|\\(?P<escaped>.)|(?P<plain>.)"
)
_MEANING = {"below": "(?:.*/)?", "rest": ".*", "stars": "[^/]*", "one": "[^/]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    section: str
    owners: tuple[str, ...]
    matches: Callable[[str], bool]


class Owners:
    """The owners that one file names. Names are without ``@``; teams are written ``team:name``."""

    def __init__(self, rules: Sequence[_Rule], *, all_count: bool) -> None:
        self._rules, self._all_count = rules, all_count

    @classmethod
    def read(cls, text: str, forge: str) -> "Owners":
        """Read the text of a CODEOWNERS file as ``forge`` (``github``, ``gitlab``, ``gitea``) does."""
        if forge == "gitea":
            return cls(tuple(_expressions(text)), all_count=True)
        return cls(tuple(_globs(text, has_sections=forge == "gitlab")), all_count=False)

    def of(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those who own any of the files, each once."""
        return tuple(dict.fromkeys(owner for path in paths for owner in self._of(path)))

    def _of(self, path: str) -> Iterator[str]:
        matching = [rule for rule in self._rules if rule.matches(path)]
        counting = matching if self._all_count else {rule.section: rule for rule in matching}.values()
        return (owner for rule in counting for owner in rule.owners)


def find(files: Iterable[str], forge: str) -> tuple[str, str] | None:
    """The path of the file that counts, and the forge whose dialect it is in; a checkout may be of any forge."""
    present, kinds = set(files), {"forgejo": ("gitea",), "local": tuple(PLACES)}.get(forge, (forge,))
    return next(((path, kind) for kind in kinds for path in PLACES.get(kind, ()) if path in present), None)


def people(owners: Iterable[str]) -> tuple[str, ...]:
    """Those of the owners who are no teams."""
    return tuple(owner for owner in owners if not owner.startswith("team:"))


# ---------------------------------------------------------------- lines


def _globs(text: str, *, has_sections: bool) -> Iterator[_Rule]:
    section, default = "", tuple[str, ...]()
    for line in _lines(text):
        heading = _SECTION.fullmatch(line) if has_sections else None
        if heading is not None:
            section, default = heading["name"].strip().casefold(), _names(heading["owners"].split())
            continue
        pattern, *words = _WORD.findall(line)
        matches = _test(_expression(pattern))
        if matches is not None:
            yield _Rule(section=section, owners=_names(words) or default, matches=matches)


def _expressions(text: str) -> Iterator[_Rule]:
    for line in _lines(text):
        pattern, *words = _WORD.findall(line)
        negative = pattern.startswith("!")
        matches = _test(f"^(?:{pattern.removeprefix('!')})$")
        if matches is not None:
            yield _Rule(section="", owners=_names(words), matches=_opposite(matches) if negative else matches)


def _lines(text: str) -> Iterator[str]:
    lines = (_COMMENT.sub("", line).strip() for line in text.splitlines())
    return (line for line in lines if line)


def _names(words: Iterable[str]) -> tuple[str, ...]:
    """Accounts and teams. Mail addresses and roles (``@@maintainers``) name nobody whom a forge could ask."""
    names = (word.removeprefix("@") for word in words if word.startswith("@") and not word.startswith("@@"))
    return tuple(f"team:{name.rpartition('/')[2]}" if "/" in name else name for name in names)


# ---------------------------------------------------------------- patterns


def _expression(glob: str) -> str:
    """What a line's pattern means: as in a ``.gitignore``, a name anywhere, a path from the root, a directory's all."""
    anchored = "/" in glob.rstrip("/")
    body = glob.removeprefix("/")
    below = ".+" if body.endswith("/") else "" if glob.endswith("/*") else "(?:/.*)?"
    return f"^{'' if anchored else '(?:.*/)?'}{''.join(map(_meaning, _PIECE.finditer(body)))}{below}$"


def _meaning(piece: re.Match[str]) -> str:
    kind = str(piece.lastgroup)
    return _MEANING.get(kind) or re.escape(piece[kind])


def _test(expression: str) -> Callable[[str], bool] | None:
    try:
        compiled: Any = compile_regex(expression)
    except PatternError:
        return None
    return lambda path: compiled.search(path.encode("utf-8", "replace")) is not None


def _opposite(matches: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda path: not matches(path)
