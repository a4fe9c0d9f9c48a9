"""Whom to ask and what to say to him: kubeconfig files, programs that make credentials, the account of a pod."""

import base64
import json
from pathlib import Path

import pytest

from updater.errors import UsageError
from updater.kubernetes.access import find_access


def write(path: Path, **parts: object) -> Path:
    usual: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "home",
        "contexts": [{"name": "home", "context": {"cluster": "home", "user": "me", "namespace": "argocd"}}],
        "clusters": [{"name": "home", "cluster": {"server": "https://k8s.example.com:6443/"}}],
        "users": [{"name": "me", "user": {"token": "abc"}}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(usual | parts))  # JSON is YAML
    return path


def user(**fields: object) -> dict[str, object]:
    return {"users": [{"name": "me", "user": fields}]}


def test_the_usual_file(tmp_path: Path) -> None:
    """Without KUBECONFIG, ``~/.kube/config`` counts."""
    write(tmp_path / ".kube" / "config")
    found = find_access({"HOME": str(tmp_path)})
    assert (found.server, found.namespace) == ("https://k8s.example.com:6443", "argocd")
    assert found.token is not None
    assert found.token.reveal() == "abc"


def test_several_files(tmp_path: Path) -> None:
    """KUBECONFIG may name several: the first that knows a name counts, and one that is not there is no error."""
    first = write(tmp_path / "a", users=[])
    second = write(tmp_path / "b", clusters=[{"name": "home", "cluster": {"server": "https://other"}}])
    found = find_access({"KUBECONFIG": f"{tmp_path / 'none'}:{first}:{second}"})
    assert found.server == "https://k8s.example.com:6443"
    assert found.token is not None


def test_another_context(tmp_path: Path) -> None:
    """A context may be chosen by its name."""
    path = write(
        tmp_path / "config",
        contexts=[{"name": "work", "context": {"cluster": "home", "user": "me"}}],
    )
    assert find_access({"KUBECONFIG": str(path)}, "work").namespace == "default"
    with pytest.raises(UsageError, match="nothing called 'home' among its contexts"):
        find_access({"KUBECONFIG": str(path)})


def test_certificates_in_the_file_and_beside_it(tmp_path: Path) -> None:
    """Certificates stand in the file in base64, or in files whose paths are relative to it."""
    (tmp_path / "key.pem").write_text("KEY")
    path = write(
        tmp_path / "config",
        clusters=[
            {
                "name": "home",
                "cluster": {
                    "server": "https://k8s",
                    "certificate-authority-data": base64.b64encode(b"CA").decode(),
                    "tls-server-name": "kubernetes.default",
                    "insecure-skip-tls-verify": True,
                },
            }
        ],
        **user(**{"client-certificate-data": base64.b64encode(b"CERT").decode(), "client-key": "key.pem"}),
    )
    found = find_access({"KUBECONFIG": str(path)})
    assert (found.authority, found.certificate, found.server_name, found.is_insecure) == (
        "CA",
        "CERT",
        "kubernetes.default",
        True,
    )
    assert found.key is not None
    assert found.key.reveal() == "KEY"


def test_a_program_makes_the_credentials(tmp_path: Path) -> None:
    """A program beside the file is started with what it is to know, and its token counts."""
    program = tmp_path / "login"
    program.write_text(
        "#!/bin/sh\n"
        'case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 1 ;; esac\n'
        'echo "{\\"status\\": {\\"token\\": \\"$1-$WHO\\"}}"\n'
    )
    program.chmod(0o755)
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "./login",
        "args": ["for"],
        "env": [{"name": "WHO", "value": "me"}],
    }
    path = write(tmp_path / "config", **user(exec=plugin))
    found = find_access({"KUBECONFIG": str(path), "PATH": "/usr/bin:/bin"})
    assert found.token is not None
    assert found.token.reveal() == "for-me"


@pytest.mark.parametrize("script", ["exit 3", "echo no JSON"])
def test_a_program_that_fails(tmp_path: Path, script: str) -> None:
    """A program that ends badly or prints nonsense is named, and what it printed is not shown."""
    program = tmp_path / "login"
    program.write_text(f"#!/bin/sh\necho s3cret >&2\n{script}\n")
    program.chmod(0o755)
    path = write(tmp_path / "config", **user(exec={"command": "./login"}))
    with pytest.raises(UsageError, match="login, which makes the credentials") as caught:
        find_access({"KUBECONFIG": str(path), "PATH": "/usr/bin:/bin"})
    assert "s3cret" not in str(caught.value)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """A program that is not installed is named."""
    path = write(tmp_path / "config", **user(exec={"command": "no-such-login"}))
    with pytest.raises(UsageError, match="no-such-login"):
        find_access({"KUBECONFIG": str(path), "PATH": "/usr/bin:/bin"})


def test_the_account_of_a_pod(tmp_path: Path) -> None:
    """In a pod, the service account's token is read anew for each request, since it changes."""
    for name, text in {"token": "abc", "ca.crt": "CA", "namespace": "bots\n"}.items():
        (tmp_path / name).write_text(text)
    environment = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"}
    found = find_access(environment, account=tmp_path)
    assert (found.server, found.namespace, found.authority) == ("https://[fd00::1]:6443", "bots", "CA")
    assert found.token_file == tmp_path / "token"


def test_nothing_at_all(tmp_path: Path) -> None:
    """Without a file and a pod there is nobody to ask."""
    with pytest.raises(UsageError, match="no cluster to ask"):
        find_access({"HOME": str(tmp_path)})


@pytest.mark.parametrize("text", ["{", "contexts: []", "current-context: x", "- 1"])
def test_files_that_are_broken(tmp_path: Path, text: str) -> None:
    """What is no kubeconfig is named, with what is wrong."""
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(UsageError, match="config"):
        find_access({"KUBECONFIG": str(path)})
