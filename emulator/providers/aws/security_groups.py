"""The tables of security groups, of the one AWS makes for each VPC, and of single rules.

Defaults, replacing properties and waiting: terraform-provider-aws internal/service/ec2/
vpc_security_group.go, vpc_default_security_group.go, vpc_security_group_ingress_rule.go and
vpc_security_group_egress_rule.go; names and the default description: pulumi-aws
provider/resource_overrides.go and autonaming.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aws.ec2 import default_security_group, security_group
from pulumi_aws.vpc import security_group_egress_rule, security_group_ingress_rule

from emulator.providers.aws.ec2 import (
    GIVEN_TAGS,
    IN_THE_WAY,
    NO_IPV6,
    READ_TAGS,
    SEPARATE_TAGS,
    filtered,
    its_id,
    no_network_address,
    tagged,
)
from emulator.providers.aws.table import (
    MINUTE,
    AutoName,
    Call,
    ExactlyOneOf,
    ForEach,
    Look,
    Property,
    Read,
    ResourceType,
    Response,
    Step,
    Timeouts,
    Update,
    always,
    appears_or_vanishes,
    first,
    old,
)
from emulator.providers.values import as_list, is_empty, is_unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.providers.values import Json, Object

GROUP_GO = "internal/service/ec2/vpc_security_group.go"
DEFAULT_GROUP_GO = "internal/service/ec2/vpc_default_security_group.go"
INGRESS_GO = "internal/service/ec2/vpc_security_group_ingress_rule.go"
EGRESS_GO = "internal/service/ec2/vpc_security_group_egress_rule.go"

ALL_PROTOCOLS = "-1"
PROTOCOLS = {"all": ALL_PROTOCOLS, "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
"""Other spellings (protocolForValue)."""

SOURCES = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}
"""Where an inline rule's sources are in EC2's permissions."""

LARGEST_PORT = 65_535


def _protocol(value: Json) -> str:
    return PROTOCOLS.get(str(value).lower(), str(value).lower())


def same_protocol(old_value: Json, new_value: Json) -> bool:
    """The same protocol, by its name or its number."""
    return _protocol(old_value) == _protocol(new_value)


def same_port(old_value: Json, new_value: Json) -> bool:
    """The same port; EC2 has -1 for none."""
    return (None if old_value == -1 else old_value) == (None if new_value == -1 else new_value)


# Inline rules ------------------------------------------------------------------------------------

Single = tuple[str, int, int, str, str, str]
"""Protocol, ports and description of an inline rule, and one of its sources with its kind."""


def _single(rules: Json) -> dict[Single, None]:
    """Inline rules, each as one rule for each source (securityGroupExpandRules), in order."""
    found: dict[Single, None] = {}
    for rule in as_list(rules) or []:
        head = (
            _protocol(rule["protocol"]),
            int(rule["fromPort"]),
            int(rule["toPort"]),
            str(rule.get("description") or ""),
        )
        if rule.get("self"):
            found[*head, "self", ""] = None
        for kind in SOURCES:
            for source in as_list(rule.get(kind)) or []:
                found[*head, kind, source] = None
    return found


def same_rules(old_value: Json, new_value: Json) -> bool:
    """The same inline rules, however they are put together and in whatever order."""
    if is_unknown(old_value) or is_unknown(new_value):
        return bool(old_value == new_value)
    return _single(old_value).keys() == _single(new_value).keys()


def _permission(rule: Single, group: str) -> Object:
    protocol, from_port, to_port, description, kind, source = rule
    said = {"Description": description} if description else {}
    if kind == "self":
        kind, source = "securityGroups", group
    listed, member = SOURCES[kind]
    owner, slash, identifier = source.rpartition("/")
    of_another = {"UserId": owner} if slash and kind == "securityGroups" else {}
    found = {member: identifier if of_another else source, **of_another, **said}
    ports = {} if protocol == ALL_PROTOCOLS else {"FromPort": from_port, "ToPort": to_port}
    return {"IpProtocol": protocol, **ports, listed: [found]}


def _permissions(here: Json, there: Json, group: str) -> Json:
    """Those of the rules that are here and not there."""
    others = _single(there)
    return [_permission(rule, group) for rule in _single(here) if rule not in others]


def _added(direction: str) -> Callable[[Object], Json]:
    return lambda values: _permissions(values.get(direction), old(direction)(values), values["id"])


def _removed(direction: str) -> Callable[[Object], Json]:
    return lambda values: _permissions(old(direction)(values), values.get(direction), values["id"])


def _change_of(direction: str) -> tuple[Step, ...]:
    """Revokes before it authorizes, as terraform does (updateSecurityGroupRules)."""
    return tuple(
        Call(
            f"{verb}_security_group_{direction}",
            {"GroupId": "id", "IpPermissions": changed},
            when=lambda values, changed=changed: bool(changed(values)),
        )
        for verb, changed in (("revoke", _removed(direction)), ("authorize", _added(direction)))
    )


def _rules(field: str) -> Callable[[Response], Json]:
    """The permissions as inline rules: one for each protocol, ports and description."""

    def read(group: Response) -> Json:
        rules: dict[tuple[str, int, int, str], Object] = {}
        for permission in group.get(field, []):
            for kind, (listed, member) in SOURCES.items():
                for one in permission.get(listed, []):
                    head = (
                        permission["IpProtocol"],
                        permission.get("FromPort", 0),
                        permission.get("ToPort", 0),
                        one.get("Description", ""),
                    )
                    rule = rules.setdefault(head, _rule(*head))
                    if kind == "securityGroups" and one[member] == group["GroupId"]:
                        rule["self"] = True
                    else:
                        rule.setdefault(kind, []).append(_source(one, member, group))
        return list(rules.values())

    return read


def _rule(protocol: str, from_port: int, to_port: int, description: str) -> Object:
    rule: Object = {"protocol": protocol, "fromPort": from_port, "toPort": to_port, "self": False}
    return {**rule, "description": description} if description else rule


def _source(one: Response, member: str, group: Response) -> str:
    owner = one.get("UserId")
    of_another = member == "GroupId" and owner and owner != group["OwnerId"]
    return f"{owner}/{one[member]}" if of_another else one[member]


# Groups ------------------------------------------------------------------------------------------


def _cannot_begin_with_sg(name: str, value: Json) -> str:
    return f"invalid value for {name} (cannot begin with sg-)" if value.startswith("sg-") else ""


def _everything(source: Object) -> Callable[[Object], Json]:
    return lambda _values: [{"IpProtocol": ALL_PROTOCOLS, "FromPort": 0, "ToPort": 0, **source}]


def _touching(*, egress: bool) -> Callable[[Response, Object], Json]:
    """Rules of the group, and rules of other groups that refer to it."""

    def select(response: Response, values: Object) -> Json:
        return [
            {"ruleId": rule["SecurityGroupRuleId"], "groupId": rule["GroupId"]}
            for rule in response["SecurityGroupRules"]
            if rule["IsEgress"] is egress
            and values["id"]
            in {rule["GroupId"], rule.get("ReferencedGroupInfo", {}).get("GroupId")}
        ]

    return select


def _revokes(values: Object) -> bool:
    return bool(values.get("revokeRulesOnDelete"))


def _revoke_all(direction: str) -> Step:
    return ForEach(
        lambda values: values[direction],
        Call(
            f"revoke_security_group_{direction}",
            {"GroupId": "groupId", "SecurityGroupRuleIds": lambda values: [values["ruleId"]]},
            harmless=frozenset({"InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"}),
        ),
        when=_revokes,
    )


READ_GROUP = Read(
    Call("describe_security_groups", {"GroupIds": its_id}),
    {
        "description": "Description",
        "egress": _rules("IpPermissionsEgress"),
        "ingress": _rules("IpPermissions"),
        "name": "GroupName",
        "ownerId": "OwnerId",
        "tagsAll": READ_TAGS,
        "vpcId": "VpcId",
    },
    select=first("SecurityGroups"),
)
NO_SUCH_GROUP = frozenset({"InvalidGroup.NotFound"})

INLINE_RULES = {
    "egress": Property(computed=True, same=same_rules),
    "ingress": Property(computed=True, same=same_rules),
}

SECURITY_GROUP = ResourceType(
    token="aws:ec2/securityGroup:SecurityGroup",  # noqa: S106 - a type token
    label="Security Group",
    service="ec2",
    args_class=security_group.SecurityGroupArgs,
    state_class=security_group._SecurityGroupState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    auto_name=AutoName(max_length=255),
    regional=True,
    properties={
        "description": Property(
            replaces=f"{GROUP_GO}: description is ForceNew", default="Managed by Pulumi"
        ),
        **INLINE_RULES,
        "name": Property(replaces=f"{GROUP_GO}: name is ForceNew", refused=_cannot_begin_with_sg),
        "revokeRulesOnDelete": Property(default=False, local=True),
        "vpcId": Property(replaces=f"{GROUP_GO}: vpc_id is ForceNew", computed=True),
    },
    unsupported={"namePrefix": "give `name`, or neither for a name made of the logical one"},
    create=Call(
        "create_security_group",
        {
            "Description": "description",
            "GroupName": "name",
            "TagSpecifications": tagged("security-group"),
            "VpcId": "vpcId",
        },
    ),
    identify=lambda _values, response: response["GroupId"],
    reads=(READ_GROUP,),
    arn="security-group/{id}",
    not_found=NO_SUCH_GROUP,
    # A new group allows all egress, which nobody asked for.
    after_create=(
        Call(
            "revoke_security_group_egress",
            {
                "GroupId": "id",
                "IpPermissions": _everything({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
            },
        ),
        Call(
            "revoke_security_group_egress",
            {
                "GroupId": "id",
                "IpPermissions": _everything({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}),
            },
            harmless=frozenset({"InvalidPermission.NotFound", "InvalidParameterValue"}),
        ),
    ),
    updates=(
        Update(frozenset({"ingress"}), _change_of("ingress"), at_create=always),
        Update(frozenset({"egress"}), _change_of("egress"), at_create=always),
    ),
    tags=GIVEN_TAGS,
    delete=(
        Look(
            Call("describe_security_group_rules", {}),
            {"ingress": _touching(egress=False), "egress": _touching(egress=True)},
            when=_revokes,
        ),
        _revoke_all("ingress"),
        _revoke_all("egress"),
        Call(
            "delete_security_group",
            {"GroupId": "id"},
            again=IN_THE_WAY | {"InvalidGroup.InUse"},
        ),
    ),
    timeouts=Timeouts(create=10 * MINUTE, delete=15 * MINUTE),
    stable=frozenset({"arn", "ownerId"}),
)


def _of_vpc(values: Object) -> Json:
    without_vpc = None if values.get("vpcId") else "default group"
    return filtered(
        {
            "group-name": lambda _values: "default",
            "vpc-id": "vpcId",
            "description": lambda _values: without_vpc,
        }
    )(values)


DEFAULT_SECURITY_GROUP = ResourceType(
    token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",  # noqa: S106 - a type token
    label="Default Security Group",
    service="ec2",
    args_class=default_security_group.DefaultSecurityGroupArgs,
    state_class=default_security_group._DefaultSecurityGroupState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    regional=True,
    properties={
        **INLINE_RULES,
        "revokeRulesOnDelete": Property(default=False, local=True),
        "vpcId": Property(replaces=f"{DEFAULT_GROUP_GO}: vpc_id is ForceNew", computed=True),
    },
    adopts=True,
    create=Call("describe_security_groups", {"Filters": _of_vpc}),
    identify=lambda _values, response: response["SecurityGroups"][0]["GroupId"],
    reads=(READ_GROUP,),
    arn="security-group/{id}",
    not_found=NO_SUCH_GROUP,
    # The rules it has when it is taken over go, whatever the program says of rules.
    updates=(
        Update(frozenset({"ingress"}), _change_of("ingress"), at_create=always),
        Update(frozenset({"egress"}), _change_of("egress"), at_create=always),
    ),
    tags=SEPARATE_TAGS,
    delete=(),
    stable=frozenset({"arn", "description", "name", "ownerId"}),
)


# Single rules ------------------------------------------------------------------------------------

RULE_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _port(name: str, value: Json) -> str:
    if -1 <= value <= LARGEST_PORT:
        return ""
    return (
        f"Invalid Attribute Value. Attribute {name} value must be between -1 and {LARGEST_PORT}, "
        f"got: {value}"
    )


def _rule_properties(source: str) -> dict[str, Property]:
    of_another_kind = f"{source}: a rule of another kind of source is another rule (ModifyPlan)"
    return {
        "securityGroupId": Property(replaces=f"{source}: security_group_id is RequiresReplace"),
        "ipProtocol": Property(same=same_protocol),
        "cidrIpv4": Property(
            replaces=of_another_kind,
            replaces_if=appears_or_vanishes,
            refused=no_network_address,
        ),
        "prefixListId": Property(replaces=of_another_kind, replaces_if=appears_or_vanishes),
        "referencedSecurityGroupId": Property(
            replaces=of_another_kind, replaces_if=appears_or_vanishes
        ),
        "description": Property(),
        "fromPort": Property(same=same_port, refused=_port),
        "toPort": Property(same=same_port, refused=_port),
    }


def _ports(values: Object) -> Object:
    ports = {"FromPort": values.get("fromPort"), "ToPort": values.get("toPort")}
    return {name: port for name, port in ports.items() if port is not None}


def _as_permission(values: Object) -> Json:
    said = {"Description": values["description"]} if values.get("description") else {}
    owner, slash, group = str(values.get("referencedSecurityGroupId") or "").rpartition("/")
    sources: dict[str, Object] = {
        "IpRanges": {"CidrIp": values.get("cidrIpv4")},
        "PrefixListIds": {"PrefixListId": values.get("prefixListId")},
        "UserIdGroupPairs": {"GroupId": group, **({"UserId": owner} if slash else {})},
    }
    return [
        {
            "IpProtocol": _protocol(values["ipProtocol"]),
            **_ports(values),
            **{
                listed: [{**source, **said}]
                for listed, source in sources.items()
                if not any(is_empty(value) for value in source.values())
            },
        }
    ]


def _as_request(values: Object) -> Json:
    wanted = {
        "CidrIpv4": values.get("cidrIpv4"),
        "Description": values.get("description"),
        "IpProtocol": _protocol(values["ipProtocol"]),
        "PrefixListId": values.get("prefixListId"),
        "ReferencedGroupId": values.get("referencedSecurityGroupId"),
        **_ports(values),
    }
    rule = {name: value for name, value in wanted.items() if value is not None}
    return [{"SecurityGroupRuleId": values["id"], "SecurityGroupRule": rule}]


def _rule_of(*, egress: bool) -> Callable[[Response, Object], Response | None]:
    def select(response: Response, values: Object) -> Response | None:
        found = first("SecurityGroupRules")(response, values)
        if found is None or found["IsEgress"] is not egress:
            return None
        return {**found, "Account": found.get("GroupOwnerId")}

    return select


def _port_of(field: str) -> Callable[[Response], Json]:
    return lambda found: None if found.get(field) == -1 else found.get(field)


def _referenced(found: Response) -> Json:
    group: Object = found.get("ReferencedGroupInfo") or {}
    owner = group.get("UserId")
    if owner and owner != found["Account"]:
        return f"{owner}/{group['GroupId']}"
    return group.get("GroupId")


def _rule_type(direction: str, token: str, classes: tuple[type, type], source: str) -> ResourceType:
    args_class, state_class = classes
    return ResourceType(
        token=token,
        label="VPC Security Group Rule",
        service="ec2",
        args_class=args_class,
        state_class=state_class,
        regional=True,
        properties=_rule_properties(source),
        unsupported={"cidrIpv6": NO_IPV6},
        combinations=(ExactlyOneOf(RULE_SOURCES, framework=True),),
        create=Call(
            f"authorize_security_group_{direction}",
            {"GroupId": "securityGroupId", "IpPermissions": _as_permission},
        ),
        identify=lambda _values, response: response["SecurityGroupRules"][0]["SecurityGroupRuleId"],
        reads=(
            Read(
                Call("describe_security_group_rules", {"SecurityGroupRuleIds": its_id}),
                {
                    "cidrIpv4": "CidrIpv4",
                    "description": "Description",
                    "fromPort": _port_of("FromPort"),
                    "ipProtocol": "IpProtocol",
                    "prefixListId": "PrefixListId",
                    "referencedSecurityGroupId": _referenced,
                    "securityGroupId": "GroupId",
                    "securityGroupRuleId": "SecurityGroupRuleId",
                    "tagsAll": READ_TAGS,
                    "toPort": _port_of("ToPort"),
                },
                select=_rule_of(egress=direction == "egress"),
            ),
        ),
        arn="security-group-rule/{id}",
        not_found=frozenset({"InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"}),
        updates=(
            Update(
                frozenset({*_rule_properties(source)} - {"securityGroupId"}),
                (
                    Call(
                        "modify_security_group_rules",
                        {"GroupId": "securityGroupId", "SecurityGroupRules": _as_request},
                    ),
                ),
            ),
        ),
        tags=SEPARATE_TAGS,
        delete=(
            Call(
                f"revoke_security_group_{direction}",
                {"GroupId": "securityGroupId", "SecurityGroupRuleIds": its_id},
            ),
        ),
        stable=frozenset({"arn", "securityGroupRuleId"}),
    )


INGRESS_RULE = _rule_type(
    "ingress",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    (
        security_group_ingress_rule.SecurityGroupIngressRuleArgs,
        security_group_ingress_rule._SecurityGroupIngressRuleState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    ),
    INGRESS_GO,
)
EGRESS_RULE = _rule_type(
    "egress",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    (
        security_group_egress_rule.SecurityGroupEgressRuleArgs,
        security_group_egress_rule._SecurityGroupEgressRuleState,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    ),
    EGRESS_GO,
)
