"""Why a token that no manager knows may be nothing to update: what its key, its file and its surroundings say."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from updater.config import FILE_NAMES
from updater.coverage.keys import EXPLANATIONS, Meaning, meaning
from updater.coverage.texts import ending
from updater.coverage.tokens import Token
from updater.model.scan import Span

_OURS = "the configuration of this tool"
_FILES = {
    "dependabot.yml": "the configuration of Dependabot",
    "package.json": "a manifest of npm, which no manager reads",
    "composer.json": "a manifest of Composer, which no manager reads",
    "pyproject.toml": "a manifest of Python, which no manager reads",
    "Cargo.toml": "a manifest of Cargo, which no manager reads",
    "Chart.lock": "recorded by a lock file",
    "requirements.lock": "recorded by a lock file",
    "helmfile.lock": "recorded by a lock file",
    "VERSION": "the repository's own version",
    ".travis.yml": "the configuration of Travis CI, which no manager reads",
    ".appveyor.yml": "the configuration of AppVeyor, which no manager reads",
    "appveyor.yml": "the configuration of AppVeyor, which no manager reads",
    ".golangci.yml": "the configuration of a linter",
    ".golangci.yaml": "the configuration of a linter",
    ".readthedocs.yml": "the configuration of Read the Docs, which no manager reads",
    ".readthedocs.yaml": "the configuration of Read the Docs, which no manager reads",
    "devbox.json": "a manifest of Devbox, which no manager reads",
    "glide.yaml": "a manifest of Glide, which no manager reads",
    "pubspec.yaml": "a manifest of Dart, which no manager reads",
    "snapcraft.yaml": "a manifest of Snapcraft, which no manager reads",
    "charmcraft.yaml": "a manifest of Charmcraft, which no manager reads",
}
_PATHS = (
    (re.compile(r"(?:^|/)ISSUE_TEMPLATE/"), "a form for people"),
    (re.compile(r"(?:^|/)changelogs/"), "a record of changes"),
    (re.compile(r"(?:^|/)meta/runtime\.ya?ml$"), "what an Ansible collection says of itself"),
)
_MATRIX = re.compile(r"""(?:^|[\s{,])["']?matrix["']?[ \t]*:""")
_OWN = {
    "Chart.yaml": ("version", "appVersion"),
    "Chart.yml": ("version", "appVersion"),
    "galaxy.yml": ("version",),
    "galaxy.yaml": ("version",),
    "plugin.yaml": ("version",),
}
"""Files that say at the left margin which version they are themselves."""

_API_DESCRIPTION = re.compile(r"""^\s{0,4}["']?(?:openapi|swagger|asyncapi)["']?[ \t]*:""", re.MULTILINE)
_FORMAT = re.compile(r"""^\s{0,4}["']?version["']?[ \t]*[:=][ \t]*["']?[0-9]++(?:\.[0-9]++)?["']?,?[ \t\r]*$""")
_STATUS = re.compile(r"^status:", re.MULTILINE)
_KIND = re.compile(r"^kind:[ \t]*+(?P<kind>\w++)", re.MULTILINE)
_INSTALLS = re.compile(
    r"""
    \b(?:
        (?P<distribution>
            apk[ \t]+(?:[-\w]+[ \t]+)*?add
            | (?:apt|apt-get|aptitude|yum|dnf|microdnf|zypper)[ \t]+(?:-[-\w=]+[ \t]+)*install
        )
        | (?:pip3?|pipx|npm|pnpm|yarn|gem|cargo|go|conda)[ \t]+(?:-[-\w=]+[ \t]+)*(?:global[ \t]+)?(?:install|add|i)
    )[ \t\\]
    """,
    re.VERBOSE,
)
_NEXT_COMMAND = re.compile(r"[;|&]|(?<!\\)(?<!\\[ \t])\r?\n")
_KEY_AT_MARGIN = re.compile(r"^[A-Za-z]", re.MULTILINE)
_KEY = re.compile(r"""(?:^|[\s{,"'])(?P<key>[A-Za-z][\w./-]*+)["']?[ \t]*:[ \t]*+[{]?[ \t\r]*$""")
_LABELS = frozenset(("labels", "matchLabels", "commonLabels", "podLabels", "selector", "annotations"))
_OF_GRAFANA = re.compile(r"\b(?:gnetId|grafanaCom)\b")
_LOOK_BACK = 2_000
_LINE = 200


class Explainer:
    """Explains the tokens of one file."""

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._name = path[path.rfind("/") + 1 :]

    def explanation(self, token: Token) -> str | None:
        """Why there is nothing to update at a token, or None."""
        return (
            _by_key(token)
            or self._of_file
            or self._of_own_version(token)
            or self._of_matrix(token)
            or self._of_command(token)
            or self._by_place(token)
        )

    @cached_property
    def _of_file(self) -> str | None:
        """What holds for everything in the file."""
        if self._path in FILE_NAMES:
            return _OURS
        if self._name in _FILES:
            return _FILES[self._name]
        if found := next((reason for pattern, reason in _PATHS if pattern.search(self._path)), None):
            return found
        if _API_DESCRIPTION.search(self._text):
            return "a description of an API"
        return self._of_json if ending(self._path) == "json" else None

    @property
    def _of_json(self) -> str | None:
        if '"$schema"' in self._text and "json-schema.org" in self._text:
            return "a JSON schema"
        is_dashboard = '"panels"' in self._text and '"schemaVersion"' in self._text
        return "a dashboard of Grafana" if is_dashboard else None

    def _of_own_version(self, token: Token) -> str | None:
        is_own = token.key in _OWN.get(self._name, ()) and not self._line(token)[:1].isspace()
        if is_own or (token.key == "version" and "ClusterServiceVersion" in self._part(token).kinds):
            return "its own version"
        return None

    def _of_matrix(self, token: Token) -> str | None:
        if not self._may_hold_matrices:
            return None
        start = token.span.start
        keys = _keys_around(self._text[max(0, start - _LOOK_BACK) : start], self._line(token))
        return "one of the versions that a matrix tries" if _MATRIX.search(keys) else None

    def _of_command(self, token: Token) -> str | None:
        """A package that a command installs on the same line, or on those that a backslash continues."""
        start = token.span.start
        installs = [*_INSTALLS.finditer(self._text, max(0, start - _LOOK_BACK), start)]
        if not installs or _NEXT_COMMAND.search(self._text, installs[-1].end(), start):
            return None
        if installs[-1]["distribution"]:
            return "a package of a distribution, of which no datasource knows"
        return "a package that a command installs, which no manager reads"

    def _by_place(self, token: Token) -> str | None:
        line, start = self._line(token), token.span.start
        if _FORMAT.match(line) and not self._name.startswith("values"):
            return str(Meaning.FORMAT.value)
        above = self._text[max(0, start - _LOOK_BACK) : start]
        if "last-applied-configuration" in above[-2 * _LINE :]:
            return "what kubectl applied last"
        if token.key == "version" and _parent(above, line) in _LABELS:
            return str(Meaning.LABEL.value)
        if token.key == "revision" and _OF_GRAFANA.search(self._text, max(0, start - _LINE), start + _LINE):
            return "a dashboard of Grafana"
        part = self._part(token)
        if "CustomResourceDefinition" in part.kinds:
            return "a schema, which describes and deploys nothing"
        return "what a status reports" if part.status.start <= start < part.status.end else None

    @cached_property
    def _may_hold_matrices(self) -> bool:
        """Whether the file is a pipeline with a matrix; an application set has generators of that name."""
        return "apiVersion:" not in self._text and _MATRIX.search(self._text) is not None

    def _line(self, token: Token) -> str:
        """The line of a token, or what stands around it in a very long one."""
        text, (start, end) = self._text, token.span
        line_start = max(text.rfind("\n", max(0, start - _LINE), start) + 1, start - _LINE, 0)
        line_end = text.find("\n", end, end + _LINE)
        return text[line_start : line_end if line_end >= 0 else end + _LINE]

    def _part(self, token: Token) -> "_Part":
        """The document that a token stands in."""
        return self._parts[bisect_right(self._starts, token.span.start) - 1]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.start() + 1 for match in re.finditer("\n---", self._text))]

    @cached_property
    def _parts(self) -> list["_Part"]:
        ends = [*self._starts[1:], len(self._text)]
        return [_part(self._text, start, end) for start, end in zip(self._starts, ends, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What is told about a document without parsing it; ``status`` is empty where there is none."""

    kinds: frozenset[str]
    status: Span


def _part(text: str, start: int, end: int) -> _Part:
    kinds = frozenset(match["kind"] for match in _KIND.finditer(text, start, end))
    status = _STATUS.search(text, start, end)
    if status is None:
        return _Part(kinds=kinds, status=Span(0, 0))
    next_key = _KEY_AT_MARGIN.search(text, status.end(), end)
    return _Part(kinds=kinds, status=Span(status.end(), next_key.start() if next_key else end))


def _by_key(token: Token) -> str | None:
    sense = Meaning.API if token.kind == "API version" else meaning(token.key)
    return str(sense.value) if sense in EXPLANATIONS else None


def _keys_around(above: str, line: str) -> str:
    """The lines above whose mappings the end of ``above`` stands in, and the line up to there."""
    indentation = len(line) - len(line.lstrip())
    found = [above[above.rfind("\n") + 1 :]]
    for each in reversed(above.split("\n")[:-1]):
        content = each.lstrip()
        if content and not content.startswith("#") and len(each) - len(content) < indentation:
            found.append(each)
            indentation = len(each) - len(content)
    return "\n".join(found)


def _parent(above: str, line: str) -> str | None:
    """The key of the mapping that a line, or what stands in braces on it, belongs to."""
    brace = line.rfind("{")
    if brace >= 0:
        match = _KEY.search(line[max(0, brace - 100) : brace + 1])
        return match["key"] if match else None
    indentation = len(line) - len(line.lstrip())
    for each in reversed(above.split("\n")[:-1]):
        if each.strip() and len(each) - len(each.lstrip()) < indentation:
            match = _KEY.search(each)
            return match["key"] if match else None
    return None
