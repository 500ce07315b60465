"""Network interfaces as moto's EC2 has them, with EC2's addresses, groups and owners.

An interface gets the first free address of its subnet. What belongs to a service (an endpoint, a
NAT gateway, AgentCore) is attached by that service and can be neither detached nor deleted.
AgentCore's are shared: one for each subnet and set of security groups, whoever uses them. They go
when nobody does, or stay for as long as they are held; that is looked at with each request.
Sources: EC2 API reference; AgentCore developer guide, "Security best practices" of VPC mode: that
they are shared and stay for up to 8 hours; what one looks like, as users' listings show it.
"""

from collections.abc import Callable, Collection
from typing import Any, Final, cast

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError, InvalidParameterValue
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import Attachment, NetworkInterface

from emulator.aws.moto_services.network_blocks import free_address, holds

SharedSet = tuple[str, frozenset[str]]
"""A subnet, and the security groups of the interface in it."""

_GROUPS_PER_INTERFACE: Final = 5
_SERVICE: Final = "amazon-aws"
_SERVICE_ATTACHMENT: Final = "ela-attach-"
_AGENTCORE_INTERFACE: Final = "agentic_ai"
_AGENTCORE_TAGS: Final = {"AmazonBedrockAgentCoreManaged": "true"}


class ServiceAttachment(Attachment):
    """The attachment of an interface to what only its service sees."""

    def __init__(self, interface: Any) -> None:
        self.attach_time = interface.attach_time
        self.attachment_id = interface.attachment_id
        self.delete_on_termination = False
        self.device_index = 1
        self.network_card_index = 0
        self.instance_owner_id = _SERVICE
        self.status = "attached"


class SharedInterface(NetworkInterface):
    """An interface of AgentCore's.

    `is_held` is None while somebody uses it, and afterwards tells whether it is still there.
    """

    is_held: Callable[[], bool] | None = None

    @property
    def shared_set(self) -> SharedSet:
        """What makes it the same interface for all."""
        groups: list[Any] = list(self.group_set)
        return self.subnet_id, frozenset(group.id for group in groups)


class NetworkInterfaces(EC2Backend):
    """EC2 of one account in one region, with what it keeps of network interfaces."""

    def create_network_interface(
        self,
        subnet: Any,
        private_ip_address: str | list[str],
        private_ip_addresses: list[dict[str, Any]] | None = None,
        group_ids: list[str] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> NetworkInterface:
        """Create the interface when its groups are of its VPC; there are five at most.

        An address that is not of the subnet counts as none: moto makes up such ones.
        """
        place = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        cast("Any", self)._check_groups(place.vpc_id, group_ids or [])  # noqa: SLF001
        if len(group_ids or []) > _GROUPS_PER_INTERFACE:
            raise EC2ClientError(
                "SecurityGroupsPerInterfaceLimitExceeded",
                "The maximum number of security groups per interface has been reached.",
            )
        address = private_ip_address
        if not private_ip_addresses and not isinstance(address, list):
            address = self._address(place, address)
        return super().create_network_interface(
            place, address, private_ip_addresses, group_ids, *args, **kwargs
        )

    def delete_network_interface(self, eni_id: str) -> None:
        """Delete the interface when nothing uses it."""
        interface = self.get_network_interface(eni_id)
        if interface.status == "in-use" or interface.attachment_id:
            raise InvalidParameterValue(f"Network interface '{eni_id}' is currently in use.")
        super().delete_network_interface(eni_id)

    def detach_network_interface(self, attachment_id: str) -> None:
        """Detach the interface, unless a service has attached it."""
        own = [one for one in self.enis.values() if one.attachment_id == attachment_id]
        if own and attachment_id.startswith(_SERVICE_ATTACHMENT):
            raise EC2ClientError(
                "OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments."
            )
        super().detach_network_interface(attachment_id)

    # Those that AgentCore shares ------------------------------------------------------------------

    def share_interfaces(self, wanted: Collection[SharedSet], is_held: Callable[[], bool]) -> None:
        """Have an interface for each of these sets; others go once they are not held any more."""
        there = {one.shared_set: one for one in self._shared()}
        for shared_set, interface in there.items():
            if shared_set in wanted:
                interface.is_held = None
            elif interface.is_held is None:
                interface.is_held = is_held
        for subnet_id, groups in sorted(set(wanted) - there.keys()):
            self._share(subnet_id, sorted(groups))
        self.release_interfaces()

    def release_interfaces(self) -> None:
        """Let go of the shared interfaces that nobody uses and nothing holds."""
        for one in self._shared():
            if one.is_held is not None and not one.is_held():
                self.enis.pop(one.id, None)

    def is_shared(self, shared_set: SharedSet) -> bool:
        """Whether there is an interface for this set."""
        return any(one.shared_set == shared_set for one in self._shared())

    def _shared(self) -> list[SharedInterface]:
        return [one for one in list(self.enis.values()) if isinstance(one, SharedInterface)]

    def _share(self, subnet_id: str, groups: list[str]) -> None:
        subnet = self.get_subnet(subnet_id)
        made: Any = SharedInterface(
            self, subnet, self._address(subnet, ""), group_ids=groups, tags=dict(_AGENTCORE_TAGS)
        )
        give_to_service(made, _AGENTCORE_INTERFACE)
        self.enis[made.id] = made

    def _address(self, subnet: Any, wanted: str | None) -> str:
        taken = {
            str(address["PrivateIpAddress"])
            for one in list(self.enis.values())
            if one.subnet_id == subnet.id
            for address in one.private_ip_addresses
        }
        if wanted and holds(subnet.cidr_block, wanted):
            if wanted in taken:
                raise EC2ClientError("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
            return wanted
        found = free_address(subnet.cidr_block, taken)
        if found is None:
            raise EC2ClientError(
                "InsufficientFreeAddressesInSubnet",
                "The specified subnet does not have enough free addresses to satisfy the request.",
            )
        return found


def give_to_service(interface: NetworkInterface, kind: str) -> None:
    """Make the interface one that a service has made and attached for itself."""
    interface.interface_type = kind
    interface.requester_managed = True
    interface.requester_id = _SERVICE
    interface.status = "in-use"
    interface.attachment_id = interface.id.replace("eni-", _SERVICE_ATTACHMENT)
    interface.attach_time = utcnow()


def attachment_of(interface: NetworkInterface) -> Attachment | None:
    """Return what the interface is attached to, in the place of moto's property."""
    if not interface.attachment_id:
        return None
    return ServiceAttachment(interface) if interface.instance is None else Attachment(interface)
