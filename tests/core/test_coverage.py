"""The account: each token in one class, exactly; and what is suggested for those that nothing explains."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.core.made import NOW
from tests.corpus import AREAS, HERE
from updater import plugins
from updater.config import load
from updater.coverage.account import Accounted, Coverage, FileAccount, Findings, Verdict, account
from updater.coverage.paths import paths
from updater.coverage.survey import survey
from updater.coverage.tokens import tokens
from updater.inventory import Workshop
from updater.model.scan import Dependency, Skipped, SourceFile, Span
from updater.repo import WorkTree


def surveyed(directory: Path) -> Coverage:
    tree, workshop = WorkTree(directory), Workshop(clock=lambda: NOW)
    return survey(tree, load(tree, managers=workshop.managers.keys()), workshop)


def accounted(text: str, findings: Findings | None = None, path: str = "a.yaml") -> FileAccount:
    return account(path, text, findings or Findings(), is_encrypted=False)


def only(text: str, findings: Findings | None = None, path: str = "a.yaml") -> Accounted:
    (token,) = accounted(text, findings, path).tokens
    return token


# ---------------------------------------------------------------- exactness

LINES = ("image: redis:7", "tag: 1.2", "apiVersion: v1", "other: 3", "version: 1.2.3 # renovate: ignore", "a: b:c@1")
SPANS = st.tuples(st.integers(0, 150), st.integers(1, 20)).map(lambda pair: Span(pair[0], sum(pair)))
ROWS = st.builds(
    Skipped,
    manager=st.just("kubernetes"),
    path=st.just("a.yaml"),
    reason=st.sampled_from(("no tag", "in ignoreDeps", "disabled by renovate.json:3")),
    line=st.none() | st.integers(1, 12),
    span=st.none() | SPANS,
)


@given(
    st.lists(st.sampled_from(LINES), max_size=12).map("\n".join),
    st.lists(st.lists(SPANS, min_size=1, max_size=2).map(tuple), max_size=5).map(tuple),
    st.lists(ROWS, max_size=5).map(tuple),
)
def test_the_numbers_add_up(text: str, managed: tuple[tuple[Span, ...], ...], rows: tuple[Skipped, ...]) -> None:
    """Every token has one class, and every managed place is a managed token or counted as not version-like."""
    file = accounted(text, Findings(managed=managed, rows=rows))
    found = Coverage(files=(file, replace(file, path="b.yaml")))
    hits = [
        any(token.span.start < span.end and span.start < token.span.end for span in spans for token in file.tokens)
        for spans in managed
    ]

    assert [token.span for token in file.tokens] == [token.span for token in tokens("a.yaml", text)]
    assert found.total == sum(found.counts.values()) == 2 * len(file.tokens)
    assert file.beyond == hits.count(False)
    assert all(
        (token.verdict is Verdict.MANAGED)
        == any(token.span.start < span.end and span.start < token.span.end for spans in managed for span in spans)
        for token in file.tokens
    )
    assert all((token.suggestion is not None) == (token.verdict is Verdict.UNEXPLAINED) for token in file.tokens)
    assert all((token.reason is None) == (token.verdict in ("managed", "unexplained")) for token in file.tokens)


@pytest.mark.parametrize("area", AREAS)
def test_the_corpus_adds_up_and_suggestions_work(area: str) -> None:
    """In each labelled repository the numbers are exact, and each suggestion makes its token a dependency."""
    directory = HERE / "repositories" / area
    found = surveyed(directory)

    assert found.total == sum(found.counts.values())
    assert found.counts[Verdict.MANAGED] > 0
    assert [f"{each.path}:{each.line}" for each in found.unexplained if not helps(directory, each)] == []


def helps(directory: Path, token: Accounted) -> bool:
    """Whether following the suggestion, its placeholders filled in, makes the token a dependency."""
    text = (directory / token.path).read_bytes().decode("utf-8", "surrogateescape")
    assert token.suggestion is not None
    if token.suggestion.rule is not None:
        rule = json.loads(filled(json.dumps(token.suggestion.rule)))
        manager, added, place = plugins.custom_managers()[rule["customType"]].build(rule), "", 0
    else:
        manager, added = plugins.managers()["annotations"], filled(f"{token.suggestion.comment}\n")
        place = text.rfind("\n", 0, token.span.start) + 1
    found = manager.extract(SourceFile(path=token.path, text=text[:place] + added + text[place:]))
    start, end = (position + len(added) for position in token.span)
    spans = [span for each in found if isinstance(each, Dependency) for span in (each.span, each.digest_span) if span]
    return any(start <= span.start and span.end <= end for span in spans)


def filled(text: str) -> str:
    return text.replace("<datasource>", "github-tags").replace("<name>", "acme/web")


# ---------------------------------------------------------------- classes


def test_what_a_manager_found_is_managed() -> None:
    """A token that overlaps a dependency's place is managed, as a whole."""
    assert only("image: web:1.2\n", Findings(managed=((Span(11, 14),),))).verdict is Verdict.MANAGED


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("disabled by renovate.json:7", Verdict.IGNORED),
        ("in ignoreDeps", Verdict.IGNORED),
        ("ignored by comment", Verdict.IGNORED),
        ("outside kubernetes.managerFilePatterns (renovate.json:2)", Verdict.IGNORED),
        ("no registry known for this tool", Verdict.KNOWN),
    ],
)
@pytest.mark.parametrize("place", [{"span": Span(5, 8)}, {"line": 1}, {}])
def test_a_row_explains_its_place_line_or_file(reason: str, verdict: Verdict, place: dict[str, Span | int]) -> None:
    """A rule of the user's makes a token ignored, any other reason known."""
    row = structs.replace(Skipped(manager="x", path="a.yaml", reason=reason), **place)
    token = only("tag: 1.2\n", Findings(rows=(row,)))

    assert (token.verdict, token.reason) == (verdict, reason)


def test_a_comment_explains_what_no_manager_knows() -> None:
    """``renovate: ignore`` counts for every token."""
    assert only("tool_version: 1.2 # renovate: ignore\n").verdict is Verdict.IGNORED


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("a.yaml", "apiVersion: apps/v1\n", "an API version"),
        ("a.yaml", "labels:\n  app.kubernetes.io/version: 1.2.3\n", "a label, which decides nothing"),
        ("a.yaml", "labels: {version: 1.2.3}\n", "a label, which decides nothing"),
        ("a.yaml", "tlsVersion: '1.2'\n", "the version of a protocol"),
        ("docker-compose.yml", "version: '3.8'\n", "the version of a file format"),
        ("a.yaml", "min_ansible_version: 2.14\n", "a lower bound, not a choice"),
        ("a.yaml", "requires_ansible: '>=2.17.0'\n", "a lower bound, not a choice"),
        ("a.yaml", "version_added: 1.4.0\n", "says since when, or until when, there is something"),
        ("a.yaml", "MIME-Version: 1.0\n", "the version of a protocol"),
        ("a.yaml", "annotations:\n  policies.kyverno.io/minversion: 1.6.0\n", "a lower bound, not a choice"),
        ("a.yaml", "node-exporter:\n  gnetId: 1860\n  revision: 37\n", "a dashboard of Grafana"),
        ("charts/web/Chart.yaml", "name: web\nappVersion: 1.2.3\n", "its own version"),
        ("package.json", '{"dependencies": {"react": "^18.2.0"}}', "a manifest of npm, which no manager reads"),
        ("renovate.json", '{"allowedVersions": "<2.0"}', "the configuration of this tool"),
        ("a.yaml", "kind: Pod\nstatus:\n  image: web:1.2\n", "what a status reports"),
        ("a.yaml", "kind: CustomResourceDefinition\nx: {default: 'web:1.2'}\n", "a schema, which describes and deploys nothing"),  # noqa: E501 - a reason in full
        ("a.yaml", "target:\n  kind: Pod\n  version: v1\n", "an API version"),
    ],
)  # fmt: skip
def test_what_is_nothing_to_update_is_known(path: str, text: str, reason: str) -> None:
    """Key, file and surroundings tell what a version is that nobody wants moved."""
    token = only(text, path=path)

    assert (token.verdict, token.reason) == (Verdict.KNOWN, reason)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (
            "RUN apk add --no-cache git \\\n    curl=8.5.0-r0\n",
            "a package of a distribution, of which no datasource knows",
        ),
        (
            "apt-get update && apt-get install -y nginx=1.22.1-9",
            "a package of a distribution, of which no datasource knows",
        ),
        (
            "RUN pip install --no-cache-dir requests==2.31.0\n",
            "a package that a command installs, which no manager reads",
        ),
        ("RUN pip install requests && TOOL=1.2.3 make\n", None),
        ("RUN apk add git\nRUN TOOL=1.2.3 make\n", None),
    ],
)
def test_packages_that_commands_install(text: str, known: str | None) -> None:
    """What stands behind the command counts, on lines that continue it, too; the next command is another matter."""
    assert only(text, path="install.txt.sh").reason == known


SECRET = "apiVersion: v1\nkind: Secret\nstringData:\n  version: 7.7.7\n---\nversion: 8.8.8\n"


def test_secrets_are_counted_and_not_shown() -> None:
    """Tokens in a Secret are ignored without their value; those outside are not affected."""
    found = accounted(SECRET).tokens

    assert [(token.line, token.value, token.verdict) for token in found] == [
        (1, None, Verdict.IGNORED),
        (4, None, Verdict.IGNORED),
        (6, "8.8.8", Verdict.UNEXPLAINED),
    ]


def test_an_encrypted_file_is_counted_and_not_shown() -> None:
    """All of a SOPS file is ignored."""
    file = account("a.yaml", "version: 7.7.7\n", Findings(), is_encrypted=True)

    assert [(token.value, token.reason) for token in file.tokens] == [(None, "secrets are never read")]


# ---------------------------------------------------------------- suggestions


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec:\n  foo:\n    version: X", "spec.foo.version"),
        ("spec:\n  - a: 1\n    version: X", "spec[*].version"),
        ("spec:\n- name: web\n  version: X", "spec[name=web].version"),
        ("spec:\n  - version: X\n    name: web", "spec[name=web].version"),
        ("spec:\n  - {name: web, version: X}", "spec[name=web].version"),
        ("a:\n  b: 1\nc:\n  version: X", "c.version"),
        ("a: {version: X}", "a.version"),
        ("a: [X]", "a[*]"),
        ("a:\n  - - X", "a[*][*]"),
        ("'b.c':\n  version: X", '"b.c".version'),
        ("x: 1\n---\n# no\nversion: X", "version"),
        ('{\n  "a": [\n    {\n      "name": "web",\n      "version": "X"\n    }\n  ]\n}', "a[name=web].version"),
        ("run: |\n  version: X\n", None),
        ("a: {b: {version: X}}", None),
    ],
)
def test_the_path_of_a_place(text: str, path: str | None) -> None:
    """Block style, lists, simple flow style and JSON have paths; what the layout does not tell has none."""
    assert paths(text, [text.index("X")]) == [path]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "apps/a.yaml",
            "web:\n  repository: ghcr.io/acme/web\n  appTag: 1.2.3\n",
            {
                "customType": "yaml",
                "managerFilePatterns": ["apps/a.yaml"],
                "paths": ["web.appTag"],
                "depNameTemplate": "ghcr.io/acme/web",
                "datasourceTemplate": "docker",
            },
        ),
        ("main.tf", 'locals {\n  k3s_version = "1.30.4"\n}\n', "# renovate: datasource=<datasource> depName=<name>"),
        (
            "install.sh",
            "URL=https://github.com/acme/tool/releases/download/v1.2.3/tool\n",
            {
                "customType": "regex",
                "managerFilePatterns": ["install.sh"],
                "matchStrings": ["URL=https://github\\.com/acme/tool/releases/download/(?<currentValue>[^\\s\"'@,;)\\]}/]+)"],
                "depNameTemplate": "acme/tool",
                "datasourceTemplate": "github-releases",
            },
        ),
    ],
)  # fmt: skip
def test_a_suggestion(path: str, text: str, expected: object) -> None:
    """A path for YAML, a comment where one can speak of the value, else a pattern; the name is guessed."""
    suggestion = only(text, path=path).suggestion

    assert suggestion is not None
    assert expected in (suggestion.rule, suggestion.comment)


# ---------------------------------------------------------------- pipelines


@pytest.mark.parametrize(
    "text",
    [
        "jobs:\n  a:\n    strategy:\n      matrix:\n        # both\n        python-version: ['3.11']\n",
        "jobs:\n  a:\n    strategy:\n      matrix:\n        version:\n          - 3.11\n",
        "jobs:\n  a:\n    strategy:\n      matrix:\n        include:\n          - version: 1.30.2\n",
        "jobs: {a: {strategy: {matrix: {version: [1.30.2]}}}}\n",
    ],
)
def test_versions_in_a_matrix(text: str) -> None:
    """What a pipeline is tried with is not one version that should be newer."""
    token = only(text, path=".github/workflows/a.yml")

    assert (token.verdict, token.reason) == (Verdict.KNOWN, "one of the versions that a matrix tries")


@pytest.mark.parametrize(
    "text",
    [
        "jobs:\n  a:\n    strategy:\n      matrix: {os: [linux]}\n    version: 1.30.2\n",
        "apiVersion: argoproj.io/v1alpha1\nspec:\n  matrix:\n    version: 1.30.2\n",
    ],
)
def test_versions_beside_a_matrix(text: str) -> None:
    """Beside a matrix, and in the matrix of a generator, a version is one as anywhere."""
    assert [token.verdict for token in accounted(text, path="a.yml").tokens if token.value == "1.30.2"] == [
        Verdict.UNEXPLAINED
    ]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".github/ISSUE_TEMPLATE/bug.yml", "a form for people"),
        ("changelogs/changelog.yaml", "a record of changes"),
        ("meta/runtime.yml", "what an Ansible collection says of itself"),
        (".travis.yml", "the configuration of Travis CI, which no manager reads"),
        ("tools/devbox.json", "a manifest of Devbox, which no manager reads"),
    ],
)
def test_files_that_no_manager_reads(path: str, reason: str) -> None:
    """The name of a file, or its place, may tell that nothing in it is deployed."""
    assert only("version: 1.2.3\n", path=path).reason == reason
