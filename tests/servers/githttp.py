"""Real bare Git repositories, and git's own ``http-backend`` in front of them: clone, fetch and push over HTTP.

::

    with GitHTTP(tmp_path, passwords={"bot": "secret"}) as server:
        repository = Bare.make(tmp_path / "team" / "app.git", {"a.yaml": "a: 1\\n"})
        ... f"{server.url}/team/app.git" ...

Nothing here uses ``updater.git``, so that each can prove the other wrong.
"""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Self, cast
from urllib.parse import urlsplit

from tests.servers import Reply, Request, Server

GIT = shutil.which("git") or "git"  # by its path: tests that count processes put another git on PATH
EXECUTABLE, LINK = "100755", "120000"
HUMAN = "Ada Human <ada@example.com>"

_FIRST_COMMIT = 1_700_000_000
_CONFIGURATION = {
    "safe.directory": "*",
    "http.receivepack": "true",
    "uploadpack.allowFilter": "true",
    "gc.auto": "0",
}
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": str(len(_CONFIGURATION)),
    **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(_CONFIGURATION)},
    **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(_CONFIGURATION.values())},
}


def run(*arguments: str, at: Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
    """What git prints. Raises ``CalledProcessError`` if it fails."""
    command = [GIT, "-C", str(at), *arguments]
    variables = {**_ENVIRONMENT, **(environment or {})}
    return subprocess.run(command, input=stdin, env=variables, capture_output=True, check=True).stdout


@dataclass(kw_only=True)
class Bare:
    """A repository, written to as somebody else would. A file is text, bytes, or (mode, bytes); None deletes it."""

    path: Path
    commits: int = field(default=0)

    @classmethod
    def make(
        cls, path: Path, files: "Mapping[str, Content] | None" = None, *, branch: str = "main", bare: bool = True
    ) -> Self:
        """A new repository; without files it has no commits. One that is not bare has them checked out."""
        path.mkdir(parents=True)
        run("init", "--quiet", f"--initial-branch={branch}", "--template=", *(["--bare"] if bare else []), at=path)
        repository = cls(path=path)
        if files is not None:
            repository.commit(branch, files)
        if files is not None and not bare:
            run("reset", "--quiet", "--hard", at=path)
        return repository

    def copy(self, path: Path) -> Self:
        """The same repository at another place; quicker than making it again."""
        return type(self)(path=Path(shutil.copytree(self.path, path, symlinks=True)), commits=self.commits)

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        return run(*arguments, at=self.path, stdin=stdin).decode("utf-8", "surrogateescape").strip()

    def commit(
        self, branch: str, files: "Mapping[str, Content]", *, message: str = "A change", author: str = HUMAN
    ) -> str:
        """Commit on top of a branch (a new one starts at main, or at nothing) and return the id."""
        self.commits += 1
        heads = self.heads()
        parent = heads.get(branch) or heads.get("main")
        signature = f"{author} {_FIRST_COMMIT + 60 * self.commits} +0000"
        stream = f"reset refs/heads/{branch}\ncommit refs/heads/{branch}\nmark :1\n".encode()
        stream += f"author {signature}\ncommitter {signature}\ndata {len(message.encode())}\n{message}\n".encode()
        stream += f"from {parent}\n".encode() if parent else b""
        stream += b"".join(_changed(path, content) for path, content in files.items()) + b"get-mark :1\n"
        return run("fast-import", "--quiet", "--force", at=self.path, stdin=stream).decode().strip()

    def head(self, branch: str) -> str | None:
        """The commit at the head of a branch (or any other revision)."""
        try:
            return self.git("rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}")
        except subprocess.CalledProcessError:
            return None

    def heads(self) -> dict[str, str]:
        listed = self.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/")
        return dict(line.rsplit(" ", 1) for line in listed.splitlines())

    def read(self, revision: str, path: str) -> bytes:
        return run("cat-file", "blob", f"{revision}:{path}", at=self.path)

    def mode(self, revision: str, path: str) -> str:
        return self.git("ls-tree", "--format=%(objectmode)", revision, "--", f":(literal){path}")

    def delete(self, branch: str) -> None:
        self.git("update-ref", "-d", f"refs/heads/{branch}")

    def contains(self, branch: str, commit: str) -> bool:
        """Whether a branch has reached a commit."""
        return self.git("rev-list", "--max-count=1", commit, f"^refs/heads/{branch}") == ""

    def merges(self, base: str, head: str) -> bool:
        """Whether two commits merge without a conflict."""
        try:
            self.git("merge-tree", "--write-tree", base, head)
        except subprocess.CalledProcessError:
            return False
        return True

    def merge(self, base: str, head: str, message: str, *, squash: bool = False) -> str | None:
        """Merge a commit into a branch and return the new commit; None if they conflict."""
        tip = self.head(base)
        try:
            tree = self.git("merge-tree", "--write-tree", f"refs/heads/{base}", head).splitlines()[0]
        except subprocess.CalledProcessError:
            return None
        self.commits += 1
        name, _, email = HUMAN.rstrip(">").partition(" <")
        values = {"NAME": name, "EMAIL": email, "DATE": f"{_FIRST_COMMIT + 60 * self.commits} +0000"}
        identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in values.items()}
        parents = ["-p", str(tip)] if squash else ["-p", str(tip), "-p", head]
        commit = run("commit-tree", tree, *parents, "-m", message, at=self.path, environment=identity).decode().strip()
        self.git("update-ref", f"refs/heads/{base}", commit, str(tip))
        return commit

    def commit_tree(self, tree: str, parents: Iterable[str], message: str, author: str, committer: str) -> str | None:
        """The id of a new commit of a tree that is there; None if it is not."""
        self.commits += 1
        identity: dict[str, str] = {}
        for role, person in (("AUTHOR", author), ("COMMITTER", committer)):
            name, _, email = person.rstrip(">").partition(" <")
            values = {"NAME": name, "EMAIL": email, "DATE": f"{_FIRST_COMMIT + 60 * self.commits} +0000"}
            identity |= {f"GIT_{role}_{key}": value for key, value in values.items()}
        options = [part for parent in parents for part in ("-p", parent)]
        try:
            made = run("commit-tree", tree, *options, at=self.path, stdin=message.encode(), environment=identity)
        except subprocess.CalledProcessError:
            return None
        return made.decode().strip()

    def protect(self, branches: Iterable[str]) -> None:
        """Refuse pushes to these branches, by a hook."""
        (self.path / "protected").write_text("".join(f"refs/heads/{branch}\n" for branch in branches))
        hook = self.path / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(
            '#!/bin/sh\n! grep -Fqx "$1" protected || { echo "GH006: Protected branch update failed" >&2; exit 1; }\n'
        )
        hook.chmod(0o755)


Content = str | bytes | tuple[str, bytes] | None


def _changed(path: str, content: Content) -> bytes:
    """A line of fast-import; every byte of the path is written in octal."""
    quoted = "".join(f"\\{byte:03o}" for byte in path.encode("utf-8", "surrogateescape"))
    if content is None:
        return f'D "{quoted}"\n'.encode()
    mode, data = content if isinstance(content, tuple) else ("100644", content)
    data = data.encode() if isinstance(data, str) else data
    return f'M {mode} inline "{quoted}"\ndata {len(data)}\n'.encode() + data + b"\n"


class CountedGit:
    """A ``git`` to put first on PATH, which writes down how it was called and then is git."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._log = directory / "calls"
        self.directory = directory
        shim = directory / "git"
        shim.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{self._log}"\nexec "{GIT}" "$@"\n')
        shim.chmod(0o755)

    def calls(self) -> list[str]:
        """The calls since the last time this was asked."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


class GitHTTP(Server):
    """All repositories below ``root``. With ``passwords`` (user → password) nothing is given without one."""

    def __init__(self, root: Path, *, passwords: Mapping[str, str] | None = None) -> None:
        super().__init__()
        accept_chunks(self)
        self._root = root
        self._passwords = passwords

    def handle(self, request: Request) -> Reply:
        user, password = basic_credentials(request)
        if self._passwords is not None and self._passwords.get(user) != password:
            return UNAUTHORIZED
        return backend(self._root, request, user)


UNAUTHORIZED = Reply(status=401, body=b"who are you?", headers={"WWW-Authenticate": 'Basic realm="git"'})


def basic_credentials(request: Request) -> tuple[str, str]:
    """User and password of an ``Authorization: Basic`` header; empty where there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    user, _, password = base64.b64decode(value).decode().partition(":")
    return user, password


def backend(root: Path, request: Request, user: str) -> Reply:
    """The answer of ``git http-backend`` (a CGI program) for the repositories below ``root``."""
    variables = {
        **_ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": request.path,
        "QUERY_STRING": urlsplit(request.target).query,
        "REQUEST_METHOD": request.method,
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_USER": user,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
    }
    program = subprocess.run([GIT, "http-backend"], input=request.body, env=variables, capture_output=True, check=False)
    head, _, body = program.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    return Reply(status=status, body=body, headers=headers)


class _Rest:
    """A stream that begins with bytes which were read already."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first, self._rest = BytesIO(first), rest

    def read(self, size: int = -1) -> bytes:
        return self._first.read(size) or self._rest.read(size)

    def readline(self, size: int = -1) -> bytes:
        return self._first.readline(size) or self._rest.readline(size)

    def close(self) -> None:
        self._rest.close()


def accept_chunks(server: Server) -> None:
    """Let a server take bodies of unknown length: git sends large pushes so."""
    plain = server._http.RequestHandlerClass

    class Handler(plain):  # type: ignore[misc, valid-type] # a class that is known at run time only
        rfile: BinaryIO

        def parse_request(self) -> bool:
            if not super().parse_request():
                return False
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                body = b"".join(iter(lambda: _read_chunk(self.rfile), b""))
                self.headers["Content-Length"] = str(len(body))
                self.rfile = cast("BinaryIO", _Rest(body, self.rfile))
            return True

    server._http.RequestHandlerClass = Handler


def _read_chunk(stream: BinaryIO) -> bytes:
    size = int(stream.readline().partition(b";")[0], 16)
    chunk = stream.read(size)
    stream.readline()
    return chunk
