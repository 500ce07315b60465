"""Recovers a stack: decides what is pending or may have been lost, and writes it into the state."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from recovery.decisions import Decision, Missing, Refusal, decide
from recovery.lookups import (
    IDENTITY_TAG,
    LOOKUPS,
    CannotTellError,
    Client,
    Clients,
    Inputs,
    Thing,
    find,
    says,
)
from recovery.pulumi_cli import PulumiCli
from recovery.recovery_error import ProgramError, RecoveryError
from recovery.stack_state import Adoption, Record, StackState

RUNBOOK: Final = "docs/runbooks/interrupted-deployment.md"
REQUEST_SECONDS: Final = 30.0
"""How long after the state was last written a request of a killed command may still arrive."""

_WORK_SECONDS: Final = 900.0
_POLL_SECONDS: Final = 0.5
_PROVIDER: Final = "pulumi:providers:"
_CHANGES: Final = ("update", "replace", "create-replacement", "delete-replaced")
_CREATES: Final = ("create", "replace", "create-replacement")


@dataclass(frozen=True)
class Aws:
    """AWS, as the ambient credentials or those of a stack of the offline AWS reach it.

    Attributes:
        client: makes a boto3 client of a service in a region; None is the ambient one.
        request_seconds: how long after the state was last written a request may still arrive.
    """

    client: Callable[[str, str | None], Client]
    request_seconds: float = REQUEST_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What a recovery found.

    Attributes:
        imported: how many things AWS had and the state lacked.
        nothing: whether everything was as it should be.
    """

    imported: int
    nothing: bool


@dataclass
class Recovery:
    """One look at a stack, and what it leads to.

    Attributes:
        cli: the Pulumi CLI on the stack.
        aws: where things are looked for.
        report: takes a line for each resource that is decided.
        dry_run: look and tell, and change nothing.
    """

    cli: PulumiCli
    aws: Aws
    report: Callable[[str], None]
    dry_run: bool = False
    _clients: dict[tuple[str, str | None], Client] = field(
        default_factory=dict[tuple[str, str | None], Client]
    )
    _checked: set[tuple[str, ...]] = field(default_factory=set[tuple[str, ...]])

    def run(self, *, thorough: bool) -> Outcome:
        """Make the state true again.

        Pending operations are always decided. A create that the engine took for failed, because
        AWS's answer was lost, leaves no trace in the state.

        Args:
            thorough: also look for what the program plans to create and AWS has already, which
                costs a preview.

        Raises:
            RecoveryError: something is there that is not provably the stack's (then nothing is
                changed), or AWS or the CLI refuses.
            ProgramError: the program does not get through a preview; what is pending is decided.
        """
        try:
            return self._run(thorough=thorough)
        except (ClientError, BotoCoreError) as error:
            raise RecoveryError(f"AWS cannot be asked: {error}") from error
        except CannotTellError as error:
            raise RecoveryError(str(error)) from error

    def tell_surplus(self) -> None:
        """Name what a successful deployment made twice, because it repeated a lost request.

        Raises:
            RecoveryError: AWS or the CLI refuses.
        """
        try:
            self._tell_surplus(StackState(self.cli.export()), [])
        except (ClientError, BotoCoreError, CannotTellError) as error:
            raise RecoveryError(f"AWS cannot be asked: {error}") from error

    def _run(self, *, thorough: bool) -> Outcome:
        state = StackState(self.cli.export())
        creates, others = state.pending_creates, state.pending_others
        self._wait_for_requests(state, [*creates, *(record for _, record in others)])
        plan, no_plan = self._plan() if thorough else ([], None)
        pending = {record["urn"] for record in creates}
        lost = [
            record
            for record in _planned(plan, _CREATES)
            if record["urn"] not in pending and state.knows_surroundings_of(record)
        ]
        self._wait_for_requests(state, lost)
        decided = [(self._decision(record, state, pending=True), True) for record in creates]
        decided += [(self._decision(record, state, pending=False), False) for record in lost]
        _refuse([decision for decision, _ in decided if isinstance(decision, Refusal)])
        adoptions = [decision for decision, _ in decided if isinstance(decision, Adoption)]
        cleared = [
            decision.record
            for decision, begun in decided
            if begun and isinstance(decision, Missing)
        ]
        broken = [record["urn"] for record in state.doubtful if self._is_broken(record, state)]
        reread = {
            urn: why for urn, why in _reread(state, others, plan).items() if urn not in broken
        }
        if not self.dry_run:
            self._apply(state, adoptions, broken, [*reread, *state.unread])
        self._tell(adoptions, cleared, broken, reread, state.unread)
        told = self._tell_surplus(state, adoptions) if thorough else False
        if no_plan is not None:
            raise no_plan
        return Outcome(
            imported=len(adoptions),
            nothing=not (
                adoptions or cleared or broken or reread or others or state.unread or told
            ),
        )

    def _plan(self) -> tuple[list[dict[str, Any]], ProgramError | None]:
        """The steps an ``up`` would take, or why that cannot be told."""
        try:
            return self.cli.preview().get("steps") or [], None
        except ProgramError as error:
            return [], error

    def _decision(self, record: Record, state: StackState, *, pending: bool) -> Decision:
        if not _is_on_aws(record):
            return Missing(record)
        lookup = LOOKUPS.get(record["type"])
        if lookup is None:
            reason = f"nothing is known here of how to find a {record['type']}"
            return Refusal(record, reason) if pending else Missing(record)
        if not (pending or lookup.named or IDENTITY_TAG in _inputs_of(record).tags):
            # It is not known to have been begun, and it could never be made if this were refused.
            return Missing(record)
        clients = self._clients_for(record, state)
        try:
            things = self._things(record, clients)
            if not things and pending and self._may_still_arrive(record, state):
                things = self._things(record, clients)
        except CannotTellError as error:
            return Refusal(record, str(error))
        return decide(record, lookup, things, state, self.cli.last_deployed)

    def _is_broken(self, record: Record, state: StackState) -> bool:
        """Whether AWS has the thing and says that its creation failed."""
        if record["type"] not in LOOKUPS:
            return False
        things = self._things(record, self._clients_for(record, state))
        return any(thing.broken and thing.id == record["id"] for thing in things)

    def _things(self, record: Record, clients: Clients) -> list[Thing]:
        """What AWS has, none of it in the making."""
        lookup, inputs = LOOKUPS[record["type"]], _inputs_of(record)
        for _ in self._patience(f"AWS is at work on {name_of(record)}"):
            things = find(lookup, inputs, clients)
            if not any(thing.busy for thing in things):
                return things
        raise RecoveryError(
            f"AWS is still at work on {name_of(record)}. Run the same command again later."
        )

    def _may_still_arrive(self, record: Record, state: StackState) -> bool:
        """Wait until no request of the killed command can be on its way; whether that took time."""
        if state.written is None:
            return False
        age = (datetime.now(UTC) - state.written).total_seconds()
        # The machine that wrote it may have a clock that is fast.
        left = self.aws.request_seconds - max(age, 0.0)
        if left <= 0:
            return False
        self.report(
            f"{name_of(record)}: not there yet; looking again in {left:.0f} s, when no request of "
            "the interrupted command can be on its way any more."
        )
        time.sleep(left)
        return True

    def _wait_for_requests(self, state: StackState, records: Iterable[Record]) -> None:
        """Cloud Control goes on with what it was asked for, whoever asked is gone or not."""
        by_type = {record["type"]: record for record in records if record["type"] in LOOKUPS}
        for kind, record in by_type.items():
            lookup = LOOKUPS[kind]
            if lookup.cloud_control is None:
                continue
            control = self._clients_for(record, state)("cloudcontrol")
            for _ in self._patience(f"Cloud Control is at work on {name_of(record)}"):
                if not _is_at_work(control, lookup.cloud_control):
                    break
            else:
                raise RecoveryError(
                    f"Cloud Control is still at work on {name_of(record)}. Run the same command "
                    "again later."
                )

    def _patience(self, said: str) -> Iterator[None]:
        """Attempts until the time is up; from the second on the user knows why."""
        deadline = time.monotonic() + _WORK_SECONDS
        yield
        self.report(f"{said}; waiting for its end.")
        while time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            yield

    def _clients_for(self, record: Record, state: StackState) -> Clients:
        """AWS where the resource's provider makes it, and only with the provider's credentials."""
        provider = state.provider_of(record)
        region = _inputs_of(record).region or (provider and provider.region)

        def client(service: str) -> Client:
            place = (service, region)
            if place not in self._clients:
                self._clients[place] = self.aws.client(*place)
            return self._clients[place]

        accounts = provider.accounts if provider else ()
        if accounts and accounts not in self._checked:
            account = client("sts").get_caller_identity()["Account"]
            if account not in accounts:
                raise RecoveryError(
                    f"these are credentials of account {account}, and stack {self.cli.stack} "
                    f"belongs to {', '.join(accounts)}. Set credentials of that account."
                )
            self._checked.add(accounts)
        return client

    def _tell(
        self,
        adoptions: Sequence[Adoption],
        cleared: Sequence[Record],
        broken: Sequence[str],
        reread: Mapping[str, str],
        unread: Sequence[str],
    ) -> None:
        would = "would be " if self.dry_run else ""
        for adoption in adoptions:
            fate = ", to be replaced: its creation failed" if adoption.broken else ""
            self.report(
                f"{name_of(adoption.record)}: found as {adoption.id}, {would}imported{fate}"
            )
        for record in cleared:
            self.report(f"{name_of(record)}: not there, the interrupted create {would}cleared")
        for urn in broken:
            self.report(
                f"{name_of({'urn': urn})}: its creation failed, to be replaced by the next up"
            )
        for urn, why in reread.items():
            self.report(f"{name_of({'urn': urn})}: {why}, {would}read anew")
        for urn in unread:
            self.report(f"{name_of({'urn': urn})}: imported before, {would}read")

    def _tell_surplus(self, state: StackState, adoptions: Sequence[Adoption]) -> bool:
        """Name what carries the identity tag of a resource that is another thing."""
        adopted = {adoption.id for adoption in adoptions}
        told = False
        for record in [*state.resources, *(adoption.record for adoption in adoptions)]:
            lookup = LOOKUPS.get(record["type"])
            inputs = _inputs_of(record)
            if lookup is None or lookup.named or IDENTITY_TAG not in inputs.tags:
                continue
            known = adopted | state.ids(record["type"])
            for thing in find(lookup, inputs, self._clients_for(record, state)):
                if thing.id not in known:
                    adopted.add(thing.id)
                    told = True
                    self.report(
                        f"{name_of(record)}: {thing.id} carries its tag too and is in no state. "
                        f"If nothing needs it: {lookup.remove.format(id=thing.id)}"
                    )
        return told

    def _apply(
        self,
        state: StackState,
        adoptions: Sequence[Adoption],
        broken: Sequence[str],
        reread: Sequence[str],
    ) -> None:
        """Write it. Cut off at any point, the next recovery finds what is left to do."""
        if adoptions or broken or state.pending_creates or (state.pending_others and not reread):
            self.cli.replace_state(state.with_adopted(adoptions, broken))
        urns = dict.fromkeys([*reread, *(adoption.record["urn"] for adoption in adoptions)])
        if urns:
            self.cli.refresh(list(urns))


def _inputs_of(record: Record) -> Inputs:
    return Inputs(record.get("inputs") or {})


def name_of(record: Mapping[str, Any]) -> str:
    """A resource as a person calls it: the type's last word and the logical name."""
    # urn:pulumi:stack::project::type::name, where a name may hold :: too.
    *_, kind, name = str(record["urn"]).split("::", 3)
    return f"{kind.rpartition(':')[2]} {name}"


def _is_at_work(control: Client, type_name: str) -> bool:
    wanted = {"OperationStatuses": ["PENDING", "IN_PROGRESS", "CANCEL_IN_PROGRESS"]}
    pages = control.get_paginator("list_resource_requests").paginate(
        ResourceRequestStatusFilter=wanted
    )
    try:
        return any(
            event["TypeName"] == type_name
            for page in pages
            for event in page["ResourceRequestStatusSummaries"]
        )
    except ClientError as error:
        # The permission is not needed for deploying; the things themselves say when they are busy.
        if says(error, "AccessDeniedException"):
            return False
        raise


def _is_on_aws(record: Record) -> bool:
    """Whether it is a thing of AWS; components and providers are Pulumi's own."""
    return bool(record.get("custom")) and not record["type"].startswith(_PROVIDER)


def _planned(steps: Iterable[Mapping[str, Any]], operations: Sequence[str]) -> list[Record]:
    """The resources of these steps that a provider makes, each once, as they will be."""
    found: dict[str, Record] = {}
    for step in steps:
        record: Record = step.get("newState") or {}
        if record and step["op"] in operations and _is_on_aws(record):
            found[step["urn"]] = record
    return list(found.values())


def _reread(
    state: StackState,
    others: Iterable[tuple[str, Record]],
    plan: Iterable[Mapping[str, Any]],
) -> dict[str, str]:
    """Resources whose record may be older than the thing, each with the reason."""
    reread = {
        record["urn"]: f"interrupted while {doing}"
        for doing, record in others
        if state.of(record["urn"]) is not None
    }
    for record in _planned(plan, _CHANGES):
        live = state.of(record["urn"])
        if live is not None and not live.get("pendingReplacement"):
            reread.setdefault(record["urn"], "a change of it is planned")
    return reread


def _refuse(refusals: Sequence[Refusal]) -> None:
    if not refusals:
        return
    lines = [f"{name_of(refusal.record)}: {refusal.reason}" for refusal in refusals]
    raise RecoveryError(
        "only a person can decide these; nothing was changed.\n"
        + "\n".join(f"  - {line}" for line in lines)
        + f"\nRemove it, or take it into the stack with pulumi import, as {RUNBOOK} tells."
    )
