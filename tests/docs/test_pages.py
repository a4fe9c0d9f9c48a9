"""Generated files are what the sources say."""

import pytest

from tests.docs.pages import ROOT, pages


@pytest.mark.parametrize("path", sorted(path.relative_to(ROOT) for path in pages()))
def test_generated_files_are_up_to_date(path: str) -> None:
    """``./dev docs`` would change nothing."""
    assert pages()[ROOT / path] == (ROOT / path).read_text()
