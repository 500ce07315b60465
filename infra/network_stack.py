"""Reads the network that another Pulumi stack tells in its outputs."""

from typing import Any, Final

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from infra.existing_network import NetworkError, NetworkIds
from infra.look_up import reason_of, wait_for
from infra.network_config import SUBNETS

# The engine's own function. A StackReference that fails ends the engine before the program can say
# which config key named the stack.
_READ_STACK: Final = "pulumi:pulumi:readStackOutputs"


class _Outputs(BaseModel):
    """The outputs of a stack with a network; it may have others."""

    model_config = ConfigDict(strict=True, alias_generator=to_camel)

    vpc_id: str = Field(min_length=1)
    subnet_ids: list[str] = Field(min_length=1, max_length=SUBNETS[1])
    route_table_ids: list[str] = []
    vpc_endpoints: dict[str, str] = {}


def network_of_stack(reference: str, *, key: str) -> NetworkIds:
    """The network another stack of this program tells, or one with the same outputs.

    Read are ``vpcId`` and ``subnetIds``, and where there are any ``routeTableIds`` and
    ``vpcEndpoints`` (ids by service), which are reused. That stack has to be deployed.

    Args:
        reference: ``organization/project/stack``.
        key: the config key that names it, for messages.

    Raises:
        NetworkError: the stack is not found, or its outputs are missing, secret or of another kind.
    """
    source = f"{key} = {reference}"
    try:
        stack = wait_for(pulumi.runtime.invoke_async(_READ_STACK, {"name": reference}))
    except Exception as error:
        raise NetworkError(
            f"{source}: the stack cannot be read.",
            [
                f"{reason_of(error)}. Deploy it first, on the backend that this stack is kept on "
                "(pulumi stack ls --all lists what there is), or give vpcId and subnetIds."
            ],
        ) from error
    told: dict[str, Any] = {}
    findings: list[str] = []
    for name in (to_camel(field) for field in _Outputs.model_fields):
        if name in stack["secretOutputNames"]:
            findings.append(f"{name} is a secret; export it as plain text")
        elif (value := stack["outputs"].get(name)) is not None:
            told[name] = value
    if not findings:
        try:
            outputs = _Outputs.model_validate(told)
        except ValidationError as error:
            findings = [
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
            ]
        else:
            return NetworkIds(
                source=f"{source} ({outputs.vpc_id})",
                vpc_id=outputs.vpc_id,
                # A runtime takes a subnet once.
                subnet_ids=list(dict.fromkeys(outputs.subnet_ids)),
                route_table_ids=outputs.route_table_ids,
                reused_endpoints=outputs.vpc_endpoints,
            )
    raise NetworkError(
        f"{source}: the stack's outputs do not tell a network. Deploy it first, with a network, or "
        "give vpcId and subnetIds.",
        findings,
    )
