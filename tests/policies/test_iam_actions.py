import pytest

from agentcore_policies.iam_actions import Action, is_whole_service

ROLE = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"
VERSIONED = "arn:${Partition}:x:${Region}:${Account}:${Name}:${Version}"
DEFAULT = "arn:${Partition}:x:${Region}:${Account}:default"
ONLY = "arn:aws:x:::only"
ANY_ACCOUNT = "?" * 12


def of(template: str) -> Action:
    return Action(name="x:Do", levels=frozenset(), templates=(template,))


@pytest.mark.parametrize(
    ("template", "resource", "expected"),
    [
        *((ROLE, f"arn:{each}:iam::*:role/*", True) for each in ("aws", "aws-cn", "aws-us-gov")),
        (ROLE, f"arn:aws:iam::{ANY_ACCOUNT}:role/*", True),
        (ROLE, f"arn:aws:iam::{ANY_ACCOUNT}?:role/*", False),
        (QUEUE, f"arn:aws:sqs:??-????-?:{ANY_ACCOUNT}:*", True),
        (QUEUE, f"arn:aws:sqs:??-????:{ANY_ACCOUNT}:*", False),
        (QUEUE, "arn:aws:sqs:us-east-1:*:*", False),
        (ONLY, "arn:aws:x:::onl?", True),
        (ONLY, ONLY, False),
    ],
)
def test_everywhere_is_every_account_and_region(
    template: str, resource: str, *, expected: bool
) -> None:
    assert of(template).is_everywhere(resource) is expected


@pytest.mark.parametrize(
    ("template", "resource", "expected"),
    [
        (ROLE, "arn:aws:iam::222222222222:role/*", True),
        (ROLE, "arn:aws:iam::222222222222:role/*XX*", False),
        (ROLE, "*XX*role/*", False),
        (VERSIONED, "arn:aws:x:us-east-1:222222222222:*-??????:*", True),
        (VERSIONED, "arn:aws:x:us-east-1:222222222222:db-??????:*", False),
        (DEFAULT, "arn:aws:x:us-east-1:222222222222:defaul?", True),
        (DEFAULT, "arn:aws:x:us-east-1:222222222222:default", False),
        (ROLE, "arn:aws:iam::aws:role/*", True),
        (ROLE, "arn:aws:iam::22222222222:role/*", False),
        (QUEUE, "arn:aws:sqs:u?-*:2*:*", True),
        (QUEUE, "arn:aws:sns:*:*:*", False),
        # Wildcards that stand for colons leave less than six sections.
        (ROLE, f"*::{ANY_ACCOUNT}:role/*", True),
        (ROLE, "*::2*:role/*", True),
        (ROLE, "*::2*:role/a", False),
        (ROLE, f"*:{ANY_ACCOUNT}:role/*", True),
        (ROLE, "*:2???????????:role/*", True),
        (ROLE, "*:2??????????:role/*", False),
        (QUEUE, "arn:*:222222222222:*", True),
        (QUEUE, "arn:*:222222222222:a", False),
        (QUEUE, "arn:aws:sqs:*:2*", True),
        (ROLE, "arn:aws:iam:*:role/*", True),
        (ROLE, "arn:aws:iam:*:user/*", False),
        (ROLE, f"arn?aws?iam??{ANY_ACCOUNT}:role/*", True),
        (ROLE, f"arn?aws?iam?{ANY_ACCOUNT}:role/*", False),
    ],
)
def test_every_one_is_every_name_in_the_account_and_region_that_are_given(
    template: str, resource: str, *, expected: bool
) -> None:
    assert of(template).is_every_one(resource) is expected


def test_each_section_of_an_arn_is_compared_with_its_own() -> None:
    streams = of("arn:${Partition}:logs:${Region}:${Account}:log-group:${Group}:log-stream:${Name}")
    assert streams.takes("arn:aws:logs:*:*:log-group:/a:log-stream:*")
    assert not streams.takes("arn:aws:s3:*:*:log-group:/a:log-stream:*")


@pytest.mark.parametrize(
    ("taken", "other"),
    [
        ("arn:aws:*", "arn:aws:s3:*"),
        ("arn:aws:logs:*", "arn:aws:logs:*:log-group:/a"),
        ("arn:*:log-group:/a:log-stream:b", "arn:*:log-group:/a:log-streams:b"),
        ("arn:aws:*:log-group:/a:log-stream:b", "arn:aws:s3:*:log-group:/a:log-stream:b"),
        ("arn:aws:logs:*:log-group:/a:log-stream:b", "arn:aws:logs:*:log-groups:/a:log-stream:b"),
        ("arn:*:logs:*:1*:log-group:/a:log-stream:b", "arn:*:logs:*:1*:group:/a:log-stream:b"),
        ("arn:aws:logs:*:l*:/a:log-stream:b", "arn:aws:logs:*:x*:/a:log-stream:b"),
        ("arn:aws:logs:::log-group:/a:log-stream:b", "arn:aws:logs::log-group:/a:log-stream:b"),
    ],
)
def test_a_wildcard_of_an_arn_stands_for_sections(taken: str, other: str) -> None:
    streams = of("arn:${Partition}:logs:${Region}:${Account}:log-group:${Group}:log-stream:${Name}")
    assert streams.takes(taken)
    assert not streams.takes(other)


def test_a_name_may_hold_colons_and_what_is_before_it_none() -> None:
    model = of("arn:${Partition}:bedrock:${Region}::foundation-model/${ResourceId}")
    assert model.takes("arn:aws:bedrock:*:foundation-model/one-v1:0")
    assert model.takes("arn:aws:bedrock:us-east-1::foundation-model/one-v1:0")
    assert not model.takes("arn:aws:bedrock:*:222222222222:provisioned-model/one-v1:0")
    assert not model.takes("arn:aws:bedrock:us-east-1:foundation-model/one-v1:0")
    assert of(VERSIONED).takes("arn:aws:x:us-east-1:222222222222:a/b:1")
    assert not of(VERSIONED).takes("arn:aws:x:us-east-1/222222222222:a/b:1")


@pytest.mark.parametrize("whole", ["*", "?*", "s3:*", "s3:?*", "*:Get", "s*:GetObject"])
def test_every_action_of_a_service_or_of_several_is_a_whole_service(whole: str) -> None:
    assert is_whole_service(whole)


@pytest.mark.parametrize("part", ["s3:Get*", "s3:GetObject", "Get*", "s3:*:Get", ""])
def test_some_actions_of_a_service_are_no_whole_service(part: str) -> None:
    assert not is_whole_service(part)
