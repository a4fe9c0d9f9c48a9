"""How long it takes to write, push and read many branches: ``python -m benchmarks.branches [BRANCHES [FILES]]``.

A repository of FILES manifests gets BRANCHES branches of one commit with three edits each, first in a checkout, then
on the stand-in for GitHub over HTTP; last comes what a script would do: check out, commit and push one after the other.
CPU is that of this process and its children (server included), in seconds.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers.githttp import Bare, CountedGit, run
from tests.servers.github import TOKEN, GitHub
from updater.api import Commit, Platform, Secret
from updater.platforms.github import GitHubPlatform
from updater.platforms.local import LocalPlatform

EDITS = 3


def main(branches: int = 200, files: int = 4_000) -> None:
    print(f"{branches} branches of {EDITS} edits on {files} files")
    print(f"{'':34}{'wall s':>8}{'CPU s':>8}{'git processes':>15}")
    with tempfile.TemporaryDirectory() as root:
        counted = CountedGit(Path(root) / "bin")
        os.environ["PATH"] = f"{counted.directory}{os.pathsep}{os.environ['PATH']}"
        manifests = {f"apps/{number // 40}/{number}.yaml": manifest(number) for number in range(files)}
        store = Bare.make(Path(root) / "checkout", manifests, bare=False)
        measure("local", LocalPlatform(store.path), branches, files, counted)
        with GitHub(Path(root) / "server") as server:
            server.repository("octo/app", manifests)
            cache = Path(root) / "cache"
            platform = GitHubPlatform("octo/app", token=Secret(TOKEN), endpoint=server.endpoint, cache_directory=cache)
            measure("github", platform, branches, files, counted)
            server.repository("octo/script", manifests)
            url = f"{server.url.replace('//', f'//x:{TOKEN}@')}/octo/script.git"
            run("clone", "--quiet", url, "work", at=Path(root))
            measure_script(Path(root) / "work", branches, files, counted)


def measure_script(work: Path, branches: int, files: int, counted: CountedGit) -> None:
    """One branch after the other, as a shell script makes them."""
    counted.calls()
    wall, cpu = time.perf_counter(), seconds()
    for number in range(branches):
        made = commit(number, files)
        git("checkout", "--quiet", "-b", made.branch, "origin/main", at=work)
        for path, text in made.files.items():
            (work / path).write_text(text)
        git("-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--all", "-m", made.message, at=work)
        git("push", "--quiet", "origin", made.branch, at=work)
    wall, cpu = time.perf_counter() - wall, seconds() - cpu
    print(f"{'script: one after the other':34}{wall:8.2f}{cpu:8.2f}{len(counted.calls()):15}")


def git(*arguments: str, at: Path) -> None:
    """The program that is first on PATH."""
    subprocess.run(["git", *arguments], cwd=at, check=True, capture_output=True)


def measure(name: str, platform: Platform, branches: int, files: int, counted: CountedGit) -> None:
    def timed(step: str, action: Callable[[], object]) -> None:
        counted.calls()
        wall, cpu = time.perf_counter(), seconds()
        action()
        wall, cpu = time.perf_counter() - wall, seconds() - cpu
        print(f"{name + ': ' + step:34}{wall:8.2f}{cpu:8.2f}{len(counted.calls()):15}")

    def read() -> None:
        tree = platform.tree("main")
        assert len(list(tree.read(tree.files()))) == files

    timed("read all files", read)
    base = platform.tree("main").commit or ""
    commits = [commit(number, files) for number in range(branches)]
    timed("write and push all branches", lambda: platform.push(base, commits, {}))
    timed("push the same again", lambda: platform.push(base, commits, {}))
    timed("read all branches", lambda: platform.branches("updater/", "main"))


def manifest(number: int) -> str:
    return (
        f"kind: Deployment\nname: app-{number}\nimage: registry.example.com/team/app-{number}:1.0.0\n"
        + "# text\n" * 200
    )


def commit(number: int, files: int) -> Commit:
    edited = [(number * EDITS + edit) % files for edit in range(EDITS)]
    texts = {f"apps/{one // 40}/{one}.yaml": manifest(one).replace("1.0.0", "1.1.0") for one in edited}
    message = f"Update {number}\n\nUpdater-Fingerprint: {number}\n"
    return Commit(branch=f"updater/{number}", message=message, files=texts)


def seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
