"""SNS as moto has it: topics stay what they were made, policies and endpoints are sound.

Source: SNS API reference, CreateTopic, SetTopicAttributes, Subscribe; messages as users' logs show
them.
"""

import re
from typing import Any, cast

from moto.core.utils import camelcase_to_underscores
from moto.sns.models import SNSBackend, Subscription, Topic, sns_backends
from moto.sns.utils import make_arn_for_topic

from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    actions_of,
    checked_statements,
)
from emulator.aws.moto_services.principals import unknown_principals
from emulator.aws.moto_services.refused import Refused

_TOPIC_POLICY = Kind(principals=Presence.REQUIRED, resources=Presence.OPTIONAL)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO_NAME = re.compile(r"[A-Za-z0-9_-]{1,251}\.fifo")
_ATTRIBUTES = frozenset(
    {
        *("ArchivePolicy", "ContentBasedDeduplication", "DataProtectionPolicy", "DeliveryPolicy"),
        *("DisplayName", "FifoThroughputScope", "FifoTopic", "KmsMasterKeyId", "Policy"),
        *("SignatureVersion", "TracingConfig"),
        *(
            f"{protocol}{kind}FeedbackRoleArn"
            for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
            for kind in ("Success", "Failure")
        ),
        *(
            f"{protocol}SuccessFeedbackSampleRate"
            for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
        ),
    }
)
_ENDPOINTS = {
    "application": re.compile(r"arn:.+"),
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "email-json": re.compile(r"[^@\s]+@[^@\s]+"),
    "firehose": re.compile(r"arn:.+:firehose:.+"),
    "http": re.compile(r"http://\S+"),
    "https": re.compile(r"https://\S+"),
    "lambda": re.compile(r"arn:.+:lambda:.+"),
    "sms": re.compile(r".+"),
    "sqs": re.compile(r"arn:.+:sqs:.+"),
}


class StrictTopics(BackendUrls, SNSBackend):
    """SNS of one account in one region."""

    def create_topic(
        self,
        name: str,
        attributes: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
    ) -> Topic:
        """Create the topic, or return the one that is the same."""
        given = attributes or {}
        fifo = str(given.get("FifoTopic", "false")).lower() == "true"
        if not (_FIFO_NAME if fifo else _NAME).fullmatch(name):
            raise _invalid("Topic Name")
        for attribute, value in given.items():
            _check_attribute(attribute, value)
        there = self.topics.get(make_arn_for_topic(self.account_id, name, self.region_name))
        if there is not None:
            for attribute, value in given.items():
                if _attribute(there, attribute) != value:
                    raise _invalid(
                        "Attributes Reason: Topic already exists with different attributes"
                    )
            if tags and tags != _tags(there):
                raise _invalid("Tags Reason: Topic already exists with different tags")
        return super().create_topic(name, attributes, tags)

    def set_topic_attribute(
        self, topic_arn: str, attribute_name: str, attribute_value: str
    ) -> None:
        """Set the attribute, whose name moto has turned into snake case."""
        self.get_topic(topic_arn)
        names = {camelcase_to_underscores(name): name for name in _ATTRIBUTES}
        if attribute_name not in names:
            raise _invalid("AttributeName")
        _check_attribute(names[attribute_name], attribute_value)
        super().set_topic_attribute(topic_arn, attribute_name, attribute_value)

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        """Subscribe an endpoint of the protocol's form."""
        self.get_topic(topic_arn)
        form = _ENDPOINTS.get(protocol)
        if form is None:
            raise _invalid(f"Amazon SNS does not support this protocol string: {protocol}")
        if not form.fullmatch(endpoint or ""):
            what = "Email address" if protocol.startswith("email") else ""
            raise _invalid(what or "Endpoint must match the specified protocol")
        return super().subscribe(topic_arn, endpoint, protocol)


def install() -> None:
    """Make moto use these topics for every account."""
    sns_backends.backend = StrictTopics


def _invalid(what: str) -> Refused:
    return Refused("InvalidParameter", f"Invalid parameter: {what}")


def _attribute(topic: Topic, name: str) -> object:
    return getattr(topic, camelcase_to_underscores(name), None)


def _tags(topic: Topic) -> dict[str, str]:
    return cast("Any", topic)._tags or {}  # noqa: SLF001 - moto keeps them nowhere else


def _check_attribute(name: str, value: str) -> None:
    if name not in _ATTRIBUTES:
        raise _invalid("AttributeName")
    if name != "Policy":
        return
    try:
        statements = checked_statements(value, _TOPIC_POLICY)
    except MalformedPolicyError:
        raise _invalid("Policy Error: null") from None
    actions = [action for statement in statements for action in actions_of(statement)]
    if any(not action.lower().startswith("sns:") for action in actions):
        raise _invalid("Policy statement action out of service scope!")
    if any(unknown_principals(statements)):
        raise _invalid("Policy Error: PrincipalNotFound")
