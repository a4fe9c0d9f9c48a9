"""What deciding costs: processor time for each package and for each further dependency of it, and memory.

Run it as ``python -m benchmarks.decide``; ``python -m benchmarks.decide --memory`` in a process of its own measures the
second part alone. Targets: a package with 900 tags under 3 ms, a further dependency of it under 1 ms, and 2,000
packages with 500 tags each under 250 MB. The first line says what it takes to read 900 tags one by one, as a measure
of the machine at that moment.
"""

import gc
import random
import resource
import sys
from collections.abc import Callable, Sequence
from time import process_time

from updater.config import Policy
from updater.decide import decide_all
from updater.model.lookup import Release, Releases
from updater.model.scan import Dependency, Package, Span
from updater.model.track import Tracked, UpdateType
from updater.versioning.docker import SCHEME

TAGS, PACKAGES = 900, 40
VARIANTS = ("", "-alpine", "-alpine3.{}", "-bookworm", "-debian-12-r{}", "-rc.{}")
POLICY = Policy()


def tags(source: random.Random, count: int) -> list[str]:
    """Distinct tags as a large repository on Docker Hub has them: floating ones, variants, prereleases, dates."""
    found: dict[str, None] = {"latest": None, "20.04.1": None, "2024.01.15": None}
    while len(found) < count:
        major, minor, patch = source.randrange(12), source.randrange(30), source.randrange(30)
        for version in (f"{major}.{minor}", f"{major}.{minor}.{patch}"):
            found.update(dict.fromkeys(version + variant.format(source.randrange(20)) for variant in VARIANTS))
    return source.sample(list(found), count)


def one_family(source: random.Random, count: int) -> list[str]:
    """Distinct tags that all follow each other, so that an old one has the most to choose from."""
    return [f"{n // 100}.{n // 10 % 10}.{n % 10}" for n in source.sample(range(2_000), count)]


def releases(versions: Sequence[str]) -> Releases:
    return Releases(releases=tuple(Release(version=version) for version in versions))


def tracked(package: Package, value: str, line: int) -> Tracked:
    dependency = Dependency(
        manager="kubernetes",
        path="apps/api.yaml",
        line=line,
        name=package.name,
        package=package,
        current_value=value,
        span=Span(0, len(value)),
        pinnable=True,
    )
    return Tracked(dependency=dependency, package=package, name=package.name, versioning="docker", policy=POLICY)


def policy_for(_tracked: Tracked, _kind: UpdateType, _version: str, _value: str | None) -> Policy:
    return POLICY


def milliseconds(work: Callable[[], object]) -> float:
    """The least time of five, in milliseconds of the processor."""
    times = []
    for _ in range(5):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times) * 1_000


def measure_time(count: int, tags_each: int) -> None:
    """One dependency of each package, and then ten more with other values: the difference is what those cost."""
    source = random.Random(1)
    offered = {Package(datasource="docker", name=f"acme/app-{n}"): tags(source, tags_each) for n in range(count)}
    answers = {package: releases(versions) for package, versions in offered.items()}
    values = {
        package: source.sample([each for each in found if each != "latest"], 11) for package, found in offered.items()
    }
    everything = [tracked(package, value, 1) for package, found in values.items() for value in found]
    firsts = everything[::11]
    reading = milliseconds(lambda: [SCHEME.single(tag) for found in offered.values() for tag in found]) / count
    one = milliseconds(lambda: decide_all(firsts, answers, policy_for, by_version=False)) / count
    eleven = milliseconds(lambda: decide_all(everything, answers, policy_for, by_version=False)) / count
    looked_at = milliseconds(lambda: _look(decide_all(everything, answers, policy_for, by_version=False))) / count
    same = [tracked(package, values[package][0], line) for package in offered for line in range(11)]
    alike = milliseconds(lambda: decide_all(same, answers, policy_for, by_version=False)) / count
    _print(f"reading {tags_each} tags", reading)
    _print("one dependency of a package", one, one / reading)
    _print("each further, other value", (eleven - one) / 10, (eleven - one) / 10 / reading)
    _print("... with all offers made", (looked_at - one) / 10, (looked_at - one) / 10 / reading)
    _print("each further, same value", (alike - one) / 10, (alike - one) / 10 / reading)


def _look(decided: Sequence[object]) -> None:
    for each in decided:
        for choice in getattr(each, "choices", ()):
            len(choice.offers)


def measure_memory(count: int, tags_each: int) -> None:
    """The peak of the whole process: answers, decisions and what lazy offers keep, for the oldest tags there are."""
    source = random.Random(2)
    answers, dependencies = {}, []
    for number in range(count):
        package = Package(datasource="docker", name=f"acme/app-{number}")
        found = one_family(source, tags_each)
        answers[package] = releases(found)
        dependencies += [tracked(package, value, 1) for value in sorted(found, key=SCHEME.key)[:2]]
    before = _peak()
    start = process_time()
    decided = decide_all(dependencies, answers, policy_for, by_version=False)
    seconds = process_time() - start
    choices = sum(len(each.choices) for each in decided if each is not None)
    print(f"{count:,} packages x {tags_each} tags, {len(decided):,} dependencies, {choices:,} choices: {seconds:.1f} s")
    print(f"answers {before:.0f} MB, with decisions {_peak():.0f} MB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def _print(what: str, duration: float, ratio: float | None = None) -> None:
    print(f"{what:28} {duration:7.3f} ms" + (f"  {ratio:5.2f} x reading" if ratio is not None else ""))


def main() -> None:
    gc.set_threshold(50_000)  # as the command line does
    if "--memory" not in sys.argv:
        measure_time(PACKAGES, TAGS)
    measure_memory(2_000, 500)


if __name__ == "__main__":
    main()
