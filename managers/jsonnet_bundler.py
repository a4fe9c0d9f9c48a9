"""Jsonnet libraries in `jsonnetfile.json`.

The revision of each Git repository is moved to the newest tag:

    {
      "version": 1,
      "dependencies": [
        {
          "source": {
            "git": {
              "remote": "https://github.com/prometheus-operator/kube-prometheus.git",
              "subdir": "jsonnet/kube-prometheus"
            }
          },
          "version": "v0.13.0"
        }
      ],
      "legacyImports": true
    }

Branches and commits are listed, not updated; directories (`local`) and everything below `vendor` are left alone, and
`jsonnetfile.lock.json` is left to `jb update`.
"""

from collections.abc import Iterator

from managers._git import repository
from managers._json import json_root
from managers._manifests import settled
from managers._yaml import Mapping
from updater.api import Extracted, SourceFile

NAME = "jsonnet-bundler"
FILES: tuple[str, ...] = ("jsonnetfile.json",)
MARKERS: tuple[str, ...] = ('"remote"',)
FOREIGN: tuple[str, ...] = ()
NARROWABLE = False


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The libraries that the file asks for."""
    root = None if "vendor" in file.path.split("/") else json_root(file.text)
    return settled(_read(file, root)) if root else iter(())


def _read(file: SourceFile, root: Mapping) -> Iterator[Extracted]:
    for dependency in root.mappings("dependencies"):
        git = dependency.mapping("source", "git")
        remote = git.scalar("remote") if git else None
        if remote is not None and remote.has_text:
            yield repository(file, manager=NAME, url=remote, at=dependency.scalar("version"))
