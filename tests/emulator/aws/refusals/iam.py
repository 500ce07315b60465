"""What IAM refuses. Source: IAM API reference; IAM user guide, "IAM and AWS STS quotas"."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulator.aws.cloud import Cloud
from tests.emulator.aws.refusals import Refusal

Statement = Mapping[str, Any]

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def policy(*statements: Statement, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def policy_of(characters: int) -> str:
    """Return a policy of exactly that many characters that are not white space."""
    prefix = "arn:aws:s3:::"
    empty = len("".join(policy({**ALLOW, "Resource": prefix}).split()))
    return policy({**ALLOW, "Resource": prefix + "a" * (characters - empty)})


def create_role(**options: Any) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        document = json.dumps(cloud.trust())
        given: dict[str, Any] = {
            "RoleName": "role",
            "AssumeRolePolicyDocument": document,
            **options,
        }
        return cloud.iam.create_role(**given)

    return attempt


def create_role_trusting(
    *, version: str = "2012-10-17", **changes: Any
) -> Callable[[Cloud], object]:
    """Create a role whose trust statement has these elements; None takes one away."""

    def attempt(cloud: Cloud) -> object:
        statement = {**cloud.trust()["Statement"][0], **changes}
        kept = {name: value for name, value in statement.items() if value is not None}
        return create_role(AssumeRolePolicyDocument=policy(kept, version=version))(cloud)

    return attempt


def create_role_trusting_role(name: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        cloud.role("known")
        arn = f"arn:aws:iam::{cloud.account}:role/{name}"
        return create_role_trusting(Principal={"AWS": arn})(cloud)

    return attempt


def update_trust(document: Callable[[Cloud], str]) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        name = cloud.role().rpartition("/")[2]
        return cloud.iam.update_assume_role_policy(RoleName=name, PolicyDocument=document(cloud))

    return attempt


def put_role_policy(document: str, **options: str) -> Callable[[Cloud], object]:
    """Put an inline policy beside that of 240 characters."""

    def attempt(cloud: Cloud) -> object:
        create_role()(cloud)
        cloud.iam.put_role_policy(
            RoleName="role", PolicyName="there", PolicyDocument=policy_of(240)
        )
        given = {"RoleName": "role", "PolicyName": "inline", "PolicyDocument": document}
        return cloud.iam.put_role_policy(**{**given, **options})

    return attempt


def create_policy(document: str, **options: Any) -> Callable[[Cloud], object]:
    given: dict[str, Any] = {"PolicyName": "managed", "PolicyDocument": document, **options}
    return lambda cloud: cloud.iam.create_policy(**given)


def create_policy_version(document: str, *, versions: int = 1) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        arn = managed_policy(cloud)
        for _ in range(versions - 1):
            cloud.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(ALLOW))
        return cloud.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)

    return attempt


def managed_policy(cloud: Cloud, name: str = "managed") -> str:
    made = cloud.iam.create_policy(PolicyName=name, PolicyDocument=policy(ALLOW))
    return made["Policy"].get("Arn", "")


def attach(name: str, *, others: int = 0) -> Callable[[Cloud], object]:
    """Attach one of AWS's policies beside others."""

    def attempt(cloud: Cloud) -> object:
        create_role()(cloud)
        for number in range(others):
            arn = managed_policy(cloud, f"managed-{number}")
            cloud.iam.attach_role_policy(RoleName="role", PolicyArn=arn)
        return cloud.iam.attach_role_policy(
            RoleName="role", PolicyArn=f"arn:aws:iam::aws:policy/{name}"
        )

    return attempt


def delete_role(*, first: Callable[[Cloud], object]) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        cloud.role()
        cloud.iam.attach_role_policy(
            RoleName="execution", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
        )
        first(cloud)
        return cloud.iam.delete_role(RoleName="execution")

    return attempt


def detach(cloud: Cloud) -> None:
    cloud.iam.detach_role_policy(
        RoleName="execution", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def delete_inline(cloud: Cloud) -> None:
    cloud.iam.delete_role_policy(RoleName="execution", PolicyName="permissions")


def delete_both(cloud: Cloud) -> None:
    detach(cloud)
    delete_inline(cloud)


def delete_policy(*, bounds: bool = False, versions: int = 1) -> Callable[[Cloud], object]:
    """Delete a policy that may bound a role and have several versions."""

    def attempt(cloud: Cloud) -> object:
        arn = managed_policy(cloud)
        create_role(**({"PermissionsBoundary": arn} if bounds else {}))(cloud)
        for _ in range(versions - 1):
            cloud.iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(ALLOW))
        return cloud.iam.delete_policy(PolicyArn=arn)

    return attempt


def second_role(name: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        create_role(RoleName="agent")(cloud)
        return create_role(RoleName=name)(cloud)

    return attempt


def boundary(arn: str) -> Callable[[Cloud], object]:
    return lambda cloud: create_role(PermissionsBoundary=arn.format(cloud.account))(cloud)


def second_policy(name: str) -> Callable[[Cloud], object]:
    def attempt(cloud: Cloud) -> object:
        managed_policy(cloud, "managed")
        return managed_policy(cloud, name)

    return attempt


def tag_role(key: str) -> Callable[[Cloud], object]:
    """Tag a role that has 50 tags."""

    def attempt(cloud: Cloud) -> object:
        create_role(Tags=tags(50))(cloud)
        return cloud.iam.tag_role(RoleName="role", Tags=[{"Key": key, "Value": "y"}])

    return attempt


def tags(count: int) -> list[dict[str, str]]:
    return [{"Key": f"tag-{number}", "Value": "x"} for number in range(count)]


MALFORMED_TRUST: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("no principal", {"Principal": None}, {}),
    ("a resource", {"Resource": "*"}, {}),
    ("an action of another service", {"Action": "s3:GetObject"}, {"Action": "sts:AssumeRole"}),
    ("an action that STS has not", {"Action": "sts:Trust*"}, {"Action": "sts:Assume*"}),
    ("every action", {"Action": "*"}, {"Action": "sts:*"}),
    ("no action", {"Action": None}, {}),
    ("an effect in lower case", {"Effect": "allow"}, {"Effect": "Allow"}),
    (
        "a condition operator that does not exist",
        {"Condition": {"StringMatches": {"aws:SourceAccount": "111111111111"}}},
        {"Condition": {"StringLike": {"aws:SourceAccount": "111111111111"}}},
    ),
    (
        "a service whose name is none",
        {"Principal": {"Service": "bedrock-agentcore"}},
        {"Principal": {"Service": "bedrock-agentcore.amazonaws.com"}},
    ),
    ("an unknown version", {"version": "2012-10-18"}, {"version": "2008-10-17"}),
    ("a principal of no names", {"Principal": {"AWS": []}}, {"Principal": {"AWS": ["*"]}}),
    (
        "a federated user without a name",
        {"Principal": {"AWS": "arn:aws:sts::111111111111:federated-user/"}},
        {"Principal": {"AWS": "arn:aws:sts::111111111111:federated-user/ann"}},
    ),
    (
        "a wildcard in a role's ARN",
        {"Principal": {"AWS": "arn:aws:iam::111111111111:*"}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
    ),
    (
        "a kind of principal that does not exist",
        {"Principal": {"Role": "*"}},
        {"Principal": {"AWS": "*"}},
    ),
]

MALFORMED_POLICY: list[tuple[str, str]] = [
    ("no JSON", policy(ALLOW)[:-1]),
    ("an unknown version", policy(ALLOW, version="2012-10-18")),
    ("no resource", policy({"Effect": "Allow", "Action": "s3:GetObject"})),
    ("both Action and NotAction", policy({**ALLOW, "NotAction": "s3:PutObject"})),
    ("a principal", policy({**ALLOW, "Principal": "*"})),
    ("an action without a vendor", policy({**ALLOW, "Action": "GetObject"})),
    ("a resource that is no ARN", policy({**ALLOW, "Resource": "bucket"})),
    ("a resource of an unknown partition", policy({**ALLOW, "Resource": "arn:amazon:s3:::b"})),
    ("a resource without a vendor", policy({**ALLOW, "Resource": "arn:aws"})),
    ("a statement id with a blank", policy({**ALLOW, "Sid": "Read objects"})),
    ("one statement id twice", policy({**ALLOW, "Sid": "One"}, {**ALLOW, "Sid": "One"})),
    ("a misspelt element", policy({**ALLOW, "Conditions": {}})),
    ("an unknown condition operator", policy({**ALLOW, "Condition": {"StringIs": {"a:b": "c"}}})),
    ("a date that is none", policy({**ALLOW, "Condition": {"DateEquals": {"a:b": "today"}}})),
    ("no statement", json.dumps({"Version": "2012-10-17", "Statement": []})),
]

REFUSALS = [
    *(
        Refusal(
            name=f"a trust policy with {fault}",
            operation="iam:CreateRole",
            code="MalformedPolicyDocument",
            bad=create_role_trusting(**bad),
            good=create_role_trusting(**good),
        )
        for fault, bad, good in MALFORMED_TRUST
    ),
    Refusal(
        name="a trust policy that is no JSON",
        operation="iam:CreateRole",
        code="MalformedPolicyDocument",
        bad=lambda cloud: create_role(AssumeRolePolicyDocument=json.dumps(cloud.trust())[:-1])(
            cloud
        ),
        good=lambda cloud: create_role(AssumeRolePolicyDocument=json.dumps(cloud.trust()))(cloud),
    ),
    Refusal(
        name="a trust policy that trusts a role that does not exist",
        operation="iam:CreateRole",
        code="MalformedPolicyDocument",
        says='Invalid principal in policy: "AWS":"arn:aws:iam::',
        bad=create_role_trusting_role("unknown"),
        good=create_role_trusting_role("known"),
    ),
    Refusal(
        name="a trust policy over 2,048 characters",
        operation="iam:CreateRole",
        code="LimitExceeded",
        says="ACLSizePerRole: 2048",
        bad=create_role_trusting(Sid="a" * 2048),
        good=create_role_trusting(Sid="a" * 1024),
    ),
    Refusal(
        name="a trust policy that is malformed",
        operation="iam:UpdateAssumeRolePolicy",
        code="MalformedPolicyDocument",
        bad=update_trust(lambda _: policy(ALLOW)),
        good=update_trust(lambda cloud: json.dumps(cloud.trust())),
    ),
    Refusal(
        name="a role's name with a slash",
        operation="iam:CreateRole",
        code="ValidationError",
        says="'roleName' failed to satisfy constraint: Member must satisfy regular expression",
        bad=create_role(RoleName="agents/one"),
        good=create_role(RoleName="agents-one"),
    ),
    Refusal(
        name="a role's name of 65 characters",
        operation="iam:CreateRole",
        code="ValidationError",
        says="Member must have length less than or equal to 64",
        bad=create_role(RoleName="r" * 65),
        good=create_role(RoleName="r" * 64),
    ),
    Refusal(
        name="a path that does not end with a slash",
        operation="iam:CreateRole",
        code="ValidationError",
        bad=create_role(Path="/agents"),
        good=create_role(Path="/agents/"),
    ),
    Refusal(
        name="a session of more than twelve hours",
        operation="iam:CreateRole",
        code="ValidationError",
        says="'maxSessionDuration' failed .* have value less than or equal to 43200",
        bad=create_role(MaxSessionDuration=43201),
        good=create_role(MaxSessionDuration=43200),
    ),
    Refusal(
        name="51 tags",
        operation="iam:CreateRole",
        code="ValidationError",
        bad=create_role(Tags=tags(51)),
        good=create_role(Tags=tags(50)),
    ),
    Refusal(
        name="a 51st tag",
        operation="iam:TagRole",
        code="LimitExceeded",
        says="TagsPerRole: 50",
        bad=tag_role("tag-50"),
        good=tag_role("tag-49"),
    ),
    Refusal(
        name="a tag that is AWS's own",
        operation="iam:CreateRole",
        code="InvalidInput",
        says="aws: prefixed tag key names are not allowed",
        bad=create_role(Tags=[{"Key": "aws:owner", "Value": "x"}]),
        good=create_role(Tags=[{"Key": "owner", "Value": "x"}]),
    ),
    Refusal(
        name="a tag twice, in another case",
        operation="iam:CreateRole",
        code="InvalidInput",
        bad=create_role(Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "1"}]),
        good=create_role(Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]),
    ),
    Refusal(
        name="a role's name that is there in another case",
        operation="iam:CreateRole",
        code="EntityAlreadyExists",
        bad=second_role("Agent"),
        good=second_role("agent2"),
    ),
    Refusal(
        name="a permissions boundary that does not exist",
        operation="iam:CreateRole",
        code="NoSuchEntity",
        says="does not exist or is not attachable",
        bad=boundary("arn:aws:iam::{}:policy/nothing"),
        good=boundary("arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ),
    *(
        Refusal(
            name=f"a policy with {fault}",
            operation="iam:PutRolePolicy",
            code="MalformedPolicyDocument",
            bad=put_role_policy(document),
            good=put_role_policy(policy(ALLOW)),
        )
        for fault, document in MALFORMED_POLICY
    ),
    Refusal(
        name="inline policies of 10,241 characters together",
        operation="iam:PutRolePolicy",
        code="LimitExceeded",
        says="10240 bytes exceeded for role role",
        bad=put_role_policy(policy_of(10_001)),
        good=put_role_policy(policy_of(10_000)),
    ),
    Refusal(
        name="an inline policy of a role that does not exist",
        operation="iam:PutRolePolicy",
        code="NoSuchEntity",
        bad=put_role_policy(policy(ALLOW), RoleName="other"),
        good=put_role_policy(policy(ALLOW), RoleName="role"),
    ),
    Refusal(
        name="an inline policy's name with a blank",
        operation="iam:PutRolePolicy",
        code="ValidationError",
        bad=put_role_policy(policy(ALLOW), PolicyName="pull images"),
        good=put_role_policy(policy(ALLOW), PolicyName="pull-images"),
    ),
    Refusal(
        name="a managed policy of 6,145 characters",
        operation="iam:CreatePolicy",
        code="LimitExceeded",
        says="PolicySize: 6144",
        bad=create_policy(policy_of(6145)),
        good=create_policy(policy_of(6144)),
    ),
    Refusal(
        name="a managed policy of a version that is out of use",
        operation="iam:CreatePolicy",
        code="MalformedPolicyDocument",
        says="Policy document must be version 2012-10-17 or greater",
        bad=create_policy(policy(ALLOW, version="2008-10-17")),
        good=create_policy(policy(ALLOW, version="2012-10-17")),
    ),
    Refusal(
        name="a managed policy that is malformed",
        operation="iam:CreatePolicy",
        code="MalformedPolicyDocument",
        bad=create_policy("{}"),
        good=create_policy(policy(ALLOW)),
    ),
    Refusal(
        name="a managed policy's name that is there in another case",
        operation="iam:CreatePolicy",
        code="EntityAlreadyExists",
        bad=second_policy("Managed"),
        good=second_policy("managed2"),
    ),
    Refusal(
        name="a version of a managed policy that is malformed",
        operation="iam:CreatePolicyVersion",
        code="MalformedPolicyDocument",
        bad=create_policy_version("{}"),
        good=create_policy_version(policy(ALLOW)),
    ),
    Refusal(
        name="a sixth version of a managed policy",
        operation="iam:CreatePolicyVersion",
        code="LimitExceeded",
        bad=create_policy_version(policy(ALLOW), versions=5),
        good=create_policy_version(policy(ALLOW), versions=4),
    ),
    Refusal(
        name="an invented policy of AWS",
        operation="iam:AttachRolePolicy",
        code="NoSuchEntity",
        bad=attach("ReadEverything"),
        good=attach("ReadOnlyAccess"),
    ),
    Refusal(
        name="an eleventh policy",
        operation="iam:AttachRolePolicy",
        code="LimitExceeded",
        says="PoliciesPerRole: 10",
        bad=attach("ReadOnlyAccess", others=10),
        good=attach("ReadOnlyAccess", others=9),
    ),
    Refusal(
        name="a role with an attached policy",
        operation="iam:DeleteRole",
        code="DeleteConflict",
        says="must detach all policies first",
        bad=delete_role(first=delete_inline),
        good=delete_role(first=delete_both),
    ),
    Refusal(
        name="a role with an inline policy",
        operation="iam:DeleteRole",
        code="DeleteConflict",
        says="must delete policies first",
        bad=delete_role(first=detach),
        good=delete_role(first=delete_both),
    ),
    Refusal(
        name="a policy that bounds a role",
        operation="iam:DeletePolicy",
        code="DeleteConflict",
        bad=delete_policy(bounds=True),
        good=delete_policy(bounds=False),
    ),
    Refusal(
        name="a policy with two versions",
        operation="iam:DeletePolicy",
        code="DeleteConflict",
        bad=delete_policy(versions=2),
        good=delete_policy(versions=1),
    ),
]
