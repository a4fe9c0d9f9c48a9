"""Templates: the part of Handlebars that configurations use."""

from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater.templates import check_template, read_template, render

_VALUES: Mapping[str, object] = {
    "depName": "ghcr.io/team/app",
    "newVersion": "v1.2.3",
    "isMajor": True,
    "empty": [],
    "nothing": None,
    "upgrades": [{"name": "a", "tags": ["x"]}, {"name": "b"}],
    "logo": {"url": "https://example.com/?a=1&b=<2>"},
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("{{depName}} {{{newVersion}}}", "ghcr.io/team/app v1.2.3"),
        ("{{logo.url}}{{&logo.url}}", "https://example.com/?a=1&b=<2>" * 2),
        ("[{{unknown}}{{logo.unknown.deep}}{{nothing}}]", "[]"),
        ("{{isMajor}} {{upgrades.0.name}} {{upgrades.length}} {{empty}}", "true a 2 "),
        ("{{#if isMajor}}yes{{else}}no{{/if}}", "yes"),
        ("{{#if empty}}a{{else if nothing}}b{{else}}c{{/if}}", "c"),
        ("{{#unless empty}}none{{/unless}}", "none"),
        ("{{#if empty}}a{{^}}b{{/if}}", "b"),
        ("{{#each upgrades}}{{@index}}{{name}}{{#unless @last}}, {{/unless}}{{/each}}", "0a, 1b"),
        ("{{#each upgrades}}{{#each tags}}{{this}}{{../name}}{{../../newVersion}}{{/each}}{{/each}}", "xav1.2.3"),
        ("{{#each empty}}x{{else}}nothing{{/each}}", "nothing"),
        ("{{#each logo}}{{@key}}{{/each}}", "url"),
        ("{{#with logo}}{{url}}{{/with}}", "https://example.com/?a=1&b=<2>"),
        ("a {{~ depName ~}} b", "aghcr.io/team/appb"),
        ("a{{! comment }}b{{!-- a }} longer one --}}c", "abc"),
        (r"\{{depName}}", "{{depName}}"),
        ("{{lowercase 'ABC'}}", "abc"),
        (r"{{{replace '^ghcr\.io/(\w+)/' '$1-' depName}}}", "team-app"),
        ("{{replace '(?<first>t)eam' '$<first>$&$$' depName}}", "ghcr.io/tteam$/app"),
        ("{{#if (containsString depName 'team')}}ours{{/if}}", "ours"),
        ("{{#if (and isMajor (or empty (equals newVersion 'v1.2.3')))}}both{{/if}}", "both"),
        ("{{#if (includes (split 'a-b' '-') 'b')}}in{{/if}}", "in"),
        ("{{lookupArray upgrades 'name'}} {{lookup logo 'missing'}}", "a,b "),
        ("{{distinct (toArray 'a' 'b' 'a')}} {{add 1 2}} {{add '1.5' 1}}", "a,b 3 2.5"),
        ("{{toJSON (toObject 'a' 1 'b' null)}}", '{"a":1,"b":null}'),
        ("{{encodeURIComponent 'a b/c'}} {{decodeURIComponent 'a%20b'}}", "a%20b%2Fc a b"),
        ("{{encodeBase64 'a'}} {{decodeBase64 'YQ=='}}", "YQ== a"),
        ("{{stringToPrettyJSON '{\"a\":1}'}}", '{\n  "a": 1\n}'),
        ("{{[odd name]}}{{upgrades.[0].name}}", "a"),
    ],
)
def test_templates_are_filled(template: str, expected: str) -> None:
    """Variables, blocks, comments, whitespace control and helpers work as in Handlebars; nothing is escaped."""
    assert expected == render(template, _VALUES)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("ab{{depName", "character 3: this tag is never closed"),
        ("{{#if a}}", "character 1: {{#if}} needs {{/if}}"),
        ("{{#if a}}{{/each}}", "needs {{/if}}"),
        ("{{/if}}", "closes nothing"),
        ("x{{else}}", "character 2: {{else}} closes nothing"),
        ("{{#if}}{{/if}}", "no block with a value"),
        ("{{#foo a}}{{/foo}}", "'foo' is no block"),
        ("{{foo bar}}", "there is no helper 'foo'"),
        ("{{}}", "is empty"),
        ("{{(a}}", "never closed"),
        ("{{a)}}", "a bracket too many"),
        ("{{a | b}}", "is not understood"),
        ("{{" + "(" * 40 + "a" + ")" * 40 + "}}", "nested more than"),
        ("{{#if a}}" * 40, "nested more than"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(template: str, message: str) -> None:
    """A template is checked before it is used; the error says at which character."""
    with pytest.raises(ValueError) as raised:
        check_template(template)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    "template",
    ["{{add 'x' 1}}", "{{lowercase}}", "{{toObject 'a'}}", "{{replace '(?=a)' '' depName}}", "{{decodeBase64 'a'}}"],
)
def test_helpers_refuse_what_they_cannot_use(template: str) -> None:
    """A wrong argument is a ``ValueError``, whatever the helper."""
    with pytest.raises(ValueError):
        render(template, _VALUES)


def test_no_attribute_can_be_reached() -> None:
    """Only members of the given values exist."""
    assert render("{{depName.__class__}}{{upgrades.__len__}}{{this.keys}}", _VALUES) == ""


def test_what_a_template_makes_is_limited() -> None:
    """Loops within loops end before they take for ever, whether they make text or not."""
    loops = "".join(f"{{{{#each {'../' * depth}a}}}}" for depth in range(8))

    with pytest.raises(ValueError, match="more than"):
        render(loops + "{{/each}}" * 8, {"a": ["b"] * 100})


@given(st.text("{}#/~! ()'\"ab.[]|\\", max_size=40))
def test_any_text_is_either_rendered_or_refused(template: str) -> None:
    """No text raises anything but ``ValueError``."""
    with suppress(ValueError):
        assert isinstance(render(template, {"a": 1, "b": ["x"]}), str)


def test_a_template_names_the_values_it_looks_at() -> None:
    """In all branches and arguments; helpers, blocks, literals and comments are none."""
    text = (
        "{{a.b}}{{#if (equals c 'd')}}{{{e}}}{{else if f}}{{lookup g 1}}{{/if}}{{! h }}{{#each i}}{{this.j}}{{/each}}"
    )

    assert read_template(text).names >= {"a", "c", "e", "f", "g", "i"}
    assert read_template(text).names.isdisjoint({"b", "d", "equals", "lookup", "if", "else", "h", "each"})
