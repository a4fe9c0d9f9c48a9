"""What reading, filtering and ordering versions costs, in microseconds of processor time each.

Run it as ``python -m benchmarks.versioning``. Every round has versions of its own, so that none is remembered.
"""

import random
from collections.abc import Callable, Sequence
from time import process_time

from updater import versioning
from updater.model.lookup import Release, Releases
from updater.versioning.listing import Listing

COUNT, ROUNDS = 5_000, 15
SUFFIXES = ("", "", "-alpine", "-alpine3.{}", "-rc.{}", "-debian-12-r{}", "-bookworm", "-jdk17")


def tags(source: random.Random) -> list[str]:
    """Tags as a large repository on Docker Hub has them."""
    return [
        f"{source.choice(['', 'v'])}{source.randrange(30)}.{source.randrange(99)}.{source.randrange(9_999)}"
        + source.choice(SUFFIXES).format(source.randrange(30))
        for _ in range(COUNT)
    ]


def releases(source: random.Random) -> list[str]:
    return [f"{source.randrange(30)}.{source.randrange(99)}.{source.randrange(9_999)}" for _ in range(COUNT)]


def newest_of_family(name: str, current: str) -> Callable[[Sequence[str]], object]:
    scheme = versioning.get(name)

    before = scheme.read(current)
    assert before is not None

    def work(versions: Sequence[str]) -> object:
        listed = Releases(releases=tuple(Release(version=version) for version in versions))
        return Listing(listed, scheme).family_of(before).newer(before)[0]

    return work


def newest_in_range(name: str, range_: str) -> Callable[[Sequence[str]], object]:
    scheme = versioning.get(name)
    return lambda versions: max((each for each in versions if scheme.matches(each, range_)), key=scheme.key)


def measure(title: str, make: Callable[[random.Random], list[str]], work: Callable[[Sequence[str]], object]) -> None:
    seconds = []
    for round_ in range(ROUNDS):
        versions = make(random.Random(round_))
        begin = process_time()
        work(versions)
        seconds.append(process_time() - begin)
    best = min(seconds)
    print(f"{title:32} {best / COUNT * 1e6:6.2f} µs each {best * 1e3:7.1f} ms for {COUNT:,}")


def main() -> None:
    measure("docker: newest of a family", tags, newest_of_family("docker", "1.2.3-alpine"))
    measure("semver: newest", releases, newest_of_family("semver", "1.2.3"))
    measure("semver-coerced: newest", tags, newest_of_family("semver-coerced", "1.2.3"))
    measure("helm: newest", releases, newest_of_family("helm", "1.2.3"))
    measure("helm: newest in a range", releases, newest_in_range("helm", ">=6.0.0, <21.0.0"))
    measure("hashicorp: newest in a range", releases, newest_in_range("hashicorp", "~> 5.0"))


if __name__ == "__main__":
    main()
