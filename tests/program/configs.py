"""The configs the program is run with: the committed ones, and what they do not show."""

from typing import Any, Final

from tests.stack_files import DIGEST, PROJECT, committed, with_images

STACKS: Final = ("dev", "prod")
DISCOVERY: Final = "https://login.example.com/.well-known/openid-configuration"


def with_agents(stack: str, **agents: dict[str, Any]) -> dict[str, Any]:
    """The committed config of a stack with these agents instead of its own.

    Production takes agents in VPC mode only.
    """
    mode = {"networkMode": "VPC"} if stack == "prod" else {}
    return {
        **committed(stack),
        f"{PROJECT}:agents": {name: {**mode, **agent} for name, agent in agents.items()},
    }


def several_agents(stack: str) -> dict[str, Any]:
    """A deployed agent with everything, a plain one, and one without image."""
    return with_agents(
        stack,
        assistant={
            "image": DIGEST,
            "description": "answers",
            "models": ["anthropic.claude-3-haiku-20240307-v1:0"],
            "inferenceProfiles": [
                {"id": "us.amazon.nova-pro-v1:0", "destinationRegions": ["us-east-1", "us-west-2"]}
            ],
            "environment": {"LOG_LEVEL": "info"},
            "protocol": "MCP",
            "lifecycle": {"idleTimeout": 300, "maxLifetime": 3600},
            "requestHeaders": ["X-Trace"],
            "authorizer": {
                "discoveryUrl": DISCOVERY,
                "allowedClients": ["web"],
                "allowedScopes": ["agents/call"],
            },
            "endpoints": {"live": 1, "next": 2},
        },
        tagged={"image": "1.4.2"},
        writer={},
    )


def every_grant(stack: str) -> dict[str, Any]:
    """An agent's grants, of every kind, as config names them."""
    account = committed(stack)[f"{PROJECT}:accountId"]
    return {
        "secrets": [
            "agent/token",
            f"arn:aws:secretsmanager:us-east-1:{account}:secret:shared-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:333333333333:secret:theirs-AbCdEf",
        ],
        "kmsKeys": [
            {
                "arn": f"arn:aws:kms:us-east-1:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "via": ["secretsmanager", "s3"],
                "write": True,
            }
        ],
        "memories": ["notes-0123456789"],
        "gateways": ["tools-0123456789"],
        "codeInterpreters": ["aws.codeinterpreter.v1", "sums-0123456789"],
        "browsers": ["aws.browser.v1", "shop-0123456789"],
        "s3Prefixes": [
            {"bucket": "papers", "prefix": "public/"},
            {"bucket": "papers", "prefix": "drafts/", "write": True},
        ],
    }


def every_use_of_a_network(stack: str) -> dict[str, Any]:
    """A network with everything that config may say of one, and agents that use all of it.

    One agent has every grant, one is called by JWT, one has neither image nor grants.
    """
    account = committed(stack)[f"{PROJECT}:accountId"]
    config = several_agents(stack)
    assistant, tagged = (config[f"{PROJECT}:agents"][name] for name in ("assistant", "tagged"))
    assistant["networkMode"] = tagged["networkMode"] = "VPC"
    tagged.update(
        every_grant(stack), additionalSecurityGroupIds=["sg-0123456789abcdef0"], image=DIGEST
    )
    return {
        **config,
        f"{PROJECT}:organizationId": "o-0123456789",
        f"{PROJECT}:trustedImageAccounts": ["444444444444"],
        f"{PROJECT}:network": {
            "cidr": "10.80.0.0/18",
            "availabilityZones": 3,
            "egress": "nat",
            "natGateways": "onePerZone",
            "flowLogRetentionDays": 30,
            "additionalEndpoints": ["dynamodb", "kms", "sts"],
            "egressRules": [
                {"description": "the web", "fromPort": 443, "cidr": "0.0.0.0/0"},
                {
                    "description": "cache",
                    "fromPort": 6379,
                    "toPort": 6380,
                    "prefixListId": "pl-0123456789abcdef0",
                },
                {
                    "description": "names",
                    "protocol": "udp",
                    "fromPort": 53,
                    "securityGroupId": "sg-0123456789abcdef1",
                },
            ],
            "endpointCallers": [f"arn:aws:iam::{account}:role/front"],
            "guestRoles": [f"arn:aws:iam::{account}:role/other-stack-agent"],
        },
    }


def every_config() -> list[tuple[str, str, dict[str, Any]]]:
    """Name, stack and config of every shape a stack can have."""
    shapes: list[tuple[str, str, dict[str, Any]]] = []
    for stack in STACKS:
        shapes += [
            (f"{stack}-without-images", stack, committed(stack)),
            (f"{stack}-with-images", stack, with_images(committed(stack))),
            (f"{stack}-several-agents", stack, several_agents(stack)),
            (f"{stack}-without-agents", stack, with_agents(stack)),
        ]
    return shapes
