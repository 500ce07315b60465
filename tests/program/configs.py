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
