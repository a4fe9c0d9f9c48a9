"""A configuration in today's words, as a minimal edit of its text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater.config import parse
from updater.config.rewrite import modernised
from updater.errors import ConfigError

_FILES = Path(__file__).parent / "files"


def _meaning(text: str) -> object:
    """What a configuration says, without the lines where it says so."""
    shown = parse(text, path="c").to_json()
    return json.loads(json.dumps(shown), object_pairs_hook=_without_origin)


def _without_origin(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {key: bool(value) if key == "origin" else value for key, value in pairs}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"baseBranches": ["main"]}', '{"baseBranchPatterns": ["main"]}'),
        ("{masterIssue: true} // why", "{dependencyDashboard: true} // why"),
        ("{'versionScheme': 'semver'}", "{'versioning': 'semver'}"),
        (
            '{"kubernetes": {"fileMatch": ["\\\\.yaml$" /* all */, "x"]}}',
            '{"kubernetes": {"managerFilePatterns": ["/\\\\.yaml$/" /* all */, "/x/"]}}',
        ),
        (
            '{"packages": [\n  // mine\n  {"packagePatterns": ["^a"], "enabled": false}\n]}',
            '{"packageRules": [\n  // mine\n  {"matchPackageNames": ["/^a/"], "enabled": false}\n]}',
        ),
        ('{"semanticCommits": true}', '{"semanticCommits": "enabled"}'),
        ('{"stabilityDays": 3}', '{"minimumReleaseAge": "3 days"}'),
        ('{"automerge": "patch"}', '{"patch": {"automerge": true}}'),
        (
            '{"automerge": "minor", "labels": ["a"]}',
            '{"minor": {"automerge": true}, "patch": {"automerge": true}, "labels": ["a"]}',
        ),
        ('{\n  "upgradeInRange": false,\n  "labels": []\n}', '{\n  "labels": []\n}'),
        ('{\n  "labels": [],\n  "upgradeInRange": false\n}', '{\n  "labels": []\n}'),
        ('{"extends": ["config:base", ":masterIssue"]}', '{"extends": ["config:recommended", ":dependencyDashboard"]}'),
        (
            '{"packageRules": [{"matchPackageNames": ["a"], "excludePackageNames": ["b"]}]}',
            '{"packageRules": [{"matchPackageNames": ["a", "!b"]}]}',
        ),
        ('{"hostRules": [{"hostName": "a", "token": "x"}]}', '{"hostRules": [{"matchHost": "a", "token": "x"}]}'),
        ('{"regexManagers": [{"fileMatch": ["a"]}]}', '{"customManagers": [{"managerFilePatterns": ["/a/"]}]}'),
        ('{"major": {"rebaseStalePrs": true}}', '{"major": {"rebaseWhen": "behind-base-branch"}}'),
        ('{"labels": ["a"]}', '{"labels": ["a"]}'),
    ],
)
def test_old_words_are_replaced_where_they_stand(old: str, new: str) -> None:
    """Everything else stays: comments, order, quotes; what is new means the same, and is not changed again."""
    assert modernised(old, path="c") == new
    assert modernised(new, path="c") == new
    assert _meaning(old) == _meaning(new)


@pytest.mark.parametrize("file", sorted(_FILES.glob("*.json*")), ids=lambda file: file.name)
def test_a_real_configuration_keeps_its_meaning(file: Path) -> None:
    """And its comments."""
    old = file.read_text()
    new = modernised(old, path=file.name)

    assert _meaning(new) == _meaning(old)
    assert [line for line in old.splitlines() if line.lstrip().startswith("//")] == [
        line for line in new.splitlines() if line.lstrip().startswith("//")
    ]


_OLD = st.fixed_dictionaries(
    {},
    optional={
        "baseBranch": st.just("main"),
        "baseBranches": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "automerge": st.sampled_from([True, "minor", "patch", "any", "none"]),
        "automergeMinor": st.booleans(),
        "stabilityDays": st.integers(0, 3),
        "semanticPrefix": st.sampled_from(["fix(deps): ", "chore:"]),
        "docker": st.just({"pinDigests": True}),
        "ignoreNodeModules": st.booleans(),
        "packages": st.lists(
            st.fixed_dictionaries(
                {"matchPackageNames": st.just(["a"])},
                optional={"packagePatterns": st.just(["x"]), "excludePackageNames": st.just(["b"])},
            ),
            max_size=2,
        ),
        "packageRules": st.just([{"matchDepNames": ["c"], "labels": ["l"]}]),
        "helm-values": st.just({"fileMatch": ["a", "b"]}),
    },
)


@given(_OLD, st.sampled_from([None, 2]))
def test_no_mixture_of_old_words_changes_its_meaning(config: dict[str, object], indent: int | None) -> None:
    """Whatever is joined on the way."""
    old = json.dumps(config, indent=indent)
    new = modernised(old, path="c")

    assert _meaning(new) == _meaning(old)
    assert modernised(new, path="c") == new


def test_what_cannot_be_read_is_not_edited() -> None:
    """The error has its place."""
    with pytest.raises(ConfigError, match="c:1:"):
        modernised('{"a": ', path="c")
