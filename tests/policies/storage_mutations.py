"""What can be wrong with repositories, keys, logs, alarms and the policies of resources."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from agentcore_policies.model import Value
from tests.policies.documents import allowing, document, with_first, without
from tests.policies.edits import Add, Put, Ref, Without
from tests.policies.forms import KEY, LIFECYCLE_POLICY, LOG_GROUP, REPOSITORY, REPOSITORY_POLICY
from tests.policies.mutation import TAGS, Mutation, values

_ACCOUNT: Final = "222222222222"
_AGENT: Final = "tagged"
_PARTNER: Final = {"AWS": "arn:aws:iam::333333333333:root"}


def _rules(*selections: dict[str, Any]) -> str:
    """A lifecycle policy that expires what is selected."""
    rules = [
        {"rulePriority": n, "selection": selection, "action": {"type": "expire"}}
        for n, selection in enumerate(selections, 1)
    ]
    return json.dumps({"rules": rules})


_OLD: Final = {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
_REGISTRY: Final = (
    *values(
        "ecr-immutable-tags",
        REPOSITORY,
        "imageTagMutability",
        {"mutable": "MUTABLE", "not given": None},
        "IMMUTABLE",
        _AGENT,
    ),
    *values(
        "ecr-scan-on-push",
        REPOSITORY,
        "imageScanningConfiguration",
        {"not given": None, "off": {"scanOnPush": False}, "half given": {}},
        {"scanOnPush": True},
        _AGENT,
    ),
    *values(
        "ecr-encryption",
        REPOSITORY,
        "encryptionConfigurations",
        {"not given": None, "AWS's own": [{"encryptionType": "AES256"}]},
        [{"encryptionType": "KMS"}],
        _AGENT,
    ),
    *values("ecr-force-delete", REPOSITORY, "forceDelete", {"forced": True}, None, _AGENT),
    Mutation(
        "ecr-lifecycle-policy",
        "none",
        (Without(LIFECYCLE_POLICY, _AGENT),),
        (Put(LIFECYCLE_POLICY, "policy", _rules({"tagStatus": "untagged", **_OLD}), _AGENT),),
    ),
    *values(
        "ecr-lifecycle-keeps-releases",
        LIFECYCLE_POLICY,
        "policy",
        {
            "every image": _rules({"tagStatus": "any", **_OLD}),
            "every tag": _rules({"tagStatus": "tagged", "tagPatternList": ["*"], **_OLD}),
            "keeping none": _rules({"tagStatus": "untagged", **_OLD, "countNumber": 0}),
            "no rule": '{"rules": []}',
            "no JSON": '{"rules": ',
        },
        _rules({"tagStatus": "tagged", "tagPatternList": ["pr-*"], **_OLD, "countNumber": 1}),
        _AGENT,
    ),
)

_KEYS: Final = (
    *values(
        "kms-key-rotation", KEY, "enableKeyRotation", {"off": False, "not given": None}, good=True
    ),
    *values(
        "kms-key-rotation", KEY, "rotationPeriodInDays", {"too seldom": 366, "too often": 89}, 90
    ),
    *values("kms-deletion-window", KEY, "deletionWindowInDays", {"6 days": 6, "a week": 7}, 30),
    *values(
        "kms-lockout-check", KEY, "bypassPolicyLockoutSafetyCheck", {"left out": True}, good=False
    ),
    *values(
        "kms-policy-lockout",
        KEY,
        "policy",
        {
            "nobody of the account": without("IamOfThisAccountDecides"),
            "in some cases only": with_first(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        },
        with_first(Action="kms:*", Principal={"AWS": [_ACCOUNT]}),
    ),
    *values(
        "kms-policy-public",
        KEY,
        "policy",
        {
            "everybody": allowing({"Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}),
            "everybody of AWS": allowing(
                {"Principal": {"AWS": ["*"]}, "Action": "kms:Decrypt", "Resource": "*"}
            ),
        },
        allowing({"Principal": _PARTNER, "Action": "kms:Decrypt", "Resource": "*"}),
    ),
    *values(
        "kms-logs-context",
        KEY,
        "policy",
        {
            "every account's groups": lambda policy: _second(policy, Condition=None),
        },
        lambda policy: _second(policy, Sid="Logs"),
    ),
    *values(
        "kms-logs-grant",
        KEY,
        "policy",
        {
            "not at all": without("FlowLogsAreEncrypted"),
            "reading only": lambda policy: _second(policy, Action="kms:Decrypt"),
        },
        lambda policy: _second(policy, Action="kms:*"),
    ),
)


def _second(policy: Value, **elements: Any) -> Value:
    """The policy whose second statement has other elements."""
    given = json.loads(cast("str", policy))
    statement = {**given["Statement"][1], **elements}
    given["Statement"][1] = {name: value for name, value in statement.items() if value is not None}
    return json.dumps(given)


_GROUP: Final = "/aws/vpc/flow-logs/agentcore-prod"
_MISNAMED: Final = "/agentcore/runtimes/assistant"
_LOGS: Final = (
    *values(
        "log-retention",
        LOG_GROUP,
        "retentionInDays",
        {"for ever": None, "45 days": 45, "too short": 14, "none": 0},
        30,
    ),
    *values("log-encryption", LOG_GROUP, "kmsKeyId", {"AWS's own": None}, Ref(KEY)),
    Mutation(
        "log-runtime-group",
        "a name of its own",
        (
            Put(LOG_GROUP, "name", _MISNAMED),
            Put(KEY, "policy", lambda policy: cast("str", policy).replace(_GROUP, _MISNAMED)),
        ),
        (Put(LOG_GROUP, "name", _GROUP),),
    ),
)


def _policy(
    rule: str, kind: str, bad: str, good: str, path: str = "policy", **props: Any
) -> Mutation:
    """A policy that the program has none of."""
    return Mutation(
        rule,
        kind.rpartition(":")[2],
        (Add(kind, _AGENT, {**props, path: bad}),),
        (Add(kind, _AGENT, {**props, path: good}),),
    )


def _open(action: str, resource: str = "*") -> tuple[str, str]:
    """A statement for everybody, and the same for a partner."""
    given = {"Action": action, "Resource": resource}
    return document({**given, "Principal": "*"}), document({**given, "Principal": _PARTNER})


def _pulled(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


_PULL: Final[dict[str, Any]] = {"Effect": "Allow", "Action": "ecr:BatchGetImage"}
_TOPIC: Final = f"arn:aws:sns:us-east-1:{_ACCOUNT}:alarms"
_RUNTIME: Final = f"arn:aws:bedrock-agentcore:us-east-1:{_ACCOUNT}:runtime/a-0123456789"
_POLICIES: Final = (
    _policy(
        "ecr-policy-public",
        REPOSITORY_POLICY,
        _pulled({**_PULL, "Principal": "*"}),
        _pulled({**_PULL, "Principal": _PARTNER}),
        repository=Ref(REPOSITORY, _AGENT, "name"),
    ),
    _policy(
        "resource-policy-malformed",
        REPOSITORY_POLICY,
        _pulled({**_PULL, "Principal": _PARTNER, "Effect": "allow"}),
        _pulled({**_PULL, "Principal": _PARTNER}),
        repository=Ref(REPOSITORY, _AGENT, "name"),
    ),
    _policy(
        "sns-policy-public",
        "aws:sns/topicPolicy:TopicPolicy",
        *_open("sns:Publish", _TOPIC),
        arn=_TOPIC,
    ),
    _policy(
        "secret-policy-public",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        *_open("secretsmanager:GetSecretValue"),
        secretArn="arn:aws:secretsmanager:us-east-1:222222222222:secret:a-AbCdEf",
    ),
    _policy(
        "agentcore-policy-public",
        "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy",
        *_open("bedrock-agentcore:InvokeAgentRuntime", _RUNTIME),
        resourceArn=_RUNTIME,
    ),
    _policy(
        "logs-policy-public",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        *_open("logs:PutLogEvents", f"arn:aws:logs:us-east-1:{_ACCOUNT}:log-group:/a:*"),
        path="policyDocument",
        policyName="a",
    ),
)

_TAGGED: Final = {
    "aws": {"tagsAll": TAGS},
    "aws-native": {"tags": [{"key": key, "value": value} for key, value in TAGS.items()]},
}
_ALARM: Final = {
    "namespace": "AWS/Bedrock-AgentCore",
    "metricName": "SystemErrors",
    "statistic": "Sum",
    "comparisonOperator": "GreaterThanThreshold",
    "threshold": 0,
    "period": 60,
    "evaluationPeriods": 5,
    "datapointsToAlarm": 3,
    "treatMissingData": "notBreaching",
    "actionsEnabled": True,
    "alarmActions": [_TOPIC],
}


def _alarm(rule: str, name: str, **props: Value) -> Iterator[Mutation]:
    """An alarm of either provider."""
    for kind in ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws-native:cloudwatch:Alarm"):
        package = kind.partition(":")[0]
        given = {**_ALARM, **_TAGGED[package], **_DIMENSIONS[package]}
        yield Mutation(
            rule,
            f"{name} of {package}",
            (Add(kind, "errors", {**given, **props}),),
            (Add(kind, "errors", given),),
        )


def _topic(kind: str) -> Mutation:
    given = _TAGGED[kind.partition(":")[0]]
    return Mutation(
        "sns-topic-encryption",
        kind,
        (Add(kind, "alarms", given),),
        (Add(kind, "alarms", {**given, "kmsMasterKeyId": Ref(KEY)}),),
    )


_OPERATION: Final = {
    "Operation": "InvokeAgentRuntime",
    "Name": "agentcore_prod_tagged::DEFAULT",
    "Resource": _RUNTIME,
}
_DIMENSIONS: Final[Mapping[str, Mapping[str, Value]]] = {
    "aws": {"dimensions": _OPERATION},
    "aws-native": {
        "dimensions": [{"name": name, "value": value} for name, value in _OPERATION.items()]
    },
}
_ALARMS: Final = (
    *_alarm("alarm-actions", "nobody is told", alarmActions=[]),
    *_alarm("alarm-actions", "nobody is told for now", actionsEnabled=False),
    *_alarm(
        "alarm-action-region",
        "another region",
        alarmActions=[_TOPIC.replace("us-east-1", "eu-west-1")],
    ),
    *_alarm("alarm-missing-data", "nothing said", treatMissingData=None),
    *_alarm("alarm-evaluation", "a period of 7 seconds", period=7),
    *_alarm("alarm-evaluation", "no period", evaluationPeriods=0),
    *_alarm("alarm-evaluation", "more of the periods than there are", datapointsToAlarm=6),
    *_alarm("alarm-agentcore-metric", "no such metric", metricName="SystemError"),
    *_alarm("alarm-agentcore-metric", "no such namespace", namespace="AWS/BedrockAgentCore"),
    _topic("aws:sns/topic:Topic"),
    _topic("aws-native:sns:Topic"),
)

MUTATIONS: Final = (*_REGISTRY, *_KEYS, *_LOGS, *_POLICIES, *_ALARMS)
"""Of production."""
