"""Whether the SDK's host name of a service resolves to a VPC endpoint, inside the VPC.

Not looked at, because EC2 does not tell: private hosted zones, resolver rules and profiles of
Route 53 that take over a name. Sources: PrivateLink guide, "Private DNS"; VPC user guide, "DNS
attributes for your VPC" and "DHCP option sets".
"""

import ipaddress
import re

from tests.reachability.network import Answer, Network, items

_AMAZONS = "AmazonProvidedDNS"
_LINK_LOCAL = "169.254.169.253"

# Host names by the end of the endpoint service's name, where they are not SERVICE.REGION.
_HOSTS = {
    "ecr.api": "api.ecr.{region}",
    "ecr.dkr": "{account}.dkr.ecr.{region}",
    "bedrock-agentcore.gateway": "gateway-1.gateway.bedrock-agentcore.{region}",
}


def host_of(service: str, region: str, account: str) -> str:
    """The name that an SDK, or the client of a registry, asks for."""
    name = _HOSTS.get(service, f"{service}.{{region}}").format(region=region, account=account)
    return f"{name}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def resolver_findings(network: Network, vpc: Answer) -> list[str]:
    """What keeps the VPC from asking Amazon's DNS server, which alone knows its private names."""
    identifier = vpc["VpcId"]
    findings: list[str] = []
    if not _is_on(network, identifier, "EnableDnsSupport"):
        findings.append(f"DNS support of {identifier} is off")
    for options in network.dhcp_options:
        if options["DhcpOptionsId"] == vpc.get("DhcpOptionsId"):
            own = {_AMAZONS, _LINK_LOCAL, _second_address(vpc)}
            foreign = [server for server in _servers(options) if server not in own]
            if foreign:
                findings.append(
                    f"{options['DhcpOptionsId']} gives {identifier} the DNS servers "
                    f"{', '.join(foreign)}, which do not know its private names"
                )
    return findings


def hostname_findings(network: Network, vpc: Answer) -> list[str]:
    """What keeps private DNS names of endpoints from working in the VPC."""
    if _is_on(network, vpc["VpcId"], "EnableDnsHostnames"):
        return []
    return [f"DNS hostnames of {vpc['VpcId']} are off"]


def is_private_name(network: Network, endpoint: Answer, host: str) -> bool:
    """Whether the endpoint's service has the host among its private names, wildcards too."""
    return any(
        re.fullmatch(re.escape(name).replace(r"\*", r"[^.]+"), host)
        for service in network.endpoint_services
        if service["ServiceName"] == endpoint["ServiceName"]
        for name in _names(service)
    )


def _names(service: Answer) -> list[str]:
    listed = [str(one["PrivateDnsName"]) for one in items(service, "PrivateDnsNames")]
    return listed or [str(service.get("PrivateDnsName"))]


def _is_on(network: Network, vpc: str, attribute: str) -> bool:
    return network.vpc_attributes.get(vpc, {}).get(attribute, {}).get("Value") is True


def _servers(options: Answer) -> list[str]:
    return [
        str(value["Value"])
        for configuration in items(options, "DhcpConfigurations")
        if configuration["Key"] == "domain-name-servers"
        for value in items(configuration, "Values")
    ]


def _second_address(vpc: Answer) -> str:
    return str(ipaddress.IPv4Network(vpc["CidrBlock"])[2])
