"""Judges raw HTTP responses by botocore's models: what a lenient parser would never tell.

botocore's parsers skip members they do not know, take any enum value, and leave out what is
missing. A response that only they can read may still be nothing AWS would ever answer.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from xml.etree import ElementTree as ET

from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    Shape,
    StringShape,
    StructureShape,
)
from botocore.parsers import ResponseParserFactory, RpcV2CBORParser
from botocore.session import Session

from tests.judgement.model_constraints import ISO_8601, broken_constraints, is_document, parts

# What any operation may answer besides the errors its model declares. Source: "Common Errors" of
# the API references of IAM, STS, KMS and Cloud Control.
COMMON_ERRORS: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InternalFailure",
        "InvalidAction",
        "InvalidClientTokenId",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidQueryParameter",
        "MalformedQueryString",
        "MissingAction",
        "MissingAuthenticationToken",
        "MissingParameter",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationError",
        "ValidationException",
    }
)
# The offline AWS says so where it does not serve an operation at all; AWS has no such answer.
NOT_SERVED: Final = ("NotImplemented", 501)

# Where the service contradicts its own model.
UNDECLARED_ERRORS: Final = {
    # "Scope ARN: ... does not exist or is not attachable", as users of Terraform report it.
    ("iam", "CreateRole", "NoSuchEntity"),
    ("iam", "PutRolePermissionsBoundary", "NoSuchEntity"),
    # Of aliases that begin with alias/aws/, as moto's authors saw it.
    ("kms", "CreateAlias", "NotAuthorizedException"),
}
NOT_ALWAYS_THERE: Final = {
    # Optional when a runtime is created, required and never empty in the list of runtimes.
    ("AgentRuntime", "description"),
}
WITHOUT_PATTERN: Final = {
    # NAME-<10 characters> by the model; the service answers the endpoint's name, such as DEFAULT.
    "AgentRuntimeEndpointId",
}
MAY_BE_EMPTY: Final = {
    # By the model of Logs one tag at least, as TagResource wants; a log group may have none.
    "Tags",
}
IN_LOWER_CASE: Final = {
    # The state of a VPC endpoint is Available by the model; the service answers available, as
    # the PrivateLink guide's "Interface endpoint lifecycle" and terraform-provider-aws have it.
    "State",
}
BEYOND_THE_MODEL: Final = {
    # An internet gateway's attachment, by the description of InternetGatewayAttachment.
    ("AttachmentStatus", "available"): "attached",
    # By the filter interface-type of DescribeNetworkInterfaces; the model has natGateway.
    ("NetworkInterfaceType", "nat_gateway"): "natGateway",
    # Of the interfaces of AgentCore's runtimes, as users of Terraform report them.
    ("NetworkInterfaceType", "agentic_ai"): "interface",
}

# How XML writes what is no text.
_WRITTEN: Final = {
    "boolean": re.compile(r"true|false"),
    "integer": re.compile(r"-?\d+"),
    "long": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "double": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
}
# Services differ in how they spell the message, and moto writes both.
_ERROR_MEMBERS: Final = frozenset({"__type", "message", "Message"})
_JSON: Final = ("json", "rest-json", "smithy-rpc-v2-cbor")
_XML: Final = ("query", "ec2", "rest-xml")


class UnlikeAwsError(AssertionError):
    """A response that is not one of the service's, by its own model."""


def judge(
    operation_model: OperationModel, response_dict: Mapping[str, Any], **_event: object
) -> None:
    """Raise UnlikeAwsError for a response that AWS would not answer; a botocore event handler."""
    found = list(violations(operation_model, response_dict))
    if found:
        service = operation_model.service_model.service_name
        body = cast("bytes", response_dict["body"])
        raise UnlikeAwsError(
            "\n".join([f"{service} {operation_model.name} answered unlike AWS:", *found])
            + f"\nin: {body[:2000]!r}"
        )


def judge_responses(client: Any) -> Any:
    """Judge all that the boto3 client is answered from here on; returns the client."""
    client.meta.events.register("before-parse", judge)
    return client


class JudgedSession(Session):
    """A botocore session whose clients are all judged."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("before-parse", judge)


def violations(operation: OperationModel, response: Mapping[str, Any]) -> Iterator[str]:
    """Everything in the response that the operation's model does not have."""
    protocol = str(operation.service_model.resolved_protocol)
    if response["status_code"] >= 300:
        yield from _of_error(operation, response, protocol)
    elif protocol in _JSON:
        yield from _of_json(operation, response, protocol)
    elif protocol in _XML:
        yield from _of_xml(operation, response, protocol)
    else:
        yield f"an answer in the protocol {protocol} cannot be judged"


# Errors -------------------------------------------------------------------------------------------


def _of_error(
    operation: OperationModel, response: Mapping[str, Any], protocol: str
) -> Iterator[str]:
    service = operation.service_model.service_name
    parser = ResponseParserFactory().create_parser(protocol)
    parse = cast("Any", parser).parse
    error: dict[str, str] = parse(dict(response), operation.output_shape).get("Error", {})
    code, status = str(error.get("Code", "")), response["status_code"]
    if not error.get("Message"):
        yield f"error {code!r} has no message"
    shapes = cast("list[StructureShape]", operation.error_shapes)
    declared = {_error_code(shape): shape for shape in shapes}
    known = declared.get(code)
    if known is not None:
        wanted = known.metadata.get("error", {}).get("httpStatusCode")
        if wanted not in (None, status):
            yield f"error {code} comes with HTTP status {status}, the model says {wanted}"
        if protocol in _JSON:
            yield from _members(known, _decoded(response, protocol), "error", _ERROR_MEMBERS)
    elif (
        declared
        and code not in COMMON_ERRORS
        and (code, status) != NOT_SERVED
        and (service, operation.name, code) not in UNDECLARED_ERRORS
    ):
        yield f"error {code!r} is none of {', '.join(sorted(declared))}, nor a common one"
    elif not code:
        yield "the error has no code"


def _error_code(shape: Shape) -> str:
    return str(getattr(shape, "error_code", None) or shape.name)


# JSON ---------------------------------------------------------------------------------------------


def _of_json(
    operation: OperationModel, response: Mapping[str, Any], protocol: str
) -> Iterator[str]:
    shape = operation.output_shape
    if shape is None or not shape.members:
        if response["body"].strip() not in (b"", b"{}", b"\xa0"):
            yield f"the operation has no output, there is {response['body']!r}"
        return
    body = _decoded(response, protocol)
    if not isinstance(body, dict):
        yield "the body is no object"
        return
    payload = shape.serialization.get("payload")
    if payload is not None:
        yield from _value(shape.members[payload], cast("object", body), payload)
    else:
        yield from _members(shape, cast("dict[str, Any]", body), "")


def _decoded(response: Mapping[str, Any], protocol: str) -> Any:
    body = cast("bytes", response["body"])
    if protocol != "smithy-rpc-v2-cbor":
        return json.loads(body or b"{}")
    stream: Any = io.BufferedReader(io.BytesIO(body))  # pyright: ignore[reportArgumentType]
    return cast("Any", RpcV2CBORParser()).parse_data_item(stream)


def _members(
    shape: StructureShape,
    given: Mapping[str, Any],
    path: str,
    beside: frozenset[str] = frozenset(),
) -> Iterator[str]:
    in_body = {_name(name, member): member for name, member in shape.members.items()}
    for name, value in given.items():
        if value is None:
            continue  # As good as absent to every client; moto writes it.
        member = in_body.get(name)
        if member is not None and "location" not in member.serialization:
            yield from _value(member, value, f"{path}.{name}")
        elif name not in beside:
            yield f"{path}.{name} is unknown to the model"
    absent = {
        name
        for name in shape.required_members
        if "location" not in shape.members[name].serialization
        and given.get(_name(name, shape.members[name])) is None
        and (shape.name, name) not in NOT_ALWAYS_THERE
    }
    yield from _missing(path, absent - beside)
    if getattr(shape, "is_tagged_union", False) and len(given) != 1:
        yield f"{path} is a union and has {len(given)} members"


def _value(shape: Shape, value: object, path: str) -> Iterator[str]:
    for part, own, place in parts(shape, value, path):
        if part.name not in WITHOUT_PATTERN and (own != {} or part.name not in MAY_BE_EMPTY):
            yield from (f"{place}: {broken}" for broken in broken_constraints(part, own))
        match part, own:
            case StructureShape(), dict() if not is_document(part):
                yield from _members(part, cast("dict[str, Any]", own), place)
            case _ if part.type_name == "timestamp":
                form = part.serialization.get("timestampFormat")
                yield from _timestamp(own, place, iso=form == "iso8601")
            case _:
                pass


def _timestamp(value: object, path: str, *, iso: bool) -> Iterator[str]:
    if iso and not (isinstance(value, str) and ISO_8601.fullmatch(value)):
        yield f"{path}: {value!r} is no ISO 8601 timestamp"
    if not iso and isinstance(value, str):
        yield f"{path}: {value!r} is no number of seconds"


# XML ----------------------------------------------------------------------------------------------


def _of_xml(operation: OperationModel, response: Mapping[str, Any], protocol: str) -> Iterator[str]:
    root = ET.fromstring(response["body"])  # noqa: S314 - our own loopback server's
    shape = operation.output_shape
    if protocol != "rest-xml" and _tag(root) != f"{operation.name}Response":
        yield f"the root is {_tag(root)}"
    if protocol != "query":
        yield from _elements(shape, root, "", frozenset({"requestId"}))
        return
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    parts = {_tag(child): child for child in root}
    yield from (
        f"{name} is unknown to the protocol" for name in parts.keys() - {wrapper, _METADATA}
    )
    metadata = parts.get(_METADATA)
    if metadata is None or [_tag(child) for child in metadata] != ["RequestId"]:
        yield "the response metadata has no request id"
    if wrapper in parts:
        yield from _elements(shape, parts[wrapper], "")
    elif wrapper is not None:
        yield f"{wrapper} is missing"


_METADATA: Final = "ResponseMetadata"


def _elements(
    shape: StructureShape | None,
    element: ET.Element,
    path: str,
    beside: frozenset[str] = frozenset(),
) -> Iterator[str]:
    members = dict(shape.members) if shape else {}
    by_tag = {_member_tag(name, member): member for name, member in members.items()}
    for tag, times in Counter(_tag(child) for child in element).items():
        member = by_tag.get(tag)
        if member is None:
            if tag not in beside:
                yield f"{path}.{tag} is unknown to the model"
        elif times > 1 and not _is_flattened(member):
            yield f"{path}.{tag} is there {times} times"
    for child in element:
        if member := by_tag.get(_tag(child)):
            repeated = cast("Any", member).member if _is_flattened(member) else member
            yield from _element(repeated, child, f"{path}.{_tag(child)}")
    given = {_tag(child) for child in element}
    required = shape.required_members if shape else ()
    yield from _missing(
        path, {name for name in required if _member_tag(name, members[name]) not in given}
    )


def _element(shape: Shape, element: ET.Element, path: str) -> Iterator[str]:
    children = list(element)
    match shape:
        case StructureShape():
            yield from _elements(shape, element, path)
        case ListShape():
            item = _name("member", shape.member)
            yield from (
                f"{path}.{_tag(child)} is no item, those are {item}"
                for child in children
                if _tag(child) != item
            )
            yield from (f"{path}: {broken}" for broken in broken_constraints(shape, children))
            for index, child in enumerate(children):
                yield from _element(shape.member, child, f"{path}[{index}]")
        case MapShape():
            tags = [_name("key", shape.key), _name("value", shape.value)]
            for child in children:
                if [_tag(part) for part in child] != tags:
                    yield f"{path}.{_tag(child)} is no entry of key and value"
                    continue
                yield from _element(shape.key, child[0], f"{path}.key")
                yield from _element(shape.value, child[1], f"{path}.{child[0].text}")
        case _:
            text = element.text or ""
            if children:
                yield f"{path} holds elements, the model a {shape.type_name}"
            if shape.type_name == "timestamp":
                yield from _timestamp(text, path, iso=True)
                return
            form = _WRITTEN.get(shape.type_name)
            value: object = json.loads(text) if form and form.fullmatch(text) else text
            value = _as_declared(shape, value)
            yield from (f"{path}: {broken}" for broken in broken_constraints(shape, value))


def _as_declared(shape: Shape, value: object) -> object:
    """The value as the model would have it, where the service is known to differ from it."""
    if shape.name in IN_LOWER_CASE:
        declared = {name.lower(): name for name in cast("StringShape", shape).enum}
        return declared.get(str(value), f"{value} in another case")
    return BEYOND_THE_MODEL.get((shape.name, str(value)), value)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_flattened(shape: Shape) -> bool:
    return bool(shape.serialization.get("flattened"))


def _member_tag(name: str, member: Shape) -> str:
    if isinstance(member, ListShape) and _is_flattened(member):
        return _name(_name(name, member), member.member)
    return _name(name, member)


def _name(name: str, member: Shape) -> str:
    return str(member.serialization.get("name", name))


def _missing(path: str, names: set[str]) -> Iterator[str]:
    yield from (f"{path}.{name} is missing, the model requires it" for name in sorted(names))
