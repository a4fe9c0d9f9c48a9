"""``git ls-remote``: the refs of a repository on any Git host, without a forge's API and without a token.

git runs away from every working directory (a repository's own configuration may name programs to run), speaks only
protocols that reach a server, prompts for nothing, and gets credentials through its environment.
"""

import asyncio
import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from updater.api import Credentials
from updater.errors import AuthError, InvalidAnswer, NotFound, RateLimited, RequestError, Unavailable
from updater.hosts import host_of, shown

_SECONDS = 60
_MAX_BYTES = 64 * 1024 * 1024
_PROTOCOLS = "https:http:ssh:git"
_SCP_STYLE = re.compile(r"(?P<user>[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^:].*)")
_LINE = re.compile(r"(?P<id>[0-9a-f]{40}|[0-9a-f]{64})\t(?P<ref>.+)")
_SECRETS_IN_URL = re.compile(r"(?<=://)[^/@\s]+@|\?[^\s']*")
# Of git's variables those that reach a server; GIT_DIR would point at a repository, GIT_TRACE_CURL print secrets.
_INHERITED = ("GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_HTTP_PROXY_", "GIT_PROXY_", "GIT_SSH", "GIT_SSL_")
_HELPER = '!f() { printf "username=%s\\npassword=%s\\n" "$UPDATER_GIT_USERNAME" "$UPDATER_GIT_PASSWORD"; }; f'

# git's own words (LC_ALL=C), in the order in which they are looked for; the last resort is Unavailable.
_FAILURES: tuple[tuple[re.Pattern[str], type[RequestError], str], ...] = (
    (re.compile(r"error: 429"), RateLimited, "wants to be asked later"),
    (
        re.compile(r"Authentication failed|could not read (Username|Password)|error: 40[13]|Permission denied"),
        AuthError,
        "wants other credentials, or has no such repository: write a host rule for it if there is one",
    ),
    (
        re.compile(r"not found|error: 404|does not appear to be a git repository|does not exist", re.IGNORECASE),
        NotFound,
        "has no such repository",
    ),
    (re.compile(r"[Cc]ould not resolve host"), Unavailable, "cannot be found: its name does not resolve"),
    (re.compile(r"certificate"), Unavailable, "shows a certificate that is not trusted: set GIT_SSL_CAINFO to its CA"),
    (re.compile(r"Host key verification failed"), Unavailable, "has an ssh key that known_hosts does not hold"),
    (re.compile(r"transport '.*' not allowed"), RequestError, "is asked by a protocol that is not allowed"),
    (re.compile(r"not valid: is this a git repository"), InvalidAnswer, "does not answer like a Git host"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAddress:
    """Where a repository is. ``url`` is what git is given and holds no password."""

    url: str
    host: str

    @property
    def shown(self) -> str:
        """The address as people and logs may see it."""
        return shown(self.url)


def parse_address(url: str, *, local: bool = False) -> GitAddress:
    """Read the URL of a repository, also in the style of scp (``git@host:path``).

    Raises ``RequestError`` for what git could take for an option, a program or, unless ``local``, a directory.
    """
    address = _from_url(url, local=local) if "://" in url else _from_scp_style(url)
    if address is None:
        raise RequestError(f"{shown(url)!r} is not the address of a Git repository on a server", url=shown(url))
    return address


def _from_url(url: str, *, local: bool) -> GitAddress | None:
    try:
        parts, host = urlsplit(url), host_of(url)
    except ValueError:
        return None
    if local and parts.scheme == "file":
        return GitAddress(url=url, host=host)
    user = f"{parts.username}@" if parts.scheme == "ssh" and parts.username else ""
    if parts.scheme not in _PROTOCOLS.split(":") or not host or f"{user}{host}".startswith("-"):
        return None
    return GitAddress(url=parts._replace(netloc=f"{user}{host}").geturl(), host=host)


def _from_scp_style(text: str) -> GitAddress | None:
    match = _SCP_STYLE.fullmatch(text)
    if match is None or "::" in text:
        return None
    host = match["host"].lower()
    return GitAddress(url=f"ssh://{match['user'] or ''}{host}/{match['path'].lstrip('/')}", host=host)


def over_https(address: GitAddress) -> GitAddress:
    """The same repository by HTTPS, where a token can be used, instead of by ssh, where a key is needed."""
    parts = urlsplit(address.url)
    if parts.scheme != "ssh":
        return address
    host = parts.hostname or address.host
    return GitAddress(url=f"https://{host}{parts.path}", host=host)


async def ls_remote(
    address: GitAddress,
    *,
    credentials: Credentials | None,
    route: str | None,
    environment: Mapping[str, str],
    local: bool = False,
) -> Mapping[str, str]:
    """All branches and tags: full ref name → commit id, annotated tags peeled.

    ``route`` is the base URL that really serves the host. Raises ``NotFound``, ``AuthError``, ``RateLimited``,
    ``Unavailable`` or ``InvalidAnswer``, and ``RequestError`` where there is no git; a failure that git does not
    explain is ``Unavailable``.
    """
    settings = _settings(address, route, credentials)
    variables = _environment(environment, settings, credentials, local=local)
    try:
        code, output, complaint = await _run(address.url, variables)
    except TimeoutError as error:
        raise Unavailable(f"{address.host} did not answer git within {_SECONDS} s", url=address.shown) from error
    except OSError as error:
        raise RequestError(f"git cannot be started: {error.strerror}", url=address.shown) from error
    if code != 0:
        raise _failure(address, complaint)
    return _refs(output, address)


def _settings(address: GitAddress, route: str | None, credentials: Credentials | None) -> list[tuple[str, str]]:
    settings = []
    if route is not None:
        settings.append((f"url.{route.rstrip('/')}/.insteadOf", f"{_origin(address.url)}/"))
    if credentials is not None:
        # A helper is asked anew after a redirect to another host; http.extraHeader would be sent there as well.
        key = f"credential.{_origin(route or address.url)}.helper"
        settings += [(key, ""), (key, _HELPER)]
    return settings


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _environment(
    inherited: Mapping[str, str], settings: list[tuple[str, str]], credentials: Credentials | None, *, local: bool
) -> dict[str, str]:
    variables = {
        name: value for name, value in inherited.items() if not name.startswith("GIT_") or name.startswith(_INHERITED)
    }
    variables |= {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": f"{_PROTOCOLS}:file" if local else _PROTOCOLS,
        "GIT_SSH_COMMAND": variables.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=10"),
    }
    count = variables.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    for number, (key, value) in enumerate(settings, first):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    variables["GIT_CONFIG_COUNT"] = str(first + len(settings))
    if credentials is not None:
        username, password = _name_and_password(credentials)
        variables |= {"UPDATER_GIT_USERNAME": username, "UPDATER_GIT_PASSWORD": password}
    return variables


def _name_and_password(credentials: Credentials) -> tuple[str, str]:
    """Git knows names and passwords only; with a token as password the big forges take this name."""
    secret = credentials.password or credentials.token
    return credentials.username or "x-access-token", secret.reveal().strip() if secret else ""


async def _run(url: str, environment: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        "git",
        "ls-remote",
        "--tags",
        "--heads",
        "--",
        url,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        cwd=Path(os.sep),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            output, complaint = await asyncio.gather(_read(process.stdout, url), _read(process.stderr, url))
            return await process.wait(), output, complaint
    finally:
        if process.returncode is None:
            # The whole group: git's own child is the one that holds the connection.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _read(stream: asyncio.StreamReader | None, url: str) -> bytes:
    received = bytearray()
    while stream is not None and (chunk := await stream.read(65_536)):
        received += chunk
        if len(received) > _MAX_BYTES:
            raise InvalidAnswer(f"{shown(url)} lists more than {_MAX_BYTES:,} bytes of refs", url=shown(url))
    return bytes(received)


def _refs(output: bytes, address: GitAddress) -> dict[str, str]:
    refs: dict[str, str] = {}
    peeled: dict[str, str] = {}
    for line in output.decode("utf-8", "replace").rstrip("\n").split("\n") if output else ():
        match = _LINE.fullmatch(line)
        if match is None:
            raise InvalidAnswer(f"{address.host} lists refs that make no sense for {address.shown}", url=address.shown)
        name, mark, _ = match["ref"].partition("^{}")
        (peeled if mark else refs)[name] = match["id"]
    return refs | peeled


def _failure(address: GitAddress, complaint: bytes) -> RequestError:
    words = complaint.decode("utf-8", "replace")
    for pattern, kind, meaning in _FAILURES:
        if pattern.search(words):
            return kind(f"{address.host} {meaning} ({address.shown})", url=address.shown)
    last_words = _SECRETS_IN_URL.sub("", words.strip().rpartition("\n")[2])[:200]
    return Unavailable(f"{address.host} cannot be asked by git ({address.shown}): {last_words}", url=address.shown)
