"""GitLab, Gitea (and Forgejo) and Bitbucket, as far as they tell versions; the repositories are those of ``Forge``.

Each answers in its own way: the longest page it gives, how it names the next one, what it hides from strangers.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from tests.servers import NOT_FOUND, Reply, Request, as_json
from tests.servers.forge_api import BAD_CREDENTIALS, TOKEN, Forge

Kind = Literal["gitlab", "gitea", "bitbucket"]
Row = dict[str, object]

_PREFIXES: dict[Kind, str] = {
    "gitlab": "/api/v4/projects/",
    "gitea": "/api/v1/repos/",
    "bitbucket": "/2.0/repositories/",
}


class OtherForge(Forge):
    """``with OtherForge("gitlab") as forge: forge.repository("group/app", tags=["v1.0.0"])``.

    ``closed`` answers nothing without ``TOKEN`` (401), ``private`` repositories are not there for strangers (404); Git
    tells the tags all the same.
    """

    def __init__(self, kind: Kind, *, private: bool = False, closed: bool = False) -> None:
        super().__init__(private=private)
        self.kind: Kind = kind
        self.closed = closed
        self.upcoming: set[str] = set()

    def handle(self, request: Request) -> Reply:
        prefix = _PREFIXES[self.kind]
        if not request.path.startswith(prefix):
            return self._git_over_http(request)
        shown = request.headers.get("authorization")
        if shown not in (None, f"Bearer {TOKEN}") or (self.closed and shown is None):
            return BAD_CREDENTIALS
        if self.private and shown is None:
            return NOT_FOUND
        answers: dict[Kind, Callable[[Request], Reply]] = {
            "gitlab": self._gitlab,
            "gitea": self._gitea,
            "bitbucket": self._bitbucket,
        }
        return answers[self.kind](request)

    # ------------------------------------------------------------ GitLab: the name is one part of the path

    def _gitlab(self, request: Request) -> Reply:
        encoded, _, what = request.target.partition("?")[0].removeprefix(_PREFIXES["gitlab"]).partition("/")
        rows = {"repository/tags": self._gitlab_tags, "releases": self._gitlab_releases}.get(what)
        name = encoded.replace("%2F", "/")
        if rows is None or name not in self.published:
            return as_json({"message": "404 Project Not Found"}, 404)
        number, size = int(request.query.get("page", 1)), min(int(request.query.get("per_page", 20)), 100)
        chosen, more = _page(rows(name), number, size)
        link = f'<{self.url}/api/v4/projects/7/{what}?id=7&page={number + 1}&per_page={size}>; rel="next"'
        return as_json(chosen, headers={"Link": link, "X-Next-Page": str(number + 1)} if more else {})

    def _gitlab_tags(self, name: str) -> list[Row]:
        """The id of an annotated tag is its target; the commit has its own."""
        return [
            {
                "name": tag,
                "target": "f" * 40 if annotated else commit,
                "commit": {"id": commit, "created_at": "2023-12-31T00:00:00.000+00:00" if annotated else date},
                "created_at": date if annotated else None,
            }
            for tag, (commit, date, annotated) in self.published[name].tags.items()
        ]

    def _gitlab_releases(self, name: str) -> list[Row]:
        commits = self.published[name].tags
        return [
            {
                "tag_name": row["tag_name"],
                "released_at": row["published_at"],
                "upcoming_release": row["tag_name"] in self.upcoming,
                "commit": {"id": commits[str(row["tag_name"])][0]} if row["tag_name"] in commits else None,
            }
            for row in self.published[name].releases
        ]

    # ------------------------------------------------------------ Gitea: 50 a page, the total in a header

    def _gitea(self, request: Request) -> Reply:
        name, _, what = request.path.removeprefix(_PREFIXES["gitea"]).rpartition("/")
        if what not in ("tags", "releases") or name not in self.published:
            return as_json({"message": "The target couldn't be found."}, 404)
        rows = self._gitea_tags(name) if what == "tags" else self.published[name].releases
        number, size = int(request.query.get("page", 1)), min(int(request.query.get("limit", 30)), 50)
        return as_json(_page(rows, number, size)[0], headers={"X-Total-Count": str(len(rows))})

    def _gitea_tags(self, name: str) -> list[Row]:
        return [
            {"name": tag, "id": "f" * 40 if annotated else commit, "commit": {"sha": commit, "created": date}}
            for tag, (commit, date, annotated) in self.published[name].tags.items()
        ]

    # ------------------------------------------------------------ Bitbucket: the next page in the body

    def _bitbucket(self, request: Request) -> Reply:
        name = request.path.removeprefix(_PREFIXES["bitbucket"]).removesuffix("/refs/tags")
        if name not in self.published:
            return as_json({"type": "error", "error": {"message": "Repository not found"}}, 404)
        number, size = int(request.query.get("page", 1)), int(request.query.get("pagelen", 10))
        if size > 100 or request.query.get("sort") != "-target.date":
            return as_json({"type": "error", "error": {"message": "Invalid pagelen"}}, 400)
        chosen, more = _page(self._bitbucket_tags(name), number, size)
        after = f"https://api.bitbucket.org{request.path}?pagelen={size}&sort=-target.date&page={number + 1}"
        return as_json({"pagelen": size, "values": chosen, **({"next": after} if more else {})})

    def _bitbucket_tags(self, name: str) -> list[Row]:
        return [
            {
                "name": tag,
                "date": date if annotated else None,
                "target": {
                    "type": "commit",
                    "hash": commit,
                    "date": "2023-12-31T00:00:00+00:00" if annotated else date,
                },
            }
            for tag, (commit, date, annotated) in self.published[name].tags.items()
        ]


def _page(rows: Sequence[Row], number: int, size: int) -> tuple[Sequence[Row], bool]:
    return rows[(number - 1) * size : number * size], number * size < len(rows)
