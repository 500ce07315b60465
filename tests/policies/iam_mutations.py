"""What can be wrong with roles: who assumes them, and what they may do."""

from typing import Any, Final, cast

from agentcore_policies.model import Value
from tests.policies.documents import allowing, changed, document, with_first, without
from tests.policies.edits import Add, Given, Put, Ref
from tests.policies.forms import ROLE, ROLE_POLICY
from tests.policies.mutation import TAGS, Mutation, values

_ACCOUNT: Final = "222222222222"
_AGENT: Final = "tagged"
_DELIVERER: Final = "agentcore-prod"
"""The role that delivers flow logs: no agent's."""

_OBJECTS: Final = "arn:aws:s3:::papers/*"
_ROLE: Final = f"arn:aws:iam::{_ACCOUNT}:role/other"
_MODEL: Final = "foundation-model/amazon.nova-pro-v1:0"
_RUNTIME: Final = f"arn:aws:bedrock-agentcore:us-east-1:{_ACCOUNT}:runtime/other-0123456789"
_READS: Final = {"Action": "s3:GetObject", "Resource": _OBJECTS}
_PASSED: Final = {"StringEquals": {"iam:PassedToService": "bedrock-agentcore.amazonaws.com"}}


def _granted(
    rule: str, bad: dict[str, dict[str, Any]], good: dict[str, Any], role: str = _AGENT
) -> tuple[Mutation, ...]:
    """Statements of a role's policy, each as bad as the others, and one that is right."""
    return values(
        rule,
        ROLE_POLICY,
        "policy",
        {name: allowing(statement) for name, statement in bad.items()},
        allowing(good),
        role,
    )


def _trusted(
    rule: str, bad: dict[str, Given], good: Given, role: str = _AGENT
) -> tuple[Mutation, ...]:
    return values(rule, ROLE, "assumeRolePolicy", bad, good, role)


def _on(action: str | list[str], resource: str, **elements: Any) -> dict[str, Any]:
    return {"Action": action, "Resource": resource, **elements}


def _twice(policy: Value) -> Value:
    """The document with the version given twice."""
    return cast("str", policy).replace("{", '{"Version": "2008-10-17", ', 1)


def _long(characters: int) -> Given:
    """The document with a statement that is very long."""
    objects = [f"arn:aws:s3:::papers/{n:03}/*" for n in range(characters // 27)]
    return allowing({"Action": "s3:GetObject", "Resource": objects})


def _in_two(statements: list[dict[str, Any]]) -> None:
    """The statement that allows to pull, as two."""
    (pull,) = [one for one in statements if one.get("Sid") == "PullImage"]
    actions = pull["Action"]
    pull["Action"] = actions[0]
    statements.append({**pull, "Sid": "PullLayers", "Action": actions[1]})


_DOCUMENTS: Final = (
    *values(
        "iam-document",
        ROLE_POLICY,
        "policy",
        {
            "no JSON": lambda policy: cast("str", policy)[:-1],
            "a key twice": _twice,
            "too long": _long(11_000),
            "an effect in lower case": allowing({**_READS, "Effect": "allow"}),
            "no resource": allowing({"Action": "s3:GetObject"}),
            "a Sid twice": allowing({**_READS, "Sid": "WriteFlowLogs"}),
            "action and its opposite": allowing(
                {**_READS, "Effect": "Deny", "NotAction": "s3:PutObject"}
            ),
        },
        _long(400),
        _DELIVERER,
    ),
    *_granted(
        "iam-action-wildcard",
        {
            "everything": _on("*", "*"),
            "everything, in two parts": _on(["*:*"], "*"),
            "a service": _on("s3:*", _OBJECTS),
            "a service in capitals": _on("SQS:*", f"arn:aws:sqs:us-east-1:{_ACCOUNT}:work"),
        },
        _on("s3:GetObject*", _OBJECTS),
    ),
    *_granted(
        "iam-action-wildcard-privileged",
        {
            "writing policies": _on("s3:PutBucketPol*", "arn:aws:s3:::papers"),
            "in other letters": _on("S3:putbucketPOL?cy", "arn:aws:s3:::papers"),
            "passing roles": _on("iam:P*", _ROLE),
            "commands in an agent": _on("bedrock-agentcore:Invoke*", _RUNTIME),
        },
        _on("s3:GetObject*", _OBJECTS),
        _DELIVERER,
    ),
    *_granted(
        "iam-action-unknown",
        {
            "an action": _on("s3:GetObjects", _OBJECTS),
            "a service": _on("bedrockagentcore:InvokeAgentRuntime", _RUNTIME),
            "no service": _on("GetObject", _OBJECTS),
        },
        _on("S3:getobject", _OBJECTS),
    ),
    *_granted(
        "iam-resource-star",
        {
            "a star": _on("s3:GetObject", "*"),
            "a star for each part": _on("s3:GetObject", "arn:*:*:*:*:*"),
            "all of AWS": _on("s3:GetObject", "arn:aws:*"),
        },
        _on("s3:ListAllMyBuckets", "*"),
    ),
    *_granted(
        "iam-resource-type",
        {
            "of another service": _on("s3:GetObject", f"arn:aws:sqs:us-east-1:{_ACCOUNT}:work"),
            "of another type": _on("s3:GetObject", "arn:aws:s3:::papers"),
        },
        _on("s3:ListBucket", "arn:aws:s3:::papers"),
    ),
    *_granted(
        "iam-condition-key",
        {
            "a key": {**_READS, "Condition": {"StringEquals": {"s3:ExistingTag": "x"}}},
            "an operator": {**_READS, "Condition": {"StringEqual": {"aws:PrincipalType": "x"}}},
            "a global key": {**_READS, "Condition": {"StringEquals": {"aws:Principal": "x"}}},
        },
        {**_READS, "Condition": {"StringEqualsIfExists": {"aws:principaltype": "AssumedRole"}}},
    ),
    *_granted(
        "iam-inverted-allow",
        {
            "actions": {"NotAction": "iam:*", "Resource": _OBJECTS},
            "resources": {"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::private/*"},
        },
        {**_READS, "Effect": "Deny"},
    ),
)

_SCOPES: Final = (
    *_granted(
        "iam-pass-role",
        {
            "any role": _on("iam:PassRole", "*", Condition=_PASSED),
            "every role of the account": _on(
                "iam:PassRole", f"arn:aws:iam::{_ACCOUNT}:role/*", Condition=_PASSED
            ),
            "to any service": _on("iam:PassRole", _ROLE),
            "in other letters": _on("IAM:passrole", _ROLE),
            "to another service": _on(
                "iam:PassRole",
                _ROLE,
                Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            ),
        },
        _on("iam:PassRole", _ROLE, Condition=_PASSED),
        _DELIVERER,
    ),
    *_granted(
        "iam-assume-role-scope",
        {
            "any role": _on("sts:AssumeRole", "*"),
            "every role of the account": _on("sts:AssumeRole", f"arn:aws:iam::{_ACCOUNT}:role/*"),
            "a role of any account": _on("sts:AssumeRole", "arn:aws:iam::*:role/deploy"),
        },
        _on("sts:AssumeRole", _ROLE),
    ),
    *_granted(
        "iam-metric-namespace",
        {"any": _on("cloudwatch:PutMetricData", "*")},
        _on(
            "cloudwatch:PutMetricData",
            "*",
            Condition={"StringEquals": {"cloudwatch:namespace": "agents"}},
        ),
    ),
    *_granted(
        "iam-runtime-command",
        {
            "a command": _on("bedrock-agentcore:InvokeAgentRuntimeCommand", _RUNTIME),
            "a shell": _on("bedrock-agentcore:InvokeAgentRuntimeCommandShell", _RUNTIME),
        },
        _on("bedrock-agentcore:InvokeAgentRuntime", _RUNTIME),
    ),
    *_granted(
        "iam-model-scope",
        {"all": _on("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/*")},
        _on("bedrock:InvokeModel", f"arn:aws:bedrock:us-east-1::{_MODEL}"),
    ),
    *_granted(
        "iam-model-regions",
        {"all": _on("bedrock:InvokeModel", f"arn:aws:bedrock:*::{_MODEL}")},
        _on("bedrock:InvokeModel", f"arn:aws:bedrock:eu-west-1::{_MODEL}"),
    ),
    *_granted(
        "iam-image-scope",
        {"all": _on("ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{_ACCOUNT}:repository/*")},
        _on("ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{_ACCOUNT}:repository/base"),
    ),
    *_granted(
        "iam-secret-scope",
        {
            "all secrets": _on(
                "secretsmanager:GetSecretValue",
                f"arn:aws:secretsmanager:us-east-1:{_ACCOUNT}:secret:*",
            ),
            "all keys": _on("kms:Decrypt", f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/*"),
            "everything": _on("kms:Decrypt", "*"),
            "all parameters": _on(
                "ssm:GetParameter", f"arn:aws:ssm:us-east-1:{_ACCOUNT}:parameter/*"
            ),
        },
        _on(
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:us-east-1:{_ACCOUNT}:secret:agent/token-??????",
        ),
        _DELIVERER,
    ),
)

_AWS: Final = "arn:aws:iam::aws:policy/"
_EXCLUSIVE: Final = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
_ATTACHMENTS: Final = (
    *values(
        "iam-managed-admin-policy",
        ROLE,
        "managedPolicyArns",
        {
            "an administrator's": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            "AgentCore's whole": ["arn:aws:iam::aws:policy/BedrockAgentCoreFullAccess"],
            "of another partition": ["arn:aws-us-gov:iam::aws:policy/IAMFullAccess"],
        },
        ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"],
        _AGENT,
    ),
    *(
        Mutation(
            "iam-managed-admin-policy",
            f"attached by {kind.rpartition(':')[2]}",
            (Add(kind, "attached", {holder: named, "policyArn": f"{_AWS}PowerUserAccess"}),),
            (Add(kind, "attached", {holder: named, "policyArn": f"{_AWS}ReadOnlyAccess"}),),
        )
        for kind, holder, named in (
            ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", Ref(ROLE, _AGENT)),
            ("aws:iam/policyAttachment:PolicyAttachment", "roles", (Ref(ROLE, _AGENT),)),
        )
    ),
    Mutation(
        "iam-managed-admin-policy",
        "attached with all others",
        (Add(_EXCLUSIVE, "attached", {"policyArns": [f"{_AWS}PowerUserAccess"]}),),
        (Add(_EXCLUSIVE, "attached", {"policyArns": [f"{_AWS}ReadOnlyAccess"]}),),
    ),
    *(
        Mutation(
            "iam-users-and-groups",
            kind.rpartition(":")[2],
            (Add(kind, "somebody", {"name": "somebody", "tagsAll": TAGS, **props}),),
            (Put(ROLE, "description", "somebody", _AGENT),),
        )
        for kind, props in (
            ("aws:iam/user:User", {}),
            ("aws:iam/group:Group", {}),
            ("aws:iam/accessKey:AccessKey", {"user": "somebody"}),
            ("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", {}),
            ("aws:iam/sshKey:SshKey", {"username": "somebody"}),
            (
                "aws:iam/policyAttachment:PolicyAttachment",
                {"users": ["somebody"], "policyArn": f"{_AWS}ReadOnlyAccess"},
            ),
            (
                "aws-native:iam:ManagedPolicy",
                {"users": ["somebody"], "policyDocument": document(_READS)},
            ),
            (
                "aws:iam/userPolicy:UserPolicy",
                {"user": "somebody", "policy": document(_READS)},
            ),
        )
    ),
)


def _inline(objects: int) -> Add:
    """One more policy of the role that delivers flow logs, of so many objects' length."""
    named = [f"arn:aws:s3:::papers/{n:03}/*" for n in range(objects)]
    given = document({"Action": "s3:GetObject", "Resource": named})
    return Add(ROLE_POLICY, "one-more", {"role": Ref(ROLE, _DELIVERER, "name"), "policy": given})


_FUNCTIONS: Final = f"arn:aws:lambda:us-east-1:{_ACCOUNT}:function:*"
_CHANGES: Final = _on("lambda:UpdateFunctionCode", _FUNCTIONS)
_CALLS: Final = _on("lambda:InvokeFunction", _FUNCTIONS)
_TOGETHER: Final = (
    *_granted(
        "role-privilege-escalation",
        {
            "a policy of its own": _on(
                "iam:CreatePolicyVersion", f"arn:aws:iam::{_ACCOUNT}:policy/own"
            ),
        },
        _on("iam:GetRole", _ROLE),
        _DELIVERER,
    ),
    Mutation(
        "role-inline-policy-size",
        "in two policies",
        (_inline(360),),
        (_inline(200),),
        alone="a document that cannot be read has no length",
    ),
    Mutation(
        "role-privilege-escalation",
        "code as another role, in two statements",
        (Put(ROLE_POLICY, "policy", allowing(_CHANGES, _CALLS), _DELIVERER),),
        (Put(ROLE_POLICY, "policy", allowing(_CALLS), _DELIVERER),),
    ),
    *_granted(
        "execution-role-control-plane",
        {
            "images": _on("ecr:PutImage", f"arn:aws:ecr:us-east-1:{_ACCOUNT}:repository/base"),
            "runtimes": _on("bedrock-agentcore:UpdateAgentRuntime", _RUNTIME),
        },
        _on("ecr:DescribeImages", f"arn:aws:ecr:us-east-1:{_ACCOUNT}:repository/base"),
    ),
    *values(
        "execution-role-image-pull",
        ROLE_POLICY,
        "policy",
        {
            "no image": without("PullImage"),
            "no token": without("GetRegistryToken"),
        },
        changed(_in_two),
        _AGENT,
        alone="a policy that is attached may allow it",
    ),
)

_SERVICE: Final = "bedrock-agentcore.amazonaws.com"
_OWN: Final = {
    "StringEquals": {"aws:SourceAccount": _ACCOUNT},
    "ArnLike": {"aws:SourceArn": f"arn:aws:bedrock-agentcore:us-east-1:{_ACCOUNT}:*"},
}


def _assumed(**elements: Any) -> dict[str, Any]:
    """The statement that lets AgentCore assume a role, otherwise."""
    given = {"Action": "sts:AssumeRole", "Principal": {"Service": _SERVICE}, "Condition": _OWN}
    return {name: value for name, value in {**given, **elements}.items() if value is not None}


_TRUST: Final = (
    *_trusted(
        "agentcore-role-principal",
        {
            "another service too": with_first(
                Principal={"Service": [_SERVICE, "lambda.amazonaws.com"]}
            ),
            "everybody": allowing(_assumed(Principal="*")),
            "everybody of AWS": allowing(_assumed(Principal={"AWS": ["*"]})),
            "another account": allowing(_assumed(Principal={"AWS": "333333333333"})),
            "the account": allowing(_assumed(Principal={"AWS": f"arn:aws:iam::{_ACCOUNT}:root"})),
        },
        with_first(Principal={"Service": [_SERVICE]}),
    ),
    *_trusted(
        "agentcore-role-source",
        {
            "any account": with_first(Condition={"ArnLike": _OWN["ArnLike"]}),
            "any ARN": with_first(Condition={"StringEquals": _OWN["StringEquals"]}),
            "none": with_first(Condition=None),
            "a statement more without any": allowing(_assumed(Condition=None)),
        },
        allowing(_assumed()),
    ),
    *_trusted(
        "role-trust-action",
        {"any": with_first(Action="sts:*"), "another": with_first(Action="sts:SetSourceIdentity")},
        with_first(Action=["sts:AssumeRole"]),
    ),
    *_trusted(
        "role-confused-deputy",
        {
            "any account's": with_first(Condition=None),
            "every other account's": with_first(
                Condition={"StringNotEquals": {"aws:SourceAccount": "333333333333"}}
            ),
        },
        with_first(Condition={"StringEquals": {"aws:SourceAccount": _ACCOUNT}}),
        _DELIVERER,
    ),
    *_trusted(
        "runtime-role-trust",
        {"another service": with_first(Principal={"Service": "ecs-tasks.amazonaws.com"})},
        with_first(Principal={"Service": [_SERVICE]}),
    ),
)

MUTATIONS: Final = (*_DOCUMENTS, *_SCOPES, *_ATTACHMENTS, *_TOGETHER, *_TRUST)
"""Of an agent's role in production, or of the one that delivers flow logs."""
