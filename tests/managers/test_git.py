"""What addresses and revisions of Git are, as people write them."""

import pytest

from managers._git import git_address, git_file, git_package, is_range, why_not_a_tag
from updater.api import Package


@pytest.mark.parametrize(
    ("address", "datasource", "name", "server"),
    [
        ("https://github.com/acme/web.git", "github-tags", "acme/web", None),
        ("git+ssh://git@ssh.github.com:443/acme/web.git", "github-tags", "acme/web", None),
        ("git::https://gitlab.com/acme/shop/web.git//deploy", "gitlab-tags", "acme/shop/web", None),
        ("https://gitlab.com/acme/web/-/tree/main/deploy", "gitlab-tags", "acme/web", None),
        ("git@gitlab.example.com:acme/web.git", "gitlab-tags", "acme/web", "https://gitlab.example.com"),
        ("ssh://git@gitlab.example.com:2222/acme/web", "gitlab-tags", "acme/web", "https://gitlab.example.com"),
        ("https://gitlab.example.com:8443/a/b/c", "gitlab-tags", "a/b/c", "https://gitlab.example.com:8443"),
        ("https://github.example.com/acme/web/x", "github-tags", "acme/web", "https://github.example.com"),
        ("https://user:token@bitbucket.org/acme/web", "bitbucket-tags", "acme/web", None),
        ("https://gitea.com/acme/web/", "gitea-tags", "acme/web", None),
        ("https://gitea.example.com/acme/web", "gitea-tags", "acme/web", "https://gitea.example.com"),
        ("https://codeberg.org/acme/web", "forgejo-tags", "acme/web", "https://codeberg.org"),
        ("https://user:token@git.example.com/web.git", "git-tags", "https://git.example.com/web.git", None),
        ("https://github.com/acme/web.js.git/base", "github-tags", "acme/web.js", None),
        ("github.com/acme/web/deploy", "github-tags", "acme/web", None),
        ("https://github.com.example.org/acme/web", "github-tags", "acme/web", "https://github.com.example.org"),
        ("https://github.com/acme", "git-tags", "https://github.com/acme", None),
        ("https://gist.github.com/acme/12ab.git", "git-tags", "https://gist.github.com/acme/12ab.git", None),
        ("git@gitlab.com:web.git", "git-tags", "git@gitlab.com:web.git", None),
        ("/srv/git/gitlab.git", "git-tags", "/srv/git/gitlab.git", None),
    ],
)
def test_packages(address: str, datasource: str, name: str, server: str | None) -> None:
    """A forge is asked where the host tells which one it is, Git itself in all other cases."""
    servers = () if server is None else (server,)
    assert git_package(address) == Package(datasource=datasource, name=name, registry_urls=servers)


def test_a_forge_that_is_known_otherwise() -> None:
    """What the host does not tell, the place where the address stands may."""
    package = git_package("https://git.example.com/a/b/c", "gitlab")
    assert package == Package(datasource="gitlab-tags", name="a/b/c", registry_urls=("https://git.example.com",))


@pytest.mark.parametrize(
    ("address", "of_git"),
    [
        ("git@github.com:acme/web.git", "https://github.com/acme/web"),
        ("https://gitlab.example.com/a/b/c.git", "https://gitlab.example.com/a/b/c"),
        ("https://codeberg.org/acme/web", "https://codeberg.org/acme/web"),
        ("ssh://git@git.example.com/web.git", "ssh://git@git.example.com/web.git"),
    ],
)
def test_addresses_of_packages(address: str, of_git: str) -> None:
    """Git finds what a package was made of."""
    assert git_address(git_package(address)) == of_git


def test_packages_that_are_no_tags_have_no_address() -> None:
    """Nothing is guessed where a package says nothing of a repository."""
    assert git_address(Package(datasource="docker", name="alpine")) is None


@pytest.mark.parametrize(
    ("address", "datasource", "name"),
    [
        ("https://github.com/a/b/releases/download/v1.2/x.yaml", "github-releases", "a/b"),
        ("https://raw.githubusercontent.com/a/b/v1.2/x.yaml", "github-tags", "a/b"),
        ("https://raw.githubusercontent.com/a/b/refs/tags/v1.2/x.yaml", "github-tags", "a/b"),
        ("https://github.com/a/b/raw/v1.2/x.yaml", "github-tags", "a/b"),
        ("https://cdn.jsdelivr.net/gh/a/b@v1.2/x.yaml", "github-tags", "a/b"),
        ("https://github.com/a/b/archive/v1.2.tar.gz", "github-tags", "a/b"),
        ("https://github.com/a/b/archive/refs/tags/v1.2.zip//modules/x", "github-tags", "a/b"),
        ("https://gitlab.com/a/b/c/-/raw/v1.2/x.yaml", "gitlab-tags", "a/b/c"),
        ("https://git.example.com/a/b/c/-/raw/v1.2/x.yaml", "gitlab-tags", "a/b/c"),
        ("https://git.example.com/a/b/raw/tag/v1.2/x.yaml", "gitea-tags", "a/b"),
        ("https://git.example.com/a/b/raw/v1.2/x.yaml", "git-tags", "https://git.example.com/a/b"),
        ("https://bitbucket.org/a/b/raw/v1.2/x.yaml", "bitbucket-tags", "a/b"),
    ],
)
def test_files(address: str, datasource: str, name: str) -> None:
    """The address of a file at a forge tells the repository, and where the version stands."""
    package, span = git_file(address) or (None, None)
    assert package
    assert span
    assert (package.datasource, package.name, address[slice(*span)]) == (datasource, name, "v1.2")


@pytest.mark.parametrize("address", ["https://example.com/v1.2/x.yaml", "https://git.example.com/a/b/raw/branch/1.2/x"])
def test_other_files(address: str) -> None:
    """Neither any address nor a branch is taken for a version."""
    assert git_file(address) is None


@pytest.mark.parametrize(
    "revision",
    [
        "1.2.3", "v1.2.3", "v1", "2024.10", "20241001", "1.2.3-rc.1", "v1.2.3+build.5", "1.0.0_2", "chart-1.2.3",
        "controller-v1.11.2", "kustomize/v5.4.3", "my-chart@0.4.0", "release-1.27.2", "1.*", "1.x", "~1.2", "^2.0.0",
        ">=1.0.0 <2.0.0", "*", "v1.2.x",
    ],
)  # fmt: skip
def test_tags_and_ranges_can_be_moved(revision: str) -> None:
    """Anything that reads like a version, with a prefix or not, or like a range, is taken for a tag."""
    assert why_not_a_tag(revision) is None


@pytest.mark.parametrize(
    ("revision", "reason"),
    [
        ("", "follows a branch"),
        ("HEAD", "follows a branch"),
        ("main", "follows a branch"),
        ("refs/heads/v1.2.3", "follows a branch"),
        ("release-1.2", "follows a branch"),
        ("release/2024", "follows a branch"),
        ("feature/checkout-2", "follows a branch"),
        ("0123456789abcdef0123456789abcdef01234567", "pinned to a commit"),
        ("1a2b3c4d", "pinned to a commit"),
        ("3777371", "pinned to a commit"),
        ("HEAD~1", "not version-like"),
        ("env/prod", "not version-like"),
        ("team-2", "not version-like"),
        ("1" * 200, "not version-like"),
    ],
)
def test_other_revisions_are_left_alone(revision: str, reason: str) -> None:
    """Branches, commits and everything without a version are told apart without asking anybody."""
    assert why_not_a_tag(revision) == reason


@pytest.mark.parametrize(("revision", "expected"), [("1.*", True), ("1.2.x", True), ("~1", True), ("1.2.3", False)])
def test_ranges(revision: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A range is told from a single version."""
    assert is_range(revision) == expected
