"""Rules that say whatever a test wants said, of one resource and of a stack."""

from collections.abc import Iterator

from agentcore_policies.model import UNKNOWN, Resource, Secret, Stack, Unknown
from agentcore_policies.rule import Context, Finding, NotChecked, Reference, Rule, Setting

REPOSITORY = "aws:ecr/repository:Repository"
ROLE = "aws:iam/role:Role"


def _immutable(resource: Resource, context: Context) -> Iterator[Finding | NotChecked]:
    given = resource.at("imageTagMutability")
    if isinstance(given, Unknown | Secret):
        yield NotChecked(path="imageTagMutability")
    elif given not in (allowed := context.settings["allowed"], allowed):
        yield Finding(path="imageTagMutability", message=f"is {given}, may be {allowed}.")
    if isinstance(resource.at("name"), Secret):
        yield NotChecked(path="name")


def _roles(stack: Stack, context: Context) -> Iterator[Finding | NotChecked]:
    del context
    for role in stack.of(ROLE):
        if role.at("arn") is UNKNOWN:
            yield NotChecked(path="arn", urn=role.urn)
        if role.at("path") != "/agents/":
            yield Finding(path="path", message=f"is {role.at('path')}.", urn=role.urn)
    if not any(stack.of(ROLE)):
        yield Finding(path="", message="the stack has no role.")


def _crashing(resource: Resource, context: Context) -> Iterator[Finding | NotChecked]:
    del context
    yield Finding(path="first", message="is seen.")
    raise ValueError(f"cannot read {resource.props}")


IMMUTABLE = Rule(
    id="tiny-immutable",
    description="Tags of a repository stay where they are.",
    severity="high",
    types=(REPOSITORY,),
    remediation="Set imageTagMutability to what is allowed.",
    references=(Reference(framework="CKV", id="CKV_AWS_51"),),
    settings={
        "allowed": Setting(
            schema={"type": "string"}, default="IMMUTABLE", description="The mutability allowed."
        )
    },
    check=_immutable,
)
ROLES = Rule(
    id="tiny-roles",
    description="Roles lie under one path.",
    severity="low",
    types=(ROLE,),
    remediation="Set path.",
    check_stack=_roles,
)
CRASHING = Rule(
    id="tiny-crashing",
    description="Is well.",
    severity="low",
    types=(REPOSITORY,),
    remediation="None.",
    check=_crashing,
)
