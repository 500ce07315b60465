"""The tables of elastic addresses and of the NAT gateways that use them.

Defaults, replacing properties and waiting: terraform-provider-aws internal/service/ec2/ec2_eip.go
and vpc_nat_gateway.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_aws.ec2 import eip
from pulumi_aws.ec2 import nat_gateway as gateway

from emulator.providers.aws.ec2 import GIVEN_TAGS, READ_TAGS, its_id, tagged
from emulator.providers.aws.table import (
    MINUTE,
    Call,
    Property,
    Read,
    ResourceType,
    Response,
    Timeouts,
    Wait,
    first,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object

EIP_GO = "internal/service/ec2/ec2_eip.go"
NAT_GATEWAY_GO = "internal/service/ec2/vpc_nat_gateway.go"

BY_NAT_GATEWAY = "give its `allocationId` to the NAT gateway that uses it"
AMAZONS_POOL = "its addresses come from Amazon's pool"
ONE_ADDRESS = "its NAT gateways have one address, in one zone"

NORTH_VIRGINIA = "us-east-1"
"""Whose host names lack the region."""


def _address(response: Response, values: Object) -> Response | None:
    found = first("Addresses")(response, values)
    return {**found, "Region": values["region"]} if found else None


def _dashed(address: str) -> str:
    return address.replace(".", "-")


def _public_dns(found: Response) -> Json:
    region = found["Region"]
    place = "compute-1" if region == NORTH_VIRGINIA else f"{region}.compute"
    return f"ec2-{_dashed(found['PublicIp'])}.{place}.amazonaws.com"


def _private_dns(found: Response) -> Json:
    address = found.get("PrivateIpAddress")
    if not address:
        return None
    region = found["Region"]
    place = "ec2" if region == NORTH_VIRGINIA else f"{region}.compute"
    return f"ip-{_dashed(address)}.{place}.internal"


EIP = ResourceType(
    token="aws:ec2/eip:Eip",  # noqa: S106 - a type token
    label="EC2 EIP",
    service="ec2",
    args_class=eip.EipArgs,
    state_class=eip._EipState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "address": Property(replaces=f"{EIP_GO}: address is ForceNew", local=True),
        "domain": Property(replaces=f"{EIP_GO}: domain is ForceNew", computed=True),
    },
    unsupported={
        "associateWithPrivateIp": BY_NAT_GATEWAY,
        "customerOwnedIpv4Pool": AMAZONS_POOL,
        "instance": BY_NAT_GATEWAY,
        "ipamPoolId": AMAZONS_POOL,
        "networkBorderGroup": AMAZONS_POOL,
        "networkInterface": BY_NAT_GATEWAY,
        "publicIpv4Pool": AMAZONS_POOL,
    },
    create=Call(
        "allocate_address",
        {"Address": "address", "Domain": "domain", "TagSpecifications": tagged("elastic-ip")},
    ),
    identify=lambda _values, response: response["AllocationId"],
    reads=(
        Read(
            Call("describe_addresses", {"AllocationIds": its_id}),
            {
                "allocationId": "AllocationId",
                "associationId": "AssociationId",
                "domain": "Domain",
                "instance": "InstanceId",
                "networkBorderGroup": "NetworkBorderGroup",
                "networkInterface": "NetworkInterfaceId",
                "privateDns": _private_dns,
                "privateIp": "PrivateIpAddress",
                "publicDns": _public_dns,
                "publicIp": "PublicIp",
                "publicIpv4Pool": "PublicIpv4Pool",
                "tagsAll": READ_TAGS,
            },
            select=_address,
        ),
    ),
    arn="elastic-ip/{id}",
    not_found=frozenset({"InvalidAllocationID.NotFound"}),
    tags=GIVEN_TAGS,
    delete=(
        Call(
            "disassociate_address",
            {"AssociationId": "associationId"},
            when=lambda values: bool(values.get("associationId")),
            harmless=frozenset({"InvalidAssociationID.NotFound"}),
        ),
        Call("release_address", {"AllocationId": "id", "NetworkBorderGroup": "networkBorderGroup"}),
    ),
    timeouts=Timeouts(update=5 * MINUTE, delete=3 * MINUTE),
    stable=frozenset(
        {
            "allocationId",
            "arn",
            "associationId",
            "instance",
            "networkBorderGroup",
            "networkInterface",
            "privateDns",
            "privateIp",
            "publicDns",
            "publicIp",
            "publicIpv4Pool",
        }
    ),
)


def _existing(response: Response, values: Object) -> Response | None:
    """The gateway; a deleted one is described for an hour more (terraform: findNATGatewayByID)."""
    found = first("NatGateways")(response, values)
    return None if found is None or found["State"] == "deleted" else found


def _state(response: Response) -> str:
    found = _existing(response, {})
    return found["State"] if found else ""


def _failure(response: Response) -> str:
    found: Any = response["NatGateways"][0]
    return f"{found.get('FailureCode', '')}: {found.get('FailureMessage', '')}"


def _primary(name: str) -> Callable[[Response], Json]:
    """Of the address the gateway was made with; there is only one where it does not say which."""

    def read(found: Response) -> Json:
        addresses: list[Response] = found.get("NatGatewayAddresses", [])
        return next((one.get(name) for one in addresses if one.get("IsPrimary", True)), None)

    return read


DESCRIBE_GATEWAY = Call("describe_nat_gateways", {"NatGatewayIds": its_id})

NAT_GATEWAY = ResourceType(
    token="aws:ec2/natGateway:NatGateway",  # noqa: S106 - a type token
    label="EC2 NAT Gateway",
    service="ec2",
    args_class=gateway.NatGatewayArgs,
    state_class=gateway._NatGatewayState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        "allocationId": Property(replaces=f"{NAT_GATEWAY_GO}: allocation_id is ForceNew"),
        "connectivityType": Property(
            replaces=f"{NAT_GATEWAY_GO}: connectivity_type is ForceNew", default="public"
        ),
        "subnetId": Property(replaces=f"{NAT_GATEWAY_GO}: subnet_id is ForceNew"),
    },
    unsupported={
        "availabilityMode": ONE_ADDRESS,
        "availabilityZoneAddresses": ONE_ADDRESS,
        "privateIp": "EC2 chooses the address in the subnet",
        "secondaryAllocationIds": ONE_ADDRESS,
        "secondaryPrivateIpAddressCount": ONE_ADDRESS,
        "secondaryPrivateIpAddresses": ONE_ADDRESS,
        "vpcId": ONE_ADDRESS,
    },
    create=Call(
        "create_nat_gateway",
        {
            "AllocationId": "allocationId",
            "ConnectivityType": "connectivityType",
            "SubnetId": "subnetId",
            "TagSpecifications": tagged("natgateway"),
        },
    ),
    identify=lambda _values, response: response["NatGateway"]["NatGatewayId"],
    reads=(
        Read(
            DESCRIBE_GATEWAY,
            {
                "allocationId": _primary("AllocationId"),
                "associationId": _primary("AssociationId"),
                "availabilityMode": "AvailabilityMode",
                "connectivityType": "ConnectivityType",
                "networkInterfaceId": _primary("NetworkInterfaceId"),
                "privateIp": _primary("PrivateIp"),
                "publicIp": _primary("PublicIp"),
                "subnetId": "SubnetId",
                "tagsAll": READ_TAGS,
                "vpcId": "VpcId",
            },
            select=_existing,
        ),
    ),
    not_found=frozenset({"NatGatewayNotFound"}),
    after_create=(
        Wait(
            "create",
            DESCRIBE_GATEWAY,
            _state,
            pending=frozenset({"pending"}),
            target=frozenset({"available"}),
            reason=_failure,
        ),
    ),
    tags=GIVEN_TAGS,
    delete=(
        Call("delete_nat_gateway", {"NatGatewayId": "id"}),
        Wait("delete", DESCRIBE_GATEWAY, _state, pending=frozenset({"deleting"}), reason=_failure),
    ),
    timeouts=Timeouts(create=10 * MINUTE, update=10 * MINUTE, delete=30 * MINUTE),
    stable=frozenset(
        {
            "associationId",
            "availabilityMode",
            "networkInterfaceId",
            "privateIp",
            "publicIp",
            "vpcId",
        }
    ),
)
