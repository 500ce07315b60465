"""Whatever config the program accepts, cfn-lint and the API's model accept what it registers."""

from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from infra.config import ConfigError, StackConfig
from tests.judgement import request_judge
from tests.judgement.cloudformation_template import template
from tests.judgement.test_program_as_template import found
from tests.program.configs import DISCOVERY, with_agents
from tests.program.program_run import run_program
from tests.stack_files import DIGEST, PROJECT, handed_over

# Wider than what is allowed: it is for the config's own checks to refuse the rest.
_NAMES = st.from_regex(r"[a-z][a-z0-9]{0,30}", fullmatch=True)
_SECONDS = st.sampled_from([59, 60, 300, 900, 3600, 28_800, 28_801])
_AGENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"image": st.sampled_from([DIGEST, "1.4.2", "A_b.c-1"])},
    optional={
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
                "allowedScopes": st.lists(st.text(max_size=20), min_size=1, max_size=2),
                "allowedAudience": st.lists(st.text(max_size=20), min_size=1, max_size=2),
            },
        ),
        "endpoints": st.dictionaries(
            st.from_regex(r"[A-Za-z]\w{0,50}", fullmatch=True), st.integers(1, 3), max_size=3
        ),
    },
)


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
    agents=st.dictionaries(_NAMES, _AGENTS, min_size=1, max_size=2),
)
@settings(max_examples=6)
def test_what_an_accepted_config_registers_is_accepted_too(
    stack: str, agents: dict[str, Any]
) -> None:
    config = with_agents(stack, **agents)
    assume(_is_accepted(stack, config))
    document = template(run_program(stack, config).resources)
    assert found(document) == []
    for resource in document["Resources"].values():
        if resource["Type"] in request_judge.HANDLED_BY:
            judged = request_judge.desired_state_violations(
                _control(), resource["Type"], resource["Properties"]
            )
            assert judged == [], resource
