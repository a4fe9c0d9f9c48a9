"""Names of branches and titles of pull requests. Pure.

The conventions are those that users of ``renovate.json`` know (an update of ``nginx`` to 1.2.3 goes to the branch
``…/nginx-1.x`` under the title "Update nginx Docker tag to v1.2.3"), so that open branches can be adopted.
"""

import re
from collections.abc import Sequence

from updater import versioning
from updater.config.rules import template_values
from updater.config.templates import render
from updater.model import Update, UpdateType
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


def branch_name(update: Update) -> str:
    """The branch that an update belongs to; updates with the same name share a branch."""
    policy = update.offer.policy
    return policy.branch_prefix + _safe(policy.additional_branch_prefix + _topic_of_branch(update))


def variant(update: Update) -> str:
    """What sets an image variant's version apart (``1.27.0-alpine3.19`` → ``alpine``); empty for a plain version."""
    words = re.findall(r"[A-Za-z]{2,}", update.offer.new_value or "")
    return "-".join(words).lower()


def title(updates: Sequence[Update], *, semantic: bool) -> str:
    """The title of a pull request, and the first line of its commit; ``semantic`` puts a type in front of it."""
    first = updates[0]
    policy = first.offer.policy
    prefix = policy.commit_message_prefix or (_semantic_prefix(first) if semantic else "")
    words = (
        policy.commit_message_action or _ACTIONS.get(first.update_type, "Update"),
        policy.group_name or _topic(first),
        _to(updates),
        policy.commit_message_suffix or _group_suffix(updates),
    )
    subject = " ".join(" ".join(word for word in words if word).split())
    lower = semantic and policy.commit_message_lower_case == "auto"
    return f"{prefix} {subject.lower() if lower else subject}".strip()


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
        return _group_prefix(update) + slug(policy.group_slug or policy.group_name)
    if policy.branch_topic:
        return _rendered(policy.branch_topic, update)
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
        return _rendered(policy.commit_message_topic, update)
    name, datasource = short_name(update), update.tracked.package.datasource
    if _pins(update):
        return "dependencies"
    if is_chart(update):
        return f"Helm release {name}"
    if datasource == "docker":
        return _image_topic(update, name)
    return f"Terraform {name}" if datasource.startswith("terraform-") else f"dependency {name}"


def _image_topic(update: Update, name: str) -> str:
    if update.update_type in _DIGEST_TYPES:
        return f"{name}:{update.offer.new_value} Docker digest"
    return f"{name} Docker tag"


def _to(updates: Sequence[Update]) -> str:
    """Where to, if all go to the same place."""
    first = updates[0]
    targets = {_target(update) for update in updates}
    if len(targets) > 1 or first.offer.policy.group_name or _pins(first):
        return ""
    if first.offer.policy.commit_message_extra:
        return _rendered(first.offer.policy.commit_message_extra, first)
    return f"{'to' if first.offer.replacement is None else 'with'} {targets.pop()}"


def _target(update: Update) -> str:
    offer = update.offer
    if offer.replacement is not None:
        return str(offer.replacement)
    if update.update_type is UpdateType.DIGEST:
        return (update.new_digest or "").removeprefix("sha256:")[:7]
    if offer.new_value == update.tracked.dependency.current_value or offer.new_value is None:
        return _with_v(offer.version)
    if not re.fullmatch(r"v?[0-9][\w.+-]*", offer.new_value):
        return offer.new_value
    if update.update_type is UpdateType.MAJOR:
        return f"v{_components(update)[0]}"
    return _with_v(offer.new_value)


def _with_v(version: str) -> str:
    return f"v{version}" if version[:1].isdigit() else version


def _group_suffix(updates: Sequence[Update]) -> str:
    policy = updates[0].offer.policy
    if policy.group_name and policy.separate_major_minor and updates[0].update_type is UpdateType.MAJOR:
        return "(major)"
    return ""


def _semantic_prefix(update: Update) -> str:
    policy = update.offer.policy
    scope = f"({policy.semantic_commit_scope})" if policy.semantic_commit_scope else ""
    return f"{policy.semantic_commit_type}{scope}:"


def _rendered(template: str, update: Update) -> str:
    """The templates that speak of digests, too; the policy has filled in all others."""
    dependency, offer = update.tracked.dependency, update.offer
    subject = subject_of(
        dependency,
        update_type=update.update_type,
        current_version=update.current_version,
        new_value=offer.new_value,
        new_version=offer.version,
    )
    digest = update.new_digest or ""
    values = {
        **template_values(subject),
        "depName": update.tracked.name,
        "newDigest": digest,
        "newDigestShort": digest.removeprefix("sha256:")[:7],
        "prettyNewVersion": _with_v(offer.version),
        "prettyNewMajor": f"v{_components(update)[0]}",
    }
    return render(template, values)
