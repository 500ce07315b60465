"""The same graph in other resources: what the program declares has equivalent spellings.

A form moves values and adds none but those that the other form takes for granted, so that whatever
is wrong with a graph is as wrong in each form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, cast

from agentcore_policies.model import UNKNOWN, Properties, Resource, Stack, Value
from tests.policies.edits import Add, Edit, Put
from tests.policies.graphs import Graph, Views

RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
RUNTIME_ENDPOINT: Final = "aws-native:bedrockagentcore:RuntimeEndpoint"
ROLE: Final = "aws:iam/role:Role"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
REPOSITORY: Final = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPOSITORY_POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"
KEY: Final = "aws:kms/key:Key"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
NAT_GATEWAY: Final = "aws:ec2/natGateway:NatGateway"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

Convert: TypeAlias = Callable[[Stack], Iterable[Resource]]


@dataclass(frozen=True)
class Form:
    """A spelling.

    Attributes:
        name: what is said otherwise.
        types: what it turns into another form.
        convert: all resources of a stack, in this form.
        without: properties that the other form does not have.
        gathers: types of which several become one resource, or another kind of one.
    """

    name: str
    types: frozenset[str]
    convert: Convert
    without: frozenset[str] = frozenset()
    gathers: frozenset[str] = frozenset()

    def carries(self, edits: Iterable[Edit]) -> bool:
        """Whether it says a change otherwise."""
        given = list(edits)
        return not self.lacks(given) and any(edit.touched[0] in self.types for edit in given)

    def lacks(self, edits: Iterable[Edit]) -> bool:
        """Whether it cannot say a change."""
        return any(
            edit.type in self.gathers
            if isinstance(edit, Add)
            else isinstance(edit, Put)
            and edit.type in self.types
            and edit.path.partition(".")[0] in self.without
            for edit in edits
        )

    def of(self, graph: Graph) -> Graph:
        """The graph in this form."""
        return Graph(self._views(graph.preview), self._views(graph.deployed))

    def _views(self, views: Views) -> Views:
        return Views(self._stack(views.inputs), self._stack(views.outputs))

    def _stack(self, stack: Stack) -> Stack:
        return replace(stack, resources=tuple(_relinked(self.convert(stack))))


def _relinked(resources: Iterable[Resource]) -> list[Resource]:
    """The resources, depending on those there are."""
    found = list(resources)
    now = {_identity(one.urn): one.urn for one in found}
    for index, one in enumerate(found):
        dependencies = {
            name: tuple(now.get(_identity(urn), urn) for urn in urns)
            for name, urns in one.dependencies.items()
        }
        if dependencies != one.dependencies:
            found[index] = replace(one, dependencies=dependencies)
    return found


def _identity(urn: str) -> str:
    """What stays of a URN in another form: all but the type."""
    begin, _, name = urn.rpartition("::")
    parents, _, kind = begin.rpartition("$")
    return f"{parents}${_KIND_OF.get(kind, kind)}::{name}"


# What becomes of a type, so that references are led there.
_OTHER: Final = {
    RUNTIME: "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime",
    RUNTIME_ENDPOINT: "aws:bedrock/agentcoreAgentRuntimeEndpoint:AgentcoreAgentRuntimeEndpoint",
    ROLE: "aws-native:iam:Role",
    REPOSITORY: "aws-native:ecr:Repository",
    KEY: "aws-native:kms:Key",
    LOG_GROUP: "aws-native:logs:LogGroup",
    VPC: "aws-native:ec2:Vpc",
    SUBNET: "aws-native:ec2:Subnet",
    ROUTE_TABLE: "aws-native:ec2:RouteTable",
    INTERNET_GATEWAY: "aws-native:ec2:InternetGateway",
    NAT_GATEWAY: "aws-native:ec2:NatGateway",
    ENDPOINT: "aws-native:ec2:VpcEndpoint",
    GROUP: "aws-native:ec2:SecurityGroup",
}
_KIND_OF: Final = {
    **{other: kind for kind, other in _OTHER.items()},
    **dict.fromkeys(
        (
            "aws:kms/replicaKey:ReplicaKey",
            "aws:kms/externalKey:ExternalKey",
            "aws:kms/replicaExternalKey:ReplicaExternalKey",
            "aws-native:kms:ReplicaKey",
        ),
        KEY,
    ),
}


def _as_type(
    resource: Resource,
    kind: str,
    names: Mapping[str, str],
    *,
    props: Properties | None = None,
    suffix: str = "",
) -> Resource:
    """A resource of another type: properties and what they depend on under other names."""
    given = resource.props if props is None else props
    begin, _, name = resource.urn.rpartition("::")
    parents, _, _ = begin.rpartition("$")
    provider = resource.provider
    if kind.startswith("aws-native:"):
        provider = {name: value for name, value in provider.items() if name != "defaultTags"}
    return replace(
        resource,
        type=kind,
        provider=provider,
        name=resource.name + suffix,
        urn=f"{parents}${kind}::{name}{suffix}",
        props={names[key]: value for key, value in given.items() if key in names},
        dependencies={
            names[key]: urns for key, urns in resource.dependencies.items() if key in names
        },
    )


def _with(resource: Resource, **props: Value) -> Resource:
    """With these properties; those that are None it does not have."""
    given = {**resource.props, **props}
    return replace(resource, props={key: given[key] for key in given if given[key] is not None})


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _one(value: Value) -> Value:
    """The block that pulumi-aws has in a list."""
    return value[0] if isinstance(value, Sequence) and not isinstance(value, str) else value


def _map(value: Value, change: Callable[[Mapping[str, Value]], Value]) -> Value:
    """The block, changed where it is known."""
    return change(value) if isinstance(value, Mapping) else value


def _native_tags(resource: Resource) -> Value:
    """Tags as most types of aws-native have them, with the provider's default ones."""
    tags = resource.at("tagsAll")
    if not isinstance(tags, Mapping):
        return tags
    return [{"key": key, "value": value} for key, value in tags.items()]


def _document(text: Value) -> Value:
    """The document of a JSON text, as aws-native takes it; the text where that loses anything."""
    if not isinstance(text, str):
        return text

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("an object cannot have a key twice")
        return dict(pairs)

    try:
        return cast("Value", json.loads(text, object_pairs_hook=once))
    except ValueError:
        return text


# Runtimes -----------------------------------------------------------------------------------------


def _aws_runtimes(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type == RUNTIME:
            yield _aws_runtime(one)
        elif one.type == RUNTIME_ENDPOINT:
            names = _same("agentRuntimeVersion", "agentRuntimeId", "name", "description", "tags")
            yield _with(
                _as_type(one, _OTHER[RUNTIME_ENDPOINT], names),
                tagsAll=one.at("tags"),
            )
        else:
            yield one


def _aws_runtime(one: Resource) -> Resource:
    def jwt(block: Mapping[str, Value]) -> Value:
        names = {"allowedAudience": "allowedAudiences", "customClaims": "customClaims"}
        return {names.get(name, name): value for name, value in block.items()}

    def headers(block: Mapping[str, Value]) -> Value:
        names = {"requestHeaderAllowlist": "requestHeaderAllowlists"}
        return {names.get(name, name): value for name, value in block.items()}

    def authorizer(block: Mapping[str, Value]) -> Value:
        return {name: _map(value, jwt) for name, value in block.items()}

    protocol, lifecycle = one.at("protocolConfiguration"), one.at("lifecycleConfiguration")
    names = {"protocolConfiguration": "", "lifecycleConfiguration": "", "status": ""}
    kept = {name: name for name in (*one.props, *one.dependencies) if name not in names}
    return _with(
        _as_type(one, _OTHER[RUNTIME], kept),
        region=one.provider.get("region"),
        tagsAll=one.at("tags"),
        protocolConfiguration=None if protocol is None else {"serverProtocol": protocol},
        lifecycleConfigurations=None if lifecycle is None else [lifecycle],
        authorizerConfiguration=_map(one.at("authorizerConfiguration"), authorizer),
        requestHeaderConfiguration=_map(one.at("requestHeaderConfiguration"), headers),
    )


# Roles and their policies -------------------------------------------------------------------------


def _policies_of(stack: Stack, role: Resource) -> list[Resource]:
    return [
        one
        for one in stack.of(ROLE_POLICY)
        if role.urn in one.dependencies.get("role", ()) or one.at("role") == role.at("name")
    ]


def _inline_policies(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type == ROLE:
            listed = [
                {"name": policy.at("name"), "policy": policy.at("policy")}
                for policy in _policies_of(stack, one)
            ]
            yield _with(one, inlinePolicies=listed or None)
        elif one.type != ROLE_POLICY:
            yield one


def _attached(kind: str) -> Convert:
    def convert(stack: Stack) -> Iterable[Resource]:
        for one in stack.resources:
            if one.type != ROLE_POLICY:
                yield one
                continue
            (role,) = [found for found in stack.of(ROLE) if one in _policies_of(stack, found)]
            policy = _as_type(one, "aws:iam/policy:Policy", _same("name", "policy"))
            arn = f"arn:aws:iam::111111111111:policy/{one.name}"
            tags = role.at("tagsAll")
            yield _with(
                policy,
                tagsAll=tags,
                **({"arn": arn, "id": arn} if "id" in one.props else {}),
            )
            attachment = _as_type(one, kind, _same("role"))
            if kind == "aws:iam/policyAttachment:PolicyAttachment":
                attachment = _as_type(one, kind, {"role": "roles"})
                attachment = _with(attachment, roles=[attachment.at("roles")])
            yield replace(
                _with(attachment, policyArn=arn if "id" in one.props else UNKNOWN),
                dependencies={**attachment.dependencies, "policyArn": (policy.urn,)},
            )

    return convert


_NATIVE_ROLE: Final = {
    "name": "roleName",
    "assumeRolePolicy": "assumeRolePolicyDocument",
    "managedPolicyArns": "managedPolicyArns",
    "maxSessionDuration": "maxSessionDuration",
    **_same("arn", "description", "path", "permissionsBoundary"),
}


def _native_role(one: Resource, policies: Sequence[Resource]) -> Resource:
    role = _as_type(one, _OTHER[ROLE], _NATIVE_ROLE)
    listed = [
        {"policyName": policy.at("name"), "policyDocument": _document(policy.at("policy"))}
        for policy in policies
    ]
    return _with(
        role,
        assumeRolePolicyDocument=_document(role.at("assumeRolePolicyDocument")),
        tags=_native_tags(one),
        policies=listed or None,
    )


def _native_roles(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type == ROLE:
            yield _native_role(one, _policies_of(stack, one))
        elif one.type != ROLE_POLICY:
            yield one


def _native_role_policies(stack: Stack) -> Iterable[Resource]:
    names = {"name": "policyName", "policy": "policyDocument", "role": "roleName"}
    for one in stack.resources:
        if one.type == ROLE:
            yield _native_role(one, ())
        elif one.type == ROLE_POLICY:
            policy = _as_type(one, "aws-native:iam:RolePolicy", names)
            yield _with(policy, policyDocument=_document(one.at("policy")))
        else:
            yield one


def _native_managed_policies(stack: Stack) -> Iterable[Resource]:
    names = {"name": "managedPolicyName", "policy": "policyDocument", "role": "roles"}
    for one in stack.resources:
        if one.type == ROLE:
            yield _native_role(one, ())
        elif one.type == ROLE_POLICY:
            policy = _as_type(one, "aws-native:iam:ManagedPolicy", names)
            document = _document(one.at("policy"))
            yield _with(policy, policyDocument=document, roles=[one.at("role")])
        else:
            yield one


# Repositories, keys, logs -------------------------------------------------------------------------


def _of_repository(stack: Stack, kind: str, repository: Resource) -> Value:
    found = [
        one.at("policy")
        for one in stack.of(kind)
        if repository.urn in one.dependencies.get("repository", ())
    ]
    return found[0] if found else None


def _native_repositories(stack: Stack) -> Iterable[Resource]:
    names = {
        "name": "repositoryName",
        "forceDelete": "emptyOnDelete",
        "encryptionConfigurations": "encryptionConfiguration",
        **_same("arn", "imageScanningConfiguration", "imageTagMutability"),
    }
    for one in stack.resources:
        if one.type == REPOSITORY:
            lifecycle = _of_repository(stack, LIFECYCLE_POLICY, one)
            repository = _as_type(one, _OTHER[REPOSITORY], names)
            yield _with(
                repository,
                encryptionConfiguration=_one(repository.at("encryptionConfiguration")),
                lifecyclePolicy=None if lifecycle is None else {"lifecyclePolicyText": lifecycle},
                repositoryPolicyText=_document(_of_repository(stack, REPOSITORY_POLICY, one)),
                tags=_native_tags(one),
            )
        elif one.type not in {LIFECYCLE_POLICY, REPOSITORY_POLICY}:
            yield one


def _key_policies_apart(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type != KEY:
            yield one
            continue
        names = _same("policy", "bypassPolicyLockoutSafetyCheck")
        yield _with(one, **dict.fromkeys(names))
        if one.at("policy") is not None:
            policy = _as_type(one, "aws:kms/keyPolicy:KeyPolicy", names)
            yield replace(
                _with(policy, keyId=one.at("id") or UNKNOWN),
                dependencies={**policy.dependencies, "keyId": (one.urn,)},
            )


def _native_keys(stack: Stack) -> Iterable[Resource]:
    names = {
        "policy": "keyPolicy",
        "deletionWindowInDays": "pendingWindowInDays",
        "bypassPolicyLockoutSafetyCheck": "bypassPolicyLockoutSafetyCheck",
        "customerMasterKeySpec": "keySpec",
        "isEnabled": "enabled",
        **_same("arn", "description", "enableKeyRotation", "keyId", "keyUsage", "multiRegion"),
        **_same("rotationPeriodInDays"),
    }
    for one in stack.resources:
        if one.type == KEY:
            key = _as_type(one, _OTHER[KEY], names)
            policy = _document(one.at("policy"))
            yield _with(key, keyPolicy=policy, tags=_native_tags(one))
        else:
            yield one


def _keys_of(kind: str) -> Convert:
    """Keys of a kind that does not rotate."""
    names = {
        "policy": "policy",
        **_same("arn", "keyId", "deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"),
        **_same("id", "description", "tags", "tagsAll"),
    }
    native = {"policy": "keyPolicy", "deletionWindowInDays": "pendingWindowInDays"}

    def convert(stack: Stack) -> Iterable[Resource]:
        for one in stack.resources:
            if one.type != KEY:
                yield one
            elif kind.startswith("aws-native:"):
                key = _as_type(one, kind, {**_same("arn", "keyId"), **native})
                policy = _document(one.at("policy"))
                yield _with(key, keyPolicy=policy, tags=_native_tags(one))
            else:
                yield _as_type(one, kind, names)

    return convert


def _native_log_groups(stack: Stack) -> Iterable[Resource]:
    names = {"name": "logGroupName", **_same("arn", "kmsKeyId", "retentionInDays")}
    for one in stack.resources:
        if one.type == LOG_GROUP:
            group = _as_type(one, _OTHER[LOG_GROUP], names)
            yield _with(group, tags=_native_tags(one))
        else:
            yield one


# Security groups ----------------------------------------------------------------------------------

_PEERS: Final = {
    "cidrIpv4": "cidrBlocks",
    "cidrIpv6": "ipv6CidrBlocks",
    "prefixListId": "prefixListIds",
    "referencedSecurityGroupId": "securityGroups",
}
_PORTS: Final = _same("fromPort", "toPort", "description")


def _rules_of(stack: Stack, group: Resource, kind: str) -> list[Resource]:
    return [
        one for one in stack.of(kind) if group.urn in one.dependencies.get("securityGroupId", ())
    ]


def _inline_entry(rule: Resource) -> dict[str, Value]:
    entry = {name: rule.at(name) for name in _PORTS}
    entry["protocol"] = rule.at("ipProtocol")
    peers = {other: [rule.at(name)] for name, other in _PEERS.items() if rule.at(name) is not None}
    return {name: value for name, value in {**entry, **peers}.items() if value is not None}


def _native_entry(rule: Resource) -> dict[str, Value]:
    names = _native_names(rule.type)
    return {names[name]: value for name, value in rule.props.items() if name in names}


def _native_names(kind: str) -> dict[str, str]:
    end = "source" if kind == INGRESS else "destination"
    return {
        "cidrIpv4": "cidrIp",
        "cidrIpv6": "cidrIpv6",
        "prefixListId": f"{end}PrefixListId",
        "referencedSecurityGroupId": f"{end}SecurityGroupId",
        **_PORTS,
        "ipProtocol": "ipProtocol",
    }


def _with_rules(
    stack: Stack, group: Resource, kind: str, name: str, entry: Callable[[Resource], Value]
) -> Resource:
    """The group, saying itself what rules of its own said."""
    rules = _rules_of(stack, group, kind)
    if not rules:
        return group
    urns = [
        urn
        for rule in rules
        for property_name, found in rule.dependencies.items()
        if property_name != "securityGroupId"
        for urn in found
    ]
    return replace(
        _with(group, **{name: [entry(rule) for rule in rules]}),
        dependencies={**group.dependencies, **({name: tuple(urns)} if urns else {})},
    )


def _inline_rules(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type == GROUP:
            group = _with_rules(stack, one, INGRESS, "ingress", _inline_entry)
            yield _with_rules(stack, group, EGRESS, "egress", _inline_entry)
        elif one.type not in {INGRESS, EGRESS}:
            yield one


def _rules_of_one_type(stack: Stack) -> Iterable[Resource]:
    names = {
        **_PEERS,
        **_PORTS,
        "referencedSecurityGroupId": "sourceSecurityGroupId",
        "ipProtocol": "protocol",
        "securityGroupId": "securityGroupId",
    }
    for one in stack.resources:
        if one.type not in {INGRESS, EGRESS}:
            yield one
            continue
        kind = "ingress" if one.type == INGRESS else "egress"
        suffix = f"-{kind}"
        rule = _as_type(one, "aws:ec2/securityGroupRule:SecurityGroupRule", names, suffix=suffix)
        lists = {
            name: [value]
            for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds")
            if (value := rule.at(name)) is not None
        }
        yield _with(rule, type=kind, **lists)


# CloudFormation opens a group without egress rules, pulumi-aws closes it.
_NOWHERE: Final = {"cidrIp": "127.0.0.1/32", "ipProtocol": "-1", "description": "nowhere"}


def _native_group(one: Resource) -> Resource:
    names = {"name": "groupName", "description": "groupDescription", **_same("vpcId")}
    group = _as_type(one, _OTHER[GROUP], {**names, "id": "groupId"})
    return _with(group, tags=_native_tags(one), securityGroupEgress=[dict(_NOWHERE)])


def _native_groups(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type == GROUP:
            group = _native_group(one)
            ruled = _with_rules(stack, one, INGRESS, "securityGroupIngress", _native_entry)
            ruled = _with_rules(stack, ruled, EGRESS, "securityGroupEgress", _native_entry)
            names = ("securityGroupIngress", "securityGroupEgress")
            yield replace(
                _with(group, **{n: ruled.at(n) for n in names if ruled.at(n) is not None}),
                dependencies={
                    **group.dependencies,
                    **{n: ruled.dependencies[n] for n in names if n in ruled.dependencies},
                },
            )
        elif one.type not in {INGRESS, EGRESS}:
            yield one


def _native_rules(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type == GROUP:
            yield _native_group(one)
        elif one.type in {INGRESS, EGRESS}:
            end = "Ingress" if one.type == INGRESS else "Egress"
            names = {**_native_names(one.type), "securityGroupId": "groupId"}
            yield _as_type(one, f"aws-native:ec2:SecurityGroup{end}", names)
        else:
            yield one


# VPC endpoints and what they are in ---------------------------------------------------------------


def _endpoint_policies_apart(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type != ENDPOINT:
            yield one
            continue
        yield _with(one, policy=None)
        if one.at("policy") is not None:
            kind = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
            policy = _as_type(one, kind, _same("policy"))
            yield replace(
                _with(policy, vpcEndpointId=one.at("id") or UNKNOWN),
                dependencies={**policy.dependencies, "vpcEndpointId": (one.urn,)},
            )


def _endpoint_associations(stack: Stack) -> Iterable[Resource]:
    """Subnets, groups and route tables of an endpoint, each by a resource of its own."""
    kinds = {
        "subnetIds": (
            "subnetId",
            "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
        ),
        "routeTableIds": (
            "routeTableId",
            "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        ),
    }
    for one in stack.resources:
        if one.type != ENDPOINT:
            yield one
            continue
        kept = {name: urns for name, urns in one.dependencies.items() if name not in kinds}
        yield replace(_with(one, **dict.fromkeys(kinds)), dependencies=kept)
        for listed, (name, kind) in kinds.items():
            urns = one.dependencies.get(listed, ())
            values = one.at(listed)
            for index, urn in enumerate(urns):
                association = _as_type(one, kind, {}, suffix=f"-{index}")
                value = values[index] if isinstance(values, Sequence) else UNKNOWN
                by_urn = {found.urn: found.at("id") for found in stack.resources}
                yield replace(
                    _with(
                        association,
                        vpcEndpointId=one.at("id") or UNKNOWN,
                        **{name: by_urn.get(urn) or value},
                    ),
                    dependencies={"vpcEndpointId": (one.urn,), name: (urn,)},
                )


def _native_endpoints(stack: Stack) -> Iterable[Resource]:
    names = {
        "policy": "policyDocument",
        "id": "awsId",
        **_same("dnsEntries", "privateDnsEnabled", "routeTableIds", "securityGroupIds"),
        **_same("serviceName", "subnetIds", "vpcEndpointType", "vpcId"),
    }
    for one in stack.resources:
        if one.type == ENDPOINT:
            endpoint = _as_type(one, _OTHER[ENDPOINT], names)
            policy = _document(one.at("policy"))
            yield _with(endpoint, policyDocument=policy, tags=_native_tags(one))
        else:
            yield one


_NATIVE_NETWORK: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    VPC: (
        _OTHER[VPC],
        {"id": "vpcId", **_same("cidrBlock", "enableDnsHostnames", "enableDnsSupport")},
    ),
    SUBNET: (
        _OTHER[SUBNET],
        {
            "id": "subnetId",
            **_same("availabilityZone", "availabilityZoneId", "cidrBlock", "mapPublicIpOnLaunch"),
            **_same("vpcId"),
        },
    ),
    ROUTE_TABLE: (_OTHER[ROUTE_TABLE], {"id": "routeTableId", **_same("vpcId")}),
    ROUTE: (
        "aws-native:ec2:Route",
        {
            "destinationIpv6CidrBlock": "destinationIpv6CidrBlock",
            **_same("destinationCidrBlock", "gatewayId", "natGatewayId", "routeTableId"),
            "transitGatewayId": "transitGatewayId",
        },
    ),
    ASSOCIATION: (
        "aws-native:ec2:SubnetRouteTableAssociation",
        _same("routeTableId", "subnetId"),
    ),
    INTERNET_GATEWAY: (_OTHER[INTERNET_GATEWAY], {"id": "internetGatewayId"}),
    NAT_GATEWAY: (
        _OTHER[NAT_GATEWAY],
        {"id": "natGatewayId", **_same("allocationId", "subnetId")},
    ),
}


def _native_network(stack: Stack) -> Iterable[Resource]:
    for one in stack.resources:
        if one.type in _NATIVE_NETWORK:
            kind, names = _NATIVE_NETWORK[one.type]
            tags = _native_tags(one)
            yield _with(_as_type(one, kind, names), tags=tags)
            if one.type == INTERNET_GATEWAY:
                attachment = _as_type(one, "aws-native:ec2:VpcGatewayAttachment", _same("vpcId"))
                yield replace(
                    _with(attachment, internetGatewayId=one.at("id") or UNKNOWN),
                    dependencies={**attachment.dependencies, "internetGatewayId": (one.urn,)},
                )
        else:
            yield one


_ROTATION: Final = frozenset({"enableKeyRotation", "rotationPeriodInDays"})
_OTHER_KEYS: Final = {
    "aws:kms/replicaKey:ReplicaKey": _ROTATION,
    "aws:kms/externalKey:ExternalKey": _ROTATION,
    "aws:kms/replicaExternalKey:ReplicaExternalKey": _ROTATION,
    "aws-native:kms:ReplicaKey": _ROTATION | {"bypassPolicyLockoutSafetyCheck"},
}

FORMS: Final = (
    Form("runtimes of aws", frozenset({RUNTIME, RUNTIME_ENDPOINT}), _aws_runtimes),
    Form(
        "policies inline in roles",
        frozenset({ROLE, ROLE_POLICY}),
        _inline_policies,
        gathers=frozenset({ROLE_POLICY}),
    ),
    Form(
        "attached managed policies",
        frozenset({ROLE_POLICY}),
        _attached("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
        gathers=frozenset({ROLE_POLICY}),
    ),
    Form(
        "managed policies attached to many",
        frozenset({ROLE_POLICY}),
        _attached("aws:iam/policyAttachment:PolicyAttachment"),
        gathers=frozenset({ROLE_POLICY}),
    ),
    Form(
        "roles of aws-native",
        frozenset({ROLE, ROLE_POLICY}),
        _native_roles,
        gathers=frozenset({ROLE_POLICY}),
    ),
    Form("role policies of aws-native", frozenset({ROLE, ROLE_POLICY}), _native_role_policies),
    Form(
        "managed policies of aws-native",
        frozenset({ROLE, ROLE_POLICY}),
        _native_managed_policies,
        gathers=frozenset({ROLE_POLICY}),
    ),
    Form(
        "repositories of aws-native",
        frozenset({REPOSITORY, LIFECYCLE_POLICY, REPOSITORY_POLICY}),
        _native_repositories,
    ),
    Form("key policies apart", frozenset({KEY}), _key_policies_apart),
    Form("keys of aws-native", frozenset({KEY}), _native_keys),
    *(
        Form(f"keys that are {kind.rpartition(':')[2]}", frozenset({KEY}), _keys_of(kind), lost)
        for kind, lost in _OTHER_KEYS.items()
    ),
    Form("log groups of aws-native", frozenset({LOG_GROUP}), _native_log_groups),
    Form("rules inline in groups", frozenset({GROUP, INGRESS, EGRESS}), _inline_rules),
    Form("rules of one type", frozenset({INGRESS, EGRESS}), _rules_of_one_type),
    Form("groups of aws-native", frozenset({GROUP, INGRESS, EGRESS}), _native_groups),
    Form("group rules of aws-native", frozenset({GROUP, INGRESS, EGRESS}), _native_rules),
    Form("endpoint policies apart", frozenset({ENDPOINT}), _endpoint_policies_apart),
    Form("endpoints joined apart", frozenset({ENDPOINT}), _endpoint_associations),
    Form("endpoints of aws-native", frozenset({ENDPOINT}), _native_endpoints),
    Form("networks of aws-native", frozenset(_NATIVE_NETWORK), _native_network),
)
"""All of them; each leaves the rest of a graph as the program has it."""
