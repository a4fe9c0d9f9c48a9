"""What an update reaches: the applications, releases and Terraform roots that deploy the files it edits.

Computed from the files of the repository alone, so that it can be shown before the merge.
"""

from updater.targets.reach import Reach, Touched, survey

__all__ = ["Reach", "Touched", "survey"]
