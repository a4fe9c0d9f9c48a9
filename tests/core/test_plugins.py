"""Plugin discovery and its guards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from updater import plugins
from updater.api import Extracted, Manager, SourceFile
from updater.errors import PluginError


def test_built_in_plugins_are_found_by_name() -> None:
    """The entry points lead to the collections beside the core."""
    assert {"kubernetes", "argocd", "kustomize", "helmv3", "helm-values", "terraform"} <= set(plugins.managers())
    assert {"docker", "helm", "terraform-provider", "terraform-module", "git-tags"} <= set(plugins.datasources())
    assert {"regex"} <= set(plugins.custom_managers())


def test_a_scanned_repository_cannot_bring_its_own_plugins(tmp_path: Path) -> None:
    """A ``managers`` package in the current directory stops the run before any of its code runs."""
    (tmp_path / "managers").mkdir()
    (tmp_path / "managers" / "__init__.py").write_text("print('intruder'); BUILTIN = ()")
    result = subprocess.run(
        [sys.executable, "-c", "from updater import plugins; plugins.managers()"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "intruder" not in result.stdout
    assert "stands in the place of" in result.stderr


def test_two_plugins_with_one_name_are_refused() -> None:
    """A name clash is an error that shows both."""

    class Twin:
        NAME = "twin"
        FILES: tuple[str, ...] = ()
        MARKERS: tuple[str, ...] = ()
        FOREIGN: tuple[str, ...] = ()
        NARROWABLE = False

        def extract(self, file: SourceFile, /) -> tuple[Extracted, ...]:
            return ()

    twins: list[Manager] = [Twin(), Twin()]
    with pytest.raises(PluginError, match="two plugins are called 'twin'"):
        plugins._by_name(twins)
