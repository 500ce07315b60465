"""Every kind of wrong value is refused by one finding that helps, and its twin is taken."""

from contextlib import nullcontext

import pytest

from infra.config import ConfigError, StackConfig
from tests.stack_files import PROJECT, handed_over
from tests.unit.config_faults import FAULTS, findings, read
from tests.unit.fault_table import Fault, right_config, right_config_of

_KINDS = [pytest.param(fault, id=f"{n}-{fault.name}") for n, fault in enumerate(FAULTS)]
# Several faults share a twin.
_TWINS = {repr(fault.good): fault for fault in FAULTS}.values()


def test_the_right_config_is_taken() -> None:
    assert findings(right_config()) == [], "every fault below is one edit of this config"


@pytest.mark.parametrize("fault", _KINDS)
def test_a_fault_is_one_finding_with_key_value_rule_and_way_out(fault: Fault) -> None:
    found = findings(fault.bad.applied(right_config()))

    assert len(found) == 1, "one fault is told once, and nothing else is"
    assert found[0].startswith(f"{PROJECT}:{fault.key}"), "the finding names the key"
    for part in fault.says:
        assert part in found[0], "the finding says what is allowed and the way out"
    if fault.shows is not None:
        assert fault.shows in found[0], "the finding shows what was given"
    assert "hunter2" not in found[0], "the finding shows no secret"


@pytest.mark.parametrize(
    "fault", [pytest.param(fault, id=f"{n}-{fault.name}") for n, fault in enumerate(_TWINS)]
)
def test_the_twin_of_a_fault_is_taken(fault: Fault) -> None:
    assert findings(fault.good.applied(right_config())) == [], "one step away from wrong is right"


@pytest.mark.parametrize(
    ("stack", "production", "refused"),
    [
        ("prod", False, True),
        ("prod", True, False),
        ("prod-eu", False, True),
        ("agents.live", False, True),
        ("prod2", False, True),
        ("prd1", False, True),
        ("eu-prod02", False, True),
        ("pre.live3", False, False),
        ("preprod", False, False),
        ("nonprod", False, False),
        ("pre-prod", False, False),
        ("non-prod2", False, False),
        ("prodigy", False, False),
        ("Production", False, True),
        ("product", False, False),
        ("delivery", False, False),
        ("dev", True, False),
    ],
)
def test_a_stack_named_as_production_has_to_say_so(
    stack: str,
    *,
    production: bool,
    refused: bool,
) -> None:
    config = right_config()
    config["tags"]["Environment"] = stack
    config["production"] = production
    config["registry"]["encryption"] = "KMS"
    config["agents"]["writer"]["networkMode"] = "VPC"

    found = findings(config, stack=stack)

    assert bool(found) is refused, "production needs its protection"
    if refused:
        assert "Set production to true, or rename the stack." in found[0]


def test_production_is_never_encrypted_with_a_key_of_others() -> None:
    config = right_config()
    config["production"] = True
    config["agents"]["writer"]["networkMode"] = "VPC"

    found = findings(config)

    assert len(found) == 1
    assert 'registry.encryption = "AES256"' in found[0], "the key and the value are named"
    assert "Use KMS." in found[0]
    config["registry"]["encryption"] = "KMS"
    assert findings(config) == []


@pytest.mark.parametrize("agent", [{"networkMode": "PUBLIC"}, {}])
def test_production_runs_no_agent_in_public_mode(agent: dict[str, object]) -> None:
    config = right_config()
    config["production"] = True
    config["registry"]["encryption"] = "KMS"
    config["agents"]["writer"] = agent

    (found,) = findings(config)

    assert found.startswith(f"{PROJECT}:agents.writer.networkMode"), "also where it is the default"
    assert "production agents run in VPC mode" in found
    assert "Set networkMode to VPC, and give the stack a network." in found
    config["agents"]["writer"] = {"networkMode": "VPC"}
    assert findings(config) == []
    del config["network"]
    assert all("PUBLIC" not in line for line in findings(config)), "that would be no way out here"


def test_a_region_of_a_partition_without_the_service_is_refused_even_when_added() -> None:
    config = right_config()
    config["region"] = "cn-north-1"
    config["additionalRegions"] = ["cn-north-1"]

    assert "partition aws-cn has no AgentCore" in findings(config)[0]


def test_a_region_that_the_table_does_not_list_yet_is_let_in_by_the_config() -> None:
    assert read(right_config_of("us-east-9")).region == "us-east-9"


@pytest.mark.parametrize("region", ["us-east-2", "eu-south-1", "ap-northeast-1"])
def test_a_region_where_agentcore_exists_is_taken(region: str) -> None:
    assert read(right_config_of(region)).region == region


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("aws:profile", "set AWS_PROFILE instead"),
        ("aws:region", "differs from agentcore:region"),
        ("aws:defaultTags", "is not read"),
        ("aws:accessKey", "is not read"),
        ("aws-native:region", "differs from agentcore:region"),
        ("aws-native:assumeRole", "is not read"),
    ],
)
def test_settings_of_providers_that_the_program_does_not_use_are_refused(
    key: str, says: str
) -> None:
    found = findings({**right_config(), key: "hunter2"})

    assert len(found) == 1
    assert found[0].startswith(f"{key}: ")
    assert says in found[0]
    assert "hunter2" not in found[0], "it may be a credential"


@pytest.mark.parametrize("key", ["aws:region", "aws-native:region", "pulumi:tags"])
def test_settings_that_agree_or_belong_to_the_engine_are_left_alone(key: str) -> None:
    assert findings({**right_config(), key: "us-east-1"}) == []


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("agentcor:production", " Did you mean agentcore:production?"),
        ("Agentcore:regoin", " Did you mean agentcore:region?"),
        ("agentcore-infra:xyz", " Did you mean the namespace agentcore?"),
        ("other:agents", " Did you mean agentcore:agents?"),
        ("pulum:disable-default-providers", " Did you mean the namespace pulumi?"),
        ("aws_native:region", " Did you mean the namespace aws-native?"),
        ("gcp:project", ""),
        ("docker:host", ""),
    ],
)
def test_a_namespace_that_nobody_reads_is_refused_with_the_nearest_key(key: str, hint: str) -> None:
    found = findings({**right_config(), key: "hunter2"})

    assert found == [
        f"{key}: is not read: the keys of this program begin with agentcore:, and it uses no other "
        f"package that takes settings.{hint} Correct or remove it."
    ]


@pytest.mark.parametrize(
    ("project", "refused"),
    [("1st-agents", True), ("_2", True), ("agents-1", False), ("_agents", False)],
)
def test_a_project_that_no_runtime_can_be_named_after_is_told_once(
    project: str, *, refused: bool
) -> None:
    keyed = {f"{project}:{key}": value for key, value in right_config().items()}

    with pytest.raises(ConfigError) if refused else nullcontext() as error:
        StackConfig.read(handed_over(keyed), project=project, stack="dev", secret=set())

    if error is not None:
        (found,) = error.value.findings
        assert str(found) == (
            f'Pulumi.yaml: name = "{project}": the name of a runtime begins with the '
            "project's, and AgentCore wants a letter there. Rename the project."
        )


def test_a_default_that_is_refused_is_not_shown_as_if_it_were_given() -> None:
    config = right_config()
    agent = config["agents"]["assistant"]
    del agent["authorizer"]["allowedAudience"], agent["authorizer"]["allowedScopes"]
    del agent["inferenceProfiles"][0]["destinationRegions"]
    config["tags"]["Environment"] = "prod"
    del config["production"]

    left_out = [line.split(": ")[0] for line in findings(config, stack="prod")]

    assert left_out == [
        f"{PROJECT}:agents.assistant.authorizer.allowedScopes",
        f"{PROJECT}:agents.assistant.inferenceProfiles.0.destinationRegions",
        f"{PROJECT}:production",
    ], "the key is missing: there is no value to look for"
    config["production"] = False
    assert f"{PROJECT}:production = false: " in findings(config, stack="prod")[-1]


@pytest.mark.parametrize("text", ["1" * 5000, "[" * 100_000, "[" * 250 + "]" * 250, '"\\ud800"'])
def test_text_that_json_cannot_hold_is_a_finding_and_shows_nothing_else(text: str) -> None:
    found = findings({**right_config(), "tags": text})

    assert len(found) == 1, "the config is refused once"
    assert "us-east-1" not in found[0], "the rest of the config stays out of the message"


def test_the_whole_message_counts_its_findings_and_says_that_no_resource_was_touched() -> None:
    config = right_config()
    del config["region"], config["size"]

    with pytest.raises(ConfigError) as refused:
        read(config)

    assert str(refused.value).startswith(
        "the config of stack dev is refused (2 findings); no resource was touched.\n"
    )
