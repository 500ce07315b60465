"""`python -m emulator start|stop|status|env|logs|faults`: the offline AWS of this project."""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from emulator import fault_requests
from emulator.instance import DEFAULT_DIRECTORY, Instance, InstanceError, foreign_variables
from emulator.serve import serve

_ACCOUNT = "111111111111"
_REGION = "us-east-1"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    instance = Instance(options.instance, getattr(options, "pause", None))
    try:
        return _COMMANDS[options.command](instance, options)
    except (InstanceError, OSError) as error:  # OSError: a full disk, a folder that is none
        print(error, file=sys.stderr)
        return 1


def _start(instance: Instance, _options: argparse.Namespace) -> int:
    running = instance.start()
    if running.started:
        print(f"The offline AWS runs on {running.url} (pid {running.pid}). It starts empty.")
    else:
        print(f"The offline AWS is already running on {running.url} (pid {running.pid}).")
    return 0


def _stop(instance: Instance, _options: argparse.Namespace) -> int:
    if instance.stop():
        print("The offline AWS is stopped. What was deployed on it is gone.")
    else:
        print("The offline AWS is not running.")
    return 0


def _status(instance: Instance, _options: argparse.Namespace) -> int:
    running = instance.status()
    if running is None:
        print(f"The offline AWS in {instance.directory} is not running.")
        return 1
    print(f"The offline AWS runs on {running.url} (pid {running.pid}), log {instance.log}.")
    return 0


def _env(instance: Instance, options: argparse.Namespace) -> int:
    environment = instance.environment(options.account, options.region, options.plugins)
    for name in foreign_variables(os.environ):
        print(f"unset {name}")
    for name, value in environment.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _logs(instance: Instance, _options: argparse.Namespace) -> int:
    if not instance.log.exists():
        print(f"There is no log in {instance.directory}: it has never been started.")
        return 1
    print(instance.logged, end="")
    return 0


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account id: 12 digits")
    return text


def _faults(instance: Instance, options: argparse.Namespace) -> int:
    print(fault_requests.faults(instance, options))
    return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--instance", type=Path, default=DEFAULT_DIRECTORY, help="its folder (%(default)s)"
    )
    of_account = argparse.ArgumentParser(add_help=False)
    of_account.add_argument("--account", type=_account, default=_ACCOUNT, help="(%(default)s)")
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("stop", "status", "logs"):
        commands.add_parser(name, parents=[common])
    for name in ("start", "serve"):
        command = commands.add_parser(name, parents=[common])
        command.add_argument(
            "--pause", type=float, metavar="SECONDS", help="what each step of a mutation takes"
        )
    env = commands.add_parser("env", parents=[common, of_account])
    env.add_argument("--region", default=_REGION, help="(%(default)s)")
    env.add_argument(
        "--plugins",
        choices=("attached", "pulumi"),
        default="attached",
        help="our attached providers, or Pulumi's own plugins (%(default)s)",
    )
    fault_requests.add_arguments(commands.add_parser("faults", parents=[common, of_account]))
    return parser


def _serve(instance: Instance, options: argparse.Namespace) -> int:
    return serve(instance.directory, options.pause)


_COMMANDS: dict[str, Callable[[Instance, argparse.Namespace], int]] = {
    "env": _env,
    "faults": _faults,
    "start": _start,
    "stop": _stop,
    "status": _status,
    "logs": _logs,
    "serve": _serve,
}


if __name__ == "__main__":
    sys.exit(main())
