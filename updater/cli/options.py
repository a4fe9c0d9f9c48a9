"""The options that commands share. Each decorator hands its command one value in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from updater.cli.session import Session
from updater.errors import UsageError

if TYPE_CHECKING:
    from updater.wiring import Settings

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]

path_argument = click.argument("path", type=click.Path(path_type=Path), default=".")
repository_argument = click.argument("name", metavar="[PATH|REPO]", default=".")

report_option = click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page for people to this file: HTML in one piece, without anything from elsewhere.",
)


def common(*formats: str) -> Decorator:
    """The options that all commands take; the command gets a :class:`Session` called ``session``."""
    return _shared(_common_options(formats), {})


def networked(*formats: str) -> Decorator:
    """As :func:`common`, and the options of commands that ask registries and forges."""
    return _shared(
        (*_NETWORK_OPTIONS, *_common_options(formats)), {"platform", "endpoint", "cache", "refresh", "routes"}
    )


def conversing(*formats: str) -> Decorator:
    """As :func:`common`, and the options of commands that ask a forge, and no registry."""
    return _shared((*_FORGE_OPTIONS, *_common_options(formats)), {"platform", "endpoint"})


def autodiscovery(command: Command) -> Command:
    """The options by which repositories are found; the command gets a ``Wanted`` or None as ``wanted``."""

    @wraps(command)
    def started(
        *,
        autodiscover: bool,
        filters: tuple[str, ...],
        topics: tuple[str, ...],
        namespaces: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        from updater.platforms.discovery import Wanted

        if (filters or topics or namespaces) and not autodiscover:
            raise UsageError("filters, topics and namespaces go with --autodiscover")
        wanted = Wanted(filters=filters, topics=topics, namespaces=namespaces) if autodiscover else None
        return command(wanted=wanted, **rest)

    decorated: Command = started
    for option in reversed(_DISCOVERY_OPTIONS):
        decorated = option(decorated)
    return decorated


def _shared(options: Iterable[Decorator], of_network: Iterable[str]) -> Decorator:
    def decorate(command: Command) -> Command:
        @wraps(command)
        def started(
            *, form: str, config_file: Path | None, log_format: Literal["text", "json"], quiet: bool, **rest: Any
        ) -> Any:
            from updater.log import configure

            configure(log_format, quiet=quiet)
            network = {name: rest.pop(name) for name in of_network}
            settings = _settings(config_file, network)
            return command(session=Session(form=form, quiet=quiet, settings=settings), **rest)

        decorated: Command = started
        for option in reversed(tuple(options)):
            decorated = option(decorated)
        return decorated

    return decorate


def _settings(config_file: Path | None, network: Mapping[str, Any]) -> Settings:
    from datetime import timedelta

    from updater.wiring import Settings

    return Settings(
        platform=network.get("platform", "local"),
        endpoint=network.get("endpoint"),
        config_file=config_file,
        cache=network.get("cache"),
        fresh_for=timedelta(0) if network.get("refresh") else timedelta(minutes=10),
        routes=dict(_route(route) for route in network.get("routes", ())),
    )


def _route(text: str) -> tuple[str, str]:
    host, _, url = text.partition("=")
    if not host or not url.startswith(("http://", "https://")):
        raise UsageError(f"--route needs HOST=URL, not {host!r}")
    return host, url


def _common_options(formats: tuple[str, ...]) -> tuple[Decorator, ...]:
    return (
        click.option(
            "--format", "form", type=click.Choice(formats), default=formats[0], help="How to print the result."
        ),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Use this configuration file instead of the repository's.",
        ),
        click.option("--log-format", type=click.Choice(("text", "json")), default="text", help="How to log."),
        click.option("--quiet", is_flag=True, help="No progress, no warnings."),
    )


_FORGE_OPTIONS: tuple[Decorator, ...] = (
    click.option(
        "--platform",
        type=click.Choice(("local", "github", "gitlab", "gitea", "forgejo")),
        default="local",
        envvar="UPDATER_PLATFORM",
        help="Where the repository is: a checkout here, or on a forge.",
    ),
    click.option("--endpoint", envvar="UPDATER_ENDPOINT", help="The forge's API, if not the public one."),
)

_NETWORK_OPTIONS: tuple[Decorator, ...] = (
    *_FORGE_OPTIONS,
    click.option(
        "--cache",
        envvar="UPDATER_CACHE",
        help="Where answers are kept: sqlite:///FILE, redis://HOST or memory: (default: a file in ~/.cache).",
    ),
    click.option("--refresh", is_flag=True, help="Ask again even for answers that are minutes old."),
    click.option(
        "--route",
        "routes",
        multiple=True,
        metavar="HOST=URL",
        envvar="UPDATER_ROUTES",
        help="Send requests for HOST to URL instead (a mirror, a test registry). Repeatable.",
    ),
)

_DISCOVERY_OPTIONS: tuple[Decorator, ...] = (
    click.option(
        "--autodiscover",
        is_flag=True,
        envvar="UPDATER_AUTODISCOVER",
        help="All that the token may write to, without archived ones; forks if they ask for it (forkProcessing).",
    ),
    click.option(
        "--autodiscover-filter",
        "filters",
        multiple=True,
        metavar="PATTERN",
        envvar="UPDATER_AUTODISCOVER_FILTER",
        help="Only those whose names match: a glob or /regular expression/, negated by !. Repeatable.",
    ),
    click.option(
        "--autodiscover-topic",
        "topics",
        multiple=True,
        metavar="TOPIC",
        envvar="UPDATER_AUTODISCOVER_TOPICS",
        help="Only those with such a topic. Repeatable.",
    ),
    click.option(
        "--autodiscover-namespace",
        "namespaces",
        multiple=True,
        metavar="NAME",
        envvar="UPDATER_AUTODISCOVER_NAMESPACES",
        help="Only those of this owner or group, or below it. Repeatable.",
    ),
)
