"""Which options could lose their effect without any test noticing.

``python -m benchmarks.lost_options`` takes one option after the other away (whatever a configuration says of it, its
default is read) and runs the tests that show its effect, as ``tests/flow/test_options.py`` names them; it prints the
options that nothing missed. ``python -m benchmarks.lost_options automerge schedule`` looks at these alone.

The file is also the plugin that takes an option away: ``pytest -p benchmarks.lost_options --lost automerge tests``.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator

import pytest

from updater.config.options import Policy, RepositoryOptions
from updater.config.table import options_of

_TABLE = "tests/flow/test_options.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lost", help="The option that is taken away.")


def pytest_configure(config: pytest.Config) -> None:
    lost = config.getoption("--lost")
    for structure in (Policy, RepositoryOptions):
        option = options_of(structure).get(str(lost))
        if option is not None:
            setattr(structure, option.field, property(lambda _self, default=option.default: default))


def tests_of(name: str) -> list[str]:
    """What shows the effect of an option, in the words of pytest's command line."""
    from tests.flow.test_options import ELSEWHERE

    return [ELSEWHERE[name]] if name in ELSEWHERE else [f"{_TABLE}::test_an_option_changes_the_plan[{name}]"]


def unnoticed(names: Iterable[str]) -> Iterator[str]:
    """The options that nothing misses. Each costs a run of its tests up to the first that fails."""
    for name in names:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "benchmarks.lost_options", "--lost", name]
        command += ["-p", "no:cacheprovider", *tests_of(name)]
        done = subprocess.run(command, capture_output=True, check=False)
        print(f"{name}: {'missed' if done.returncode == 1 else 'NOT MISSED'}", flush=True)
        if done.returncode != 1:
            yield name


def main() -> int:
    names = sys.argv[1:] or sorted({**options_of(RepositoryOptions), **options_of(Policy)})
    found = list(unnoticed(names))
    print(f"{len(found)} of {len(names)} could be lost: {', '.join(found) or 'none'}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
