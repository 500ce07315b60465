"""The same resources with the same inputs, without config, components or documents.

The file named by FLAT_RESOURCES holds the inputs, worked out beforehand by `bench.flat_inputs`.
"""

import json
import os
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_aws_native as aws_native

recorded = json.loads(Path(os.environ["FLAT_RESOURCES"]).read_text())
native = aws_native.Provider("aws-native", **recorded["aws-native"])
classic = aws.Provider("aws", **recorded["aws"])
on_classic = pulumi.ResourceOptions(provider=classic)

for agent in recorded["agents"]:
    name: str = agent["name"]
    repository = aws.ecr.Repository(name, **agent["Repository"], opts=on_classic)
    aws.ecr.LifecyclePolicy(
        name, repository=repository.name, **agent["LifecyclePolicy"], opts=on_classic
    )
    role = aws.iam.Role(name, **agent["Role"], opts=on_classic)
    permissions = aws.iam.RolePolicy(name, role=role.name, **agent["RolePolicy"], opts=on_classic)
    aws_native.bedrockagentcore.Runtime(
        name,
        role_arn=role.arn,
        **agent["Runtime"],
        opts=pulumi.ResourceOptions(provider=native, depends_on=[permissions, repository]),
    )
