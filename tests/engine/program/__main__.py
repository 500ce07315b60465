"""A program without resources that ends in the way the environment asks for."""  # noqa: INP001

import os
import signal
import sys
import time
from pathlib import Path

import pulumi

print("said on standard output")
pulumi.export("prefix", sys.prefix)
pulumi.export("greeting", pulumi.Config().require("greeting"))
pulumi.export("organization", pulumi.get_organization())

match os.environ.get("ENDING", ""):
    case "message":
        pulumi.log.error("told once")
        sys.exit(32)
    case "exception":
        raise ValueError("no such wind")
    case "code":
        sys.exit(7)
    case "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    case "hang":
        Path("hanging").touch()
        time.sleep(60)
    case _:
        pass
