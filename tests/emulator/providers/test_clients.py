import pytest

from emulator.providers import clients
from emulator.providers.clients import Clients

_NOWHERE = "http://127.0.0.1:1"


def test_a_client_is_made_once_for_an_account_service_region_and_retry_limit() -> None:
    one, other = Clients(_NOWHERE, "100000000001"), Clients(_NOWHERE, "100000000002")
    made = one.get("sts", "us-east-1", 3)
    assert one.get("sts", "us-east-1", 3) is made
    assert one.get("sts", "eu-west-1", 3) is not made
    assert one.get("sts", "us-east-1", 2) is not made
    assert other.get("sts", "us-east-1", 3) is not made, "it signs as another account"


def test_clients_of_many_accounts_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "KEPT", 2)
    accounts = [Clients(_NOWHERE, f"{200000000000 + number}") for number in range(3)]
    first, second = (each.get("sts", "us-east-1", 3) for each in accounts[:2])
    assert accounts[0].get("sts", "us-east-1", 3) is first, "used again, so it is not the oldest"
    accounts[2].get("sts", "us-east-1", 3)
    assert accounts[0].get("sts", "us-east-1", 3) is first
    assert accounts[1].get("sts", "us-east-1", 3) is not second
