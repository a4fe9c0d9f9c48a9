"""What a reviewer wants to know about an update: release notes, what a chart changes, which values it reads no more.

It is asked for only where a pull request will show it, once for each repository and each version, and kept for later
runs. What could not be had is missing and said to be: it is unknown, not gone.
"""

from updater.material.gathering import Library, Material, gather

__all__ = ["Library", "Material", "gather"]
