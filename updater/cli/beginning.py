"""How ``updater run`` treats a repository that has no configuration yet."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from updater.cli.exits import DONE, FAILED
from updater.cli.session import Session, print_lines
from updater.errors import ConfigError

if TYPE_CHECKING:
    from updater.api import Platform
    from updater.config import Config
    from updater.model.plan import Action, Plan
    from updater.onboarding import Draft, Start
    from updater.pipeline import Project


def onboarded(project: Project, session: Session) -> int | None:
    """Look after the pull request that adds a configuration; None where the repository is active."""
    from updater import onboarding
    from updater.pipeline import identity_of

    config, platform = session.configuration(project.tree), project.platform
    if config.path is not None or platform is None:
        return None
    platform = platform.acting_as(identity_of(config))
    start = onboarding.look(platform, config.repository.branch_prefix, project.base)
    if start.stage is onboarding.Stage.ACTIVE:
        return None
    if start.stage is onboarding.Stage.DECLINED and start.pull is not None:
        onboarding.leave_word(start, platform)
        click.echo(f"{project.repository} is left alone: #{start.pull.number} was closed without merging", err=True)
        return DONE
    written = _theirs if start.is_edited else _ours
    proposed = written(project, config, start, session)
    if proposed is None:
        click.echo(f"{project.repository}: nothing that could be updated was found", err=True)
        return DONE
    return _carried_out(_action(project, config, start, proposed), platform, session)


@dataclass(frozen=True, slots=True)
class _Proposed:
    """The file that the pull request would add, and what it tells about that."""

    draft: Draft
    body: str


def _ours(project: Project, config: Config, start: Start, session: Session) -> _Proposed | None:
    """The usual file, narrowed to what people have ticked; None where there is nothing to be updated."""
    from updater import onboarding
    from updater.report.onboarding import applications_of, onboarding_body

    prefix = config.repository.branch_prefix
    draft = onboarding.draft(prefix)
    plan = _plan(draft, project, session)
    if not plan.dependencies:
        return None
    applications = applications_of(plan)
    chosen = start.chosen(applications)
    if chosen:
        draft = onboarding.draft(prefix, chosen)
        plan = _plan(draft, project, session)
    return _Proposed(draft, onboarding_body(plan, draft.file, applications, chosen))


def _theirs(project: Project, config: Config, start: Start, session: Session) -> _Proposed:
    """The file that people have written on the branch, whether or not it can be used."""
    from updater import onboarding
    from updater.onboarding import Draft
    from updater.report.onboarding import onboarding_body, unusable_body

    assert project.platform is not None
    assert start.remote is not None
    tree, usual = project.platform.tree(start.remote.name), onboarding.draft(config.repository.branch_prefix)
    try:
        path = session.configuration(tree).path
    except ConfigError as error:
        draft = Draft(file=error.path, text="", problem=str(error))
    else:
        texts = {name: data.decode("utf-8", "replace") for name, data in tree.read([path] if path else [])}
        draft = (
            Draft(file=path, text=texts[path]) if path else replace(usual, problem="the branch has no configuration")
        )
    if draft.problem is not None:
        return _Proposed(draft, unusable_body(draft.file, draft.problem))
    return _Proposed(draft, onboarding_body(_plan(draft, project, session), draft.file, {}, ()))


def _plan(draft: Draft, project: Project, session: Session) -> Plan:
    """What would happen if the file were there, and nothing were open."""
    from updater.cli.plans import made_plan

    there = session.with_settings(given=(draft.file, draft.text))
    alone = replace(project, platform=None)
    return made_plan(alone, there.whole_configuration(alone), there)


def _action(project: Project, config: Config, start: Start, proposed: _Proposed) -> Action:
    from updater import onboarding
    from updater.model.forge import Base
    from updater.publish import OwnChecks

    assert project.platform is not None
    options, base = config.repository, Base(project.base, project.tree.commit)
    body = proposed.body[: project.platform.BODY_LIMIT]
    branch = onboarding.wanted(proposed.draft, base, options.branch_prefix, body)
    checks = OwnChecks(names=options.status_check_names, when=options.status_check_when)
    return onboarding.action_for(branch, start, onboarding.verdict(proposed.draft, start, project.platform, checks))


def _carried_out(action: Action, platform: Platform, session: Session) -> int:
    from updater import publish, wiring
    from updater.report import as_json, terminal

    with wiring.lease(platform) if action.writes else nullcontext():
        outcomes = publish.apply([action], platform)
    if session.form == "json":
        click.echo(as_json.dump(as_json.outcomes(outcomes)))
    else:
        print_lines(terminal.outcomes(outcomes))
    return FAILED if any(outcome.failed is not None for outcome in outcomes) else DONE
