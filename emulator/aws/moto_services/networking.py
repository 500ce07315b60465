"""EC2's networking as moto has it, with EC2's dependencies, names, rules and limits.

Checked: nothing is deleted that something else stands on; groups and their rules have names,
descriptions and ports that EC2 takes; sizes of subnets; the number of VPCs. Zones, interfaces,
endpoints, NAT gateways, routes, prefix lists and flow logs have files of their own.
Kept: the description of every kind of rule; what a modified rule refers to; the answers to requests
with a client token. Left out: machine images, which moto loads for each account at a tenth of a
second.
Sources: EC2 API reference, each operation and "Error codes"; VPC user guide, "Amazon VPC quotas";
messages as users' logs show them.
"""

import copy
import ipaddress
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, cast

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    InvalidParameterValue,
    InvalidSecurityGroupRuleIdNotFoundError,
)
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.route_tables import Route
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from emulator.aws.moto_services import instance_type_offerings
from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.flow_logs import FlowLogDelivery
from emulator.aws.moto_services.nat_gateways import NatGateways
from emulator.aws.moto_services.network_interfaces import NetworkInterfaces, attachment_of
from emulator.aws.moto_services.prefix_lists import PrefixListResponses
from emulator.aws.moto_services.routing import Routing, RoutingResponses, state_of, vpc_of
from emulator.aws.moto_services.stricter import make_stricter
from emulator.aws.moto_services.vpc_endpoints import VpcEndpoints
from emulator.aws.moto_services.zones import AccountZones

_VPCS_PER_REGION = 5
_SMALLEST_SUBNET = 28
_TEXT = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")

_LARGEST_PORT = 65_535
_PORTS = ("tcp", "udp", "6", "17")

_TOKENS_KEPT = 100
_OTHER_PARAMETERS = EC2ClientError(
    "IdempotentParameterMismatch",
    "The request uses the same client token as a previous, but non-identical request.",
)


class NetworkingResponses(RoutingResponses, PrefixListResponses):
    """Requests to EC2, where the backend does not see all of them."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer one request at a time: moto looks and acts without a lock of its own."""
        with self._networking.lock:
            self._networking.release_interfaces()
            return self._answer()

    def _answer(self) -> TYPE_RESPONSE:
        """Answer a request whose client token came before as it was answered then."""
        token = self._get_param("ClientToken")
        if not token:
            return super().call_action()
        answered = self._networking.answered
        key = (self._get_action(), token)
        asked = copy.deepcopy(self._get_params())
        if key in answered:
            first, answer = answered[key]
            return answer if first == asked else self._refusal(_OTHER_PARAMETERS)
        status, headers, body = super().call_action()
        if status < HTTPStatus.BAD_REQUEST:
            answered[key] = (asked, (status, dict(headers), body))
            if len(answered) > _TOKENS_KEPT:
                answered.popitem(last=False)
        return status, headers, body

    def create_vpc_endpoint(self) -> ActionResult:
        """Create the endpoint, with its DNS records and its kind of addresses."""
        answer = cast("Any", super().create_vpc_endpoint())
        self._set_addresses(answer.result["VpcEndpoint"].id)
        return answer

    def modify_vpc_endpoint(self) -> ActionResult:
        """Modify the endpoint, also what moto does not see of it."""
        answer = super().modify_vpc_endpoint()
        endpoint = self._get_param("VpcEndpointId")
        enabled = self._get_bool_param("PrivateDnsEnabled")
        if enabled is not None:
            self._networking.modify_private_dns(endpoint, enabled=enabled)
        if self._get_bool_param("ResetPolicy"):
            self._networking.reset_policy(endpoint)
        self._set_addresses(endpoint)
        return answer

    def describe_vpc_endpoints(self) -> ActionResult:
        """Describe the endpoints in the state that they have by this look."""
        self._networking.pass_on_endpoints()
        return super().describe_vpc_endpoints()

    def describe_nat_gateways(self) -> ActionResult:
        """Describe the gateways in the state that they have by this look."""
        self._networking.pass_on_nat_gateways()
        return super().describe_nat_gateways()

    def describe_availability_zones(self) -> ActionResult:
        """Describe zones of all types, those that the account has not opted in to if asked."""
        self.error_on_dryrun()
        zones = self._networking.find_zones(
            self._filters_from_querystring(),
            self._get_param("ZoneNames", []),
            self._get_param("ZoneIds", []),
            opted_out=bool(self._get_bool_param("AllAvailabilityZones", if_none=False)),
        )
        return ActionResult({"AvailabilityZones": zones})

    def _set_addresses(self, endpoint_id: str) -> None:
        self._networking.set_addresses(
            endpoint_id, self._get_param("IpAddressType"), self._get_param("DnsOptions") or {}
        )

    def _refusal(self, error: EC2ClientError) -> TYPE_RESPONSE:
        status, headers, body = self.serialized(ActionResult(error))
        return status, headers, body

    @property
    def _networking(self) -> "StrictNetworking":
        return cast("StrictNetworking", self.ec2_backend)


class DescribedRule(SecurityGroupRule):
    """A rule that keeps its description whatever it refers to, and is the same with another one."""

    text: str | None = None

    @property
    def description(self) -> str | None:
        """What was said about the rule."""
        return self.text

    @description.setter
    def description(self, text: str | None) -> None:
        self.text = text
        for source in (self.ip_range, self.source_group):
            if source:
                source.pop("Description", None)
                source.update({"Description": text} if text else {})

    @property
    def group_owner_id(self) -> str:
        """The account of the group the rule belongs to."""
        return self.owner_id

    def __eq__(self, other: object) -> bool:
        # The rules that a new group begins with are moto's own.
        return isinstance(other, SecurityGroupRule) and _meaning(self) == _meaning(other)

    def __hash__(self) -> int:
        return hash(self.id)


class StrictNetworking(
    BackendUrls,
    AccountZones,
    FlowLogDelivery,
    NatGateways,
    NetworkInterfaces,
    Routing,
    VpcEndpoints,
):
    """EC2 of one account in one region."""

    responses = NetworkingResponses

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        # By operation and client token: what was asked, and its answer.
        self.answered: OrderedDict[tuple[str, str], tuple[dict[str, Any], TYPE_RESPONSE]] = (
            OrderedDict()
        )

    # VPCs and subnets -----------------------------------------------------------------------------

    def create_vpc(self, *args: Any, **kwargs: Any) -> VPC:
        """Create the VPC when the region has room for it."""
        if len(self.vpcs) >= _VPCS_PER_REGION:
            raise EC2ClientError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
        return super().create_vpc(*args, **kwargs)

    def delete_vpc(self, vpc_id: str) -> VPC:
        """Delete the VPC, with what EC2 made in it, when it is empty else."""
        self.get_vpc(vpc_id)
        groups = self.groups[vpc_id]
        default = self.get_default_security_group(vpc_id)
        tables = [one for one in self.route_tables.values() if one.vpc_id == vpc_id]
        acls = [one for one in self.network_acls.values() if one.vpc_id == vpc_id]
        dependents = [
            *(group for group in groups.values() if group is not default),
            *(one for one in self.standing_endpoints() if one.vpc_id == vpc_id),
            *(one for one in self.enis.values() if one.vpc_id == vpc_id),
            *(gate for gate in self.internet_gateways.values() if vpc_of(gate) == vpc_id),
            *(one for one in tables if not one.main_association_id),
            *(one for one in acls if not one.default),
            *self.describe_subnets(filters={"vpc-id": [vpc_id]}),
        ]
        if dependents:
            raise DependencyViolationError(
                f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
            )
        # moto deletes the default group and the main route table as a user would, who may not.
        if default:
            groups.pop(default.id)
        for table in tables:
            self.route_tables.pop(table.id)
        try:
            deleted = super().delete_vpc(vpc_id)
        except EC2ClientError:
            if default:
                groups[default.id] = default
            self.route_tables.update({table.id: table for table in tables})
            raise
        for acl in acls:
            self.network_acls.pop(acl.id)
        return deleted

    def create_subnet(self, vpc_id: str, cidr_block: str, *args: Any, **kwargs: Any) -> Subnet:
        """Create the subnet when its size is right; it is the default of no zone."""
        try:
            small = ipaddress.IPv4Network(cidr_block, strict=False).prefixlen > _SMALLEST_SUBNET
        except ValueError:
            small = False  # moto refuses what is no block
        if small:
            raise EC2ClientError("InvalidSubnet.Range", f"The CIDR '{cidr_block}' is invalid.")
        subnet = super().create_subnet(vpc_id, cidr_block, *args, **kwargs)
        if not self.get_vpc(vpc_id).is_default:
            subnet.default_for_az = False
            subnet.map_public_ip_on_launch = False
        return subnet

    def delete_subnet(self, subnet_id: str) -> Subnet:
        """Delete the subnet when no interface is in it."""
        self.get_subnet(subnet_id)
        if any(one.subnet_id == subnet_id for one in self.enis.values()):
            raise DependencyViolationError(
                f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            )
        # moto forgets the subnet, but not that it had a route table and a network ACL.
        for table in cast("list[Any]", list(self.route_tables.values())):
            table._associations = {  # noqa: SLF001
                one: target
                for one, target in table._associations.items()  # noqa: SLF001
                if target != subnet_id
            }
        for acl in cast("list[Any]", list(self.network_acls.values())):
            acl._associations = {  # noqa: SLF001
                one: association
                for one, association in acl._associations.items()  # noqa: SLF001
                if association.subnet_id != subnet_id
            }
        return super().delete_subnet(subnet_id)

    # Security groups ------------------------------------------------------------------------------

    def create_security_group(
        self, name: str, description: str, vpc_id: str | None = None, *args: Any, **kwargs: Any
    ) -> SecurityGroup:
        """Create the group when its VPC is there and its name and description can be taken."""
        if vpc_id:
            self.get_vpc(vpc_id)
        for parameter, text in (("groupName", name), ("GroupDescription", description)):
            if text and not _TEXT.fullmatch(text):
                raise InvalidParameterValue(
                    f"Invalid value '{text}' for {parameter}: valid are strings up to 255 "
                    "characters from a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*"
                )
        if name and name.lower().startswith("sg-"):
            raise InvalidParameterValue(
                f"Value ({name}) for parameter groupName is invalid. Group names may not be in "
                "the format sg-*."
            )
        return super().create_security_group(name, description, vpc_id, *args, **kwargs)

    def delete_security_group(self, name: str | None = None, group_id: str | None = None) -> None:
        """Delete the group when no interface, endpoint or rule of another group uses it."""
        group = self.get_security_group_by_name_or_id(group_id or name or "")
        if group is not None:
            if group.is_default:
                raise EC2ClientError(
                    "CannotDelete",
                    f'the specified group: "{group.id}" name: "{group.name}" cannot be deleted '
                    "by a user",
                )
            if self._is_used(group):
                raise DependencyViolationError(f"resource {group.id} has a dependent object")
        super().delete_security_group(name, group_id)

    def _is_used(self, group: SecurityGroup) -> bool:
        interfaces = any(
            group.id in (one.id for one in interface.group_set) for interface in self.enis.values()
        )
        endpoints = any(group.id in one.security_group_ids for one in self.standing_endpoints())
        rules = (
            rule
            for groups in self.groups.values()
            for other in groups.values()
            if other is not group
            for rule in (*other.ingress_rules, *other.egress_rules)
        )
        return (
            interfaces or endpoints or any(r.source_group.get("GroupId") == group.id for r in rules)
        )

    def _iterate_security_rules(  # noqa: PLR0913, PLR0917 - moto's
        self,
        ip_protocol: str,
        group_id: str,
        from_port: str,
        to_port: str,
        ip_ranges: list[Any],
        source_groups: list[dict[str, Any]],
        prefix_list_ids: list[dict[str, str]],
        is_egress: bool = False,  # noqa: FBT001, FBT002
        tags: dict[str, str] | None = None,
    ) -> Iterator[SecurityGroupRule]:
        """Make the rules that a request describes, when EC2 would."""
        _check_ports(ip_protocol, from_port, to_port)
        for listed in prefix_list_ids:
            self.check_prefix_list(listed["PrefixListId"])
        if str(ip_protocol).lower() not in (*_PORTS, "-1"):
            # Protocols such as ESP have no ports; moto wants numbers for them.
            from_port, to_port = from_port or "-1", to_port or "-1"
        sources = [
            *((ip_range, None, None) for ip_range in ip_ranges),
            *((None, group, None) for group in source_groups),
            *((None, None, prefixes) for prefixes in prefix_list_ids),
        ]
        for ip_range, group, prefixes in sources:
            rule = cast(
                "DescribedRule",
                DescribedRule(
                    self,
                    ip_protocol,
                    group_id,
                    from_port,
                    to_port,
                    ip_range,
                    group,
                    prefixes,
                    is_egress=is_egress,
                    tags=tags or {},
                ),
            )
            said = (ip_range or group or prefixes or {}).get("Description")
            _check_rule_description(said)
            rule.description = said
            yield rule

    def modify_security_group_rules(self, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        """Change the rules wholly: what a request does not name is gone."""
        group = self.get_security_group_by_name_or_id(group_id)
        for identifier, wanted in rules.items():
            rule = group.get_rule(identifier) if group else None
            if group is None or rule is None:
                raise InvalidSecurityGroupRuleIdNotFoundError(identifier)
            protocol = wanted.get("IpProtocol", "-1")
            ports = (wanted.get("FromPort", -1), wanted.get("ToPort", -1))
            ranges = {
                name: wanted[key]
                for key, name in (("CidrIpv4", "CidrIp"), ("CidrIpv6", "CidrIpv6"))
                if key in wanted
            }
            source = wanted.get("ReferencedGroupId")
            prefixes = wanted.get("PrefixListId")
            said = {"Description": wanted["Description"]} if wanted.get("Description") else {}
            (new,) = self._iterate_security_rules(
                protocol,
                group.id,
                ports[0],
                ports[1],
                [{**ranges, **said}] if ranges else [],
                [{"GroupId": source, "UserId": self.account_id, **said}] if source else [],
                [{"PrefixListId": prefixes, **said}] if prefixes else [],
                is_egress=rule.is_egress,
            )
            new.id = rule.id
            for listed in (group.ingress_rules, group.egress_rules):
                if any(one.id == rule.id for one in listed):
                    listed[[one.id for one in listed].index(rule.id)] = new


def install() -> None:
    """Make moto use this EC2 for every account. Flow logs reach into Logs: that comes first."""
    make_stricter("logs")
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    ec2_backends.backend = StrictNetworking
    instance_type_offerings.read_late()
    cast("Any", NetworkInterface).attachment = property(attachment_of)
    cast("Any", Route).state = property(state_of)


def _meaning(rule: SecurityGroupRule) -> tuple[Any, ...]:
    """What makes two rules of one group duplicates."""
    return (
        rule.ip_protocol,
        rule.from_port,
        rule.to_port,
        rule.cidr_ipv4,
        rule.cidr_ipv6,
        rule.source_group.get("GroupId"),
        rule.prefix_list_id,
    )


def _check_rule_description(text: str | None) -> None:
    if text and not _TEXT.fullmatch(text):
        raise InvalidParameterValue(
            "Invalid rule description. Valid descriptions are strings less than 256 characters "
            "from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        )


def _check_ports(protocol: str, from_port: Any, to_port: Any) -> None:
    if str(protocol).lower() not in _PORTS:
        return
    if from_port is None or to_port is None:
        raise InvalidParameterValue(
            "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
        )
    for port in (int(from_port), int(to_port)):
        if not 0 <= port <= _LARGEST_PORT:
            raise InvalidParameterValue(f"TCP/UDP port ({port}) out of range")
    if int(from_port) > int(to_port):
        raise InvalidParameterValue(f"Invalid TCP/UDP port range ({from_port}:{to_port})")
