"""The resources of stack prod with the same inputs, without config, components, or look-ups.

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

[stack] = recorded["Key"]
[agent] = recorded["Runtime"]
[network] = recorded["Vpc"]

key = aws.kms.Key(stack, **recorded["Key"][stack], opts=on_classic)
aws.kms.Alias(stack, target_key_id=key.key_id, **recorded["Alias"][stack], opts=on_classic)

repository = aws.ecr.Repository(
    agent,
    encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}],
    **recorded["Repository"][agent],
    opts=on_classic,
)
aws.ecr.LifecyclePolicy(
    agent, repository=repository.name, **recorded["LifecyclePolicy"][agent], opts=on_classic
)
role = aws.iam.Role(agent, **recorded["Role"][agent], opts=on_classic)
permissions = aws.iam.RolePolicy(
    agent, role=role.name, **recorded["RolePolicy"][agent], opts=on_classic
)

log_group = aws.cloudwatch.LogGroup(
    stack, kms_key_id=key.arn, **recorded["LogGroup"][stack], opts=on_classic
)
delivery = aws.iam.Role(stack, **recorded["Role"][stack], opts=on_classic)
may_deliver = aws.iam.RolePolicy(
    stack, role=delivery.name, **recorded["RolePolicy"][stack], opts=on_classic
)

vpc = aws.ec2.Vpc(network, **recorded["Vpc"][network], opts=on_classic)
aws.ec2.DefaultSecurityGroup(
    network, vpc_id=vpc.id, **recorded["DefaultSecurityGroup"][network], opts=on_classic
)
aws.ec2.FlowLog(
    network,
    vpc_id=vpc.id,
    log_destination=log_group.arn,
    iam_role_arn=delivery.arn,
    **recorded["FlowLog"][network],
    opts=pulumi.ResourceOptions(provider=classic, depends_on=[may_deliver]),
)
subnets = {
    name: aws.ec2.Subnet(name, vpc_id=vpc.id, **inputs, opts=on_classic)
    for name, inputs in recorded["Subnet"].items()
}
tables = {
    name: aws.ec2.RouteTable(name, vpc_id=vpc.id, **inputs, opts=on_classic)
    for name, inputs in recorded["RouteTable"].items()
}
routed = [
    aws.ec2.RouteTableAssociation(
        name, subnet_id=subnet.id, route_table_id=tables[name].id, opts=on_classic
    )
    for name, subnet in subnets.items()
]
subnet_ids = [subnet.id for subnet in subnets.values()]

groups = {
    name.removeprefix(f"{network}-"): aws.ec2.SecurityGroup(
        name, vpc_id=vpc.id, **inputs, opts=on_classic
    )
    for name, inputs in recorded["SecurityGroup"].items()
}
endpoints = [
    aws.ec2.VpcEndpoint(
        name,
        vpc_id=vpc.id,
        subnet_ids=subnet_ids,
        security_group_ids=[groups["endpoints"].id],
        **inputs,
        opts=pulumi.ResourceOptions(provider=classic, depends_on=[role]),
    )
    if inputs["vpc_endpoint_type"] == "Interface"
    else aws.ec2.VpcEndpoint(
        name,
        vpc_id=vpc.id,
        route_table_ids=[table.id for table in tables.values()],
        **inputs,
        opts=pulumi.ResourceOptions(provider=classic, depends_on=[role]),
    )
    for name, inputs in recorded["VpcEndpoint"].items()
]

to_endpoints = f"{network}-endpoints"
to_s3 = f"{network}-s3"
rules = [
    aws.vpc.SecurityGroupEgressRule(
        to_endpoints,
        security_group_id=groups["agents"].id,
        referenced_security_group_id=groups["endpoints"].id,
        **recorded["SecurityGroupEgressRule"][to_endpoints],
        opts=on_classic,
    ),
    aws.vpc.SecurityGroupIngressRule(
        to_endpoints,
        security_group_id=groups["endpoints"].id,
        referenced_security_group_id=groups["agents"].id,
        **recorded["SecurityGroupIngressRule"][to_endpoints],
        opts=on_classic,
    ),
    aws.vpc.SecurityGroupEgressRule(
        to_s3,
        security_group_id=groups["agents"].id,
        **recorded["SecurityGroupEgressRule"][to_s3],
        opts=on_classic,
    ),
]

core = aws_native.bedrockagentcore
core.Runtime(
    agent,
    role_arn=role.arn,
    network_configuration={
        "network_mode": core.RuntimeNetworkMode.VPC,
        "network_mode_config": {
            "subnets": subnet_ids,
            "security_groups": [groups["agents"].id],
        },
    },
    **recorded["Runtime"][agent],
    opts=pulumi.ResourceOptions(
        provider=native, depends_on=[permissions, repository, *routed, *endpoints, *rules]
    ),
)
