"""Custom managers that are made of patterns."""

import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import run

import pytest

from managers import kubernetes, regex
from managers._matching import MAX_MATCHES
from tests.managers.reading import dependencies, found, skipped, source
from updater.api import Dependency, Manager, Package, Skipped, SourceFile

HERE = Path(__file__).parent
DEPLOYMENT = source(HERE / "deployment.yaml")
VERSIONS = source(HERE / "versions.env")

DIGEST = "sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"
IMAGE_LINES = r"image: (?<depName>.*?):(?<currentValue>.*?)\s"
ANNOTATED = (
    r"# renovate: datasource=(?<datasource>\S+) depName=(?<depName>\S+)(?: versioning=(?<versioning>\S+))?\s"
    r".*?_VERSION=(?<currentValue>\S+)\s"
)


def text(content: str) -> SourceFile:
    return SourceFile(path="deploy/some.txt", text=content)


def manager(*patterns: str, **options: object) -> Manager:
    """A custom manager; ``datasourceTemplate`` is ``github-tags`` unless a pattern or an option says otherwise."""
    named = any("<datasource>" in pattern for pattern in patterns)
    default = {} if named else {"datasourceTemplate": "github-tags"}
    return regex.build({"customType": "regex", "matchStrings": list(patterns), **default, **options})


def images(*patterns: str, **options: object) -> Manager:
    return manager(*patterns, datasourceTemplate="docker", **options)


def one(made: Manager, file: SourceFile) -> Dependency:
    (item,) = dependencies(made, file)
    return item


# ---------------------------------------------------------------- images


def test_image_lines_are_read_as_the_kubernetes_manager_reads_them() -> None:
    """The usual lazy pattern finds the values and digests of the built-in manager at the same places."""
    custom, builtin = dependencies(images(IMAGE_LINES), DEPLOYMENT), dependencies(kubernetes, DEPLOYMENT)
    assert [(item.span, item.digest_span, item.pinnable) for item in custom] == [
        (item.span, item.digest_span, item.pinnable) for item in builtin
    ]
    assert [item.package for item in custom] == [item.package for item in builtin]
    assert len(custom) == 5


def test_images() -> None:
    """Tag and digest are told apart, a port stays in the name, and a digest may stand alone."""
    assert [
        (item.name, item.current_value, item.current_digest) for item in dependencies(images(IMAGE_LINES), DEPLOYMENT)
    ] == [
        ("ghcr.io/acme/web", "2.4.1", None),
        ("envoyproxy/envoy", "v1.31.0", DIGEST),
        ("localhost:5000/acme/api", "1.4.2", None),
        ("busybox", None, DIGEST),
        ("library/nginx", "1.27.0-alpine", None),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('image: "nginx:1.27"\n', "not an image reference"),
        ("image: ${REGISTRY}/nginx:1.27\n", "contains a variable"),
        ("image: nginx: 1.27\n", "the match has neither currentValue nor currentDigest"),
        ("image: NGINX:1.27\n", "not an image reference"),
    ],
)
def test_lines_that_are_no_image(line: str, reason: str) -> None:
    """What the pattern takes for an image and is none is listed with the reason."""
    assert [each[2] for each in skipped(images(IMAGE_LINES), text(line))] == [reason]


def test_a_tag_apart_from_its_image() -> None:
    """If name and tag stand apart, the tag may carry a digest, and no digest is written behind it."""
    made = images(r"name: (?<depName>\S+)\s+tag: (?<currentValue>\S+)")
    item = one(made, text(f"name: nginx\ntag: 1.27.0@{DIGEST}\n"))
    assert (item.current_value, item.current_digest, item.pinnable) == ("1.27.0", DIGEST, False)
    assert not one(made, text("name: nginx\ntag: 1.27.0\n")).pinnable
    assert skipped(made, text("name: nginx\ntag: a/b\n")) == [(2, "nginx", "not an image tag")]
    assert skipped(made, text("name: Nginx\ntag: 1.27.0\n")) == [(2, "Nginx", "not an image reference")]


def test_groups_for_tag_and_digest() -> None:
    """A pattern may have a group of its own for the digest."""
    made = images(r"(?<depName>[^\s:@]+):(?<currentValue>[^\s@]+)@(?<currentDigest>sha256:\w+)")
    item = one(made, text(f"nginx:1.27.0@{DIGEST}\n"))
    assert (item.name, item.current_value, item.current_digest) == ("nginx", "1.27.0", DIGEST)


def test_a_part_of_a_tag() -> None:
    """If the pattern leaves a part of the tag out, no digest may be written behind the value."""
    item = one(images(r"(?<depName>nginx):(?<currentValue>[\d.]+)"), text("nginx:1.27.0-alpine\n"))
    assert (item.current_value, item.pinnable) == ("1.27.0", False)


def test_package_names_of_images() -> None:
    """A template for the package is what is looked up, without what Docker Hub adds silently."""
    made = images(r"(?<depName>\w+):(?<currentValue>\S+)", packageNameTemplate="docker.io/library/{{depName}}")
    assert one(made, text("nginx:1.27.0\n")).package == Package(datasource="docker", name="nginx")


# ---------------------------------------------------------------- fields and templates


def test_fields_from_groups() -> None:
    """Datasource, name and versioning come from the groups; a group that took no part says nothing."""
    helm, helmfile = dependencies(manager(ANNOTATED), VERSIONS)
    assert (helm.line, helm.name, helm.current_value, helm.versioning) == (2, "helm/helm", "v3.16.1", "semver")
    assert (helmfile.line, helmfile.current_value, helmfile.versioning) == (4, "0.168.0", None)
    assert helm.package == Package(datasource="github-releases", name="helm/helm")
    assert helm.manager == "custom.regex"


def test_templates() -> None:
    """Templates beat groups and may use every group, the path of the file and conditions."""
    made = manager(
        r"(?<org>\w+)/(?<name>\w+)@(?<currentValue>\S+)",
        depNameTemplate="{{{org}}}",
        packageNameTemplate="{{ org }}/{{name}}",
        versioningTemplate="{{#if versioning}}{{{versioning}}}{{else}}loose{{/if}}",
        registryUrlTemplate="{{#unless org}}no{{/unless}}https://example.com/{{org}}",
        depTypeTemplate="{{packageFile}}",
    )
    item = one(made, text("acme/web@1.0.0"))
    assert (item.name, item.versioning, item.dep_type) == ("acme", "loose", "deploy/some.txt")
    assert item.package == Package(
        datasource="github-tags", name="acme/web", registry_urls=("https://example.com/acme",)
    )


def test_templates_have_helpers() -> None:
    """Those of all other templates; the file's directory is one of the values."""
    template = "{{replace '.*/' '' packageFileDir}}/{{lowercase depName}}"
    made = manager(r"(?<depName>\S+)=(?<currentValue>\S+)", packageNameTemplate=template)

    assert one(made, text("WEB=1.2\n")).package.name == "deploy/web"


def test_a_template_that_fails_is_a_row() -> None:
    """Where an argument is none that the helper takes."""
    made = manager(r"(?<depName>\S+)=(?<currentValue>\S+)", packageNameTemplate="{{replace depName '' depName}}")
    ((_, _, reason),) = skipped(made, text("(=1.2\n"))

    assert reason.startswith("a template cannot be filled in: ")


def test_a_template_for_the_value() -> None:
    """A value that a template makes must stand in the match, once, and that is the place of an update."""
    made = manager(r"(?<depName>\w+) (?<major>\d+)/(?<minor>\d+) = \S+", currentValueTemplate="{{major}}.{{minor}}")
    item = one(made, text("web 1/2 = v1.2"))
    assert (item.current_value, item.span) == ("1.2", (11, 14))
    reason = "currentValueTemplate makes '1.2', which does not stand in the match exactly once"
    assert [each[2] for each in skipped(made, text("web 1/2 = 1.3"))] == [reason]
    assert [each[2] for each in skipped(made, text("web 1/2 = 1.2-1.2"))] == [reason]


@pytest.mark.parametrize(
    ("options", "line", "reason"),
    [
        ({}, "=1.0.0", "the match has neither depName nor packageName"),
        ({}, "a=", "the match has neither currentValue nor currentDigest"),
        ({"datasourceTemplate": "{{#if x}}helm{{/if}}"}, "a=1.0.0", "the match has no datasource"),
        ({"registryUrlTemplate": "charts"}, "a=1.0.0", "the registryUrl 'charts' is no URL"),
    ],
)
def test_incomplete_matches(options: Mapping[str, object], line: str, reason: str) -> None:
    """A match that lacks something is listed with the reason."""
    made = manager(r"(?<depName>\w*)=(?<currentValue>[\w.]*)(?<x>!)?", **options)
    assert [each[2] for each in skipped(made, text(line))] == [reason]


# ---------------------------------------------------------------- strategies


def test_any() -> None:
    """Each match of each pattern is a dependency."""
    made = manager(r"a (?<depName>\w+) (?<currentValue>\S+)", r"b (?<currentValue>\S+) (?<depName>\w+)")
    assert found(made, text("a x 1\nb 2 y\na z 3\n")) == [(1, "x", "1"), (3, "z", "3"), (2, "y", "2")]


def test_combination() -> None:
    """All matches of all patterns make one dependency, later groups before earlier ones."""
    made = manager(r"name: (?<depName>\w+)", r"version: (?<currentValue>\S+)", matchStringsStrategy="combination")
    assert found(made, text("version: 1.0\nname: a\nname: b\n")) == [(1, "b", "1.0")]
    assert list(made.extract(text("nothing"))) == []
    assert [each[2] for each in skipped(made, text("name: a"))] == [
        "the match has neither currentValue nor currentDigest"
    ]


def test_recursive() -> None:
    """Each pattern searches the matches of the one before, inherits their groups, and spans count from the start."""
    made = manager(
        r"\[(?<org>\w+)\][^\[]*",
        r"(?<name>\w+) = \{[^}]*\}",
        r"v (?<currentValue>[\d.]+)",
        matchStringsStrategy="recursive",
        depNameTemplate="{{org}}/{{name}}",
    )
    content = "[é]\nv 0.1\n[a]\nx = { v 1.0 }\ny = { v 2.0 v 2.1 }\n[b]\nz = { v 3.0 }\n"
    assert found(made, text(content)) == [(4, "a/x", "1.0"), (5, "a/y", "2.0"), (5, "a/y", "2.1"), (7, "b/z", "3.0")]
    for item in dependencies(made, text(content)):
        assert item.span is not None
        assert content[slice(*item.span)] == item.current_value


# ---------------------------------------------------------------- autoReplaceStringTemplate


DIGEST_TEMPLATE = "{{depName}}{{#if newValue}}:{{newValue}}{{/if}}{{#if newDigest}}@{{newDigest}}{{/if}}"


@pytest.mark.parametrize(
    ("template", "pinnable"),
    [
        (DIGEST_TEMPLATE, True),
        ("{{{depName}}}:{{{newValue}}}", False),
        ("{{replace ':.+' '' replaceString}}:{{newValue}}{{#if newDigest}}@{{newDigest}}{{/if}}", True),
    ],
)
def test_a_replacement_that_changes_only_the_value(template: str, pinnable: bool) -> None:  # noqa: FBT001 - a column
    """A replacement that comes to the same as replacing the value is honoured, and says whether digests are pinned."""
    made = images(
        r"(?<depName>[\w/.-]+):(?<currentValue>[\w.]+)(?:@(?<currentDigest>\S+))?", autoReplaceStringTemplate=template
    )
    assert one(made, text("acme/web:1.0.0\n")).pinnable is pinnable


def test_a_replacement_with_a_digest() -> None:
    """A replacement writes the digest where it stands."""
    made = images(
        r"(?<depName>\w+):(?<currentValue>[\w.]+)@(?<currentDigest>\S+)", autoReplaceStringTemplate=DIGEST_TEMPLATE
    )
    assert one(made, text(f"web:1.0.0@{DIGEST}\n")).current_digest == DIGEST


@pytest.mark.parametrize(
    "template", ["{{depName}}: {{newValue}}", "{{depName}}:{{newValue}} # {{newValue}}", "{{depName}}", "x"]
)
def test_a_replacement_that_changes_more(template: str) -> None:
    """A replacement that would change anything else is not honoured silently: the match is listed."""
    made = images(r"(?<depName>\w+):(?<currentValue>\S+)", autoReplaceStringTemplate=template)
    assert [each[2] for each in skipped(made, text("web:1.0.0\n"))] == [
        "autoReplaceStringTemplate changes more than the value and the digest"
    ]


# ---------------------------------------------------------------- bad configurations


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"matchStrings": []}, "matchStrings must be a list of patterns"),
        ({"matchStrings": [1]}, "matchStrings must be a list of patterns"),
        ({"matchStrings": ["(?=a)"]}, r"does not work on RE2: .*\(\?=.*no lookaround"),
        ({"matchStrings": [r"(a)\1"]}, "does not work on RE2"),
        ({"matchStrings": ["("]}, "does not work on RE2: missing \\)"),
        ({"matchStrings": ["(?<a>x)|(?<a>y)"]}, "two groups with the name a"),
        (
            {"matchStringsStrategy": "all"},
            "matchStringsStrategy is 'all' but must be one of any, combination, recursive",
        ),
        ({"datasourceTemplate": None}, "nothing says what datasource is"),
        ({"matchStrings": ["(?<currentValue>x)"]}, "nothing says what depName or packageName is"),
        ({"matchStrings": ["(?<depName>x)"]}, "nothing says what currentValue or currentDigest is"),
        ({"depTypeTemplate": 1}, "depTypeTemplate must be a text"),
        ({"depTypeTemplate": "{{nothing}}"}, "depTypeTemplate uses nothing, which is no named group"),
        ({"depTypeTemplate": "{{newValue}}"}, "depTypeTemplate uses newValue"),
        ({"depTypeTemplate": "{{nohelper depName}}"}, "depTypeTemplate: character 1: there is no helper 'nohelper'"),
        ({"depTypeTemplate": "{{#if depName}}"}, "depTypeTemplate: character 1: {{#if}} needs {{/if}}"),
        ({"depTypeTemplate": "{{else}}"}, "depTypeTemplate: character 1: {{else}} closes nothing"),
        ({"depTypeTemplate": "{{/if}}"}, "depTypeTemplate: character 1: {{/if}} closes nothing"),
    ],
)
def test_bad_options(options: Mapping[str, object], message: str) -> None:
    """An entry that makes no sense is refused with a sentence that names the option."""
    good = {"matchStrings": [r"(?<depName>\w+) (?<currentValue>\S+)"], "datasourceTemplate": "helm"}
    with pytest.raises(ValueError, match=message):
        regex.build({**good, **options})


# ---------------------------------------------------------------- any file


def test_undecodable_bytes_and_wide_characters() -> None:
    """Spans count characters, also behind bytes that are no UTF-8 and characters of several bytes."""
    content = b"\xff\xfe ".decode(errors="surrogateescape") + "é𝒳 web 1.0.0\n"
    item = one(manager(r"𝒳 (?<depName>\w+) (?<currentValue>\S+)"), text(content))
    assert item.span is not None
    assert content[slice(*item.span)] == "1.0.0"


def test_crlf() -> None:
    """The carriage return of CRLF is never a part of a value."""
    assert found(manager(r"(?<depName>\w+) (?<currentValue>.*)\n"), text("a 1.0\r\nb 2.0\r\n")) == [
        (1, "a", "1.0"),
        (2, "b", "2.0"),
    ]


def test_anchors() -> None:
    """``^`` is the beginning of the file, and of each line only where the pattern asks for that."""
    content = text("a 1\nb 2\n")
    assert found(manager(r"^(?<depName>\w) (?<currentValue>\d)"), content) == [(1, "a", "1")]
    assert len(found(manager(r"(?m)^(?<depName>\w) (?<currentValue>\d)$"), content)) == 2


def test_too_many_matches() -> None:
    """Only the first matches of a file are read, and a row says so."""
    made = manager(r"(?<depName>\w)=(?<currentValue>\d)")
    rows = list(made.extract(text("a=1 " * (MAX_MATCHES + 1))))
    assert [row.reason for row in rows if isinstance(row, Skipped)] == [
        "too many matches: only the first 10,000 were read"
    ]
    assert len(rows) == MAX_MATCHES + 1
    assert skipped(made, text("a=1 " * MAX_MATCHES)) == []


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*b", r"(a*)*c", r"(?:(?:a{0,30}){0,30})d"])
def test_exponential_patterns(pattern: str) -> None:
    """A pattern that would hang a backtracking engine is linear here."""
    made = manager(rf"(?<depName>\w)=(?<currentValue>\d){pattern}")
    assert list(made.extract(text("x=1" + "a" * 200_000 + "!"))) == []


def test_re2_is_loaded_when_a_pattern_is_read() -> None:
    """Importing the managers does not load the engine."""
    code = "import sys, managers; sys.exit('re2' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False, cwd=HERE.parents[2]).returncode == 0
