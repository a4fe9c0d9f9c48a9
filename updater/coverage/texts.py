"""Which files are worth a second reading, and their text without comments."""

import re
from fnmatch import translate

_ENDINGS = frozenset((
    "yaml", "yml", "json", "json5", "jsonc", "tf", "tofu", "tfvars", "hcl", "tpl", "gotmpl", "toml", "env", "sh",
    "bash", "zsh", "mk", "cfg", "ini", "properties", "conf", "container", "image", "volume", "pod", "kube",
    "artifact", "groovy", "gradle", "jsonnet", "libsonnet", "cue", "dockerfile", "containerfile", "service",
))  # fmt: skip
_NAME_GLOBS = (
    ".env*", "*dockerfile*", "*containerfile*", "makefile*", "*jenkinsfile*", "kustomization", "justfile",
    ".tool-versions", ".*-version", ".nvmrc", "version", "plugins.txt", ".renovaterc",
)  # fmt: skip
_NAMES = re.compile("|".join(map(translate, _NAME_GLOBS)))
_LOCKS = frozenset(("chart.lock", "requirements.lock", "helmfile.lock"))
_CODE = frozenset((
    "md", "mdx", "rst", "adoc", "html", "go", "py", "js", "ts", "rb", "rs", "java", "kt", "c", "cc", "cpp", "h",
    "cs", "php", "lock",
))  # fmt: skip
"""Files for people and compilers, whatever their names say."""

_LOCK_GLOBS = (
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock*", "composer.lock",
    "pipfile.lock", "poetry.lock", "pdm.lock", "uv.lock", "cargo.lock", "gemfile.lock", "go.sum", "flake.lock",
    "deno.lock", "mix.lock", "*.lock.json", "*.lock.yml", "*.lock.yaml", "*-lock.json", "*-lock.yaml", "*.min.*",
    "*.map",
)  # fmt: skip
_LANGUAGE_LOCKS = re.compile("|".join(map(translate, _LOCK_GLOBS)))
_WITH_SLASHES = frozenset((
    "json", "json5", "jsonc", "tf", "tofu", "tfvars", "hcl", "groovy", "gradle", "jenkinsfile", "jsonnet", "libsonnet",
    "cue",
))  # fmt: skip
_WITHOUT_HASHES = frozenset(("json", "json5", "jsonc", "groovy", "gradle", "jenkinsfile", "cue"))
_TEMPLATE_COMMENT = re.compile(r"\{\{-?[ \t]*+/\*")
_BLOCK_COMMENT = re.compile(r"(?<!\S)/\*")
_VISIBLE = re.compile(r"[^\s]+")
_LOOK_BACK = 300


def ending(path: str) -> str:
    """What follows the last dot of the file's name, in lower case; the whole name if there is none."""
    return path[path.rfind("/") + 1 :].lower().rpartition(".")[2]


def is_worth_reading(path: str) -> bool:
    """Whether a file looks like configuration, by its name."""
    name = path[path.rfind("/") + 1 :].lower()
    is_known = name in _LOCKS or ending(path) in _ENDINGS or _NAMES.match(name) is not None
    return is_known and not is_left_out(path)


def is_left_out(path: str) -> bool:
    """Whether a file is written for people, a compiler or the package manager of a language."""
    name = path[path.rfind("/") + 1 :].lower()
    return name not in _LOCKS and (ending(path) in _CODE or _LANGUAGE_LOCKS.match(name) is not None)


def visible(path: str, text: str) -> str:
    """``text`` with blanks of the same length in place of comments."""
    kind = ending(path)
    if "{{" in text and "/*" in text:
        text = _without_blocks(text, _TEMPLATE_COMMENT)
    if kind in _WITH_SLASHES:
        text = _without_lines(_without_blocks(text, _BLOCK_COMMENT), "//")
    return text if kind in _WITHOUT_HASHES else _without_lines(text, "#")


def _without_blocks(text: str, opening: re.Pattern[str]) -> str:
    """``text`` without what stands from ``opening`` to the next ``*/``."""
    pieces: list[str] = []
    done = 0
    start = opening.search(text)
    while start is not None:
        end = text.find("*/", start.end()) + 2
        if end == 1:
            break
        pieces += text[done : start.start()], _VISIBLE.sub(lambda word: " " * len(word[0]), text[start.start() : end])
        done = end
        start = opening.search(text, end)
    return "".join((*pieces, text[done:])) if pieces else text


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
