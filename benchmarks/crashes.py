"""Kill a run at each of its writes, and see whether the next run ends where an undisturbed one does.

``python -m benchmarks.crashes [STEP]``: on the demo's repository (over 30 updates), on the stand-in for GitHub and in a
checkout; every write, or every STEP-th.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.flow.crashing import State, in_checkout, on_github
from updater.demo.registries import serve


def main(step: int) -> None:
    with serve() as registries, tempfile.TemporaryDirectory() as place:
        for name, crash in {"GitHub": on_github, "checkout": in_checkout}.items():
            print(name, report(crash, Path(place) / name, registries.routes, step), flush=True)


def report(
    crash: Callable[[Path, Mapping[str, str], int | None], tuple[State, int]],
    root: Path,
    routes: Mapping[str, str],
    step: int,
) -> str:
    root.mkdir()
    state, writes = crash(root / "whole", routes, None)
    tried = range(1, writes + 1, step)
    different = [at for at in tried if crash(root / str(at), routes, at)[0] != state]
    return f"{len(state['pulls'])} pull requests, {writes} writes; killed at {len(tried)}; different: {different or 0}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
