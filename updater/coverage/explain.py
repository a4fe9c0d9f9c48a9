"""Why a token that no manager knows may be nothing to update: what its key, its file and its surroundings say."""

import re

from updater.config import FILE_NAMES
from updater.coverage.keys import EXPLANATIONS, Meaning, meaning
from updater.coverage.texts import ending
from updater.coverage.tokens import Token

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
}
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
_STATUS = re.compile(r"^(?:status:|---)", re.MULTILINE)
_KEY = re.compile(r"""(?:^|[\s{,"'])(?P<key>[A-Za-z][\w./-]*+)["']?[ \t]*:[ \t]*+[{]?[ \t\r]*$""")
_LABELS = frozenset(("labels", "matchLabels", "commonLabels", "podLabels", "selector", "annotations"))
_LOOK_BACK = 2_000


def explanation(path: str, text: str, token: Token) -> str | None:
    """Why there is nothing to update at a token, or None."""
    return _by_key(token) or _by_file(path, text, token) or _by_place(path, text, token)


def _by_key(token: Token) -> str | None:
    sense = Meaning.API if token.kind == "API version" else meaning(token.key)
    return str(sense.value) if sense in EXPLANATIONS else None


def _by_file(path: str, text: str, token: Token) -> str | None:
    name = path[path.rfind("/") + 1 :]
    if path in FILE_NAMES:
        return _OURS
    if name in _FILES:
        return _FILES[name]
    if name in _OWN and token.key in _OWN[name] and _is_at_margin(text, token):
        return "its own version"
    if token.key == "version" and "ClusterServiceVersion" in text:
        return "its own version"
    return _by_content(path, text)


def _by_content(path: str, text: str) -> str | None:
    if _API_DESCRIPTION.search(text):
        return "a description of an API"
    if ending(path) != "json":
        return None
    if '"$schema"' in text and "json-schema.org" in text:
        return "a JSON schema"
    return "a dashboard of Grafana" if '"panels"' in text and '"schemaVersion"' in text else None


def _by_place(path: str, text: str, token: Token) -> str | None:
    line_start = text.rfind("\n", 0, token.span.start) + 1
    line_end = text.find("\n", token.span.end)
    line = text[line_start : len(text) if line_end < 0 else line_end]
    if len(line) < 200 and _FORMAT.match(line) and not path.rpartition("/")[2].startswith("values"):
        return str(Meaning.FORMAT.value)
    if "last-applied-configuration" in text[max(0, line_start - 100) : token.span.start]:
        return "what kubectl applied last"
    above = text[max(0, line_start - _LOOK_BACK) : line_start]
    if token.key == "version" and _parent(above, line) in _LABELS:
        return str(Meaning.LABEL.value)
    if _document(text, line_start).find("\nkind: CustomResourceDefinition") >= 0:
        return "a schema, which describes and deploys nothing"
    return "what a status reports" if _is_in_status(text, line_start) else None


def _is_at_margin(text: str, token: Token) -> bool:
    """Whether the line of a token has no indentation."""
    start = text.rfind("\n", 0, token.span.start) + 1
    return not text[start : start + 1].isspace()


def _document(text: str, position: int) -> str:
    """The YAML document around a place, with the line break in front of it."""
    start = max(text.rfind("\n---", 0, position), 0)
    end = text.find("\n---", position)
    return "\n" + text[start : len(text) if end < 0 else end]


def _is_in_status(text: str, position: int) -> bool:
    """Whether a place belongs to the ``status`` of a document."""
    at = max(text.rfind("\nstatus:", 0, position), text.rfind("\n---", 0, position))
    return at >= 0 and text.startswith("\nstatus:", at) and _is_still_indented(text, at + 8, position)


def _is_still_indented(text: str, start: int, end: int) -> bool:
    return re.search(r"^[A-Za-z]", text[start:end], re.MULTILINE) is None


def _parent(above: str, line: str) -> str | None:
    """The key of the mapping that a line, or what stands in braces on it, belongs to."""
    brace = line.rfind("{")
    if brace >= 0:
        match = _KEY.search(line[max(0, brace - 100) : brace + 1])
        return match["key"] if match else None
    indentation = len(line) - len(line.lstrip())
    for each in reversed(above.split("\n")):
        if each.strip() and len(each) - len(each.lstrip()) < indentation:
            match = _KEY.search(each)
            return match["key"] if match else None
    return None
