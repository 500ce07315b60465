"""The service's check of a customer managed key."""

from emulator.aws.agentcore.service_error import validation_error
from emulator.aws.caller import Caller
from emulator.aws.moto_services import state


def validate_key(caller: Caller, key: str | None) -> None:
    """Raise the service's ValidationException unless the key, where one is given, can be used.

    That the key's policy lets the service in is not checked.
    """
    if key is not None and not state.key_is_enabled(caller, key):
        raise validation_error(f"The KMS key '{key}' does not exist or is not enabled")
