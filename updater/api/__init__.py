"""All that a plugin may import: the values, the protocols and the shared grammars.

Stable under semantic versioning. A plugin is a module (or any object) that meets one of the protocols below; it
is found through the entry points ``updater.managers``, ``updater.custom_managers`` and ``updater.datasources``,
each of which names a tuple of plugins.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from updater.api.clock import Clock
from updater.api.managers import Asker, CustomManager, Files, Linker, Manager, Sealer, dependency, skipped
from updater.api.secrets import Secret
from updater.api.trees import HistoricTree, Tree
from updater.errors import (
    AuthError,
    ConfigError,
    InvalidAnswer,
    NotFound,
    PlatformError,
    RateLimited,
    RequestError,
    Unavailable,
    UpdaterError,
)
from updater.images import ImageReference, image_dependency, image_package, parse_image
from updater.jsonata import check as check_jsonata
from updater.jsonata import evaluate_jsonata
from updater.model.scan import (
    Clue,
    Dependency,
    Edit,
    Environment,
    Extracted,
    Json,
    LockEntry,
    Package,
    Place,
    Remark,
    Skipped,
    SourceFile,
    Span,
)

if TYPE_CHECKING:
    from updater.api.datasources import (
        ArchiveSource,
        Client,
        Credentials,
        Datasource,
        DatasourceMaker,
        DateSource,
        DigestSource,
        Distiller,
        ForwardSource,
        HashSource,
        MadeDatasource,
        NotesSource,
        OriginSource,
        PlatformSource,
        Published,
        Response,
        ResumableSource,
    )
    from updater.api.platforms import Platform
    from updater.api.reconcilers import BranchHistory, ChangeSource, HealthSource, History, Reconciler
    from updater.api.versionings import Versioning
    from updater.model.forge import (
        CheckState,
        Comment,
        Commit,
        Deployment,
        DeploymentState,
        Finding,
        FindingLevel,
        Identity,
        Issue,
        MergeStrategy,
        Proposal,
        PullRequest,
        PullRequestState,
        Pushed,
        RemoteBranch,
        Review,
        ReviewState,
        Status,
    )
    from updater.model.history import Revision
    from updater.model.lookup import Note, Release, Releases, Requirement
    from updater.rollout import (
        Change,
        Expectation,
        Health,
        OwnCommit,
        PlanSummary,
        Rewrite,
        Rollout,
        RolloutState,
        Target,
        TargetKind,
        Times,
        Touch,
        Verdict,
    )
    from updater.templates import Template, read_template

__all__ = [
    "ArchiveSource",
    "Asker",
    "AuthError",
    "BranchHistory",
    "Change",
    "ChangeSource",
    "CheckState",
    "Client",
    "Clock",
    "Clue",
    "Comment",
    "Commit",
    "ConfigError",
    "Credentials",
    "CustomManager",
    "Datasource",
    "DatasourceMaker",
    "DateSource",
    "Dependency",
    "Deployment",
    "DeploymentState",
    "DigestSource",
    "Distiller",
    "Edit",
    "Environment",
    "Expectation",
    "Extracted",
    "Files",
    "Finding",
    "FindingLevel",
    "ForwardSource",
    "HashSource",
    "Health",
    "HealthSource",
    "HistoricTree",
    "History",
    "Identity",
    "ImageReference",
    "InvalidAnswer",
    "Issue",
    "Json",
    "Linker",
    "LockEntry",
    "MadeDatasource",
    "Manager",
    "MergeStrategy",
    "NotFound",
    "Note",
    "NotesSource",
    "OriginSource",
    "OwnCommit",
    "Package",
    "Place",
    "PlanSummary",
    "Platform",
    "PlatformError",
    "PlatformSource",
    "Proposal",
    "Published",
    "PullRequest",
    "PullRequestState",
    "Pushed",
    "RateLimited",
    "Reconciler",
    "Release",
    "Releases",
    "Remark",
    "RemoteBranch",
    "RequestError",
    "Requirement",
    "Response",
    "ResumableSource",
    "Review",
    "ReviewState",
    "Revision",
    "Rewrite",
    "Rollout",
    "RolloutState",
    "Sealer",
    "Secret",
    "Skipped",
    "SourceFile",
    "Span",
    "Status",
    "Target",
    "TargetKind",
    "Template",
    "Times",
    "Touch",
    "Tree",
    "Unavailable",
    "UpdaterError",
    "Verdict",
    "Versioning",
    "check_jsonata",
    "dependency",
    "evaluate_jsonata",
    "image_dependency",
    "image_package",
    "parse_image",
    "read_template",
    "skipped",
]

_LATER = {
    "updater.api.datasources": (
        "ArchiveSource Client Credentials Datasource DatasourceMaker DateSource DigestSource Distiller "
        "ForwardSource HashSource MadeDatasource NotesSource OriginSource PlatformSource Published Response "
        "ResumableSource"
    ),
    "updater.api.platforms": "Platform",
    "updater.api.reconcilers": "BranchHistory ChangeSource HealthSource History Reconciler",
    "updater.api.versionings": "Versioning",
    "updater.model.forge": (
        "CheckState Comment Commit Deployment DeploymentState Finding FindingLevel Identity Issue MergeStrategy "
        "Proposal PullRequest PullRequestState Pushed RemoteBranch Review ReviewState Status"
    ),
    "updater.model.history": "Revision",
    "updater.model.lookup": "Note Release Releases Requirement",
    "updater.rollout": (
        "Change Expectation Health OwnCommit PlanSummary Rewrite Rollout RolloutState Target TargetKind Times "
        "Touch Verdict"
    ),
    "updater.templates": "Template read_template",
}
"""What a scan can do without, by the module that it is in: loaded when it is asked for."""
_HOMES = {name: module for module, names in _LATER.items() for name in names.split()}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A name that is loaded when it is asked for."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
