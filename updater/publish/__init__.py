"""Stage 6: wanted branches against what the forge has → actions; then the actions are applied. The only writer.

Planning is pure. A branch is written only if its content would change; branches with commits of others are left
alone; nothing is closed while a lookup that concerns it failed.
"""

from updater.publish.applying import apply
from updater.publish.checks import OwnChecks
from updater.publish.planning import plan, refusal, shows, watched
from updater.publish.situation import Doubts, Forge, Outcome, Situation, blob_id

__all__ = [
    "Doubts",
    "Forge",
    "Outcome",
    "OwnChecks",
    "Situation",
    "apply",
    "blob_id",
    "plan",
    "refusal",
    "shows",
    "watched",
]
