"""What AWS takes although it is a step away from a refusal: a strict emulator must not say no."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws.cloud import Cloud, RequestFailedError, code_of

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
PULL = ("ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(*actions: str) -> str:
    return document({"Effect": "Allow", "Action": list(actions), "Resource": "*"})


def managed_policy(cloud: Cloud, name: str, *actions: str) -> str:
    made = cloud.iam.create_policy(PolicyName=name, PolicyDocument=allowing(*actions))
    return made["Policy"].get("Arn", "")


def test_an_attached_policy_is_attached_again_to_a_full_role(cloud: Cloud) -> None:
    cloud.role()
    arns = [managed_policy(cloud, f"policy-{number}", "s3:GetObject") for number in range(10)]
    for arn in [*arns, arns[0]]:
        cloud.iam.attach_role_policy(RoleName="execution", PolicyArn=arn)
    attached = cloud.iam.list_attached_role_policies(RoleName="execution")["AttachedPolicies"]
    assert len(attached) == 10, "attaching is idempotent and counts no policy twice"


def test_a_replaced_inline_policy_does_not_count_beside_its_successor(cloud: Cloud) -> None:
    cloud.iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(cloud.trust()))
    large = allowing("s3:" + "a" * 6000)
    for _ in range(2):
        cloud.iam.put_role_policy(RoleName="role", PolicyName="p", PolicyDocument=large)
    with pytest.raises(ClientError) as refused:
        cloud.iam.put_role_policy(RoleName="role", PolicyName="q", PolicyDocument=large)
    assert code_of(refused.value) == "LimitExceeded"


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}], ids=["none", "old"])
def test_an_inline_policy_may_have_the_old_version_or_none(
    cloud: Cloud, version: dict[str, str]
) -> None:
    cloud.role()
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = json.dumps({**version, "Statement": statement})
    cloud.iam.put_role_policy(RoleName="execution", PolicyName="p", PolicyDocument=policy)
    with pytest.raises(ClientError, match="must be version 2012-10-17 or greater"):
        cloud.iam.create_policy(PolicyName="p", PolicyDocument=policy)


def test_values_of_conditions_need_no_quotes_in_policies_of_iam(cloud: Cloud) -> None:
    condition = {
        "NumericLessThan": {"aws:MultiFactorAuthAge": 3600},
        "DateGreaterThanIfExists": {"aws:EpochTime": [1_700_000_000]},
        "Bool": {"aws:SecureTransport": True},
    }
    statement = {"Effect": "Allow", "Resource": "*", "Condition": condition}
    policy = document({**statement, "Action": "s3:GetObject"})
    trust = cloud.trust()
    trust["Statement"][0].update(Condition=condition, Action="sts:*")
    cloud.iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))
    cloud.iam.update_assume_role_policy(RoleName="role", PolicyDocument=json.dumps(trust))
    cloud.iam.put_role_policy(RoleName="role", PolicyName="p", PolicyDocument=policy)
    arn = cloud.iam.create_policy(PolicyName="p", PolicyDocument=policy)["Policy"].get("Arn", "")
    cloud.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy)
    kept = cloud.iam.get_role_policy(RoleName="role", PolicyName="p")["PolicyDocument"]
    assert kept == json.loads(policy), "what is kept is what was sent"


def test_a_customers_policy_may_have_the_name_of_one_of_awss(cloud: Cloud) -> None:
    cloud.role()
    cloud.iam.attach_role_policy(RoleName="execution", PolicyArn=READ_ONLY)
    assert managed_policy(cloud, "ReadOnlyAccess", "s3:GetObject")


def test_a_key_may_be_left_to_a_role_alone(cloud: Cloud) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": cloud.role()}, "Resource": "*"}
    kms = cloud.client("kms")
    assert kms.create_key(Policy=document({**statement, "Action": "kms:PutKeyPolicy"}))
    with pytest.raises(ClientError, match="will not allow you to update the key policy"):
        kms.create_key(Policy=document({**statement, "Action": "kms:Encrypt"}))


def test_a_key_decrypts_while_it_is_enabled(cloud: Cloud) -> None:
    kms, key = cloud.client("kms"), cloud.key()
    blob = kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"text"
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError) as refused:
        kms.decrypt(CiphertextBlob=blob)
    assert code_of(refused.value) == "DisabledException"


def test_tags_of_a_key_count_together_and_a_new_value_is_no_new_tag(cloud: Cloud) -> None:
    kms, key = cloud.client("kms"), cloud.key()
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"t{n}", "TagValue": "x"} for n in range(50)])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "t49", "TagValue": "y"}])
    with pytest.raises(ClientError) as refused:
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "t50", "TagValue": "y"}])
    assert code_of(refused.value) == "LimitExceededException"


def test_a_layer_stays_while_another_repository_holds_it(cloud: Cloud) -> None:
    for name in ("agents/assistant", "agents/other"):
        cloud.repository(name)
        cloud.push(repository=name)
    cloud.ecr.delete_repository(repositoryName="agents/other", force=True)
    cloud.role()
    assert cloud.create(cloud.runtime()), "the image's configuration can still be read"


def test_the_same_image_under_the_same_immutable_tag_is_there_already(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="agents/assistant", imageTagMutability="IMMUTABLE")
    cloud.push()
    with pytest.raises(ClientError) as refused:
        cloud.push()
    assert code_of(refused.value) == "ImageAlreadyExistsException"


def test_a_group_whose_own_rule_names_it_is_deleted(cloud: Cloud) -> None:
    _, group = cloud.network()
    ec2 = cloud.client("ec2")
    own = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[own])
    ec2.delete_security_group(GroupId=group)
    with pytest.raises(ClientError) as refused:
        ec2.describe_security_groups(GroupIds=[group])
    assert code_of(refused.value) == "InvalidGroup.NotFound"


def test_an_alarm_with_periods_of_an_hour_looks_back_a_week(cloud: Cloud) -> None:
    alarm = {
        "AlarmName": "errors",
        "MetricName": "Errors",
        "Namespace": "AWS/Bedrock-AgentCore",
        "Statistic": "Sum",
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm, Period=3600, EvaluationPeriods=168)
    with pytest.raises(ClientError, match="more than a week"):
        cloudwatch.put_metric_alarm(**alarm, Period=3600, EvaluationPeriods=169)


@pytest.mark.parametrize("missing", ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"])
def test_logs_needs_each_right_to_a_groups_key(cloud: Cloud, missing: str) -> None:
    kms, logs = cloud.client("kms"), cloud.client("logs")
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": cloud.account},
        "Action": "kms:*",
        "Resource": "*",
    }
    needed = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]
    service = {**owner, "Principal": {"Service": "logs.us-east-1.amazonaws.com"}}

    def create(name: str, actions: list[str]) -> None:
        policy = document(owner, {**service, "Action": actions})
        key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
        logs.create_log_group(logGroupName=name, kmsKeyId=key)

    create("whole", needed)
    with pytest.raises(ClientError) as refused:
        create("lacking", [action for action in needed if action != missing])
    assert code_of(refused.value) == "AccessDeniedException"


def test_a_repository_lets_a_role_in_only_within_its_boundary(ready: Cloud) -> None:
    boundary = managed_policy(ready, "boundary", PULL[0])
    bounded = ready.role(
        "bounded",
        permissions=json.loads(allowing(PULL[0])),
        PermissionsBoundary=boundary,
    )
    grant = {"Effect": "Allow", "Principal": {"AWS": bounded}, "Action": list(PULL[1:])}
    ready.ecr.set_repository_policy(repositoryName="agents/assistant", policyText=document(grant))
    with pytest.raises(RequestFailedError, match="Access denied while validating ECR URI"):
        ready.create(ready.runtime(RoleArn=bounded))
    wider = managed_policy(ready, "wider", *PULL)
    ready.iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=wider)
    assert ready.create(ready.runtime(RoleArn=bounded)), "what bounds it does not stand in the way"
