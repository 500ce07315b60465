"""VPC endpoints as moto's EC2 has them, with EC2's rules about where they may stand.

Checked: the service exists and is offered in the zone of each subnet, there is one subnet a zone,
everything is of the endpoint's VPC, private DNS has what it needs and is the only one of its
service in the VPC, the policy is one. Interfaces carry the endpoint's security groups.
Kept: PrivateDnsEnabled, when it is modified; what kind of addresses an endpoint and its names have.
Sources: EC2 API reference, CreateVpcEndpoint and "Error codes"; AgentCore developer guide, "Use
interface VPC endpoints"; messages as users' logs show them.
"""

import json
from typing import Any, Final, cast

from moto.backends import get_backend
from moto.core.base_backend import BaseBackend
from moto.ec2.exceptions import EC2ClientError, InvalidServiceName
from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.vpcs import (
    AWS_ENDPOINT_SERVICES,
    IMPLEMENTED_ENDPOINT_SERVICES,
    VPCEndPoint,
)
from moto.ec2.utils import random_private_ip
from moto.utilities.utils import get_partition

from emulator.aws.agentcore.availability_zones import SUPPORTED_ZONE_IDS
from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    checked_statements,
)

# Services whose endpoints are unlike the others. moto describes more of them, at the price of
# importing each: seconds, for services that no agent needs.
_DESCRIBED_BY_MOTO: Final = ("ecr", "s3", "dynamodb")
_OTHERS: Final = (
    "kinesis-firehose",
    "kinesis-streams",
    "redshift-data",
    "route53resolver",
    "sagemaker.api",
    "sagemaker.runtime",
)
# What AgentCore offers and moto does not know: private DNS names by the end of a service's name.
_AGENTCORE: Final = {
    "bedrock-agentcore": "bedrock-agentcore.{region}.amazonaws.com",
    "bedrock-agentcore-control": "bedrock-agentcore-control.{region}.amazonaws.com",
    "bedrock-agentcore.gateway": "*.gateway.bedrock-agentcore.{region}.amazonaws.com",
}
_ENDPOINT_INTERFACE = "vpc_endpoint"
_ENDPOINT_POLICY = Kind(principals=Presence.REQUIRED, resources=Presence.REQUIRED)

_services: dict[str, list[dict[str, Any]]] = {}


class VpcEndpoints(EC2Backend):
    """EC2 of one account in one region, with what it keeps of VPC endpoints."""

    @staticmethod
    def _collect_default_endpoint_services(account_id: str, region: str) -> list[dict[str, Any]]:
        """Return what a VPC endpoint can be made for, made once for each region."""
        if region not in _services:
            _services[region] = _endpoint_services(account_id, region)
        return _services[region]

    def create_vpc_endpoint(
        self,
        vpc_id: str,
        service_name: str,
        endpoint_type: str | None,
        policy_document: str | None,
        route_table_ids: list[str],
        subnet_ids: list[str] | None = None,
        *args: Any,
        **options: Any,
    ) -> VPCEndPoint:
        """Create the endpoint when EC2 would."""
        self.get_vpc(vpc_id)
        security_group_ids: list[str] = options.pop("security_group_ids", None) or []
        kind = endpoint_type or "Gateway"
        service = self._service(service_name, kind)
        _check_policy(policy_document)
        is_interface = kind == "Interface"
        private_dns = is_interface and bool(options.pop("private_dns_enabled", False))
        self._check_subnets(vpc_id, service, subnet_ids or [], others=[])
        self._check_groups(vpc_id, security_group_ids)
        self._check_route_tables(vpc_id, route_table_ids)
        if private_dns:
            self._check_private_dns(vpc_id, service)
        default = self.get_default_security_group(vpc_id)
        groups = security_group_ids or ([default.id] if is_interface and default else [])
        endpoint = super().create_vpc_endpoint(
            vpc_id,
            service_name,
            kind,
            policy_document,
            route_table_ids,
            [],  # their interfaces are made here, with the endpoint's groups
            *args,
            **{**options, "security_group_ids": groups, "private_dns_enabled": private_dns},
        )
        self._add_subnets(endpoint, subnet_ids or [])
        cast("Any", endpoint).service_region = self.region_name
        cast("Any", endpoint).requester_managed = False
        return endpoint

    def set_addresses(
        self, endpoint_id: str, ip_address_type: str | None, dns_options: dict[str, Any]
    ) -> None:
        """Keep what kind of addresses the endpoint and its DNS records have.

        Not checked: that its service and its subnets have addresses of the kind.
        """
        endpoint: Any = self.get_vpc_end_point(endpoint_id)
        is_gateway = endpoint.vpc_endpoint_type == "Gateway"
        kept = getattr(endpoint, "dns_options", None) or {
            "DnsRecordIpType": "service-defined" if is_gateway else "ipv4"
        }
        endpoint.dns_options = {**kept, **dns_options}
        endpoint.ip_address_type = (
            ip_address_type or getattr(endpoint, "ip_address_type", None) or "ipv4"
        )

    def reset_policy(self, endpoint_id: str) -> None:
        """Give the endpoint the policy that it has when none is given."""
        endpoint = self.get_vpc_end_point(endpoint_id)
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)

    def modify_vpc_endpoint(
        self,
        vpc_id: str,  # moto's name for the endpoint's id
        policy_doc: str,
        add_subnets: list[str] | None,
        remove_subnets: list[str] | None,
        remove_route_tables: list[str] | None,
        add_route_tables: list[str] | None,
        add_security_groups: list[str] | None,
        remove_security_groups: list[str] | None,
    ) -> None:
        """Modify the endpoint; its interfaces follow."""
        endpoint = self.get_vpc_end_point(vpc_id)
        service = self._service(endpoint.service_name, str(endpoint.vpc_endpoint_type))
        kept = [one for one in endpoint.subnet_ids or [] if one not in (remove_subnets or [])]
        added = [one for one in add_subnets or [] if one not in kept]
        _check_policy(policy_doc)
        self._check_subnets(endpoint.vpc_id, service, added, others=kept)
        self._check_groups(endpoint.vpc_id, add_security_groups or [])
        self._check_route_tables(endpoint.vpc_id, add_route_tables or [])
        super().modify_vpc_endpoint(
            vpc_id,
            policy_doc,
            None,
            None,
            remove_route_tables,
            add_route_tables,
            add_security_groups,
            remove_security_groups,
        )
        self._remove_subnets(endpoint, remove_subnets or [])
        self._add_subnets(endpoint, added)
        for identifier in endpoint.network_interface_ids if endpoint.security_group_ids else ():
            self.modify_network_interface_attribute(identifier, endpoint.security_group_ids)

    def modify_private_dns(self, endpoint_id: str, *, enabled: bool) -> None:
        """Turn the private DNS names of an interface endpoint on or off."""
        endpoint = self.get_vpc_end_point(endpoint_id)
        if enabled and not endpoint.private_dns_enabled:
            service = self._service(endpoint.service_name, str(endpoint.vpc_endpoint_type))
            self._check_private_dns(endpoint.vpc_id, service)
        endpoint.private_dns_enabled = enabled

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        """Delete the endpoints with their interfaces; EC2 forgets them after a while."""
        super().delete_vpc_endpoints(vpce_ids)
        for identifier in vpce_ids or []:
            self.vpc_end_points.pop(identifier, None)

    # What an endpoint stands on -------------------------------------------------------------------

    def _service(self, name: str, kind: str) -> dict[str, Any]:
        known = self._collect_default_endpoint_services(self.account_id, self.region_name)
        own = [cast("Any", one).to_dict() for one in self.configurations.values()]
        named = [service for service in [*known, *own] if service["ServiceName"] == name]
        if not named:
            raise InvalidServiceName(name)
        for service in named:
            if kind in (offered["ServiceType"] for offered in service["ServiceType"]):
                return service
        raise EC2ClientError(
            "InvalidParameter",
            f"Endpoint type ({kind}) does not match available service types "
            f"([{named[0]['ServiceType'][0]['ServiceType']}]).",
        )

    def _check_subnets(
        self, vpc_id: str, service: dict[str, Any], added: list[str], *, others: list[str]
    ) -> None:
        taken = {self.get_subnet(other).availability_zone: other for other in others}
        for identifier in added:
            subnet = self.get_subnet(identifier)
            if subnet.vpc_id != vpc_id:
                raise EC2ClientError(
                    "InvalidParameter",
                    f"The subnet ID '{identifier}' does not belong to the VPC '{vpc_id}'.",
                )
            zone = subnet.availability_zone
            if zone not in service["AvailabilityZones"]:
                raise EC2ClientError(
                    "InvalidParameter",
                    f"The VPC endpoint service {service['ServiceName']} does not support the "
                    f"availability zone of the subnet: {identifier}.",
                )
            if zone in taken:
                raise EC2ClientError(
                    "DuplicateSubnetsInSameZone",
                    f"Found another VPC endpoint subnet in the availability zone of {taken[zone]}",
                )
            taken[zone] = identifier

    def _check_groups(self, vpc_id: str, groups: list[str]) -> None:
        for identifier in groups:
            group = self.get_security_group_from_id(identifier)
            if group is None or group.vpc_id != vpc_id:
                raise EC2ClientError(
                    "InvalidGroup.NotFound",
                    f"The security group '{identifier}' does not exist in VPC '{vpc_id}'",
                )

    def _check_route_tables(self, vpc_id: str, tables: list[str]) -> None:
        for identifier in tables:
            if self.get_route_table(identifier).vpc_id != vpc_id:
                raise EC2ClientError(
                    "InvalidParameter",
                    f"Route table {identifier} belongs to different VPC than {vpc_id}",
                )

    def _check_private_dns(self, vpc_id: str, service: dict[str, Any]) -> None:
        vpc = self.get_vpc(vpc_id)
        if not (_is_on(vpc.enable_dns_support) and _is_on(vpc.enable_dns_hostnames)):
            raise EC2ClientError(
                "InvalidParameter",
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
                f"attributes set to true for {vpc_id}",
            )
        if "PrivateDnsName" not in service:
            raise EC2ClientError(
                "InvalidParameter",
                "Private DNS can't be enabled because the service "
                f"{service['ServiceName']} does not provide a private DNS name.",
            )
        for other in self.vpc_end_points.values():
            same = (other.vpc_id, other.service_name) == (vpc_id, service["ServiceName"])
            if same and other.private_dns_enabled:
                raise EC2ClientError(
                    "InvalidParameter",
                    "private-dns-enabled cannot be set because there is already a conflicting DNS "
                    f"domain for {service['PrivateDnsName']} in the VPC {vpc_id}",
                )

    # Its interfaces -------------------------------------------------------------------------------

    def _add_subnets(self, endpoint: VPCEndPoint, subnets: list[str]) -> None:
        for identifier in subnets:
            subnet = self.get_subnet(identifier)
            interface = self.create_network_interface(
                subnet,
                random_private_ip(subnet.cidr_block),
                group_ids=list(endpoint.security_group_ids),
                description=f"VPC Endpoint Interface {endpoint.id}",
            )
            interface.interface_type = _ENDPOINT_INTERFACE
            interface.requester_managed = True
            interface.status = "in-use"
            endpoint.network_interface_ids.append(interface.id)
        endpoint.subnet_ids = [*(endpoint.subnet_ids or []), *subnets]

    def _remove_subnets(self, endpoint: VPCEndPoint, subnets: list[str]) -> None:
        gone = {one for one in endpoint.network_interface_ids if self._subnet_of(one) in subnets}
        for identifier in gone:
            self.enis.pop(identifier)
        endpoint.network_interface_ids = [
            one for one in endpoint.network_interface_ids if one not in gone
        ]
        endpoint.subnet_ids = [one for one in endpoint.subnet_ids or [] if one not in subnets]

    def _subnet_of(self, interface: str) -> str:
        return str(self.enis[interface].subnet_id)


def _endpoint_services(account: str, region: str) -> list[dict[str, Any]]:
    zones = [
        zone for zone in RegionsAndZonesBackend.zones.get(region, []) if zone.region_name == region
    ]
    names = [zone.name for zone in zones]
    found: list[dict[str, Any]] = []
    for service in _DESCRIBED_BY_MOTO:
        backends = cast("Any", get_backend)(service)[account]
        backend = backends[region] if region in backends else backends[get_partition(region)]
        found += backend.default_vpc_endpoint_service(region, names)
    described = {service["ServiceName"].partition(f"{region}.")[2] for service in found}
    generic = {*AWS_ENDPOINT_SERVICES, *_OTHERS} - {*IMPLEMENTED_ENDPOINT_SERVICES, *described}
    for service in sorted({*generic, "cloudformation", "codepipeline"} - {*_AGENTCORE}):
        found += BaseBackend.default_vpc_endpoint_service_factory(region, names, service)
    supported = [zone.name for zone in zones if zone.zone_id in SUPPORTED_ZONE_IDS.get(region, ())]
    for service, private_name in _AGENTCORE.items() if supported else ():
        found += [
            {
                **details,
                "PrivateDnsName": private_name.format(region=region),
                "PrivateDnsNames": [{"PrivateDnsName": private_name.format(region=region)}],
            }
            for details in BaseBackend.default_vpc_endpoint_service_factory(
                region, supported, service
            )
        ]
    return [{**service, "ServiceRegion": region} for service in found]


def _is_on(attribute: object) -> bool:
    """Whether a VPC's attribute is on; moto keeps what it was sent, a text, too."""
    return str(attribute).lower() == "true"


def _check_policy(document: str | None) -> None:
    if not document:
        return
    try:
        checked_statements(document, _ENDPOINT_POLICY)
    except MalformedPolicyError as error:
        raise EC2ClientError(
            "InvalidPolicyDocument",
            "The specified policy document is not a valid JSON policy document.",
        ) from error
