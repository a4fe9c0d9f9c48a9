"""What another configuration changes, as a section of the page of its plan."""

from collections.abc import Sequence

from updater.record.difference import Difference
from updater.report.difference import headline, parts
from updater.report.html.elements import code, joined, table, tag
from updater.report.html.page import Section


def difference_section(found: Difference, unread: Sequence[str] = ()) -> Section:
    """The pull requests that differ from those on record, by how; what could not be decided again; what is missing."""
    rows: list[tuple[str, ...]] = [
        (heading, each.title, code(each.branch), each.detail) for heading, changes in parts(found) for each in changes
    ]
    rows += [("Undecided", subject, "", reason) for subject, reason in found.undecided]
    rows += [("Not on record", code(each), "", "") for each in unread]
    changes = [table("What changes", ("How", "Pull request", "Branch", "Detail"), rows)] if rows else []
    content = joined((tag("p", headline(found), class_="note"), *changes))
    return Section(anchor="difference", title="Against the record", count=len(rows), content=content)
