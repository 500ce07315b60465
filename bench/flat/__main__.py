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
native = aws_native.Provider("aws-native", **recorded["providers"]["aws-native"])
classic = aws.Provider("aws", **recorded["providers"]["aws"])
on_classic = pulumi.ResourceOptions(provider=classic)

for name in recorded["Runtime"]:
    repository = aws.ecr.Repository(name, **recorded["Repository"][name], opts=on_classic)
    aws.ecr.LifecyclePolicy(
        name, repository=repository.name, **recorded["LifecyclePolicy"][name], opts=on_classic
    )
    role = aws.iam.Role(name, **recorded["Role"][name], opts=on_classic)
    permissions = aws.iam.RolePolicy(
        name, role=role.name, **recorded["RolePolicy"][name], opts=on_classic
    )
    aws_native.bedrockagentcore.Runtime(
        name,
        role_arn=role.arn,
        **recorded["Runtime"][name],
        opts=pulumi.ResourceOptions(provider=native, depends_on=[permissions, repository]),
    )
