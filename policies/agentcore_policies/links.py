"""Which resource a property means: by its id, or before deployment by what it depends on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from agentcore_policies.agent_runtime import elements, is_hidden
from agentcore_policies.last_stack import for_last_stack
from agentcore_policies.model import Resource, Stack, Unknown, Value

# What else is a resource's id, by type: Cloud Control tells it under the service's own name.
_IDENTIFIERS: Final = {
    "aws-native:bedrockagentcore:Runtime": ("agentRuntimeId",),
    "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime": ("agentRuntimeId",),
    "aws-native:ec2:InternetGateway": ("internetGatewayId",),
    "aws-native:ec2:NatGateway": ("natGatewayId",),
    "aws-native:ec2:RouteTable": ("routeTableId",),
    "aws-native:ec2:SecurityGroup": ("groupId", "awsId"),
    "aws-native:ec2:Subnet": ("subnetId",),
    "aws-native:ec2:Vpc": (
        *("vpcId", "defaultSecurityGroup"),
        *("defaultRouteTableId", "mainRouteTableId"),
    ),
    "aws-native:ec2:VpcEndpoint": ("awsId",),
    "aws-native:iam:ManagedPolicy": ("policyArn",),
    "aws-native:iam:Role": ("arn", "roleName"),
    # What a VPC brings: its main route table and its default group are nobody else's.
    "aws:ec2/defaultVpc:DefaultVpc": (
        *("defaultSecurityGroupId", "defaultRouteTableId", "mainRouteTableId"),
    ),
    "aws:ec2/vpc:Vpc": ("defaultSecurityGroupId", "defaultRouteTableId", "mainRouteTableId"),
    "aws:iam/policy:Policy": ("arn",),
    "aws:iam/role:Role": ("arn", "name"),
}


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What a property means.

    Attributes:
        found: resources of the stack, each once.
        foreign: ids of what is not in the stack.
        is_whole: whether every element was linked or is foreign.
    """

    found: Sequence[Resource] = ()
    foreign: Sequence[str] = ()
    is_whole: bool = True

    @property
    def one(self) -> Resource | None:
        """The resource, where it is one and nothing else is meant."""
        return (
            self.found[0] if len(self.found) == 1 and self.is_whole and not self.foreign else None
        )

    @property
    def is_known(self) -> bool:
        """Whether everything that is meant is in the stack."""
        return self.is_whole and not self.foreign


class Links:
    """The stack's resources by what others call them."""

    def __init__(self, stack: Stack) -> None:
        self._by_urn = {resource.urn: resource for resource in stack.resources}
        self._by_id: dict[str, list[Resource]] = {}
        for resource in stack.resources:
            for key in ("id", *_IDENTIFIERS.get(resource.type, ())):
                value = resource.props.get(key)
                if isinstance(value, str) and value:
                    self._by_id.setdefault(value, []).append(resource)
        # Not every provider tells the id among the outputs; then dependencies tell whose one is.
        self._told = {
            resource.urn
            for resource in stack.resources
            if "id" in resource.props or resource.type.startswith("aws-native:")
        }

    def of(self, resource: Resource, types: Collection[str], *path: str | int) -> Linked:
        """What the property of a resource means, among resources of these types.

        An unknown id is linked when the property depends on exactly as many resources of the types
        as it has unknown ids: whatever else it may mean then is not told.
        """
        return self.of_values(resource, types, str(path[0]), [resource.at(*path)])

    def of_values(
        self,
        resource: Resource,
        types: Collection[str],
        name: str,
        values: Sequence[Value],
    ) -> Linked:
        """What these values mean, which stand somewhere within a property of the resource."""
        flat = [element for value in values for element in elements(value)]
        found, foreign, hidden = self._by_value(flat, types)
        if hidden == 0:
            untold = [
                one for one in self.depended(resource, name, types) if one.urn not in self._told
            ]
            if len(untold) == len(foreign):
                return Linked(found=[*found, *untold])
            return Linked(found=found, foreign=foreign)
        meant = [
            one
            for one in self.depended(resource, name, types)
            if all(one.urn != other.urn for other in found)
        ]
        if len(meant) != hidden:
            return Linked(found=found, foreign=foreign, is_whole=False)
        return Linked(found=[*found, *meant], foreign=foreign)

    def of_list(self, resource: Resource, types: Collection[str], *path: str | int) -> Linked:
        """The same for a list; of one that is unknown as a whole nothing is told."""
        if is_hidden(resource.at(*path)):
            return Linked(is_whole=False)
        return self.of(resource, types, *path)

    def depended(self, resource: Resource, name: str, types: Collection[str]) -> Sequence[Resource]:
        """The resources of these types a property depends on."""
        urns = dict.fromkeys(resource.dependencies.get(name, ()))
        found = (self._by_urn[urn] for urn in urns if urn in self._by_urn)
        return [one for one in found if one.type in types]

    def is_id_of(self, value: str, types: Collection[str]) -> bool:
        """Whether an id is that of a resource of the stack of one of these types."""
        return any(one.type in types for one in self._by_id.get(value, ()))

    def _by_value(
        self, values: Sequence[Value], types: Collection[str]
    ) -> tuple[list[Resource], list[str], int]:
        found: dict[str, Resource] = {}
        foreign: dict[str, None] = {}
        hidden = 0
        for element in values:
            if not isinstance(element, str):
                hidden += is_hidden(element)
                continue
            meant = [one for one in self._by_id.get(element, ()) if one.type in types]
            found.update({one.urn: one for one in meant[:1]})
            if not meant:
                foreign[element] = None
        return list(found.values()), list(foreign), hidden


links_of = for_last_stack(Links)
"""The links of a stack; put together once for the rules that judge the same one in turn."""


def is_computed(resource: Resource, name: str) -> bool:
    """Whether the provider fills a property in that nobody gave.

    Among outputs it is unknown before deployment, and depends on nothing.
    """
    return isinstance(resource.at(name), Unknown) and not resource.dependencies.get(name)
