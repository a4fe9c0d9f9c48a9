"""What became of merged updates: for the pull request (Markdown), the terminal and scripts (JSON).

The comment holds nothing that changes by itself: as long as nothing happens, it stays the same to the letter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from updater.api import Rollout, RolloutState, Target, Times
from updater.model.scan import in_usual_order
from updater.report.inventory import Json, table
from updater.report.pull_request import code
from updater.rollout import Proof

_LONGEST_REASON = 300
_SHOWN = 50
_REACHED = 20
_SECRET = re.compile(
    r"(?P<before>://)[^/@\s]+(?=@)"
    r"|(?P<word>\b(?:bearer|basic)\s+|\b(?:password|passwd|secret|token|api_?key)\s*[=:]\s*)\S+"
    r"|\b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|AKIA|eyJ)[\w.-]{8,}",
    re.IGNORECASE,
)
_MARKS = {
    RolloutState.PROVEN: "✅",
    RolloutState.LIVE: "✅",
    RolloutState.LIVE_UNVERIFIED: "☑️",
    RolloutState.FAILED_RENDER: "❌",
    RolloutState.FAILED_SYNC: "❌",
    RolloutState.FAILED_HEALTH: "❌",
    RolloutState.FAILED_REMEDIATED: "❌",
    RolloutState.NEEDS_APPLY: "⚠️",
    RolloutState.APPLIED_UNMERGED: "⚠️",
    RolloutState.NEEDS_MANUAL_SYNC: "⚠️",
    RolloutState.PRE_EXISTING: "⚠️",
}
_STEPS = ("review", "detection", "sync", "rollout", "merge_to_running")


# ---------------------------------------------------------------- the pull request


def comment(rollouts: Sequence[Rollout]) -> str:
    """The comment below a merged pull request: a row for each target, in the order of environments."""
    ordered = _in_order(rollouts)
    rows = [_row(rollout) for rollout in ordered[:_SHOWN]]
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    lines = [columns, ["---"] * len(columns), *([row[column] for column in columns] for row in rows)]
    parts = ["\n".join(f"| {' | '.join(cells)} |" for cells in lines)]
    if len(ordered) > _SHOWN:
        parts.append(f"… and {len(ordered) - _SHOWN} more.")
    return "\n\n".join(["**Deployment**", *parts, *_reasons(ordered)]) + "\n"


def reached(targets: Sequence[Target]) -> str | None:
    """What an update will reach, before its merge; None if nothing is known to deploy it."""
    if not targets:
        return None
    shown = targets[:_REACHED]
    lines = [f"- {code(target.full_name)}{_where(target)}: {_escaped(target.why)}" for target in shown]
    rest = [f"- … and {len(targets) - len(shown)} more"] if len(targets) > len(shown) else []
    return "**What this reaches**\n\n" + "\n".join([*lines, *rest])


def _row(rollout: Rollout) -> Mapping[str, str]:
    verdict = rollout.verdict
    state = f"{_MARKS.get(verdict.state, '⏳')} {verdict.state}"
    return {
        "Environment": rollout.environment or "",
        "Target": code(rollout.expectation.target.full_name),
        "State": f"[{state}]({verdict.link})" if _is_link(verdict.link) else state,
        "Since": f"{verdict.since:%Y-%m-%d %H:%M} UTC" if verdict.since is not None else "",
        "Merge to running": _length(verdict.times.merge_to_running) + _in_parts(verdict.times),
        "Plan": str(verdict.plan) if verdict.plan is not None else "",
    }


def _in_parts(times: Times) -> str:
    """How the time divides, where all parts are known exactly."""
    parts = {"noticed": times.detection, "synced": times.sync, "rolled out": times.rollout}
    if times.healthy_after is not None or None in parts.values():
        return ""
    return " (" + ", ".join(f"{name} {_length(length)}" for name, length in parts.items()) + ")"


def _reasons(rollouts: Iterable[Rollout]) -> Iterator[str]:
    """Why what is not well is not, by which rule."""
    lines = [
        f"- {code(rollout.expectation.target.full_name)}: {code(_public(rollout.verdict.reason))} "
        f"(rule {rollout.verdict.rule})"
        for rollout in rollouts
        if not rollout.verdict.state.is_live
    ]
    if lines:
        yield "\n".join(lines[:_SHOWN])


def _public(message: str) -> str:
    """A message out of a cluster, as everybody who sees the pull request may read it: short, without credentials."""
    hidden = _SECRET.sub(lambda match: f"{match['before'] or match['word'] or ''}****", message)
    return hidden[:_LONGEST_REASON]


def _where(target: Target) -> str:
    return f" in {target.environment.name}" if target.environment is not None else ""


def _escaped(words: str) -> str:
    """Our own words with a path of the repository behind them."""
    first, _, path = words.rpartition(" ")
    return f"{first} {code(path)}" if first and path else words


def _is_link(url: str | None) -> bool:
    return url is not None and url.startswith(("https://", "http://")) and not set(url) & set(" ()<>|\"'\\\n")


def _in_order(rollouts: Iterable[Rollout]) -> list[Rollout]:
    found = list(rollouts)
    order = in_usual_order([rollout.environment or "" for rollout in found])
    return sorted(
        found, key=lambda rollout: (order.index(rollout.environment or ""), rollout.expectation.target.full_name)
    )


def _length(length: timedelta | None) -> str:
    """``1 h 5 min``, ``2 min 30 s``: the two largest units."""
    if length is None:
        return ""
    seconds = int(length.total_seconds())
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


# ---------------------------------------------------------------- the terminal


def verified(rollouts: Sequence[Rollout], titles: Mapping[str, str]) -> Iterator[str]:
    """Each merged pull request with its targets; ``titles`` are by their commits."""
    if not rollouts:
        yield "Nothing of what was merged is left to be followed."
    for commit in dict.fromkeys(rollout.expectation.commit for rollout in rollouts):
        yield titles.get(commit, commit[:10])
        own = _in_order(rollout for rollout in rollouts if rollout.expectation.commit == commit)
        yield from table(map(_line, own), indent="  ")
        yield ""


def audited(rollouts: Sequence[Rollout], now: datetime) -> Iterator[str]:
    """What Git says and the cluster does not run, with its age; then what is not known; then how much is well."""
    late = [each for each in rollouts if not each.verdict.state.is_live and each.verdict.state not in _NOT_KNOWN]
    unknown = [each for each in rollouts if each.verdict.state in _NOT_KNOWN]
    if late:
        yield "In Git, and not running:"
        yield from table((_late(each, now) for each in late), indent="  ")
        yield ""
    if unknown:
        yield "Not known:"
        yield from table(((_name(each), each.verdict.reason) for each in unknown), indent="  ")
        yield ""
    yield f"{len(rollouts) - len(late) - len(unknown)} of {len(rollouts)} run what Git says."


_NOT_KNOWN = frozenset({RolloutState.UNKNOWN, RolloutState.NO_NEWS})


def _line(rollout: Rollout) -> tuple[str, ...]:
    verdict, times = rollout.verdict, rollout.verdict.times
    took = [f"{name} {_length(getattr(times, name))}" for name in _STEPS[:4] if getattr(times, name) is not None]
    words = ", ".join(took) if verdict.state.is_live else verdict.reason
    return (rollout.environment or "", _name(rollout), str(verdict.state), verdict.rule, words)


def _late(rollout: Rollout, now: datetime) -> tuple[str, ...]:
    wanted = ", ".join(f"{change.package.name} {change.new}" for change in rollout.expectation.changes)
    runs = f"runs {rollout.verdict.runs}" if rollout.verdict.runs else ""
    age = _length(now - rollout.expectation.since)
    what = f"Git says {wanted or rollout.expectation.commit[:10]}"
    return (age, _name(rollout), what, runs, str(rollout.verdict.state), rollout.verdict.reason)


def _name(rollout: Rollout) -> str:
    return rollout.expectation.target.full_name


# ---------------------------------------------------------------- scripts


def as_json(rollout: Rollout) -> Json:
    """A rollout; fields are only added."""
    target, verdict = rollout.expectation.target, rollout.verdict
    return {
        "pull_request": rollout.pull or None,
        "commit": rollout.expectation.commit,
        "environment": rollout.environment,
        "target": {"kind": str(target.kind), "namespace": target.namespace, "name": target.name, "path": target.path},
        "changes": [
            {"file": each.path, "package_name": each.package.name, "old": each.old, "new": each.new}
            | {"old_digest": each.old_digest, "new_digest": each.new_digest}
            for each in rollout.expectation.changes
        ],
        "state": str(verdict.state),
        "is_failure": verdict.state.is_failure,
        "rule": verdict.rule,
        "reason": verdict.reason,
        "evidence": dict(verdict.evidence),
        "link": verdict.link,
        "runs": verdict.runs,
        "since": _time(verdict.since),
        "until": _time(verdict.until),
        "times": {name: _time(getattr(verdict.times, name)) for name in _MOMENTS},
        "seconds": {name: _seconds(getattr(verdict.times, name)) for name in _STEPS},
        "plan": str(verdict.plan) if verdict.plan is not None else None,
    }


def proof_as_json(proof: Proof) -> Json:
    """A proof; fields are only added."""
    return {
        "package_name": proof.package.name,
        "datasource": proof.package.datasource,
        "value": proof.value,
        "digest": proof.digest,
        "environment": proof.environment,
        "since": _time(proof.since),
        "until": _time(proof.until),
        "targets": [rollout.expectation.target.full_name for rollout in proof.rollouts],
    }


_MOMENTS = ("opened", "merged", "started", "deployed", "healthy", "healthy_after", "proven")


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None
