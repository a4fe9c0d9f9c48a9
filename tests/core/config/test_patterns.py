"""Patterns of users: names, globs, regular expressions, and lists of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcmatch import glob

from updater.config.globs import literal_core, literal_ending
from updater.config.patterns import (
    PatternError,
    PatternSet,
    compile_file_pattern,
    compile_list,
    compile_pattern,
    is_regex,
)

_FLAGS = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.DOTGLOB | glob.IGNORECASE | glob.FORCEUNIX


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("nginx", "nginx", True),
        ("nginx", "NGINX", True),
        ("nginx", "nginx-exporter", False),
        ("*", "ghcr.io/anything", True),
        ("ghcr.io/*", "ghcr.io/team/app", False),
        ("ghcr.io/**", "ghcr.io/team/app", True),
        ("ghcr.io/**", "ghcr.io", False),
        ("**/app", "ghcr.io/team/app", True),
        ("**/app", "app", True),
        ("apps/**/values.yaml", "apps/values.yaml", True),
        ("apps/**/values.yaml", "apps/a/b/values.yaml", True),
        ("@scope{/,}**", "@scope/package", True),
        ("@scope{/,}**", "@scoped", True),
        ("app-?", "app-1", True),
        ("app-?", "app-/", False),
        ("app-[0-9]", "app-7", True),
        ("app-[!0-9]", "app-7", False),
        ("app-[^/]", "app-/", False),
        ("{a,b{c,d}}", "bd", True),
        ("{01..11}", "07", True),
        ("{c..a}", "b", True),
        ("{a}", "{a}", True),
        ("{a,b", "{a,b", True),
        ("+(a|b)", "abba", True),
        ("?(a)b", "b", True),
        ("@(a|b)c", "bc", True),
        ("*(ab)c", "ababc", True),
        ("+(a", "+(a", True),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a.b", "aXb", False),
        (".*", ".github", True),
        ("*", "", True),
        ("/^ghcr/", "ghcr.io", True),
        ("/^ghcr/", "GHCR.io", False),
        ("/^ghcr/i", "GHCR.io", True),
        ("/ghcr/", "mirror/ghcr.io", True),
        ("!nginx", "nginx", False),
        ("!nginx", "redis", True),
        ("!/^0/", "1.2.3", True),
        ("!/^0/", "0.2.3", False),
        ("äöü*", "ÄÖÜX", True),
    ],
)
def test_patterns_match_as_minimatch_and_re2_do(pattern: str, value: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """Globs are whole, ignore case and keep to their segment; regular expressions are searched for."""
    assert expected is compile_pattern(pattern)(value)


_GLOB_PIECES = st.sampled_from(["a", "b", "/", "*", "**", "?", "[ab]", "[!a]", "{a,b}", "a/**/", "**/", "@(a|b)", "."])


@given(st.lists(_GLOB_PIECES, min_size=1, max_size=5).map("".join), st.text("ab/.", min_size=1, max_size=6))
def test_globs_match_as_another_implementation_has_it(pattern: str, value: str) -> None:
    """Where no rule about empty segments and dots is in play, globs agree with wcmatch."""
    odd = "//" in value or "//" in pattern or value.startswith("/") or value.endswith("/") or pattern[-1] == "/"
    if odd or set(value.split("/")) & {".", ".."} or pattern.endswith("/**") or pattern == "*":
        return

    assert glob.globmatch(value, pattern, flags=_FLAGS) is compile_pattern(pattern)(value)


@pytest.mark.parametrize(
    ("pattern", "ending"),
    [
        ("**/*.TF.json", ".tf.json"),
        ("charts/Chart.yaml", "chart.yaml"),
        ("**/{a,b}-x.yml", "-x.yml"),
        ("a/**", ""),
        ("{a,b}", ""),
        ("[ab]", ""),
    ],
)
def test_the_literal_ending_of_a_glob(pattern: str, ending: str) -> None:
    """What stands behind the last character with a meaning, with case folded."""
    assert literal_ending(pattern) == ending


@pytest.mark.parametrize(
    ("pattern", "core"),
    [("**/Node_Modules/**", "node_modules"), ("a/*b.yaml", "b.yaml"), ("**", ""), ("{abc,d}/e", ""), ("a[bc]", "")],
)
def test_the_literal_core_of_a_glob(pattern: str, core: str) -> None:
    """The longest part without a character that has a meaning; nothing where there is a choice."""
    assert literal_core(pattern) == core


@given(st.lists(_GLOB_PIECES, min_size=1, max_size=5).map("".join), st.text("abAB/.", min_size=1, max_size=6))
def test_what_a_glob_matches_holds_its_literal_parts(pattern: str, value: str) -> None:
    """So that most paths are told without the pattern."""
    if not is_regex(pattern) and compile_pattern(pattern)(value):
        assert value.casefold().endswith(literal_ending(pattern))
        assert literal_core(pattern) in value.casefold()


@pytest.mark.parametrize(
    ("patterns", "value", "expected"),
    [
        (["a", "b"], "b", True),
        (["a", "b"], "c", False),
        (["a*", "!ab"], "ac", True),
        (["a*", "!ab"], "ab", False),
        (["!a", "!b"], "c", True),
        (["!a", "!b"], "b", False),
        (["*"], None, False),
        (["!a"], None, False),
        ([], "a", False),
    ],
)
def test_lists_need_a_positive_and_no_negative_match(patterns: list[str], value: str | None, expected: bool) -> None:  # noqa: FBT001 - a table
    """Only negative patterns accept all else; nothing matches what is absent, and an empty list nothing at all."""
    assert expected is compile_list(patterns)(value)


def test_many_patterns_are_asked_at_once() -> None:
    """A set says which of its patterns match, literals, globs and regular expressions together."""
    patterns = PatternSet(["nginx", "NGINX", "ng*", "/s$/", "*", "/^ng/i", "redis"])

    assert set(patterns.hits("nginx")) == {0, 1, 2, 4, 5}
    assert set(patterns.hits("redis")) == {3, 4, 6}


def test_a_set_too_large_for_memory_still_answers() -> None:
    """RE2 says nothing when a set outgrows its memory; the patterns are then asked one by one."""
    patterns = PatternSet([f"/[ab]*a[ab]{{990}}{index}/" for index in range(60)])

    assert patterns.hits("ab" * 50) == []
    assert patterns.hits("a" + "b" * 990 + "7") == [7]


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("/nginx(?!-)/", "invalid perl operator", "no lookahead"),
        ("/(?<=a)b/", "invalid", "no lookahead"),
        (r"/(a)\1/", "invalid escape", "no backreferences"),
        ("/(/", "missing )", None),
        ("!(a|b)", "linear time", None),
        ("{1..9999}", "more than 512", None),
        ("{a,b}" * 12, "more than 512", None),
        ("[z-a]", "invalid character class range", None),
        ("x" * 3_000, "more than 2000 characters", None),
    ],
)
def test_what_re2_refuses_is_an_error_with_advice(pattern: str, message: str, hint: str | None) -> None:
    """The error says what is wrong and, where it can, what to write instead."""
    with pytest.raises(PatternError, match=message.replace(")", r"\)")) as raised:
        compile_pattern(pattern)

    assert hint is None or hint in str(raised.value.hint)


@pytest.mark.parametrize("pattern", ["/(a+)+$/", "/(a|aa)*b/", "*a*a*a*a*a*a*a*a*b", "+(a|aa)b", "/(.*){20}x/"])
def test_no_pattern_takes_exponential_time(pattern: str) -> None:
    """What hangs a backtracking engine is answered at once (the suite's timeout would strike)."""
    assert not compile_pattern(pattern)("a" * 20_000 + "!")


def test_file_patterns_are_searched_or_match_the_whole_path() -> None:
    """Between slashes a pattern is searched in the path; a glob has to match all of it."""
    assert compile_file_pattern(r"/apps/.+\.yaml$/")("clusters/apps/a/b.yaml")
    assert not compile_file_pattern("values.yaml")("charts/values.yaml")
    assert compile_file_pattern("**/values*.yaml")("charts/values-prod.yaml")


def test_text_that_is_no_utf_8_can_be_asked_about() -> None:
    """A path with undecodable bytes (surrogates, as git gives them) is matched, not an error."""
    assert compile_pattern("apps/*.yaml")("apps/\udcff.yaml")
    assert compile_list(["a*", "/x/"])("a\udcff")
