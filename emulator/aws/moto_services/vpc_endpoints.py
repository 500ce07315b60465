"""VPC endpoints as moto's EC2 has them, with EC2's rules about where they may stand.

Checked: the service exists and is offered in the zone of each subnet, there is one subnet a zone,
everything is of the endpoint's VPC, private DNS has what it needs and is the only one of its
service in the VPC, the policy is one, a route table leads to a service by one endpoint. Interfaces
carry the endpoint's security groups; a gateway endpoint's routes follow its route tables.
Kept: PrivateDnsEnabled, when it is modified; what kind of addresses an endpoint and its names have;
its names: of the region, of each zone, and private ones.
An endpoint is `pending` in the answer that makes it and available from the first look on; a deleted
one is `deleting` at the first look and then gone. Its interfaces and routes go at once.
Sources: EC2 API reference, CreateVpcEndpoint and "Error codes"; PrivateLink guide, "Access an AWS
service using an interface VPC endpoint"; messages as users' logs show them.
"""

import hashlib
import json
from typing import Any, Final, cast

from moto.ec2.exceptions import EC2ClientError, InvalidServiceName
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import VPCEndPoint

from emulator.aws.moto_services.endpoint_services import GATEWAY, INTERFACE, endpoint_services
from emulator.aws.moto_services.network_interfaces import give_to_service
from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    checked_statements,
)
from emulator.aws.moto_services.zones import names_of_zones

_ENDPOINT_INTERFACE: Final = "vpc_endpoint"
_ENDPOINT_POLICY: Final = Kind(principals=Presence.REQUIRED, resources=Presence.REQUIRED)


class VpcEndpoints(EC2Backend):
    """EC2 of one account in one region, with what it keeps of VPC endpoints."""

    @staticmethod
    def _collect_default_endpoint_services(account_id: str, region: str) -> list[dict[str, Any]]:
        """Return what a VPC endpoint can be made for."""
        return endpoint_services(account_id, region, names_of_zones(account_id, region))

    @staticmethod
    def _filter_endpoint_services(
        service_names_filters: list[str],
        filters: list[dict[str, Any]],
        services: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        """Filter as moto does, which reads a filter's values under another name."""
        read = [{"Name": one["Name"], "Value": one.get("Values", [])} for one in filters]
        return EC2Backend._filter_endpoint_services(  # noqa: SLF001 - moto's own
            service_names_filters, read, services
        )

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
        kind = endpoint_type or GATEWAY
        service = self._service(service_name, kind)
        _check_policy(policy_document)
        is_interface = kind == INTERFACE
        private_dns = is_interface and bool(options.pop("private_dns_enabled", False))
        self._check_subnets(vpc_id, service, subnet_ids or [], others=[])
        self._check_groups(vpc_id, security_group_ids)
        self._check_route_tables(vpc_id, route_table_ids, service_name)
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
        self._name(endpoint, service)
        kept = cast("Any", endpoint)
        kept.service_region, kept.requester_managed = self.region_name, False
        kept.state = "pending"
        return endpoint

    def pass_on_endpoints(self) -> None:
        """Let those go on whose state has been told: pending ones are there, deleted ones gone."""
        for identifier, endpoint in list(self.vpc_end_points.items()):
            if endpoint.state == "pending":
                endpoint.state = "available"
            elif endpoint.state == "deleting":
                if getattr(endpoint, "told", False):
                    self.vpc_end_points.pop(identifier, None)
                cast("Any", endpoint).told = True

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
        joined = [one for one in add_route_tables or [] if one not in endpoint.route_table_ids]
        self._check_route_tables(endpoint.vpc_id, joined, endpoint.service_name)
        left = [one for one in remove_route_tables or [] if one in endpoint.route_table_ids]
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
        self._lead(endpoint, joined)
        self._lead_no_more(endpoint, left)
        self._name(endpoint, service)

    def modify_private_dns(self, endpoint_id: str, *, enabled: bool) -> None:
        """Turn the private DNS names of an interface endpoint on or off."""
        endpoint = self.get_vpc_end_point(endpoint_id)
        service = self._service(endpoint.service_name, str(endpoint.vpc_endpoint_type))
        if enabled and not endpoint.private_dns_enabled:
            self._check_private_dns(endpoint.vpc_id, service)
        endpoint.private_dns_enabled = enabled
        self._name(endpoint, service)

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        """Delete the endpoints that are there, with their interfaces and routes."""
        for identifier in vpce_ids or []:
            endpoint = self.vpc_end_points.get(identifier)
            if endpoint is not None and endpoint.state != "deleting":
                self._remove_subnets(endpoint, endpoint.subnet_ids or [])
                self._lead_no_more(endpoint, list(endpoint.route_table_ids))
                endpoint.state = "deleting"

    def standing_endpoints(self) -> list[VPCEndPoint]:
        """Return the endpoints that nobody has deleted."""
        return [one for one in list(self.vpc_end_points.values()) if one.state != "deleting"]

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
            if not subnet.available_ip_address_count:
                raise EC2ClientError(
                    "InsufficientFreeAddressesInSubnet",
                    f"There are not enough free addresses in subnet '{identifier}' to satisfy the "
                    "request.",
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

    def _check_route_tables(self, vpc_id: str, tables: list[str], service: str) -> None:
        prefixes = self._prefix_list_id(service)
        for identifier in tables:
            table = self.get_route_table(identifier)
            if table.vpc_id != vpc_id:
                raise EC2ClientError(
                    "InvalidParameter",
                    f"Route table {identifier} belongs to different VPC than {vpc_id}",
                )
            if any(route.destination_prefix_list_id == prefixes for route in table.routes):
                raise EC2ClientError(
                    "RouteAlreadyExists",
                    f"route table {identifier} already has a route with "
                    f"destination-prefix-list-id {prefixes}",
                )

    def _prefix_list_id(self, service: str) -> str:
        lists = self.managed_prefix_lists.values()
        return next((one.id for one in lists if one.prefix_list_name == service), "none")

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
        for other in self.standing_endpoints():
            same = (other.vpc_id, other.service_name) == (vpc_id, service["ServiceName"])
            if same and other.private_dns_enabled:
                raise EC2ClientError(
                    "InvalidParameter",
                    "private-dns-enabled cannot be set because there is already a conflicting DNS "
                    f"domain for {service['PrivateDnsName']} in the VPC {vpc_id}",
                )

    # What goes with it ----------------------------------------------------------------------------

    def _add_subnets(self, endpoint: VPCEndPoint, subnets: list[str]) -> None:
        for identifier in subnets:
            interface = self.create_network_interface(
                self.get_subnet(identifier),
                "",
                group_ids=list(endpoint.security_group_ids),
                description=f"VPC Endpoint Interface {endpoint.id}",
            )
            give_to_service(interface, _ENDPOINT_INTERFACE)
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

    def _lead(self, endpoint: VPCEndPoint, tables: list[str]) -> None:
        if endpoint.destination_prefix_list_id:
            for identifier in tables:
                self.create_route(
                    identifier,
                    None,
                    gateway_id=endpoint.id,
                    destination_prefix_list_id=endpoint.destination_prefix_list_id,
                )

    def _lead_no_more(self, endpoint: VPCEndPoint, tables: list[str]) -> None:
        if endpoint.destination_prefix_list_id:
            for identifier in tables:
                self.delete_route(
                    identifier, "", destination_prefix_list_id=endpoint.destination_prefix_list_id
                )
        endpoint.route_table_ids = [one for one in endpoint.route_table_ids if one not in tables]

    def _name(self, endpoint: VPCEndPoint, service: dict[str, Any]) -> None:
        """Give an interface endpoint the names that it has with its subnets and its private DNS."""
        if endpoint.vpc_endpoint_type != INTERFACE:
            return
        base = service["BaseEndpointDnsNames"][0]
        own = f"{endpoint.id}-{_digest(endpoint.id)[:8]}"
        zones = [self.get_subnet(one).availability_zone for one in endpoint.subnet_ids or []]
        public = [f"{own}.{base}", *(f"{own}-{zone}.{base}" for zone in zones)]
        private: list[dict[str, str]] = (
            service.get("PrivateDnsNames", []) if endpoint.private_dns_enabled else []
        )
        endpoint.dns_entries = [
            *({"dns_name": name, "hosted_zone_id": _hosted_zone(base)} for name in public),
            *(
                {"dns_name": one["PrivateDnsName"], "hosted_zone_id": _hosted_zone(endpoint.id)}
                for one in private
            ),
        ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hosted_zone(owner: str) -> str:
    return f"Z{_digest(owner)[:13].upper()}"


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
