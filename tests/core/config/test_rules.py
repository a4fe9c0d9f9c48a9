"""Package rules: what they match, and how their options add up."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from updater import jsonata
from updater.config import Config, InvalidConfig, Policy, Subject, parse
from updater.config.presets import is_inert
from updater.config.vocabulary import MATCHERS
from updater.model.track import Origin, UpdateType

_SUBJECT = Subject(
    manager="kubernetes",
    path="apps/production/web.yaml",
    datasource="docker",
    package_name="ghcr.io/team/web",
    dep_name="ghcr.io/Team/web",
    dep_type="container",
    current_value="v1.2.3",
    current_version="1.2.3",
    registry_urls=("https://ghcr.io", "https://mirror.example.com"),
    environment="production",
    source_url="https://github.com/team/web",
    update_type=UpdateType.MINOR,
    new_value="v1.3.0",
    new_version="1.3.0",
    repository="team/gitops",
    base_branch="main",
    current_age=timedelta(days=5),
    is_breaking=False,
)
_NOTHING_KNOWN = Subject(manager="x", path="x", datasource="x", package_name="x", dep_name="x")


def _config(*rules: str, top: str = "") -> Config:
    return parse(f"{{{top} packageRules: [{', '.join(rules)}]}}", path="c")


def _labels(config: Config, subject: Subject = _SUBJECT) -> tuple[str, ...]:
    return config.policy(subject).add_labels


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        ("matchManagers: ['kubernetes']", True),
        ("matchManagers: 'argocd'", False),
        ("matchCategories: ['kubernetes']", True),
        ("matchCategories: ['terraform']", False),
        ("matchFileNames: ['apps/production/**']", True),
        ("matchFileNames: ['apps/*']", False),
        ("matchDatasources: ['docker', 'helm']", True),
        ("matchPackageNames: ['ghcr.io/team/web']", True),
        ("matchPackageNames: ['GHCR.io/team/WEB']", True),
        ("matchPackageNames: ['ghcr.io/*']", False),
        ("matchPackageNames: ['ghcr.io/**', '!**/web']", False),
        ("matchPackageNames: ['!nginx']", True),
        ("matchPackageNames: ['!nginx', '!ghcr.io/**']", False),
        ("matchPackageNames: ['/^ghcr/']", True),
        ("matchDepNames: ['/Team/']", True),
        ("matchDepNames: ['/TEAM/']", False),
        ("matchDepNames: ['/TEAM/i']", True),
        ("matchDepTypes: ['container']", True),
        ("matchDepTypes: ['module']", False),
        ("matchEnvironments: ['production']", True),
        ("matchEnvironments: ['!production']", False),
        ("matchRegistryUrls: ['https://mirror.**']", True),
        ("matchRegistryUrls: ['https://quay.io']", False),
        ("matchSourceUrls: ['https://github.com/team/**']", True),
        ("matchRepositories: ['team/*']", True),
        ("matchRepositories: ['other/*']", False),
        ("matchBaseBranches: ['main']", True),
        ("matchBaseBranches: ['/^release/']", False),
        ("matchCurrentValue: '/^v/'", True),
        ("matchCurrentValue: '/^[0-9]/'", False),
        ("matchCurrentVersion: '>=1.2.0 <2'", True),
        ("matchCurrentVersion: '<1'", False),
        ("matchCurrentVersion: '!/^0/'", True),
        ("matchCurrentVersion: '/^0/'", False),
        ("matchNewValue: '/^v1\\\\.3/'", True),
        ("matchNewValue: '/^v2/'", False),
        ("matchCurrentAge: '> 3 days'", True),
        ("matchCurrentAge: '>= 5d'", True),
        ("matchCurrentAge: '> 5 days'", False),
        ("matchCurrentAge: '<= 1 week'", True),
        ("matchCurrentAge: '< 1 day'", False),
        ("matchIsBreaking: false", True),
        ("matchIsBreaking: true", False),
        ("matchJsonata: ['depType = \\'container\\' and currentVersionAgeInDays > 3']", True),
        ("matchJsonata: 'updateType = \\'major\\''", False),
        ("matchJsonata: ['false', '$contains(packageName, /^ghcr/)']", True),
        ("matchJsonata: '\\'kubernetes\\' in categories'", True),
        ("matchJsonata: '$exists($$.replacementName)'", False),
        ("matchJsonata: '$number(depName) > 1'", False),
        ("matchUpdateTypes: ['minor', 'patch']", True),
        ("matchUpdateTypes: ['major']", False),
    ],
)
def test_matchers_look_at_their_fact(matcher: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """Each matcher decides by the one fact it is about."""
    config = _config(f"{{{matcher}, addLabels: ['hit']}}")

    assert config.problems == ()
    assert (_labels(config) == ("hit",)) is expected


_WRITTEN = {
    "matchUpdateTypes": "'minor'",
    "matchCurrentAge": "'> 0 days'",
    "matchIsBreaking": "false",
    "matchJsonata": "'newVersion != \\'1\\' and isBreaking = false'",
}
_ALWAYS_KNOWN = {"matchManagers", "matchFileNames", "matchDatasources", "matchPackageNames", "matchDepNames"}


@pytest.mark.parametrize("name", sorted(set(MATCHERS) - _ALWAYS_KNOWN))
def test_a_fact_that_is_not_known_meets_no_condition(name: str) -> None:
    """Not even a negative one."""
    pattern = _WRITTEN.get(name, "'!/zzz/'")

    assert _labels(_config(f"{{{name}: {pattern}, addLabels: ['hit']}}"), _NOTHING_KNOWN) == ()


def test_ranges_match_versions_of_any_precision() -> None:
    """A tag with a prefix, a suffix or fewer parts has a version that ranges speak of."""
    config = _config("{matchCurrentVersion: '<2', addLabels: ['hit']}")

    for version, expected in (("v1", ("hit",)), ("1.27-alpine", ("hit",)), ("2.1", ()), ("latest", ())):
        assert _labels(config, structs.replace(_SUBJECT, current_version=version)) == expected
    assert _labels(config, structs.replace(_SUBJECT, current_version=None)) == ("hit",)


def test_all_matchers_of_a_rule_have_to_match() -> None:
    """One that does not suffices to leave the rule out."""
    rule = "{matchManagers: ['kubernetes'], matchDatasources: ['%s'], addLabels: ['hit']}"

    assert _labels(_config(rule % "docker")) == ("hit",)
    assert _labels(_config(rule % "helm")) == ()


def test_later_rules_win_and_lists_that_merge_add_up() -> None:
    """Replacing options have the last value; merging ones have all, each once, in order."""
    config = _config(
        "{matchDepNames: ['*'], labels: ['a'], addLabels: ['x', 'y'], automerge: true}",
        "{matchDepNames: ['*'], labels: ['b'], addLabels: ['y', 'z'], automerge: false}",
        top="labels: ['top'], addLabels: ['t'],",
    )
    policy = config.policy(_SUBJECT)

    assert policy.labels == ("b",)
    assert policy.add_labels == ("t", "x", "y", "z")
    assert policy.automerge is False


def test_additional_reviewers_join_the_reviewers() -> None:
    """Whoever reads the policy needs to look at one list only."""
    config = _config(
        "{matchDepNames: ['*'], reviewers: ['ann']}", "{matchDepNames: ['*'], additionalReviewers: ['bob', 'ann']}"
    )

    assert config.policy(_SUBJECT).reviewers == ("ann", "bob")


def test_objects_merge_key_by_key() -> None:
    """Aliases of the file and of a rule hold together."""
    config = _config("{matchDepNames: ['*'], registryAliases: {b: '2'}}", top="registryAliases: {a: '1', b: '1'},")

    assert config.policy(_SUBJECT).registry_aliases == {"a": "1", "b": "2"}
    assert config.repository.registry_aliases == {"a": "1", "b": "1"}


def test_a_group_name_takes_back_the_slug_of_the_group_before() -> None:
    """Unless the same rule sets a slug, in whatever order."""
    before = "{matchDepNames: ['*'], groupSlug: 'old', groupName: 'old group'}"

    assert _config(before).policy(_SUBJECT).group_slug == "old"
    assert _config(before, "{matchDepNames: ['*'], groupName: 'new'}").policy(_SUBJECT).group_slug is None
    assert _config(before, "{matchDepNames: ['*'], groupSlug: 'n', groupName: 'n'}").policy(_SUBJECT).group_slug == "n"
    assert _config(before, "{matchDepNames: ['*'], labels: ['x']}").policy(_SUBJECT).group_slug == "old"


def test_blocks_of_update_types_lie_between_the_top_and_the_rules() -> None:
    """They apply to updates of their type only, and rules beat them."""
    top = "automerge: false, minor: {automerge: true, labels: ['minor']}, major: {enabled: false},"
    config = _config("{matchDepNames: ['*'], labels: ['rule']}", top=top)

    assert config.policy(_SUBJECT).automerge is True
    assert config.policy(_SUBJECT).labels == ("rule",)
    assert config.policy(structs.replace(_SUBJECT, update_type=None)).automerge is False
    assert config.policy(structs.replace(_SUBJECT, update_type=UpdateType.MAJOR)).enabled is False


def test_blocks_of_update_types_within_a_rule_are_rules_of_their_own() -> None:
    """They beat the rule they stand in, for updates of their type that it matches."""
    config = _config("{matchDatasources: ['docker'], labels: ['any'], patch: {labels: ['patch']}}")

    assert config.policy(structs.replace(_SUBJECT, update_type=UpdateType.PATCH)).labels == ("patch",)
    assert config.policy(_SUBJECT).labels == ("any",)
    assert config.policy(structs.replace(_SUBJECT, update_type=UpdateType.PATCH, datasource="helm")).labels == ()


def test_rules_within_rules_need_the_matchers_of_both() -> None:
    """A rule may hold rules, as presets within rules do."""
    config = _config("{matchManagers: ['kubernetes'], packageRules: [{matchUpdateTypes: ['minor'], labels: ['hit']}]}")

    assert config.policy(_SUBJECT).labels == ("hit",)
    assert config.policy(structs.replace(_SUBJECT, manager="argocd")).labels == ()
    assert config.policy(structs.replace(_SUBJECT, update_type=UpdateType.MAJOR)).labels == ()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{semanticCommitType}}({{semanticCommitScope}})!:", "feat(web)!:"),
        ("{{groupName}}|{{groupSlug}}|{{semanticPrefix}}", "the web|the-web|feat(web): "),
        ("{{#if isSingleVersion}}v{{{newVersion}}}{{else}}{{{newValue}}}{{/if}}", "v1.2.3"),
        ("{{sourceRepo}} {{sourceRepoOrg}} {{sourceRepoName}} {{sourceRepoSlug}}", "team/web team web team-web"),
        ("{{parentOrg}}/{{topLevelOrg}}", "acme/infra/acme"),
        ("{{packageScope}}{{prettyDepType}}", "dependency"),
    ],
)
def test_templates_speak_of_options_and_of_what_is_known(template: str, expected: str) -> None:
    """What an option is made of may be a template itself; the last rule counts, wherever the other stands."""
    config = parse(
        f"""{{prHeader: '{template}', packageRules: [
          {{matchUpdateTypes: ['minor'], semanticCommitType: 'feat', groupName: 'the {{{{parentDir}}}}'}},
          {{matchFileNames: ['apps/**'], semanticCommitScope: '{{{{parentDir}}}}', groupSlug: 'the-{{{{parentDir}}}}'}},
        ]}}""",
        path="c",
    )
    subject = Subject(
        manager="kubernetes",
        path="apps/web/a.yaml",
        datasource="docker",
        package_name="team/web",
        dep_name="web",
        new_value="1.2.3",
        new_version="1.2.3",
        update_type=UpdateType.MINOR,
        source_url="https://code.example/team/web.git",
        repository="acme/infra/apps",
    )

    assert config.policy(subject).pr_header == expected
    assert config.problems == ()


def test_rules_may_extend_presets() -> None:
    """Options of a preset apply where the rule matches; rules of a preset are narrowed by it."""
    config = _config(
        "{matchManagers: ['kubernetes'], extends: [':label(one)', ':automergeMinor'], addLabels: ['two']}",
        "{matchManagers: ['argocd'], extends: ['docker:pinDigests']}",
    )
    argocd = structs.replace(_SUBJECT, manager="argocd")

    assert config.problems == ()
    assert config.policy(_SUBJECT).labels == ("one",)
    assert config.policy(_SUBJECT).automerge is True
    assert config.policy(_SUBJECT).pin_digests is False
    assert config.policy(structs.replace(argocd, datasource="helm")).pin_digests is False
    assert config.policy(argocd).labels == ()


@pytest.mark.parametrize("preset", ["packages:eslint", "monorepo:angular", "github>a/b", ":noSuchPreset"])
def test_a_rule_with_a_preset_that_is_not_there_never_applies(preset: str) -> None:
    """Its matchers may be missing; without them it would apply to everything."""
    config = _config(f"{{extends: ['{preset}'], addLabels: ['hit']}}")

    assert _labels(config) == ()
    assert all("the rule that extends it never applies" in problem.message for problem in config.problems)
    assert bool(config.problems) is (not is_inert(preset))


@pytest.mark.parametrize(
    ("preset", "warnings"),
    [(":enablePreCommit", 0), ("preview:buildkite", 0), (":maintainLockFilesWeekly", 1)],
)
def test_a_rule_without_a_preset_of_options_only_is_still_itself(preset: str, warnings: int) -> None:
    """What is missing can be no matcher; what is known, and cannot be done, is told."""
    config = _config(f"{{extends: ['{preset}'], matchManagers: ['kubernetes'], addLabels: ['hit']}}")

    assert _labels(config) == ("hit",)
    assert len(config.problems) == warnings


def test_a_rule_that_holds_rules_stands_for_those_only() -> None:
    """Each has the matchers and options around it; what meets none of them is not meant."""
    config = _config(
        """{
          matchManagers: ['kubernetes'], addLabels: ['all'], groupName: 'outer', major: {addLabels: ['big']},
          packageRules: [
            {matchDepNames: ['nginx'], addLabels: ['web'], groupName: 'inner'},
            {packageRules: [{matchDepNames: ['redis']}, {matchManagers: ['argocd'], matchDepNames: ['app']}]},
          ],
        }""",
        "{packageRules: [{matchDepNames: ['busybox'], addLabels: ['alone']}]}",
    )

    def policy(name: str, **values: Any) -> Policy:
        return config.policy(structs.replace(_SUBJECT, dep_name=name, package_name=name, **values))

    assert config.problems == ()
    assert (policy("nginx").add_labels, policy("nginx").group_name) == (("all", "web"), "inner")
    assert policy("nginx", update_type=UpdateType.MAJOR).add_labels == ("all", "web", "big")
    assert (policy("redis").add_labels, policy("redis").group_name) == (("all",), "outer")
    assert policy("app", manager="argocd").add_labels == ("all",)
    assert policy("busybox").add_labels == ("alone",)
    assert policy("other") == config.policy(structs.replace(_SUBJECT, manager="argocd", dep_name="other"))


@pytest.mark.parametrize(
    ("rule", "is_told"),
    [
        ("matchFileNames: ['^apps/.+\\\\.yaml$']", True),
        ("matchPackageNames: ['ghcr\\\\.io/acme/.+']", True),
        ("matchDepNames: ['!^nginx$']", True),
        ("matchFileNames: ['/^apps/']", False),
        ("matchPackageNames: ['nginx*', 'a/**', '!b.c']", False),
        ("matchCurrentValue: ['^1.0.0']", False),
    ],
)
def test_a_glob_that_looks_like_a_regular_expression_is_told(rule: str, *, is_told: bool) -> None:
    """It is taken at its word, and matches next to nothing."""
    messages = [str(problem) for problem in _config(f"{{{rule}, addLabels: ['hit']}}").problems]

    assert any("is read as a glob" in each and "stands between slashes" in each for each in messages) is is_told


def test_blocks_of_managers_apply_to_what_they_find() -> None:
    """Their update blocks and rules do, too; package rules of the file beat them."""
    config = parse(
        """{
          kubernetes: {
            pinDigests: true, labels: ['block'], major: {automerge: true},
            packageRules: [{matchDepNames: ['*'], addLabels: ['inner']}],
          },
          packageRules: [{matchDatasources: ['docker'], labels: ['rule']}],
        }""",
        path="c",
    )
    policy, other = config.policy(_SUBJECT), config.policy(structs.replace(_SUBJECT, manager="argocd"))

    assert (policy.pin_digests, policy.labels, policy.add_labels) == (True, ("rule",), ("inner",))
    assert (other.pin_digests, other.labels, other.add_labels) == (False, ("rule",), ())
    assert config.policy(structs.replace(_SUBJECT, update_type=UpdateType.MAJOR)).automerge is True
    assert config.repository.managers["kubernetes"].options["pin_digests"] is True


def test_custom_managers_have_their_new_name_in_rules() -> None:
    """``regex`` is ``custom.regex``, in rules as in what is found."""
    config = _config("{matchManagers: ['regex'], addLabels: ['hit']}")

    for manager in ("regex", "custom.regex"):
        assert _labels(config, structs.replace(_SUBJECT, manager=manager)) == ("hit",)


@pytest.mark.parametrize("matcher", ["matchMessage: ['x']", "matchConfidence: ['high']", "matchAnything: ['x']"])
def test_a_matcher_that_is_not_supported_never_matches(matcher: str) -> None:
    """The rule is left out, and a warning says so."""
    config = _config(f"{{matchDepNames: ['*'], {matcher}, addLabels: ['hit']}}")

    assert _labels(config) == ()
    assert [problem.severity for problem in config.problems] == ["warning"]
    assert "its rule never applies" in config.problems[0].message


@pytest.mark.parametrize(
    ("matcher", "reason"),
    [
        ("matchCurrentAge: '3 days'", "is no comparison of an age"),
        ("matchCurrentAge: '> 3 moons'", "is no unit of time"),
        ("matchJsonata: ['depName = ']", "this is no JSONata expression"),
        ("matchJsonata: ['$contains(depName, /(?=a)/)']", "RE2 cannot read"),
    ],
)
def test_a_matcher_that_cannot_be_read_never_matches(matcher: str, reason: str) -> None:
    """The rule is left out, and an error says where and why."""
    config = _config(f"{{matchDepNames: ['*'], {matcher}, addLabels: ['hit']}}")

    assert _labels(config) == ()
    assert [problem.severity for problem in config.problems] == ["error"]
    assert reason in config.problems[0].message


def test_an_expression_that_goes_on_for_ever_never_matches() -> None:
    """It ends after a number of steps, and its rule does not apply."""
    config = _config("{matchJsonata: '($f := function($x) { $f($x + 1) }; $f(1))', addLabels: ['hit']}")

    assert _labels(config) == ()


def test_an_expression_is_asked_once_of_what_it_cannot_tell_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else differs between subjects."""
    config = _config("{matchJsonata: 'depType = \\'container\\'', addLabels: ['hit']}")
    asked: list[object] = []
    evaluate = jsonata.evaluate_jsonata

    def counted(value: object, expressions: Sequence[str], *, max_steps: int | None = None) -> object:
        asked.append(value)
        return evaluate(value, expressions, max_steps=max_steps)

    monkeypatch.setattr(jsonata, "evaluate_jsonata", counted)

    for version in ("1", "2", "3"):
        assert _labels(config, structs.replace(_SUBJECT, new_version=version)) == ("hit",)
    assert len(asked) == 1


def test_whether_it_is_breaking_is_true_or_false() -> None:
    """A text is of the wrong type, which stops the run."""
    with pytest.raises(InvalidConfig, match="must be true or false"):
        _config("{matchIsBreaking: 'yes', addLabels: ['hit']}")


def test_an_empty_matcher_never_matches() -> None:
    """An empty list admits nothing, and a warning says so."""
    config = _config("{matchDepNames: [], addLabels: ['hit']}")

    assert _labels(config) == ()
    assert "its rule never applies" in config.problems[0].message


def test_a_rule_without_matchers_applies_to_everything_with_a_warning() -> None:
    """It may be meant."""
    config = _config("{addLabels: ['hit']}")

    assert _labels(config) == ("hit",)
    assert "applies to everything" in config.problems[0].message


@pytest.mark.parametrize(
    "rule",
    [
        "{matchPackageNames: ['nginx', '/(?=a)/'], addLabels: ['hit']}",
        "{matchDepNames: ['*'], allowedVersions: '/(?!a)/', addLabels: ['hit']}",
        "{matchDepNames: ['*'], extractVersion: '(', addLabels: ['hit']}",
        "{matchDepNames: ['*'], versioning: 'regex:(', addLabels: ['hit']}",
        "{matchDepNames: ['*'], groupName: '{{#if a}}', addLabels: ['hit']}",
        "{matchDepNames: ['*'], minor: {allowedVersions: '/(?!a)/'}, addLabels: ['hit']}",
    ],
)
def test_a_rule_with_a_pattern_that_cannot_be_used_is_left_out(rule: str) -> None:
    """Only that rule, and it is an error with a line."""
    config = _config(f"\n{rule}", "{matchDepNames: ['*'], addLabels: ['other']}")

    assert _labels(config) == ("other",)
    assert [(problem.severity, problem.line) for problem in config.problems] == [("error", 2)]


def test_a_matcher_given_by_preset_and_rule_is_one_list() -> None:
    """As with any list of patterns, one of them has to match."""
    config = _config("{extends: [':doNotPinPackage(nginx)'], matchPackageNames: ['ghcr.io/**'], addLabels: ['hit']}")

    assert _labels(config) == ("hit",)


def test_policies_are_made_once_per_set_of_rules() -> None:
    """Two dependencies that meet the same rules share one policy."""
    config = _config("{matchPackageNames: ['ghcr.io/**'], addLabels: ['hit']}")

    assert config.policy(_SUBJECT) is config.policy(structs.replace(_SUBJECT, package_name="ghcr.io/x", path="y"))
    assert config.policy(_SUBJECT) is not config.policy(_NOTHING_KNOWN)


def test_templates_are_filled_with_what_is_known() -> None:
    """Names and paths are there before there is an update; a template for the title stays one."""
    config = _config(
        "{matchDepNames: ['*'], groupName: '{{environment}} {{parentDir}} {{{replace \"^ghcr\" \"x\" packageName}}}',"
        " addLabels: ['{{depNameSanitized}}', 'plain', '{{add newMajor 1}}'], commitMessageTopic: '{{depName}}',"
        " commitBody: 'by {{{gitAuthor}}} {{updateType}}{{#if isMinor}}!{{/if}}'}",
        top="gitAuthor: 'Bot <b@c.d>',",
    )
    policy = config.policy(_SUBJECT)

    assert policy.group_name == "production production x.io/team/web"
    assert policy.add_labels == ("ghcr.io-team-web", "plain", "2")
    assert policy.commit_body == "by Bot <b@c.d> minor!"
    assert policy.commit_message_topic == "{{depName}}"


def test_a_template_that_fails_for_one_subject_stays_as_it_is() -> None:
    """Nothing breaks, and the text shows what was meant."""
    config = _config("{matchDepNames: ['*'], groupName: '{{add depName 1}}'}")

    assert config.policy(_SUBJECT).group_name == "{{add depName 1}}"


def test_each_option_knows_the_line_that_set_it() -> None:
    """Of the rule that decided, and of the entry that extends the preset."""
    config = parse(
        """{
  "extends": [
    "group:all"
  ],
  "packageRules": [
    {"matchDepNames": ["*"], "automerge": true},
    {
      "matchDepNames": ["*"],
      "automerge": false
    }
  ]
}""",
        path="renovate.json",
    )
    origins = config.policy(_SUBJECT).origins

    assert origins["automerge"] == Origin(path="renovate.json", line=9)
    assert origins["group_name"] == Origin(path="renovate.json", line=3, presets=("group:all",))
    assert str(origins["group_name"]) == "renovate.json:3 → group:all"
    assert "labels" not in origins


@pytest.mark.parametrize(
    ("text", "depends"),
    [
        ("{}", False),
        ('{"extends": ["config:recommended"]}', False),
        ('{"groupName": "{{packageFileDir}}"}', False),
        ('{"packageRules": [{"matchNewValue": "/^2/", "enabled": false}]}', True),
        ('{"packageRules": [{"matchDepNames": ["a"], "groupName": "a {{newMajor}}"}]}', True),
        ('{"packageRules": [{"matchJsonata": "depName = \'a\'", "enabled": false}]}', False),
        ('{"packageRules": [{"matchJsonata": "newMajor > 2", "enabled": false}]}', True),
        ('{"packageRules": [{"matchJsonata": "$exists($.*)", "enabled": false}]}', True),
        ('{"major": {"addLabels": ["{{prettyNewVersion}}"]}}', True),
    ],
)
def test_whether_policies_depend_on_the_new_version(text: str, *, depends: bool) -> None:
    """Only a rule on new values or a template that names one makes a policy depend on more than the type of update."""
    assert parse(text, path="c").depends_on_new_version is depends
