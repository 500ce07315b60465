"""IAM as moto has it, refusing what IAM refuses and moto takes.

Refused: a trust policy that is none or trusts who does not exist, documents and attachments over
IAM's quotas, a permissions boundary that does not exist, two roles whose names differ in case
only, deleting a policy that is in use. AWS's managed policies exist, each from the moment it is
first named: to load all of them into every account would cost a tenth of a second and 5 MB each.
Source: IAM user guide, "IAM and AWS STS quotas"; sizes are in characters without white space.
Errors as the API reference of each operation has them.
"""

import json
import re
import uuid
from fnmatch import filter as filter_names
from functools import lru_cache
from typing import Any, Final, cast

import moto.iam.models
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import (
    DeleteConflictException,
    EntityAlreadyExists,
    IAMException,
    InvalidInput,
    LimitExceededException,
    NotFoundException,
)
from moto.iam.models import (
    AWSManagedPolicy,
    IAMBackend,
    ManagedPolicy,
    PolicyVersion,
    Role,
    iam_backends,
)
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.policy_document import (
    Fault,
    Kind,
    MalformedPolicyError,
    Presence,
    checked_statements,
    listed,
)
from emulator.aws.moto_services.principals import unknown_principals

_TRUST_CHARACTERS = 2048
_INLINE_CHARACTERS = 10_240  # of all inline policies of a role together
_MANAGED_CHARACTERS = 6144
_POLICIES_PER_ROLE = 10
_TAGS_PER_ROLE = 50
_OF_SERVICES = "/aws-service-role/"
_AWS_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(?:.+/)?(?P<name>[^/]+)")
_TRUST_ACTIONS: Final = (
    *("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"),
    *("sts:decodeauthorizationmessage", "sts:getaccesskeyinfo", "sts:getcalleridentity"),
    *("sts:getfederationtoken", "sts:getservicebearertoken", "sts:getsessiontoken"),
    *("sts:setsourceidentity", "sts:tagsession"),
)
# IAM's words, where they are known, for what is wrong with an element.
_SAID: Final = {
    ("Principal", Fault.MISSING): "Missing required field Principal",
    ("Principal", Fault.EMPTY): "Missing required field Principal cannot be empty!",
    ("Principal", Fault.PROHIBITED): "Policy document should not specify a principal.",
    ("Principal", Fault.MALFORMED): "Invalid principal in policy.",
    ("Action", Fault.MISSING): "Policy statement must contain actions.",
    ("Action", Fault.EMPTY): "Policy statement must contain actions.",
    ("Action", Fault.MALFORMED): "Actions/Conditions must be prefaced by a vendor, e.g., iam, "
    "sdb, ec2, etc.",
    ("Resource", Fault.MISSING): "Policy statement must contain resources.",
    ("Resource", Fault.EMPTY): "Policy statement must contain resources.",
    ("Resource", Fault.PROHIBITED): "Has prohibited field Resource.",
    ("Sid", Fault.MALFORMED): "Statement IDs (SID) must be alpha-numeric. Check that your input "
    "satisfies the regular expression [0-9A-Za-z]*",
}


class InlinePolicyDocument(IAMPolicyDocumentValidator):
    """A policy of a role: the grammar, then what moto knows of resources and statement ids.

    It may have the old version or none: IAM user guide, "IAM JSON policy elements: Version".
    """

    kind = Kind(principals=Presence.PROHIBITED, resources=Presence.REQUIRED, alphanumeric_sids=True)

    def validate(self) -> None:
        """Raise IAM's MalformedPolicyDocument for the first thing that is wrong."""
        try:
            self._statements = checked_statements(self._policy_document, self.kind)
        except MalformedPolicyError as error:
            said = _SAID.get((error.element, error.fault), "Syntax errors in policy.")
            raise IAMException("MalformedPolicyDocument", said) from error
        super().validate()

    def _validate_syntax(self) -> None:
        """Take the syntax, which is checked."""

    def _perform_first_legacy_parsing(self) -> None:
        """Take effects and dates, which are checked with the syntax."""

    def _validate_version(self) -> None:
        """Take either version, which is checked with the syntax."""

    def _validate_resource_exist(self) -> None:
        """Take the resources, which are checked with the syntax."""


class ManagedPolicyDocument(InlinePolicyDocument):
    """A managed policy, which has the newest version."""

    def _validate_version(self) -> None:
        if json.loads(self._policy_document).get("Version") != "2012-10-17":
            raise ValueError  # moto says what IAM says then


class TrustPolicyDocument(InlinePolicyDocument):
    """A trust policy: of a role, so that it names no resource, and of STS's actions."""

    kind = Kind(principals=Presence.REQUIRED, resources=Presence.PROHIBITED, alphanumeric_sids=True)

    def validate(self) -> None:
        """Raise IAM's MalformedPolicyDocument for the first thing that is wrong."""
        super().validate()
        for statement in self._statements:
            patterns = [action.lower() for action in listed(statement.get("Action", ""))]
            if not all(
                pattern.startswith("sts:") and filter_names(_TRUST_ACTIONS, pattern)
                for pattern in patterns
            ):
                raise IAMException(
                    "MalformedPolicyDocument",
                    "Trust Policy statement actions can only be sts:AssumeRole, "
                    "sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity",
                )
        for kind, name in unknown_principals(self._statements):
            shown = kind.upper() if kind == "Service" else kind
            raise IAMException(
                "MalformedPolicyDocument", f'Invalid principal in policy: "{shown}":"{name}"'
            )


class StrictIdentity(BackendUrls, IAMBackend):
    """IAM of one account."""

    def create_role(
        self, role_name: str, assume_role_policy_document: str, *args: Any, **kwargs: Any
    ) -> Role:
        """Create the role when its trust policy and its boundary are sound."""
        _check_trust(assume_role_policy_document)
        boundary = kwargs.get("permissions_boundary", args[1] if len(args) > 1 else None)
        self._check_boundary(boundary)
        if any(role.name.lower() == role_name.lower() for role in self.get_roles()):
            raise EntityAlreadyExists(f"Role with name {role_name} already exists.")
        return super().create_role(role_name, assume_role_policy_document, *args, **kwargs)

    def delete_role(self, role_name: str) -> None:
        """Delete the role, unless a service has made it for itself."""
        if self.get_role(role_name).path.startswith(_OF_SERVICES):
            raise IAMException(
                "UnmodifiableEntity",
                f"Cannot perform the operation on the protected role '{role_name}' - this role is "
                "only modifiable by AWS",
            )
        super().delete_role(role_name)

    def delete_service_linked_role(self, role_name: str) -> str:
        """Delete the role that a service has made, with its policies.

        Not checked: that the service does not use it any more.
        """
        role = self.get_role(role_name)
        for policy in list(role.managed_policies.values()):
            policy.detach_from(role)
        super().delete_role(role_name)
        return str(uuid.uuid4())

    def update_assume_role_policy(self, role_name: str, policy_document: str) -> None:
        """Replace the trust policy when it is sound."""
        _check_trust(policy_document)
        self.get_role(role_name).assume_role_policy_document = policy_document

    def tag_role(self, role_name: str, tags: list[dict[str, str]]) -> None:
        """Tag the role when all its tags stay within the quota."""
        there = {tag["Key"].lower() for tag in self.get_role(role_name).tags}
        if len(there | {tag["Key"].lower() for tag in tags}) > _TAGS_PER_ROLE:
            raise LimitExceededException(f"Cannot exceed quota for TagsPerRole: {_TAGS_PER_ROLE}")
        super().tag_role(role_name, tags)

    def _validate_tag_key(self, tag_key: str, *args: Any, **kwargs: Any) -> None:
        if tag_key.lower().startswith("aws:"):
            raise InvalidInput("aws: prefixed tag key names are not allowed for external use.")
        super()._validate_tag_key(tag_key, *args, **kwargs)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        """Put the inline policy when the role's inline policies stay within the quota."""
        role = self.get_role(role_name)
        InlinePolicyDocument(policy_json).validate()
        others = [text for name, text in role.policies.items() if name != policy_name]
        if sum(map(_characters, [*others, policy_json])) > _INLINE_CHARACTERS:
            raise LimitExceededException(
                f"Maximum policy size of {_INLINE_CHARACTERS} bytes exceeded for role {role_name}"
            )
        role.put_policy(policy_name, policy_json)

    def put_role_permissions_boundary(self, role_name: str, permissions_boundary: str) -> None:
        """Set the boundary when it exists."""
        self._check_boundary(permissions_boundary)
        super().put_role_permissions_boundary(role_name, permissions_boundary)

    def attach_role_policy(self, policy_arn: str, role_name: str) -> None:
        """Attach the policy, which may be one of AWS's own."""
        self._load_aws_managed(policy_arn)
        attached = self.get_role(role_name).managed_policies
        if policy_arn not in attached and len(attached) >= _POLICIES_PER_ROLE:
            raise LimitExceededException(
                f"Cannot exceed quota for PoliciesPerRole: {_POLICIES_PER_ROLE}"
            )
        super().attach_role_policy(policy_arn, role_name)

    def get_policy(self, policy_arn: str) -> ManagedPolicy:
        """Return the policy, which may be one of AWS's own."""
        self._load_aws_managed(policy_arn)
        return super().get_policy(policy_arn)

    def create_policy(
        self,
        description: str,
        path: str,
        policy_document: str,
        policy_name: str,
        tags: list[dict[str, str]],
    ) -> ManagedPolicy:
        """Create the policy when it is within the quota."""
        _check_managed(policy_document)
        own = (p for p in self.managed_policies.values() if not _AWS_MANAGED.fullmatch(p.arn))
        if any(policy.name.lower() == policy_name.lower() for policy in own):
            raise EntityAlreadyExists(
                f"A policy called {policy_name} already exists. Duplicate names are not allowed."
            )
        return super().create_policy(description, path, policy_document, policy_name, tags)

    def create_policy_version(
        self, policy_arn: str, policy_document: str, *args: Any, **kwargs: Any
    ) -> PolicyVersion:
        """Add the version when it is within the quota."""
        _check_managed(policy_document)
        return super().create_policy_version(policy_arn, policy_document, *args, **kwargs)

    def delete_policy(self, policy_arn: str) -> None:
        """Delete the policy when nothing uses it and its default version is its only one."""
        policy = self.get_policy(policy_arn)
        bounds = any(role.permissions_boundary_arn == policy_arn for role in self.get_roles())
        if policy.attachment_count or bounds:
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy."
            )
        super().delete_policy(policy_arn)

    def _check_boundary(self, policy_arn: str | None) -> None:
        if not policy_arn or not self.policy_arn_regex.match(policy_arn):
            return  # moto refuses what is no ARN
        self._load_aws_managed(policy_arn)
        if policy_arn not in self.managed_policies:
            raise NotFoundException(f"Scope ARN: {policy_arn} does not exist or is not attachable.")

    def _load_aws_managed(self, policy_arn: str) -> None:
        named = _AWS_MANAGED.fullmatch(policy_arn)
        if named is None or policy_arn in self.managed_policies:
            return
        data = _aws_managed().get(named["name"])
        if data is not None:
            policy = AWSManagedPolicy.from_data(
                named["name"], self.account_id, self.region_name, data
            )
            self.managed_policies[policy.arn] = policy


def install() -> None:
    """Make moto use this IAM for every account."""
    iam_backends.backend = StrictIdentity
    # Where moto validates by itself, its own validator would refuse unquoted numbers again.
    cast("Any", moto.iam.models).IAMPolicyDocumentValidator = InlinePolicyDocument


@lru_cache
def _aws_managed() -> dict[str, Any]:
    return json.loads(aws_managed_policies_data)


def _check_trust(document: str) -> None:
    TrustPolicyDocument(document).validate()
    if _characters(document) > _TRUST_CHARACTERS:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {_TRUST_CHARACTERS}")


def _check_managed(document: str) -> None:
    ManagedPolicyDocument(document).validate()
    if _characters(document) > _MANAGED_CHARACTERS:
        raise LimitExceededException(f"Cannot exceed quota for PolicySize: {_MANAGED_CHARACTERS}")


def _characters(document: str) -> int:
    return len("".join(document.split()))
