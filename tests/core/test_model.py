"""The values: environments of paths, lines of offsets."""

import pytest

from updater.model.scan import SourceFile, environment_of


@pytest.mark.parametrize(
    ("path", "environment"),
    [
        ("apps/production/api/deployment.yaml", "production"),
        ("apps/staging/api/deployment.yaml", "staging"),
        ("clusters/prod/apps.yaml", "production"),
        ("envs/Dev/app.yaml", "development"),
        ("charts/web/values-prod.yaml", "production"),
        ("charts/web/values_staging.yaml", "staging"),
        ("clusters/eu-prod-1/apps.yaml", "production"),
        ("overlays/qa/kustomization.yaml", "test"),
        ("staging/production/app.yaml", "production"),
        ("apps/api/deployment.yaml", None),
        ("apps/latest/deployment.yaml", None),
        ("apps/product/deployment.yaml", None),
        ("src/test-utils/values.yaml", None),
        ("README.md", None),
    ],
)
def test_environment_of_a_path(path: str, environment: str | None) -> None:
    """A directory named like an environment decides, the innermost first; else a part of a name does."""
    found = environment_of(path)

    assert environment == (found.name if found else None)


def test_line_of_counts_from_one() -> None:
    """The first character is on line 1, the one behind the first newline on line 2."""
    file = SourceFile(path="a", text="one\ntwo\r\nthree")
    assert [file.line_of(offset) for offset in (0, 3, 4, 9)] == [1, 1, 2, 3]
