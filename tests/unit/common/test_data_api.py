from __future__ import annotations

import pytest

from common.data_api import DataApi, StatementFailedError, Warehouse
from tests.unit.common.fakes import FakeDataApi

WAREHOUSE = Warehouse("cluster", "dev", "etl")


class Clock:
    """Time that passes only by pausing."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def api(fake: FakeDataApi) -> DataApi:
    clock = Clock()
    return DataApi(fake, WAREHOUSE, timeout=60, pause=clock.pause, clock=clock)


def test_a_batch_is_one_call_and_is_waited_for() -> None:
    fake = FakeDataApi()
    assert api(fake).transaction(["COPY a", "MERGE b"], "load") == [0, 1]
    assert (fake.batches, fake.names, fake.polls) == ([["COPY a", "MERGE b"]], ["load"], 3)


def test_a_failed_statement_is_named_with_its_cause() -> None:
    message = r"Statement 2 of 3 \(MERGE INTO b\) failed: relation is missing"
    with pytest.raises(StatementFailedError, match=message):
        api(FakeDataApi(broken="MERGE")).transaction(["COPY a", "MERGE\n  INTO b", "INSERT c"], "load")


@pytest.mark.parametrize("count", [0, 41])
def test_a_batch_has_one_to_forty_statements(count: int) -> None:
    with pytest.raises(ValueError, match=f"not {count}"):
        api(FakeDataApi()).transaction(["SELECT 1"] * count, "load")


def test_a_statement_that_never_ends_is_cancelled() -> None:
    fake = FakeDataApi()
    fake.slow = True
    with pytest.raises(TimeoutError, match="not done in 60 s and was cancelled"):
        api(fake).transaction(["SELECT 1"], "load")
    assert fake.cancelled == ["s0"]


def test_rows_of_all_pages_with_nulls() -> None:
    pages = {"SELECT x": [[{"stringValue": "a"}, {"longValue": 1}], [{"isNull": True}, {"booleanValue": False}]]}
    assert api(FakeDataApi(results=pages)).rows("SELECT x") == [["a", 1], [None, False]]
    with pytest.raises(StatementFailedError, match="Statement 1 of 1"):
        api(FakeDataApi(broken="SELECT")).rows("SELECT x", run="r")
