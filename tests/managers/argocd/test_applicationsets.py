"""Where versions stand in application sets, and what is said of each."""

from collections.abc import Mapping, Sequence

import pytest

from managers import argocd
from tests.managers.reading import found, skipped, yaml
from updater.api import Clue, Dependency, Extracted, Package, Skipped, SourceFile
from updater.config.patterns import compile_file_pattern

HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n"
TEMPLATE = """\
  template:
    spec:
      source:
        repoURL: https://charts.example.com
        chart: web
        targetRevision: %s
"""


class Repository:
    """Files that are known by their paths."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths that match a glob."""
        return sorted(filter(compile_file_pattern(pattern), self._texts))

    def read(self, path: str) -> SourceFile | None:
        """The file at ``path``."""
        return SourceFile(path=path, text=self._texts[path]) if path in self._texts else None


def linked(text: str, texts: Mapping[str, str]) -> list[Extracted]:
    """What an application set finds in other files."""
    repository = Repository({"set.yaml": text, **texts})
    clues = [item for item in argocd.extract(SourceFile(path="set.yaml", text=text)) if isinstance(item, Clue)]
    return list(argocd.link(clues, repository))


def application_set(generators: str, revision: str, more: str = "") -> str:
    """An application set of a chart ``web`` whose ``targetRevision`` is given."""
    return f"{HEAD}  generators:\n{generators}{TEMPLATE % revision}{more}"


def versions(text: str) -> list[str | None]:
    """The versions in a file."""
    return [value for _, _, value in found(argocd, yaml(text))]


ELEMENTS = "    - list:\n        elements:\n          - {env: dev, version: 1.2.3, labels: {chart-version: 4.5.6}}\n"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'{{version}}'", "1.2.3"),
        ("'{{ version }}'", "1.2.3"),
        ("'{{.version}}'", "1.2.3"),
        ("'{{ $.version }}'", "1.2.3"),
        ("{{ .version }}", "1.2.3"),
        ("{{- .version | quote -}}", "1.2.3"),
        ("'{{ .version | toString | trim }}'", "1.2.3"),
        ("'{{labels.chart-version}}'", "4.5.6"),
        ("""'{{ index .labels "chart-version" }}'""", "4.5.6"),
        ("""'{{ index $.labels "chart-version" | default "7.8.9" }}'""", "4.5.6"),
        ("""'{{ default "7.8.9" .missing }}'""", "7.8.9"),
        ("""'{{ .missing | default "7.8.9" }}'""", "7.8.9"),
        ("""'{{ .missing | default (.version) }}'""", "1.2.3"),
        ("""'{{ dig "chart-version" "7.8.9" .labels }}'""", "4.5.6"),
        ("""'{{ dig "missing" "7.8.9" .labels }}'""", "7.8.9"),
        ("'{{`{{version}}`}}'", "1.2.3"),
    ],
)
def test_placeholders(expression: str, expected: str) -> None:
    """A placeholder of either dialect leads to what is written in the element, or to the default beside it."""
    assert versions(application_set(ELEMENTS, expression)) == [expected]


@pytest.mark.parametrize(
    "expression", ["'{{ .missing }}'", "'{{ upper .version }}'", "'{{ .version }}.{{ .version }}'", "'{{ .env'"]
)
def test_what_a_placeholder_cannot_lead_to(expression: str) -> None:
    """Unknown names, functions that change the text and several values in one give no dependency but a row."""
    text = application_set(ELEMENTS, expression)

    assert versions(text) == []
    assert len(skipped(argocd, yaml(text))) == 1


def test_part_of_a_text() -> None:
    """Where the template adds to a version, the dependency says what to take off the registry's."""
    (item,) = [
        item
        for item in argocd.extract(yaml(application_set(ELEMENTS, "'v{{version}}'")))
        if isinstance(item, Dependency)
    ]

    assert (item.current_value, item.extract_version) == ("1.2.3", r"^v(?P<version>.+)$")


def test_ranges_are_not_taken_apart() -> None:
    """A range that is put together cannot be moved."""
    text = application_set(ELEMENTS, "'~{{version}}'")

    assert skipped(argocd, yaml(text)) == [(13, "web", "put together from several values")]


@pytest.mark.parametrize(
    ("generator", "environment", "reason"),
    [
        ("list: {elements: [{env: prod, version: 1.2.3}]}", "production", "env is prod"),
        ("list: {elements: [{cluster: eu-stg-1, version: 1.2.3}]}", "staging", "stg is a part of the cluster eu-stg-1"),
        (
            "clusters: {selector: {matchLabels: {env: qa}}, values: {version: 1.2.3}}",
            "test",
            "the cluster selector says env: qa",
        ),
        (
            "clusters: {selector: {matchExpressions: [{key: e, operator: In, values: [dev]}]}, values: {version: 1.2}}",
            "development",
            "the cluster selector says e: dev",
        ),
        ("list: {elements: [{stage: uat, version: 1.2.3}], template: {}}", "test", "stage is uat"),
    ],
)
def test_environments(generator: str, environment: str, reason: str) -> None:
    """The environment of a version comes from what stands beside it, or from the selector of its clusters."""
    text = application_set(f"    - {generator}\n", "'{{ index . \"version\" | default .version .values.version }}'")
    text = text.replace(
        '{{ index . "version" | default .version .values.version }}', "{{ coalesce .version .values.version }}"
    )
    (item,) = [item for item in argocd.extract(yaml(text)) if isinstance(item, Dependency)]

    assert item.environment
    assert (item.environment.name, item.environment.reason) == (environment, reason)


def test_a_version_for_several_environments_has_none() -> None:
    """One place that serves two environments belongs to neither, and is one dependency."""
    lists = "{list: {elements: [{env: dev}, {env: prod}]}}, {list: {elements: [{version: 1.2.3}]}}"
    (item,) = argocd.extract(yaml(application_set(f"    - matrix: {{generators: [{lists}]}}\n", "'{{version}}'")))

    assert isinstance(item, Dependency)
    assert item.environment is None


def test_merge_is_a_left_join() -> None:
    """An override counts with the base it belongs to, and not with others."""
    generators = """\
    - merge:
        mergeKeys: [name]
        generators:
          - list: {elements: [{name: web, version: 1.0.0}, {name: api, version: 2.0.0}]}
          - list: {elements: [{name: api, version: 2.1.0}, {name: gone, version: 9.9.9}]}
"""
    text = application_set(generators, "'{{version}}'").replace("chart: web", "chart: '{{name}}'")

    assert [(name, value) for _, name, value in found(argocd, yaml(text))] == [
        ("web", "1.0.0"),
        ("api", "2.0.0"),
        ("api", "2.1.0"),
    ]


def test_loops_in_patches() -> None:
    """What a loop in ``templatePatch`` makes of a list is found in the list."""
    element = "          - {sources: [{name: a, v: 1.0.0}, {name: b, v: 2.0.0}]}\n"
    patch = """\
  templatePatch: |
    spec:
      sources:
        {{- range $index, $source := .sources }}
        - {repoURL: https://charts.example.com, chart: "{{ $source.name }}", targetRevision: "{{ .v }}"}
        {{- end }}
"""
    text = application_set(f"    - list:\n        elements:\n{element}", "3.0.0", patch)

    assert sorted((name, value or "") for _, name, value in found(argocd, yaml(text))) == [
        ("a", "1.0.0"),
        ("b", "2.0.0"),
        ("web", "3.0.0"),
    ]


def test_every_branch_of_a_patch_is_read() -> None:
    """The versions in all branches of a condition count."""
    patch = """\
  templatePatch: |
    {{- if eq .env "a" }}
    spec: {source: {targetRevision: 1.0.0}}
    {{- else if eq .env "b" }}
    spec: {source: {targetRevision: 2.0.0}}
    {{- else }}
    spec: {source: {targetRevision: 3.0.0}}
    {{- end }}
"""
    assert versions(application_set(ELEMENTS, "0.1.0", patch)) == ["0.1.0", "1.0.0", "2.0.0", "3.0.0"]


def test_versions_in_files() -> None:
    """What a Git generator reads is found in its files, be they YAML or JSON, one object or a list."""
    generator = (
        "    - git: {repoURL: https://git.example.com/x, files: [{path: c/*/app.*}, {path: c/no/*, exclude: true}]}\n"
    )
    text = application_set(generator, "'{{chart.version}}'")
    texts = {
        "c/a/app.yaml": "chart:\n  version: 1.10 # a float\n",
        "c/b/app.json": '{"chart": {"version": "2.0.0"}}',
        "c/c/app.yaml": "- chart: {version: 3.0.0}\n- chart:\n    version: 3.1.0\n",
        "c/d/app.json": '[\n\t{"chart": {"version": "4.0.0"}}\n]',
        "c/no/app.yaml": "chart: {version: 9.9.9}",
        "c/other.yaml": "chart: {version: 9.9.9}",
    }
    items = [item for item in linked(text, texts) if isinstance(item, Dependency)]

    assert [(item.path, item.line, item.current_value) for item in items] == [
        ("c/a/app.yaml", 2, "1.10"),
        ("c/b/app.json", 1, "2.0.0"),
        ("c/c/app.yaml", 1, "3.0.0"),
        ("c/c/app.yaml", 3, "3.1.0"),
        ("c/d/app.json", 2, "4.0.0"),
    ]
    for item in items:
        assert item.span
        assert texts[item.path][slice(*item.span)] == item.current_value


def test_the_path_of_a_file_is_a_parameter() -> None:
    """A chart may be called like the directory of the file that holds its version."""
    generator = "    - git: {repoURL: https://git.example.com/x, files: [{path: 'apps/*/v.yaml'}]}\n"
    for name in ("{{path.basename}}", "{{ .path.basename }}", "{{path[1]}}", "{{ index .path.segments 1 }}"):
        text = application_set(generator, "'{{version}}'").replace("chart: web", f"chart: '{name}'")
        (item,) = linked(text, {"apps/keda/v.yaml": "version: 2.15.1"})
        assert isinstance(item, Dependency)
        assert item.package == Package(datasource="helm", name="keda", registry_urls=("https://charts.example.com",))


def test_files_that_are_not_here() -> None:
    """A version in files of another repository is a row that says so."""
    (item,) = linked(application_set("    - git: {files: [{path: x/*.json}]}\n", "'{{version}}'"), {})

    assert isinstance(item, Skipped)
    assert item.reason == "the generator's files are not in this repository"


@pytest.mark.parametrize("kind", ["plugin", "scmProvider", "pullRequest", "clusterDecisionResource"])
def test_generators_that_ask_elsewhere(kind: str) -> None:
    """What a generator gets from a service is a row that names the generator; its own ``values`` are found."""
    assert skipped(argocd, yaml(application_set(f"    - {kind}: {{}}\n", "'{{version}}'"))) == [
        (11, "web", f"what the {kind} generator says is not in Git")
    ]
    assert versions(application_set(f"    - {kind}: {{values: {{v: 1.2.3}}}}\n", "'{{values.v}}'")) == ["1.2.3"]


def test_far_too_many_combinations() -> None:
    """A set with more combinations than anybody can read through is read in part, and that is said."""
    names, values = (", ".join(f"{{{key}: 1.0.{number}}}" for number in range(100)) for key in "nv")
    lists = f"{{list: {{elements: [{names}]}}}}, {{list: {{elements: [{values}]}}}}"
    text = application_set(f"    - matrix: {{generators: [{lists}]}}\n", "'{{v}}'").replace(
        "chart: web", "chart: '{{n}}'"
    )

    assert (None, None, "more than 2,000 combinations of parameters") in skipped(argocd, yaml(text))


def test_parameters_that_change_no_version_cost_nothing() -> None:
    """Ten thousand combinations of clusters and regions are one, if the version does not depend on them."""
    elements = ", ".join(f"{{n: {number}}}" for number in range(100))
    lists = f"{{list: {{elements: [{elements}]}}}}, {{list: {{elements: [{elements}]}}}}"
    text = application_set(f"    - matrix: {{generators: [{lists}]}}\n", "1.2.3")

    assert versions(text) == ["1.2.3"]
    assert skipped(argocd, yaml(text)) == []


def test_a_patch_that_cannot_be_read() -> None:
    """A patch with a revision in it that is not a literal block is a row."""
    patch = "  templatePatch: >-\n    spec: {source: {targetRevision: 1.0.0}}\n"
    rows = skipped(argocd, yaml(application_set(ELEMENTS, "0.1.0", patch)))

    assert [reason for _, _, reason in rows] == ["templatePatch is not written as a literal block (|) or on one line"]


def test_a_template_that_cannot_be_filled_in() -> None:
    """Where the values would break the template, the placeholders are rows and the rest is found."""
    elements = "    - list: {elements: [{version: 'a: b: c'}]}\n"
    text = application_set(elements, "v{{ .version }}", "        helm: {parameters: [{name: image, value: a/b:1.0}]}\n")

    assert [(name, value) for _, name, value in found(argocd, yaml(text))] == [("a/b", "1.0")]
    assert skipped(argocd, yaml(text)) == [(11, "web", "contains a template")]


def test_aliases_for_what_stands_outside_the_template() -> None:
    """An anchor among the generators does not hide the template that uses it, in a list neither."""
    text = application_set(ELEMENTS.replace("version: 1.2.3", "version: &v 1.2.3"), "*v")
    item = "".join(f"    {line}\n" for line in text.splitlines())
    in_list = f"apiVersion: v1\nkind: List\nitems:\n  -\n{item}"

    assert versions(text) == ["1.2.3"]
    assert versions(in_list) == ["1.2.3"]


def test_applications_in_a_list_and_in_other_objects() -> None:
    """An application set may be an item of a list, or stand in another object; its name is nobody's business."""
    text = application_set(ELEMENTS, "'{{version}}'")
    inner = "".join(f"    {line}\n" for line in text.splitlines())

    assert versions(f"apiVersion: x.example.com/v1\nkind: Wrapper\nspec:\n  manifest:\n{inner}") == ["1.2.3"]
