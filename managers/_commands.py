"""What commands of shells name with a version: charts that helm installs, images that docker runs, kustomizations.

A command is read word by word, as far as that takes no shell: variables are followed to where the file sets them, and
what only a shell could tell (a word that a function makes, say) ends the reading.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from msgspec import Struct

from managers._composed import VARIABLE, Piece, Pieces, composed, composed_image, contributions, moving, text_of
from managers._downloads import Download
from managers._git import git_package, revision
from managers._helm import chart_package, is_alias
from managers._images import SCATTERED
from updater.api import Extracted, Package, Skipped, SourceFile, Span, dependency, parse_image, skipped

MARKERS: tuple[str, ...] = (
    *("helm upgrade", "helm install", "helm template", "helm plugin install", "helm pull"),
    *("docker run", "docker pull", "podman run", "podman pull", "nerdctl run", "ER) run", "OL) run", "NE) run"),
    *("--image", "?ref="),
)
"""One of these stands in nearly every file with a command that is read."""

_COMMAND = re.compile(
    r"(?<![\w./-])(?P<program>helm|docker|podman|nerdctl|kubectl|oc|kustomize|kind|k3d"
    r"|\$[({](?:\w*(?:DOCKER|CONTAINER|PODMAN)\w*+|HELM|KUBECTL|KUSTOMIZE|KIND)[)}])[ \t]++(?=[\w-])"
)
_BEFORE = re.compile(
    r"""(?:^|[;&|({!`@]|-[ ]|(?:^|\s)-|\$\(\w\)|=\S*
    |(?:^|[\s;&|])(?:sudo|then|do|else|if|while|until|exec|time|command)
    |(?:^|[\s"'{,-])(?:run|script|cmds?|commands?|sh|before_script|after_script):(?:[ ][|>][+-]?)?)
    [ \t]*["'\[]*[ \t]*\Z""",
    re.VERBOSE,
)
"""What may stand before a command on its line."""
_MAX_BEFORE = 200
_WORD = re.compile(
    r"""(?:[^\s"'`;|&<>(){}\[\]\\$]|\\[^\n]|"(?:[^"\\\n]|\\[^\n]){0,1000}+"|'[^'\n]{0,1000}+'
    |\$?\{\{[^}\n]{0,200}+\}\}|\$\{[^}\n]{0,200}+\}|\$\([^()\n]{0,200}+\)|\$)++""",
    re.VERBOSE,
)
_GAP = re.compile(r"(?:[ \t]|\\\r?\n)++")
_MAX_WORDS, _MAX_COMMANDS = 100, 10_000
_TAG = re.compile(r"(?:^|[:@=])[^:/$]*\d")

_LONE_OPTIONS = """
    -d -i -t --rm --privileged --init --read-only --interactive --tty --detach -P --publish-all -q --quiet
    --no-healthcheck --oom-kill-disable --sig-proxy --replace --tls-verify --all-tags -a --install
    --create-namespace --wait --wait-for-jobs --atomic --devel --debug --generate-name -g --reuse-values
    --reset-values --reset-then-reuse-values --force --cleanup-on-fail --skip-crds --include-crds --untar
    --no-hooks --dependency-update --disable-openapi-validation --render-subchart-notes
    --insecure-skip-tls-verify --verify --plain-http --pass-credentials --dry-run --rollback-on-failure
    --hide-notes --take-ownership --force-update --allow-unreleased --no-color --is-upgrade --prod
    --skip-schema-validation --skip-tests --no-update
"""
_LONE = frozenset(_LONE_OPTIONS.split())
"""Options of docker, podman and helm without a value behind them."""
_LETTERS = re.compile(r"-[ditPq]+")


class _Word(Struct, frozen=True, kw_only=True):
    """A word of a command: where it stands, and what it amounts to."""

    at: Piece
    pieces: Pieces

    @property
    def text(self) -> str:
        return text_of(self.pieces)


class _Command(Struct, frozen=True, kw_only=True):
    """A command: the words that are no options, and the options that have a value."""

    program: str
    words: tuple[_Word, ...]
    options: Mapping[str, _Word]


def commands(file: SourceFile, values: Callable[[int], Mapping[str, Pieces]], *, manager: str) -> Iterator[Extracted]:
    """The charts, images and kustomizations in the commands of a script.

    ``values`` tells what the variables hold at a place of the file; the places are asked for in their order.
    """
    found = list(_commands(file, values))
    reading = _Reading(manager=manager, repositories=dict(_added(found)), built=frozenset(_built(found)))
    for command in found:
        for item in reading.items(command):
            if not (isinstance(item, Skipped) and item.reason == VARIABLE and not _shows_version(file, item)):
                yield item


def _shows_version(file: SourceFile, item: Skipped) -> bool:
    """Whether a part of the version is written where the item is: else the script is handed it."""
    return item.span is not None and _TAG.search(file.text[slice(*item.span)]) is not None


# ---------------------------------------------------------------- taking commands apart


def _commands(file: SourceFile, values: Callable[[int], Mapping[str, Pieces]]) -> Iterator[_Command]:
    text, end = file.text, 0
    for start in islice(_COMMAND.finditer(text), _MAX_COMMANDS):
        before = text[max(0, start.start() - _MAX_BEFORE) : start.start()].rpartition("\n")[2]
        if start.start() < end or before.lstrip().startswith("#") or not _BEFORE.search(before):
            continue
        words, end = _words(file, start.end(), values(start.start()))
        yield _command(start["program"].strip("$(){}").lower(), words)


def _words(file: SourceFile, start: int, values: Mapping[str, Pieces]) -> tuple[list[_Word], int]:
    """The words of a command from ``start`` on, and where it ends."""
    found: list[_Word] = []
    while len(found) < _MAX_WORDS and (word := _WORD.match(file.text, start)):
        span = Span(word.start(), word.end() - word[0].endswith(","))  # the next element of a list of YAML
        pieces = composed(file, span, values, is_quoted=True)
        is_redirected = word[0].isdigit() and file.text.startswith((">", "<"), word.end())
        if word[0].startswith("#") or is_redirected:
            break
        if pieces:
            found.append(_Word(at=Piece(file=file, span=span), pieces=pieces))
        gap = _GAP.match(file.text, word.end()) if span.end == word.end() else None
        start = gap.end() if gap else word.end()
        if gap is None:
            break
    return found, start


def _command(program: str, words: list[_Word]) -> _Command:
    rest, others, options = list(reversed(words)), list[_Word](), dict[str, _Word]()
    while rest:
        word = rest.pop()
        text = word.text
        name, equals, _ = text.partition("=")
        if not text.startswith("-") or text == "-":
            others.append(word)
        elif equals:
            options[name] = _Word(at=word.at, pieces=contributions(word.pieces, Span(len(name) + 1, len(text))))
        elif not _is_alone(text, others) and rest and not rest[-1].text.startswith("-"):
            options[text] = rest.pop()
        if program not in ("helm", "kubectl", "oc") and len(others) == 2 and others[0].text == "run":
            break  # what follows is the command in the container
    return _Command(program=program, words=tuple(others), options=options)


def _is_alone(option: str, words: list[_Word]) -> bool:
    """Whether an option has no value behind it: it needs none, or is one letter with the value at once (``-p80``)."""
    if option == "-t" and words and words[-1].text == "build":
        return False
    is_joined = not option.startswith("--") and len(option) > 2
    return option in _LONE or _LETTERS.fullmatch(option) is not None or (is_joined and not option[1:].isalpha())


def _added(found: list[_Command]) -> Iterator[tuple[str, str]]:
    """The repositories that the script gives names to."""
    for command in found:
        texts = [word.text for word in command.words]
        if command.program == "helm" and texts[:2] == ["repo", "add"] and len(texts) == 4:
            yield texts[2], texts[3]


def _built(found: list[_Command]) -> Iterator[str]:
    """The images that the script makes."""
    for command in found:
        texts = [word.text for word in command.words]
        if texts[:1] == ["tag"] or texts[:2] == ["image", "tag"]:
            yield texts[-1]
        elif "build" in texts[:2]:
            yield from (command.options[name].text for name in ("-t", "--tag") if name in command.options)


# ---------------------------------------------------------------- reading them


class _Reading(Struct, frozen=True, kw_only=True):
    """What the commands of one script name."""

    manager: str
    repositories: Mapping[str, str]
    built: frozenset[str]

    def items(self, command: _Command) -> Iterator[Extracted]:
        """What has a version in one command."""
        if command.program.startswith("helm"):
            yield from self._of_helm(command)
        elif command.program.startswith(("kubectl", "oc", "kind", "k3d", "kustomize")):
            if image := command.options.get("--image"):
                yield from self._image(image)
            for word in (*command.words, *command.options.values()):
                if "?ref=" in word.text and command.program.startswith(("kubectl", "oc", "kustomize")):
                    yield from Download(
                        manager=self.manager,
                        address=word.pieces,
                        at=word.at,
                        dep_type="kustomization",
                        is_directory=True,
                    ).known()
        elif len(command.words) > 1 and command.words[0].text in ("run", "pull", "create"):
            yield from self._image(command.words[1])

    def _image(self, word: _Word) -> Iterator[Extracted]:
        reference = parse_image(word.text)
        if word.text in self.built or (reference and not (reference.tag or reference.digest)):
            return
        is_numbered = reference is None or reference.digest or any(map(str.isdigit, reference.tag or ""))
        if is_numbered or (
            reference and "/" in reference.name
        ):  # "shop:latest" is what somebody has built under that name
            yield from composed_image(word.pieces, manager=self.manager, at=word.at, dep_type="image")

    def _of_helm(self, command: _Command) -> Iterator[Extracted]:
        words = [word for word in command.words if word.text not in ("secrets", "diff")]
        verb = words[0].text if words else ""
        version = command.options.get("--version")
        if version is None or not any(map(str.isdigit, version.text)):
            return
        if verb == "plugin" and len(words) == 3:
            yield from self._plugin(words[2], version)
        elif verb in ("upgrade", "install", "template", "pull", "fetch") and len(words) > 1:
            repository = command.options.get("--repo")
            yield from self._chart(words[-1].text, repository.text if repository else None, version)

    def _chart(self, chart: str, repository: str | None, version: _Word) -> Iterator[Extracted]:
        if repository is None:
            place, _, chart = chart.rpartition("/")
            is_address = place.startswith("oci://")
            if not is_address and (place.startswith((".", "/")) or "/" in place or not place):
                return  # a directory
            repository = place if is_address else self.repositories.get(place, f"@{place}")
        package = chart_package(chart, repository)
        reason: str | None
        if isinstance(package, Package) and any(map(is_alias, package.registry_urls)):
            reason = f"no repository called {repository.removeprefix('@')} is added in this file"
        else:
            reason = package if isinstance(package, str) else None
        yield self._moved(chart, package, version, reason or _why_open(chart, repository, version.text), "chart")

    def _plugin(self, address: _Word, version: _Word) -> Iterator[Extracted]:
        package = git_package(address.text)
        if len(version.pieces) == 1:
            at = version.pieces[0]
            yield revision(
                at.file, manager=self.manager, name=package.name, package=package, at=at.span, dep_type="plugin"
            )
        else:
            yield self._moved(package.name, package, version, _why_open(address.text, version.text), "plugin")

    def _moved(self, name: str, package: Package | str, version: _Word, reason: str | None, dep_type: str) -> Extracted:
        moved, pattern = moving(version.pieces)
        if moved is None or reason is not None or isinstance(package, str):
            return skipped(
                version.at.file,
                manager=self.manager,
                reason=reason or SCATTERED,
                at=moved.span if moved else version.at.span,
                name=name,
                datasource=None if isinstance(package, str) else package.datasource,
                dep_type=dep_type,
            )
        return dependency(
            moved.file,
            manager=self.manager,
            name=name,
            package=package,
            value=moved.span,
            versioning="helm" if package.datasource == "docker" else None,
            extract_version=pattern,
            dep_type=dep_type,
        )


def _why_open(*texts: str) -> str | None:
    return VARIABLE if any("$" in text or "{{" in text for text in texts) else None
