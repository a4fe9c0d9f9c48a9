"""What ``updater plan`` proposes against what Renovate does: 42 configurations of one repository, local registries.

Install Renovate first, anywhere: ``npm install node@24 renovate@44``. Then:

    python -m benchmarks.side_by_side DIRECTORY_OF_THE_INSTALLATION [--only NAME] [--verbose]

Compared are, for every update, the dependency, the new version, the branch (less its prefix) and the title of the pull
request. Differences that are meant are told apart by ``DELIBERATE``; docs/migrate-from-renovate.md gives the reasons.
Exit code 1 if any other is left.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.side_by_side_cases import CONFIGURATIONS, DELIBERATE, files, more_files
from tests.servers.helm import HelmRepository, index_of
from tests.servers.pages import PagedRegistry

TAGS = {
    "acme/api": ["1.0.0", "1.0.1", "1.1.0", "1.1.1", "2.0.0", "latest"],
    "acme/web": ["1.0.0-alpine", "1.1.0-alpine", "2.0.0-alpine", "1.0.0", "1.1.0"],
    "acme/worker": ["v1.2.3", "v1.2.4", "v1.3.0", "v2.0.0", "v3.0.0"],
    "acme/pre": ["1.0.0", "1.1.0-rc.1", "1.1.0-beta.2"],
    "acme/short": ["1.4", "1.5", "2.0", "1", "2"],
    "team/tool": ["0.9.0", "0.9.1", "0.10.0", "1.0.0"],
}
CHARTS = {
    "podinfo": ["7.1.0", "6.5.4", "6.5.0", "6.0.0"],
    "ingress": ["4.11.0", "4.10.1", "4.10.0"],
    "argo-cd": ["8.0.0", "7.2.0", "7.1.3", "7.1.0"],
    "redis": ["19.0.0", "18.19.0", "18.1.0"],
}

# Renovate tells branch names where it only looks up, but no titles: they are written out where it has just made them.
HOOK = """
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/workers/repository/index.js')) return loaded;
    const told = `$&;const { compile } = await import(new URL('../../util/template/index.js', import.meta.url));
      console.log(JSON.stringify({ sideBySide: branches.map((each) => ({
      branch: each.branchName, title: each.prTitle, automerge: each.automerge === true,
      labels: [...(each.labels ?? []), ...(each.addLabels ?? [])].map((label) => compile(label, each)),
      upgrades: each.upgrades.map((one) => ({
        name: one.depName, file: one.packageFile, value: one.newValue, version: one.newVersion,
        type: one.updateType })) })) }));`;
    const source = String(loaded.source).replace(/const \\{ branches[^;]*/, told);
    return { ...loaded, source };
  },
});
"""


class Proposal(NamedTuple):
    """One update as it is proposed."""

    name: str
    file: str
    value: str
    branch: str
    title: str
    merging: str
    labels: str


def theirs(place: Path, installation: Path) -> set[Proposal]:
    """What Renovate proposes for the checkout at ``place``."""
    hook = place.parent / "hook.mjs"
    hook.write_text(HOOK)
    binaries = installation.resolve() / "node_modules" / ".bin"
    environment = {
        **os.environ,
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "NODE_OPTIONS": f"--import={hook}",
        "LOG_LEVEL": "fatal",
        "RENOVATE_BASE_DIR": str(place.parent / "renovate"),
    }
    command = [str(binaries / "renovate"), "--platform=local", "--dry-run=lookup"]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    told = [line for line in done.stdout.splitlines() if line.startswith('{"sideBySide"')]
    if not told:
        raise SystemExit(f"Renovate failed: {done.stderr or done.stdout}")
    branches = json.loads(told[-1])["sideBySide"]
    return {
        Proposal(
            upgrade["name"],
            upgrade.get("file") or "",
            upgrade.get("value") or upgrade.get("version") or "",
            branch["branch"].removeprefix("renovate/"),
            branch["title"],
            "merged" if branch["automerge"] else "",
            " ".join(sorted(set(branch["labels"]))),
        )
        for branch in branches
        for upgrade in branch["upgrades"]
    }


def ours(place: Path) -> set[Proposal]:
    """What this tool proposes."""
    command = [sys.executable, "-m", "updater", "plan", "--format", "json", "--cache", "memory:", "--quiet", str(place)]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"updater failed: {done.stderr}")
    plan: Mapping[str, Any] = json.loads(done.stdout)
    branches = {branch["name"]: branch for branch in plan["branches"]}
    return {
        Proposal(
            update["dep_name"],
            update["file"],
            update["new_value"] or update["new_version"],
            update["branch"].removeprefix("renovate/"),
            branches[update["branch"]]["title"],
            "merged" if branches[update["branch"]]["automerge"] else "",
            " ".join(sorted(branches[update["branch"]]["labels"])),
        )
        for update in plan["updates"]
    }


def differences(name: str, one: set[Proposal], other: set[Proposal]) -> Iterator[tuple[str, str | None]]:
    """What only one of them proposes, and the reason if it is meant."""
    for sign, proposals in (("-", sorted(one - other)), ("+", sorted(other - one))):
        for proposal in proposals:
            reason = next((why for matches, why in DELIBERATE if matches(name, sign, proposal)), None)
            yield f"{sign} {' | '.join(proposal)}", reason


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("installation", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    chosen = {name: made for name, made in CONFIGURATIONS.items() if options.only in (None, name)}
    unexplained = 0
    with ExitStack() as stack:
        registry = stack.enter_context(PagedRegistry(TAGS))
        charts = stack.enter_context(HelmRepository(index_of(CHARTS)))
        for name, configuration in chosen.items():
            place = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "repository"
            contents = {**files(registry.host, charts.url), **more_files(name, charts.url)}
            write(place, contents, configuration, registry.host)
            unexplained += report(name, theirs(place, options.installation), ours(place), verbose=options.verbose)
    print(f"{len(chosen)} configurations, {unexplained} differences that are not meant")
    return 1 if unexplained else 0


def write(place: Path, contents: Mapping[str, str], configuration: Mapping[str, object], registry: str) -> None:
    """A Git repository with files and their configuration."""
    renovate = {
        "branchPrefix": "renovate/",
        "kubernetes": {"managerFilePatterns": ["/^k8s/.+\\.yaml$/"]},
        "argocd": {"managerFilePatterns": ["/^argo/.+\\.yaml$/"]},
        "hostRules": [{"matchHost": registry, "insecureRegistry": True}],
        **json.loads(json.dumps(configuration).replace("REGISTRY", registry)),
    }
    for path, text in {**contents, "renovate.json": json.dumps(renovate, indent=2)}.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    identity = ["-c", "user.name=Team", "-c", "user.email=team@example.com"]
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "-m", "Start"],
    ):
        subprocess.run(["git", *identity, *command], cwd=place, check=True)


def report(name: str, one: set[Proposal], other: set[Proposal], *, verbose: bool) -> int:
    """Print how the two compare, and count what is not meant."""
    found = list(differences(name, one, other))
    open_ones: Sequence[str] = [line for line, reason in found if reason is None]
    print(f"{name:32} {len(one & other):3} equal, {len(found) - len(open_ones):3} meant, {len(open_ones):3} not meant")
    for line in open_ones:
        print(f"    {line}")
    for line, reason in found if verbose else ():
        if reason is not None:
            print(f"    {line}\n      {reason}")
    return len(open_ones)


if __name__ == "__main__":
    sys.exit(main())
