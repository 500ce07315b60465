"""What the role of an agent must not hold, and what it has to."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from agentcore_policies.agent_runtime import at_path, role_path
from agentcore_policies.iam_actions import Action, expand, is_whole_service, listed, reaches
from agentcore_policies.iam_document import Statement
from agentcore_policies.iam_policies import STACK_TYPES, Holder, roles_of
from agentcore_policies.iam_privileges import is_privileged
from agentcore_policies.iam_wildcards import has_wildcard, is_all, matches
from agentcore_policies.model import Resource, Stack, Unknown
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule

_READING: Final = frozenset({"List", "Read"})
_ADMINISTRATIVE: Final = frozenset(
    {"account", "ecr", "iam", "identitystore", "organizations", "sso"}
)
_AGENTCORE: Final = "bedrock-agentcore"
# Actions that write and are of the control plane begin so; those of the data plane that begin so
# too are the exceptions (the AWS SDK's bedrock-agentcore and bedrock-agentcore-control clients).
_CONTROL: Final = (
    *("Add", "BatchPut", "Create", "Delete", "Manage", "Put", "Reset", "Set", "Submit"),
    *("Synchronize", "Tag", "Untag", "Update", "StartPolicyGeneration"),
)
_DATA: Final = frozenset(
    {
        *("CreateEvent", "DeleteEvent", "DeleteMemoryRecord", "UpdateBrowserStream"),
        *("CreateABTest", "DeleteABTest", "UpdateABTest", "DeleteBatchEvaluation"),
        *("DeleteRecommendation", "DeleteCapacityProviderSession", "PutSystemLogEvents"),
        *("CreatePaymentInstrument", "DeletePaymentInstrument", "CreatePaymentSession"),
        *("DeletePaymentSession", "UpdateMemoryRecordExpirySpecification"),
    }
)
_KEY_USES: Final = frozenset(
    {
        *("decrypt", "derivesharedsecret", "encrypt", "generatedatakey", "generatedatakeypair"),
        *("generatedatakeypairwithoutplaintext", "generatedatakeywithoutplaintext"),
        *("generatemac", "generaterandom", "reencryptfrom", "reencryptto", "sign", "verify"),
        *("verifymac",),
    }
)
_PULL: Final = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetAuthorizationToken")
_PARTITIONS: Final = ("aws", "aws-cn", "aws-us-gov")
_IMAGE_URI: Final = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
    r"/(?P<repository>[^:@]+)"
)
_IMAGE: Final = "agentRuntimeArtifact.containerConfiguration.containerUri"


def _administers(action: Action) -> bool:
    """Whether an action changes what an agent runs on, rather than using it."""
    if not action.levels - _READING:
        return False
    operation = action.name.removeprefix(f"{action.service}:")
    if action.service == _AGENTCORE:
        return operation.startswith(_CONTROL) and operation not in _DATA
    if action.service == "kms":
        return operation.lower() not in _KEY_USES
    return action.service in _ADMINISTRATIVE


def _control_plane(stack: Stack, _context: Context) -> Judged:
    told: set[str] = set()
    for runtime, holder in roles_of(stack).execution_roles():
        if isinstance(holder, NotChecked):
            yield holder
        elif holder.urn not in told:
            told.add(holder.urn)
            if holder.role is None:
                yield NotChecked(path=role_path(runtime), urn=runtime.urn)
            yield from (*holder.not_checked, *holder.unread)
            yield from _administering(runtime, holder)


def _administering(runtime: Resource, holder: Holder) -> Judged:
    for urn, document in holder.documents:
        for statement in document.statements:
            if isinstance(statement.effect, Unknown):
                yield NotChecked(path=f"{statement.path}.Effect", urn=urn)
            if statement.effect != "Allow":
                continue
            if not statement.actions.is_whole:
                yield NotChecked(path=statement.actions.path, urn=urn)
            names = [action.name for action in _spelled_out(statement) if _administers(action)]
            if names:
                yield Finding(
                    path=statement.actions.path,
                    urn=urn,
                    message=f"the agent of {runtime.name} may {listed(names)}, and with it whoever "
                    "talks it into that. The role of an agent uses what is there; leave deploying "
                    "and administering to another role.",
                )


def _spelled_out(statement: Statement) -> Iterator[Action]:
    """The actions of a statement, without wildcards that are told where they stand."""
    for word in statement.actions.known:
        if is_whole_service(word):
            continue
        actions = expand(word)
        if not has_wildcard(word) or not any(map(is_privileged, actions)):
            yield from actions


def _image_pull(stack: Stack, _context: Context) -> Judged:
    for runtime, holder in roles_of(stack).execution_roles():
        uri = at_path(runtime, _IMAGE)
        if uri is None or (isinstance(uri, str) and not _IMAGE_URI.match(uri)):
            continue
        if isinstance(holder, NotChecked):
            yield holder
            continue
        if any(document.faults for _, document in holder.documents):
            continue  # what a document that IAM refuses would allow is not known
        missing = [name for name in _PULL if not _allows(holder, name, uri)]
        if not missing:
            continue
        if holder.not_checked or holder.unread:
            yield from (*holder.not_checked, *holder.unread)
        elif holder.role is None or holder.attached:
            yield NotChecked(
                path=role_path(runtime), urn=runtime.urn
            )  # what else allows it, nobody tells
        else:
            yield Finding(
                path="",
                urn=holder.urn,
                message=f"the runtime {runtime.name} runs as this role, which may not "
                f"{', '.join(missing)}; its image cannot be pulled (Access denied while validating "
                "ECR URI).",
            )


def _allows(holder: Holder, name: str, uri: object) -> bool:
    for _, document in holder.documents:
        for statement in document.statements:
            actions, resources = statement.actions, statement.resources
            if statement.effect == "Deny":
                continue
            if not (actions.is_whole and resources.is_whole):
                return True  # that it is not known is told by the rules that judge the statement
            if not any(reaches(word, name) for word in actions.known):
                continue
            if any(_is_of(word, name, uri) for word in resources.known):
                return True
    return False


def _is_of(resource: str, name: str, uri: object) -> bool:
    """Whether a resource is the repository of the image."""
    if name == "ecr:GetAuthorizationToken":
        return is_all(resource)
    image = _IMAGE_URI.match(uri) if isinstance(uri, str) else None
    if image is None:
        return True
    place = f"ecr:{image['region']}:{image['account']}:repository/{image['repository']}"
    return any(matches(resource, f"arn:{partition}:{place}") for partition in _PARTITIONS)


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="execution-role-control-plane",
        description="The role of an agent deploys and administers nothing.",
        severity="critical",
        types=STACK_TYPES,
        remediation="Take the actions out of the agent's role.",
        references=(
            Reference(framework="CKV", id="CKV_AWS_289"),
            Reference(framework="Well-Architected", id="SEC03-BP02"),
        ),
        check_stack=_control_plane,
    ),
    Rule(
        id="execution-role-image-pull",
        description="The role of an agent may pull its image.",
        severity="medium",
        types=STACK_TYPES,
        remediation="Allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the image's "
        'repository, and ecr:GetAuthorizationToken on "*".',
        check_stack=_image_pull,
    ),
)
