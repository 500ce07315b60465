"""What a resource's provider was configured with."""

import json
from typing import cast

from agentcore_policies.model import Resource, Value


def provider_input(resource: Resource, name: str) -> Value:
    """An input of the provider; one that is nested is JSON text on the wire.

    Text that is no JSON is taken as it is.
    """
    value = resource.provider.get(name)
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return cast("Value", json.loads(value))
        except ValueError:
            return value
    return value
