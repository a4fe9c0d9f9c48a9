"""The branches of a repository that are updated, each with its files and the configuration that holds for them."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from updater.api import Platform, Tree
from updater.config import Config
from updater.config.patterns import compile_pattern, is_regex
from updater.errors import ConfigError, PlatformError, RepositoryError
from updater.model.forge import Base
from updater.model.lookup import Failed
from updater.pipeline.project import Project

_OPTION = "baseBranchPatterns"
_DEFAULT = "$default"

Understand = Callable[[str, Tree], Awaitable[Config]]
"""The configuration for a base branch, by its name, with that of its own files on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTree:
    """The files at the head of a branch that is updated, and the configuration that holds for them."""

    name: str
    tree: Tree
    config: Config

    @property
    def base(self) -> Base:
        """The branch, and the commit that its files are of."""
        return Base(self.name, self.tree.commit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """The branches that are updated, in the order of the patterns that name them.

    ``config`` is that of the default branch, which holds for the repository as a whole. ``failed`` are the patterns
    that no branch matches, and the branches that could not be read.
    """

    config: Config
    found: tuple[BaseTree, ...]
    failed: tuple[Failed, ...] = ()

    @classmethod
    def only(cls, project: Project, config: Config) -> "Bases":
        """The branch that the project is at."""
        return cls(config=config, found=(BaseTree(name=project.base, tree=project.tree, config=config),))


async def find_bases(project: Project, config: Config, understand: Understand) -> Bases:
    """What ``baseBranchPatterns`` names; without any, or where there are no branches, what the project is at."""
    patterns, platform = config.repository.base_branch_patterns, project.platform
    if not patterns or platform is None:
        return Bases.only(project, config)
    names = _Names(project.base, config.repository.branch_prefixes, platform)
    alone = len(patterns) == 1 and not is_regex(patterns[0])
    found: list[BaseTree] = []
    failed = list(names.missing(patterns))
    for name in names.matching(patterns):
        try:
            tree = project.tree if name == project.base else platform.tree(name)
            merges = config.repository.use_base_branch_config == "merge" and name != project.base
            own = await understand(name, tree) if merges else config
            found.append(BaseTree(name=name, tree=tree, config=own.at(name, alone=alone)))
        except (ConfigError, RepositoryError, PlatformError) as error:
            failed.append(Failed(subject=f"base branch {name}", error=str(error)))
    return Bases(config=config, found=tuple(found), failed=tuple(failed))


class _Names:
    """The names of a repository's branches, but for those that are ours."""

    def __init__(self, default: str, ours: tuple[str, ...], platform: Platform) -> None:
        self._default = default
        prefixes = tuple(filter(None, ours))
        self._all = [name for name in platform.branch_names() if not name.startswith(prefixes)]

    def matching(self, patterns: Iterable[str]) -> Sequence[str]:
        """The branches that the patterns name, each once."""
        return list(dict.fromkeys(name for pattern in patterns for name in self._of(pattern)))

    def missing(self, patterns: Iterable[str]) -> Iterator[Failed]:
        """The patterns that name none."""
        for pattern in patterns:
            if not any(True for _ in self._of(pattern)):
                what = "matches" if is_regex(pattern) else "is called"
                yield Failed(subject=_OPTION, error=f"no branch {what} {pattern}")

    def _of(self, pattern: str) -> Iterator[str]:
        if is_regex(pattern):
            yield from filter(compile_pattern(pattern), self._all)
        elif pattern == _DEFAULT:
            yield self._default
        elif pattern == self._default or pattern in self._all:
            yield pattern
