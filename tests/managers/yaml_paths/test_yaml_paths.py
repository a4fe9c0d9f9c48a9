"""Custom managers that are made of paths."""

import json
from pathlib import Path

import pytest

from managers import yaml_paths
from managers._yaml import documents
from managers._yaml_paths import follow, read_path
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped, source, yaml
from updater import plugins
from updater.api import Dependency, Edit, Manager, SourceFile
from updater.config import load, parse
from updater.edit import replace
from updater.repo import WorkTree
from updater.scan import scan

HERE = Path(__file__).parent
PLATFORM, IMAGES = source(HERE / "platform.yaml"), source(HERE / "images.json")
DIGEST = "sha256:9ffd9d6b964a3d8a09108a130149201c8a46024aef9dc86889b054a5932c2bd8"


def manager(*paths: str, **options: object) -> Manager:
    """A custom manager; the datasource is ``github-tags`` and the name ``acme/app`` unless an option says otherwise."""
    given = {"datasourceTemplate": "github-tags", "depNameTemplate": "acme/app", **options}
    return yaml_paths.build({"customType": "yaml", "paths": list(paths), **given})


def images(*paths: str, name: str | None = None) -> Manager:
    return manager(*paths, datasourceTemplate="docker", depNameTemplate=name)


def values(made: Manager, text: str | SourceFile) -> list[str | None]:
    file = text if isinstance(text, SourceFile) else yaml(text)
    return [item.current_value for item in dependencies(made, file)]


def one(made: Manager, text: str | SourceFile) -> Dependency:
    (item,) = dependencies(made, text if isinstance(text, SourceFile) else yaml(text))
    return item


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("charts[*].version", ["19.6.0", "15.5.1"]),
        ("charts[1].version", ["15.5.1"]),
        ("charts[2].version", []),
        ("charts[name=redis].version", ["19.6.0"]),
        ("charts['name'='postgresql'].version", ["15.5.1"]),
        ('charts[repository="https://charts.example.com/stable"].version', ["19.6.0"]),
        ("charts[repository=https://charts.example.com/stable].version", ["19.6.0"]),
        ("versions.*", ["1.10", "7.2"]),
        ("versions.nginx", ["1.10"]),
        ('labels."app.kubernetes.io/version"', ["1.2.3"]),
        ("labels.'app.kubernetes.io/version'", ["1.2.3"]),
        ("**.imageTag", ["v0.9.1"]),
        ("spec.**.imageTag", ["v0.9.1"]),
        ("spec.**.deep[0].inner.imageTag", ["v0.9.1"]),
        ("**.version", ["19.6.0", "15.5.1", "15.5.0"]),
        ("**.**.version", ["19.6.0", "15.5.1", "15.5.0"]),
        ("[kind=Widget].spec.chart.version", ["15.5.0"]),
        ("[kind=Other].spec.chart.version", []),
        ("**[name=redis].version", ["19.6.0"]),
        ("charts.version", []),
        ("versions[*]", []),
        ("versions[0]", []),
        ("components[0].image.tag", []),
    ],
)
def test_where_paths_lead(path: str, expected: list[str]) -> None:
    """Keys, indices, choices and wildcards find these values in the documents of the example, in their order."""
    assert values(manager(path), PLATFORM) == expected


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("", "at character 1: a key must come here"),
        (".a", "at character 1: a key must come here"),
        ("a.", "at character 3: a key must come here"),
        ("a..b", "at character 3: a key must come here"),
        ("a b", "at character 2: a dot or a bracket must come here"),
        ('a."b', "at character 3: a key must come here"),
        ('a.""', "at character 3: a key must come here"),
        ('"a"b', "at character 4: a dot or a bracket must come here"),
        ("a[", "at character 2: brackets hold *, a number or key=value"),
        ("a[-1].b", "at character 2: brackets hold *, a number or key=value"),
        ("a[name=].b", "at character 2: brackets hold *, a number or key=value"),
        ("a[*", "at character 2: brackets hold *, a number or key=value"),
        ("a[*]b", "at character 5: a dot or a bracket must come here"),
        ("a***", "at character 2: a dot or a bracket must come here"),
        ("a.**", "ends with **"),
        ("a[name=web]", "ends with a choice of objects"),
    ],
)
def test_wrong_paths(path: str, complaint: str) -> None:
    """What is no path is refused with the place and with what belongs there."""
    with pytest.raises(ValueError, match=r"the path '.*' ") as error:
        read_path(path)

    assert complaint in str(error.value)


def test_lists_may_be_the_outermost_thing() -> None:
    """A file that is a list is read, in JSON as in YAML."""
    assert values(images("[*].tag", name="ghcr.io/acme/{{{name}}}"), IMAGES) == ["2.4.1", "1.0.0"]
    assert values(manager("[0]"), "- 1.2.3\n- 1.2.4\n") == ["1.2.3"]
    assert values(manager("[*][*]"), "[[1.2.3], [1.2.4]]") == ["1.2.3", "1.2.4"]


def test_aliases_and_merged_keys_lead_to_the_definition() -> None:
    """What several names share is updated where it is written; the second name is told so."""
    text = "base: &base {version: 1.2.3}\na:\n  <<: *base\nb: {version: &v 2.0.0}\nc: {version: *v}\n"
    made = manager("*.version", depNameTemplate="acme/{{{parentKey}}}")

    assert found(made, yaml(text)) == [(1, "acme/base", "1.2.3"), (4, "acme/b", "2.0.0")]
    assert skipped(made, yaml(text)) == [
        (1, "acme/a", "shares its version with acme/base"),
        (4, "acme/c", "shares its version with acme/b"),
    ]


def test_a_list_that_leads_into_itself_ends() -> None:
    """An alias to what is around it is followed once."""
    assert values(manager("**.version"), "a: &a\n  - version: 1.2.3\n    again: *a\n") == ["1.2.3"]


@pytest.mark.parametrize("path", ["*[*]", "**.*[*]", "**.**.list[*]"])
def test_a_list_with_many_aliases_is_entered_once(path: str) -> None:
    """The places are as many as the file is long, however many ways lead to them."""
    text = f"list: &list [{', '.join(['1.2.3'] * 500)}]\n" + "".join(f"k{number}: *list\n" for number in range(500))
    (document,) = documents(text)
    assert document.root is not None

    assert len(list(follow(read_path(path), document.root))) == 500


# ---------------------------------------------------------------- what is made of a value


def test_a_dependency_has_all_that_templates_say() -> None:
    """Each option may use the values beside the version; the span covers what stands within the quotes."""
    made = manager(
        "charts[*].version",
        datasourceTemplate="{{#if repository}}helm{{/if}}",
        depNameTemplate="{{{name}}} ({{{currentValue}}})",
        packageNameTemplate="{{{name}}}",
        registryUrlTemplate="{{{repository}}}",
        versioningTemplate="semver",
        extractVersionTemplate="^v(?<version>.*)$",
        depTypeTemplate="{{{packageFile}}}",
    )
    _, item = dependencies(made, PLATFORM)

    assert (item.manager, item.line, item.name) == ("custom.yaml", 11, "postgresql (15.5.1)")
    assert (item.package.datasource, item.package.name) == ("helm", "postgresql")
    assert item.package.registry_urls == ("oci://registry.example.com/charts",)
    assert (item.versioning, item.extract_version) == ("semver", "^v(?<version>.*)$")
    assert item.dep_type == PLATFORM.path
    assert item.span is not None
    assert PLATFORM.text[item.span.start - 1 : item.span.end + 1] == "'15.5.1'"


def test_the_key_may_be_the_name() -> None:
    """``currentKey`` names the version and ``parentKey`` the object in which it stands."""
    made = images("versions.*", name="acme/{{{parentKey}}}-{{{currentKey}}}")

    assert found(made, PLATFORM) == [(13, "acme/versions-nginx", "1.10"), (14, "acme/versions-redis", "7.2")]


def test_elements_of_a_list_have_the_object_around_the_list_beside_them() -> None:
    """A list of versions under a key takes the name that stands beside that key."""
    made = manager("apps[*].versions[*]", depNameTemplate="acme/{{{name}}}")

    assert found(made, yaml("apps:\n- name: web\n  versions: [1.2.3, 1.2.4]\n")) == [
        (3, "acme/web", "1.2.3"),
        (3, "acme/web", "1.2.4"),
    ]


def test_whole_images_need_no_name() -> None:
    """A reference says itself what it is; tag and digest are places of their own, ready to be pinned."""
    web, envoy = dependencies(images("components[*].image"), PLATFORM)

    assert (web.name, web.current_value, web.current_digest, web.pinnable) == ("ghcr.io/acme/web", "2.4.1", None, True)
    assert (envoy.name, envoy.current_value, envoy.current_digest) == ("envoyproxy/envoy", "v1.31.0", DIGEST)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.27", ("docker.io/library/nginx", "nginx", "1.27", None, True)),
        (f"1.27@{DIGEST}", ("docker.io/library/nginx", "nginx", "1.27", DIGEST, True)),
        (DIGEST, ("docker.io/library/nginx", "nginx", None, DIGEST, False)),
        ("quay.io/acme/web:2.0", ("docker.io/library/nginx", "quay.io/acme/web", "2.0", None, True)),
        (f"acme/web@{DIGEST}", ("docker.io/library/nginx", "acme/web", None, DIGEST, False)),
    ],
)
def test_parts_of_images(value: str, expected: tuple[str | bool | None, ...]) -> None:
    """A named image's value may be a tag, a digest, both, or a reference which then says what is looked up."""
    item = one(images("tag", name="docker.io/library/nginx"), f"tag: {value}\n")

    assert (item.name, item.package.name, item.current_value, item.current_digest, item.pinnable) == expected


def test_a_package_name_beats_the_name_in_an_image() -> None:
    """A mirror may be looked up where the mirrored image is."""
    made = manager("image", datasourceTemplate="docker", depNameTemplate=None, packageNameTemplate="docker.io/acme/web")
    item = one(made, "image: mirror.example.com/acme/web:1.2\n")

    assert (item.name, item.package.name) == ("mirror.example.com/acme/web", "acme/web")


@pytest.mark.parametrize(
    ("made", "text", "expected"),
    [
        (manager("a"), "a:\n", (1, "acme/app", "no version")),
        (manager("a"), 'a: ""\n', (1, "acme/app", "no version")),
        (manager("a"), "a: {b: 1}\n", (1, "acme/app", "not a single value")),
        (manager("a"), "x: 1\na:\n- 1\n", (3, "acme/app", "not a single value")),
        (manager("a"), "a: '{{ .Values.x }}'\n", (1, "acme/app", "contains a template")),
        (manager("a"), "a: ${VERSION}\n", (1, "acme/app", "contains a variable")),
        (manager("a"), 'a: "1.2\\x2e3"\n', (1, "acme/app", "not written in one piece")),
        (manager("a", depNameTemplate="{{{b}}}"), "a: 1.2.3\n", (1, "a", yaml_paths._NAMELESS)),
        (manager("a", depNameTemplate="{{{b}}}"), "a: 1.2.3\nb: x${Y}\n", (1, "x${Y}", "contains a variable")),
        (
            manager("a", registryUrlTemplate="{{{b}}}"),
            "a: 1\nb: stable\n",
            (1, "acme/app", "the registryUrl 'stable' is no URL"),
        ),
        (
            manager("a", datasourceTemplate="{{{b}}}"),
            "a: 1\n",
            (1, "acme/app", "nothing that stands beside it says what its datasource is"),
        ),
        (images("a"), "a: nginx\n", (1, "nginx", "no tag")),
        (images("a"), f"a: {DIGEST}\n", (1, "a", yaml_paths._NAMELESS)),
        (images("a", name="nginx"), "a: not a tag\n", (1, "nginx", "not an image tag")),
        (images("a", name="nginx"), "a: sha256:12\n", (1, "nginx", "not a digest (sha256:…)")),
        (images("a", name="nginx"), "a: '{{ .tag }}'\n", (1, "nginx", "contains a template")),
        (
            manager("a"),
            "a: 'open\n---\nb: 1\n",
            (2, None, "not valid YAML: found unexpected end of stream at line 2"),
        ),
    ],
)
def test_what_cannot_be_updated(made: Manager, text: str, expected: tuple[int, str | None, str]) -> None:
    """Whatever a path leads to and is no dependency is a row with its line and the reason."""
    assert skipped(made, yaml(text)) == [expected]
    assert dependencies(made, yaml(text)) == []


def test_a_broken_document_does_not_hide_the_next() -> None:
    """Documents are read one by one."""
    assert values(manager("a"), "a: [\n---\na: 1.2.3\n") == ["1.2.3"]


def test_nothing_but_the_value_changes() -> None:
    """Every value that paths find can be replaced, quotes, comments and anchors stay, and it is found again."""
    made = manager("charts[*].version", "versions.*", "**.imageTag", 'labels."app.kubernetes.io/version"')
    before = dependencies(made, PLATFORM)
    edits = [Edit(path=PLATFORM.path, span=item.span, text="99.0.1") for item in before if item.span]
    after = SourceFile(path=PLATFORM.path, text=replace(PLATFORM.text, edits))

    assert len(before) == 6
    assert values(made, after) == ["99.0.1"] * 6
    expected = PLATFORM.text
    for old in ("19.6.0", "15.5.1", "1.10", "7.2", "v0.9.1", "1.2.3"):
        expected = (
            expected.replace(f" {old}", " 99.0.1").replace(f"'{old}'", "'99.0.1'").replace(f'"{old}"', '"99.0.1"')
        )
    assert after.text == expected


# ---------------------------------------------------------------- the configuration


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "nothing says what datasource is"),
        ({"datasourceTemplate": "helm", "paths": ["a"]}, "nothing says what depName is"),
        ({"datasourceTemplate": "docker"}, 'paths must be a list of paths, such as ["spec.version"]'),
        ({"datasourceTemplate": "docker", "paths": []}, "paths must be a list of paths"),
        ({"datasourceTemplate": "docker", "paths": [1]}, "paths must be a list of paths"),
        ({"datasourceTemplate": "docker", "paths": ["a."]}, "the path 'a.' is wrong at character 3"),
        ({"datasourceTemplate": 1}, "datasourceTemplate must be a text"),
        (
            {"datasourceTemplate": "docker", "depNameTemplate": "{{#if x}}"},
            "depNameTemplate: character 1: {{#if}} needs {{/if}}",
        ),
        ({"datasourceTemplate": "{{lower x}}"}, "datasourceTemplate: character 1: there is no helper 'lower'"),
    ],
)
def test_wrong_entries(options: dict[str, object], complaint: str) -> None:
    """An entry that cannot work is refused with a sentence that says why."""
    with pytest.raises(ValueError) as error:
        yaml_paths.build(options)

    assert complaint in str(error.value)


def test_one_path_needs_no_list() -> None:
    """As everywhere in the configuration."""
    made = yaml_paths.build({"paths": "a.b", "datasourceTemplate": "docker", "depNameTemplate": "nginx"})

    assert values(made, "a: {b: 1.27}\n") == ["1.27"]


def test_files_without_the_keys_are_not_parsed() -> None:
    """The longest key of each path is a marker; a path without keys makes every file worth parsing."""
    assert manager("spec.imageTag", "**[name=web].tag").MARKERS == ("imageTag", "name")
    assert manager("spec.imageTag", "*.*").MARKERS == ()


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    """The entry on the user page is valid, and a scan finds both of its paths in matching files only."""
    entry, _ = json.JSONDecoder().raw_decode(example(yaml_paths, "").text)
    (tmp_path / "renovate.json").write_text(json.dumps({"customManagers": [entry]}))
    text = (
        "components: [{name: redis, repository: 'https://charts.example.com', version: 19.6.0}]\n"
        "defaults: {x: {name: nats, repository: 'https://charts.example.com', chartVersion: 1.2.6}}\n"
    )
    for directory in ("platform/one", "other"):
        (tmp_path / directory).mkdir(parents=True)
        (tmp_path / directory / "some.yaml").write_text(text)
    tree = WorkTree(tmp_path)
    config = load(tree)
    scanned = scan(tree, config, {}, plugins.custom_managers())

    assert config.problems == ()
    assert [(item.path, item.name, item.current_value) for item in scanned.dependencies] == [
        ("platform/one/some.yaml", "redis", "19.6.0"),
        ("platform/one/some.yaml", "nats", "1.2.6"),
    ]
    assert scanned.skipped == ()


def test_an_entry_that_cannot_be_built_is_a_row(tmp_path: Path) -> None:
    """A wrong path never stops a scan."""
    entry = {"customType": "yaml", "managerFilePatterns": ["*"], "paths": ["a["], "datasourceTemplate": "docker"}
    (tmp_path / "renovate.json").write_text(json.dumps({"customManagers": [entry]}))
    tree = WorkTree(tmp_path)
    (row,) = scan(tree, load(tree), {}, plugins.custom_managers()).skipped

    assert (row.manager, row.path) == ("custom.yaml", "renovate.json")
    assert row.reason.startswith("the path 'a[' is wrong at character 2")


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        ('{"customType": "yaml", "paths": ["a"]}', []),
        ('{"customType": "regex", "matchStrings": ["a"]}', []),
        ('{"customType": "acme", "matchStrings": ["a"], "paths": ["a"]}', []),
        (
            '{"matchStrings": ["a"], "customType": "yaml"}',
            [
                (
                    '"matchStrings" has no effect with the customType "yaml" '
                    '(it belongs to the customType "regex" and "jsonata")'
                )
            ],
        ),
        (
            '{"paths": ["a"]}',
            ['"paths" has no effect with the customType "regex" (it belongs to the customType "yaml")'],
        ),
        ('{"customType": "yaml", "path": ["a"]}', ['unknown option "path" inside a custom manager']),
        (
            '{"customType": "jsonata", "fileFormat": "json", "matchStrings": ["$x := "]}',
            ["this is no JSONata expression"],
        ),
    ],
)
def test_options_of_the_other_types_are_warned_about(entry: str, problems: list[str]) -> None:
    """An option that has no effect with the entry's type is named, in whatever order they stand."""
    found_problems = [str(problem) for problem in parse(f'{{"customManagers": [{entry}]}}', path="c").problems]

    assert len(found_problems) == len(problems)
    assert all(expected in problem for expected, problem in zip(problems, found_problems, strict=True))


def test_rules_may_name_the_manager() -> None:
    """``custom.yaml`` is a manager that rules and ``enabledManagers`` know."""
    text = '{"enabledManagers": ["custom.yaml"], "packageRules": [{"matchManagers": ["custom.yaml"], "enabled": true}]}'

    assert parse(text, path="c").problems == ()
