"""The words by which people call what comes before a release, from the earliest to the latest."""

RANKS = {
    "canary": 0, "dev": 0, "edge": 0, "next": 0, "nightly": 0, "snapshot": 0,
    "a": 1, "alpha": 1,
    "b": 2, "beta": 2,
    "ea": 3, "eap": 3, "m": 3, "milestone": 3, "pre": 3, "preview": 3,
    "c": 4, "cr": 4, "rc": 4,
}  # fmt: skip
