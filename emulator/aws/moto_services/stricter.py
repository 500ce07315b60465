"""Which of moto's services are made stricter: each in a module of its own, when first asked for.

Importing all of them takes seconds, which a start does not have. A module's `install` puts its
class in the place of moto's for every account, so it must run before an account is first used.
"""

import importlib
import threading
from typing import Any, Final, cast

from moto.backends import get_backend

_MODULES: Final = {
    "cloudwatch": "alarms",
    "ecr": "container_images",
    "iam": "identity",
    "ec2": "networking",
    "kms": "encryption_keys",
    "logs": "log_groups",
    "sns": "topics",
    "xray": "trace_destination",
}
_installed: set[str] = set()
_lock = threading.RLock()


def make_stricter(service: str) -> None:
    """Install what makes this service of moto's stricter, if anything does."""
    with _lock:
        if service in _MODULES and service not in _installed:
            module = importlib.import_module(f"{__package__}.{_MODULES[service]}")
            module.install()
            _installed.add(service)


def backends(service: str) -> Any:
    """Return moto's state of the service: by account, then by region (IAM: by partition)."""
    make_stricter(service)
    return cast("Any", get_backend)(service)
