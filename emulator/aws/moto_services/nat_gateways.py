"""NAT gateways as moto's EC2 has them, with EC2's states and their addresses.

A gateway is `pending` in the answer that makes it, and available from the first look on, or failed:
without an internet gateway in the VPC, or with an address that is somebody else's. A deleted one is
`deleting` at the first look, `deleted` at the second, and then unknown. Its interface goes at once
and its address is free again.
Sources: VPC user guide, "Troubleshoot NAT gateways"; EC2 API reference, CreateNatGateway and
NatGateway.
"""

from typing import Any, Final, cast

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.utils import generic_filter

from emulator.aws.moto_services.network_interfaces import give_to_service

_PRIVATE: Final = "private"
_INTERFACE: Final = "nat_gateway"
_DELETED: Final = ("deleting", "deleted")


class NatGateways(EC2Backend):
    """EC2 of one account in one region, with what it keeps of NAT gateways."""

    def create_nat_gateway(
        self,
        subnet_id: str,
        allocation_id: str,
        tags: dict[str, str] | None = None,
        connectivity_type: str = "public",
    ) -> NatGateway:
        """Begin to create the gateway; whether it fails is told by its state."""
        kind = connectivity_type or "public"
        vpc_id = self.get_subnet(subnet_id).vpc_id
        failure = None
        if kind != _PRIVATE:
            if not allocation_id:
                raise EC2ClientError(
                    "MissingParameter", "The request must contain the parameter AllocationId"
                )
            failure = self._failure(vpc_id, allocation_id)
        address = "" if failure or kind == _PRIVATE else allocation_id
        made: Any = super().create_nat_gateway(
            subnet_id, address, tags, kind if address else _PRIVATE
        )
        made.connectivity_type = kind
        made.state, made.failure = "pending", failure
        made.private_ip = made._eni.private_ip_address  # noqa: SLF001 - moto has no other way
        for one in made.address_set:
            one.update({"isPrimary": True, "status": "failed" if failure else "succeeded"})
        if failure:
            self.enis.pop(made._eni.id)  # noqa: SLF001
        else:
            give_to_service(made._eni, _INTERFACE)  # noqa: SLF001
            made._eni.description = f"Interface for NAT Gateway {made.id}"  # noqa: SLF001
        return made

    def delete_nat_gateway(self, nat_gateway_id: str) -> NatGateway:
        """Begin to delete the gateway; its address can be released at once."""
        gateway: Any = self.nat_gateways.get(nat_gateway_id)
        if gateway is None:
            raise _not_found(nat_gateway_id)
        if gateway.state not in _DELETED:
            for address in gateway.address_set:
                if "associationId" in address:
                    super().disassociate_address(association_id=address["associationId"])
            self.enis.pop(gateway._eni.id, None)  # noqa: SLF001
            gateway.state, gateway.told = "deleting", False
        return gateway

    def describe_nat_gateways(
        self, filters: Any, nat_gateway_ids: list[str] | None
    ) -> list[NatGateway]:
        """Describe the gateways; each that is named is there, or was a while ago."""
        for identifier in nat_gateway_ids or []:
            if identifier not in self.nat_gateways:
                raise _not_found(identifier)
        found = super().describe_nat_gateways(filters, nat_gateway_ids)
        # moto leaves the filters by tag out.
        given: dict[str, Any] = filters or {}
        by_tag = {name: values for name, values in given.items() if name.startswith("tag")}
        return generic_filter(by_tag, found) if by_tag else found

    def pass_on_nat_gateways(self) -> None:
        """Let those go on whose state has been told."""
        for identifier, found in list(self.nat_gateways.items()):
            gateway = cast("Any", found)
            if gateway.state == "pending":
                gateway.state = "available"
                if gateway.failure:
                    gateway.state = "failed"
                    gateway.failure_code, gateway.failure_message = gateway.failure
            elif gateway.state in _DELETED:
                if not gateway.told:
                    gateway.told = True
                elif gateway.state == "deleting":
                    gateway.state = "deleted"
                else:
                    self.nat_gateways.pop(identifier, None)

    def disassociate_address(
        self, address: str | None = None, association_id: str | None = None
    ) -> None:
        """Take the address from what has it, unless that is a service's."""
        found = (
            self.address_by_ip([address])
            if address
            else self.address_by_association([str(association_id)])
        )
        interface = found[0].eni
        if interface is not None and interface.requester_managed:
            raise EC2ClientError(
                "AuthFailure", "You do not have permission to access the specified resource."
            )
        super().disassociate_address(address, association_id)

    def release_address(self, address: str | None = None, allocation_id: str | None = None) -> None:
        """Release the address when nothing has it."""
        found = (
            self.address_by_allocation([allocation_id])
            if allocation_id
            else self.address_by_ip([str(address)])
        )
        if found[0].association_id:
            raise EC2ClientError(
                "InvalidIPAddress.InUse",
                f"The address {found[0].public_ip} is in use and cannot be released.",
            )
        super().release_address(address, allocation_id)

    def _failure(self, vpc_id: str, allocation_id: str) -> tuple[str, str] | None:
        address = self.address_by_allocation([allocation_id])[0]
        if address.association_id:
            return (
                "Resource.AlreadyAssociated",
                f"Elastic IP address [{allocation_id}] is already associated",
            )
        if not any(
            gate.vpc is not None and gate.vpc.id == vpc_id
            for gate in self.internet_gateways.values()
        ):
            return "Gateway.NotAttached", f"Network {vpc_id} has no Internet gateway attached"
        return None


def is_gone(gateway: Any) -> bool:
    """Whether nothing passes the gateway any more, or ever did."""
    return gateway.state in (*_DELETED, "failed")


def _not_found(identifier: str) -> EC2ClientError:
    return EC2ClientError("NatGatewayNotFound", f"NAT gateway {identifier} was not found")
