"""Where an agent is: the VPC and the subnets that GetAgentRuntime names, as EC2 describes them."""

from dataclasses import dataclass

from tests.reachability.agent import Agent
from tests.reachability.network import Answer, Network

_FEWEST_ZONES = 2


@dataclass(frozen=True)
class Placement:
    """An agent in its VPC."""

    network: Network
    agent: Agent
    vpc: Answer
    subnets: list[Answer]


class NotPlacedError(Exception):
    """Nothing can be proven of an agent that is not in one VPC; `findings` say why."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings


def placement(network: Network, agent: Agent) -> Placement:
    """Find the agent's VPC and subnets; raises NotPlacedError.

    The subnets are of at least two availability zones, or one zone that fails takes the agent away.
    """
    if agent.mode != "VPC":
        raise NotPlacedError([f"{agent.id} is in {agent.mode} mode: no VPC has it"])
    if agent.region != network.region:
        raise NotPlacedError([f"{agent.id} is in {agent.region}, the network in {network.region}"])
    subnets = {name: network.subnet(name) for name in agent.subnets}
    groups = {name: network.security_group(name) for name in agent.security_groups}
    of = sorted({found["VpcId"] for found in (*subnets.values(), *groups.values()) if found})
    vpcs = {name: network.vpc(name) for name in of}
    named = {**subnets, **groups, **vpcs}
    findings = [f"{name} does not exist" for name, answer in named.items() if answer is None]
    if len(vpcs) > 1:
        findings.append(f"{agent.id} has subnets and groups of {' and '.join(vpcs)}")
    known = [subnet for subnet in subnets.values() if subnet]
    zones = sorted({subnet["AvailabilityZoneId"] for subnet in known})
    if len(zones) < _FEWEST_ZONES:
        findings.append(f"{agent.id} is in fewer than two zones: {', '.join(zones)}")
    (vpc,) = vpcs.values() if len(vpcs) == 1 else (None,)
    if findings or vpc is None:
        raise NotPlacedError(findings)
    return Placement(network, agent, vpc, known)
