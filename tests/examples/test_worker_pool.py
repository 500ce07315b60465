from __future__ import annotations

import threading

import pytest

from examples.assistant.worker_pool import PoolFullError, WorkerPool


def test_a_full_pool_refuses_and_a_freed_place_is_taken() -> None:
    pool = WorkerPool(2, patience=0.01)
    with pool.place():
        with pool.place(), pytest.raises(PoolFullError), pool.place():
            pass
        with pool.place():
            assert pool.health.status == "HealthyBusy"


def test_a_caller_waits_for_a_place_rather_than_being_refused_at_once() -> None:
    pool = WorkerPool(1, patience=5)
    served = threading.Event()

    def late() -> None:
        with pool.place():
            served.set()

    with pool.place():
        caller = threading.Thread(target=late)
        caller.start()
        assert not served.wait(0.05), "the only place is taken"
    assert served.wait(5), "the place became free"
    caller.join()


def test_a_place_is_freed_when_the_work_in_it_fails() -> None:
    pool = WorkerPool(1, patience=0.01)
    with pytest.raises(ZeroDivisionError), pool.place():
        _ = 1 / 0
    with pool.place():
        pass
    assert pool.health.status == "Healthy"


def test_the_health_changes_its_time_only_with_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter(range(100, 200))
    monkeypatch.setattr("examples.assistant.worker_pool.time.time", lambda: next(clock))
    pool = WorkerPool(3)
    assert pool.health.time_of_last_update == 100
    with pool.place():
        assert pool.health.time_of_last_update == 101, "busy since"
        with pool.place():
            assert pool.health.time_of_last_update == 101, "still the same status"
        assert pool.health.time_of_last_update == 101, "one is still running"
    assert pool.health.time_of_last_update == 102, "healthy since"


def test_waiting_until_idle_ends_with_the_work_or_with_the_patience() -> None:
    pool = WorkerPool(1)
    assert pool.wait_until_idle(0), "idle from the start"
    with pool.place():
        assert not pool.wait_until_idle(0.01)
