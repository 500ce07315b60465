"""What a resource's provider was configured with."""

import json
import re
from collections.abc import Sequence
from typing import Final, cast

from agentcore_policies.agent_runtime import elements
from agentcore_policies.model import Resource, Value

_ACCOUNT: Final = re.compile(r"[0-9]{12}")


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


def own_accounts(resource: Resource) -> Sequence[str]:
    """The accounts its provider may work in; none where the provider is not pinned."""
    given = elements(provider_input(resource, "allowedAccountIds"))
    return [one for one in given if isinstance(one, str) and _ACCOUNT.fullmatch(one)]
