"""A pack in the real engine, run by our language host, on the real program and the offline AWS."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.deployment import Deploy, Deployment, Outcome
from tests.program.configs import with_agents
from tests.stack_files import CHECKOUT

pytestmark = pytest.mark.engine

_PACK = f"""
import sys
sys.path[:0] = [{str(CHECKOUT)!r}, {str(CHECKOUT / "policies")!r}]
from agentcore_policies.server import serve
from tests.policies.tiny_rules import IMMUTABLE, ROLES
serve([IMMUTABLE, ROLES])
"""
_MUTABLE = "tiny-immutable", {"allowed": "MUTABLE"}
_ADVISORY = "all", "advisory"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of two rules: the program's repositories keep one, its roles break the other."""
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "__main__.py").write_text(_PACK)
    (folder / "PulumiPolicy.yaml").write_text("name: tiny\nruntime: python\n")
    return folder


def run(made: Deployment, pack: Path, *command: str, config: tuple[str, Any] | None) -> Outcome:
    arguments = ["--policy-pack", str(pack)]
    if config:
        file = pack / "config.json"
        file.write_text(json.dumps(dict([config])))
        arguments += ["--policy-pack-config", str(file)]
    return made.cli(*command, *arguments)


def test_what_is_refused_is_not_deployed_and_what_is_allowed_is(
    deployment: Deploy, pack: Path
) -> None:
    made = deployment("dev", with_agents("dev", assistant={}))

    misnamed = run(made, pack, "preview", config=("tiny-role", "advisory"))
    assert misnamed.exit_code != 0
    assert "tiny-role is no rule of this pack. Is tiny-roles meant?" in misnamed.text
    assert "assistant" not in misnamed.text, "the command ends before the program has run"

    previewed = run(made, pack, "preview", config=None)
    assert previewed.exit_code != 0, "a mandatory rule of the stack refuses it before anything is"
    assert "[mandatory]" in previewed.text
    assert "[tiny-roles] path: is /." in previewed.text
    assert "[tiny-roles] not checked at preview: arn of assistant" in previewed.text
    assert "[not-checked] checks that were not possible at preview: 1" in previewed.text
    assert "tiny-immutable" not in previewed.text, "and the rule that is kept is silent"

    refused = run(made, pack, "up", "--yes", "--skip-preview", config=_MUTABLE)
    assert refused.exit_code != 0
    assert "imageTagMutability: is IMMUTABLE, may be MUTABLE" in refused.text
    assert not made.client("ecr").describe_repositories()["repositories"], "it was never made"

    deployed = run(made, pack, "up", "--yes", "--skip-preview", config=_ADVISORY)
    assert deployed.exit_code == 0, deployed.text
    assert "[advisory]" in deployed.text
    assert "not checked" not in deployed.text, "all is known in the end"

    audited = run(made, pack, "policy", "analyze", config=None)
    assert audited.exit_code != 0, "what is deployed is judged without the program"
    assert "[tiny-roles] path: is /." in audited.text
