"""Argo CD: the fields of an Application that a verdict needs, out of what the API gives. Pure.

They are those of ``argoproj.io/v1alpha1``: https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from updater.fields import Object, at, is_true, moment, objects, text, texts

GROUP = "argoproj.io/v1alpha1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One of an application's sources; ``path`` or ``chart`` says what is taken from the repository."""

    repo_url: str
    target_revision: str = ""
    path: str | None = None
    chart: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was compared, tried or deployed: a revision for each source, and the sources as they were then.

    There are no revisions where it did not get so far as to know them; ``sources`` is None where they are not kept.
    """

    revisions: tuple[str, ...] = ()
    sources: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A successful sync: an entry of ``status.history``."""

    content: Content
    started: datetime | None
    deployed: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An entry of ``status.conditions``."""

    type: str
    message: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The latest sync, running or over, and what it was for."""

    phase: str
    message: str
    started: datetime | None
    finished: datetime | None
    attempted: Content
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hydration:
    """What the hydrator did last: the commit ``dry`` became ``hydrated``; the commit ``failed`` did not, and why."""

    dry: str | None
    hydrated: str | None
    failed: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The few fields of an Application that a verdict needs.

    ``is_requested`` says that a sync is asked for or running, ``compared`` is what ``sync`` is about. ``only_prunes``
    is True where nothing but the deletion of objects keeps it from being synced. ``hydration`` is there where a
    hydrator stands between the commits and what is synced. ``destination`` is a namespace and a cluster.
    """

    name: str
    namespace: str
    spec: object
    sources: tuple[Source, ...]
    compared: Content
    sync: str
    health: str
    health_since: datetime | None
    health_message: str
    reconciled: datetime | None
    is_requested: bool
    operation: Operation | None
    history: tuple[Deployment, ...]
    conditions: tuple[Condition, ...]
    images: tuple[str, ...]
    is_automated: bool
    only_prunes: bool
    hydration: Hydration | None
    project: str = "default"
    destination: tuple[str, str] = ("", "")
    link: str | None = None


def application(data: object, link: str | None = None) -> Application:
    """An Application as the API gives it; what it does not say is absent."""
    spec, status = at(data, "spec"), at(data, "status")
    return Application(
        name=text(data, "metadata", "name") or "",
        namespace=text(data, "metadata", "namespace") or "",
        spec=spec,
        sources=_sources(spec),
        compared=_content(at(status, "sync"), at(status, "sync", "comparedTo")),
        sync=text(status, "sync", "status") or "Unknown",
        health=text(status, "health", "status") or "Unknown",
        health_since=moment(status, "health", "lastTransitionTime"),
        health_message=text(status, "health", "message") or "",
        reconciled=moment(status, "reconciledAt"),
        is_requested=at(data, "operation") is not None,
        operation=_operation(at(status, "operationState")),
        history=tuple(map(_deployment, objects(status, "history"))),
        conditions=tuple(map(_condition, objects(status, "conditions"))),
        images=texts(status, "summary", "images"),
        is_automated=_is_automated(at(spec, "syncPolicy", "automated")),
        only_prunes=_only_prunes(objects(status, "resources")),
        hydration=_hydration(spec, at(status, "sourceHydrator")),
        project=text(spec, "project") or "default",
        destination=(
            text(spec, "destination", "namespace") or "",
            text(spec, "destination", "server") or text(spec, "destination", "name") or "",
        ),
        link=link or next(iter(texts(status, "summary", "externalURLs")), None),
    )


def _sources(spec: object) -> tuple[Source, ...]:
    dry = at(spec, "sourceHydrator", "drySource")
    if dry is not None:
        return (_source(dry),)
    several = objects(spec, "sources")
    if several:
        return tuple(map(_source, several))
    one = at(spec, "source")
    return (_source(one),) if isinstance(one, Mapping) else ()


def _source(data: object) -> Source:
    return Source(
        repo_url=text(data, "repoURL") or "",
        target_revision=text(data, "targetRevision") or "",
        path=text(data, "path"),
        chart=text(data, "chart"),
    )


def _content(data: object, sources_in: object) -> Content:
    """Revisions out of ``data``; the sources stand beside them or, of a comparison, in ``comparedTo``."""
    several, one = texts(data, "revisions"), text(data, "revision")
    sources = at(sources_in, "sources") or at(sources_in, "source")
    return Content(revisions=several or ((one,) if one else ()), sources=sources)


def _operation(data: object) -> Operation | None:
    phase = text(data, "phase")
    if phase is None:
        return None
    result, asked = at(data, "syncResult"), at(data, "operation", "sync")
    of_result, of_request = _content(result, result), _content(asked, asked)
    failures = (each for each in objects(result, "resources") if text(each, "status") == "SyncFailed")
    return Operation(
        phase=phase,
        message=text(data, "message") or "",
        started=moment(data, "startedAt"),
        finished=moment(data, "finishedAt"),
        attempted=of_result if of_result.revisions else of_request,
        failures=tuple(f"{text(each, 'kind')}/{text(each, 'name')}: {text(each, 'message')}" for each in failures),
    )


def _deployment(data: Object) -> Deployment:
    return Deployment(
        content=_content(data, data), started=moment(data, "deployStartedAt"), deployed=moment(data, "deployedAt")
    )


def _hydration(spec: object, data: object) -> Hydration | None:
    if at(spec, "sourceHydrator") is None:
        return None
    done, current = at(data, "lastSuccessfulOperation"), at(data, "currentOperation")
    has_failed = text(current, "phase") == "Failed"
    return Hydration(
        dry=text(done, "drySHA"),
        hydrated=text(done, "hydratedSHA"),
        failed=text(current, "drySHA") if has_failed else None,
        message=(text(current, "message") or "") if has_failed else "",
    )


def _condition(data: Object) -> Condition:
    return Condition(
        type=text(data, "type") or "",
        message=text(data, "message") or "",
        since=moment(data, "lastTransitionTime"),
    )


def _is_automated(data: object) -> bool:
    return isinstance(data, Mapping) and data.get("enabled") is not False


def _only_prunes(resources: Iterable[Object]) -> bool:
    waiting = [each for each in resources if text(each, "status") == "OutOfSync"]
    return bool(waiting) and all(is_true(each, "requiresPruning") for each in waiting)
