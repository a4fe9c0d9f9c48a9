"""Custom managers that are made of expressions."""

import pytest

from managers import jsonata
from tests.managers.reading import dependencies, found, skipped
from updater.api import Dependency, Manager, Package, SourceFile

_COMPONENTS = """\
components:
  - name: web
    version: 1.10  # the same as below
  - {name: api, version: "1.10"}
other: 1.10
"""
_PAIRS = 'components.{"depName": name, "currentValue": version}'


def _manager(*expressions: str, form: str = "yaml", **options: object) -> Manager:
    """A custom manager; ``datasourceTemplate`` is ``github-tags`` unless an option says otherwise."""
    default = {"datasourceTemplate": "github-tags", "fileFormat": form, "matchStrings": list(expressions)}
    return jsonata.build({"customType": "jsonata", **default, **options})


def _file(text: str, path: str = "deploy/some.yaml") -> SourceFile:
    return SourceFile(path=path, text=text)


def _places(manager: Manager, file: SourceFile) -> list[tuple[str, str, int]]:
    """Name, text and place of each version."""
    return [
        (item.name, file.text[slice(*item.span)], item.span.start)
        for item in dependencies(manager, file)
        if item.span is not None
    ]


def test_a_version_is_changed_where_the_expression_took_it() -> None:
    """Not at the first place with the same text; a number is what is written."""
    at = [index for index in range(len(_COMPONENTS)) if _COMPONENTS.startswith("1.10", index)]

    assert _places(_manager(_PAIRS), _file(_COMPONENTS)) == [("web", "1.10", at[0]), ("api", "1.10", at[1])]


def test_keys_become_names() -> None:
    """As with ``$each``, which gives the key apart from the value."""
    manager = _manager('$each(tools, function($v, $k) {{"depName": $k, "currentValue": $v.version}})')

    assert found(manager, _file("tools:\n  kind:\n    version: v0.30.0\n  helm:\n    version: v4.0.1\n")) == [
        (3, "kind", "v0.30.0"),
        (5, "helm", "v4.0.1"),
    ]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("x = true", ["on"]),
        ("x = 'true'", ["off"]),
        ("x = null", ["no"]),
        ("i < 4", ["on", "no"]),
        ("i + 0.5 = 2.5", ["no"]),
        ("v = '1.10'", ["no"]),
        ("$number(v) > 1", ["on", "off", "no"]),
    ],
)
def test_conditions_see_what_stands_there(condition: str, names: list[str]) -> None:
    """Truth, null and numbers; what is in quotes is a text."""
    text = (
        "a:\n- {n: on, v: 3, x: true, i: 3}\n- {n: off, v: 4, x: 'true', i: 4}\n- {n: no, v: '1.10', x: null, i: 2}\n"
    )
    manager = _manager(f'a[{condition}].{{"depName": n, "currentValue": v}}')

    assert [name for _, name, _ in found(manager, _file(text))] == names


def test_documents_are_one_after_the_other() -> None:
    """A path looks into each; an empty one counts for nothing."""
    text = "---\nkind: A\nv: 1.0.0\n---\n---\nkind: B\nv: 2.0.0\n"

    assert found(_manager('$[kind = "B"].{"depName": "b", "currentValue": v}'), _file(text)) == [(7, "b", "2.0.0")]
    assert found(_manager('{"depName": kind, "currentValue": v}'), _file("kind: A\nv: 1.0.0\n")) == [(2, "A", "1.0.0")]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", '// comment\n{"components": [{"name": "web", "version": "1.2.3",},]}'),
        ("json", '\ufeff{"components": {"name": "web", "version": "1.2.3"}}'),
        ("toml", '[[components]]\nname = "web"\nversion = "1.2.3"\n'),
    ],
)
def test_other_formats(form: str, text: str) -> None:
    """JSON with what people add to it, and TOML."""
    file = _file(text)

    assert _places(_manager(_PAIRS, form=form), file) == [("web", "1.2.3", text.index("1.2.3"))]


def test_a_list_may_be_outermost() -> None:
    """Of JSON, too."""
    manager = _manager('$.{"depName": n, "currentValue": v}', form="json")

    assert found(manager, _file('[{"n": "a", "v": "1"}, {"n": "b", "v": "2"}]')) == [(1, "a", "1"), (1, "b", "2")]


def test_what_is_cut_out_stands_where_it_stands_once() -> None:
    """Of several places nothing says which is meant."""
    manager = _manager('{"depName": "tool", "currentValue": $substringAfter(url, "download/")}')
    file = _file("url: https://x.y/download/v1.4.2\n")

    assert _places(manager, file) == [("tool", "v1.4.2", 26)]
    assert skipped(manager, _file("url: https://x.y/download/v1.4.2\nother: v1.4.2\n")) == [
        (None, "tool", "currentValue is 'v1.4.2', which does not stand in the match exactly once")
    ]


def test_images() -> None:
    """A tag and a digest beside a name are those of an image."""
    digest = f"sha256:{'a' * 64}"
    manager = _manager(
        'images.{"depName": repo, "currentValue": tag, "currentDigest": sha}', datasourceTemplate="docker"
    )
    file = _file(f"images:\n  repo: ghcr.io/team/web\n  tag: v1.2.3\n  sha: {digest}\n")
    (item,) = dependencies(manager, file)

    assert item.package == Package(datasource="docker", name="ghcr.io/team/web")
    assert (item.current_value, item.current_digest) == ("v1.2.3", digest)


def test_templates_use_what_the_expression_made() -> None:
    """Its members, the file, and helpers."""
    manager = _manager(
        'a.{"name": n, "currentValue": v, "where": r}',
        depNameTemplate="{{{name}}}",
        packageNameTemplate="{{lowercase name}}",
        registryUrlTemplate="https://{{where}}/",
        depTypeTemplate="{{packageFileDir}}",
        versioningTemplate="loose",
        datasourceTemplate="helm",
    )
    (item,) = dependencies(manager, _file("a: {n: Web, v: 1.2.3, r: charts.example}\n"))

    assert item.name == "Web"
    assert item.package == Package(datasource="helm", name="web", registry_urls=("https://charts.example/",))
    assert (item.dep_type, item.versioning) == ("deploy", "loose")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('components.{"currentValue": version}', "the match has neither depName nor packageName"),
        ('components.{"depName": name}', "the match has neither currentValue nor currentDigest"),
        ("components.version", "the expression makes something that is neither an object nor a list of objects"),
        ('$error("no")', "the expression no"),
    ],
)
def test_what_is_no_dependency_is_a_row(expression: str, reason: str) -> None:
    """With the reason; the other expressions go on."""
    manager = _manager(expression, 'components[0].{"depName": "sure", "currentValue": version}')
    file = _file(_COMPONENTS)

    assert any(each.startswith(reason) for _, _, each in skipped(manager, file))
    assert [item.name for item in dependencies(manager, file)] == ["sure"]


@pytest.mark.parametrize(
    ("form", "text", "reason"),
    [
        ("yaml", "a: [\n", "cannot be read as YAML: "),
        ("json", '{"a": ', "cannot be read as JSON: "),
        ("toml", "a = \n", "cannot be read as TOML: "),
        ("yaml", "a: &a\n  b: *a\n", "cannot be read as YAML: it is too large or nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_a_row(form: str, text: str, reason: str) -> None:
    """One for the file."""
    ((_, _, said),) = skipped(_manager(_PAIRS, form=form), _file(text))

    assert said.startswith(reason)


def test_what_finds_nothing_says_nothing() -> None:
    """As other managers do."""
    assert list(_manager("nothing.here").extract(_file(_COMPONENTS))) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fileFormat": "xml"}, "fileFormat must be one of json, yaml, toml"),
        ({"fileFormat": None}, "fileFormat must be one of json, yaml, toml"),
        ({"matchStrings": []}, "matchStrings must be a list of expressions"),
        ({"matchStrings": ["a.{"]}, ": a.{"),
        ({"depNameTemplate": "{{#if}}"}, "depNameTemplate: "),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    """An entry that cannot work is refused with a sentence that says why."""
    with pytest.raises(ValueError) as error:
        jsonata.build({"fileFormat": "yaml", "matchStrings": ["a"], **options})

    assert message in str(error.value)


def test_an_update_changes_one_place_and_nothing_else() -> None:
    """The place of the element that was chosen, not of its neighbour with the same version."""
    file = _file(_COMPONENTS)
    api: Dependency = dependencies(_manager(_PAIRS), file)[1]
    assert api.span is not None
    start, end = api.span

    assert f"{file.text[:start]}1.11{file.text[end:]}" == _COMPONENTS.replace('"1.10"', '"1.11"')
