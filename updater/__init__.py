"""A dependency-update bot for GitOps repositories that knows whether the update worked."""

__version__ = "0.1.0"
