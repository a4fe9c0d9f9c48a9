"""Grouping and naming."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from tests.core.made import DIGEST, tracked, update
from updater import naming
from updater.config import Policy
from updater.config.subject import UPDATE_VALUES
from updater.group import Grouped, files_of, group
from updater.model.decide import Update
from updater.model.forge import Base
from updater.model.scan import Edit, LockEntry, Package, SourceFile, Span
from updater.model.track import UpdateType

BASE = Base("main", "b" * 40)


def grouped(*updates: Update, semantic: bool = False) -> Grouped:
    texts = {edit.path: "1.0.0" + " " * 100 for each in updates for edit in each.edits}
    return group(updates, texts, lambda title, _updates, _fingerprint: title, {}, base=BASE, semantic=semantic)


def names(*updates: Update) -> list[str]:
    return sorted(branch.name for branch in grouped(*updates).branches)


@pytest.mark.parametrize(
    ("made", "branch", "title"),
    [
        (update("1.1.0"), "updater/ghcr.io-acme-api-1.x", "Update ghcr.io/acme/api Docker tag to v1.1.0"),
        (
            update("2.0.0", update_type=UpdateType.MAJOR),
            "updater/ghcr.io-acme-api-2.x",
            "Update ghcr.io/acme/api Docker tag to v2",
        ),
        (
            update("1.0.1", update_type=UpdateType.PATCH, policy=Policy(separate_minor_patch=True)),
            "updater/ghcr.io-acme-api-1.0.x",
            "Update ghcr.io/acme/api Docker tag to v1.0.1",
        ),
        (
            update("1.0.0", update_type=UpdateType.DIGEST, new_digest=DIGEST),
            "updater/ghcr.io-acme-api-1.0.0",
            "Update ghcr.io/acme/api:1.0.0 Docker digest to abababa",
        ),
        (
            update("1.0.0", update_type=UpdateType.PIN_DIGEST, new_digest=DIGEST),
            "updater/pin-dependencies",
            "Pin dependencies",
        ),
        (
            update("1.1.0", found=tracked(name="cert-manager", datasource="helm", versioning="helm")),
            "updater/cert-manager-1.x",
            "Update Helm release cert-manager to v1.1.0",
        ),
        (
            update("1.1.0", found=tracked(name="ghcr.io/charts/external-secrets", versioning="helm")),
            "updater/external-secrets-1.x",
            "Update Helm release external-secrets to v1.1.0",
        ),
        (
            update(
                "~> 6.0",
                found=tracked("~> 5.0", name="aws", datasource="terraform-provider", versioning="hashicorp"),
                update_type=UpdateType.MAJOR,
            ),
            "updater/aws-6.x",
            "Update Terraform aws to v6",
        ),
    ],
)
def test_branches_and_titles(made: Update, branch: str, title: str) -> None:
    """Each kind of update has the branch and the title that users of Renovate know."""
    if made.offer.new_value == "~> 6.0":
        made = update_to(made, "6.0.0")
    (found,) = grouped(made).branches
    assert (found.name, found.title) == (branch, title)


def update_to(made: Update, version: str) -> Update:

    return replace(made, offer=replace(made.offer, version=version))


def test_equal_names_share_a_branch() -> None:
    """Staging and production going to the same version are one pull request."""
    staging = update(found=tracked(path="apps/staging/api.yaml"))
    (branch,) = grouped(staging, update()).branches

    assert sorted(branch.files) == ["apps/production/api.yaml", "apps/staging/api.yaml"]


def test_variants_of_an_image_get_branches_of_their_own() -> None:
    """The plain image and its Alpine variant do not share a pull request with a vague title."""
    plain = update("1.1.0")
    alpine = update("1.5.0-alpine", found=tracked("1.0.0-alpine", path="b.yaml"))

    assert names(plain, alpine) == ["updater/ghcr.io-acme-api-1.x", "updater/ghcr.io-acme-api-1.x-alpine"]


def test_groups() -> None:
    """``groupName`` joins what it names; majors stay apart unless told otherwise."""
    policy = Policy(group_name="The Platform", branch_prefix="renovate/")
    minor = update("1.1.0", policy=policy)
    other = update("1.2.0", found=tracked(name="nginx", path="b.yaml"), policy=policy)
    major = update("2.0.0", found=tracked(name="redis", path="c.yaml"), update_type=UpdateType.MAJOR, policy=policy)
    others = update("3.0.0", found=tracked(name="valkey", path="d.yaml"), update_type=UpdateType.MAJOR, policy=policy)
    titles = {branch.name: branch.title for branch in grouped(minor, other, major, others).branches}

    assert titles == {
        "renovate/the-platform": "Update The Platform",
        "renovate/major-the-platform": "Update The Platform (major)",
    }


def test_a_group_says_where_it_goes_if_that_is_one_version() -> None:
    """What goes by one version number, such as a chart's images, needs no "(major)"."""
    policy = Policy(group_name="the platform")
    one = update("2.0.0", found=tracked(name="a"), update_type=UpdateType.MAJOR, policy=policy)
    other = update("2.0.0-alpine", found=tracked(name="b", path="b.yaml"), update_type=UpdateType.MAJOR, policy=policy)

    assert [branch.title for branch in grouped(one, other).branches] == ["Update the platform to v2"]


@pytest.mark.parametrize(
    ("options", "kind", "title"),
    [
        ({}, UpdateType.MAJOR, "Update the platform (major)"),
        ({"commit_message_suffix": "in staging"}, UpdateType.MAJOR, "Update the platform in staging (major)"),
        ({"pr_title": "All of it"}, UpdateType.MAJOR, "All of it (major)"),
        ({"pr_title_strict": True}, UpdateType.MAJOR, "Update the platform"),
        ({"separate_major_minor": False}, UpdateType.MAJOR, "Update the platform"),
        ({"separate_minor_patch": True}, UpdateType.MINOR, "Update the platform (minor)"),
        ({"separate_minor_patch": True}, UpdateType.PATCH, "Update the platform (patch)"),
        ({}, UpdateType.PATCH, "Update the platform"),
    ],
)
def test_a_group_that_is_set_apart_says_by_what(options: dict[str, Any], kind: UpdateType, title: str) -> None:
    """After all other words, also those of one's own."""
    policy = Policy(group_name="the platform", **options)
    one = update("2.0.0", found=tracked(name="a"), update_type=kind, policy=policy)
    other = update("3.0.0", found=tracked(name="b", path="b.yaml"), update_type=kind, policy=policy)

    assert [branch.title for branch in grouped(one, other).branches] == [title]


@pytest.mark.parametrize(
    ("group_options", "branch", "title"),
    [
        ({"commitMessageTopic": "{{{groupName}}} group"}, "updater/the-platform", "Update the Platform group"),
        ({"branchTopic": "all-{{groupSlug}}"}, "updater/all-the-platform", "Update the Platform"),
        (
            {"commitMessageAction": "Raise", "commitMessagePrefix": "x:"},
            "updater/the-platform",
            "x: Raise the Platform",
        ),
        ({"prTitle": "{{groupName}}!"}, "updater/the-platform", "the Platform!"),
        ({"commitMessageTopic": None}, "updater/the-platform", "Update the Platform"),
    ],
)
def test_a_group_may_be_named_otherwise(group_options: dict[str, object], branch: str, title: str) -> None:
    """By what ``group`` holds; a single update is named as without it."""
    policy = Policy(group_name="the Platform", group=group_options)
    made = [update(version, found=tracked(name=version, path=version), policy=policy) for version in ("1.1.0", "1.2.0")]
    (several,) = grouped(*made).branches
    (single,) = grouped(made[0]).branches

    assert (several.name, several.title) == (branch, title)
    assert (single.name, single.title) == (branch, "Update 1.1.0 Docker tag to v1.1.0")


def test_an_empty_extra_says_nothing() -> None:
    """``commitMessageExtra`` may be switched off."""
    (branch,) = grouped(update("1.1.0", policy=Policy(commit_message_extra=""))).branches

    assert branch.title == "Update ghcr.io/acme/api Docker tag"


def test_templates_about_an_update_know_its_digests_and_the_policy() -> None:
    """All that ``UPDATE_VALUES`` names, and options."""
    policy = Policy(pr_title="{{semanticPrefix}}{{depName}} {{currentDigestShort}} -> {{displayTo}} ({{versioning}})")
    found = tracked(digest=DIGEST)
    made = update("1.0.0", found=found, update_type=UpdateType.DIGEST, new_digest=f"sha256:{'c' * 64}", policy=policy)

    assert naming.title([made], semantic=False) == "chore(deps): ghcr.io/acme/api abababa -> ccccccc (docker)"
    assert naming.template_values_of(made).keys() >= UPDATE_VALUES


@pytest.mark.parametrize(
    ("options", "title"),
    [({}, "Update redis Docker tag to v1.1.0"), ({"group_single_updates": True}, "Update the platform")],
)
def test_a_group_of_one_looks_like_no_group(options: dict[str, bool], title: str) -> None:
    """Unless ``groupSingleUpdates`` says so; its branch is the group's in any case."""
    policy = Policy(group_name="the platform", **options)  # type: ignore[arg-type]  # they are of the right type
    (branch,) = grouped(update("1.1.0", found=tracked(name="redis"), policy=policy)).branches

    assert (branch.name, branch.title) == ("updater/the-platform", title)


def test_a_prefix_of_ones_own_leaves_capitals() -> None:
    """Only subjects that semantic commits have put a type in front of are in lower case."""
    own = update("1.1.0", policy=Policy(commit_message_prefix="feat!:", semantic_commits="enabled"))
    semantic = update("1.1.0", policy=Policy(semantic_commits="enabled"))

    assert naming.title([own], semantic=True) == "feat!: Update ghcr.io/acme/api Docker tag to v1.1.0"
    assert naming.title([semantic], semantic=True).startswith("chore(deps): update ghcr")


def test_no_version_has_two_vs() -> None:
    """As it comes of ``v{{newVersion}}`` where versions have one themselves."""
    made = update("v1.1.0", found=tracked("v1.0.0"), policy=Policy(commit_message_extra="to v{{newVersion}}"))

    assert naming.title([made], semantic=False) == "Update ghcr.io/acme/api Docker tag to v1.1.0"


def test_a_title_names_no_variant() -> None:
    """The number is enough, unless only the rest changes."""
    alpine = update("1.1.0-alpine", found=tracked("1.0.0-alpine", name="web"))
    build = update("1.0.0-debian-12-r3", found=tracked("1.0.0-debian-12-r1", name="db", path="b.yaml"))

    assert [branch.title for branch in grouped(alpine, build).branches] == [
        "Update db Docker tag to v1.0.0-debian-12-r3",
        "Update web Docker tag to v1.1.0",
    ]


def test_a_branch_may_be_called_by_a_hash() -> None:
    """``hashedBranchLength`` counts the prefix; the name stays the same from run to run."""
    (name,) = names(update("1.1.0", policy=Policy(hashed_branch_length=20)))
    (strict,) = names(update("1.1.0", policy=Policy(branch_name_strict=True)))

    assert name == "updater/" + hashlib.sha512(b"ghcr.io-acme-api-1.x").hexdigest()[:12]
    assert strict == "updater/ghcr-io-acme-api-1-x"


def test_a_title_of_your_own_takes_the_place_of_the_subject() -> None:
    """``prTitle`` is a template."""
    made = update("1.1.0", policy=Policy(pr_title="{{depName}}: {{currentVersion}} → {{newVersion}}"))
    assert [branch.title for branch in grouped(made).branches] == ["ghcr.io/acme/api: 1.0.0 → 1.1.0"]


def test_where_from_is_said_only_if_it_is_one_version() -> None:
    """Staging and production may come from different ones."""
    policy = Policy(commit_message_extra="from {{currentVersion}} to {{newVersion}}")
    one = update("1.2.0", policy=policy)
    other = update("1.2.0", found=tracked("1.1.0", path="b.yaml"), policy=policy)

    assert [branch.title for branch in grouped(one).branches] == [
        "Update ghcr.io/acme/api Docker tag from 1.0.0 to 1.2.0"
    ]
    assert [branch.title for branch in grouped(one, other).branches] == ["Update ghcr.io/acme/api Docker tag to v1.2.0"]


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        (["fix: a", "feat(ui)!: b", "Merge pull request #1"], True),
        (["Fix a", "feat: b"], False),
        ([], False),
        (["chore: a"] + ["Old habits"] * 3, False),
        (["chore: a"] * 20 + ["Old habits"] * 80, True),
    ],
)
def test_the_latest_subjects_tell_whether_they_have_types(subjects: list[str], *, expected: bool) -> None:
    """Twenty of them, without merges; more than half decide."""
    assert naming.speaks_semantic(subjects) is expected


def test_a_dependency_appears_once_in_a_group() -> None:
    """Where a group holds both a new tag and a new digest of the present one, the tag wins."""
    policy = Policy(group_name="all")
    found = tracked(digest=DIGEST)
    tag = update("1.1.0", found=found, policy=policy)
    digest = update("1.0.0", found=found, update_type=UpdateType.DIGEST, new_digest=DIGEST, policy=policy)
    (branch,) = grouped(digest, tag).branches

    assert branch.updates == (tag,)


def test_semantic_titles() -> None:
    """With semantic commits the title begins with type and scope, and goes on in lower case."""
    (branch,) = grouped(update(), semantic=True).branches
    assert branch.title == "chore(deps): update ghcr.io/acme/api docker tag to v1.1.0"


def test_the_fingerprint_does_not_depend_on_the_place() -> None:
    """The same change further down in the file is the same proposal; another value is another one."""
    here = update()
    there = update(edits=[Edit(path="apps/production/api.yaml", span=Span(50, 55), text="1.1.0")])
    (one,), (two,), (three,) = (grouped(each).branches for each in (here, there, update("1.1.1")))

    assert one.fingerprint == two.fingerprint != three.fingerprint


def test_contradicting_edits_are_reported() -> None:
    """A branch that cannot be made is a failure of that branch; the others are made."""
    policy = Policy(group_name="all")
    first = update("1.1.0", policy=policy)
    second = update(
        "1.2.0",
        found=tracked(name="other", line=2),
        policy=policy,
        edits=[Edit(path="apps/production/api.yaml", span=Span(0, 5), text="1.2.0")],
    )
    fine = update(found=tracked(path="b.yaml", name="nginx"))
    both = group(
        [first, update_place(second), fine],
        {"apps/production/api.yaml": "1.0.0", "b.yaml": "1.0.0"},
        lambda title, _updates, _fingerprint: title,
        {},
        base=BASE,
        semantic=False,
    )

    assert [each.subject for each in both.failed] == ["branch updater/all"]
    assert [branch.name for branch in both.branches] == ["updater/nginx-1.x"]


def update_place(made: Update) -> Update:
    dependency = structs.replace(made.tracked.dependency, span=Span(0, 4))
    return replace(made, tracked=structs.replace(made.tracked, dependency=dependency))


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("localhost:5055/foo/bar", "updater/localhost-5055-foo-bar-1.x"),
        ("@scope/name", "updater/scope-name-1.x"),
        ("https://git.example.com/a b.git", "updater/https-git.example.com-a-b.git-1.x"),
        ("..evil/../name~^:?*[", "updater/evil-.-name-1.x"),
    ],
)
def test_names_become_valid_refs(name: str, branch: str) -> None:
    """Whatever a dependency is called, its branch is one that Git accepts."""
    from updater import git

    found = naming.branch_name(update(found=tracked(name=name)))
    assert found == branch
    assert git.is_valid_branch(found)


def test_titles_are_one_line() -> None:
    """A name with line breaks cannot add lines to a commit message."""
    assert "\n" not in naming.title([update(found=tracked(name="a\nb"))], semantic=False)


# ---------------------------------------------------------------- lock files

CHART, LOCK = "Chart.yaml", "Chart.lock"
TEXTS = {CHART: "1.0.0\n2.0.0\n", LOCK: "1.0.0\n2.0.0\nseal: 1.0.0/2.0.0|1.0.0/2.0.0\n"}


class Notary:
    """A manager of lock files whose seal is what both files say."""

    def seal(self, lock: SourceFile, locked: Sequence[SourceFile]) -> Iterator[Edit]:
        words, _, seal = lock.text.partition("\nseal: ")
        if "9" in words:
            raise ValueError("nine cannot be sealed")
        (chart,) = locked
        text = "|".join("/".join(each.split()) for each in (chart.text, words))
        start = len(words) + len("\nseal: ")
        if seal.strip() != text:
            yield Edit(path=lock.path, span=Span(start, start + len(seal.strip())), text=text)


def locked_update(number: int, new: str, *, value: str | None = None, policy: Policy | None = None) -> Update:
    """An update of the chart in line ``number`` to ``new``; ``value`` is what stands in the chart afterwards."""
    old = f"{number}.0.0"
    span = Span(6 * number - 6, 6 * number - 1)
    lock = LockEntry(
        manager="notary",
        path=LOCK,
        line=number,
        package=Package(datasource="helm", name=f"chart-{number}"),
        version=old,
        version_span=span,
        places=(),
    )
    found = tracked(old, name=f"chart-{number}", path=CHART, line=number, datasource="helm", versioning="helm")
    found = structs.replace(found, dependency=structs.replace(found.dependency, span=span), lock=lock)
    texts = {CHART: value or new, LOCK: new}
    edits = [Edit(path=path, span=span, text=text) for path, text in texts.items() if text != old]
    return update(new, found=found, policy=policy, edits=edits)


def sealed(*updates: Update) -> Grouped:
    return group(
        updates, TEXTS, lambda title, _updates, _fingerprint: title, {"notary": Notary()}, base=BASE, semantic=False
    )


def files(*updates: Update) -> list[Mapping[str, str]]:
    return [branch.files for branch in sealed(*updates).branches]


def test_a_lock_file_is_sealed_last() -> None:
    """The updates of a branch share one seal over the final texts of both files."""
    policy = Policy(group_name="all")
    both = files(locked_update(1, "1.1.0", policy=policy), locked_update(2, "2.2.0", policy=policy))

    assert both == [{CHART: "1.1.0\n2.2.0\n", LOCK: "1.1.0\n2.2.0\nseal: 1.1.0/2.2.0|1.1.0/2.2.0\n"}]


def test_each_branch_has_a_seal_of_its_own() -> None:
    """A branch is sealed as if it were the only one."""
    assert files(locked_update(1, "1.1.0"), locked_update(2, "2.2.0")) == [
        {CHART: "1.1.0\n2.0.0\n", LOCK: "1.1.0\n2.0.0\nseal: 1.1.0/2.0.0|1.1.0/2.0.0\n"},
        {CHART: "1.0.0\n2.2.0\n", LOCK: "1.0.0\n2.2.0\nseal: 1.0.0/2.2.0|1.0.0/2.2.0\n"},
    ]


def test_an_update_of_the_lock_file_alone() -> None:
    """What is read for sealing and not edited is no file of the branch."""
    within = locked_update(1, "1.1.0", value="1.0.0")

    assert files_of(within) == {CHART, LOCK}
    assert files(within) == [{LOCK: "1.1.0\n2.0.0\nseal: 1.0.0/2.0.0|1.1.0/2.0.0\n"}]


def test_a_pin_needs_a_seal() -> None:
    """Where nothing but the chart is edited, the lock file is sealed all the same."""
    pin = locked_update(1, "1.0.0", value="=1.0.0")

    assert files(pin) == [{CHART: "=1.0.0\n2.0.0\n", LOCK: "1.0.0\n2.0.0\nseal: =1.0.0/2.0.0|1.0.0/2.0.0\n"}]


def test_what_cannot_be_sealed() -> None:
    """A branch with a lock file that cannot be sealed is a failure with the reason; the others are made."""
    both = sealed(locked_update(1, "9.0.0"), locked_update(2, "2.2.0"))

    assert [(each.subject, each.error) for each in both.failed] == [
        ("branch updater/chart-1-9.x", "Chart.lock: nine cannot be sealed")
    ]
    assert [branch.name for branch in both.branches] == ["updater/chart-2-2.x"]


def test_the_seal_is_no_part_of_the_proposal() -> None:
    """The same update beside another state of the base is the same proposal, whatever its seal."""
    found = locked_update(1, "1.1.0")
    elsewhere = {CHART: "1.0.0\n2.5.0\n", LOCK: "1.0.0\n2.5.0\nseal: 1.0.0/2.5.0|1.0.0/2.5.0\n"}
    one, two = (
        group(
            [found], texts, lambda title, _updates, _fingerprint: title, {"notary": Notary()}, base=BASE, semantic=False
        ).branches[0]
        for texts in (TEXTS, elsewhere)
    )

    assert one.files != two.files
    assert one.fingerprint == two.fingerprint


def test_people_of_all_updates_are_on_the_branch() -> None:
    """Each once, without the ``@`` that people may write; teams are asked, never assigned."""
    first = update("1.1.0", policy=Policy(assignees=("@ann",), reviewers=("bob", "team:ops"), milestone=7))
    owned = Policy(assignees=("ann",), assignees_from_code_owners=True, reviewers_from_code_owners=True)
    second = update("1.1.0", found=tracked(path="b.yaml", policy=owned))
    texts = {edit.path: "1.0.0" + " " * 100 for each in (first, second) for edit in each.edits}
    asked: list[list[str]] = []

    def owners_of(paths: Iterable[str]) -> tuple[str, ...]:
        asked.append(sorted(paths))
        return ("kim", "team:platform")

    made = group([first, second], texts, lambda title, *_: title, {}, base=BASE, semantic=False, owners_of=owners_of)
    branch = made.branches[0]

    assert branch.assignees == ("ann", "kim")
    assert branch.reviewers == ("bob", "team:ops", "kim", "team:platform")
    assert branch.milestone == "7"
    assert asked == [["apps/production/api.yaml", "b.yaml"]]


def test_labels_are_filled_in_and_cut() -> None:
    """Templates speak of the update; no label is longer than forges take, or empty."""
    policy = Policy(labels=("{{{updateType}}}", "l" * 60), add_labels=("{{{depType}}}", "minor"))

    assert grouped(update("1.1.0", policy=policy)).branches[0].labels == ("minor", "l" * 50)
