"""`python -m emulator start|stop|status|env|logs`: the offline AWS of this project."""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from emulator.instance import DEFAULT_DIRECTORY, Instance, InstanceError, foreign_variables
from emulator.serve import serve

_ACCOUNT = "111111111111"
_REGION = "us-east-1"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    instance = Instance(options.instance)
    try:
        if options.command == "env":
            return _env(instance, options.account, options.region, options.plugins)
        return _COMMANDS[options.command](instance)
    except InstanceError as error:
        print(error, file=sys.stderr)
        return 1


def _start(instance: Instance) -> int:
    running = instance.start()
    if running.started:
        print(f"The offline AWS runs on {running.url} (pid {running.pid}). It starts empty.")
    else:
        print(f"The offline AWS is already running on {running.url} (pid {running.pid}).")
    return 0


def _stop(instance: Instance) -> int:
    if instance.stop():
        print("The offline AWS is stopped. What was deployed on it is gone.")
    else:
        print("The offline AWS is not running.")
    return 0


def _status(instance: Instance) -> int:
    running = instance.status()
    if running is None:
        print(f"The offline AWS in {instance.directory} is not running.")
        return 1
    print(f"The offline AWS runs on {running.url} (pid {running.pid}), log {instance.log}.")
    return 0


def _env(instance: Instance, account: str, region: str, plugins: str) -> int:
    environment = instance.environment(
        account, region, "pulumi" if plugins == "pulumi" else "attached"
    )
    for name in foreign_variables(os.environ):
        print(f"unset {name}")
    for name, value in environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _logs(instance: Instance) -> int:
    if not instance.log.exists():
        print(f"There is no log in {instance.directory}: it has never been started.")
        return 1
    print(instance.log.read_text(), end="")
    return 0


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account id: 12 digits")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument("command", choices=("start", "stop", "status", "env", "logs", "serve"))
    parser.add_argument(
        "--instance", type=Path, default=DEFAULT_DIRECTORY, help="its folder (%(default)s)"
    )
    parser.add_argument("--account", type=_account, default=_ACCOUNT, help="for env (%(default)s)")
    parser.add_argument("--region", default=_REGION, help="for env (%(default)s)")
    parser.add_argument(
        "--plugins",
        choices=("attached", "pulumi"),
        default="attached",
        help="for env: our attached providers, or Pulumi's own plugins (%(default)s)",
    )
    return parser


def _serve(instance: Instance) -> int:
    return serve(instance.directory)


_COMMANDS: dict[str, Callable[[Instance], int]] = {
    "start": _start,
    "stop": _stop,
    "status": _status,
    "logs": _logs,
    "serve": _serve,
}


if __name__ == "__main__":
    sys.exit(main())
