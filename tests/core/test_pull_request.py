"""Whole bodies of pull requests, as reviewers read them."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.core.made import DIGEST, NOW, tracked, update
from tests.material.charts import packed
from updater.config import Policy
from updater.material import Material
from updater.material.chart import read_chart
from updater.material.comparison import compare
from updater.material.contract import Override, check
from updater.material.notes import Notes
from updater.model.decide import Gone, Held, Update
from updater.model.lookup import Note, Release
from updater.model.scan import Edit, LockEntry, Package, Span
from updater.model.track import UpdateType
from updater.report.fitting import Part, fitted
from updater.report.marker import read_marker
from updater.report.pull_request import Circumstances, body_maker

HOME = "https://github.com/acme/api"


def body(*updates: Update, about: Material | None = None, limit: int = 60_000, **more: object) -> str:
    material = about or Material()
    circumstances = Circumstances(limit=limit, about=lambda _update: material)
    return body_maker(replace(circumstances, **more))("Update x", updates, "f1")  # type: ignore[arg-type]


def notes(*releases: tuple[str, str]) -> Notes:
    entries = tuple(
        Note(tag=tag, text=text, published=NOW - timedelta(days=day), url=f"{HOME}/releases/tag/{tag}")
        for day, (tag, text) in enumerate(releases, 1)
    )
    return Notes(home=HOME, notes=entries, comparison=f"{HOME}/compare/v1.5.0...{entries[0].tag}")


def image_material() -> Material:
    told = notes(
        ("v1.6.0", "## What's Changed\n* faster by @octo in https://github.com/acme/api/pull/41\n* fixes #40"),
        ("v1.5.1", "* a fix"),
    )
    return Material(source_url=HOME, notes=told)


def image_update() -> Update:
    return replace(update("1.6.0", found=tracked("1.5.0")), age_evidence="pushed 2026-11-20")


def test_a_single_image() -> None:
    """What changes, how old it is, what its developers say, what happens next."""
    assert body(image_update(), about=image_material()) == snapshot("""\
Updates `ghcr.io/acme/api` in production: 1 place in 1 file.

| What | Where | From | To | Step | Released |
| --- | --- | --- | --- | --- | --- |
| [`ghcr.io/acme/api`](https://github.com/acme/api) | `apps/production/api.yaml:1` | `1.5.0` | `1.6.0` | minor | pushed 2026-11-20 |

<details>
<summary>Release notes of <code>ghcr.io/acme/api</code></summary>

[All changes](https://github.com/acme/api/compare/v1.5.0...v1.6.0)

### [`v1.6.0`](https://github.com/acme/api/releases/tag/v1.6.0) (2026-11-22)

#### What's Changed
* faster by `@octo` in [#41](https://redirect.github.com/acme/api/pull/41)
* fixes [#40](https://redirect.github.com/acme/api/issues/40)

### [`v1.5.1`](https://github.com/acme/api/releases/tag/v1.5.1) (2026-11-21)

* a fix

</details>

**What happens next**

- **Merge** it and the reconciler deploys it.
- **Close** it and exactly this is not offered again; the next higher release is.
- **Push** a commit of your own and it is yours: it will not be rebuilt.

- [ ] <!-- rebase-check -->Tick this to have the branch made anew from its base.

<!-- updater:v1 {"fingerprint": "f1", "proposals": [["docker ghcr.io/acme/api", "1.6.0"]]} -->
""")


OLD = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.4.0\nappVersion: 2.0.0\n",
    "values.yaml": "image: {repository: ghcr.io/acme/web, tag: ''}\nserver: {port: 80, workers: 2}\ndebug: false\n",
    "templates/all.yaml": "{{ .Values.server.port }}{{ .Values.server.workers }}{{ toYaml .Values.extra }}",
}
NEW = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 2.0.0\nappVersion: 3.0.0\nkubeVersion: '>=1.28'\n",
    "values.yaml": "image: {repository: ghcr.io/acme/web, tag: ''}\nserver: {workers: 4}\nlisten: {port: 80}\ndebug: 'no'\n",
    "templates/all.yaml": "{{ .Values.listen.port }}{{ .Values.server.workers }}{{ toYaml .Values.extra }}",
    "crds/crd.yaml": "kind: CustomResourceDefinition\nmetadata:\n  name: webs.acme.io\n",
}


def chart_material() -> Material:
    old, new = read_chart(packed(OLD)), read_chart(packed(NEW))
    mine = [
        Override(path=("server", "port"), place="apps/web/values.yaml", line=3),
        Override(path=("sever", "workers"), place="apps/web/values.yaml", line=4),
    ]
    return Material(chart=compare(old, new), findings=tuple(check(mine, old, new)))


def chart_update() -> Update:
    found = tracked("1.4.0", name="web", path="apps/web/application.yaml", line=9, datasource="helm", versioning="helm")
    return update("2.0.0", found=found, update_type=UpdateType.MAJOR, published=NOW - timedelta(days=9))


def test_a_chart_with_a_lost_value() -> None:
    """First what needs to be looked at, then the table; what the chart changes is folded."""
    assert body(chart_update(), about=chart_material()) == snapshot("""\
Updates `web`: 1 place in 1 file.

**Look at this first**

- `server.port` (`apps/web/values.yaml:3`) **is lost**: the new chart does not read it any more; probably `listen.port` has taken its place.
- `sever.workers` (`apps/web/values.yaml:4`) does nothing: neither chart reads it.
- It wants Kubernetes `>=1.28`.
- Custom resource definitions change: `webs.acme.io`. Helm never updates those in `crds/` by itself.

| What | Where | From | To | Step | Released |
| --- | --- | --- | --- | --- | --- |
| `web` | `apps/web/application.yaml:9` | `1.4.0` | `2.0.0` | **major** | published 2026-11-14 |

<details>
<summary>Chart <code>web</code>: <code>1.4.0</code> → <code>2.0.0</code></summary>

- appVersion: `2.0.0` → `3.0.0`
- kubeVersion: `>=1.28`
- Images: 1
  - `image`: `ghcr.io/acme/web:2.0.0` → `ghcr.io/acme/web:3.0.0`
- Custom resource definitions: 1
  - `webs.acme.io`: added
- Values removed: 1
  - `server.port`: `80`
- Values of another type: 1
  - `debug`: `boolean` → `text`
- Defaults changed: 1
  - `server.workers`: `2` → `4`
- Values added: 1
  - `listen.port`: `80`

</details>

**What happens next**

- A **major** step: read the release notes before merging.
- **Merge** it and the reconciler deploys it.
- **Close** it and exactly this is not offered again; the next higher release is.
- **Push** a commit of your own and it is yours: it will not be rebuilt.

- [ ] <!-- rebase-check -->Tick this to have the branch made anew from its base.

<!-- updater:v1 {"fingerprint": "f1", "proposals": [["helm web", "2.0.0"]]} -->
""")


def test_a_group_across_environments() -> None:
    """Each place has its row and its environment is named; the same notes are shown once; what is held is told."""
    places = (("staging", "1.5.0"), ("production", "1.4.2"))
    updates = [update("1.6.0", found=tracked(old, path=f"apps/{place}/api.yaml", line=7)) for place, old in places]
    held = Held(
        tracked=updates[0].tracked,
        update_type=UpdateType.MINOR,
        new_version="1.7.0",
        rule="minimumReleaseAge",
        reason="pushed 2026-11-22; minimumReleaseAge is 3 days",
        until=NOW + timedelta(days=2),
    )
    told = Material(source_url=HOME, notes=notes(("v1.6.0", "* faster")))

    assert body(*updates, about=told, held=(held,)) == snapshot("""\
Updates `ghcr.io/acme/api` in production and staging: 2 places in 2 files.

| What | Where | From | To | Step |
| --- | --- | --- | --- | --- |
| [`ghcr.io/acme/api`](https://github.com/acme/api) | `apps/staging/api.yaml:7` | `1.5.0` | `1.6.0` | minor |
| [`ghcr.io/acme/api`](https://github.com/acme/api) | `apps/production/api.yaml:7` | `1.4.2` | `1.6.0` | minor |

<details>
<summary>Release notes of <code>ghcr.io/acme/api</code></summary>

[All changes](https://github.com/acme/api/compare/v1.5.0...v1.6.0)

### [`v1.6.0`](https://github.com/acme/api/releases/tag/v1.6.0) (2026-11-22)

* faster

</details>

**Newer, but not offered yet**

- `1.7.0`: pushed 2026-11-22; minimumReleaseAge is 3 days (offered from 2026-11-25 12:00 UTC)

**What happens next**

- **Merge** it and the reconciler deploys it.
- **Close** it and exactly this is not offered again; the next higher release is.
- **Push** a commit of your own and it is yours: it will not be rebuilt.

- [ ] <!-- rebase-check -->Tick this to have the branch made anew from its base.

<!-- updater:v1 {"fingerprint": "f1", "proposals": [["docker ghcr.io/acme/api", "1.6.0"]]} -->
""")


def test_a_digest() -> None:
    """Only the digest moves; that the one in use is gone comes first."""
    found = tracked("1.5.0", digest=DIGEST)
    moved = update("1.5.0", found=found, update_type=UpdateType.DIGEST, new_digest="sha256:" + "cd" * 32)
    gone = Gone(tracked=found, name=DIGEST, reason="its registry does not have it any more")

    assert body(replace(moved, age_evidence="built 2026-11-20, says its publisher"), gone=(gone,)) == snapshot("""\
Updates `ghcr.io/acme/api` in production: 1 place in 1 file.

**Look at this first**

- `sha256:abababababababababababababababababababababababababababababababab` of `ghcr.io/acme/api`, which is in use, does not resolve: its registry does not have it any more.

| What | Where | From | To | Step | Released |
| --- | --- | --- | --- | --- | --- |
| `ghcr.io/acme/api` | `apps/production/api.yaml:1` | `1.5.0` `abababababab` | `1.5.0` `cdcdcdcdcdcd` | digest | built 2026-11-20, says its publisher |

**What happens next**

- **Merge** it and the reconciler deploys it.
- **Close** it and exactly this is not offered again; the next higher release is.
- **Push** a commit of your own and it is yours: it will not be rebuilt.

- [ ] <!-- rebase-check -->Tick this to have the branch made anew from its base.

<!-- updater:v1 {"fingerprint": "f1", "proposals": [["docker ghcr.io/acme/api", "sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"]]} -->
""")


def test_a_terraform_provider_with_its_lock_file() -> None:
    """A range with the version it means; the lock file stands beside the place."""
    package = Package(datasource="terraform-provider", name="hashicorp/aws")
    lock = LockEntry(
        manager="terraform-lock",
        path="infra/.terraform.lock.hcl",
        line=4,
        package=package,
        version="5.30.0",
        version_span=Span(0, 6),
    )
    found = tracked(
        "~> 5.30", name="aws", path="infra/versions.tf", line=6, datasource="terraform-provider",
        versioning="hashicorp", lock=lock,
    )  # fmt: skip
    edits = (
        Edit(path="infra/versions.tf", span=Span(0, 7), text="~> 5.31"),
        Edit(path=lock.path, span=Span(0, 6), text="5.31.0"),
    )
    made = update("~> 5.31", found=found, edits=edits)
    offer = replace(made.offer, version="5.31.0", release=Release(version="5.31.0", published=NOW))

    assert body(replace(made, offer=offer, current_version="5.30.0")) == snapshot("""\
Updates `aws`: 1 place in 2 files.

| What | Where | From | To | Step | Released |
| --- | --- | --- | --- | --- | --- |
| `aws` | `infra/versions.tf:6`<br>`infra/.terraform.lock.hcl` | `~> 5.30` (`5.30.0`) | `~> 5.31` (`5.31.0`) | minor | published 2026-11-23 |

**What happens next**

- **Merge** it and the reconciler deploys it.
- **Close** it and exactly this is not offered again; the next higher release is.
- **Push** a commit of your own and it is yours: it will not be rebuilt.

- [ ] <!-- rebase-check -->Tick this to have the branch made anew from its base.

<!-- updater:v1 {"fingerprint": "f1", "proposals": [["terraform-provider aws", "~\\u003e 5.31"]]} -->
""")


def test_the_page_on_pull_requests_shows_real_ones() -> None:
    """``docs/pull-requests.md`` holds two of these bodies as they are."""
    page = Path("docs/pull-requests.md").read_text()

    assert body(chart_update(), about=chart_material()) in page
    assert body(image_update(), about=image_material()) in page


# ---------------------------------------------------------------- limits


def test_what_is_missed_least_goes_first() -> None:
    """With ever less room: fewer release notes, then less of the chart and the table; warnings and marker stay."""
    told = replace(
        chart_material(), notes=notes(*((f"v1.{n}.0", "* a line of notes\n" * 60) for n in range(20, 0, -1)))
    )
    bodies = [body(chart_update(), about=told, limit=limit) for limit in (60_000, 8_000, 2_200, 1_400)]

    assert [len(each) <= limit for each, limit in zip(bodies, (60_000, 8_000, 2_200, 1_400), strict=True)] == [True] * 4
    assert [each.count("### [`v1.") for each in bodies] == [20, 5, 0, 0]
    assert all("**is lost**" in each and read_marker(each) for each in bodies)
    assert all(len(one) > len(other) for one, other in pairwise(bodies))


def test_parts_are_shortened_by_weight() -> None:
    """The lightest is exhausted before the next one is touched."""
    parts = [Part(weight=2, lengths=["heavy", "h", ""]), Part(weight=1, lengths=["light", "l", ""])]

    assert fitted(parts, 100) == "heavy\n\nlight\n"
    assert fitted(parts, 9) == "heavy\n\nl\n"
    assert fitted(parts, 8) == "heavy\n"
    assert fitted(parts, 3) == "h\n"


# ---------------------------------------------------------------- options


def test_header_footer_columns_and_definitions() -> None:
    """``prHeader``, ``prFooter``, ``prBodyColumns`` with Renovate's names, and ``prBodyDefinitions``."""
    policy = Policy(
        pr_header="Ask #platform first.",
        pr_footer="The platform team",
        pr_body_columns=("Package", "Change", "Team", "Unknown"),
        pr_body_definitions={"Team": "{{depName}} of {{environment}}"},
    )
    shown = body(update("1.1.0", found=tracked(policy=policy), policy=policy))

    assert shown.startswith("Ask #platform first.\n\nUpdates ")
    assert "| Package | Change | Team |\n" in shown
    assert "| `ghcr.io/acme/api` | `1.0.0` → `1.1.0` | ghcr.io/acme/api of production |" in shown
    assert "The platform team\n\n<!-- updater:v1" in shown


def test_a_template_arranges_the_parts() -> None:
    """``prBodyTemplate``: the parts it names, with its own text between them; the marker stays whatever it says."""
    policy = Policy(pr_body_template="{{{footer}}}Read this: {{{table}}}{{#if isMajor}}no{{/if}}", pr_footer="The end")
    shown = body(update("1.1.0", policy=policy))

    assert shown.startswith("The end\n\nRead this:\n\n| What |")
    assert "What happens next" not in shown
    assert read_marker(shown) is not None


def test_the_page_with_the_changes_may_be_another() -> None:
    """``changelogUrl`` is linked in the place of what is known."""
    url = "https://example.com/changes"

    assert f"]({url})" in body(update("1.1.0", policy=Policy(changelog_url=url)))
    assert url not in body(update("1.1.0"))


def test_the_source_may_be_elsewhere() -> None:
    """``sourceUrl`` is linked in the place of what the registry tells."""
    found = replace(update("1.1.0"), source_url=HOME)
    url = "https://example.com/source"

    assert f"]({HOME})" in body(found)
    assert f"]({url})" in body(replace(update("1.1.0", policy=Policy(source_url=url)), source_url=HOME))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", "https://x/)[y](https://z"])
def test_addresses_of_strangers_are_links_only_if_they_look_like_some(url: str) -> None:
    """``changelogUrl`` and source links with anything else in them are left out."""
    policy = Policy(changelog_url=url, source_url=url)

    assert url not in body(update("1.1.0", policy=policy))
