import json
from dataclasses import replace
from typing import Any, Final

import botocore.session
import pytest

from agentcore_policies.iam_actions import expand
from agentcore_policies.model import UNKNOWN, Resource
from agentcore_policies.rules.execution_role import RULES
from tests.policies.documents import document
from tests.policies.judged import resource, told, urn, verdicts
from tests.policies.policy_forms import (
    ACCOUNT,
    FORMS,
    OBJECTS,
    REPOSITORY,
    ROLE_ARN,
    TRUST,
    Form,
    allow,
)

CONTROL: Final = "execution-role-control-plane"
PULL: Final = "execution-role-image-pull"
AWS: Final = "aws:iam/role:Role"
NATIVE: Final = "aws-native:iam:Role"
URI: Final = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/agents/support@sha256:{'0' * 64}"
RUNTIMES: Final = (
    "aws-native:bedrockagentcore:Runtime",
    "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
)
RUNTIME: Final = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/support-0123456789"
MEMORY: Final = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:memory/m-0123456789"
KEY: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d"
PULLING: Final = [
    allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]),
    allow("ecr:GetAuthorizationToken", "*"),
]


def agent(
    role_arn: object = ROLE_ARN, kind: str = RUNTIMES[0], uri: object = URI, **more: Any
) -> Resource:
    artifact = {"containerConfiguration": {"containerUri": uri}}
    return resource(kind, {"roleArn": role_arn, "agentRuntimeArtifact": artifact}, "agent", **more)


def role(kind: str = AWS, **props: Any) -> Resource:
    given = {"assumeRolePolicy": TRUST, "assumeRolePolicyDocument": TRUST, **props}
    return resource(kind, {"name": "support", "roleName": "support", **given})


def stack(form: Form, *statements: object, kind: str = RUNTIMES[0]) -> list[Resource]:
    """A runtime, its role and a policy in one of the forms."""
    policy = form.of(*statements)
    if form.type in (AWS, NATIVE):
        return [role(form.type, **policy.props), agent(kind=kind)]
    props = {**policy.props, "role": "support", "roleName": "support", "roles": ["support"]}
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    policy = resource(form.type, {**props, "arn": arn}, "policy")
    attachment = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "support", "policyArn": arn},
        "attachment",
    )
    extra = [attachment] if form.type == "aws:iam/policy:Policy" else []
    return [role(), policy, *extra, agent(kind=kind)]


ADMINISTERING: Final = [
    (
        allow("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/a"),
        allow("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/a"),
    ),
    (allow("IAM:putrolepolicy", ROLE_ARN), allow("IAM:getrolepolicy", ROLE_ARN)),
    (
        allow("bedrock-agentcore:CreateAgentRuntime", "*"),
        allow("bedrock-agentcore:ListAgentRuntimes", "*"),
    ),
    (
        allow("bedrock-agentcore:UpdateAgentRuntime", RUNTIME),
        allow("bedrock-agentcore:GetAgentRuntime", RUNTIME),
    ),
    (
        allow("bedrock-agentcore:DeleteMemory", MEMORY),
        allow("bedrock-agentcore:DeleteEvent", MEMORY),
    ),
    (allow("bedrock-agentcore:Delete*", MEMORY), allow("bedrock-agentcore:DeleteEven*", MEMORY)),
    (
        allow("bedrock-agentcore:TagResource", RUNTIME),
        allow("bedrock-agentcore:InvokeAgentRuntime", RUNTIME),
    ),
    (allow("ecr:PutImage"), allow("ecr:BatchGetImage")),
    (allow("kms:ScheduleKeyDeletion", KEY), allow("kms:GenerateDataKey", KEY)),
    (allow("kms:CreateGrant", KEY), allow("kms:Decrypt", KEY)),
]


@pytest.mark.parametrize(("bad", "good"), ADMINISTERING, ids=lambda each: json.dumps(each)[:80])
def test_an_agents_role_administers_nothing(bad: Any, good: Any) -> None:
    for form in FORMS:
        for kind in RUNTIMES:
            found = verdicts(RULES, CONTROL, stack(form, bad, kind=kind))
            assert told(found) == [("finding", form.at("Action"))], str(form)
            assert verdicts(RULES, CONTROL, stack(form, good, kind=kind)) == [], str(form)


def administers(action: str) -> bool:
    found = verdicts(RULES, CONTROL, stack(FORMS[0], allow(action, "*")))
    assert all(kind == "finding" for kind, _ in told(found))
    return bool(found)


def operations(client: str) -> set[str]:
    return set(botocore.session.get_session().get_service_model(client).operation_names)


def test_whatever_writes_through_the_control_plane_of_agentcore_administers() -> None:
    control, data = operations("bedrock-agentcore-control"), operations("bedrock-agentcore")
    writing = [
        action.name
        for action in expand("bedrock-agentcore:*")
        if action.levels - {"List", "Read"} and action.name.partition(":")[2] in control | data
    ]
    assert len(writing) > 100, "the SDK and the reference know AgentCore"
    wrong = [
        name for name in writing if administers(name) != (name.partition(":")[2] in control - data)
    ]
    assert wrong == []


def test_what_the_reference_knows_and_the_sdk_does_not_administers_by_its_name() -> None:
    for name in ("ManageAdminPolicy", "SetTokenVaultCMK"):
        assert administers(f"bedrock-agentcore:{name}"), name
    for name in ("DeletePaymentSession", "DeleteRecommendation", "PutSystemLogEvents"):
        assert not administers(f"bedrock-agentcore:{name}"), name
    assert not administers("bedrock-agentcore:UpdateMemoryRecordExpirySpecification")
    assert not administers("s3:PutObject"), "what is no key is nothing that keys are"


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("account:CloseAccount", "account:GetContactInformation"),
        ("ecr:DeleteRepository", "ecr:DescribeImages"),
        ("identitystore:CreateUser", "identitystore:ListUsers"),
        ("organizations:LeaveOrganization", "organizations:DescribeOrganization"),
        ("sso:CreateAccountAssignment", "sso:ListInstances"),
    ],
)
def test_what_an_account_is_governed_by_is_not_an_agents(bad: str, good: str) -> None:
    assert administers(bad)
    assert not administers(good)


def test_an_agent_uses_keys_and_administers_none() -> None:
    uses = (
        *("Decrypt", "DeriveSharedSecret", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair"),
        *("GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext"),
        *("GenerateMac", "GenerateRandom", "ReEncryptFrom", "ReEncryptTo", "Sign", "Verify"),
        *("VerifyMac", "DescribeKey", "ListAliases"),
    )
    assert [use for use in uses if administers(f"kms:{use}")] == []
    for name in ("CreateAlias", "DisableKey", "PutKeyPolicy", "TagResource", "RetireGrant"):
        assert administers(f"kms:{name}"), name


def test_only_the_roles_of_agents_are_judged() -> None:
    deployer = [one for one in stack(FORMS[0], ADMINISTERING[0][0]) if one.name != "agent"]
    assert verdicts(RULES, CONTROL, deployer) == []


def test_a_role_is_found_by_what_the_runtime_depends_on() -> None:
    resources = stack(FORMS[0], ADMINISTERING[0][0])[:-1]
    linked = agent(UNKNOWN, dependencies={"roleArn": (urn(AWS, "one"),)})
    assert len(verdicts(RULES, CONTROL, [*resources, linked])) == 1
    hidden = verdicts(RULES, CONTROL, [*resources, agent(UNKNOWN)])
    assert told(hidden) == [("not checked", "roleArn")]


def test_a_role_of_several_agents_is_told_once() -> None:
    resources = stack(FORMS[0], ADMINISTERING[0][0])
    second = resource(RUNTIMES[0], {"roleArn": ROLE_ARN}, "second")
    assert len(verdicts(RULES, CONTROL, [*resources, second])) == 1


@pytest.mark.parametrize("rule", [CONTROL, PULL])
def test_a_policy_that_is_not_known_is_not_passed(rule: str) -> None:
    for form in FORMS:
        resources = stack(form)
        hidden = form.holding(UNKNOWN)
        changed = [
            resource(
                one.type,
                {
                    **one.props,
                    **{
                        key: hidden.props[key]
                        for key in hidden.props
                        if key in ("policy", "policyDocument", "inlinePolicies", "policies")
                    },
                },
                one.name,
            )
            if one.type == form.type
            else one
            for one in resources
        ]
        assert told(verdicts(RULES, rule, changed)) == [("not checked", form.path)], str(form)


def test_what_is_not_known_of_a_statement_is_not_checked_and_the_next_is() -> None:
    administering = allow("ecr:PutImage")
    for first, expected in (
        ({**administering, "Effect": "Deny"}, []),
        ({**administering, "Effect": UNKNOWN}, [("not checked", "Effect")]),
        ({**administering, "Action": UNKNOWN}, [("not checked", "Action")]),
        (allow("ecr:BatchGetImage", UNKNOWN), []),
    ):
        found = told(verdicts(RULES, CONTROL, stack(OBJECTS[0], first, administering)))
        assert found == [
            *((kind, OBJECTS[0].at(element)) for kind, element in expected),
            ("finding", f"{OBJECTS[0].path}.Statement[1].Action"),
        ]


def test_wildcards_that_other_rules_tell_of_are_not_told_again() -> None:
    for word in ("ecr:*", "account:*", "*", "iam:Create*"):
        assert not administers(word), word
        both = stack(FORMS[0], allow([word, "ecr:PutImage"], "*"))
        (found,) = verdicts(RULES, CONTROL, both)
        assert "may ecr:PutImage, and" in str(found), word
    assert administers("ecr:PutImage*")


@pytest.mark.parametrize(
    "hidden",
    [
        {**PULLING[0], "Action": UNKNOWN},
        {**PULLING[0], "Resource": UNKNOWN},
        {**PULLING[0], "Action": UNKNOWN, "Resource": UNKNOWN},
    ],
    ids=["action", "resource", "both"],
)
def test_a_statement_that_is_not_known_may_let_pull(hidden: Any) -> None:
    assert verdicts(RULES, PULL, stack(OBJECTS[0], hidden)) == []
    denying = stack(OBJECTS[0], {**hidden, "Effect": "Deny"}, PULLING[1])
    assert told(verdicts(RULES, PULL, denying)) == [("finding", "")]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_repository_is_found_in_every_partition(partition: str) -> None:
    named = {**PULLING[0], "Resource": REPOSITORY.replace("arn:aws:", f"arn:{partition}:")}
    assert verdicts(RULES, PULL, stack(FORMS[0], named, PULLING[1])) == []
    other = {**PULLING[0], "Resource": REPOSITORY.replace("arn:aws:", "arn:other:")}
    assert told(verdicts(RULES, PULL, stack(FORMS[0], other, PULLING[1]))) == [("finding", "")]


def test_each_agent_pulls_by_its_own_role() -> None:
    roles: list[Resource] = []
    agents: list[Resource] = []
    statements = {"whole": PULLING, "fault": [{**PULLING[0], "Resource": None}], "lacking": []}
    for name, given in statements.items():
        trust = {"name": name, "assumeRolePolicy": TRUST}
        grant = {"role": name, "policy": document(*given, PULLING[1])}
        roles += [
            resource(AWS, trust, name),
            resource("aws:iam/rolePolicy:RolePolicy", grant, f"{name}-policy"),
        ]
    for name, uri in (
        ("lacking", None),
        ("lacking", "public.ecr.aws/agents/support:1"),
        ("hidden", URI),
        ("fault", URI),
        ("whole", URI),
        ("lacking", URI),
        ("lacking", UNKNOWN),
    ):
        arn = UNKNOWN if name == "hidden" else f"arn:aws:iam::{ACCOUNT}:role/{name}"
        agents.append(replace(agent(arn, uri=uri), urn=f"{name}-{len(agents)}"))
    found = verdicts(RULES, PULL, [*roles, *agents])
    assert [(one.urn, *told([one])) for one in found] == [
        ("hidden-2", ("not checked", "roleArn")),
        (roles[4].urn, ("finding", "")),
        (roles[4].urn, ("finding", "")),
    ]


def test_what_another_stacks_role_lets_pull_is_not_checked() -> None:
    policy = FORMS[0].of(PULLING[0])
    policy = replace(policy, props={**policy.props, "role": "support"})
    runtime = agent()
    (found,) = verdicts(RULES, PULL, [policy, runtime])
    assert (found.urn, *told([found])) == (runtime.urn, ("not checked", "roleArn"))


def test_an_agents_role_pulls_its_image() -> None:
    for form in FORMS:
        assert verdicts(RULES, PULL, stack(form, *PULLING)) == [], str(form)
        denied = {**PULLING[0], "Effect": "Deny", "Resource": f"{REPOSITORY}-other"}
        assert verdicts(RULES, PULL, stack(form, denied, *PULLING[::-1])) == [], str(form)
        for lacking in (
            PULLING[:1],
            PULLING[1:],
            [allow("ecr:BatchGetImage"), PULLING[1]],
            [{**PULLING[0], "Effect": "Deny"}, PULLING[1]],
            [{**PULLING[0], "Resource": f"{REPOSITORY}-other"}, PULLING[1]],
            [{**PULLING[0], "Resource": REPOSITORY.replace("us-east-1", "eu-west-1")}, PULLING[1]],
            [PULLING[0], {**PULLING[1], "Resource": REPOSITORY}],
        ):
            found = verdicts(RULES, PULL, stack(form, *lacking))
            assert told(found) == [("finding", "")], str(form)


@pytest.mark.parametrize(
    "uri",
    [None, "public.ecr.aws/agents/support:1", UNKNOWN],
    ids=["no image", "public", "not known"],
)
def test_an_image_that_is_not_private_needs_no_pull(uri: object) -> None:
    resources = [*stack(FORMS[0], *PULLING)[:-1], agent(uri=uri)]
    assert verdicts(RULES, PULL, resources) == []


def test_a_role_that_is_not_in_the_stack_is_not_passed_in_silence() -> None:
    for rule in (PULL, CONTROL):
        assert told(verdicts(RULES, rule, [agent()])) == [("not checked", "roleArn")]
    without = replace(agent(), props={**agent().props, "roleArn": None})
    assert verdicts(RULES, CONTROL, [without]) == [], "the provider refuses it"


@pytest.mark.parametrize(
    "kind", ["aws:bedrock/agentcoreHarness:AgentcoreHarness", "aws-native:bedrockagentcore:Harness"]
)
def test_the_role_of_a_harness_is_an_agents(kind: str) -> None:
    harness = resource(kind, {"executionRoleArn": ROLE_ARN}, "harness")
    administering = stack(FORMS[0], allow("ecr:PutImage", REPOSITORY))[:-1]
    found = verdicts(RULES, CONTROL, [*administering, harness])
    assert [one for one, _ in told(found)] == ["finding"]
    using = stack(FORMS[0], allow("ecr:DescribeImages", REPOSITORY))[:-1]
    assert verdicts(RULES, CONTROL, [*using, harness]) == []


@pytest.mark.parametrize("action", ["ecr:PutImage", "ecr:DescribeImages"])
def test_a_policy_for_another_stacks_role_is_judged_and_the_rest_is_not_checked(
    action: str,
) -> None:
    policy = FORMS[0].of(allow(action))
    policy = replace(policy, props={**policy.props, "role": "support"})
    found = told(verdicts(RULES, CONTROL, [policy, agent()]))
    findings = [("finding", "policy.Statement[0].Action")] if action == "ecr:PutImage" else []
    assert found == [("not checked", "roleArn"), *findings]


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::{ACCOUNT}:policy/pull", "arn:aws:iam::aws:policy/EcrReadOnly"]
)
def test_whether_an_attached_policy_of_others_lets_pull_is_not_checked(arn: str) -> None:
    role, *others = stack(FORMS[0], PULLING[1])
    attaching = replace(role, props={**role.props, "managedPolicyArns": [arn]})
    (found,) = verdicts(RULES, PULL, [attaching, *others])
    assert (told([found]), found.urn) == ([("not checked", "managedPolicyArns")], role.urn)
    told_of = told(verdicts(RULES, CONTROL, [attaching, *others]))
    assert told_of == [("not checked", "managedPolicyArns")]
    assert told(verdicts(RULES, CONTROL, [role, *others])) == [], "nothing is attached"


def test_a_policy_that_has_no_more_than_the_name_of_the_stacks_own_may_be_another() -> None:
    role, *others = stack(FORMS[0], PULLING[1])
    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    attaching = replace(role, props={**role.props, "managedPolicyArns": [arn]})
    props = {"name": "own", "policy": document(allow("ecr:DescribeImages"))}
    named = resource("aws:iam/policy:Policy", props, "own")
    assert told(verdicts(RULES, PULL, [attaching, named, *others])) == [("not checked", "roleArn")]
    known = replace(named, props={**props, "arn": arn})
    assert told(verdicts(RULES, PULL, [attaching, known, *others])) == [("finding", "")]


@pytest.mark.parametrize(
    "name", ["AmazonEC2ContainerRegistryPowerUser", "AmazonSSMAutomationRole", "ReadOnlyAccess"]
)
def test_what_a_policy_of_awss_own_lets_an_agent_do_is_not_passed(name: str) -> None:
    attachment = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "support", "policyArn": f"arn:aws:iam::aws:policy/{name}"},
        "attachment",
    )
    (found,) = verdicts(RULES, CONTROL, [role(), attachment, agent()])
    assert told([found]) == [("not checked", "policyArn")], "nobody here has its document"
    assert found.urn == attachment.urn
    own = resource(
        "aws:iam/policy:Policy",
        {"name": "own", "arn": "own", "policy": document(PULLING[0])},
        "own",
    )
    attached = replace(attachment, props={"role": "support", "policyArn": "own"})
    assert verdicts(RULES, CONTROL, [role(), own, attached, agent()]) == []


def test_a_document_that_iam_refuses_is_told_by_the_rule_of_documents_only() -> None:
    for form in FORMS:
        resources = stack(form, {**PULLING[0], "Resource": None}, PULLING[1])
        assert verdicts(RULES, PULL, resources) == [], str(form)
