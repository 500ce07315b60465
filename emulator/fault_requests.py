"""`python -m emulator faults`: ask a running instance for faults, list and forget them."""

import argparse
import json
from typing import Any

from emulator.instance import Instance, InstanceError

_FAULTS = (
    "throttled",
    "failed",
    "failedHalfway",
    "slow",
    "lost",
    "lateRole",
    "lingeringInterfaces",
)
# What of a fault's document is given on the command line, by the name it has in the document.
_DOCUMENT = {
    "service": "as requests are signed: iam, ecr, cloudcontrolapi, ...",
    "operation": "CreateRole, ...; CREATE, UPDATE, DELETE for a handler of Cloud Control",
    "resource": "a word that the request says, such as a name; default: any request",
    "errorCode": "for failed",
    "message": "for failed and failedHalfway",
    "seconds": "for slow, failed, lost, lateRole and lingeringInterfaces (default: 8 hours)",
    "when": "for slow and lost: before or after the work",
    "times": "how many requests it strikes; default: 1",
}
_NUMBERS = {"seconds": float, "times": int}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what comes behind `faults` on the command line."""
    parser.add_argument(
        "action", nargs="?", choices=("list", "ask", "clear"), default="list", help="(%(default)s)"
    )
    parser.add_argument("fault", nargs="?", choices=_FAULTS, help="which, for ask")
    for name, meaning in _DOCUMENT.items():
        option = "--error-code" if name == "errorCode" else f"--{name}"
        parser.add_argument(option, dest=name, type=_NUMBERS.get(name, str), help=meaning)


def faults(instance: Instance, options: argparse.Namespace) -> str:
    """Do what was asked on the command line, and return what there is to say.

    Raises InstanceError when no fault is named, and when the instance is not running or refuses it.
    """
    account: str = options.account
    given = {name: getattr(options, name) for name in ("fault", *_DOCUMENT)}
    document = {name: value for name, value in given.items() if value is not None}
    if document and options.action != "ask":
        raise InstanceError(
            f"faults {options.action} takes an account only; a fault is asked for by: faults ask"
        )
    if options.action == "clear":
        instance.ask("DELETE", f"faults/{account}")
        return f"Account {account} has no faults."
    if options.action == "ask":
        if options.fault is None:
            raise InstanceError(f"Which fault? faults ask {'|'.join(_FAULTS)}")
        instance.ask("POST", "faults", {"account": account, **document})
    asked: list[dict[str, Any]] = instance.ask("GET", f"faults/{account}")["faults"]
    return "\n".join(map(json.dumps, asked)) or f"Account {account} has no faults."
