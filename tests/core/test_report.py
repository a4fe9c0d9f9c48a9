"""What people read: the body of a pull request, its marker, tables."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot
from msgspec import structs

from tests.core.made import DIGEST, NOW, tracked, update
from updater.model.decide import Held, Update
from updater.model.scan import Remark
from updater.model.track import UpdateType
from updater.report.inventory import table
from updater.report.marker import marker_of, read_marker
from updater.report.pull_request import Circumstances, body_maker, code


def body(*updates: Update, held: tuple[Held, ...] = (), limit: int = 60_000) -> str:
    return body_maker(Circumstances(held=held, limit=limit))("title", updates, "f1")


def test_the_body_of_a_pull_request() -> None:
    """What changes and where, how old it is, what else is coming, and what happens next."""
    staging = update("1.6.0", found=tracked("1.5.0", path="apps/staging/api.yaml"), published=NOW - timedelta(days=12))
    pinned = update(
        "2.0.0",
        found=tracked("1.4.2", digest=DIGEST, line=7),
        update_type=UpdateType.MAJOR,
        new_digest="sha256:" + "cd" * 32,
    )
    held = Held(
        tracked=tracked(),
        update_type=UpdateType.MINOR,
        new_version="1.7.0",
        rule="minimumReleaseAge",
        reason="published 2026-11-23; minimumReleaseAge is 3 days",
        until=NOW + timedelta(days=2),
    )

    assert body(staging, replace(pinned, source_url="https://github.com/acme/api"), held=(held,)) == snapshot("""\
Updates `ghcr.io/acme/api` in production and staging: 2 places in 2 files.

| What | Where | From | To | Step | Released |
| --- | --- | --- | --- | --- | --- |
| `ghcr.io/acme/api` | `apps/staging/api.yaml:1` | `1.5.0` | `1.6.0` | minor | published 2026-11-11 |
| [`ghcr.io/acme/api`](https://github.com/acme/api) | `apps/production/api.yaml:7` | `1.4.2` `abababababab` | `2.0.0` `cdcdcdcdcdcd` | **major** |  |

**Newer, but not offered yet**

- `1.7.0`: published 2026-11-23; minimumReleaseAge is 3 days (offered from 2026-11-25 12:00 UTC)

**What happens next**

- A **major** step: read the release notes before merging.
- **Merge** it and the reconciler deploys it.
- **Close** it and exactly this is not offered again; the next higher release is.
- **Push** a commit of your own and it is yours: it will not be rebuilt.

- [ ] <!-- rebase-check -->Tick this to have the branch made anew from its base.

<!-- updater:v1 {"fingerprint": "f1", "proposals": [["docker ghcr.io/acme/api", "1.6.0"], ["docker ghcr.io/acme/api", "2.0.0"]]} -->
""")


def test_what_is_to_be_done_by_hand() -> None:
    """A remark about a file is shown once, however many updates it concerns."""
    found = structs.replace(tracked(), remark=Remark("a`b/Chart.lock", "is left as it is"))
    shown = body(update(found=found), update("1.2.0", found=found))

    assert "**To do by hand**\n\n- ``a`b/Chart.lock``: is left as it is\n\n**What happens next**" in shown


def test_foreign_text_stays_text() -> None:
    """A name with mentions, markup, table borders or backticks cannot leave its code span or its cell."""
    assert code("@admin <b>`x`|y\nz") == "``@admin <b>`x`\\|y z``"
    shown = body(update(found=tracked(name="`@admin` | <img src=x> -->")))
    assert "<img src=x>" not in shown.replace(code("`@admin` | <img src=x> -->"), "")


@given(st.text(min_size=1, max_size=60))
def test_any_text_is_code_in_one_cell(text: str) -> None:
    """Whatever a name holds: one line, no open cell border, fences that match."""
    shown = code(text)
    assert len(shown.splitlines()) <= 1
    assert "|" not in shown.replace("\\|", "")


def test_a_long_body_is_cut_between_rows() -> None:
    """Within the limit of the forge, with the marker whole and a word about what is missing."""
    updates = [update(found=tracked(path=f"apps/{number}.yaml")) for number in range(500)]
    shown = body(*updates, limit=8_000)

    assert len(shown) <= 8_000
    assert "more places; the diff shows all of them" in shown
    assert read_marker(shown) == marker_of("f1", updates)


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_a_marker_survives_its_body(fingerprint: str, name: str) -> None:
    """What is written is read back, whatever the names hold, and nothing in it ends the comment."""
    marker = marker_of(fingerprint, [update(found=tracked(name=name))])
    text = f"before\n{marker}\nafter -->"

    assert read_marker(text) == marker
    assert str(marker).count("-->") == 1


def test_a_broken_marker_is_none() -> None:
    """Somebody edited it, or it is not ours."""
    assert read_marker("no marker") is None
    assert read_marker('<!-- updater:v1 {"fingerprint": 1} -->') is None
    assert read_marker("<!-- updater:v1 {broken} -->") is None


def test_tables_are_aligned() -> None:
    """Columns are as wide as their widest cell; the last one is free."""
    assert list(table([("a", "bb", "c"), ("aaa", "b", "")])) == ["a    bb  c", "aaa  b"]
