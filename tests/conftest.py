"""The order of the suite, and its property-based tests: few examples, the same everywhere."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", parent=settings.get_profile("suite"), max_examples=2000)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, the quickstart before all, or one worker ends long after the other."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("engine") is None,
            "test_quickstart" not in item.nodeid,
        )
    )
