"""Plugins and images in Buildkite's pipelines.

Read are the files in `.buildkite`, and `buildkite.yml`:

    steps:
      - label: test
        command: make test
        plugins:
          - docker-compose#v5.2.0: { run: app }        # buildkite-plugins/docker-compose-buildkite-plugin
          - acme/deploy#v1.4.0                         # acme/deploy-buildkite-plugin
          - https://github.com/acme/lint-buildkite-plugin.git#v0.3.0
          - docker#v5.11.0:
              image: golang:1.22.5

Plugins follow the tags of their repositories. Branches and commits are listed, not updated; plugins within the
repository are left alone. `dep_type` is `plugin` or `image`.
"""

import re
from collections.abc import Iterator

from managers._git import git_package, revision
from managers._images import ImageReader
from managers._manifests import settled
from managers._yaml import Scalar, documents
from updater.api import Extracted, Package, SourceFile, Span

NAME = "buildkite"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
MARKERS: tuple[str, ...] = ("plugins:",)
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False

_PATH = re.compile(r"(?:^|/)(?:\.buildkite/.+|\.?buildkite)\.ya?ml$")
_PLUGIN = re.compile(
    r"""
    ^[ \t]*+ (?:-[ \t]++)*+ (?P<quote>["']?)
    (?P<plugin>(?:(?:https?|ssh|git)://|git@)[^\s"'\#]++|[A-Za-z0-9][\w.-]*+(?:/[\w.-]++)?) \# (?P<version>[^\s"':,]++)
    (?P=quote) [ \t]*+ (?::|\r?$|\#)
    """,
    re.VERBOSE | re.MULTILINE,
)


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The plugins and images of the pipeline in ``file``."""
    return settled(_found(file)) if _PATH.search(file.path) else iter(())


def _found(file: SourceFile) -> Iterator[Extracted]:
    for match in _PLUGIN.finditer(file.text):
        package = _package(match["plugin"])
        at = Span(*match.span("version"))
        yield revision(file, manager=NAME, name=package.name, package=package, at=at, dep_type="plugin")
    reader = ImageReader(file=file, manager=NAME, dep_type="image")
    for document in documents(file.text):
        root = document.root if document.mentions("image:") else None
        for _, _, _, node in root.find(("image",)) if root else ():
            if isinstance(node, Scalar) and node.has_text:
                yield reader.whole(node)


def _package(plugin: str) -> Package:
    """https://buildkite.com/docs/pipelines/integrations/plugins/using#plugin-sources."""
    if "://" in plugin or plugin.startswith("git@"):
        return git_package(plugin)
    owner, _, name = plugin.rpartition("/")
    return Package(datasource="github-tags", name=f"{owner or 'buildkite-plugins'}/{name}-buildkite-plugin")
