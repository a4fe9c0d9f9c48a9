"""The part of the published CRDs that is read: fields, types, enumerations, and what has to be there.

Written after the whole schemas of ``argoproj.io/v1alpha1``, ``kustomize.toolkit.fluxcd.io/v1`` and
``helm.toolkit.fluxcd.io/v2``. A field that a CRD does not have is pruned by a real server, so an object with one is not
an object that could ever be read.
"""

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
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
APPLICATION = object_of(
    required=("metadata", "spec"),
    apiVersion=TEXT,
    kind=one_of("Application"),
    metadata=META,
    spec=object_of(
        required=("destination", "project"),
        project=TEXT,
        destination=ANYTHING,
        source=SOURCE,
        sources=list_of(SOURCE),
        syncPolicy=ANYTHING,
        sourceHydrator=object_of(
            required=("drySource", "syncSource"), drySource=ANYTHING, syncSource=ANYTHING, hydrateTo=ANYTHING
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
KUSTOMIZATION = object_of(
    required=("metadata", "spec"),
    apiVersion=TEXT,
    kind=one_of("Kustomization"),
    metadata=META,
    spec=object_of(
        required=("interval", "prune", "sourceRef"),
        interval=TEXT, path=TEXT, prune=FLAG, wait=FLAG, sourceRef=ANYTHING, suspend=FLAG,
        healthChecks=list_of(ANYTHING),
    ),
    status=object_of(
        observedGeneration=COUNT,
        lastAppliedRevision=TEXT,
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
HELM_RELEASE = object_of(
    apiVersion=TEXT,
    kind=one_of("HelmRelease"),
    metadata=META,
    spec=object_of(required=("interval",), interval=TEXT, chart=ANYTHING, values=ANYTHING, suspend=FLAG),
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

_SCHEMAS = {"Application": APPLICATION, "Kustomization": KUSTOMIZATION, "HelmRelease": HELM_RELEASE}


def problems(item: dict[str, Any]) -> list[str]:
    """What a real server would refuse or prune in an object."""
    found = Draft202012Validator(_SCHEMAS[item["kind"]]).iter_errors(item)
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in found]
