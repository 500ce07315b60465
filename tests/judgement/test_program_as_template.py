"""cfn-lint's verdict on what the program registers: by AWS's own schemas, with none of our code."""

import copy
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, cast

import pytest

from tests.emulator.aws.cloud import ENDPOINT, RUNTIME
from tests.judgement.cloudformation_template import REGION, JsonObject, template
from tests.program.configs import every_config
from tests.program.program_run import run_program

_CONFIGS = {
    name: (stack, config)
    for name, stack, config in every_config()
    if name.endswith(("with-images", "several-agents"))  # the others register less
}


@cache
def linter() -> Callable[[JsonObject], Iterable[Any]]:
    """cfn-lint with every rule that is on by default. Imported by the one worker that runs it."""
    from cfnlint import config, core, runner  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs]

    rules = cast("Any", core).get_rules([], [], [], {}, include_experimental=False)
    settings = config.ConfigMixIn(regions=[REGION])
    return lambda document: cast("Any", runner).run_template_by_data(document, settings, rules)


def found(document: JsonObject) -> list[str]:
    return [f"{match.rule.id} {match.message} at {match.path}" for match in linter()(document)]


@cache
def registered(name: str) -> JsonObject:
    stack, config = _CONFIGS[name]
    return template(run_program(stack, config).resources)


@pytest.mark.parametrize("name", _CONFIGS)
def test_no_schema_and_no_rule_of_cfn_lint_is_broken(name: str) -> None:
    assert found(registered(name)) == []


_FIRST_OF_TRUST = ("AssumeRolePolicyDocument", "Statement", 0)
_FIRST_RIGHT = ("PolicyDocument", "Statement", 0)


@pytest.mark.parametrize(
    ("kind", "path", "value", "said"),
    [
        (RUNTIME, ("RoleArn",), "execution", "'execution' does not match"),
        (RUNTIME, ("RoleArn",), None, "'RoleArn' is a required property"),
        (RUNTIME, ("Colour",), "red", "'Colour' was unexpected"),
        (RUNTIME, ("ProtocolConfiguration",), "FTP", "ProtocolConfiguration"),
        (RUNTIME, ("LifecycleConfiguration", "MaxLifetime"), 1, "MaxLifetime"),
        (RUNTIME, ("Tags", "Owner"), {}, "Tags"),
        (ENDPOINT, ("Name",), "1st", "Name"),
        ("AWS::KMS::Key", ("PendingWindowInDays",), 3, "PendingWindowInDays"),
        ("AWS::IAM::Role", (*_FIRST_OF_TRUST, "Principal"), None, "Principal"),
        ("AWS::IAM::Role", (*_FIRST_OF_TRUST, "Effect"), "allow", "Effect"),
        ("AWS::IAM::RolePolicy", (*_FIRST_RIGHT, "Actions"), "s3:GetObject", "Actions"),
        ("AWS::IAM::RolePolicy", (*_FIRST_RIGHT, "Action"), "s3:GetObjects", "getobjects"),
    ],
)
def test_one_thing_broken_is_found(
    kind: str, path: tuple[str | int, ...], value: object, said: str
) -> None:
    resources = registered("prod-several-agents")["Resources"].values()
    broken = copy.deepcopy(next(resource for resource in resources if resource["Type"] == kind))
    (*parents, last) = path
    place: Any = broken["Properties"]
    for step in parents:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    assert said in "\n".join(found({"Resources": {"Broken": broken}}))
