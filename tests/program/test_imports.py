"""What a program pays before its first line: the SDK's packages are loaded when they are used."""

import subprocess
import sys

from tests.stack_files import CHECKOUT


def test_a_stack_without_a_network_loads_nothing_of_ec2() -> None:
    loaded = (
        "import infra.stack, sys; print(*(m for m in sys.modules if m.startswith('pulumi_aws')))"
    )
    modules = subprocess.run(
        [sys.executable, "-c", loaded], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "pulumi_aws.iam.role" in modules, "what every stack uses is there"
    assert not [name for name in modules if name.startswith("pulumi_aws.ec2.")], (
        "it takes longer to load than all the rest"
    )
