"""The words of a configuration that are not options: managers, matchers, and what Renovate knows beyond us.

Names are facts of Renovate's public interface (https://docs.renovatebot.com/configuration-options/); knowing them
makes the difference between "unknown" and "not supported here".
"""

from collections.abc import Mapping


def words(text: str) -> frozenset[str]:
    """The words of a text, for long lists of names."""
    return frozenset(text.split())


UPDATE_BLOCKS = ("major", "minor", "patch", "pin", "digest", "pinDigest", "replacement", "rollback")
"""Keys whose options apply to updates of that type only."""

IGNORED_KEYS = frozenset({"$schema", "description", "extends", "ignorePresets", "//"})
"""Keys without effect of their own; ``extends`` and ``ignorePresets`` are read before all others."""

UPDATE_TYPES = (*UPDATE_BLOCKS, "lockfileUpdate", "bump", "lockFileMaintenance", "rollback")
"""What ``matchUpdateTypes`` may name."""

MATCHERS: Mapping[str, str] = {
    "matchManagers": "The manager that found the dependency, such as `kubernetes` or `custom.regex`.",
    "matchCategories": "A category of the manager, such as `kubernetes`, `helm`, `docker`, `terraform`, `ci` or `cd`.",
    "matchFileNames": "The path of the file, relative to the root of the repository.",
    "matchDatasources": "The datasource that is asked for versions, such as `docker` or `helm`.",
    "matchPackageNames": "The name that the registry is asked for.",
    "matchDepNames": "The name of the dependency as the file has it.",
    "matchDepTypes": "The kind of dependency within its file, such as `provider` or `module`.",
    "matchEnvironments": "The environment that the path speaks of, such as `production`. (An addition of ours.)",
    "matchRegistryUrls": "Any of the addresses of the registry.",
    "matchSourceUrls": "Where the source code lives; known once the registry has answered.",
    "matchRepositories": "The name of the repository, `owner/name`.",
    "matchBaseBranches": "The branch that is updated.",
    "matchCurrentValue": "The version as it stands in the file.",
    "matchCurrentVersion": "The version in use: a range that must hold it, or a pattern between slashes.",
    "matchCurrentAge": "How long ago the version in use was published, as in `> 3 days`; known once the registry has "
    "answered.",
    "matchNewValue": "The text that would be written; known once there is an update.",
    "matchUpdateTypes": "How far the update goes: `major`, `minor`, `patch`, `pin`, `digest` or `pinDigest`.",
    "matchIsBreaking": "Whether the new version may break what uses it: another major version or, where versions are "
    "semantic, anything that follows a `0.x` or a prerelease.",
    "matchJsonata": "A JSONata expression that is true of what templates may speak of, such as "
    "`updateType = 'minor' and $contains(depName, 'team')`.",
}

UNSUPPORTED_MATCHERS: Mapping[str, str] = {
    "matchConfidence": "its levels come from a service of Renovate's vendor, for which one needs a token of his "
    "(`minimumReleaseAge` needs none)",
    "matchMessage": "it is about log messages",
    "matchNewVersion": "`matchNewValue` and `allowedVersions` look at new versions",
}
"""Matchers that Renovate has and this tool does not: name → why not."""

_KUBERNETES, _HELM, _CD = ("kubernetes",), ("helm", "kubernetes"), ("cd", "kubernetes")
_TERRAFORM, _DOCKER, _CI = ("iac", "terraform"), ("docker",), ("ci",)

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "ansible": ("ansible", "iac"), "ansible-galaxy": ("ansible", "iac"), "argocd": _CD,
    "azure-pipelines": _CI, "bicep": ("iac",), "bitbucket-pipelines": _CI, "buildkite": _CI, "circleci": _CI,
    "cloudbuild": _CI, "crossplane": ("iac", "kubernetes"), "crow": _CI, "custom.jsonata": ("custom",),
    "custom.regex": ("custom",), "custom.yaml": ("custom",), "devcontainer": _DOCKER, "docker-compose": _DOCKER,
    "dockerfile": _DOCKER, "droneci": _CI, "fleet": _CD, "flux": _CD, "github-actions": _CI, "gitlabci": _CI,
    "gitlabci-include": _CI, "glasskube": _CD, "helm-requirements": _HELM, "helm-values": _HELM,
    "helmfile": ("cd", *_HELM), "helmsman": ("cd", *_HELM), "helmv3": _HELM, "jenkins": _CI,
    "jsonnet-bundler": _KUBERNETES, "kubernetes": _KUBERNETES, "kustomize": _KUBERNETES, "nomad": ("cd",),
    "packer": ("iac",), "quadlet": _DOCKER, "skaffold": _CD, "sveltos": _CD,
    "tekton": ("ci", "cd"), "terraform": _TERRAFORM, "terraform-version": _TERRAFORM,
    "terragrunt": _TERRAFORM, "terragrunt-version": _TERRAFORM, "tflint-plugin": _TERRAFORM, "travis": _CI,
    "velaci": _CI, "vendir": _HELM, "woodpecker": _CI, "zarf": _CD,
}  # fmt: skip
"""What ``matchCategories`` knows of each manager."""

READ_WITH: Mapping[str, tuple[str, ...]] = {
    "helm-lock": ("helmv3", "helm-requirements"),
    "terraform-lock": ("terraform", "terragrunt"),
}
"""Managers that are a part of others for Renovate: to enable one of those enables them."""

MANAGERS = frozenset(CATEGORIES) | words(
    """
    annotations ant apm asdf atlantis batect batect-wrapper bazel bazel-module bazelisk bitrise buildpacks bun
    bun-version bundler cake cargo cdnurl cocoapods composer conan copier cpanfile deno deps-edn devbox fvm
    git-submodules gleam gomod gradle gradle-wrapper haskell-cabal hermit homeassistant-manifest homebrew html
    kotlin-script leiningen maven maven-wrapper meteor mint mise mix nix nodenv npm nuget nvm ocb osgi pep621 pep723
    pip-compile pip_requirements pip_setup pipenv pixi poetry pre-commit proto pub puppet pyenv renovate-config
    ruby-version runtime-version rust-toolchain sbt scalafmt setup-cfg smithy swift talos typst unity3d
    unity3d-packages xcodegen
"""
)
"""The names that may head a block of options for one manager; installed plugins add theirs."""

HOST_TYPES = words(
    """
    docker helm terraform-provider terraform-module github github-tags github-releases github-digest
    github-release-attachments gitlab gitlab-tags gitlab-releases gitlab-packages git-tags git-refs bitbucket
    bitbucket-tags gitea gitea-tags gitea-releases forgejo forgejo-tags forgejo-releases azure galaxy
    galaxy-collection jenkins-plugins orb azure-pipelines-tasks endoflife-date artifactory npm pypi go maven nuget
    packagist rubygems crate
    """
)
"""What ``hostType`` may be in the name of an environment variable: datasources and forges."""

UNSUPPORTED_HOST_OPTIONS = words(
    """
    abortIgnoreStatusCodes abortOnError allowInternal artifactAuth dnsCache enableHttp2 httpsCertificate
    httpsCertificateAuthority httpsPrivateKey keepAlive newLogLevel readOnly
"""
)
"""Fields of host rules that Renovate has and that change nothing here."""

_UNSUPPORTED: Mapping[str, str] = {
    "nothing from a repository is executed": """
        allowScripts composerIgnorePlatformReqs constraintsVersioning env goGetDirs ignorePlugins ignoreScripts
        gomodTidy postUpdateOptions postUpgradeTasks skipInstalls toolSettings
    """,
    "lock files change with the versions in them, and only there": """
        lockFileMaintenance transitiveRemediation updateLockFiles
    """,
    "no database of vulnerabilities covers images, charts and providers": """
        dependencyDashboardOSVVulnerabilitySummary osvVulnerabilityAlerts vulnerabilityAlerts vulnerabilityFixStrategy
        vulnerabilitySeverity
    """,
    "manifests of programming languages are not what this tool is for": """
        depTypes dependencies devDependencies engines ignoreNpmrcFile npmToken npmrc npmrcMerge optionalDependencies
        peerDependencies supportPolicy unpublishSafe updateInternalDeps
    """,
    "names and titles are made of parts: branchTopic, commitMessageTopic, commitMessageExtra and so on": """
        branchName commitMessage groupBranchName groupCommitMessage groupPrBody groupPrTitle
    """,
    "nothing but the characters of versions is edited": "autoReplaceGlobalMatch excludeCommitPaths",
    "files are read from the repository's own tree": "cloneSubmodules cloneSubmodulesFilter",
    "`updater config migrate` edits the file when you say so": "configMigration configWarningReuseIssue",
    "secrets belong into environment variables": "encrypted",
    "its messages are not Renovate's": "logLevelRemap printConfig userStrings",
    "merging is not asked of another bot by a comment": "automergeComment",
    "ages are compared exactly": "minimumReleaseAgeBuffer",
    "its pull requests have sections of their own": "customizeDashboard prBodyHeadingDefinitions",
    "the forge decides it": """
        assigneesSampleSize autoApprove azureWorkItemId azureWorkItemType bbAutoResolvePrTasks bbUseDefaultReviewers
        confidential expandCodeOwnersGroups filterUnavailableUsers forkModeDisallowMaintainerEdits
        gitLabIgnoreApprovals ignorePrAuthor ignoreReviewers reviewersSampleSize
""",
    "a replacement is written where the old name stood": "replacementApproach",
    "texts of rules are not shown": "overrideDescription",
    "Renovate has dropped it as well": """
        allowCommandTemplating allowPostUpgradeCommandTemplating deepExtract gitFs lazyGrouping maintainYarnLock
        raiseDeprecationWarnings statusCheckVerify trustLevel yarnCacheFolder yarnMaintenanceBranchName
        yarnMaintenanceCommitMessage yarnMaintenancePrBody yarnMaintenancePrTitle
    """,
}

UNSUPPORTED_OPTIONS: Mapping[str, str] = {name: why for why, names in _UNSUPPORTED.items() for name in names.split()}
"""Options of a repository that Renovate has and this tool does not: name → why not."""

BOT_OPTIONS = words(
    """
    allowCustomCrateGitRegistries allowCustomCrateRegistries allowPlugins allowScripts
    allowShellExecutorForPostUpgradeCommands allowedCommands allowedEnv allowedHeaders allowedUnsafeExecutions
    autodiscover autodiscoverFilter autodiscoverNamespaces autodiscoverProjects autodiscoverRepoOrder
    autodiscoverRepoSort autodiscoverTopics baseDir bbUseDevelopmentBranch binarySource cacheDir cacheHardTtlMinutes
    cachePrivatePackages cacheTtlOverride checkedBranches configFileNames configValidationError containerbaseDir
    customEnvVariables deleteAdditionalConfigFile deleteConfigFile detectGlobalManagerConfig detectHostRulesFromEnv
    dockerChildPrefix dockerCliOptions dockerMaxPages dockerSidecarImage dockerUser encryptedWarning endpoint
    executionTimeout exitCodeForErrors experimentalFlags exposeAllEnv force forceCli forkCreation forkOrg forkToken
    gitNoVerify gitPrivateKey gitPrivateKeyPassphrase gitTimeout gitUrl githubTokenWarn globalExtends httpCacheTtlDays
    includeMirrors inheritConfig inheritConfigFileName inheritConfigRepoName inheritConfigStrict inheritConfigTrusted
    internalHostAccess logContext logFile logFileLevel mergeConfidenceDatasources mergeConfidenceEndpoint
    migratePresets onboarding onboardingAutoCloseAge onboardingBranch onboardingCommitMessage onboardingConfig
    onboardingConfigFileName onboardingNoDeps onboardingPrTitle onboardingRebaseCheckbox optimizeForDisabled password
    persistRepoData platform prCommitsPerRunLimit presetCachePersistence privateKey privateKeyOld privateKeyPath
    prCacheSyncMaxPages privateKeyPathOld processEnv productLinks rebaseAllOpenBranches redisPrefix redisUrl
    reportFormatting reportPath reportType repositories repositoryCache repositoryCacheForceLocal repositoryCacheType
    requireConfig s3Endpoint s3PathStyle secrets token unicodeEmoji useCloudMetadataServices userAgent username
    variables writeDiscoveredRepos
"""
)
"""Options that configure Renovate as a service; they mean nothing in a repository."""
