"""IAM roles as Cloud Control reads them, out of moto's IAM; they are made through IAM's own API.

Source of the properties: CloudFormation's schema of AWS::IAM::Role. Documents are objects, as its
read handler answers them.
"""

import json
from typing import Any, Final, cast

from moto.utilities.utils import get_partition

from emulator.aws.caller import Caller
from emulator.aws.cloudcontrol.handler import JsonObject, not_found
from emulator.aws.moto_services.stricter import backends

ROLE: Final = "AWS::IAM::Role"


class Roles:
    """The roles of all accounts."""

    def read(self, caller: Caller, identifier: str) -> JsonObject:
        """Return the role of that name. Raises HandlerError NotFound."""
        iam = backends("iam")[caller.account][get_partition(caller.region)]
        found = [role for role in list(iam.roles.values()) if role.name == identifier]
        if not found:
            raise not_found(ROLE, identifier)
        return _properties(found[0])


def _properties(role: Any) -> JsonObject:
    inline = cast("dict[str, str]", role.policies)
    properties: JsonObject = {
        "Arn": role.arn,
        "AssumeRolePolicyDocument": json.loads(role.assume_role_policy_document),
        "Description": role.description,
        "ManagedPolicyArns": sorted(role.managed_policies),
        "MaxSessionDuration": int(role.max_session_duration),
        "Path": role.path,
        "PermissionsBoundary": role.permissions_boundary_arn,
        "Policies": [
            {"PolicyName": name, "PolicyDocument": json.loads(document)}
            for name, document in sorted(inline.items())
        ],
        "RoleId": role.id,
        "RoleName": role.name,
        "Tags": role.tags,
    }
    return {name: value for name, value in properties.items() if value}
