"""Argo CD and Flux on a virtual clock: objects that follow a real Git repository as the controllers make them do.

Nothing runs and nothing waits: ``advance`` moves the clock, and every object goes through what happens to it until
then, in order. What a file says decides what becomes of it: one with ``unrenderable`` in it cannot be rendered, one
with ``refused`` cannot be synced, one with ``broken`` never becomes healthy, one with ``paused`` is a rollout that
somebody has to resume.

Each object keeps the ``truth``: when the first sync with a commit began, when it ended, and when all was healthy for
the first time after it. A verdict's times are compared with that.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from updater import git

Json = dict[str, Any]

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BRANCH = "main"
_IMAGE = re.compile(r"image: (\S+)")


@dataclass
class Clock:
    """The time, which stands still but for ``advance``."""

    now: datetime = START

    def __call__(self) -> datetime:
        """The time."""
        return self.now


class Repository:
    """A bare Git repository whose commits bear the time of the clock."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        git.init_bare(directory)
        (directory / "HEAD").write_text(f"ref: refs/heads/{BRANCH}\n")
        self.git, self._clock = git.Repository(directory=directory), clock
        self._texts: dict[tuple[str, str], str | None] = {}
        self.commits: list[str] = []

    def commit(self, files: Mapping[str, str], message: str = "Change\n") -> str:
        """Change files of the branch; the result is the commit."""
        parent = self.head
        draft = git.Draft(
            parent=parent,
            message=message,
            files={path: (git.REGULAR_FILE, text.encode()) for path, text in files.items()},
        )
        commit = git.fast_import(self.git, [draft], git.BOT, int(self._clock.now.timestamp()))[0]
        change = git.RefChange(ref=f"refs/heads/{BRANCH}", old=parent, new=commit)
        git.update_refs(self.git, [change], reason="test")
        self.commits.append(commit)
        return commit

    @property
    def head(self) -> str | None:
        """The newest commit that was noticed."""
        return self.commits[-1] if self.commits else None

    def look(self) -> str:
        """Notice what others have done to the branch; the result is its head."""
        head = git.resolve(self.git, f"refs/heads/{BRANCH}")
        assert head is not None
        if head != self.head:
            self.commits.append(head)
        return head

    def below(self, path: str, commit: str) -> str:
        """All texts below a directory, as they are in a commit."""
        key = (path, commit)
        if key not in self._texts:
            prefix = f"{path}/" if path else ""
            blobs = {
                entry.path: entry.blob for entry in git.list_tree(self.git, commit) if entry.path.startswith(prefix)
            }
            contents = dict(git.read_blobs(self.git, blobs.values()))
            self._texts[key] = "\n".join(contents[blob].decode() for blob in blobs.values())
        return self._texts[key] or ""


@dataclass(frozen=True)
class Truth:
    """What really happened with a commit, and when."""

    started: datetime
    deployed: datetime
    healthy: datetime | None


def stamp(moment: datetime | None) -> str | None:
    """A moment as the API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None


def without_none(value: Any) -> Any:
    """A value less all that is absent in it."""
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


class Follower:
    """What all objects have: things that are due, done in order of their time."""

    def __init__(self, repository: Repository, path: str) -> None:
        self.repository, self.path = repository, path
        self.due: dict[str, datetime] = {}
        self.truth: dict[str, Truth] = {}

    def manifest(self) -> Json:
        """The object as the API server has it now."""
        raise NotImplementedError

    def advance(self, until: datetime) -> None:
        """Let happen what is due by then, in order."""
        while self.due and min(self.due.values()) <= until:
            name = min(self.due, key=lambda each: (self.due[each], each))
            moment = self.due.pop(name)
            happens: Callable[[datetime], None] = getattr(self, f"_{name}")
            happens(moment)


@dataclass
class Pace:
    """How long everything takes."""

    poll: timedelta = timedelta(seconds=150)
    sync: timedelta = timedelta(seconds=20)
    rollout: timedelta = timedelta(seconds=45)
    refresh: timedelta = timedelta(seconds=5)


class Application(Follower):
    """An Argo CD application with one source, a directory of the repository; with ``hydrated``, through a hydrator.

    What ``breaks_with`` names in its files (a bad version) makes it unhealthy, as ``broken`` does.
    """

    def __init__(
        self,
        repository: Repository,
        name: str,
        path: str,
        *,
        pace: Pace | None = None,
        automated: bool = True,
        hydrated: bool = False,
        url: str = "https://git.example.com/acme/gitops.git",
        breaks_with: Sequence[str] = (),
    ) -> None:
        super().__init__(repository, path)
        self._breaks_with = ("broken", *breaks_with)
        self.name, self.pace, self.automated, self.hydrated, self.url = name, pace or Pace(), automated, hydrated, url
        self.compared = ""
        self.sync, self.health = "Unknown", "Healthy"
        self.health_since = START - timedelta(days=30)
        self.reconciled = START - timedelta(seconds=1)
        self.operation: Json | None = None
        self.history: list[Json] = []
        self.conditions: list[Json] = []
        self.images: list[str] = []
        self.live: str | None = None
        self.tried: str | None = None
        self.hydrations: list[tuple[str, str]] = []
        self._syncing = ""
        self._before_flap = "Healthy"
        self.due["poll"] = START

    # ------------------------------------------------------------ what happens

    def _poll(self, now: datetime) -> None:
        self.due["poll"] = now + self.pace.poll
        self._compare(now)

    def _compare(self, now: datetime) -> None:
        commit = self.repository.head
        if commit is None:
            return
        self.reconciled = now
        content = self.repository.below(self.path, commit)
        if "unrenderable" in content:
            self._cannot_render(now)
            return
        self.conditions = [each for each in self.conditions if each["type"] != "ComparisonError"]
        if self.hydrated and (not self.hydrations or self.hydrations[-1][0] != commit):
            self.hydrations.append((commit, hashlib.sha1(commit.encode(), usedforsecurity=False).hexdigest()))
        self.compared = commit
        self.sync = "Synced" if content == self.live else "OutOfSync"
        if self.sync == "OutOfSync" and self.automated and self.tried != commit and "sync_ends" not in self.due:
            self._start(commit, now)

    def _cannot_render(self, now: datetime) -> None:
        self.sync, self.compared = "Unknown", ""
        if not any(each["type"] == "ComparisonError" for each in self.conditions):
            self.conditions.append(_condition("ComparisonError", "template: no such function", now))

    def _start(self, commit: str, now: datetime) -> None:
        self.tried = self._syncing = commit
        self.operation = {
            "phase": "Running",
            "startedAt": stamp(now),
            "operation": {"sync": {"revision": self._revision(commit)}, "initiatedBy": {"automated": True}},
            "syncResult": self._result(commit),
        }
        self.due["sync_ends"] = now + self.pace.sync

    def _sync_ends(self, now: datetime) -> None:
        assert self.operation is not None
        content = self.repository.below(self.path, self._syncing)
        self.operation["finishedAt"] = stamp(now)
        if "refused" in content:
            self.operation |= {"phase": "Failed", "message": "one or more objects failed to apply"}
            self.operation["syncResult"]["resources"] = [
                {
                    "group": "apps", "version": "v1", "kind": "Deployment", "namespace": "web", "name": "web",
                    "status": "SyncFailed", "message": "admission webhook denied the request",
                }
            ]  # fmt: skip
            self.conditions.append(_condition("SyncError", "Failed last sync attempt", now))
            self.due["refresh"] = now + self.pace.refresh
            return
        self.conditions = [each for each in self.conditions if each["type"] != "SyncError"]
        self.operation |= {"phase": "Succeeded", "message": "successfully synced (all tasks run)"}
        self._deployed(content, now)

    def _deployed(self, content: str, now: datetime) -> None:
        assert self.operation is not None
        entry = {
            "id": len(self.history),
            "revision": self._revision(self._syncing),
            "deployStartedAt": self.operation["startedAt"],
            "deployedAt": stamp(now),
            "source": self._source(),
        }
        self.history = [*self.history, entry][-10:]
        new = _IMAGE.findall(content)
        self.images = list(dict.fromkeys([*self.images, *new]))
        self.live = content
        started = datetime.fromisoformat(self.operation["startedAt"])
        self.truth[self._syncing] = Truth(started, now, None)
        self.due["refresh"] = now + self.pace.refresh
        self.due["rolled_out"] = now + self.pace.rollout

    def _refresh(self, now: datetime) -> None:
        """The controller looks again after a sync: only now does it see that health has changed."""
        if "rolled_out" in self.due:
            self._turn("Progressing", now)
        self._compare(now)

    def _rolled_out(self, now: datetime) -> None:
        content = self.live or ""
        self.images = _IMAGE.findall(content)
        self.reconciled = now
        if self._is_broken(content):
            self._turn("Degraded", now)
        elif "paused" in content:
            self._turn("Suspended", now)
        else:
            self._turn("Healthy", now)
            self.truth = {
                commit: Truth(each.started, each.deployed, each.healthy or now) for commit, each in self.truth.items()
            }

    def _is_broken(self, content: str) -> bool:
        return any(word in content for word in self._breaks_with)

    def _turn(self, health: str, now: datetime) -> None:
        if health != self.health:
            self.health, self.health_since = health, now

    def flap(self, now: datetime, health: str = "Degraded", lasting: timedelta = timedelta(minutes=2)) -> None:
        """Something in the cluster makes it unwell for a while: a node that goes, an autoscaler."""
        if self.health == "Healthy":
            self._turn(health, now)
            self.reconciled = max(self.reconciled, now)
            self.due["recover"] = now + lasting

    def _recover(self, now: datetime) -> None:
        if "rolled_out" not in self.due:
            self._turn("Degraded" if self._is_broken(self.live or "") else "Healthy", now)
            self.reconciled = max(self.reconciled, now)

    # ------------------------------------------------------------ what is seen

    def _revision(self, commit: str) -> str:
        return dict(self.hydrations).get(commit, commit) if self.hydrated else commit

    def _source(self) -> Json:
        if self.hydrated:
            return {"repoURL": self.url, "path": self.path, "targetRevision": f"environments/{self.name}"}
        return {"repoURL": self.url, "path": self.path, "targetRevision": BRANCH}

    def _result(self, commit: str) -> Json:
        return {"revision": self._revision(commit), "source": self._source()}

    def _spec(self) -> Json:
        spec: Json = {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": self.name},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}} if self.automated else {},
        }
        if not self.hydrated:
            return spec | {"source": self._source()}
        dry = {"repoURL": self.url, "path": self.path, "targetRevision": BRANCH}
        return spec | {
            "sourceHydrator": {
                "drySource": dry,
                "syncSource": {"targetBranch": f"environments/{self.name}", "path": self.path},
            }
        }

    def manifest(self) -> Json:
        """The object as the API server has it now."""
        status = {
            "sync": {
                "status": self.sync,
                "revision": self._revision(self.compared),
                "comparedTo": {"source": self._source(), "destination": self._spec()["destination"]},
            },
            "health": {"status": self.health, "lastTransitionTime": stamp(self.health_since)},
            "reconciledAt": stamp(self.reconciled),
            "operationState": self.operation,
            "history": self.history,
            "conditions": self.conditions,
            "summary": {"images": self.images},
            "sourceHydrator": self._hydrator(),
        }
        found: Json = without_none(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {"name": self.name, "namespace": "argocd"},
                "spec": self._spec(),
                "status": status,
            }
        )
        return found

    def _hydrator(self) -> Json | None:
        if not self.hydrations:
            return None
        dry, hydrated = self.hydrations[-1]
        return {"lastSuccessfulOperation": {"drySHA": dry, "hydratedSHA": hydrated}}


class Kustomization(Follower):
    """A Kustomization of Flux over a directory of the repository; with ``wait``, its health is looked at."""

    def __init__(
        self, repository: Repository, name: str, path: str, *, pace: Pace | None = None, wait: bool = True
    ) -> None:
        super().__init__(repository, path)
        self.name, self.pace, self.wait = name, pace or Pace(poll=timedelta(seconds=60)), wait
        self.applied: str | None = None
        self.attempted: str | None = None
        self.history: list[Json] = []
        self.conditions: dict[str, Json] = {}
        self._started = START
        self.due["poll"] = START

    def _poll(self, now: datetime) -> None:
        if self.repository.head is None:
            self.due["poll"] = now + self.pace.poll
            return
        self._started, self.attempted = now, self.repository.head
        content = self.repository.below(self.path, self.attempted)
        self._say("Reconciling", "True", "Progressing", "Reconciliation in progress", now)
        if "unrenderable" in content:
            self._failed("BuildFailed", "kustomize build failed: invalid Kustomization", now)
        elif "refused" in content:
            self._failed("ReconciliationFailed", "Deployment/web dry-run failed: admission webhook denied", now)
        else:
            self._say("Ready", "Unknown", "Progressing", "Running health checks", now)
            self.due["done"] = now + self.pace.sync + (self.pace.rollout if self.wait else timedelta())

    def _done(self, now: datetime) -> None:
        assert self.attempted is not None
        content = self.repository.below(self.path, self.attempted)
        if self.wait and "broken" in content:
            self._remember("HealthCheckFailed", content, now)
            self._failed("HealthCheckFailed", "health check failed after 45s: Deployment/web status: 'Failed'", now)
            return
        self.applied = self.attempted
        self._remember("ReconciliationSucceeded", content, now)
        self._say("Ready", "True", "ReconciliationSucceeded", f"Applied revision: {_revision(self.applied)}", now)
        self.conditions.pop("Reconciling", None)
        self.truth.setdefault(self.applied, Truth(self._started, now, now if self.wait else None))
        self.due["poll"] = now + self.pace.poll

    def _failed(self, reason: str, message: str, now: datetime) -> None:
        self._say("Ready", "False", reason, message, now)
        self.conditions.pop("Reconciling", None)
        self.due["poll"] = now + self.pace.poll

    def _say(self, kind: str, status: str, reason: str, message: str, now: datetime) -> None:
        before = self.conditions.get(kind)
        since = before["lastTransitionTime"] if before and before["status"] == status else stamp(now)
        self.conditions[kind] = {
            "type": kind, "status": status, "reason": reason, "message": message,
            "observedGeneration": 1, "lastTransitionTime": since,
        }  # fmt: skip

    def _remember(self, status: str, content: str, now: datetime) -> None:
        digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
        known = next((each for each in self.history if each["digest"] == digest), None)
        entry = {
            "digest": digest,
            "firstReconciled": known["firstReconciled"] if known else stamp(now),
            "lastReconciled": stamp(now),
            "lastReconciledDuration": f"{(now - self._started).total_seconds():g}s",
            "lastReconciledStatus": status,
            "totalReconciliations": known["totalReconciliations"] + 1 if known else 1,
            "metadata": {"revision": _revision(self.attempted)},
        }
        self.history = [entry, *(each for each in self.history if each is not known)][:5]

    def manifest(self) -> Json:
        """The object as the API server has it now."""
        found: Json = without_none(
            {
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                "metadata": {"name": self.name, "namespace": "flux-system"},
                "spec": {
                    "interval": "1m",
                    "path": f"./{self.path}",
                    "prune": True,
                    "wait": self.wait,
                    "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
                },
                "status": {
                    "observedGeneration": 1,
                    "lastAppliedRevision": _revision(self.applied) if self.applied else None,
                    "lastAttemptedRevision": _revision(self.attempted) if self.attempted else None,
                    "history": self.history,
                    "conditions": list(self.conditions.values()),
                },
            }
        )
        return found


class HelmRelease(Follower):
    """A HelmRelease whose chart's version stands in a file of the repository (``version: 1.2.3``).

    With ``remediate``, a failed upgrade is rolled back.
    """

    def __init__(
        self,
        repository: Repository,
        name: str,
        path: str,
        *,
        chart: str = "web",
        pace: Pace | None = None,
        remediate: bool = False,
    ) -> None:
        super().__init__(repository, path)
        self.name, self.chart, self.remediate = name, chart, remediate
        self.pace = pace or Pace(poll=timedelta(seconds=60))
        self.version = ""
        self.attempted: str | None = None
        self.generation = self.observed = 0
        self.history: list[Json] = []
        self.conditions: dict[str, Json] = {}
        self.took: str | None = None
        self._content = ""
        self._started = START
        self.due["poll"] = START

    def _poll(self, now: datetime) -> None:
        self.due["poll"] = now + self.pace.poll
        commit = self.repository.head
        if commit is None or "done" in self.due:
            return
        content = self.repository.below(self.path, commit)
        version = re.search(r"version: (\S+)", content)
        if version is None or content == self._content:
            return
        self._content, self.version = content, version[1]
        self.generation += 1
        self._started, self.attempted = now, self.version
        self.observed = self.generation
        self._say("Reconciling", "True", "Progressing", "Running 'upgrade' action", now)
        self._say("Ready", "Unknown", "Progressing", "Running 'upgrade' action", now)
        self.due["done"] = now + self.pace.sync + self.pace.rollout

    def _done(self, now: datetime) -> None:
        self.took = f"{(now - self._started).total_seconds():g}s"
        self.conditions.pop("Reconciling", None)
        if "broken" not in self._content:
            self._release("deployed", self.version, self._started)
            self.conditions.pop("Remediated", None)
            self._say("Ready", "True", "UpgradeSucceeded", f"Helm upgrade succeeded for {self.name}", now)
            self.truth[self.version] = Truth(self._started, now, now)
            return
        before = next((each["chartVersion"] for each in self.history if each["status"] == "deployed"), None)
        self._release("failed", self.version, self._started)
        self._say("Ready", "False", "UpgradeFailed", "Helm upgrade failed: context deadline exceeded", now)
        if self.remediate and before is not None:
            self._release("deployed", before, now)
            self._say("Remediated", "True", "RollbackSucceeded", f"Helm rollback to {before} succeeded", now)

    def _release(self, status: str, version: str, now: datetime) -> None:
        older = [each | ({"status": "superseded"} if status == "deployed" and each["status"] == "deployed" else {})
                 for each in self.history]  # fmt: skip
        entry = {
            "name": self.name, "namespace": "web", "version": len(older) + 1, "status": status,
            "chartName": self.chart, "chartVersion": version, "configDigest": "sha256:00", "digest": "sha256:00",
            "firstDeployed": stamp(START), "lastDeployed": stamp(now), "deleted": None,
        }  # fmt: skip
        self.history = [entry, *older][:5]

    def _say(self, kind: str, status: str, reason: str, message: str, now: datetime) -> None:
        self.conditions[kind] = {
            "type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": stamp(now),
        }  # fmt: skip

    def manifest(self) -> Json:
        """The object as the API server has it now."""
        found: Json = without_none(
            {
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "metadata": {"name": self.name, "namespace": "web", "generation": self.generation},
                "spec": {
                    "interval": "1m",
                    "chart": {
                        "spec": {
                            "chart": self.chart,
                            "version": self.version,
                            "sourceRef": {"kind": "HelmRepository", "name": "charts"},
                        }
                    },
                },
                "status": {
                    "observedGeneration": self.observed,
                    "lastAttemptedRevision": self.attempted,
                    "lastAttemptedReleaseActionDuration": self.took,
                    "history": self.history,
                    "conditions": list(self.conditions.values()),
                },
            }
        )
        return found


@dataclass
class World:
    """A clock, a repository and everything that follows it."""

    directory: Path
    clock: Clock = field(default_factory=Clock)
    followers: list[Application | Kustomization | HelmRelease] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.repository = Repository(self.directory, self.clock)

    def application(self, name: str, path: str, **options: Any) -> Application:
        """An Argo CD application on a directory."""
        self.followers.append(made := Application(self.repository, name, path, **options))
        return made

    def kustomization(self, name: str, path: str, **options: Any) -> Kustomization:
        """A Kustomization of Flux on a directory."""
        self.followers.append(made := Kustomization(self.repository, name, path, **options))
        return made

    def helm_release(self, name: str, path: str, **options: Any) -> HelmRelease:
        """A HelmRelease of Flux in a directory."""
        self.followers.append(made := HelmRelease(self.repository, name, path, **options))
        return made

    def advance(self, **length: float) -> datetime:
        """Let time pass (``minutes=5``); everything happens that is due by then."""
        self.clock.now += timedelta(**length)
        for follower in self.followers:
            follower.advance(self.clock.now)
        return self.clock.now

    def objects(self) -> Iterable[tuple[str, str, Json]]:
        """All objects as they are now, for ``KubernetesApi.live``."""
        plurals = {"Application": "applications", "Kustomization": "kustomizations", "HelmRelease": "helmreleases"}
        for follower in self.followers:
            item = follower.manifest()
            yield item["apiVersion"], plurals[item["kind"]], item


def _condition(kind: str, message: str, now: datetime) -> Json:
    return {"type": kind, "message": message, "lastTransitionTime": stamp(now)}


def _revision(commit: str | None) -> str:
    return f"{BRANCH}@sha1:{commit}"
