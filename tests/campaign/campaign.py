"""Runs scenarios: deploy disturbed, deploy again, compare with an undisturbed deployment."""

import re
import time
from collections import Counter
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from commands.recover import recover
from emulator.instance import Instance
from tests.campaign.disturbances import Scenario, disturb
from tests.campaign.end_state import EndState, account_of, end_state
from tests.campaign.jobs import FOREIGN_REPOSITORY, Job
from tests.campaign.site import STACK, NotDisturbedError, Site
from tests.campaign.steps import Step, creations, steps_of


class CampaignError(Exception):
    """The undisturbed deployment fails, so there is nothing to compare with."""


@dataclass(frozen=True)
class Reference:
    """An undisturbed deployment.

    Attributes:
        job: what was deployed.
        steps: what it did.
        end: what it left.
    """

    job: Job
    steps: list[Step]
    end: EndState


@dataclass(frozen=True)
class Verdict:
    """How a scenario ended.

    Attributes:
        job: what was deployed.
        scenario: how it was disturbed.
        seconds: how long it took.
        problems: what is not as it should be; none is a success.
        output: what the commands said.
    """

    job: Job
    scenario: Scenario
    seconds: float
    problems: list[str]
    output: Path


def undisturbed(job: Job, instance: Instance, folder: Path) -> Reference:
    """Deploy without a disturbance. Raises CampaignError."""
    site = Site(folder, instance, job)
    if site.up():
        raise CampaignError(f"{job.name} cannot be deployed:\n{site.output.read_text('utf-8')}")
    steps = steps_of(creations(site.events), site.requests())
    return Reference(job, steps, end_state(site))


def run(scenario: Scenario, reference: Reference, instance: Instance, folder: Path) -> Verdict:
    """Run one scenario in an account of its own, and take it down again."""
    started = time.monotonic()
    site = Site(folder, instance, reference.job)
    try:
        problems = recovered(site, scenario, reference)
        problems = problems or another_up_changes(site) or taken_down(site)
    except NotDisturbedError as error:
        problems = [str(error)]
    seconds = time.monotonic() - started
    return Verdict(reference.job, scenario, seconds, problems, site.output)


def recovered(site: Site, scenario: Scenario, reference: Reference) -> list[str]:
    """Deploy disturbed, and again if that failed; say what is not as if nothing had happened."""
    if disturb(site, scenario) != 0 and (code := site.up()):
        return [f"up after the disturbance failed with exit code {code}"]
    end = _without_the_second_key(site) if scenario.makes_two else end_state(site)
    problems = reference.end.differences(end)
    if not site.deployment.stack.ended_well:
        problems.append("the deployment still counts as unfinished")
    return problems


def _without_the_second_key(site: Site) -> EndState:
    """Do what the recovery says of a key that nobody knows of; it must name that one alone."""
    said = StringIO()
    recover(site.deployment.workspace, STACK, Console(file=said, soft_wrap=True), dry_run=True)
    for key in re.findall(r"schedule-key-deletion .*--key-id (\S+)", said.getvalue()):
        site.deployment.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    end = end_state(site)
    return replace(end, creations=end.creations - Counter(["kms CreateKey"]))


def another_up_changes(site: Site) -> list[str]:
    """Say what another `up` would change, things having been read anew."""
    preview = site.deployment.cli("preview", "--refresh", "--expect-no-changes")
    return [f"another up would change something: {preview.text}"] if preview.exit_code else []


def taken_down(site: Site) -> list[str]:
    """Take it down; say what stays, beside an image that was not the stack's."""
    destroyed = site.deployment.cli("destroy", "--yes", "--skip-preview")
    if destroyed.exit_code:
        return [f"it cannot be taken down: {destroyed.text}"]
    held = account_of(site)
    held["repositories"] = [
        repository
        for repository in held.get("repositories", [])
        if repository["repositoryName"] != FOREIGN_REPOSITORY
    ]
    return [f"{kind} are left: {things}" for kind, things in held.items() if things]
