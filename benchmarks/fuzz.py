"""Damaged files through a whole scan: nothing raises, nothing hangs, every span hits, every edit is found again.

    python -m benchmarks.fuzz [--minutes 10 | --cases 1000] [--seed 1] [--case N] [--keep DIRECTORY]

A case is a small directory: a few files of the labelled corpus, of the managers' tests or of the demo, one of them
mutated, spliced, truncated, made long or deep. It is scanned with all managers, linking included, and checked. The
same seed and number always make the same case, as long as these files stay as they are: ``--case N`` runs one again.
Of the findings that look alike, the first one is kept in DIRECTORY, with its traceback and the whole directory.
"""

import argparse
import random
import re
import shlex
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from benchmarks.mutations import mutated
from updater import plugins
from updater.api import CustomManager, Manager
from updater.config import Config, load
from updater.edit import replace
from updater.errors import ConfigError
from updater.model.scan import Dependency, Edit, LockEntry, Scan, Skipped, Span
from updater.scan import scan

ROOT = Path(__file__).parents[1]
SECONDS = 2.0
"""How much CPU time one scan may take; a file of ``mutations.MAX_SIZE`` needs a fraction of it."""

_NEIGHBOURS = 4
_EDITED_SHARE = 0.5
_CUSTOM_SHARE = 0.1
_CUSTOM = b"""{"customManagers": [
  {"customType": "yaml", "managerFilePatterns": ["**/*.{yaml,yml,json}"], "datasourceTemplate": "docker",
   "paths": ["**.image", "**.*.image", "**.containers[*].image", "[kind=Deployment].spec.**[name=web].image"]},
  {"customType": "yaml", "managerFilePatterns": ["**/*.{yaml,yml,json}"], "datasourceTemplate": "helm",
   "paths": ["**.version", "**.*[0].version"], "depNameTemplate": "{{{name}}}"},
  {"customType": "regex", "managerFilePatterns": ["**"], "datasourceTemplate": "docker",
   "matchStrings": ["image: (?<depName>[^\\\\s:]+):(?<currentValue>\\\\S+)"]}
]}"""
_DIGITS = str.maketrans("0123456789", "1234567890")
_DIRECTED = frozenset(("kubernetes-api", "git-refs"))
"""Datasources whose values are not made of digits alone, or mean something: other digits may mean nothing."""


# ---------------------------------------------------------------- cases


Files = Mapping[str, bytes]


def groups() -> dict[str, Files]:
    """The directories that cases are made of: name → path → content."""
    corpus, tests = ROOT / "tests" / "corpus" / "repositories", ROOT / "tests" / "managers"
    directories = [*corpus.iterdir(), *tests.iterdir(), ROOT / "updater" / "demo" / "repository"]
    found = {path.relative_to(ROOT).as_posix(): _files(path) for path in sorted(directories) if path.is_dir()}
    return {name: files for name, files in found.items() if files}


def _files(directory: Path) -> Files:
    paths = (path for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink())
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in paths
        if path.suffix not in (".py", ".pyc")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A directory of which the file at ``path`` is not as it was. ``history`` says what was done to it."""

    number: int
    group: str
    path: str
    files: Files
    history: str
    chance: random.Random = field(repr=False)


def case(seed: int, number: int, sources: Mapping[str, Files]) -> Case:
    """The case with this number, always the same one."""
    chance = random.Random(f"{seed}/{number}")
    group = chance.choice(sorted(sources))
    files = sources[group]
    path = chance.choice(sorted(files))
    neighbours = chance.sample(sorted(files), min(_NEIGHBOURS, len(files)))
    other_group = sources[chance.choice(sorted(sources))]
    other = other_group[chance.choice(sorted(other_group))]
    data, history = mutated(chance, files[path], other)
    chosen = {name: files[name] for name in neighbours} | {path: data}
    if chance.random() < _CUSTOM_SHARE:
        chosen.setdefault("renovate.json", _CUSTOM)
    return Case(number=number, group=group, path=path, files=chosen, history=history, chance=chance)


class MemoryTree:
    """Files that lie nowhere; meets ``updater.api.Tree``."""

    home, commit, state = "memory", None, None

    def __init__(self, files: Files) -> None:
        self._files = files

    def files(self) -> Sequence[str]:
        return sorted(self._files)

    def links(self) -> Mapping[str, str]:
        return {}

    def size(self, path: str) -> int:
        return len(self._files[path])

    def identity(self, _path: str) -> str | None:
        return None

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self._files[path]) for path in paths if path in self._files)


# ---------------------------------------------------------------- checks


class TooSlow(BaseException):
    """A scan took too long; no ``except Exception`` holds it up."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise ``TooSlow`` where the program is after ``seconds`` of CPU time, also inside of a regular expression."""

    def raise_(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, raise_)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a case: ``place`` is the manager or the line of code, ``details`` are for who repairs it."""

    kind: str
    place: str
    details: str


class Laboratory:
    """Scans cases with some managers and says what is wrong."""

    def __init__(
        self,
        managers: Mapping[str, Manager],
        custom_managers: Mapping[str, CustomManager],
        seconds: float = SECONDS,
    ) -> None:
        self._managers, self._custom_managers, self._seconds = managers, custom_managers, seconds
        self.counts: Counter[str] = Counter()

    def problems(self, one: Case) -> list[Problem]:
        """All that is wrong with a case."""
        self.counts["cases"] += 1
        try:
            found = self._scan(one.files)
            problems = [problem for item in found for problem in misplaced(item, one.files)]
            problems += overlaps(found)
            if not problems and one.chance.random() < _EDITED_SHARE:
                problems += self._edited(one, found)
        except (Exception, TooSlow) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            return [_raised(error)]
        return problems

    def _scan(self, files: Files) -> list[Dependency | LockEntry | Skipped]:
        try:
            found = self._timely(files)
        except TooSlow:  # perhaps only because the machine was busy: what is slow is so again
            found = self._timely(files)
        self.counts["dependencies"] += len(found.dependencies)
        self.counts["rows with a reason"] += len(found.skipped)
        return _everything(found)

    def _timely(self, files: Files) -> Scan:
        with cpu_limit(self._seconds):
            tree = MemoryTree(files)
            return scan(tree, self._config(tree), self._managers, self._custom_managers)

    def _config(self, tree: MemoryTree) -> Config:
        try:
            return load(tree, managers=self._managers.keys())
        except ConfigError:  # the mutated file is the configuration
            return load(MemoryTree({}), managers=self._managers.keys())

    def _edited(self, one: Case, found: Sequence[object]) -> list[Problem]:
        """Give one dependency of the mutated file another value, and look for it."""
        candidates = [item for item in found if isinstance(item, Dependency) and _is_editable(item, one.path)]
        if not candidates:
            return []
        self.counts["edits"] += 1
        item = one.chance.choice(candidates)
        assert item.span is not None
        assert item.current_value is not None
        version, plus, build = item.current_value.partition("+")
        value = version.translate(_DIGITS) + plus + build  # what stands behind + may name a program: k3s1
        before = one.files[one.path]
        edit = Edit(path=one.path, span=item.span, text=value)
        after = replace(_text(before), [edit]).encode(errors="surrogateescape")
        if not _is_only_change(before, after, item.span, value):
            return [Problem(kind="edit", place=item.manager, details=f"other bytes changed as well: {item}")]
        again = self._scan({**one.files, one.path: after})
        if any(isinstance(each, Dependency) and _is_again(each, item, value) for each in again):
            return []
        return [Problem(kind="edit", place=item.manager, details=f"not found again as {value!r}: {item}")]


def _everything(found: Scan) -> list[Dependency | LockEntry | Skipped]:
    return [*found.dependencies, *found.locks, *found.skipped]


def misplaced(item: Dependency | LockEntry | Skipped, files: Files) -> Iterator[Problem]:
    """What is wrong with the places of an item."""
    places = [(span, value) for span, value in _places(item) if span is not None or value is not None]
    if not places:
        return
    text = _text(files[item.path])
    for span, value in places:
        if span is None or not 0 <= span.start <= span.end <= len(text):
            yield Problem(kind="span", place=item.manager or "-", details=f"{span} is outside of the text: {item}")
        elif value is not None and text[span.start : span.end] != value:
            details = f"{text[span.start : span.end]!r} stands at {span}, not {value!r}: {item}"
            yield Problem(kind="span", place=item.manager or "-", details=details)
    first = places[0][0]
    if first is not None and item.line != text.count("\n", 0, first.start) + 1:
        yield Problem(kind="line", place=item.manager or "-", details=f"{first} is not in line {item.line}: {item}")


def _places(item: Dependency | LockEntry | Skipped) -> list[tuple[Span | None, str | None]]:
    match item:
        case Dependency():
            return [(item.span, item.current_value), (item.digest_span, item.current_digest)]
        case LockEntry():
            spans = [(item.version_span, item.version), (item.constraints_span, item.constraints)]
            return [*spans, (item.hashes_span, None)]
        case Skipped():
            return [(item.span, item.current_value)] if item.span else []


def overlaps(found: Sequence[object]) -> Iterator[Problem]:
    """Dependencies of one file that claim the same characters."""
    last: dict[str, tuple[Span, Dependency]] = {}
    places = [
        (item.path, span, item)
        for item in found
        if isinstance(item, Dependency)
        for span in (item.span, item.digest_span)
        if span is not None
    ]
    for path, span, item in sorted(places, key=lambda place: place[:2]):
        before = last.get(path)
        if before is not None and span.start < before[0].end:
            details = f"overlaps: {before[1]} and {item}"
            yield Problem(kind="overlap", place=f"{before[1].manager} {item.manager}", details=details)
        last[path] = (span, item)


def _is_editable(item: Dependency, path: str) -> bool:
    has_digits = re.search("[0-9]", item.current_value or "") is not None
    return item.path == path and item.span is not None and has_digits and item.package.datasource not in _DIRECTED


def _is_only_change(before: bytes, after: bytes, span: Span, value: str) -> bool:
    text = _text(before)
    head, tail = (part.encode(errors="surrogateescape") for part in (text[: span.start], text[span.end :]))
    return after == head + value.encode(errors="surrogateescape") + tail and before.startswith(head)


def _is_again(each: Dependency, item: Dependency, value: str) -> bool:
    return (each.path, each.span, each.current_value) == (item.path, item.span, value)


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


def _raised(error: BaseException) -> Problem:
    """The problem that an exception is; its place is where our code was, for a slow one the way to it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    is_slow = isinstance(error, TooSlow)
    if is_slow:
        modules = dict.fromkeys(Path(frame.filename).stem for frame in frames if not frame.name.startswith("<"))
        place = " > ".join(module for module in modules if module not in ("scan", "_manifests", "_yaml")) or "scan"
    else:
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "-"
    details = "".join(traceback.format_exception(error))
    return Problem(kind="slow" if is_slow else type(error).__name__, place=place, details=details)


def _is_ours(filename: str) -> bool:
    return filename.startswith((f"{ROOT}/managers/", f"{ROOT}/updater/"))


# ---------------------------------------------------------------- the program


@dataclass(slots=True, kw_only=True)
class Findings:
    """The problems met so far, alike ones counted together; the first of each is kept in ``directory``."""

    directory: Path
    command: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, one: Case, problem: Problem) -> None:
        """Note a problem, and keep its case if it is new."""
        key = (problem.kind, problem.place)
        self.counts[key] += 1
        if self.counts[key] == 1:
            place = self._keep(one, problem)
            print(f"{problem.kind} in {problem.place}: {one.group}/{one.path} → {place}", flush=True)

    def _keep(self, one: Case, problem: Problem) -> Path:
        name = re.sub(r"[^\w.-]+", "_", f"{problem.kind}-{problem.place}")
        place = self.directory / name
        for path, data in one.files.items():
            target = place / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        again = f"{self.command} --case {one.number}"
        lines = (f"{one.group}/{one.path}: {one.history}", f"again: {again}", "", problem.details, "")
        (place / "problem.txt").write_text("\n".join(lines), errors="backslashreplace")
        return place

    def lines(self) -> Iterator[str]:
        """What was found, the most frequent first."""
        for (kind, place), count in self.counts.most_common():
            yield f"{count:6} times {kind} in {place}"


def run(
    laboratory: Laboratory, findings: Findings, seed: int, numbers: Iterator[int], is_over: Callable[[], bool]
) -> None:
    """Check case after case until there are no more numbers or it is over."""
    sources = groups()
    for number in numbers:
        if is_over():
            return
        one = case(seed, number, sources)
        for problem in laboratory.problems(one):
            findings.add(one, problem)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--cases", type=int, help="stop after so many cases instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="only this one, with its history")
    parser.add_argument("--keep", type=Path, help="where to keep what is found (default: a new directory)")
    options = parser.parse_args()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    findings = Findings(
        directory=keep, command=shlex.join(("python", "-m", "benchmarks.fuzz", f"--seed={options.seed}"))
    )
    laboratory = Laboratory(plugins.managers(), plugins.custom_managers())
    until = time.monotonic() + 60 * options.minutes
    first, last = (0, options.cases or sys.maxsize) if options.case is None else (options.case, options.case + 1)
    is_endless = options.cases is None and options.case is None
    run(laboratory, findings, options.seed, iter(range(first, last)), lambda: is_endless and time.monotonic() > until)
    print(", ".join(f"{count:,} {name}" for name, count in laboratory.counts.items()), f"(seed {options.seed})")
    print(*findings.lines(), sep="\n")
    sys.exit(1 if findings.counts else 0)


if __name__ == "__main__":
    main()
