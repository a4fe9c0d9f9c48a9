"""The examples on user pages, as files."""

import re
from textwrap import dedent
from types import ModuleType

from updater.api import SourceFile


def example(manager: ModuleType, path: str) -> SourceFile:
    """The indented parts of a manager's docstring, as the file at ``path``."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", manager.__doc__ or "", re.MULTILINE)
    return SourceFile(path=path, text=dedent("".join(block for block in blocks if block.strip())).lstrip("\n"))
