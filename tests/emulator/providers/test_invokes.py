import pytest

from emulator.providers.aws.provider import AwsProvider
from emulator.providers.configuration import Configuration
from emulator.providers.errors import ProviderError
from tests.emulator.providers.engine_calls import EngineCalls

IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"
PARTITION = "aws:index/getPartition:getPartition"
GET_REGION = "aws:index/getRegion:getRegion"


def test_the_caller_is_the_account_of_the_port(aws: EngineCalls) -> None:
    answer = aws.provider.call_function(IDENTITY, {})
    assert answer["accountId"] == answer["id"] == aws.configuration.account
    assert set(answer) == {"accountId", "arn", "id", "userId"}, "the SDK's result has these"


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east-1", ("aws", "amazonaws.com", "com.amazonaws")),
        ("us-gov-west-1", ("aws-us-gov", "amazonaws.com", "com.amazonaws")),
        ("cn-north-1", ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws")),
    ],
)
def test_the_partition_is_that_of_the_region(
    aws_provider: AwsProvider, region: str, expected: tuple[str, str, str]
) -> None:
    aws = EngineCalls(aws_provider, Configuration(region, aws_provider.clients.account))
    answer = aws.provider.call_function(PARTITION, {})
    assert (answer["partition"], answer["dnsSuffix"], answer["reverseDnsPrefix"]) == expected


def test_the_region_is_the_instances_or_the_one_asked_for(aws: EngineCalls) -> None:
    assert aws.provider.call_function(GET_REGION, {}) == {
        "description": "US East (N. Virginia)",
        "endpoint": "ec2.us-east-1.amazonaws.com",
        "id": "us-east-1",
        "name": "us-east-1",
        "region": "us-east-1",
    }
    assert aws.provider.call_function(GET_REGION, {"region": "eu-west-1"})["name"] == "eu-west-1"


def test_another_function_or_argument_is_refused_by_name(aws: EngineCalls) -> None:
    with pytest.raises(ProviderError, match='function "aws:ec2/getVpc:getVpc" is not supported'):
        aws.provider.call_function("aws:ec2/getVpc:getVpc", {})
    with pytest.raises(ProviderError, match='argument "endpoint"'):
        aws.provider.call_function(GET_REGION, {"endpoint": "x"})
    with pytest.raises(ProviderError, match='"mars-1" is not an AWS region'):
        aws.provider.call_function(GET_REGION, {"region": "mars-1"})
