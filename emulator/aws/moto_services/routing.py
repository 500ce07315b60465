"""Route tables, their routes and internet gateways as moto's EC2 has them, with EC2's rules.

Checked: what a route leads to is there and of the route table's VPC, its destination is new, a
subnet has one route table, the main one stays; an internet gateway serves one VPC, and leaves it
when no interface there has a public address.
Kept: blocks without host bits; that a route whose target is gone is a blackhole.
Sources: EC2 API reference, CreateRoute, AssociateRouteTable, DetachInternetGateway and "Error
codes"; messages as users' logs show them.
"""

from typing import Any, cast

from moto.core.responses import ActionResult
from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    InvalidParameterValue,
    RouteAlreadyExistsError,
)
from moto.ec2.models.route_tables import Route
from moto.ec2.models.vpn_gateway import VPCGatewayAttachment
from moto.ec2.responses import EC2Response
from moto.ec2.utils import generate_route_id

from emulator.aws.moto_services.nat_gateways import is_gone
from emulator.aws.moto_services.network_blocks import canonical
from emulator.aws.moto_services.prefix_lists import PrefixLists


class RoutingResponses(EC2Response):
    """Requests to EC2 about routes, where the backend is asked by moto itself too."""

    def delete_route(self) -> ActionResult:
        """Delete the route, unless EC2 has made it."""
        destination = (
            self._get_param("DestinationCidrBlock")
            or self._get_param("DestinationPrefixListId")
            or self._get_param("DestinationIpv6CidrBlock")
        )
        cast("Routing", self.ec2_backend).check_own_route(
            self._get_param("RouteTableId"), str(destination)
        )
        return super().delete_route()


class Routing(PrefixLists):
    """EC2 of one account in one region, with what it keeps of routes."""

    def create_route(
        self,
        route_table_id: str,
        destination_cidr_block: str | None,
        destination_ipv6_cidr_block: str | None = None,
        destination_prefix_list_id: str | None = None,
        local: bool = False,  # noqa: FBT001, FBT002 - moto's
        *args: Any,
        **targets: Any,
    ) -> Route:
        """Create the route when its destination is new and its target is of the VPC."""
        table: Any = self.get_route_table(route_table_id)
        block = canonical(destination_cidr_block) if destination_cidr_block else None
        if destination_prefix_list_id:
            self.check_prefix_list(destination_prefix_list_id)
        if not local:
            self._check_targets(table, targets)
            identifier = generate_route_id(
                route_table_id, block, destination_ipv6_cidr_block, destination_prefix_list_id
            )
            if identifier in table._routes:  # noqa: SLF001 - moto has no other way
                raise RouteAlreadyExistsError(
                    str(block or destination_ipv6_cidr_block or destination_prefix_list_id)
                )
        return super().create_route(
            route_table_id,
            block,
            destination_ipv6_cidr_block,
            destination_prefix_list_id,
            local,
            *args,
            **targets,
        )

    def replace_route(
        self, route_table_id: str, destination_cidr_block: str, *args: Any, **targets: Any
    ) -> Route:
        """Replace the route's target by another one of the VPC."""
        table = self.get_route_table(route_table_id)
        # moto's order: two other destinations, then NAT gateway, egress-only, transit gateway.
        self._check_targets(table, {"nat_gateway_id": (*args, None, None, None)[2], **targets})
        block = canonical(destination_cidr_block) if destination_cidr_block else ""
        return super().replace_route(route_table_id, block, *args, **targets)

    def delete_route(
        self, route_table_id: str, destination_cidr_block: str, *args: Any, **kwargs: Any
    ) -> Route:
        """Delete the route to the block, however it is written."""
        block = canonical(destination_cidr_block) if destination_cidr_block else ""
        return super().delete_route(route_table_id, block, *args, **kwargs)

    def check_own_route(self, route_table_id: str, destination: str) -> None:
        """Refuse a route that EC2 has made: it goes with the VPC's block, or the endpoint."""
        table: Any = self.get_route_table(route_table_id)
        found = table._routes.get(  # noqa: SLF001
            generate_route_id(route_table_id, canonical(destination))
        )
        if found is not None and found.local:
            raise InvalidParameterValue(
                f"cannot remove local route {destination} in route table {route_table_id}"
            )
        if found is not None and str(found.gateway_id).startswith("vpce-"):
            raise InvalidParameterValue(
                f"cannot remove VPC endpoint route {destination} in route table {route_table_id}"
            )

    # Route tables ---------------------------------------------------------------------------------

    def associate_route_table(
        self, route_table_id: str, gateway_id: str | None = None, subnet_id: str | None = None
    ) -> str:
        """Give the subnet the route table when it is of its VPC and the subnet has none."""
        table = self.get_route_table(route_table_id)
        if subnet_id:
            if self.get_subnet(subnet_id).vpc_id != table.vpc_id:
                raise _different_networks(route_table_id, f"subnet {subnet_id}")
            for other in cast("list[Any]", list(self.route_tables.values())):
                if other is not table and subnet_id in other._associations.values():  # noqa: SLF001
                    raise EC2ClientError(
                        "Resource.AlreadyAssociated",
                        f"the specified association for route table {route_table_id} conflicts "
                        "with an existing association",
                    )
        return super().associate_route_table(route_table_id, gateway_id, subnet_id)

    def replace_route_table_association(self, association_id: str, route_table_id: str) -> str:
        """Give the subnet another route table of its VPC."""
        table = self.get_route_table(route_table_id)
        for other in self.route_tables.values():
            if association_id in other.all_associations_ids and other.vpc_id != table.vpc_id:
                raise _different_networks(route_table_id, f"association {association_id}")
        return super().replace_route_table_association(association_id, route_table_id)

    def disassociate_route_table(self, association_id: str) -> str | None:
        """Take the route table from the subnet; the main one stays the VPC's."""
        if any(one.main_association_id == association_id for one in self.route_tables.values()):
            raise InvalidParameterValue(
                f"cannot disassociate the main route table association {association_id}"
            )
        return super().disassociate_route_table(association_id)

    def delete_route_table(self, route_table_id: str) -> None:
        """Delete the route table, with what endpoints know of it, unless it is the main one."""
        table = self.get_route_table(route_table_id)
        if table.main_association_id:
            raise DependencyViolationError(
                f"The routeTable '{route_table_id}' has dependencies and cannot be deleted."
            )
        super().delete_route_table(route_table_id)
        for endpoint in self.vpc_end_points.values():
            if route_table_id in endpoint.route_table_ids:
                endpoint.route_table_ids.remove(route_table_id)

    # Internet gateways ----------------------------------------------------------------------------

    def attach_internet_gateway(
        self, internet_gateway_id: str, vpc_id: str
    ) -> VPCGatewayAttachment:
        """Attach the gateway to a VPC that has none."""
        gateway = self.get_internet_gateway(internet_gateway_id)
        taken = [vpc_of(one) for one in self.internet_gateways.values()]
        if vpc_of(gateway) is None and vpc_id in taken:
            raise InvalidParameterValue(
                f"Network {vpc_id} already has an internet gateway attached"
            )
        return super().attach_internet_gateway(internet_gateway_id, vpc_id)

    def detach_internet_gateway(self, internet_gateway_id: str, vpc_id: str) -> None:
        """Detach the gateway when no interface of the VPC has a public address."""
        gateway = self.get_internet_gateway(internet_gateway_id)
        in_use = any(one.public_ip and one.vpc_id == vpc_id for one in self.enis.values())
        if vpc_of(gateway) == vpc_id and in_use:
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
                "address(es) before detaching the gateway."
            )
        super().detach_internet_gateway(internet_gateway_id, vpc_id)

    def _check_targets(self, table: Any, targets: dict[str, Any]) -> None:
        gateway_id = targets.get("gateway_id") or ""
        if gateway_id.startswith("igw-"):
            gateway = self.get_internet_gateway(gateway_id)
            if vpc_of(gateway) != table.vpc_id:
                raise _different_networks(table.id, f"network gateway {gateway_id}")
        if nat_id := targets.get("nat_gateway_id"):
            nat: Any = self.nat_gateways.get(nat_id)
            if nat is None or is_gone(nat):
                raise EC2ClientError(
                    "InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_id}' does not exist"
                )
            if nat.vpc_id != table.vpc_id:
                raise _different_networks(table.id, f"NAT gateway {nat_id}")
        if interface_id := targets.get("interface_id"):
            interface = self.get_network_interface(interface_id)
            if interface.vpc_id != table.vpc_id:
                raise _different_networks(table.id, f"interface {interface_id}")


def state_of(route: Route) -> str:
    """Return the route's state, in the place of moto's property: a blackhole leads nowhere."""
    found = cast("Any", route)
    backend = found.route_table.ec2_backend
    nat, gateway, interface = found.nat_gateway, found.gateway, found.interface
    gone = (
        (nat is not None and is_gone(nat))
        or (interface is not None and interface.id not in backend.enis)
        or (
            gateway is not None
            and gateway.id.startswith("igw-")
            and vpc_of(gateway) != found.route_table.vpc_id
        )
    )
    return "blackhole" if gone else "active"


def vpc_of(internet_gateway: Any) -> str | None:
    """Return the VPC that the gateway is attached to."""
    return internet_gateway.vpc.id if internet_gateway.vpc else None


def _different_networks(table: str, other: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"route table {table} and {other} belong to different networks")
