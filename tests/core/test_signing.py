"""The key that commits are signed with, as the environment gives it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.servers.githttp import Bare
from updater import wiring
from updater.errors import UsageError
from updater.model.forge import Commit


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    return file


def signature(place: Path, name: str, value: str) -> str:
    """What stands in a commit that is made with this variable."""
    repository = Bare.make(place / "repository", {"a.yaml": "1\n"}, bare=False)
    settings = wiring.Settings(environment={name: value})
    platform = wiring.platform_of(str(repository.path), settings)
    commit = Commit(branch="updater/a", message="A\n\nUpdater-Fingerprint: f\n", files={"a.yaml": "2\n"})
    pushed = platform.push(str(repository.head("main")), [commit], {"updater/a": None})
    return repository.git("cat-file", "commit", pushed.commits["updater/a"])


@pytest.mark.parametrize("name", ["UPDATER_GIT_PRIVATE_KEY", "RENOVATE_GIT_PRIVATE_KEY"])
@pytest.mark.parametrize("form", ["text", "one line", "file"])
def test_the_key_is_given_in_the_environment(name: str, form: str, key: Path, tmp_path: Path) -> None:
    """Itself, with line breaks of either kind, or as the name of a file."""
    text = key.read_text()
    value = {"text": text, "one line": text.replace("\n", "\\n"), "file": str(key)}[form]

    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in signature(tmp_path, name, value)


def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    """An empty variable is none."""
    assert "gpgsig" not in signature(tmp_path, "UPDATER_GIT_PRIVATE_KEY", "")


def test_a_key_that_gpg_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is named by its id."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    parameters = "%no-protection\nKey-Type: eddsa\nKey-Curve: ed25519\nName-Email: bot@example.com\n%commit\n"
    gpg = ["gpg", "--batch", "--quiet"]
    subprocess.run([*gpg, "--generate-key"], input=parameters, text=True, check=True, capture_output=True)
    listed = subprocess.run([*gpg, "--with-colons", "--list-keys"], text=True, check=True, capture_output=True).stdout
    id_ = next(line.split(":")[4] for line in listed.splitlines() if line.startswith("pub:"))
    try:
        assert "gpgsig -----BEGIN PGP SIGNATURE-----" in signature(tmp_path, "UPDATER_GIT_PRIVATE_KEY", id_)
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, env={**os.environ, "GNUPGHOME": str(home)})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nx", "import the key into gpg"),
        ("/nowhere/key", "neither a private key"),
    ],
)
def test_what_is_no_key_is_said(value: str, message: str, tmp_path: Path) -> None:
    """Before anything is done, and without repeating it."""
    with pytest.raises(UsageError, match=message) as raised:
        signature(tmp_path, "UPDATER_GIT_PRIVATE_KEY", value)
    assert value not in str(raised.value)
