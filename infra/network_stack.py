"""Reads the network that another Pulumi stack tells in its outputs."""

from typing import Any

import pulumi
from pulumi.runtime.sync_await import (
    _sync_await,  # pyright: ignore[reportPrivateUsage] - what the SDK's own look-ups wait with
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from infra.existing_network import NetworkError, NetworkIds
from infra.network_config import SUBNETS


class _Outputs(BaseModel):
    """The outputs of a stack with a network; it may have others."""

    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    vpc_id: str = Field(min_length=1)
    subnet_ids: list[str] = Field(min_length=1, max_length=SUBNETS[1])
    route_table_ids: list[str] = []
    vpc_endpoints: dict[str, str] = {}


def network_of_stack(reference: str, *, source: str) -> NetworkIds:
    """The network another stack of this program tells, or one with the same outputs.

    Read are ``vpcId`` and ``subnetIds``, and where there are any ``routeTableIds`` and
    ``vpcEndpoints`` (ids by service), which are reused. That stack has to be deployed.

    Args:
        reference: ``organization/project/stack``.
        source: the config key that names it, for messages.

    Raises:
        NetworkError: outputs are missing, secret or of another kind.
    """
    stack = pulumi.StackReference(reference)
    told: dict[str, Any] = {}
    findings: list[str] = []
    for name in (to_camel(field) for field in _Outputs.model_fields):
        # What shapes the graph has to be known before it, so the outputs are waited for.
        details = _sync_await(stack.get_output_details(name))
        if details.secret_value is not None:
            findings.append(f"{name} is a secret; export it as plain text")
        elif details.value is not None:
            told[name] = details.value
    if not findings:
        try:
            outputs = _Outputs.model_validate(told)
        except ValidationError as error:
            findings = [
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            ]
        else:
            return NetworkIds(
                source=source,
                vpc_id=outputs.vpc_id,
                # A runtime takes a subnet once.
                subnet_ids=list(dict.fromkeys(outputs.subnet_ids)),
                route_table_ids=outputs.route_table_ids,
                reused_endpoints=outputs.vpc_endpoints,
            )
    raise NetworkError(
        f"{source} = {reference}: the stack's outputs do not tell a network. Deploy it first, with "
        "a network, or give vpcId and subnetIds.",
        findings,
    )
