"""The manager of asdf's files."""

from managers import asdf
from tests.managers.pages import example
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def test_the_example_works() -> None:
    """Everything in the example on the user page is found, the first of several versions only."""
    file = example(asdf, ".tool-versions")

    assert found(asdf, file) == [(1, "terraform", "1.9.2"), (2, "kubectl", "1.30.2"), (3, "nodejs", "20.15.0")]
    assert skipped(asdf, file) == []


def test_what_is_not_managed() -> None:
    """Moving targets and unknown tools are listed, comments and lonely names are not."""
    text = "# helm 1.0\nhelm latest\r\nnode system\ngo ref:main\nacme 1.0\nhelm\n"

    assert skipped(asdf, SourceFile(path="a/.tool-versions", text=text)) == [
        (2, "helm", "not version-like"),
        (3, "node", "not version-like"),
        (4, "go", "not version-like"),
        (5, "acme", "no registry known for this tool"),
    ]


def test_other_files_are_left_alone() -> None:
    """Only the file of asdf is read."""
    assert list(asdf.extract(SourceFile(path="versions", text="helm 1.0.0\n"))) == []
