"""The types the provider `aws` supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.providers.aws import (
    ecr,
    flow_log,
    iam,
    kms,
    log_group,
    nat_gateway,
    routes,
    security_groups,
    vpc,
    vpc_endpoint,
)
from emulator.providers.errors import ProviderError, did_you_mean

if TYPE_CHECKING:
    from emulator.providers.aws.table import ResourceType

TYPES: dict[str, ResourceType] = {
    resource_type.token: resource_type
    for resource_type in (
        ecr.REPOSITORY,
        ecr.LIFECYCLE_POLICY,
        ecr.REPOSITORY_POLICY,
        iam.ROLE,
        iam.ROLE_POLICY,
        iam.ROLE_POLICY_ATTACHMENT,
        iam.POLICY,
        kms.KEY,
        kms.ALIAS,
        vpc.VPC,
        vpc.SUBNET,
        vpc.INTERNET_GATEWAY,
        nat_gateway.EIP,
        nat_gateway.NAT_GATEWAY,
        routes.ROUTE_TABLE,
        routes.ROUTE_TABLE_ASSOCIATION,
        routes.ROUTE,
        security_groups.SECURITY_GROUP,
        security_groups.DEFAULT_SECURITY_GROUP,
        security_groups.INGRESS_RULE,
        security_groups.EGRESS_RULE,
        vpc_endpoint.VPC_ENDPOINT,
        flow_log.FLOW_LOG,
        log_group.LOG_GROUP,
    )
}


def type_of(token: str) -> ResourceType:
    """The table of a type.

    Raises:
        ProviderError: There is none.
    """
    if token not in TYPES:
        raise ProviderError(
            f'resource type "{token}" is not supported by the offline AWS\'s "aws" '
            f"provider{did_you_mean(token, TYPES)} (supported are {', '.join(TYPES)})"
        )
    return TYPES[token]
