"""Presets: each can be used, and does what its name says."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from updater.config import Policy, RepositoryOptions, Subject, parse
from updater.config.patterns import compile_list, compile_regex
from updater.config.presets import PRESETS, RENAMED, current_name, is_inert, parse_name
from updater.config.schedule import is_open
from updater.hosts import HostRule
from updater.model.track import UpdateType

_SUBJECT = Subject(
    manager="kubernetes", path="apps/a.yaml", datasource="docker", package_name="nginx", dep_name="nginx",
    current_value="1.27", current_version="1.27.0", update_type=UpdateType.MINOR,
)  # fmt: skip


def _policy(*names: str, subject: Subject = _SUBJECT) -> Policy:
    return parse(f"{{extends: {list(names)!r}}}", path="c").policy(subject)


def _repository(*names: str) -> RepositoryOptions:
    return parse(f"{{extends: {list(names)!r}}}", path="c").repository


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_used(name: str) -> None:
    """Without a problem, whatever its arguments, and with a description; without arguments nobody looks for any."""
    config = parse(f'{{extends: ["{name}(Europe/Berlin, b)"]}}', path="c")

    assert config.problems == ()
    assert PRESETS[name].text.endswith((".", ".)"))
    assert config.policy(_SUBJECT)


def test_what_arguments_bring_is_looked_at() -> None:
    """A template that cannot be read is left out, and a pattern, too: they are not ours."""
    template, pattern = parse('{extends: [":semanticCommitType({{#if)", ":pinDigest(/(/)"]}', path="c").problems

    assert "the template cannot be read" in template.message
    assert "the pattern '(' cannot be used" in pattern.message


@pytest.mark.parametrize(
    ("preset", "field", "expected"),
    [
        (":automergeAll", "automerge", True),
        (":automergeMinor", "automerge", True),
        (":automergePatch", "automerge", False),
        (":automergePatch", "separate_minor_patch", True),
        (":automergeMajor", "automerge", False),
        (":automergeStableNonMajor", "automerge", True),
        (":separateMultipleMajorReleases", "separate_multiple_major", True),
        (":separatePatchReleases", "separate_minor_patch", True),
        (":label(x)", "labels", ("x",)),
        (":labels(x, y)", "labels", ("x", "y")),
        (":labels(x)", "labels", ("x",)),
        (":assignee(ann)", "assignees", ("ann",)),
        (":assignAndReview(ann)", "reviewers", ("ann",)),
        (":reviewer(team:ops)", "reviewers", ("team:ops",)),
        (":timezone(Europe/Berlin)", "timezone", "Europe/Berlin"),
        (":semanticCommitType(build)", "semantic_commit_type", "build"),
        (":semanticCommitTypeAll(fix)", "semantic_commit_type", "fix"),
        (":semanticCommitScope(images)", "semantic_commit_scope", "images"),
        (":semanticCommitScopeDisabled", "semantic_commit_scope", None),
        (":semanticCommits", "semantic_commits", "enabled"),
        (":pinVersions", "range_strategy", "pin"),
        (":pinDigest(nginx)", "pin_digests", True),
        (":pinDigest(redis)", "pin_digests", False),
        (":doNotPinPackage(nginx)", "range_strategy", "replace"),
        (":followTag(nginx, stable)", "follow_tag", "stable"),
        (":rebaseStalePrs", "rebase_when", "behind-base-branch"),
        (":gitSignOff", "commit_body", "Signed-off-by: "),
        (":disableRenovate", "enabled", False),
        ("default:disableRenovate", "enabled", False),
        (":dependencyDashboardApproval", "dependency_dashboard_approval", True),
        (":approveMajorUpdates", "dependency_dashboard_approval", False),
        ("docker:pinDigests", "pin_digests", True),
        ("docker:disable", "enabled", False),
        ("docker:disableMajor", "enabled", True),
        ("config:best-practices", "pin_digests", True),
        ("security:only-security-updates", "enabled", False),
        ("group:all", "group_slug", "all"),
        ("group:all", "separate_major_minor", False),
        ("group:allNonMajor", "group_slug", "all-minor-patch"),
        ("group:allDigest", "group_name", None),
        ("schedule:earlyMondays", "schedule", ("* 0-3 * * 1",)),
    ],
)
def test_presets_set_what_their_name_says(preset: str, field: str, expected: object) -> None:
    """Seen from a minor update of an image."""
    assert getattr(_policy(preset), field) == expected


@pytest.mark.parametrize(
    ("preset", "type_", "field", "expected"),
    [
        (":automergeMajor", UpdateType.MAJOR, "automerge", True),
        (":automergePatch", UpdateType.PATCH, "automerge", True),
        (":automergeDigest", UpdateType.DIGEST, "automerge", True),
        (":disableMajorUpdates", UpdateType.MAJOR, "enabled", False),
        (":disableDigestUpdates", UpdateType.DIGEST, "enabled", False),
        (":approveMajorUpdates", UpdateType.MAJOR, "dependency_dashboard_approval", True),
        ("docker:disableMajor", UpdateType.MAJOR, "enabled", False),
        ("group:allDigest", UpdateType.DIGEST, "group_slug", "all-digest"),
        ("group:allNonMajor", UpdateType.MAJOR, "group_slug", None),
    ],
)
def test_presets_for_one_type_of_update(preset: str, type_: UpdateType, field: str, expected: object) -> None:
    """They leave the other types alone (see the table above)."""
    assert getattr(_policy(preset, subject=structs.replace(_SUBJECT, update_type=type_)), field) == expected


def test_automerging_what_is_stable_leaves_zero_versions_out() -> None:
    """0.x may break with every minor version."""
    for version in ("0.9.0", "v0.9.0"):
        assert not _policy(
            ":automergeStableNonMajor", subject=structs.replace(_SUBJECT, current_version=version)
        ).automerge


def test_pinning_digests_leaves_charts_in_registries_alone() -> None:
    """As far as a manager's images are charts."""
    assert not _policy("docker:pinDigests", subject=structs.replace(_SUBJECT, manager="argocd")).pin_digests


def test_the_recommended_beginning_has_a_dashboard_and_ignores_what_is_not_deployed() -> None:
    """Nothing else changes what is updated."""
    repository = _repository("config:recommended")
    ignored = compile_list(repository.ignore_paths)

    assert repository.dependency_dashboard
    assert [
        path for path in ("a/node_modules/x", "vendor/x", "b/test/x", "examples/x", "latest/x") if not ignored(path)
    ] == ["latest/x"]
    assert repository.pr_hourly_limit == 2


@pytest.mark.parametrize(
    ("preset", "field", "expected"),
    [
        (":prHourlyLimitNone", "pr_hourly_limit", 0),
        (":prHourlyLimit4", "pr_hourly_limit", 4),
        (":prConcurrentLimit20", "pr_concurrent_limit", 20),
        (":disableRateLimiting", "pr_concurrent_limit", 0),
        (":includeNodeModules", "ignore_paths", ()),
        (":disableDependencyDashboard", "dependency_dashboard", False),
        (":disableHost(example.com)", "host_rules", (HostRule(match_host="example.com", enabled=False),)),
    ],
)
def test_presets_for_the_repository(preset: str, field: str, expected: object) -> None:
    """Limits, paths and hosts."""
    assert getattr(_repository("config:recommended", preset), field) == expected


@pytest.mark.parametrize(
    ("preset", "open_at", "closed_at"),
    [
        ("schedule:daily", "2026-11-24T03:59", "2026-11-24T04:00"),
        ("schedule:weekly", "2026-11-23T00:00", "2026-11-24T00:00"),
        ("schedule:monthly", "2026-12-01T03:00", "2026-12-02T03:00"),
        ("schedule:quarterly", "2026-10-01T03:00", "2026-11-01T03:00"),
        ("schedule:yearly", "2026-01-01T03:00", "2026-02-01T03:00"),
        ("schedule:weekdays", "2026-11-27T12:00", "2026-11-28T12:00"),
        ("schedule:weekends", "2026-11-29T12:00", "2026-11-30T12:00"),
        ("schedule:officeHours", "2026-11-24T17:59", "2026-11-24T18:00"),
        ("schedule:nonOfficeHours", "2026-11-24T22:00", "2026-11-24T12:00"),
    ],
)
def test_schedules_are_open_when_their_name_says(preset: str, open_at: str, closed_at: str) -> None:
    """Open at the first moment, closed at the second."""
    schedule = _policy(preset).schedule

    assert is_open(schedule, None, datetime.fromisoformat(open_at).replace(tzinfo=UTC))
    assert not is_open(schedule, None, datetime.fromisoformat(closed_at).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("argo-cd", ["argo-cd", "quay.io/argoproj/argocd", "ghcr.io/argoproj/argo-helm/argo-cd", "argoproj/argo-cd"]),
        (
            "cert-manager",
            ["cert-manager", "quay.io/jetstack/cert-manager-controller", "quay.io/jetstack/charts/cert-manager"],
        ),
        ("cilium", ["cilium", "quay.io/cilium/cilium", "quay.io/cilium/operator-generic"]),
        ("external-secrets", ["external-secrets", "ghcr.io/external-secrets/external-secrets"]),
        ("flux", ["fluxcd/flux2", "ghcr.io/fluxcd/source-controller", "flux2"]),
        ("istio", ["istiod", "istio/pilot", "gcr.io/istio-release/proxyv2"]),
        ("prometheus-stack", ["kube-prometheus-stack", "quay.io/prometheus/node-exporter", "prom/prometheus"]),
        ("grafana-stack", ["loki", "grafana/alloy", "docker.io/grafana/grafana"]),
        ("traefik", ["traefik", "ghcr.io/traefik/traefik"]),
        (None, ["nginx", "argo-tunnel", "ghcr.io/team/cilium-cli", "postgres"]),
    ],
)
def test_the_parts_of_a_gitops_project_move_together(slug: str | None, names: list[str]) -> None:
    """Chart and images of one project share a group; what is not part of it does not."""
    assert {
        _policy("group:gitops", subject=structs.replace(_SUBJECT, package_name=name)).group_slug for name in names
    } == {slug}


def test_istio_charts_are_known_by_their_repository() -> None:
    """Their names alone (base, gateway) could be anybody's."""
    chart = structs.replace(_SUBJECT, datasource="helm", package_name="base")
    istio = structs.replace(chart, registry_urls=("https://istio-release.storage.googleapis.com/charts",))

    assert _policy("group:istio", subject=istio).group_slug == "istio"
    assert _policy("group:istio", subject=chart).group_slug is None


def test_images_of_a_frozen_registry_are_replaced() -> None:
    """Only the registry changes."""
    image = structs.replace(_SUBJECT, package_name="k8s.gcr.io/ingress-nginx/controller")

    assert _policy("config:recommended", subject=image).replacement_name == "registry.k8s.io/ingress-nginx/controller"
    assert _policy("config:recommended").replacement_name is None


@pytest.mark.parametrize(
    ("preset", "path", "text", "value"),
    [
        (
            "dockerfileVersions",
            "a/Dockerfile.prod",
            "# renovate: datasource=docker depName=x\nARG X_VERSION=1.2\n",
            "1.2",
        ),
        ("dockerfileVersions", "Dockerfile", '# updater: datasource=helm depName=x\nENV X="1.2"\n', "1.2"),
        (
            "githubActionsVersions",
            ".github/workflows/a.yml",
            "  # renovate: datasource=a-b depName=c/d\n  KEY: 'v1'\n",
            "v1",
        ),
        ("gitlabPipelineVersions", "ci/a.gitlab-ci.yml", "  # renovate: datasource=a depName=b\n  KEY: 1.0\n", "1.0"),
        ("makefileVersions", "Makefile", "# renovate: datasource=a depName=b versioning=loose\nX ?= v1.0\n", "v1.0"),
        ("tfvarsVersions", "a/prod.tfvars", '# renovate: datasource=a depName=b\nversion = "1.30"\n', "1.30"),
        ("helmChartYamlAppVersions", "c/Chart.yaml", "# renovate: datasource=a depName=b\nappVersion: '2.0'\n", "2.0"),
        ("azurePipelinesVersions", "azure-pipelines.yml", "# renovate: datasource=a depName=b\nKEY: 1.0\n", "1.0"),
        (
            "bitbucketPipelinesVersions",
            "bitbucket-pipelines.yml",
            "  # renovate: datasource=a depName=b\n  - KEY=1.0\n",
            "1.0",
        ),
    ],
)
def test_annotated_values_are_found(preset: str, path: str, text: str, value: str) -> None:
    """The comment says what the value below it is."""
    (manager,) = _repository(f"customManagers:{preset}").custom_managers
    files, patterns = manager["managerFilePatterns"], manager["matchStrings"]

    assert isinstance(files, list)
    assert isinstance(patterns, list)
    assert compile_list(files)(path)
    assert compile_regex(patterns[0]).search(text)["currentValue"] == value


def test_presets_can_be_ignored_at_any_depth() -> None:
    """``ignorePresets`` leaves a preset out wherever another one extends it."""
    text = '{extends: ["config:recommended"], ignorePresets: [":dependencyDashboard"]}'

    assert not parse(text, path="c").repository.dependency_dashboard


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("local>example/config//path/file", "which forge this repository is on is not known here"),
        ("example/config", "which forge this repository is on is not known here"),
        (":maintainLockFilesWeekly", "known to Renovate, not supported here"),
        (":enableVulnerabilityAlerts", "known to Renovate, not supported here"),
        ("config:recomended", 'did you mean "config:recommended"?'),
        (":zzz", 'there is no preset ":zzz"'),
    ],
)
def test_presets_that_are_not_there_are_warned_about(name: str, message: str) -> None:
    """With their place; the run goes on with the others."""
    config = parse(f'{{\n extends: [\n  "{name}", ":automergeAll"]}}', path="c")
    (problem,) = config.problems

    assert message in str(problem)
    assert (problem.severity, problem.line, problem.column) == ("warning", 3, 3)
    assert config.policy(_SUBJECT).automerge


@pytest.mark.parametrize("name", ["github>example/config", "gitlab>a/b#v1", "https://example.com/preset.json"])
def test_presets_that_are_elsewhere_are_noted(name: str) -> None:
    """Nothing is wrong with them: a check does without the network, a run fetches them."""
    config = parse(f'{{\n extends: [\n  "{name}", ":automergeAll"]}}', path="c")
    (problem,) = config.problems

    assert "has not been fetched yet" in problem.message
    assert (problem.severity, problem.line, problem.column) == ("note", 3, 3)
    assert config.policy(_SUBJECT).automerge


@pytest.mark.parametrize(
    "name",
    [
        ":switchToGradleLite",
        "group:kubernetes",
        "group:monorepos",
        "group:kubernetesMonorepo",
        "workarounds:all",
        "npm:unpublishSafe",
        ":docker",
        "replacements:x",
    ],
)
def test_presets_about_what_does_not_exist_here_are_accepted(name: str) -> None:
    """A warning would help nobody."""
    assert is_inert(current_name(name))
    assert parse(f'{{extends: ["{name}"]}}', path="c").problems == ()


def test_old_names_of_presets_lead_to_today_s() -> None:
    """Each leads to one that exists."""
    assert {name for name in RENAMED.values() if name not in PRESETS and not is_inert(name)} == set()
    assert parse_name("regexManagers:dockerfileVersions") == ("customManagers:dockerfileVersions", ())
    assert _repository("config:base").ignore_paths == _repository("config:recommended").ignore_paths


def test_no_preset_extends_itself() -> None:
    """Directly or through others."""

    def below(name: str, seen: tuple[str, ...] = ()) -> None:
        assert name not in seen
        extended = PRESETS[name].config.get("extends", []) if name in PRESETS else []
        assert isinstance(extended, list)
        for other in extended:
            below(parse_name(other)[0], (*seen, name))

    for name in PRESETS:
        below(name)
