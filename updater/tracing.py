"""Spans for OpenTelemetry: of each stage of a run, and of each request.

They are made where somebody has loaded OpenTelemetry, as ``opentelemetry-instrument updater run`` does, and cost
nothing elsewhere: this tool never imports it (https://opentelemetry.io/docs/zero-code/python/).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_TRACER = "gitops-updater"


@contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """What is done meanwhile is a span of this name. Names of attributes have ``_`` for a dot."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        yield
        return
    named = {key.replace("_", "."): value for key, value in attributes.items()}
    with trace.get_tracer(_TRACER).start_as_current_span(name, attributes=named):
        yield
