"""`python -m images build | push`: a container image without Docker, for both clouds.

`build` prints the digest of the layout it made, `push` the image reference pinned by digest: one
line on stdout each. Progress and errors go to stderr; a failure is one line and exit code 1.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rich.console import Console

from images import oci_layout, progress
from images.oci_layout import ImageSpec, LayoutError
from images.push import PushError, push

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; answer the exit code."""
    options = _parser().parse_args(arguments)
    try:
        print(options.run(options))
    except (LayoutError, PushError) as error:
        print("error:", " ".join(str(error).split()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run it again, what has arrived is kept", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m images", description="A container image without Docker."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="an OCI layout from a folder: its files, no base")
    build.add_argument("--source", type=Path, required=True, help="folder with the agent's code")
    build.add_argument("--output", type=Path, required=True, help="folder the layout is written to")
    build.add_argument("--command", required=True, help='what starts it: "python -m assistant"')
    build.add_argument("--path", type=PurePosixPath, help="where the files lie (/app)")
    build.add_argument("--working-directory", type=PurePosixPath, help="default: the path")
    build.add_argument("--port", type=int, default=8080, help="port it listens on (8080)")
    build.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="environment, repeatable"
    )
    build.set_defaults(run=_build)

    upload = commands.add_parser("push", help="a layout of any tool into an ECR repository")
    upload.add_argument("--layout", type=Path, required=True, help="folder or tar of the layout")
    upload.add_argument("--repository-url", required=True, help="output of the stack")
    upload.add_argument("--tag", help="default: sha- and 12 digits of the digest")
    upload.set_defaults(run=_push)
    return parser


def _build(options: argparse.Namespace) -> str:
    environment: dict[str, str] = {}
    for pair in options.env:
        name, separator, value = pair.partition("=")
        if not separator:
            msg = f'--env "{name}": it takes NAME=VALUE'
            raise LayoutError(msg)
        environment[name] = value
    try:
        command = tuple(shlex.split(options.command))
    except ValueError as error:
        msg = f"--command: {error}; quote it as in a shell"
        raise LayoutError(msg) from None
    spec = ImageSpec(
        command=command,
        port=options.port,
        environment=environment,
        working_directory=options.working_directory,
        **({"path": options.path} if options.path else {}),
    )
    return oci_layout.build(options.source, options.output, spec).digest


def _push(options: argparse.Namespace) -> str:
    layout = oci_layout.read(options.layout)
    with progress.shown_on(Console(stderr=True)) as show:
        return push(layout, options.repository_url, options.tag, progress=show).reference


if __name__ == "__main__":
    sys.exit(main())
