"""Stage 7: merged pull requests and the state of reconcilers → what became of them. Pure; who reads is handed in."""

from updater.observe.audit import audited
from updater.observe.changes import changes_between
from updater.observe.expecting import Merged, Terms, expectations
from updater.observe.notes import CONTEXT, Note, is_over, note_of, read_note
from updater.observe.proofs import proofs
from updater.observe.records import records
from updater.observe.trials import trials
from updater.observe.verdicts import Assignment, rollouts

__all__ = [
    "CONTEXT",
    "Assignment",
    "Merged",
    "Note",
    "Terms",
    "audited",
    "changes_between",
    "expectations",
    "is_over",
    "note_of",
    "proofs",
    "read_note",
    "records",
    "rollouts",
    "trials",
]
