"""Runs the whole program against recording mocks, drained, and hands out what it registered."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from unittest.mock import patch

import pulumi
from pulumi.runtime import mocks
from pulumi.runtime.config import CONFIG
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_root_resource, set_root_resource

from infra.stack import deploy
from tests.program.looked_up import OWN_NETWORK, Answer, NotFoundError
from tests.stack_files import PROJECT, handed_over

_READ_STACK: Final = "pulumi:pulumi:readStackOutputs"
_ELSEWHERE = "999999999999"  # provider-looking answers, so that an echoed input is noticed


@dataclass(frozen=True)
class Registered:
    """One resource as the engine was asked to register it: inputs in wire form, and options.

    `outputs` are what the mocks answered, the id among them.
    """

    type: str
    name: str
    urn: str
    inputs: dict[str, Any]
    options: resource_pb2.RegisterResourceRequest
    outputs: dict[str, Any]

    @property
    def is_custom(self) -> bool:
        return self.options.custom

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")


class _Cloud(pulumi.runtime.Mocks):
    """Answers with values that look like the provider's, never with the inputs alone.

    At preview a provider knows no more than the inputs, and the SDK takes the rest for unknown.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer],
        stacks: Mapping[str, dict[str, Any]],
        *,
        preview: bool,
    ) -> None:
        self._answers = answers
        self._stacks = stacks
        self._preview = preview

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        inputs = cast("dict[str, Any]", cast("Any", args).inputs)
        if self._preview:
            return None, inputs
        computed = _computed(args.typ, args.name, inputs)
        return computed.pop("id", f"{args.name}-id"), {**inputs, **computed}

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        answer = {**self._answers, _READ_STACK: self._stack}.get(args.token)
        assert answer, f"the program looked up {args.token}, which nobody expects"
        try:
            return answer(cast("dict[str, Any]", cast("Any", args).args)), []
        except NotFoundError as error:
            return {}, [("", str(error))]

    def _stack(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The outputs of another stack, as the engine tells them; None stands for a secret."""
        name = arguments["name"]
        if name not in self._stacks:
            raise NotFoundError(f'unknown stack "{name}"')
        outputs = self._stacks[name]
        secret = [key for key, value in outputs.items() if value is None]
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}


def _arn(service: str, resource: str, region: str = "us-east-1") -> str:
    return f"arn:aws:{service}:{region}:{_ELSEWHERE}:{resource}"


def _computed(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    computed: dict[str, Any] = {}
    if kind in _NUMBERED:
        number = hashlib.sha256(f"{kind} {name}".encode()).hexdigest()[:17]
        computed["id"] = f"{_NUMBERED[kind]}-{number}"
    match kind:
        case "aws:ecr/repository:Repository":
            repository = inputs["name"]
            computed |= {
                "arn": _arn("ecr", f"repository/{repository}"),
                "repositoryUrl": f"{_ELSEWHERE}.dkr.ecr.us-east-1.amazonaws.com/{repository}",
            }
        case "aws:iam/role:Role":
            computed["arn"] = _arn("iam", f"role/{inputs['name']}", region="")
        case "aws:kms/key:Key":
            computed |= {"arn": _arn("kms", "key/k"), "keyId": "k"}
        case "aws:cloudwatch/logGroup:LogGroup":
            computed["arn"] = _arn("logs", f"log-group:{inputs['name']}")
        case "aws:ec2/eip:Eip":
            computed["allocationId"] = computed["id"]
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            computed["dnsEntries"] = [{"dnsName": f"{name}.vpce.amazonaws.com"}]
        case "aws-native:bedrockagentcore:Runtime":
            runtime_id = f"{inputs['agentRuntimeName']}-0123456789"
            computed |= {
                "id": runtime_id,
                "agentRuntimeArn": _arn("bedrock-agentcore", f"runtime/{runtime_id}"),
                "agentRuntimeId": runtime_id,
                "agentRuntimeVersion": "1",
                "status": "READY",
            }
        case "aws-native:bedrockagentcore:RuntimeEndpoint":
            endpoint = f"{inputs['agentRuntimeId']}/runtime-endpoint/{inputs['name']}"
            computed |= {
                "agentRuntimeEndpointArn": _arn("bedrock-agentcore", f"runtime/{endpoint}"),
                "status": "READY",
                "liveVersion": inputs["agentRuntimeVersion"],
            }
        case _:
            pass
    return computed


# What EC2 numbers, by the begin of its ids.
_NUMBERED: Final = {
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/internetGateway:InternetGateway": "igw",
    "aws:ec2/eip:Eip": "eipalloc",
    "aws:ec2/natGateway:NatGateway": "nat",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
}


class _Monitor(mocks.MockMonitor):
    """Keeps each request, because the mocks see neither parents nor protection."""

    def __init__(
        self,
        answers: Mapping[str, Answer],
        stacks: Mapping[str, dict[str, Any]],
        *,
        preview: bool,
    ) -> None:
        super().__init__(_Cloud(answers, stacks, preview=preview))
        self.registered: list[Registered] = []
        self.finished: set[str] = set()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        response = cast("Any", super()).RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            outputs = {**_plain(response.object), "id": response.id}
            self.registered.append(
                Registered(
                    request.type,
                    request.name,
                    str(response.urn),
                    _plain(request.object),
                    request,
                    outputs,
                )
            )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.finished.add(request.urn)
        return cast("Any", super()).RegisterResourceOutputs(request)


def _plain(properties: Any) -> dict[str, Any]:
    return cast(
        "dict[str, Any]",
        pulumi.runtime.rpc.deserialize_properties(properties, keep_unknowns=True),
    )


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@dataclass(frozen=True)
class ProgramRun:
    """What one run of the program registered, exported and said; `exit_code` None is success.

    `finished` holds the URNs of the components that registered their outputs.
    """

    resources: list[Registered]
    finished: set[str]
    outputs: dict[str, Any]
    errors: list[str]
    warnings: list[str]
    infos: list[str]
    exit_code: int | None

    def of_type(self, kind: str) -> list[Registered]:
        return [resource for resource in self.resources if resource.type == kind]

    def one(self, kind: str) -> Registered:
        (found,) = self.of_type(kind)
        return found


def run_program(
    stack: str,
    config: dict[str, Any],
    *,
    preview: bool = False,
    secret: Sequence[str] = (),
    answers: Mapping[str, Answer] = OWN_NETWORK,
    stacks: Mapping[str, dict[str, Any]] | None = None,
    main: Callable[[], object] = deploy,
) -> ProgramRun:
    """Run the program for a stack with this config (full keys, plain values).

    `secret` names the keys that hold a Pulumi secret; `answers` are what it finds when it looks
    something up, `stacks` the outputs of other stacks. No config comes from outside. `main` is
    another program to run in its place.

    The program is run once for the same arguments: many claims are about the same run.
    """
    if answers is not OWN_NETWORK or stacks is not None or main is not deploy:
        return _run(stack, config, preview, secret, answers, stacks or {}, main)
    key = (stack, json.dumps(config), preview, *secret)
    if key not in _RUNS:
        _RUNS[key] = _run(stack, config, preview, secret, answers, {}, main)
    return _RUNS[key]


_RUNS: Final[dict[tuple[str | bool, ...], ProgramRun]] = {}


def _run(
    stack: str,
    config: dict[str, Any],
    preview: bool,  # noqa: FBT001
    secret: Sequence[str],
    answers: Mapping[str, Answer],
    stacks: Mapping[str, dict[str, Any]],
    main: Callable[[], object],
) -> ProgramRun:
    monitor = _Monitor(answers, stacks, preview=preview)
    messages = _Messages()
    logger = logging.Logger(f"program.{stack}", logging.INFO)
    logger.addHandler(messages)
    exit_codes: list[int] = []
    outputs: dict[str, Any] = {}

    def program() -> None:
        try:
            main()
        except SystemExit as stop:
            exit_codes.append(cast("int", stop.code))
        root = cast("Any", get_root_resource())
        pulumi.Output.from_input(root.outputs).apply(outputs.update)

    # A loop of its own: whoever called asyncio.run before has left none behind.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    set_root_resource(None)  # pyright: ignore[reportArgumentType] - or it keeps an earlier run's exports
    pulumi.runtime.set_mocks(
        monitor.mocks, project=PROJECT, stack=stack, preview=preview, logger=logger, monitor=monitor
    )
    token = CONFIG.set(handed_over(config))
    outside = {"PULUMI_CONFIG": "{}", "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(secret))}
    try:
        with patch.dict(os.environ, outside):
            cast("Any", pulumi.runtime).test(program)()
    finally:
        CONFIG.reset(token)
        asyncio.set_event_loop(None)
        loop.close()
    return ProgramRun(
        resources=monitor.registered,
        finished=monitor.finished,
        outputs=outputs,
        errors=[r.getMessage() for r in messages.records if r.levelno >= logging.ERROR],
        warnings=[r.getMessage() for r in messages.records if r.levelno == logging.WARNING],
        infos=[r.getMessage() for r in messages.records if r.levelno == logging.INFO],
        exit_code=exit_codes[0] if exit_codes else None,
    )
