"""The values that travel through the stages, in the order in which they are born.

All are frozen, complete when made, and carry ``None`` only for what is absent in the world. Positions count
characters of the decoded text (not bytes) from 0; lines count from 1; times are aware and in UTC.

A module holds what belongs to one stage: :mod:`~updater.model.scan`, :mod:`~updater.model.track`,
:mod:`~updater.model.lookup`, :mod:`~updater.model.decide` (with vetting), :mod:`~updater.model.plan` (grouping and
publishing); :mod:`~updater.model.history` and :mod:`~updater.model.forge` are what those are told from outside. Each
command loads those that it needs.
"""
