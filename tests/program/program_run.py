"""Runs the whole program against recording mocks, drained, and hands out what it registered."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from unittest.mock import patch

import pulumi
from pulumi.runtime import mocks
from pulumi.runtime.config import CONFIG
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_root_resource, set_root_resource

from infra.stack import deploy
from tests.program.looked_up import OWN_NETWORK, Answer
from tests.stack_files import PROJECT, handed_over

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

    def __init__(self, answers: Mapping[str, Answer], *, preview: bool) -> None:
        self._answers = answers
        self._preview = preview

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        inputs = cast("dict[str, Any]", cast("Any", args).inputs)
        if self._preview:
            return None, inputs
        computed = _computed(args.typ, args.name, inputs)
        resource_id = computed.get("agentRuntimeId") or computed.pop("id", f"{args.name}-id")
        return resource_id, {**inputs, **computed}

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        answer = self._answers.get(args.token)
        assert answer, f"the program looked up {args.token}, which nobody expects"
        return answer(cast("dict[str, Any]", cast("Any", args).args)), []


def _computed(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case "aws:ecr/repository:Repository":
            repository = inputs["name"]
            return {
                "arn": f"arn:aws:ecr:us-east-1:{_ELSEWHERE}:repository/{repository}",
                "repositoryUrl": f"{_ELSEWHERE}.dkr.ecr.us-east-1.amazonaws.com/{repository}",
            }
        case "aws:iam/role:Role":
            return {"arn": f"arn:aws:iam::{_ELSEWHERE}:role/{inputs['name']}"}
        case "aws:kms/key:Key":
            return {"arn": f"arn:aws:kms:us-east-1:{_ELSEWHERE}:key/k", "keyId": "k"}
        case "aws-native:bedrockagentcore:Runtime":
            runtime_id = f"{inputs['agentRuntimeName']}-0123456789"
            return {
                "agentRuntimeArn": f"arn:aws:bedrock-agentcore:us-east-1:{_ELSEWHERE}:runtime/"
                + runtime_id,
                "agentRuntimeId": runtime_id,
                "agentRuntimeVersion": "1",
                "status": "READY",
            }
        case "aws-native:bedrockagentcore:RuntimeEndpoint":
            return {
                "agentRuntimeEndpointArn": f"arn:aws:bedrock-agentcore:us-east-1:{_ELSEWHERE}:"
                f"runtime/{inputs['agentRuntimeId']}/runtime-endpoint/{inputs['name']}",
                "status": "READY",
                "liveVersion": inputs["agentRuntimeVersion"],
            }
        case "aws:ec2/vpcEndpoint:VpcEndpoint":
            return _made("vpce", name) | {"dnsEntries": [{"dnsName": f"{name}.vpce.amazonaws.com"}]}
        case _ if kind in _NUMBERED:
            return _made(_NUMBERED[kind], name)
        case _:
            return {}


# What EC2 numbers, by the begin of its ids.
_NUMBERED: Final = {
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
}


def _made(prefix: str, name: str) -> dict[str, str]:
    return {"id": f"{prefix}-{hashlib.sha256(name.encode()).hexdigest()[:17]}"}


class _Monitor(mocks.MockMonitor):
    """Keeps each request, because the mocks see neither parents nor protection."""

    def __init__(self, answers: Mapping[str, Answer], *, preview: bool) -> None:
        super().__init__(_Cloud(answers, preview=preview))
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
) -> ProgramRun:
    """Run the program for a stack with this config (full keys, plain values).

    `secret` names the keys that hold a Pulumi secret; `answers` are what it finds when it looks
    something up. No config comes from outside.
    """
    monitor = _Monitor(answers, preview=preview)
    messages = _Messages()
    logger = logging.Logger(f"program.{stack}")
    logger.addHandler(messages)
    exit_codes: list[int] = []
    outputs: dict[str, Any] = {}

    def program() -> None:
        try:
            deploy()
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
        infos=[r.getMessage() for r in messages.records if r.levelno == logging.INFO],
        exit_code=exit_codes[0] if exit_codes else None,
    )
