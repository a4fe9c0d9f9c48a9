"""CPU and memory of ``updater scan`` against Renovate's extract-only run, on the same generated repository.

Install Renovate first, anywhere: ``npm install node@24 renovate@44``. Then:

    python -m benchmarks.against_renovate DIRECTORY_OF_THE_INSTALLATION [--fleet] [--files 1000] [--rounds 3]

The files are those of ``benchmarks.scan``, no two of which share a package, or with ``--fleet`` those of a repository
with few packages and large files, as teams have it (``benchmarks.fleet``, 10,000 files). Both run on the same files,
alternating; the minimum of the rounds counts, children included. *again* is a second scan of the same files, with what
the first one has kept; only the first round compiles the program. Machines are noisy: look at the ratio.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.fleet import write_fleet
from benchmarks.scan import write_manifests

CONFIG = {
    "extends": ["config:recommended"],
    "kubernetes": {"fileMatch": ["\\.yaml$"]},
    "argocd": {"fileMatch": ["\\.yaml$"]},
}


def measured(command: list[str], cwd: Path, environment: dict[str, str]) -> tuple[float, int, str]:
    """CPU seconds and peak memory in KiB of a command and its children, and what it printed."""
    program = (
        "import json, resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "usage = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "cpu = usage.ru_utime + usage.ru_stime\n"
        "print(json.dumps([cpu, usage.ru_maxrss, done.stdout, done.stderr, done.returncode]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    cpu, memory, output, errors, code = json.loads(result.stdout)
    if code != 0:
        raise SystemExit(f"{command[0]} failed: {errors or output}")
    return cpu, memory, output


def _at_home(caches: Path, number: int) -> dict[str, str]:
    """The environment of an installed program, which has its bytecode, with a cache of its own for each round."""
    return {
        "PYTHONPATH": str(Path.cwd()),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(caches / "bytecode"),
        "XDG_CACHE_HOME": str(caches / str(number)),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("installation", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--fleet", action="store_true", help="the repository of a fleet")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    binaries = options.installation.resolve() / "node_modules" / ".bin"
    environment = {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}", "LOG_LEVEL": "error"}
    updater = [sys.executable, "-m", "updater", "scan", "--format", "jsonl", "."]
    renovate = [str(binaries / "renovate"), "--platform=local", "--dry-run=extract"]
    results: dict[str, list[tuple[float, int]]] = {"updater": [], "again": [], "renovate": []}
    found = 0
    with tempfile.TemporaryDirectory() as directory:
        place, caches = Path(directory) / "repository", Path(directory) / "caches"
        place.mkdir()
        write = write_fleet if options.fleet else write_manifests
        write(place, options.files)
        (place / "renovate.json").write_text(json.dumps(CONFIG))
        for command in (
            ["init", "-q"],
            ["add", "-A"],
            ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "x"],
        ):
            subprocess.run(["git", *command], cwd=place, check=True)
        for number in range(options.rounds):
            ours = {**environment, **_at_home(caches, number)}
            for name in ("updater", "again"):
                cpu, memory, output = measured(updater, place, ours)
                found = len(output.splitlines())
                results[name].append((cpu, memory))
            cpu, memory, _ = measured(renovate, place, environment)
            results["renovate"].append((cpu, memory))
    lowest = {name: min(measurements) for name, measurements in results.items()}
    theirs = lowest["renovate"]
    print(f"{options.files} files, {found} dependencies found")
    for name, (cpu, memory) in lowest.items():
        print(f"{name:9} {cpu:6.2f} s CPU  {memory / 1024:6.0f} MB  Renovate takes {theirs[0] / cpu:.1f} times the CPU")


if __name__ == "__main__":
    main()
