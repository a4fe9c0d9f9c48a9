"""What a promotion rests on, for the body of its pull request."""

from collections.abc import Sequence

from updater.model.decide import Update
from updater.report.pull_request import code
from updater.rollout import Trial

_SHOWN = 20
_LONGEST = 300


def evidence(updates: Sequence[Update]) -> str | None:
    """In Markdown, where each update was proven, since when, and by which rule; None if nothing is promoted."""
    found = (update.trial for update in updates if update.trial is not None)
    trials = {(trial.commit, trial.rule): trial for trial in found}
    failed = [trial for trial in trials.values() if trial.state.is_failure]
    if failed:
        return "**Why it is taken back**\n\n" + "\n".join(map(_failure, failed))
    return "**Proven before**\n\n" + "\n".join(map(_line, trials.values())) if trials else None


def _failure(trial: Trial) -> str:
    where = ", ".join(code(name) for name in trial.targets[:_SHOWN])
    since = f" since {trial.failing:%Y-%m-%d %H:%M} UTC" if trial.failing is not None else ""
    return (
        f"- {where}: {trial.state}{since}, by {_link(trial)}: {code(trial.reason[:_LONGEST])} (rule {trial.rule})\n"
        "- All was well before, and no other commit has changed what it is made from. After the merge exactly this is "
        "not offered again; the next higher release is."
    )


def _line(trial: Trial) -> str:
    shown = [code(name) for name in trial.targets[:_SHOWN]]
    rest = len(trial.targets) - len(shown)
    where = ", ".join((*shown, *([f"{rest} more"] if rest else ()))) or "all that it reached"
    since = f"healthy since {trial.healthy:%Y-%m-%d %H:%M} UTC" if trial.healthy is not None else "there"
    return f"- {trial.environment}: {where}, {since} ({trial.rule}), by {_link(trial)}"


def _link(trial: Trial) -> str:
    return f"[{trial.pull.reference}]({trial.pull.url})" if trial.pull.url else trial.pull.reference
