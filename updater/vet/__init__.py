"""Stage 4: the best release of each choice that really can be used → an update with its edits, or why it is held.

Only what is asked here costs requests, and only for a release that is about to be proposed: its date, where a rule
needs it; that it is there, and for which platforms; the digest behind its tag; the hashes for its lock file. Where a
release does not pass, an older one is tried; the newer ones that did not pass are reported as held.

A registry that fails delays: nothing is proposed in the place of what could not be asked about.
"""

from updater.vet.age import FirstSeen
from updater.vet.gone import gone
from updater.vet.sources import Sources
from updater.vet.unproven import unproven
from updater.vet.vetter import Vetted, vet

__all__ = ["FirstSeen", "Sources", "Vetted", "gone", "unproven", "vet"]
