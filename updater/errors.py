"""Everything that can go wrong and that a reader can act on.

::

    UpdaterError
    ├── ConfigError          the configuration file must be fixed (path, line, column, key)
    ├── UsageError           the command line must be fixed
    ├── PluginError          a plugin is missing, double or not where it should be
    ├── RepositoryError      git or the tree cannot be read or written
    ├── PlatformError        the forge refused or failed
    └── RequestError         a registry answered, but not with what was asked for
        ├── NotFound         it does not know the package (404)
        ├── AuthError        it wants other credentials (401, 403)
        ├── RateLimited      it wants to be asked later (429)
        ├── Unavailable      it is down, slow or unreachable (5xx, timeouts, connection errors)
        └── InvalidAnswer    its answer makes no sense (garbage, truncated, too large)

Plugins raise these; the core turns each into a ``Failed`` value of the one item it concerns, so that a dead
registry never hides the others. Anything else that is raised is a bug and ends the run with a report.
"""

from datetime import datetime


class UpdaterError(Exception):
    """The root of all errors a user can act on. ``str`` of it is a whole sentence for a person."""


class ConfigError(UpdaterError):
    """The configuration must be fixed. Lines and columns count from 1; None where the place is unknown."""

    def __init__(
        self, message: str, *, path: str, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> None:
        self.message, self.path, self.line, self.column, self.hint = message, path, line, column, hint
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {message}" + (f" ({hint})" if hint else ""))


class UsageError(UpdaterError):
    """The command line asks for something that cannot be."""


class PluginError(UpdaterError):
    """A plugin is missing, registered twice, or another package stands in its place."""


class RepositoryError(UpdaterError):
    """The Git repository or working directory cannot be read or written as asked."""


class PlatformError(UpdaterError):
    """The forge refused or failed a request; the message says which and why."""


class RequestError(UpdaterError):
    """A request to a registry did not bring what was asked for. ``url`` never contains credentials."""

    def __init__(self, message: str, *, url: str) -> None:
        self.url = url
        super().__init__(message)


class NotFound(RequestError):
    """The registry does not know the package, or hides it from these credentials."""


class AuthError(RequestError):
    """The registry wants other credentials; the message names the host to write a host rule for."""


class RateLimited(RequestError):
    """The registry wants to be asked later; ``until`` (UTC) where it said when."""

    def __init__(self, message: str, *, url: str, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(message, url=url)


class Unavailable(RequestError):
    """The registry is down, too slow or cannot be reached; trying again later may help."""


class InvalidAnswer(RequestError):
    """The registry's answer cannot be understood: not the promised format, truncated, or far too large."""
