"""The files that managers may look into beside their own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from updater.config import load
from updater.files import RepositoryFiles
from updater.repo import WorkTree


class Counted(WorkTree):
    """A directory that notes each time something is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[list[str]] = []

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        self.reads.append(list(paths))
        return super().read(paths)


def files(root: Path, config: str = "{}", **contents: str | bytes) -> tuple[RepositoryFiles, Counted]:
    for name, content in contents.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (root / "renovate.json").write_text(config)
    tree = Counted(root)
    opened = RepositoryFiles(tree, load(tree))
    tree.reads.clear()
    return opened, tree


def text(opened: RepositoryFiles, path: str) -> str | None:
    file = opened.read(path)
    return file.text if file else None


def test_neighbours_are_read_together(tmp_path: Path) -> None:
    """The files of one kind in one directory take one read, however many are asked for."""
    opened, tree = files(tmp_path, a__x_tf="1", a__y_tf="2", a__z_yaml="3", b__x_tf="4")

    assert [text(opened, path) for path in ("a/x.tf", "a/y.tf", "a/x.tf")] == ["1", "2", "1"]
    assert tree.reads == [["a/x.tf", "a/y.tf"]]


def test_what_may_not_be_read_is_none(tmp_path: Path) -> None:
    """Missing, ignored, large, binary and encrypted files are as none, and asking again reads nothing."""
    opened, tree = files(
        tmp_path,
        '{"ignorePaths": ["secret/**"], "maxFileSize": 50}',
        secret__x_yaml="a",
        large_yaml="a" * 51,
        binary_yml=b"\0",
        sops_json="sops_mac=x\nsops_lastmodified=y",
    )
    paths = ("none.yaml", "secret/x.yaml", "large.yaml", "binary.yml", "sops.json", "../outside", "")

    assert [text(opened, path) for path in paths] == [None] * 7
    before = len(tree.reads)
    assert [text(opened, path) for path in paths] == [None] * 7
    assert len(tree.reads) == before


def test_secrets_are_hidden(tmp_path: Path) -> None:
    """What a manager reads on the way holds no secrets either."""
    opened, _ = files(tmp_path, a_yaml="a: 1\n---\napiVersion: v1\nkind: Secret\nstringData: {a: b}\n")

    assert (text(opened, "a.yaml") or "").split() == ["a:", "1", "---"]


def test_globs_go_over_the_whole_path(tmp_path: Path) -> None:
    """One star stays in its directory, two do not; what is no glob matches nothing."""
    opened, _ = files(tmp_path, a__x_json="", a__b__x_json="", x_json="")

    assert opened.matching("a/*.json") == ["a/x.json"]
    assert opened.matching("/a/**/*.json") == ["a/b/x.json", "a/x.json"]
    assert opened.matching("a/[") == []
