"""Stage 3: a dependency and what the registry offers → the releases it may move to, best first. Pure.

Every release that is newer than the one in use has a :class:`~updater.model.decide.Decision`: accepted, or the first
rule that stopped it, with the place in the configuration that decided. Decisions are made when somebody reads them,
offers when vetting gets to them; both by the same :class:`~updater.decide.judge.Judge`, so that neither can say what
the other does not.
"""

from updater.decide.desk import Decided, Decisions, decide, decide_all
from updater.decide.policies import PolicyFor

__all__ = ["Decided", "Decisions", "PolicyFor", "decide", "decide_all"]
