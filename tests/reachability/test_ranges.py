from hypothesis import given
from hypothesis import strategies as st

from tests.reachability.ranges import (
    EVERY_ADDRESS,
    EVERY_PORT,
    Ranges,
    addresses,
    ports,
    written_addresses,
    written_ports,
)

parts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


def numbers(ranges: Ranges) -> set[int]:
    return {number for first, last in ranges.parts for number in range(first, last + 1)}


@given(parts, parts)
def test_ranges_are_sets_of_numbers(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    one, other = Ranges.of(left), Ranges.of(right)
    assert numbers(one) == {n for first, last in left for n in range(first, last + 1)}
    assert numbers(one | other) == numbers(one) | numbers(other)
    assert numbers(one & other) == numbers(one) & numbers(other)
    assert numbers(one - other) == numbers(one) - numbers(other)
    assert bool(one) is bool(numbers(one))


@given(parts)
def test_the_same_set_has_one_form(given_parts: list[tuple[int, int]]) -> None:
    single = [(number, number) for number in numbers(Ranges.of(given_parts))]
    assert Ranges.of(single) == Ranges.of(given_parts)


def test_addresses_are_those_of_blocks() -> None:
    assert addresses("10.0.0.0/24", "10.0.1.0/24") == addresses("10.0.0.0/23")
    assert addresses("10.0.0.7/24") == addresses("10.0.0.0/24"), "host bits are ignored"
    assert addresses("0.0.0.0/0") == EVERY_ADDRESS
    assert not addresses()


def test_sets_are_written_short() -> None:
    assert written_addresses(addresses("10.0.0.0/24", "10.0.1.0/25", "8.8.8.8")) == (
        "8.8.8.8, 10.0.0.0/24, 10.0.1.0/25"
    )
    apart = addresses(*(f"10.0.0.{number}" for number in range(1, 11, 2)))
    assert written_addresses(apart) == "10.0.0.1, 10.0.0.3, 10.0.0.5 and 2 more"
    assert written_ports(ports(443, 443) | ports(1024, 65535)) == "443, 1024-65535"
    assert written_ports(EVERY_PORT) == "0-65535"
