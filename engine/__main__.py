"""Installs the Pulumi engine and prints the path of its `pulumi` on standard output.

Progress goes to standard error. Exit codes: 0 installed, 1 no engine can be had, 130 interrupted.
"""

import argparse
import signal
import sys

from engine import install
from engine.failure import EngineUnavailableError


def main() -> int:
    """Install the engine, or tell in one message why that cannot be."""
    argparse.ArgumentParser(
        prog="python -m engine",
        description=f"{__doc__}\n{install.__doc__}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    # Ending by an exception lets a build take its compilers down with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        pulumi = install.ensure(_progress)
    except EngineUnavailableError as error:
        print(f"engine: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("engine: interrupted; run it again, what Go compiled so far is kept", file=sys.stderr)
        return 130
    print(pulumi)
    return 0


def _progress(line: str) -> None:
    print(f"engine: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
