from typing import Any, Final

import pytest

from agentcore_policies import catalogue
from agentcore_policies.model import SECRET, UNKNOWN
from agentcore_policies.rules.unreadable import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts

OPAQUE: Final = "opaque-resource"
HIDDEN: Final = "hidden-by-secret"
CLOUD_CONTROL: Final = {
    "aws:cloudcontrol/resource:Resource": "typeName",
    "aws-native:index:ExtensionResource": "type",
}


@pytest.mark.parametrize(("kind", "path"), CLOUD_CONTROL.items())
def test_what_is_made_through_cloud_control_is_of_an_allowed_type(kind: str, path: str) -> None:
    def said(name: object, **settings: Any) -> list[tuple[str, str]]:
        return told(verdicts(RULES, OPAQUE, resource(kind, {path: name}), **settings))

    for name in ("AWS::IAM::Role", "AWS::Budgets::Budget", "aws::iam::role", None, ""):
        assert said(name) == finding(path)
    for hidden in (UNKNOWN, SECRET):
        assert said(hidden) == not_checked(path)
    allowed = ["AWS::Budgets::*", "AWS::Chatbot::SlackChannelConfiguration"]
    assert said("AWS::Budgets::Budget", typeNames=allowed) == []
    assert said("AWS::Chatbot::SlackChannelConfiguration", typeNames=allowed) == []
    assert said("AWS::IAM::Role", typeNames=allowed) == finding(path)


def test_a_template_is_told_whatever_it_makes() -> None:
    (rule,) = (one for one in RULES if one.id == OPAQUE)
    templates = [kind for kind in rule.types if kind not in CLOUD_CONTROL]
    assert templates
    for kind in templates:
        stack = resource(kind, {"templateBody": UNKNOWN})
        assert told(verdicts(RULES, OPAQUE, stack, typeNames=["*"])) == finding("")


def test_a_secret_is_told_in_every_type_that_any_rule_judges() -> None:
    (rule,) = (one for one in RULES if one.id == HIDDEN)
    judged = {kind for other in catalogue.rules() if other not in RULES for kind in other.types}
    assert set(rule.types) == judged
    for kind in rule.types:
        assert told(verdicts(RULES, HIDDEN, resource(kind, {"policy": SECRET}))) == finding(
            "policy"
        )
        assert verdicts(RULES, HIDDEN, resource(kind, {"policy": UNKNOWN})) == []


@pytest.mark.parametrize(
    ("props", "path"),
    [
        ({"tags": {"Owner": SECRET}}, "tags.Owner"),
        ({"inlinePolicies": [{"name": "a"}, {"policy": SECRET}]}, "inlinePolicies[1].policy"),
        ({"networkConfiguration": {"networkMode": SECRET}}, "networkConfiguration.networkMode"),
        ({"managedPolicyArns": [SECRET]}, "managedPolicyArns[0]"),
    ],
)
def test_a_secret_is_told_wherever_it_is(props: dict[str, Any], path: str) -> None:
    assert told(verdicts(RULES, HIDDEN, resource("aws:iam/role:Role", props))) == finding(path)


@pytest.mark.parametrize(
    "props",
    [
        {"environmentVariables": {"A": SECRET}},
        {"environmentVariables": SECRET},
        {"apiKey": SECRET},
        {"oauth2ProviderConfig": {"custom": {"clientSecret": SECRET}}},
        {"keyMaterialBase64": SECRET},
    ],
)
def test_what_is_a_credential_may_be_a_secret(props: dict[str, Any]) -> None:
    kind = "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime"
    assert verdicts(RULES, HIDDEN, resource(kind, props)) == []


def test_which_other_properties_may_be_secret_is_a_setting() -> None:
    subject = resource("aws:iam/role:Role", {"description": SECRET, "path": SECRET})
    assert told(verdicts(RULES, HIDDEN, subject, properties=["description"])) == finding("path")
