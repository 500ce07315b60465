"""The functions of the `aws-native` provider that get a resource."""

import inspect
import json

import pytest
from pulumi import _types  # pyright: ignore[reportPrivateUsage]
from pulumi_aws_native.iam import get_role

from emulator.providers.errors import ProviderError
from tests.emulator.aws.cloud import Cloud
from tests.emulator.providers.conftest import REGION
from tests.emulator.providers.engine_calls import EngineCalls
from tests.emulator.providers.samples import policy, trust

GET_ROLE = "aws-native:iam:getRole"
GET_RUNTIME = "aws-native:bedrockagentcore:getRuntime"


def test_a_role_is_got_with_its_documents(native: EngineCalls) -> None:
    iam = native.provider.clients.get("iam", REGION, 1)
    iam.create_role(RoleName="brought", AssumeRolePolicyDocument=trust())
    iam.put_role_policy(
        RoleName="brought", PolicyName="inline", PolicyDocument=policy("s3:GetObject")
    )
    answer = native.provider.call_function(GET_ROLE, {"roleName": "brought"})
    assert answer["assumeRolePolicyDocument"] == json.loads(trust())
    assert answer["policies"] == [
        {"policyName": "inline", "policyDocument": json.loads(policy("s3:GetObject"))}
    ], "the names inside documents stay as IAM has them"
    assert answer["arn"].endswith(":role/brought")
    source = inspect.getsource(get_role)
    assert f"invoke('{GET_ROLE}'" in source
    assert "__args__['roleName']" in source
    results = set(_types.output_type_types(get_role.__globals__["GetRoleResult"]))
    assert {"assumeRolePolicyDocument", "managedPolicyArns", "policies"} <= results


def test_a_runtime_is_got_by_its_id(native: EngineCalls, cloud: Cloud) -> None:
    made = cloud.create(cloud.runtime(AgentRuntimeName="got"))
    answer = native.provider.call_function(GET_RUNTIME, {"agentRuntimeId": made})
    assert (answer["agentRuntimeName"], answer["status"]) == ("got", "READY")


@pytest.mark.parametrize(
    ("token", "arguments", "message"),
    [
        (GET_ROLE, {"roleName": "nobody"}, "resource not found"),
        (GET_ROLE, {}, 'missing identifier property "roleName"'),
        (GET_ROLE, {"roleName": 7}, 'identifier property "roleName", expected type string'),
        (GET_ROLE, {"roleName": "r", "path": "/"}, f'argument "path" of {GET_ROLE} is not'),
        ("aws-native:index:cidr", {}, 'function "aws-native:index:cidr" is not supported'),
        ("aws-native:iam:getRoles", {"roleName": "r"}, 'did you mean "aws-native:iam:Role"'),
    ],
)
def test_what_cannot_be_got_is_refused(
    native: EngineCalls, token: str, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        native.provider.call_function(token, arguments)
    assert message in str(caught.value)
