"""Stage 4½: what an environment has proven → updates of the one after it. Pure; before and after vetting.

An environment that comes ``after`` another one gets nothing from registries directly: before vetting, its choices are
narrowed to what has been proven; after vetting, its updates get exactly the digest that was proven, and a pull request
of their own.
"""

from updater.promote.narrowing import Narrowed, narrow
from updater.promote.promoting import Promoted, promote
from updater.promote.situation import Promotions

__all__ = ["Narrowed", "Promoted", "Promotions", "narrow", "promote"]
