"""Finding the configuration, reading it, and what comes of a whole file."""

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from updater.api import Secret
from updater.config import FILE_NAMES, Config, InvalidConfig, Place, Subject, load, parse
from updater.config.load import MAX_SIZE
from updater.config.patterns import compile_file_pattern, compile_regex
from updater.errors import ConfigError
from updater.hosts import HostRule
from updater.model.track import Origin, UpdateType
from updater.repo import open_tree

_FILES = Path(__file__).parent / "files"
_SUBJECT = Subject(
    manager="kubernetes", path="apps/a.yaml", datasource="docker", package_name="nginx", dep_name="nginx"
)


def _write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def _load(root: Path, **environment: str) -> Config:
    return load(open_tree(root), environment=environment)


# ---------------------------------------------------------------- whole files


def test_the_configuration_of_the_task_means_what_it_says() -> None:
    """A preset, a manager's files in an old form, and a custom manager under its old name: no complaints."""
    config = parse((_FILES / "acceptance.json").read_text(), path="renovate.json")
    repository = config.repository
    (patterns,) = [repository.managers["kubernetes"].file_patterns]
    (custom,) = repository.custom_managers

    assert config.problems == ()
    assert patterns == (r"/apps/.+\.yaml$/",)
    assert compile_file_pattern(patterns[0])("apps/production/web.yaml")
    assert not compile_file_pattern(patterns[0])("charts/web/values.yaml")
    assert custom == {
        "customType": "regex",
        "managerFilePatterns": [r"/apps/.+\.yaml$/"],
        "matchStrings": [r"image: (?<depName>.*?):(?<currentValue>.*?)\s"],
        "datasourceTemplate": "docker",
    }
    assert compile_regex(str(custom["matchStrings"][0])).search("image: nginx:1.27 ")["depName"] == "nginx"  # type: ignore[index]
    assert repository.dependency_dashboard
    assert "**/test/**" in repository.ignore_paths


def test_a_configuration_of_a_team_means_what_it_says() -> None:
    """Old and new names, presets with arguments, blocks, rules and what is not supported, all in one file."""
    config = parse((_FILES / "team.json5").read_text(), path="renovate.json5")
    postgres = structs.replace(_SUBJECT, package_name="postgres", dep_name="postgres")
    ours = structs.replace(_SUBJECT, package_name="ghcr.io/example/web", path="apps/production/web.yaml")
    policy = config.policy(structs.replace(ours, update_type=UpdateType.PATCH))

    assert config.repository.base_branch_patterns == ("main",)
    assert config.repository.timezone == "Europe/Berlin"
    assert config.repository.managers["helm-values"].enabled is False
    assert config.repository.host_rules[0].match_host == "registry.example.com"
    assert config.policy(postgres).allowed_versions == "<17"
    assert config.policy(postgres).pin_digests
    assert config.policy(structs.replace(postgres, manager="argocd")).pin_digests is False
    assert policy.minimum_release_age == timedelta(days=3)
    assert (policy.group_name, policy.automerge) == ("our services", True)
    assert (policy.labels, policy.add_labels) == (("dependencies", "gitops"), ("production", "ours"))
    assert config.policy(structs.replace(ours, package_name="ghcr.io/example/legacy")).group_name is None
    assert config.policy(structs.replace(ours, update_type=UpdateType.MAJOR)).dependency_dashboard_approval
    assert policy.origins["minimum_release_age"] == Origin(path="renovate.json5", line=25)
    remote, unsupported = map(str, config.problems)
    assert remote.startswith(
        'renovate.json5:10:5: note: the preset "github>example/renovate-config" has not been fetched yet'
    )
    assert unsupported == (
        'renovate.json5:42:3: warning: "postUpgradeTasks" is known to Renovate, not supported here, because nothing '
        "from a repository is executed"
    )


def test_what_is_shown_is_json_with_places_and_without_secrets() -> None:
    """Every option is there, with where it comes from; credentials are masked."""
    config = parse((_FILES / "team.json5").read_text(), path="renovate.json5")
    shown = json.loads(json.dumps(config.to_json()))

    assert shown["file"] == "renovate.json5"
    assert shown["options"]["prHourlyLimit"] == {"value": 0, "origin": "renovate.json5:14"}
    assert shown["options"]["prConcurrentLimit"] == {"value": 10, "origin": None}
    assert shown["options"]["labels"]["origin"] == "renovate.json5:7 → :labels"
    assert shown["managers"]["kubernetes"]["managerFilePatterns"] == [r"/apps/.+\.yaml$/"]
    assert shown["packageRules"][-1]["matchers"] == [{"matchPackageNames": ["postgres"]}]
    assert shown["packageRules"][-1]["options"] == {"allowedVersions": "<17"}
    assert shown["hostRules"] == [{"matchHost": "registry.example.com", "username": "bot", "password": "****"}]
    assert "not-a-secret" not in str(shown) + repr(config)


def test_durations_are_shown_as_people_write_them() -> None:
    """Not in seconds."""
    shown = parse('{minimumReleaseAge: "36h"}', path="c").to_json()["options"]

    assert isinstance(shown, dict)
    assert shown["minimumReleaseAge"]["value"] == "36 hours"


# ---------------------------------------------------------------- which file


def test_files_are_looked_for_in_the_documented_order() -> None:
    """In each directory ours come before Renovate's."""
    assert FILE_NAMES[0] == "updater.json"
    assert [name for name in FILE_NAMES if name.endswith(".json")] == [
        *("updater.json", "renovate.json", ".github/updater.json", ".github/renovate.json"),
        *(".gitlab/updater.json", ".gitlab/renovate.json", ".renovaterc.json"),
    ]
    assert (
        FILE_NAMES.index(".renovaterc") < FILE_NAMES.index(".renovaterc.json") < FILE_NAMES.index(".renovaterc.json5")
    )


@pytest.mark.parametrize("name", FILE_NAMES)
def test_each_file_name_is_found(name: str, tmp_path: Path) -> None:
    """Whatever else is in the directory; all of them are JSON5."""
    _write(tmp_path, {name: "{prHourlyLimit: 7, /* comment */}", "other.json": "{}"})

    assert _load(tmp_path).path == name
    assert _load(tmp_path).repository.pr_hourly_limit == 7


def test_the_first_file_counts_and_the_others_are_named(tmp_path: Path) -> None:
    """A file without effect should not surprise anybody."""
    _write(tmp_path, {"renovate.json": "{prConcurrentLimit: 1}", ".github/renovate.json5": "{prConcurrentLimit: 2}"})
    config = _load(tmp_path)

    assert config.repository.pr_concurrent_limit == 1
    assert [str(problem) for problem in config.problems] == [
        ".github/renovate.json5: warning: this file is not read, because there is renovate.json"
    ]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    """Nothing has an origin."""
    config = _load(tmp_path)

    assert config.path is None
    assert config.repository.pr_concurrent_limit == 10
    assert (config.policy(_SUBJECT).branch_prefix, config.policy(_SUBJECT).origins) == ("updater/", {})


def test_a_named_file_takes_the_place_of_the_repository_s(tmp_path: Path) -> None:
    """It may lie anywhere."""
    _write(tmp_path, {"renovate.json": "{prHourlyLimit: 1}", "elsewhere/x.json": "{prConcurrentLimit: 2}"})
    file = tmp_path / "elsewhere" / "x.json"
    config = load(open_tree(tmp_path), file=file)

    assert (config.path, config.repository.pr_hourly_limit, config.repository.pr_concurrent_limit) == (str(file), 2, 2)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(ConfigError, match=r"absent\.json: cannot be read"):
        load(open_tree(tmp_path), file=tmp_path / "absent.json")


# ---------------------------------------------------------------- hostile files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "renovate.json:1:1: the text ends"),
        (b"{", 'renovate.json:1:1: this "{" is never closed'),
        (b"[]", "renovate.json:1:1: a configuration is an object"),
        (b"null", "a configuration is an object"),
        (b'{\n"a": "\xff"}', "renovate.json:2: this is not UTF-8"),
        (b"{a:" * 50_000, "levels deep"),
        (b" " * (MAX_SIZE + 1), "1,048,576 bytes at most"),
        (b'{"labels": {}}', "renovate.json:1:2: "),
    ],
)
def test_a_file_that_cannot_be_understood_is_an_error(content: bytes, message: str, tmp_path: Path) -> None:
    """With its name, the place and what is wrong, from the repository as from the command line."""
    _write(tmp_path, {"renovate.json": content})

    with pytest.raises(ConfigError) as raised:
        _load(tmp_path)
    assert message in str(raised.value)
    with pytest.raises(ConfigError):
        load(open_tree(tmp_path), file=tmp_path / "renovate.json")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors write one."""
    _write(tmp_path, {"renovate.json": b'\xef\xbb\xbf{"prHourlyLimit": 3}'})

    assert _load(tmp_path).repository.pr_hourly_limit == 3


_KEYS = ["packageRules", "extends", "customManagers", "hostRules", "kubernetes", "major", "matchDepNames", "groupName"]
_KEYS += ["labels", "automerge", "schedule", "fileMatch", "docker", "matchStrings", "stabilityDays", "registryAliases"]
_KEYS += ["minimumReleaseAge", "matchPackagePatterns", "allowedVersions", "prHourlyLimit", "timezone", "force", "zzz"]
_WORDS = st.sampled_from(
    ["", "*", "nginx", "/a/", "/(/", "!x", "{{", "{{a}}", "3 days", "UTC", "group:all", ":label(a)"]
)
_PARTS = st.recursive(
    _WORDS | st.none() | st.booleans() | st.integers(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), part, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(_KEYS), _PARTS, max_size=5))
def test_any_object_is_either_understood_or_refused(raw: dict[str, object]) -> None:
    """No combination of keys and values raises anything but ``ConfigError``, then or later."""
    with suppress(ConfigError):
        config = parse(json.dumps(raw), path="c")
        assert config.policy(_SUBJECT)
        assert json.dumps(config.to_json())
        assert all(str(problem).startswith("c:1:") for problem in config.problems)


# ---------------------------------------------------------------- problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"prHourlyLimt": 1}',
            'c:1:2: warning: unknown option "prHourlyLimt" at the top level (did you mean "prHourlyLimit"?)',
        ),
        ('{"zzz": 1}', 'c:1:2: warning: unknown option "zzz" at the top level'),
        ('{"kubernets": {}}', '(did you mean "kubernetes"?)'),
        ('{"groupname": "x"}', '(did you mean "groupName"?)'),
        ('{"postUpdateOptions": ["x"]}', '"postUpdateOptions" is known to Renovate, not supported here'),
        ('{"platform": "github"}', '"platform" is a setting of the bot; it has no effect here'),
        ('{"force": {"automerge": true}}', '"force" is a setting of the bot'),
        (
            '{"matchDepNames": ["x"]}',
            '"matchDepNames" has no effect at the top level (move it to an entry of "packageRules")',
        ),
        ('{"major": {"gitAuthor": "x"}}', '"gitAuthor" has no effect inside "major" (move it to the top level)'),
        ('{"kubernetes": {"enabledManagers": []}}', '"enabledManagers" has no effect inside "kubernetes"'),
        ('{"kubernetes": {"managerFilePatern": []}}', 'did you mean "managerFilePatterns"?'),
        (
            '{"packageRules": [{"matchDepNames": ["x"], "automrge": true}]}',
            'unknown option "automrge" inside a package rule',
        ),
        ('{"packageRules": [{"matchDepName": ["x"]}]}', 'unknown matcher "matchDepName"'),
        ('{"packageRules": [{"matchUpdateTypes": ["mayor"]}]}', 'nothing is called "mayor" (did you mean "major"?)'),
        ('{"packageRules": [{"matchManagers": ["kustomise"]}]}', '(did you mean "kustomize"?)'),
        ('{"timezone": "Europe/Berlyn"}', "there is no time zone 'Europe/Berlyn'; UTC is used"),
        ('{"schedule": ["at dawn"]}', "the schedule 'at dawn' is not understood and counts as always open"),
        ('{"labels": ["a"], "labels": ["b"]}', '"labels" was given before; only this one counts'),
        (
            '{"customManagers": [{"customType": "jsonata", "matchStringsStrategy": "any"}]}',
            '"matchStringsStrategy" has no effect with the customType "jsonata" (it belongs to the customType "regex")',
        ),
        (
            '{"customManagers": [{"fileFormat": "yaml"}]}',
            '"fileFormat" has no effect with the customType "regex" (it belongs to the customType "jsonata")',
        ),
        ('{"enabledManagers": ["helm"]}', '"enabledManagers": nothing is called "helm" (did you mean "helmv3"?)'),
        ('{"schedule": ["weekly"]}', '(there is the preset "schedule:weekly" for `extends`)'),
        ('{"schedule": ["0 3 * * *"]}', "is closed in most minutes (write * for the minutes)"),
        ('{"group": {"labels": ["x"]}}', '"labels": no effect inside "group"'),
        ('{"prTitle": "{{depNam}}"}', '"prTitle" speaks of depNam, which is always empty (did you mean depName?)'),
        ('{"labels": ["{{#if x}}a{{/if}}"]}', '"labels" speaks of x, which is always empty'),
        ('{"hostRules": [{"tokn": "x"}]}', 'unknown option "tokn" inside a host rule (did you mean "token"?)'),
    ],
)
def test_what_has_no_effect_is_warned_about(text: str, expected: str) -> None:
    """With its place and, where there is one, what was meant."""
    (problem,) = parse(text, path="c").problems

    assert problem.severity == "warning"
    assert (problem.line is not None, problem.column is not None) == (True, True)
    assert expected in str(problem)


@pytest.mark.parametrize(
    "text",
    [
        '{"lockFileMaintenance": {"enabled": false}, "osvVulnerabilityAlerts": false, "postUpdateOptions": []}',
        '{"$schema": "x", "description": ["a"], "packageRules": [{"description": "b", "matchDepNames": ["x"]}]}',
        '{"hostRules": [{"matchHost": "x", "abortOnError": true}], "npm": {"enabled": false}}',
        '{"packageRules": null, "customManagers": null, "major": null, "extends": null}',
    ],
)
def test_what_asks_for_nothing_is_not_warned_about(text: str) -> None:
    """Switching off what does not exist, comments, and fields that change nothing."""
    assert parse(text, path="c").problems == ()


def test_a_custom_manager_with_a_pattern_that_cannot_be_used_is_left_out() -> None:
    """Only that one, and it is an error with its place and advice."""
    config = parse(
        """{customManagers: [
          {managerFilePatterns: ['a'], matchStrings: ['(?<depName>a)', '(?=b)']},
          {managerFilePatterns: ['/(/'], matchStrings: ['a']},
          {managerFilePatterns: ['b'], matchStrings: ['b']},
        ]}""",
        path="c",
    )

    assert [made["matchStrings"] for made in config.repository.custom_managers] == [["b"]]
    assert config.repository.custom_manager_origins == (Origin(path="c", line=4),)
    assert [(problem.severity, problem.line) for problem in config.problems] == [("error", 2), ("error", 3)]
    assert "no lookahead" in str(config.problems[0])


def test_a_file_pattern_that_cannot_be_used_is_left_out() -> None:
    """The other patterns of the manager stay."""
    config = parse("{kubernetes: {managerFilePatterns: ['/(/', 'b']}}", path="c")

    assert config.repository.managers["kubernetes"].file_patterns == ("b",)
    assert [problem.severity for problem in config.problems] == ["error"]


def test_managers_of_plugins_may_head_a_block(tmp_path: Path) -> None:
    """If the caller knows them."""
    _write(tmp_path, {"renovate.json": "{mine: {labels: ['x']}}"})
    config = load(open_tree(tmp_path), managers=["mine"])

    assert config.problems == ()
    assert config.policy(structs.replace(_SUBJECT, manager="mine")).labels == ("x",)
    assert "unknown option" in str(_load(tmp_path).problems[0])


# ---------------------------------------------------------------- hosts


def test_host_rules_become_rules_with_secrets() -> None:
    """Milliseconds become seconds, credentials secrets."""
    config = parse(
        """{hostRules: [{
          matchHost: 'registry.example.com', hostType: 'docker', username: 'u', password: 'p', token: 't',
          authType: 'Token-Only', headers: {'X-A': 'b'}, timeout: 1500, enabled: true, insecureRegistry: true,
          concurrentRequestLimit: 4, maxRequestsPerSecond: 2, maxRetryAfter: 60,
        }]}""",
        path="c",
    )

    assert config.repository.host_rules == (
        HostRule(
            match_host="registry.example.com",
            host_type="docker",
            username="u",
            password=Secret("p"),
            token=Secret("t"),
            auth_type="Token-Only",
            headers={"X-A": "b"},
            timeout=1.5,
            enabled=True,
            insecure_registry=True,
            concurrent_request_limit=4,
            max_requests_per_second=2,
            max_retry_after=60,
        ),
    )


def test_secrets_kept_elsewhere_are_not_sent_as_their_placeholder() -> None:
    """The rule stays, the credential does not, and an error says what to do."""
    config = parse("{hostRules: [{matchHost: 'a.b', token: '{{ secrets.TOKEN }}'}]}", path="c")

    assert config.repository.host_rules == (HostRule(match_host="a.b"),)
    assert [problem.severity for problem in config.problems] == ["error"]
    assert "RENOVATE_DOCKER_GHCR_IO_TOKEN" in config.problems[0].message


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"GITHUB_TOKEN": "a"}, [("github.com", None, "a"), ("api.github.com", None, "a")]),
        ({"GITHUB_TOKEN": "a", "GITHUB_COM_TOKEN": "b"}, [("github.com", None, "b"), ("api.github.com", None, "b")]),
        ({"RENOVATE_DOCKER_GHCR_IO_TOKEN": "a"}, [("ghcr.io", "docker", "a")]),
        ({"UPDATER_GITLAB__TAGS_CODE__HOST_EXAMPLE_COM_TOKEN": "a"}, [("code-host.example.com", "gitlab-tags", "a")]),
        ({"RENOVATE_DOCKER_TOKEN": "a"}, [(None, "docker", "a")]),
        ({"DOCKER_GHCR_IO_TOKEN": "a"}, []),
        ({"DOCKER_GHCR_IO_TOKEN": "a", "RENOVATE_DETECT_HOST_RULES_FROM_ENV": "true"}, [("ghcr.io", "docker", "a")]),
        ({"RENOVATE_TOKEN": "a", "RENOVATE_GITHUB_LOCALHOST_TOKEN": "b", "RENOVATE_X_A_B_TOKEN": "c"}, []),
        ({"GITHUB_TOKEN": ""}, []),
    ],
)
def test_the_environment_brings_credentials(
    environment: Mapping[str, str], expected: list[tuple[str | None, str | None, str]], tmp_path: Path
) -> None:
    """By host type, host and field; what has another form is something else."""
    rules = load(open_tree(tmp_path), environment=environment).repository.host_rules

    assert [(rule.match_host, rule.host_type, rule.token and rule.token.reveal()) for rule in rules] == expected


def test_user_name_and_password_of_the_environment_make_one_rule(tmp_path: Path) -> None:
    """They come before the rules of the file, which are therefore stronger."""
    _write(tmp_path, {"renovate.json": "{hostRules: [{matchHost: 'x.y'}]}"})
    config = _load(tmp_path, RENOVATE_DOCKER_A_B_USERNAME="u", RENOVATE_DOCKER_A_B_PASSWORD="p")

    assert config.repository.host_rules == (
        HostRule(match_host="a.b", host_type="docker", username="u", password=Secret("p")),
        HostRule(match_host="x.y"),
    )


# ---------------------------------------------------------------- the configuration of the environment


def test_the_environment_s_configuration_lies_below_the_file(tmp_path: Path) -> None:
    """``UPDATER_CONFIG`` above ``RENOVATE_CONFIG``, both below the repository's file."""
    _write(tmp_path, {"renovate.json": "{branchConcurrentLimit: 3}"})
    config = _load(
        tmp_path,
        RENOVATE_CONFIG=(
            "{branchConcurrentLimit: 1, prConcurrentLimit: 1, labels: ['r'], platform: 'github', token: 't'}"
        ),
        UPDATER_CONFIG='{"branchConcurrentLimit": 2, "prConcurrentLimit": 2, "extends": [":automergeAll"]}',
    )
    repository = config.repository

    assert config.problems == ()
    assert (repository.branch_concurrent_limit, repository.pr_concurrent_limit) == (3, 2)
    assert config.policy(_SUBJECT).labels == ("r",)
    assert repository.origins["pr_concurrent_limit"] == Origin(path="UPDATER_CONFIG", line=1)
    assert config.policy(_SUBJECT).automerge


def test_what_the_environment_forces_beats_the_file(tmp_path: Path) -> None:
    """Its package rules included."""
    file = "{prHourlyLimit: 3, automerge: true, packageRules: [{matchDepNames: ['*'], automerge: true, labels: ['x']}]}"
    _write(tmp_path, {"renovate.json": file})
    config = _load(tmp_path, UPDATER_CONFIG="{force: {prHourlyLimit: 0, extends: [':automergeDisabled']}}")

    assert config.repository.pr_hourly_limit == 0
    assert config.policy(_SUBJECT).automerge is False
    assert config.policy(_SUBJECT).labels == ("x",)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "never closed"), ("[]", "an object"), ("{automerge: 1}", "true or")]
)
def test_mistakes_in_the_environment_are_named(text: str, message: str, tmp_path: Path) -> None:
    """By the name of the variable."""
    with pytest.raises(ConfigError, match=message) as raised:
        _load(tmp_path, UPDATER_CONFIG=text)

    assert raised.value.path == "UPDATER_CONFIG"


# ---------------------------------------------------------------- costs


def test_heavy_libraries_are_loaded_only_when_they_are_needed() -> None:
    """A configuration without patterns needs none; no configuration ever needs YAML, HTTP or a forge."""
    code = (
        "import sys; from updater.config import parse;"
        'parse(\'{"labels": ["a"], "packageRules": [{"matchDepNames": ["x"], "automerge": true}]}\', path="c");'
        "print([name for name in ('re2', 'wcmatch', 'cronsim', 'pyjson5', 'yaml', 'httpx', 'github', 'rich')"
        " if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


def test_errors_are_config_errors() -> None:
    """Whoever catches those catches all."""
    assert issubclass(InvalidConfig, ConfigError)


def test_environments_that_others_name_have_to_be_declared() -> None:
    """What ``after`` and reconcilers name and nobody declares is said, with the name that was probably meant."""
    text = """{
      environments: [{name: "staging"}, {name: "production", after: "stagin"}],
      reconcilers: [{type: "flux", environments: ["prodution", "staging"]}],
    }"""

    assert [str(problem) for problem in parse(text, path="renovate.json5").problems] == [
        'renovate.json5:2: warning: "environments": no environment is called "stagin" (did you mean "staging"?)',
        'renovate.json5:3: warning: "reconcilers": no environment is called "prodution" (did you mean "production"?)',
    ]


def test_rules_on_where_it_lives(tmp_path: Path) -> None:
    """``matchRepositories`` and ``matchBaseBranches`` look at the repository and the branch that the run is for."""
    rules = [
        {"matchRepositories": ["acme/*"], "matchBaseBranches": ["main"], "addLabels": ["here"]},
        {"matchRepositories": ["other/*"], "addLabels": ["elsewhere"]},
        {"addLabels": ["of {{repository}}"]},
    ]
    (tmp_path / "renovate.json").write_text(json.dumps({"packageRules": rules}))
    place = Place(repository="acme/apps", base="main")

    assert load(open_tree(tmp_path), place=place).policy(_SUBJECT).add_labels == ("here", "of acme/apps")
    assert (
        "here" not in load(open_tree(tmp_path), place=structs.replace(place, base="next")).policy(_SUBJECT).add_labels
    )
