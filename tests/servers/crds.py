"""The part of the published CRDs that is read: fields, types, enumerations, and what has to be there.

Written after the whole schemas of ``argoproj.io/v1alpha1`` (Argo CD 3), ``kustomize.toolkit.fluxcd.io/v1``
(kustomize-controller 1.8.4) and ``helm.toolkit.fluxcd.io/v2`` (helm-controller 1.5.4), and compared with validators
made from these: they accept every object of the simulation and of the tables, and refuse each once one of its fields is
of another type.
A field that a CRD does not have is pruned by a real server, so an object with one is not an object that could ever be
read.
"""

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
LENGTH: Schema = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer"}


def object_of(*, required: tuple[str, ...] = (), **fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


ANYTHING: Schema = {}
META = {"type": "object", "required": ["name"]}

# ---------------------------------------------------------------- Argo CD

SOURCE = object_of(
    required=("repoURL",), repoURL=TEXT, path=TEXT, targetRevision=TEXT, chart=TEXT, ref=TEXT, helm=ANYTHING
)
SYNC = object_of(
    required=("status",),
    status=one_of("Synced", "OutOfSync", "Unknown"),
    revision=TEXT,
    revisions=list_of(TEXT),
    comparedTo=object_of(required=("destination",), source=SOURCE, sources=list_of(SOURCE), destination=ANYTHING),
)
RESOURCE_RESULT = object_of(
    required=("group", "kind", "name", "namespace", "version"),
    group=TEXT, kind=TEXT, name=TEXT, namespace=TEXT, version=TEXT, status=TEXT, message=TEXT,
)  # fmt: skip
OPERATION = object_of(
    required=("operation", "phase", "startedAt"),
    operation=ANYTHING,
    phase=one_of("Running", "Terminating", "Failed", "Error", "Succeeded"),
    message=TEXT,
    startedAt=TIME,
    finishedAt=TIME,
    syncResult=object_of(
        required=("revision",),
        revision=TEXT,
        revisions=list_of(TEXT),
        source=SOURCE,
        resources=list_of(RESOURCE_RESULT),
    ),
)
SYNC_SOURCE = object_of(required=("path", "targetBranch"), path=TEXT, targetBranch=TEXT, repoURL=TEXT)
APPLICATION = object_of(
    required=("apiVersion", "metadata", "spec"),
    apiVersion=one_of("argoproj.io/v1alpha1"),
    kind=one_of("Application"),
    metadata=META,
    operation=ANYTHING,
    spec=object_of(
        required=("destination", "project"),
        project=TEXT,
        destination=ANYTHING,
        source=SOURCE,
        sources=list_of(SOURCE),
        syncPolicy=ANYTHING,
        sourceHydrator=object_of(
            required=("drySource", "syncSource"), drySource=ANYTHING, syncSource=SYNC_SOURCE, hydrateTo=ANYTHING
        ),
    ),
    status=object_of(
        sync=SYNC,
        health=object_of(
            status=one_of("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"),
            lastTransitionTime=TIME,
            message=TEXT,
        ),
        reconciledAt=TIME,
        operationState=OPERATION,
        history=list_of(
            object_of(
                required=("deployedAt", "id"),
                id=COUNT, revision=TEXT, revisions=list_of(TEXT), deployStartedAt=TIME, deployedAt=TIME, source=SOURCE,
            )
        ),
        conditions=list_of(object_of(required=("message", "type"), type=TEXT, message=TEXT, lastTransitionTime=TIME)),
        resources=list_of(
            object_of(
                group=TEXT, version=TEXT, kind=TEXT, namespace=TEXT, name=TEXT, status=SYNC["properties"]["status"],
                requiresPruning=FLAG, hook=FLAG, syncWave=COUNT, health=ANYTHING,
            )
        ),
        summary=object_of(images=list_of(TEXT), externalURLs=list_of(TEXT)),
        sourceHydrator=object_of(lastSuccessfulOperation=ANYTHING, currentOperation=ANYTHING),
    ),
)  # fmt: skip

# ---------------------------------------------------------------- Flux

CONDITION = object_of(
    required=("lastTransitionTime", "message", "reason", "status", "type"),
    type=TEXT,
    status=one_of("True", "False", "Unknown"),
    reason=TEXT,
    message=TEXT,
    lastTransitionTime=TIME,
    observedGeneration=COUNT,
)


def reference(*kinds: str) -> Schema:
    return object_of(required=("kind", "name"), apiVersion=TEXT, kind=one_of(*kinds), name=TEXT, namespace=TEXT)


OF_KUSTOMIZATION = reference("GitRepository", "OCIRepository", "Bucket", "ExternalArtifact")
OF_RELEASE = reference("OCIRepository", "HelmChart", "ExternalArtifact")
KUSTOMIZATION = object_of(
    required=("apiVersion", "metadata", "spec"),
    apiVersion=one_of("kustomize.toolkit.fluxcd.io/v1"),
    kind=one_of("Kustomization"),
    metadata=META,
    spec=object_of(
        required=("interval", "prune", "sourceRef"),
        interval=LENGTH, path=TEXT, prune=FLAG, wait=FLAG, sourceRef=OF_KUSTOMIZATION, suspend=FLAG,
        healthChecks=list_of(ANYTHING),
    ),
    status=object_of(
        observedGeneration=COUNT,
        lastAppliedRevision=TEXT,
        lastAppliedOriginRevision=TEXT,
        lastAttemptedRevision=TEXT,
        conditions=list_of(CONDITION),
        history=list_of(
            object_of(
                required=(
                    "digest", "firstReconciled", "lastReconciled", "lastReconciledDuration", "lastReconciledStatus",
                ),
                digest=TEXT, firstReconciled=TIME, lastReconciled=TIME, lastReconciledDuration=TEXT,
                lastReconciledStatus=TEXT, totalReconciliations=COUNT, metadata=ANYTHING,
            )
        ),
    ),
)  # fmt: skip
CHART = object_of(
    spec=object_of(
        required=("chart", "sourceRef"),
        chart=TEXT,
        version=TEXT,
        sourceRef=reference("HelmRepository", "GitRepository", "Bucket"),
        interval=LENGTH,
        valuesFiles=ANYTHING,
    )
)
HELM_RELEASE = object_of(
    required=("apiVersion", "metadata", "spec"),
    apiVersion=one_of("helm.toolkit.fluxcd.io/v2"),
    kind=one_of("HelmRelease"),
    metadata=META,
    spec=object_of(
        required=("interval",), interval=LENGTH, chart=CHART, chartRef=OF_RELEASE, values=ANYTHING, upgrade=ANYTHING,
        suspend=FLAG,
    ),
    status=object_of(
        observedGeneration=COUNT,
        lastAttemptedRevision=TEXT,
        lastAttemptedReleaseActionDuration=TEXT,
        conditions=list_of(CONDITION),
        history=list_of(
            object_of(
                required=(
                    "chartName", "chartVersion", "configDigest", "digest",
                    "firstDeployed", "lastDeployed", "name", "namespace", "status", "version",
                ),
                name=TEXT, namespace=TEXT, version=COUNT, status=TEXT, chartName=TEXT, chartVersion=TEXT,
                configDigest=TEXT, digest=TEXT, firstDeployed=TIME, lastDeployed=TIME,
            )
        ),
    ),
)  # fmt: skip

_PLACEHOLDERS: dict[str, Any] = {"string": "x", "integer": 1, "boolean": False, "array": [], "object": {}}


def completed(item: dict[str, Any], kind: str) -> dict[str, Any]:
    """An object with all that its CRD demands, whatever the parts that are given leave out."""
    given = {"kind": kind, **item}
    found: dict[str, Any] = _completed(given, _SCHEMAS[kind])
    return found


def _completed(item: Any, schema: Schema) -> Any:
    if isinstance(item, list) and "items" in schema:
        return [_completed(each, schema["items"]) for each in item]
    if not isinstance(item, dict) or "properties" not in schema:
        return item
    fields: dict[str, Schema] = schema["properties"]
    missing = {name: _placeholder(fields[name]) for name in schema["required"] if name not in item}
    return {name: _completed(value, fields.get(name, ANYTHING)) for name, value in {**missing, **item}.items()}


def _placeholder(schema: Schema) -> Any:
    if "pattern" in schema:
        return "2026-01-01T00:00:00Z" if schema is TIME else "1m"
    return schema["enum"][0] if "enum" in schema else _PLACEHOLDERS[schema.get("type", "object")]


_SCHEMAS = {"Application": APPLICATION, "Kustomization": KUSTOMIZATION, "HelmRelease": HELM_RELEASE}


def problems(item: dict[str, Any]) -> list[str]:
    """What a real server would refuse or prune in an object."""
    found = Draft202012Validator(_SCHEMAS[item["kind"]]).iter_errors(item)
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in found]
