"""Whom to ask and what to say to him: kubeconfig files, or the account of the pod that this runs in.

The form of the files is https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. A file may name a program that
makes credentials (``exec``), which is started: so the paths of the files come from the user's environment, never from
the configuration of a repository, which may only choose among the contexts that are there.
"""

import base64
import binascii
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from updater.api import Secret
from updater.errors import UsageError
from updater.fields import at, is_true, objects, text, texts

Environment = Mapping[str, str]
"""Environment variables."""

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_PATIENCE = 60
"""The longest that a program may take to make credentials, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An API server, and what it needs to let us in.

    ``certificate`` and ``key`` are PEM, as is ``authority``, the certificates that the server's must lead to (None:
    those of the system). ``server_name`` is what its certificate is for, if not its host. ``token_file`` is read for
    each request: its content is changed from outside.
    """

    server: str
    authority: str | None = None
    server_name: str | None = None
    is_insecure: bool = False
    token: Secret | None = None
    token_file: Path | None = None
    certificate: str | None = None
    key: Secret | None = None
    proxy: str | None = None
    namespace: str = "default"


def find_access(environment: Environment, context: str | None = None, *, account: Path = _ACCOUNT) -> Access:
    """What ``KUBECONFIG``, ``~/.kube/config`` or the pod's own account say, the first of them that is there.

    Raises ``UsageError`` with what is missing or wrong.
    """
    paths = [Path(path) for path in environment.get("KUBECONFIG", "").split(":") if path]
    home = environment.get("HOME")
    usual = [Path(home) / ".kube" / "config"] if home else []
    present = [path for path in paths or usual if path.is_file()]
    if present:
        return _of_files(present, environment, context)
    if environment.get("KUBERNETES_SERVICE_HOST"):
        return _of_pod(environment, account)
    raise UsageError("there is no cluster to ask: neither a kubeconfig file (KUBECONFIG) nor a pod's service account")


# ---------------------------------------------------------------- in a pod


def _of_pod(environment: Environment, account: Path) -> Access:
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT", "443")
    authority, namespace = account / "ca.crt", account / "namespace"
    return Access(
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        authority=authority.read_text() if authority.is_file() else None,
        token_file=account / "token",
        namespace=namespace.read_text().strip() if namespace.is_file() else "default",
    )


# ---------------------------------------------------------------- kubeconfig


def _of_files(paths: Sequence[Path], environment: Environment, context: str | None) -> Access:
    """Of several files, the first that knows a name counts."""
    files = [(path, _loaded(path)) for path in paths]
    chosen = context or next((name for _, data in files if (name := text(data, "current-context"))), None)
    if chosen is None:
        raise UsageError(f"{paths[0]} has no current context; name one")
    _, chosen_context = _named(files, "contexts", "context", chosen)
    cluster_path, cluster = _named(files, "clusters", "cluster", text(chosen_context, "cluster") or "")
    user_name = text(chosen_context, "user")
    user_path, user = _named(files, "users", "user", user_name) if user_name else (cluster_path, {})
    server = text(cluster, "server")
    if server is None:
        raise UsageError(f"{cluster_path} names no server for the context {chosen!r}")
    credentials = _made_credentials(user, cluster, user_path, environment)
    return Access(
        server=server.rstrip("/"),
        authority=_content(cluster, "certificate-authority", cluster_path),
        server_name=text(cluster, "tls-server-name"),
        is_insecure=is_true(cluster, "insecure-skip-tls-verify"),
        token=_secret(credentials.get("token") or text(user, "token")),
        token_file=_path(user, "tokenFile", user_path),
        certificate=credentials.get("clientCertificateData") or _content(user, "client-certificate", user_path),
        key=_secret(credentials.get("clientKeyData") or _content(user, "client-key", user_path)),
        proxy=text(cluster, "proxy-url"),
        namespace=text(chosen_context, "namespace") or "default",
    )


def _loaded(path: Path) -> object:
    import yaml  # a run that asks no cluster does not load it

    try:
        return yaml.safe_load(path.read_text())
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _named(files: Sequence[tuple[Path, object]], kind: str, key: str, name: str) -> tuple[Path, object]:
    for path, data in files:
        for entry in objects(data, kind):
            if text(entry, "name") == name:
                return path, at(entry, key)
    raise UsageError(f"{files[0][0]} has nothing called {name!r} among its {kind}")


def _content(data: object, key: str, beside: Path) -> str | None:
    """A text that stands in the file in base64 (``…-data``), or in another one, relative to it."""
    embedded = text(data, f"{key}-data")
    if embedded is None:
        path = _path(data, key, beside)
        return _read(path) if path is not None else None
    try:
        return base64.b64decode(embedded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UsageError(f"{key}-data in {beside} cannot be decoded") from error


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _path(data: object, key: str, beside: Path) -> Path | None:
    written = text(data, key)
    return beside.parent / written if written is not None else None


def _secret(value: str | None) -> Secret | None:
    return Secret(value) if value else None


# ---------------------------------------------------------------- programs that make credentials


def _made_credentials(user: object, cluster: object, beside: Path, environment: Environment) -> Mapping[str, str]:
    """The ``status`` of what the user's program prints; nothing if there is no program.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
    """
    plugin = at(user, "exec")
    command = text(plugin, "command")
    if command is None:
        return {}
    version = text(plugin, "apiVersion") or "client.authentication.k8s.io/v1"
    spec: dict[str, object] = {"interactive": False}
    if is_true(plugin, "provideClusterInfo"):
        spec["cluster"] = cluster
    asked = json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})
    added = {text(each, "name") or "": text(each, "value") or "" for each in objects(plugin, "env")}
    words = [str(beside.parent / command) if "/" in command else command, *texts(plugin, "args")]
    printed = _run(words, {**environment, **added, "KUBERNETES_EXEC_INFO": asked})
    status = at(printed, "status")
    return {key: value for key, value in status.items() if isinstance(value, str)} if isinstance(status, dict) else {}


def _run(words: Sequence[str], environment: Environment) -> object:
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environment),
            timeout=_PATIENCE,
            check=True,
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise UsageError(f"{words[0]}, which makes the credentials for the cluster, failed: {reason}") from error
