"""The environments that manifests speak of beside their path: in names, labels and selectors."""

import re

from msgspec import structs

from managers._yaml import Mapping, Node, Scalar
from updater.api import Dependency, Environment, Extracted, Skipped

_SPEAKING = (
    *("environment", "env", "stage", "tier", "environmentName", "envName"),
    *("cluster", "clusterName", "cluster_name", "name", "namespace"),
)
_HOLDERS: tuple[tuple[str, ...], ...] = ((), ("values",), ("metadata", "labels"), ("labels",))
_PARTS = re.compile(r"[^a-z0-9]++")
_AMBIGUOUS = frozenset(("test", "testing", "live"))


def environment_of(node: Node) -> Environment | None:
    """The environment that a map speaks of (``env: prod``, ``cluster: eu-prod-1``)."""
    if not isinstance(node, Mapping):
        return None
    holders = filter(None, (node.mapping(*keys) for keys in _HOLDERS))
    texts = [(key, text) for holder in holders for key in _SPEAKING if (text := holder.text(key))]
    exact = (Environment.named(text, f"{key} is {text}") for key, text in texts)
    found = next(filter(None, exact), None)
    return found or next(filter(None, (mentioned(text, f"the {key} {text}") for key, text in texts)), None)


def mentioned(name: str, whose: str) -> Environment | None:
    """The environment that is a part of a name, as in ``eu-prod-1``."""
    parts = (part for part in _PARTS.split(name.lower()) if part not in _AMBIGUOUS)
    return next(filter(None, (Environment.named(part, f"{part} is a part of {whose}") for part in parts)), None)


def selected(selector: Node | None) -> Environment | None:
    """The environment of the clusters that a selector of labels selects."""
    if isinstance(selector, Scalar):
        pairs = [tuple(part.strip() for part in pair.split("=", 1)) for pair in selector.text.split(",")]
        labels = [(pair[0], pair[1]) for pair in pairs if len(pair) > 1]
    elif isinstance(selector, Mapping):
        labels = _labels(selector)
    else:
        return None
    found = (Environment.named(value, f"the cluster selector says {key}: {value}") for key, value in labels)
    return next(filter(None, found), None)


def _labels(selector: Mapping) -> list[tuple[str, str]]:
    """The labels that a cluster must have, each with the one value that it must have."""
    exact = selector.mapping("matchLabels")
    labels = [(key, node.text) for key, node in exact.items() if isinstance(node, Scalar)] if exact else []
    for expression in selector.mappings("matchExpressions"):
        values = [node.text for node in expression.elements("values") if isinstance(node, Scalar)]
        if expression.text("operator") == "In" and len(values) == 1:
            labels.append((expression.text("key") or "", values[0]))
    return labels


def within(item: Extracted, environment: Environment | None) -> Extracted:
    """``item`` in an environment, if one is known."""
    if environment is None or not isinstance(item, Dependency | Skipped):
        return item
    return structs.replace(item, environment=environment)
