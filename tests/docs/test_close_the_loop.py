"""The page on what happens after a merge: its tables are those of the code, its examples can be used."""

import json
import re
from pathlib import Path

import yaml

from updater.config import load
from updater.repo import open_tree

PAGE = Path("docs/close-the-loop.md").read_text()
SOURCES = Path("updater")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def documented(table: str) -> set[int]:
    return {int(number) for number in re.findall(rf"^\| {table} (\d+) \|", PAGE, re.MULTILINE)}


def test_every_rule_of_the_code_is_in_a_table() -> None:
    """The numbers that verdicts name are the rows of the tables, no more and no fewer."""
    argocd = (SOURCES / "reconcilers/argocd_verdict.py").read_text()
    flux, _, helm = (SOURCES / "reconcilers/flux_verdict.py").read_text().partition("class _HelmReleaseJudge")
    shared = flux.partition("class _KustomizationJudge")[0]
    own = flux.partition("class _KustomizationJudge")[2]
    statuses = (SOURCES / "reconcilers/statuses.py").read_text()
    terraform = (SOURCES / "reconcilers/atlantis.py").read_text()
    numbered = r"(?:_says|says|failed|_waiting)\(\s*(\d+),"
    found = {
        "argocd": {1} | {int(number) for number in re.findall(numbered, argocd)},
        "flux": {1} | {int(number) for number in re.findall(numbered, shared + own)},
        "helm": {1} | {int(number) for number in re.findall(numbered, shared + helm)},
        "status": {int(number) for number in re.findall(r'"status (\d+)"', statuses)},
        "terraform": {int(number) for number in re.findall(r"return RolloutState\.\w+, (\d+),", terraform)},
    }
    assert {table: documented(table) for table in found} == found


def test_the_example_configuration_is_understood(tmp_path: Path) -> None:
    """The configuration of the page has no problems."""
    (tmp_path / "renovate.json").write_text(next(text for kind, text in BLOCK.findall(PAGE) if kind == "json"))
    config = load(open_tree(tmp_path))
    assert config.problems == ()
    assert [entry.type for entry in config.repository.reconcilers] == ["argocd", "argocd", "flux", "atlantis"]


def test_the_recipes_are_yaml_and_the_payloads_json() -> None:
    """Every recipe can be parsed, and what wakes the bot is a valid request."""
    for kind, text in BLOCK.findall(PAGE):
        if kind == "yaml":
            assert all(isinstance(document, dict) for document in yaml.safe_load_all(text))
    payloads = re.findall(r'^\s*(\{"event_type".*\})$', PAGE, re.MULTILINE)
    assert [json.loads(payload)["event_type"] for payload in payloads] == ["deployed"]


def test_the_recipe_grants_reading_only() -> None:
    """The role of the page can get and list, and nothing else."""
    (role,) = (
        document
        for kind, text in BLOCK.findall(PAGE)
        if kind == "yaml"
        for document in yaml.safe_load_all(text)
        if document.get("kind") == "ClusterRole"
    )
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
