"""Whatever config the program accepts, cfn-lint and the API's model accept what it registers."""

from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from infra.config import ConfigError, StackConfig
from tests.judgement import request_judge
from tests.judgement.cloudformation_template import template
from tests.judgement.test_program_as_template import found
from tests.program.configs import DISCOVERY, with_agents
from tests.program.looked_up import Vpc
from tests.program.program_run import run_program
from tests.stack_files import DIGEST, PROJECT, handed_over


def _tables(vpc: Vpc) -> list[str]:
    return [str(subnet["table"]) for subnet in vpc.subnets.values()]


# Wider than what is allowed: it is for the config's own checks to refuse the rest.
_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,30}", fullmatch=True)
_SECONDS = st.sampled_from([59, 60, 300, 900, 3600, 28_800, 28_801])
_PLACES: st.SearchStrategy[dict[str, Any]] = st.just(dict[str, Any]()) | st.fixed_dictionaries(
    {"networkMode": st.just("VPC")},
    optional={
        "additionalSecurityGroupIds": st.lists(
            st.from_regex(r"sg-[0-9a-f]{17}", fullmatch=True), max_size=2
        )
    },
)
_TOOLS = st.from_regex(r"[a-z][a-z0-9_]{0,9}-[a-z0-9]{10}", fullmatch=True)
_KEY = f"arn:aws:kms:us-east-1:{'1' * 12}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_FOLDERS = st.from_regex(r"[a-z0-9=. -]{1,20}/", fullmatch=True)
_ROLES = st.lists(
    st.from_regex(r"arn:aws:iam::(1{12}|2{12}):role/[A-Za-z0-9_+=,.@-]{1,64}", fullmatch=True),
    max_size=2,
    unique=True,
)
_GRANTS: dict[str, st.SearchStrategy[Any]] = {
    "models": st.just(["amazon.nova-lite-v1:0"]),
    "secrets": st.lists(st.from_regex(r"[A-Za-z0-9/_+=.@]{1,40}", fullmatch=True), max_size=2),
    "kmsKeys": st.just([{"arn": _KEY, "via": ["secretsmanager", "s3"], "write": True}]),
    "memories": st.lists(_TOOLS, max_size=2),
    "gateways": st.just(["tools-0123456789"]),
    "codeInterpreters": st.lists(
        _TOOLS | st.just("aws.codeinterpreter.v1"), max_size=2, unique=True
    ),
    "browsers": st.lists(_TOOLS | st.just("aws.browser.v1"), max_size=2, unique=True),
    "s3Prefixes": st.lists(
        st.fixed_dictionaries(
            {"bucket": st.sampled_from(["papers", "a.b-c"]), "prefix": _FOLDERS},
            optional={"write": st.booleans()},
        ),
        max_size=2,
    ),
    "tracing": st.booleans(),
    "metrics": st.booleans(),
}
_RULES = st.fixed_dictionaries(
    {
        "description": st.from_regex(r"[A-Za-z0-9 ._:/()#,@+=&;{}!$*-]{1,255}", fullmatch=True),
        "fromPort": st.sampled_from([443, 8000]),
        "cidr": st.sampled_from(["0.0.0.0/0", "10.9.0.0/24", "198.51.100.0/24"]),
    },
    optional={"protocol": st.sampled_from(["tcp", "udp"]), "toPort": st.sampled_from([443, 8443])},
)
_OF_ANY_NETWORK: dict[str, st.SearchStrategy[Any]] = {
    "additionalEndpoints": st.lists(
        st.sampled_from(["dynamodb", "kms", "ssm"]), max_size=2, unique=True
    ),
    "endpointCallers": _ROLES,
    "guestRoles": _ROLES,
}
_OWN_NETWORKS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"cidr": st.sampled_from(["10.64.0.0/16", "192.168.4.0/22", "100.64.0.0/17"])},
    optional={
        "availabilityZones": st.integers(2, 3),
        "availabilityZoneIds": st.permutations(["use1-az1", "use1-az2", "use1-az4"]),
        "flowLogRetentionDays": st.sampled_from([1, 30, 3653]),
        **_OF_ANY_NETWORK,
    },
)
_WITH_NAT: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "cidr": st.just("10.64.0.0/16"),
        "egress": st.just("nat"),
        "egressRules": st.lists(_RULES, min_size=1, max_size=3),
    },
    optional={"natGateways": st.sampled_from(["single", "onePerZone"])},
)
_EXISTING_NETWORKS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"vpcId": st.just(Vpc.id), "subnetIds": st.permutations(list(Vpc().subnets))},
    optional={"routeTableIds": st.just(_tables(Vpc())), **_OF_ANY_NETWORK},
)
_AGENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"image": st.sampled_from([DIGEST, "1.4.2", "A_b.c-1"])},
    optional={
        **_GRANTS,
        "description": st.text(max_size=300),
        "environment": st.dictionaries(
            st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,99}", fullmatch=True),
            st.text(max_size=200),
            max_size=3,
        ),
        "protocol": st.sampled_from(["HTTP", "MCP", "A2A", "AGUI"]),
        "lifecycle": st.fixed_dictionaries(
            {}, optional={"idleTimeout": _SECONDS, "maxLifetime": _SECONDS}
        ),
        "requestHeaders": st.lists(
            st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,60}", fullmatch=True), max_size=3
        ),
        "authorizer": st.fixed_dictionaries(
            {"discoveryUrl": st.just(DISCOVERY)},
            optional={
                "allowedClients": st.lists(st.text(max_size=20), min_size=1, max_size=2),
                "allowedScopes": st.lists(
                    st.from_regex(r"[!#-\[\]-~]{1,20}", fullmatch=True), min_size=1, max_size=2
                ),
                "allowedAudience": st.lists(st.text(max_size=20), min_size=1, max_size=2),
            },
        ),
        "endpoints": st.dictionaries(
            st.from_regex(r"[A-Za-z]\w{0,50}", fullmatch=True), st.integers(1, 3), max_size=3
        ),
    },
)


_PLACED = st.tuples(_AGENTS, _PLACES).map(lambda both: {**both[0], **both[1]})


@cache
def _control() -> ServiceModel:
    return botocore.session.Session().get_service_model("bedrock-agentcore-control")


def _is_accepted(stack: str, config: dict[str, Any]) -> bool:
    try:
        StackConfig.read(handed_over(config), project=PROJECT, stack=stack, secret=set())
    except ConfigError:
        return False
    return True


@given(
    stack=st.sampled_from(["dev", "prod"]),
    agents=st.dictionaries(_NAMES, _PLACED, min_size=1, max_size=2),
    network=_OWN_NETWORKS | _WITH_NAT | _EXISTING_NETWORKS,
    organization=st.sampled_from([{}, {f"{PROJECT}:organizationId": "o-0123456789"}]),
)
# What the config refuses is refused in a moment; what fails is judged for seconds, so that to look
# for a smaller example would take minutes.
@settings(
    max_examples=5,
    suppress_health_check=[HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate],
)
def test_what_an_accepted_config_registers_is_accepted_too(
    stack: str,
    agents: dict[str, Any],
    network: dict[str, Any],
    organization: dict[str, str],
) -> None:
    config = {**with_agents(stack, **agents), **organization, f"{PROJECT}:network": network}
    assume(_is_accepted(stack, config))
    vpc = Vpc(owner=str(config[f"{PROJECT}:accountId"]))
    run = run_program(stack, config, answers=vpc.answers())
    assert run.errors == [], "what a config asks for is there"
    document = template(run.resources)
    assert found(document) == []
    for resource in document["Resources"].values():
        if resource["Type"] in request_judge.HANDLED_BY:
            judged = request_judge.desired_state_violations(
                _control(), resource["Type"], resource["Properties"]
            )
            assert judged == [], resource
