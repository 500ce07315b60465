"""VPC endpoints: who may do what through them, and that a runtime finds all it needs."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import (
    RUNTIMES,
    SUBNETS,
    at_path,
    elements,
    is_hidden,
    switch,
)
from agentcore_policies.credentials import shown
from agentcore_policies.granted_services import ROLES, GrantedServices
from agentcore_policies.iam_actions import reaches
from agentcore_policies.iam_document import Document, Statement, read
from agentcore_policies.iam_wildcards import SECTION, matches, overlap
from agentcore_policies.links import is_computed
from agentcore_policies.model import Resource, Stack, Value, at
from agentcore_policies.network import (
    SUBNET_ASSOCIATION,
    VPC_ENDPOINTS,
    Endpoint,
    StackNetwork,
    kind_of,
    network_of,
    service_of,
)
from agentcore_policies.network import SUBNETS as SUBNET_TYPES
from agentcore_policies.resource_policy import names_callers
from agentcore_policies.rule import Context, Finding, Judged, NotChecked, Reference, Rule, Setting

_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
_PRIVATE_DNS: Final = "aws:vpc/endpointPrivateDns:EndpointPrivateDns"
# Gateway Load Balancer endpoints and the like take no policy.
_WITH_POLICY: Final = ("Interface", "Gateway")

_VERSION_OF_AWS: Final = "2008-10-17"

_CALLER_KEYS: Final = ("aws:principal", "aws:sourceaccount", "aws:userid")
_LAYERS: Final = "prod-{region}-starport-layer-bucket"
_GET_OBJECT: Final = "s3:GetObject"
# Buckets are anybody's who is first, so that what is not a region's is not AWS's.
_SOME_REGION: Final = "[a-z]{2}(?:-[a-z]+)+-[0-9]"
_RUNTIMES_OF_AN_ACCOUNT: Final = re.compile(
    r"arn:[a-z*-]+:bedrock-agentcore:[a-z0-9*-]+:[0-9]{12}:runtime/.+"
)
# AgentCore developer guide, vpc-interface-endpoints: callers with a JWT are no IAM principals.
_BY_JWT: Final = (
    "bedrock-agentcore:InvokeAgentRuntime",
    "bedrock-agentcore:GetRuntimeProtectedResourceMetadata",
)

# AgentCore developer guide, agentcore-vpc: what a runtime needs without a way out.
_ALWAYS: Final = ("logs", "s3")
_FOR_CONTAINERS: Final = ("ecr.api", "ecr.dkr")
_AGENT_SERVICES: Final = (
    *("bedrock-agentcore", "bedrock-agentcore-control", "bedrock-agentcore.gateway"),
    *("bedrock-runtime", "ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager"),
    *("ssm", "sts", "xray"),
)


def _document(resource: Resource) -> tuple[str, Document]:
    path = "policyDocument" if resource.type == "aws-native:ec2:VpcEndpoint" else "policy"
    return path, read(resource.at(path), path, "trust")


def _policy_present(stack: Stack, context: Context) -> Judged:
    without = cast("Sequence[str]", context.settings["servicesWithoutPolicy"])
    network = network_of(stack)
    apart = [
        network.links.of(policy, VPC_ENDPOINTS, "vpcEndpointId")
        for policy in stack.of(_POLICY)
        if not _is_nothing(policy, "policy")
    ]
    replaced = {endpoint.urn for linked in apart for endpoint in linked.found}
    for endpoint in network.endpoints:
        resource = endpoint.resource
        path, _ = _document(resource)
        if endpoint.service in without or resource.urn in replaced:
            continue
        if endpoint.kind is None:
            yield NotChecked(path="vpcEndpointType", urn=resource.urn)
        elif endpoint.kind not in _WITH_POLICY or not _is_left_to_aws(resource, path):
            continue
        elif not all(linked.is_whole for linked in apart):
            yield NotChecked(path=path, urn=resource.urn)
        else:
            yield Finding(
                path=path,
                message="it is not given, and AWS's own lets everybody do everything through the "
                "endpoint. Give one that names callers.",
                urn=resource.urn,
            )


def _is_nothing(resource: Resource, path: str) -> bool:
    """Whether no document is given; before deployment AWS's own is unknown."""
    return resource.at(path) in (None, "", {}) or is_computed(resource, path)


def _is_left_to_aws(endpoint: Resource, path: str) -> bool:
    """Whether there is none but what AWS gives an endpoint without one; its version is old."""
    if _is_nothing(endpoint, path):
        return True
    given = endpoint.at(path)
    version = at(given, "Version") if isinstance(given, Mapping) else given
    statements = read(given, path, "trust").statements
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return (
        isinstance(version, str)
        and _VERSION_OF_AWS in version
        and [statement.elements for statement in statements] == [everything]
    )


def _policy_open(resource: Resource, _context: Context) -> Judged:
    path, document = _document(resource)
    if resource.type == _POLICY and resource.at(path) in (None, "", {}):
        yield Finding(
            path=path, message="it is not given, and AWS's own lets everybody do everything."
        )
        return
    for unknown in document.unknown:
        yield NotChecked(path=unknown)
    service = service_of(resource)
    for statement in document.statements:
        if statement.effect != "Deny":
            region = service["region"] if service else _SOME_REGION
            yield from _open_statement(statement, region)


def _open_statement(statement: Statement, region: str) -> Judged:
    if statement.elements.get("NotPrincipal") is not None:
        yield Finding(
            path=f"{statement.path}.NotPrincipal",
            message="everybody but those it names is allowed. Name those who are, in Principal.",
        )
        return
    everybody = None
    for _, names in statement.principals():
        if any("*" in name and not name.startswith("arn:") for name in names.known) or any(
            matches(name, "arn:aws:iam::000000000000:role/any")
            or matches(name, "arn:aws:iam::000000000000:root")
            for name in names.known
        ):
            everybody = names.path
        elif not names.is_whole:
            yield NotChecked(path=names.path)
    if everybody is None or _is_exception(statement, region):
        return
    if any(map(names_callers, statement.conditions)):
        return
    hidden = [*statement.hidden_conditions, *_hidden_bounds(statement)]
    if hidden:
        yield NotChecked(path=hidden[0])
        return
    yield Finding(
        path=everybody,
        message="everybody is allowed, and no condition says who: aws:PrincipalAccount, "
        "aws:PrincipalOrgID or aws:PrincipalArn by StringEquals, ArnEquals or the like. Name "
        "principals, or add such a condition.",
    )


def _hidden_bounds(statement: Statement) -> Sequence[str]:
    return [
        condition.path
        for condition in statement.conditions
        if condition.key.lower().startswith(_CALLER_KEYS) and not condition.values.is_whole
    ]


def _is_exception(statement: Statement, region: str) -> bool:
    """Whether AWS documents that the statement's callers are nobody that could be named."""
    actions = statement.actions
    resources = statement.resources
    if not (actions.known and actions.is_whole and resources.known and resources.is_whole):
        return False
    if all(action.lower() == _GET_OBJECT.lower() for action in actions.known):
        bucket = _LAYERS.format(region=region)
        layers = re.compile(rf"arn:[a-z*-]+:s3:::{bucket}(?:/.*)?")
        return all(map(layers.fullmatch, resources.known))
    by_jwt = {action.lower() for action in _BY_JWT}
    return all(action.lower() in by_jwt for action in actions.known) and all(
        map(_RUNTIMES_OF_AN_ACCOUNT.fullmatch, resources.known)
    )


def _private_dns(endpoint: Resource, _context: Context) -> Judged:
    path = "privateDnsEnabled"
    if endpoint.type == _PRIVATE_DNS:
        given = switch(endpoint.at(path))
        if is_hidden(given):
            yield NotChecked(path=path)
        elif given is not True:
            yield Finding(
                path=path,
                message=f"it is {shown(given)}, so the SDKs' calls pass the endpoint by and leave "
                "the VPC. Set it to true.",
            )
        return
    kind = kind_of(endpoint)
    given = switch(endpoint.at(path))
    if kind is None or is_hidden(given) or is_hidden(endpoint.at("serviceName")):
        yield NotChecked(path=path if kind else "vpcEndpointType")
        return
    service = service_of(endpoint)
    if kind == "Gateway" and given is True:
        yield Finding(
            path=path,
            message="a gateway endpoint has no private DNS: it is a route, and AWS refuses it. "
            "Remove it.",
        )
    elif kind == "Interface" and service and service["service"] in _AGENT_SERVICES and not given:
        yield Finding(
            path=path,
            message=f"it is {'not given' if given is None else shown(given)}, so the SDKs' calls "
            f"to {service['service']} pass the endpoint by and leave the VPC. Set it to true.",
        )


def _zones(stack: Stack, context: Context) -> Judged:
    least = cast("int", context.settings["minimumSubnets"])
    network = network_of(stack)
    associated: dict[str, int] = {}
    unplaced = False
    for association in stack.of(SUBNET_ASSOCIATION):
        endpoint = network.links.of(association, VPC_ENDPOINTS, "vpcEndpointId")
        unplaced = unplaced or not endpoint.is_whole
        for one in endpoint.found:
            associated[one.urn] = associated.get(one.urn, 0) + 1
    for endpoint in network.endpoints:
        resource = endpoint.resource
        if endpoint.kind is None:
            yield NotChecked(path="vpcEndpointType", urn=resource.urn)
        if endpoint.kind != "Interface" or endpoint.service is None:
            continue
        count = associated.get(resource.urn, 0) + max(
            len(_named(resource.at(name))) for name in ("subnetIds", "subnetConfigurations")
        )
        if count >= least:
            continue
        given = resource.at("subnetIds")
        if unplaced or (is_hidden(given) and not is_computed(resource, "subnetIds")):
            yield NotChecked(path="subnetIds", urn=resource.urn)
            continue
        yield Finding(
            path="subnetIds",
            message=f"the endpoint stands in {count} subnet{'' if count == 1 else 's'}, one a "
            f"zone; {least} are asked for, or the loss of a zone takes {endpoint.service} from "
            "all. Add a subnet of another zone.",
            urn=resource.urn,
        )


def _named(subnets: Value) -> set[str]:
    """The subnets of a list; those that are not known yet are taken for different ones."""
    if is_hidden(subnets):
        return set()
    ids = [one if isinstance(one, str) else at(one, "subnetId") for one in elements(subnets)]
    return {one if isinstance(one, str) else f"unknown {index}" for index, one in enumerate(ids)}


def _complete(stack: Stack, context: Context) -> Judged:
    additional = cast("Sequence[str]", context.settings["services"])
    network = network_of(stack)
    granted = GrantedServices(stack, network.links)
    for runtime in network.runtimes:
        vpc = network.vpc_of_runtime(runtime)
        way_out = network.has_way_out(runtime)
        if way_out:
            continue
        services, is_whole = granted.of(runtime)
        needed = {*_ALWAYS, *additional, *services}
        if at_path(runtime, "agentRuntimeArtifact.codeConfiguration") is None:
            needed |= set(_FOR_CONTAINERS)
        present = [one for one in network.endpoints if vpc is not None and one.vpc is vpc]
        missing = sorted(needed - {one.service for one in present})
        doubtful = (
            vpc is None
            or way_out is None
            or any(is_hidden(one.resource.at("serviceName")) for one in present)
            or any(
                is_hidden(one.resource.at("vpcId")) and one.vpc is None for one in network.endpoints
            )
        )
        if missing and not doubtful:
            yield Finding(
                path=SUBNETS,
                message="the subnets have no way out but VPC endpoints, and the VPC lacks those of "
                f"{', '.join(missing)}. Add them (s3 as a gateway endpoint), or a NAT gateway.",
                urn=runtime.urn,
            )
        elif missing:
            yield NotChecked(path=SUBNETS, urn=runtime.urn)
        if not is_whole:
            yield NotChecked(path="roleArn", urn=runtime.urn)


def _s3_route_tables(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    for runtime in network.runtimes:
        vpc = network.vpc_of_runtime(runtime)
        gateways = [one.resource for one in _s3_gateways(network, vpc)]
        if not gateways:
            continue
        linked = [network.table_associations(gateway) for gateway in gateways]
        tables = {network.table_key(table) for one in linked for table in one.found}
        missing: list[str] = []
        for subnet in network.subnets(runtime).found:
            table = network.table(subnet)
            if table is not None and table in tables:
                continue
            if table is None or not all(one.is_whole for one in linked) or None in tables:
                yield NotChecked(path="routeTableIds", urn=gateways[0].urn)
            else:
                missing.append(subnet.name)
        if missing:
            yield Finding(
                path="routeTableIds",
                message=f"the route tables of the runtime {runtime.name}'s subnets "
                f"{', '.join(missing)} are not among them; image layers come from S3, and the "
                "service brings no path of its own. Add them.",
                urn=gateways[0].urn,
            )


def _s3_gateways(network: StackNetwork, vpc: Resource | None) -> Iterator[Endpoint]:
    for one in network.endpoints:
        if one.service == "s3" and one.kind == "Gateway" and vpc is not None and one.vpc is vpc:
            yield one


def _policies(stack: Stack, network: StackNetwork, endpoint: Endpoint) -> Iterator[Resource]:
    """What says an endpoint's policy: the endpoint, or what replaces its policy."""
    replaced = [
        policy
        for policy in stack.of(_POLICY)
        if network.links.of(policy, VPC_ENDPOINTS, "vpcEndpointId").one is endpoint.resource
    ]
    yield from replaced or [endpoint.resource]


def _s3_layers(stack: Stack, _context: Context) -> Judged:
    network = network_of(stack)
    gateways = {
        endpoint.resource.urn: endpoint
        for runtime in network.runtimes
        if at_path(runtime, "agentRuntimeArtifact.codeConfiguration") is None
        for endpoint in _s3_gateways(network, network.vpc_of_runtime(runtime))
    }
    for endpoint in gateways.values():
        for said in _policies(stack, network, endpoint):
            yield from _lets_layers_through(said, endpoint.region)


def _lets_layers_through(said: Resource, region: str | None) -> Judged:
    path, document = _document(said)
    if said.at(path) in (None, "", {}) or is_computed(said, path):
        return  # AWS's own lets everything through, which is a finding of another rule
    if document.unknown:
        yield NotChecked(path=document.unknown[0], urn=said.urn)
        return
    bucket = _LAYERS.format(region=region)
    layer = f":s3:::{bucket}/any"
    about = [one for one in document.statements if not one.conditions and _covers(one, layer)]
    denied = any(statement.effect == "Deny" for statement in about)
    if denied or not about:
        yield Finding(
            path=path,
            message=f"{'a Deny keeps' if denied else 'no statement lets'} everybody "
            f"{'from getting' if denied else 'get'} objects of {bucket} (image layers are fetched "
            f"by signed URLs, in nobody's name), so no container starts. Allow {_GET_OBJECT} on "
            f"arn:aws:s3:::{bucket}/* to Principal *, without a condition.",
            urn=said.urn,
        )


def _covers(statement: Statement, layer: str) -> bool:
    """Whether a statement is about everybody's getting of a layer."""
    everybody = any("*" in names.known for _, names in statement.principals())
    return (
        everybody
        and any(reaches(action, _GET_OBJECT) for action in statement.actions.known)
        and any(
            matches(resource, f"arn:{partition}{layer}")
            for resource in statement.resources.known
            for partition in ("aws", "aws-cn", "aws-us-gov")
        )
    )


def _only_jwt(stack: Stack, _context: Context) -> Judged:
    yield from _of_runtimes(stack, _open_to_all)


def _by_jwt(stack: Stack, _context: Context) -> Judged:
    yield from _of_runtimes(stack, _closed_to_bearers)


def _of_runtimes(
    stack: Stack, judge: Callable[[Resource, Resource, Sequence[Statement], bool], Judged]
) -> Judged:
    """What is said of each runtime, by policies of AgentCore's endpoints.

    It is judged by what lets everybody to the runtime, and by whether it checks JWTs.
    """
    network = network_of(stack)
    runtimes = list(stack.of(*RUNTIMES))
    for endpoint in network.endpoints:
        if endpoint.service != "bedrock-agentcore":
            continue
        for said in _policies(stack, network, endpoint):
            path, document = _document(said)
            if said.at(path) in (None, "", {}) or is_computed(said, path):
                continue
            for unknown in document.unknown:
                yield NotChecked(path=unknown, urn=said.urn)
            if document.unknown:
                continue
            for runtime in runtimes:
                name = runtime.at("agentRuntimeName")
                authorizer = at_path(runtime, "authorizerConfiguration.customJwtAuthorizer")
                if not isinstance(name, str):
                    yield NotChecked(path="agentRuntimeName", urn=runtime.urn)
                elif is_hidden(authorizer):
                    yield NotChecked(path="authorizerConfiguration", urn=runtime.urn)
                else:
                    open_to = _open_to(document, name)
                    yield from judge(runtime, said, open_to, authorizer is not None)


def _open_to(document: Document, name: str) -> Sequence[Statement]:
    """The statements that let everybody do something with the runtime of a name."""
    return [
        statement
        for statement in document.statements
        if statement.effect == "Allow"
        and any("*" in names.known for _, names in statement.principals())
        and not any(map(names_callers, statement.conditions))
        and any(_is_runtime(resource, name) for resource in statement.resources.known)
    ]


def _open_to_all(
    runtime: Resource,
    said: Resource,
    open_to: Sequence[Statement],
    checks_jwt: bool,  # noqa: FBT001
) -> Judged:
    invoked = [one for one in open_to if _allows(one, _BY_JWT[0])]
    if invoked and not checks_jwt:
        yield Finding(
            path=f"{invoked[0].path}.Resource",
            message=f"everybody may invoke the runtime {runtime.name} through the endpoint, "
            "and it checks no JWT: its callers are IAM principals and can be named. Take it "
            "out of this statement, or give it an authorizer.",
            urn=said.urn,
        )


def _closed_to_bearers(
    runtime: Resource,
    said: Resource,
    open_to: Sequence[Statement],
    checks_jwt: bool,  # noqa: FBT001
) -> Judged:
    missing = [action for action in _BY_JWT if not any(_allows(one, action) for one in open_to)]
    if missing and checks_jwt:
        yield Finding(
            path=_document(said)[0],
            message=f"the runtime {runtime.name} is called with JWTs, whose bearers are no IAM "
            f"principals, and {' and '.join(missing)} on it is not allowed to Principal *: bearers "
            "that call through this endpoint are refused. If some do, allow it on the runtime's "
            "ARN.",
            urn=said.urn,
        )


def _allows(statement: Statement, action: str) -> bool:
    return any(reaches(pattern, action) for pattern in statement.actions.known)


def _is_runtime(pattern: str, name: str) -> bool:
    """Whether a pattern can mean a runtime of this name, wherever it is.

    The service makes the end of its id.
    """
    runtime = f"runtime/{name}-{SECTION}"
    return overlap(pattern, f"arn:{SECTION}:bedrock-agentcore:{SECTION}:{SECTION}:{runtime}")


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="endpoint-policy",
        description="A VPC endpoint has a policy of its own.",
        severity="high",
        types=(*VPC_ENDPOINTS, _POLICY),
        remediation="Give the endpoint a policy that names who may do what through it.",
        references=(
            Reference(framework="prowler", id="vpc_endpoint_connections_trust_boundaries"),
        ),
        settings={
            "servicesWithoutPolicy": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=(),
                description="Services whose endpoints take no policy, such as those that "
                "describe-vpc-endpoint-services tells so of, by the end of their names.",
            )
        },
        check_stack=_policy_present,
    ),
    Rule(
        id="endpoint-policy-open",
        description="A VPC endpoint's policy says who may use it.",
        severity="high",
        types=(*VPC_ENDPOINTS, _POLICY),
        remediation="Name principals, or bound everybody by aws:PrincipalAccount or the like.",
        references=(
            Reference(framework="prowler", id="vpc_endpoint_connections_trust_boundaries"),
            Reference(framework="Well-Architected", id="SEC05-BP02"),
        ),
        check=_policy_open,
    ),
    Rule(
        id="endpoint-private-dns",
        description="Interface endpoints that agents need have private DNS, gateways have none.",
        severity="medium",
        types=(*VPC_ENDPOINTS, _PRIVATE_DNS),
        remediation="Set privateDnsEnabled to true on interface endpoints only.",
        check=_private_dns,
    ),
    Rule(
        id="endpoint-zones",
        description="An interface endpoint stands in several availability zones.",
        severity="medium",
        types=(*VPC_ENDPOINTS, SUBNET_ASSOCIATION),
        remediation="Give the endpoint a subnet in each zone that has runtimes, two at least.",
        references=(Reference(framework="prowler", id="vpc_endpoint_multi_az_enabled"),),
        settings={
            "minimumSubnets": Setting(
                schema={"type": "integer", "minimum": 1, "maximum": 16},
                default=2,
                description="How many subnets, each of another zone, are asked for.",
            )
        },
        check_stack=_zones,
    ),
    Rule(
        id="runtime-endpoints-complete",
        description="A runtime without a way out has the VPC endpoints of all services it calls.",
        severity="high",
        types=(*RUNTIMES, *VPC_ENDPOINTS, *ROLES),
        remediation="Add the endpoints that are named, or a NAT gateway.",
        settings={
            "services": Setting(
                schema={"type": "array", "items": {"type": "string"}},
                default=(),
                description="Services that agents call besides those their roles tell, by the "
                "end of the endpoints' names, such as sts.",
            )
        },
        check_stack=_complete,
    ),
    Rule(
        id="s3-endpoint-route-tables",
        description="The S3 gateway endpoint is on the route tables of all runtimes' subnets.",
        severity="high",
        types=(*RUNTIMES, *VPC_ENDPOINTS, *SUBNET_TYPES),
        remediation="Add the subnets' route tables to the endpoint's routeTableIds.",
        check_stack=_s3_route_tables,
    ),
    Rule(
        id="s3-endpoint-layers",
        description="The S3 gateway endpoint's policy lets image layers through.",
        severity="high",
        types=(*RUNTIMES, *VPC_ENDPOINTS, _POLICY),
        remediation="Allow s3:GetObject on the bucket of image layers to everybody.",
        check_stack=_s3_layers,
    ),
    Rule(
        id="endpoint-policy-jwt",
        description="The AgentCore endpoint lets everybody call only runtimes that check JWTs.",
        severity="medium",
        types=(*RUNTIMES, *VPC_ENDPOINTS, _POLICY),
        remediation="Let everybody invoke runtimes with a JWT authorizer only.",
        check_stack=_only_jwt,
    ),
    Rule(
        id="endpoint-policy-jwt-bearers",
        description="The AgentCore endpoint lets bearers of JWTs call the runtimes that check "
        "them, if they call from the VPC.",
        severity="low",
        level="advisory",
        types=(*RUNTIMES, *VPC_ENDPOINTS, _POLICY),
        remediation="Allow InvokeAgentRuntime and GetRuntimeProtectedResourceMetadata to everybody "
        "on runtimes with a JWT authorizer, where bearers call through the endpoint.",
        check_stack=_by_jwt,
    ),
)
