"""A plan in a file, so that planning and writing can be two processes: one asks registries, the other one may write.

Whoever plans needs no right to write; whoever writes asks no registry and believes nothing of what the file says about
the repository. It reads the base anew, finds out itself which values in it are managed, and refuses a plan that would
change anything else. See :mod:`updater.planfile.verify` for all that is checked.
"""

from updater.planfile.declare import declare, paths_of
from updater.planfile.form import PlanFile, read_plan, write_plan
from updater.planfile.verify import Ground, Permits, RefusedPlanError, Rules, Verified, verify

__all__ = [
    "Ground",
    "Permits",
    "PlanFile",
    "RefusedPlanError",
    "Rules",
    "Verified",
    "declare",
    "paths_of",
    "read_plan",
    "verify",
    "write_plan",
]
