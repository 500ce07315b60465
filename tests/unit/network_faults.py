"""Faults of the network block, and of agents that do not fit it."""

from typing import Any, Final

from tests.unit.fault_table import (
    AGENT,
    ARABIC_ONE,
    LIST,
    MAPPING,
    NOT_LISTS,
    NOT_MAPPINGS,
    NOT_NUMBERS,
    NOT_TEXT,
    NUMBER,
    REMOVED,
    ROLE_ARN,
    TEXT,
    Edit,
    Fault,
    Path,
    Table,
    right_config,
)

_NETWORK: Final[Path] = ("network",)
_REGION: Final = (("region",),)
_RULES: Final[Path] = ("network", "egressRules")
_SUBNETS: Final = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
_VPC: Final = "vpc-0123456789abcdef0"
_GROUP: Final = "sg-0123456789abcdef0"
_ENDPOINT: Final = "vpce-0123456789abcdef0"
_STACK: Final = "acme/network/dev"


def add_to(table: Table) -> None:
    """The rows of this file."""
    for part in (
        _forms,
        _own_network,
        _zones,
        _existing_network,
        _endpoints,
        _egress_rules,
        _agents,
        _unknown_keys,
    ):
        part(table)


def _own(**changes: object) -> dict[str, Any]:
    return {"cidr": "10.64.0.0/16", **changes}


def _existing(**changes: object) -> dict[str, Any]:
    return {"vpcId": _VPC, "subnetIds": list(_SUBNETS), **changes}


def _rule(**changes: object) -> dict[str, Any]:
    return {"description": "partner", "fromPort": 443, **changes}


def _out() -> list[dict[str, Any]]:
    """Rules that use a NAT gateway."""
    return [_rule(cidr="0.0.0.0/0")]


def _forms(table: Table) -> None:
    table.values(_NETWORK, [*NOT_MAPPINGS[:3], []], [_own()], MAPPING)
    table.values(
        _NETWORK,
        [
            {},
            {"subnetIds": list(_SUBNETS)},
            {"cidr": None, "additionalEndpoints": ["sts"]},
        ],
        [_own(), _existing(), _own(additionalEndpoints=["sts"])],
        "a network is exactly one of three: cidr",
        "vpcId with subnetIds",
        "stack",
        "Give one of them.",
        key="network",
    )
    for bad, good, forms in (
        (_existing(cidr="10.64.0.0/16"), _existing(), "cidr and vpcId"),
        (_own(stack=_STACK), _own(), "cidr and stack"),
        (_existing(stack=_STACK), {"stack": _STACK}, "vpcId and stack"),
    ):
        table.values(
            _NETWORK, [bad], [good], "exactly one of three", f"Keep one of {forms}.", key="network"
        )
    for key, value in (
        ("availabilityZones", 2),
        ("availabilityZoneIds", ["use1-az1", "use1-az2"]),
        ("egress", "endpoints"),
        ("flowLogRetentionDays", 30),
    ):
        for form, block in (("vpcId", _existing()), ("stack", {"stack": _STACK})):
            table.values(
                _NETWORK,
                [{**block, key: value}],
                [_own(**{key: value})],
                f"{key} goes with cidr, and this network is given by {form}",
                "Remove it.",
                key=f"network.{key}",
                undone_by=_REGION,
            )
    table.values(
        _NETWORK,
        [{"stack": _STACK, "natGateways": "single"}],
        [_own(natGateways="single", egress="nat", egressRules=_out())],
        "natGateways goes with cidr",
        key="network.natGateways",
    )
    for key, value in (
        ("subnetIds", list(_SUBNETS)),
        ("routeTableIds", ["rtb-01234567"]),
        ("reusedEndpoints", {"sts": _ENDPOINT}),
    ):
        table.values(
            _NETWORK,
            [_own(**{key: value})],
            [_existing(**{key: value})],
            f"{key} goes with vpcId, and this network is given by cidr",
            "Remove it.",
            key=f"network.{key}",
        )
    table.values(
        _NETWORK,
        [{"stack": _STACK, "routeTableIds": ["rtb-01234567"]}],
        [{"stack": _STACK, "reusedEndpoints": {"sts": _ENDPOINT}}],
        "routeTableIds goes with vpcId, and this network is given by stack",
        "Remove it.",
        key="network.routeTableIds",
    )
    table.values(
        _NETWORK,
        [
            {"stack": value}
            for value in ("network/dev", "acme/network/dev/1", "acme//dev", "a b/c/d")
        ],
        [{"stack": value} for value in ("a/network/dev", "acme/network.1/dev-1", "acme/n/dev")],
        "a stack is named by organization, project and stack",
        "acme/network/prod",
        key="network.stack",
    )
    table.values(
        _NETWORK,
        [{"stack": "acme/agentcore/dev"}],
        [{"stack": "acme/agentcore/devs"}],
        "this is the stack itself",
        "Name the stack that has the network.",
        key="network.stack",
    )
    table.values(_NETWORK, [{"stack": 5}], [{"stack": "a/b/5"}], TEXT, key="network.stack")


def _own_network(table: Table) -> None:
    cidr = (*_NETWORK, "cidr")
    table.values(
        cidr,
        ["10.64.0.1/16", "10.64.4.0/21", "172.16.0.1/22", "10.64.128.0/16"],
        ["10.64.0.0/16", "10.64.8.0/21", "172.16.0.0/22", "10.128.0.0/16"],
        "one inside of its network, not the network's own",
        "Write 1",
    )
    table.values(cidr, ["10.64.0.9/16"], ["10.64.0.0/16"], "Write 10.64.0.0/16.")
    table.values(
        cidr,
        ["10.0.0.0/8", "10.64.0.0/15", "10.64.0.0/23", "10.64.0.0/24", "10.64.0.0/28", "0.0.0.0/0"],
        ["10.64.0.0/16", "10.64.0.0/16", "10.64.0.0/22"],
        "a network of the stack's own is /16 to /22",
        "Choose a prefix in that range",
    )
    table.values(
        cidr,
        ["11.0.0.0/16", "172.32.0.0/16", "192.169.0.0/16", "100.128.0.0/16", "8.8.0.0/16"],
        ["10.0.0.0/16", "172.31.0.0/16", "192.168.0.0/16", "100.127.0.0/16"],
        "is private: in 10.0.0.0/8",
        "Choose one of these",
    )
    table.values(
        cidr,
        [
            *("10.64.0.0", "10.64.0.0/", "10.64.0.0/255.255.0.0", "10.64.0.0-10.64.255.255", "*"),
            *("", "vpc", " 10.64.0.0/16", "10.64.0.0/16\n", f"{ARABIC_ONE}0.64.0.0/16"),
            *("10.64.0.0/-16", "10.64.0.0/016"),
        ],
        ["10.64.0.0/16"],
        "an IPv4 address, a slash and the length of its prefix",
        "Write one such as 10.0.0.0/16.",
    )
    table.values(
        cidr,
        ["10.256.0.0/16", "10.64.0/16", "10.64.0.0/33", "010.64.0.0/16", "10.64.0.0.0/16"],
        ["10.255.0.0/16", "10.64.0.0/16", "10.64.0.0/22"],
        "this is no IPv4 network",
        "a prefix up to 32",
    )
    table.values(cidr, ["fd00::/16", "::/0"], ["10.64.0.0/16"], "IPv6 is not covered")
    table.values(cidr, [5, True, 10.64, [], {}], ["10.64.0.0/16"], TEXT)
    table.values(
        (*_NETWORK, "egress"),
        ["NAT", "none", "internet", "", True, None],
        ["nat"],
        "must be one of 'endpoints' or 'nat'",
    )
    table.values(
        (*_NETWORK, "natGateways"),
        ["one", "OnePerZone", 1, "", "perZone"],
        ["single", "onePerZone", None],
        "must be one of 'onePerZone' or 'single'",
    )
    table.values(
        _NETWORK,
        [_own(natGateways="single"), _own(natGateways="onePerZone", egress="endpoints")],
        [_own(natGateways="single", egress="nat", egressRules=_out())],
        "no NAT gateway without egress nat",
        "Set egress to nat, or remove it.",
        key="network.natGateways",
    )
    inside = _rule(cidr="10.64.0.0/18")
    table.values(
        _NETWORK,
        [
            _own(egress="nat"),
            _own(egress="nat", egressRules=[]),
            _own(egress="nat", egressRules=[inside]),
            _own(egress="nat", egressRules=[_rule(cidr="10.65.0.0/16")]),
            _own(egress="nat", egressRules=[_rule(securityGroupId=_GROUP)]),
            _own(egress="nat", egressRules=[_rule(cidr="198.18.0.0/15")]),
        ],
        [
            _own(),
            _own(egress="nat", egressRules=[inside, *_out()]),
            _own(egress="nat", egressRules=[_rule(cidr="198.51.100.0/24")]),
            _own(egress="nat", egressRules=[_rule(prefixListId="pl-01234567")]),
            _own(egress="nat", egressRules=[_rule(cidr="198.20.0.0/15")]),
        ],
        "egress nat pays for a way out, and no rule lets an agent use it",
        "or set egress to endpoints",
        key="network.egressRules",
    )
    table.values(
        _NETWORK,
        [
            _own(egressRules=_out()),
            _own(egress="endpoints", egressRules=[_rule(cidr="198.51.100.0/24")]),
            _own(egressRules=[inside, _rule(cidr="10.0.0.0/7")]),
            _own(egressRules=[inside, _rule(cidr="198.16.0.0/14")]),
        ],
        [
            _own(egress="nat", egressRules=_out()),
            _own(egress="endpoints", egressRules=[_rule(cidr="10.65.0.0/16")]),
            _own(egressRules=[inside]),
            _own(egressRules=[inside, _rule(cidr="198.18.0.0/15")]),
        ],
        "lies outside, and egress endpoints has no way there",
        "Set egress to nat, or remove the rule.",
        key="network.egressRules",
    )
    table.values(
        (*_NETWORK, "flowLogRetentionDays"),
        [0, -1, 2, 45, 366, 3654],
        [1, 1, 3, 60, 365, 3653],
        "CloudWatch Logs keeps for one of 1, 3, 5,",
        "Choose one of these.",
    )
    table.values((*_NETWORK, "flowLogRetentionDays"), NOT_NUMBERS, [365], NUMBER)


def _zones(table: Table) -> None:
    ids = (*_NETWORK, "availabilityZoneIds")
    table.values(
        (*ids, 0),
        [
            *("us-east-1a", "use1-az", "use1az1", "USE1-AZ1", "use1-az0", "use1-az01", "", "*"),
            *("usw2-lax1-az1", "use1-wl1-bos-wlz1", f"use1-az{ARABIC_ONE}", "use1-az1 "),
        ],
        ["use1-az1"],
        "given by its id, such as use1-az4",
        "another zone in every account, and Local Zones are not taken",
        "aws ec2 describe-availability-zones",
    )
    table.values(
        (*ids, 0),
        ["use2-az1", "euw1-az1", "usw2-az4"],
        ["use1-az1", "use1-az1", "use1-az4"],
        "this is no zone of the stack's region (us-east-1)",
        undone_by=_REGION,
    )
    table.values((*ids, 0), NOT_TEXT, ["use1-az1"], TEXT)
    table.values(ids, NOT_LISTS, [["use1-az1", "use1-az2"]], LIST)
    table.values(
        ids,
        [[], ["use1-az1"]],
        [["use1-az1", "use1-az2"]],
        "a network spans 2 to 6 zones, these are",
        "by availabilityZones",
    )
    table.values(
        ids,
        [["use1-az1", "use1-az1"], ["use1-az1", "use1-az2", "use1-az1"]],
        [["use1-az1", "use1-az2"]],
        "use1-az1 is listed more than once",
    )
    table.values(
        ids,
        [["use1-az1", "use1-az5"], ["use1-az6", "use1-az1", "use1-az2"]],
        [["use1-az1", "use1-az2"], ["use1-az3", "use1-az1", "use1-az2"]],
        "AgentCore is not known in use1-az",
        "it is in use1-az1, use1-az2, use1-az3, use1-az4",
        "additionalAvailabilityZoneIds",
        undone_by=(*_REGION, ("additionalAvailabilityZoneIds",)),
    )
    added = ("additionalAvailabilityZoneIds", 0)
    table.values(
        _NETWORK,
        [_own(availabilityZoneIds=["use1-az1", "use1-az5"])],
        [_own(availabilityZoneIds=["use1-az1", "use1-az3"])],
        "AgentCore is not known in use1-az5",
        key="network.availabilityZoneIds",
        undone_by=(*_REGION, ("additionalAvailabilityZoneIds",)),
    )
    table.values(added, ["us-east-1c", "", "*"], ["use1-az3"], "given by its id")
    table.values(
        added,
        ["use1-az9", "use1-az17"],
        ["use1-az8"],
        "the number of a zone is at most 8",
        "aws ec2 describe-availability-zones",
    )
    table.values(("additionalAvailabilityZoneIds",), NOT_LISTS, [["use1-az3"]], LIST)
    table.values(
        _NETWORK,
        [_own(availabilityZones=count) for count in (0, 1, 7, -1)],
        [_own(availabilityZones=count) for count in (2, 2, 4)],
        "a network spans 2 to 6 zones",
        "single point of failure",
        key="network.availabilityZones",
        undone_by=_REGION,
    )
    table.values(
        _NETWORK,
        [_own(availabilityZones=count) for count in (5, 6)],
        [_own(availabilityZones=count) for count in (4, 3)],
        "AgentCore is known in 4 zones of the stack's region: use1-az1, use1-az2, use1-az3",
        "additionalAvailabilityZoneIds",
        key="network.availabilityZones",
        undone_by=(*_REGION, ("additionalAvailabilityZoneIds",)),
    )
    table.values(
        _NETWORK,
        [_own(availabilityZones=2, availabilityZoneIds=["use1-az1", "use1-az2"])],
        [_own(availabilityZones=2)],
        "availabilityZoneIds names the zones already",
        key="network.availabilityZones",
        undone_by=_REGION,
    )
    table.values(
        _NETWORK,
        [_own(availabilityZones=value) for value in ("2", 2.5, True)],
        [_own(availabilityZones=2)],
        NUMBER,
        key="network.availabilityZones",
    )


def _wrong_ids(prefix: str) -> list[str]:
    return [
        *(f"{prefix}-xyz", f"{prefix}_01234567", f"{prefix}-0123456", f"{prefix}-0123456789"),
        *(f"{prefix}-01234567*", prefix, "", "*", f"{prefix}-0123456789ABCDEF0"),
        *(f"{prefix}-0123456789abcdef0\n", "orders", f"{prefix}-0123456789abcdef01"),
        f"arn:aws:ec2:us-east-1:111111111111:any/{prefix}-0123456789abcdef0",
    ]


def _right_ids(prefix: str) -> list[str]:
    return [f"{prefix}-01234567", f"{prefix}-0123456789abcdef2"]


def _ids(
    table: Table, path: Path, prefix: str, *, key: str, block: dict[str, Any] | None = None
) -> None:
    """Ids at a path of the config; with a block, at that of the block."""

    def edits(values: list[str]) -> list[object]:
        if block is None:
            return list(values)
        return [Edit(path, value).applied(block) for value in values]

    table.values(
        path if block is None else _NETWORK,
        edits(_wrong_ids(prefix)),
        edits(_right_ids(prefix)),
        f"given by its id, {prefix}- and 8 or 17 hexadecimal digits; not by ARN or name",
        "List yours with: aws ec2 describe-",
        key=key,
    )


def _existing_network(table: Table) -> None:
    _ids(table, ("vpcId",), "vpc", key="network.vpcId", block=_existing())
    _ids(table, ("subnetIds", 1), "subnet", key="network.subnetIds.1", block=_existing())
    _ids(
        table,
        ("routeTableIds", 0),
        "rtb",
        key="network.routeTableIds.0",
        block=_existing(routeTableIds=[""]),
    )
    _ids(
        table,
        ("reusedEndpoints", "ecr.api"),
        "vpce",
        key="network.reusedEndpoints.ecr.api",
        block=_existing(reusedEndpoints={}),
    )
    table.values(
        _NETWORK,
        [{"vpcId": _VPC}],
        [_existing()],
        "an existing network needs the subnets of the agents",
        "Name at least two.",
        key="network.subnetIds",
    )
    many = [f"subnet-{number:08x}" for number in range(17)]
    table.values(
        _NETWORK,
        [_existing(subnetIds=many[:count]) for count in (0, 1, 17)],
        [_existing(subnetIds=many[:count]) for count in (2, 2, 16)],
        "a runtime takes 2 to 16 subnets, in at least two zones; these are",
        "aws ec2 describe-subnets",
        key="network.subnetIds",
    )
    for key, values in (
        ("subnetIds", [_SUBNETS[0], _SUBNETS[0]]),
        ("routeTableIds", ["rtb-01234567", "rtb-01234567"]),
    ):
        table.values(
            _NETWORK,
            [_existing(**{key: values})],
            [_existing(**{key: [values[0], f"{values[0][:-1]}8"]})],
            "is listed more than once",
            "Name each once.",
            key=f"network.{key}",
        )
        table.values(
            _NETWORK,
            [_existing(**{key: value}) for value in NOT_LISTS],
            [_existing()],
            LIST,
            key=f"network.{key}",
        )
    table.values(
        _NETWORK,
        [_existing(reusedEndpoints={"sts": _ENDPOINT, "ecr.api": _ENDPOINT})],
        [_existing(reusedEndpoints={"sts": _ENDPOINT, "ecr.api": "vpce-01234567"})],
        f"{_ENDPOINT} is listed more than once",
        key="network.reusedEndpoints",
    )
    for key in ("endpointCallers", "guestRoles"):
        table.values(
            _NETWORK,
            [_existing(reusedEndpoints={"bedrock-agentcore": _ENDPOINT}, **{key: [ROLE_ARN]})],
            [_existing(reusedEndpoints={"sts": _ENDPOINT}, **{key: [ROLE_ARN]})],
            "the bedrock-agentcore endpoint is reused, and its policy is left as it is",
            "Admit them in that endpoint's own policy",
            key=f"network.{key}",
            undone_by=_REGION,
        )


def _endpoints(table: Table) -> None:
    wrong = (
        *("com.amazonaws.us-east-1.sts", "com.amazonaws.us-east-1.s3", "STS", "", "*", "sts*"),
        *("-sts", ".sts", "ecr.", "ecr..api", "ecr api", "sts\n"),
    )
    says = ("what follows com.amazonaws.REGION.", "aws ec2 describe-vpc-endpoint-services")
    path = (*_NETWORK, "additionalEndpoints")
    table.values(
        (*path, 0), list(wrong), ["sts", "s3", "ecr.api", "bedrock-agentcore.gateway"], *says
    )
    table.values((*path, 0), NOT_TEXT, ["sts"], TEXT)
    table.values(path, NOT_LISTS, [[]], LIST)
    table.values(path, [["sts", "ssm", "sts"]], [["sts", "ssm"]], "sts is listed more than once")
    for service in wrong[:2]:
        table.values(
            _NETWORK,
            [_existing(reusedEndpoints={service: _ENDPOINT})],
            [_existing(reusedEndpoints={"sts": _ENDPOINT})],
            *says,
            key=f"network.reusedEndpoints.{service}",
        )
    callers = (*_NETWORK, "endpointCallers")
    caller = "arn:aws:iam::111111111111"
    table.values(
        (*callers, 0),
        [
            f"{caller}:root",
            f"{caller}:group/agents",
            f"{caller}:policy/agents",
            "arn:aws:sts::111111111111:assumed-role/app/session",
            "arn:aws:iam::aws:role/app",
            "arn:aws:iam::11111111111:role/app",
            "arn:aws:iam:us-east-1:111111111111:role/app",
            "111111111111",
            "app",
            "",
            f"{caller}:role/",
            f"{caller}:role/{'x' * 65}",
            f"{caller}:role/app\n",
        ],
        [
            f"{caller}:role/root",
            f"{caller}:user/agents",
            "arn:aws:iam::333333333333:role/path/app",
            f"{caller}:role/app",
            f"{caller}:role/{'x' * 64}",
        ],
        "a caller of the endpoint reads arn:aws:iam::ACCOUNT:role/NAME, or user/NAME",
        "aws iam list-roles",
    )
    table.values(
        (*callers, 0),
        ["*", f"{caller}:role/*", f"{caller}:role/app-?", "arn:aws:iam::*:role/app", "${aws:x}"],
        [f"{caller}:role/app"],
        "wildcards and policy variables are not taken",
    )
    table.values(
        (*callers, 0),
        ["arn:aws-cn:iam::111111111111:role/app", "arn:aws-us-gov:iam::111111111111:role/app"],
        [f"{caller}:role/app"],
        "the stack's region (us-east-1) lies in partition aws, whose ARNs begin with arn:aws:",
        undone_by=_REGION,
    )
    table.values(callers, NOT_LISTS, [[]], LIST)
    table.values(
        callers, [[ROLE_ARN, ROLE_ARN]], [[ROLE_ARN]], f"{ROLE_ARN} is listed more than once"
    )


def _egress_rules(table: Table) -> None:
    rule = (*_RULES, 1)
    table.values(_RULES, NOT_LISTS, [_out()], LIST)
    table.values(rule, NOT_MAPPINGS, [_rule(cidr="10.65.0.0/16")], MAPPING)
    table.values(
        (*rule, "description"),
        ["", " ", "x" * 256, 'the "orders"', "<orders>", "Übersicht", "orders\n", "a|b", "orders'"],
        ["x", " x", "x" * 255, "orders", "(orders)", "overview", "orders; 1", "a/b", "orders$*"],
        "1 to 255 letters, digits, spaces and punctuation",
        "Say what is reached",
    )
    table.values((*rule, "description"), NOT_TEXT, ["5"], TEXT)
    for key in ("description", "fromPort"):
        table.values(
            (*rule, key),
            [REMOVED],
            [right_config()["network"]["egressRules"][1][key]],
            "is required and missing",
        )
    table.values(
        (*rule, "protocol"),
        ["TCP", "icmp", "-1", "all", "", -1, 6, None],
        ["tcp", "udp"],
        "must be one of 'tcp' or 'udp'",
    )
    table.values(
        (*rule, "fromPort"), [0, -1, 65_536], [1, 1, 5433], "a port is 1 to 65535", "fromPort"
    )
    table.values((*rule, "toPort"), [0, 65_536], [5432, 65_535], "a port is 1 to 65535")
    table.values((*rule, "fromPort"), NOT_NUMBERS, [512], NUMBER)
    table.values((*rule, "toPort"), ["5433", 5433.5, True, [], {}], [5433, None], NUMBER)
    table.values(
        (*rule, "toPort"),
        [5431, 443],
        [5432, 5433, REMOVED],
        "must not end before it begins (5432)",
        "Swap fromPort and toPort",
        undone_by=((*rule, "fromPort"),),
    )
    table.values(
        (*rule, "cidr"),
        ["10.65.0.1/16", "198.51.100.7/24"],
        ["10.65.0.0/16", "198.51.100.7/32"],
        "one inside of its network",
    )
    table.values((*rule, "cidr"), ["::/0"], ["10.65.0.0/16"], "IPv6 is not covered")
    table.values((*rule, "cidr"), ["orders.example.com", "any"], ["10.65.0.0/16"], "a slash and")
    table.values(
        (*rule, "cidr"),
        ["169.254.169.254/32", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "0.0.0.0/8"],
        ["169.253.0.0/16", "126.0.0.0/8", "223.0.0.0/8", "239.0.0.0/8"][:3],
        "no route leads there",
        "Name the network of what is to be reached.",
    )
    internet = "the whole internet may be reached by tcp on port 443 only"
    way_out = "Name the network that is to be reached, or tcp and 443 alone."
    table.values(
        rule,
        [
            _rule(cidr="0.0.0.0/0", fromPort=80),
            _rule(cidr="0.0.0.0/0", fromPort=22),
            _rule(cidr="0.0.0.0/0", toPort=444),
            _rule(cidr="0.0.0.0/0", fromPort=1, toPort=65_535),
            _rule(cidr="0.0.0.0/0", protocol="udp"),
            _rule(cidr="0.0.0.0/1", fromPort=80),
            _rule(cidr="128.0.0.0/1", fromPort=80),
            _rule(cidr="8.0.0.0/7", fromPort=80),
        ],
        [
            _rule(cidr="198.51.100.0/24", fromPort=80),
            _rule(cidr="10.0.0.0/8", fromPort=22),
            _rule(cidr="128.0.0.0/1", toPort=443),
            _rule(cidr="10.0.0.0/8", fromPort=1, toPort=65_535),
            _rule(cidr="198.51.100.0/24", protocol="udp"),
            _rule(cidr="0.0.0.0/1"),
            _rule(cidr="128.0.0.0/1"),
            _rule(cidr="8.0.0.0/8", fromPort=80),
        ],
        internet,
        way_out,
        key="network.egressRules.1.cidr",
    )
    table.values(
        rule,
        [
            _rule(cidr="3.0.0.0/8", fromPort=1, toPort=65_535),
            _rule(cidr="8.0.0.0/8", fromPort=1024, toPort=2048),
            _rule(cidr="52.94.0.0/15", fromPort=1, toPort=65_535, protocol="udp"),
            _rule(cidr="198.16.0.0/15", fromPort=1, toPort=65_535),
        ],
        [
            _rule(cidr="10.0.0.0/8", fromPort=1, toPort=65_535),
            _rule(cidr="8.0.0.0/8", fromPort=1024, toPort=2047),
            _rule(cidr="52.94.0.0/16", fromPort=1, toPort=65_535, protocol="udp"),
            _rule(cidr="198.18.0.0/15", fromPort=1, toPort=65_535),
        ],
        "at most 1024 ports of a public network wider than /16 may be reached",
        "Name the network, or the ports, that are to be reached.",
        key="network.egressRules.1.cidr",
    )
    table.values(
        rule,
        [
            _rule(),
            _rule(cidr="10.65.0.0/16", prefixListId="pl-01234567"),
            _rule(securityGroupId=_GROUP, prefixListId="pl-01234567"),
            _rule(cidr=None, prefixListId=None),
        ],
        [
            _rule(prefixListId="pl-01234567"),
            _rule(cidr="10.65.0.0/16"),
            _rule(securityGroupId=_GROUP),
            _rule(cidr=None, securityGroupId=_GROUP),
        ],
        "exactly one of cidr, prefixListId, securityGroupId",
        "Write one rule each.",
        key="network.egressRules.1",
    )
    for key, prefix in (("prefixListId", "pl"), ("securityGroupId", "sg")):
        _ids(
            table,
            ("egressRules", 0, key),
            prefix,
            key=f"network.egressRules.0.{key}",
            block=_existing(egressRules=[_rule()]),
        )
    many = [_rule(cidr="198.51.100.0/24", fromPort=port) for port in range(1, 59)]
    table.values(
        _RULES,
        [many],
        [many[:-1]],
        "at most 57 rules fit into the agents' security group, these are 58",
        "into a prefix list",
    )
    table.values(
        _RULES,
        [[*_out(), _rule(cidr="0.0.0.0/0", toPort=443, description="again")]],
        [[*_out(), _rule(cidr="198.51.100.0/24", toPort=443)]],
        "tcp 443-443 to 0.0.0.0/0 is listed more than once",
    )


def _agents(table: Table) -> None:
    mode = (*AGENT, "networkMode")
    groups = (*AGENT, "additionalSecurityGroupIds")
    table.values(
        mode,
        ["vpc", "Private", "PRIVATE", "public", "", 5, None, True],
        ["VPC"],
        "must be one of 'PUBLIC' or 'VPC'",
        "spelled like that",
    )
    table.faults.append(
        Fault(
            bad=Edit(_NETWORK, REMOVED),
            good=Edit(_NETWORK, _own()),
            key="agents.assistant.networkMode",
            says=("an agent in VPC mode needs a network", "Add the network block"),
            shows='"VPC"',
            undone_by=(mode,),
        )
    )
    table.values(
        ("network",),
        [None],
        [_existing()],
        "an agent in VPC mode needs a network, and this stack has none",
        "or set networkMode to PUBLIC",
        key="agents.assistant.networkMode",
        undone_by=(mode,),
    )
    for bad in ("PUBLIC", REMOVED):
        table.values(
            mode,
            [bad],
            ["VPC"],
            "an agent in PUBLIC mode has no security groups: these would be ignored",
            "Set networkMode to VPC, or remove them.",
            key="agents.assistant.additionalSecurityGroupIds",
            undone_by=(groups,),
        )
    _ids(table, (*groups, 0), "sg", key="agents.assistant.additionalSecurityGroupIds.0")
    many = [f"sg-{number:08x}" for number in range(16)]
    table.values(
        groups,
        [many],
        [many[:-1]],
        "15 security groups besides the stack's own, these are 16",
        "Shorten the list.",
    )
    table.values(groups, [[_GROUP, _GROUP]], [[_GROUP]], f"{_GROUP} is listed more than once")
    table.values(groups, NOT_LISTS, [[]], LIST)
    table.values((*groups, 0), NOT_TEXT, [_GROUP], TEXT)


def _unknown_keys(table: Table) -> None:
    for path, typo, near in (
        (_NETWORK, "vpcCidr", None),
        (_NETWORK, "natGateway", "natGateways"),
        (_NETWORK, "subnetIDs", "subnetIds"),
        ((*_RULES, 0), "port", None),
        ((*_RULES, 0), "from_port", "fromPort"),
        (AGENT, "netwrokMode", "networkMode"),
        (AGENT, "requireServiceS3Endpoint", None),
        (AGENT, "subnets", None),
        (AGENT, "securityGroups", None),
    ):
        table.unknown_key((*path, typo), near)
