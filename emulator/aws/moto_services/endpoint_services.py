"""The services that EC2 offers VPC endpoints for: moto's, and those of AgentCore.

Zones are kept by id, since each account has its own names for them. In which zones a service other
than AgentCore is missing is an assumption; that some are missing somewhere is not.
Sources: EC2 API reference, DescribeVpcEndpointServices; AgentCore developer guide, "Use interface
VPC endpoints"; PrivateLink guide, "Gateway endpoints".
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from moto.backends import get_backend
from moto.core.base_backend import BaseBackend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, IMPLEMENTED_ENDPOINT_SERVICES
from moto.utilities.utils import get_partition

from emulator.aws.agentcore.availability_zones import SUPPORTED_ZONE_IDS

GATEWAY: Final = "Gateway"
INTERFACE: Final = "Interface"

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
# By region and service: the zones, by id, in which it is not offered.
_MISSING: Final = {"us-east-1": {"bedrock-runtime": ("use1-az3",)}}

_PRIVATE_DNS = ("PrivateDnsName", "PrivateDnsNames", "PrivateDnsNameVerificationState")


def endpoint_services(account: str, region: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what a VPC endpoint can be made for; `names` are the account's, by zone id."""
    return [
        {
            **service,
            "AvailabilityZones": [
                names[identifier]
                for identifier in service["AvailabilityZones"]
                if identifier in names
            ],
        }
        for service in _services(account, region)
    ]


# The services of a region are the same for all accounts: the first one that asks has moto make
# them.
_made: dict[str, list[dict[str, Any]]] = {}


def _services(account: str, region: str) -> list[dict[str, Any]]:
    if region not in _made:
        _made[region] = [_in_our_terms(region, one) for one in _of_moto(account, region)]
    return _made[region]


def _of_moto(account: str, region: str) -> list[dict[str, Any]]:
    zones = sorted(zone.zone_id for zone in RegionsAndZonesBackend.zones.get(region, []))
    found: list[dict[str, Any]] = []
    for service in _DESCRIBED_BY_MOTO:
        backends = cast("Any", get_backend)(service)[account]
        backend = backends[region] if region in backends else backends[get_partition(region)]
        found += backend.default_vpc_endpoint_service(region, zones)
    described = {service["ServiceName"].partition(f"{region}.")[2] for service in found}
    found += BaseBackend.default_vpc_endpoint_service_factory(
        region, zones, "dynamodb", private_dns_names=False
    )
    generic = {*AWS_ENDPOINT_SERVICES, *_OTHERS} - {*IMPLEMENTED_ENDPOINT_SERVICES, *described}
    for service in sorted({*generic, "cloudformation", "codepipeline"} - {*_AGENTCORE}):
        found += BaseBackend.default_vpc_endpoint_service_factory(region, zones, service)
    supported = [zone for zone in zones if zone in SUPPORTED_ZONE_IDS.get(region, ())]
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
    return found


def _in_our_terms(region: str, service: dict[str, Any]) -> dict[str, Any]:
    name = service["ServiceName"].partition(f"{region}.")[2]
    missing = _MISSING.get(region, {}).get(name, ())
    is_gateway = service["ServiceType"][0]["ServiceType"] == GATEWAY
    kept = {
        member: value
        for member, value in service.items()
        # A gateway endpoint works by routes and has no names; moto gives S3's one.
        if not (is_gateway and member in _PRIVATE_DNS)
    }
    return {
        **kept,
        "AvailabilityZones": [zone for zone in service["AvailabilityZones"] if zone not in missing],
        "BaseEndpointDnsNames": (
            [f"{name}.{region}.amazonaws.com"] if is_gateway else service["BaseEndpointDnsNames"]
        ),
        "ServiceRegion": region,
    }
