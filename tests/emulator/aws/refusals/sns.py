"""What SNS refuses. Source: SNS API reference, CreateTopic, SetTopicAttributes, Subscribe."""

import json
from collections.abc import Callable
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal


def create(name: str = "alerts", **options: Any) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.client("sns").create_topic(Name=name, **options)


def create_twice(first: dict[str, Any], second: dict[str, Any]) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        create(**first)(cloud)
        return create(**second)(cloud)

    return attempt


def on_topic(attempt: Callable[[Any, str], object]) -> Callable[[Cloud], object]:
    def prepared(cloud: Cloud) -> object:
        sns = cloud.client("sns")
        return attempt(sns, sns.create_topic(Name="alerts")["TopicArn"])

    return prepared


def subscribe(protocol: str, endpoint: str, *, to: str = "alerts") -> Callable[[Cloud], object]:
    return on_topic(
        lambda sns, arn: sns.subscribe(
            TopicArn=arn.replace("alerts", to), Protocol=protocol, Endpoint=endpoint
        )
    )


def set_attribute(name: str, value: str) -> Callable[[Cloud], object]:
    return on_topic(
        lambda sns, arn: sns.set_topic_attributes(
            TopicArn=arn, AttributeName=name, AttributeValue=value
        )
    )


def policy(**changes: Any) -> Callable[[Cloud], object]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*",
        **changes,
    }
    kept = {name: value for name, value in statement.items() if value is not None}
    document = {"Version": "2012-10-17", "Statement": [kept]}
    return set_attribute("Policy", json.dumps(document))


def row(
    operation: str,
    name: str,
    bad: Callable[[Cloud], object],
    good: Callable[[Cloud], object],
    *,
    says: str,
    code: str = "InvalidParameter",
) -> Refusal:
    return Refusal(
        name=name, operation=f"sns:{operation}", code=code, says=says, bad=bad, good=good
    )


KEY = {"Attributes": {"KmsMasterKeyId": "alias/aws/sns"}}
TAGGED = {"Tags": [{"Key": "Project", "Value": "assistant"}]}

REFUSALS = [
    row("CreateTopic", "a name with a dot", create("a.b"), create("a-b"), says="Topic Name"),
    row(
        "CreateTopic",
        "an attribute that does not exist",
        create(Attributes={"Colour": "red"}),
        create(Attributes={"DisplayName": "red"}),
        says="AttributeName",
    ),
    row(
        "CreateTopic",
        "a topic that is there with other attributes",
        create_twice({}, KEY),
        create_twice(KEY, KEY),
        says="Topic already exists with different attributes",
    ),
    row(
        "CreateTopic",
        "a topic that is there with other tags",
        create_twice({}, TAGGED),
        create_twice(TAGGED, TAGGED),
        says="Topic already exists with different tags",
    ),
    row(
        "SetTopicAttributes",
        "a policy that is no JSON",
        set_attribute("Policy", "Allow"),
        policy(),
        says="Policy Error",
    ),
    row(
        "SetTopicAttributes",
        "a policy for another service",
        policy(Action="sqs:SendMessage"),
        policy(Action="sns:Publish"),
        says="out of service scope",
    ),
    row(
        "SetTopicAttributes",
        "a policy that speaks of nobody",
        policy(Effect="Deny", Principal=None),
        policy(Effect="Deny", Principal=None, NotPrincipal={"AWS": "111111111111"}),
        says="Policy Error: null",
    ),
    row(
        "SetTopicAttributes",
        "a policy with an unknown condition operator",
        policy(Condition={"StringIs": {"aws:SourceAccount": "111111111111"}}),
        policy(Condition={"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}),
        says="Policy Error: null",
    ),
    row(
        "SetTopicAttributes",
        "a policy with an unknown element",
        policy(Resources="*"),
        policy(),
        says="Policy Error: null",
    ),
    row(
        "SetTopicAttributes",
        "a policy that names a role that does not exist",
        policy(Principal={"AWS": "arn:aws:iam::111111111111:role/nobody"}),
        policy(Principal={"AWS": "arn:aws:iam::111111111111:root"}),
        says="PrincipalNotFound",
    ),
    row(
        "Subscribe",
        "an unknown protocol",
        subscribe("mail", "on-call@example.com"),
        subscribe("email", "on-call@example.com"),
        says="does not support this protocol string: mail",
    ),
    row(
        "Subscribe",
        "an email address that is none",
        subscribe("email", "on-call"),
        subscribe("email", "on-call@example.com"),
        says="Email address",
    ),
    row(
        "Subscribe",
        "an endpoint of another protocol",
        subscribe("https", "http://example.com"),
        subscribe("https", "https://example.com"),
        says="Endpoint must match the specified protocol",
    ),
    row(
        "Subscribe",
        "a topic that does not exist",
        subscribe("email", "on-call@example.com", to="nothing"),
        subscribe("email", "on-call@example.com", to="alerts"),
        code="NotFound",
        says="Topic does not exist",
    ),
]
