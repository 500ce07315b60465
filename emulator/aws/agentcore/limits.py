"""AgentCore's limits that no schema holds, each with its source.

Quotas are the defaults: most can be raised for an account, and then AWS takes more than here.
Sources, unless one is named: the AgentCore developer guide, "Quotas for Amazon Bedrock AgentCore"
(copy of September 2026), and for the environment and platforms "How it works".
"""

from emulator.aws.agentcore.store import (
    CAPACITY_PROVIDER,
    ENDPOINT,
    GATEWAY,
    GATEWAY_TARGET,
    MEMORY,
    RUNTIME,
)

# How many resources of a type an account may have, or, for what has a parent, the parent.
QUOTAS = {
    RUNTIME: 1000,
    ENDPOINT: 10,
    CAPACITY_PROVIDER: 1000,
    MEMORY: 150,
    GATEWAY: 1000,
    GATEWAY_TARGET: 100,
}
VERSIONS_OF_A_RUNTIME = 1000
STRATEGIES_OF_A_MEMORY = 6

# Names and values of all environment variables together, in bytes.
ENVIRONMENT_BYTES_V1 = 4096
ENVIRONMENT_BYTES_V2_CODE = 1536
ENVIRONMENT_BYTES_V2_CONTAINER = 2560

PLATFORM_V2_REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-1")

# Longest lifetime of a session, in seconds ("Lifecycle settings"); the schemas hold the 14 days
# that instances of a capacity provider may live.
MICROVM_LIFETIME_SECONDS = 28_800

# An image's layers and configuration as its manifest sizes them, that is, compressed. That the
# guide's "2 GB" counts these, and in powers of two, is an assumption.
IMAGE_BYTES = 2 * 1024**3

TAGS_OF_A_RESOURCE = 50  # botocore's TagsMap
