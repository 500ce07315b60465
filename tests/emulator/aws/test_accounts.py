import urllib.error

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import RUNTIME, Cloud, ask, code_of

REAL = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"}


def test_the_access_key_id_is_the_account(cloud: Cloud) -> None:
    assert cloud.client("sts").get_caller_identity()["Account"] == cloud.account


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("sts", "get_caller_identity", {}),
        ("ec2", "describe_vpcs", {}),
        ("ecr", "describe_repositories", {}),
        ("cloudcontrol", "list_resources", {"TypeName": RUNTIME}),
        ("bedrock-agentcore-control", "list_agent_runtimes", {}),
        ("cloudwatch", "describe_alarms", {}),
        ("s3", "list_buckets", {}),
    ],
)
def test_real_credentials_are_refused_in_every_protocol(
    cloud: Cloud, service: str, operation: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="refusing real credentials") as refused:
        getattr(cloud.client(service, **REAL), operation)(**arguments)
    assert code_of(refused.value) == "InvalidClientTokenId"
    getattr(cloud.client(service), operation)(**arguments)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("xray", "get_indexing_rules", {}),
        ("iam", "simulate_custom_policy", {"PolicyInputList": ["{}"], "ActionNames": ["s3:Get"]}),
    ],
)
def test_an_operation_that_is_not_served_is_named(
    cloud: Cloud, service: str, operation: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(ClientError, match="The offline AWS does not serve") as refused:
        getattr(cloud.client(service), operation)(**arguments)
    assert code_of(refused.value) == "NotImplemented"


def test_keys_of_an_assumed_role_work_in_the_roles_account(ready: Cloud) -> None:
    assumed = ready.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ready.account}:role/execution", RoleSessionName="test"
    )["Credentials"]
    session = ready.client(
        "ecr",
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )
    assert len(session.describe_repositories()["repositories"]) == 1


def test_accounts_do_not_see_each_other(ready: Cloud, aws_url: str) -> None:
    identifier = ready.create(ready.runtime())
    other = Cloud(aws_url, "198765432109")
    assert identifier not in str(other.control.list_resources(TypeName=RUNTIME))
    for seen in (
        other.agentcore.list_agent_runtimes()["agentRuntimes"],
        other.ecr.describe_repositories()["repositories"],
        other.iam.list_roles()["Roles"],
    ):
        assert not seen
    with pytest.raises(ClientError) as missing:
        other.read(identifier)
    assert code_of(missing.value) == "ResourceNotFoundException"


def test_an_unsigned_request_is_refused(aws_url: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask("GET", f"{aws_url}/")
    with refused.value as answer:
        assert answer.code == 403
        assert "Missing Authentication Token" in answer.read().decode()


def test_opening_an_account_answers_its_provider_ports_again_and_again(aws_url: str) -> None:
    for _ in range(2):
        assert ask("POST", f"{aws_url}/_emulator/accounts/111111111111") == {
            "account": "111111111111",
            "providers": {"aws": 1011, "aws-native": 2011},
        }
    health = ask("GET", f"{aws_url}/_emulator/health")
    assert health["instance"] == "tests"
    assert health["accounts"] == ["111111111111"]


@pytest.mark.parametrize("account", ["12345678901", "prod"])
def test_an_account_that_is_no_account_id_is_refused(aws_url: str, account: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask("POST", f"{aws_url}/_emulator/accounts/{account}")
    with refused.value as answer:
        assert "12 digits" in answer.read().decode()
