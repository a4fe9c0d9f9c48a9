"""GitHub, github.com or an Enterprise server, through PyGithub for pull requests and git for everything else.

The token needs write access to contents and pull requests (a classic one: the scope ``repo``), and to workflows if
files below ``.github/workflows`` are updated. A bare clone of depth 1 and the list of pull requests are kept between
runs; losing them costs time only. The token reaches git through the environment: it never stands in an argument, a
URL, a file, an error or a log.
"""

import base64
import fcntl
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from itertools import count
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import updater
from updater import git
from updater.api import Commit, PlatformError, PullRequest, PullRequestState, RemoteBranch, Secret, Tree
from updater.errors import RepositoryError
from updater.platforms import pulls
from updater.platforms.branches import remote_branches, write_commits
from updater.repo import GitTree

if TYPE_CHECKING:
    from github.GithubException import GithubException
    from github.PaginatedList import PaginatedList
    from github.PullRequest import PullRequest as ApiPullRequest
    from github.Repository import Repository as ApiRepository

T = TypeVar("T")

_HEADS = "refs/heads/"
_BASE, _UPDATES = "refs/updater/base", "refs/updater/heads/"
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_PER_PAGE = 100
_MAX_PAGES = 100
_ATTEMPTS = 3
_TIMEOUT = 30
# GitHub asks to wait a minute where it does not say how long (see _wait); longer than this, the next run is better.
_MAX_WAIT = 120.0

_HINTS = {
    401: "the token was rejected; is it still valid?",
    403: "the token lacks a permission; it needs write access to contents and pull requests",
    404: "there is no such repository, or the token may not see it",
}
_GIT_HINTS = {
    r"could not read Username|Authentication failed|error: 401": _HINTS[401],
    r"error: 403|[Pp]ermission .*denied": _HINTS[403],
    r"not found|error: 404": _HINTS[404],
}


class _Refused(PlatformError):
    """GitHub answered with an error; ``words`` is all it said."""

    def __init__(self, message: str, words: str) -> None:
        self.words = words
        super().__init__(message)


class GitHubPlatform:
    """One repository on GitHub. ``sleep`` waits some seconds before a request is tried again."""

    NAME = "github"
    BODY_LIMIT = 60_000  # GitHub's limit is 65,536 characters; what it counts as one is its own affair

    def __init__(
        self,
        repository: str,
        *,
        token: Secret,
        cache_directory: Path,
        endpoint: str = "https://api.github.com",
        clone_url: str | None = None,
        author: git.Author = git.BOT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _NAME.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
            raise PlatformError(f"{repository!r} is not the name of a GitHub repository; write owner/name")
        git.check_version()
        self._name, self._token, self._endpoint = repository, token, endpoint.rstrip("/")
        self._author, self._sleep = author, sleep
        self._url = clone_url or _clone_url(self._endpoint, repository)
        self._directory = cache_directory / (urlsplit(endpoint).hostname or "github") / repository
        self._git = git.Repository(
            directory=self._directory / "repository.git", settings=_git_settings(self._url, token), isolated=True
        )

    @property
    def repository(self) -> str:
        """``owner/name``."""
        return self._name

    def base_branch(self) -> str:
        """The repository's default branch."""
        return self._call("read the repository", lambda: _text(self._api.default_branch))

    def tree(self, branch: str) -> Tree:
        """The files at the head of a branch, fetched into the clone. Raises ``RepositoryError`` if there is none."""
        with self._locked():
            return self._healed(lambda: self._fetched_tree(branch))

    def branches(self, prefix: str, base: str) -> Sequence[RemoteBranch]:
        """The branches that begin with ``prefix``, without ``base``, all by one fetch."""
        with self._locked():
            found = self._healed(lambda: self._fetched_heads(prefix, base))
            heads = {name: commit for name, commit in found.items() if name.startswith(prefix) and name != base}
            return remote_branches(self._git, heads, self._author)

    def push(
        self, base_commit: str, commits: Sequence[Commit], expected: Mapping[str, str | None]
    ) -> Mapping[str, str]:
        """Write the commits into the clone and push them all at once; the result says which were refused, and why."""
        if not commits:
            return {}
        with self._locked():
            written = write_commits(self._git, base_commit, commits, self._author)
            wanted = {branch: (expected.get(branch), commit) for branch, commit in written.commits.items()}
            return {**written.refused, **self._move(wanted)}

    def delete_branches(self, expected: Mapping[str, str]) -> Mapping[str, str]:
        """Delete branches that are still at their commit, by one push; one that is gone already is fine."""
        with self._locked():
            refused = self._move({branch: (commit, None) for branch, commit in expected.items()})
            if refused:
                present = self._remote(lambda: git.ls_remote(self._url, f"{_HEADS}*", repository=self._git))
                return {branch: reason for branch, reason in refused.items() if f"{_HEADS}{branch}" in present}
            return refused

    # ------------------------------------------------------------ pull requests

    def pull_requests(self, prefix: str) -> Sequence[PullRequest]:
        """The pull requests from this repository's branches that begin with ``prefix``, newest first.

        Only what changed since the last run is asked for. Of a repository that is seen for the first time, the
        10,000 that changed last are read.
        """
        with self._locked():
            seen, known = _remembered(self._pulls_file, prefix)
            for listed in self._changed_since(seen):
                seen = max(seen, listed.changed)
                if listed.own and listed.pull.branch.startswith(prefix):
                    known[listed.pull.number] = listed.pull
            _remember(self._pulls_file, prefix, seen, known)
        return sorted(known.values(), key=pulls.number, reverse=True)

    def create_pull_request(
        self, *, branch: str, base: str, title: str, body: str, labels: Sequence[str] = (), draft: bool = False
    ) -> PullRequest:
        """Open a pull request, or find the open one that the branch has. A draft is one only where there are drafts."""
        try:
            pull = self._create(branch, base, _plain(title), _plain(body), draft=draft)
        except _Refused as error:
            if "pull request already exists" in error.words:
                pull = self._existing(branch, error)
            elif draft and "raft pull requests are not supported" in error.words:
                pull = self._create(branch, base, _plain(title), _plain(body), draft=False)
            else:
                raise
        return self._labelled(pull, labels, f"label pull request #{pull.number}, which was opened")

    def update_pull_request(self, pull: PullRequest, *, title: str, body: str, labels: Sequence[str]) -> PullRequest:
        """Set title and body and add labels, with no request for what is so already."""
        updated, title, body = pull, _plain(title), _plain(body)
        if (pull.title, pull.body) != (title, body):
            updated = self._call(f"update pull request #{pull.number}", lambda: self._edited(pull, title, body))
        return self._labelled(updated, labels, f"label pull request #{pull.number}")

    def close_pull_request(self, pull: PullRequest, *, comment: str) -> None:
        """Say why, then close; nothing happens to one that is not open."""
        if pull.state is not PullRequestState.OPEN:
            return
        item, text = self._api.get_pull(pull.number), _plain(comment)
        issue = self._api.get_issue(pull.number)
        self._call(f"comment on pull request #{pull.number}", lambda: issue.create_comment(text))
        self._call(f"close pull request #{pull.number}", lambda: item.edit(state="closed"))

    def _create(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> PullRequest:
        return self._call(
            f"open a pull request for the branch {branch}, which was pushed",
            lambda: _pull_request(self._api.create_pull(base=base, head=branch, title=title, body=body, draft=draft)),
        )

    def _edited(self, pull: PullRequest, title: str, body: str) -> PullRequest:
        item = self._api.get_pull(pull.number)
        item.edit(title=title, body=body)
        return _pull_request(item)

    def _existing(self, branch: str, error: _Refused) -> PullRequest:
        owner = self._name.partition("/")[0]
        listing = self._api.get_pulls(state="open", head=f"{owner}:{branch}")
        found = self._call("find the open pull request", lambda: [_pull_request(item) for item in listing.get_page(0)])
        if not found:
            raise error
        return found[0]

    def _labelled(self, pull: PullRequest, labels: Sequence[str], doing: str) -> PullRequest:
        united = pulls.united(pull.labels, tuple(labels))
        missing = united[len(pull.labels) :]
        if missing:
            issue = self._api.get_issue(pull.number)
            self._call(doing, lambda: issue.add_to_labels(*missing))
        return replace(pull, labels=united)

    def _changed_since(self, moment: str) -> Iterator["_Listed"]:
        """Pull requests that changed at ``moment`` or later, and some more; the latest change comes first."""
        listing = self._api.get_pulls(state="all", sort="updated", direction="desc")
        for number in range(_MAX_PAGES):
            page = self._call("list the pull requests", partial(_page, listing, number))
            yield from page
            if len(page) < _PER_PAGE or page[-1].changed < moment:
                return

    # ------------------------------------------------------------ the API

    @cached_property
    def _api(self) -> "ApiRepository":
        """The repository's handle; nothing is asked before something of it is needed."""
        from github import Auth, Github  # takes a third of a second

        return Github(
            base_url=self._endpoint,
            auth=Auth.Token(self._token.reveal()),
            user_agent=f"gitops-updater/{updater.__version__}",
            per_page=_PER_PAGE,
            timeout=_TIMEOUT,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        ).get_repo(self._name)

    def _call(self, doing: str, action: Callable[[], T]) -> T:
        """The result of a request; what may succeed later is tried again. Raises ``PlatformError``."""
        from github.GithubException import BadAttributeException, GithubException  # takes a third of a second

        for attempt in count(1):
            try:
                return action()
            except GithubException as error:
                wait, problem = _wait(error, attempt), _problem(error, doing, self._name)
            except OSError as error:  # the base of all exceptions of requests, which PyGithub lets through
                wait, problem = 2.0**attempt, PlatformError(f"could not {doing} of {self._name}: {error}")
            except (BadAttributeException, TypeError, ValueError, AttributeError, RuntimeError) as error:
                # what PyGithub does when a proxy's page, or another host, answers in GitHub's place
                wait, problem = None, PlatformError(f"could not {doing} of {self._name}: no answer of GitHub: {error}")
            if wait is None or wait > _MAX_WAIT or attempt == _ATTEMPTS:
                raise problem
            self._sleep(wait)
        raise AssertionError

    # ------------------------------------------------------------ the clone

    @property
    def _pulls_file(self) -> Path:
        return self._directory / "pull-requests.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes that work on the same repository out of the clone."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _healed(self, action: Callable[[], T]) -> T:
        """The result of what is done with the clone; one that proves to be damaged is made anew, once."""
        if not git.is_bare(self._git.directory):
            self._reset()
        try:
            return action()
        except RepositoryError as error:
            if git.is_sound(self._git) and "cannot lock ref" not in str(error):
                raise _explained(error, self._name) from error
        self._reset()
        return self._remote(action)

    def _reset(self) -> None:
        shutil.rmtree(self._git.directory, ignore_errors=True)
        git.init_bare(self._git.directory)

    def _fetched_tree(self, branch: str) -> GitTree:
        git.fetch(self._git, self._url, [f"+{_HEADS}{branch}:{_BASE}"], depth=1)
        (base,) = git.refs(self._git, _BASE)
        return GitTree(self._git.directory, base.commit)

    def _fetched_heads(self, prefix: str, base: str) -> dict[str, str]:
        """Branch → commit. The second commit of each shows what its first one changed.

        The base is fetched with them because git calls it a failure if there is nothing to fetch.
        """
        refspecs = [f"+{_HEADS}{base}:{_BASE}", f"+{_HEADS}{prefix}*:{_UPDATES}{prefix}*"]
        git.fetch(self._git, self._url, refspecs, depth=2)
        return {ref.name.removeprefix(_UPDATES): ref.commit for ref in git.refs(self._git, _UPDATES)}

    def _move(self, wanted: Mapping[str, tuple[str | None, str | None]]) -> dict[str, str]:
        """Move branches (name → from, to) by one push; the result says which were not, and why."""
        changes = [git.RefChange(ref=f"{_HEADS}{name}", old=old, new=new) for name, (old, new) in wanted.items()]
        if not changes:
            return {}
        refused = self._remote(lambda: git.push(self._git, self._url, changes))
        return {ref.removeprefix(_HEADS): reason for ref, reason in refused.items()}

    def _remote(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except RepositoryError as error:
            raise _explained(error, self._name) from error


def _clone_url(endpoint: str, repository: str) -> str:
    """``https://api.github.com``, ``https://api.octo.ghe.com``, ``https://ghe.example/api/v3`` → where git goes."""
    parts = urlsplit(endpoint)
    host = parts.netloc if parts.path else parts.netloc.removeprefix("api.")
    return f"{parts.scheme}://{host}/{repository}.git"


def _git_settings(url: str, token: Secret) -> dict[str, str | Secret]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return {}
    credentials = base64.b64encode(f"x-access-token:{token.reveal()}".encode()).decode()
    return {f"http.{parts.scheme}://{parts.netloc}/.extraHeader": Secret(f"Authorization: Basic {credentials}")}


# ---------------------------------------------------------------- values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """One of a list: when it changed (ISO 8601), and whether its branch is in this repository."""

    pull: PullRequest
    changed: str
    own: bool


def _page(listing: "PaginatedList[ApiPullRequest]", number: int) -> list[_Listed]:
    return [
        _Listed(pull=_pull_request(item), changed=_moment(item.updated_at), own=_is_own(item))
        for item in listing.get_page(number)
    ]


def _pull_request(item: "ApiPullRequest") -> PullRequest:
    state = PullRequestState.OPEN if item.state == "open" else PullRequestState.CLOSED
    return PullRequest(
        number=_whole(item.number),
        branch=_text(item.head.ref),
        base=_text(item.base.ref),
        title=_text(item.title),
        body=_text(item.body or "").replace("\r\n", "\n"),  # GitHub's own editor writes CRLF
        state=PullRequestState.MERGED if item.merged_at else state,
        labels=tuple(_text(label.name) for label in item.labels),
        url=_text(item.html_url),
    )


def _is_own(item: "ApiPullRequest") -> bool:
    """Whether its branch is in this repository. That of a deleted fork is null, which PyGithub's types do not know."""
    head: object = item.head.repo
    return head is not None and item.head.repo.id == item.base.repo.id


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} instead of a text")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} instead of a number")
    return value


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} instead of a date")
    return value.isoformat()


def _plain(text: str) -> str:
    """Text that JSON can carry: what was no UTF-8 in a file becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _remembered(path: Path, prefix: str) -> tuple[str, dict[int, PullRequest]]:
    """The last change that was seen (ISO 8601, empty for none) and the pull requests by number; nothing if in doubt."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        stored = json.loads(path.read_bytes())
        if stored["prefix"] == prefix:
            found = (pulls.decode(fields) for fields in stored["pulls"])
            return str(stored["seen"]), {pull.number: pull for pull in found}
    return "", {}


def _remember(path: Path, prefix: str, seen: str, known: Mapping[int, PullRequest]) -> None:
    fields = {"prefix": prefix, "seen": seen, "pulls": [pulls.encode(pull) for pull in known.values()]}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(fields))
    draft.replace(path)


# ---------------------------------------------------------------- errors


def _wait(error: "GithubException", attempt: int) -> float | None:
    """The seconds after which to try again, None for never.

    https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
    """
    headers = error.headers or {}
    if error.status >= 500:
        return 2.0**attempt
    if not _is_rate_limit(error):
        return None
    if "retry-after" in headers:
        return _seconds(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0":
        return _until_reset(headers)
    return 60.0


def _is_rate_limit(error: "GithubException") -> bool:
    headers = error.headers or {}
    spent = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return error.status == 429 or (error.status == 403 and (spent or "rate limit" in _words(error).lower()))


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 60.0


def _until_reset(headers: Mapping[str, str]) -> float:
    """By GitHub's own clock, which its ``Date`` header tells."""
    with suppress(ValueError, KeyError, TypeError):
        now = parsedate_to_datetime(headers["date"]).timestamp()
        return max(0.0, float(headers["x-ratelimit-reset"]) - now) + 1
    return 60.0


def _problem(error: "GithubException", doing: str, repository: str) -> PlatformError:
    words = _words(error)
    if _is_rate_limit(error):
        hint = f"the rate limit is used up; try again in {ceil((_wait(error, 1) or 60) / 60)} minutes"
    elif "Actions is not permitted to create" in words:
        hint = "allow it in the repository's settings: Actions, General, Workflow permissions"
    else:
        hint = _HINTS.get(error.status, "")
    return _Refused(
        f"could not {doing} of {repository}: GitHub says {error.status} {words}" + (f" ({hint})" if hint else ""), words
    )


def _words(error: "GithubException") -> str:
    """The message and the details of an error, such as ``Validation Failed: A pull request already exists for …``."""
    if not isinstance(error.data, dict):
        return str(error.data or "")[:200]
    details = error.data.get("errors") or ()
    parts = [one.get("message") or one.get("code") if isinstance(one, dict) else one for one in details]
    return ": ".join(str(part) for part in (error.data.get("message"), *parts) if part)


def _explained(error: RepositoryError, repository: str) -> PlatformError | RepositoryError:
    """A failure of git, as one of the forge where it is one."""
    words = str(error)
    if "couldn't find remote ref" in words:
        return RepositoryError(f"{repository} has no such branch, or no commits yet: {words}")
    hint = next((hint for pattern, hint in _GIT_HINTS.items() if re.search(pattern, words)), None)
    return PlatformError(f"{repository}: {words}" + (f" ({hint})" if hint else ""))
