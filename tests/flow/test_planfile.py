"""Planning and writing as two processes, and plan files that somebody changed on the way."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from updater import cli, git
from updater.demo.registries import Registries
from updater.demo.run import make_sample
from updater.model.forge import FINGERPRINT_TRAILER, CheckState, Commit, PullRequestState, Status
from updater.platforms.local import LocalPlatform
from updater.publish import blob_id

PlanFile = dict[str, Any]
Tamper = Callable[[PlanFile], object]


def network(registries: Registries) -> list[str]:
    routes = [part for host, url in registries.routes.items() for part in ("--route", f"{host}={url}")]
    return ["--cache", "memory:", "--quiet", *routes]


@pytest.fixture
def unlimited(sample: Path) -> Path:
    """The sample with room for all of its pull requests, and with a symbolic link."""
    config = json.loads((sample / "renovate.json").read_text())
    (sample / "renovate.json").write_text(json.dumps(config | {"prConcurrentLimit": 0, "prHourlyLimit": 0}))
    (sample / "link.yaml").symlink_to("apps/staging/api/deployment.yaml")
    git.commit_all(sample, "Without limit\n", author=git.BOT, date=1_800_000_000)
    return sample


@pytest.fixture
def plan_file(unlimited: Path, registries: Registries, tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    assert cli.run(["plan", str(unlimited), "-o", str(file), *network(registries)]) == 0
    return file


def heads(repository: Path) -> dict[str, str]:
    """The tree of each branch, whatever the date of its commit."""
    place = git.locate(repository)[0]
    return {ref.name: git.resolve(place, f"{ref.name}^{{tree}}") or "" for ref in git.refs(place, "refs/heads/")}


def bodies(repository: Path) -> list[tuple[str, str, str]]:
    return sorted((pull.branch, pull.title, pull.body) for pull in LocalPlatform(repository).pull_requests(""))


def test_a_plan_that_is_applied_writes_what_a_run_writes(
    plan_file: Path, unlimited: Path, registries: Registries, tmp_path: Path
) -> None:
    """The same branches with the same content, the same pull requests; and without a registry."""
    asked = len(registries.requests)
    assert cli.run(["apply", str(plan_file), str(unlimited)]) == 0
    assert len(registries.requests) == asked
    applied, described = heads(unlimited), bodies(unlimited)
    other = make_sample(tmp_path / "other")
    (other / "renovate.json").write_text((unlimited / "renovate.json").read_text())
    (other / "link.yaml").symlink_to("apps/staging/api/deployment.yaml")
    git.commit_all(other, "Without limit\n", author=git.BOT, date=1_800_000_000)
    assert cli.run(["run", str(other), *network(registries)]) == 0

    assert len(described) > 30
    assert (heads(other), bodies(other)) == (applied, described)


def test_applying_twice_changes_nothing(plan_file: Path, unlimited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The branches are not where the plan saw them: each is left alone and reported."""
    cli.run(["apply", str(plan_file), str(unlimited)])
    before = heads(unlimited)
    capsys.readouterr()

    assert cli.run(["apply", str(plan_file), str(unlimited), "--format", "json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["outcomes"] == []
    assert {each["error"] for each in printed["failed"]} == {
        "the branch moved since the plan was made",
        "the dashboard changed since the plan was made",
    }
    assert heads(unlimited) == before


def test_a_base_that_moved_elsewhere_does_not_matter(plan_file: Path, unlimited: Path) -> None:
    """Branches are built on the new base; only one whose own file changed fails."""
    (unlimited / "README").write_text("new\n")
    deployment = unlimited / "apps/staging/workers/deployment.yaml"
    deployment.write_text(f"# changed\n{deployment.read_text()}")
    git.commit_all(unlimited, "Something else\n", author=git.BOT, date=1_800_000_000)

    assert cli.run(["apply", str(plan_file), str(unlimited), "--quiet"]) == 1
    written = heads(unlimited)
    assert "refs/heads/updater/redis-7.x" not in written
    assert git.resolve(git.locate(unlimited)[0], "updater/busybox-1.x~1") == git.resolve(unlimited, "HEAD")


def test_the_plan_can_be_read(plan_file: Path, unlimited: Path) -> None:
    """It says what stands where, what will stand there, and on which commit that is based."""
    plan = json.loads(plan_file.read_text())
    branch = next(each for each in plan["branches"] if each["name"] == "updater/acme-kustomize-bases-2.x")

    assert plan["bases"] == {"main": git.resolve(unlimited, "HEAD")}
    assert [(each["old"], each["new"]) for each in branch["edits"]] == [("v2.1.0", "v2.3.1"), ("v2.2.0", "v2.3.1")]
    assert branch["push"]
    assert branch["expected"] is None


# ---------------------------------------------------------------- plans that somebody changed


def first(plan: PlanFile) -> PlanFile:
    found: PlanFile = next(each for each in plan["branches"] if each["name"] == "updater/busybox-1.x")
    return found


def edit(plan: PlanFile) -> PlanFile:
    found: PlanFile = first(plan)["edits"][0]
    return found


def renamed(name: str) -> Tamper:
    return lambda plan: first(plan).update(name=name)


def moved_to(path: str) -> Tamper:
    def tamper(plan: PlanFile) -> None:
        branch = first(plan)
        edit(plan)["path"] = path
        branch["before"] = {path: blob_id("")}
        branch["after"] = {path: blob_id("x")}

    return tamper


def written(text: str) -> Tamper:
    return lambda plan: edit(plan).update(new=text)


def shifted(plan: PlanFile) -> None:
    edit(plan)["start"] -= 1


def extra_file(plan: PlanFile) -> None:
    first(plan)["before"]["renovate.json"] = "0" * 40
    first(plan)["after"]["renovate.json"] = "1" * 40


def another_edit(plan: PlanFile) -> None:
    path = edit(plan)["path"]
    first(plan)["edits"].append({"path": path, "start": 0, "end": 3, "old": "api", "new": "x"})


def swapped(plan: PlanFile) -> None:
    """The content of another branch under the name of this one."""
    other = plan["branches"][0]
    first(plan)["after"] = {path: other["after"].get(path, blob) for path, blob in first(plan)["after"].items()}
    first(plan)["edits"][0]["new"] = "1.38.0"


def doubled(plan: PlanFile) -> None:
    plan["branches"].append(first(plan))


def sealed_by(manager: str) -> Tamper:
    path = "apps/staging/web/deployment.yaml"
    return lambda plan: first(plan)["seals"].append({"path": path, "manager": manager, "locked": [path]})


HOSTILE: dict[str, tuple[Tamper, str]] = {
    "another repository": (lambda plan: plan.update(repository="evil"), "the plan is for evil"),
    "another base": (lambda plan: plan["bases"].update(release="0" * 40), "the plan is for"),
    "a branch for another base": (lambda plan: first(plan).update(base="release"), "the plan is for"),
    "the base branch itself": (renamed("main"), "is no branch below 'updater/'"),
    "outside the prefix": (renamed("feature/x"), "is no branch below 'updater/'"),
    "out of the prefix": (renamed("updater/../main"), "is no name for a branch"),
    "an option of git": (renamed("--upload-pack=x"), "is no branch below 'updater/'"),
    "out of the repository": (moved_to("../../etc/passwd"), "is no file of main"),
    "an absolute path": (moved_to("/etc/passwd"), "is no file of main"),
    "the Git directory": (moved_to(".git/config"), "is no file of main"),
    "a symbolic link": (moved_to("link.yaml"), "is no file of main"),
    "a new file": (moved_to(".github/workflows/evil.yml"), "is no file of main"),
    "a file that is not edited": (extra_file, "it names files that it does not edit"),
    "a value that is none": (another_edit, "are no value that is managed"),
    "a bit more than the value": (shifted, "are no value that is managed"),
    "another text there": (lambda plan: edit(plan).update(old="9.9.9"), "are not '9.9.9'"),
    "another line": (written("1.0\n      - name: evil"), "is nothing that may be written there"),
    "a quote": (written('1.0", evil: "x'), "is nothing that may be written there"),
    "a comment": (written("1.0 # rest"), "is nothing that may be written there"),
    "a template": (written("{{ .Values.evil }}"), "is nothing that may be written there"),
    "another content than declared": (written("1.37.9"), "do not make of the files what the plan says"),
    "the content of another branch": (swapped, "do not make of the files what the plan says"),
    "two entries for one branch": (doubled, "several entries for one branch"),
    "a seal of nobody": (sealed_by("nobody"), "this is no lock file of 'nobody'"),
    "a seal on another file": (sealed_by("helm-lock"), "this is no lock file of 'helm-lock'"),
    "a title of two lines": (lambda plan: first(plan).update(title="a\nb"), "is not of the form"),
    "another trailer": (lambda plan: first(plan).update(message="x\n"), "is not of the form"),
    "an endless body": (
        lambda plan: first(plan).update(body="x" * (LocalPlatform.BODY_LIMIT + 1)),
        "is not of the form",
    ),
    "closing what is not ours": (
        lambda plan: plan["closures"].append({"name": "main", "commit": "0" * 40, "reason": "x"}),
        "is no branch below 'updater/'",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_plan_that_was_tampered_with_is_refused_as_a_whole(
    name: str, plan_file: Path, unlimited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it asks for beyond versions: nothing is written, not even its harmless parts."""
    tamper, reason = HOSTILE[name]
    plan = json.loads(plan_file.read_text())
    tamper(plan)
    plan_file.write_text(json.dumps(plan))
    before = heads(unlimited)

    assert cli.run(["apply", str(plan_file), str(unlimited)]) == 1
    assert reason in capsys.readouterr().err
    assert heads(unlimited) == before


def test_an_edit_that_reads_as_something_else_is_refused(
    plan_file: Path, unlimited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Characters that may stand in a version, consistent with all declared contents, and yet another image."""
    plan = json.loads(plan_file.read_text())
    branch = first(plan)
    for each in branch["edits"]:
        each["new"] = "1.37.0@sha256:beef"
    for path in branch["after"]:
        data = next(data for _, data in LocalPlatform(unlimited).tree("main").read([path])).decode()
        for each in sorted((one for one in branch["edits"] if one["path"] == path), key=lambda one: -one["start"]):
            data = data[: each["start"]] + each["new"] + data[each["end"] :]
        branch["after"][path] = blob_id(data)
    plan_file.write_text(json.dumps(plan))

    assert cli.run(["apply", str(plan_file), str(unlimited)]) == 1
    error = capsys.readouterr().err
    assert "would not be read as it is written" in error or "its edits change more than versions" in error


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", "Expected `object`"),
        ("{", "is no plan"),
        ('{"updater_plan": 1}', "missing required field"),
        ("[" * 100_000, "is no plan"),
    ],
)
def test_what_is_no_plan_is_refused(
    content: str, reason: str, sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2 and a sentence."""
    (tmp_path / "x.json").write_text(content)

    assert cli.run(["apply", str(tmp_path / "x.json"), str(sample)]) == 2
    assert reason in capsys.readouterr().err


def test_unknown_fields_are_refused(plan_file: Path, unlimited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan of a later version may ask for something that nobody here would check."""
    plan = json.loads(plan_file.read_text())
    first(plan)["delete"] = ["apps"]
    plan_file.write_text(json.dumps(plan))

    assert cli.run(["apply", str(plan_file), str(unlimited)]) == 2
    assert "unknown field `delete`" in capsys.readouterr().err


def test_a_version_of_one_s_own_is_raised_by_one_step_and_no_other(
    unlimited: Path, registries: Registries, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What ``bumpVersions`` finds may be written by a plan; another version there may not."""
    config = json.loads((unlimited / "renovate.json").read_text())
    bump = {"filePatterns": ["VERSION"], "matchStrings": ["(?<version>.+)"]}
    (unlimited / "renovate.json").write_text(json.dumps(config | {"bumpVersions": [bump]}))
    (unlimited / "VERSION").write_text("1.0.0\n")
    git.commit_all(unlimited, "A version\n", author=git.BOT, date=1_800_000_000)
    file = tmp_path / "plan.json"
    assert cli.run(["plan", str(unlimited), "-o", str(file), *network(registries)]) == 0
    plan = json.loads(file.read_text())
    raised = [each for branch in plan["branches"] for each in branch["edits"] if each["path"] == "VERSION"]
    assert {each["new"] for each in raised} == {"1.0.1"}

    (tmp_path / "tampered.json").write_text(file.read_text().replace('"1.0.1"', '"1.0.2"'))
    capsys.readouterr()
    assert cli.run(["apply", str(tmp_path / "tampered.json"), str(unlimited)]) == 1
    assert "'1.0.2' is nothing that may be written there" in capsys.readouterr().err
    assert cli.run(["apply", str(file), str(unlimited)]) == 0
    tree = LocalPlatform(unlimited).tree(plan["branches"][0]["name"])
    assert list(tree.read(["VERSION"])) == [("VERSION", b"1.0.1\n")]


# ---------------------------------------------------------------- merges, statuses and the dashboard


class Automerging:
    """The sample with some options, the plans for it, and what is done to it."""

    def __init__(self, sample: Path, registries: Registries, place: Path, **options: object) -> None:
        self.place, self._registries, self._files = sample, registries, place
        self.configure(**{"automerge": True, "prConcurrentLimit": 0, "prHourlyLimit": 0, **options})
        self.forge = LocalPlatform(sample)

    def configure(self, **options: object) -> None:
        config = json.loads((self.place / "renovate.json").read_text())
        (self.place / "renovate.json").write_text(json.dumps(config | options))
        git.commit_all(self.place, "Options\n", author=git.BOT, date=1_800_000_000)

    def plan(self) -> PlanFile:
        file = self._files / "plan.json"
        assert cli.run(["plan", str(self.place), "-o", str(file), *network(self._registries)]) == 0
        plan: PlanFile = json.loads(file.read_text())
        return plan

    def apply(self, plan: PlanFile) -> int:
        (self._files / "plan.json").write_text(json.dumps(plan))
        return cli.run(["apply", str(self._files / "plan.json"), str(self.place), "--quiet"])

    def run(self) -> None:
        assert cli.run(["run", str(self.place), *network(self._registries)]) == 0

    def check(self, state: CheckState, branch: str = "updater/busybox-1.x") -> None:
        self.forge.set_status(self.head(branch) or "", Status(context="ci", state=state))

    def head(self, branch: str) -> str | None:
        return git.resolve(git.locate(self.place)[0], f"refs/heads/{branch}")

    def merged(self) -> list[str]:
        return [pull.branch for pull in self.forge.pull_requests("") if pull.state is PullRequestState.MERGED]


Make = Callable[..., Automerging]


@pytest.fixture
def automerging(sample: Path, registries: Registries, tmp_path: Path) -> Make:
    return partial(Automerging, sample, registries, tmp_path)


def test_a_plan_merges_what_a_run_would_merge(automerging: Make) -> None:
    """What has passed its checks, and nothing else; the writer asks for the checks itself."""
    here = automerging()
    here.run()
    here.check(CheckState.SUCCESS)
    plan = here.plan()
    assert [each["name"] for each in plan["branches"] if each["does"] == "merge"] == ["updater/busybox-1.x"]
    here.check(CheckState.FAILURE)
    assert here.apply(plan) == 1
    assert here.merged() == []
    here.check(CheckState.SUCCESS)
    assert here.apply(here.plan()) == 0
    assert here.merged() == ["updater/busybox-1.x"]


def test_a_plan_merges_without_a_pull_request(automerging: Make) -> None:
    """Branch and base end where a run would leave them."""
    here = automerging(automergeType="branch")
    assert here.apply(here.plan()) == 0
    assert here.forge.pull_requests("") == []
    here.check(CheckState.SUCCESS)
    assert here.apply(here.plan()) == 0
    (subject,) = git.log(git.locate(here.place)[0], "refs/heads/main", most=1)
    assert "busybox" in subject.subject
    assert here.head("updater/busybox-1.x") is None


@pytest.mark.parametrize("change", [{"automerge": False}, {"automergeType": "pr"}])
def test_what_the_configuration_does_not_let_merge_is_refused(
    automerging: Make, change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a plan says: the writer's own configuration decides whether anything is merged without people."""
    here = automerging(automergeType="branch", packageRules=[])
    here.run()
    here.check(CheckState.SUCCESS)
    plan = here.plan()
    here.configure(**change)
    capsys.readouterr()
    assert here.apply(plan) == 1
    assert "nothing is merged like this" in capsys.readouterr().err
    assert here.head("updater/busybox-1.x") is not None


def test_a_branch_that_holds_something_else_is_not_merged(automerging: Make) -> None:
    """The declared edits have to be what is there, by whomever it was made."""
    here = automerging()
    here.run()
    here.check(CheckState.SUCCESS)
    plan = here.plan()
    (merge,) = (each for each in plan["branches"] if each["does"] == "merge")
    tree = here.forge.tree("updater/busybox-1.x")
    path = merge["edits"][0]["path"]
    ((_, data),) = tree.read([path])
    commit = Commit(
        branch="updater/busybox-1.x",
        message=f"x\n\n{FINGERPRINT_TRAILER}: {merge['fingerprint']}\n",
        files={path: data.decode() + "# more\n"},
    )
    done = here.forge.push(here.head("main") or "", [commit], {"updater/busybox-1.x": merge["expected"]})
    merge["expected"] = done.commits["updater/busybox-1.x"]
    here.check(CheckState.SUCCESS)
    assert here.apply(plan) == 1
    assert here.merged() == []


def test_a_plan_says_what_a_run_would_say(automerging: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """This tool's own checks, in its own name only."""
    here = automerging(minimumReleaseAge="1 day", automerge=False)
    plan = here.plan()
    said = {status["name"] for branch in plan["branches"] for status in branch["statuses"]}
    assert said == {"updater/release-age"}
    assert here.apply(plan) == 0
    head = here.head("updater/busybox-1.x") or ""
    assert [each.context for each in here.forge.statuses([head])[head]] == ["updater/release-age"]

    here.configure(statusCheckNames={"minimumReleaseAge": "age"})
    other = here.plan()
    assert {status["name"] for each in other["statements"] for status in each["statuses"]} == {"age"}
    other["statements"][0]["statuses"][0]["name"] = "ci/build"
    assert here.apply(other) == 1
    assert "is no check of this tool" in capsys.readouterr().err
    assert here.apply(here.plan()) == 0
    assert [each.context for each in here.forge.statuses([head])[head]] == ["updater/release-age", "age"]


def test_a_plan_writes_the_dashboard(automerging: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """As it was planned, unless somebody has ticked something since; and only where one is wanted."""
    here = automerging(dependencyDashboard=True, automerge=False)
    plan = here.plan()
    assert here.apply(plan) == 0
    issue = here.forge.find_issue("Dependency Dashboard")
    assert issue is not None
    assert issue.body == plan["dashboard"]["body"]

    second = here.plan()
    here.forge.write_issue(issue, title=issue.title, body=issue.body + "ticked\n")
    assert here.apply({**second, "branches": [], "statements": []}) == 1
    assert here.apply(here.plan()) == 0
    assert here.plan()["dashboard"] is None

    here.configure(dependencyDashboard=False)
    capsys.readouterr()
    assert here.apply(second) == 1
    assert "the configuration wants no dashboard" in capsys.readouterr().err
