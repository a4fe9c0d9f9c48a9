"""What a promotion rests on, for the body of its pull request."""

from collections.abc import Sequence

from updater.model import Update
from updater.report.pull_request import code
from updater.rollout import Trial

_SHOWN = 20


def evidence(updates: Sequence[Update]) -> str | None:
    """In Markdown, where each update was proven, since when, and by which rule; None if nothing is promoted."""
    trials = {(trial.commit, trial.rule): trial for update in updates if (trial := update.trial) is not None}
    return "**Proven before**\n\n" + "\n".join(map(_line, trials.values())) if trials else None


def _line(trial: Trial) -> str:
    shown = [code(name) for name in trial.targets[:_SHOWN]]
    rest = len(trial.targets) - len(shown)
    where = ", ".join((*shown, *([f"{rest} more"] if rest else ()))) or "all that it reached"
    since = f"healthy since {trial.healthy:%Y-%m-%d %H:%M} UTC" if trial.healthy is not None else "there"
    number = f"[#{trial.pull.number}]({trial.pull.url})" if trial.pull.url else f"#{trial.pull.number}"
    return f"- {trial.environment}: {where}, {since} ({trial.rule}), by {number}"
