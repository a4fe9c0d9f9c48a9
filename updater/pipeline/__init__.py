"""Calls the stages in their order; the only package that does.

::

    scan → track → lookup → decide → promote.narrow → vet → promote → group → material
                                     → publish.plan   (a Plan: nothing is written)
                                     → publish.apply  (the writing)

``planning`` has the order; the modules named after a pair of stages (``deciding``, ``reaching``, ``publishing``) hold
what joins them.
"""

from updater.pipeline.bases import Bases, BaseTree, find_bases
from updater.pipeline.carrying_out import carry_out, something_failed
from updater.pipeline.planning import make_forecast, make_lookup, make_plan
from updater.pipeline.project import Project
from updater.pipeline.publishing import identity_of
from updater.pipeline.world import Network, Tombstones, World

__all__ = [
    "BaseTree",
    "Bases",
    "Network",
    "Project",
    "Tombstones",
    "World",
    "carry_out",
    "find_bases",
    "identity_of",
    "make_forecast",
    "make_lookup",
    "make_plan",
    "something_failed",
]
