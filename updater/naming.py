"""Names of branches and titles of pull requests. Pure.

The conventions are those that users of ``renovate.json`` know (an update of ``nginx`` to 1.2.3 goes to the branch
``…/nginx-1.x`` under the title "Update nginx Docker tag to v1.2.3"), so that open branches can be adopted.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec

from updater import versioning
from updater.config import Policy
from updater.config.rules import policy_values
from updater.config.subject import template_values
from updater.config.table import options_of
from updater.config.values import GROUP_OPTIONS
from updater.model.decide import Update
from updater.model.track import UpdateType
from updater.templates import render
from updater.track import subject_of

_DIGEST_TYPES = (UpdateType.DIGEST, UpdateType.PIN_DIGEST)
_ACTIONS = {
    UpdateType.PIN: "Pin",
    UpdateType.PIN_DIGEST: "Pin",
    UpdateType.REPLACEMENT: "Replace",
    UpdateType.ROLLBACK: "Roll back",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._/-]+")
_DASHES = re.compile(r"--+")
_TYPED = re.compile(r"[a-z]+(?:\([^()]*\))?!?: ")
_DOUBLE_V = re.compile(r"\bto vv(?=[0-9])")
"""What comes of ``to v{{newVersion}}``, which many configurations have, where versions begin with a v."""
_SAMPLE = 20
"""How many of the latest commits tell how subjects are written."""


def branch_name(update: Update) -> str:
    """The branch that an update belongs to; updates with the same name share a branch."""
    policy = update.offer.policy
    name = _safe(policy.additional_branch_prefix + _topic_of_branch(update))
    if policy.branch_name_strict:
        name = _DASHES.sub("-", re.sub(r"[^A-Za-z0-9-]", "-", name))
    prefix = policy.branch_prefix + _part_of_base(update)
    if policy.hashed_branch_length is not None:
        name = _hashed(name, policy.hashed_branch_length - len(prefix))
    return prefix + name


def _part_of_base(update: Update) -> str:
    """What tells the branches for one base from those for another."""
    branch = update.tracked.dependency.branch
    return f"{branch}-" if branch is not None else ""


def _hashed(name: str, length: int) -> str:
    """A name of a certain length, at least of six characters: shorter ones would soon be the same."""
    return hashlib.sha512(name.encode()).hexdigest()[: max(length, 6)]


def variant(update: Update) -> str:
    """What sets an image variant's version apart (``1.27.0-alpine3.19`` → ``alpine``); empty for a plain version."""
    words = re.findall(r"[A-Za-z]{2,}", update.offer.new_value or "")
    return "-".join(words).lower()


def title(updates: Sequence[Update], *, semantic: bool) -> str:
    """The title of a pull request; ``semantic`` says whether the history has subjects with types."""
    policy, branch = _policy(updates), _leading(updates).tracked.dependency.branch
    text = rendered(policy.pr_title, _leading(updates)) if policy.pr_title else subject(updates, semantic=semantic)
    remarks = () if policy.pr_title_strict else (branch, _size(updates))
    return " ".join((text, *(f"({remark})" for remark in remarks if remark)))


def subject(updates: Sequence[Update], *, semantic: bool) -> str:
    """The first line of the commit."""
    first = _leading(updates)
    policy = _policy(updates)
    semantic = policy.semantic_commits == "enabled" or (policy.semantic_commits == "auto" and semantic)
    prefix = policy.commit_message_prefix or (_semantic_prefix(policy) if semantic else "")
    words = (
        policy.commit_message_action or _ACTIONS.get(first.update_type, "Update"),
        _group_topic(first) if _is_group(updates) else _topic(first),
        _to(updates),
        policy.commit_message_suffix,
    )
    subject = _DOUBLE_V.sub("to v", " ".join(" ".join(word for word in words if word).split()))
    lower = semantic and not policy.commit_message_prefix and policy.commit_message_lower_case == "auto"
    return f"{prefix} {subject.lower() if lower else subject}".strip()


def _leading(updates: Sequence[Update]) -> Update:
    """The update whose words count where those of several differ: of the first name, that in the last file.

    So it has always been for users of ``renovate.json``, and titles of adopted pull requests stay what they are.
    """
    name = min(update.tracked.name for update in updates)
    return max(
        (update for update in updates if update.tracked.name == name),
        key=lambda update: update.tracked.dependency.path,
    )


def _policy(updates: Sequence[Update]) -> Policy:
    """What holds of the pull request: of a group, what ``group`` says of names."""
    first = _leading(updates)
    policy = first.offer.policy
    if not policy.group or not _is_group(updates):
        return policy
    fields = {option.name: option.field for option in options_of(Policy).values()}
    texts = {fields[name]: text for name, text in policy.group.items() if name in GROUP_OPTIONS}
    return msgspec.structs.replace(
        policy, **{field: rendered(text, first) if isinstance(text, str) else text for field, text in texts.items()}
    )


def speaks_semantic(subjects: Iterable[str]) -> bool:
    """Whether most of the latest subjects have a type, as in ``fix(api)!: …``; merges do not count."""
    written = [each for each in subjects if not each.startswith("Merge ")][:_SAMPLE]
    typed = sum(_TYPED.match(each) is not None for each in written)
    return 2 * typed > len(written)


def change(update: Update) -> tuple[str, str]:
    """What an update goes from and to, as one line has room for it."""
    found, digest = update.tracked.dependency, (update.new_digest or "").removeprefix("sha256:")[:7]
    old = (found.current_digest or "").removeprefix("sha256:")[:7]
    if update.offer.new_value in (None, found.current_value) and digest:
        return old or found.current_value or "", digest
    return found.current_value or update.current_version or "", _target_value(update)


def _target_value(update: Update) -> str:
    return str(update.offer.replacement or update.offer.new_value or update.offer.version)


def slug(text: str) -> str:
    """A group's name as part of a branch name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def short_name(update: Update) -> str:
    """The name that people call the dependency: a chart in a container registry goes by its last part."""
    name = update.tracked.name
    return name.rsplit("/", 1)[-1] if is_chart(update) else name


def is_chart(update: Update) -> bool:
    """Whether the dependency is a Helm chart, from whatever registry."""
    package = update.tracked.package
    return package.datasource == "helm" or (package.datasource == "docker" and update.tracked.versioning == "helm")


def _topic_of_branch(update: Update) -> str:
    policy = update.offer.policy
    if policy.group_name:
        group_slug = _group_prefix(update) + slug(policy.group_slug or policy.group_name)
        topic = policy.group.get("branchTopic")
        return rendered(topic, update, groupSlug=group_slug) if isinstance(topic, str) else group_slug
    if policy.branch_topic:
        return rendered(policy.branch_topic, update)
    if update.update_type in (UpdateType.PIN, UpdateType.PIN_DIGEST):
        return "pin-dependencies"
    name = short_name(update)
    if update.update_type in (UpdateType.REPLACEMENT, UpdateType.ROLLBACK):
        return f"{name}-{update.update_type}"
    if update.update_type is UpdateType.DIGEST:
        return f"{name}-{update.offer.new_value}"
    return f"{name}-{_line(update)}.x"


def _line(update: Update) -> str:
    """The line of versions that the branch follows: ``1`` or ``1.27``."""
    major, minor, _ = _components(update)
    policy = update.offer.policy
    narrow = (policy.separate_minor_patch and update.update_type is UpdateType.PATCH) or (
        policy.separate_multiple_minor and update.update_type is not UpdateType.MAJOR
    )
    return f"{major}.{minor}" if narrow else str(major)


def _components(update: Update) -> tuple[int, int, int]:
    return versioning.get(update.tracked.versioning).components(update.offer.version)


def _group_prefix(update: Update) -> str:
    policy = update.offer.policy
    if update.update_type is UpdateType.MAJOR and policy.separate_major_minor:
        return f"major-{_components(update)[0]}-" if policy.separate_multiple_major else "major-"
    if update.update_type is UpdateType.PATCH and policy.separate_minor_patch:
        return "patch-"
    return ""


def _safe(name: str) -> str:
    """Nothing that Git refuses in a ref: https://git-scm.com/docs/git-check-ref-format."""
    name = name.replace("@", "", 1) if name.startswith("@") else name
    name = _DASHES.sub("-", _UNSAFE.sub("-", name.lower().replace("/", "-")))
    parts = [part.strip(".-").removesuffix(".lock") for part in name.replace("..", ".").split("/")]
    return "/".join(part for part in parts if part)


def _pins(update: Update) -> bool:
    return update.update_type in (UpdateType.PIN, UpdateType.PIN_DIGEST)


def _topic(update: Update) -> str:
    policy = update.offer.policy
    if policy.commit_message_topic:
        return rendered(policy.commit_message_topic, update)
    name, datasource = short_name(update), update.tracked.package.datasource
    if _pins(update):
        return "dependencies"
    if is_chart(update):
        return f"Helm release {name}"
    if datasource == "docker":
        return _image_topic(update, name)
    return f"Terraform {name}" if datasource.startswith("terraform-") else f"dependency {name}"


def _group_topic(update: Update) -> str:
    policy = update.offer.policy
    topic = policy.group.get("commitMessageTopic")
    return rendered(topic, update) if isinstance(topic, str) else policy.group_name or ""


def _image_topic(update: Update, name: str) -> str:
    if update.update_type in _DIGEST_TYPES:
        return f"{name}:{update.offer.new_value} Docker digest"
    return f"{name} Docker tag"


def _is_group(updates: Sequence[Update]) -> bool:
    """Whether a group's name is what its updates have in common: there are several, or one is to look like more."""
    policy = _leading(updates).offer.policy
    return bool(policy.group_name) and (_are_several(updates) or policy.group_single_updates)


def _are_several(updates: Sequence[Update]) -> bool:
    """Whether they are about several things, or go to several versions."""
    names, values = ({update.tracked.name for update in updates}, {update.offer.new_value for update in updates})
    return len(names) > 1 or len(values) > 1


def _to(updates: Sequence[Update]) -> str:
    """Where to, if all go to the same place."""
    first = _leading(updates)
    targets = {_target(update) for update in updates}
    differ = len({_plain_version(update) for update in updates}) > 1
    if len(targets) > 1 or _pins(first) or (_is_group(updates) and (differ or not _are_several(updates))):
        return ""
    extras = [(update.offer.policy.commit_message_extra, update) for update in updates]
    own = {None if extra is None else rendered(extra, update) for extra, update in extras}
    if own == {None}:
        return f"{'to' if first.offer.replacement is None else 'with'} {targets.pop()}"
    return own.pop() or "" if len(own) == 1 else f"to {_with_v(_plain_version(first))}"


def _target(update: Update) -> str:
    offer = update.offer
    if offer.replacement is not None:
        return str(offer.replacement)
    if update.update_type is UpdateType.DIGEST:
        return _short(update.new_digest or "")
    if update.update_type is UpdateType.MAJOR:
        return f"v{_components(update)[0]}"
    if offer.new_value == update.tracked.dependency.current_value or offer.new_value is None:
        return _with_v(offer.version)
    if not re.fullmatch(r"v?[0-9][\w.+-]*", offer.new_value):
        return offer.new_value
    return _with_v(_plain_version(update))


def _plain_version(update: Update) -> str:
    """The version less the name of an image's variant, unless it is the rest (``-r3``) that changes."""
    version = update.offer.new_value or update.offer.version
    if not _is_image(update):
        return version
    plain = _less_variant(version)
    return version if plain == _less_variant(update.current_version or "") else plain


def _is_image(update: Update) -> bool:
    return update.tracked.package.datasource == "docker" and not is_chart(update)


def _less_variant(version: str) -> str:
    return version.partition("-")[0]


def _with_v(version: str) -> str:
    return f"v{version}" if version[:1].isdigit() else version


def _size(updates: Sequence[Update]) -> str:
    """How far a group goes, where that is what sets it apart and no version says it."""
    first = _leading(updates)
    policy, kind = first.offer.policy, first.update_type
    is_apart = policy.separate_major_minor if kind is UpdateType.MAJOR else policy.separate_minor_patch
    sized = kind in (UpdateType.MAJOR, UpdateType.MINOR, UpdateType.PATCH)
    return str(kind) if sized and is_apart and _is_group(updates) and not re.search(r"\d", _to(updates)) else ""


def _semantic_prefix(policy: Policy) -> str:
    scope = f"({policy.semantic_commit_scope})" if policy.semantic_commit_scope else ""
    return f"{policy.semantic_commit_type}{scope}:"


def rendered(template: str, update: Update, **values: object) -> str:
    """The templates that speak of digests, too; the policy has filled in all others."""
    return render(template, {**template_values_of(update), **values}) if "{{" in template else template


def template_values_of(update: Update) -> dict[str, object]:
    """What templates about one update may speak of."""
    dependency, offer = update.tracked.dependency, update.offer
    subject = subject_of(
        dependency,
        update_type=update.update_type,
        current_version=update.current_version,
        new_value=offer.new_value,
        new_version=offer.version,
    )
    digest, current_digest = update.new_digest or "", dependency.current_digest or ""
    plain = _less_variant if _is_image(update) else str
    is_digest = update.update_type in _DIGEST_TYPES
    return {
        **template_values(subject),
        **policy_values(offer.policy),
        "depName": update.tracked.name,
        "versioning": update.tracked.versioning,
        "newName": offer.replacement.package.name if offer.replacement else None,
        "releaseTimestamp": offer.release.published.isoformat() if offer.release.published else None,
        "currentDigest": current_digest,
        "currentDigestShort": _short(current_digest),
        "newDigest": digest,
        "newDigestShort": _short(digest),
        "displayFrom": _short(current_digest) if is_digest else dependency.current_value or "",
        "displayTo": _short(digest) if is_digest else offer.new_value or "",
        "currentVersion": plain(update.current_version or ""),
        "newVersion": plain(offer.version),
        "prettyNewVersion": _with_v(plain(offer.version)),
        "prettyNewMajor": f"v{_components(update)[0]}",
    }


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:7]
