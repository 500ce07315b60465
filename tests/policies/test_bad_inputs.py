"""Inputs that people give by mistake, or to slip one by: beside the mutations, in other words.

Each fault is made in a recorded graph of the program, in more than one wording, beside a twin one
step away that is right.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from agentcore_policies.model import SECRET, UNKNOWN, Stack, Value
from tests.policies.documents import allowing, changed, with_first
from tests.policies.edits import Add, Edit, Put, Ref, edited, found
from tests.policies.forms import (
    EGRESS,
    ENDPOINT,
    GROUP,
    INGRESS,
    KEY,
    LIFECYCLE_POLICY,
    LOG_GROUP,
    REPOSITORY,
    REPOSITORY_POLICY,
    ROLE,
    ROLE_POLICY,
    RUNTIME,
    RUNTIME_ENDPOINT,
    SUBNET,
    VPC,
)
from tests.policies.graphs import Graph, recorded
from tests.policies.mutation import TAGS, Mutation, values
from tests.policies.mutations import MUTATIONS
from tests.policies.verdicts import Verdict, verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.policies.edits import Given

_ACCOUNT: Final = "222222222222"
_TAGGED: Final = "tagged"
_ASSISTANT: Final = "assistant"
_DELIVERER: Final = "agentcore-prod"
_REGISTRY: Final = f"{_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/agentcore-prod/assistant"
_DIGEST: Final = f"sha256:{'0123456789abcdef' * 4}"
_IMAGE: Final = "agentRuntimeArtifact.containerConfiguration.containerUri"
_NETWORK: Final = "networkConfiguration"
_JWT: Final = "authorizerConfiguration.customJwtAuthorizer"
_SERVICE: Final = "bedrock-agentcore.amazonaws.com"
_OBJECTS: Final = "arn:aws:s3:::papers/*"
_READS: Final = {"Action": "s3:GetObject", "Resource": _OBJECTS}


# Runtimes -----------------------------------------------------------------------------------------

_RUNTIMES: Final = (
    *values(
        "runtime-name",
        RUNTIME,
        "agentRuntimeName",
        {
            "an underscore first": "_agent",
            "a dot": "my.agent",
            "an accent": "agénte",
            "a blank": " ",
        },
        "my_agent",
        _TAGGED,
    ),
    *values(
        "runtime-endpoint-name",
        RUNTIME_ENDPOINT,
        "name",
        {"a dot": "v1.4", "made by auto-naming": None, "a digit first": "2live"},
        "v1_4",
        "live",
    ),
    *values(
        "runtime-endpoint-version",
        RUNTIME_ENDPOINT,
        "agentRuntimeVersion",
        {"nothing": "", "a number that is none": "1.0", "six digits": "100000"},
        "1",
        "live",
    ),
    *values(
        "runtime-image-registry",
        RUNTIME,
        _IMAGE,
        {
            "no registry at all": f"agents/assistant@{_DIGEST}",
            "a host with a port": f"registry.internal:5000/assistant@{_DIGEST}",
            "letters for the account": f"abcdefghijkl.dkr.ecr.us-east-1.amazonaws.com/a@{_DIGEST}",
            "a scheme before it": f"https://{_REGISTRY}@{_DIGEST}",
        },
        f"{_REGISTRY}@{_DIGEST}",
        _ASSISTANT,
    ),
    *values(
        "runtime-image-pinned",
        RUNTIME,
        _IMAGE,
        {
            "a digest in capitals": f"{_REGISTRY}@{_DIGEST.upper()}",
            "a digest of 65 digits": f"{_REGISTRY}@{_DIGEST}0",
            "another algorithm": f"{_REGISTRY}@sha512:{'0' * 128}",
            "a tag of 129 characters": f"{_REGISTRY}:{'v' * 129}",
        },
        f"{_REGISTRY}:{'v' * 128}",
        _ASSISTANT,
    ),
    *values(
        "runtime-image-moving-tag",
        RUNTIME,
        _IMAGE,
        {"stable": f"{_REGISTRY}:stable", "in capitals": f"{_REGISTRY}:LATEST"},
        f"{_REGISTRY}:stable-1.4.2",
        _ASSISTANT,
    ),
    *values(
        "runtime-environment",
        RUNTIME,
        "environmentVariables",
        {
            "a digit first": {"1X": "a"},
            "a dot in a name": {"LOG.LEVEL": "a"},
            "no name": {"": "a"},
            "a reserved name in lower case": {"aws_region": "us-east-1"},
            "the default region": {"AWS_DEFAULT_REGION": "us-east-1"},
        },
        {"X1": "a", "_LOG_LEVEL": "a", "AWS_REGION_NAME": "us-east-1"},
        _ASSISTANT,
    ),
    *values(
        "runtime-environment-secrets",
        RUNTIME,
        "environmentVariables",
        {
            "a temporary key": {"KEY": "ASIAIOSFODNN7EXAMPLE"},
            "a model provider's key": {"MODEL": "sk-proj-0123456789abcdef"},
            "a password in a setting": {"DATABASE": "host=db password=hunter2hunter2"},
            "a password in a URL": {"DATABASE": "postgres://agent:hunter2hunter2@db.internal/a"},
            "a name that says it": {"apiKey": "hunter2hunter2"},
            "a Pulumi secret": {"SETTING": SECRET},
            "a map that is a Pulumi secret": SECRET,
        },
        {
            "DATABASE": "postgres://db.internal/agents",
            "API_KEY_ARN": f"arn:aws:secretsmanager:us-east-1:{_ACCOUNT}:secret:db-AbCdEf",
            "TOKEN_LIMIT": "4096",
        },
        _ASSISTANT,
    ),
    *values(
        "runtime-lifecycle",
        RUNTIME,
        "lifecycleConfiguration",
        {
            "no seconds": {"idleRuntimeSessionTimeout": 0, "maxLifetime": 3600},
            "less than none": {"idleRuntimeSessionTimeout": -1, "maxLifetime": 3600},
            "a time in words": {"idleRuntimeSessionTimeout": "15m", "maxLifetime": 3600},
            "seconds in quotes": {"idleRuntimeSessionTimeout": "900", "maxLifetime": 3600},
            "parts of a second": {"idleRuntimeSessionTimeout": 60.5, "maxLifetime": 3600},
            "a switch": {"idleRuntimeSessionTimeout": True, "maxLifetime": 3600},
            "empty": {},
        },
        {"idleRuntimeSessionTimeout": 3600, "maxLifetime": 3600},
        _ASSISTANT,
    ),
    *values(
        "runtime-authorizer",
        RUNTIME,
        _JWT,
        {
            "lists of nobody": {
                "discoveryUrl": "https://id.example.com/.well-known/openid-configuration",
                "allowedClients": [],
                "allowedAudience": [],
            },
            "an empty block": {},
            "a file instead of a URL": {
                "discoveryUrl": "file:///.well-known/openid-configuration",
                "allowedClients": ["agents"],
            },
            "more behind the document": {
                "discoveryUrl": "https://id.example.com/.well-known/openid-configuration?x=1",
                "allowedClients": ["agents"],
            },
        },
        {
            "discoveryUrl": "https://id.example.com/.well-known/openid-configuration",
            "allowedClients": ["agents"],
        },
        _ASSISTANT,
    ),
    *values(
        "runtime-network-configuration",
        RUNTIME,
        _NETWORK,
        {
            "no subnets and groups": {"networkMode": "VPC"},
            "no group": {
                "networkMode": "VPC",
                "networkModeConfig": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": []},
            },
            "17 groups": {
                "networkMode": "VPC",
                "networkModeConfig": {
                    "subnets": ["subnet-1", "subnet-2"],
                    "securityGroups": [f"sg-{n:017x}" for n in range(17)],
                },
            },
            "a mode in lower case": {"networkMode": "vpc"},
            "a mode in words": {"networkMode": "Private"},
        },
        {"networkMode": "PUBLIC", "networkModeConfig": {"subnets": [], "securityGroups": []}},
        graph="dev, several agents",
    ),
)


# Permissions --------------------------------------------------------------------------------------


def _granted(
    rule: str, bad: Mapping[str, dict[str, Any]], good: dict[str, Any], role: str = _TAGGED
) -> tuple[Mutation, ...]:
    statements: Mapping[str, Given] = {name: allowing(one) for name, one in bad.items()}
    return values(rule, ROLE_POLICY, "policy", statements, allowing(good), role)


def _document(text: Value) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(cast("str", text)))


def _without_statements(text: Value) -> Value:
    return json.dumps({**_document(text), "Statement": []})


def _in_lower_case(text: Value) -> Value:
    policy = _document(text)
    return json.dumps({"Version": policy["Version"], "statement": policy["Statement"]})


def _escaped(text: Value) -> Value:
    """The document with a statement whose words are written as escapes."""
    action = "".join(f"\\u{ord(char):04x}" for char in "s3:*")
    added = f'[{{"Effect": "Allow", "Action": "{action}", "Resource": "{_OBJECTS}"}}, '
    begin, name, rest = cast("str", text).partition('"Statement"')
    return begin + name + rest.replace("[", added, 1)


def _action_twice(text: Value) -> Value:
    """The document with a statement that has two actions, of which one would be dropped."""
    with_one = cast("str", allowing({**_READS, "Sid": "Reads"})(text))
    return with_one.replace(
        '"Action": "s3:GetObject"', '"Action": "s3:*", "Action": "s3:GetObject"'
    )


_BOUNDED: Final = {"StringEquals": {"iam:PassedToService": _SERVICE}}
_ROLE: Final = f"arn:aws:iam::{_ACCOUNT}:role/other"
_PERMISSIONS: Final = (
    *values(
        "iam-document",
        ROLE_POLICY,
        "policy",
        {
            "no statement": _without_statements,
            "elements in lower case": _in_lower_case,
            "an action twice": _action_twice,
            "the grammar of 2008": lambda text: json.dumps(
                {**_document(text), "Version": "2008-10-17"}
            ),
            "no effect": changed(lambda given: given.append({**_READS})),
            "an element misspelt": allowing({**_READS, "Conditions": {}}),
            "nothing in a list": allowing({"Action": [], "Resource": _OBJECTS}),
        },
        allowing(_READS),
        _DELIVERER,
    ),
    *_granted(
        "iam-action-wildcard",
        {
            "a list of one star": {"Action": ["*"], "Resource": "*"},
            "an action of every service": {"Action": "*:PassRole", "Resource": _ROLE},
            "question marks for a service": {"Action": "s?:GetObject", "Resource": _OBJECTS},
            "two stars": {"Action": "s3:**", "Resource": _OBJECTS},
            "one of many": {"Action": ["s3:GetObject", "sqs:*"], "Resource": _OBJECTS},
            "every action of keys": {
                "Action": "kms:*",
                "Resource": f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/own",
            },
        },
        {"Action": ["s3:GetObject*"], "Resource": _OBJECTS},
    ),
    *values(
        "iam-action-wildcard",
        ROLE_POLICY,
        "policy",
        {"written as escapes": _escaped},
        allowing(_READS),
        _DELIVERER,
    ),
    *_granted(
        "iam-action-unknown",
        {
            "the plural": {"Action": "logs:PutLogEvent", "Resource": "*"},
            "a blank behind it": {"Action": "s3:GetObject ", "Resource": _OBJECTS},
            "letters that look alike": {
                "Action": "\N{CYRILLIC SMALL LETTER DZE}3:GetObject",
                "Resource": _OBJECTS,
            },
            "a wildcard that matches nothing": {"Action": "s3:Fetch*", "Resource": _OBJECTS},
        },
        _READS,
    ),
    *_granted(
        "iam-resource-star",
        {
            "two stars": {"Action": "s3:GetObject", "Resource": "**"},
            "question marks": {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::?*"},
            "a star beside a name": {"Action": "s3:GetObject", "Resource": [_OBJECTS, "*"]},
            "any partition": {"Action": "s3:GetObject", "Resource": "arn:*:s3:::*/*"},
        },
        {"Action": "s3:GetObject", "Resource": [_OBJECTS, "arn:aws:s3:::books/*"]},
    ),
    *_granted(
        "iam-pass-role",
        {
            "a condition that holds without the key": {
                "Action": "iam:PassRole",
                "Resource": _ROLE,
                "Condition": {"StringEqualsIfExists": {"iam:PassedToService": _SERVICE}},
            },
            "every service but one": {
                "Action": "iam:PassRole",
                "Resource": _ROLE,
                "Condition": {"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            },
            "another service beside it": {
                "Action": "iam:PassRole",
                "Resource": _ROLE,
                "Condition": {
                    "StringEquals": {"iam:PassedToService": [_SERVICE, "ec2.amazonaws.com"]}
                },
            },
        },
        {"Action": "iam:PassRole", "Resource": [_ROLE], "Condition": _BOUNDED},
        _DELIVERER,
    ),
    *_granted(
        "iam-metric-namespace",
        {
            "every namespace by a pattern": {
                "Action": "cloudwatch:PutMetricData",
                "Resource": "*",
                "Condition": {"StringLike": {"cloudwatch:namespace": "*"}},
            },
            "by a wildcard": {"Action": "cloudwatch:PutMetricDat*", "Resource": "*"},
        },
        {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringLike": {"cloudwatch:namespace": "agents/*"}},
        },
    ),
    *values(
        "iam-managed-admin-policy",
        ROLE,
        "managedPolicyArns",
        {
            "of models": ["arn:aws:iam::aws:policy/AmazonBedrockFullAccess"],
            "for a job": ["arn:aws:iam::aws:policy/job-function/SystemAdministrator"],
            "in other letters": ["arn:aws:iam::aws:policy/administratoraccess"],
            "one of several": [
                "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
                "arn:aws-cn:iam::aws:policy/PowerUserAccess",
            ],
        },
        ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"],
        _TAGGED,
    ),
)


# Trust and the policies of resources --------------------------------------------------------------

_SOURCE: Final = {
    "StringEquals": {"aws:SourceAccount": _ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:bedrock-agentcore:us-east-1:{_ACCOUNT}:*"},
}


def _assumed(rule: str, bad: Mapping[str, Given], good: Given) -> tuple[Mutation, ...]:
    return values(rule, ROLE, "assumeRolePolicy", bad, good, _TAGGED)


def _on(condition: Value) -> Given:
    """The trust policy with another condition."""
    return with_first(Condition=condition)


_PULL: Final = "ecr:BatchGetImage"


def _for_everybody(condition: Value) -> Add:
    """A repository's policy that lets everybody pull, on a condition."""
    given = {"Effect": "Allow", "Principal": "*", "Action": _PULL, "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [given]})
    return Add(
        REPOSITORY_POLICY,
        "one-more",
        {"repository": Ref(REPOSITORY, _TAGGED, "name"), "policy": policy},
    )


_TRUST: Final = (
    *_assumed(
        "agentcore-role-source",
        {
            "with IfExists": _on(
                {
                    "StringEqualsIfExists": _SOURCE["StringEquals"],
                    "ArnLikeIfExists": _SOURCE["ArnLike"],
                }
            ),
            "a pattern of accounts": _on(
                {**_SOURCE, "StringEquals": {}, "StringLike": {"aws:SourceAccount": "2*"}}
            ),
            "another account": _on(
                {**_SOURCE, "StringEquals": {"aws:SourceAccount": "333333333333"}}
            ),
            "one of two accounts": _on(
                {**_SOURCE, "StringEquals": {"aws:SourceAccount": [_ACCOUNT, "333333333333"]}}
            ),
            "any region": _on(
                {
                    **_SOURCE,
                    "ArnLike": {"aws:SourceArn": f"arn:aws:bedrock-agentcore:*:{_ACCOUNT}:*"},
                }
            ),
            "nobody in a list": _on({**_SOURCE, "StringEquals": {"aws:SourceAccount": []}}),
        },
        _on({**_SOURCE, "StringEquals": {"AWS:sourceaccount": [_ACCOUNT]}}),
    ),
    *_assumed(
        "agentcore-role-principal",
        {
            "a role beside it": with_first(
                Principal={"Service": _SERVICE, "AWS": f"arn:aws:iam::{_ACCOUNT}:role/ci"}
            ),
            "an identity provider beside it": with_first(
                Principal={"Service": _SERVICE, "Federated": "accounts.example.com"}
            ),
        },
        with_first(Principal={"Service": [_SERVICE]}),
    ),
    *_assumed(
        "role-trust-action",
        {
            "by a web identity": with_first(Action="sts:AssumeRoleWithWebIdentity"),
            "with another one": with_first(Action=["sts:AssumeRole", "sts:TagSession"]),
            "by a pattern": with_first(Action="sts:AssumeRole*"),
        },
        with_first(Action="STS:assumerole"),
    ),
    *(
        Mutation(
            "ecr-policy-public",
            name,
            (_for_everybody(condition),),
            (_for_everybody({"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}),),
        )
        for name, condition in {
            "any organization": {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
            "its own or none": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-0123456789"}},
            "every address": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
            "who has an organization": {"Null": {"aws:PrincipalOrgID": "false"}},
            "this one or any": {"StringLike": {"aws:PrincipalOrgID": ["o-0123456789", "*"]}},
            "by its own name": {
                "StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}
            },
            "with a tag": {"StringEquals": {"aws:PrincipalTag/team": "agents"}},
        }.items()
    ),
)


# Network ------------------------------------------------------------------------------------------


def _rule(kind: str, group: str, **props: Value) -> Add:
    given = {"description": "one more", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    owner = {"securityGroupId": Ref(GROUP, group)}
    return Add(kind, "one-more", {**owner, **given, **props, "tagsAll": TAGS})


_OPEN_WORDS: Final = {
    "every address by its mask": {"cidrIpv4": "0.0.0.0/0.0.0.0"},
    "half of the internet": {"cidrIpv4": "0.0.0.0/1"},
    "every address of IPv6, written out": {"cidrIpv6": "0:0:0:0:0:0:0:0/0"},
    "what is in use of IPv6": {"cidrIpv6": "2000::/3"},
}
_WAYS: Final = (
    *(
        Mutation(
            "security-group-ingress-open",
            name,
            (_rule(INGRESS, "-endpoints", **peer),),
            (_rule(INGRESS, "-endpoints", cidrIpv4="10.64.0.0/22"),),
        )
        for name, peer in _OPEN_WORDS.items()
    ),
    *(
        Mutation(
            "security-group-egress-open",
            name,
            (_rule(EGRESS, "-endpoints", **{"ipProtocol": "-1", **peer}),),
            (_rule(EGRESS, "-endpoints", **peer),),
        )
        for name, peer in _OPEN_WORDS.items()
    ),
    *values("subnet-public-ip", SUBNET, "mapPublicIpOnLaunch", {"a word": "true"}, "false"),
    *values(
        "vpc-private-dns", VPC, "enableDnsHostnames", {"a word": "false", "none": None}, "true"
    ),
    *values(
        "endpoint-private-dns",
        ENDPOINT,
        "privateDnsEnabled",
        {"a word": "false", "none": None},
        "true",
        "-logs",
    ),
    *(
        Mutation(
            "endpoint-policy-open",
            name,
            (Put(ENDPOINT, "policy", with_first(Principal="*", Condition=condition), "-xray"),),
            (
                Put(
                    ENDPOINT,
                    "policy",
                    with_first(
                        Principal="*",
                        Condition={"StringEquals": {"aws:PrincipalAccount": [_ACCOUNT]}},
                    ),
                    "-xray",
                ),
            ),
        )
        for name, condition in {
            "the endpoint's own VPC": {"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}},
            "any organization": {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
            "each account by its first digit": {
                "StringLike": {"aws:PrincipalAccount": [f"{digit}*" for digit in range(10)]}
            },
        }.items()
    ),
)


# Repositories, keys, logs, alarms, tags -----------------------------------------------------------


def _expiring(**selection: Value) -> str:
    given = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}
    rule = {"rulePriority": 1, "selection": {**given, **selection}, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


def _alarm(**props: Value) -> Add:
    given: Mapping[str, Value] = {
        "namespace": "AWS/Bedrock-AgentCore",
        "metricName": "SystemErrors",
        "dimensions": {
            "Operation": "InvokeAgentRuntime",
            "Name": "agentcore_prod_tagged::DEFAULT",
            "Resource": f"arn:aws:bedrock-agentcore:us-east-1:{_ACCOUNT}:runtime/a-0123456789",
        },
        "threshold": 0,
        "period": 60,
        "evaluationPeriods": 5,
        "treatMissingData": "notBreaching",
        "alarmActions": [f"arn:aws:sns:us-east-1:{_ACCOUNT}:alarms"],
        "tagsAll": TAGS,
    }
    return Add("aws:cloudwatch/metricAlarm:MetricAlarm", "errors", {**given, **props})


_ALARMS: Final[Sequence[tuple[str, str, Mapping[str, Value]]]] = (
    ("alarm-actions", "nothing for an action", {"alarmActions": ""}),
    ("alarm-actions", "a word that turns actions off", {"actionsEnabled": "false"}),
    ("alarm-evaluation", "parts of a period", {"evaluationPeriods": 1.5}),
    ("alarm-evaluation", "90 seconds", {"period": 90}),
    ("alarm-missing-data", "a value that is none", {"treatMissingData": "ok"}),
    ("alarm-agentcore-metric", "a dimension of another", {"dimensions": {"AgentId": "a"}}),
    ("alarm-agentcore-metric", "no dimension", {"dimensions": {}}),
)
_IN_CAPITALS: Final = {key.upper(): value for key, value in TAGS.items()}
_STORAGE: Final = (
    *values(
        "ecr-immutable-tags",
        REPOSITORY,
        "imageTagMutability",
        {"another letter case": "immutable", "nothing": ""},
        "IMMUTABLE",
        _TAGGED,
    ),
    Mutation(
        "ecr-immutable-tags",
        "immutable but for every tag",
        (
            Put(REPOSITORY, "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION", _TAGGED),
            Put(
                REPOSITORY,
                "imageTagMutabilityExclusionFilters",
                [{"filter": "*", "filterType": "WILDCARD"}],
                _TAGGED,
            ),
        ),
        (
            Put(REPOSITORY, "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION", _TAGGED),
            Put(REPOSITORY, "imageTagMutabilityExclusionFilters", [], _TAGGED),
        ),
    ),
    *values(
        "ecr-lifecycle-keeps-releases",
        LIFECYCLE_POLICY,
        "policy",
        {
            "all images but one": _expiring(tagStatus="any"),
            "releases by their first letter": _expiring(tagStatus="tagged", tagPrefixList=["v"]),
            "keeping less than none": _expiring(countNumber=-1),
            "a number in quotes": _expiring(countNumber="10"),
            "no unit of time": _expiring(countType="sinceImagePushed", countNumber=14),
        },
        _expiring(),
        _TAGGED,
    ),
    *values("kms-deletion-window", KEY, "deletionWindowInDays", {"31 days": 31, "none": 0}, 30),
    *values(
        "kms-key-rotation", KEY, "enableKeyRotation", {"a word": "no", "a number": 0}, good=True
    ),
    *values(
        "log-retention", LOG_GROUP, "retentionInDays", {"less than none": -1, "a word": "30"}, 365
    ),
    *(Mutation(rule, name, (_alarm(**wrong),), (_alarm(),)) for rule, name, wrong in _ALARMS),
    *values(
        "tags-well-formed",
        REPOSITORY,
        "tagsAll",
        {
            "a hash": {**TAGS, "Team": "#1"},
            "a number": {**TAGS, "Team": 1.0},
            "a key of AWS's in capitals": {**TAGS, "AWS:team": "a"},
            "a line break": {**TAGS, "Team": "a\nb"},
        },
        {**TAGS, "Team": "a.b:c/d=e+f@g-h_i j"},
        _TAGGED,
    ),
    *values(
        "tags-required",
        REPOSITORY,
        "tagsAll",
        {"a blank": {**TAGS, "CostCenter": "  "}, "in capitals": _IN_CAPITALS},
        TAGS,
        _TAGGED,
    ),
    *values(
        "tags-environment", REPOSITORY, "tagsAll.Environment", {"production": "production"}, "prod"
    ),
)

FAULTS: Final = (*_RUNTIMES, *_PERMISSIONS, *_TRUST, *_WAYS, *_STORAGE)


def _said(graph: str, edits: Sequence[Edit], *, preview: bool = False) -> Sequence[Verdict]:
    changed_graph = edited(recorded(graph), *edits)
    return verdicts(changed_graph.preview if preview else changed_graph.deployed)


@cache
def _after(number: int) -> Sequence[Verdict]:
    """What is said of a deployed graph with a fault, by its number."""
    return _said(FAULTS[number].graph, FAULTS[number].bad)


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=map(str, FAULTS))
def test_a_fault_is_found_by_its_rule_and_by_no_other(number: int) -> None:
    found_by = {one.rule for one in _after(number) if one.is_finding}
    assert found_by == {FAULTS[number].rule}


def test_one_step_away_nothing_is_wrong() -> None:
    twins = {(fault.graph, repr(fault.good)): fault for fault in FAULTS}
    wrong = {
        str(fault): told
        for fault in twins.values()
        if (told := [one.rule for one in _said(fault.graph, fault.good) if one.is_finding])
    }
    assert wrong == {}


def test_no_fault_tells_a_credential() -> None:
    messages = [one.message for number in range(len(FAULTS)) for one in _after(number)]
    for credential in ("hunter2", "ASIAIOSFODNN7EXAMPLE", "sk-proj"):
        assert not any(credential in message for message in messages)


def test_five_faults_of_one_document_are_five_findings_in_one_run() -> None:
    statements = (
        {"Action": "sqs:*", "Resource": f"arn:aws:sqs:us-east-1:{_ACCOUNT}:work"},
        {"Action": "s3:GetObjects", "Resource": _OBJECTS},
        {"Action": "s3:GetObject", "Resource": "*"},
        {**_READS, "Condition": {"StringEqual": {"aws:PrincipalType": "User"}}},
        {"Action": "iam:PassRole", "Resource": _ROLE},
    )
    said = _said(
        "prod, several agents", [Put(ROLE_POLICY, "policy", allowing(*statements), _DELIVERER)]
    )
    assert sorted(one.rule for one in said if one.is_finding) == [
        "iam-action-unknown",
        "iam-action-wildcard",
        "iam-condition-key",
        "iam-pass-role",
        "iam-resource-star",
    ]


# Unknown ------------------------------------------------------------------------------------------

_Place = tuple[str, str, str, str, str]
PASSED: Final[Mapping[tuple[str, str], str]] = {
    ("endpoint-policy", "policy"): "there is one, whatever it says",
    ("hidden-by-secret", "description"): "what is not known is no secret",
    ("runtime-artifact", "agentRuntimeArtifact.codeConfiguration"): "beside a container it is one",
    (
        "runtime-service-s3-endpoint",
        "networkConfiguration.networkModeConfig.requireServiceS3Endpoint",
    ): "it is not to be given at all",
    ("tags-required", "tagsAll"): "the resource's own and the provider's tags are known",
}
"""Where a rule needs no more than to know that something is given: by rule and property."""


@cache
def _places() -> Sequence[_Place]:
    """What mutations change by one property, once each: rule, graph, type, property, name."""
    one_property = (
        (mutation, mutation.bad[0])
        for mutation in MUTATIONS
        if len(mutation.bad) == 1 and isinstance(mutation.bad[0], Put)
    )
    return tuple(
        dict.fromkeys(
            (mutation.rule, mutation.graph, edit.type, edit.path, edit.ending)
            for mutation, edit in one_property
        )
    )


def _hidden(place: _Place, value: Value) -> Graph:
    """The deployed graph in which a property is not known, and depends on something elsewhere."""
    _, graph, kind, path, ending = place
    name = path.partition(".")[0]

    def depending(stack: Stack) -> Stack:
        one = found(stack, kind, ending)
        other = replace(one, dependencies={**one.dependencies, name: ("urn:elsewhere",)})
        resources = tuple(other if each is one else each for each in stack.resources)
        return replace(stack, resources=resources)

    hidden = edited(recorded(graph), Put(kind, path, value, ending))
    views = replace(
        hidden.deployed,
        inputs=depending(hidden.deployed.inputs),
        outputs=depending(hidden.deployed.outputs),
    )
    return replace(hidden, deployed=views)


def _passed(value: Value) -> set[tuple[str, str]]:
    """Rules that say nothing of a property they judge, or find something wrong with it."""
    judged: set[tuple[str, str]] = set()
    for place in _places():
        said = verdicts(_hidden(place, value).deployed)
        not_checked = {one.rule for one in said if not one.is_finding}
        wrong = {one.rule for one in said if one.is_finding} - {"hidden-by-secret"}
        if wrong or place[0] not in not_checked:
            judged.add((place[0], place[3]))
    return judged


def test_no_rule_passes_what_is_not_known_in_silence() -> None:
    assert _passed(UNKNOWN) == set(PASSED)


def test_no_rule_passes_a_secret_in_silence() -> None:
    variables = "environmentVariables"
    in_the_clear = {("runtime-environment-secrets", variables), ("runtime-environment", variables)}
    assert _passed(SECRET) == {*PASSED, *in_the_clear}, "variables are returned in the clear"
