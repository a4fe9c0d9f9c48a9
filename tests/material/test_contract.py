"""Which overridden values a new version of a chart reads no more."""

import pytest

from tests.material.charts import Pair, chart, generated, packed
from updater.material.chart import read_chart
from updater.material.contract import Fate, Finding, Override, check
from updater.material.reads import Path

SEEDS = 300


def override(*path: str) -> Override:
    return Override(path=path, place="values.yaml", line=1)


def found(pair: Pair) -> list[Finding]:
    overrides = [override(*path) for path in pair.overrides]
    return check(overrides, read_chart(pair.old), read_chart(pair.new))


def fates(old: bytes, new: bytes, *paths: Path) -> dict[str, str]:
    findings = check([override(*path) for path in paths], read_chart(old), read_chart(new))
    return {".".join(each.override.path): str(each.fate) for each in findings}


def test_lost_values_are_found_and_others_are_not() -> None:
    """In generated pairs, at least 95 of 100 seeded changes are found, and under 2 of 100 kept values are alarms."""
    lost = missed = kept = alarms = 0
    for seed in range(SEEDS):
        pair = generated(seed)
        reported = {each.override.path for each in found(pair) if each.fate is Fate.LOST}
        lost += len(pair.lost)
        missed += len(pair.lost.keys() - reported)
        kept += len(pair.overrides) - len(pair.lost)
        alarms += len(reported - pair.lost.keys())

    assert lost > 900
    assert 1 - missed / lost >= 0.95
    assert alarms / kept < 0.02


def test_the_new_name_is_told() -> None:
    """For most keys that were renamed or moved, the right new name; for what was deleted, seldom a wrong one."""
    right = renamed = wrong = deleted = 0
    for seed in range(SEEDS):
        pair = generated(seed)
        instead = {each.override.path: each.instead for each in found(pair)}
        for old, new in pair.lost.items():
            if new is None:
                deleted += 1
                wrong += instead.get(old) is not None
            else:
                renamed += 1
                right += instead.get(old) == new

    assert right / renamed > 0.95
    assert wrong / deleted < 0.2


@pytest.mark.parametrize(
    ("templates", "fate"),
    [
        ("a: {{ .Values.web.port }}", {}),
        ("a: {{ .Values.server.port }}", {"web.port": "lost"}),
        ("a: {{ toYaml .Values.web }}", {"web.port": "uncertain"}),
        ("{{ range .Values.web }}{{ .port }}{{ end }}", {"web.port": "uncertain"}),
        ('{{ include "x" (dict "it" .Values.web) }}', {"web.port": "uncertain"}),
        ("{{ tpl (toYaml .Values.web) $ }}", {"web.port": "uncertain"}),
        ("{{ if .Values.web }}x{{ end }}", {"web.port": "lost"}),
        ("a: {{ toYaml .Values | sha256sum }}", {"web.port": "lost"}),
        ("{{ with .Values.web }}{{ .port }}{{ end }}", {}),
        ("{{ with .Values.web }}{{ .host }}{{ end }}{{ .port }}", {"web.port": "lost"}),
        ('a: {{ dig "web" "port" 80 .Values }}', {}),
        ('a: {{ index .Values "web" "port" }}', {}),
        ("{{- /* .Values.web.port */ -}}", {"web.port": "lost"}),
    ],
)
def test_how_a_value_is_read(templates: str, fate: dict[str, str]) -> None:
    """By name it is read; handed on as a whole nothing can be told; tested or commented out it is not read."""
    old = chart("1.0.0", templates="a: {{ .Values.web.port }}")

    assert fates(old, chart("2.0.0", templates=templates), ("web", "port")) == fate


def test_keys_below_an_empty_map_are_the_users() -> None:
    """``nodeSelector: {}`` takes any key, whoever reads it."""
    values, templates = "nodeSelector: {}\n", "{{ toYaml .Values.nodeSelector }}"

    assert fates(chart("1.0.0", values, templates), chart("2.0.0", values, templates), ("nodeSelector", "disk")) == {}


def test_what_never_did_anything_is_told() -> None:
    """A key that neither version reads or knows, a slip of the pen say."""
    same = "a: {{ .Values.replicas }}"

    assert fates(chart("1.0.0", "replicas: 1", same), chart("2.0.0", "replicas: 1", same), ("replica",)) == {
        "replica": "dead"
    }


def test_a_key_that_is_listed_but_not_read_any_more() -> None:
    """It stands among the defaults still; only the templates tell."""
    old = chart("1.0.0", "web: {port: 80}", "{{ .Values.web.port }}")

    assert fates(old, chart("2.0.0", "web: {port: 80}", "{{ .Values.web.host }}"), ("web", "port")) == {
        "web.port": "lost"
    }


def test_values_of_all_charts_and_of_inner_ones() -> None:
    """What an inner chart reads stands under its alias, ``global`` at the top; an absent chart may read anything."""
    about = "name: web\nversion: 1.0.0\ndependencies:\n- {name: redis, alias: cache, version: 1.0.0}\n- {name: far}\n"
    files = {
        "Chart.yaml": about,
        "charts/redis/Chart.yaml": "name: redis\nversion: 1.0.0\n",
        "charts/redis/values.yaml": "port: 6379\n",
        "charts/redis/templates/a.yaml": "{{ .Values.port }}{{ .Values.global.region }}",
    }
    old, new = packed(files), packed({**files, "charts/redis/templates/a.yaml": "{{ .Values.global.zone }}"})
    paths = ("cache", "port"), ("global", "region"), ("far", "anything")

    assert fates(old, new, *paths) == {"cache.port": "lost", "global.region": "lost"}
