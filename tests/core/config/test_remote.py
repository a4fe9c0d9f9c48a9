"""The names of presets in other repositories."""

import pytest

from updater.config import File, Home
from updater.config.remote import home_of, home_on, read_name

_HOME = Home(forge="github", endpoint="https://github.example.com/api/v3")
_CONTENTS = "https://github.example.com/api/v3/repos/acme/presets/contents"


@pytest.mark.parametrize(
    ("name", "urls", "keys"),
    [
        ("github>acme/presets", (f"{_CONTENTS}/default.json", f"{_CONTENTS}/renovate.json"), ()),
        ("local>acme/presets", (f"{_CONTENTS}/default.json", f"{_CONTENTS}/renovate.json"), ()),
        ("acme/presets:base", (f"{_CONTENTS}/base.json",), ()),
        ("github>acme/presets:base.json5", (f"{_CONTENTS}/base.json5",), ()),
        ("github>acme/presets:base/images/pinned", (f"{_CONTENTS}/base.json",), ("images", "pinned")),
        ("github>acme/presets//a/b:key", (f"{_CONTENTS}/a/b.json",), ("key",)),
        ("github>acme/presets//a/b#v1.2", (f"{_CONTENTS}/a/b.json?ref=v1.2",), ()),
        ("github>acme/presets:x#team/next", (f"{_CONTENTS}/x.json?ref=team%2Fnext",), ()),
        (
            "gitlab>acme/platform/presets:base",
            ("https://gitlab.com/api/v4/projects/acme%2Fplatform%2Fpresets/repository/files/base.json/raw?ref=HEAD",),
            (),
        ),
        ("gitea>acme/presets:a", ("https://gitea.com/api/v1/repos/acme/presets/raw/a.json",), ()),
        ("forgejo>acme/presets:a#1", ("https://code.forgejo.org/api/v1/repos/acme/presets/raw/a.json?ref=1",), ()),
        ("https://example.com/a.json", ("https://example.com/a.json",), ()),
    ],
)
def test_a_name_leads_to_addresses(name: str, urls: tuple[str, ...], keys: tuple[str, ...]) -> None:
    """Those of the forge's API; what is on our own forge is asked there, the rest at the public one."""
    reference = read_name(name, _HOME, None)

    assert reference is not None
    assert (reference.file.urls(), reference.keys) == (urls, keys)


@pytest.mark.parametrize("name", ["group:all", ":label", "npm>@acme/presets", "config:recommended", "acme"])
def test_other_names_lead_nowhere(name: str) -> None:
    """They are built in, or unknown."""
    assert read_name(name, _HOME, None) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [("./b", "team/b.json"), ("../b.json5", "b.json5"), ("/b", "b.json"), ("../../../etc/b", "etc/b.json")],
)
def test_a_relative_name_stays_in_its_repository(name: str, path: str) -> None:
    """It is seen from the file that it stands in, at the same tag, and cannot lead out of the repository."""
    within = File(home=_HOME, repository="acme/presets", ref="v1", paths=("team/a.json",))
    reference = read_name(name, None, within)

    assert reference is not None
    assert reference.file == File(home=_HOME, repository="acme/presets", ref="v1", paths=(path,))


def test_names_that_cannot_be_followed_say_why() -> None:
    """``local>`` needs a forge, a neighbour needs a repository."""
    with pytest.raises(ValueError, match="which forge"):
        read_name("local>acme/presets", None, None)
    with pytest.raises(ValueError, match="no neighbours"):
        read_name("./b", _HOME, File(address="https://example.com/a.json"))


@pytest.mark.parametrize(
    ("host", "home"),
    [
        ("github.com", Home(forge="github", endpoint="https://api.github.com")),
        ("github.example.com", Home(forge="github", endpoint="https://github.example.com/api/v3")),
        ("gitlab.example.com", Home(forge="gitlab", endpoint="https://gitlab.example.com/api/v4")),
        ("codeberg.org", Home(forge="forgejo", endpoint="https://codeberg.org/api/v1")),
        ("git.example.com", None),
    ],
)
def test_the_host_of_a_checkout_tells_its_forge(host: str, home: Home | None) -> None:
    """As far as its name does."""
    assert home_of(host) == home


def test_a_platform_has_its_public_address_unless_told() -> None:
    """The platform ``local`` has none."""
    assert home_on("gitlab", None) == Home(forge="gitlab", endpoint="https://gitlab.com/api/v4")
    assert home_on("github", "https://g/api/v3") == Home(forge="github", endpoint="https://g/api/v3")
    assert home_on("local", None) is None
