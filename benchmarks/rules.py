"""How long 500 package rules take for 5,000 dependencies, and a 25 KB configuration to be read.

``python -m benchmarks.rules`` prints milliseconds. The targets: rules under 500, reading under 5.
"""

import json
import time
from collections.abc import Callable, Sequence

from updater.config import Config, Subject, parse
from updater.config.json5 import read

RULES, SUBJECTS = 500, 5_000


def rule(number: int) -> dict[str, object]:
    """Of every ten rules: six name packages, two have globs, one a pattern, one a file."""
    named: dict[str, object] = {"matchPackageNames": [f"ghcr.io/team-{number}/image", f"image-{number}"]}
    kinds: Sequence[dict[str, object]] = (
        *[named] * 6,
        {"matchPackageNames": [f"ghcr.io/team-{number}/**", "!**/legacy"], "matchDatasources": ["docker"]},
        {"matchPackageNames": [f"**/*-{number}"], "matchUpdateTypes": ["minor", "patch"]},
        {"matchPackageNames": [f"/team-{number}[0-9]*$/"]},
        {"matchFileNames": [f"apps/app-{number}/**"], "matchManagers": ["kubernetes"]},
    )
    return {**kinds[number % 10], "groupName": f"group {number}", "addLabels": [f"label-{number}"]}


def subject(number: int) -> Subject:
    """Every dependency has a name and a file of its own."""
    name = f"ghcr.io/team-{number % 700}/image-{number}"
    return Subject(
        manager="kubernetes",
        path=f"apps/app-{number % 900}/deployment-{number}.yaml",
        datasource="docker",
        package_name=name,
        dep_name=name,
        current_value="1.2.3",
    )


def configuration(rules: int) -> str:
    """The text of a configuration with so many rules."""
    return json.dumps({"extends": ["config:recommended"], "packageRules": [rule(n) for n in range(rules)]}, indent=2)


def milliseconds(work: Callable[[], object]) -> float:
    """The time that ``work`` takes, the better of three times."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1_000


def main() -> None:
    small, large = configuration(134), configuration(RULES)
    subjects = [subject(number) for number in range(SUBJECTS)]
    configs: list[Config] = []
    _print(f"read {len(small) // 1024} KB", milliseconds(lambda: read(small, path="small")))
    _print(f"load {len(large) // 1024} KB", milliseconds(lambda: configs.append(parse(large, path="large"))))
    _print(f"{RULES} rules x {SUBJECTS:,}", milliseconds(lambda: _ask(configs.pop(), subjects)))


def _print(what: str, duration: float) -> None:
    print(f"{what:20} {duration:7.1f} ms")


def _ask(config: Config, subjects: Sequence[Subject]) -> None:
    for each in subjects:
        config.policy(each)


if __name__ == "__main__":
    main()
