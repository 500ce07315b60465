"""Where AgentCore Runtime exists, as data.

Source: the AgentCore developer guide, "Supported AWS Regions" (agentcore-regions.html),
read 2026-11-22. The table ages: a region that AWS adds later is let in by the stack config's
``additionalRegions`` until it is listed here.
"""

from typing import Final

RUNTIME_REGIONS: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-5",
        "ap-southeast-7",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    }
)

_PARTITION_PREFIXES: Final = {"us-gov-": "aws-us-gov", "cn-": "aws-cn"}
_DNS_SUFFIXES: Final = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com"}


def partition_of(region: str) -> str:
    """The partition a region lies in: the second field of every ARN there."""
    return next(
        (p for prefix, p in _PARTITION_PREFIXES.items() if region.startswith(prefix)), "aws"
    )


def has_endpoints(region: str) -> bool:
    """Whether AgentCore Runtime exists in the region's partition at all."""
    return partition_of(region) in _DNS_SUFFIXES


def dns_suffix_of(region: str) -> str:
    """The domain of the region's service endpoints.

    Raises:
        KeyError: for a partition AgentCore Runtime does not exist in (China, the isolated ones).
    """
    return _DNS_SUFFIXES[partition_of(region)]
