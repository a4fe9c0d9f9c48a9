"""Links from one page of a list to the next.

Only the query of such a link is used. Its path may be that of another view of the list (Artifactory and Nexus do
that, https://github.com/renovatebot/renovate/pull/20745, https://github.com/sonatype/nexus-public/issues/1011), its
host that of a server behind a proxy; and no link may lead a request, with its credentials, to another host.
"""

import re
from urllib.parse import urlsplit

from updater.api import Response

_NEXT_PAGE = re.compile(r'<([^<>]*)>[^<>]*;\s*rel="?next"?')


def next_query(response: Response) -> str:
    """The query of the next page, as the header ``Link`` names it; empty if this is the last."""
    link = _NEXT_PAGE.search(response.headers.get("link", ""))
    return query_of(link[1]) if link else ""


def query_of(link: str) -> str:
    """The query of a link; empty for what is none."""
    try:
        return urlsplit(link).query
    except ValueError:
        return ""
