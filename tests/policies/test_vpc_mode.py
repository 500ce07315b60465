from typing import Any, Final

import pytest

from agentcore_policies.availability_zones import SUPPORTED, supported_beside
from agentcore_policies.model import SECRET, UNKNOWN, Resource
from agentcore_policies.rule import Context, Finding
from agentcore_policies.rules.vpc_mode import RULES
from tests.policies.judged import finding, not_checked, resource, told, verdicts
from tests.policies.small_network import AWS, NATIVE, Ref, SmallNetwork

FORMS: Final = (AWS, NATIVE)
TYPES: Final = tuple(form["runtime"] for form in FORMS)
MODE: Final = "networkConfiguration.networkMode"
SUBNETS: Final = "networkConfiguration.networkModeConfig.subnets"
GROUPS: Final = "networkConfiguration.networkModeConfig.securityGroups"


def runtime(kind: str, network: Any, **more: Any) -> Resource:
    return resource(kind, {"networkConfiguration": network, **more})


def in_vpc(subnets: Any, groups: Any) -> dict[str, Any]:
    config = {"subnets": subnets, "securityGroups": groups}
    return {"networkMode": "VPC", "networkModeConfig": config}


def said(rule: str, subject: Any, **settings: object) -> list[tuple[str, str]]:
    return told(verdicts(RULES, rule, subject, **settings))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("network", "found"),
    [
        ({"networkMode": "VPC"}, []),
        ({"networkMode": "PUBLIC"}, finding),
        ({"networkMode": "vpc"}, finding),
        ({"networkMode": ""}, finding),
        ({"networkMode": None}, finding),
        ({}, finding),
        (None, finding),
        ({"networkMode": UNKNOWN}, not_checked),
        (UNKNOWN, not_checked),
        (SECRET, not_checked),
    ],
)
def test_production_is_in_vpc_mode(kind: str, network: Any, found: Any) -> None:
    assert said("runtime-vpc-mode", runtime(kind, network)) == (found and found(MODE))


def test_the_mode_is_judged_in_production_only() -> None:
    assert [rule.id for rule in RULES if rule.production_only] == ["runtime-vpc-mode"]


def test_a_capacity_provider_brings_the_network() -> None:
    provider = {"capacityProviderArn": "arn"}
    on_it = runtime(NATIVE["runtime"], None, capacityProviderConfiguration=provider)
    for rule in ("runtime-vpc-mode", "runtime-network-configuration"):
        assert said(rule, on_it) == []
    public = runtime(
        NATIVE["runtime"], {"networkMode": "PUBLIC"}, capacityProviderConfiguration=provider
    )
    assert said("runtime-vpc-mode", public) == finding(MODE), "what is given is judged"
    empty = runtime(NATIVE["runtime"], None, capacityProviderConfiguration={})
    assert said("runtime-vpc-mode", empty) == finding(MODE), "an empty one is none"
    (rule,) = (one for one in RULES if one.id == "runtime-network-configuration")
    assert rule.check
    for subject, expected in ((on_it, []), (empty, finding("networkConfiguration"))):
        asked = rule.check(subject, Context(stack="dev", production=False))
        assert told([*asked]) == expected
    hidden = runtime(NATIVE["runtime"], None, capacityProviderConfiguration=UNKNOWN)
    assert said("runtime-vpc-mode", hidden) == not_checked("capacityProviderConfiguration")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ({"networkMode": "PUBLIC"}, []),
        (in_vpc(["a"], ["g"]), []),
        (in_vpc([UNKNOWN], [UNKNOWN]), []),
        (in_vpc(["s"] * 16, ["g"] * 16), []),
        (in_vpc(["s"] * 17, ["g"]), finding(SUBNETS)),
        (in_vpc(["s"], ["g"] * 17), finding(GROUPS)),
        (in_vpc([], ["g"]), finding(SUBNETS)),
        (in_vpc(["s"], []), finding(GROUPS)),
        (in_vpc(["s"], None), finding(GROUPS)),
        ({"networkMode": "VPC"}, [*finding(SUBNETS), *finding(GROUPS)]),
        ({**in_vpc(["s"], []), "networkMode": "PUBLIC"}, finding(SUBNETS)),
        ({**in_vpc([], ["g"]), "networkMode": "PUBLIC"}, finding(GROUPS)),
        ({**in_vpc([], []), "networkMode": "PUBLIC"}, []),
        ({"networkMode": "Private"}, finding(MODE)),
        ({"networkMode": "vpc"}, finding(MODE)),
        ({"networkMode": ""}, finding(MODE)),
        ({}, finding("networkConfiguration")),
        (None, finding("networkConfiguration")),
        (UNKNOWN, not_checked("networkConfiguration")),
        ({"networkMode": UNKNOWN}, not_checked(MODE)),
        (in_vpc(UNKNOWN, ["g"]), not_checked(SUBNETS)),
        (in_vpc(UNKNOWN, []), [*not_checked(SUBNETS), *finding(GROUPS)]),
    ],
)
def test_a_network_configuration_is_whole(kind: str, network: Any, expected: Any) -> None:
    (rule,) = (one for one in RULES if one.id == "runtime-network-configuration")
    assert rule.check
    subject = runtime(kind, network)
    assert told([*rule.check(subject, Context(stack="dev", production=False))]) == expected
    of_mode = finding(MODE), finding("networkConfiguration")
    assert said(rule.id, subject) == ([] if expected in of_mode else expected)
    if expected in of_mode:
        assert said("runtime-vpc-mode", subject) == finding(MODE), "in production it is told once"


@pytest.mark.parametrize("types", FORMS)
@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("rule", ["runtime-zones", "runtime-zones-supported"])
def test_two_supported_zones_pass(types: Any, preview: bool, rule: str) -> None:  # noqa: FBT001
    assert said(rule, SmallNetwork(types).build(preview=preview)) == []


@pytest.mark.parametrize("types", FORMS)
@pytest.mark.parametrize("preview", [True, False])
def test_two_subnets_of_one_zone_are_one(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    network["subnet use1-az2"]["availabilityZoneId"] = "use1-az1"
    found = verdicts(RULES, "runtime-zones", network.build(preview=preview))
    assert told(found) == finding(SUBNETS)
    assert found[0].urn == network.urn("runtime"), "the runtime is to be changed"


@pytest.mark.parametrize("types", FORMS)
@pytest.mark.parametrize("preview", [True, False])
def test_one_subnet_is_one_zone_wherever_it_is(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["subnets"] = ["subnet-elsewhere"]
    assert said("runtime-zones", network.build(preview=preview)) == finding(SUBNETS)
    assert said("runtime-zones", network.build(preview=preview), minimumZones=1) == not_checked(
        SUBNETS
    )
    config["subnets"] = [Ref("subnet use1-az1")]
    assert said("runtime-zones", network.build(preview=preview)) == finding(SUBNETS)


@pytest.mark.parametrize("types", FORMS)
@pytest.mark.parametrize("preview", [True, False])
def test_zones_may_be_told_by_name(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    for zone, name in (("use1-az1", "us-east-1a"), ("use1-az2", "us-east-1b")):
        del network[f"subnet {zone}"]["availabilityZoneId"]
        network[f"subnet {zone}"]["availabilityZone"] = name
    assert said("runtime-zones", network.build(preview=preview)) == []
    network["subnet use1-az2"]["availabilityZone"] = "us-east-1a"
    assert said("runtime-zones", network.build(preview=preview)) == finding(SUBNETS)
    assert said("runtime-zones-supported", network.build(preview=preview)) == [
        *not_checked("availabilityZoneId"),
        *not_checked("availabilityZoneId"),
    ], "which id a name has, differs by account"


def test_a_name_and_an_id_may_be_the_same_zone() -> None:
    network = SmallNetwork(AWS)
    network["subnet use1-az2"].update(availabilityZoneId=UNKNOWN, availabilityZone="us-east-1a")
    assert said("runtime-zones", network.build()) == not_checked(SUBNETS)


@pytest.mark.parametrize("types", FORMS)
def test_subnets_of_other_stacks_are_said_to_be_unchecked(types: Any) -> None:
    network = SmallNetwork(types)
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    for subnets in (["subnet-a", "subnet-b"], UNKNOWN, [UNKNOWN, UNKNOWN]):
        config["subnets"] = subnets
        for rule in ("runtime-zones", "runtime-zones-supported"):
            assert said(rule, network.build()) == not_checked(SUBNETS)


@pytest.mark.parametrize("types", FORMS)
@pytest.mark.parametrize("preview", [True, False])
def test_a_runtime_in_public_mode_has_no_zones(types: Any, preview: bool) -> None:  # noqa: FBT001
    network = SmallNetwork(types)
    network["runtime"]["networkConfiguration"] = {"networkMode": "PUBLIC"}
    for rule in ("runtime-zones", "runtime-zones-supported"):
        assert said(rule, network.build(preview=preview)) == []


@pytest.mark.parametrize("types", FORMS)
@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("zone", "is_refused"),
    [
        ("use1-az3", True),
        ("use1-az5", True),
        ("use1-az6", True),
        ("use1-az4", False),
        ("cac1-az3", True),
        ("cac1-az4", False),
        ("apne1-az3", True),
        ("usw2-lax1-az1", True),
        ("afs1-az1", True),
        ("usw1-az1", False),
        ("nonsense", True),
    ],
)
def test_zones_are_those_that_agentcore_supports(
    types: Any,
    preview: bool,  # noqa: FBT001
    zone: str,
    is_refused: bool,  # noqa: FBT001
) -> None:
    network = SmallNetwork(types)
    network["subnet use1-az2"]["availabilityZoneId"] = zone
    rule = "runtime-zones-supported"
    found = verdicts(RULES, rule, network.build(preview=preview))
    assert told(found) == (finding(SUBNETS) if is_refused else [])
    assert all(isinstance(one, Finding) and zone in one.message for one in found)
    assert said(rule, network.build(preview=preview), additionalZoneIds=[zone]) == []


def test_most_regions_have_the_first_three_zones() -> None:
    others = {prefix: numbers for prefix, numbers in SUPPORTED.items() if numbers != (1, 2, 3)}
    assert others == dict.fromkeys(("apne1", "cac1", "use1"), (1, 2, 4))


def test_the_table_names_each_zone_once() -> None:
    for prefix, numbers in SUPPORTED.items():
        assert len(numbers) >= 2, f"{prefix} would be no region to run in"
        assert len(set(numbers)) == len(numbers)
        zones = supported_beside(f"{prefix}-az9")
        assert zones == [f"{prefix}-az{number}" for number in numbers]


def test_the_half_that_is_missing_is_named() -> None:
    for network, what in ((in_vpc([], ["g"]), " subnets"), (in_vpc(["s"], []), " security groups")):
        subject = runtime(TYPES[0], network)
        (found,) = verdicts(RULES, "runtime-network-configuration", subject)
        assert isinstance(found, Finding)
        assert what in f" {found.message}"


def test_zones_are_counted_as_far_as_they_are_told() -> None:
    rule = "runtime-zones"
    network = SmallNetwork(AWS)
    config = network["runtime"]["networkConfiguration"]["networkModeConfig"]
    config["subnets"] = []
    assert said(rule, network.build()) == [], "that there are none, another rule says"
    config["subnets"] = [UNKNOWN]
    assert said(rule, network.build()) == finding(SUBNETS)
    network = SmallNetwork(AWS)
    for zone, name in (("use1-az1", "us-east-1a"), ("use1-az2", "us-east-1b")):
        network[f"subnet {zone}"].update(availabilityZoneId="", availabilityZone=name)
    assert said(rule, network.build()) == []
    unsupported = "runtime-zones-supported"
    assert said(unsupported, network.build()) == [*not_checked("availabilityZoneId")] * 2
    network["subnet use1-az1"]["availabilityZoneId"] = UNKNOWN
    assert said(unsupported, network.build()) == [*not_checked("availabilityZoneId")] * 2


def test_every_runtime_and_every_subnet_is_judged() -> None:
    network = SmallNetwork(AWS)
    network.add("other", "runtime", **network["runtime"])
    hidden = in_vpc(UNKNOWN, [Ref("agents")])
    network["runtime"]["networkConfiguration"] = hidden
    network["subnet use1-az1"]["availabilityZoneId"] = UNKNOWN
    network["subnet use1-az2"]["availabilityZoneId"] = "use1-az3"
    assert said("runtime-zones-supported", network.build()) == [
        *not_checked(SUBNETS),
        *not_checked("availabilityZoneId"),
        *finding(SUBNETS),
    ]
    network["other"]["networkConfiguration"] = in_vpc([Ref("subnet use1-az1")], [Ref("agents")])
    assert said("runtime-zones", network.build()) == [*not_checked(SUBNETS), *finding(SUBNETS)]
