"""The steps of a deployment at which it can be disturbed, read from an undisturbed one."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_CALLER: Final = ("sts", "GetCallerIdentity", "")
_CLOUD_CONTROL: Final = "cloudcontrolapi"
IMAGE: Final = "image"
PROVIDERS: Final = "providers"

# What is asked of AWS to make a resource of a type: service, operation, a word the request says.
_REQUESTS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "pulumi:providers:aws": (_CALLER,),
    "pulumi:providers:aws-native": (_CALLER,),
    "aws:ecr/repository:Repository": (("ecr", "CreateRepository", "agentcore-dev/assistant"),),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (("ecr", "PutLifecyclePolicy", ""),),
    "aws:iam/role:Role": (("iam", "CreateRole", ""),),
    "aws:iam/rolePolicy:RolePolicy": (("iam", "PutRolePolicy", ""),),
    "aws:kms/key:Key": (("kms", "CreateKey", ""), ("kms", "EnableKeyRotation", "")),
    "aws:kms/alias:Alias": (("kms", "CreateAlias", ""),),
    "aws-native:bedrockagentcore:Runtime": (
        (_CLOUD_CONTROL, "CreateResource", "AWS::BedrockAgentCore::Runtime"),
        (_CLOUD_CONTROL, "CREATE", "AWS::BedrockAgentCore::Runtime"),
    ),
    "aws-native:bedrockagentcore:RuntimeEndpoint": (
        (_CLOUD_CONTROL, "CreateResource", "AWS::BedrockAgentCore::RuntimeEndpoint"),
        (_CLOUD_CONTROL, "CREATE", "AWS::BedrockAgentCore::RuntimeEndpoint"),
    ),
}
# The image is pushed between two updates, by no resource.
_PUSH: Final = (
    ("ecr", "InitiateLayerUpload", "agentcore-dev/assistant"),
    ("ecr", "UploadLayerPart", "agentcore-dev/assistant"),
    ("ecr", "CompleteLayerUpload", "agentcore-dev/assistant"),
    ("ecr", "PutImage", "agentcore-dev/assistant"),
)
_READS: Final = re.compile(r"(Get|List|Describe|BatchGet|BatchCheck)")
_LOGGED: Final = re.compile(
    r"INFO (?P<service>\S+) (?P<operation>\S+) account=(?P<account>\S+) region=\S+ "
    r"status=(?P<status>\S+)"
)


class UnknownStepError(Exception):
    """The deployment does something that the campaign would not disturb."""


@dataclass(frozen=True)
class LoggedRequest:
    """A request as the offline AWS has logged it."""

    service: str
    operation: str
    status: str


@dataclass(frozen=True)
class Step:
    """A request that makes a resource, or a part of one.

    Attributes:
        resource: the type of what is made, `image` or `providers`.
        urns: the resources that are there once it is done; none for an image.
        service: which the request is made to, by its signing name.
        operation: of the API; `CREATE` is the work of Cloud Control's handler, behind its answer.
        word: what tells its request from others of the operation.
    """

    resource: str
    urns: tuple[str, ...]
    service: str
    operation: str
    word: str

    @property
    def in_handler(self) -> bool:
        """Whether it is done behind an answer that was given already."""
        return self.operation == "CREATE"


@dataclass(frozen=True)
class Event:
    """The begin (`resourcePreEvent`) or end (`resOutputsEvent`) of a resource's creation."""

    kind: str
    urn: str
    type: str


def creations(events: Path) -> Iterator[Event]:
    """The creations in all event logs of a folder, as far as they are written."""
    for file in sorted(events.glob("*.json")):
        for line in file.read_text("utf-8").splitlines():
            try:
                event: dict[str, Any] = json.loads(line)
            except ValueError:
                continue  # the engine is writing it
            for kind in ("resourcePreEvent", "resOutputsEvent"):
                metadata = event.get(kind, {}).get("metadata", {})
                if metadata.get("op") == "create":
                    yield Event(kind, metadata["urn"], metadata["type"])


def logged_requests(log: str, account: str) -> list[LoggedRequest]:
    """What an account has asked of AWS, in the order of the answers."""
    found = _LOGGED.finditer(log)
    return [
        LoggedRequest(entry["service"], entry["operation"], entry["status"])
        for entry in found
        if entry["account"] == account
    ]


def steps_of(events: Iterable[Event], requests: Iterable[LoggedRequest]) -> list[Step]:
    """The steps of an undisturbed deployment, in their order.

    Raises:
        UnknownStepError: a cloud resource without a step, or a change on AWS without one.
    """
    made = [event for event in events if event.kind == "resOutputsEvent" and _in_cloud(event.type)]
    unknown = {event.type for event in made} - _REQUESTS.keys()
    if unknown:
        raise UnknownStepError(f"nothing tells what makes {', '.join(sorted(unknown))}")
    by_request: dict[tuple[str, str, str], Step] = {}
    for event in made:
        for request in _REQUESTS[event.type]:
            known = by_request.get(request)
            urns = (*(known.urns if known else ()), event.urn)
            resource = PROVIDERS if request == _CALLER else event.type
            by_request[request] = Step(resource, urns, *request)
    asked = list(dict.fromkeys((entry.service, entry.operation) for entry in requests))
    pushed = [request for request in _PUSH if request[:2] in asked]
    by_request |= {request: Step(IMAGE, (), *request) for request in pushed}
    claimed = {(step.service, step.operation) for step in by_request.values()}
    unclaimed = [one for one in asked if one not in claimed and not _READS.match(one[1])]
    if unclaimed:
        raise UnknownStepError(f"no resource is known to ask for {unclaimed}")
    return sorted(by_request.values(), key=lambda step: _place(step, asked, made))


def _in_cloud(resource_type: str) -> bool:
    return resource_type.startswith(("aws:", "aws-native:", "pulumi:providers:"))


def _place(step: Step, asked: list[tuple[str, str]], made: list[Event]) -> tuple[int, int, bool]:
    """By the first such request; those of Cloud Control's one operation by their resources."""
    operation = "CreateResource" if step.in_handler else step.operation
    ends = [place for place, event in enumerate(made) if event.urn in step.urns]
    return asked.index((step.service, operation)), max(ends, default=0), step.in_handler
