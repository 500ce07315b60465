"""Zones are chosen by what they have, and a refusal names exactly what is missing where."""

from collections.abc import Mapping, Sequence, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.zone_choice import Zone, ZoneError, ZoneOffer, choose_zones

SERVICES = ("bedrock-agentcore", "ecr.api", "logs")
# An account in which the order of the names is not that of the ids.
NAMES = {
    "use1-az1": "us-east-1c",
    "use1-az2": "us-east-1a",
    "use1-az3": "us-east-1e",
    "use1-az4": "us-east-1b",
    "use1-az10": "us-east-1d",
}
EVERYWHERE = frozenset(NAMES.values())
SUPPORTED = frozenset({"use1-az1", "use1-az2", "use1-az4"})


def _offer(
    supported: Set[str] | None = SUPPORTED, services: Mapping[str, Set[str]] | None = None
) -> ZoneOffer:
    return ZoneOffer(
        names=NAMES,
        supported=supported,
        services={**dict.fromkeys(SERVICES, EVERYWHERE), **(services or {})},
    )


def _ids(
    wanted: int | Sequence[str], offer: ZoneOffer, *, at_least: int | None = None
) -> list[str]:
    return [zone.id for zone in choose_zones(wanted, offer, at_least=at_least)]


def _findings(
    wanted: int | Sequence[str], offer: ZoneOffer, *, at_least: int | None = None
) -> tuple[str, ...]:
    with pytest.raises(ZoneError) as refused:
        choose_zones(wanted, offer, at_least=at_least)
    return refused.value.findings


_ZONE_SETS = st.frozensets(st.sampled_from(sorted(NAMES)))
_OFFERS = st.builds(
    ZoneOffer,
    names=st.frozensets(st.sampled_from(sorted(NAMES)), min_size=1).map(
        lambda known: {zone_id: NAMES[zone_id] for zone_id in known}
    ),
    supported=st.none() | _ZONE_SETS,
    services=st.fixed_dictionaries(
        dict.fromkeys(SERVICES, st.frozensets(st.sampled_from(sorted(EVERYWHERE)), min_size=3))
    ),
)


def _is_fit(zone_id: str, offer: ZoneOffer) -> bool:
    return (offer.supported is None or zone_id in offer.supported) and all(
        offer.names[zone_id] in zones for zones in offer.services.values()
    )


@given(_OFFERS, st.integers(1, 4), st.integers(1, 4))
def test_a_count_takes_the_first_fit_zones_or_is_refused_when_too_few_are(
    offer: ZoneOffer, wanted: int, at_least: int
) -> None:
    fit = [zone_id for zone_id in NAMES if zone_id in offer.names and _is_fit(zone_id, offer)]

    if len(fit) >= at_least:
        assert choose_zones(wanted, offer, at_least=at_least) == tuple(
            Zone(id=zone_id, name=NAMES[zone_id]) for zone_id in fit[:wanted]
        )
    else:
        _, *told = _findings(wanted, offer, at_least=at_least)
        assert [line.partition(" ")[0] for line in told] == [
            zone_id for zone_id in NAMES if zone_id in offer.names and zone_id not in fit
        ], "each zone that is not fit, and no other"


@given(_OFFERS, st.lists(st.sampled_from(sorted(NAMES)), unique=True, min_size=1))
def test_named_zones_are_taken_all_or_refused_with_each_unfit_one(
    offer: ZoneOffer, wanted: list[str]
) -> None:
    unfit = {
        zone_id for zone_id in wanted if zone_id not in offer.names or not _is_fit(zone_id, offer)
    }

    if unfit:
        found = [line.partition(" ")[0] for line in _findings(wanted, offer)]
        assert set(found) == unfit
        assert len(found) == len(unfit)
    else:
        assert _ids(wanted, offer) == [zone_id for zone_id in NAMES if zone_id in wanted]


def test_zones_are_compared_by_number_and_not_by_text() -> None:
    assert _ids(5, _offer(supported=None))[-1] == "use1-az10"


def test_a_zone_is_judged_by_its_own_name_in_the_account() -> None:
    offer = _offer(services={"ecr.api": {"us-east-1a", "us-east-1b"}})

    assert _ids(2, offer) == ["use1-az2", "use1-az4"], "az1 is us-east-1c here, which lacks ecr.api"


def test_a_finding_names_everything_the_zone_lacks() -> None:
    offer = _offer(services={"ecr.api": {"us-east-1c"}, "logs": {"us-east-1c"}})

    assert _findings(["use1-az1", "use1-az3", "use1-az9"], offer) == (
        "use1-az9 is no availability zone of this account and region. Choose among use1-az1, "
        "use1-az2, use1-az3, use1-az4, use1-az10.",
        "use1-az3 (us-east-1e in this account): AgentCore takes no subnets there (one that AWS has "
        "added since is let in by additionalAvailabilityZoneIds); no endpoint of ecr.api, logs.",
    )
    assert _ids(["use1-az1"], offer) == ["use1-az1"]


def test_too_few_fit_zones_are_refused_with_the_reason_for_each_other() -> None:
    offer = _offer(services={"logs": EVERYWHERE - {"us-east-1a"}})

    assert _ids(2, offer) == ["use1-az1", "use1-az4"]
    head, *told = _findings(3, offer)
    assert head.startswith("3 availability zones are needed, 2 of the 5 here lack nothing.")
    assert told[0] == "use1-az2 (us-east-1a in this account): no endpoint of logs."
    assert len(told) == 3


def test_a_region_with_fewer_zones_than_asked_for_is_told_from_one_that_lacks_services() -> None:
    (found,) = _findings(6, _offer(supported=None))

    assert "5 of the 5 here lack nothing. Ask for fewer" in found


def test_fewer_will_do_where_it_is_said() -> None:
    offer = _offer(supported={"use1-az1", "use1-az4"})

    assert _ids(3, offer, at_least=2) == ["use1-az1", "use1-az4"]
    assert _ids(3, _offer(), at_least=2) == ["use1-az1", "use1-az2", "use1-az4"]
    assert _findings(3, offer, at_least=3)


def test_where_support_is_not_known_the_services_alone_decide() -> None:
    assert _ids(3, _offer(supported=None)) == ["use1-az1", "use1-az2", "use1-az3"]
