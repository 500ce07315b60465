"""``python -m recovery --stack dev``: a stack after a deployment was killed or lost an answer.

Works on the stack of this folder with the ambient environment, as `pulumi` itself would.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console

from recovery.lookups import Client
from recovery.pulumi_cli import PulumiCli
from recovery.recover import REQUEST_SECONDS, Aws, Recovery
from recovery.recovery_error import RecoveryError


def main(arguments: Sequence[str] | None = None) -> int:
    """Recover one stack; answer the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    cli = PulumiCli("pulumi", options.cwd, options.stack, os.environ)
    recovery = Recovery(
        cli, Aws(_client, options.request_seconds), console.print, dry_run=options.dry_run
    )
    try:
        if options.cancel_lock and not options.dry_run:
            cli.cancel()
        if recovery.run(thorough=True).nothing:
            console.print(f"Nothing to recover on stack {options.stack}.")
    except (RecoveryError, OSError) as error:  # OSError: a full disk, no pulumi on PATH
        console.print("error:", error, style="red")
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted. Run the same command again: it goes on where this one ended.")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m recovery", description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--cwd", type=Path, default=Path(), help="folder of Pulumi.yaml (.)")
    parser.add_argument(
        "--dry-run", action="store_true", help="tell what would be done, do nothing"
    )
    parser.add_argument(
        "--cancel-lock",
        action="store_true",
        help="first release the lock a killed command left; nobody else may be at work",
    )
    parser.add_argument(
        "--request-seconds",
        type=float,
        default=REQUEST_SECONDS,
        help="how long after the kill its last requests may still arrive (%(default).0f)",
    )
    return parser


def _client(service: str, region: str | None) -> Client:
    session: Any = boto3.Session()
    return session.client(service, region_name=region)


if __name__ == "__main__":
    sys.exit(main())
