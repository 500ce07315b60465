"""What pulumi-aws 7.51.1 does with the types of endpoint_samples.py, as in pulumi_aws_facts.py."""

from __future__ import annotations

from tests.emulator.providers.endpoint_samples import FLOW_LOG, LOG_GROUP, VPC_ENDPOINT
from tests.emulator.providers.facts import Facts

ENDPOINT_FACTS: dict[str, Facts] = {
    VPC_ENDPOINT: Facts(
        source="internal/service/ec2/vpc_endpoint.go",
        replacing=frozenset({"serviceName", "vpcEndpointType", "vpcId"}),
        resource_id="vpce-",
        import_id="vpce-3ecf2a57",
        defaults={"vpcEndpointType": "Gateway"},
        computed=frozenset(
            {
                "dnsOptions",
                "ipAddressType",
                "policy",
                "privateDnsEnabled",
                "routeTableIds",
                "securityGroupIds",
                "subnetIds",
            }
        ),
        tags=True,
        region=True,
    ),
    FLOW_LOG: Facts(
        source="internal/service/ec2/vpc_flow_log.go",
        replacing=frozenset(
            {
                "eniId",
                "iamRoleArn",
                "logDestination",
                "logFormat",
                "maxAggregationInterval",
                "subnetId",
                "trafficType",
                "vpcId",
            }
        ),
        resource_id="fl-",
        import_id="fl-1a2b3c4d",
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
        computed=frozenset({"logDestination", "logFormat"}),
        tags=True,
        region=True,
    ),
    LOG_GROUP: Facts(
        source="internal/service/logs/group.go",
        replacing=frozenset({"logGroupClass", "name"}),
        resource_id=lambda outputs: outputs["name"],
        import_id="yada",
        defaults={"retentionInDays": 0, "skipDestroy": False},
        computed=frozenset({"deletionProtectionEnabled", "logGroupClass"}),
        name_length=255,
        tags=True,
        region=True,
    ),
}
