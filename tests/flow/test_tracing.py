"""Spans, recorded by the SDK of OpenTelemetry itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flow.conftest import Bot
from updater.platforms.local import LocalPlatform

_MODULES = ("trace", "sdk.trace", "sdk.trace.export", "sdk.trace.export.in_memory_span_exporter")


async def test_stages_and_requests_are_spans(bot: Bot, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stage of a plan is one, with its requests below it and their addresses."""
    trace, sdk, export, memory = (pytest.importorskip(f"opentelemetry.{name}") for name in _MODULES)
    exporter, provider = memory.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    plan = await bot.plan(LocalPlatform(sample))
    spans = exporter.get_finished_spans()
    stages = {each.context.span_id: each.name for each in spans if each.name in plan.seconds}
    requests = [each for each in spans if each.name == "GET"]

    assert set(stages.values()) == set(plan.seconds)
    assert {stages[each.parent.span_id] for each in requests} >= {"lookup", "vet"}
    assert all(each.attributes["url.full"].startswith("http") for each in requests)


def test_nothing_is_loaded_for_it() -> None:
    """Who does not trace does not pay."""
    code = "import sys, updater.tracing\nwith updater.tracing.span('x'): pass\nprint('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
