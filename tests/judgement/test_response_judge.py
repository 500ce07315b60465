"""The judge itself: it lets pass what AWS answers, and finds one thing wrong with it."""

import json
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel

from tests.judgement.response_judge import UnlikeAwsError, judge, violations

_EVENT = {
    "ProgressEvent": {
        "TypeName": "AWS::BedrockAgentCore::Runtime",
        "RequestToken": "3f1b1a5e-0a0f-4b9f-8f0a-0b5a3a1d2c3b",
        "Operation": "CREATE",
        "OperationStatus": "IN_PROGRESS",
        "EventTime": 1764000000.5,
    }
}
_ENDPOINT = {
    "agentRuntimeEndpointArn": "arn:aws:bedrock-agentcore:us-east-1:111111111111:runtime/"
    "assistant-0123456789/runtime-endpoint/DEFAULT",
    "agentRuntimeArn": "arn:aws:bedrock-agentcore:us-east-1:111111111111:runtime/"
    "assistant-0123456789",
    "status": "READY",
    "createdAt": "2026-01-01T00:00:00Z",
    "lastUpdatedAt": "2026-01-01T00:00:00.123456Z",
    "name": "DEFAULT",
    "id": "DEFAULT",
}
_ROLE = """<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolesResult>
<IsTruncated>false</IsTruncated><Roles><member><Path>/</Path><RoleName>agent</RoleName>
<RoleId>AROA0123456789ABCDEF</RoleId><Arn>arn:aws:iam::111111111111:role/agent</Arn>
<CreateDate>2026-01-01T00:00:00Z</CreateDate><MaxSessionDuration>3600</MaxSessionDuration></member>
</Roles></ListRolesResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</ListRolesResponse>""".replace("\n", "")
_NOTHING = """<DeleteRoleResponse><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</DeleteRoleResponse>""".replace("\n", "")
_VPCS = """<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId><state>available</state>
<isDefault>true</isDefault></item></vpcSet></DescribeVpcsResponse>""".replace("\n", "")
_CONTROL = "bedrock-agentcore-control"


@cache
def _service(name: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(name)


def found(service: str, operation: str, body: object, status: int = 200) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body)
    response: dict[str, Any] = {"status_code": status, "headers": {}, "body": text.encode()}
    return list(violations(_service(service).operation_model(operation), response))


def event(**changes: object) -> object:
    return {"ProgressEvent": {**_EVENT["ProgressEvent"], **changes}}


@pytest.mark.parametrize(
    ("service", "operation", "good"),
    [
        ("cloudcontrol", "GetResourceRequestStatus", _EVENT),
        (_CONTROL, "GetAgentRuntimeEndpoint", _ENDPOINT),
        ("iam", "ListRoles", _ROLE),
        ("ec2", "DescribeVpcs", _VPCS),
        ("iam", "DeleteRole", _NOTHING),
    ],
)
def test_an_answer_of_the_service_passes(service: str, operation: str, good: object) -> None:
    assert found(service, operation, good) == []


@pytest.mark.parametrize(
    ("operation", "body", "said"),
    [
        ("GetResourceRequestStatus", {**_EVENT, "Extra": 1}, ".Extra is unknown to the model"),
        ("GetResourceRequestStatus", event(typeName="x"), ".ProgressEvent.typeName is unknown"),
        ("GetResourceRequestStatus", event(Operation="MAKE"), "none of CREATE, DELETE, UPDATE"),
        ("GetResourceRequestStatus", event(EventTime="2026-01-01T00:00:00Z"), "no number of sec"),
        ("GetResourceRequestStatus", event(TypeName="Runtime"), "does not match"),
        ("GetResourceRequestStatus", event(RequestToken=""), "under the minimum of 1"),
        ("GetResourceRequestStatus", event(StatusMessage=7), "7 is no string"),
        ("GetResourceRequestStatus", [], "the body is no object"),
        ("GetAgentRuntimeEndpoint", {**_ENDPOINT, "createdAt": 1764000000}, "no ISO 8601"),
        ("GetAgentRuntimeEndpoint", {**_ENDPOINT, "status": None}, ".status is missing"),
        ("GetAgentRuntimeEndpoint", {**_ENDPOINT, "name": "a-b"}, "does not match"),
    ],
)
def test_what_botocore_would_skip_in_json_is_found(operation: str, body: object, said: str) -> None:
    service = "cloudcontrol" if operation == "GetResourceRequestStatus" else _CONTROL
    assert any(said in violation for violation in found(service, operation, body))


@pytest.mark.parametrize(
    ("service", "old", "new", "said"),
    [
        ("iam", "<Path>", "<Extra>x</Extra><Path>", ".Extra is unknown to the model"),
        ("iam", "<RoleName>agent</RoleName>", "", ".RoleName is missing"),
        ("iam", "<RoleName>agent<", "<RoleName>a b<", "does not match"),
        ("iam", "<RoleName>", "<RoleName>a</RoleName><RoleName>", "there 2 times"),
        ("iam", "<IsTruncated>false", "<IsTruncated>False", "no boolean"),
        ("iam", "3600", "an hour", "no integer"),
        ("iam", "3600", "60", "under the minimum of 3600"),
        ("iam", "2026-01-01T00:00:00Z", "1764000000", "no ISO 8601"),
        ("iam", "<RequestId>r</RequestId>", "", "no request id"),
        ("ec2", "available", "there", "none of pending, available"),
        ("ec2", "<requestId>", "<vpcs/><requestId>", ".vpcs is unknown to the model"),
        ("ec2", "DescribeVpcsResponse", "DescribeVpcs", "the root is DescribeVpcs"),
    ],
)
def test_what_botocore_would_skip_in_xml_is_found(
    service: str, old: str, new: str, said: str
) -> None:
    operation, good = ("ListRoles", _ROLE) if service == "iam" else ("DescribeVpcs", _VPCS)
    assert any(said in violation for violation in found(service, operation, good.replace(old, new)))


@pytest.mark.parametrize(
    ("code", "message", "status", "said"),
    [
        ("ResourceNotFoundException", "Nothing there", 400, None),
        ("ThrottlingException", "Slow down", 400, None),
        ("NotImplemented", "The offline AWS does not serve it", 501, None),
        ("NotImplemented", "The offline AWS does not serve it", 400, "nor a common one"),
        ("ResourceNotFound", "Nothing there", 400, "nor a common one"),
        ("ResourceNotFoundException", "", 400, "no message"),
    ],
)
def test_an_error_has_a_message_and_a_code_that_the_operation_may_answer(
    code: str, message: str, status: int, said: str | None
) -> None:
    body = {"__type": code, "message": message}
    violations_found = found("cloudcontrol", "GetResource", body, status)
    if said is None:
        assert violations_found == []
    else:
        assert any(said in violation for violation in violations_found)


def test_an_error_of_another_status_than_the_model_says_is_found() -> None:
    error = "<Type>Sender</Type><Code>NoSuchEntity</Code><Message>Nothing there</Message>"
    body = f"<ErrorResponse><Error>{error}</Error><RequestId>r</RequestId></ErrorResponse>"
    assert found("iam", "GetRole", body, 404) == []
    assert "the model says 404" in found("iam", "GetRole", body, 400)[0]


def test_the_verdict_names_the_operation_and_shows_the_answer() -> None:
    response: dict[str, Any] = {"status_code": 200, "headers": {}, "body": b'{"Extra": 1}'}
    operation = _service("cloudcontrol").operation_model("GetResourceRequestStatus")
    with pytest.raises(UnlikeAwsError, match="GetResourceRequestStatus") as verdict:
        judge(operation, response)
    assert "Extra" in str(verdict.value)
