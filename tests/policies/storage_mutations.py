"""What can be wrong with repositories, keys, logs, alarms and the policies of resources."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from agentcore_policies.model import Value
from tests.policies.documents import allowing, document, with_first, without
from tests.policies.edits import Add, Given, Put, Ref, Without
from tests.policies.forms import KEY, LIFECYCLE_POLICY, LOG_GROUP, REPOSITORY, REPOSITORY_POLICY
from tests.policies.mutation import TAGS, Mutation, values

_ACCOUNT: Final = "222222222222"
_AGENT: Final = "tagged"
_PARTNER: Final = {"AWS": "arn:aws:iam::333333333333:root"}
_USE: Final = {"Principal": _PARTNER, "Action": "kms:Decrypt", "Resource": "*"}
_FOREIGN_KEY: Final = "arn:aws:kms:us-east-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _rules(*selections: dict[str, Any]) -> str:
    """A lifecycle policy that expires what is selected."""
    rules = [
        {"rulePriority": n, "selection": selection, "action": {"type": "expire"}}
        for n, selection in enumerate(selections, 1)
    ]
    return json.dumps({"rules": rules})


def _scanning(pattern: str) -> Add:
    """What the registry scans when it is pushed."""
    chosen = [{"filter": pattern, "filterType": "WILDCARD"}]
    return Add(
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        "scanning",
        {
            "scanType": "ENHANCED",
            "rules": [{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": chosen}],
        },
    )


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
    Mutation(
        "ecr-scan-on-push",
        "the registry scans others",
        (_scanning("other-*"),),
        (_scanning("*"),),
        alone="it is about every repository",
    ),
    *values(
        "ecr-encryption",
        REPOSITORY,
        "encryptionConfigurations",
        {"not given": None, "AWS's own": [{"encryptionType": "AES256"}]},
        [{"encryptionType": "KMS"}],
        _AGENT,
    ),
    Mutation(
        "ecr-public-repository",
        "one",
        (Add("aws:ecrpublic/repository:Repository", "gallery", {"tagsAll": TAGS}),),
        (Put(REPOSITORY, "imageTagMutability", "IMMUTABLE", _AGENT),),
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
    *values(
        "log-encryption",
        LOG_GROUP,
        "kmsKeyId",
        {"AWS's own": None},
        Ref(KEY),
        alone="a key that is not used has to grant nothing",
    ),
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


_DEPUTY: Final = "resource-policy-confused-deputy"


@dataclass(frozen=True)
class _Holder:
    """A type that holds a resource's policy, and what else one needs to be right."""

    rule: str
    type: str
    action: str
    resource: str = "*"
    path: str = "policy"
    props: Mapping[str, Given] = field(default_factory=dict[str, "Given"])

    @property
    def mutations(self) -> Iterator[Mutation]:
        """A policy for everybody, for a service whoever asks it, and one that AWS does not take."""
        right = {"Principal": _PARTNER, "Action": self.action}
        if self.resource:
            right["Resource"] = self.resource
        good = (Add(self.type, "one-more", {**self.props, self.path: document(right)}),)
        for rule, wrong in (
            (self.rule, {"Principal": "*"}),
            (_DEPUTY, {"Principal": {"Service": "s3.amazonaws.com"}}),
            ("resource-policy-malformed", {"Effect": "allow"}),
        ):
            bad = document({**right, **wrong})
            yield Mutation(
                rule,
                f"of a {self.type.rpartition(':')[2]} of {self.type.partition(':')[0]}",
                (Add(self.type, "one-more", {**self.props, self.path: bad}),),
                good,
            )


_TAGGED: Final[Mapping[str, Mapping[str, Value]]] = {
    "aws": {"tagsAll": TAGS},
    "aws-native": {"tags": [{"key": key, "value": value} for key, value in TAGS.items()]},
}
_TOPIC: Final = f"arn:aws:sns:us-east-1:{_ACCOUNT}:alarms"
_RUNTIME: Final = f"arn:aws:bedrock-agentcore:us-east-1:{_ACCOUNT}:runtime/a-0123456789"
_SECRET: Final = f"arn:aws:secretsmanager:us-east-1:{_ACCOUNT}:secret:a-AbCdEf"
_LOG: Final = f"arn:aws:logs:us-east-1:{_ACCOUNT}:log-group:/a:*"
_PULL: Final = "ecr:BatchGetImage"
_REPOSITORIES: Final = f"arn:aws:ecr:us-east-1:{_ACCOUNT}:repository/base/*"
_PUBLISH: Final = "sns:Publish"
_READ: Final = "secretsmanager:GetSecretValue"
_INVOKE: Final = "bedrock-agentcore:InvokeAgentRuntime"
_WRITE: Final = "logs:PutLogEvents"
_SUBSCRIBE: Final = "logs:PutSubscriptionFilter"
_DESTINATION: Final = f"arn:aws:logs:us-east-1:{_ACCOUNT}:destination:central"
_AWS_TEMPLATE: Final[Mapping[str, Given]] = {
    "prefix": "base",
    "appliedFors": ["PULL_THROUGH_CACHE"],
    "imageTagMutability": "IMMUTABLE",
    "encryptionConfigurations": [{"encryptionType": "KMS"}],
    "lifecyclePolicy": _rules({"tagStatus": "untagged", **_OLD}),
}
_NATIVE_TEMPLATE: Final[Mapping[str, Given]] = {
    "prefix": "base",
    "appliedFor": ["PULL_THROUGH_CACHE"],
    "imageTagMutability": "IMMUTABLE",
    "encryptionConfiguration": {"encryptionType": "KMS"},
    "lifecyclePolicy": _rules({"tagStatus": "untagged", **_OLD}),
}
_TEMPLATES: Final = {
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": _AWS_TEMPLATE,
    "aws-native:ecr:RepositoryCreationTemplate": _NATIVE_TEMPLATE,
}
_HOLDERS: Final = (
    _Holder(
        "ecr-policy-public",
        REPOSITORY_POLICY,
        _PULL,
        "",
        props={"repository": Ref(REPOSITORY, _AGENT, "name")},
    ),
    *(
        _Holder("ecr-policy-public", kind, _PULL, "", "repositoryPolicy", template)
        for kind, template in _TEMPLATES.items()
    ),
    _Holder("ecr-policy-public", "aws:ecr/registryPolicy:RegistryPolicy", _PULL, _REPOSITORIES),
    _Holder(
        "ecr-policy-public",
        "aws-native:ecr:RegistryPolicy",
        _PULL,
        _REPOSITORIES,
        "policyText",
    ),
    _Holder(
        "sns-policy-public",
        "aws:sns/topic:Topic",
        _PUBLISH,
        _TOPIC,
        props={**_TAGGED["aws"], "kmsMasterKeyId": Ref(KEY)},
    ),
    _Holder("sns-policy-public", "aws:sns/topicPolicy:TopicPolicy", _PUBLISH, _TOPIC),
    _Holder("sns-policy-public", "aws-native:sns:TopicPolicy", _PUBLISH, _TOPIC, "policyDocument"),
    _Holder(
        "sns-policy-public",
        "aws-native:sns:TopicInlinePolicy",
        _PUBLISH,
        _TOPIC,
        "policyDocument",
    ),
    _Holder(
        "secret-policy-public", "aws:secretsmanager/secret:Secret", _READ, props=_TAGGED["aws"]
    ),
    _Holder("secret-policy-public", "aws:secretsmanager/secretPolicy:SecretPolicy", _READ),
    _Holder(
        "secret-policy-public",
        "aws-native:secretsmanager:ResourcePolicy",
        _READ,
        _SECRET,
        "resourcePolicy",
    ),
    _Holder(
        "agentcore-policy-public",
        "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy",
        _INVOKE,
        _RUNTIME,
    ),
    _Holder(
        "agentcore-policy-public", "aws-native:bedrockagentcore:ResourcePolicy", _INVOKE, _RUNTIME
    ),
    _Holder(
        "logs-policy-public",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        _WRITE,
        _LOG,
        "policyDocument",
    ),
    _Holder("logs-policy-public", "aws-native:logs:ResourcePolicy", _WRITE, _LOG, "policyDocument"),
    _Holder(
        "logs-policy-public",
        "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy",
        _SUBSCRIBE,
        _DESTINATION,
        "accessPolicy",
    ),
    _Holder(
        "logs-policy-public",
        "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy",
        "logs:CreateDelivery",
        _DESTINATION,
        "deliveryDestinationPolicy",
    ),
    _Holder(
        "logs-policy-public",
        "aws-native:logs:Destination",
        _SUBSCRIBE,
        _DESTINATION,
        "destinationPolicy",
        _TAGGED["aws-native"],
    ),
    _Holder(
        "logs-policy-public",
        "aws-native:logs:LogGroup",
        _WRITE,
        _LOG,
        "resourcePolicyDocument",
        {**_TAGGED["aws-native"], "retentionInDays": 30, "kmsKeyId": _FOREIGN_KEY},
    ),
)


def _of_templates(rule: str, name: str, value: Value) -> Iterator[Mutation]:
    """What later repositories are made from, of either provider."""
    for kind, template in _TEMPLATES.items():
        (path,) = [given for given in template if given.startswith(name)]
        yield Mutation(
            rule,
            f"of a template of {kind.partition(':')[0]}",
            (Add(kind, "base", {**template, path: value}),),
            (Add(kind, "base", template),),
        )


_POLICIES: Final = (
    *(mutation for holder in _HOLDERS for mutation in holder.mutations),
    *_of_templates("ecr-immutable-tags", "imageTag", "MUTABLE"),
    *_of_templates("ecr-encryption", "encryption", None),
    *_of_templates("ecr-lifecycle-keeps-releases", "lifecycle", '{"rules": []}'),
    *values(
        _DEPUTY,
        KEY,
        "policy",
        {"a service": allowing({**_USE, "Principal": {"Service": "sns.amazonaws.com"}})},
        allowing(_USE),
    ),
    *values(
        "resource-policy-malformed",
        KEY,
        "policy",
        {"an effect in lower case": allowing({**_USE, "Effect": "allow"})},
        allowing(_USE),
    ),
)

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
