"""Recovery and program know nothing of each other; here it is seen that they agree."""

from hypothesis import given
from hypothesis import strategies as st

from infra import identity_tag
from infra.identity_tag import identity_of
from recovery.lookups import IDENTITY_TAG, LOOKUPS, Inputs
from tests.program.configs import STACKS, several_agents
from tests.program.program_run import Registered, run_program

NAMING = ("name", "repository", "role", "agentRuntimeName", "routeTableId")


def resources() -> list[Registered]:
    return [
        resource
        for stack in STACKS
        for resource in run_program(stack, several_agents(stack)).resources
        if resource.is_custom and not resource.is_provider
    ]


def test_everything_the_program_makes_can_be_found_again() -> None:
    assert IDENTITY_TAG == identity_tag.IDENTITY_TAG
    for resource in resources():
        lookup = LOOKUPS.get(resource.type)
        assert lookup is not None, f"recovery/lookups.py has no look-up for {resource.type}"
        identity = Inputs(resource.inputs).tags.get(IDENTITY_TAG)
        if lookup.named:
            assert set(NAMING) & set(resource.inputs), f"{resource.urn} has no physical name"
            assert identity is None, f"{resource.urn} is told by its name"
        else:
            assert identity == identity_of(resource.urn), "or it cannot be told from others"
            assert lookup.remove, "the way out of a second one"


@given(st.text(min_size=1, max_size=400))
def test_every_urn_becomes_a_tag_value_that_aws_takes(urn: str) -> None:
    value = identity_of(urn)
    assert 1 <= len(value) <= 256
    assert all(c.isascii() and (c.isalnum() or c in " _.:/=+-@") for c in value), value


@given(st.text(alphabet="a$+=@é", max_size=6), st.text(alphabet="a$+=@é", max_size=6))
def test_two_urns_never_share_a_tag_value(one: str, other: str) -> None:
    assert (identity_of(one) == identity_of(other)) == (one == other)
    long = "u" * 300
    assert (identity_of(long + one) == identity_of(long + other)) == (one == other)


def test_the_tag_value_can_be_read() -> None:
    urn = "urn:pulumi:prod::agentcore::agentcore:security:EncryptionKey$aws:kms/key:Key::a-b"
    assert identity_of(urn) == urn.replace("$", "+")
