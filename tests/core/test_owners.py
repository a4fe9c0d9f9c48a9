"""Who owns which files."""

import pytest

from updater import owners
from updater.owners import Owners


@pytest.mark.parametrize(
    ("pattern", "owned", "others"),
    [
        ("*", ["a", "a/b/c.yaml", ".github/x"], []),
        ("*.tf", ["main.tf", "live/prod/main.tf"], ["main.tf.json"]),
        ("/apps/", ["apps/a.yaml", "apps/x/y.yaml"], ["other/apps/a.yaml", "apps"]),
        ("apps/", ["apps/a.yaml", "other/apps/a.yaml"], ["myapps/a.yaml"]),
        ("/apps", ["apps", "apps/x/y.yaml"], ["apps.yaml", "x/apps"]),
        ("docs/*", ["docs/a.md"], ["docs/a/b.md", "x/docs/a.md"]),
        ("/*", ["a.yaml"], ["apps/a.yaml"]),
        ("apps/**/values.yaml", ["apps/values.yaml", "apps/a/b/values.yaml"], ["values.yaml"]),
        ("**/production", ["production/a", "x/y/production/a"], ["x/preproduction/a"]),
        ("/apps/**", ["apps/a", "apps/a/b"], ["apps"]),
        ("v?.yaml", ["v1.yaml"], ["v10.yaml", "v/.yaml"]),
        (r"a\ b.yaml", ["a b.yaml"], ["a", "b.yaml"]),
        ("a.b", ["a.b"], ["axb"]),
        ("Apps/", ["Apps/a"], ["apps/a"]),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, owned: list[str], others: list[str]) -> None:
    """A bare name counts anywhere, one with a slash from the root, a directory with all below it; case counts."""
    read = Owners.read(f"{pattern} @ann\n", "github")

    assert [path for path in (*owned, *others) if read.of([path])] == owned


def test_the_last_line_that_matches_counts() -> None:
    """Also if it names nobody; comments, and mail addresses whom no forge can ask, are left out."""
    read = Owners.read(
        "# all of it\n* @ann ann@example.com # the default\n/apps/ @acme/platform @bob\n/apps/free/\n\n", "github"
    )

    assert read.of(["a.yaml"]) == ("ann",)
    assert read.of(["apps/a.yaml"]) == ("team:platform", "bob")
    assert read.of(["apps/free/a.yaml"]) == ()
    assert read.of(["a.yaml", "apps/a.yaml", "b.yaml"]) == ("ann", "team:platform", "bob")
    assert owners.people(read.of(["apps/a.yaml"])) == ("bob",)


def test_sections_of_gitlab_add_up() -> None:
    """In each section the last line counts; a section's owners stand in for lines without their own."""
    text = "* @ann\n[Security][2] @eve @@developer\n*.tf\n*.yaml @sam\n^[Docs]\ndocs/ @don\n[security]\nlive/ @kim\n"
    read = Owners.read(text, "gitlab")

    assert read.of(["main.tf"]) == ("ann", "eve")
    assert read.of(["docs/a.yaml"]) == ("ann", "sam", "don")
    assert read.of(["live/main.tf"]) == ("ann", "kim")
    assert Owners.read("[abc].md @ann\n", "github").of(["x"]) == ()


def test_lines_of_gitea_are_expressions() -> None:
    """All that match count; ``!`` turns one round; one that RE2 does not take owns nothing."""
    read = Owners.read("apps/.* @ann @acme/ops\n!.*\\.md @bob\n(?=x) @eve\n", "gitea")

    assert read.of(["apps/a.md"]) == ("ann", "team:ops")
    assert read.of(["b.yaml"]) == ("bob",)


def test_the_first_place_of_the_forge_counts() -> None:
    """Each forge has its places, and a checkout may be of any forge."""
    files = ["docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".github/CODEOWNERS"]

    assert owners.find(files, "github") == (".github/CODEOWNERS", "github")
    assert owners.find(files, "gitlab") == ("docs/CODEOWNERS", "gitlab")
    assert owners.find([".gitea/CODEOWNERS"], "forgejo") == (".gitea/CODEOWNERS", "gitea")
    assert owners.find([".gitlab/CODEOWNERS"], "local") == (".gitlab/CODEOWNERS", "gitlab")
    assert owners.find([".gitlab/CODEOWNERS"], "github") is None


def test_hostile_patterns_take_linear_time() -> None:
    """Thousands of stars against a long path end at once, whatever they come to."""
    read = Owners.read("*a" * 3_000 + " @ann\n" + "**/" * 3_000 + "x @bob\n", "github")

    assert read.of(["a/" * 2_000 + "b"]) == ()
