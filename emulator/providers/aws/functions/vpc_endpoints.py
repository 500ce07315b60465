"""The functions that look up VPC endpoints, what they can be made for, and prefix lists.

Sources: terraform-provider-aws internal/service/ec2: vpc_endpoint_data_source.go,
vpc_endpoint_service_data_source.go, vpc_prefix_list_data_source.go and
vpc_managed_prefix_list_data_source.go.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from pulumi_aws.ec2 import (
    GetManagedPrefixListResult,
    GetPrefixListResult,
    GetVpcEndpointResult,
    GetVpcEndpointServiceResult,
)

from emulator.providers.aws.functions.table import (
    Function,
    each,
    filter_of,
    filters,
    listed,
    members,
    texts,
    the_first,
    the_one,
)
from emulator.providers.aws.table import Call, Read, Response, tag_map

if TYPE_CHECKING:
    from emulator.providers.values import Json, Object

TAGS = tag_map("Key", "Value", "Tags")


def normalized(document: str) -> str:
    """A JSON document as terraform normalises it: sorted, without whitespace."""
    return json.dumps(json.loads(document), separators=(",", ":"), sort_keys=True)


def dns_options(endpoint: Response) -> Object | None:
    """The DNS options of an endpoint, where it has any."""
    names = {
        "dnsRecordIpType": "DnsRecordIpType",
        "privateDnsOnlyForInboundResolverEndpoint": "PrivateDnsOnlyForInboundResolverEndpoint",
    }
    options: Response = endpoint.get("DnsOptions") or {}
    return {new: options[name] for new, name in names.items() if name in options} or None


DNS_ENTRIES = members("DnsEntries", {"dnsName": "DnsName", "hostedZoneId": "HostedZoneId"})

VPC_ENDPOINT = Function(
    token="aws:ec2/getVpcEndpoint:getVpcEndpoint",  # noqa: S106 - a function's token
    label="EC2 VPC Endpoint",
    result_class=GetVpcEndpointResult,
    arguments=frozenset(
        {
            "filters",
            "id",
            "region",
            "serviceName",
            "state",
            "tags",
            "vpcEndpointType",
            "vpcId",
        }
    ),
    reads=(
        Read(
            Call(
                "describe_vpc_endpoints",
                {
                    "VpcEndpointIds": listed("id"),
                    "Filters": filters(
                        {
                            "serviceName": "service-name",
                            "state": "vpc-endpoint-state",
                            "vpcEndpointType": "vpc-endpoint-type",
                            "vpcId": "vpc-id",
                        }
                    ),
                },
            ),
            {
                "id": "VpcEndpointId",
                "dnsEntries": DNS_ENTRIES,
                "dnsOptions": lambda found: [one for one in (dns_options(found),) if one],
                "ipAddressType": "IpAddressType",
                "networkInterfaceIds": texts("NetworkInterfaceIds"),
                "ownerId": "OwnerId",
                "policy": lambda found: normalized(found["PolicyDocument"]),
                "privateDnsEnabled": "PrivateDnsEnabled",
                "requesterManaged": lambda found: found.get("RequesterManaged", False),
                "routeTableIds": texts("RouteTableIds"),
                "securityGroupIds": each("Groups", "GroupId"),
                "serviceName": "ServiceName",
                "serviceRegion": "ServiceRegion",
                "state": "State",
                "subnetIds": texts("SubnetIds"),
                "tags": TAGS,
                "vpcEndpointType": "VpcEndpointType",
                "vpcId": "VpcId",
            },
            select=the_one("VpcEndpoints", "EC2 VPC Endpoint"),
        ),
        Read(
            Call(
                "describe_prefix_lists", {"Filters": filter_of("prefix-list-name", "serviceName")}
            ),
            {"cidrBlocks": texts("Cidrs"), "prefixListId": "PrefixListId"},
            select=the_first("PrefixLists"),
        ),
    ),
    arn="vpc-endpoint/{id}",
    not_found=frozenset({"InvalidVpcEndpointId.NotFound"}),
)


def _hash(service: Response) -> str:
    """The id, which only terraform knows (create.StringHashcode)."""
    return str(zlib.crc32(service["ServiceName"].encode()))


def _service_name(values: Object) -> Json:
    if values.get("serviceName"):
        return [values["serviceName"]]
    if values.get("service"):
        return [f"com.amazonaws.{values['region']}.{values['service']}"]
    return None


VPC_ENDPOINT_SERVICE = Function(
    token="aws:ec2/getVpcEndpointService:getVpcEndpointService",  # noqa: S106 - a function's token
    label="EC2 VPC Endpoint Service",
    result_class=GetVpcEndpointServiceResult,
    arguments=frozenset({"filters", "service", "serviceName", "serviceType", "tags"}),
    conflicts=(("service", "serviceName"),),
    reads=(
        Read(
            Call(
                "describe_vpc_endpoint_services",
                {
                    "ServiceNames": _service_name,
                    "Filters": filters({"serviceType": "service-type"}),
                },
            ),
            {
                "id": _hash,
                "acceptanceRequired": "AcceptanceRequired",
                "availabilityZones": texts("AvailabilityZones"),
                "baseEndpointDnsNames": texts("BaseEndpointDnsNames"),
                "managesVpcEndpoints": "ManagesVpcEndpoints",
                "owner": "Owner",
                "privateDnsName": "PrivateDnsName",
                "privateDnsNames": each("PrivateDnsNames", "PrivateDnsName"),
                "region": "ServiceRegion",
                "serviceId": "ServiceId",
                "serviceName": "ServiceName",
                "serviceRegion": "ServiceRegion",
                "serviceType": lambda found: found["ServiceType"][0]["ServiceType"],
                "supportedIpAddressTypes": texts("SupportedIpAddressTypes"),
                "tags": TAGS,
                "vpcEndpointPolicySupported": "VpcEndpointPolicySupported",
            },
            select=the_one("ServiceDetails", "EC2 VPC Endpoint Service"),
        ),
    ),
    arn="vpc-endpoint-service/{serviceId}",
    not_found=frozenset({"InvalidServiceName"}),
    unknown="reading EC2 VPC Endpoint Services: couldn't find resource",
)

PREFIX_LIST_NOT_FOUND = frozenset(
    {
        "InvalidPrefixListId.NotFound",
        "InvalidPrefixListID.NotFound",
    }
)

PREFIX_LIST = Function(
    token="aws:ec2/getPrefixList:getPrefixList",  # noqa: S106 - a function's token
    label="EC2 Prefix List",
    result_class=GetPrefixListResult,
    arguments=frozenset({"filters", "name", "prefixListId", "region"}),
    reads=(
        Read(
            Call(
                "describe_prefix_lists",
                {
                    "PrefixListIds": listed("prefixListId"),
                    "Filters": filters({"name": "prefix-list-name"}),
                },
            ),
            {"id": "PrefixListId", "cidrBlocks": texts("Cidrs"), "name": "PrefixListName"},
            select=the_one("PrefixLists", "EC2 Prefix List"),
        ),
    ),
    not_found=PREFIX_LIST_NOT_FOUND,
)

MANAGED_PREFIX_LIST = Function(
    token="aws:ec2/getManagedPrefixList:getManagedPrefixList",  # noqa: S106 - a function's token
    label="EC2 Managed Prefix List",
    result_class=GetManagedPrefixListResult,
    arguments=frozenset({"filters", "id", "name", "region", "tags"}),
    reads=(
        Read(
            Call(
                "describe_managed_prefix_lists",
                {
                    "PrefixListIds": listed("id"),
                    "Filters": filters({"name": "prefix-list-name"}),
                },
            ),
            {
                "id": "PrefixListId",
                "addressFamily": "AddressFamily",
                "arn": "PrefixListArn",
                "maxEntries": "MaxEntries",
                "name": "PrefixListName",
                "ownerId": "OwnerId",
                "tags": TAGS,
                "version": "Version",
            },
            select=the_one("PrefixLists", "EC2 Managed Prefix List"),
        ),
        Read(
            Call("get_managed_prefix_list_entries", {"PrefixListId": "id"}),
            {"entries": members("Entries", {"cidr": "Cidr", "description": "Description"})},
        ),
    ),
    not_found=PREFIX_LIST_NOT_FOUND,
)
