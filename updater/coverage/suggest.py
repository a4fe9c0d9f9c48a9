"""What would explain a token that nothing explains: a rule for ``customManagers``, or a comment above the line.

The datasource and name are guessed from what stands around; what cannot be guessed is left in angle brackets.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from updater.coverage.paths import paths
from updater.coverage.texts import ending
from updater.coverage.tokens import Token
from updater.images import parse_image

_UNKNOWN = ("<datasource>", "<name>")
_WINDOW = 600
_SIBLING = re.compile(
    r"""(?:^|[\s{,"'])(?P<key>repository|image|newName|imageName|imageRepository|repo)["']?[ \t]*[:=][ \t]*["']?"""
    r"""(?P<value>[a-z0-9][\w.:/-]*/[\w./-]+)["']?[ \t\r]*(?=[,}\n]|$)""",
    re.MULTILINE,
)
_GITHUB = re.compile(
    r"(?:github\.com[/:]|githubusercontent\.com/)(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?(?=[/\"'\s?#@]|$)"
)
_CONTEXT = 60
_REST = re.compile(r"""[^\s"'@,;)\]}/]{0,8}""")
_SLASHES = re.compile(r"^[ \t]*+//", re.MULTILINE)
_END = re.compile(r"""["']?[ \t]*+(?=[,\]}\r\n]|\s\#|$)""")
_ANNOTATED = (
    "*.yaml", "*.yml", "*.tf", "*.tofu", "*.tfvars", "*.hcl", "*.env", ".env", ".env.*", "*.sh", "*.mk", "Makefile",
    "Dockerfile*", "*.Dockerfile", "Containerfile*",
)  # fmt: skip
_FIRST_VALUE = re.compile(
    r"""[ \t]*+(?:-[ \t]++)*+(?:(?:ENV|ARG)[ \t]++\w++[ \t]++|(?:"[^"\n]*+"|[^:=\n"'])*+[:=]++[ \t]*+)["']?"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Either an entry for ``customManagers`` or a comment to put above the line; ``path`` if the place has one."""

    path: str | None = None
    rule: Mapping[str, object] | None = None
    comment: str | None = None


def suggestions(path: str, text: str, tokens: Sequence[Token]) -> Iterator[Suggestion]:
    """What would explain each of the tokens, which are in order."""
    found = paths(text, [token.span.start for token in tokens]) if tokens and _has_paths(path, text) else []
    places = found or [None] * len(tokens)
    return (_suggestion(path, text, token, place) for token, place in zip(tokens, places, strict=True))


def _has_paths(path: str, text: str) -> bool:
    """Whether a file is YAML or JSON without templates or comments that YAML does not know."""
    return ending(path) in ("yaml", "yml", "json") and "{{" not in text and _SLASHES.search(text) is None


def _suggestion(path: str, text: str, token: Token, place: str | None) -> Suggestion:
    value = text[token.span.start : token.span.end]
    datasource, name = _guess(text, token, value)
    files = {"managerFilePatterns": [path]}
    if place is not None and _END.match(text, token.span.end):
        named = {} if token.kind == "image" else {"depNameTemplate": name}
        return Suggestion(
            path=place,
            rule={"customType": "yaml", **files, "paths": [place], **named, "datasourceTemplate": datasource},
        )
    if _may_be_annotated(path, text, token):
        return Suggestion(comment=f"# renovate: datasource={datasource} depName={name}")
    return Suggestion(
        rule={
            "customType": "regex",
            **files,
            "matchStrings": [_pattern(text, token)],
            "depNameTemplate": name,
            "datasourceTemplate": datasource,
        }
    )


# ---------------------------------------------------------------- what it is


def _guess(text: str, token: Token, value: str) -> tuple[str, str]:
    """A datasource and a name."""
    image = parse_image(value) if token.kind == "image" else None
    if image is not None:
        return "docker", image.name
    start, end = token.span
    line_start, line_end = _line_start(text, start), text.find("\n", end, end + _WINDOW)
    github = _GITHUB.search(text[line_start : line_end if line_end >= 0 else end + _WINDOW])
    if github is None:
        around = _siblings(text, line_start)
        sibling = _SIBLING.search(around)
        if sibling is not None and "github" not in sibling["value"]:
            return "docker", sibling["value"].removeprefix("docker.io/")
        github = _GITHUB.search(around)
    return ("github-releases", github["name"]) if github else _UNKNOWN


def _siblings(text: str, line_start: int) -> str:
    """The lines around one, as far as they are indented as much."""
    indentation = len(text[line_start : line_start + 200]) - len(text[line_start : line_start + 200].lstrip(" -"))
    above = text[max(0, line_start - _WINDOW) : line_start].split("\n")[-4:-1]
    below = text[line_start : line_start + _WINDOW].split("\n")[:4]
    lines = (*above, *below)
    return "\n".join(line for line in lines if len(line) - len(line.lstrip(" -")) == indentation)


# ---------------------------------------------------------------- where it is


def _may_be_annotated(path: str, text: str, token: Token) -> bool:
    """Whether the token is what a comment above its line would speak of."""
    name = path[path.rfind("/") + 1 :]
    if not any(fnmatch(name, pattern) for pattern in _ANNOTATED):
        return False
    line_start = _line_start(text, token.span.start)
    match = _FIRST_VALUE.match(text, line_start, token.span.start)
    return match is not None and match.end() == token.span.start


def _line_start(text: str, at: int) -> int:
    """Where the line begins, or a place not far from ``at`` in a very long one."""
    low = max(0, at - _WINDOW)
    return max(text.rfind("\n", low, at) + 1, low)


def _pattern(text: str, token: Token) -> str:
    """A regular expression that finds the value by what stands on both sides of it."""
    start, end = token.span
    before, value = text[max(_line_start(text, start), start - _CONTEXT) : start].lstrip(), text[start:end]
    image = parse_image(value) if token.kind == "image" else None
    if image is not None and image.tag:
        before += f"{image.name}:"
    behind = _REST.match(text, end)
    others = "\"'\\n" if token.kind == "range" else "\\s\"'@,;)\\]}"
    others += "" if "/" in value and image is None else "/"
    return f"{_escaped(before)}(?<currentValue>[^{others}]+){_escaped(behind[0] if behind else '')}"


def _escaped(text: str) -> str:
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text)
