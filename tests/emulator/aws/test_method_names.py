"""moto's look for a service's action, which is made cheaper, still finds what moto's finds."""

import inspect

from moto.core.utils import method_names_from_class
from moto.ec2.responses import EC2Response

from emulator.aws.moto_services.application import MethodNames


def test_a_service_has_the_actions_that_moto_lists() -> None:
    listed = set(method_names_from_class(EC2Response))
    assert "describe_vpcs" in listed
    members = {name for name, _ in inspect.getmembers(EC2Response)}
    names = MethodNames(EC2Response)
    assert {name for name in members | {"no_such_action"} if name in names} == listed


def test_an_action_that_a_service_is_given_later_is_one_of_it() -> None:
    class Service:
        pass

    names = MethodNames(Service)
    assert "answer" not in names
    Service.answer = lambda _self: None  # type: ignore[attr-defined]
    assert "answer" in names
