"""Which files are worth a second reading, and their text without comments."""

import re
from fnmatch import translate

_ENDINGS = frozenset(
    "yaml yml json json5 jsonc tf tofu tfvars hcl tpl gotmpl toml env sh bash zsh mk cfg ini properties conf container "
    "image volume pod kube artifact groovy gradle jsonnet libsonnet cue dockerfile containerfile service".split()
)
_NAMES = re.compile(
    "|".join(
        map(
            translate,
            (".env*", "*dockerfile*", "*containerfile*", "makefile*", "*jenkinsfile*", "kustomization", "justfile", ".tool-versions", ".*-version", ".nvmrc", "version", "chart.lock", "requirements.lock", "helmfile*.lock", "plugins.txt", ".renovaterc"),
        )
    )
)  # fmt: skip
_PROSE = frozenset("md mdx markdown rst adoc txt html".split())
_LANGUAGE_LOCKS = re.compile(
    "|".join(
        map(
            translate,
            ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock*", "composer.lock", "pipfile.lock", "poetry.lock", "pdm.lock", "uv.lock", "cargo.lock", "gemfile.lock", "go.sum", "flake.lock", "deno.lock", "mix.lock", "*.lock.json", "*.lock.yml", "*.lock.yaml", "*-lock.json", "*-lock.yaml", "*.min.*", "*.map"),
        )
    )
)  # fmt: skip
_WITH_SLASHES = frozenset(("json5", "jsonc", "tf", "tofu", "tfvars", "hcl", "groovy", "gradle", "jsonnet", "libsonnet", "cue"))
_TEMPLATE_COMMENT = re.compile(r"\{\{-?[ \t]*+/\*(?:[^*]|\*(?!/))*+\*/")
_BLOCK_COMMENT = re.compile(r"(?<![^\s])/\*(?:[^*]|\*(?!/))*+\*/")
_VISIBLE = re.compile(r"[^\s]+")
_LOOK_BACK = 300


def ending(path: str) -> str:
    """What follows the last dot of the file's name, in lower case; the whole name if there is none."""
    return path[path.rfind("/") + 1 :].lower().rpartition(".")[2]


def is_worth_reading(path: str) -> bool:
    """Whether a file looks like configuration, by its name."""
    name = path[path.rfind("/") + 1 :].lower()
    if _LANGUAGE_LOCKS.match(name) or is_prose(path):
        return False
    return ending(path) in _ENDINGS or _NAMES.match(name) is not None


def is_prose(path: str) -> bool:
    """Whether a file is written for people; plugins.txt is a list."""
    return ending(path) in _PROSE and not path.endswith("plugins.txt")


def is_lock(path: str) -> bool:
    """Whether a file is what the package manager of a language, or a compiler, wrote."""
    return _LANGUAGE_LOCKS.match(path[path.rfind("/") + 1 :].lower()) is not None


def visible(path: str, text: str) -> str:
    """``text`` with blanks of the same length in place of comments."""
    kind = ending(path)
    if "{{" in text and "/*" in text:
        text = _TEMPLATE_COMMENT.sub(_blank, text)
    if kind in _WITH_SLASHES:
        text = _without_lines(_BLOCK_COMMENT.sub(_blank, text), "//") if "/" in text else text
    return text if kind == "json" else _without_lines(text, "#")


def _blank(match: re.Match[str]) -> str:
    return _VISIBLE.sub(lambda word: " " * len(word[0]), match[0])


def _without_lines(text: str, mark: str) -> str:
    """``text`` without what stands from ``mark`` to the end of a line, where it begins a comment."""
    pieces: list[str] = []
    done = 0
    at = text.find(mark)
    while at >= 0:
        end = at + 1
        if _begins_comment(text, at):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            pieces += text[done:at], " " * (end - at)
            done = end
        at = text.find(mark, end)
    return "".join((*pieces, text[done:])) if pieces else text


def _begins_comment(text: str, at: int) -> bool:
    """A comment begins a line or follows a blank, outside of double quotes."""
    if at and text[at - 1] not in " \t\n":
        return False
    bound = max(0, at - _LOOK_BACK)
    before = text[max(text.rfind("\n", bound, at) + 1, bound) : at]
    return before.count('"') % 2 == 0
