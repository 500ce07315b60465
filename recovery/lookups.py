"""How to find on AWS what a resource of the state or of a plan would be: a look-up for each type.

A look-up takes a resource's inputs as the provider checked them, and answers the things AWS has
under that name, or with that identity tag where the thing has no name. It changes nothing. The ids
are those that the providers import: the Import section of each resource's page in the registry.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from botocore.exceptions import ClientError

IDENTITY_TAG: Final = "PulumiUrn"
"""The tag by which the program marks what has no physical name; its value names stack and URN."""

_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that a preview cannot know (the engine's plugin.UnknownStringValue)."""

Client: TypeAlias = Any
"""A boto3 client."""
Clients: TypeAlias = Callable[[str], Client]
"""A boto3 client of a service, in the resource's account and region."""


class NotMadeYetError(Exception):
    """The look-up needs what only another resource's creation tells, so the thing cannot exist."""


class CannotTellError(Exception):
    """Nothing tells the resource's things from others'; the message says why, and the way out."""


class Inputs:
    """The inputs of a resource, of which a look-up needs some to be known."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, default: str | None = None) -> str:
        """A property's value.

        Raises:
            NotMadeYetError: it is not known yet.
            CannotTellError: it is a secret, which the state holds encrypted.
        """
        value = self._values.get(name, default)
        if isinstance(value, Mapping):
            raise CannotTellError(f"its {name} is a secret, so it cannot be looked for by it")
        if not isinstance(value, str) or value == _UNKNOWN:
            raise NotMadeYetError
        return value

    def number(self, name: str) -> int | None:
        """A number, where it is given."""
        value = self._values.get(name)
        return int(value) if isinstance(value, int | float) else None

    @property
    def region(self) -> str | None:
        """The resource's own region, where it has one."""
        region: object = self._values.get("region")
        return region if isinstance(region, str) else None

    @property
    def tags(self) -> dict[str, str]:
        """Every tag the thing is made with, those of the provider included."""
        tags: dict[str, str] = self._values.get("tagsAll") or self._values.get("tags") or {}
        return {key: value for key, value in tags.items() if not key.startswith("__")}


@dataclass(frozen=True)
class Owner:
    """The thing another one belongs to."""

    type: str
    id: str


@dataclass(frozen=True)
class Thing:
    """A thing AWS has.

    Attributes:
        id: as the provider imports it.
        tags: what it carries; None where the type has no tags.
        owner: what it belongs to, for things that are part of another.
        busy: whether the service is still working on it.
        broken: whether its creation failed half-way.
        created: when it was made, where a name does not tell it from others.
    """

    id: str
    tags: Mapping[str, str] | None = None
    owner: Owner | None = None
    created: datetime | None = None
    busy: bool = False
    broken: bool = False


@dataclass(frozen=True)
class Lookup:
    """How the things of one type are found.

    Attributes:
        find: the things that have the name or the identity tag, the newest first.
        named: whether AWS allows one thing of the name only; others are told by the identity tag.
        cloud_control: the type's name in Cloud Control, where requests outlive their caller.
        remove: the command by which a person removes a thing.
    """

    find: Callable[[Clients, Inputs], Iterator[Thing]]
    named: bool = True
    cloud_control: str | None = None
    remove: str = ""


REPOSITORY: Final = "aws:ecr/repository:Repository"
ROLE: Final = "aws:iam/role:Role"
KEY: Final = "aws:kms/key:Key"
SUBNET: Final = "aws:ec2/subnet:Subnet"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"


def says(error: ClientError, *codes: str) -> bool:
    """Whether the error has one of these codes."""
    return error.response.get("Error", {}).get("Code") in codes


def _answer(call: Callable[..., Any], *gone: str, **parameters: Any) -> Any | None:
    try:
        return call(**parameters)
    except ClientError as error:
        if says(error, *gone):
            return None
        raise


def _tag_map(tags: list[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag[value] for tag in tags}


def _repository(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    ecr, name = clients("ecr"), inputs.text("name")
    found = _answer(
        ecr.describe_repositories, "RepositoryNotFoundException", repositoryNames=[name]
    )
    for repository in found["repositories"] if found else ():
        tags = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
        yield Thing(name, _tag_map(tags))


def _lifecycle_policy(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    name = inputs.text("repository")
    gone = ("LifecyclePolicyNotFoundException", "RepositoryNotFoundException")
    if _answer(clients("ecr").get_lifecycle_policy, *gone, repositoryName=name):
        yield Thing(name, owner=Owner(REPOSITORY, name))


def _repository_policy(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    name = inputs.text("repository")
    gone = ("RepositoryPolicyNotFoundException", "RepositoryNotFoundException")
    if _answer(clients("ecr").get_repository_policy, *gone, repositoryName=name):
        yield Thing(name, owner=Owner(REPOSITORY, name))


def _role(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    name = inputs.text("name")
    found = _answer(clients("iam").get_role, "NoSuchEntity", RoleName=name)
    if found:
        yield Thing(name, _tag_map(found["Role"].get("Tags", [])))


def _role_policy(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    role, name = inputs.text("role"), inputs.text("name")
    get = clients("iam").get_role_policy
    if _answer(get, "NoSuchEntity", RoleName=role, PolicyName=name):
        yield Thing(f"{role}:{name}", owner=Owner(ROLE, role))


def _role_policy_attachment(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    role, arn = inputs.text("role"), inputs.text("policyArn")
    pages = clients("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
    try:
        attached = {policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]}
    except ClientError as error:
        if not says(error, "NoSuchEntity"):
            raise
        return
    if arn in attached:
        yield Thing(f"{role}/{arn}", owner=Owner(ROLE, role))


def _policy(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    name, path = inputs.text("name"), inputs.text("path", "/")
    caller = clients("sts").get_caller_identity()
    partition = caller["Arn"].split(":")[1]
    arn = f"arn:{partition}:iam::{caller['Account']}:policy{path}{name}"
    iam = clients("iam")
    if _answer(iam.get_policy, "NoSuchEntity", PolicyArn=arn):
        yield Thing(arn, _tag_map(iam.list_policy_tags(PolicyArn=arn)["Tags"]))


def _identity(inputs: Inputs) -> str:
    identity = inputs.tags.get(IDENTITY_TAG)
    if identity is None:
        raise CannotTellError(
            f"it has no tag {IDENTITY_TAG}, so nothing tells its things from others'. List them "
            "with the AWS CLI and decide by hand: docs/runbooks/interrupted-deployment.md"
        )
    return identity


def _key(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    """Every key with the identity tag, the newest first; a key on its way out does not count."""
    identity = _identity(inputs)
    kms = clients("kms")
    found: list[tuple[datetime, Thing]] = []
    keys, withheld = 0, 0
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            keys += 1
            try:
                tags = _key_tags(kms, key["KeyId"])
            except ClientError as error:
                if not says(error, "AccessDeniedException"):
                    raise
                withheld += 1
                continue
            if tags.get(IDENTITY_TAG) != identity:
                continue
            metadata = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
            if metadata["KeyState"] not in ("PendingDeletion", "PendingReplicaDeletion"):
                created = metadata["CreationDate"]
                found.append((created, Thing(key["KeyId"], tags, created=created)))
    if withheld and withheld == keys:
        raise CannotTellError("no key's tags can be read: kms:ListResourceTags is needed")
    yield from (thing for _, thing in sorted(found, key=lambda item: item[0], reverse=True))


def _key_tags(kms: Client, key_id: str) -> dict[str, str]:
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
    return _tag_map([tag for page in pages for tag in page["Tags"]], "TagKey", "TagValue")


def _alias(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    name = inputs.text("name")
    for page in clients("kms").get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == name:
                yield Thing(name, owner=Owner(KEY, alias.get("TargetKeyId", "")))


def _vpc_endpoint(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    """Every endpoint with the identity tag, the newest first; a deleted one does not count."""
    tagged = [{"Name": f"tag:{IDENTITY_TAG}", "Values": [_identity(inputs)]}]
    pages = clients("ec2").get_paginator("describe_vpc_endpoints").paginate(Filters=tagged)
    found = [endpoint for page in pages for endpoint in page["VpcEndpoints"]]
    for endpoint in sorted(found, key=lambda one: one["CreationTimestamp"], reverse=True):
        state = endpoint["State"].lower()
        if state not in ("deleting", "deleted"):
            yield Thing(
                endpoint["VpcEndpointId"],
                _tag_map(endpoint["Tags"]),
                created=endpoint["CreationTimestamp"],
                busy=state == "pending",
                broken=state == "failed",
            )


def _flow_log(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    """Every flow log with the identity tag, the newest first."""
    tagged = [{"Name": f"tag:{IDENTITY_TAG}", "Values": [_identity(inputs)]}]
    pages = clients("ec2").get_paginator("describe_flow_logs").paginate(Filters=tagged)
    found = [flow_log for page in pages for flow_log in page["FlowLogs"]]
    for flow_log in sorted(found, key=lambda one: one["CreationTime"], reverse=True):
        tags = _tag_map(flow_log["Tags"])
        yield Thing(flow_log["FlowLogId"], tags, created=flow_log["CreationTime"])


def _tagged(
    describe: str,
    field: str,
    identifier: str,
) -> Callable[[Clients, Inputs], Iterator[Thing]]:
    """Finds EC2's things with the identity tag, of which EC2 does not tell when they were made."""

    def find_tagged(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
        tagged = [{"Name": f"tag:{IDENTITY_TAG}", "Values": [_identity(inputs)]}]
        for one in _described(clients("ec2"), describe, field, tagged):
            yield Thing(one[identifier], _tag_map(one["Tags"]))

    return find_tagged


def _described(
    ec2: Client, describe: str, field: str, filters: list[dict[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    if ec2.can_paginate(describe):
        for page in ec2.get_paginator(describe).paginate(Filters=filters):
            yield from page[field]
    else:
        yield from getattr(ec2, describe)(Filters=filters)[field]


def _nat_gateway(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    """Every NAT gateway with the identity tag, the newest first; a deleted one does not count."""
    tagged = [{"Name": f"tag:{IDENTITY_TAG}", "Values": [_identity(inputs)]}]
    found = list(_described(clients("ec2"), "describe_nat_gateways", "NatGateways", tagged))
    for gateway in sorted(found, key=lambda one: one["CreateTime"], reverse=True):
        if gateway["State"] not in ("deleting", "deleted"):
            yield Thing(
                gateway["NatGatewayId"],
                _tag_map(gateway["Tags"]),
                created=gateway["CreateTime"],
                busy=gateway["State"] == "pending",
                broken=gateway["State"] == "failed",
            )


def _route_table_association(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    """The subnet's association: it has one, whatever the route table is."""
    subnet = inputs.text("subnetId")
    of_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
    tables = _described(clients("ec2"), "describe_route_tables", "RouteTables", of_subnet)
    for table in tables:
        yield Thing(f"{subnet}/{table['RouteTableId']}", owner=Owner(SUBNET, subnet))


def _route(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    """The table's route to the destination: it has one, wherever it leads."""
    table = inputs.text("routeTableId")
    wanted = inputs.text("destinationCidrBlock", "") or inputs.text("destinationPrefixListId")
    by_id = [{"Name": "route-table-id", "Values": [table]}]
    for one in _described(clients("ec2"), "describe_route_tables", "RouteTables", by_id):
        for route in one["Routes"]:
            if wanted in (route.get("DestinationCidrBlock"), route.get("DestinationPrefixListId")):
                yield Thing(f"{table}_{wanted}", owner=Owner(ROUTE_TABLE, table))


def _rule(*, egress: bool) -> Callable[[Clients, Inputs], Iterator[Thing]]:
    """Finds the rule with the identity tag, or one without tags that says what it would say.

    A rule gets its tags after it was made, and a group has one rule of a kind only.
    """

    def find_rule(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
        identity, group = _identity(inputs), inputs.text("securityGroupId")
        of_group = [{"Name": "group-id", "Values": [group]}]
        untagged: list[Thing] = []
        for rule in _described(
            clients("ec2"), "describe_security_group_rules", "SecurityGroupRules", of_group
        ):
            if rule["IsEgress"] is not egress:
                continue
            name, tags = rule["SecurityGroupRuleId"], _tag_map(rule.get("Tags", []))
            if tags.get(IDENTITY_TAG) == identity:
                yield Thing(name, tags)
            elif not tags and _says_the_same(rule, inputs):
                untagged.append(Thing(name, tags, owner=Owner(SECURITY_GROUP, group)))
        yield from untagged

    return find_rule


def _says_the_same(rule: Mapping[str, Any], inputs: Inputs) -> bool:
    ports = {
        name: None if rule.get(field) == -1 else rule.get(field)
        for name, field in (("fromPort", "FromPort"), ("toPort", "ToPort"))
    }
    sources = {
        "cidrIpv4": rule.get("CidrIpv4"),
        "prefixListId": rule.get("PrefixListId"),
        "referencedSecurityGroupId": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
    }
    return (
        rule["IpProtocol"] == inputs.text("ipProtocol", "")
        and all(inputs.number(name) == port for name, port in ports.items())
        and all(inputs.text(name, "") == (source or "") for name, source in sources.items())
    )


def _log_group(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    logs, name = clients("logs"), inputs.text("name")
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    for group in (group for page in pages for group in page["logGroups"]):
        if group["logGroupName"] == name:
            arn = group["arn"].removesuffix(":*")
            yield Thing(name, logs.list_tags_for_resource(resourceArn=arn).get("tags", {}))


def _runtime(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    control, name = clients("bedrock-agentcore-control"), inputs.text("agentRuntimeName")
    for page in control.get_paginator("list_agent_runtimes").paginate():
        for runtime in page["agentRuntimes"]:
            if runtime["agentRuntimeName"] == name:
                tags = _answer(
                    control.list_tags_for_resource,
                    "ResourceNotFoundException",
                    resourceArn=runtime["agentRuntimeArn"],
                )
                status = runtime["status"]
                yield Thing(
                    runtime["agentRuntimeId"],
                    tags["tags"] if tags else {},
                    busy=status.endswith("ING"),
                    broken=status == "CREATE_FAILED",
                )


def _runtime_endpoint(clients: Clients, inputs: Inputs) -> Iterator[Thing]:
    runtime, name = inputs.text("agentRuntimeId"), inputs.text("name")
    endpoint = _answer(
        clients("bedrock-agentcore-control").get_agent_runtime_endpoint,
        "ResourceNotFoundException",
        agentRuntimeId=runtime,
        endpointName=name,
    )
    if endpoint:
        status = endpoint["status"]
        yield Thing(
            endpoint["agentRuntimeEndpointArn"],
            owner=Owner(RUNTIME, runtime),
            busy=status.endswith("ING"),
            broken=status == "CREATE_FAILED",
        )


LOOKUPS: Final[Mapping[str, Lookup]] = {
    REPOSITORY: Lookup(_repository),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Lookup(_lifecycle_policy),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Lookup(_repository_policy),
    ROLE: Lookup(_role),
    "aws:iam/rolePolicy:RolePolicy": Lookup(_role_policy),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Lookup(_role_policy_attachment),
    "aws:iam/policy:Policy": Lookup(_policy),
    KEY: Lookup(
        _key,
        named=False,
        remove="aws kms schedule-key-deletion --pending-window-in-days 30 --key-id {id}",
    ),
    "aws:kms/alias:Alias": Lookup(_alias),
    "aws:ec2/vpc:Vpc": Lookup(
        _tagged("describe_vpcs", "Vpcs", "VpcId"),
        named=False,
        remove="aws ec2 delete-vpc --vpc-id {id}",
    ),
    SUBNET: Lookup(
        _tagged("describe_subnets", "Subnets", "SubnetId"),
        named=False,
        remove="aws ec2 delete-subnet --subnet-id {id}",
    ),
    "aws:ec2/internetGateway:InternetGateway": Lookup(
        _tagged("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        named=False,
        remove="aws ec2 delete-internet-gateway --internet-gateway-id {id}",
    ),
    "aws:ec2/eip:Eip": Lookup(
        _tagged("describe_addresses", "Addresses", "AllocationId"),
        named=False,
        remove="aws ec2 release-address --allocation-id {id}",
    ),
    "aws:ec2/natGateway:NatGateway": Lookup(
        _nat_gateway,
        named=False,
        remove="aws ec2 delete-nat-gateway --nat-gateway-id {id}",
    ),
    ROUTE_TABLE: Lookup(
        _tagged("describe_route_tables", "RouteTables", "RouteTableId"),
        named=False,
        remove="aws ec2 delete-route-table --route-table-id {id}",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Lookup(_route_table_association),
    "aws:ec2/route:Route": Lookup(_route),
    # A group keeps its tag where a new name or description makes no other group of it.
    SECURITY_GROUP: Lookup(
        _tagged("describe_security_groups", "SecurityGroups", "GroupId"),
        named=False,
        remove="aws ec2 delete-security-group --group-id {id}",
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Lookup(
        _tagged("describe_security_groups", "SecurityGroups", "GroupId"),
        named=False,
        # The group goes with its VPC only.
        remove=f"aws ec2 delete-tags --tags Key={IDENTITY_TAG} --resources {{id}}",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Lookup(
        _rule(egress=False),
        named=False,
        remove="aws ec2 revoke-security-group-ingress --group-id <its group> "
        "--security-group-rule-ids {id}",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Lookup(
        _rule(egress=True),
        named=False,
        remove="aws ec2 revoke-security-group-egress --group-id <its group> "
        "--security-group-rule-ids {id}",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Lookup(
        _vpc_endpoint,
        named=False,
        remove="aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {id}",
    ),
    "aws:ec2/flowLog:FlowLog": Lookup(
        _flow_log, named=False, remove="aws ec2 delete-flow-logs --flow-log-ids {id}"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Lookup(_log_group),
    RUNTIME: Lookup(_runtime, cloud_control="AWS::BedrockAgentCore::Runtime"),
    "aws-native:bedrockagentcore:RuntimeEndpoint": Lookup(
        _runtime_endpoint, cloud_control="AWS::BedrockAgentCore::RuntimeEndpoint"
    ),
}


def find(lookup: Lookup, inputs: Inputs, clients: Clients) -> list[Thing]:
    """The things AWS has, the newest first; none while they cannot exist yet.

    Raises:
        CannotTellError: a person has to look.
        botocore.exceptions.ClientError: AWS refuses to answer.
    """
    try:
        return list(lookup.find(clients, inputs))
    except NotMadeYetError:
        return []
