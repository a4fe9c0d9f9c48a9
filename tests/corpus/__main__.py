"""Print what a scan finds in an area of the corpus, or in any directory, in the form of the labels."""

import sys
from pathlib import Path

from tests.corpus import HERE, labels, scanned

for name in sys.argv[1:]:
    area = HERE / "repositories" / name
    print(*labels(scanned(area if area.is_dir() else Path(name))), sep="\n")  # noqa: T201 - a command of its own
