"""Imports what the program imports, uses the types once, and registers nothing."""

import pulumi_aws as aws
import pulumi_aws_native as aws_native
import pydantic

TYPES = (
    aws.Provider,
    aws.ecr.Repository,
    aws.iam.Role,
    aws.kms.Key,
    aws_native.Provider,
    aws_native.bedrockagentcore.Runtime,
    pydantic.BaseModel,
)
